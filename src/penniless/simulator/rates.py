"""Rate limits: a bucket of tokens for each operation, filled again as time passes.

Law of this module: counting; time is passed in. How large an operation's bucket is stands in
`operations`.

Source: https://developers.line.biz/en/reference/messaging-api/#rate-limits
"""

from __future__ import annotations

import math

Rate = tuple[int, int]
"""So many calls in so many seconds; all of them may come at once."""


class Rates:
    """The buckets, by name of the operation."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, int]] = {}

    def takes(self, name: str, rate: Rate, now: int) -> bool:
        """Take a token; false if there is none. `now` in milliseconds."""
        calls, seconds = rate
        tokens, filled_at = self._buckets.get(name, (float(calls), now))
        passed = max(0, now - filled_at)
        tokens = min(float(calls), tokens + passed * calls / (seconds * 1000))
        if tokens < 1 - 1e-9:
            self._buckets[name] = (tokens, now)
            return False
        self._buckets[name] = (max(0.0, tokens - 1), now)
        return True

    def wait(self, name: str, rate: Rate) -> int:
        """Whole seconds, at least one, until a call is taken again after one that was not."""
        calls, seconds = rate
        tokens, _ = self._buckets.get(name, (1.0, 0))
        return max(1, math.ceil((1 - tokens) * seconds / calls))

    def clear(self) -> None:
        self._buckets.clear()
