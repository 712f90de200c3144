"""The DynamoDB store on a network that loses things: nothing twice, nothing half, all of it told.

A server stands between the store and a real DynamoDB stand-in, and drops requests and answers.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from msgspec.structs import replace

from penniless.errors import CodeError, SettingsError, StateConflict, StoreUnavailable
from penniless.ports import Claim, Desk, State
from penniless.stores.dynamodb import DynamoDBStore
from tests.aws.ministack import Between, ministack, new_table, open_store
from tests.servers import CLOSE, HANG, FakeServer, Step, raw
from tests.stores.conformance import (
    ALICE,
    LATER,
    NOW,
    a_row,
    finished,
    ids,
    taken_over,
    the_row,
    together,
)
from tests.stores.conformance_waiting import answered, held

pytestmark = pytest.mark.aws

Serve = Callable[..., FakeServer]
Make = Callable[..., DynamoDBStore]


def refused(code: str, status: str = "400 Bad Request") -> Step:
    return raw(status, f'{{"__type":"com.amazonaws.dynamodb.v20120810#{code}"}}'.encode())


THROTTLED = refused("ProvisionedThroughputExceededException")
BUSY = [THROTTLED, refused("InternalServerError", "500 Internal Server Error"), "drop"]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ministack("dynamodb") as found:
        yield found


@pytest.fixture(scope="module")
def table(url: str) -> str:
    return new_table(url)


@pytest.fixture
def between(url: str) -> Between:
    return Between(url)


@pytest.fixture
def make(serve: Serve, table: str, between: Between) -> Iterator[Make]:
    """Open stores that talk through `between`, and do not really wait."""
    server = serve(between)
    opened: list[DynamoDBStore] = []

    def another(**options: Any) -> DynamoDBStore:
        options = {"sleep": lambda _: None, **options}
        opened.append(open_store(table, server.origin, **options))
        return opened[-1]

    yield another
    for one in opened:
        one.close()


@pytest.fixture
def store(make: Make) -> DynamoDBStore:
    return make()


@pytest.fixture
def other(url: str, table: str) -> Iterator[DynamoDBStore]:
    """Another worker, with a good network."""
    with closing(open_store(table, url)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def nothing_stored(url: str, table: str) -> Iterator[None]:
    yield
    with closing(open_store(table, url)) as clean:
        for conversation in clean.conversations():
            clean.forget(conversation)


# An answer is lost


def test_a_claim_recognises_itself(store: DynamoDBStore, between: Between) -> None:
    """A claim that was stored and never confirmed is granted, once, by its own token."""
    between.plan = ["lose"]
    assert store.claim(a_row(), now=NOW) == Claim(granted=True, found="nothing")
    assert between.operations == ["PutItem", "PutItem"]
    assert store.claim(a_row(), now=NOW).found == "live"
    assert store.advance(finished(a_row()))
    assert the_row(store) == finished(a_row())


def test_a_claim_recognises_a_stranger(make: Make, other: DynamoDBStore, between: Between) -> None:
    """A claim whose first attempt was lost on the way does not take the other's row for its own."""
    store = make(sleep=lambda _: other.claim(a_row(), now=NOW))
    between.plan = ["drop"]
    assert store.claim(a_row(), now=NOW) == Claim(granted=False, found="live")


@pytest.mark.parametrize("lost", [["lose"], ["pass", "lose"], ["lose", "lose", "lose"]])
def test_a_takeover_recognises_itself(
    store: DynamoDBStore, between: Between, lost: list[str | Step]
) -> None:
    """A takeover that was stored and never confirmed counts once: attempt 2, not 3."""
    store.claim(a_row(), now=NOW)
    between.plan = lost
    over = a_row(claimed_until=LATER + 10_000)
    taken = store.claim(over, now=LATER)
    assert taken == taken_over(a_row(claimed_until=LATER + 10_000, attempt=2))
    assert the_row(store).attempt == 2
    assert store.claim(over, now=LATER) == Claim(granted=False, found="live", attempt=2)


