"""A clock that several processes share, and that a test can put forward.

Law of this module: the computer's time plus an offset that lies in a file, so that a lease of ten
seconds runs out for the simulator, for the bot and for its successor at the same moment.
"""

from __future__ import annotations

import mmap
import struct
import time
from collections.abc import Callable
from pathlib import Path

_OFFSET = struct.Struct("<q")


class SharedClock:
    """UTC milliseconds, for the simulator (its `Clock`) and, as a function, for a bot.

    `skew` milliseconds are added for whoever holds this object, and for nobody else.
    """

    def __init__(self, path: Path, *, skew: int = 0) -> None:
        if not path.exists():
            path.write_bytes(_OFFSET.pack(0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _OFFSET.size)
        self._skew = skew
        self._listeners: list[Callable[[], None]] = []

    def __call__(self) -> int:
        return self.now()

    @property
    def offset(self) -> int:
        """How far it was put forward, in milliseconds."""
        found: int = _OFFSET.unpack_from(self._shared)[0]
        return found

    def now(self) -> int:
        return time.time_ns() // 1_000_000 + self.offset + self._skew

    def ticks(self) -> float:
        return time.perf_counter_ns() / 1_000_000

    def seconds_until(self, when: int) -> float:
        return max(0, when - self.now()) / 1000

    def when_moved(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def advance(self, seconds: float) -> None:
        """Put it forward, for everybody."""
        _OFFSET.pack_into(self._shared, 0, self.offset + round(seconds * 1000))
        for listener in self._listeners:
            listener()

    def close(self) -> None:
        self._shared.close()
