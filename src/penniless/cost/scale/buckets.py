"""A token bucket: how AWS and LINE count what may be done in a time.

Law of this module: counting; the time is passed in, in seconds, and never goes back.
"""

from __future__ import annotations

import math

_DUST = 1e-9
"""What adding up fractions may have lost."""


class Bucket:
    """Holds up to `size` tokens and gets `rate` more each second; at first it is full, or has some.

    `tokens` are those that it has at first.
    """

    __slots__ = ("_at", "_rate", "_size", "_tokens")

    def __init__(self, rate: float, size: float, tokens: float = math.inf) -> None:
        self._rate = rate
        self._size = size
        self._tokens = min(size, tokens)
        self._at = 0.0

    def takes(self, amount: float, now: float) -> bool:
        """Take so many tokens; false, and nothing taken, if there are fewer."""
        tokens = self._filled(now)
        if tokens < amount - _DUST:
            return False
        self._tokens = tokens - amount
        return True

    def ready(self, amount: float, now: float) -> float:
        """When so many tokens will be there: now or later."""
        missing = amount - self._filled(now)
        return now if missing <= _DUST else now + missing / self._rate

    def _filled(self, now: float) -> float:
        if self._size != math.inf:
            self._tokens = min(self._size, self._tokens + (now - self._at) * self._rate)
            self._at = now
        return self._tokens
