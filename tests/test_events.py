"""Every webhook event against the official SDK, and whatever LINE might send one day."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

import linebot.v3.webhooks as sdk
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linebot.v3 import WebhookParser

import penniless.events
from penniless import events
from penniless.events import (
    Event,
    MessageEvent,
    TextContent,
    UnknownEvent,
    UnknownMessage,
    UnknownSource,
    channel,
    chat,
    common,
    decode_event,
    decode_webhook,
    message,
)
from penniless.line.signature import sign
from tests.event_samples import ALICE, BOT, CONTENTS, EVENTS, GROUP, SOURCES, TIME, message_event
from tests.events_json import encoded
from tests.strategies import ANY_EVENTS

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"


def by_sdk(sample: dict[str, Any]) -> Any:
    """What the official SDK makes of the event."""
    body = encoded({"destination": BOT, "events": [sample]})
    return WebhookParser(SECRET).parse(body.decode(), sign(SECRET, body))[0]


def differences(ours: Any, theirs: Any, path: str = "event") -> list[str]:
    """Where a value of ours says something else than the SDK's."""
    if isinstance(theirs, Enum):
        theirs = theirs.value
    if hasattr(theirs, "__fields__"):
        theirs = {name: getattr(theirs, name) for name in theirs.__fields__}
    if isinstance(theirs, dict):
        pairs = [(name, getattr(ours, _snake(name), "absent"), one) for name, one in theirs.items()]
        return [
            found for name, our, one in pairs for found in differences(our, one, f"{path}.{name}")
        ]
    if isinstance(theirs, list):
        assert len(ours) == len(theirs)
        pairs = list(zip(map(str, range(len(ours))), ours, theirs, strict=True))
        return [
            found for name, our, one in pairs for found in differences(our, one, f"{path}[{name}]")
        ]
    nothing = theirs is None and not ours
    return [] if nothing or ours == theirs else [f"{path}: {ours!r} is not {theirs!r}"]


def _snake(name: str) -> str:
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name)


def unreflected(sample: Any, ours: Any, path: str = "event") -> list[str]:
    """Which properties of the JSON cannot be read from the decoded value."""
    if isinstance(sample, dict):
        return [
            found
            for name, one in sample.items()
            for found in unreflected(one, getattr(ours, _snake(name), None), f"{path}.{name}")
        ]
    if isinstance(sample, list):
        return [
            found
            for index, one in enumerate(sample)
            for found in unreflected(one, ours[index], f"{path}[{index}]")
        ]
    return [] if sample == ours else [f"{path}: {ours!r} is not {sample!r}"]


@pytest.mark.parametrize("name", EVENTS)
def test_sample_is_decoded_whole(name: str) -> None:
    """Every property of every documented event can be read under its name in snake_case."""
    decoded = decode_event(encoded(EVENTS[name]))
    assert type(decoded) is events.event_class(EVENTS[name]["type"])
    assert unreflected(EVENTS[name], decoded) == []


@pytest.mark.parametrize("name", EVENTS)
def test_sample_says_the_same_to_the_official_sdk(name: str) -> None:
    """The official SDK knows each sample and reads the same values from it."""
    theirs = by_sdk(EVENTS[name])
    assert type(theirs).__name__ != "UnknownEvent"
    assert differences(decode_event(encoded(EVENTS[name])), theirs) == []


def test_samples_cover_every_event_and_content() -> None:
    """No event, content or source type is without a sample."""
    assert {one["type"] for one in EVENTS.values()} == set(events.KINDS)
    assert {one["type"] for one in CONTENTS.values()} == {one.KIND for one in _contents()}
    assert {one["type"] for one in SOURCES.values()} == {"user", "group", "room"}


def _contents() -> list[type[message.AnyContent]]:
    return [
        one
        for one in vars(message).values()
        if isinstance(one, type) and issubclass(one, message.AnyContent) and one.KIND != "unknown"
    ]


# The official SDK's classes whose twin has another name, and those that need none.
TWINS: dict[str, type] = {
    "AttachedModuleContent": channel.Module,
    "BeaconContent": channel.Beacon,
    "DetachedModuleContent": channel.Module,
    "FollowDetail": chat.Follow,
    "JoinedMembers": chat.Members,
    "JoinedMembershipContent": channel.Membership,
    "LeftMembers": chat.Members,
    "LeftMembershipContent": channel.Membership,
    "LinkContent": channel.Link,
    "PnpDelivery": channel.Delivery,
    "PnpDeliveryCompletionEvent": channel.DeliveryEvent,
    "PostbackContent": chat.Postback,
    "RenewedMembershipContent": channel.Membership,
    "AllMentionee": message.Mentionee,
    "UserMentionee": message.Mentionee,
    "UnsendDetail": chat.Unsend,
    "CallbackRequest": events.Webhook,
}
BASES = {
    "MembershipContent": "one class for all three; its `type` tells them apart",
    "ModuleContent": "one class for both; its `type` tells them apart",
    "MessageContent": "a union of ours",
    "Source": "a union of ours",
}


