"""What a reading warns of, and what the headline makes of all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from penniless.usage.forecast import OF_AWS, month_at
from penniless.usage.reading import Reading, growing
from penniless.usage.report import Report, percent

MONTH = month_at(datetime(2026, 11, 11, tzinfo=UTC), OF_AWS)
"""A third of it is over."""
FIRST_DAY = month_at(datetime(2026, 11, 1, 9, tzinfo=UTC), OF_AWS)


def of(used: float, free: float | None = 100, end: float | None = None, **more: Any) -> Reading:
    told: dict[str, Any] = {"scope": "bot", "title": "Requests", "unit": "request", **more}
    return Reading(
        used=Decimal(str(used)),
        free=None if free is None else Decimal(str(free)),
        by_the_end=None if end is None else Decimal(str(end)),
        **told,
    )


@pytest.mark.parametrize(
    ("reading", "warns"),
    [
        (of(79.9), False),
        (of(80), True),
        (of(10, end=79), False),
        (of(10, end=80), True),
        (of(10, free=None, end=1e9), False),
        (of(0, free=0), False),
        (of(1, free=0), True),
        (of(100, end=100, chosen=True), False),
        (of(101, end=101, chosen=True), True),
        (of(50, end=101, chosen=True), True),
    ],
)
def test_warnings_at_80_percent(reading: Reading, warns: bool) -> None:
    """Used or forecast counts; what costs from the first unit warns there; all that is free may
    be chosen."""
    assert reading.warns(80) is warns


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        ("0", "0%"),
        ("0.001", "under 1%"),
        ("1", "1%"),
        ("2.5", "3%"),
        ("99.99", "99%"),
        ("100", "100%"),
        ("104.4", "104%"),
        ("12345", "12,345%"),
    ],
)
def test_percent(share: str, shown: str) -> None:
    """A little is not nothing, and almost all is not all."""
    assert percent(Decimal(share)) == shown


def report(*readings: Reading, **more: Any) -> Report:
    told: dict[str, Any] = {"month": MONTH, "warn_at": 80, "notes": [], "missing": [], **more}
    return Report(stack="bot", region="ap-northeast-1", readings=list(readings), **told)


def grown(used: int, free: int, title: str = "Lambda requests", month: Any = MONTH) -> Reading:
    return growing("bot", title, "request", Decimal(used), Decimal(free), month)


@pytest.mark.parametrize(
    ("readings", "headline"),
    [
        (
            [grown(30, 1000), grown(5, 1000, "Logs taken in")],
            "You are at 3% of what is free, and will be at 9% by the end of the month: "
            "Lambda requests.",
        ),
        (
            [grown(50, 100)],
            "You are at 50% of what is free, and will be past it about 21 November: "
            "Lambda requests, 150% by the end of the month.",
        ),
        (
            [of(50, end=150, scope="account")],
            "You are at 50% of what is free, and will be past it before the month ends: "
            "Requests of the whole account, 150% by the end of the month.",
        ),
        (
            [grown(1, 100, month=FIRST_DAY), of(5, end=5)],
            "You are at 5% of what is free. It is too early to say where the month will end.",
        ),
        ([grown(101, 100)], "You are past what is free: Lambda requests."),
        ([of(1, free=0, title="On-demand writes")], "You are past what is free: On-demand writes."),
        (
            [grown(200, 200, "LINE messages")],
            "You have used all that is free: LINE messages.",
        ),
        (
            [grown(0, 100), of(25, free=25, end=25, chosen=True)],
            "You are at 0% of what is free, and will be at 0% by the end of the month.",
        ),
        ([of(5, free=None, end=15)], "Nothing that has a limit could be read."),
        (
            [grown(1, 100), of(99, end=300, scope="other")],
            "You are at 1% of what is free, and will be at 3% by the end of the month: "
            "Lambda requests.",
        ),
    ],
)
def test_headlines(readings: list[Reading], headline: str) -> None:
    """The nearest limit is named; other services of the account and what was chosen are not it."""
    assert report(*readings).headline == headline


def test_other_services_are_no_warnings() -> None:
    """What else runs in the account is not the bot's."""
    own, other = of(90), of(90, scope="other")

    assert report(own, other).warnings == [own]
    assert report(own, other, warn_at=95).warnings == []
