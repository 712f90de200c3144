"""Every webhook that the simulator can send is one: the official SDK and Penniless both read it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import linebot.v3.webhooks as official
import pytest
from linebot.v3.exceptions import InvalidSignatureError
from linebot.v3.models import UnknownEvent as OfficialUnknownEvent
from linebot.v3.webhook import SignatureValidator, WebhookParser

from penniless import events
from penniless.simulator import relations, settings
from penniless.simulator.acts import act
from penniless.simulator.places import Place
from penniless.simulator.records import Webhook
from penniless.simulator.webhooks import body_of, headers_for
from penniless.simulator.world import World
from tests.simulator.conftest import SECRET, Call

Sent = dict[str, Any]
KEYS = ["webhookEventId", "deliveryContext", "timestamp", "source", "replyToken", "mode"]

ACTS: dict[str, tuple[Sent, str, str]] = {
    "text": ({"text": "สวัสดี 🙂"}, "MessageEvent", "TextContent"),
    "text with emojis": (
        {
            "text": "hi (love)",
            "emojis": [{"index": 3, "length": 6, "productId": "5ac1", "emojiId": "001"}],
        },
        "MessageEvent",
        "TextContent",
    ),
    "sticker": (
        {"sticker": {"packageId": "446", "stickerId": "1988", "keywords": ["hi"]}},
        "MessageEvent",
        "StickerContent",
    ),
    "image": ({"image": {}}, "MessageEvent", "ImageContent"),
    "image of a set": (
        {"image": {"imageSet": {"id": "E1", "index": 1, "total": 2}}},
        "MessageEvent",
        "ImageContent",
    ),
    "external image": (
        {"image": {"url": "https://example.com/a.jpg"}},
        "MessageEvent",
        "ImageContent",
    ),
    "video": ({"video": {"duration": 1500}}, "MessageEvent", "VideoContent"),
    "external video": (
        {"video": {"url": "https://example.com/a.mp4"}},
        "MessageEvent",
        "VideoContent",
    ),
    "audio": ({"audio": {}}, "MessageEvent", "AudioContent"),
    "file": (
        {"file": {"data": "AAEC", "fileName": "日本.pdf"}},
        "MessageEvent",
        "FileContent",
    ),
    "location": (
        {"location": {"title": "東京", "latitude": 35.68, "longitude": 139.76}},
        "MessageEvent",
        "LocationContent",
    ),
    "postback": ({"postback": {"data": "buy=1", "displayText": "買う"}}, "PostbackEvent", ""),
    "postback of a picker": (
        {"postback": {"data": "when", "params": {"datetime": "2026-11-22T10:00"}}},
        "PostbackEvent",
        "",
    ),
    "follow": ({"follow": True}, "FollowEvent", ""),
}

RAW: dict[str, tuple[Sent, str]] = {
    "videoPlayComplete": ({"videoPlayComplete": {"trackingId": "t"}}, "VideoPlayCompleteEvent"),
    "beacon": ({"beacon": {"hwid": "d41d8cd98f", "type": "enter"}}, "BeaconEvent"),
    "accountLink": ({"link": {"result": "ok", "nonce": "n"}}, "AccountLinkEvent"),
    "accountLink failed": ({"link": {"result": "failed", "nonce": "n"}}, "AccountLinkEvent"),
    "membership joined": ({"membership": {"type": "joined", "membershipId": 1}}, "MembershipEvent"),
    "membership left": ({"membership": {"type": "left", "membershipId": 1}}, "MembershipEvent"),
    "membership renewed": (
        {"membership": {"type": "renewed", "membershipId": 1}},
        "MembershipEvent",
    ),
    "module": ({"module": {"type": "attached", "botId": "Ub", "scopes": ["a"]}}, "ModuleEvent"),
    "module detached": (
        {"module": {"type": "detached", "botId": "Ub", "reason": "bot_deleted"}},
        "ModuleEvent",
    ),
    "activated": ({"chatControl": {"expireAt": 1462629479859}}, "ActivatedEvent"),
    "deactivated": ({}, "DeactivatedEvent"),
    "botSuspended": ({}, "BotSuspendedEvent"),
    "botResumed": ({}, "BotResumedEvent"),
    "delivery": ({"delivery": {"data": "hash"}}, "DeliveryEvent"),
}

OFFICIAL_NAMES = {"DeliveryEvent": "PnpDeliveryCompletionEvent"}


def _family(world: World) -> Any:
    return world.groups.get("family") or world.add_group("family", ["alice"])


def _unblocked(world: World) -> Webhook | None:
    relations.block(world, world.people["alice"])
    return relations.unblock(world, world.people["alice"]).webhook


def _joined(world: World) -> Webhook | None:
    return relations.person_joins(world, _family(world), world.people["bob"]).webhook


def _after_text(world: World, what: str, more: Sent) -> Webhook | None:
    _family(world)
    first = act(world, {"from": "alice", "in": "family", "text": "hello"}).entry
    assert first is not None
    return act(world, {"from": "alice", what: {"messageId": first.id, **more}}).webhook


def _mention(world: World) -> Webhook | None:
    _family(world)
    asked = {"text": "🙂 @Bot @All @Alice", "mentions": ["bot", "all", "alice"]}
    return act(world, {"from": "alice", "in": "family", **asked}).webhook


def _quote(world: World) -> Webhook | None:
    first = act(world, {"from": "alice", "text": "first"}).entry
    assert first is not None
    return act(world, {"from": "alice", "text": "second", "quote": first.id}).webhook


CHANGES: dict[str, tuple[Callable[[World], Webhook | None], str]] = {
    "follow again": (_unblocked, "FollowEvent"),
    "unfollow": (
        lambda world: relations.block(world, world.people["bob"]).webhook,
        "UnfollowEvent",
    ),
    "join": (
        lambda world: relations.found_group(world, "g", ["alice"], "group")[1].webhook,
        "JoinEvent",
    ),
    "join room": (
        lambda world: relations.found_group(world, "r", ["alice"], "room")[1].webhook,
        "JoinEvent",
    ),
    "leave": (lambda world: relations.bot_leaves(world, _family(world)).webhook, "LeaveEvent"),
    "memberJoined": (_joined, "MemberJoinedEvent"),
    "memberLeft": (
        lambda world: relations.person_leaves(world, _family(world), world.people["alice"]).webhook,
        "MemberLeftEvent",
    ),
    "unsend": (lambda world: _after_text(world, "unsend", {}), "UnsendEvent"),
    "messageEdited": (
        lambda world: _after_text(world, "edit", {"text": "new"}),
        "MessageEditedEvent",
    ),
    "mention": (_mention, "MessageEvent"),
    "quote": (_quote, "MessageEvent"),
}


def made(world: World, request: Sent) -> Webhook:
    webhook = act(world, {"from": "alice", **request}).webhook
    assert webhook is not None
    return webhook


def read_by_both(webhook: Webhook) -> tuple[Any, Any]:
    """The only event as the official SDK and as Penniless read it."""
    signature = webhook.headers["x-line-signature"]
    (theirs,) = WebhookParser(SECRET).parse(webhook.raw, signature)
    ((ours, _),) = events.decode_webhook(webhook.raw.encode()).events
    return theirs, ours


def check_read(webhook: Webhook | None, expected: str) -> Any:
    assert webhook is not None
    theirs, ours = read_by_both(webhook)
    assert type(theirs).__name__ == OFFICIAL_NAMES.get(expected, expected)
    assert type(ours).__name__ == expected
    assert json.loads(theirs.to_json()) == webhook.body["events"][0]
    return ours


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("place", ["1:1", "group", "room"])
def test_acts_are_read(world: World, name: str, place: str) -> None:
    """What people do in chats has the right class, and nothing is lost or added on the way."""
    request, expected, content = ACTS[name]
    if place != "1:1":
        world.add_group("place", ["alice"], place)
        request = {**request, "in": "place"}
    ours = check_read(made(world, request), expected)
    assert not content or type(ours.message).__name__ == content


@pytest.mark.parametrize("name", RAW)
def test_raw_events_are_read(world: World, name: str) -> None:
    """A raw event needs its own properties only; the common ones are filled in."""
    properties, expected = RAW[name]
    event = {"type": name.split(maxsplit=1)[0], **properties}
    check_read(made(world, {"event": event}), expected)


@pytest.mark.parametrize("name", CHANGES)
def test_changes_are_read(world: World, name: str) -> None:
    """Who comes, goes, blocks, edits, takes back, mentions and quotes."""
    change, expected = CHANGES[name]
    check_read(change(world), expected)


Part = Callable[[Any], Any]

OFFICIAL_PARTS: dict[str, tuple[Part, str]] = {
    "text": (lambda event: event.message, "TextMessageContent"),
    "text with emojis": (lambda event: event.message.emojis[0], "Emoji"),
    "sticker": (lambda event: event.message, "StickerMessageContent"),
    "image": (lambda event: event.message.content_provider, "ContentProvider"),
    "image of a set": (lambda event: event.message.image_set, "ImageSet"),
    "video": (lambda event: event.message, "VideoMessageContent"),
    "audio": (lambda event: event.message, "AudioMessageContent"),
    "file": (lambda event: event.message, "FileMessageContent"),
    "location": (lambda event: event.message, "LocationMessageContent"),
    "postback": (lambda event: event.postback, "PostbackContent"),
    "follow": (lambda event: event.follow, "FollowDetail"),
    "videoPlayComplete": (lambda event: event.video_play_complete, "VideoPlayComplete"),
    "beacon": (lambda event: event.beacon, "BeaconContent"),
    "accountLink": (lambda event: event.link, "LinkContent"),
    "membership joined": (lambda event: event.membership, "JoinedMembershipContent"),
    "membership left": (lambda event: event.membership, "LeftMembershipContent"),
    "membership renewed": (lambda event: event.membership, "RenewedMembershipContent"),
    "module": (lambda event: event.module, "AttachedModuleContent"),
    "module detached": (lambda event: event.module, "DetachedModuleContent"),
    "activated": (lambda event: event.chat_control, "ChatControl"),
    "delivery": (lambda event: event.delivery, "PnpDelivery"),
    "memberJoined": (lambda event: event.joined.members[0], "UserSource"),
    "memberLeft": (lambda event: event.left.members[0], "UserSource"),
    "unsend": (lambda event: event.unsend, "UnsendDetail"),
    "messageEdited": (lambda event: event.message, "TextMessageContent"),
    "join": (lambda event: event.source, "GroupSource"),
    "join room": (lambda event: event.source, "RoomSource"),
}


def happened(world: World, name: str) -> Webhook | None:
    """The webhook of one row of the tables."""
    if name in ACTS:
        return made(world, ACTS[name][0])
    if name in RAW:
        return made(world, {"event": {"type": name.split(maxsplit=1)[0], **RAW[name][0]}})
    return CHANGES[name][0](world)


def officially(webhook: Webhook | None) -> Any:
    """The only event as the official SDK reads it."""
    assert webhook is not None
    return read_by_both(webhook)[0]


@pytest.mark.parametrize("name", OFFICIAL_PARTS)
def test_the_parts_are_of_the_official_types(world: World, name: str) -> None:
    """What is in an event is read into the official SDK's own class for it, too."""
    part, expected = OFFICIAL_PARTS[name]
    found = part(officially(happened(world, name)))
    assert type(found).__name__ == expected
    assert type(found) in vars(official).values()


