"""The simulation against closed forms, and what no run may break."""

from __future__ import annotations

import math
from statistics import mean, variance
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from penniless.cost.scale.inputs import (
    NEW_ACCOUNT,
    Account,
    Burst,
    Load,
    Profile,
    Table,
)
from penniless.cost.scale.queueing import (
    bucket_gives,
    bucket_lasts,
    erlang_b,
    erlang_c,
    little,
    mean_wait,
    occupancy,
)
from penniless.cost.scale.ramp import allowed, jump
from penniless.cost.scale.simulation import simulate
from penniless.cost.scale.tally import Run
from penniless.errors import SettingsError
from tests.cost.scale.plain import agrees, batched, refused_in_batches, servers, service


@pytest.mark.parametrize("cv", [0.0, 0.5, 1.0, 2.0])
def test_refusals_are_erlangs(cv: float) -> None:
    """Without a queue the refused part is Erlang B, whatever the distribution of the durations."""
    run = simulate(Load(per_second=100), service(0.1, cv), servers(10), seconds=1200, seed=3)

    assert agrees(refused_in_batches(run), erlang_b(10, 10))
    assert set(run.refused) == {"concurrency"}


@pytest.mark.parametrize(("many", "load"), [(1, 0.6), (4, 3.2), (20, 17.0)])
def test_waiting_is_erlangs(many: int, load: float) -> None:
    """With a queue and exponential durations the mean wait and who waits are those of M/M/c."""
    run = simulate(
        Load(per_second=load * 10), service(0.1, 1), servers(many, queued=True),
        seconds=30_000 / load, seed=5,
    )  # fmt: skip

    assert agrees(batched(run.waits, 30), mean_wait(many, load, 0.1))
    assert agrees(batched([float(one > 0) for one in run.waits], 30), erlang_c(many, load))


@pytest.mark.parametrize("cv", [0.0, 0.5, 2.0])
def test_waiting_for_one_server_is_exact(cv: float) -> None:
    """For one server the formula is Pollaczek and Khinchine's, for any distribution."""
    account = servers(1, queued=True)
    run = simulate(Load(per_second=6), service(0.1, cv), account, seconds=15_000, seed=6)

    assert agrees(batched(run.waits, 30), mean_wait(1, 0.6, 0.1, cv=cv))


@pytest.mark.parametrize("cv", [0.0, 0.5, 1.5])
def test_lee_and_longton_are_close(cv: float) -> None:
    """For several servers it is an approximation, here good to a fifth."""
    account = servers(8, queued=True)
    run = simulate(Load(per_second=68), service(0.1, cv), account, seconds=2000, seed=7)

    assert mean(run.waits) == pytest.approx(mean_wait(8, 6.8, 0.1, cv=cv), rel=0.2)


def test_occupancy_without_limits_is_poissons() -> None:
    """M/G/∞: how many are inside at a moment has the mean, the spread and the zeros of Poisson."""
    seen = []
    for seed in range(600):
        run = simulate(Load(per_second=30), service(0.1, 1.5), servers(10**6), seconds=3, seed=seed)
        seen.append(run.in_flight)
    none = sum(one == 0 for one in seen) / len(seen)

    assert abs(mean(seen) - 3) < 5 * math.sqrt(3 / 600)
    assert abs(variance(seen) - 3) < 5 * math.sqrt((3 + 2 * 9) / 600)
    assert abs(none - occupancy(3, 0)) < 5 * math.sqrt(0.05 * 0.95 / 600)


def test_environments_come_as_fast_as_lambda_allows() -> None:
    """In a flood there are 1,000 at once and 100 more each second, up to the concurrency."""
    flood, profile = Load(per_second=4000, pattern="constant"), service(60, 0)
    run = simulate(flood, profile, Account(concurrency=1500), seconds=10)

    for one in run.timeline[1:]:
        until = one.second + 1
        assert one.environments == pytest.approx(allowed(Account(concurrency=1500), until), abs=2)
    assert run.environments == 1500
    assert set(run.refused) == {"scaling", "concurrency"}