@pytest.mark.parametrize("replies", [[], [{"type": "text", "text": "はい"}]])
def test_a_finish_recognises_itself(
    store: DynamoDBStore, between: Between, replies: list[dict[str, Any]]
) -> None:
    """A finish that was stored and never confirmed is a finish; a second one is none."""
    store.claim(a_row(), now=NOW)
    between.plan = ["lose", "lose"]
    done = finished(a_row(), replies=replies, outcome="half \ud83d")
    assert store.advance(done)
    assert store.advance(done) is False
    assert the_row(store).replies == replies


def test_a_finish_does_not_take_anothers_for_its_own(
    make: Make, other: DynamoDBStore, between: Between
) -> None:
    """A finish that was lost on the way is refused if another has finished meanwhile."""
    theirs = finished(a_row(), outcome="no reply", replies=[])
    store = make(sleep=lambda _: other.advance(theirs))
    store.claim(a_row(), now=NOW)
    between.plan = ["drop"]
    assert store.advance(finished(a_row())) is False
    assert the_row(store) == theirs


def test_a_step_recognises_itself(store: DynamoDBStore, between: Between) -> None:
    """Every step that was stored and never confirmed is a step, and is done once."""
    row = a_row(event={"type": "message"})
    store.claim(row, now=NOW)
    ready = answered(row)
    along = replace(held(ready, way=""), status="answered", way="9#later#2")
    for step, was in (
        (ready, "claimed"),
        (held(ready, way=""), "answered"),
        (along, "held"),
        (finished(along, way="", waiting=[], event=None), "answered"),
    ):
        between.plan = ["lose" if step.status != "held" else "pass", "lose"]
        assert store.advance(step, was=(was,))  # type: ignore[arg-type]
        assert store.advance(step, was=(was,)) is False  # type: ignore[arg-type]
        assert the_row(store) == step


def test_a_held_answer_that_another_took_along(
    make: Make, other: DynamoDBStore, between: Between
) -> None:
    """Held, not confirmed, and already on its way with another event: it is not held again."""
    along = replace(held(a_row()), status="answered", way="9#later#2")
    store = make(sleep=lambda _: other.advance(along, was=("held",)))
    store.claim(a_row(), now=NOW)
    between.plan = ["pass", "lose"]
    assert store.advance(held(a_row())) is True
    assert the_row(store) == along
    assert other.desk(ALICE, now=NOW).held == [along]


def test_a_mark_without_its_row(store: DynamoDBStore, between: Between) -> None:
    """A worker that dies between the mark and the row leaves an event that is taken over."""
    store.claim(a_row(), now=NOW)
    between.plan = ["pass", refused("AccessDeniedException")]
    with pytest.raises(StoreUnavailable):
        store.advance(held(a_row()))
    assert store.desk(ALICE, now=LATER) == Desk(State(0, {}), overdue=[a_row()])
    taken = store.claim(a_row(claimed_until=LATER + 9_000), now=LATER)
    assert taken.row is not None
    assert store.advance(held(taken.row))
    assert store.desk(ALICE, now=LATER).held == [held(taken.row)]
    assert store.advance(finished(taken.row), was=("held",))
    assert store.desk(ALICE, now=LATER) == Desk(State(0, {}))


def test_an_event_reopened_recognises_itself(
    make: Make, other: DynamoDBStore, between: Between
) -> None:
    """Reopened and never confirmed counts once; what another has opened is not one's own."""
    store = make()
    row = a_row(event={"type": "message"})
    store.claim(row, now=NOW)
    store.advance(finished(row, status="failed"))
    between.plan = ["lose", "lose"]
    assert store.reopen(row) is True
    assert (the_row(store).attempt, the_row(store).last_attempt) == (2, 5)
    assert store.advance(finished(row, attempt=2, status="failed"))
    hasty = make(sleep=lambda _: other.reopen(row))
    between.plan = ["drop"]
    assert hasty.reopen(row) is False
    assert the_row(store).attempt == 3