def test_official_mentions(world: World) -> None:
    """The bot itself, all, and a person are told apart as the official SDK's classes do."""
    mentionees = officially(_mention(world)).message.mention.mentionees
    assert [type(one).__name__ for one in mentionees] == [
        "UserMentionee",
        "AllMentionee",
        "UserMentionee",
    ]
    assert [getattr(one, "is_self", None) for one in mentionees] == [True, None, False]


def test_official_standby(world: World) -> None:
    """The mode is the official SDK's, and there is nothing to reply with."""
    event = {"type": "message", "mode": "standby", "message": {"type": "text", "text": "hi"}}
    found = officially(made(world, {"event": event}))
    assert found.mode is official.EventMode.STANDBY
    assert found.reply_token is None
    assert type(found.message).__name__ == "TextMessageContent"


def test_deeds_are_read(world: World, call: Call) -> None:
    """A tab of the rich menu, a membership and an account link, as the simulator checks them."""
    settings.change(world, {"memberships": [{"membershipId": 7}]})
    alice = world.people["alice"].user_id
    token = json.loads(call("POST", f"/v2/bot/user/{alice}/linkToken").body)["linkToken"]
    link = {"linkToken": token, "nonce": "n"}
    for asked, expected in (
        ({"richMenuSwitch": {"richMenuAliasId": "tab-a", "data": "d"}}, "PostbackEvent"),
        ({"membership": {"type": "joined", "membershipId": 7}}, "MembershipEvent"),
        ({"membership": {"type": "renewed", "membershipId": 7}}, "MembershipEvent"),
        ({"membership": {"type": "left", "membershipId": 7}}, "MembershipEvent"),
        ({"accountLink": link}, "AccountLinkEvent"),
        ({"accountLink": link}, "AccountLinkEvent"),
    ):
        check_read(made(world, asked), expected)
    sent = [one for one in world.wire if isinstance(one, Webhook)]
    assert [officially(one).link.result for one in sent[-2:]] == ["ok", "failed"]


