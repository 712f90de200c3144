"""Schedules are counted as EventBridge fires them, in a month of 730 hours."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penniless.cost.schedules import HOURS, times

DAYS = HOURS / 24


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(5 minutes)", HOURS * 12),
        ("rate(1 minute)", HOURS * 60),
        ("rate(1 hour)", HOURS),
        ("rate(7 days)", DAYS / 7),
        ("cron(0 9 * * ? *)", DAYS),
        ("cron(0/15 * * * ? *)", HOURS * 4),
        ("cron(0 9,18 * * ? *)", DAYS * 2),
        ("cron(0 9 ? * MON-FRI *)", DAYS / 7 * 5),
        ("cron(0 9 ? * SUN *)", DAYS / 7),
        ("cron(0 9 1 * ? *)", Decimal(1)),
        ("cron(0 9 L * ? *)", Decimal(1)),
        ("cron(0 9 ? * 6#3 *)", Decimal(1)),
        ("cron(0 9 1 1,7 ? *)", Decimal(2) / 12),
        ("cron(0 9 1 JAN ? *)", Decimal(1) / 12),
        ("at(2027-01-01T00:00:00)", Decimal(0)),
        ("", Decimal(0)),
    ],
)
def test_a_schedule_fires_so_often(expression: str, expected: Decimal) -> None:
    """Rates and crons in the documented forms, and what fires once or never."""
    found = times(expression)

    assert found is not None
    assert abs(found - expected) < Decimal("1e-9")


@pytest.mark.parametrize(
    "expression",
    ["rate(5 fortnights)", "rate(0 minutes)", "cron(0 9 * *)", "cron(x 9 * * ? *)", "${Schedule}"],
)
def test_what_is_no_schedule_is_unknown(expression: str) -> None:
    """An expression that cannot be read is None, and not never."""
    assert times(expression) is None


@given(st.text(max_size=40))
def test_any_text_is_a_count_or_unknown(text: str) -> None:
    """No text at all is an error."""
    found = times(f"cron({text})")

    assert found is None or found >= 0