def sdk_models() -> dict[str, Any]:
    """The models in the official SDK's webhooks package, by name."""
    return {
        name: one
        for name, one in vars(sdk).items()
        if hasattr(one, "__fields__") and name not in BASES
    }


def twin_of(name: str) -> type:
    if name in TWINS:
        return TWINS[name]
    ours = name.replace("MessageContent", "Content")
    homes = (common, message, chat, channel)
    found: type = next(vars(home)[ours] for home in homes if ours in vars(home))
    return found


@pytest.mark.parametrize("name", sdk_models())
def test_class_has_every_field_of_its_twin_in_the_official_sdk(name: str) -> None:
    """Every class of the official SDK's webhooks has one here, with all its fields."""
    fields = set(sdk_models()[name].__fields__)
    assert {field for field in fields if not hasattr(twin_of(name), field)} == set()


def test_public_names_exist() -> None:
    """Every name in `__all__` is there, and an unknown one is an AttributeError."""
    assert all(hasattr(penniless.events, name) for name in events.__all__)
    with pytest.raises(AttributeError, match="CallEvent"):
        penniless.events.CallEvent  # noqa: B018


def test_conversation_is_the_chat_and_not_the_person() -> None:
    """A group or room is one conversation, whoever speaks; without anybody it is the channel's."""
    found = {
        name: decode_event(encoded(message_event(CONTENTS["text"], source))).conversation
        for name, source in {**SOURCES, "nothing": None}.items()
    }
    assert found["user"] == f"user#{ALICE}"
    assert found["group"] == found["group without user"] == f"group#{GROUP}"
    assert found["room"] == found["room without user"]
    assert found["user without consent"] == found["nothing"] == "channel"


def test_user_is_known_where_line_names_one() -> None:
    """`user_id` is who caused the event, in groups too, or None."""
    group = decode_event(encoded(message_event(CONTENTS["text"], SOURCES["group"])))
    nobody = decode_event(encoded(EVENTS["accountLink that failed"]))
    assert (group.user_id, nobody.user_id) == (ALICE, None)


def test_unknown_event_keeps_its_json_and_its_common_properties() -> None:
    """An event type of tomorrow is an UnknownEvent that can be replied to."""
    sample = {**EVENTS["postback"], "type": "telepathy", "telepathy": {"thought": "🍣"}}
    found = decode_event(encoded(sample))
    assert isinstance(found, UnknownEvent)
    assert (found.type, found.data) == ("telepathy", sample)
    assert (found.conversation, found.timestamp) == (f"user#{ALICE}", TIME)
    assert found.reply_token == sample["replyToken"]
    assert found.webhook_event_id == sample["webhookEventId"]


@pytest.mark.parametrize("type_", ["hologram", "unknown", ""])
def test_unknown_message_keeps_its_json(type_: str) -> None:
    """A content type of tomorrow is an UnknownMessage inside a MessageEvent."""
    content = {"type": type_, "id": "5", "depth": 3, "markAsReadToken": "r"}
    found = decode_event(encoded(message_event(content)))
    assert isinstance(found, MessageEvent)
    assert found.message == UnknownMessage(id="5", name=type_, data=content, mark_as_read_token="r")
    assert (found.message.type, found.user_id) == (type_, ALICE)


@pytest.mark.parametrize("type_", ["square", "unknown", ""])
def test_unknown_source_keeps_its_json(type_: str) -> None:
    """A source type of tomorrow is an UnknownSource; the message inside is as it was."""
    source = {"type": type_, "squareId": "S1", "userId": ALICE}
    found = decode_event(encoded(message_event(CONTENTS["text"], source)))
    assert isinstance(found, MessageEvent)
    assert found.source == UnknownSource(user_id=ALICE, name=type_, data=source)
    assert found.message.type == "text"


def test_extra_properties_are_ignored() -> None:
    """Properties of tomorrow do not change how an event is read."""
    content = {**CONTENTS["text"], "mood": {"value": 1}}
    extra = {**message_event(content), "weather": ["sun", None]}
    assert decode_event(encoded(extra)) == decode_event(encoded(message_event(CONTENTS["text"])))


@pytest.mark.parametrize("name", EVENTS)
def test_any_missing_or_null_property_is_survived(name: str) -> None:
    """Without one of its properties, or with null there, an event still decodes."""
    for broken in _without_each(EVENTS[name]):
        found = decode_event(encoded(broken))
        assert isinstance(found, Event)
        assert found.webhook_event_id == (broken.get("webhookEventId") or "")