def test_pushes_recognise_themselves(store: DynamoDBStore, between: Between) -> None:
    """What was counted and never confirmed is counted once, either way."""
    between.plan = ["lose", "lose"]
    assert store.spend("lost", 3, limit=5) is True
    assert store.spent("lost") == 3
    between.plan = ["pass", "lose"]
    assert store.spend("lost", -1, limit=5) is True
    assert store.spent("lost") == 2


def test_pushes_that_nobody_can_tell(make: Make, other: DynamoDBStore, between: Between) -> None:
    """Counted, not confirmed, and others count too: rather too many than too few, in the limit."""
    store = make(sleep=lambda _: other.spend("doubt", 1, limit=9))
    between.plan = ["lose"]
    assert store.spend("doubt", 3, limit=9)
    assert store.spent("doubt") == 7  # 3, 1 of the other, and 3 again
    between.plan = ["lose"]
    assert store.spend("doubt", 1, limit=9) is False  # 9 by now: no room for it again
    assert store.spent("doubt") == 9
    store = make(sleep=lambda _: other.spend("doubt", -1, limit=9))
    between.plan = ["pass", "lose"]
    assert store.spend("doubt", -3, limit=9)
    assert store.spent("doubt") == 5  # 3 and 1, and not 3 again


def test_giving_back_beside_others(make: Make, other: DynamoDBStore, between: Between) -> None:
    """What another counts in between is not lost when something is given back."""
    meanwhile = iter([1])

    def count_one_more(_: float) -> None:
        for count in meanwhile:
            other.spend("beside", count, limit=9)

    store = make(sleep=count_one_more)
    assert store.spend("beside", 5, limit=9)
    between.plan = ["pass", THROTTLED]
    assert store.spend("beside", -2, limit=9)
    assert store.spent("beside") == 4


def test_a_state_recognises_itself(store: DynamoDBStore, between: Between) -> None:
    """A state that was stored and never confirmed is no conflict, the first or a later one."""
    for version in range(3):
        between.plan = ["lose"]
        assert store.write_state(ALICE, {"count": version}, version=version) == version + 1
    assert store.read_state(ALICE) == State(3, {"count": 2})


def test_the_same_state_of_another_is_a_conflict(
    make: Make, other: DynamoDBStore, between: Between
) -> None:
    """Two writers with the very same state are two: the slower one is told."""
    store = make(sleep=lambda _: other.write_state(ALICE, {"count": 1}, version=0))
    between.plan = ["drop"]
    with pytest.raises(StateConflict):
        store.write_state(ALICE, {"count": 1}, version=0)


def test_a_state_that_nobody_can_tell(make: Make, other: DynamoDBStore, between: Between) -> None:
    """Stored, not confirmed, and already replaced by another: neither success nor conflict."""
    store = make(sleep=lambda _: other.write_state(ALICE, {"count": 2}, version=1))
    between.plan = ["lose"]
    with pytest.raises(StoreUnavailable, match="the answer was lost, and others have written"):
        store.write_state(ALICE, {"count": 1}, version=0)
    assert store.read_state(ALICE) == State(2, {"count": 2})


def test_a_state_forgotten_meanwhile(make: Make, other: DynamoDBStore, between: Between) -> None:
    """A state that is gone when the answer is asked for again is a conflict."""
    store = make(sleep=lambda _: other.forget(ALICE))
    store.write_state(ALICE, {"count": 1}, version=0)
    between.plan = ["lose"]
    with pytest.raises(StateConflict):
        store.write_state(ALICE, {"count": 2}, version=1)


def test_unsends_and_deletes_are_counted_right(store: DynamoDBStore, between: Between) -> None:
    """What was removed without a confirmation was removed."""
    for number in range(3):
        store.append(a_row(f"event-{number}", status="done", message_id=str(number)))
    between.plan = ["pass", "lose"]
    assert store.unsend(ALICE, "1") == 1
    between.plan = ["pass", "lose", "lose", "lose"]
    assert store.forget(ALICE) == 3


# Trouble that passes, and trouble that stays


