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

Status: TypeAlias = Literal["claimed", "answered", "held", "done", "failed"]
"""What `penniless.lifecycle` says of each."""

OPEN: tuple[Status, ...] = ("claimed", "answered")
"""The statuses of an event that somebody works on, under a lease."""

SETTLED: tuple[Status, ...] = ("done", "held")
"""The statuses of an event whose handler has ended well."""


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
    """The way of the answer: `replied`, `pushed`, `held`, or several of them (`replied, held`);
    `no reply`, `no handler`, `standby`, or `failed: ` and the reason."""
    replies: list[Json] = field(default_factory=list)
    """The message objects that the bot sent in answer."""
    waiting: list[Json] = field(default_factory=list)
    """The rest of the answer, in order: on its way (`answered`), or for the next event (`held`)."""
    way: str = ""
    """How an open row is being sent: `reply <own messages in it>` (`reply` while the handler still
    works), `push`, `used` where the token is known to be gone, or the key and the number of its
    messages (`<timestamp>#<event id>#<n>`) of the later event whose reply carries it."""
    answered_at: int | None = None
    claimed_until: int = 0
    """The end of the claim's lease; after it another delivery of the event may take over."""
    attempt: int = 1
    """Counts the claims of this event. An `advance` with an older number is refused."""
    last_attempt: int = 3
    """The claim after which the event fails rather than being tried again."""
    received_at: int = 0
    """When the newest delivery of the event came in, by the bot's clock: its token's birth."""
    deferred: bool = False
    """Whether whatever is sent is written down first (`answered`), as after the webhook's own
    answer: then a claimed row says that nothing but `replies` was sent."""
    event: Json | None = None
    """What else LINE said of the event (`penniless.recovery`), until it is done."""
    once: Json = field(default_factory=dict)
    """The results of `ctx.once`, by name."""
    expires_at: int | None = None
    """Epoch *seconds*, DynamoDB's TTL unit; an expired row is not read."""


class Claim(Struct, frozen=True):
    """What a claim met in the store."""

    granted: bool
    found: Literal["nothing", "live", "expired", "done"]
    """`live`: somebody else works on it; `expired`: its lease ran out, so this claim took over."""
    attempt: int = 1
    row: Row | None = None
    """The stored row as this claim left it, if it took over."""


class State(Struct, frozen=True):
    """The state of a conversation; version 0 means that nothing is stored."""

    version: int
    data: Json
    answers: Json = {}
    """By event id, what was answered when the event changed this state, as long as that may
    matter: whoever takes the event over finds the change made, and the answer here."""


class Desk(Struct, frozen=True):
    """What lies on the table when an event of a conversation comes in, read in one go."""

    state: State
    held: list[Row] = []
    """All rows that are held or, `answered` with the key of an event as their way, were taken
    along by that event and are not final yet; oldest first."""
    overdue: list[Row] = []
    """Rows whose lease ran out, oldest first: of the newest few of the conversation at least."""
    settled: list[str] = []
    """Of the events in `state.answers`, those that are done or held: of the newest few at least."""


class Store(Protocol):
    """A place for log and state. Every backend passes `tests/stores/conformance.py`.

    All methods raise StoreUnavailable when the backend cannot be reached.
    """

    writes_are_free: bool
    """Whether nobody pays for a write: then each answer is written down before it is sent."""

    def claim(self, row: Row, *, now: int) -> Claim:
        """Write `row` (status `claimed`) unless its event is finished, held or under a live lease.

        Atomic: of any number of simultaneous claims of one event exactly one is granted.
        A takeover raises the stored `attempt`, takes `claimed_until` and, where it is later,
        `received_at` from `row`, and keeps the stored fields otherwise, the status too.
        """
        ...

    def advance(self, row: Row, *, was: Sequence[Status] = OPEN) -> bool:
        """Store what came of a row, in one conditional write.

        That is its status, outcome, replies, waiting, way, answered_at, claimed_until, deferred
        and once; an `event` of None removes the stored one, any other leaves it. Returns False,
        and changes nothing, unless the stored row has `row.attempt` and one of the statuses `was`.
        """
        ...

    def reopen(self, row: Row) -> bool:
        """Make a failed row claimed again, its lease over at once and three attempts ahead of it.

        Somebody wants the answer even if it was sent before: nothing is in doubt (`deferred`), and
        `waiting` and `way` are empty. Returns False, and changes nothing, if it is not failed or
        was stored without its event.
        """
        ...

    def desk(self, conversation: str, *, now: int) -> Desk:
        """The state, the held rows and the overdue ones of a conversation, as all writes left them.

        Expired rows are left out.
        """
        ...

    def overdue(self, *, now: int, limit: int) -> list[Row]:
        """Open rows of all conversations whose lease was over at `now`, the oldest lease first.

        May lag behind the last writes. Raises StoreUnavailable too where the backend cannot
        search for them (a table without its index).
        """
        ...

    def spend(self, month: str, count: int, *, limit: int) -> bool:
        """Count `count` pushes in that month if they then are `limit` at most; says if it did.

        A negative count gives back. Atomic.
        """
        ...

    def spent(self, month: str) -> int:
        """The pushes counted in that month."""
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

    def write_state(
        self, conversation: str, data: Json, *, version: int, answers: Json | None = None
    ) -> int:
        """Replace the state, and its answers, if it still has `version`; returns the new version.

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
    def group_members_count(self, group_id: str) -> int: ...
    def room_members_count(self, room_id: str) -> int: ...
    def left_this_month(self) -> int | None:
        """How many messages LINE still sends this month; None for no limit."""
        ...

    def mark_as_read(self, token: str) -> None: ...
    def close(self) -> None: ...
