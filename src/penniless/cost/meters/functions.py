"""The meters of Lambda: requests, GB-seconds with the init phase, and what is kept warm for money.

https://aws.amazon.com/lambda/pricing/; the init phase is billed since 2025-08-01
(https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from penniless.cost.flow import FUNCTION, source_of
from penniless.cost.meters.others import queue_meter
from penniless.cost.schedules import HOURS, SECONDS
from penniless.cost.templates.template import Resource, Unknown, number
from penniless.cost.usage import GB, Month, Usage, count

MEMORY = Decimal(128)
"""Megabytes of a function that names none, and the least that Lambda takes."""
WHOLE_CPU = Decimal(1769)
"""Megabytes with which a function has one whole vCPU."""
LONGEST = Decimal(900)
"""Seconds of the longest timeout."""
EPHEMERAL = 512
"""Megabytes of /tmp without a charge."""
QUIET = {"WARN", "ERROR", "FATAL"}


def megabytes(function: Resource) -> Decimal:
    """The function's memory; that of a function without one where it cannot be read."""
    found = number(function.get("MemorySize", default=MEMORY))
    return MEMORY if isinstance(found, Unknown) else max(found, MEMORY)


def timeout(function: Resource) -> Decimal:
    """Seconds after which Lambda ends a call; 3 where the template says nothing."""
    found = number(function.get("Timeout", default=3))
    return LONGEST if isinstance(found, Unknown) else min(max(found, Decimal(1)), LONGEST)


def architecture(function: Resource) -> str:
    """`arm64` or `x86_64`."""
    found = function.get("Architectures", default=["x86_64"])
    return "arm64" if isinstance(found, list) and "arm64" in found else "x86_64"


def cold_share(calls: Decimal, month: Month) -> Decimal:
    """How many of a month's calls meet no environment, from 0 to 1.

    Calls that come independently of each other find one whose last call is not longer ago than
    Lambda keeps an idle one: e^(-calls a second x seconds kept) do not.
    """
    if not calls:
        return Decimal(0)
    busy = calls / SECONDS * month.assumed["idle_seconds"]
    return max((-busy).exp(), month.assumed["cold_share_least"])


def warm_seconds(function: Resource, month: Month) -> Decimal:
    """How long a warm call takes: CPU, slower with less memory, and waiting."""
    assumed = month.assumed
    return (assumed["warm_cpu_ms"] * _slower(function) + _waiting_ms(month)) / 1000


def cold_seconds(function: Resource, month: Month) -> Decimal:
    """How long the first call of an environment is billed, init phase included."""
    assumed = month.assumed
    cpu = assumed["first_cpu_ms"] * _slower(function)
    return (assumed["init_ms"] + cpu + _waiting_ms(month)) / 1000


def _slower(function: Resource) -> Decimal:
    return max(Decimal(1), WHOLE_CPU / megabytes(function))


def _waiting_ms(month: Month) -> Decimal:
    assumed = month.assumed
    line = assumed["line_calls"] * assumed["line_ms"]
    return line + assumed["store_calls"] * assumed["store_ms"]


def of_function(function: Resource, month: Month) -> Iterator[Usage]:
    """Requests, GB-seconds, a larger /tmp, logs and data out of a function."""
    calls = month.calls(function)
    cold = cold_share(calls, month)
    gigabytes = megabytes(function) / 1024
    each = cold * cold_seconds(function, month) + (1 - cold) * warm_seconds(function, month)
    how = f"{count(calls)} calls x {count(each * 1000)} ms x {count(gigabytes)} GB"
    yield month.use(function, "lambda.requests", calls, f"{count(calls)} calls")
    size = number(function.get("MemorySize", default=MEMORY))
    if isinstance(size, Unknown):
        yield month.unknown(function, _seconds_meter(function, month), f"its memory: {size.what}")
    else:
        how = f"{how}, {count(cold * 100)} % cold"
        yield month.use(function, _seconds_meter(function, month), calls * each * gigabytes, how)
    yield from _ephemeral(function, month, calls * each)
    yield from _secrets(function, month, calls * cold)
    yield from _log(function, month, calls)
    yield from _traces(function, month, calls)
    out = month.assumed["egress_bytes"]
    yield month.use(
        function, "transfer.out", calls * out / GB, f"{count(calls)} calls x {count(out)} bytes"
    )


def _secrets(function: Resource, month: Month, starts: Decimal) -> Iterator[Usage]:
    """Encrypted parameters are read once an environment, and each is a request of KMS.

    https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
    """
    roles = (month.template.resources.get(name) for name in function.references)
    policies = " ".join(str(role.properties) for role in roles if role is not None)
    if "ssm:GetParameter" in policies or "SSMParameter" in policies:
        each = month.assumed["secrets"]
        how = f"{count(starts)} cold starts that read {count(each)} encrypted parameters"
        yield month.use(function, "kms.requests", starts * each, how)


def _seconds_meter(function: Resource, month: Month) -> str:
    """Under provisioned concurrency the seconds have another price, and none of them is free."""
    for one in month.template.of_type("AWS::Lambda::Alias", "AWS::Lambda::Version"):
        if one.get("ProvisionedConcurrencyConfig") and _function_of(one, month) is function:
            return f"lambda.provisioned.run.{architecture(function)}"
    return f"lambda.gb_seconds.{architecture(function)}"