def test_a_jump_is_what_the_formula_allows() -> None:
    """Just below it nothing is refused, just above it the scaling rate refuses something."""
    profile = Profile(warm_seconds=0.5, warm_cv=0, cold_seconds=1.5, cold_cv=0)
    account = Account(
        concurrency=10_000, table=Table(mode="on-demand", writes=1e6, reads=1e6), replies=1e6
    )
    step = jump(profile, account)
    below, above = (
        simulate(Load(per_second=step * by, pattern="constant"), profile, account, seconds=3)
        for by in (0.99, 1.05)
    )

    assert step == 1000 / 2 + 100
    assert below.refused == {}
    assert set(above.refused) == {"scaling"}


def test_a_provisioned_table_lasts_as_long_as_its_bucket() -> None:
    """25 units and 300 seconds of them serve 100 claims a second for 7,500 / 75 seconds."""
    profile = Profile(writes=1, reads=0, warm_cv=0)
    run = simulate(Load(per_second=100, pattern="constant"), profile, Account(), seconds=200)
    lasts = bucket_lasts(25, 7500, 100)
    served = run.answered + run.in_flight

    assert lasts == 100
    first = next(one.second for one in run.timeline if one.refused)
    assert first == pytest.approx(lasts, abs=1)
    assert served == pytest.approx(bucket_gives(25, 7500, 100, 200), abs=100 * 0.7)
    assert set(run.refused) == {"table writes"}


def test_a_hot_conversation_has_one_partition() -> None:
    """Half of 4,000 messages a second in one conversation is refused but for 1,000 units of it."""
    profile = Profile(writes=1, reads=0, largest_share=0.5, conversations=3, warm_cv=0)
    account = Account(
        concurrency=5000, table=Table(mode="on-demand", writes=1e6, reads=1e6), replies=1e6
    )
    run = simulate(Load(per_second=4000), profile, account, seconds=20, warm=2000)

    shares = (2000 - 1000) / 4000, 2 * max(0, (1000 - 1000)) / 4000
    refused = run.refused["hot key"] / run.arrived
    assert sum(shares) - 0.06 < refused < sum(shares) + 0.03


def test_claims_and_finishes_share_a_partition() -> None:
    """Of 1,000 units a second for one conversation, each claim and each finish uses one."""
    profile = Profile(writes=2, reads=0, conversations=1, largest_share=1, warm_cv=0)
    account = Account(
        concurrency=5000, table=Table(mode="on-demand", writes=1e6, reads=1e6), replies=1e6
    )
    load = Load(per_second=1500, pattern="constant")
    run = simulate(load, profile, account, seconds=20, warm=1000)
    claims = run.arrived - run.refused["hot key"]
    finishes = run.answered + run.late - run.left_open

    assert claims + finishes == pytest.approx(1000 * 21, rel=0.03)


@pytest.mark.parametrize("keys", [1, 2])
def test_the_keys_of_the_index(keys: int) -> None:
    """With one key of the index half of 1,000 messages a second find no unit left, with two half
    of 2,000."""
    profile = Profile(index_writes=2, index_keys=keys, warm_cv=0)
    account = Account(
        concurrency=5000, table=Table(mode="on-demand", writes=1e6, reads=1e6), replies=1e6
    )
    load = Load(per_second=1000 * keys, pattern="constant")
    run = simulate(load, profile, account, seconds=30, warm=500 * keys)

    assert (run.refused["index"] + run.left_open / 2) / run.arrived == pytest.approx(0.5, abs=0.2)
    assert set(run.refused) == {"index"}


def test_line_takes_2000_replies_a_second() -> None:
    """Beyond them the answers of a channel are refused, whatever the account allows."""
    run = simulate(
        Load(per_second=4000, pattern="constant"), service(0.2, 0), servers(5000), seconds=2
    )
    slow = servers(5000)
    limited = simulate(
        Load(per_second=4000, pattern="constant"),
        service(0.2, 0),
        Account(concurrency=5000, scaling=1e9, table=slow.table, replies=2000),
        seconds=20,
        warm=1000,
    )

    assert run.refused == {}
    done = limited.arrived - limited.in_flight
    assert limited.refused["replies"] == pytest.approx(done - 2000 * 20.8, abs=100)


