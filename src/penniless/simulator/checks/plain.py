"""The limits of all messages but templates, Flex and the braces of textV2.

Law of this module: rows, checked in the bean style (see `rules`).

Source: https://developers.line.biz/en/reference/messaging-api/#message-objects
"""

from __future__ import annotations

import re
from typing import Any

from penniless.simulator.checks.actions import IN_QUICK_REPLY, REQUIRED_LABEL, check_action
from penniless.simulator.checks.rules import (
    Notes,
    Rule,
    Shape,
    check_shape,
    choice,
    https,
    items,
    link,
    number,
    obj,
    objects,
    text,
    whole,
)
from penniless.simulator.checks.stickers import can_be_sent
from penniless.simulator.records import Json

MEDIA_URL = 2000
ALT_TEXT = Rule("altText", text, required=True, high=1500)
QUOTE_TOKEN = Rule("quoteToken", text, low=1)
TRACKING_ID = re.compile(r"[A-Za-z0-9\-.=,+*()%$&;:@{}!?<>\[\]]{1,100}\Z")
DELIVERY_TAG = re.compile(r"[A-Za-z0-9_]{1,30}\Z")
RESERVED_WORD = re.compile(r"\bLINE\b", re.ASCII | re.IGNORECASE)

EMOJI: Shape = (
    Rule("index", whole, required=True, high=5000),
    Rule("productId", text, required=True),
    Rule("emojiId", text, required=True),
)


