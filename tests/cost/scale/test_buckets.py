"""Token buckets: full at first, filled with time, never above their size."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penniless.cost.scale.buckets import Bucket

amounts = st.lists(st.tuples(st.floats(0, 5), st.floats(0, 3)), max_size=60)


def test_a_bucket_is_full_at_first() -> None:
    """All of it may be taken at once, and then what time brings."""
    bucket = Bucket(rate=2, size=3)

    assert [bucket.takes(1, 0) for _ in range(4)] == [True, True, True, False]
    assert bucket.ready(1, 0) == 0.5
    assert [bucket.takes(1, 0.5), bucket.takes(1, 0.5)] == [True, False]
    assert [bucket.takes(3, 100), bucket.takes(0.1, 100)] == [True, False]


def test_without_end() -> None:
    """A bucket of infinite size gives everything."""
    bucket = Bucket(rate=math.inf, size=math.inf)
    assert bucket.takes(1e300, 0)
    assert bucket.ready(1e300, 1) == 1


@given(st.floats(0.1, 10), st.floats(0.1, 10), amounts)
def test_it_never_gives_more_than_its_rate(
    rate: float, size: float, asked: list[tuple[float, float]]
) -> None:
    """In any time it gives its size and its rate at most; what it says it will have, it has."""
    bucket, now, given = Bucket(rate, size), 0.0, 0.0
    for wait, amount in asked:
        now += wait
        if bucket.takes(amount, now):
            given += amount
        elif amount <= size:
            now = bucket.ready(amount, now)
            assert bucket.takes(amount, now)
            given += amount
    assert given <= (size + rate * now) * (1 + 1e-9) + 1e-6


@pytest.mark.parametrize("larger", [1.0, 1.5, 4.0])
@given(st.floats(0.1, 10), st.integers(1, 9), st.lists(st.floats(0, 2), max_size=80))
def test_a_larger_bucket_has_given_no_less(
    larger: float, rate: float, size: int, waits: list[float]
) -> None:
    """At every moment, where each asks for one token."""
    small, large = Bucket(rate, size), Bucket(rate * larger, size * larger)
    now, less, more = 0.0, 0, 0
    for wait in waits:
        now += wait
        less, more = less + small.takes(1, now), more + large.takes(1, now)
        assert less <= more
