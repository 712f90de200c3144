"""Flex: what may stand in what, and the forms of its sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from penniless.errors import MessageError
from penniless.messages import (
    FlexBox,
    FlexBubble,
    FlexCarousel,
    FlexComponent,
    FlexImage,
    FlexMessage,
    FlexText,
    FlexVideo,
    to_json,
)
from penniless.messages.checks import Checked
from tests.messages.samples import (
    BOX,
    BUTTON,
    FILLER,
    GRADIENT,
    ICON,
    IMAGE,
    SEPARATOR,
    SPAN,
    TEXT,
    URL,
    VIDEO,
)

COMPONENTS: tuple[FlexComponent, ...] = (
    *(BOX, BUTTON, IMAGE, TEXT, SEPARATOR, FILLER, ICON, SPAN, VIDEO),
)
IN_BLOCKS = (BOX, BUTTON, IMAGE, TEXT, SEPARATOR, FILLER)
IN_BASELINE = (ICON, TEXT, FILLER)


def refusal(make: Callable[[], object]) -> str:
    with pytest.raises(MessageError) as caught:
        make()
    return str(caught.value)


@pytest.mark.parametrize(
    ("layout", "held"),
    [("horizontal", IN_BLOCKS), ("vertical", IN_BLOCKS), ("baseline", IN_BASELINE)],
)
@pytest.mark.parametrize("component", COMPONENTS, ids=lambda one: type(one).__name__)
def test_a_box_holds_what_its_layout_allows(
    layout: str, held: tuple[Any, ...], component: FlexComponent
) -> None:
    """LINE's table of children by layout."""
    if component in held:
        assert FlexBox(layout, [TEXT, component]).contents[1] is component
    else:
        says = refusal(lambda: FlexBox(layout, [TEXT, component]))
        assert says.startswith("FlexBox.contents[1] must be ")
        assert says.endswith(f" or a dict in a {layout} box, not {type(component).__name__}")


def test_a_box_may_be_empty_and_hold_raw_parts() -> None:
    """A dict is not looked into."""
    assert FlexBox("vertical", []).contents == []
    assert FlexBox("baseline", [{"type": "box"}]).contents == [{"type": "box"}]


def test_a_text_has_text_or_spans() -> None:
    """One of them; the Flex Message Simulator writes an empty list beside text."""
    assert FlexText("x", contents=[]).text == "x"
    assert FlexText(contents=[SPAN]).text is None
    for make in (FlexText, lambda: FlexText(contents=[])):
        assert refusal(make) == "FlexText.text is required, unless contents has spans"
    assert refusal(lambda: FlexText("")) == (
        "FlexText.text is empty; LINE requires at least 1 character"
    )


def test_a_bubble_has_a_block() -> None:
    """An empty one shows nothing."""
    assert refusal(FlexBubble) == "FlexBubble needs at least one of header, hero, body and footer"
    assert refusal(lambda: FlexBubble(hero=TEXT)).startswith(  # type: ignore[arg-type]
        "FlexBubble.hero must be FlexBox, FlexImage, FlexVideo or a dict"
    )


@pytest.mark.parametrize("size", ["nano", "micro", "deca", "hecto", "kilo", "mega", "giga", None])
def test_a_video_needs_a_large_bubble(size: str | None) -> None:
    """kilo, mega or giga; mega is the default."""
    if size in {"kilo", "mega", "giga", None}:
        assert FlexBubble(hero=VIDEO, size=size).hero is VIDEO
    else:
        assert refusal(lambda: FlexBubble(hero=VIDEO, size=size)) == (
            "FlexBubble.size must be kilo or mega or giga with a video"
        )


def test_a_video_stands_in_no_carousel() -> None:
    """And its alternative is a box or an image."""
    bubble = FlexBubble(hero=VIDEO)
    assert refusal(lambda: FlexCarousel([FlexBubble(body=BOX), bubble])) == (
        "FlexCarousel.contents cannot have a video; LINE takes it in a lone bubble"
    )
    assert refusal(lambda: FlexVideo(URL, URL, TEXT)) == (  # type: ignore[arg-type]
        "FlexVideo.alt_content must be FlexBox, FlexImage or a dict, not FlexText"
    )


