"""Chance: durations, moments of arrival and which conversation, all from one seed.

Law of this module: each kind of chance has a stream of its own, so that another limit or another
table does not change who comes when and how long that takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from heapq import merge
from itertools import accumulate
from random import Random

from penniless.cost.scale.inputs import Burst, Load, Profile

_NOTHING = 1e-9
"""A mean in seconds, or a cv, that is not worth drawing numbers for."""


def stream(seed: int, name: str) -> Random:
    """The chance of that name: another name has other numbers, the same seed the same ones."""
    return Random(f"{seed} {name}")  # noqa: S311 (nothing secret is made of it)


def durations(mean: float, cv: float, chance: Random) -> Callable[[], float]:
    """What draws durations with that mean and coefficient of variation: a gamma distribution."""
    if mean < _NOTHING or cv < _NOTHING:
        return lambda: mean
    if cv == 1:
        rate = 1 / mean
        return lambda: chance.expovariate(rate)
    shape = 1 / cv**2
    return lambda: chance.gammavariate(shape, mean / shape)


def arrivals(load: Load, profile: Profile, seconds: float, chance: Random) -> Iterator[float]:
    """The moments at which webhooks come, in order, from 0 until `seconds`."""
    rate = profile.webhooks(load.per_second)
    steady = {"poisson": _poisson, "constant": _constant}[load.pattern](rate, seconds, chance)
    if load.burst is None:
        return steady
    return merge(steady, _answers(load.burst, profile, seconds, chance))


def _poisson(rate: float, seconds: float, chance: Random) -> Iterator[float]:
    now = chance.expovariate(rate) if rate else seconds
    while now < seconds:
        yield now
        now += chance.expovariate(rate)


def _constant(rate: float, seconds: float, _chance: Random) -> Iterator[float]:
    for number in range(int(rate * seconds)):
        yield (number + 0.5) / rate


def _answers(burst: Burst, profile: Profile, seconds: float, chance: Random) -> list[float]:
    webhooks = round(profile.webhooks(burst.messages))
    moments = (burst.at + chance.expovariate(1 / burst.seconds) for _ in range(webhooks))
    return sorted(one for one in moments if one < seconds)


@lru_cache(maxsize=16)
def shares(conversations: int, largest: float) -> tuple[float, ...]:
    """Each conversation's part of all messages, the largest first.

    They fall as 1 / rank^a (Zipf's law), with the `a` that gives the first its share.
    """
    low, high = 0.0, 60.0
    for _ in range(50):
        middle = (low + high) / 2
        first = 1 / sum(rank**-middle for rank in range(1, conversations + 1))
        low, high = (middle, high) if first < largest else (low, middle)
    weights = [rank**-high for rank in range(1, conversations + 1)]
    total = sum(weights)
    return tuple(one / total for one in weights)


def conversations(profile: Profile, chance: Random) -> Callable[[int], list[int]]:
    """What draws the conversations of so many webhooks, 0 being the largest."""
    weights = list(accumulate(shares(profile.conversations, profile.largest_share)))
    names = range(profile.conversations)
    return lambda many: chance.choices(names, cum_weights=weights, k=many)
