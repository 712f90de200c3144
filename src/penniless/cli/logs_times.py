"""Moments as people type and read them, in the time zone of this computer.

Law of this module: `now` is passed in; times are UTC milliseconds since 1970, as in the log.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

from penniless.errors import SettingsError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AGO = re.compile(r"(?P<count>\d{1,9})\s*(?P<unit>[smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAYS = {"today": 0, "yesterday": 1}


def moment(text: str, *, now: int) -> int:
    """The time that somebody means by `2026-11-22`, `2026-11-22 20:16`, `15m` or `yesterday`.

    A day is its first moment; a duration is that long before `now`; an offset or `Z` is heeded.
    Raises SettingsError for anything else.
    """
    asked = text.strip().lower()
    try:
        found = _moment(asked, _EPOCH + timedelta(milliseconds=now))
        return max(0, (found - _EPOCH) // timedelta(milliseconds=1))
    except (OverflowError, OSError, ValueError):
        raise SettingsError(
            f"{text!r} is not a time; say 2026-11-22, '2026-11-22 20:16', 15m, 2h, 3d, "
            "today or yesterday"
        ) from None


def _moment(asked: str, now: datetime) -> datetime:
    if asked == "now":
        return now
    if asked in _DAYS:
        day = now.astimezone().date() - timedelta(days=_DAYS[asked])
        return datetime.combine(day, time()).astimezone()
    if ago := _AGO.fullmatch(asked):
        return now - timedelta(**{_UNITS[ago["unit"]]: int(ago["count"])})
    if not re.match(r"\d{4}-\d\d-\d\d", asked):
        raise ValueError(asked)  # such as 20261122 or 2026-W47, which are more likely mistakes
    return datetime.fromisoformat(asked.upper()).astimezone()


def local(timestamp: int) -> datetime | None:
    """That time here; None beyond the years that a calendar has."""
    try:
        return (_EPOCH + timedelta(milliseconds=timestamp)).astimezone()
    except (OverflowError, OSError, ValueError):
        return None
