"""Closed forms: against values that are printed in tables, and against each other."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from penniless.cost.scale.queueing import (
    bucket_gives,
    bucket_lasts,
    erlang_b,
    erlang_c,
    little,
    load_for,
    mean_wait,
    occupancy,
    servers_for,
)
from penniless.errors import SettingsError

servers = st.integers(1, 300)
used = st.floats(0.2, 3)
"""Load for each server."""


def test_erlang_b_is_that_of_the_tables() -> None:
    """Ten lines carry 4.46 erlangs at one refusal in a hundred, and 3.09 at one in a thousand."""
    assert erlang_b(10, 4.461) == pytest.approx(0.01, rel=0.002)
    assert erlang_b(10, 3.092) == pytest.approx(0.001, rel=0.002)
    assert erlang_b(1, 1) == 0.5
    assert erlang_b(2, 1) == 0.2


def test_erlang_b_is_its_definition() -> None:
    """The recursion gives what the sum of a^k / k! gives."""
    terms = [7.5**k / math.factorial(k) for k in range(13)]
    assert erlang_b(12, 7.5) == pytest.approx(terms[-1] / sum(terms), rel=1e-12)


def test_one_server() -> None:
    """M/M/1 waits rho / (mu - lambda); M/D/1 waits half of that (Pollaczek and Khinchine)."""
    assert erlang_c(1, 0.8) == pytest.approx(0.8)
    assert mean_wait(1, 0.8, 1) == pytest.approx(4.0)
    assert mean_wait(1, 0.8, 1, cv=0) == pytest.approx(2.0)


def test_two_servers() -> None:
    """M/M/2 has the closed form 2 rho² / (1 + rho) for the probability of waiting."""
    assert erlang_c(2, 1.5) == pytest.approx(2 * 0.75**2 / 1.75)


def test_a_queue_that_grows_for_ever_is_refused() -> None:
    """There is no mean wait where more comes than can be done."""
    with pytest.raises(SettingsError, match="more than 3 servers"):
        erlang_c(3, 3)


@pytest.mark.parametrize("refused", [0, 1, -0.1, math.nan])
def test_a_part_lies_between_nothing_and_all(refused: float) -> None:
    """No number of servers refuses nothing."""
    with pytest.raises(SettingsError, match="between 0 and 1"):
        servers_for(5, refused)


@given(servers, used)
def test_more_servers_refuse_less(many: int, each: float) -> None:
    """Erlang B falls with servers, rises with load, and leaves no more than can be carried."""
    load = many * each
    refused = erlang_b(many, load)
    assert 0 < refused < 1
    assert erlang_b(many + 1, load) < refused < erlang_b(many, load * 1.1)
    assert load * (1 - refused) < many


@given(servers, st.floats(0.0001, 0.5))
def test_load_for_is_the_inverse(many: int, refused: float) -> None:
    """The load for a refusal refuses that much, and needs just those servers."""
    load = load_for(many, refused)
    assert erlang_b(many, load) == pytest.approx(refused, rel=1e-6)
    assert servers_for(load * 0.999, refused) <= many < servers_for(load * 1.001, refused)


@given(servers, st.floats(0.01, 0.99))
def test_waiting_is_likelier_than_refusal(many: int, used: float) -> None:
    """Who would be refused would wait, and so do some of those that come after him."""
    load = many * used
    assert erlang_b(many, load) <= erlang_c(many, load) <= 1


@given(st.floats(0, 50))
def test_occupancy_is_a_distribution(load: float) -> None:
    """It adds up to one, and its mean is the load: Little's law."""
    law = [occupancy(load, busy) for busy in range(300)]
    assert sum(law) == pytest.approx(1)
    mean = sum(busy * part for busy, part in enumerate(law))
    assert mean == pytest.approx(little(load, 1), abs=1e-9)


@given(st.floats(0.1, 100), st.floats(0, 1000), st.floats(0.1, 200))
def test_a_bucket_gives_all_until_it_is_empty(rate: float, size: float, demand: float) -> None:
    """Up to the moment at which it is empty it gives what is asked, and then its rate."""
    lasts = bucket_lasts(rate, size, demand)
    assume(lasts == math.inf or lasts < 1e6)  # beyond it a difference is lost in a float's digits
    if lasts == math.inf:
        assert bucket_gives(rate, size, demand, 1e6) == demand * 1e6
    else:
        assert bucket_gives(rate, size, demand, lasts) == pytest.approx(demand * lasts)
        more = bucket_gives(rate, size, demand, lasts + 10) - demand * lasts
        assert more == pytest.approx(10 * rate, rel=1e-6, abs=1e-6)