@pytest.mark.parametrize("trouble", [[one] for one in BUSY] + [BUSY * 2])
def test_every_operation_gets_over_it(
    store: DynamoDBStore, between: Between, trouble: list[str | Step]
) -> None:
    """Throttling, faults and dropped connections are got over by every operation."""

    def again() -> None:
        between.plan = list(trouble)

    again()
    assert store.claim(a_row(), now=NOW).granted
    again()
    assert store.advance(held(a_row()))
    again()
    assert store.desk(ALICE, now=NOW).held == [held(a_row())]
    again()
    assert store.advance(finished(a_row(), status="failed"), was=("held",))
    again()
    assert store.reopen(a_row()) is False
    again()
    assert store.overdue(now=LATER, limit=9) == []
    month = f"{random.random()}"
    again()
    assert store.spend(month, 2, limit=2)
    again()
    assert store.spend(month, -1, limit=2)
    again()
    assert store.spent(month) == 1
    again()
    store.append(a_row("push-1", status="done", message_id=None))
    again()
    assert ids(store.rows(ALICE, now=NOW)) == ["01KDXS00000000000000000001", "push-1"]
    again()
    assert store.write_state(ALICE, {"a": 1}, version=0) == 1
    again()
    assert store.read_state(ALICE) == State(1, {"a": 1})
    again()
    assert list(store.conversations()) == [ALICE]
    again()
    assert store.unsend(ALICE, "444573844083572737") == 1
    again()
    assert store.forget(ALICE) == 3


def operations(store: DynamoDBStore) -> list[tuple[str, Callable[[], object]]]:
    """Every operation, and the call that it begins with."""
    row = a_row(message="himitsu")
    return [
        ("PutItem", lambda: store.claim(row, now=NOW)),
        ("UpdateItem", lambda: store.advance(finished(row))),
        ("UpdateItem", lambda: store.advance(held(row))),
        ("UpdateItem", lambda: store.reopen(row)),
        ("Query", lambda: store.desk(ALICE, now=NOW)),
        ("Query", lambda: store.overdue(now=NOW, limit=9)),
        ("UpdateItem", lambda: store.spend("2026-11", 1, limit=9)),
        ("GetItem", lambda: store.spend("2026-11", -1, limit=9)),
        ("GetItem", lambda: store.spent("2026-11")),
        ("PutItem", lambda: store.append(row)),
        ("Query", lambda: store.unsend(ALICE, "1")),
        ("Query", lambda: list(store.rows(ALICE, now=NOW))),
        ("Scan", lambda: list(store.conversations())),
        ("GetItem", lambda: store.read_state(ALICE)),
        ("UpdateItem", lambda: store.write_state(ALICE, {"a": "himitsu"}, version=0)),
        ("Query", lambda: store.forget(ALICE)),
    ]


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (THROTTLED, "ProvisionedThroughputExceededException: the table's provisioned capacity"),
        (refused("AccessDeniedException"), "AccessDeniedException: these credentials are not"),
        (refused("ValidationException"), "ValidationException"),
        (CLOSE, "the connection was closed without an answer"),
        (HANG, "timed out"),
    ],
)
def test_every_operation_says_what_is_wrong(
    make: Make, between: Between, step: Step, why: str
) -> None:
    """The error names the table, the call and the reason, and no key and no content."""
    store = make(budget=0.06, read_timeout=0.02, random=lambda: 0.999)
    for operation, work in operations(store):
        between.plan = [step] * 99
        with pytest.raises(StoreUnavailable) as caught:
            work()
        text = str(caught.value)
        assert text.startswith(f"{store._table.name}: {operation}: {why}")
        assert "himitsu" not in text
        assert ALICE not in text


def test_a_table_that_is_not_there(url: str) -> None:
    """The error says where there is no such table."""
    with closing(open_store("not-there", url)) as store:
        for operation, work in operations(store):
            with pytest.raises(StoreUnavailable) as caught:
                work()
            assert str(caught.value) == (
                f"not-there: {operation}: ResourceNotFoundException: "
                f"there is no such table at {url}"
            )


