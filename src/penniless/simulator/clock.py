"""The simulator's time: a clock is asked, never the system, so that a test can own time.

Law of this module: nothing here sleeps or waits. All times are UTC milliseconds since 1970.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

Listener = Callable[[], None]


class Clock(Protocol):
    """What the world asks for the time."""

    def now(self) -> int:
        """UTC milliseconds since 1970."""
        ...

    def ticks(self) -> float:
        """Milliseconds from an arbitrary start, never running backwards: for durations."""
        ...

    def seconds_until(self, when: int) -> float | None:
        """How long to wait for that time; None if no waiting brings it."""
        ...

    def when_moved(self, listener: Listener) -> None:
        """Call the listener whenever somebody has moved the clock."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def ticks(self) -> float:
        return time.perf_counter_ns() / 1_000_000

    def seconds_until(self, when: int) -> float | None:
        return max(0, when - self.now()) / 1000

    def when_moved(self, listener: Listener) -> None:
        """Nobody moves this clock: it goes by itself."""


class VirtualClock:
    """A clock that stands still until it is told to move on."""

    def __init__(self, start: int = 1_767_225_600_000) -> None:
        self._now = start
        self._listeners: list[Listener] = []

    def now(self) -> int:
        return self._now

    def ticks(self) -> float:
        return float(self._now)

    def seconds_until(self, when: int) -> float | None:
        return 0.0 if when <= self._now else None

    def when_moved(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def advance(self, *, seconds: float) -> None:
        """Move on. Raises ValueError for a negative time: a clock does not run backwards."""
        if seconds < 0:
            raise ValueError("a clock does not run backwards")
        self._now += round(seconds * 1000)
        for listener in self._listeners:
            listener()