def test_a_cold_start_is_late_where_it_takes_longer_than_line_waits() -> None:
    """Two seconds from the webhook on, the start of the environment included."""
    slow = Profile(warm_seconds=0.5, warm_cv=0, cold_seconds=1.6, cold_cv=0)
    run = simulate(Load(per_second=10, pattern="constant"), slow, Account(), seconds=60)

    assert run.late == run.cold > 0
    assert run.answered == run.arrived - run.late - run.in_flight


def test_a_queue_waits_where_the_door_alone_refuses() -> None:
    """A burst that a new account refuses is answered within a token's life behind a queue."""
    load = Load(per_second=1, burst=Burst(messages=500, seconds=2))
    profile = Profile(writes=1, reads=0)
    alone = simulate(load, profile, NEW_ACCOUNT)
    queued = simulate(load, profile, Account(concurrency=10, queued=True))

    assert alone.refused["concurrency"] > 200
    assert (queued.refused, queued.late) == ({}, 0)


def test_a_queue_is_served_as_soon_as_lambda_scales() -> None:
    """What waits for the scaling rate starts when a token is there, though nothing ends."""
    account = Account(concurrency=1000, scaling=10, scaling_seconds=10, queued=True)
    load = Load(per_second=0, burst=Burst(messages=20, seconds=0.001, at=1))
    run = simulate(load, service(100, 0), account, seconds=8)

    assert sorted(run.waits)[9] < 0.1
    assert [round(one) for one in sorted(run.waits)[10:]] == [1, 2, 3, 4, 5, 6]


def test_the_same_seed_is_the_same_run() -> None:
    """A run can be repeated, and another seed is another run."""
    load = Load(per_second=50, burst=Burst(messages=200))
    one, again, other = (simulate(load, Profile(), NEW_ACCOUNT, seed=seed) for seed in (1, 1, 2))

    assert one == again != other


def test_no_time_is_no_run() -> None:
    """The seconds have to be above 0."""
    with pytest.raises(SettingsError, match="above 0"):
        simulate(Load(per_second=1), Profile(), Account(), seconds=0)


class Case(NamedTuple):
    """Anything that can be simulated."""

    load: Load
    profile: Profile
    account: Account
    warm: int
    seconds: float
    seed: int

    def run(self) -> Run:
        return simulate(
            self.load,
            self.profile,
            self.account,
            seconds=self.seconds,
            warm=self.warm,
            seed=self.seed,
        )


loads = st.builds(
    Load,
    per_second=st.floats(0, 60),
    pattern=st.sampled_from(["poisson", "constant"]),
    burst=st.none() | st.builds(
        Burst, messages=st.integers(1, 300), seconds=st.floats(0.01, 5), at=st.floats(0, 8)
    ),
)  # fmt: skip
profiles = st.builds(
    Profile,
    warm_seconds=st.floats(0.001, 4),
    warm_cv=st.floats(0, 2),
    cold_seconds=st.floats(0, 3),
    messages_per_webhook=st.floats(1, 5),
    writes=st.floats(0, 4),
    reads=st.floats(0, 4),
    index_writes=st.floats(0, 4),
    index_keys=st.integers(1, 3),
    conversations=st.just(50),
    largest_share=st.floats(0.02, 1),
)
accounts = st.builds(
    Account,
    concurrency=st.integers(1, 60),
    requests_per_environment=st.floats(0.5, 20),
    scaling=st.floats(1, 50),
    scaling_seconds=st.floats(0.5, 10),
    door=st.sampled_from(["url", "gateway"]),
    gateway_rate=st.floats(1, 50),
    gateway_burst=st.floats(1, 50),
    table=st.builds(
        Table,
        mode=st.sampled_from(["provisioned", "on-demand"]),
        writes=st.floats(0.5, 100),
        reads=st.floats(0.5, 100),
    ),
    partition_writes=st.floats(1, 50),
    partition_reads=st.floats(1, 50),
    replies=st.floats(1, 50),
    queued=st.booleans(),
    workers=st.none() | st.integers(1, 20),
)
cases = st.builds(
    Case,
    loads,
    profiles,
    accounts,
    st.integers(0, 40),
    st.floats(0.5, 10),
    st.integers(0, 99),
)


