"""LINE's limits on both sides, counted in LINE's units; the numbers here are LINE's pages'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import regex  # type: ignore[import-untyped,unused-ignore]
from hypothesis import given, settings
from hypothesis import strategies as st

from penniless import messages as m
from penniless.errors import MessageError
from penniless.messages.actions import PLACES
from penniless.messages.checks import GRAPHEMES, UTF16, Checked
from tests.messages.samples import (
    AREA,
    BOX,
    CARD,
    COLUMN,
    CONFIRM,
    MAP,
    MESSAGE,
    PLACE,
    URL,
)

Make = Callable[[Any], object]
SIZE = m.ImagemapBaseSize(width=1040, height=1040)
AREA_TAP = m.MessageImagemapAction(AREA, "tap")
SMALL = m.FlexBubble(body=m.FlexBox("vertical", []))


def buttons(**more: Any) -> Make:
    return lambda text: m.ButtonsTemplate(text, [MESSAGE], **more)


def column(**more: Any) -> Make:
    return lambda text: m.CarouselColumn(text, [MESSAGE], **more)


TEXTS: list[tuple[str, Make, int, str]] = [
    ("TextMessage.text", m.TextMessage, 5000, UTF16),
    ("TextMessageV2.text", m.TextMessageV2, 5000, UTF16),
    ("Sender.name", m.Sender, 20, UTF16),
    ("VideoMessage.tracking_id", lambda t: m.VideoMessage(URL, URL, t), 100, UTF16),
    ("LocationMessage.title", lambda t: m.LocationMessage(t, "a", 1, 1), 100, UTF16),
    ("LocationMessage.address", lambda t: m.LocationMessage("t", t, 1, 1), 100, UTF16),
    ("ImagemapMessage.alt_text", lambda t: m.ImagemapMessage(MAP, t, SIZE, []), 1500, UTF16),
    ("MessageImagemapAction.text", lambda t: m.MessageImagemapAction(AREA, t), 400, UTF16),
    ("MessageImagemapAction.label", lambda t: m.MessageImagemapAction(AREA, "x", t), 100, UTF16),
    ("URIImagemapAction.label", lambda t: m.URIImagemapAction(AREA, URL, t), 100, UTF16),
    (
        "ClipboardImagemapAction.clipboard_text",
        lambda t: m.ClipboardImagemapAction(AREA, t),
        1000,
        UTF16,
    ),
    (
        "ClipboardImagemapAction.label",
        lambda t: m.ClipboardImagemapAction(AREA, "x", t),
        100,
        UTF16,
    ),
    ("ImagemapExternalLink.label", lambda t: m.ImagemapExternalLink(URL, t), 30, UTF16),
    ("TemplateMessage.alt_text", lambda t: m.TemplateMessage(t, CONFIRM), 1500, UTF16),
    ("FlexMessage.alt_text", lambda t: m.FlexMessage(t, SMALL), 1500, UTF16),
    ("PostbackAction.data", lambda t: m.PostbackAction("l", t), 300, UTF16),
    ("DatetimePickerAction.data", lambda t: m.DatetimePickerAction("l", t, "date"), 300, UTF16),
    ("RichMenuSwitchAction.data", lambda t: m.RichMenuSwitchAction("l", t, "a"), 300, UTF16),
    ("ClipboardAction.clipboard_text", lambda t: m.ClipboardAction("l", t), 1000, UTF16),
    ("MessageAction.text", lambda t: m.MessageAction("l", t), 300, GRAPHEMES),
    (
        "PostbackAction.display_text",
        lambda t: m.PostbackAction("l", "d", display_text=t),
        300,
        GRAPHEMES,
    ),
    ("PostbackAction.text", lambda t: m.PostbackAction("l", "d", text=t), 300, GRAPHEMES),
    (
        "PostbackAction.fill_in_text",
        lambda t: m.PostbackAction("l", "d", input_option="openKeyboard", fill_in_text=t),
        300,
        GRAPHEMES,
    ),
    ("RichMenuSwitchAction.label", lambda t: m.RichMenuSwitchAction(t, "d", "a"), 20, GRAPHEMES),
    ("ButtonsTemplate.text", buttons(), 160, GRAPHEMES),
    ("ButtonsTemplate.text", buttons(title="t"), 60, GRAPHEMES),
    ("ButtonsTemplate.text", buttons(thumbnail_image_url=URL), 60, GRAPHEMES),
    ("ButtonsTemplate.title", lambda t: m.ButtonsTemplate("x", [MESSAGE], title=t), 40, GRAPHEMES),
    ("ConfirmTemplate.text", lambda t: m.ConfirmTemplate(t, [MESSAGE, MESSAGE]), 240, GRAPHEMES),
    ("CarouselColumn.text", column(), 120, GRAPHEMES),
    ("CarouselColumn.text", column(title="t"), 60, GRAPHEMES),
    ("CarouselColumn.text", column(thumbnail_image_url=URL), 60, GRAPHEMES),
    ("CarouselColumn.title", lambda t: m.CarouselColumn("x", [MESSAGE], title=t), 40, GRAPHEMES),
]


def say(text: str) -> m.MessageAction:
    return m.MessageAction(text, "said")


LABELS: list[tuple[str, Make, int, str]] = [
    ("QuickReplyItem.action.label", lambda t: m.QuickReplyItem(say(t)), 20, "a quick reply"),
    (
        "ConfirmTemplate.actions[1].label",
        lambda t: m.ConfirmTemplate("x", [MESSAGE, say(t)]),
        20,
        "a template",
    ),
    (
        "ButtonsTemplate.actions[0].label",
        lambda t: m.ButtonsTemplate("x", [say(t)]),
        20,
        "a template",
    ),
    (
        "ButtonsTemplate.default_action.label",
        lambda t: m.ButtonsTemplate("x", [MESSAGE], default_action=say(t)),
        20,
        "a template",
    ),
    (
        "CarouselColumn.actions[0].label",
        lambda t: m.CarouselColumn("x", [say(t)]),
        20,
        "a template",
    ),
    (
        "ImageCarouselColumn.action.label",
        lambda t: m.ImageCarouselColumn(URL, say(t)),
        12,
        "an image carousel",
    ),
    ("FlexButton.action.label", lambda t: m.FlexButton(say(t)), 40, "a Flex button"),
    (
        "FlexBox.action.label",
        lambda t: m.FlexBox("vertical", [], action=say(t)),
        40,
        "a Flex component",
    ),
    (
        "FlexVideo.action.label",
        lambda t: m.FlexVideo(URL, URL, BOX, action=m.URIAction(t, URL)),
        40,
        "a Flex video",
    ),
]

COUNTS: list[tuple[str, Make, int, int, str]] = [
    (
        "TextMessage.emojis",
        lambda n: m.TextMessage("$", [m.Emoji(0, "p", "e")] * n),
        0,
        20,
        "emojis",
    ),
    ("QuickReply.items", lambda n: m.QuickReply([m.QuickReplyItem(PLACE)] * n), 1, 13, "items"),
    (
        "ImagemapMessage.actions",
        lambda n: m.ImagemapMessage(MAP, "a", SIZE, [AREA_TAP] * n),
        0,
        50,
        "actions",
    ),
    ("ButtonsTemplate.actions", lambda n: m.ButtonsTemplate("x", [MESSAGE] * n), 1, 4, "actions"),
    ("ConfirmTemplate.actions", lambda n: m.ConfirmTemplate("x", [MESSAGE] * n), 2, 2, "actions"),
    ("CarouselColumn.actions", lambda n: m.CarouselColumn("x", [MESSAGE] * n), 1, 3, "actions"),
    ("CarouselTemplate.columns", lambda n: m.CarouselTemplate([COLUMN] * n), 1, 10, "columns"),
    (
        "ImageCarouselTemplate.columns",
        lambda n: m.ImageCarouselTemplate([CARD] * n),
        1,
        10,
        "columns",
    ),
    ("FlexCarousel.contents", lambda n: m.FlexCarousel([SMALL] * n), 1, 12, "bubbles"),
]

WIDE = {UTF16: ("🍎", 2), GRAPHEMES: ("👨‍👩‍👧", 1)}
"""A character that `len()` counts wrongly, and its size."""


def refused(make: Callable[[], object]) -> MessageError:
    with pytest.raises(MessageError) as caught:
        make()
    return caught.value


def ids(rows: list[Any]) -> list[str]:
    return [f"{row[0]}-{row[2]}" for row in rows]


@pytest.mark.parametrize(("path", "make", "limit", "unit"), TEXTS, ids=ids(TEXTS))
def test_a_text_may_be_as_long_as_line_allows(path: str, make: Make, limit: int, unit: str) -> None:
    """At the limit it is accepted, one over it the error names field, limit, size and unit."""
    char, size = WIDE[unit]
    full = char * (limit // size)
    make(full)
    make("ก" * limit)
    error = refused(lambda: make(full + "x"))
    assert (error.field, error.limit, error.found) == (path, limit, limit + 1)
    assert str(error) == f"{path} has {limit + 1:,} {unit}; LINE allows {limit:,}"


@pytest.mark.parametrize(("path", "make", "limit", "place"), LABELS, ids=ids(LABELS))
def test_a_label_may_be_as_long_as_its_place_allows(
    path: str, make: Make, limit: int, place: str
) -> None:
    """The same action may stand in one place and be too long for another."""
    make("👍🏽" * limit)
    error = refused(lambda: make("👍🏽" * limit + "x"))
    assert (error.field, error.limit, error.found) == (path, limit, limit + 1)
    assert str(error) == f"{path} has {limit + 1} grapheme clusters; LINE allows {limit}"
    assert str(refused(lambda: make(""))).startswith(f"{path} is empty")
    assert place in PLACES


@pytest.mark.parametrize(("path", "make", "limit", "place"), LABELS, ids=ids(LABELS))
def test_a_label_is_required_where_it_is_shown(
    path: str, make: Make, limit: int, place: str
) -> None:
    """Quick replies, templates and Flex buttons show it; the other places may do without."""
    required = {"a quick reply", "a template", "a Flex button"}
    if place in required:
        assert str(refused(lambda: make(None))) == f"{path} is required in {place}"
    else:
        assert make(None)


@pytest.mark.parametrize(
    ("path", "make", "least", "most", "unit"), COUNTS, ids=[row[0] for row in COUNTS]
)
def test_a_list_may_have_as_many_items_as_line_allows(
    path: str, make: Make, least: int, most: int, unit: str
) -> None:
    """Neither fewer nor more."""
    make(least)
    make(most)
    bound = "requires exactly" if least == most else "allows"
    error = refused(lambda: make(most + 1))
    assert (error.field, error.limit, error.found) == (path, most, most + 1)
    assert str(error) == f"{path} has {most + 1} {unit}; LINE {bound} {most}"
    if least:
        bound = "requires exactly" if least == most else "requires at least"
        error = refused(lambda: make(least - 1))
        assert (error.field, error.limit, error.found) == (path, least, least - 1)
        counted = unit.removesuffix("s") if least == 2 else unit
        assert str(error) == f"{path} has {least - 1} {counted}; LINE {bound} {least}"


EMPTY = [row for row in TEXTS if not row[0].endswith(".data")]


@pytest.mark.parametrize(("path", "make", "limit", "unit"), EMPTY, ids=ids(EMPTY))
def test_an_empty_text_is_an_error(path: str, make: Make, limit: int, unit: str) -> None:
    """LINE refuses empty texts, so they fail before they are sent."""
    error = refused(lambda: make(""))
    assert (error.field, error.found) == (path, 0)
    assert str(error) == f"{path} is empty; LINE requires at least 1 character"


def test_postback_data_may_be_empty() -> None:
    """The one kind of text for which LINE states a least length of zero; it is sent."""
    template = m.ButtonsTemplate("x", [m.PostbackAction("l", "")])
    sent = m.to_json(m.TemplateMessage("a", template))
    assert sent["template"]["actions"] == [{"type": "postback", "label": "l", "data": ""}]


def test_every_limit_of_the_classes_is_tested_here() -> None:
    """The rows beside the classes and the rows of this file name the same fields."""
    classes = [getattr(m, name) for name in m.__all__]
    rules = [
        (f"{one.__name__}.{rule.field}", rule)
        for one in classes
        if isinstance(one, type) and issubclass(one, Checked)
        for rule in one.RULES
        if rule.most is not None
    ]
    texts = {(path, rule.unit) for path, rule in rules if rule.unit and not rule.allowed}
    lists = {(path, rule.unit) for path, rule in rules if rule.each}
    assert texts == {(path, unit) for path, _, _, unit in TEXTS}
    assert lists == {(path, unit) for path, _, _, _, unit in COUNTS}
    assert set(PLACES) == {place for _, _, _, place in LABELS}


CLUSTER = regex.compile(r"\X")
PIECE = st.text(st.sampled_from("aก\u0e33\u0301🍎👨\u200d👩🇯🇵\u0915\u094d\u0937한\r\n"), min_size=1)


@given(PIECE, st.integers(4900, 5100))
@settings(max_examples=60, deadline=None)
def test_text_messages_are_accepted_exactly_up_to_the_limit(piece: str, units: int) -> None:
    """Whatever the text, it is counted in UTF-16 units, by the class and by `to_json` alike."""
    size = len(piece.encode("utf-16-le")) // 2
    text = piece * (units // size) + "x" * (units % size)
    if units <= 5000:
        sent = {"type": "text", "text": text}
        assert m.to_json(text) == m.to_json(m.TextMessage(text)) == sent
    else:
        assert refused(lambda: m.to_json(text)).found == units
        assert refused(lambda: m.TextMessage(text)).found == units


@given(st.lists(PIECE, min_size=1).map("".join))
@settings(deadline=None)
def test_labels_are_accepted_exactly_up_to_the_limit(label: str) -> None:
    """Whatever the label, it is counted in grapheme clusters."""
    clusters = len(CLUSTER.findall(label))
    if clusters <= 20:
        assert m.QuickReplyItem(m.CameraAction(label))
    else:
        assert refused(lambda: m.QuickReplyItem(m.CameraAction(label))).found == clusters


def test_a_bubble_has_at_most_30_kilobytes_of_json() -> None:
    """Counted in UTF-8 bytes, whatever the characters."""

    def bubble(text: str) -> m.FlexBubble:
        return m.FlexBubble(body=m.FlexBox("vertical", [m.FlexText(text)]))

    error = refused(lambda: bubble("あ" * 10_000))
    assert isinstance(error.found, int)
    frame = error.found - 30_000
    assert bubble("あ" * 9_000 + "x" * (3_000 - frame))
    error = refused(lambda: bubble("あ" * 9_000 + "x" * (3_001 - frame)))
    assert (error.field, error.limit, error.found) == ("FlexBubble", 30_000, 30_001)
    assert str(error) == "FlexBubble has 30,001 bytes of JSON; LINE allows 30,000"


def test_a_carousel_has_at_most_50_kilobytes_of_json() -> None:
    """Bubbles that are small enough alone can be too much together."""
    bubble = m.FlexBubble(body=m.FlexBox("vertical", [m.FlexText("x" * 29_000)]))
    assert m.FlexCarousel([bubble])
    error = refused(lambda: m.FlexCarousel([bubble, bubble]))
    assert (error.field, error.limit) == ("FlexCarousel", 50_000)
    assert isinstance(error.found, int)
    assert error.found > 58_000


def test_a_message_has_at_most_ten_animated_images() -> None:
    """Counted over all bubbles; texts that look like the property do not count."""
    image = m.FlexImage(URL, animated=True)
    text = m.FlexText('"animated":true')

    def message(count: int) -> m.FlexMessage:
        boxes = [m.FlexBox("vertical", [text, *[image] * 4]) for _ in range(2)]
        last = m.FlexBox("vertical", [image] * count)
        return m.FlexMessage(
            "a", m.FlexCarousel([m.FlexBubble(body=box) for box in (*boxes, last)])
        )

    assert message(2)
    error = refused(lambda: message(3))
    assert str(error) == "FlexMessage.contents has 11 animated images; LINE allows 10"


def test_substitutions_are_limited() -> None:
    """100 entries, 20 mentions and 20 emojis in one text."""
    mention = m.MentionSubstitutionObject(m.AllMentionTarget())
    emoji = m.EmojiSubstitutionObject("p", "e")

    def message(values: list[m.SubstitutionObject], used: int) -> m.TextMessageV2:
        entries = {f"k{n}": value for n, value in enumerate(values)}
        return m.TextMessageV2("x" + "".join(f"{{k{n}}}" for n in range(used)), entries)

    assert message([mention] * 20 + [emoji] * 20, 40)
    assert message([mention] * 100, 20)
    assert str(refused(lambda: message([mention] * 101, 1))) == (
        "TextMessageV2.substitution has 101 entries; LINE allows 100"
    )
    assert str(refused(lambda: message([mention] * 21, 21))) == (
        "TextMessageV2.text has 21 mentions; LINE allows 20"
    )
    assert str(refused(lambda: message([emoji] * 21, 21))) == (
        "TextMessageV2.text has 21 emojis; LINE allows 20"
    )
