"""The memory store passes the suite."""

from __future__ import annotations

import pytest

from penniless.ports import Store
from penniless.stores.memory import MemoryStore
from tests.stores.conformance import ALICE, NOW, Conformance, LargeRows, Writer, a_row, the_row


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
def writer(store: Store) -> Writer:
    return lambda: store


class TestMemoryStore(Conformance, LargeRows):
    def test_a_closed_store_can_be_read(self, store: Store) -> None:
        """The log of a bot that has ended can still be looked at."""
        store.append(a_row(status="done"))
        store.close()
        assert the_row(store, ALICE, now=NOW).status == "done"
