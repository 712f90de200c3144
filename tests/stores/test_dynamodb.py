"""The DynamoDB store passes the suite, and keeps to its write units.

It runs against ministack, and against every endpoint named in DYNAMODB_URLS, such as a dynalite:
DYNAMODB_URLS="http://127.0.0.1:4567 http://127.0.0.1:8000".
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from msgspec import json
from msgspec.structs import replace

from penniless.errors import CodeError, StateConflict, StoreUnavailable
from penniless.ports import Desk, State, Store
from penniless.stores.dynamodb import DynamoDBStore
from penniless.stores.dynamodb_items import INDEX_KEYS, item_of, key_of, open_under
from penniless.stores.memory import MemoryStore
from tests.aws.ministack import Between, call, ministack, new_table, open_store
from tests.servers import FakeServer, raw
from tests.stores.conformance import (
    ALICE,
    BOB,
    LATER,
    NOW,
    Conformance,
    Writer,
    a_row,
    finished,
    ids,
    taken_over,
    the_row,
    together,
)
from tests.stores.conformance_waiting import Waiting, held
from tests.stores.test_model import BothStores

pytestmark = pytest.mark.aws

URLS = ["ministack", *os.environ.get("DYNAMODB_URLS", "").replace(",", " ").split()]


@pytest.fixture(scope="module", params=URLS)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with ExitStack() as stack:
        own = request.param == "ministack"
        yield stack.enter_context(ministack("dynamodb")) if own else request.param


@pytest.fixture
def table(url: str) -> Iterator[str]:
    name = new_table(url)
    yield name
    call(url, "DeleteTable", TableName=name)


@pytest.fixture
def store(url: str, table: str) -> Iterator[DynamoDBStore]:
    opened = open_store(table, url)
    yield opened
    opened.close()


@pytest.fixture
def writer(url: str, table: str, store: Store) -> Iterator[Writer]:
    opened: list[DynamoDBStore] = []

    def another() -> Store:
        opened.append(open_store(table, url))
        return opened[-1]

    yield another
    for one in opened:
        one.close()


class TestDynamoDBStore(Conformance, Waiting):
    pass


# What it costs


@pytest.fixture
def between(url: str) -> Between:
    return Between(url)


@pytest.fixture
def counted(
    serve: Callable[..., FakeServer], table: str, between: Between
) -> Iterator[DynamoDBStore]:
    """The store, with every call and its price seen on the way."""
    with closing(open_store(table, serve(between).origin)) as opened:
        yield opened


@pytest.fixture
def plain(serve: Callable[..., FakeServer], between: Between) -> Iterator[DynamoDBStore]:
    """The same on a table without the index."""
    table = new_table(between.url, index=False)
    with closing(open_store(table, serve(between).origin)) as opened:
        yield opened
    call(between.url, "DeleteTable", TableName=table)


TEXT = "明日の予約を二名でお願いします。🙂 ขอบคุณค่ะ " * 3
EVENT = {
    "type": "message",
    "replyToken": "0" * 32,
    "message": {"type": "text", "text": None, "quoteToken": "q" * 180},
}
ROW = a_row(message=TEXT, event=EVENT, received_at=NOW, expires_at=NOW // 1000 + 86_400)
DONE = finished(ROW, event=None, replies=[{"type": "text", "text": TEXT}])


def size_of(item: dict[str, dict[str, str]]) -> int:
    """Bytes of an item of texts and numbers, as DynamoDB counts them or a few more."""
    texts = [text for name, value in item.items() for text in (name, *value.values())]
    return sum(len(text.encode()) for text in texts)


def test_a_message_costs_two_units(plain: DynamoDBStore, between: Between) -> None:
    """Claim and end are one request and one write unit each, with 240 bytes either way and 300 of
    the event."""
    table = plain._table.name
    assert len(json.encode(EVENT)) > 290
    works: list[Callable[[], bool]] = [
        lambda: plain.claim(ROW, now=NOW).granted,
        lambda: plain.advance(DONE),
    ]
    for work in works:
        assert work()
        (item,) = call(between.url, "Scan", TableName=table)["Items"]
        assert 850 < size_of(item) < 1024
        assert item["sender"] == {"S": ROW.sender}
        assert item["message"] == {"S": TEXT}
    assert between.operations == ["PutItem", "UpdateItem"]
    assert between.units == [1.0, 1.0]
    assert "event" not in item


def test_the_index_costs_two_more(counted: DynamoDBStore, between: Between, table: str) -> None:
    """With the index a message has two units more, and is in the index only while it is open."""

    def indexed() -> int:
        return len(call(between.url, "Scan", TableName=table, IndexName="open")["Items"])

    assert counted.claim(ROW, now=NOW).granted
    assert indexed() == 1
    assert counted.advance(DONE)
    assert indexed() == 0
    assert between.units == [2.0, 2.0]


def test_what_else_costs(counted: DynamoDBStore, between: Between) -> None:
    """Every operation on an ordinary row is one request, and a takeover two."""
    within = "ReturnValuesOnConditionCheckFailure"
    counted.claim(ROW, now=NOW)
    between.requests.clear()
    assert counted.claim(ROW, now=NOW).found == "live"
    assert between.operations[0] == "PutItem"
    assert len(between.operations) <= 2  # one, where the refusal brings what it met
    between.requests.clear()
    assert counted.claim(ROW, now=LATER).granted
    assert [one for one in between.operations if one != "GetItem"] == ["PutItem", "UpdateItem"]
    assert all(request[within] == "ALL_OLD" for _, request in between.requests if within in request)
    between.requests.clear()
    counted.append(a_row("push-1", status="done"))
    counted.read_state(ALICE)
    counted.write_state(ALICE, {"a": 1}, version=0)
    assert len(list(counted.rows(ALICE, now=NOW))) == 2
    assert list(counted.conversations()) == [ALICE]
    expected = ["PutItem", "GetItem", "UpdateItem", "Query", "Scan"]
    assert between.operations == expected
    between.requests.clear()
    assert counted.forget(ALICE) == 3
    assert sorted(between.operations) == ["DeleteItem"] * 3 + ["Query"]


def test_a_desk_is_one_query(counted: DynamoDBStore, between: Between) -> None:
    """State and newest rows are one request, and a row that waits and is old is one more."""
    counted.write_state(ALICE, {"a": 1}, version=0)
    old = a_row("old", timestamp=NOW - 1)
    counted.claim(old, now=NOW)
    between.requests.clear()
    assert counted.advance(held(old))
    assert between.operations == ["UpdateItem", "UpdateItem"]
    for number in range(20):
        counted.append(a_row(f"event-{number:02}", status="done"))
    counted.claim(a_row("left"), now=NOW)
    between.requests.clear()
    desk = counted.desk(ALICE, now=LATER)
    assert desk == Desk(State(1, {"a": 1}), held=[held(old)], overdue=[a_row("left")])
    assert between.operations == ["Query", "GetItem"]
    (_, query), _ = between.requests
    assert (query["Limit"], query["ConsistentRead"]) == (6, True)


def test_marks_are_tidied_up(
    counted: DynamoDBStore, between: Between, url: str, table: str
) -> None:
    """A row that is final is taken out of the state's item by the next desk, and by none before."""
    row = a_row()
    counted.claim(row, now=NOW)
    counted.advance(held(row))
    along = replace(held(row), status="answered", way="1#later#1", claimed_until=LATER)
    counted.advance(along, was=("held",))
    key = {"pk": {"S": ALICE}, "sk": {"S": "state"}}
    assert counted.desk(ALICE, now=NOW).held == [along]
    assert len(call(url, "GetItem", TableName=table, Key=key)["Item"]["held"]["SS"]) == 1
    counted.advance(finished(row), was=("answered",))
    between.requests.clear()
    for _ in range(3):
        assert counted.desk(ALICE, now=NOW) == Desk(State(0, {}))
    assert between.operations == ["Query", "UpdateItem", "Query", "Query"]
    assert call(url, "GetItem", TableName=table, Key=key)["Item"] == key
    assert list(counted.conversations()) == [ALICE]
    assert counted.forget(ALICE) == 1
    assert call(url, "Scan", TableName=table)["Items"] == []


