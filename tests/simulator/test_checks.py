"""Each limit of message objects, on both sides: what LINE takes passes, what it refuses is refused.

A row is (message, path, value that passes, value that is refused, LINE's sentence, the property).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from penniless.simulator.checks import Setting, check_messages
from penniless.simulator.checks.flex import COMPONENTS
from penniless.simulator.checks.plain import MESSAGES
from penniless.simulator.checks.stickers import SENDABLE, can_be_sent
from penniless.simulator.checks.text_v2 import keys_of
from penniless.simulator.exchange import LineRefusal
from penniless.simulator.ids import Ids

Json = dict[str, Any]
Row = tuple[str, str, Any, Any, str, str]

IDS = Ids(random.Random(3))
CHAT, ALICE = "C" + "1" * 32, "U" + "1" * 32
QUOTE = IDS.quote_token(CHAT, "123")
FAMILY = "👨‍👩‍👧"
"""One grapheme cluster, eight UTF-16 units."""

MESSAGE_ACTION = {"type": "message", "label": "はい", "text": "yes"}
URL = "https://sample.invalid/photo.png"
AREA = {"x": 0, "y": 0, "width": 520, "height": 520}
BOX = {"type": "box", "layout": "vertical", "contents": []}


def bubble(**component: Any) -> Json:
    body = {"type": "box", "layout": "vertical", "contents": [component]}
    return {"type": "flex", "altText": "a", "contents": {"type": "bubble", "body": body}}


BASES: dict[str, Json] = {
    "text": {"type": "text", "text": "こんにちは"},
    "emojis": {
        "type": "text",
        "text": "🙂 $",
        "emojis": [{"index": 3, "productId": "5ac1", "emojiId": "001"}],
    },
    "textV2": {
        "type": "textV2",
        "text": "Hi {name} {face}",
        "substitution": {
            "name": {"type": "mention", "mentionee": {"type": "user", "userId": ALICE}},
            "face": {"type": "emoji", "productId": "5ac1", "emojiId": "001"},
        },
    },
    "sticker": {"type": "sticker", "packageId": "446", "stickerId": "1988"},
    "image": {"type": "image", "originalContentUrl": URL, "previewImageUrl": URL},
    "video": {
        "type": "video",
        "originalContentUrl": "https://example.com/a.mp4",
        "previewImageUrl": URL,
    },
    "audio": {"type": "audio", "originalContentUrl": URL, "duration": 1000},
    "location": {
        "type": "location",
        "title": "東京駅",
        "address": "丸の内",
        "latitude": 35.68,
        "longitude": 139.76,
    },
    "coupon": {"type": "coupon", "couponId": "01JYNW8JMQVFBNWF1APF8Z3FS7"},
    "imagemap": {
        "type": "imagemap",
        "baseUrl": "https://sample.invalid/map",
        "altText": "地図",
        "baseSize": {"width": 1040, "height": 1040},
        "actions": [
            {"type": "uri", "linkUri": "https://example.com", "area": AREA, "label": "a"},
            {"type": "message", "text": "hi", "area": AREA},
            {"type": "clipboard", "clipboardText": "abc", "area": AREA},
        ],
        "video": {
            "originalContentUrl": "https://example.com/a.mp4",
            "previewImageUrl": URL,
            "area": AREA,
            "externalLink": {"linkUri": "https://example.com", "label": "more"},
        },
    },
    "quickReply": {
        "type": "text",
        "text": "?",
        "quickReply": {
            "items": [
                {"type": "action", "imageUrl": URL, "action": MESSAGE_ACTION},
                {"type": "action", "action": {"type": "camera", "label": "写真"}},
                {"type": "action", "action": {"type": "cameraRoll", "label": "写真"}},
                {"type": "action", "action": {"type": "location", "label": "場所"}},
            ]
        },
    },
    "sender": {"type": "text", "text": "a", "sender": {"name": "ブラウン", "iconUrl": URL}},
    "buttons": {
        "type": "template",
        "altText": "a",
        "template": {
            "type": "buttons",
            "text": "選んで",
            "actions": [
                MESSAGE_ACTION,
                {"type": "postback", "label": "買う", "data": "buy"},
                {"type": "uri", "label": "見る", "uri": "https://example.com/?q=%E6%97%A5"},
                {"type": "datetimepicker", "label": "いつ", "data": "d", "mode": "date"},
            ],
        },
    },
    "confirm": {
        "type": "template",
        "altText": "a",
        "template": {"type": "confirm", "text": "OK?", "actions": [MESSAGE_ACTION] * 2},
    },
    "carousel": {
        "type": "template",
        "altText": "a",
        "template": {
            "type": "carousel",
            "columns": [{"text": "一", "actions": [MESSAGE_ACTION]}] * 2,
        },
    },
    "image_carousel": {
        "type": "template",
        "altText": "a",
        "template": {
            "type": "image_carousel",
            "columns": [{"imageUrl": URL, "action": {"type": "message", "text": "hi"}}],
        },
    },
    "flex": {
        "type": "flex",
        "altText": "a",
        "contents": {
            "type": "bubble",
            "size": "mega",
            "direction": "ltr",
            "header": BOX,
            "hero": {"type": "image", "url": URL},
            "body": BOX,
            "footer": BOX,
            "styles": {"body": {"backgroundColor": "#ffffff", "separator": True}},
            "action": {"type": "uri", "uri": "tel:09012345678"},
        },
    },
    "flex video": {
        "type": "flex",
        "altText": "a",
        "contents": {
            "type": "bubble",
            "hero": {
                "type": "video",
                "url": "https://example.com/a.mp4",
                "previewUrl": URL,
                "altContent": {"type": "image", "url": URL},
                "aspectRatio": "16:9",
            },
        },
    },
    "flex carousel": {
        "type": "flex",
        "altText": "a",
        "contents": {"type": "carousel", "contents": [{"type": "bubble", "body": BOX}] * 2},
    },
    "box": bubble(
        type="box",
        layout="baseline",
        contents=[
            {"type": "icon", "url": URL, "size": "sm", "aspectRatio": "1:1"},
            {"type": "text", "text": "a"},
            {"type": "filler", "flex": 1},
        ],
        spacing="md",
        paddingAll="5%",
        width="50%",
        maxHeight="100px",
        cornerRadius="10px",
        borderWidth="semi-bold",
        borderColor="#ff000080",
        justifyContent="space-between",
        alignItems="flex-end",
        position="absolute",
        offsetTop="-5px",
        background={
            "type": "linearGradient",
            "angle": "90deg",
            "startColor": "#000000",
            "endColor": "#ffffff",
            "centerColor": "#808080",
            "centerPosition": "10%",
        },
    ),
    "button": bubble(
        type="button", style="primary", height="sm", color="#00ff00", action=MESSAGE_ACTION
    ),
    "flex image": bubble(
        type="image", url=URL, size="full", aspectRatio="20:13", aspectMode="cover", animated=True
    ),
    "flex text": bubble(
        type="text",
        text="สวัสดี",
        size="xxl",
        weight="bold",
        wrap=True,
        lineSpacing="20px",
        maxLines=2,
        adjustMode="shrink-to-fit",
    ),
    "spans": bubble(
        type="text",
        contents=[{"type": "span", "text": "a", "decoration": "underline", "size": "12px"}],
    ),
    "separator": bubble(type="separator", margin="lg", color="#cccccc"),
}

NOT_EMPTY, SPECIFIED, NON_EMPTY = "May not be empty", "must be specified", "must be non-empty text"
SCHEME, URI, PROPERTY = "invalid uri scheme", "invalid uri", "invalid property"
HTTP = URL.replace("https", "http")


def up_to(limit: int) -> str:
    return f"Length must be between 0 and {limit}"


def no_longer(limit: int) -> str:
    return f"must not be longer than {limit} characters"


def url_of(length: int) -> str:
    return "https://example.com/".ljust(length, "a")


def rows_of_plain_messages() -> Iterator[Row]:
    yield "text", "text", "a" * 5000, "a" * 5001, up_to(5000), "text"
    yield "text", "text", "🍎" * 2500, "🍎" * 2501, up_to(5000), "text"
    yield "text", "text", "a", "", NOT_EMPTY, "text"
    yield "text", "text", "a", None, NOT_EMPTY, "text"
    yield "text", "quoteToken", QUOTE, "made-up", "Invalid quote token", "quoteToken"
    yield "sticker", "quoteToken", QUOTE, QUOTE + "x", "Invalid quote token", "quoteToken"
    dollar = "Must be the position of a '$' in the text"
    yield "emojis", "emojis.0.index", 3, 2, dollar, "emojis[0].index"
    yield "emojis", "emojis.0.index", 3, 9, dollar, "emojis[0].index"
    yield "emojis", "emojis.0.productId", "5ac1", None, NOT_EMPTY, "emojis[0].productId"
    emojis = [{"index": 3, "productId": "5ac1", "emojiId": "001"}]
    yield "emojis", "emojis", emojis * 20, emojis * 21, "Size must be between 0 and 20", "emojis"
    unsendable = "Must be a sticker that bots can send"
    yield "sticker", "stickerId", "2027", "2028", unsendable, "stickerId"
    yield "sticker", "packageId", "446", "447", unsendable, "stickerId"
    yield "sticker", "stickerId", "1988", None, NOT_EMPTY, "stickerId"
    yield "sticker", "packageId", "446", "", NOT_EMPTY, "packageId"
    for name in ("originalContentUrl", "previewImageUrl"):
        yield "image", name, url_of(2000), url_of(2001), up_to(2000), name
        yield "image", name, URL, HTTP, SCHEME, name
        yield "image", name, URL, "https://example.com/日本.png", URI, name
        yield "image", name, URL, "https://example.com/a b.png", URI, name
        yield "image", name, URL, "not a url", URI, name
        yield "image", name, URL, "https://", URI, name
        yield "image", name, URL, None, NOT_EMPTY, name
        yield "video", name, url_of(2000), url_of(2001), up_to(2000), name
    yield (
        "video",
        "trackingId",
        "a.b-c=1",
        "空",
        "Invalid characters are included in trackingId",
        ("trackingId"),
    )
    yield "video", "trackingId", "a" * 100, "a" * 101, up_to(100), "trackingId"
    yield "audio", "duration", 1, 0, "Must be between 1 and 9007199254740992", "duration"
    yield "audio", "duration", 1, None, NOT_EMPTY, "duration"
    yield "audio", "originalContentUrl", URL, HTTP, SCHEME, "originalContentUrl"
    for name in ("title", "address"):
        yield "location", name, "あ" * 100, "あ" * 101, up_to(100), name
        yield "location", name, "a", "", NOT_EMPTY, name
        yield "location", name, "a", None, NOT_EMPTY, name
    yield "location", "latitude", -90, -90.1, "Must be between -90 and 90", "latitude"
    yield "location", "longitude", 180, 180.1, "Must be between -180 and 180", "longitude"
    yield "coupon", "couponId", "c", None, NOT_EMPTY, "couponId"
    yield "coupon", "deliveryTag", "a" * 30, "a" * 31, up_to(30), "deliveryTag"
    tag = "Invalid characters are included in deliveryTag"
    yield "coupon", "deliveryTag", "a_1", "a-1", tag, "deliveryTag"


def rows_of_imagemaps() -> Iterator[Row]:
    yield "imagemap", "baseUrl", URL, HTTP, SCHEME, "baseUrl"
    yield "imagemap", "altText", "あ" * 1500, "あ" * 1501, up_to(1500), "altText"
    yield (
        "imagemap",
        "baseSize.width",
        1040,
        1000,
        "Must be between 1040 and 1040",
        ("baseSize.width"),
    )
    many: list[Json] = [{"type": "message", "text": "a", "area": AREA}]
    yield "imagemap", "actions", many * 50, many * 51, "Size must be between 0 and 50", "actions"
    yield (
        "imagemap",
        "actions.0.linkUri",
        url_of(1000),
        url_of(1001),
        up_to(1000),
        ("actions[0].linkUri"),
    )
    yield (
        "imagemap",
        "actions.0.linkUri",
        "line://nv/chat",
        "ftp://a.b",
        SCHEME,
        ("actions[0].linkUri"),
    )
    yield "imagemap", "actions.0.label", "a" * 100, "a" * 101, up_to(100), "actions[0].label"
    yield "imagemap", "actions.1.text", "a" * 400, "a" * 401, up_to(400), "actions[1].text"
    yield (
        "imagemap",
        "actions.2.clipboardText",
        "a" * 1000,
        "a" * 1001,
        up_to(1000),
        ("actions[2].clipboardText"),
    )
    yield "imagemap", "actions.1.area", AREA, None, NOT_EMPTY, "actions[1].area"
    choices = "Must be one of the following values: [uri, message, clipboard]"
    yield "imagemap", "actions.1.type", "message", "postback", choices, "actions[1].type"
    yield "imagemap", "video.area", AREA, None, NOT_EMPTY, "video.area"
    yield (
        "imagemap",
        "video.externalLink.label",
        "a" * 30,
        "a" * 31,
        up_to(30),
        ("video.externalLink.label"),
    )


def rows_of_common_properties() -> Iterator[Row]:
    item: list[Json] = [{"type": "action", "action": MESSAGE_ACTION}]
    items, first = "quickReply.items", "quickReply.items[0]"
    size = "Size must be between 1 and 13"
    yield "quickReply", items, item * 13, item * 14, size, items
    yield "quickReply", items, item, [], size, items
    yield "quickReply", items, item, None, NOT_EMPTY, items
    yield "quickReply", f"{items}.0.action.text", "a", None, SPECIFIED, f"{first}.action.text"
    yield (
        "quickReply",
        f"{items}.0.action.label",
        FAMILY * 20,
        "a" * 21,
        up_to(20),
        (f"{first}.action.label"),
    )
    yield "quickReply", f"{items}.0.action.label", "a", None, SPECIFIED, f"{first}.action.label"
    yield (
        "quickReply",
        f"{items}.0.action.text",
        FAMILY * 300,
        "a" * 301,
        up_to(300),
        (f"{first}.action.text"),
    )
    yield "quickReply", f"{items}.0.imageUrl", URL, HTTP, SCHEME, f"{first}.imageUrl"
    yield "quickReply", f"{items}.0.action", MESSAGE_ACTION, None, NOT_EMPTY, f"{first}.action"
    kinds = "postback, message, uri, datetimepicker, clipboard, camera, cameraRoll, location"
    switch = {"type": "richmenuswitch", "label": "a", "richMenuAliasId": "b", "data": "c"}
    yield (
        "quickReply",
        f"{items}.0.action",
        MESSAGE_ACTION,
        switch,
        (f"Must be one of the following values: [{kinds}]"),
        f"{first}.action.type",
    )
    yield "sender", "sender.name", "あ" * 20, "あ" * 21, up_to(20), "sender.name"
    reserved = "must not contain reserved words"
    yield "sender", "sender.name", "Airline", "LINE", reserved, "sender.name"
    yield "sender", "sender.name", "Online", "LINE公式", reserved, "sender.name"
    yield "sender", "sender.iconUrl", URL, HTTP, SCHEME, "sender.iconUrl"


def rows_of_templates() -> Iterator[Row]:
    text = "template.text", "template/text"
    yield "buttons", text[0], FAMILY * 160, "a" * 161, no_longer(160), text[1]
    yield "buttons", text[0], "a", "", NON_EMPTY, text[1]
    yield "buttons", text[0], "a", None, SPECIFIED, text[1]
    yield "buttons", "template.title", "a" * 40, "a" * 41, no_longer(40), "template/title"
    yield "buttons", "template.title", "a", "", NON_EMPTY, "template/title"
    actions = [MESSAGE_ACTION]
    size = "size must be between {} and {}"
    where = "template/actions"
    yield "buttons", "template.actions", actions * 4, actions * 5, size.format(1, 4), where
    yield "buttons", "template.actions", actions, [], size.format(1, 4), where
    yield "confirm", "template.actions", actions * 2, actions, size.format(2, 2), where
    yield "confirm", "template.actions", actions * 2, actions * 3, size.format(2, 2), where
    yield "confirm", text[0], "a" * 240, "a" * 241, no_longer(240), text[1]
    column = {"text": "a", "actions": actions}
    where = "template/columns"
    yield "carousel", "template.columns", [column] * 10, [column] * 11, size.format(1, 10), where
    yield "carousel", "template.columns", [column], [], size.format(1, 10), where
    three = [{**column, "actions": actions * 3}]
    four = [{**column, "actions": actions * 4}]
    yield "carousel", "template.columns", three, four, size.format(1, 3), f"{where}/0/actions"
    uneven = [column, {**column, "actions": actions * 2}]
    same = "the number of actions must be the same in all columns"
    yield "carousel", "template.columns", [column] * 2, uneven, same, where
    for name, value in (("title", "t"), ("thumbnailImageUrl", URL)):
        with_it = {**column, name: value}
        yield (
            "carousel",
            "template.columns",
            [with_it] * 2,
            [with_it, column],
            (f"{name} must be specified in all columns or in none"),
            where,
        )
        short = [{**with_it, "text": "a" * 60}]
        long = [{**with_it, "text": "a" * 61}]
        yield "carousel", "template.columns", short, long, no_longer(60), f"{where}/0/text"
    plain, longer = [{**column, "text": "a" * 120}], [{**column, "text": "a" * 121}]
    yield "carousel", "template.columns", plain, longer, no_longer(120), f"{where}/0/text"
    image = {"imageUrl": URL, "action": {"type": "message", "text": "hi"}}
    yield (
        "image_carousel",
        "template.columns",
        [image] * 10,
        [image] * 11,
        (size.format(1, 10)),
        where,
    )
    label = f"{where}/0/action/label"
    yield (
        "image_carousel",
        "template.columns.0.action.label",
        "あ" * 12,
        "あ" * 13,
        (no_longer(12)),
        label,
    )
    yield "buttons", "template.type", "buttons", "grid", PROPERTY, "template/type"
    yield (
        "buttons",
        "template.imageAspectRatio",
        "square",
        "round",
        PROPERTY,
        ("template/imageAspectRatio"),
    )
    yield (
        "buttons",
        "template.imageBackgroundColor",
        "#ffffff",
        "white",
        PROPERTY,
        ("template/imageBackgroundColor"),
    )
    yield "buttons", "template.thumbnailImageUrl", URL, HTTP, SCHEME, "template/thumbnailImageUrl"
    for kind in ("buttons", "confirm", "carousel", "image_carousel"):
        yield kind, "altText", "あ" * 1500, "あ" * 1501, up_to(1500), "altText"
        yield kind, "altText", "a", None, NOT_EMPTY, "altText"
        yield kind, "template", BASES[kind]["template"], None, NOT_EMPTY, "template"


def rows_of_actions() -> Iterator[Row]:
    def action(number: int, name: str) -> tuple[str, str]:
        return f"template.actions.{number}.{name}", f"template/actions/{number}/{name}"

    def row(number: int, name: str, good: Any, bad: Any, says: str, *, under: str = "") -> Row:
        path, where = action(number, name)
        return "buttons", path, good, bad, says, where + under

    yield row(0, "label", FAMILY * 20, "a" * 21, no_longer(20))
    yield row(0, "label", "a", "", NON_EMPTY)
    yield row(0, "label", "a", None, SPECIFIED)
    yield row(0, "text", "a" * 300, "a" * 301, no_longer(300))
    yield row(0, "type", "message", "camera", PROPERTY)
    yield row(0, "type", "message", "location", PROPERTY)
    yield row(0, "type", "message", None, SPECIFIED)
    yield row(1, "data", "🍎" * 150, "🍎" * 150 + "a", no_longer(300))
    yield row(1, "data", "a", None, SPECIFIED)
    yield row(1, "displayText", FAMILY * 300, "a" * 301, no_longer(300))
    yield row(1, "inputOption", "openVoice", "openDoor", PROPERTY)
    only = "must be specified only with openKeyboard"
    yield row(1, "fillInText", None, "a", only)
    yield row(2, "uri", url_of(1000), url_of(1001), "size must be between 0 and 1000")
    yield row(2, "uri", "http://example.com", "javascript:alert(1)", SCHEME)
    yield row(2, "uri", "line://nv/camera", "mailto:a@example.com", SCHEME)
    yield row(2, "uri", "tel:0312345678", "https://example.com/日本", URI)
    yield row(2, "uri", URL, "example.com", URI)
    yield row(2, "altUri", {"desktop": URL}, {"desktop": "x"}, URI, under="/desktop")
    yield row(3, "mode", "date", "year", PROPERTY)
    yield row(3, "data", "a" * 300, "a" * 301, no_longer(300))
    yield row(3, "initial", "2026-02-28", "2026-02-30", "invalid format")
    yield row(3, "min", "2026-01-01", "2026-1-1", "invalid format")
    yield row(3, "max", "2026-12-31", "10:00", "invalid format")


def rows_of_flex() -> Iterator[Row]:
    first = "contents.body.contents.0", "/body/contents/0"

    def row(base: str, name: str, good: Any, bad: Any, says: str = PROPERTY) -> Row:
        where = name.replace(".", "/")
        return base, f"{first[0]}.{name}", good, bad, says, f"{first[1]}/{where}"

    yield "flex", "altText", "あ" * 1500, "あ" * 1501, up_to(1500), "altText"
    yield "flex", "contents", BASES["flex"]["contents"], None, NOT_EMPTY, "contents"
    yield "flex", "contents.type", "bubble", "flex", PROPERTY, "/type"
    yield "flex", "contents.size", "giga", "huge", PROPERTY, "/size"
    yield "flex", "contents.direction", "rtl", "up", PROPERTY, "/direction"
    yield (
        "flex",
        "contents.hero.url",
        url_of(2000),
        url_of(2001),
        ("size must be between 0 and 2000"),
        "/hero/url",
    )
    yield "flex", "contents.hero.url", URL, HTTP, SCHEME, "/hero/url"
    yield "flex", "contents.hero", BOX, {"type": "text", "text": "a"}, PROPERTY, "/hero"
    yield "flex", "contents.footer", BOX, {"type": "spacer"}, PROPERTY, "/footer"
    yield "flex", "contents.styles.type", None, "x", "unknown field", "/styles/type"
    yield (
        "flex",
        "contents.styles.body.color",
        None,
        "#000000",
        "unknown field",
        ("/styles/body/color"),
    )
    yield "flex", "contents.shape", None, "round", "unknown field", "/shape"
    yield "flex", "contents.action.uri", URL, None, SPECIFIED, "/action/uri"
    yield (
        "flex video",
        "contents.hero.altContent",
        {"type": "image", "url": URL},
        None,
        (SPECIFIED),
        "/hero/altContent",
    )
    yield "flex video", "contents.size", "kilo", "hecto", PROPERTY, "/hero"
    yield row("flex text", "text", "a", "", NON_EMPTY)
    yield row("flex text", "text", "a", None, SPECIFIED)
    yield row("flex text", "text", "a", 5)
    yield row("flex text", "size", "15px", "huge")
    yield row("flex text", "color", "#ff0000aa", "red")
    yield row("flex text", "wrap", True, "true")
    yield row("flex text", "maxLines", 0, -1)
    yield row("flex text", "margin", "none", "5%")
    yield row("flex text", "flex", 0, "1")
    yield row("flex text", "hidden", None, True, "unknown field")
    yield row("spans", "contents.0", {"type": "span", "text": "a"}, {"type": "text"})
    yield row("button", "action", MESSAGE_ACTION, None, SPECIFIED)
    yield row("button", "style", "link", "loud")
    yield row("button", "action.label", FAMILY * 40, "a" * 41, no_longer(40))
    yield row("button", "action.label", "a", None, SPECIFIED)
    yield row("flex image", "aspectRatio", "1:3", "1:4")
    yield row("flex image", "aspectRatio", "100000:1", "100001:1")
    yield row("flex image", "size", "60%", "large")
    yield row("flex image", "url", URL, "", NON_EMPTY)
    yield row("box", "layout", "baseline", "stacked")
    yield row("box", "contents", [], None, SPECIFIED)
    yield row("box", "width", "10px", "10")
    yield row("box", "paddingTop", "xl", "-5px")
    yield row("box", "offsetStart", "-5%", "left")
    yield row("box", "background", None, {"type": "radial"})
    yield row("box", "background.angle", "45.5deg", "45")
    yield row("box", "contents.0", {"type": "filler"}, {"type": "button"})
    yield row("separator", "margin", "10px", "10")


def rows_of_flex_carousels() -> Iterator[Row]:
    one = {"type": "bubble", "body": BOX}
    contents = "contents.contents"
    size = "size must be between 1 and 12"
    yield "flex carousel", contents, [one] * 12, [one] * 13, size, "/contents"
    yield "flex carousel", contents, [one], [], size, "/contents"
    mixed = [one, {**one, "size": "kilo"}]
    yield (
        "flex carousel",
        contents,
        [one, {**one, "size": "mega"}],
        mixed,
        ("all bubbles must have the same size"),
        "/contents",
    )
    video = [{**one, "hero": BASES["flex video"]["contents"]["hero"]}]
    yield "flex carousel", contents, [one], video, PROPERTY, "/contents/0/hero"
    yield "flex carousel", contents, [one], [{"type": "carousel"}], PROPERTY, "/contents/0"
    empty = "at least one block must be specified"
    yield "flex carousel", contents, [one], [{"type": "bubble"}], empty, "/contents/0"
    text = {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": ""}]}
    yield (
        "flex carousel",
        contents,
        [one],
        [{"type": "bubble", "body": text}],
        NON_EMPTY,
        ("/contents/0/body/contents/0/text"),
    )


def rows_of_text_v2() -> Iterator[Row]:
    pattern = "does not match the pattern '^[a-zA-Z0-9_]{1,20}$'."
    yield "textV2", "text", "a" * 5000, "a" * 5001, up_to(5000), "text"
    yield (
        "textV2",
        "text",
        "{{name}}",
        "{!owe}",
        f"The key '!owe' enclosed in '{{}}' {pattern}",
        ("text"),
    )
    yield (
        "textV2",
        "text",
        "{name}",
        "{nobody}",
        ("The key 'nobody' enclosed in '{}' is not in the substitution."),
        "text",
    )
    unmatched = "The text contains '{' or '}' that is neither escaped nor matched."
    yield "textV2", "text", "a {{ b", "a { b", unmatched, "text"
    yield "textV2", "text", "a }} b", "a } b", unmatched, "text"
    emoji = {"type": "emoji", "productId": "p", "emojiId": "e"}
    kinds: list[Any] = ["sound", [], None]
    for bad in ({"type": kind} for kind in kinds):
        yield "textV2", "substitution.face", emoji, bad, PROPERTY, "substitution/face"
    yield "textV2", "substitution.face.emojiId", "e", None, SPECIFIED, "substitution/face/emojiId"
    yield (
        "textV2",
        "substitution.name.mentionee",
        {"type": "all"},
        None,
        SPECIFIED,
        ("substitution/name/mentionee"),
    )
    mentioned = "substitution.name.mentionee.userId", "substitution/name/mentionee/userId"
    yield (
        "textV2",
        mentioned[0],
        ALICE,
        "U" + "2" * 32,
        "must be a member of the chat",
        (mentioned[1]),
    )
    yield "textV2", mentioned[0], ALICE, None, SPECIFIED, mentioned[1]
    base = BASES["textV2"]["substitution"]
    for kind, value in (("mention", base["name"]), ("emoji", base["face"])):
        twenty = {**base, **{f"k{number}": value for number in range(19)}}
        more = {**twenty, "k19": value}
        yield (
            "textV2",
            "substitution",
            twenty,
            more,
            f"the number of {kind}s must be at most 20",
            ("substitution"),
        )


ROWS = [
    *rows_of_plain_messages(),
    *rows_of_imagemaps(),
    *rows_of_common_properties(),
    *rows_of_templates(),
    *rows_of_actions(),
    *rows_of_flex(),
    *rows_of_flex_carousels(),
    *rows_of_text_v2(),
]


def setting(**changes: Any) -> Setting:
    """Where the rows are sent: a reply into a group of which Alice is a member."""
    made = {
        "via": "reply",
        "chat": CHAT,
        "in_group": True,
        "opened_quote": IDS.opened_quote,
        "is_member": lambda user_id: user_id == ALICE,
    }
    return Setting(**{**made, **changes})


def put(message: Json, path: str, value: Any) -> Json:
    """A copy of the message with another value at a dotted path; None takes the property away."""
    made: Json = json.loads(json.dumps(message))
    *way, last = path.split(".")
    at: Any = made
    for key in way:
        at = at[int(key)] if isinstance(at, list) else at.setdefault(key, {})
    if isinstance(at, list):
        at[int(last)] = value
    elif value is None:
        at.pop(last, None)
    else:
        at[last] = value
    return made


def refused(messages: Any, where: Setting | None = None) -> Json:
    """The body with which LINE refuses these messages."""
    with pytest.raises(LineRefusal) as caught:
        check_messages(messages, where or setting(in_group=False))
    assert caught.value.answer.status == 400
    body: Json = caught.value.answer.json
    return body


def where_of(base: str, path: str) -> Setting:
    """Tracking ids are for 1:1 chats, mentions for groups."""
    return setting(in_group=base == "textV2" and "trackingId" not in path)


@pytest.mark.parametrize("base", BASES)
def test_the_base_messages_pass(base: str) -> None:
    """Every row starts from a message that LINE takes."""
    check_messages([BASES[base]], setting())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}"[:60])
def test_both_sides_of_a_limit(row: Row) -> None:
    """The one value passes; the other is refused with LINE's sentence at LINE's property."""
    base, path, good, bad, sentence, where = row
    check_messages([put(BASES[base], path, good)], where_of(base, path))
    body = refused([put(BASES[base], path, bad)], where_of(base, path))
    bean = body["message"].startswith("The request body has")
    expected = f"messages[0].{where}" if bean else where
    assert {"message": sentence, "property": expected} in body["details"]


def test_every_type_and_every_component_has_a_base() -> None:
    """No message type and no Flex component is without a test."""
    assert {message["type"] for message in BASES.values()} == set(MESSAGES)
    used = str(BASES)
    assert [name for name in COMPONENTS if f"'type': '{name}'" not in used] == []


def test_the_second_style_has_a_no_break_space() -> None:
    """LINE's sentence about an invalid message has U+00A0 after the parenthesis."""
    body = refused([BASES["text"], put(BASES["confirm"], "template.text", "")])
    assert body["message"] == "A message (messages[1])\u00a0in the request body is invalid"


