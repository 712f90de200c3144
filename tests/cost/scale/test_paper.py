"""A paper: what is needed, what is in the way, what to change, and how a person reads it."""

from __future__ import annotations

import math

import pytest

from penniless.cost.scale.advice import changes, needed
from penniless.cost.scale.inputs import (
    FRESH_ON_DEMAND,
    NEW_ACCOUNT,
    Account,
    Burst,
    Load,
    Profile,
    Table,
)
from penniless.cost.scale.paper import paper
from penniless.cost.scale.queueing import erlang_b
from penniless.cost.scale.show import as_text, summary


def test_what_is_needed() -> None:
    """Little's law, and Erlang B for one refusal in a thousand."""
    found = paper(Load(per_second=500), seconds=10)

    assert found.busy == 100
    assert erlang_b(found.needed, 100) <= 0.001 < erlang_b(found.needed - 1, 100)
    assert needed(Load(per_second=0), Profile()) == 0


def test_a_small_bot_needs_no_change() -> None:
    """Five messages a second are answered by a new account and a free table."""
    found = paper(Load(per_second=5), account=NEW_ACCOUNT)

    assert (found.changes, found.after) == ([], None)
    assert found.before.answered > 0.99 * (found.before.arrived - found.before.in_flight)


@pytest.mark.parametrize("rate", [30, 300, 1500])
def test_the_changes_are_enough(rate: int) -> None:
    """Up to what LINE takes replies for, less than one in two hundred is refused after them."""
    found = paper(Load(per_second=rate), account=NEW_ACCOUNT, seconds=20)
    assert found.after

    assert found.before.lost > 0.1 * found.before.arrived
    assert found.after.lost < 0.005 * found.after.arrived
    assert all(one.helps for one in found.changes)
    assert found.changes[0].limit == "table writes"


def test_a_rested_table_hides_for_a_while_that_it_is_too_small() -> None:
    """25 units bear 30 messages a second for 7,500 / 35 seconds, and then refuse some."""
    found = paper(Load(per_second=30), account=Account())

    assert found.lasts == pytest.approx(7500 / 35)
    short = found.before.refused["table writes"] + found.before.left_open
    assert short > 0.1 * found.before.arrived
    told = "A table that has rested bears that for 3.6 minutes; what follows is later."
    assert told in summary(found)
    assert paper(Load(per_second=12)).lasts == math.inf


def test_a_burst_waits_in_a_queue() -> None:
    """What LINE does not take replies for at once is spread by a queue with few workers."""
    load = Load(per_second=50, burst=Burst(messages=40_000, seconds=10))
    found = paper(load, Profile(index_writes=2), Account(table=FRESH_ON_DEMAND))
    assert found.after

    assert found.before.lost > 0.1 * found.before.arrived
    assert found.after.lost == found.after.late == 0
    _, (profile, account) = changes(load, found.profile, found.account)
    assert profile == found.profile
    assert (account.queued, account.workers) == (True, 380)


def test_no_change_helps_against_lines_limit() -> None:
    """5,000 messages a second all the time are more than a channel replies to, and it says so."""
    found = paper(Load(per_second=5000), seconds=10)
    assert found.after

    assert {one.limit: one.helps for one in found.changes}["replies"] is False
    assert set(found.after.refused) == {"replies"}
    assert found.after.refused["replies"] / found.after.arrived == pytest.approx(0.6, abs=0.07)


def test_an_index_that_is_full_is_left_out() -> None:
    """Above 4,000 messages a second the advice is to go without the index."""
    load, bot = Load(per_second=4_500), Profile(index_writes=2)
    found, (profile, _) = changes(load, bot, Account(table=FRESH_ON_DEMAND))

    assert {one.limit: one.helps for one in found}["index"] is True
    assert profile.index_writes == 0
    found, (profile, _) = changes(Load(per_second=3_900), bot, Account(table=FRESH_ON_DEMAND))
    assert "index" not in {one.limit for one in found}
    assert profile.index_writes == 2