def test_a_desk_that_cannot_tidy_up(
    counted: DynamoDBStore, between: Between, store: DynamoDBStore
) -> None:
    """Marks that stay harm nobody."""
    counted.claim(a_row(), now=NOW)
    counted.advance(held(a_row()))
    counted.advance(finished(a_row()), was=("held",))
    denied = raw("400 Bad Request", b'{"__type":"x#AccessDeniedException"}')
    between.plan = ["pass", denied]
    assert counted.desk(ALICE, now=NOW) == Desk(State(0, {}))
    store.forget(ALICE)
    assert list(store.conversations()) == []


def test_overdue_rows_are_read_once_more(
    counted: DynamoDBStore, between: Between, url: str, table: str
) -> None:
    """What the index still has and the table does not is left out, and the next page is read."""
    rows = [a_row(f"event-{number:02}", claimed_until=NOW + number) for number in range(60)]
    entry = open_under(key_of(rows[0]))
    beside = [row for row in rows if open_under(key_of(row)) == entry][:4]
    gone, first, second, _ = beside
    for row in beside:
        counted.claim(row, now=NOW)
    item = item_of(finished(gone, claimed_until=gone.claimed_until))
    call(url, "PutItem", TableName=table, Item={**item, "open": entry})
    between.requests.clear()
    assert counted.overdue(now=LATER, limit=2) == [first, second]
    search = ["Query"] * INDEX_KEYS
    assert between.operations == [*search, "GetItem", "GetItem", "Query", "GetItem"]
    assert all(request["ConsistentRead"] for name, request in between.requests if name == "GetItem")


