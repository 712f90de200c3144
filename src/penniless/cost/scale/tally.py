"""What came of it all: every webhook once, the seconds one by one, and Little's law.

Law of this module: counting; it decides nothing but whether an answer is in time.
"""

from __future__ import annotations

from array import array
from math import ceil
from typing import Protocol

from msgspec import Struct


class Pool(Protocol):
    """Environments, as far as they are counted."""

    all: int
    busy: int


class Second(Struct, frozen=True):
    """One second of a run; webhooks, and environments as the second ends."""

    second: int
    arrived: int
    answered: int
    late: int
    refused: int
    cold: int
    environments: int
    most_busy: int


class Run(Struct, frozen=True, kw_only=True):
    """What came of every webhook that arrived.

    Each is one of: `answered` in time, `late`, refused by a limit, or `in_flight` at the end.
    `left_open` of the answered and the late could not be written down as finished.
    `average_in_system` is the time integral of those inside, divided by the time; `mean_stay` is
    the mean time that each that came in was inside. `waits` are seconds in the queue, in the order
    of starting, and empty without a queue.
    """

    seconds: float
    arrived: int
    answered: int
    late: int
    refused: dict[str, int]
    in_flight: int
    left_open: int
    cold: int
    environments: int
    most_busy: int
    average_in_system: float
    mean_stay: float
    waits: list[float]
    timeline: list[Second]

    @property
    def lost(self) -> int:
        """Webhooks that were refused, by whatever limit."""
        return sum(self.refused.values())

    @property
    def admitted(self) -> int:
        """Webhooks that came inside: all but those that were refused before they began."""
        return self.arrived - sum(self.refused.get(one, 0) for one in AT_THE_DOOR)


AT_THE_DOOR = ("gateway", "concurrency", "scaling", "requests")
"""Limits that refuse a webhook before it begins."""


class Tally:
    """Counts while the time passes."""

    def __init__(self, seconds: float, patience: float, environments: int) -> None:
        self._length = seconds
        self._patience = patience
        self._rows = [[0] * 7 for _ in range(ceil(seconds))]
        self._refused: dict[str, int] = {}
        self._inside, self._since, self._area, self._stay = 0, 0.0, 0.0, 0.0
        self._answered = self._late = self._left_open = 0
        self._waits = array("d")
        self._environments, self._most_busy = environments, 0

    def arrives(self, now: float) -> None:
        """A webhook comes."""
        self._rows[int(now)][0] += 1
        self._changes(now, 1)

    def refused(self, cause: str, now: float) -> None:
        """It is turned away at once."""
        self._changes(now, -1)
        self._counts_refusal(cause, now)

    def starts(self, now: float, came: float, pool: Pool, *, cold: bool) -> None:
        """It has an environment, after having waited since it came."""
        row = self._rows[int(now)]
        row[4] += cold
        row[5] = pool.all
        if pool.busy > row[6]:
            row[6] = pool.busy
            self._most_busy = max(self._most_busy, pool.busy)
        self._waits.append(now - came)

    def ends(self, now: float, came: float, cause: str) -> None:
        """It is done, or was refused further in."""
        self._changes(now, -1)
        stay = now - came
        self._stay += stay
        if cause:
            return self._counts_refusal(cause, now)
        in_time = stay <= self._patience
        self._rows[int(now)][1 if in_time else 2] += 1
        self._answered += in_time
        self._late += not in_time
        return None

    def left_open(self) -> None:
        """Its finish could not be written."""
        self._left_open += 1

    def close(self, came: list[float], pool: Pool) -> Run:
        """The end; `came` is when those came that are still inside."""
        self._changes(self._length, 0)
        assert self._inside == len(came)
        stay = self._stay + sum(self._length - one for one in came)
        arrived = sum(row[0] for row in self._rows)
        admitted = arrived - sum(self._refused.get(one, 0) for one in AT_THE_DOOR)
        return Run(
            seconds=self._length,
            arrived=arrived,
            answered=self._answered,
            late=self._late,
            refused=self._refused,
            in_flight=self._inside,
            left_open=self._left_open,
            cold=sum(row[4] for row in self._rows),
            environments=pool.all,
            most_busy=self._most_busy,
            average_in_system=self._area / self._length,
            mean_stay=stay / admitted if admitted else 0.0,
            waits=list(self._waits),
            timeline=self._timeline(),
        )

    def _timeline(self) -> list[Second]:
        shown, environments = [], self._environments
        for second, row in enumerate(self._rows):
            arrived, answered, late, refused, cold, seen, busy = row
            environments = seen or environments
            shown.append(Second(second, arrived, answered, late, refused, cold, environments, busy))
        return shown

    def _counts_refusal(self, cause: str, now: float) -> None:
        self._rows[int(now)][3] += 1
        self._refused[cause] = self._refused.get(cause, 0) + 1

    def _changes(self, now: float, by: int) -> None:
        self._area += self._inside * (now - self._since)
        self._since = now
        self._inside += by
