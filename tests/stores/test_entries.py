"""Rows as lines of a log."""

from __future__ import annotations

import pytest

from penniless.ports import Row
from penniless.stores.entries import Entry, entries
from tests.stores.conformance import BOT, NOW, a_row, finished

ALICE_ID = a_row().sender


def test_both_sides() -> None:
    """The person's line comes first, then one line for each message of the reply."""
    replies = [
        {"type": "text", "text": "สวัสดี"},
        {"type": "sticker", "packageId": "446", "stickerId": "1988"},
        {"type": "flex", "altText": "🧾 領収書", "contents": {}},
    ]
    first, *rest = entries(finished(a_row(), replies=replies))
    assert first == Entry(
        time="2026-01-01T00:00:00.000Z",
        timestamp=NOW,
        sender=ALICE_ID,
        to=BOT,
        type="message.text",
        message="こんにちは 🙂 สวัสดี",
        event_id=a_row().event_id,
        outcome="replied",
    )
    assert [(one.sender, one.to) for one in rest] == [(BOT, ALICE_ID)] * 3
    assert [(one.type, one.message) for one in rest] == [
        ("reply.text", "สวัสดี"),
        ("reply.sticker", "[sticker]"),
        ("reply.flex", "🧾 領収書"),
    ]
    assert {(one.time, one.timestamp) for one in rest} == {("2026-01-01T00:00:00.300Z", NOW + 300)}
    assert {(one.event_id, one.outcome) for one in rest} == {(a_row().event_id, "replied")}


def test_a_reply_in_a_group_is_for_the_group() -> None:
    """In a group the reply goes to all, whoever had spoken."""
    row = finished(a_row(conversation="group#C1", sender="U7"))
    assert [(one.sender, one.to) for one in entries(row)] == [("U7", BOT), (BOT, "group#C1")]


def test_an_event_without_an_answer() -> None:
    """One line, with the outcome."""
    (only,) = entries(a_row(status="failed", outcome="failed: ValueError", type="follow"))
    assert (only.type, only.outcome) == ("follow", "failed: ValueError")


def test_an_event_in_work() -> None:
    """What is not finished shows as claimed."""
    (only,) = entries(a_row())
    assert only.outcome == "claimed"


def test_an_unsent_message() -> None:
    """The person's line has no message any more; the bot's lines stay."""
    first, second = entries(finished(a_row(message=None)))
    assert (first.message, second.message) == (None, "はい")


def push(**fields: object) -> Row:
    return a_row(
        "push-1", type="push", sender=BOT, to=ALICE_ID, status="done", outcome="pushed", **fields
    )


def test_a_push_has_one_side() -> None:
    """Each message of a push is a line from the bot, at the time of the push."""
    replies = [{"type": "text", "text": "お知らせ"}, {"type": "image"}]
    found = list(entries(push(replies=replies)))
    assert [(one.type, one.message) for one in found] == [
        ("push.text", "お知らせ"),
        ("push.image", "[image]"),
    ]
    assert {(one.sender, one.to, one.timestamp) for one in found} == {(BOT, ALICE_ID, NOW)}


def test_a_push_without_its_messages() -> None:
    """A push that holds only its text is one line."""
    (only,) = entries(push(message="お知らせ"))
    assert (only.type, only.sender, only.message) == ("push", BOT, "お知らせ")


@pytest.mark.parametrize(
    ("timestamp", "time"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (253_402_300_800_000, ""),
        (2**63, ""),
        (2**400, ""),
    ],
)
def test_times(timestamp: int, time: str) -> None:
    """Milliseconds stay exact, and a time beyond the calendar is empty."""
    (only,) = entries(a_row(timestamp=timestamp))
    assert (only.time, only.timestamp) == (time, timestamp)


def test_an_answer_that_waits() -> None:
    """What was sent comes first, then what is to be sent, under a type of its own."""
    sent = {"type": "text", "text": "一"}
    held = finished(a_row(), status="held", outcome="replied, held", replies=[sent])
    held.waiting = [{"type": "text", "text": "二"}, {"type": "sticker"}]

    first, *rest = entries(held)
    assert first.outcome == "replied, held"
    assert [(one.type, one.message) for one in rest] == [
        ("reply.text", "一"),
        ("waiting.text", "二"),
        ("waiting.sticker", "[sticker]"),
    ]
    assert {(one.sender, one.to, one.timestamp) for one in rest} == {(BOT, ALICE_ID, NOW + 300)}


def test_what_will_not_be_sent() -> None:
    """The rest of an answer that failed is not shown as if it were on its way."""
    failed = finished(a_row(), status="failed", outcome="failed: nobody wrote for a day")
    failed.replies, failed.waiting = [], [{"type": "text", "text": "二"}]

    assert [one.type for one in entries(failed)] == ["message.text"]


def test_an_event_that_is_tried_again() -> None:
    """The outcome of the attempt before is not that of an event which is open again."""
    (only,) = entries(a_row(outcome="failed: ValueError"))
    assert only.outcome == "claimed"
