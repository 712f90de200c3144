"""What all events share: where they come from, and the Unknown values."""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

from msgspec import Struct, field

UNKNOWN = "?"
"""The tag of our Unknown values: a name that LINE cannot send, so that none is taken for them."""

NOBODY = "channel"
"""The key of events that name no conversation: they are logged together, but share nothing else."""


class _Source(Struct, frozen=True, kw_only=True, rename="camel", tag_field="type"):
    KIND: ClassVar[str] = "unknown"

    user_id: str | None = None
    """Who caused the event. The reference promises it in groups only for message events."""

    @property
    def type(self) -> str:
        """The source's name on the wire."""
        return self.KIND

    @property
    def conversation(self) -> str:
        return f"user#{self.user_id}" if self.user_id else NOBODY

    @property
    def chat_id(self) -> str | None:
        """What a push to this chat is addressed to."""
        return self.user_id


class UserSource(_Source, frozen=True, kw_only=True, tag="user"):
    """A 1:1 chat. `user_id` is absent for people who never consented."""

    KIND: ClassVar[str] = "user"


class GroupSource(_Source, frozen=True, kw_only=True, tag="group"):
    KIND: ClassVar[str] = "group"

    group_id: str

    @property
    def conversation(self) -> str:
        return f"group#{self.group_id}"

    @property
    def chat_id(self) -> str | None:
        return self.group_id


class RoomSource(_Source, frozen=True, kw_only=True, tag="room"):
    """A multi-person chat of the old kind."""

    KIND: ClassVar[str] = "room"

    room_id: str

    @property
    def conversation(self) -> str:
        return f"room#{self.room_id}"

    @property
    def chat_id(self) -> str | None:
        return self.room_id


class UnknownSource(_Source, frozen=True, kw_only=True, tag=UNKNOWN):
    """A source of a type that this version does not know; `data` is its JSON."""

    name: str = ""
    data: Any = None

    @property
    def type(self) -> str:
        return self.name


Source: TypeAlias = UserSource | GroupSource | RoomSource | UnknownSource


class DeliveryContext(Struct, frozen=True, rename="camel"):
    is_redelivery: bool = False


class Event(Struct, frozen=True, kw_only=True, rename="camel", tag_field="type"):
    """The properties common to all events.

    `timestamp` is when it happened, in UTC milliseconds. `reply_token` and `source` are None where
    LINE leaves them out: the one on events that cannot be replied to and in standby mode, the
    other on a failed account link, for example.
    """

    KIND: ClassVar[str] = "unknown"

    mode: str = "active"
    timestamp: int = 0
    webhook_event_id: str = ""
    delivery_context: DeliveryContext = field(default_factory=DeliveryContext)
    source: Source | None = None
    reply_token: str | None = None

    @property
    def type(self) -> str:
        """The event's name on the wire."""
        return self.KIND

    @property
    def conversation(self) -> str:
        """The key of the conversation: `user#U…`, `group#C…`, `room#R…`, or `channel`."""
        return self.source.conversation if self.source else NOBODY

    @property
    def user_id(self) -> str | None:
        """Who caused it, if LINE says so."""
        return self.source.user_id if self.source else None


class UnknownEvent(Event, frozen=True, kw_only=True, tag=UNKNOWN):
    """An event that this version does not know, or that is not shaped as documented."""

    name: str = ""
    data: Any = None

    @property
    def type(self) -> str:
        return self.name