def _without_each(sample: dict[str, Any]) -> list[dict[str, Any]]:
    broken: list[dict[str, Any]] = []
    for name, value in sample.items():
        broken += [{**sample, name: None}, {one: sample[one] for one in sample if one != name}]
        if isinstance(value, dict):
            broken += [{**sample, name: one} for one in _without_each(value)]
    return broken


def test_malformed_text_is_no_text() -> None:
    """A message of a known type that lacks what makes it one is an UnknownMessage."""
    found = decode_event(encoded(message_event({"type": "text", "id": "1"})))
    assert isinstance(found, MessageEvent)
    assert isinstance(found.message, UnknownMessage)
    assert (found.message.id, found.message.type) == ("1", "text")


@pytest.mark.parametrize(
    "piece",
    [
        b'{"type":"message","timestamp":' + b"9" * 5000 + b"}",
        b'{"type":"message","timestamp":1e400}',
        b'{"type":"new","x":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"type":"new","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"type":"message","message":' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
        b'{"type":"message","message":{"type":"text","id":"1","text":"\\ud83c"}}',
        b'{"type":"message","message":{"type":"text","id":"1","text":"\xff"}}',
        b'{"type":"follow","type":"unfollow"}',
        b'{"type":["follow"]}',
        b"[]",
        b"null",
        b"17",
        b"NaN",
        b"{",
        b"",
    ],
    ids=lambda piece: f"{piece[:40]!r}",
)
def test_odd_json_is_survived(piece: bytes) -> None:
    """Huge numbers, deep nesting, half surrogates and non-objects decode to some event."""
    assert isinstance(decode_event(piece), Event)


@pytest.mark.parametrize("half", [b"\\ud83c", b"\xff"])
def test_half_an_emoji_costs_only_itself(half: bytes) -> None:
    """A text with half a surrogate pair, or broken UTF-8, is a text with U+FFFD in that place."""
    cut = encoded(EVENTS["message: text"]).replace(b"hello", b"hell" + half)
    body = b'{"destination":"U1","events":[%b,%b]}' % (cut, encoded(EVENTS["follow"]))
    (found, _), (other, _) = decode_webhook(body).events
    assert other == decode_event(encoded(EVENTS["follow"]))
    assert found == decode_event(cut)
    assert isinstance(found, MessageEvent)
    assert isinstance(found.message, TextContent)
    assert found.message.text == "hell\ufffd"
    assert found.conversation == f"user#{ALICE}"


def test_one_strange_event_does_not_cost_its_neighbours() -> None:
    """In a webhook of three, the one in the middle that nobody understands is the only Unknown."""
    good = EVENTS["message: text"]
    body = encoded({"destination": BOT, "events": [good, [1, {"no": "event"}], good]})
    kinds = [type(event).__name__ for event, _ in decode_webhook(body).events]
    assert kinds == ["MessageEvent", "UnknownEvent", "MessageEvent"]


def test_event_comes_with_its_own_bytes() -> None:
    """Each event carries the JSON it came as, to the byte."""
    pieces = [encoded(EVENTS["follow"]), json.dumps(EVENTS["unsend"], indent=2).encode()]
    body = b'{"events": [ %b ,%b ], "destination": "U1", "more": 1}' % tuple(pieces)
    webhook = decode_webhook(body)
    assert [piece for _, piece in webhook.events] == pieces
    assert webhook.destination == "U1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"[]",
        b"null",
        b'{"events":[]}',
        b'{"destination":"U1"}',
        b'{"destination":null,"events":[]}',
        b'{"destination":"U1","events":{}}',
        b'{"destination":"U1","events":[}',
        b'{"destination":"U1","events":[]}x',
        b'\xef\xbb\xbf{"destination":"U1","events":[]}',
        b'{"destination":"\xff","events":[]}',
    ],
)
def test_what_is_no_webhook_is_a_value_error(body: bytes) -> None:
    """A body without destination and events is refused with one kind of exception."""
    with pytest.raises(ValueError, match="not a webhook"):
        decode_webhook(body)


@settings(deadline=None)
@given(ANY_EVENTS)
def test_any_json_decodes_to_an_event(value: Any) -> None:
    """Whatever JSON stands in the place of an event, it becomes one whose properties hold."""
    found = decode_event(json.dumps(value).encode())
    assert isinstance(found, Event)
    assert found.conversation.startswith(("user#", "group#", "room#", "channel"))
    assert isinstance(found.type, str)
    assert isinstance(found.timestamp, int)
    assert found.user_id is None or isinstance(found.user_id, str)


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_decode_to_an_event(piece: bytes) -> None:
    """Bytes that are no JSON become an UnknownEvent."""
    assert isinstance(decode_event(piece), Event)
