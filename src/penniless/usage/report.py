"""The month of a bot, worked out and not yet printed.

Law of this module: what follows from all readings together; it asks nobody.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from penniless.usage.forecast import Month
from penniless.usage.reading import Reading


class Report(Struct, frozen=True, kw_only=True):
    """The readings, and what could not be read, in words.

    `warn_at` is the per cent of what is free from which a reading is a warning.
    """

    stack: str
    region: str
    month: Month
    warn_at: int
    readings: list[Reading]
    notes: list[str]
    missing: list[str]

    @property
    def warnings(self) -> list[Reading]:
        """What has reached `warn_at`, or will by the month's end; of the bot's own services."""
        own = [one for one in self.readings if one.scope != "other"]
        return [one for one in own if one.warns(self.warn_at)]

    @property
    def headline(self) -> str:
        """One or two sentences on how far the month is."""
        counted = [one for one in self.readings if one.scope != "other"]
        over = [one for one in counted if one.is_over]
        if over:
            return f"You are past what is free: {_named(over)}."
        full = [one for one in counted if not one.chosen and one.share == 100]
        if full:
            return f"You have used all that is free: {_named(full)}."
        counted = [one for one in counted if one.share is not None and not one.chosen]
        if not counted:
            return "Nothing that has a limit could be read."
        now = max((one.share or Decimal(0) for one in counted), default=Decimal(0))
        return f"You are at {percent(now)} of what is free{_and_then(counted)}"


def percent(share: Decimal) -> str:
    """`0%`, `under 1%`, `3%`, `104%`; what is not all yet is not rounded to 100%."""
    if 0 < share < 1:
        return "under 1%"
    if 99 <= share < 100:
        return "99%"
    return f"{share.quantize(Decimal(1), ROUND_HALF_UP):,}%"


def _and_then(counted: list[Reading]) -> str:
    """The end of the headline: where the month will end, and what comes nearest to its limit."""
    ahead = [one for one in counted if one.share_by_the_end is not None]
    nearest = max(ahead, key=_end, default=None)
    if nearest is not None and _end(nearest) > 100:
        full = nearest.full_at
        when = f"about {full.day} {full:%B}" if full else "before the month ends"
        return (
            f", and will be past it {when}: {_name(nearest)}, {percent(_end(nearest))} "
            "by the end of the month."
        )
    if nearest is None or len(ahead) < len(counted):
        return ". It is too early to say where the month will end."
    named = f": {_name(nearest)}" if nearest.used else ""
    return f", and will be at {percent(_end(nearest))} by the end of the month{named}."


def _end(one: Reading) -> Decimal:
    return one.share_by_the_end or Decimal(0)


def _named(readings: list[Reading]) -> str:
    return ", ".join(dict.fromkeys(_name(one) for one in readings))


def _name(one: Reading) -> str:
    return f"{one.title} of the whole account" if one.scope == "account" else one.title
