"""The life of an event, as the table has it and as a store enforces it."""

from __future__ import annotations

from typing import get_args

import pytest
from msgspec.structs import replace

from penniless.lifecycle import (
    ATTEMPTS,
    HELD_FOR,
    LEASE,
    LONG_LEASE,
    MEANINGS,
    RENEW_EVERY,
    TRANSITIONS,
)
from penniless.ports import OPEN, Row, Status
from penniless.stores.memory import MemoryStore
from tests.stores.conformance import ALICE, LATER, NOW, a_row

STATUSES: tuple[Status, ...] = get_args(Status)
PAIRS = {(one.source, one.target) for one in TRANSITIONS}


def stored(status: Status) -> tuple[MemoryStore, Row]:
    """A store whose one row has that status; its lease is over at LATER."""
    store = MemoryStore()
    row = a_row(status=status, event={"type": "message"}, attempt=2, last_attempt=3)
    store.append(row)
    return store, row


def status_in(store: MemoryStore) -> tuple[Status, int]:
    (row,) = store.rows(ALICE, now=NOW)
    return row.status, row.attempt


def test_every_status_has_a_meaning() -> None:
    """One each, in the order in which they are listed."""
    assert tuple(one.status for one in MEANINGS) == STATUSES
    assert all(one.meaning and one.again == "200" for one in MEANINGS)


def test_transitions_are_named_once() -> None:
    """Each pair stands in the table once, and says when."""
    assert len(PAIRS) == len(TRANSITIONS)
    assert all(one.when for one in TRANSITIONS)


def test_every_status_is_reached_and_only_done_is_the_end() -> None:
    """Each status is the target of a transition; all but `done` can be left."""
    assert {target for _, target in PAIRS} == set(STATUSES)
    assert {source for source, _ in PAIRS} == {None, *STATUSES} - {"done"}


def test_only_a_new_event_is_claimed() -> None:
    """Of an event of which nothing is stored there is one thing to write."""
    assert [target for source, target in PAIRS if source is None] == ["claimed"]
    store = MemoryStore()
    assert not any(store.advance(a_row(status=status)) for status in STATUSES)
    assert not store.reopen(a_row())
    assert store.claim(a_row(), now=NOW).granted
    assert status_in(store) == ("claimed", 1)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("now", [NOW, LATER])
def test_claim(status: Status, now: int) -> None:
    """A stored event is claimed only if it is open and its lease is over; its status stays."""
    store, row = stored(status)
    granted = store.claim(replace(row, claimed_until=LATER + 1, attempt=1), now=now).granted
    assert granted == (status in OPEN and now == LATER)
    assert not granted or (status, status) in PAIRS
    assert status_in(store) == (status, 3 if granted else 2)


@pytest.mark.parametrize("source", STATUSES)
@pytest.mark.parametrize("target", STATUSES)
def test_advance(source: Status, target: Status) -> None:
    """A row moves only from a status that its writer has named, and for the newest attempt."""
    store, row = stored(source)
    others = tuple(one for one in STATUSES if one != source)
    assert not store.advance(replace(row, status=target), was=others)
    assert not store.advance(replace(row, status=target, attempt=1), was=(source,))
    assert status_in(store) == (source, 2)
    assert store.advance(replace(row, status=target), was=(source,))
    assert status_in(store) == (target, 2)


@pytest.mark.parametrize("source", STATUSES)
@pytest.mark.parametrize("target", STATUSES)
def test_advance_by_default(source: Status, target: Status) -> None:
    """Where nothing is named only an open row moves: what is done, held or failed stays."""
    store, row = stored(source)
    assert store.advance(replace(row, status=target)) == (source in OPEN)


@pytest.mark.parametrize("status", STATUSES)
def test_reopen(status: Status) -> None:
    """Only what has failed is claimed again, with as many attempts as at first."""
    store, row = stored(status)
    assert store.reopen(row) == (status == "failed")
    if status == "failed":
        assert (status, "claimed") in PAIRS
        assert status_in(store) == ("claimed", 3)
        assert store.claim(row, now=NOW).attempt == 4
        (found,) = store.rows(ALICE, now=NOW)
        assert found.last_attempt - found.attempt + 1 == ATTEMPTS


def test_times_fit_together() -> None:
    """A lease is renewed in time to miss a renewal, and a held answer outlives every lease."""
    assert 2 * RENEW_EVERY < LONG_LEASE
    assert LEASE < LONG_LEASE < HELD_FOR
