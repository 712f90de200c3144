"""How fast environments come: the closed forms, and the simulation beside them."""

from __future__ import annotations

import math

import pytest

from penniless.cost.scale.inputs import NEW_ACCOUNT, Account, Burst, Load, Profile
from penniless.cost.scale.ramp import allowed, in_burst, jump, ramp
from penniless.cost.scale.simulation import simulate
from tests.cost.scale.plain import servers

COLD = Profile(warm_seconds=0.5, warm_cv=0, cold_seconds=1.0, cold_cv=0)


def test_a_thousand_at_once_and_a_hundred_more_each_second() -> None:
    """Up to the concurrency, and on top of what was warm."""
    account = Account(concurrency=3000)
    assert [allowed(account, one) for one in (0, 1, 10, 20, 60)] == [1000, 1100, 2000, 3000, 3000]
    assert allowed(account, 10, warm=500) == 2500
    assert allowed(NEW_ACCOUNT, 0) == 10


def test_a_jump() -> None:
    """With 1.5 seconds until the first environment is free, 767 webhooks a second may come."""
    assert jump(COLD, Account()) == pytest.approx(1000 / 1.5 + 100)


def test_a_burst_needs_what_came_in_the_last_stay() -> None:
    """It is the integral of the fading rate, here by small steps."""
    burst = Burst(messages=3000, seconds=10)
    steps = [n * 0.001 for n in range(4000)]
    for seconds in (0.5, 1.5, 4.0):
        inside = (one for one in steps if seconds - 1.5 <= one < seconds)
        summed = sum(300 * math.exp(-one / 10) * 0.001 for one in inside)
        assert in_burst(burst, COLD, seconds) == pytest.approx(summed, rel=0.01)


def test_a_burst_keeps_as_many_busy_in_the_simulation() -> None:
    """If all start cold, the most that are busy at once are what the formula says."""
    burst = Burst(messages=20_000, seconds=20, at=0)
    short = Profile(warm_seconds=1.5, warm_cv=0, cold_seconds=0)
    run = simulate(Load(per_second=0, burst=burst), short, servers(10_000), seconds=10)
    expected = in_burst(burst, short, 1.5)

    assert abs(run.most_busy - expected) < 5 * math.sqrt(expected)


def test_how_long_there_are_too_few() -> None:
    """A concurrency of 1,000 is missing until the burst has faded to it: 20 ln(1,449 / 1,000) s."""
    burst = Burst(messages=20_000, seconds=20)
    found = ramp(burst, 0, COLD, Account(), warm=0)

    assert found.peak == 1000
    assert found.needed == pytest.approx(20_000 * (1 - math.exp(-1.5 / 20)))
    assert found.at_once == 1000
    assert found.seconds == pytest.approx(1.5 + 20 * math.log(found.needed / 1000), abs=0.1)


def test_enough_from_the_first_moment() -> None:
    """A small burst finds enough, and a load above the concurrency never does."""
    small = Burst(messages=100)
    assert ramp(small, 0, COLD, Account(), warm=0).seconds == 0
    assert ramp(small, 100, COLD, NEW_ACCOUNT, warm=10).seconds == math.inf
