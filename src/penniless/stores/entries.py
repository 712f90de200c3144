"""A row of the log as people read logs: one line for each message that went either way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from penniless.ports import Row
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
    """The event's; `reply.text`, `push.flex`, … for what the bot sent."""
    message: str | None
    """What a reader sees of it; None after an unsend, and for events that say nothing."""
    event_id: str
    outcome: str
    """The row's, on each of its lines; `claimed` while the event is worked on, or if that died."""


def entries(row: Row) -> Iterator[Entry]:
    """The person's side first, then one entry for each message of the bot.

    A push has no person's side: it is one entry for each message, or one in all if the row
    does not hold them.
    """
    if row.type != "push":
        yield _event(row)
        sent_at = row.timestamp if row.answered_at is None else row.answered_at
        yield from _sent(row, timestamp=sent_at, sender=row.to, to=_audience(row), way="reply")
    elif row.replies:
        yield from _sent(row, timestamp=row.timestamp, sender=row.sender, to=row.to, way="push")
    else:
        yield _event(row)


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
        outcome=row.outcome or row.status,
    )


def _sent(row: Row, *, timestamp: int, sender: str, to: str, way: str) -> Iterator[Entry]:
    for message in row.replies:
        yield Entry(
            time=_time(timestamp),
            timestamp=timestamp,
            sender=sender,
            to=to,
            type=f"{way}.{message.get('type', 'unknown')}",
            message=readable(message),
            event_id=row.event_id,
            outcome=row.outcome or row.status,
        )


def _time(timestamp: int) -> str:
    try:
        then = _EPOCH + timedelta(milliseconds=timestamp)
    except OverflowError:
        return ""
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")