def test_the_time_is_kept(make: Make, between: Between) -> None:
    """An operation ends with its budget, and `within` with what is left of a webhook."""
    hasty, patient = make(budget=0.1, read_timeout=60), make(budget=60, read_timeout=60)
    for store, seconds in ((hasty, 60), (patient, 0.1)):
        between.plan = [HANG] * 9
        began = time.monotonic()
        with pytest.raises(StoreUnavailable, match="timed out"):
            store.within(seconds).claim(a_row(), now=NOW)
        assert time.monotonic() - began < 5
    between.plan = []
    assert patient.claim(a_row(), now=NOW).granted


def test_within_shares_all_but_the_time(make: Make) -> None:
    """A store for a while uses the same connections, and is closed with the other."""
    store = make()
    for_now = store.within(30).within(60)
    assert for_now.claim(a_row(), now=NOW).granted
    store.close()
    with pytest.raises(StoreUnavailable, match="the store is closed"):
        for_now.claim(a_row(), now=NOW)


def test_a_closed_store_says_so(store: DynamoDBStore) -> None:
    """Use after close() is a StoreUnavailable, also half-way through rows."""
    for number in range(3):
        store.append(a_row(f"event-{number}", status="done", expires_at=NOW // 1000 + number))
    reader = store.rows(ALICE, now=NOW, limit=2)
    assert next(reader).event_id == "event-1"
    store.close()
    with pytest.raises(StoreUnavailable, match="the store is closed"):
        list(reader)
    for _, work in operations(store):
        with pytest.raises(StoreUnavailable, match="the store is closed"):
            work()


def test_warming(make: Make, between: Between, url: str) -> None:
    """A warmed store has its connection; one that cannot be reached says so."""
    make().warm()
    assert between.requests == []
    with pytest.raises(StoreUnavailable, match=r"^log: cannot connect to http"):
        open_store("log", "http://127.0.0.1:1").warm()


@pytest.mark.parametrize("name", ["", "日本", "a\nb"])
def test_what_no_table_is(name: str) -> None:
    """A table needs a name."""
    with pytest.raises(SettingsError):
        DynamoDBStore(name, region="us-east-1")


def test_a_state_that_is_too_large(store: DynamoDBStore, between: Between) -> None:
    """It is an error of the code, and nothing is sent."""
    with pytest.raises(CodeError, match="DynamoDB takes"):
        store.write_state(ALICE, {"text": "x" * 400_000}, version=0)
    assert between.requests == []


# Everything at once


@pytest.mark.parametrize("seed", range(4))
def test_a_bad_network_and_many_workers(make: Make, between: Between, seed: int) -> None:
    """Whatever is lost, each event is granted once, finished once, and no count is lost."""
    chance = random.Random(seed)
    stores = [make() for _ in range(4)]
    fates: list[str | Step] = ["lose", "drop", THROTTLED, "pass", "pass", "pass", "pass"]
    between.plan = [chance.choice(fates) for _ in range(600)]
    events = [f"event-{number:02}" for number in range(6)]

    def work(me: int) -> tuple[list[str], int]:
        mine = [name for name in events if stores[me].claim(a_row(name), now=NOW).granted]
        for name in mine:
            assert stores[me].advance(finished(a_row(name), outcome=f"{me}"))
        return mine, sum(count_one(stores[me]) for _ in range(4))

    done = together(work, len(stores))
    assert sorted(itertools.chain(*(mine for mine, _ in done))) == events
    between.plan = []
    stored = {row.event_id: int(row.outcome) for row in stores[0].rows(ALICE, now=NOW)}
    assert stored == {name: me for me, (mine, _) in enumerate(done) for name in mine}
    state = stores[0].read_state(ALICE)
    assert state.version == state.data["count"]
    assert sum(certain for _, certain in done) <= state.version <= 16


def count_one(store: DynamoDBStore) -> bool:
    """Add one to the count in the state; whether it is certain that this was stored."""
    while True:
        state = store.read_state(ALICE)
        counted = {"count": state.data.get("count", 0) + 1}
        try:
            store.write_state(ALICE, counted, version=state.version)
        except StateConflict:
            continue
        except StoreUnavailable as error:
            if "the answer was lost" in str(error):
                return False
            raise
        return True