def test_the_first_style_counts_its_errors() -> None:
    """All faults of the first style come at once, in the order of the messages."""
    body = refused([put(BASES["text"], "text", ""), {"type": "hologram"}])
    kinds = "text, textV2, sticker, image, video, audio, location, coupon, imagemap, template, flex"
    assert body == {
        "message": "The request body has 2 error(s)",
        "details": [
            {"message": "May not be empty", "property": "messages[0].text"},
            {
                "message": f"Must be one of the following values: [{kinds}]",
                "property": "messages[1].type",
            },
        ],
    }


def test_the_first_style_comes_before_the_second() -> None:
    body = refused([put(BASES["confirm"], "template.text", ""), put(BASES["text"], "text", "")])
    assert body["message"] == "The request body has 1 error(s)"


@pytest.mark.parametrize(
    ("messages", "details"),
    [
        ([], ("May not be empty", "messages")),
        (None, ("May not be empty", "messages")),
        ([BASES["text"]] * 6, ("Size must be between 1 and 5", "messages")),
    ],
)
def test_one_to_five_messages(messages: Any, details: tuple[str, str]) -> None:
    body = refused(messages)
    assert body["details"] == [{"message": details[0], "property": details[1]}]
    check_messages([BASES["text"]] * 5, setting())


@pytest.mark.parametrize(
    ("messages", "name"),
    [
        ("hello", "messages"),
        (["hello"], "messages[0]"),
        ([{"type": "text", "text": 5}], "messages[0].text"),
        ([{"type": "text", "text": "a", "sender": []}], "messages[0].sender"),
        ([put(BASES["location"], "latitude", "35")], "messages[0].latitude"),
        ([put(BASES["quickReply"], "quickReply.items.0", 1)], "messages[0].quickReply.items[0]"),
        ([put(BASES["audio"], "duration", 1.5)], "messages[0].duration"),
        ([put(BASES["imagemap"], "actions", {})], "messages[0].actions"),
    ],
)
def test_a_wrong_json_type_ends_the_check(messages: Any, name: str) -> None:
    """In the first style a value of the wrong type is all that LINE speaks of."""
    assert refused(messages) == {
        "message": f"The property, '{name}', in the request body is invalid (line: -, column: -)"
    }


