"""A row of the log as people read logs: one line for each message that went either way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from penniless.ports import Json, Row
from penniless.readable import readable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Entry(Struct, frozen=True, kw_only=True):
    """One message, or one event without a message, as it appears in the log."""

    time: str
    """UTC, ISO 8601 with milliseconds, as `2026-01-02T03:04:05.678Z`; empty beyond year 9999."""
    timestamp: int
    """The same in milliseconds since 1970."""
    sender: str
    to: str
    type: str
    """The event's; `reply.text`, `push.flex`, … for what the bot sent; `waiting.text`, … for what
    it is to send."""
    message: str | None
    """What a reader sees of it; None after an unsend, and for events that say nothing."""
    event_id: str
    outcome: str
    """The row's, on each of its lines; its status while there is no outcome: `claimed` while the
    event is worked on, or if that died."""


def entries(row: Row) -> Iterator[Entry]:
    """The person's side first, then one entry for each message of the bot, sent and waiting.

    A push has no person's side: it is one entry for each message, or one in all if the row
    does not hold them.
    """
    if row.type == "push" and row.replies:
        yield from _sent(row, "push", row.replies)
        return
    yield _event(row)
    yield from _sent(row, "reply", row.replies)
    if row.status in ("answered", "held"):
        yield from _sent(row, "waiting", row.waiting)


def _audience(row: Row) -> str:
    """Who sees a reply: the person in a 1:1 chat, everybody in a group, whoever had spoken."""
    return row.sender if row.conversation.startswith("user#") else row.conversation


def _event(row: Row) -> Entry:
    return Entry(
        time=_time(row.timestamp),
        timestamp=row.timestamp,
        sender=row.sender,
        to=row.to,
        type=row.type,
        message=row.message,
        event_id=row.event_id,
        outcome=outcome_of(row),
    )


def _sent(row: Row, way: str, messages: list[Json]) -> Iterator[Entry]:
    pushed = way == "push"
    timestamp = row.timestamp if pushed or row.answered_at is None else row.answered_at
    for message in messages:
        yield Entry(
            time=_time(timestamp),
            timestamp=timestamp,
            sender=row.sender if pushed else row.to,
            to=row.to if pushed else _audience(row),
            type=f"{way}.{message.get('type', 'unknown')}",
            message=readable(message),
            event_id=row.event_id,
            outcome=outcome_of(row),
        )


def outcome_of(row: Row) -> str:
    """What came of the event so far: nothing yet of one that is tried again."""
    return row.status if row.status == "claimed" else row.outcome or row.status


def _time(timestamp: int) -> str:
    try:
        then = _EPOCH + timedelta(milliseconds=timestamp)
    except OverflowError:
        return ""
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")