@settings(max_examples=150, deadline=None)
@given(cases)
@example(Case(Load(per_second=0), Profile(), Account(), 0, 1.0, 0))
def test_every_webhook_is_counted_once(case: Case) -> None:
    """What arrived was answered, late, refused or is in flight, in all and in the seconds' sum."""
    run = case.run()

    assert run.arrived == run.answered + run.late + run.lost + run.in_flight
    for name in ("arrived", "answered", "late", "cold"):
        assert sum(getattr(one, name) for one in run.timeline) == getattr(run, name)
    assert sum(one.refused for one in run.timeline) == run.lost
    assert run.left_open <= run.answered + run.late


@settings(max_examples=150, deadline=None)
@given(cases)
def test_no_limit_is_exceeded(case: Case) -> None:
    """There are never more environments than may be, and never more new ones than may come."""
    run, account, profile, seconds = case.run(), case.account, case.profile, case.seconds

    assert run.most_busy <= account.at_most
    assert run.environments <= account.at_most
    assert run.cold <= account.scaling + account.scaling / account.scaling_seconds * seconds + 1e-6
    served = run.answered + run.late
    assert served * profile.messages_per_webhook <= account.replies * (1 + seconds) + 1e-6
    admitted = len(run.waits)
    assert admitted <= account.requests * (1 + seconds) + 1e-6


@settings(max_examples=150, deadline=None)
@given(cases)
def test_littles_law_holds_in_every_run(case: Case) -> None:
    """The integral of those inside is the sum of their stays: L = lambda W, exactly."""
    run = case.run()

    assert run.average_in_system == pytest.approx(
        little(run.admitted / run.seconds, run.mean_stay), rel=1e-9, abs=1e-9
    )


@settings(max_examples=150, deadline=None)
@given(
    st.floats(1, 80), st.floats(0.05, 3), st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    st.integers(1, 30), st.integers(0, 9),
)  # fmt: skip
def test_one_environment_more_refuses_no_more(
    rate: float, seconds: float, cv: float, many: int, seed: int
) -> None:
    """Where cold starts take no time and nothing else is a limit.

    By induction: those inside with c environments are inside with c + 1 too, which has at most one
    more. It does not hold with cold starts, which make the same webhook take longer or shorter.
    """
    fewer, more = (
        simulate(Load(per_second=rate), service(seconds, cv), servers(one), seconds=10, seed=seed)
        for one in (many, many + 1)
    )

    assert more.lost <= fewer.lost
    assert more.arrived == fewer.arrived


@settings(max_examples=100, deadline=None)
@given(
    st.floats(1, 80), st.floats(0.5, 40), st.floats(1, 3), st.integers(0, 9),
    st.sampled_from(["provisioned", "on-demand"]),
)  # fmt: skip
def test_a_larger_table_refuses_no_more(
    rate: float, units: float, by: float, seed: int, mode: str
) -> None:
    """Where a message is one unit: what is let through is the most that the bucket allows."""
    small, large = (
        simulate(
            Load(per_second=rate),
            Profile(writes=1, reads=0, cold_seconds=0),
            Account(
                concurrency=10_000, scaling=1e9, replies=1e9,
                table=Table(mode="provisioned" if mode == "provisioned" else "on-demand",
                            writes=one),
            ),
            seconds=10,
            seed=seed,
        )
        for one in (units, units * by)
    )  # fmt: skip

    assert large.lost <= small.lost
