"""Limits: dated rows, and the messages per second at which each is hit, counted by hand."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from penniless.cost.scale.inputs import FRESH_ON_DEMAND, NEW_ACCOUNT, Account, Profile
from penniless.cost.scale.limits import ACCEPTED, LIMITS, Hit, Limit, hits
from penniless.cost.scale.queueing import erlang_b

ALL = Account(door="gateway", table=FRESH_ON_DEMAND)
BOT = Profile(warm_seconds=0.1, writes=2, reads=0.5, index_writes=2, largest_share=0.05)


def by_name(profile: Profile, account: Account) -> dict[str, Hit]:
    return {one.name: one for one in hits(profile, account)}


def test_by_hand() -> None:
    """Each limit, divided by what a message takes of it."""
    found = {name: one.per_second for name, one in by_name(BOT, ALL).items()}
    concurrency = found.pop("concurrency"), found.pop("concurrency of a new account")

    assert found == pytest.approx(
        {
            "free requests": 1e6 / 2_592_000,
            "free compute": 400_000 / 2_592_000 / (0.1 * 0.25),
            "free writes": 25 / 4,
            "index": 8 * 1000 / 2,
            "hot key": 1000 / 2 / 0.05,
            "scaling": 1000 / (0.4 + 0.1) + 100,
            "replies": 2000,
            "table writes": 4000 / 2,
            "table reads": 12_000 / 0.5,
            "requests": 10_000,
            "gateway": 10_000,
            "table quota": 40_000 / 2,
        }
    )
    for many, per_second in zip((1000, 10), concurrency, strict=True):
        assert erlang_b(many, per_second * 0.1) == pytest.approx(ACCEPTED, rel=1e-6)


def test_they_are_in_the_order_in_which_they_are_hit() -> None:
    """The first that is hit is the first, and every limit is among them once."""
    found = hits(BOT, ALL)
    assert [one.per_second for one in found] == sorted(one.per_second for one in found)
    assert {one.name for one in found} == {one.name for one in LIMITS}
    assert len(found) == len(LIMITS)


def test_what_is_not_in_the_way_is_not_there() -> None:
    """No API Gateway at a Function URL, no index without one, no table that is not used."""
    quiet = Profile(writes=0, reads=0)
    found = by_name(quiet, NEW_ACCOUNT)
    assert set(found) == {
        "free requests", "free compute", "concurrency", "requests", "scaling", "replies",
    }  # fmt: skip


def test_several_messages_in_a_webhook_need_fewer_environments() -> None:
    """What counts webhooks is hit at twice the messages, what counts messages is not."""
    one, two = by_name(BOT, ALL), by_name(replace(BOT, messages_per_webhook=2.0), ALL)
    ratio = {name: two[name].per_second / one[name].per_second for name in one}

    of_webhooks = {name for name, by in ratio.items() if by == pytest.approx(2)}
    assert of_webhooks == {
        "free requests", "free compute", "concurrency", "concurrency of a new account",
        "requests", "scaling", "gateway",
    }  # fmt: skip
    assert {ratio[name] for name in ratio.keys() - of_webhooks} == {1}


@pytest.mark.parametrize("found", LIMITS, ids=lambda one: one.name)
def test_every_row_has_a_source_of_this_year(found: Limit) -> None:
    """A page, a day on which it was read, and a whole sentence about what to change."""
    assert found.source.startswith("https://")
    assert (date.today() - date.fromisoformat(found.read)).days < 366, "read the source again"
    assert found.change.endswith(".")