def test_null_is_the_same_as_absent() -> None:
    check_messages([{**BASES["text"], "quickReply": None, "sender": None}], setting())


def test_unknown_properties_pass_outside_flex() -> None:
    """LINE adds properties all the time, so it does not refuse what it does not know."""
    check_messages([{**BASES["text"], "sparkle": True}], setting())


def test_buttons_have_less_text_beside_a_picture() -> None:
    for name, value in (("title", "t"), ("thumbnailImageUrl", URL)):
        beside = put(BASES["buttons"], f"template.{name}", value)
        check_messages([put(beside, "template.text", "a" * 60)], setting())
        body = refused([put(beside, "template.text", "a" * 61)])
        assert body["details"][0]["message"] == no_longer(60)


def test_a_postback_shows_one_text() -> None:
    """displayText and the deprecated text exclude each other."""
    both = put(BASES["buttons"], "template.actions.1.displayText", "a")
    check_messages([both], setting())
    body = refused([put(both, "template.actions.1.text", "a")])
    assert body["details"][0]["property"] == "template/actions/1/text"


def test_fill_in_text_goes_with_the_keyboard() -> None:
    keyboard = put(BASES["buttons"], "template.actions.1.inputOption", "openKeyboard")
    check_messages([put(keyboard, "template.actions.1.fillInText", "a" * 300)], setting())


