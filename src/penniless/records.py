"""The log of a bot: the row of an event, claimed before it is handled and finished after.

A broken log never silences the bot: whatever the store raises is reported and counted, and the
event is handled all the same, with LINE's single-use reply token as the second lock against
doubled answers.
"""

from __future__ import annotations

from typing import Any, TypeVar

from penniless.events.message import MessageEvent, TextContent
from penniless.ports import Claim, Row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from penniless.events import Event
    from penniless.ports import Store

_T = TypeVar("_T")

LEASE = 60_000
"""Milliseconds that a claim lasts; a reply token is promised to live no longer than that."""

END_OF_TIME = 10**13
"""Times below this many milliseconds have the 13 digits of a sort key; that lasts until 2286.

A time beyond it, or none, is logged as the nearest possible one: a claim is keyed on it, so it has
to be the same when the event is delivered again.
"""


class Log:
    """The store as the log sees it: nothing here raises.

    `days` is how long a row is kept after its event; for ever if it is None.
    """

    __slots__ = ("_days", "_report", "_store")

    def __init__(
        self, store: Store, report: Callable[[str, Exception], None], *, days: int | None = None
    ) -> None:
        self._store = store
        self._report = report
        self._days = days

    def claim(self, row: Row, now: int) -> Claim:
        """Claim the event of this row; granted too if the store cannot say."""
        self._let_expire(row)
        unknown = Claim(granted=True, found="nothing")
        return self._try("claim", lambda: self._store.claim(row, now=now), unknown)

    def finish(self, row: Row) -> None:
        self._try("finish", lambda: self._store.finish(row), otherwise=False)

    def append(self, row: Row) -> None:
        self._let_expire(row)
        self._try("append", lambda: self._store.append(row), None)

    def unsend(self, conversation: str, message_id: str) -> None:
        """Remove the content of a message that its sender took back."""
        self._try("unsend", lambda: self._store.unsend(conversation, message_id), 0)

    def _let_expire(self, row: Row) -> None:
        if self._days is not None:
            row.expires_at = row.timestamp // 1000 + self._days * 86_400

    def _try(self, step: str, call: Callable[[], _T], otherwise: _T) -> _T:
        try:
            return call()
        except Exception as error:  # noqa: BLE001  # no trouble of a store may cost an answer
            self._report(step, error)
            return otherwise


def row_of(event: Event, event_id: str, *, bot: str, now: int) -> Row:
    """The claimed row of an event that arrived at `now` (UTC ms) for the bot's user id."""
    message: Any = getattr(event, "message", None)  # of a message, or of an edited one
    return Row(
        conversation=event.conversation,
        event_id=event_id,
        timestamp=min(max(event.timestamp, 0), END_OF_TIME - 1),
        sender=event.user_id or event.conversation,
        to=bot,
        type=f"message.{message.type}" if isinstance(event, MessageEvent) else event.type,
        message=_seen(event),
        message_id=message.id if message else None,
        claimed_until=now + LEASE,
    )


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