def test_module_events_are_read(world: World, call: Call) -> None:
    """What acquiring and releasing a chat sends."""
    world.account.module = True
    alice = world.people["alice"].user_id
    for step, expected in (("acquire", "ActivatedEvent"), ("release", "DeactivatedEvent")):
        answer = call("POST", f"/v2/bot/chat/{alice}/control/{step}", {})
        assert answer.status == 200
        (webhook,) = answer.deliver
        check_read(webhook, expected)


def test_every_documented_event_can_be_sent() -> None:
    """No event type that LINE documents is missing in these tables."""
    expected = [row[1] for table in (ACTS, RAW, CHANGES) for row in table.values()]
    assert {name for _, name in events.KINDS.values()} == set(expected)


def test_a_deliberately_unknown_event(world: World) -> None:
    """An event type that nobody knows arrives as unknown on both sides, with its JSON."""
    webhook = made(world, {"event": {"type": "teleported", "where": {"to": "月"}}})
    theirs, ours = read_by_both(webhook)
    assert isinstance(theirs, OfficialUnknownEvent)
    assert isinstance(ours, events.UnknownEvent)
    assert ours.data["where"] == {"to": "月"}


def test_a_deliberately_unknown_message(world: World) -> None:
    """A message type that nobody knows has an id, and a reply token to answer with."""
    event = {"type": "message", "message": {"type": "hologram", "depth": 3}}
    _, ours = read_by_both(made(world, {"event": event}))
    assert isinstance(ours.message, events.UnknownMessage)
    assert ours.reply_token
    assert ours.message.id


