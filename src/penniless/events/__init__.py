"""What LINE sends: one class per webhook event, and the decoding that never fails on news.

LINE adds event types, message types and properties without notice, so whatever is unknown or
malformed becomes an `UnknownEvent`, `UnknownMessage` or `UnknownSource` that keeps the JSON, and
one strange event never costs its neighbours. Property names are LINE's in snake_case. The rarer
events live in modules of their own that are imported when the first of them arrives.

Source: https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import msgspec

from penniless.events.common import Event, UnknownEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.events.channel import (
        AccountLinkEvent,
        ActivatedEvent,
        BeaconEvent,
        BotResumedEvent,
        BotSuspendedEvent,
        DeactivatedEvent,
        DeliveryEvent,
        MembershipEvent,
        ModuleEvent,
    )
    from penniless.events.chat import (
        FollowEvent,
        JoinEvent,
        LeaveEvent,
        MemberJoinedEvent,
        MemberLeftEvent,
        MessageEditedEvent,
        PostbackEvent,
        UnfollowEvent,
        UnsendEvent,
        VideoPlayCompleteEvent,
    )
    from penniless.events.common import (
        GroupSource,
        RoomSource,
        Source,
        UnknownSource,
        UserSource,
    )
    from penniless.events.message import (
        AudioContent,
        FileContent,
        ImageContent,
        LocationContent,
        MessageEvent,
        StickerContent,
        TextContent,
        UnknownMessage,
        VideoContent,
    )

__all__ = [
    "KINDS",
    "AccountLinkEvent",
    "ActivatedEvent",
    "AudioContent",
    "BeaconEvent",
    "BotResumedEvent",
    "BotSuspendedEvent",
    "DeactivatedEvent",
    "DeliveryEvent",
    "Event",
    "FileContent",
    "FollowEvent",
    "GroupSource",
    "ImageContent",
    "JoinEvent",
    "LeaveEvent",
    "LocationContent",
    "MemberJoinedEvent",
    "MemberLeftEvent",
    "MembershipEvent",
    "MessageEditedEvent",
    "MessageEvent",
    "ModuleEvent",
    "PostbackEvent",
    "RoomSource",
    "Source",
    "StickerContent",
    "TextContent",
    "UnfollowEvent",
    "UnknownEvent",
    "UnknownMessage",
    "UnknownSource",
    "UnsendEvent",
    "UserSource",
    "VideoContent",
    "VideoPlayCompleteEvent",
    "Webhook",
    "decode_event",
    "decode_webhook",
]

KINDS = {
    "message": ("message", "MessageEvent"),
    "messageEdited": ("chat", "MessageEditedEvent"),
    "unsend": ("chat", "UnsendEvent"),
    "follow": ("chat", "FollowEvent"),
    "unfollow": ("chat", "UnfollowEvent"),
    "join": ("chat", "JoinEvent"),
    "leave": ("chat", "LeaveEvent"),
    "memberJoined": ("chat", "MemberJoinedEvent"),
    "memberLeft": ("chat", "MemberLeftEvent"),
    "postback": ("chat", "PostbackEvent"),
    "videoPlayComplete": ("chat", "VideoPlayCompleteEvent"),
    "beacon": ("channel", "BeaconEvent"),
    "accountLink": ("channel", "AccountLinkEvent"),
    "membership": ("channel", "MembershipEvent"),
    "module": ("channel", "ModuleEvent"),
    "activated": ("channel", "ActivatedEvent"),
    "deactivated": ("channel", "DeactivatedEvent"),
    "botSuspended": ("channel", "BotSuspendedEvent"),
    "botResumed": ("channel", "BotResumedEvent"),
    "delivery": ("channel", "DeliveryEvent"),
}
"""Every event type that LINE documents: its wire name, the module and the class."""

_HOME = {
    **{name: module for module, name in KINDS.values()},
    **dict.fromkeys(
        ("GroupSource", "RoomSource", "Source", "UnknownSource", "UserSource"), "common"
    ),
    **dict.fromkeys(
        (
            "AudioContent",
            "FileContent",
            "ImageContent",
            "LocationContent",
            "StickerContent",
            "TextContent",
            "UnknownMessage",
            "VideoContent",
        ),
        "message",
    ),
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_module(_HOME[name]), name)


def _module(name: str) -> Any:
    full = f"{__name__}.{name}"
    __import__(full)
    return sys.modules[full]


class Webhook(msgspec.Struct, frozen=True):
    """One delivery: the bot's user id and the events, each with the JSON it came as."""

    destination: str
    events: list[tuple[Event, bytes]]


class _Envelope(msgspec.Struct):
    destination: str
    events: list[msgspec.Raw]


class _Kind(msgspec.Struct):
    type: str


_envelope = msgspec.json.Decoder(_Envelope)
_kind = msgspec.json.Decoder(_Kind)


def decode_webhook(body: bytes) -> Webhook:
    """Decode the body of a webhook. Raises ValueError if it is not a webhook at all."""
    try:
        envelope = _envelope_in(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ValueError("not a webhook") from error
    pieces = [bytes(raw) for raw in envelope.events]
    return Webhook(envelope.destination, [(decode_event(piece), piece) for piece in pieces])


def _envelope_in(body: bytes) -> _Envelope:
    try:
        return _envelope.decode(body)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        from penniless.events.lenient import mended

        return _envelope.decode(mended(body))


def decode_event(piece: bytes) -> Event:
    """Decode one event object; whatever is new or malformed comes back as an Unknown value."""
    try:
        return _decoder(_kind.decode(piece).type).decode(piece)
    except (msgspec.DecodeError, KeyError, UnicodeDecodeError, RecursionError):
        from penniless.events.lenient import decode_leniently

        return decode_leniently(piece)


@cache
def _decoder(kind: str) -> msgspec.json.Decoder[Event]:
    return msgspec.json.Decoder(event_class(kind))


def event_class(kind: str) -> type[Event]:
    """The class of an event type's wire name. Raises KeyError for a name LINE does not document."""
    module, name = KINDS[kind]
    found: type[Event] = getattr(_module(module), name)
    return found