def _quick_reply_items(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    for where, item in items(notes, path, value, rule):
        if not isinstance(item, dict):
            notes.wrong_type(where)
            continue
        check_shape(notes, where, item, QUICK_REPLY_ITEM)
        if item.get("action") is not None:
            action = notes.at(where, "action")
            check_action(notes, action, item["action"], REQUIRED_LABEL, IN_QUICK_REPLY)


def _anything(_notes: Notes, _path: str, _value: Any, _rule: Rule) -> None:
    """Checked elsewhere; the row only says that it must be there."""


def _sender_name(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    text(notes, path, value, rule)
    refused = notes.setting.guesses.names_with_line == "refused"
    if refused and isinstance(value, str) and RESERVED_WORD.search(value):
        notes.add(path, "must not contain reserved words")


def _area(required: bool) -> Rule:  # noqa: FBT001 - one row, two uses
    shape = tuple(Rule(name, whole, required=True) for name in ("x", "y", "width", "height"))
    return Rule("area", obj, required=required, shape=shape)


QUICK_REPLY_ITEM: Shape = (
    Rule("type", choice, required=True, among=("action",)),
    Rule("imageUrl", https, high=MEDIA_URL),
    Rule("action", _anything, required=True),
)

COMMON: Shape = (
    Rule(
        "quickReply",
        obj,
        shape=(Rule("items", _quick_reply_items, required=True, low=1, high=13),),
    ),
    Rule(
        "sender",
        obj,
        shape=(
            Rule("name", _sender_name, low=1, high=20),
            Rule("iconUrl", https, high=MEDIA_URL),
        ),
    ),
)
"""What every message may carry."""

MAP_LABEL = Rule("label", text, low=1, high=100)
MAP_ACTIONS: dict[str, Shape] = {
    "uri": (Rule("linkUri", link, required=True, high=1000), MAP_LABEL, _area(required=True)),
    "message": (Rule("text", text, required=True, high=400), MAP_LABEL, _area(required=True)),
    "clipboard": (
        Rule("clipboardText", text, required=True, high=1000),
        MAP_LABEL,
        _area(required=True),
    ),
}


def _map_actions(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    for where, item in items(notes, path, value, rule):
        if not isinstance(item, dict):
            notes.wrong_type(where)
            continue
        shape = MAP_ACTIONS.get(str(item.get("type")))
        if shape is None:
            allowed = Rule("type", choice, among=tuple(MAP_ACTIONS))
            notes.say(notes.at(where, "type"), "choice", allowed)
        else:
            check_shape(notes, where, item, shape)


MESSAGES: dict[str, Shape] = {
    "text": (
        Rule("text", text, required=True, high=5000),
        Rule("emojis", objects, high=20, shape=EMOJI),
        QUOTE_TOKEN,
    ),
    "textV2": (
        Rule("text", text, required=True, high=5000),
        Rule("substitution", obj),
        QUOTE_TOKEN,
    ),
    "sticker": (
        Rule("packageId", text, required=True),
        Rule("stickerId", text, required=True),
        QUOTE_TOKEN,
    ),
    "image": (
        Rule("originalContentUrl", https, required=True, high=MEDIA_URL),
        Rule("previewImageUrl", https, required=True, high=MEDIA_URL),
    ),
    "video": (
        Rule("originalContentUrl", https, required=True, high=MEDIA_URL),
        Rule("previewImageUrl", https, required=True, high=MEDIA_URL),
        Rule("trackingId", text, low=1, high=100),
    ),
    "audio": (
        Rule("originalContentUrl", https, required=True, high=MEDIA_URL),
        Rule("duration", whole, required=True, low=1, high=2**53),
    ),
    "location": (
        Rule("title", text, required=True, high=100),
        Rule("address", text, required=True, high=100),
        Rule("latitude", number, required=True, low=-90, high=90),
        Rule("longitude", number, required=True, low=-180, high=180),
    ),
    "coupon": (
        Rule("couponId", text, required=True),
        Rule("deliveryTag", text, low=1, high=30),
    ),
    "imagemap": (
        Rule("baseUrl", https, required=True, high=MEDIA_URL),
        ALT_TEXT,
        Rule(
            "baseSize",
            obj,
            required=True,
            shape=(
                Rule("width", whole, required=True, low=1040, high=1040),
                Rule("height", whole, required=True, low=1, high=2**31),
            ),
        ),
        Rule("actions", _map_actions, required=True, high=50),
        Rule(
            "video",
            obj,
            shape=(
                Rule("originalContentUrl", https, required=True, high=MEDIA_URL),
                Rule("previewImageUrl", https, required=True, high=MEDIA_URL),
                _area(required=True),
                Rule(
                    "externalLink",
                    obj,
                    shape=(
                        Rule("linkUri", link, required=True, high=1000),
                        Rule("label", text, required=True, high=30),
                    ),
                ),
            ),
        ),
    ),
    "template": (ALT_TEXT, Rule("template", _anything, required=True)),
    "flex": (ALT_TEXT, Rule("contents", _anything, required=True)),
}
"""The rows of every message type, in the order in which LINE names the types."""


def check_plain(notes: Notes, path: str, message: Json) -> None:
    """Check one message in the bean style. Its type is known."""
    kind = message["type"]
    check_shape(notes, path, message, (*MESSAGES[kind], *COMMON))
    together = _TOGETHER.get(kind)
    if together is not None:
        together(notes, path, message)
    token = message.get("quoteToken")
    if isinstance(token, str) and token and QUOTE_TOKEN in MESSAGES[kind]:
        _quote_token(notes, notes.at(path, "quoteToken"), token)


def _quote_token(notes: Notes, path: str, token: str) -> None:
    """A quote works in replies and pushes, in the chat of the quoted message."""
    setting = notes.setting
    opened = setting.opened_quote(token)
    elsewhere = opened is not None and setting.chat is not None and opened[0] != setting.chat
    if opened is None or elsewhere or setting.via not in {"reply", "push"}:
        notes.add(path, "Invalid quote token")


def _emoji_places(notes: Notes, path: str, message: Json) -> None:
    """Each emoji's `index`, counted in UTF-16 units, must point at a `$`."""
    emojis, shown = message.get("emojis"), message.get("text")
    if not isinstance(emojis, list) or not isinstance(shown, str):
        return
    units = shown.encode("utf-16-le")
    for place, emoji in enumerate(emojis):
        index = emoji.get("index")
        at = int(index) if isinstance(index, int | float) else -1
        if index is not None and (at < 0 or units[2 * at : 2 * at + 2] != b"$\0"):
            where = notes.at(notes.at(path, "emojis"), place)
            notes.add(notes.at(where, "index"), "Must be the position of a '$' in the text")


def _known_sticker(notes: Notes, path: str, message: Json) -> None:
    package, sticker = message.get("packageId"), message.get("stickerId")
    named = isinstance(package, str) and isinstance(sticker, str) and package and sticker
    older = notes.setting.guesses.older_stickers == "accepted"
    if named and not can_be_sent(str(package), str(sticker), older=older):
        notes.add(notes.at(path, "stickerId"), "Must be a sticker that bots can send")


def _tracking_id(notes: Notes, path: str, message: Json) -> None:
    tracking = message.get("trackingId")
    if not isinstance(tracking, str) or not tracking:
        return
    where = notes.at(path, "trackingId")
    if notes.setting.in_group or notes.setting.via not in {"reply", "push"}:
        notes.add(where, "May be specified in one-on-one chats only")
    elif len(tracking) <= 100 and not TRACKING_ID.match(tracking):
        notes.add(where, "Invalid characters are included in trackingId")


def _coupon(notes: Notes, path: str, message: Json) -> None:
    coupon_id, setting = message.get("couponId"), notes.setting
    refused = setting.guesses.unknown_coupons == "refused"
    if refused and isinstance(coupon_id, str) and coupon_id and not setting.is_coupon(coupon_id):
        notes.add(notes.at(path, "couponId"), "Must be a coupon of this account")
    tag = message.get("deliveryTag")
    if isinstance(tag, str) and 0 < len(tag) <= 30 and not DELIVERY_TAG.match(tag):
        where = notes.at(path, "deliveryTag")
        notes.add(where, "Invalid characters are included in deliveryTag")


_TOGETHER = {
    "text": _emoji_places,
    "sticker": _known_sticker,
    "video": _tracking_id,
    "coupon": _coupon,
}
"""Rules that need more than one property, or the place where the message goes."""
