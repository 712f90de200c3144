"""How long something is, as people write it.

Law of this module: values in, values out.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TypeAlias

from penniless.errors import CodeError

Duration: TypeAlias = str | timedelta | float
"""`"61s"`, `"1h 30min"`, a timedelta, or seconds."""

_UNITS = {"ms": 1, "s": 1000, "min": 60_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d)")


def milliseconds(duration: Duration) -> int:
    """Raises CodeError for what is no duration, or is negative."""
    found = _read(duration)
    if found is None:
        raise CodeError(f"{duration!r} is no duration: write '61s', '1h 30min' or seconds")
    if found < 0:
        raise CodeError("a clock does not run backwards")
    return round(found)


def _read(duration: Duration) -> float | None:
    if isinstance(duration, timedelta):
        return duration / timedelta(milliseconds=1)
    if not isinstance(duration, str):
        return duration * 1000
    parts = list(_PART.finditer(duration))
    if not parts or _PART.sub("", duration).strip():
        return None
    return sum(float(part[1]) * _UNITS[part[2]] for part in parts)