def test_a_search_at_rest_is_four_units(counted: DynamoDBStore, between: Between) -> None:
    """Where nothing is open each key of the index is asked once, for half a read unit."""
    counted.claim(a_row(), now=NOW)
    counted.advance(finished(a_row()))
    between.requests.clear()
    between.units.clear()
    assert counted.overdue(now=LATER, limit=25) == []
    assert between.operations == ["Query"] * INDEX_KEYS
    asked = [request["ExpressionAttributeValues"][":open"]["S"] for _, request in between.requests]
    assert sorted(asked) == [str(number) for number in range(INDEX_KEYS)]
    assert between.units == [0.5] * INDEX_KEYS


def test_a_search_reads_no_row_that_is_not_among_the_first(
    counted: DynamoDBStore, between: Between
) -> None:
    """However the keys share them, of 60 rows the three with the oldest leases are read."""
    for number in range(60):
        row = a_row(f"event-{number:02}", claimed_until=NOW + 60 - number)
        counted.claim(row, now=NOW)
    between.requests.clear()
    assert ids(counted.overdue(now=LATER, limit=3)) == ["event-59", "event-58", "event-57"]
    assert between.operations.count("GetItem") == 3


def test_a_row_stays_under_its_key(store: DynamoDBStore, url: str, table: str) -> None:
    """A claim, a takeover, every step and another start write the same key of the index."""

    def indexed() -> list[object]:
        entries = call(url, "Scan", TableName=table, IndexName="open")["Items"]
        return [entry["open"] for entry in entries]

    row = a_row(event=EVENT)
    entry = open_under(key_of(row))
    store.claim(row, now=NOW)
    assert indexed() == [entry]
    store.claim(a_row(claimed_until=LATER + 1), now=LATER)
    assert indexed() == [entry]
    assert store.advance(replace(row, attempt=2, status="answered"))
    assert indexed() == [entry]
    assert store.advance(replace(row, attempt=2, status="failed"))
    assert indexed() == []
    assert store.reopen(replace(row, attempt=2, status="failed"))
    assert indexed() == [entry]


def test_without_the_index(plain: DynamoDBStore) -> None:
    """A table without the index says what brings it, and does all the rest."""
    with pytest.raises(StoreUnavailable) as caught:
        plain.overdue(now=NOW, limit=1)
    assert str(caught.value) == (
        f"{plain._table.name}: Query: ValidationException: the table has no index `open`, or it is "
        "still being built; the template's parameter RecoverySchedule brings it"
    )
    assert plain.overdue(now=NOW, limit=0) == []
    plain.claim(a_row(), now=NOW)
    assert ids(plain.desk(ALICE, now=LATER).overdue) == [a_row().event_id]
    assert plain.advance(finished(a_row()))


def test_pushes_are_one_item(counted: DynamoDBStore, between: Between) -> None:
    """To spend is one write, and to give back a read and a write."""
    assert counted.spend("2026-11", 3, limit=5)
    assert counted.spend("2026-11", 3, limit=5) is False
    assert counted.spend("2026-11", 6, limit=5) is False
    assert counted.spend("2026-11", -1, limit=5)
    assert counted.spent("2026-11") == 2
    assert between.operations == ["UpdateItem"] * 2 + ["GetItem", "UpdateItem", "GetItem"]


def test_a_limit_is_a_limit_of_the_price(counted: DynamoDBStore, between: Between) -> None:
    """The last five rows of a long conversation are one small request."""
    for number in range(30):
        counted.append(a_row(f"event-{number:02}", status="done"))
    between.requests.clear()
    found = ids(counted.rows(ALICE, now=NOW, newest_first=True, limit=5))
    assert found == ["event-29", "event-28", "event-27", "event-26", "event-25"]
    assert [request["Limit"] for _, request in between.requests] == [5]


# Many at once


