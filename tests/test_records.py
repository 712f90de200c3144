"""The log never raises, and a row that it cannot store goes to stderr."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from penniless.errors import CodeError, StoreUnavailable
from penniless.ports import OPEN, Claim, Desk, Row, Status, Store
from penniless.records import LOST_ROW, Log, lost_line, write_lost_row
from penniless.stores.memory import MemoryStore
from tests.stores.conformance import ALICE, NOW, a_row, finished

DOWN = StoreUnavailable("the table is away")


class Flaky(MemoryStore):
    """A store whose named methods raise, until they are taken out of `down`."""

    def __init__(self, *down: str, error: Exception = DOWN) -> None:
        super().__init__()
        self.down = set(down)
        self.error = error

    def _maybe(self, method: str) -> None:
        if method in self.down:
            raise self.error

    def claim(self, row: Row, *, now: int) -> Claim:
        self._maybe("claim")
        return super().claim(row, now=now)

    def advance(self, row: Row, *, was: Sequence[Status] = OPEN) -> bool:
        self._maybe("advance")
        return super().advance(row, was=was)

    def desk(self, conversation: str, *, now: int) -> Desk:
        self._maybe("desk")
        return super().desk(conversation, now=now)

    def append(self, row: Row) -> None:
        self._maybe("append")
        super().append(row)

    def unsend(self, conversation: str, message_id: str) -> int:
        self._maybe("unsend")
        return super().unsend(conversation, message_id)


def log_on(store: Store) -> tuple[Log, list[tuple[str, Exception]]]:
    reported: list[tuple[str, Exception]] = []
    return Log(store, lambda step, error: reported.append((step, error))), reported


def rows_in(written: str) -> list[Row]:
    """The rows in lines of stderr, read as anything that puts them back would."""
    return [msgspec.convert(json.loads(line)[LOST_ROW], Row) for line in written.splitlines()]


def test_a_good_log_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the store works, stderr stays empty."""
    log, reported = log_on(MemoryStore())
    assert log.claim(a_row(), NOW).granted
    log.finish(finished(a_row()))
    log.append(a_row("push-1", status="done"))
    assert (capsys.readouterr().err, reported) == ("", [])


def test_a_finish_that_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole row goes to stderr, as one line, and the failure is reported."""
    log, reported = log_on(Flaky("advance"))
    log.claim(a_row(), NOW)
    log.finish(finished(a_row()))
    written = capsys.readouterr().err
    assert rows_in(written) == [finished(a_row())]
    assert written.count("\n") == 1
    assert reported == [("advance", DOWN)]


def test_a_push_that_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """The row of a push that could not be appended goes to stderr."""
    log, _ = log_on(Flaky("append"))
    log.append(a_row("push-1", status="done"))
    assert rows_in(capsys.readouterr().err) == [a_row("push-1", status="done")]


def test_a_store_that_is_down(capsys: pytest.CaptureFixture[str]) -> None:
    """An event whose claim and finish both fail leaves one line, with its answer."""
    log, reported = log_on(Flaky("claim", "advance"))
    assert log.claim(a_row(), NOW) == Claim(granted=True, found="nothing")
    assert capsys.readouterr().err == ""
    log.finish(finished(a_row()))
    assert rows_in(capsys.readouterr().err) == [finished(a_row())]
    assert [step for step, _ in reported] == ["claim", "advance"]


def test_a_store_that_comes_back(capsys: pytest.CaptureFixture[str]) -> None:
    """After a failed claim nothing is there to finish, so the row goes to stderr."""
    store = Flaky("claim")
    log, _ = log_on(store)
    log.claim(a_row(), NOW)
    store.down.clear()
    log.finish(finished(a_row()))
    assert rows_in(capsys.readouterr().err) == [finished(a_row())]


def test_a_claim_that_was_stored_after_all(capsys: pytest.CaptureFixture[str]) -> None:
    """A claim that only seemed to fail is finished, and nothing is lost."""
    store = Flaky("claim")
    log, _ = log_on(store)
    log.claim(a_row(), NOW)
    store.down.clear()
    store.claim(a_row(), now=NOW)
    log.finish(finished(a_row()))
    assert capsys.readouterr().err == ""
    assert list(store.rows(ALICE, now=NOW)) == [finished(a_row())]


@pytest.mark.parametrize("kept", [None, a_row(), finished(a_row(), outcome="no reply")])
def test_a_lost_row_can_be_put_back(kept: Row | None) -> None:
    """Claimed and then finished, a row from stderr is as if never lost; a finished one stays."""
    (lost,) = rows_in(lost_line(finished(a_row())))
    store = MemoryStore()
    if kept is not None:
        store.append(kept)
    claim = store.claim(lost, now=lost.claimed_until)
    lost.attempt = claim.attempt
    assert claim.granted == store.advance(lost) == (kept is None or kept.status == "claimed")
    (stored,) = store.rows(ALICE, now=NOW)
    assert stored.outcome == ("replied" if claim.granted else "no reply")
    assert stored.message == a_row().message


def test_an_event_taken_over_is_not_lost(capsys: pytest.CaptureFixture[str]) -> None:
    """A finish that another worker's takeover refuses writes no line: the row is the other's."""
    store = MemoryStore()
    log, _ = log_on(store)
    log.claim(a_row(claimed_until=NOW + 1), NOW)
    store.claim(a_row(), now=NOW + 1)
    log.finish(finished(a_row()))
    assert capsys.readouterr().err == ""


def test_the_second_event_starts_afresh(capsys: pytest.CaptureFixture[str]) -> None:
    """A failed claim is forgotten with its event's finish."""
    store = Flaky("claim")
    log, _ = log_on(store)
    log.claim(a_row(), NOW)
    store.down.clear()
    log.finish(finished(a_row()))
    capsys.readouterr()
    log.finish(finished(a_row()))
    assert capsys.readouterr().err == ""


