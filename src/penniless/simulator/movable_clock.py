"""The computer's clock, which can be moved on: for people who will not wait until a token expires.

Law of this module: as in `clock`; nothing sleeps. Moved time goes on at its usual pace.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from penniless.simulator.clock import Listener, SystemClock


@runtime_checkable
class Movable(Protocol):
    """A clock that can be moved."""

    def advance(self, *, seconds: float) -> None: ...


class MovableClock(SystemClock):
    """Real time, plus what it was moved by."""

    def __init__(self) -> None:
        self._ahead = 0
        self._listeners: list[Listener] = []

    def now(self) -> int:
        return super().now() + self._ahead

    def when_moved(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def advance(self, *, seconds: float) -> None:
        """Move on. Raises ValueError for a negative time: a clock does not run backwards."""
        if seconds < 0:
            raise ValueError("a clock does not run backwards")
        self._ahead += round(seconds * 1000)
        for listener in self._listeners:
            listener()
