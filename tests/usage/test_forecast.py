"""A month so far goes on in a straight line, or nobody says how."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penniless.usage.forecast import OF_AWS, OF_LINE, TOO_EARLY, month_at

moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))
amounts = st.decimals(0, 10**9, places=3)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "begin", "end"),
    [
        ("2026-11-30 23:59", OF_AWS, "2026-11-01 00:00", "2026-12-01 00:00"),
        ("2026-11-30 14:59", OF_LINE, "2026-10-31 15:00", "2026-11-30 15:00"),
        ("2026-11-30 15:00", OF_LINE, "2026-11-30 15:00", "2026-12-31 15:00"),
        ("2026-12-31 12:00", OF_AWS, "2026-12-01 00:00", "2027-01-01 00:00"),
        ("2028-02-29 00:00", OF_AWS, "2028-02-01 00:00", "2028-03-01 00:00"),
    ],
)
def test_months(now: str, zone: tzinfo, begin: str, end: str) -> None:
    """AWS's month is one of UTC, LINE's one of UTC+9, also over the ends of years."""
    month = month_at(utc(now), zone)

    assert (month.begin, month.end) == (utc(begin), utc(end))
    assert month.since == month.begin


@pytest.mark.parametrize(
    ("now", "since", "so_far", "at_the_end"),
    [
        ("2026-11-16 00:00", None, "500", "1000"),  # half of November
        ("2026-11-11 00:00", None, "100", "300"),  # a third
        ("2026-11-21 00:00", "2026-11-11 00:00", "100", "200"),  # ten days of twenty
        ("2026-11-16 00:00", "2026-09-01 00:00", "500", "1000"),  # older than the month
        ("2026-11-02 00:00", None, "10", "300"),  # exactly a day
        ("2026-11-01 23:59", None, "10", None),
        ("2026-11-20 00:00", "2026-11-19 12:00", "10", None),
        ("2026-11-20 00:00", "2026-11-21 00:00", "10", None),  # a clock that goes wrong
    ],
)
def test_forecasts(now: str, since: str | None, so_far: str, at_the_end: str | None) -> None:
    """It goes on as it did since it began; less than a day says nothing."""
    month = month_at(utc(now), OF_AWS, since=utc(since) if since else None)

    assert month.forecast(Decimal(so_far)) == (at_the_end and Decimal(at_the_end))


@pytest.mark.parametrize(
    ("so_far", "free", "day"),
    [("100", "200", "2026-11-21 00:00"), ("100", "299", "2026-11-30 21:36"), ("100", "300", None)],
)
def test_when_it_is_full(so_far: str, free: str, day: str | None) -> None:
    """What is free ends on a day of the month, or not within it."""
    month = month_at(utc("2026-11-11 00:00"), OF_AWS)

    assert month.full_at(Decimal(so_far), Decimal(free)) == (day and utc(day))


@given(moments, amounts, amounts)
def test_more_use_means_more_at_the_end(now: datetime, one: Decimal, other: Decimal) -> None:
    """A forecast is never below what is there already, and it grows with it."""
    month = month_at(now, OF_AWS)
    ends = [month.forecast(so_far) for so_far in sorted((one, other))]

    if now - month.begin < TOO_EARLY:
        assert ends == [None, None]
    else:
        low, high = ends
        assert low is not None
        assert high is not None
        assert low <= high
        assert min(one, other) <= low


@given(moments, amounts, amounts)
def test_the_day_and_the_forecast_agree(now: datetime, so_far: Decimal, free: Decimal) -> None:
    """There is a day on which it is full exactly if the month would end above what is free."""
    month = month_at(now, OF_AWS)
    at_the_end, day = month.forecast(so_far), month.full_at(so_far, free)

    if day is not None:
        assert at_the_end is not None
        assert now <= day < month.end
        assert at_the_end >= free - Decimal("0.001")
    elif at_the_end is not None and so_far < free:
        assert at_the_end <= free + Decimal("0.001")


@given(moments)
def test_a_month_holds_its_moment(now: datetime) -> None:
    """Begin and end are firsts of a month around the moment, in both zones."""
    for zone in (OF_AWS, OF_LINE):
        month = month_at(now, zone)

        assert month.begin <= now < month.end
        assert month.begin.day == month.end.day == 1
        assert timedelta(days=28) <= month.end - month.begin <= timedelta(days=31)