@pytest.mark.parametrize(
    ("mode", "good", "bad"),
    [
        ("time", "23:59", "24:00"),
        ("datetime", "2026-02-28T10:00", "2026-02-28 10:00"),
        ("datetime", "2026-02-28t10:00", "2026-02-28"),
    ],
)
def test_a_picker_takes_the_form_of_its_mode(mode: str, good: str, bad: str) -> None:
    message = put(BASES["buttons"], "template.actions.3.mode", mode)
    check_messages([put(message, "template.actions.3.initial", good)], setting())
    refused([put(message, "template.actions.3.initial", bad)])


def test_a_picker_does_not_end_before_it_begins() -> None:
    message = put(BASES["buttons"], "template.actions.3.min", "2026-01-02")
    check_messages([put(message, "template.actions.3.max", "2026-01-02")], setting())
    refused([put(message, "template.actions.3.max", "2026-01-01")])


@pytest.mark.parametrize("via", ["multicast", "narrowcast", "broadcast"])
def test_quotes_mentions_and_tracking_are_for_single_chats(via: str) -> None:
    """What depends on the chat cannot be sent to many at once."""
    many = setting(via=via, chat=None, in_group=False)
    refused([put(BASES["text"], "quoteToken", QUOTE)], many)
    refused([BASES["textV2"]], many)
    refused([put(BASES["video"], "trackingId", "t")], many)


