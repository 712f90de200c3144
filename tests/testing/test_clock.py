"""Durations in words, and a clock that moves when it is told to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from penniless.errors import CodeError
from penniless.simulator.durations import Duration, milliseconds
from penniless.testing.clock import START, Clock


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("61s", 61_000),
        ("500ms", 500),
        ("1h 30min", 5_400_000),
        ("2 m", 120_000),
        ("1.5d", 129_600_000),
        (timedelta(minutes=1), 60_000),
        (0.25, 250),
        (3, 3_000),
    ],
)
def test_durations(duration: Duration, expected: int) -> None:
    """Texts with units, timedeltas and seconds are durations."""
    assert milliseconds(duration) == expected


@pytest.mark.parametrize("duration", ["", "61", "s", "1 year", "10s ago", -1, timedelta(days=-1)])
def test_what_is_no_duration(duration: Duration) -> None:
    """Anything else is refused in one sentence."""
    with pytest.raises(CodeError, match=r"duration|backwards"):
        milliseconds(duration)


def test_a_clock_stands_still() -> None:
    """Each test begins at the same time, and only what the test does moves it."""
    clock = Clock()

    assert clock.now() == START
    clock.advance("1min")
    clock.sleep(0.5)
    assert clock.now() == START + 60_500
    assert repr(clock) == "<Clock 2026-01-01 00:01:00 UTC>"


def test_a_running_clock_can_be_put_forward() -> None:
    """For a bot behind an address time is real, and can be moved on top of that."""
    clock = Clock()
    clock.run()
    before = clock.now()

    clock.advance("1h")

    assert 3_600_000 <= clock.now() - before < 3_660_000
    assert clock.seconds_until(clock.now() + 2_000) == pytest.approx(2, abs=0.5)
