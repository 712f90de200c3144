"""LINE's statistics of failed webhooks: how many, why, in which minute.

Law of this module: counting; time is passed in. A minute is LINE's unit; the oldest are forgotten.

Source: https://developers.line.biz/en/docs/messaging-api/check-webhook-error-statistics/
"""

from __future__ import annotations

from collections import OrderedDict

from penniless.simulator.records import Json

MINUTE = 60_000
KEPT = 10_000
"""Rows: one for each minute, reason and detail."""


class Failures:
    """Counts by minute, reason and detail."""

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[int, str, str], int] = OrderedDict()

    def count(self, now: int, reason: str, detail: str) -> None:
        key = (now - now % MINUTE, reason, detail)
        self._counts[key] = self._counts.get(key, 0) + 1
        if len(self._counts) > KEPT:
            self._counts.popitem(last=False)

    def shown(self) -> list[Json]:
        """As in `GET /sim/errors`, oldest first; `time` is the start of the minute."""
        return [
            {"time": minute, "reason": reason, "detail": detail, "count": count}
            for (minute, reason, detail), count in self._counts.items()
        ]

    def clear(self) -> None:
        self._counts.clear()
