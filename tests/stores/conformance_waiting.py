"""What every store has to do with events that are not dealt with at once: the suite's other half.

A row goes `claimed -> (answered) -> done | held | failed`, and each way is one conditional write;
what waits, or was left behind, is found again.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from penniless.errors import CodeError
from penniless.ports import Claim, Desk, Row, State, Store
from tests.stores.conformance import (
    ALICE,
    BOB,
    LATER,
    LEASE_END,
    NOW,
    WRITERS,
    Writer,
    a_row,
    finished,
    ids,
    taken_over,
    the_row,
    together,
)

EVENT = {"type": "message", "replyToken": "t", "message": {"type": "text", "text": None}}
TEXT = {"type": "text", "text": "はい"}
REST = [{"type": "text", "text": "二"}, {"type": "sticker", "packageId": "1", "stickerId": "2"}]
MONTH = "2026-11"


def answered(row: Row, **changes: Any) -> Row:
    """That row, its answer being sent."""
    fields = {
        "status": "answered",
        "waiting": [TEXT, *REST],
        "way": "reply",
        "claimed_until": row.claimed_until,
        "deferred": True,
        **changes,
    }
    return replace(row, **fields)


def held(row: Row, **changes: Any) -> Row:
    """That row, with the rest of its answer waiting."""
    fields = {
        "status": "held",
        "outcome": "replied, held",
        "replies": [TEXT],
        "waiting": REST,
        "answered_at": NOW + 300,
        **changes,
    }
    return replace(row, **fields)


def stored(store: Store, row: Row, *steps: Row) -> Row:
    """Claim a row and take it through these steps; the last of them."""
    assert store.claim(row, now=NOW).granted
    for step in steps:
        assert store.advance(step, was=("claimed", "answered", "held"))
    return steps[-1] if steps else row


class Ways:
    def test_every_step_is_stored(self, store: Store) -> None:
        """All that an advance stores is stored, at every step, and what is over is gone."""
        row = a_row(event=EVENT, received_at=NOW + 5, last_attempt=6)
        stored(store, row)
        assert the_row(store) == row
        renewed = replace(row, claimed_until=LATER, deferred=True, once={"pay": {"id": 7}})
        ready = answered(renewed, claimed_until=LATER + 9)
        waits = held(ready, way="")
        along = replace(waits, status="answered", way=f"{NOW + 9}#event-9#2", claimed_until=LATER)
        done = finished(along, replies=[TEXT, *REST], waiting=[], way="", event=None, once={})
        for before, step in (
            ("claimed", renewed),
            ("claimed", ready),
            ("answered", waits),
            ("held", along),
            ("answered", done),
        ):
            assert store.advance(step, was=(before,))  # type: ignore[arg-type]
            assert the_row(store) == step

    def test_the_status_has_to_be_the_one_that_was(self, store: Store) -> None:
        """From any other status nothing is changed, and it is said."""
        row = a_row(event=EVENT)
        steps = {"claimed": row, "answered": answered(row), "held": held(row)}
        steps |= {"done": finished(row), "failed": finished(row, status="failed")}
        for number, (status, step) in enumerate(steps.items()):
            at = {"event_id": f"event-{number}", "timestamp": NOW + number}
            row = stored(store, replace(a_row(event=EVENT), **at), replace(step, **at))
            other = replace(row, status="failed", outcome="failed: no")
            for was in {"claimed", "answered", "held", "done", "failed"} - {status}:
                assert store.advance(other, was=(was,)) is False  # type: ignore[arg-type]
            assert store.advance(other) is (status in {"claimed", "answered"})
            (after,) = store.rows(ALICE, now=NOW, since=NOW + number, until=NOW + number + 1)
            assert after == (other if status in {"claimed", "answered"} else row)

    def test_from_no_status(self, store: Store) -> None:
        """From none at all nothing comes, and any number of them can be named."""
        stored(store, a_row())
        assert store.advance(finished(a_row()), was=()) is False
        assert store.advance(finished(a_row()), was=("held", "done", "answered", "claimed"))

    def test_what_waits_is_json(self, store: Store) -> None:
        """What could not be sent or read later is an error of the code, and changes nothing."""
        row = a_row(event=EVENT)
        stored(store, row)
        bad: list[dict[str, Any]] = [
            {"waiting": [{"text": object()}]},
            {"once": {"pay": (1, 2)}},
            {"once": {"pay": object()}},
            {"replies": [{"text": object()}]},
        ]
        for fields in bad:
            with pytest.raises(CodeError):
                store.advance(held(row, **fields))
        assert the_row(store) == row

    def test_copies(self, store: Store) -> None:
        """Nothing that nests is shared with the store, on the way in or out."""
        event = {"message": {"emojis": [{"index": 0}]}}
        row = a_row(event=event)
        stored(store, row)
        waits = answered(row, waiting=[{"a": [1]}], once={"a": {"b": [2]}})
        assert store.advance(waits)
        waits.waiting[0]["a"].append("changed")
        waits.once["a"]["b"].append("changed")
        event["message"]["emojis"].clear()
        claim = store.claim(a_row(claimed_until=LATER + 10_000), now=LATER)
        found = [claim.row, *store.desk(ALICE, now=LATER + 10_000).overdue]
        for one in found:
            assert one is not None
            one.waiting[0]["a"].append("changed")
            one.once.clear()
            assert one.event is not None
            one.event.clear()
        assert len(found) == 2
        kept = the_row(store)
        assert (kept.waiting, kept.once) == ([{"a": [1]}], {"a": {"b": [2]}})
        assert kept.event == {"message": {"emojis": [{"index": 0}]}}

    def test_an_unsent_event_stays_gone(self, store: Store) -> None:
        """An unsend takes message and event, and no worker, old or new, brings either back."""
        row = a_row(event=EVENT)
        stored(store, row)
        assert store.unsend(ALICE, row.message_id or "") == 1
        assert the_row(store) == replace(row, message=None, event=None)
        late = answered(row)
        assert store.advance(late)
        assert the_row(store) == replace(late, message=None, event=None)
        claim = store.claim(a_row(event=EVENT, claimed_until=LATER + 9_000), now=LATER)
        assert claim.row is not None
        assert (claim.row.message, claim.row.event) == (None, None)

    def test_what_is_held_can_be_unsent(self, store: Store) -> None:
        """The message goes, and the answer still waits."""
        waits = stored(store, a_row(event=EVENT), held(a_row(event=EVENT)))
        assert store.unsend(ALICE, waits.message_id or "") == 1
        assert store.desk(ALICE, now=NOW).held == [replace(waits, message=None, event=None)]


class Takeovers:
    def test_an_answered_event_stays_answered(self, store: Store) -> None:
        """Whoever takes over finds the answer where it was left, and all that was stored."""
        row = a_row(event=EVENT)
        ready = stored(store, row, answered(row, once={"pay": 7}))
        claim = store.claim(a_row(claimed_until=LATER + 10_000, message="other"), now=LATER)
        assert claim == taken_over(replace(ready, attempt=2, claimed_until=LATER + 10_000))
        assert claim.row == the_row(store)
        assert store.advance(finished(ready)) is False
        assert store.advance(finished(ready, attempt=2)) is True

    @pytest.mark.parametrize("status", ["claimed", "answered"])
    def test_an_open_lease_is_respected(self, store: Store, status: str) -> None:
        """Before the end of its lease nobody gets an event, whatever its status."""
        row = stored(store, a_row(), answered(a_row(), status=status, claimed_until=LATER + 60_000))
        refused = Claim(granted=False, found="live", attempt=1)
        assert store.claim(a_row(), now=LATER + 59_999) == refused
        assert the_row(store) == row

    @pytest.mark.parametrize(
        ("first", "second", "kept"), [(7, 9, 9), (9, 7, 9), (0, 5, 5), (5, 0, 5)]
    )
    def test_the_newest_delivery_counts(
        self, store: Store, first: int, second: int, kept: int
    ) -> None:
        """A takeover by a later delivery brings its time, and one from the log changes none."""
        store.claim(a_row(received_at=first), now=NOW)
        over = a_row(received_at=second, claimed_until=LATER + 10_000)
        claim = store.claim(over, now=LATER)
        assert claim.row is not None
        assert claim.row.received_at == the_row(store).received_at == kept

    def test_beyond_the_last_attempt(self, store: Store) -> None:
        """The store grants every takeover; how many there may be is the engine's to say."""
        store.claim(a_row(last_attempt=1), now=NOW)
        for attempt in range(2, 6):
            until = LATER + 10_000 * attempt
            claim = store.claim(a_row(claimed_until=until), now=until - 10_000)
            row = a_row(attempt=attempt, claimed_until=until, last_attempt=1)
            assert claim == taken_over(row, attempt)

    def test_one_takes_an_answered_event(self, writer: Writer) -> None:
        """Of many that find an answer abandoned one goes on with it, and knows it."""
        stores = [writer() for _ in range(WRITERS)]
        for number in range(20):
            row = a_row(f"event-{number}")
            ready = stored(stores[0], row, answered(row))
            over = a_row(row.event_id, claimed_until=LATER + 10_000)
            claims = together(lambda me, over=over: stores[me].claim(over, now=LATER))  # type: ignore[misc]
            expected = replace(ready, attempt=2, claimed_until=LATER + 10_000)
            assert [one for one in claims if one.granted] == [taken_over(expected)]
            assert {one.found for one in claims if not one.granted} == {"live"}

    def test_a_takeover_knows_what_was_written_last(self, writer: Writer) -> None:
        """A takeover that meets the old worker's last write sees it, or keeps it away."""
        stores = [writer() for _ in range(2)]
        for number in range(40):
            row = a_row(f"event-{number}", timestamp=NOW + number)
            stored(stores[0], row)
            over = replace(row, claimed_until=LATER + 10_000)

            def race(me: int, row: Row = row, over: Row = over) -> Any:
                if me:
                    return stores[1].claim(over, now=LATER)
                return stores[0].advance(answered(row))

            written, claim = together(race, 2)
            if claim.granted:
                assert claim.row.status == ("answered" if written else "claimed")
                (kept,) = stores[0].rows(ALICE, now=NOW, since=NOW + number)
                assert kept == claim.row
            else:
                assert claim.found == "live"


