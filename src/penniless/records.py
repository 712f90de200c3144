"""The log of a bot: the row of an event, claimed before it is handled and finished after.

A broken log never silences the bot: whatever the store raises is reported and counted, and the
event is handled all the same, with LINE's single-use reply token as the second lock against
doubled answers.

A row that could not be stored is not lost: it goes to stderr as one line of JSON,
`{"timestamp": …, "level": "ERROR", "penniless_lost_row": {…}}`, with the fields of
`penniless.ports.Row`, and `penniless logs import` puts it back. That line holds what the person
wrote and what the bot answered, on purpose, as the only thing in a log that does; it holds no token
and no secret, because a row has none.
"""

from __future__ import annotations

import sys
from typing import Any, TypeVar

from penniless.events.message import MessageEvent, TextContent
from penniless.lifecycle import ATTEMPTS
from penniless.ports import OPEN, Claim, Desk, Row
from penniless.recovery import rest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from penniless.events import Event
    from penniless.ports import Status, Store

_T = TypeVar("_T")
_D = TypeVar("_D")

END_OF_TIME = 10**13
"""Times below this many milliseconds have the 13 digits of a sort key; that lasts until 2286.

A time beyond it, or none, is logged as the nearest possible one: a claim is keyed on it, so it has
to be the same when the event is delivered again.
"""

LOST_ROW = "penniless_lost_row"
"""The one key of a line on stderr that holds a row which could not be stored."""


class Log:
    """The store as the log sees it: nothing here raises, and no row is lost.

    `days` is how long a row is kept after its event; for ever if it is None.
    """

    __slots__ = ("_days", "_report", "_store", "_unclaimed")

    def __init__(
        self, store: Store, report: Callable[[str, Exception], None], *, days: int | None = None
    ) -> None:
        self._store = store
        self._report = report
        self._days = days
        self._unclaimed: set[tuple[str, str]] = set()
        """Events that are being handled although nobody knows whether their claim was stored."""

    def claim(self, row: Row, now: int) -> Claim:
        """Claim the event of this row; granted too if the store cannot say."""
        self._let_expire(row, now)
        claim = self._try("claim", lambda: self._store.claim(row, now=now), None)
        if claim is not None:
            return claim
        self._unclaimed.add(self._key(row))
        return Claim(granted=True, found="nothing")

    def advance(self, row: Row, *, was: Sequence[Status] = OPEN) -> bool | None:
        """Write down how far an event is; None if the store cannot, False if it is another's now.

        An event whose claim could not be stored is nobody else's as far as anybody knows.
        """
        stored = self._try("advance", lambda: self._store.advance(row, was=was), None)
        return None if not stored and self._key(row) in self._unclaimed else stored

    def finish(self, row: Row) -> None:
        """Store what came of the event, or write the whole row to stderr.

        A refusal after a good claim is no loss: the event was taken over, and the row is the
        other's. After a claim that failed it means that there is no row.
        """
        if self.advance(row) is None:
            write_lost_row(row)
        self._unclaimed.discard(self._key(row))

    def is_unclaimed(self, row: Row) -> bool:
        """Whether nobody knows if the claim of this event was stored, or another's before it."""
        return self._key(row) in self._unclaimed

    def drop(self, row: Row) -> None:
        """Forget that the claim of this event was not stored: its handling was broken off."""
        self._unclaimed.discard(self._key(row))

    def knows(self, row: Row) -> bool:
        """Whether the claim of this event was stored."""
        return self._key(row) not in self._unclaimed

    def desk(self, conversation: str, now: int) -> Desk | None:
        """What waits in a conversation; None if the store cannot say."""
        return self._try("read", lambda: self._store.desk(conversation, now=now), None)

    def find(self, conversation: str, timestamp: int, event_id: str, now: int) -> Row | None:
        """The row of an event. Raises StoreUnavailable."""
        found = self._store.rows(conversation, now=now, since=timestamp, until=timestamp + 1)
        return next((row for row in found if row.event_id == event_id), None)

    @staticmethod
    def _key(row: Row) -> tuple[str, str]:
        return row.conversation, row.event_id

    def append(self, row: Row) -> None:
        """Store the row of a push, or write it to stderr."""
        self._let_expire(row)

        def append() -> bool:
            self._store.append(row)
            return True

        if not self._try("append", append, otherwise=False):
            write_lost_row(row)

    def unsend(self, conversation: str, message_id: str) -> None:
        """Remove the content of a message that its sender took back."""
        self._try("unsend", lambda: self._store.unsend(conversation, message_id), 0)

    def _let_expire(self, row: Row, now: int = 0) -> None:
        # Not the event's time alone: an event without one would have expired when it arrives.
        if self._days is not None:
            row.expires_at = max(row.timestamp, now) // 1000 + self._days * 86_400

    def _try(self, step: str, call: Callable[[], _T], otherwise: _D) -> _T | _D:
        try:
            return call()
        except Exception as error:  # noqa: BLE001  # no trouble of a store may cost an answer
            self._report(step, error)
            return otherwise


def write_lost_row(row: Row) -> None:
    """Write a row that could not be stored to stderr, in one piece; never raises."""
    try:
        sys.stderr.write(lost_line(row))
        sys.stderr.flush()
    except Exception:  # noqa: BLE001  # closed, full or absent: there is nowhere left to say so
        return


def lost_line(row: Row) -> str:
    """The row as one line of JSON, in ASCII, so that any stderr takes it and no log changes it.

    Lambda drops a line without a level and a time when only warnings are wanted.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    Replies that no JSON can hold, which may be why the row was not stored, are left out.
    """
    import json
    from time import gmtime, strftime

    from msgspec import to_builtins
    from msgspec.structs import replace

    happened = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(row.timestamp // 1000))
    line = {"timestamp": happened, "level": "ERROR"}
    try:
        return json.dumps({**line, LOST_ROW: to_builtins(row)}) + "\n"
    except (TypeError, ValueError, RecursionError):
        return json.dumps({**line, LOST_ROW: to_builtins(replace(row, replies=[]))}) + "\n"


def row_of(event: Event, piece: bytes, *, bot: str, now: int, lease_end: int) -> Row:
    """The claimed row of an event that arrived at `now` (UTC ms) for the bot's user id.

    `piece` is the event's JSON, `lease_end` (UTC ms) the end of the claim.
    """
    message: Any = getattr(event, "message", None)  # of a message, or of an edited one
    row = Row(
        conversation=event.conversation,
        event_id=event_id_of(event, piece),
        timestamp=min(max(event.timestamp, 0), END_OF_TIME - 1),
        sender=event.user_id or event.conversation,
        to=bot,
        type=f"message.{message.type}" if isinstance(event, MessageEvent) else event.type,
        message=_seen(event),
        message_id=message.id if message else None,
        claimed_until=lease_end,
        last_attempt=ATTEMPTS,
        received_at=now,
    )
    row.event = rest_of(piece, row)
    return row


def event_id_of(event: Event, piece: bytes) -> str:
    """The `webhookEventId`, or for an event without one a digest of its JSON."""
    if event.webhook_event_id:
        return event.webhook_event_id
    from hashlib import sha256

    return f"sha256-{sha256(piece).hexdigest()[:26]}"


def _seen(event: Event) -> str:
    """What a reader of the log sees of the event."""
    message = getattr(event, "message", None)
    if isinstance(message, TextContent):
        return message.text
    if isinstance(event, MessageEvent):
        return f"[{event.message.type}]"
    postback = getattr(event, "postback", None)
    return f"[{event.type}]" if postback is None else postback.data
