"""Memory and SQLite do the same under any sequence of operations: each is the other's model."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from penniless.errors import StateConflict
from penniless.ports import OPEN, Row, Store
from penniless.stores.memory import MemoryStore
from penniless.stores.sqlite import SQLiteStore
from tests.stores.conformance import ALICE, BOB, NOW

T = TypeVar("T")

conversations = st.sampled_from([ALICE, BOB, "group#😀"])
statuses = ["claimed", "answered", "held", "done", "failed"]
ways = st.sampled_from(["", "reply", "push", f"{NOW}#a#1"])
months = st.sampled_from(["2026-11", "2026-12"])
event_ids = st.sampled_from(["", "a", "b", "花", "push-1"])
moments = st.sampled_from([NOW, NOW + 1, NOW + 500])
message_ids = st.sampled_from(["1", "2"])
texts = st.one_of(st.none(), st.text(max_size=20))
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
json_objects = st.dictionaries(st.text(max_size=5), json_values, max_size=4)


class BothStores(RuleBasedStateMachine):
    """One clock, and each operation done to both stores."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.now = NOW
        self.expiring = False
        self.stores: tuple[Store, Store] = (
            MemoryStore(),
            SQLiteStore(self.directory / "log.sqlite"),
        )

    def teardown(self) -> None:
        for store in self.stores:
            store.close()
        shutil.rmtree(self.directory)

    def same(self, work: Callable[[Store], T]) -> T:
        memory, sqlite = (work(store) for store in self.stores)
        assert memory == sqlite
        return sqlite

    def same_if_all_rows_last(self, work: Callable[[Store], Any]) -> None:
        """Each backend deletes expired rows when it likes, so what counts them may differ."""
        if self.expiring:
            for store in self.stores:
                work(store)
        else:
            self.same(work)

    def row(self, conversation: str, event_id: str, timestamp: int, **fields: Any) -> Row:
        if self.expiring:
            fields["expires_at"] = self.now // 1000 + 40
        return Row(
            conversation=conversation,
            event_id=event_id,
            timestamp=timestamp,
            sender="U1",
            to="U0",
            type="message.text",
            **fields,
        )

    @initialize(expiring=st.booleans())
    def begin(self, expiring: bool) -> None:
        self.expiring = expiring

    @rule(milliseconds=st.sampled_from([1, 999, 5_000, 30_000, 70_000]))
    def pass_time(self, milliseconds: int) -> None:
        self.now += milliseconds

    @rule(
        conversation=conversations,
        event_id=event_ids,
        timestamp=moments,
        message=texts,
        message_id=message_ids,
        event=st.none() | json_objects,
        received_at=moments,
        lease=st.sampled_from([0, 1, 1_000, 5_000]),
    )
    def claim(self, conversation: str, event_id: str, timestamp: int, **fields: Any) -> None:
        until = self.now + fields.pop("lease")
        row = self.row(conversation, event_id, timestamp, claimed_until=until, **fields)
        self.same(lambda store: store.claim(row, now=self.now))

    @rule(
        conversation=conversations,
        event_id=event_ids,
        timestamp=moments,
        attempt=st.integers(1, 3),
        status=st.sampled_from(statuses),
        was=st.sampled_from([OPEN, OPEN, ("held",), ("answered",), (), tuple(statuses)]),
        replies=st.lists(json_objects, max_size=5),
        waiting=st.lists(json_objects, max_size=3),
        way=ways,
        answered_at=st.one_of(st.none(), moments),
        claimed_until=moments,
        deferred=st.booleans(),
        event=st.none() | json_objects,
        once=json_objects,
    )
    def advance(
        self, conversation: str, event_id: str, timestamp: int, was: Any, **answer: Any
    ) -> None:
        row = self.row(conversation, event_id, timestamp, outcome=answer["status"], **answer)
        self.same_if_all_rows_last(lambda store: store.advance(row, was=was))

    @rule(conversation=conversations, number=st.integers(0, 9), status=st.sampled_from(statuses))
    def go_on(self, conversation: str, number: int, status: Any) -> None:
        """Take a row that is there one step further, as its own worker would."""
        rows = self.same(lambda store: list(store.rows(conversation, now=self.now)))
        if rows:
            row = rows[number % len(rows)]
            was = (row.status,)
            row.status, row.way = status, f"{NOW}#a#1" if status == "answered" else ""
            assert self.same(lambda store: store.advance(row, was=was))

    @rule(conversation=conversations, number=st.integers(0, 9))
    def reopen(self, conversation: str, number: int) -> None:
        rows = self.same(lambda store: list(store.rows(conversation, now=self.now)))
        if rows:
            row = rows[number % len(rows)]
            opened = self.same(lambda store: store.reopen(row))
            assert opened is (row.status == "failed" and row.event is not None)

    @rule(month=months, count=st.integers(-4, 6), limit=st.integers(0, 12))
    def spend(self, month: str, count: int, limit: int) -> None:
        before = self.same(lambda store: store.spent(month))
        done = self.same(lambda store: store.spend(month, count, limit=limit))
        assert done is (count < 0 or before + count <= limit)
        assert self.same(lambda store: store.spent(month)) == max(before + count * done, 0)

    @rule(conversation=conversations)
    def desk(self, conversation: str) -> None:
        """Overdue rows may be those among the newest five only, and expired ones count there."""
        memory, other = (store.desk(conversation, now=self.now) for store in self.stores)
        assert (memory.state, memory.held) == (other.state, other.held)
        rows = list(self.stores[0].rows(conversation, now=self.now, newest_first=True, limit=5))
        newest = [] if self.expiring else rows
        assert all(row in memory.overdue for row in other.overdue)
        assert all(row in other.overdue for row in memory.overdue if row in newest)
        assert all(row in memory.overdue for row in newest if self.is_overdue(row))

    def is_overdue(self, row: Row) -> bool:
        return row.status in OPEN and row.claimed_until <= self.now

    @rule()
    def overdue(self) -> None:
        memory, other = (store.overdue(now=self.now, limit=99) for store in self.stores)
        for found in (memory, other):
            assert [row.claimed_until for row in found] == sorted(
                row.claimed_until for row in found
            )
        assert sorted(map(place, memory)) == sorted(map(place, other))
        assert all(map(self.is_overdue, memory))

    @rule(
        conversation=conversations,
        event_id=event_ids,
        timestamp=moments,
        status=st.sampled_from(statuses),
        attempt=st.integers(1, 3),
        way=ways,
        event=st.none() | json_objects,
        message=texts,
        message_id=message_ids,
    )
    def append(self, conversation: str, event_id: str, timestamp: int, **fields: Any) -> None:
        row = self.row(conversation, event_id, timestamp, **fields)
        self.same(lambda store: store.append(row))

    @rule(conversation=conversations, message_id=message_ids)
    def unsend(self, conversation: str, message_id: str) -> None:
        self.same_if_all_rows_last(lambda store: store.unsend(conversation, message_id))

    @rule(conversation=conversations)
    def forget(self, conversation: str) -> None:
        self.same_if_all_rows_last(lambda store: store.forget(conversation))

    @rule(
        conversation=conversations,
        data=json_objects,
        version=st.integers(0, 3),
        answers=st.none() | json_objects,
    )
    def write_state(self, conversation: str, data: dict[str, Any], **also: Any) -> None:
        version = also["version"]

        def write(store: Store) -> int | None:
            try:
                return store.write_state(conversation, data, **also)
            except StateConflict:
                return None

        written = self.same(write)
        assert written in {None, version + 1}

    @rule(conversation=conversations, data=json_objects)
    def next_state(self, conversation: str, data: dict[str, Any]) -> None:
        version = self.same(lambda store: store.read_state(conversation)).version
        self.same(lambda store: store.write_state(conversation, data, version=version))
        assert self.same(lambda store: store.read_state(conversation)).data == data

    @rule(
        conversation=conversations,
        since=st.sampled_from([0, NOW, NOW + 1]),
        until=st.sampled_from([None, NOW, NOW + 1, NOW + 501]),
        newest_first=st.booleans(),
        limit=st.sampled_from([None, 0, 1, 3]),
    )
    def window(self, conversation: str, **window: Any) -> None:
        self.same(lambda store: list(store.rows(conversation, now=self.now, **window)))

    @invariant()
    def nothing_differs(self) -> None:
        for conversation in (ALICE, BOB, "group#😀"):
            self.same(lambda store, key=conversation: list(store.rows(key, now=self.now)))  # type: ignore[misc]
            self.same(lambda store, key=conversation: store.read_state(key))  # type: ignore[misc]
        self.same_if_all_rows_last(lambda store: list(store.conversations()))


def place(row: Row) -> tuple[str, int, str]:
    return row.conversation, row.timestamp, row.event_id


BothStores.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestBothStores = BothStores.TestCase


@given(data=json_objects)
@settings(max_examples=50, deadline=None)
def test_any_json_is_a_state(data: dict[str, Any]) -> None:
    """Whatever JSON can carry is a state, and comes back equal."""
    store = MemoryStore()
    store.write_state(ALICE, data, version=0)
    assert store.read_state(ALICE).data == data