def test_the_bubbles_of_a_carousel_have_one_size() -> None:
    """Raw ones are not compared."""
    small, plain = FlexBubble(body=BOX, size="nano"), FlexBubble(body=BOX)
    assert refusal(lambda: FlexCarousel([small, plain])) == (
        "FlexCarousel.contents must all have the same size"
    )
    assert len(FlexCarousel([small, small, {"type": "bubble", "size": "giga"}]).contents) == 3


FORMS: list[tuple[Checked, str, list[str], list[str]]] = [
    (BOX, "spacing", ["none", "xxl", "0px", "8.5px"], ["-8px", "5%", "xxs", "8", "px"]),
    (BOX, "margin", ["none", "xs", "8px"], ["5%", "full"]),
    (BOX, "padding_all", ["none", "8px", "5%"], ["-1px", "full"]),
    (BOX, "offset_top", ["none", "8px", "-8px", "-5%", "5.5%"], ["full", "--1px"]),
    (BOX, "width", ["8px", "50%"], ["xs", "none", "-8px"]),
    (BOX, "border_width", ["none", "semi-bold", "2px"], ["5%", "md"]),
    (BOX, "corner_radius", ["none", "xxl", "100px"], ["5%", "full"]),
    (BOX, "background_color", ["#fff000", "#FFF00080"], ["#fff", "red", "fff000", "#ggg000"]),
    (IMAGE, "size", ["xxs", "5xl", "full", "8px", "50%"], ["none", "6xl"]),
    (TEXT, "size", ["xxs", "5xl", "8px"], ["full", "50%"]),
    (TEXT, "line_spacing", ["1px", "0.5px"], ["0px", "0.0px", "md"]),
    (ICON, "size", ["xxs", "5xl", "8px"], ["full", "50%"]),
    (GRADIENT, "angle", ["0deg", "90deg", "359.99deg"], ["360deg", "-1deg", "90", "999deg"]),
    (GRADIENT, "center_position", ["0%", "100%", "100.0%", "33.3%"], ["101%", "100.1%", "5px"]),
    (IMAGE, "aspect_ratio", ["1:1", "1.51:1", "1:3", "100000:1"], ["1", "0:1", "100001:1", "a:b"]),
    (VIDEO, "aspect_ratio", ["16:9"], ["16/9", 1.5]),  # type: ignore[list-item]
]


@pytest.mark.parametrize(
    ("one", "field", "good", "bad"), FORMS, ids=[f"{type(r[0]).__name__}.{r[1]}" for r in FORMS]
)
def test_sizes_have_their_forms(one: Checked, field: str, good: list[str], bad: list[str]) -> None:
    """Keywords, pixels and percents, each where LINE takes them."""
    for value in good:
        assert getattr(replace(one, **{field: value}), field) == value
    for value in bad:
        says = refusal(lambda value=value: replace(one, **{field: value}))  # type: ignore[misc]
        assert says.startswith(f"{type(one).__name__}.{field} must be ")


def test_an_image_is_at_most_three_times_as_tall_as_wide() -> None:
    """LINE's limit of the aspect ratio."""
    assert refusal(lambda: FlexImage(URL, aspect_ratio="100:301")) == (
        "FlexImage.aspect_ratio is too tall; LINE allows a height of three times the width"
    )


def test_a_bubble_from_the_flex_message_simulator_is_sent_as_it_is() -> None:
    """No class is needed for JSON that is there already."""
    bubble = {
        "type": "bubble",
        "body": {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": "店"}]},
    }
    sent = to_json(FlexMessage("お店", contents=bubble))
    assert sent == {"type": "flex", "altText": "お店", "contents": bubble}
