"""The fuse of a template: how long a flood runs before it trips, and what that costs.

Law of this module: which alarm of a template is a fuse. The closed form stands in
`penniless.cost.scale.fuse`.
"""

from __future__ import annotations

from penniless.cost.bill import Question
from penniless.cost.flow import FUNCTION
from penniless.cost.meters.functions import architecture, megabytes
from penniless.cost.scale.fuse import Attack, Blows, Fuse, Prices, blows
from penniless.cost.templates.template import Resource, Unknown

ALARM = "AWS::CloudWatch::Alarm"


def blows_of(question: Question, concurrency: int) -> tuple[Blows, Prices] | None:
    """What a flood as fast as the account lets it can do; None without a fuse, or a price."""
    found = _fuse(question)
    if found is None:
        return None
    fuse, bot = found
    attack = Attack(concurrency=concurrency, memory_mb=int(megabytes(bot)))
    ended = blows(fuse, attack)
    prices = _prices(question, bot)
    return None if ended is None or prices is None else (ended, prices)


def _fuse(question: Question) -> tuple[Fuse, Resource] | None:
    """The alarm on a function's invocations that calls another function."""
    resources = question.template.resources
    all_functions = question.template.of_type(FUNCTION)
    for alarm in question.template.of_type(ALARM):
        watches = (alarm.get("Namespace"), alarm.get("MetricName"))
        if watches != ("AWS/Lambda", "Invocations"):
            continue
        actions = str(alarm.get("AlarmActions", default=""))
        functions = [one.name for one in all_functions if one.name in alarm.references]
        called = [name for name in functions if f"${{{name}." in actions]
        watched = [resources[name] for name in functions if name not in called]
        threshold, period = alarm.number("Threshold"), alarm.number("Period", default=300)
        if called and watched and not isinstance(threshold, Unknown | None):
            seconds = 300.0 if isinstance(period, Unknown) else float(period)
            return Fuse(threshold=int(threshold), period=seconds), watched[0]
    return None


def _prices(question: Question, bot: Resource) -> Prices | None:
    account = question.account
    request, second = (
        question.prices.price(meter, account.region, on=account.on)
        for meter in ("lambda.requests", f"lambda.gb_seconds.{architecture(bot)}")
    )
    if request is None or second is None:
        return None
    return Prices(request=float(request.tiers[0].price), gb_second=float(second.tiers[0].price))
