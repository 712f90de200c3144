"""The row in the hands of whoever works on it: written under a lease, and never over another's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from penniless.errors import CodeError, StoreUnavailable
from penniless.leased import SENDING, Interrupted, Leased, TakenOver
from penniless.lifecycle import LEASE, LONG_LEASE
from penniless.patience import FIRST_WAIT
from penniless.ports import OPEN, Claim, Row, Status
from penniless.stores.memory import MemoryStore
from tests.fakes import LATER, Clock
from tests.scenes import MINUTE, services_on
from tests.stores.conformance import ALICE, a_row


class Patchy(MemoryStore):
    """A store that is away for its next so many writes."""

    away = 0

    def claim(self, row: Row, *, now: int) -> Claim:
        self._write()
        return super().claim(row, now=now)

    def advance(self, row: Row, *, was: Sequence[Status] = OPEN) -> bool:
        self._write()
        return super().advance(row, was=was)

    def _write(self) -> None:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("away")


class Desk:
    """A claimed row, in the hands of one who works on it."""

    def __init__(self, *, unclaimed: bool = False, doubt: bool = False, **kept: Any) -> None:
        self.store, self.clock = Patchy(), Clock()
        self.services = services_on(self.store, self.clock)
        row = a_row(claimed_until=self.clock.now + LEASE, **kept)
        self.store.away = 1 if unclaimed else 0
        assert self.services.log.claim(row, self.clock.now).granted
        self.leased = Leased(row, self.services, doubt=doubt, deferrable=True)

    @property
    def stored(self) -> Row:
        (row,) = self.store.rows(ALICE, now=LATER)
        return row


@pytest.mark.parametrize(
    ("late", "status", "way", "lease"),
    [
        (False, "claimed", "", LEASE),
        (False, "claimed", "reply", LEASE),
        (True, "claimed", "", LONG_LEASE),
        (False, "answered", "reply 1", LEASE + SENDING),
        (True, "answered", "reply 1", LEASE + SENDING),
        (False, "answered", "push", LONG_LEASE),
        (True, "answered", "push", LONG_LEASE),
    ],
)
def test_leases(late: bool, status: Status, way: str, lease: int) -> None:
    """Long where LINE has its answer or the push its key, short where the token has to tell."""
    desk = Desk()
    desk.leased.late = late
    desk.clock.later(1_000)
    assert desk.leased.write(status, way=way)
    assert desk.stored.claimed_until == desk.clock.now + lease
    assert (desk.stored.status, desk.stored.way) == (status, way)


def test_what_cannot_be_deferred_has_the_long_lease() -> None:
    """Nobody but its worker may answer it, however long that takes."""
    desk = Desk()
    fixed = Leased(desk.leased.row, desk.services, doubt=False, deferrable=False)
    assert fixed.write("claimed")
    assert desk.stored.claimed_until == desk.clock.now + LONG_LEASE


def test_who_was_overtaken_writes_nothing() -> None:
    """After another's claim every write raises, and the row is as the other has it."""
    desk = Desk()
    desk.clock.later(MINUTE)
    over = replace(desk.leased.row, claimed_until=desk.clock.now + LONG_LEASE)
    assert desk.store.claim(over, now=desk.clock.now).granted
    before = desk.stored
    for write in (
        desk.leased.renew,
        desk.leased.defer,
        lambda: desk.leased.announce("answered", "reply 1"),
        lambda: desk.leased.keep("pay", 7),
    ):
        with pytest.raises(TakenOver):
            write()
        desk.leased.row.status = "claimed"
    assert desk.stored == before


def test_what_is_about_to_be_sent_is_written_down_twice_tried() -> None:
    """A store that is away once is asked again; away twice, the event stays open."""
    desk = Desk()
    desk.store.away = 1
    began = desk.clock.now
    desk.leased.announce("answered", "reply 1")
    assert (desk.stored.status, desk.stored.way) == ("answered", "reply 1")
    assert desk.clock.now == began + FIRST_WAIT * 1_000
    desk.store.away = 2
    with pytest.raises(Interrupted):
        desk.leased.announce("answered", "reply 2")
    assert (desk.stored.way, desk.leased.row.way) == ("reply 1", "")


def test_what_nobody_can_take_over_is_sent_all_the_same() -> None:
    """Without a stored claim there is nobody to write down anything for."""
    desk = Desk(unclaimed=True)
    desk.store.away = 99
    began = desk.clock.now
    desk.leased.announce("answered", "reply 1")
    assert desk.clock.now == began
    assert list(desk.store.rows(ALICE, now=LATER)) == []


@pytest.mark.parametrize("doubt", [False, True])
def test_a_deferred_event_says_that_nothing_was_sent(doubt: bool) -> None:
    """Unless an earlier attempt may have replied; and only while its handler works."""
    desk = Desk(doubt=doubt)
    desk.leased.defer()
    assert desk.stored.deferred is not doubt
    desk.leased.write("answered", way="push")
    desk.leased.row.deferred = doubt
    desk.leased.defer()
    assert desk.leased.row.deferred is doubt


def test_a_row_that_is_final_is_not_renewed() -> None:
    """The lease of open rows goes on with the clock, that of others stays."""
    desk = Desk()
    desk.clock.later(1_000)
    desk.leased.renew()
    assert desk.stored.claimed_until == desk.clock.now + LEASE
    desk.leased.late = True
    desk.leased.renew()
    assert desk.stored.claimed_until == desk.clock.now + LONG_LEASE
    assert desk.stored.deferred
    assert desk.leased.write("held")
    before = desk.stored
    desk.clock.later(1_000)
    desk.leased.renew()
    assert desk.stored == before


def test_results_are_kept_as_they_will_be_read() -> None:
    """Beside those of before; what is no JSON is refused by its name, and nothing is written."""
    desk = Desk()
    assert desk.leased.keep("pay", (1, 2)) == [1, 2]
    assert desk.leased.keep("mail", None) is None
    assert desk.stored.once == {"pay": [1, 2], "mail": None}
    with pytest.raises(CodeError) as caught:
        desk.leased.keep("bad", object())
    assert str(caught.value) == "the result of ctx.once('bad') must be JSON"
    assert desk.stored.once == {"pay": [1, 2], "mail": None}
