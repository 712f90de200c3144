"""What every store has to do, as one suite; a backend's own test file is a few lines that pick it.

A backend gives two fixtures, `store` (empty, closed by the fixture) and `writer` (a function that
opens the same data once more, as another thread or process would), and picks its classes:

    class TestMyStore(Conformance, Waiting, LargeRows):
        pass

`Waiting` stands in `conformance_waiting.py`: what is answered later, held, taken over or reopened.
Time is passed in and nothing sleeps. Keys, numbers and sizes stay inside what DynamoDB takes;
what only an unlimited backend can promise is a class of its own, `LargeRows`.
"""

from __future__ import annotations

import string
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from msgspec.structs import replace

from penniless.errors import CodeError, StateConflict
from penniless.ports import Claim, Row, State, Store

T = TypeVar("T")
Writer = Callable[[], Store]

NOW = 1_767_225_600_000
LEASE_END = NOW + 10_000
LATER = LEASE_END + 1
ALICE = "user#U00000000000000000000000000000001"
BOB = "user#U00000000000000000000000000000002"
BOT = "U00000000000000000000000000000000"
WRITERS = 8


def a_row(event_id: str = "01KDXS00000000000000000001", **changes: Any) -> Row:
    """A text message of Alice, claimed for ten seconds."""
    fields = {
        "conversation": ALICE,
        "event_id": event_id,
        "timestamp": NOW,
        "sender": ALICE.removeprefix("user#"),
        "to": BOT,
        "type": "message.text",
        "message": "こんにちは 🙂 สวัสดี",
        "message_id": "444573844083572737",
        "claimed_until": LEASE_END,
    }
    return Row(**{**fields, **changes})


def the_row(store: Store, conversation: str = ALICE, *, now: int = NOW) -> Row:
    """The only row of a conversation."""
    found = list(store.rows(conversation, now=now))
    assert len(found) == 1
    return found[0]


def finished(row: Row, **changes: Any) -> Row:
    """That row, with an answer."""
    fields = {
        "status": "done",
        "outcome": "replied",
        "replies": [{"type": "text", "text": "はい"}],
        "answered_at": NOW + 300,
        **changes,
    }
    return replace(row, **fields)


def taken_over(row: Row, attempt: int = 2) -> Claim:
    """The grant of a takeover that left that row."""
    return Claim(granted=True, found="expired", attempt=attempt, row=row)


def ids(found: Any) -> list[str]:
    return [row.event_id for row in found]


def together(work: Callable[[int], T], writers: int = WRITERS) -> list[T]:
    """Run `work(0)`, `work(1)`, … in threads that start at the same moment; their results."""
    start = threading.Barrier(writers)

    def begin(number: int) -> T:
        start.wait(timeout=30)
        return work(number)

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads change at nearly every step, so races do happen
    try:
        with ThreadPoolExecutor(writers) as pool:
            return list(pool.map(begin, range(writers)))
    finally:
        sys.setswitchinterval(usual)


