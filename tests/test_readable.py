"""Messages of both directions as one line of text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penniless.readable import readable


def mention(**mentionee: str) -> dict[str, Any]:
    return {"type": "mention", "mentionee": mentionee}


EMOJI = {"type": "emoji", "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}
MEDIA = {"originalContentUrl": "https://example.com/a", "previewImageUrl": "https://example.com/b"}

MESSAGES: list[tuple[dict[str, Any], str]] = [
    ({"type": "text", "text": "こんにちは 🙂 สวัสดี"}, "こんにちは 🙂 สวัสดี"),
    ({"type": "text", "text": ""}, ""),
    ({"type": "sticker", "packageId": "446", "stickerId": "1988"}, "[sticker]"),
    ({"type": "sticker", "stickerResourceType": "MESSAGE", "text": "お疲れ"}, "[sticker: お疲れ]"),
    ({"type": "image", **MEDIA}, "[image]"),
    ({"type": "image", "id": "1", "contentProvider": {"type": "line"}}, "[image]"),
    ({"type": "video", **MEDIA}, "[video]"),
    ({"type": "audio", "duration": 1000}, "[audio]"),
    ({"type": "file", "fileName": "見積.pdf", "fileSize": 9}, "[file: 見積.pdf]"),
    ({"type": "location", "title": "東京駅", "address": "丸の内"}, "[location: 東京駅, 丸の内]"),
    ({"type": "location", "address": "丸の内", "latitude": 1}, "[location: 丸の内]"),
    ({"type": "location", "latitude": 1, "longitude": 2}, "[location]"),
    ({"type": "imagemap", "altText": "地図", "baseUrl": "https://example.com/m"}, "地図"),
    ({"type": "template", "altText": "เมนู", "template": {"type": "buttons"}}, "เมนู"),
    ({"type": "flex", "altText": "🧾", "contents": {"type": "bubble"}}, "🧾"),
    ({"type": "coupon", "couponId": "c"}, "[coupon]"),
    ({"type": "system", "text": "Alice joined"}, "Alice joined"),
    ({"type": "hologram", "depth": 3}, "[hologram]"),
    ({}, "[message]"),
]


@pytest.mark.parametrize(("message", "expected"), MESSAGES)
def test_each_type(message: dict[str, Any], expected: str) -> None:
    """The text, the alt text, or the kind with what it says of itself."""
    assert readable(message) == expected


@pytest.mark.parametrize(
    ("text", "indexes", "expected"),
    [
        ("$ LINE $", [0, 7], "(emoji) LINE (emoji)"),
        ("🙂$ 5$", [2], "🙂(emoji) 5$"),
        ("日本$$語", [3, 2], "日本(emoji)(emoji)語"),
        ("no", [0, 99, -1], "no"),
        ("half \ud83d $", [7], "half \ud83d (emoji)"),
    ],
)
def test_emojis_in_a_sent_text(text: str, indexes: list[int], expected: str) -> None:
    """A `$` at an emoji's index, counted in UTF-16 units, is an emoji; any other is a dollar."""
    emojis = [{"index": index, "productId": "p", "emojiId": "1"} for index in indexes]
    assert readable({"type": "text", "text": text, "emojis": emojis}) == expected


def test_emojis_in_a_received_text() -> None:
    """A received text has words for its emojis, and stays as it is."""
    emojis = [{"index": 6, "length": 6, "productId": "p", "emojiId": "1"}]
    message = {"type": "text", "text": "Hello (love)$", "emojis": emojis}
    assert readable(message) == "Hello (love)$"


@pytest.mark.parametrize(
    ("text", "substitution", "expected"),
    [
        ("Hi {you}!", {"you": mention(type="user", userId="U1")}, "Hi @you!"),
        ("{everyone} 集合", {"everyone": mention(type="all")}, "@All 集合"),
        ("good {laugh}{laugh}", {"laugh": EMOJI}, "good (laugh)(laugh)"),
        ('{{"a": {{1}}}}', {}, '{"a": {1}}'),
        ("{{you}} {you}", {"you": mention(type="all")}, "{you} @All"),
        ("{unknown} {", {}, "{unknown} {"),
        ("{new}", {"new": {"type": "hologram"}}, "(new)"),
    ],
)
def test_text_v2(text: str, substitution: dict[str, Any], expected: str) -> None:
    """Keys in braces become what they stand for, and double braces become braces."""
    message = {"type": "textV2", "text": text, "substitution": substitution}
    assert readable(message) == expected


KEYS = ["type", "text", "altText", "emojis", "substitution", "fileName", "title", "address"]
KINDS = ["text", "textV2", "sticker", "file", "location", "flex", "image"]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["index", "type", "a"]), inner)
    ),
    max_leaves=5,
)


@given(
    kind=st.sampled_from(KINDS),
    message=st.dictionaries(st.sampled_from(KEYS), anything),
    text=st.text(alphabet="${}ab🙂", max_size=8),
    key=st.sampled_from(KEYS),
)
def test_nothing_makes_it_fail(kind: str, message: dict[str, Any], text: str, key: str) -> None:
    """Malformed messages give some text, and never an error."""
    assert isinstance(readable({**message}), str)
    assert isinstance(readable({**message, "type": kind, "text": text}), str)
    assert isinstance(readable({"type": kind, key: message}), str)
