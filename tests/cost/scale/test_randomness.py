"""Chance: moments, durations and conversations have the laws that they are said to have."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import mean, stdev

import pytest

from penniless.cost.scale.inputs import Burst, Load, Profile
from penniless.cost.scale.randomness import (
    arrivals,
    conversations,
    durations,
    shares,
    stream,
)


@pytest.mark.parametrize("cv", [0.0, 0.3, 1.0, 1.7])
def test_durations(cv: float) -> None:
    """The mean and the coefficient of variation are those that were asked for."""
    draw = durations(0.4, cv, stream(1, "test"))
    drawn = [draw() for _ in range(40_000)]

    assert abs(mean(drawn) - 0.4) <= 5 * 0.4 * cv / 200 + 1e-12
    assert stdev(drawn) / mean(drawn) == pytest.approx(cv, abs=0.06)
    assert min(drawn) > 0


def test_poisson_arrivals() -> None:
    """Gaps are exponential, in order, and end with the time; two messages share a webhook."""
    profile = Profile(messages_per_webhook=2)
    came = list(arrivals(Load(per_second=200), profile, 100, stream(1, "test")))
    gaps = [after - before for before, after in pairwise(came)]

    assert came == sorted(came)
    assert 0 <= came[0] < came[-1] < 100
    assert abs(len(came) - 10_000) < 5 * 100
    assert stdev(gaps) / mean(gaps) == pytest.approx(1, abs=0.05)


def test_constant_arrivals() -> None:
    """They come evenly."""
    load = Load(per_second=4, pattern="constant")
    came = list(arrivals(load, Profile(), 1, stream(1, "test")))
    assert came == [0.125, 0.375, 0.625, 0.875]


def test_a_burst_fades() -> None:
    """Everybody answers once; two of three within the mean, the first not before the broadcast."""
    burst = Burst(messages=10_000, seconds=10, at=5)
    came = list(arrivals(Load(per_second=0, burst=burst), Profile(), 1000, stream(1, "test")))
    early = sum(one < 15 for one in came) / len(came)

    assert (len(came), came == sorted(came)) == (10_000, True)
    assert came[0] > 5
    assert abs(early - (1 - math.exp(-1))) < 5 * math.sqrt(0.24 / 10_000)


@pytest.mark.parametrize(("many", "largest"), [(1, 1.0), (100, 0.01), (100, 0.3), (1000, 0.05)])
def test_shares_fall_as_zipf_says(many: int, largest: float) -> None:
    """They add up to one, the first is what was asked for, and the others follow a power law."""
    found = shares(many, largest)

    assert sum(found) == pytest.approx(1)
    assert found[0] == pytest.approx(largest)
    assert list(found) == sorted(found, reverse=True)
    if many > 4:
        assert found[3] / found[1] == pytest.approx(found[1] / found[0])


def test_conversations_are_drawn_by_their_shares() -> None:
    """A largest share of a third is a third of what is drawn."""
    drawn = conversations(Profile(conversations=20, largest_share=0.3), stream(1, "test"))(20_000)

    assert abs(drawn.count(0) / 20_000 - 0.3) < 5 * math.sqrt(0.21 / 20_000)
    assert set(drawn) == set(range(20))


def test_each_chance_has_its_own_stream() -> None:
    """Names have different numbers, a name always the same."""
    assert stream(1, "a").random() == stream(1, "a").random()
    assert len({stream(1, "a").random(), stream(1, "b").random(), stream(2, "a").random()}) == 3
