"""What happens in a chat besides messages: people come and go, tap, edit and take back.

Source: https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct, field

from penniless.events.common import Event, UserSource
from penniless.events.message import MessageContent


class MessageEditedEvent(Event, frozen=True, kw_only=True, tag="messageEdited"):
    """A text was edited in a group: the same message id, a new quote token and reply token.

    Edits may arrive out of order; the largest timestamp wins.
    """

    KIND: ClassVar[str] = "messageEdited"

    message: MessageContent


class Unsend(Struct, frozen=True, rename="camel"):
    message_id: str


class UnsendEvent(Event, frozen=True, kw_only=True, tag="unsend"):
    """A person took a message back: hide and delete it. Cannot be replied to."""

    KIND: ClassVar[str] = "unsend"

    unsend: Unsend


class Follow(Struct, frozen=True, rename="camel"):
    is_unblocked: bool = False


class FollowEvent(Event, frozen=True, kw_only=True, tag="follow"):
    """Somebody added the bot as a friend, or unblocked it (`follow.is_unblocked`)."""

    KIND: ClassVar[str] = "follow"

    follow: Follow = field(default_factory=Follow)


class UnfollowEvent(Event, frozen=True, kw_only=True, tag="unfollow"):
    """Somebody blocked the bot. Cannot be replied to."""

    KIND: ClassVar[str] = "unfollow"


class JoinEvent(Event, frozen=True, kw_only=True, tag="join"):
    """The bot came into a group or room."""

    KIND: ClassVar[str] = "join"


class LeaveEvent(Event, frozen=True, kw_only=True, tag="leave"):
    """The bot was removed from a group or room. Cannot be replied to."""

    KIND: ClassVar[str] = "leave"


class Members(Struct, frozen=True):
    members: list[UserSource] = field(default_factory=list)


class MemberJoinedEvent(Event, frozen=True, kw_only=True, tag="memberJoined"):
    KIND: ClassVar[str] = "memberJoined"

    joined: Members


class MemberLeftEvent(Event, frozen=True, kw_only=True, tag="memberLeft"):
    """Cannot be replied to."""

    KIND: ClassVar[str] = "memberLeft"

    left: Members


class PostbackParams(Struct, frozen=True, rename="camel"):
    """What a date picker chose (no time zone), or how a rich menu switch ended."""

    date: str | None = None
    time: str | None = None
    datetime: str | None = None
    new_rich_menu_alias_id: str | None = None
    status: str | None = None


class Postback(Struct, frozen=True):
    data: str
    params: PostbackParams | None = None


class PostbackEvent(Event, frozen=True, kw_only=True, tag="postback"):
    """A button was tapped. Clients see the data, and it may be months old: do not trust it."""

    KIND: ClassVar[str] = "postback"

    postback: Postback


class VideoPlayComplete(Struct, frozen=True, rename="camel"):
    tracking_id: str


class VideoPlayCompleteEvent(Event, frozen=True, kw_only=True, tag="videoPlayComplete"):
    KIND: ClassVar[str] = "videoPlayComplete"

    video_play_complete: VideoPlayComplete