def test_a_hot_conversation_stays_one() -> None:
    """No quota helps a group that takes more than a partition."""
    hot = Profile(conversations=10, largest_share=0.9)
    account = Account(table=Table(mode="on-demand", writes=40_000, reads=40_000))
    found = paper(Load(per_second=1500), hot, account, seconds=10)
    assert found.after

    assert [(one.limit, one.helps) for one in found.changes] == [("hot key", False)]
    assert found.after.refused["hot key"] > 0.1 * found.after.arrived


def test_ten_thousand_a_second_can_be_worked_out() -> None:
    """The simulated time shrinks so that nobody waits for long."""
    found = paper(Load(per_second=10_000))
    assert 250_000 < found.before.arrived < 350_000


def test_a_person_can_read_it() -> None:
    """The text has the limits in their order, what is in the way, and what to change."""
    text = as_text(paper(Load(per_second=50), account=NEW_ACCOUNT, seconds=20))

    assert text.startswith("50 messages a second keep 10 environments busy on average.\n")
    order = [text.index(f"  {one}  ") for one in ("free requests", "concurrency", "replies")]
    assert order == sorted(order)
    row = next(line for line in text.splitlines() if "10 at once" in line)
    assert row.split()[0] == "15.5"
    assert row.endswith("in the way")
    assert "• concurrency, from 15.5 messages a second: Ask for more" in text
    assert "With these changes: " in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_a_burst_is_shown_second_by_second() -> None:
    """The seconds begin just before the broadcast, with a bar for what is refused."""
    load = Load(per_second=1, burst=Burst(messages=3000, seconds=5))
    found = paper(load, Profile(writes=0, reads=0), NEW_ACCOUNT)
    lines = as_text(found).splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("second "))

    assert lines[begin + 2].split()[0] == "4"
    assert "████" in lines[begin + 3]
    assert lines[begin + 3].split()[4] == f"{found.before.timeline[5].refused:,}"


def test_one_environment_is_one() -> None:
    """Nothing is in the plural that is one, and enough is called enough."""
    load = Load(per_second=5, burst=Burst(messages=10))
    lines = summary(paper(load, account=Account()))

    assert lines[0] == "5 messages a second keep 1 environment busy on average."
    assert any(line.endswith("may be there at once, which is enough.") for line in lines)


def test_never_enough() -> None:
    """A load above the concurrency has no time after which there are enough."""
    load = Load(per_second=500, burst=Burst(messages=10))
    found = paper(load, account=NEW_ACCOUNT, seconds=5)
    assert found.ramp

    assert found.ramp.seconds == math.inf
    assert "10 environments may be there at once, and there are never enough." in summary(found)


def test_a_small_table_is_not_blamed_on_the_index() -> None:
    """At 100 messages a second the units are too few, and not those under the index's keys."""
    found = paper(Load(per_second=100), Profile(index_writes=2), seconds=20)
    assert found.after

    assert {one.limit for one in found.changes} == {"table writes", "table reads"}
    assert found.before.refused.keys() == {"table writes"}
    assert found.after.refused == {}


@pytest.mark.parametrize("width", [80, 100])
def test_bars_of_a_burst_fit_the_terminal(width: int) -> None:
    """A second in which all is refused has the longest bar, and none of it is cut off."""
    load = Load(per_second=100, burst=Burst(messages=20_000, seconds=10))
    told = as_text(paper(load, Profile(), Account(concurrency=1), seconds=10), width=width)
    bars = [line.count("█") for line in told.splitlines() if line.endswith(("█", "▉", "▊"))]

    assert "…" not in told
    assert max(map(len, told.splitlines())) <= width
    assert len(bars) > 3
    assert max(bars) >= 4


def test_a_bot_that_nobody_writes_to_loses_nothing() -> None:
    """Where no webhook came, none was late or refused."""
    told = summary(paper(Load(per_second=0.0001), seconds=10))

    assert "So that less than one webhook in a thousand finds none, 1 is needed." in told
    assert told[-1] == "As it is now: no webhook came in 10 seconds."