def test_an_unsend_that_fails_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    """An unsend has no row: the failure is reported, and that is all."""
    log, reported = log_on(Flaky("unsend"))
    log.unsend(ALICE, "1")
    assert reported == [("unsend", DOWN)]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "text", ["改行\nと 🙂", "\0\x1b[31m", "half \ud83d", "\u2028", 'quote " and \\', "é" * 5_000]
)
def test_any_text_is_one_line_of_ascii(text: str) -> None:
    """A line holds whatever people write, and is a line."""
    line = lost_line(a_row(message=text))
    assert line.isascii()
    assert line.splitlines() == [line.rstrip("\n")]
    assert rows_in(line)[0].message == text


@pytest.mark.parametrize("reply", [object(), {1, 2}, float("nan"), b"bytes"])
def test_replies_that_are_no_json(reply: Any) -> None:
    """Whatever a bot put into its replies, the line is written and can be read."""
    line = lost_line(finished(a_row(), replies=[{"type": "text", "text": reply}]))
    assert rows_in(line)[0].message == a_row().message


def test_a_circle_in_the_replies(capsys: pytest.CaptureFixture[str]) -> None:
    """A reply that contains itself is left out of the line, and the rest is there."""
    reply: dict[str, Any] = {"type": "flex"}
    reply["contents"] = reply
    log, _ = log_on(Flaky("advance", error=CodeError("no JSON")))
    log.claim(a_row(), NOW)
    log.finish(finished(a_row(), replies=[reply]))
    assert rows_in(capsys.readouterr().err) == [finished(a_row(), replies=[])]


def test_nowhere_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a stderr, or with a closed one, the row is lost, and nothing is raised."""
    closed = io.StringIO()
    closed.close()
    for stderr in (None, closed):
        monkeypatch.setattr(sys, "stderr", stderr)
        write_lost_row(a_row())
        assert sys.stderr is stderr


def test_an_event_moves_on_as_far_as_the_store_says(capsys: pytest.CaptureFixture[str]) -> None:
    """True if it was written, False if the event is another's by now, None if nobody can say."""
    store = Flaky()
    log, reported = log_on(store)
    log.claim(a_row(), NOW)
    row = a_row(status="answered", way="reply")
    assert log.advance(row) is True
    assert log.advance(row, was=("claimed",)) is False
    assert log.advance(a_row(attempt=2)) is False
    store.down.add("advance")
    assert log.advance(row) is None
    assert (reported, capsys.readouterr().err) == ([("advance", DOWN)], "")


def test_an_event_whose_claim_is_unknown_is_nobody_elses() -> None:
    """A refusal says nothing where no claim was stored, until its handling is broken off."""
    store = Flaky("claim")
    log, _ = log_on(store)
    log.claim(a_row(), NOW)
    store.down.clear()
    assert log.advance(a_row()) is None
    log.drop(a_row())
    assert log.advance(a_row()) is False


def test_the_desk_of_a_store_that_is_down() -> None:
    """Nobody can say what waits there; that is reported and costs nothing else."""
    store = Flaky("desk")
    log, reported = log_on(store)
    assert log.desk(ALICE, NOW) is None
    assert reported == [("read", DOWN)]
    store.down.clear()
    log.claim(a_row(), NOW)
    desk = log.desk(ALICE, NOW + 10**6)
    assert desk is not None
    assert [row.event_id for row in desk.overdue] == [a_row().event_id]


def test_a_row_is_found_by_its_time_and_id() -> None:
    """Of the events of one moment the one with that id, and none of another moment."""
    store = MemoryStore()
    log, _ = log_on(store)
    for event_id in ("E1", "E2", "E3"):
        log.claim(a_row(event_id), NOW)
    found = log.find(ALICE, NOW, "E2", NOW)
    assert found is not None
    assert found.event_id == "E2"
    assert log.find(ALICE, NOW + 1, "E2", NOW) is None
    assert log.find(ALICE, NOW, "E4", NOW) is None
