"""The worst bill that somebody can cause who knows the address.

Law of this module: the template's limits and the prices; nothing of how an attack is made. Whoever
calls keeps every environment busy all month, as fast as Lambda takes requests: ten a second for
each environment (https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html). Nothing is
sent to LINE and nothing is stored, because no call has a signature.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from msgspec import Struct

from penniless.cost.bill import Item, Question, itemised
from penniless.cost.flow import APIS, DOORS, called_by_doors
from penniless.cost.meters import METERS
from penniless.cost.meters.functions import (
    architecture,
    log_bytes,
    megabytes,
    timeout,
    traced,
)
from penniless.cost.schedules import HOURS, SECONDS
from penniless.cost.templates.template import Resource, Template, Unknown, number
from penniless.cost.usage import GB, Month, Usage, count

PER_ENVIRONMENT = 10
"""Requests a second that Lambda takes for each environment."""
STAGES = ("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage")
ANSWER_BYTES = Decimal(500)
"""What a refusal sends back, headers included."""


class Worst(Struct, frozen=True, kw_only=True):
    """A month of an attack without a pause."""

    concurrency: Decimal
    """Environments that can run at once."""
    limited_by: str
    """What holds it: the function's reserved concurrency, or the account's."""
    per_second: Decimal
    """Requests a second that reach the function."""
    items: list[Item]

    @property
    def total(self) -> Decimal:
        """US dollars a month, of what is known."""
        return sum((item.cost or Decimal(0) for item in self.items), Decimal(0))

    @property
    def gaps(self) -> list[str]:
        """What is missing from the total, in words."""
        return [item.title for item in self.items if item.cost is None]

    @property
    def a_day(self) -> Decimal:
        """US dollars a day, on average."""
        return self.total * 24 / HOURS


class Share(Struct, frozen=True):
    """What of an attack goes to one function."""

    function: Resource
    copies: Decimal
    per_second: Decimal


def worst_of(question: Question, concurrency: int) -> Worst | None:
    """The worst bill; None for a template that nobody can call from outside."""
    template = question.template
    doors = template.of_type(*DOORS)
    functions = called_by_doors(template, question.routes)
    if not doors or not functions:
        return None
    limits = [_limit(function, concurrency) for function in functions]
    most = min(sum((one for one, _ in limits), Decimal(0)), Decimal(concurrency))
    per_second = _rate(template, doors, most)
    throttled = per_second < most * PER_ENVIRONMENT
    shares = _shares(functions, most, per_second, concurrency)
    month = Month(
        template=template,
        flow=question.routes.flow(per_second * SECONDS),
        messages=Decimal(0),
        assumed=question.assumed,
    )
    used = list(_usages(shares, doors, month))
    return Worst(
        concurrency=sum((one.copies for one in shares), Decimal(0)),
        limited_by=_limited_by(limits, concurrency, per_second, throttled=throttled),
        per_second=per_second,
        items=itemised(used, question.prices, question.account),
    )


def _shares(
    functions: list[Resource], most: Decimal, per_second: Decimal, concurrency: int
) -> list[Share]:
    """Who attacks keeps the dearest function busy first, and then the next one.

    Each environment needs a call in each timeout at least to be busy; the requests that are left
    go where environments still take some.
    """
    busy, left = [], per_second
    for function in sorted(functions, key=_dearness, reverse=True):
        limit, longest = _limit(function, concurrency)[0], timeout(function)
        copies = min(limit, most, left * longest)
        busy.append((function, copies, copies / longest))
        most, left = most - copies, left - copies / longest
    shares = []
    for function, copies, needed in busy:
        more = min(left, copies * PER_ENVIRONMENT - needed)
        left -= more
        shares.append(Share(function, copies, needed + more))
    return [one for one in shares if one.copies]


def _dearness(function: Resource) -> tuple[Decimal, bool]:
    return megabytes(function), architecture(function) == "x86_64"


def _limit(function: Resource, concurrency: int) -> tuple[Decimal, str]:
    reserved = number(function.get("ReservedConcurrentExecutions", default=concurrency))
    if isinstance(reserved, Unknown) or reserved >= concurrency:
        return Decimal(concurrency), f"the account's concurrency of {concurrency:,}"
    return reserved, f"the function's reserved concurrency of {count(reserved)}"


def _limited_by(
    limits: list[tuple[Decimal, str]], concurrency: int, per_second: Decimal, *, throttled: bool
) -> str:
    if throttled:
        return f"the API's throttling at {count(per_second)} requests a second"
    if len(limits) == 1:
        return limits[0][1]
    reserved = sum((limit for limit, _ in limits), Decimal(0))
    if reserved < concurrency:
        return f"the functions' reserved concurrency of {count(reserved)} together"
    return f"the account's concurrency of {concurrency:,}"


def _rate(template: Template, doors: list[Resource], copies: Decimal) -> Decimal:
    """Requests a second: Lambda's limit, or a lower one of the stages of all APIs together."""
    most = copies * PER_ENVIRONMENT
    if any(one.type not in APIS for one in doors):
        return most
    throttles = [_throttle(template, one) for one in doors]
    known = [one for one in throttles if one is not None]
    return min(most, sum(known, Decimal(0))) if len(known) == len(throttles) else most