class Settled:
    def test_answers_of_events_that_ended_well_are_named(self, store: Store) -> None:
        """Of the events that changed the state, the desk names those that are done or held."""
        answers = {name: {"messages": [], "at": NOW} for name in ("a", "b", "c", "d", "gone")}
        store.write_state(ALICE, {"n": 1}, version=0, answers=answers)
        for number, status in enumerate(["done", "held", "failed", "claimed"]):
            row = a_row("abcd"[number], timestamp=NOW + number)
            stored(store, row, finished(row, status=status))
        row = a_row("not asked for", timestamp=NOW + 9)
        stored(store, row, finished(row))
        assert store.desk(ALICE, now=NOW).settled == ["a", "b"]
        assert store.desk(ALICE, now=NOW).state == State(1, {"n": 1}, answers)
        assert store.desk("user#nobody", now=NOW).settled == []


class Reopening:
    def test_a_failed_event_is_open_again(self, store: Store) -> None:
        """Anybody may take it over at once, three times, and finds what was stored."""
        row = a_row(event=EVENT, once={"pay": 7})
        end = finished(row, status="failed", outcome="failed: no", waiting=[{"type": "text"}])
        failed = stored(store, row, end)
        assert store.reopen(failed) is True
        again = replace(
            failed,
            status="claimed",
            claimed_until=0,
            attempt=2,
            last_attempt=5,
            deferred=True,
            waiting=[],
            way="",
        )
        assert the_row(store) == again
        assert store.desk(ALICE, now=0).overdue == [again]
        for attempt in (3, 4, 5):
            over = a_row(claimed_until=NOW + attempt)
            claim = store.claim(over, now=NOW + attempt - 1)
            assert claim == taken_over(
                replace(again, attempt=attempt, claimed_until=NOW + attempt), attempt
            )
        assert store.advance(finished(failed, attempt=5, event=None))

    def test_the_old_attempt_is_fenced(self, store: Store) -> None:
        """A worker that had failed the event, or is still at it, does not get at it any more."""
        row = a_row(event=EVENT)
        failed = stored(store, row, finished(row, status="failed"))
        assert store.reopen(failed)
        for step in (finished(row), answered(row), held(row), failed):
            assert store.advance(step) is False
        assert the_row(store).status == "claimed"

    @pytest.mark.parametrize("status", ["claimed", "answered", "held", "done"])
    def test_only_what_failed(self, store: Store, status: str) -> None:
        """No other event is opened again, whatever the caller believes."""
        row = stored(store, a_row(event=EVENT), finished(a_row(event=EVENT), status=status))
        assert store.reopen(replace(row, status="failed")) is False
        assert the_row(store) == row

    def test_not_without_its_event(self, store: Store) -> None:
        """What could not be handled again, or was taken back, stays failed."""
        row = a_row()
        failed = stored(store, row, finished(row, status="failed"))
        assert store.reopen(failed) is False
        assert store.reopen(a_row("nothing")) is False
        other = a_row("other", event=EVENT, timestamp=NOW + 1, message_id="7")
        failed = stored(store, other, finished(other, status="failed"))
        store.unsend(ALICE, "7")
        assert store.reopen(failed) is False
        assert [one.status for one in store.rows(ALICE, now=NOW)] == ["failed"] * 2

    def test_whatever_the_caller_has_read(self, store: Store) -> None:
        """The stored attempt counts, and not the one of a row that was read before."""
        row = a_row(event=EVENT, claimed_until=NOW)
        stored(store, row)
        store.claim(row, now=NOW)
        assert store.advance(finished(row, attempt=2, status="failed"))
        assert store.reopen(replace(row, attempt=9)) is True
        assert (the_row(store).attempt, the_row(store).last_attempt) == (3, 6)

    def test_one_of_many_reopens(self, writer: Writer) -> None:
        """However many open a failed event again, it is opened once."""
        stores = [writer() for _ in range(WRITERS)]
        for number in range(10):
            row = a_row(f"event-{number}", timestamp=NOW + number, event=EVENT)
            failed = stored(stores[0], row, finished(row, status="failed"))
            opened = together(lambda me, failed=failed: stores[me].reopen(failed))  # type: ignore[misc]
            assert sum(opened) == 1
            (after,) = stores[0].rows(ALICE, now=NOW, since=NOW + number)
            assert (after.attempt, after.last_attempt) == (2, 5)