def test_32_threads_claim_one_event(store: DynamoDBStore) -> None:
    """Of 32 claims of a new event one is granted, and of 32 takeovers one; 6 times."""
    for number in range(6):
        row = a_row(f"event-{number}")
        first = together(lambda _, row=row: store.claim(row, now=NOW), 32)  # type: ignore[misc]
        assert sorted(one.found for one in first) == ["live"] * 31 + ["nothing"]
        over = a_row(row.event_id, claimed_until=LATER + 10_000)
        second = together(lambda _, over=over: store.claim(over, now=LATER), 32)  # type: ignore[misc]
        assert [one.attempt for one in second if one.granted] == [2]


def test_32_threads_count(store: DynamoDBStore) -> None:
    """32 threads that add one each, and again on a conflict, end at 32."""

    def add(_: int) -> None:
        while True:
            state = store.read_state(ALICE)
            counted = {"count": state.data.get("count", 0) + 1}
            try:
                store.write_state(ALICE, counted, version=state.version)
            except StateConflict:
                continue
            return

    together(add, 32)
    assert store.read_state(ALICE) == State(32, {"count": 32})


# Large things


def test_pages(counted: DynamoDBStore, between: Between) -> None:
    """Rows of more than a page of 1 MB are all read, in order, either way round."""
    whole = "x" * 300_000
    for number in range(7):
        row = a_row(f"event-{number}", status="done", replies=[{"type": "text", "text": whole}])
        counted.append(row)
    between.requests.clear()
    found = list(counted.rows(ALICE, now=NOW))
    assert ids(found) == [f"event-{number}" for number in range(7)]
    assert all(row.replies[0]["text"] == whole for row in found)
    assert between.operations.count("Query") >= 2
    back = counted.rows(ALICE, now=NOW, newest_first=True, limit=6)
    assert ids(back) == [f"event-{number}" for number in range(6, 0, -1)]
    assert list(counted.conversations()) == [ALICE]
    assert counted.forget(ALICE) == 7


def test_rows_that_are_too_large(store: DynamoDBStore) -> None:
    """What does not fit into an item is cut where it can be seen, and the row is stored."""
    row = a_row(message="大" * 100_000)
    assert store.claim(row, now=NOW).granted
    replies = [{"type": "text", "text": "小"}, {"type": "flex", "contents": "x" * 900_000}]
    assert store.advance(finished(row, replies=replies))
    stored = the_row(store)
    assert stored.message is not None
    assert stored.message.startswith("大" * 16_000)
    assert stored.message.endswith(" […cut: 300,000 bytes]")
    assert stored.replies == [replies[0], {"type": "flex", "cut": 900_029}]
    assert stored.status == "done"
    assert store.claim(row, now=LATER).found == "done"


def test_the_largest_answer_that_waits(store: DynamoDBStore) -> None:
    """Five messages of 50 KB wait whole, and give way to none that were sent."""
    five = [
        {"type": "flex", "altText": f"{number}", "contents": "x" * 50_000} for number in range(5)
    ]
    row = a_row(message="大" * 5_000, event={"type": "message", "large": "x" * 15_000})
    assert store.claim(row, now=NOW).granted
    assert store.advance(held(row, replies=five, waiting=five, outcome="o" * 10_000))
    stored = the_row(store)
    assert stored.waiting == five
    assert [one["altText"] for one in stored.replies] == list("01234")
    assert any("cut" in one for one in stored.replies)
    assert stored.event == row.event
    with pytest.raises(CodeError, match=r"An answer that waits has 300,\d+ bytes, and DynamoDB"):
        store.advance(held(row, waiting=[*five, *five[:1]]), was=("held",))
    with pytest.raises(CodeError, match=r"What ctx\.once keeps has 20,009 bytes"):
        store.advance(held(row, once={"x": "x" * 20_001}), was=("held",))
    assert the_row(store) == stored


def test_an_event_that_is_too_large(store: DynamoDBStore) -> None:
    """It is left out: the row is stored, and cannot be handled again."""
    row = a_row(event={"type": "message", "large": "x" * 17_000})
    assert store.claim(row, now=NOW).granted
    assert the_row(store) == replace(row, event=None)
    assert store.advance(finished(row, status="failed"))
    assert store.reopen(row) is False


def test_the_largest_state(store: DynamoDBStore) -> None:
    """A state of 390 KB is stored whole."""
    data = {"text": "x" * (390 * 1024 - 11)}
    assert store.write_state(ALICE, data, version=0) == 1
    assert store.read_state(ALICE).data == data


# Unsent messages