def _throttle(template: Template, api: Resource) -> Decimal | None:
    """What the API's stage lets through of all its methods; None where it sets no limit."""
    for stage in template.of_type(*STAGES):
        if api.name in stage.references:
            found = [stage.get("DefaultRouteSettings", "ThrottlingRateLimit", default=None)]
            settings = stage.get("MethodSettings", default=None)
            found += [
                one.get("ThrottlingRateLimit")
                for one in (settings if isinstance(settings, list) else [])
                if isinstance(one, dict) and _all_methods(one)
            ]
            limits = [number(one) for one in found if one is not None]
            # -1 is how CloudFormation says that there is no limit.
            known = [one for one in limits if isinstance(one, Decimal) and one >= 0]
            return known[0] if known else None
    return None


def _all_methods(setting: Mapping[str, object]) -> bool:
    """Whether a setting of a REST API's stage holds for all paths and methods.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-stages.html
    """
    return (setting.get("ResourcePath"), setting.get("HttpMethod")) == ("/*", "*")


def _usages(shares: list[Share], doors: list[Resource], month: Month) -> Iterator[Usage]:
    for share in shares:
        function = share.function
        gigabytes = megabytes(function) / 1024
        requests = share.per_second * SECONDS
        meter = f"lambda.gb_seconds.{architecture(function)}"
        busy = share.copies * SECONDS * gigabytes
        how = f"{count(share.copies)} environments of {count(gigabytes)} GB, always busy"
        each_second = f"{count(share.per_second)} a second"
        yield month.use(function, "lambda.requests", requests, each_second)
        yield month.use(function, meter, busy, how)
        each = log_bytes(function, month)
        how = f"{count(requests)} calls x {count(each)} bytes"
        yield month.use(function, "logs.ingested", requests * each / GB, how)
        how = f"{count(requests)} refusals x {count(ANSWER_BYTES)} bytes"
        yield month.use(function, "transfer.out", requests * ANSWER_BYTES / GB, how)
        if function.get("TracingConfig", "Mode", default="") == "Active":
            yield month.use(function, "xray.traces", *traced(requests))
    yield from _at_doors(doors, month)


def _at_doors(doors: list[Resource], month: Month) -> Iterator[Usage]:
    """What the gateways take for each request, and what they write down of it."""
    for door in doors:
        if door.type in APIS:
            yield from METERS[door.type](door, month)
    for stage in month.template.of_type(*STAGES):
        for usage in METERS[stage.type](stage, month):
            if usage.meter in ("logs.ingested", "xray.traces"):
                yield usage
