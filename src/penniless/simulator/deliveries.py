"""What was sent to whom on which day: for counts, statistics, retargeting and audiences.

Law of this module: keeping and counting; time is passed in. Days are those of UTC+9, as in LINE's
statistics. A message to a group counts for each of its people, a reply once.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence

from msgspec import Struct

from penniless.simulator.quota import month_of
from penniless.simulator.records import Via

DAY = 24 * 3600 * 1000
KEPT_DAYS = 60
MOST = 10_000
UTC_PLUS_9 = 9 * 3600 * 1000


def day_of(now: int) -> str:
    """The day in UTC+9 as `yyyyMMdd`."""
    return time.strftime("%Y%m%d", time.gmtime((now + UTC_PLUS_9) // 1000))


class Delivery(Struct):
    """One broadcast, narrowcast, or message with an aggregation unit; `at` in milliseconds."""

    via: Via
    at: int
    user_ids: tuple[str, ...]
    message_ids: tuple[str, ...]
    bubbles: int
    unit: str = ""


class Deliveries:
    """Counts of each day, and the deliveries of the last sixty days, by request id."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._sent: OrderedDict[str, Delivery] = OrderedDict()
        self._units: dict[tuple[int, int], dict[str, None]] = {}

    def count(self, via: str, people: int, now: int) -> None:
        key = (day_of(now), via)
        self._counts[key] = self._counts.get(key, 0) + people

    def counted(self, via: str, day: str) -> int:
        return self._counts.get((day, via), 0)

    def keep(self, request_id: str, delivery: Delivery) -> None:
        while self._sent and len(self._sent) >= MOST:
            self._sent.popitem(last=False)
        self._sent[request_id] = delivery
        if delivery.unit:
            self._units.setdefault(month_of(delivery.at), {})[delivery.unit] = None

    def find(self, request_id: str, vias: Sequence[str], now: int) -> Delivery | None:
        """A delivery of the last sixty days that was sent in one of those ways."""
        found = self._sent.get(request_id)
        if found is None or found.via not in vias or now - found.at > KEPT_DAYS * DAY:
            return None
        return found

    def units(self, now: int) -> list[str]:
        """The aggregation units of this month, in the order of their first use."""
        return list(self._units.get(month_of(now), {}))

    def of_unit(self, unit: str, first: str, last: str) -> list[Delivery]:
        """What was sent under a unit from one day to another, both included."""
        return [
            one
            for one in self._sent.values()
            if one.unit == unit and first <= day_of(one.at) <= last
        ]
