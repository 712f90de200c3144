"""The fuse: the closed form and the simulation agree on how long an attack runs."""

from __future__ import annotations

import math
from statistics import mean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penniless.cost.scale.fuse import (
    Attack,
    Blow,
    Fuse,
    Prices,
    blows,
    simulate_blow,
    trips,
    unseen,
)
from penniless.cost.scale.show import told
from penniless.errors import SettingsError

PRICES = Prices(request=0.2e-6, gb_second=0.0000133334)
SLIDING = Fuse(threshold=1000)
ON_THE_CLOCK = Fuse(threshold=1000, every=300)


def simulated(fuse: Fuse, attack: Attack, runs: int) -> list[Blow]:
    found = [simulate_blow(fuse, attack, seed) for seed in range(runs)]
    return [one for one in found if one is not None]


@pytest.mark.parametrize("fuse", [SLIDING, ON_THE_CLOCK], ids=["sliding", "clock"])
@pytest.mark.parametrize("rate", [5.0, 20.0, 60.0])
def test_the_simulation_agrees_with_the_closed_form(fuse: Fuse, rate: float) -> None:
    """The mean of the seconds and the invocations within five standard errors, all in the range."""
    attack = Attack(per_second=rate)
    expected, found = blows(fuse, attack), simulated(fuse, attack, 200)
    assert expected
    assert len(found) == 200
    slack = 6 * math.sqrt(fuse.threshold) / rate  # the threshold is reached by chance

    for one in found:
        assert expected.least.seconds - slack < one.seconds < expected.most.seconds + slack
        assert one.gb_seconds == one.invocations * attack.gb_seconds
    times, many = [one.seconds for one in found], [one.invocations for one in found]
    assert abs(mean(times) - expected.mean.seconds) < 5 * stdev(times) / math.sqrt(200)
    assert abs(mean(many) - expected.mean.invocations) < 5 * stdev(many) / math.sqrt(200)


def test_the_range_is_used() -> None:
    """The earliest and the latest of many simulated attacks come near the ends of the range."""
    quick = Fuse(threshold=100, data_delay=(60, 60), off_delay=(0, 0))
    attack = Attack(per_second=100)
    expected, found = blows(quick, attack), simulated(quick, attack, 200)
    assert expected
    times = sorted(one.seconds for one in found)

    assert times[0] - expected.least.seconds < 3
    assert expected.most.seconds - times[-1] < 3


@settings(max_examples=12, deadline=None)
@given(st.floats(0.1, 3), st.integers(20, 60), st.integers(0, 99))
def test_what_stays_below_the_threshold_runs_for_ever(rate: float, more: int, seed: int) -> None:
    """Well below the threshold neither the formula nor the simulation trips the fuse."""
    fuse = Fuse(threshold=int(rate * 300 * 1.5) + more)

    assert not trips(fuse, Attack(per_second=rate))
    assert blows(fuse, Attack(per_second=rate)) is None
    assert simulate_blow(fuse, Attack(per_second=rate), seed) is None


def test_a_flood_runs_as_fast_as_the_concurrency_allows() -> None:
    """Ten requests a second for each unit, or fewer where they take longer than a tenth."""
    assert Attack(concurrency=10).rate == 100
    assert Attack(concurrency=10, seconds=0.5).rate == 20
    assert Attack(concurrency=10, per_second=7).rate == 7


def test_milliseconds_are_billed_whole() -> None:
    """2.1 ms with 512 MB are billed as 3 ms of half a GB."""
    assert Attack(seconds=0.0021, memory_mb=512).gb_seconds == 0.0015
    assert Attack(seconds=0.005, memory_mb=1024).gb_seconds == 0.005


def test_the_cost_is_counted_by_hand() -> None:
    """A million requests and a thousand GB-seconds."""
    assert Blow(60, 1e6, 1000).cost(PRICES) == pytest.approx(0.2 + 0.0133334)


def test_the_usual_fuse_against_a_flood() -> None:
    """Everything that a default account can be hit with costs less than a dollar of Lambda."""
    worst = blows(Fuse(), Attack())
    assert worst

    assert worst.least.seconds == pytest.approx(1.0001 + 61)
    assert worst.most.seconds == pytest.approx(1.0001 + 60 + 210)
    assert told(worst, PRICES) == (
        "The fuse blows after 62 seconds to 4.5 minutes, usually 2.8 minutes; until then "
        "1,665,001 invocations cost $0.36, and at worst $0.59."
    )


def test_what_is_never_seen() -> None:
    """10,000 in each five minutes are 86.4 million in a month."""
    month = unseen(Fuse(), Attack())

    assert month.invocations == 86_400_000
    assert blows(Fuse(), Attack(per_second=10_000 / 300)) is None


@pytest.mark.parametrize(
    "wrong", [{"threshold": 0}, {"every": 0}, {"every": 301}, {"off_delay": (3, 1)}]
)
def test_a_fuse_that_cannot_be(wrong: dict[str, int | tuple[int, int]]) -> None:
    """It says so in one sentence."""
    with pytest.raises(SettingsError):
        Fuse(**wrong)  # type: ignore[arg-type]


def test_an_attack_that_cannot_be() -> None:
    """No requests are no attack."""
    with pytest.raises(SettingsError, match="above 0"):
        Attack(per_second=0)
