"""From a month so far to the month's end: in a straight line, by the time that has passed.

Law of this module: time and arithmetic; it asks nobody, and it has no clock. What began too
recently gets no forecast, because a straight line through one evening is a guess.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal

from msgspec import Struct

TOO_EARLY = timedelta(days=1)
"""Less time than this gives no forecast: a bot's day has a night in it."""

OF_AWS: tzinfo = UTC
"""The zone of AWS's months: free allowances start anew with the bill, at midnight UTC."""
OF_LINE: tzinfo = timezone(timedelta(hours=9))
"""LINE's statistics count days in UTC+9; of the quota LINE does not say, so the same is taken.
https://developers.line.biz/en/reference/messaging-api/#get-number-of-push-messages"""

_TICK = timedelta(microseconds=1)


class Month(Struct, frozen=True, kw_only=True):
    """A calendar month from `begin` until before `end`, seen at `now`.

    What is counted in it began at `since`: with the month, or later.
    """

    begin: datetime
    end: datetime
    now: datetime
    since: datetime

    def forecast(self, so_far: Decimal) -> Decimal | None:
        """What there will be at the end if it goes on like this; None if it is too early."""
        counted = self.now - self.since
        if counted < TOO_EARLY:
            return None
        return so_far + so_far * _parts(self.end - self.now) / _parts(counted)

    def full_at(self, so_far: Decimal, free: Decimal) -> datetime | None:
        """When `free` is reached if it goes on like this; None if not within this month.

        What is reached already is not reached again: None.
        """
        counted = self.now - self.since
        if counted < TOO_EARLY or not 0 < so_far < free:
            return None
        left = (free - so_far) * _parts(counted) / so_far
        if left >= _parts(self.end - self.now):
            return None
        return self.now + _TICK * int(left)


def month_at(now: datetime, zone: tzinfo, *, since: datetime | None = None) -> Month:
    """The month of `now` in that zone; `since` counts where it is later than the month's begin."""
    local = now.astimezone(zone)
    begin = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = (begin + timedelta(days=32)).replace(day=1)
    began = begin if since is None else min(max(begin, since.astimezone(zone)), local)
    return Month(begin=begin, end=end, now=local, since=began)


def _parts(span: timedelta) -> Decimal:
    return Decimal(span // _TICK)
