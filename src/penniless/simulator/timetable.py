"""Webhooks that go out later: redeliveries, second copies, and those that are held back.

Law of this module: what is due when; no clock, no sending. Times are UTC milliseconds.
"""

from __future__ import annotations

import heapq
from typing import Literal, TypeAlias

from msgspec import Struct

from penniless.simulator.records import Webhook

Kind: TypeAlias = Literal["again", "copy", "held"]
"""A redelivery of the webhook, a second copy of it, or the webhook itself."""


class Due(Struct):
    """What is to be done with a webhook, and when."""

    when: int
    webhook: Webhook
    kind: Kind


class Timetable:
    """What is due, in the order of time; in one millisecond, in the order of its coming."""

    def __init__(self) -> None:
        self._timed: list[tuple[int, int, Due]] = []
        self._held: dict[int, Due] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._timed) + len(self._held)

    @property
    def to_come(self) -> int:
        """How many webhooks will be made: redeliveries and copies."""
        return sum(due.kind != "held" for _, _, due in self._timed)

    def add(self, when: int, webhook: Webhook, kind: Kind) -> None:
        self._push(Due(when, webhook, kind))

    def hold(self, until: int, webhook: Webhook) -> None:
        """Keep a webhook back until a later one overtakes it, or until that time."""
        self._held[webhook.seq] = Due(until, webhook, "held")

    def overtaken(self, seq: int, now: int) -> None:
        """The webhook of that number is through: what is older waits no more."""
        for older in [held for held in self._held if held < seq]:
            due = self._held.pop(older)
            due.when = now
            self._push(due)

    def next(self) -> int | None:
        """When something is due, None for never."""
        times = [due.when for due in self._held.values()]
        if self._timed:
            times.append(self._timed[0][0])
        return min(times, default=None)

    def take(self, now: int) -> list[Due]:
        """What is due by now; it is not in the table any more."""
        for seq in [seq for seq, due in self._held.items() if due.when <= now]:
            self._push(self._held.pop(seq))
        found = []
        while self._timed and self._timed[0][0] <= now:
            found.append(heapq.heappop(self._timed)[2])
        return found

    def forget_redeliveries(self) -> None:
        self._timed = [one for one in self._timed if one[2].kind != "again"]
        heapq.heapify(self._timed)

    def clear(self) -> None:
        self._timed.clear()
        self._held.clear()

    def _push(self, due: Due) -> None:
        self._count += 1
        heapq.heappush(self._timed, (due.when, self._count, due))
