"""The simulator's time: a clock is asked, never the system, so that a test can own time.

Law of this module: nothing here sleeps or waits. All times are UTC milliseconds since 1970.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What the world asks for the time."""

    def now(self) -> int:
        """UTC milliseconds since 1970."""
        ...

    def ticks(self) -> float:
        """Milliseconds from an arbitrary start, never running backwards: for durations."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def ticks(self) -> float:
        return time.perf_counter_ns() / 1_000_000


class VirtualClock:
    """A clock that stands still until it is told to move on."""

    def __init__(self, start: int = 1_767_225_600_000) -> None:
        self._now = start

    def now(self) -> int:
        return self._now

    def ticks(self) -> float:
        return float(self._now)

    def advance(self, *, seconds: float) -> None:
        """Move on. Raises ValueError for a negative time: a clock does not run backwards."""
        if seconds < 0:
            raise ValueError("a clock does not run backwards")
        self._now += round(seconds * 1000)
