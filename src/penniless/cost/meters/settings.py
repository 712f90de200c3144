"""Settings that cost something which no meter here counts.

Law of this module: one row a setting, with what finds it and what it is in words. A bill with one
of them has a gap: a type that is free, or has a price, does not make all of its settings so.
Each row is from the pricing page of its service, https://aws.amazon.com/pricing/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from penniless.cost.meters.unknowns import deciding
from penniless.cost.templates.values import Resource, Template, Unknown, number

Holds: TypeAlias = Callable[[Resource], bool]


class Setting(NamedTuple):
    """A setting of a type of resource."""

    type: str
    says: str
    holds: Holds


class Unpriced(NamedTuple):
    """A setting that a resource of a template has, or a place of which nobody knows what it says.

    `type` is empty for a place, which stands in `resource`. Why a value is unknown is told where
    the template's unresolved places are.
    """

    resource: str
    type: str
    says: str
    line: int


def unpriced(template: Template) -> list[Unpriced]:
    """What a template has beside its resources that nobody here can price, in its order."""
    found = [
        Unpriced(one.name, one.type, row.says, one.line)
        for row in SETTINGS
        for one in template.of_type(row.type)
        if row.holds(one)
    ]
    found += [Unpriced(one.where, "", one.what, one.line) for one in template.macros]
    found += [Unpriced(one.where, "", "", one.line) for one in deciding(template)]
    return sorted(found, key=lambda one: one.line)


def _has(*path: str) -> Holds:
    return lambda one: bool(one.get(*path))


def _on(*path: str) -> Holds:
    return lambda one: str(one.get(*path, default="false")).lower() == "true"


def _is(value: str, *path: str) -> Holds:
    return lambda one: one.get(*path, default="") == value


def _other_than(value: str, *path: str) -> Holds:
    return lambda one: one.get(*path, default=value) != value


def _fast(alarm: Resource) -> bool:
    periods = [number(value) for value in _values(alarm.properties, "Period")]
    return any(not isinstance(one, Unknown) and one < Decimal(60) for one in periods)


def _anomalies(alarm: Resource) -> bool:
    return any("ANOMALY" in str(one) for one in _values(alarm.properties, "Expression"))


def _paid_rules(acl: Resource) -> bool:
    names = {str(one) for one in _values(acl.properties, "Name")}
    others = {str(one) for one in _values(acl.properties, "VendorName")} - {"AWS"}
    paid = ("BotControl", "ATPRuleSet", "ACFPRuleSet", "AntiDDoS")
    return bool(others) or any(word in name for word in paid for name in names)


def _at_the_edge(distribution: Resource) -> bool:
    return any(_values(distribution.properties, "LambdaFunctionAssociations"))


def _name(record: Resource) -> bool:
    return not record.get("AliasTarget")


def _names(group: Resource) -> bool:
    records = group.get("RecordSets", default=[])
    if not isinstance(records, list):
        return True
    return any(not isinstance(one, dict) or not one.get("AliasTarget") for one in records)


def _of_machines(client: Resource) -> bool:
    flows = client.get("AllowedOAuthFlows", default=[])
    return isinstance(flows, list) and "client_credentials" in flows


def _values(value: object, key: str) -> Iterator[object]:
    """What stands under that key, at any depth."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if key in one:
                yield one[key]
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


SETTINGS = (
    Setting(
        "AWS::DynamoDB::Table",
        "a table of the class for infrequent access, which has other prices and nothing free",
        _is("STANDARD_INFREQUENT_ACCESS", "TableClass"),
    ),
    Setting(
        "AWS::DynamoDB::Table", "changes copied to Kinesis", _has("KinesisStreamSpecification")
    ),
    Setting(
        "AWS::DynamoDB::Table",
        "contributor insights",
        _on("ContributorInsightsSpecification", "Enabled"),
    ),
    Setting("AWS::DynamoDB::Table", "warm throughput", _has("WarmThroughput")),
    Setting("AWS::SNS::Topic", "a FIFO topic", _on("FifoTopic")),
    Setting("AWS::Logs::LogGroup", "data protection of a log", _has("DataProtectionPolicy")),
    Setting(
        "AWS::CertificateManager::Certificate",
        "a certificate of a private authority",
        _has("CertificateAuthorityArn"),
    ),
    Setting(
        "AWS::CertificateManager::Certificate",
        "a certificate that can be exported",
        _is("ENABLED", "CertificateExport"),
    ),
    Setting("AWS::Cognito::UserPoolClient", "tokens of machines", _of_machines),
    Setting("AWS::WAFv2::WebACL", "managed rules with a price of their own", _paid_rules),
    Setting("AWS::CloudFront::Distribution", "Lambda@Edge, which has nothing free", _at_the_edge),
    Setting("AWS::CloudWatch::Alarm", "an alarm of high resolution", _fast),
    Setting("AWS::CloudWatch::Alarm", "an alarm for anomalies", _anomalies),
    Setting(
        "AWS::KMS::Key",
        "requests of a key that is not symmetric",
        _other_than("SYMMETRIC_DEFAULT", "KeySpec"),
    ),
    Setting("AWS::Route53::RecordSet", "queries of a name that is no alias", _name),
    Setting("AWS::Route53::RecordSetGroup", "queries of names that are no aliases", _names),
    Setting("AWS::S3::Bucket", "copies in another bucket", _has("ReplicationConfiguration")),
    Setting("AWS::S3::Bucket", "intelligent tiering", _has("IntelligentTieringConfigurations")),
    Setting("AWS::S3::Bucket", "inventories", _has("InventoryConfigurations")),
    Setting("AWS::S3::Bucket", "metrics of requests", _has("MetricsConfigurations")),
    Setting("AWS::S3::Bucket", "transfer acceleration", _has("AccelerateConfiguration")),
    Setting(
        "AWS::Lambda::EventSourceMapping", "provisioned pollers", _has("ProvisionedPollerConfig")
    ),
    Setting("AWS::StepFunctions::StateMachine", "X-Ray", _on("TracingConfiguration", "Enabled")),
    Setting(
        "AWS::StepFunctions::StateMachine",
        "a log of everything",
        _is("ALL", "LoggingConfiguration", "Level"),
    ),
    Setting(
        "AWS::EC2::VPCEndpoint",
        "an interface endpoint, which is paid by the hour",
        _other_than("Gateway", "VpcEndpointType"),
    ),
)
"""Every setting that leaves a gap in the bill."""