@pytest.mark.parametrize("kind", [*events.KINDS, "teleported"])
def test_reply_tokens_are_where_line_gives_them(world: World, kind: str) -> None:
    """Exactly the events that can be replied to carry a token, and that token works."""
    (one,) = made(world, {"event": {"type": kind, "link": {"result": "ok"}}}).body["events"]
    replyable = {
        "message",
        "messageEdited",
        "follow",
        "join",
        "memberJoined",
        "postback",
        "videoPlayComplete",
        "beacon",
        "accountLink",
        "membership",
    }
    assert ("replyToken" in one) == (kind in replyable)
    if "replyToken" in one:
        assert world.reply_tokens.refusal(one["replyToken"], world.now()) == ""


def test_standby_events_have_no_reply_token(world: World) -> None:
    event = {"type": "message", "mode": "standby", "message": {"type": "text", "text": "hi"}}
    (one,) = made(world, {"event": event}).body["events"]
    assert one["mode"] == "standby"
    assert "replyToken" not in one


@pytest.mark.parametrize(
    "event",
    [{"type": "accountLink", "link": {"result": "failed", "nonce": "n"}}, {"type": "delivery"}],
)
def test_some_events_have_no_source(world: World, event: Sent) -> None:
    (one,) = made(world, {"event": event}).body["events"]
    assert "source" not in one


def test_given_common_properties_stay(world: World) -> None:
    """A raw event may bring common properties along, and null leaves one out."""
    event = {"type": "postback", "timestamp": 5, "source": None, "replyToken": None}
    (one,) = made(world, {"event": event}).body["events"]
    assert one["timestamp"] == 5
    assert not {"source", "replyToken"} & set(one)


def test_the_order_of_keys_is_that_of_real_traffic(world: World) -> None:
    (one,) = made(world, {"text": "hi"}).body["events"]
    assert list(one) == ["type", "message", *KEYS]
    assert list(json.loads(made(world, {"text": "hi"}).raw)) == ["destination", "events"]


def test_the_body_is_minified_utf8(world: World) -> None:
    """No space, no escape that is not needed, and nothing is null."""
    raw = made(world, {"text": 'こんにちは "🙂"'}).raw
    assert '"text":"こんにちは \\"🙂\\""' in raw
    assert json.dumps(json.loads(raw), ensure_ascii=False, separators=(",", ":")) == raw
    assert "null" not in raw


@pytest.mark.parametrize("name", ["text", "sticker", "image", "video", "postback"])
def test_group_events_name_the_person_where_line_promises_it(world: World, name: str) -> None:
    """In groups only message events have a userId, unless the request asks for more."""
    world.add_group("place", ["alice"])
    request = {**ACTS[name][0], "in": "place"}
    (one,) = made(world, request).body["events"]
    assert ("userId" in one["source"]) == (name != "postback")
    (named,) = made(world, {**request, "named": True}).body["events"]
    assert named["source"]["userId"] == world.people["alice"].user_id