def _ephemeral(function: Resource, month: Month, seconds: Decimal) -> Iterator[Usage]:
    size = number(function.get("EphemeralStorage", "Size", default=EPHEMERAL))
    if isinstance(size, Unknown):
        yield month.unknown(function, "lambda.ephemeral_gb_seconds", f"its /tmp: {size.what}")
    elif size > EPHEMERAL:
        more = (size - EPHEMERAL) / 1024
        how = f"{count(more)} GB of /tmp beyond {EPHEMERAL} MB"
        yield month.use(function, "lambda.ephemeral_gb_seconds", seconds * more, how)


def log_bytes(function: Resource, month: Month) -> Decimal:
    """Bytes that a call without trouble writes into its log."""
    level = function.get("LoggingConfig", "SystemLogLevel", default="INFO")
    return Decimal(0) if level in QUIET else month.assumed["log_bytes"]


def _log(function: Resource, month: Month, calls: Decimal) -> Iterator[Usage]:
    each = log_bytes(function, month)
    how = f"{count(calls)} calls x {count(each)} bytes"
    yield month.use(function, "logs.ingested", calls * each / GB, how)
    kept = months_of_log(function, month)
    stored = f"{how}, kept {count(kept)} months"
    yield month.use(function, "logs.stored", calls * each * kept / GB, stored)


def months_of_log(function: Resource, month: Month) -> Decimal:
    """How many months of its log are there at once: the retention, or what is assumed."""
    return months_kept(group_of(function, month), month)


def months_kept(group: Resource | None, month: Month) -> Decimal:
    """How many months of it a log group has at once; None is a group without a retention."""
    days = number(group.get("RetentionInDays", default=0) if group else 0)
    for_ever = month.assumed["months_kept"]
    if isinstance(days, Unknown) or days <= 0:
        return for_ever
    return min(days * 24 / HOURS, for_ever)


def group_of(function: Resource, month: Month) -> Resource | None:
    """The log group that the template declares for the function, if it does."""
    named = str(function.get("LoggingConfig", "LogGroup", default=""))
    for group in month.template.of_type("AWS::Logs::LogGroup"):
        name = str(group.get("LogGroupName", default=""))
        if f"${{{group.name}}}" in named or (name and name == named):
            return group
        if f"${{{function.name}}}" in name or name == f"/aws/lambda/{_name(function)}":
            return group
    return None


def _name(function: Resource) -> str:
    return str(function.get("FunctionName", default=f"${{{function.name}}}"))


def _traces(function: Resource, month: Month, calls: Decimal) -> Iterator[Usage]:
    if function.get("TracingConfig", "Mode", default="") == "Active":
        yield month.use(function, "xray.traces", *traced(calls))


def traced(calls: Decimal) -> tuple[Decimal, str]:
    """How many calls X-Ray records: the first of a second and 5 % of the others, in words too."""
    found = SECONDS + (calls - SECONDS) / 20 if calls > SECONDS else calls
    return found, "one a second, and 5 % of the others"


def of_version(version: Resource, month: Month) -> Iterator[Usage]:
    """Provisioned concurrency, and SnapStart's snapshot, of a published version or an alias."""
    function = _function_of(version, month)
    if function is None:
        if version.get("ProvisionedConcurrencyConfig"):
            how = "the function is not in the template"
            yield month.unknown(version, "lambda.provisioned.idle.x86_64", how)
        return
    gigabytes = megabytes(function) / 1024
    yield from _provisioned(version, function, month, gigabytes)
    on = function.get("SnapStart", "ApplyOn", default="") == "PublishedVersions"
    if version.type == "AWS::Lambda::Version" and on:
        how = f"a snapshot of {count(gigabytes)} GB, all month"
        yield month.use(version, "lambda.snapstart.cache", gigabytes * SECONDS, how)
        calls = month.calls(function)
        starts = calls * cold_share(calls, month)
        how = f"{count(starts)} cold starts of {count(gigabytes)} GB"
        yield month.use(version, "lambda.snapstart.restores", starts * gigabytes, how)


def _provisioned(
    version: Resource, function: Resource, month: Month, gigabytes: Decimal
) -> Iterator[Usage]:
    place = ("ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions")
    wanted = version.get(*place, default=0)
    copies = number(wanted)
    meter = f"lambda.provisioned.idle.{architecture(function)}"
    if isinstance(copies, Unknown):
        yield month.unknown(version, meter, f"provisioned concurrency: {copies.what}")
    elif copies > 0:
        how = f"{count(copies)} environments of {count(gigabytes)} GB, all month"
        yield month.use(version, meter, copies * gigabytes * SECONDS, how)


def _function_of(version: Resource, month: Month) -> Resource | None:
    for name in sorted(version.references):
        found = month.template.resources.get(name)
        if found is not None and found.type == FUNCTION:
            return found
    return None


def of_mapping(mapping: Resource, month: Month) -> Iterator[Usage]:
    """The requests with which Lambda asks a queue, also when it is empty."""
    for name in sorted(source_of(mapping)):
        queue = month.template.resources.get(name)
        if queue is not None and queue.type == "AWS::SQS::Queue":
            polls = month.assumed["pollers"] * SECONDS / 20
            how = f"{count(month.assumed['pollers'])} pollers ask every 20 seconds, all month"
            yield month.use(mapping, queue_meter(queue), polls, how)