class Desks:
    def test_an_empty_desk(self, store: Store) -> None:
        """Of a conversation nobody knows there is nothing, and asking does not make it."""
        assert store.desk(ALICE, now=NOW) == Desk(State(0, {}))
        assert list(store.conversations()) == []

    def test_all_of_it(self, store: Store) -> None:
        """The state with its answers, what is held, and what was left behind."""
        store.write_state(ALICE, {"step": 1}, version=0, answers={"event-1": [TEXT]})
        waits = stored(store, a_row("a", timestamp=NOW + 1), held(a_row("a", timestamp=NOW + 1)))
        left = stored(store, a_row("b", timestamp=NOW + 2, event=EVENT))
        ready = a_row("c", timestamp=NOW + 3)
        ready = stored(store, ready, answered(ready))
        stored(store, a_row("d"), finished(a_row("d")))
        stored(store, a_row("e", claimed_until=LEASE_END + 1))
        stored(store, a_row("f", conversation=BOB))
        assert store.desk(ALICE, now=LEASE_END) == Desk(
            State(1, {"step": 1}, {"event-1": [TEXT]}), held=[waits], overdue=[left, ready]
        )
        assert store.desk(ALICE, now=LEASE_END - 1).overdue == []

    def test_held_rows_of_any_age(self, store: Store) -> None:
        """However much was said since, what is held is on the desk, oldest first."""
        waiting = []
        for number in range(40):
            row = a_row(f"event-{number:02}", timestamp=NOW + number // 2)
            steps = [finished(row)]
            if number % 9 == 4:
                steps = [held(row)]
                waiting.append(held(row))
            stored(store, row, *steps)
        assert store.desk(ALICE, now=NOW).held == waiting
        for row in waiting[:2]:
            assert store.advance(replace(row, status="failed", waiting=[]), was=("held",))
        for _ in range(3):
            assert store.desk(ALICE, now=NOW).held == waiting[2:]

    def test_what_was_taken_along(self, store: Store) -> None:
        """An answer that a later event took along lies there until it is final."""
        row = a_row("first")
        waits = stored(store, row, held(row))
        for number in range(9):
            other = a_row(f"later-{number}", timestamp=NOW + 1 + number)
            stored(store, other, finished(other))
        along = replace(waits, status="answered", way=f"{NOW + 9}#later-8#1", claimed_until=LATER)
        assert store.advance(along, was=("held",))
        assert store.desk(ALICE, now=NOW) == Desk(State(0, {}), held=[along])
        assert store.desk(ALICE, now=LATER) == Desk(State(0, {}), held=[along], overdue=[along])
        back = replace(along, status="held", way="")
        assert store.advance(back, was=("answered",))
        assert store.desk(ALICE, now=LATER).held == [back]
        assert store.advance(along, was=("held",))
        assert store.advance(finished(along, way="", waiting=[]), was=("answered",))
        for _ in range(3):
            assert store.desk(ALICE, now=LATER) == Desk(State(0, {}))

    def test_a_refused_hold_is_not_held(self, store: Store) -> None:
        """A worker that comes too late with an answer to hold leaves nothing on the desk."""
        stored(store, a_row())
        store.claim(a_row(claimed_until=LATER + 10_000), now=LATER)
        assert store.advance(held(a_row())) is False
        assert store.desk(ALICE, now=LATER).held == []
        assert store.advance(finished(a_row(), attempt=2))
        for _ in range(2):
            assert store.desk(ALICE, now=LATER) == Desk(State(0, {}))
        store.forget(ALICE)
        assert store.advance(held(a_row())) is False
        assert list(store.conversations()) == []
        assert store.desk(ALICE, now=LATER) == Desk(State(0, {}))

    def test_held_and_state_are_apart(self, store: Store) -> None:
        """What is held makes no state, and no state makes it forgotten."""
        waits = stored(store, a_row(), held(a_row()))
        assert store.read_state(ALICE) == State(0, {})
        assert store.write_state(ALICE, {"step": 1}, version=0) == 1
        assert store.write_state(ALICE, {"step": 2}, version=1) == 2
        assert store.desk(ALICE, now=NOW) == Desk(State(2, {"step": 2}), held=[waits])
        assert store.forget(ALICE) == 2
        assert store.desk(ALICE, now=NOW) == Desk(State(0, {}))

    def test_expired_rows_are_left_out(self, store: Store) -> None:
        """What is past its end neither waits nor is overdue."""
        end = NOW // 1000 + 60
        first = a_row("first", expires_at=end)
        stored(store, first, held(first))
        stored(store, a_row("second", expires_at=end))
        desk = store.desk(ALICE, now=end * 1000 - 1)
        assert (ids(desk.held), ids(desk.overdue)) == (["first"], ["second"])
        assert store.desk(ALICE, now=end * 1000) == Desk(State(0, {}))
        assert store.overdue(now=end * 1000, limit=9) == []

    def test_an_appended_row_can_be_held(self, store: Store) -> None:
        """A row that is written whole is found like any other."""
        for number in range(9):
            row = a_row(f"event-{number}", timestamp=NOW + number)
            store.append(finished(row) if number else held(row))
        assert ids(store.desk(ALICE, now=NOW).held) == ["event-0"]

    def test_answers_go_with_their_state(self, store: Store) -> None:
        """The next state takes the answers away that it does not bring itself."""
        answers = {"event-1": [TEXT], "event-2": {"花": [1, None]}}
        assert store.write_state(ALICE, {}, version=0, answers=answers) == 1
        assert store.read_state(ALICE) == State(1, {}, answers)
        answers.clear()
        assert len(store.read_state(ALICE).answers) == 2
        assert store.write_state(ALICE, {"a": 1}, version=1) == 2
        assert store.read_state(ALICE) == State(2, {"a": 1})
        with pytest.raises(CodeError):
            store.write_state(ALICE, {}, version=2, answers={"event-3": object()})
        assert store.read_state(ALICE).version == 2

    def test_one_takes_a_held_row(self, writer: Writer) -> None:
        """Of many later events one takes a held answer along, and it is on the way with that."""
        stores = [writer() for _ in range(WRITERS)]
        for number in range(20):
            row = a_row(f"event-{number:02}", timestamp=NOW + number)
            stored(stores[0], row, held(row))

            def take(me: int, row: Row = row) -> bool:
                (found,) = stores[me].desk(ALICE, now=NOW).held
                along = replace(found, status="answered", way=f"{NOW}#event-{me}#2")
                return stores[me].advance(along, was=("held",))

            took = together(take)
            assert sum(took) == 1
            (after,) = stores[0].rows(ALICE, now=NOW, since=NOW + number)
            assert after.way == f"{NOW}#event-{took.index(True)}#2"
            assert stores[0].advance(finished(after, waiting=[], way=""))

    def test_holding_beside_states(self, writer: Writer) -> None:
        """Answers that are held while others write the state are all found, and all states too."""
        stores = [writer() for _ in range(WRITERS)]

        def work(me: int) -> None:
            for number in range(6):
                if me % 2:
                    row = a_row(f"event-{me}-{number}", timestamp=NOW + number)
                    stored(stores[me], row, held(row))
                    stores[me].desk(ALICE, now=NOW)
                else:
                    name = f"user#{me}"
                    stores[me].write_state(name, {"n": number}, version=number)

        together(work)
        found = stores[0].desk(ALICE, now=NOW).held
        assert len(found) == 24
        assert found == sorted(found, key=lambda row: (row.timestamp, row.event_id))
        assert [stores[0].read_state(f"user#{me}").version for me in (0, 2, 4, 6)] == [6] * 4


class Overdue:
    def test_of_all_conversations(self, store: Store) -> None:
        """Open rows whose lease is over are found wherever they are, the oldest lease first."""
        assert store.overdue(now=LATER, limit=10) == []
        left = []
        for number, status in enumerate(("claimed", "answered", "claimed", "answered")):
            name, until = f"user#{number % 3}", NOW + 4_000 - number * 1_000
            row = a_row(f"event-{number}", conversation=name, event=EVENT, claimed_until=until)
            left.append(stored(store, row, answered(row, status=status)))
        for number, status in enumerate(("done", "failed", "held")):
            row = a_row(f"final-{number}", claimed_until=NOW)
            stored(store, row, finished(row, status=status))
        stored(store, a_row("live", conversation=BOB, claimed_until=LATER))
        assert store.overdue(now=NOW + 4_000, limit=10) == left[::-1]
        assert store.overdue(now=NOW + 3_000, limit=10) == left[:0:-1]
        assert store.overdue(now=NOW + 4_000, limit=2) == [left[3], left[2]]
        assert store.overdue(now=NOW + 4_000, limit=0) == []
        assert store.overdue(now=NOW + 999, limit=10) == []

    def test_a_renewed_lease_counts(self, store: Store) -> None:
        """A row is looked for where its lease ends now, and not at all when it is final."""
        row = a_row()
        stored(store, row)
        assert store.advance(replace(row, claimed_until=LATER + 60_000))
        assert store.overdue(now=LATER, limit=10) == []
        claim = store.claim(a_row(claimed_until=LATER + 90_000), now=LATER + 60_000)
        assert store.overdue(now=LATER + 60_000, limit=10) == []
        assert store.overdue(now=LATER + 90_000, limit=10) == [claim.row]
        assert store.advance(finished(row, attempt=2))
        assert store.overdue(now=LATER + 90_000, limit=10) == []

    def test_what_is_left_of_many(self, store: Store) -> None:
        """However a backend pages, nothing is lost or doubled."""
        for number in range(60):
            row = a_row(f"event-{number:02}", conversation=f"user#{number % 7}")
            row.claimed_until = NOW + number
            stored(store, row, *([finished(row)] if number % 2 else []))
        found = store.overdue(now=LATER, limit=1_000)
        assert ids(found) == [f"event-{number:02}" for number in range(0, 60, 2)]
        assert ids(store.overdue(now=LATER, limit=7)) == ids(found)[:7]


class Budgets:
    def test_up_to_the_limit(self, store: Store) -> None:
        """Pushes are counted as long as they then are the limit at most."""
        assert store.spent(MONTH) == 0
        assert store.spend(MONTH, 3, limit=5) is True
        assert store.spend(MONTH, 3, limit=5) is False
        assert store.spend(MONTH, 2, limit=5) is True
        assert store.spend(MONTH, 1, limit=5) is False
        assert store.spend(MONTH, 1, limit=6) is True
        assert store.spent(MONTH) == 6

    def test_nothing_and_too_much(self, store: Store) -> None:
        """Nothing fits always, unless too much was counted; more than the limit fits never."""
        assert store.spend(MONTH, 0, limit=0) is True
        assert store.spend(MONTH, 1, limit=0) is False
        assert store.spend(MONTH, 6, limit=5) is False
        assert store.spend(MONTH, 5, limit=5) is True
        assert store.spend(MONTH, 0, limit=4) is False
        assert store.spend(MONTH, 0, limit=5) is True
        assert store.spent(MONTH) == 5

    def test_giving_back(self, store: Store) -> None:
        """What was not pushed after all is given back, whatever the limit is by now."""
        assert store.spend(MONTH, 5, limit=5)
        assert store.spend(MONTH, -2, limit=0) is True
        assert store.spent(MONTH) == 3
        assert store.spend(MONTH, 2, limit=5)
        assert store.spend(MONTH, -9, limit=5) is True
        assert store.spent(MONTH) == 0
        assert store.spend("2026-12", -1, limit=5) is True
        assert store.spent("2026-12") == 0

    def test_months_are_apart(self, store: Store) -> None:
        """Each month has its count, and none is a conversation."""
        assert store.spend(MONTH, 5, limit=5)
        assert store.spend("2026-12", 4, limit=5)
        assert (store.spent(MONTH), store.spent("2026-12"), store.spent("2027-01")) == (5, 4, 0)
        assert list(store.conversations()) == []
        store.append(a_row(status="done"))
        assert list(store.conversations()) == [ALICE]
        assert store.forget(ALICE) == 1
        assert store.spent(MONTH) == 5

    def test_the_limit_holds_under_load(self, writer: Writer) -> None:
        """However many spend and give back at once, the count is exact and never over the limit."""
        stores = [writer() for _ in range(WRITERS)]
        limit = 40

        def work(me: int) -> tuple[int, int]:
            counted, most = 0, 0
            for number in range(12):
                count = 1 + (me + number) % 3
                if stores[me].spend(MONTH, count, limit=limit):
                    counted += count
                most = max(most, stores[me].spent(MONTH))
                if number % 4 == 3 and counted:
                    stores[me].spend(MONTH, -1, limit=limit)
                    counted -= 1
            return counted, most

        done = together(work)
        assert max(most for _, most in done) <= limit
        assert stores[0].spent(MONTH) == sum(counted for counted, _ in done)

    def test_all_of_it_can_be_spent(self, writer: Writer) -> None:
        """Ones that are spent at once add up to the limit, and no further."""
        stores = [writer() for _ in range(WRITERS)]
        done = together(lambda me: [stores[me].spend(MONTH, 1, limit=30) for _ in range(6)])
        assert sum(map(sum, done)) == stores[0].spent(MONTH) == 30


class Waiting(Ways, Takeovers, Settled, Reopening, Desks, Overdue, Budgets):
    """This half of the suite."""
