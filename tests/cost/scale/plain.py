"""Loads without the limits that a test is not about, and a tolerance from batch means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean, stdev

from penniless.cost.scale.inputs import Account, Profile, Table
from penniless.cost.scale.tally import Run

BOUNDLESS_TABLE = Table(mode="on-demand", writes=1e9, reads=1e9)


def servers(many: int, *, queued: bool = False) -> Account:
    """An account of which nothing but the number of environments is a limit."""
    return Account(
        concurrency=many,
        requests_per_environment=1e9,
        scaling=1e9,
        table=BOUNDLESS_TABLE,
        partition_writes=1e9,
        partition_reads=1e9,
        replies=1e9,
        queued=queued,
    )


def service(seconds: float, cv: float) -> Profile:
    """A message that takes so long, cold or warm."""
    return Profile(warm_seconds=seconds, warm_cv=cv, cold_seconds=0)


def agrees(batches: Sequence[float], expected: float, sigmas: float = 5) -> bool:
    """Whether the mean of independent batches is within so many of its standard errors."""
    error = stdev(batches) / math.sqrt(len(batches))
    assert 0 < error < 0.2 * expected, "too little was simulated to say anything"
    return abs(mean(batches) - expected) < sigmas * error


def batched(values: Sequence[float], batches: int, skip: float = 0.1) -> list[float]:
    """The means of so many equal batches, without the beginning."""
    kept = values[int(len(values) * skip) :]
    size = len(kept) // batches
    return [mean(kept[one * size : (one + 1) * size]) for one in range(batches)]


def refused_in_batches(run: Run, batches: int = 20, skip: int = 20) -> list[float]:
    """The refused part of what arrived, in batches of seconds."""
    kept = run.timeline[skip:]
    size = len(kept) // batches
    parts = [kept[one * size : (one + 1) * size] for one in range(batches)]
    return [sum(one.refused for one in part) / sum(one.arrived for one in part) for part in parts]
