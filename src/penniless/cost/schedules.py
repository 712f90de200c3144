"""How often a schedule fires in a month of 730 hours.

Law of this module: `rate(…)`, `cron(…)` and `at(…)` as EventBridge takes them
(https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html).
"""

from __future__ import annotations

import re
from decimal import Decimal

from penniless.cost.prices import HOURS_A_MONTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.cost.templates.template import Resource

HOURS = Decimal(HOURS_A_MONTH)
SECONDS = HOURS * 3600
"""Hours and seconds of a month."""

_RATE = re.compile(r"rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)")
_CRON = re.compile(r"cron\(([^)]*)\)")
_PER_MONTH = {"minute": HOURS * 60, "hour": HOURS, "day": HOURS / 24}
_FIELDS = ("minutes", "hours", "days", "months", "weekdays", "year")
_WEEK = HOURS / 24 / 7
_SPANS = {"minutes": (0, 59), "hours": (0, 23), "days": (1, 31), "months": (1, 12)}
_DAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
        start=1,
    )
}


def times_a_month(resource: Resource) -> Decimal | None:
    """How often that rule or schedule fires; 0 if it is switched off or waits for events only.

    None for an expression that cannot be read.
    """
    if str(resource.get("State", default="ENABLED")).upper() == "DISABLED":
        return Decimal(0)
    return times(str(resource.get("ScheduleExpression", default="")))


def times(expression: str) -> Decimal | None:
    """How often an expression fires in a month: 0 for none and for one time, None if unreadable."""
    text = expression.strip()
    if not text or text.startswith("at("):
        return Decimal(0)
    if (rate := _RATE.fullmatch(text)) and int(rate[1]):
        return _PER_MONTH[rate[2]] / int(rate[1])
    if (cron := _CRON.fullmatch(text)) and len(cron[1].split()) == len(_FIELDS):
        try:
            return _cron(cron[1].split())
        except ValueError:
            return None
    return None


def _cron(fields: list[str]) -> Decimal:
    minutes, hours, days, months, weekdays, _ = fields
    a_day = Decimal(_count(minutes, *_SPANS["minutes"]) * _count(hours, *_SPANS["hours"]))
    year = Decimal(_count(_numbered(months, _MONTHS), *_SPANS["months"])) / 12
    return a_day * _days(days, _numbered(weekdays, _DAYS)) * year


def _days(days: str, weekdays: str) -> Decimal:
    """Days of a month on which it fires: one of the two fields is a question mark."""
    if weekdays not in ("?", "*"):
        if "#" in weekdays or "L" in weekdays:
            return Decimal(1)
        return _count(weekdays, 1, 7) * _WEEK
    if days in ("?", "*"):
        return HOURS / 24
    if "L" in days or "W" in days:
        return Decimal(1)
    return Decimal(_count(days, *_SPANS["days"]))


def _numbered(text: str, names: dict[str, int]) -> str:
    for name, number in names.items():
        text = text.upper().replace(name, str(number))
    return text


def _count(text: str, first: int, last: int) -> int:
    """How many numbers from first to last a field of cron names."""
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        low, high = _ends(span, first, last, stepped=bool(step))
        if not first <= low <= high <= last or int(step or 1) < 1:
            raise ValueError(part)
        found |= set(range(low, high + 1, int(step or 1)))
    return len(found)


def _ends(span: str, first: int, last: int, *, stepped: bool) -> tuple[int, int]:
    if span in ("*", "?"):
        return first, last
    low, _, high = span.partition("-")
    if high:
        return int(low), int(high)
    return int(low), last if stepped else int(low)
