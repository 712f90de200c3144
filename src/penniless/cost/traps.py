"""The traps of a template, by name: what makes a free bot cost money, or not work, and where.

Law of this module: one row a trap, with a function that finds it. The rows' sentences say what
happens and what to do instead; `docs/cost.md` is drawn from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from penniless.cost.flow import FUNCTION, MAPPING, TABLE, URL, source_of
from penniless.cost.meters.functions import group_of, log_bytes
from penniless.cost.meters.tables import capacity, is_on_demand, is_provisioned
from penniless.cost.runtimes import is_supported
from penniless.cost.templates.template import Resource, Unknown, number
from penniless.cost.usage import Month

_OPEN = {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
"""The permissions that a new Function URL needs since October 2025."""

Spot: TypeAlias = tuple[Resource, int]
"""A resource, and the line that makes the trap."""


class Trap(NamedTuple):
    """A kind of trap."""

    name: str
    says: str
    instead: str
    find: Callable[[Month, date], Iterator[Spot]]


class Found(NamedTuple):
    """A trap in a template."""

    trap: Trap
    resource: str
    line: int


def traps_in(month: Month, on: date) -> list[Found]:
    """Every trap of the template, in the order of its lines."""
    found = [
        Found(trap, resource.name, line)
        for trap in TRAPS
        for resource, line in trap.find(month, on)
    ]
    return sorted(found, key=lambda one: (one.line, one.trap.name))


def _of(month: Month, *types: str) -> Iterator[Resource]:
    return iter(month.template.of_type(*types))


def _every(*types: str) -> Callable[[Month, date], Iterator[Spot]]:
    def find(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
        return ((one, one.line) for one in _of(month, *types))

    return find


def _on_demand(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    for table in _of(month, TABLE):
        if is_on_demand(table):
            yield table, table.line_of("BillingMode")


def _over_25(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    tables = [one for one in _of(month, TABLE) if is_provisioned(one)]
    for unit in ("WriteCapacityUnits", "ReadCapacityUnits"):
        known = [
            one for table in tables for one in capacity(table, unit) if not isinstance(one, Unknown)
        ]
        if sum(known, Decimal(0)) > 25:
            yield tables[-1], tables[-1].line_of("ProvisionedThroughput", unit)
            return


def _no_retention(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    for group in _of(month, "AWS::Logs::LogGroup"):
        if group.get("RetentionInDays", default=None) is None:
            yield group, group.line
    for function in _of(month, FUNCTION):
        if group_of(function, month) is None:
            yield function, function.line


def _chatty(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    for function in _of(month, FUNCTION):
        level = function.get("LoggingConfig", "ApplicationLogLevel", default="INFO")
        if level in ("DEBUG", "TRACE") and log_bytes(function, month):
            yield function, function.line_of("LoggingConfig", "ApplicationLogLevel")


def _in_a_network(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    for function in _of(month, FUNCTION):
        if function.get("VpcConfig", default=None):
            yield function, function.line_of("VpcConfig")
    for gateway in _of(month, "AWS::EC2::NatGateway"):
        yield gateway, gateway.line


def _customer_key(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    yield from ((one, one.line) for one in _of(month, "AWS::KMS::Key"))
    for table in _of(month, TABLE):
        key = str(table.get("SSESpecification", "KMSMasterKeyId", default=""))
        if key and not key.endswith("alias/aws/dynamodb"):
            yield table, table.line_of("SSESpecification", "KMSMasterKeyId")


def _provisioned(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    for one in _of(month, "AWS::Lambda::Alias", "AWS::Lambda::Version"):
        if one.get("ProvisionedConcurrencyConfig", default=None):
            yield one, one.line_of("ProvisionedConcurrencyConfig")


def _snapshots(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    for function in _of(month, FUNCTION):
        python = str(function.get("Runtime", default="")).startswith("python")
        if python and function.get("SnapStart", "ApplyOn", default="None") != "None":
            yield function, function.line_of("SnapStart", "ApplyOn")


def _traced(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    for function in _of(month, FUNCTION):
        if function.get("TracingConfig", "Mode", default="") == "Active":
            yield function, function.line_of("TracingConfig", "Mode")
    for stage in _of(month, "AWS::ApiGateway::Stage"):
        if str(stage.get("TracingEnabled", default="false")).lower() == "true":
            yield stage, stage.line_of("TracingEnabled")


def _deploy_bucket(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    first = next(_of(month, FUNCTION), None)
    if month.template.is_sam and first is not None:
        yield first, first.line_of("Code")


def _closed_url(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    allowed: defaultdict[str, set[str]] = defaultdict(set)
    for one in _of(month, "AWS::Lambda::Permission"):
        if one.get("Principal", default="") == "*":
            for name in one.references:
                allowed[name].add(str(one.get("Action", default="")))
    for url in _of(month, URL):
        actions = {action for name in url.references for action in allowed[name]}
        if url.get("AuthType", default="") == "NONE" and not actions >= _OPEN:
            yield url, url.line_of("AuthType")


def _old_runtime(month: Month, on: date) -> Iterator[Spot]:
    for function in _of(month, FUNCTION):
        runtime = function.get("Runtime", default=None)
        if isinstance(runtime, str) and not is_supported(runtime, on):
            yield function, function.line_of("Runtime")


def _reserved(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    for function in _of(month, FUNCTION):
        reserved = function.get("ReservedConcurrentExecutions", default=None)
        if reserved is not None and number(reserved) != 0:
            yield function, function.line_of("ReservedConcurrentExecutions")


def _recovery(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    place = ("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
    for table in _of(month, TABLE):
        if str(table.get(*place, default="false")).lower() == "true":
            yield table, table.line_of(*place)


def _many_alarms(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    alarms = list(_of(month, "AWS::CloudWatch::Alarm"))
    if len(alarms) > 10:
        yield alarms[10], alarms[10].line


def _polled(month: Month, on: date) -> Iterator[Spot]:  # noqa: ARG001
    for mapping in _of(month, MAPPING):
        kinds = (month.template.resources.get(name) for name in source_of(mapping))
        if any(one is not None and one.type == "AWS::SQS::Queue" for one in kinds):
            yield mapping, mapping.line


TRAPS = (
    Trap(
        "api-gateway",
        "API Gateway has no always-free allowance: it costs from the first request",
        "use a Function URL",
        _every("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"),
    ),
    Trap(
        "on-demand-table",
        "requests of an on-demand table are never free",
        "say BillingMode: PROVISIONED with up to 25 units in all tables of the Region",
        _on_demand,
    ),
    Trap(
        "over-25-units",
        "more than the 25 free units, all tables and indexes together",
        "lower ProvisionedThroughput",
        _over_25,
    ),
    Trap(
        "auto-scaling",
        "auto scaling makes alarms of its own, of which ten are free, and may go above 25 units",
        "leave it out",
        _every("AWS::ApplicationAutoScaling::ScalingPolicy"),
    ),
    Trap(
        "endless-log",
        "a log group that nobody gave a retention never forgets",
        "declare the log group with RetentionInDays, and name it in LoggingConfig",
        _no_retention,
    ),
    Trap(
        "debug-log",
        "a log of everything is the first bill of a busy bot",
        "say ApplicationLogLevel: WARN",
        _chatty,
    ),
    Trap(
        "secrets-manager",
        "Secrets Manager is paid for each secret",
        "keep secrets as SecureString in the Parameter Store, which is free",
        _every("AWS::SecretsManager::Secret"),
    ),
    Trap(
        "network",
        "a function in a VPC reaches LINE only through a NAT gateway, over $30 a month",
        "leave VpcConfig out",
        _in_a_network,
    ),
    Trap(
        "customer-key",
        "a customer key costs each month, and KMS requests are free up to 20,000",
        "use the keys that AWS owns or manages",
        _customer_key,
    ),
    Trap(
        "provisioned-concurrency",
        "provisioned concurrency is paid by the second, and Lambda's free seconds do not cover it",
        "make the cold start short instead",
        _provisioned,
    ),
    Trap(
        "snapstart",
        "SnapStart of Python is paid: for keeping the snapshot, and for each start from it",
        "make the cold start short instead",
        _snapshots,
    ),
    Trap(
        "x-ray",
        "X-Ray is free up to 100,000 traces a month",
        "say Tracing: PassThrough, and leave TracingEnabled out of an API",
        _traced,
    ),
    Trap(
        "deploy-bucket",
        "the bucket in which SAM keeps its uploads is versioned and never emptied, and S3 is not "
        "always free",
        "give the bucket aws-sam-cli-managed-default a lifecycle rule",
        _deploy_bucket,
    ),
    Trap(
        "closed-url",
        "a new Function URL answers 403 unless the template permits both lambda:InvokeFunctionUrl "
        "and lambda:InvokeFunction; SAM adds them only where AuthType is the word NONE itself",
        "write AuthType: NONE, or both permissions",
        _closed_url,
    ),
    Trap(
        "old-runtime",
        "Lambda no longer supports this runtime, or does not know it",
        "say python3.13",
        _old_runtime,
    ),
    Trap(
        "reserved-concurrency",
        "a new account has ten environments and can reserve none: the deployment fails there",
        "make it a parameter that is off by default",
        _reserved,
    ),
    Trap(
        "point-in-time-recovery",
        "point-in-time recovery is paid for each GB",
        "export the log instead: penniless logs export",
        _recovery,
    ),
    Trap(
        "many-alarms",
        "ten alarms are free, and this is the eleventh",
        "remove some",
        _many_alarms,
    ),
    Trap(
        "idle-queue",
        "Lambda asks a queue all the time, about 650,000 of the free million requests a month",
        "do the work in the function that answers, which Penniless lets go on after the answer",
        _polled,
    ),
)
