"""The computer's clock, moved on."""

from __future__ import annotations

import time

import pytest

from penniless.simulator.movable_clock import MovableClock


def test_it_shows_the_computers_time_until_it_is_moved() -> None:
    """Now is now; a minute later it is a minute ahead, and goes on."""
    clock = MovableClock()
    assert abs(clock.now() - time.time() * 1000) < 1_000
    clock.advance(seconds=61)
    assert abs(clock.now() - time.time() * 1000 - 61_000) < 1_000
    first = clock.now()
    while clock.now() == first:
        continue
    assert clock.now() > first


def test_those_who_wait_hear_of_a_move() -> None:
    """Listeners are called once for each move; waiting is shorter by what it was moved."""
    clock = MovableClock()
    heard: list[int] = []
    clock.when_moved(lambda: heard.append(clock.now()))
    due = clock.now() + 100_000
    clock.advance(seconds=99)
    clock.advance(seconds=0.5)
    assert len(heard) == 2
    left = clock.seconds_until(due)
    assert left is not None
    assert 0 <= left <= 0.5


def test_it_does_not_run_backwards() -> None:
    """A negative time is refused, and nobody is told."""
    clock = MovableClock()
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(seconds=-1)
