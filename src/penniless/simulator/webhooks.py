"""The JSON of webhooks: events, message contents, sources, as the LINE Platform writes them.

Law of this module: values in, JSON out; no world, no time but the one passed in. Every property
that the official SDKs need is there, and the order of keys is that of real traffic. Properties
without a value are left out, never null.

Source: https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects
"""

from __future__ import annotations

import base64
import hmac

import msgspec

from penniless.simulator.records import Json, Webhook

REPLYABLE = frozenset(
    {
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
)
"""The event types that carry a reply token (an account link only if its result is ok)."""

QUOTABLE = frozenset({"text", "image", "video", "sticker"})
"""The message contents of people that carry a quote token."""


def can_be_replied_to(kind: str, properties: Json) -> bool:
    """Whether an event of that type, with those properties of its own, carries a reply token."""
    if properties.get("mode") == "standby" or kind not in REPLYABLE:
        return False
    link = properties.get("link")
    return kind != "accountLink" or (isinstance(link, dict) and link.get("result") == "ok")


def has_source(kind: str, properties: Json) -> bool:
    """Failed account links and delivery reports name no source."""
    link = properties.get("link")
    failed_link = kind == "accountLink" and isinstance(link, dict) and link.get("result") != "ok"
    return not failed_link and kind not in {"delivery", "module", "botSuspended", "botResumed"}


def event(
    kind: str,
    properties: Json,
    *,
    event_id: str,
    timestamp: int,
    source: Json | None,
    reply_token: str | None,
) -> Json:
    """One event. Common properties in `properties` replace the given ones; null leaves one out."""
    common: Json = {
        "webhookEventId": event_id,
        "deliveryContext": {"isRedelivery": False},
        "timestamp": timestamp,
        "source": source,
        "replyToken": reply_token,
        "mode": "active",
    }
    own = {name: value for name, value in properties.items() if name not in common}
    made = {"type": kind, **own, **{name: properties.get(name, common[name]) for name in common}}
    return {name: value for name, value in made.items() if value is not None}


def user_source(user_id: str) -> Json:
    return {"type": "user", "userId": user_id}


def group_source(kind: str, chat_id: str, user_id: str | None) -> Json:
    """The source of an event in a group or room; `user_id` where LINE names the person."""
    source = {"type": kind, f"{kind}Id": chat_id}
    return {**source, "userId": user_id} if user_id else source


def chat_of(one: Json) -> str | None:
    """The chat an event comes from, if it names one."""
    source = one.get("source")
    if not isinstance(source, dict):
        return None
    found = source.get("groupId") or source.get("roomId") or source.get("userId")
    return found if isinstance(found, str) else None


def chats_of(webhook: Webhook) -> list[str]:
    """The chats that a webhook's events come from, each once."""
    if webhook.chat is not None:
        return [webhook.chat]
    found = (chat_of(one) for one in webhook.body["events"])
    return list(dict.fromkeys(chat for chat in found if chat is not None))


def content(
    kind: str, properties: Json, *, message_id: str, quote_token: str, read_token: str
) -> Json:
    """A message object: `type`, `id`, the tokens of this kind, then its own properties."""
    made: Json = {"type": kind, "id": message_id}
    if kind in QUOTABLE:
        made["quoteToken"] = quote_token
    made["markAsReadToken"] = read_token
    return {**made, **properties}


def redelivered(one: Json) -> Json:
    """The same event, going out again."""
    return {**one, "deliveryContext": {"isRedelivery": True}}


def body_of(destination: str, events: list[Json]) -> str:
    """The body of a webhook: minified JSON, not escaped beyond need."""
    return msgspec.json.encode({"destination": destination, "events": events}).decode()


def headers_for(channel_secret: str, raw: str) -> dict[str, str]:
    """The headers LINE sends with a body.

    Signed here and not by the bot's own module: a mistake there must not be mirrored here.
    """
    digest = hmac.digest(channel_secret.encode(), raw.encode(), "sha256")
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "LineBotWebhook/2.0",
        "x-line-signature": base64.b64encode(digest).decode(),
    }
