"""The worst bill that somebody can cause who knows the address.

Law of this module: the template's limits and the prices; nothing of how an attack is made. Whoever
calls keeps every environment busy all month, as fast as Lambda takes requests: ten a second for
each environment (https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html). Nothing is
sent to LINE and nothing is stored, because no call has a signature.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from penniless.cost.bill import Item, Question, itemised
from penniless.cost.flow import APIS, DOORS, FUNCTION
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


def worst_of(question: Question, concurrency: int) -> Worst | None:
    """The worst bill; None for a template that nobody can call from outside."""
    template = question.template
    doors = template.of_type(*DOORS)
    functions = _behind(question)
    if not doors or not functions:
        return None
    limits = [_limit(function, concurrency) for function in functions]
    most = min(sum((one for one, _ in limits), Decimal(0)), Decimal(concurrency))
    per_second = _rate(template, doors, most)
    throttled = per_second < most * PER_ENVIRONMENT
    copies = min(most, per_second * max(timeout(function) for function in functions))
    month = Month(
        template=template,
        flow=question.routes.flow(per_second * SECONDS),
        messages=Decimal(0),
        assumed=question.assumed,
    )
    used = list(_usages(functions, doors, month, copies, per_second))
    return Worst(
        concurrency=copies,
        limited_by=_limited_by(limits, concurrency, per_second, throttled=throttled),
        per_second=per_second,
        items=itemised(used, question.prices, question.account),
    )


def _behind(question: Question) -> list[Resource]:
    routes = question.routes
    flow = routes.flow(Decimal(1_000_000))
    return [
        one for one in question.template.of_type(FUNCTION) if flow.of(one.name) and routes.entrances
    ]


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
    return f"the account's concurrency of {concurrency:,}"


def _rate(template: Template, doors: list[Resource], copies: Decimal) -> Decimal:
    """Requests a second: Lambda's limit, or a lower one of an API's stage."""
    most = copies * PER_ENVIRONMENT
    if any(one.type not in APIS for one in doors):
        return most
    throttles = [_throttle(template, one) for one in doors]
    known = [one for one in throttles if one is not None]
    return min(most, *known) if known and len(known) == len(throttles) else most


def _throttle(template: Template, api: Resource) -> Decimal | None:
    for stage in template.of_type(*STAGES):
        if api.name in stage.references:
            found = stage.get("DefaultRouteSettings", "ThrottlingRateLimit", default=None)
            settings = stage.get("MethodSettings", default=None)
            if isinstance(settings, list) and settings and isinstance(settings[0], dict):
                found = settings[0].get("ThrottlingRateLimit", found)
            limit = number(found) if found is not None else None
            if isinstance(limit, Decimal):
                return limit
    return None


def _usages(
    functions: list[Resource],
    doors: list[Resource],
    month: Month,
    copies: Decimal,
    per_second: Decimal,
) -> Iterator[Usage]:
    calls = per_second * SECONDS
    for function in functions:
        part = Decimal(1) / len(functions)
        gigabytes = megabytes(function) / 1024
        requests = calls * part
        meter = f"lambda.gb_seconds.{architecture(function)}"
        busy = copies * part * SECONDS * gigabytes
        how = f"{count(copies * part)} environments of {count(gigabytes)} GB, always busy"
        yield month.use(function, "lambda.requests", requests, f"{count(per_second)} a second")
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