def test_an_edit_has_a_new_quote_token_and_no_read_token(world: World) -> None:
    """A messageEdited event carries the same id, a new quote token and a token of its own."""
    _family(world)
    sent = made(world, {"in": "family", "text": "old"}).body["events"][0]
    edit = {"messageId": sent["message"]["id"], "text": "新しい"}
    edited = made(world, {"edit": edit}).body["events"][0]
    assert edited["message"]["id"] == sent["message"]["id"]
    assert edited["message"]["text"] == "新しい"
    assert edited["message"]["quoteToken"] != sent["message"]["quoteToken"]
    assert "markAsReadToken" not in edited["message"]
    assert edited["replyToken"] != sent["replyToken"]


def test_a_mention_counts_utf16_units(world: World) -> None:
    """Index and length of a mention are UTF-16 units, so an emoji before it counts two."""
    webhook = _mention(world)
    assert webhook is not None
    bot, everyone, alice = webhook.body["events"][0]["message"]["mention"]["mentionees"]
    assert (bot["index"], bot["length"], bot["isSelf"]) == (3, 4, True)
    assert (everyone["index"], everyone["type"]) == (8, "all")
    assert (alice["index"], alice["userId"]) == (13, world.people["alice"].user_id)


@pytest.mark.parametrize("name", ["audio", "file", "location"])
def test_messages_that_cannot_be_quoted_have_no_quote_token(world: World, name: str) -> None:
    (one,) = made(world, ACTS[name][0]).body["events"]
    assert "quoteToken" not in one["message"]
    assert one["message"]["markAsReadToken"]


def test_a_redelivery_changes_one_property_and_the_signature(world: World) -> None:
    """isRedelivery becomes true, everything else stays, and the body is signed anew."""
    first = made(world, {"text": "hi"})
    again = world.post_again(first)
    check_read(again, "MessageEvent")
    (before,), (after,) = first.body["events"], again.body["events"]
    assert after == {**before, "deliveryContext": {"isRedelivery": True}}
    assert again.headers["x-line-signature"] != first.headers["x-line-signature"]
    assert again.redelivery


@pytest.mark.parametrize("secret", [SECRET, "秘密"])
def test_the_signature_is_what_the_official_validator_accepts(secret: str) -> None:
    """HMAC-SHA256 over the raw bytes, with the secret as text, in base64."""
    raw = body_of("U8e742f61d673b39c7fff3cecb7536ef0", [{"type": "message", "text": "日本"}])
    signature = headers_for(secret, raw)["x-line-signature"]
    digest = hmac.new(secret.encode(), raw.encode(), hashlib.sha256).digest()
    assert base64.b64decode(signature) == digest
    assert SignatureValidator(secret).validate(raw, signature)
    assert not SignatureValidator(secret).validate(raw + " ", signature)
    assert not SignatureValidator(secret + "x").validate(raw, signature)


def test_lines_own_test_vector() -> None:
    """The vector of LINE's page on signatures; an empty list of events is signed like any other."""
    raw = body_of("U8e742f61d673b39c7fff3cecb7536ef0", [])
    expected = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="
    assert headers_for(SECRET, raw)["x-line-signature"] == expected


def test_an_altered_signature_is_rejected_by_the_official_parser(world: World) -> None:
    webhook = made(world, {"text": "hi"})
    signature = webhook.headers["x-line-signature"]
    altered = ("A" if signature[0] != "A" else "B") + signature[1:]
    with pytest.raises(InvalidSignatureError):
        WebhookParser(SECRET).parse(webhook.raw, altered)


def test_the_official_models_know_every_event_class() -> None:
    """The class names these tests compare with exist in the SDK."""
    expected = {name for _, name in events.KINDS.values()}
    assert all(hasattr(official, OFFICIAL_NAMES.get(name, name)) for name in expected)


def test_a_place_knows_where_the_bot_listens(world: World) -> None:
    """Nothing is posted where the bot has left or is blocked."""
    alice = world.people["alice"]
    family = _family(world)
    family.has_bot = False
    assert act(world, {"from": "alice", "in": "family", "text": "alone"}).webhook is None
    alice.blocked = True
    assert Place(world, alice).happens("postback", {"postback": {"data": ""}}) is None