def test_an_old_message_is_found(counted: DynamoDBStore, between: Between) -> None:
    """A message is looked for through the pages, newest first, and not beyond itself."""
    for number in range(210):
        counted.append(a_row(f"event-{number:03}", status="done", message_id=str(number)))
    between.requests.clear()
    assert counted.unsend(ALICE, "70") == 1
    assert between.operations == ["Query", "Query", "UpdateItem"]
    consistent = [request.get("ConsistentRead") for _, request in between.requests]
    assert consistent == [True, False, None]
    assert [row.event_id for row in counted.rows(ALICE, now=NOW) if row.message is None] == [
        "event-070"
    ]
    between.requests.clear()
    assert counted.unsend(ALICE, "999") == 0
    assert between.operations == ["Query"] * 3


def test_edits_go_with_their_message(counted: DynamoDBStore, between: Between) -> None:
    """All wordings of a message lose their content, however many rows lie between them."""
    for number in range(150):
        changes = {"message_id": f"{number}"}
        if number % 60 == 1:
            changes = {"type": "messageEdited" if number > 1 else "message.text"}
        counted.append(a_row(f"event-{number:03}", timestamp=NOW + number, **changes))
    assert counted.unsend(ALICE, a_row().message_id or "") == 3
    gone = [row.event_id for row in counted.rows(ALICE, now=NOW) if row.message is None]
    assert gone == ["event-001", "event-061", "event-121"]


# Other people's items


def test_an_item_that_is_no_row(store: DynamoDBStore, url: str, table: str) -> None:
    """What somebody else has put among the rows is an error that names the table."""
    item = {"pk": {"S": ALICE}, "sk": {"S": "event#1767225600000#x"}, "status": {"S": "himitsu"}}
    call(url, "PutItem", TableName=table, Item=item)
    with pytest.raises(StoreUnavailable) as caught:
        list(store.rows(ALICE, now=NOW))
    assert str(caught.value) == f"{table}: a row cannot be read"
    broken = {"pk": {"S": BOB}, "sk": {"S": "state"}, "version": {"N": "1"}, "data": {"S": "{"}}
    call(url, "PutItem", TableName=table, Item=broken)
    for read in (store.read_state, lambda key: store.desk(key, now=NOW)):
        with pytest.raises(StoreUnavailable, match=f"{table}: a state cannot be read"):
            read(BOB)
    with pytest.raises(StoreUnavailable, match=f"{table}: a row cannot be read"):
        store.desk(ALICE, now=NOW)


def test_a_row_of_the_first_release(store: DynamoDBStore, url: str, table: str) -> None:
    """Rows and states that were written before there was anything to wait for go on."""
    item = item_of(a_row())
    del item["open"]
    call(url, "PutItem", TableName=table, Item=item)
    state = {"version": {"N": "3"}, "data": {"S": "{}"}, "writer": {"S": "x"}}
    key = {"pk": {"S": ALICE}, "sk": {"S": "state"}}
    call(url, "PutItem", TableName=table, Item={**key, **state})
    assert store.desk(ALICE, now=LATER) == Desk(State(3, {}), overdue=[a_row()])
    claim = store.claim(a_row(claimed_until=LATER + 1), now=LATER)
    assert claim == taken_over(a_row(claimed_until=LATER + 1, attempt=2))
    assert store.overdue(now=LATER + 1, limit=9) == [claim.row]
    assert store.advance(held(a_row(attempt=2)))
    assert store.write_state(ALICE, {"a": 1}, version=3) == 4


def test_items_beside_the_rows(store: DynamoDBStore, url: str, table: str) -> None:
    """What another program keeps under keys of its own does not disturb the log."""
    store.append(held(a_row()))
    for other in ("event", "events#1", "profile", "zzz"):
        item = {"pk": {"S": ALICE}, "sk": {"S": other}}
        call(url, "PutItem", TableName=table, Item=item)
    assert ids(store.rows(ALICE, now=NOW)) == [a_row().event_id]
    assert store.read_state(ALICE).version == 0
    assert ids(store.desk(ALICE, now=NOW).held) == [a_row().event_id]


def test_any_sequence_of_operations(url: str) -> None:
    """DynamoDB and memory do the same under any sequence of operations."""
    table = new_table(url)

    class Both(BothStores):
        def __init__(self) -> None:
            super().__init__()
            self.stores[1].close()
            self.stores = (MemoryStore(), open_store(table, url))

        def teardown(self) -> None:
            for conversation in self.stores[1].conversations():
                self.stores[1].forget(conversation)
            for month in ("2026-11", "2026-12"):
                self.stores[1].spend(month, -(10**6), limit=0)
            super().teardown()

    run_state_machine_as_test(
        Both,
        settings=settings(
            max_examples=12,
            stateful_step_count=18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
