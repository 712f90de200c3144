"""The quota counts people, per calendar month in Japan's time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from penniless.simulator.quota import Quota, month_of


def ms(*moment: int) -> int:
    year, month, day, hour, minute, second = moment
    made = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    return round(made.timestamp() * 1000)


NOW = ms(2026, 11, 22, 0, 0, 0)


def test_it_counts_people_up_to_the_limit() -> None:
    quota = Quota(200)
    quota.count(199, NOW)
    assert quota.allows(1, NOW)
    assert not quota.allows(2, NOW)
    assert quota.left(NOW) == 1
    assert quota.shown(NOW) == {"type": "limited", "value": 200, "used": 199}


def test_without_a_limit_everything_is_allowed() -> None:
    quota = Quota(None)
    quota.count(1_000_000, NOW)
    assert quota.allows(1_000_000, NOW)
    assert quota.left(NOW) is None
    assert quota.shown(NOW) == {"type": "none", "used": 1_000_000}


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ((2026, 11, 30, 14, 59, 59), (2026, 11)),
        ((2026, 11, 30, 15, 0, 0), (2026, 12)),
        ((2026, 12, 31, 15, 0, 0), (2027, 1)),
    ],
)
def test_the_month_changes_at_midnight_in_japan(
    moment: tuple[int, ...], month: tuple[int, int]
) -> None:
    assert month_of(ms(*moment)) == month


def test_a_new_month_starts_at_zero() -> None:
    quota = Quota(200)
    quota.count(200, NOW)
    later = ms(2026, 12, 1, 0, 0, 0)
    assert quota.used(later) == 0
    quota.count(1, later)
    assert quota.used(later) == 1