def test_a_quote_stays_in_its_chat() -> None:
    elsewhere = setting(chat="U" + "2" * 32, in_group=False)
    body = refused([put(BASES["text"], "quoteToken", QUOTE)], elsewhere)
    assert body["details"] == [
        {"message": "Invalid quote token", "property": "messages[0].quoteToken"}
    ]


def test_mentions_are_for_groups() -> None:
    refused([BASES["textV2"]], setting(in_group=False))


def test_tracking_ids_are_for_one_on_one_chats() -> None:
    tracked = put(BASES["video"], "trackingId", "t")
    check_messages([tracked], setting(in_group=False))
    refused([tracked], setting(in_group=True))


@pytest.mark.parametrize(
    ("url", "passes"),
    [
        ("http://localhost:8000/a.png", True),
        ("http://127.0.0.1/a.png", True),
        ("http://example.com/a.png", False),
        ("http://localhost.example.com/a.png", False),
    ],
)
def test_http_is_for_this_computer_and_only_where_allowed(url: str, *, passes: bool) -> None:
    message = put(put(BASES["image"], "originalContentUrl", url), "previewImageUrl", URL)
    refused([message])
    if passes:
        check_messages([message], setting(allow_http=True))
    else:
        refused([message], setting(allow_http=True))


@pytest.mark.parametrize(("limit", "count"), [(30 * 1024, 1), (50 * 1024, 2)])
def test_flex_containers_have_a_weight(limit: int, count: int) -> None:
    """30 KB of JSON for a bubble, 50 KB for a carousel, in UTF-8 without spaces."""

    def message(length: int) -> Json:
        words = [{"type": "text", "text": "a" * (length // count)}]
        body = {"type": "box", "layout": "vertical", "contents": words}
        bubbles = [{"type": "bubble", "body": body}] * count
        contents = bubbles[0] if count == 1 else {"type": "carousel", "contents": bubbles}
        return {"type": "flex", "altText": "a", "contents": contents}

    check_messages([message(limit - 300)], setting())
    body = refused([message(limit)])
    assert body["details"][0]["message"].startswith(f"size must be at most {limit} bytes")


def test_ten_animated_images_are_enough() -> None:
    image = {"type": "image", "url": URL, "animated": True}

    def message(count: int) -> Json:
        return put(BASES["flex"], "contents.body.contents", [image] * count)

    check_messages([message(10)], setting())
    refused([message(11)])


def test_a_hundred_substitutions_are_enough() -> None:
    """More than a hundred keys are refused before their kinds are counted."""
    face = BASES["textV2"]["substitution"]["face"]
    body = refused(
        [{"type": "textV2", "text": "a", "substitution": {f"k{n}": face for n in range(101)}}]
    )
    assert body["details"] == [
        {"message": "size must be between 0 and 100", "property": "substitution"}
    ]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("{a}{b_1}", ["a", "b_1"]),
        ("{{a}} {{{a}}}", ["a"]),
        ("{}", [""]),
        ("{a", [None]),
        ("a}b{c}", [None]),
        ("日本{名前}", ["名前"]),
        ("", []),
    ],
)
def test_keys_in_braces(text: str, keys: list[str | None]) -> None:
    """Doubled braces are braces; single ones hold a key."""
    assert list(keys_of(text)) == keys


@pytest.mark.parametrize("package", SENDABLE)
def test_the_list_of_stickers(package: int) -> None:
    """The first and the last of each run can be sent, their neighbours outside cannot."""
    for run in SENDABLE[package]:
        assert can_be_sent(str(package), str(run.start))
        assert can_be_sent(str(package), str(run.stop - 1))
    assert not can_be_sent(str(package), str(SENDABLE[package][-1].stop))


@pytest.mark.parametrize(("package", "sticker"), [("四四六", "1988"), ("446", "-1"), ("", "")])
def test_sticker_ids_are_decimal(package: str, sticker: str) -> None:
    assert not can_be_sent(package, sticker)
