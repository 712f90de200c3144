"""The month's messages: counted by the people who get them, not by message objects.

Law of this module: counting; time is passed in. Replies are free. The month is taken in Japan's
time (UTC+9), as in LINE's statistics, unless a guess says otherwise: LINE does not say when its
quota starts anew.

Source: https://developers.line.biz/en/docs/messaging-api/pricing/
"""

from __future__ import annotations

import time

from penniless.simulator.records import Json

PLANS = {
    "jp-communication": 200,
    "jp-light": 5_000,
    "jp-standard": 30_000,
    "tw-light": 200,
    "tw-medium": 3_000,
    "tw-high": 6_000,
    "th-free": 300,
    "th-basic": 15_000,
    "th-pro": 35_000,
}
"""The messages of a month that a country's plan has in its price; extra ones are not bought."""

UTC_PLUS_9 = 9


def month_of(now: int, hours: int = UTC_PLUS_9) -> tuple[int, int]:
    """Year and month of UTC milliseconds, so many hours ahead of UTC."""
    there = time.gmtime(now // 1000 + hours * 3600)
    return there.tm_year, there.tm_mon


class Quota:
    """`limit` messages a month, or any number if it is None; months are `hours` ahead of UTC."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.hours = UTC_PLUS_9
        self._used = 0
        self._month = (0, 0)

    def used(self, now: int) -> int:
        return self._used if self._month == month_of(now, self.hours) else 0

    def left(self, now: int) -> int | None:
        """How many people can still be reached this month; None if there is no limit."""
        return None if self.limit is None else max(0, self.limit - self.used(now))

    def allows(self, people: int, now: int) -> bool:
        left = self.left(now)
        return left is None or people <= left

    def count(self, people: int, now: int) -> None:
        self._used = self.used(now) + people
        self._month = month_of(now, self.hours)

    def recall(self, used: int, now: int) -> None:
        """So many were used this month."""
        self._used, self._month = used, month_of(now, self.hours)

    def clear(self) -> None:
        self._used = 0

    def shown(self, now: int) -> Json:
        """As in `GET /sim/world`."""
        if self.limit is None:
            return {"type": "none", "used": self.used(now)}
        return {"type": "limited", "value": self.limit, "used": self.used(now)}
