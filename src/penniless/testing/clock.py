"""The time of a test: it stands still until the test moves it.

Law of this module: time and its words; who has to be told is the `guide`'s business. All times are
UTC milliseconds since 1970.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from penniless.simulator.durations import Duration, milliseconds

START = 1_767_225_600_000
"""Where each test begins: 2026-01-01 00:00 UTC, the same in every run."""


class Clock:
    """What LINE, the people and a bot in this process take for the time.

    For a bot behind an address, which has a clock of its own, it runs with the computer's, and
    moves LINE and the people only.
    """

    def __init__(self) -> None:
        self._now = START
        self._runs = False
        self._listeners: list[Callable[[], None]] = []
        self.guide: Callable[[int], None] = self.move
        """What moving on by so many milliseconds means, where more than time has to be moved."""

    def __repr__(self) -> str:
        shown = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.now() // 1000))
        return f"<Clock {shown} UTC>"

    def advance(self, duration: Duration) -> None:
        """Move on: reply tokens run out, and what LINE would send meanwhile is sent.

        In a handler, or what a test puts in place of something slow, it stands for the waiting.
        Raises CodeError for a time that is none.
        """
        self.guide(milliseconds(duration))

    def sleep(self, seconds: float) -> None:
        """Wait without waiting: a stand-in for `time.sleep`."""
        self.advance(seconds)

    def move(self, by: int) -> None:
        """Move the time alone, by so many milliseconds."""
        self._now += by
        for listener in self._listeners:
            listener()

    def run(self) -> None:
        """From now on it runs with the computer's clock."""
        self._runs = True
        self._now = 0

    @property
    def runs(self) -> bool:
        return self._runs

    # What the simulated world asks

    def now(self) -> int:
        return self._now + (time.time_ns() // 1_000_000 if self._runs else 0)

    def ticks(self) -> float:
        return time.perf_counter_ns() / 1_000_000 if self._runs else float(self._now)

    def seconds_until(self, when: int) -> float | None:
        if self._runs:
            return max(0, when - self.now()) / 1000
        return 0.0 if when <= self._now else None

    def when_moved(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)
