"""What the core asks of the outside: a `Store` that remembers and a `Line` that speaks to LINE.

Law of this module: Protocols and the plain values that cross them, no behaviour. Adapters
(`line.client`, `stores.*`) know this module; the core knows nothing of the adapters.
Times are UTC milliseconds since 1970 unless the name says otherwise, and always passed in.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol, TypeAlias

from msgspec import Struct, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Json: TypeAlias = dict[str, Any]
"""A JSON object, ready to be encoded."""

Status: TypeAlias = Literal["claimed", "done", "failed"]


class Row(Struct, kw_only=True, omit_defaults=True):
    """One event of a conversation and what the bot answered: both sides of the log.

    A push, which has no event, is a row too: its `event_id` starts with `push-`, its `sender` is
    the bot, and it is `done` from the start.
    """

    conversation: str
    """`user#U…`, `group#C…`, `room#R…`, or `channel` where LINE names nobody."""
    event_id: str
    """The `webhookEventId`."""
    timestamp: int
    """When the event happened, as LINE says."""
    sender: str
    """A user id; the conversation's key where LINE names no user; the bot's user id for a push."""
    to: str
    """The other side of `sender`."""
    type: str
    """`message.text`, `message.image`, `postback`, `follow`, …; `push` for a push."""
    message: str | None = None
    """What a reader sees of it: the text, the postback data, `[image]`; None after an unsend."""
    message_id: str | None = None
    status: Status = "claimed"
    outcome: str = ""
    """`replied`, `pushed`, `no reply`, `no handler`, `standby`, or `failed: ` and the reason."""
    replies: list[Json] = field(default_factory=list)
    """The message objects that the bot sent in answer."""
    answered_at: int | None = None
    claimed_until: int = 0
    """The end of the claim's lease; after it another delivery of the event may take over."""
    attempt: int = 1
    """Counts the claims of this event. A finish with an older number is refused."""
    expires_at: int | None = None
    """Epoch *seconds*, DynamoDB's TTL unit; an expired row is not read."""


class Claim(Struct, frozen=True):
    """What a claim met in the store."""

    granted: bool
    found: Literal["nothing", "live", "expired", "done"]
    """`live`: somebody else works on it; `expired`: its lease ran out, so this claim took over."""
    attempt: int = 1


class State(Struct, frozen=True):
    """The state of a conversation; version 0 means that nothing is stored."""

    version: int
    data: Json


class Store(Protocol):
    """A place for log and state. Every backend passes `tests/stores/conformance.py`.

    All methods raise StoreUnavailable when the backend cannot be reached.
    """

    def claim(self, row: Row, *, now: int) -> Claim:
        """Write `row` (status `claimed`) unless its event is finished or under a live lease.

        Atomic: of any number of simultaneous claims of one event exactly one is granted.
        A takeover raises the stored `attempt` and keeps the stored fields otherwise.
        """
        ...

    def finish(self, row: Row) -> bool:
        """Store the final status, outcome, replies and answered_at of a claimed row.

        Returns False, and changes nothing, if the row is not claimed under `row.attempt` any more.
        """
        ...

    def append(self, row: Row) -> None:
        """Write a row that needs no claim: a push."""
        ...

    def unsend(self, conversation: str, message_id: str) -> int:
        """Remove the content of that message from the log; returns how many rows it touched."""
        ...

    def rows(
        self,
        conversation: str,
        *,
        now: int,
        since: int = 0,
        until: int | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[Row]:
        """Rows with since <= timestamp < until, by (timestamp, event_id), expired ones left out."""
        ...

    def conversations(self) -> Iterator[str]:
        """The keys of all conversations that have a row or a state, sorted."""
        ...

    def read_state(self, conversation: str) -> State: ...

    def write_state(self, conversation: str, data: Json, *, version: int) -> int:
        """Replace the state if it still has `version`; returns the new version.

        Raises StateConflict if another writer was faster.
        """
        ...

    def forget(self, conversation: str) -> int:
        """Delete all rows and the state of a conversation; returns how many things it deleted."""
        ...

    def close(self) -> None: ...


class SentMessage(Struct, frozen=True, rename="camel"):
    """A message as LINE accepted it. Audio, location and imagemap messages have no quote token."""

    id: str
    quote_token: str | None = None


class Profile(Struct, frozen=True, rename="camel"):
    """A user's profile; a group member's has neither status message nor language."""

    user_id: str
    display_name: str
    picture_url: str | None = None
    status_message: str | None = None
    language: str | None = None


class Content(Protocol):
    """The bytes of an image, video, audio or file, streamed. Close it, or use it in a `with`."""

    content_type: str
    length: int | None

    def read(self, size: int = -1) -> bytes: ...
    def __iter__(self) -> Iterator[bytes]: ...
    def save(self, path: str | Path) -> int: ...
    def close(self) -> None: ...
    def __enter__(self) -> Content: ...
    def __exit__(self, *args: object) -> None: ...


class Line(Protocol):
    """The calls of the Messaging API that the core makes. Each raises a LineError."""

    def reply(
        self, reply_token: str, messages: Sequence[Json], *, notification_disabled: bool = False
    ) -> list[SentMessage]: ...

    def push(
        self,
        to: str,
        messages: Sequence[Json],
        *,
        retry_key: str | None = None,
        notification_disabled: bool = False,
    ) -> list[SentMessage]: ...

    def profile(self, user_id: str) -> Profile: ...
    def group_member_profile(self, group_id: str, user_id: str) -> Profile: ...
    def room_member_profile(self, room_id: str, user_id: str) -> Profile: ...
    def content(self, message_id: str) -> Content: ...
    def start_loading(self, chat_id: str, seconds: int = 20) -> None: ...
    def mark_as_read(self, token: str) -> None: ...
    def close(self) -> None: ...
