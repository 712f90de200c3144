"""Clocks: the system's runs, the virtual one moves when told."""

from __future__ import annotations

import time

import pytest

from penniless.simulator.clock import SystemClock, VirtualClock


def test_the_system_clock_gives_utc_milliseconds() -> None:
    clock = SystemClock()
    assert abs(clock.now() - time.time() * 1000) < 1000
    assert clock.ticks() <= clock.ticks()


def test_a_virtual_clock_stands_still_until_moved() -> None:
    clock = VirtualClock(5_000)
    assert (clock.now(), clock.ticks()) == (5_000, 5_000.0)
    clock.advance(seconds=1.5)
    assert (clock.now(), clock.ticks()) == (6_500, 6_500.0)


def test_a_virtual_clock_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        VirtualClock().advance(seconds=-1)


def test_how_long_to_wait() -> None:
    """Waiting brings the system's clock forward, but never a virtual one."""
    system, virtual = SystemClock(), VirtualClock(5_000)
    seconds = system.seconds_until(system.now() + 2_000)
    assert seconds is not None
    assert 1.9 < seconds <= 2
    assert system.seconds_until(0) == 0
    assert [virtual.seconds_until(when) for when in (4_000, 5_000, 5_001)] == [0, 0, None]


def test_a_virtual_clock_says_when_it_was_moved() -> None:
    clock = VirtualClock(5_000)
    heard: list[int] = []
    clock.when_moved(lambda: heard.append(clock.now()))
    clock.advance(seconds=1)
    clock.advance(seconds=2)
    assert heard == [6_000, 8_000]