class Claims:
    def test_a_new_event_is_granted(self, store: Store) -> None:
        """A claim of an event that nobody has seen is granted, and its row is stored whole."""
        row = a_row(expires_at=NOW // 1000 + 60)
        assert store.claim(row, now=NOW) == Claim(granted=True, found="nothing", attempt=1)
        assert the_row(store) == row

    def test_a_live_claim_is_respected(self, store: Store) -> None:
        """Up to the last millisecond of the lease nobody else gets the event."""
        store.claim(a_row(), now=NOW)
        refused = Claim(granted=False, found="live", attempt=1)
        assert store.claim(a_row(), now=NOW) == refused
        assert store.claim(a_row(), now=LEASE_END - 1) == refused
        assert the_row(store).claimed_until == LEASE_END

    def test_an_expired_claim_is_taken_over(self, store: Store) -> None:
        """From the end of the lease on the next claim is granted, with the next attempt."""
        store.claim(a_row(), now=NOW)
        taken = store.claim(a_row(claimed_until=LATER + 5), now=LEASE_END)
        assert taken == taken_over(a_row(claimed_until=LATER + 5, attempt=2))
        again = store.claim(a_row(), now=LATER + 4)
        assert again == Claim(granted=False, found="live", attempt=2)
        third = store.claim(a_row(claimed_until=LATER + 10), now=LATER + 5)
        assert third == taken_over(a_row(claimed_until=LATER + 10, attempt=3), 3)

    def test_a_takeover_keeps_the_row(self, store: Store) -> None:
        """A takeover changes the attempt, the lease and the time of delivery, and nothing else."""
        first = a_row(expires_at=NOW // 1000 + 600)
        store.claim(first, now=NOW)
        other = a_row(
            sender="somebody",
            to="elsewhere",
            type="postback",
            message="other",
            message_id="9",
            expires_at=NOW // 1000 + 9_000,
            claimed_until=LATER + 10_000,
        )
        store.claim(other, now=LATER)
        kept = the_row(store, now=LATER)
        assert kept == a_row(expires_at=NOW // 1000 + 600, attempt=2, claimed_until=LATER + 10_000)

    @pytest.mark.parametrize("status", ["done", "failed", "held"])
    def test_a_finished_event_stays_finished(self, store: Store, status: str) -> None:
        """A finished event is never granted again, failed, held or not, however late."""
        row = a_row()
        store.claim(row, now=NOW)
        assert store.advance(finished(row, status=status))
        refused = Claim(granted=False, found="done", attempt=1)
        assert store.claim(a_row(), now=NOW) == refused
        assert store.claim(a_row(), now=LATER + 86_400_000) == refused
        assert the_row(store).status == status

    def test_a_claim_starts_from_nothing(self, store: Store) -> None:
        """The store decides on status and attempt, whatever the row says."""
        assert store.claim(a_row(status="done", attempt=7), now=NOW).attempt == 1
        stored = the_row(store)
        assert (stored.status, stored.attempt) == ("claimed", 1)

    def test_an_expired_row_counts_as_absent(self, store: Store) -> None:
        """A row past its `expires_at` does not hold up a claim, finished or live."""
        for number, status in enumerate(("done", "claimed")):
            row = a_row(f"event-{number}", expires_at=NOW // 1000 + 5, message="old")
            store.claim(row, now=NOW)
            if status == "done":
                store.advance(finished(row))
            fresh = a_row(f"event-{number}", message="new", claimed_until=LATER + 60_000)
            granted = store.claim(fresh, now=NOW + 5_000)
            assert granted == Claim(granted=True, found="nothing", attempt=1)
        found = list(store.rows(ALICE, now=LATER))
        assert [(row.message, row.status, row.replies) for row in found] == [
            ("new", "claimed", []),
            ("new", "claimed", []),
        ]

    def test_a_takeover_of_an_expired_row_is_a_new_claim(self, store: Store) -> None:
        """Where both the lease and the row have expired, the row counts as absent."""
        store.claim(a_row(expires_at=NOW // 1000 + 5, claimed_until=NOW + 1), now=NOW)
        fresh = a_row(claimed_until=LATER + 60_000)
        granted = store.claim(fresh, now=NOW + 5_000)
        assert granted == Claim(granted=True, found="nothing", attempt=1)
        assert the_row(store, now=LATER) == fresh

    def test_events_do_not_touch_each_other(self, store: Store) -> None:
        """Two events of one conversation and one moment are claimed apart."""
        assert store.claim(a_row("event-1"), now=NOW).granted
        assert store.claim(a_row("event-2"), now=NOW).granted
        assert store.claim(a_row("event-1", conversation=BOB), now=NOW).granted


class Advances:
    def test_the_answer_is_stored(self, store: Store) -> None:
        """An advance stores status, outcome, replies and time, and leaves who said what."""
        row = a_row()
        store.claim(row, now=NOW)
        done = finished(row, sender="x", to="x", type="x", message="x", message_id="x")
        assert store.advance(done) is True
        assert the_row(store) == finished(row)

    def test_a_slow_worker_is_fenced_off(self, store: Store) -> None:
        """An advance under an older attempt is refused and changes nothing."""
        row = a_row()
        store.claim(row, now=NOW)
        taken = store.claim(a_row(claimed_until=LATER + 10_000), now=LATER)
        before = the_row(store)
        assert store.advance(finished(row, attempt=1, outcome="too late")) is False
        assert the_row(store) == before
        assert store.advance(finished(row, attempt=taken.attempt, outcome="in time")) is True
        assert the_row(store).outcome == "in time"

    def test_a_late_advance_without_a_rival_counts(self, store: Store) -> None:
        """A worker that overran its lease may finish as long as nobody took over."""
        row = a_row(claimed_until=NOW + 1)
        store.claim(row, now=NOW)
        assert store.advance(finished(row, answered_at=LATER)) is True
        assert store.claim(a_row(), now=LATER).found == "done"

    def test_finishing_twice_is_refused(self, store: Store) -> None:
        """The second finish is refused and changes nothing."""
        row = a_row()
        store.claim(row, now=NOW)
        assert store.advance(finished(row)) is True
        assert store.advance(finished(row, status="failed", outcome="failed: x")) is False
        assert the_row(store) == finished(row)

    def test_an_advance_needs_a_claim(self, store: Store) -> None:
        """There is nothing to finish where nothing was claimed, or all was forgotten."""
        assert store.advance(finished(a_row())) is False
        store.claim(a_row(), now=NOW)
        store.forget(ALICE)
        assert store.advance(finished(a_row())) is False
        assert list(store.rows(ALICE, now=NOW)) == []

    def test_a_future_attempt_is_refused(self, store: Store) -> None:
        """An advance needs exactly the attempt that is stored."""
        store.claim(a_row(), now=NOW)
        assert store.advance(finished(a_row(), attempt=2)) is False

    def test_five_flex_messages_fit(self, store: Store) -> None:
        """The most that one reply can hold is stored whole."""
        box = {"type": "text", "text": "ข้อความ" * 100}
        bubble = {"type": "bubble", "body": {"type": "box", "contents": [box] * 14}}
        replies = [{"type": "flex", "altText": "🧾", "contents": bubble}] * 5
        row = a_row(message="あ" * 5_000)
        store.claim(row, now=NOW)
        store.advance(finished(row, replies=replies))
        assert the_row(store).replies == replies


class Log:
    def fill(self, store: Store) -> None:
        """Five rows, written out of order; the second and third share a millisecond."""
        for name, timestamp in (("d", 300), ("b", 200), ("a", 100), ("c", 200), ("e", 400)):
            store.append(a_row(name, timestamp=timestamp, status="done"))

    def test_rows_come_in_order(self, store: Store) -> None:
        """Rows are sorted by timestamp and then by event id, either way round."""
        self.fill(store)
        assert ids(store.rows(ALICE, now=NOW)) == ["a", "b", "c", "d", "e"]
        assert ids(store.rows(ALICE, now=NOW, newest_first=True)) == ["e", "d", "c", "b", "a"]

    @pytest.mark.parametrize(
        ("window", "expected"),
        [
            ({"since": 200}, "bcde"),
            ({"since": 201}, "de"),
            ({"until": 200}, "a"),
            ({"until": 201}, "abc"),
            ({"since": 200, "until": 300}, "bc"),
            ({"since": 300, "until": 300}, ""),
            ({"since": 400, "until": 100}, ""),
            ({"limit": 0}, ""),
            ({"limit": 2}, "ab"),
            ({"limit": 99}, "abcde"),
            ({"since": 200, "limit": 2}, "bc"),
            ({"newest_first": True, "limit": 2}, "ed"),
            ({"newest_first": True, "limit": 4}, "edcb"),
            ({"newest_first": True, "until": 400, "limit": 3}, "dcb"),
            ({"newest_first": True, "since": 200, "until": 300}, "cb"),
            ({"until": 2**70}, "abcde"),
        ],
    )
    def test_a_window(self, store: Store, window: dict[str, Any], expected: str) -> None:
        """`since` is in the window and `until` is not; a limit counts from the chosen end."""
        self.fill(store)
        assert ids(store.rows(ALICE, now=NOW, **window)) == list(expected)

    def test_a_negative_limit_is_an_error(self, store: Store) -> None:
        """A limit below nothing is refused at the call, before anything is read."""
        with pytest.raises(ValueError, match="limit is -1"):
            store.rows(ALICE, now=NOW, limit=-1)

    def test_expired_rows_are_not_read(self, store: Store) -> None:
        """A row is read until the second of its `expires_at` begins."""
        store.append(a_row("keep", status="done"))
        store.append(a_row("gone", status="done", expires_at=NOW // 1000 + 5))
        assert ids(store.rows(ALICE, now=NOW + 4_999)) == ["gone", "keep"]
        assert ids(store.rows(ALICE, now=NOW + 5_000)) == ["keep"]

    def test_a_limit_counts_rows_that_are_read(self, store: Store) -> None:
        """Expired rows do not use up the limit."""
        for number in range(6):
            expires_at = NOW // 1000 if number < 4 else None
            store.append(a_row(f"event-{number}", status="done", expires_at=expires_at))
        assert ids(store.rows(ALICE, now=NOW, limit=1)) == ["event-4"]

    @pytest.mark.parametrize("newest_first", [False, True])
    def test_many_rows(self, store: Store, newest_first: bool) -> None:
        """However a backend pages, no row is lost or doubled, even inside one millisecond."""
        expected = [f"event-{number:03}" for number in range(230)]
        for number, name in enumerate(expected):
            timestamp = NOW if number < 120 else NOW + number // 3
            store.append(a_row(name, timestamp=timestamp, status="done"))
        found = ids(store.rows(ALICE, now=NOW, newest_first=newest_first))
        assert found == (expected[::-1] if newest_first else expected)
        assert len(ids(store.rows(ALICE, now=NOW, newest_first=newest_first, limit=205))) == 205

    def test_writing_while_reading(self, store: Store) -> None:
        """A reader that stops half-way keeps nobody from writing."""
        for number in range(150):
            store.append(a_row(f"event-{number:03}", status="done"))
        reader = store.rows(ALICE, now=NOW)
        first = next(reader)
        store.claim(a_row("zzz"), now=NOW)
        assert store.advance(finished(a_row("zzz")))
        rest = [first, *reader]
        assert ids(rest)[:150] == [f"event-{number:03}" for number in range(150)]

    def test_a_push_is_a_row(self, store: Store) -> None:
        """A push needs no claim and is read among the events, and stands finished."""
        push = a_row(
            "push-01KDXS",
            sender=BOT,
            to=ALICE.removeprefix("user#"),
            type="push",
            status="done",
            outcome="pushed",
            message_id=None,
            replies=[{"type": "text", "text": "お知らせ"}],
        )
        store.append(push)
        assert the_row(store) == push
        assert store.claim(push, now=LATER).found == "done"

    def test_appending_again_replaces(self, store: Store) -> None:
        """A row that is appended twice is there once, as it was the second time."""
        store.append(a_row(status="done", message="one", expires_at=NOW // 1000 + 9))
        store.append(a_row(status="failed", message=None, outcome="failed: x"))
        assert the_row(store) == a_row(status="failed", message=None, outcome="failed: x")

    def test_every_field_comes_back(self, store: Store) -> None:
        """All fields survive, the absent ones as None."""
        full = finished(a_row(expires_at=NOW // 1000 + 9), attempt=3)
        bare = a_row("bare", timestamp=NOW + 1, message=None, message_id=None, claimed_until=0)
        store.append(full)
        store.append(bare)
        assert list(store.rows(ALICE, now=NOW)) == [full, bare]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "\0",
            "a\0b",
            "\r\n\t",
            "👩‍👩‍👧‍👦",
            "ก็ไม่ได้",
            "e\u0301",
            "\u202eabc",
            "\"\\'%_;--",
            "\ufffe",
        ],
    )
    def test_any_text(self, store: Store, text: str) -> None:
        """Whatever people write comes back to the character, from the message and the reply."""
        row = a_row(message=text)
        store.claim(row, now=NOW)
        store.advance(finished(row, replies=[{"type": "text", "text": text}]))
        stored = the_row(store)
        assert (stored.message, stored.replies[0]["text"]) == (text, text)

    def test_half_a_surrogate_pair(self, store: Store) -> None:
        """Text that UTF-8 cannot carry is replaced, and does not lose the row."""
        row = a_row(message="cut \ud83d here, joined \ud83d\ude42")
        store.claim(row, now=NOW)
        store.advance(finished(row, outcome="failed: \udc00"))
        stored = the_row(store)
        assert stored.message == "cut \ufffd here, joined 🙂"
        assert stored.outcome == "failed: \ufffd"


class Unsends:
    def test_the_content_goes(self, store: Store) -> None:
        """An unsent message loses its content; its row, and the bot's replies, stay."""
        row = a_row()
        store.claim(row, now=NOW)
        store.advance(finished(row))
        assert store.unsend(ALICE, "444573844083572737") == 1
        assert the_row(store) == finished(row, message=None)

    def test_all_rows_of_the_message(self, store: Store) -> None:
        """An edited message has a row for each wording, and all of them go."""
        store.append(a_row("first", status="done"))
        store.append(a_row("edited", timestamp=NOW + 1, status="done", type="messageEdited"))
        assert store.unsend(ALICE, "444573844083572737") == 2
        assert [row.message for row in store.rows(ALICE, now=NOW)] == [None, None]

    def test_unsending_again_does_nothing(self, store: Store) -> None:
        """The second time nothing is left to remove."""
        store.append(a_row(status="done"))
        assert store.unsend(ALICE, "444573844083572737") == 1
        assert store.unsend(ALICE, "444573844083572737") == 0
        assert the_row(store) == a_row(status="done", message=None)

    @pytest.mark.parametrize("message_id", ["", "%", "44457384408357273", "'", "None"])
    def test_other_messages_stay(self, store: Store, message_id: str) -> None:
        """Only the very id counts; a row without a message id never matches."""
        store.append(a_row("one", status="done"))
        store.append(a_row("two", status="done", message_id=None))
        assert store.unsend(ALICE, message_id) == 0
        assert all(row.message for row in store.rows(ALICE, now=NOW))

    def test_other_conversations_stay(self, store: Store) -> None:
        """An unsend reaches one conversation."""
        store.append(a_row(conversation=BOB, status="done"))
        assert store.unsend(ALICE, "444573844083572737") == 0
        assert the_row(store, BOB).message is not None

    def test_a_claimed_message(self, store: Store) -> None:
        """Unsent while a worker is on it: neither the finish nor a takeover brings it back."""
        row = a_row()
        store.claim(row, now=NOW)
        assert store.unsend(ALICE, "444573844083572737") == 1
        store.claim(a_row(claimed_until=LATER + 10_000), now=LATER)
        assert the_row(store).message is None
        assert store.advance(finished(row, attempt=2))
        assert the_row(store).message is None


class States:
    def test_nothing_is_version_zero(self, store: Store) -> None:
        """A conversation without a state reads as version 0 and nothing in it."""
        assert store.read_state(ALICE) == State(version=0, data={})

    def test_versions_count_up(self, store: Store) -> None:
        """Each write returns the version that the next one has to name."""
        assert store.write_state(ALICE, {"step": 1}, version=0) == 1
        assert store.write_state(ALICE, {"step": 2}, version=1) == 2
        assert store.read_state(ALICE) == State(version=2, data={"step": 2})

    @pytest.mark.parametrize("version", [0, 1, 3, -1])
    def test_a_stale_write_is_refused(self, store: Store, version: int) -> None:
        """A write that names any version but the stored one changes nothing."""
        store.write_state(ALICE, {"step": 1}, version=0)
        store.write_state(ALICE, {"step": 2}, version=1)
        with pytest.raises(StateConflict):
            store.write_state(ALICE, {"step": 9}, version=version)
        assert store.read_state(ALICE) == State(version=2, data={"step": 2})

    def test_the_first_write_names_version_zero(self, store: Store) -> None:
        """Where nothing is stored, only version 0 is right."""
        with pytest.raises(StateConflict):
            store.write_state(ALICE, {"step": 1}, version=1)
        assert store.read_state(ALICE).version == 0
        assert list(store.conversations()) == []

    def test_a_conflict_tells_no_content(self, store: Store) -> None:
        """The text of a conflict holds nothing of the state."""
        store.write_state(ALICE, {"address": "ginza"}, version=0)
        with pytest.raises(StateConflict) as caught:
            store.write_state(ALICE, {"address": "shibuya"}, version=0)
        assert "ginza" not in str(caught.value)
        assert "shibuya" not in str(caught.value)

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"": ""},
            {"a": None, "b": True, "c": False, "d": 0, "e": -1.5, "f": 1e-9, "g": 2**60},
            {"list": [1, [2, [3, {"four": []}]]], "dict": {"x": {"y": {"z": {}}}}},
            {"名前": "花子", "👪": ["👨‍👩‍👧", "ก็"], "..": "../..", "a.b": {"#": ":", "$": "?"}},
            {"text": 'quote " backslash \\ newline \n null \0 slash /'},
        ],
    )
    def test_json_comes_back(self, store: Store, data: dict[str, Any]) -> None:
        """Whatever JSON can carry comes back equal."""
        store.write_state(ALICE, data, version=0)
        assert store.read_state(ALICE).data == data

    @pytest.mark.parametrize(
        "value",
        [
            (1, 2),
            {1, 2},
            {1: "one"},
            b"bytes",
            datetime(2026, 1, 1, tzinfo=UTC),
            float("nan"),
            float("inf"),
            object(),
            "\ud83d",
            {"\ud83d": 1},
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_what_is_not_json_is_refused(self, store: Store, value: Any) -> None:
        """A value that would come back changed is an error of the code, and nothing is written."""
        with pytest.raises(CodeError):
            store.write_state(ALICE, {"value": value}, version=0)
        assert store.read_state(ALICE).version == 0

    def test_a_circle_is_refused(self, store: Store) -> None:
        """A state that contains itself is an error of the code."""
        data: dict[str, Any] = {}
        data["self"] = data
        with pytest.raises(CodeError):
            store.write_state(ALICE, data, version=0)

    def test_state_and_log_are_apart(self, store: Store) -> None:
        """A state is no row, and a row is no state."""
        store.write_state(ALICE, {"step": 1}, version=0)
        assert list(store.rows(ALICE, now=NOW)) == []
        store.append(a_row(conversation=BOB, status="done"))
        assert store.read_state(BOB).version == 0


class Conversations:
    def test_all_of_them_sorted(self, store: Store) -> None:
        """Every conversation with a row or a state is named once, in order."""
        for name in ("user#U2", "room#R1", "user#U1", "channel"):
            store.append(a_row(conversation=name, status="done"))
            store.append(a_row("another", conversation=name, status="done"))
        for name in ("user#U3", "group#C1", "user#U1"):
            store.write_state(name, {"step": 1}, version=0)
        assert list(store.conversations()) == [
            "channel",
            "group#C1",
            "room#R1",
            "user#U1",
            "user#U2",
            "user#U3",
        ]

    def test_none(self, store: Store) -> None:
        """An empty store has none, and asking for one does not make it."""
        list(store.rows(ALICE, now=NOW))
        store.read_state(ALICE)
        store.unsend(ALICE, "1")
        store.forget(ALICE)
        store.advance(a_row())
        assert list(store.conversations()) == []

    def test_forgetting(self, store: Store) -> None:
        """All rows and the state go, and are counted; the others stay."""
        for name in (ALICE, BOB):
            store.append(a_row("one", conversation=name, status="done"))
            store.claim(a_row("two", conversation=name), now=NOW)
            store.write_state(name, {"step": 1}, version=0)
        assert store.forget(ALICE) == 3
        assert store.forget(ALICE) == 0
        assert list(store.rows(ALICE, now=NOW)) == []
        assert store.read_state(ALICE) == State(version=0, data={})
        assert list(store.conversations()) == [BOB]
        assert len(list(store.rows(BOB, now=NOW))) == 2
        assert store.read_state(BOB).version == 1

    def test_after_forgetting_all_is_new(self, store: Store) -> None:
        """An event and a state of a forgotten conversation start again."""
        store.claim(a_row(), now=NOW)
        store.write_state(ALICE, {"step": 1}, version=0)
        store.forget(ALICE)
        assert store.claim(a_row(), now=NOW).found == "nothing"
        assert store.write_state(ALICE, {"step": 1}, version=0) == 1

    def test_many_rows_are_forgotten(self, store: Store) -> None:
        """However a backend batches its deletes, all rows go."""
        for number in range(130):
            store.append(a_row(f"event-{number}", status="done"))
        assert store.forget(ALICE) == 130
        assert list(store.conversations()) == []


KEYS = [
    *(f"user#{character}" for character in string.punctuation),
    string.punctuation,
    "..",
    "../../etc/passwd",
    "/",
    "a/b",
    "C:\\log",
    "' or 1=1; drop table events; --",
    "user#U1",
    "user#u1",
    "user#U11",
    "user#U1 ",
    " user#U1",
    "user#",
    "user",
    "event#",
    "state",
    "user#😀",
    "user#花子",
    "user#สมชาย",
    "user#é",
    "user#e\u0301",
    "line\nbreak",
]


class Keys:
    @pytest.mark.parametrize("key", KEYS)
    def test_any_conversation(self, store: Store, key: str) -> None:
        """Any text can be the key of a conversation, through all operations."""
        row = a_row(conversation=key)
        assert store.claim(row, now=NOW).granted
        assert store.advance(finished(row))
        assert store.write_state(key, {"key": key}, version=0) == 1
        assert list(store.conversations()) == [key]
        assert the_row(store, key) == finished(row)
        assert store.read_state(key).data == {"key": key}
        assert store.unsend(key, "444573844083572737") == 1
        assert store.forget(key) == 2

    def test_no_two_are_mixed_up(self, store: Store) -> None:
        """Keys that look alike are different conversations."""
        for key in KEYS:
            store.append(a_row(conversation=key, status="done", message=key))
            store.write_state(key, {"key": key}, version=0)
        assert list(store.conversations()) == sorted(KEYS)
        assert [the_row(store, key).message for key in KEYS] == KEYS
        assert [store.read_state(key).data["key"] for key in KEYS] == KEYS

    @pytest.mark.parametrize("event_id", ["#", "..", "a#b", "%", "' --", "😀", "push-1", "state"])
    def test_any_event(self, store: Store, event_id: str) -> None:
        """Any text can be an event's id, and is not taken for another."""
        assert store.claim(a_row(event_id), now=NOW).found == "nothing"
        assert store.claim(a_row(event_id + "x"), now=NOW).found == "nothing"
        assert store.claim(a_row(event_id), now=NOW).found == "live"
        assert store.advance(finished(a_row(event_id)))
        assert store.claim(a_row(event_id), now=LATER).found == "done"


class Copies:
    def test_a_claimed_row_is_the_callers_own(self, store: Store) -> None:
        """What the caller does with a row after writing it does not reach the store."""
        row = a_row()
        store.claim(row, now=NOW)
        row.message = "changed"
        row.replies.append({"type": "text", "text": "changed"})
        assert the_row(store) == a_row()

    def test_writing_changes_no_row(self, store: Store) -> None:
        """The store does not touch the rows and states that it is given."""
        row = a_row(attempt=4, status="done", message="half \ud83d")
        store.claim(row, now=NOW)
        assert row == a_row(attempt=4, status="done", message="half \ud83d")
        assert store.advance(finished(a_row()))

    def test_replies_are_copied(self, store: Store) -> None:
        """Neither the list of replies nor anything in it is shared with the store."""
        done = finished(a_row(), replies=[{"type": "text", "quickReply": {"items": [{"a": 1}]}}])
        store.claim(a_row(), now=NOW)
        store.advance(done)
        done.replies[0]["quickReply"]["items"].append("changed")
        done.replies.append({})
        read = the_row(store)
        read.replies[0]["quickReply"]["items"].append("changed")
        read.replies.append({})
        read.message = "changed"
        stored = the_row(store)
        assert stored.replies == [{"type": "text", "quickReply": {"items": [{"a": 1}]}}]
        assert stored.message == a_row().message

    def test_appended_rows_are_copied(self, store: Store) -> None:
        """The same for a push."""
        push = a_row("push-1", status="done", replies=[{"type": "text", "text": "one"}])
        store.append(push)
        push.replies[0]["text"] = "changed"
        assert the_row(store).replies == [{"type": "text", "text": "one"}]

    def test_states_are_copied(self, store: Store) -> None:
        """A state that was written or read is the caller's own."""
        data: dict[str, Any] = {"cart": [{"item": "お茶"}]}
        store.write_state(ALICE, data, version=0)
        data["cart"][0]["item"] = "changed"
        store.read_state(ALICE).data["cart"].append("changed")
        assert store.read_state(ALICE).data == {"cart": [{"item": "お茶"}]}


class Races:
    def test_one_claim_of_many_is_granted(self, writer: Writer) -> None:
        """However many claim a new event at once, one gets it and the others see it live."""
        stores = [writer() for _ in range(WRITERS)]
        for number in range(20):
            row = a_row(f"event-{number}")
            claims = together(lambda me, row=row: stores[me].claim(row, now=NOW))  # type: ignore[misc]
            assert sorted(claim.found for claim in claims) == ["live"] * 7 + ["nothing"]
            assert [claim.found for claim in claims if claim.granted] == ["nothing"]

    def test_one_takeover_of_many_is_granted(self, writer: Writer) -> None:
        """However many find an event abandoned, one takes it over."""
        stores = [writer() for _ in range(WRITERS)]
        for number in range(20):
            row = a_row(f"event-{number}")
            assert stores[0].claim(row, now=NOW).granted
            over = a_row(row.event_id, claimed_until=LATER + 10_000)
            claims = together(lambda me, over=over: stores[me].claim(over, now=LATER))  # type: ignore[misc]
            granted = [claim for claim in claims if claim.granted]
            assert granted == [taken_over(replace(over, attempt=2))]
            assert {claim.found for claim in claims if not claim.granted} == {"live"}

    def test_one_finish_of_many_counts(self, writer: Writer) -> None:
        """Of four finishes of each of two attempts, one counts, and it is the later attempt's."""
        stores = [writer() for _ in range(WRITERS)]
        for number in range(20):
            row = a_row(f"event-{number}", timestamp=NOW + number)
            stores[0].claim(row, now=NOW)
            stores[0].claim(row, now=LATER)

            def finish(me: int, row: Row = row) -> bool:
                attempt = 1 + me % 2
                answer = finished(row, attempt=attempt, outcome=f"attempt {attempt} by {me}")
                return stores[me].advance(answer)

            counted = together(finish)
            assert sum(counted) == 1
            winner = counted.index(True)
            assert winner % 2 == 1
            (stored,) = stores[0].rows(ALICE, now=NOW, since=NOW + number)
            assert stored.outcome == f"attempt 2 by {winner}"

    def test_no_increment_is_lost(self, writer: Writer) -> None:
        """Read, change, write, and again on a conflict: the sum is exact."""
        stores = [writer() for _ in range(WRITERS)]

        def increment(me: int) -> int:
            conflicts = 0
            for _ in range(15):
                while True:
                    state = stores[me].read_state(ALICE)
                    count = state.data.get("count", 0) + 1
                    try:
                        stores[me].write_state(ALICE, {"count": count}, version=state.version)
                        break
                    except StateConflict:
                        conflicts += 1
            return conflicts

        together(increment)
        assert stores[0].read_state(ALICE) == State(120, {"count": 120})

    def test_strangers_do_not_disturb_each_other(self, writer: Writer) -> None:
        """Conversations that are written side by side all end up whole."""
        stores = [writer() for _ in range(WRITERS)]

        def talk(me: int) -> None:
            for number in range(15):
                row = a_row(f"event-{number:02}", conversation=f"user#{me}", message=f"{me}")
                assert stores[me].claim(row, now=NOW).granted
                assert stores[me].advance(finished(row, outcome=f"{me}"))

        together(talk)
        for me in range(WRITERS):
            found = list(stores[0].rows(f"user#{me}", now=NOW))
            assert ids(found) == [f"event-{number:02}" for number in range(15)]
            assert {(row.message, row.outcome, row.status) for row in found} == {
                (f"{me}", f"{me}", "done")
            }

    def test_reading_beside_writers(self, writer: Writer) -> None:
        """What is read while others write is in order and never doubled."""
        stores = [writer() for _ in range(WRITERS)]

        def work(me: int) -> list[str]:
            if me % 2:
                return ids(stores[me].rows(ALICE, now=NOW))
            for number in range(30):
                stores[me].append(a_row(f"event-{number:02}-{me}", status="done"))
            return []

        for found in together(work):
            assert found == sorted(set(found))
        assert len(ids(stores[0].rows(ALICE, now=NOW))) == 120

    def test_forgetting_beside_claims(self, writer: Writer) -> None:
        """A claim that meets a forget is granted or refused, and leaves one row or none."""
        stores = [writer() for _ in range(WRITERS)]

        def work(me: int) -> bool:
            if me == 0:
                stores[me].forget(ALICE)
                return False
            return stores[me].claim(a_row(), now=NOW).granted

        for _ in range(20):
            granted = sum(together(work))
            left = len(list(stores[0].rows(ALICE, now=NOW)))
            assert (granted, left) in {(1, 0), (1, 1), (2, 1)}
            stores[0].forget(ALICE)


class Closing:
    def test_closing_twice(self, store: Store, writer: Writer) -> None:
        """A store may be closed again, and other users of the same data go on."""
        store.append(a_row(status="done"))
        other = writer()
        store.close()
        store.close()
        assert the_row(other) == a_row(status="done")

    def test_repr_tells_no_content(self, store: Store) -> None:
        """The repr of a store holds nothing of what it stores."""
        store.append(a_row(status="done", message="himitsu"))
        store.write_state(ALICE, {"secret": "himitsu"}, version=0)
        assert "himitsu" not in repr(store)
        assert ALICE not in repr(store)


class Conformance(
    Claims, Advances, Log, Unsends, States, Conversations, Keys, Copies, Races, Closing
):
    """The whole suite."""


class LargeRows:
    """For backends without DynamoDB's 400 KB an item."""

    def test_a_megabyte(self, store: Store) -> None:
        """A message, a reply and a state of 1 MB each come back whole."""
        large = "大" * (1024 * 1024 // 3)
        row = a_row(message=large)
        store.claim(row, now=NOW)
        store.advance(finished(row, replies=[{"type": "text", "text": large}]))
        store.write_state(ALICE, {"large": large}, version=0)
        stored = the_row(store)
        assert stored.message == large
        assert stored.replies == [{"type": "text", "text": large}]
        assert store.read_state(ALICE).data == {"large": large}
        assert store.unsend(ALICE, row.message_id or "") == 1
        assert the_row(store).message is None
