"""The memory store passes the suite."""

from __future__ import annotations

import pytest

from penniless.ports import Store
from penniless.stores.memory import MemoryStore
from tests.stores.conformance import (
    ALICE,
    NOW,
    Conformance,
    LargeRows,
    Writer,
    a_row,
    finished,
    ids,
    the_row,
)
from tests.stores.conformance_waiting import Waiting, held


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
def writer(store: Store) -> Writer:
    return lambda: store


class TestMemoryStore(Conformance, Waiting, LargeRows):
    def test_a_closed_store_can_be_read(self, store: Store) -> None:
        """The log of a bot that has ended can still be looked at."""
        store.append(a_row(status="done"))
        store.close()
        assert the_row(store, ALICE, now=NOW).status == "done"

    def test_the_newest_rows_are_kept(self) -> None:
        """A bot that runs for weeks does not grow: the oldest row gives way to the newest."""
        store = MemoryStore(size=2)
        for number in range(4):
            row = a_row(f"event-{number}", conversation=f"user#{number % 2}")
            assert store.claim(row, now=NOW).granted
            assert store.advance(finished(row))

        kept = [row.event_id for key in store.conversations() for row in store.rows(key, now=NOW)]

        assert sorted(kept) == ["event-2", "event-3"]

    def test_what_waits_is_kept(self) -> None:
        """Rows that are open or held give way to others only where there are no others."""
        store = MemoryStore(size=3)
        rows = [a_row(f"event-{number}", timestamp=NOW + number) for number in range(8)]
        for row in rows[:2]:
            assert store.claim(row, now=NOW).granted
        assert store.advance(held(rows[0]))
        for row in rows[2:6]:
            store.append(finished(row))
        assert ids(store.rows(ALICE, now=NOW)) == ["event-0", "event-1", "event-5"]
        for row in rows[6:]:
            assert store.claim(row, now=NOW).granted
        assert ids(store.rows(ALICE, now=NOW)) == ["event-1", "event-6", "event-7"]
