"""What a person sees of a message, as text."""

from __future__ import annotations

from typing import Any

import pytest

from penniless.testing.shown import lines_of, tappable_in, words_of
from penniless.testing.tapping import find

POSTBACK = {"type": "postback", "label": "お茶", "data": "drink=tea"}
BUTTONS = {
    "type": "template",
    "altText": "Drinks",
    "template": {
        "type": "buttons",
        "title": "お飲み物",
        "text": "What would you like?",
        "defaultAction": {"type": "uri", "uri": "https://a.example/card"},
        "actions": [POSTBACK, {"type": "uri", "label": "Card", "uri": "https://a.example/"}],
    },
}
FLEX = {
    "type": "flex",
    "altText": "Café",
    "contents": {
        "type": "bubble",
        "hero": {"type": "image", "url": "https://a.example/p.png", "action": POSTBACK},
        "body": {
            "type": "box",
            "layout": "vertical",
            "contents": [
                {"type": "text", "contents": [{"type": "span", "text": "Hello "},
                                              {"type": "span", "text": "世界"}]},
                {"type": "text", "text": "two\nlines"},
                {"type": "button", "action": {"type": "message", "label": "Go", "text": "go"}},
            ],
        },
    },
}  # fmt: skip
QUICK = {
    "type": "text",
    "text": "Choose",
    "quickReply": {"items": [{"type": "action", "action": POSTBACK}]},
}
IMAGEMAP = {
    "type": "imagemap",
    "altText": "Map",
    "baseUrl": "https://a.example/map",
    "actions": [
        {"type": "message", "text": "one"},
        {"type": "uri", "linkUri": "https://b.example/"},
    ],
}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"type": "text", "text": "one\ntwo"}, ["one", "two"]),
        ({"type": "sticker", "packageId": "446", "stickerId": "1988"}, ["[sticker 446:1988]"]),
        (
            {"type": "image", "originalContentUrl": "https://a.example/p.png"},
            ["[image] https://a.example/p.png"],
        ),
        ({"type": "coupon", "couponId": "x"}, ["[coupon]"]),
        (QUICK, ["Choose", "[お茶]"]),
        (IMAGEMAP, ["[imagemap] Map https://a.example/map", "[one] [https://b.example/]"]),
        (
            BUTTONS,
            [
                "[template] Drinks",
                "お飲み物",
                "What would you like?",
                "[お飲み物 What would you like?] [お茶] [Card]",
            ],
        ),
        (FLEX, ["[flex] Café", "Hello 世界", "two", "lines", "[お茶] [Go]"]),
    ],
)
def test_lines(message: dict[str, Any], expected: list[str]) -> None:
    """A message is what it is, what stands in it, and what can be tapped."""
    assert lines_of(message) == expected


def test_words() -> None:
    """Everything that can be read is found, in its order."""
    assert words_of(FLEX) == ["Café", "Hello 世界", "two\nlines", "お茶", "Go"]


@pytest.mark.parametrize(
    ("label", "action"),
    [
        ("お茶", POSTBACK),
        ("What would you like?", None),
        ("お飲み物 What would you like?", {"type": "uri", "uri": "https://a.example/card"}),
    ],
)
def test_what_a_label_means(label: str, action: dict[str, Any] | None) -> None:
    """A button is known by its label, a picture by what it stands with."""
    found = list(tappable_in(BUTTONS))

    if action is None:
        assert label not in {name for one in found for name in one.names}
    else:
        assert find(label, [found], None) == action


@pytest.mark.parametrize("message", [{}, {"type": 3}, {"type": "flex", "contents": [None, 1]}])
def test_broken_messages(message: dict[str, Any]) -> None:
    """Whatever a bot sends can be shown, because a failure has to be."""
    assert isinstance(lines_of(message), list)
