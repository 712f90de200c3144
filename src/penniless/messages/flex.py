"""Flex Messages: bubbles, carousels of bubbles, and the components inside.

Sizes and spaces are keywords (`xs` to `xxl` and so on), pixels (`8px`) or percents (`50%`) where
the class says so; colours are `#RRGGBB` or `#RRGGBBAA`. JSON from LINE's Flex Message Simulator
fits as it is: `FlexMessage("alt text", contents={...})`.
Source: https://developers.line.biz/en/reference/messaging-api/#flex-message
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from penniless.messages.actions import Action, action
from penniless.messages.checks import (
    COLOR,
    Checked,
    Raw,
    Rule,
    check_part,
    choice,
    fault,
    filled,
    flag,
    https,
    matching,
    outside,
    part,
    parts,
    text,
    whole,
)
from penniless.messages.message import COMMON, Message, to_bytes

BUBBLE_BYTES = 30_000
CAROUSEL_BYTES = 50_000
"""LINE says 30 KB and 50 KB of JSON without saying which KB; these are the stricter reading."""

ANIMATED_LIMIT = 10
"""Images with `animated` true in one message."""

_PIXELS = r"[0-9]+(?:\.[0-9]+)?px"
_PERCENT = r"[0-9]+(?:\.[0-9]+)?%"
_STEPS = "none|xs|sm|md|lg|xl|xxl"
_SIZES = "xxs|xs|sm|md|lg|xl|xxl|3xl|4xl|5xl"
_BORDERS = "none|light|normal|medium|semi-bold|bold"

SPACE = (f"{_STEPS}|{_PIXELS}", "none, xs to xxl, or pixels such as 8px")
PADDING = (f"{_STEPS}|{_PIXELS}|{_PERCENT}", "none, xs to xxl, pixels or a percentage")
OFFSET = (f"{_STEPS}|-?{_PIXELS}|-?{_PERCENT}", "none, xs to xxl, pixels or a percentage")
LENGTH = (f"{_PIXELS}|{_PERCENT}", "pixels such as 80px or a percentage")
BORDER = (f"{_BORDERS}|{_PIXELS}", "none, light to bold, or pixels such as 2px")
IMAGE_SIZE = (f"{_SIZES}|full|{_PIXELS}|{_PERCENT}", "xxs to 5xl, full, pixels or a percentage")
FONT_SIZE = (f"{_SIZES}|{_PIXELS}", "xxs to 5xl, or pixels such as 16px")
LINE_SPACING = (r"(?=.*[1-9])" + _PIXELS, "more than 0 pixels, such as 8px")
ANGLE = (
    r"(?:[0-9]{1,2}|[12][0-9]{2}|3[0-5][0-9])(?:\.[0-9]+)?deg",
    "an angle from 0deg to below 360deg",
)
POSITION = (r"(?:100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]+)?)%", "a percentage from 0% to 100%")

_RATIO = re.compile(r"([0-9]+(?:\.[0-9]+)?):([0-9]+(?:\.[0-9]+)?)")


def _check_ratio(path: str, value: Any, _: Rule) -> None:
    """`{width}:{height}`, each from 1 to 100000, the height at most three times the width."""
    found = _RATIO.fullmatch(value) if isinstance(value, str) else None
    width, height = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    if not (1 <= width <= 100_000 and 1 <= height <= 100_000):
        raise fault(path, "must be width:height such as 20:13, each from 1 to 100000")
    if height > 3 * width:
        raise fault(path, "is too tall; LINE allows a height of three times the width", limit=3)


_ASPECT_RATIO = Rule("aspect_ratio", _check_ratio)
_ACTION = action("action", "a Flex component")
_FLEX = whole("flex", 0)
_GRAVITY = choice("gravity", "top", "bottom", "center")
_ALIGN = choice("align", "start", "end", "center")
_ADJUST_MODE = choice("adjust_mode", "shrink-to-fit")
_LETTERS = (
    matching("size", FONT_SIZE),
    matching("color", COLOR),
    choice("weight", "regular", "bold"),
    choice("style", "normal", "italic"),
    choice("decoration", "none", "underline", "line-through"),
)


class FlexComponent(Checked, frozen=True, tag_field="type"):
    """What blocks are made of."""


class _Placed(FlexComponent, frozen=True, kw_only=True):
    """Components that keep a distance from the one before, and can be moved from their place."""

    PLACED: ClassVar[tuple[Rule, ...]] = (
        matching("margin", SPACE),
        choice("position", "relative", "absolute"),
        matching("offset_top", OFFSET),
        matching("offset_bottom", OFFSET),
        matching("offset_start", OFFSET),
        matching("offset_end", OFFSET),
    )

    margin: str | None = None
    position: str | None = None
    offset_top: str | None = None
    offset_bottom: str | None = None
    offset_start: str | None = None
    offset_end: str | None = None


class FlexBoxBackground(Checked, frozen=True, tag_field="type"):
    """What fills a box."""


class FlexBoxLinearGradient(FlexBoxBackground, frozen=True, tag="linearGradient"):
    """A gradient; `angle` such as `90deg`, `center_position` such as `50%`."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        matching("angle", ANGLE, required=True),
        matching("start_color", COLOR, required=True),
        matching("end_color", COLOR, required=True),
        matching("center_color", COLOR),
        matching("center_position", POSITION),
    )

    angle: str
    start_color: str
    end_color: str
    center_color: str | None = None
    center_position: str | None = None


class FlexBox(_Placed, frozen=True, tag="box"):
    """Components beside each other (`horizontal`), below each other (`vertical`), or `baseline`.

    A baseline box holds icons, texts and fillers; the others hold all but icons, spans and videos.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        choice("layout", "horizontal", "vertical", "baseline", required=True),
        parts("contents", "FlexComponent", least=0, most=None, unit="components", required=True),
        _FLEX,
        matching("spacing", SPACE),
        matching("background_color", COLOR),
        matching("border_color", COLOR),
        matching("border_width", BORDER),
        matching("corner_radius", SPACE),
        matching("width", LENGTH),
        matching("max_width", LENGTH),
        matching("height", LENGTH),
        matching("max_height", LENGTH),
        matching("padding_all", PADDING),
        matching("padding_top", PADDING),
        matching("padding_bottom", PADDING),
        matching("padding_start", PADDING),
        matching("padding_end", PADDING),
        _ACTION,
        choice(
            "justify_content",
            "center",
            "flex-start",
            "flex-end",
            "space-between",
            "space-around",
            "space-evenly",
        ),
        choice("align_items", "center", "flex-start", "flex-end"),
        part("background", "FlexBoxBackground"),
        *_Placed.PLACED,
    )
    _BLOCKS: ClassVar[tuple[str, ...]] = (
        "FlexBox",
        "FlexButton",
        "FlexImage",
        "FlexText",
        "FlexSeparator",
        "FlexFiller",
    )
    HOLDS: ClassVar[dict[str, tuple[str, ...]]] = {
        "horizontal": _BLOCKS,
        "vertical": _BLOCKS,
        "baseline": ("FlexIcon", "FlexText", "FlexFiller"),
    }

    layout: str
    contents: Sequence[FlexComponent | Raw]
    flex: int | None = None
    spacing: str | None = None
    background_color: str | None = None
    border_color: str | None = None
    border_width: str | None = None
    corner_radius: str | None = None
    width: str | None = None
    max_width: str | None = None
    height: str | None = None
    max_height: str | None = None
    padding_all: str | None = None
    padding_top: str | None = None
    padding_bottom: str | None = None
    padding_start: str | None = None
    padding_end: str | None = None
    action: Action | Raw | None = None
    justify_content: str | None = None
    align_items: str | None = None
    background: FlexBoxBackground | Raw | None = None

    def _check_whole(self, name: str) -> None:
        place = f"a {self.layout} box"
        rule = Rule("contents", check_part, allowed=self.HOLDS[self.layout], says=place)
        for index, component in enumerate(self.contents):
            check_part(f"{name}.contents[{index}]", component, rule)


class FlexButton(_Placed, frozen=True, tag="button"):
    """A button; its action needs a label of at most 40 grapheme clusters."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        action("action", "a Flex button", required=True),
        _FLEX,
        matching("color", COLOR),
        choice("style", "primary", "secondary", "link"),
        _GRAVITY,
        choice("height", "md", "sm"),
        _ADJUST_MODE,
        flag("scaling"),
        *_Placed.PLACED,
    )

    action: Action | Raw
    flex: int | None = None
    color: str | None = None
    style: str | None = None
    gravity: str | None = None
    height: str | None = None
    adjust_mode: str | None = None
    scaling: bool | None = None


class FlexImage(_Placed, frozen=True, tag="image"):
    """A JPEG or PNG picture, at most 10 MB; `animated` plays an APNG of at most 300 KB."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        https("url", required=True),
        _FLEX,
        _ALIGN,
        _GRAVITY,
        matching("size", IMAGE_SIZE),
        _ASPECT_RATIO,
        choice("aspect_mode", "fit", "cover"),
        matching("background_color", COLOR),
        _ACTION,
        flag("animated"),
        *_Placed.PLACED,
    )

    url: str
    flex: int | None = None
    align: str | None = None
    gravity: str | None = None
    size: str | None = None
    aspect_ratio: str | None = None
    aspect_mode: str | None = None
    background_color: str | None = None
    action: Action | Raw | None = None
    animated: bool | None = None


class FlexVideo(FlexComponent, frozen=True, tag="video"):
    """A video, as the hero of a bubble that is not in a carousel; its action opens a URI.

    `alt_content`, a box or an image, is what LINE versions without this component show.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        https("url", required=True),
        https("preview_url", required=True),
        part("alt_content", "FlexBox", "FlexImage", required=True),
        _ASPECT_RATIO,
        action("action", "a Flex video"),
    )

    url: str
    preview_url: str
    alt_content: FlexBox | FlexImage | Raw
    aspect_ratio: str | None = None
    action: Action | Raw | None = None


class FlexIcon(_Placed, frozen=True, tag="icon"):
    """A small picture beside text, in baseline boxes."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        https("url", required=True),
        matching("size", FONT_SIZE),
        _ASPECT_RATIO,
        flag("scaling"),
        *_Placed.PLACED,
    )

    url: str
    size: str | None = None
    aspect_ratio: str | None = None
    scaling: bool | None = None


class FlexSpan(FlexComponent, frozen=True, tag="span"):
    """A piece of a text with a style of its own."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        filled("text", required=True),
        *_LETTERS,
    )

    text: str
    size: str | None = None
    color: str | None = None
    weight: str | None = None
    style: str | None = None
    decoration: str | None = None


class FlexText(_Placed, frozen=True, tag="text"):
    """A text, or `contents` of spans; `max_lines` 0 means all lines."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        filled("text"),
        parts("contents", "FlexSpan", least=0, most=None, unit="spans"),
        _FLEX,
        _ALIGN,
        _GRAVITY,
        flag("wrap"),
        matching("line_spacing", LINE_SPACING),
        _ACTION,
        whole("max_lines", 0),
        _ADJUST_MODE,
        flag("scaling"),
        *_LETTERS,
        *_Placed.PLACED,
    )

    text: str | None = None
    contents: Sequence[FlexSpan | Raw] | None = None
    flex: int | None = None
    size: str | None = None
    align: str | None = None
    gravity: str | None = None
    color: str | None = None
    weight: str | None = None
    style: str | None = None
    decoration: str | None = None
    wrap: bool | None = None
    line_spacing: str | None = None
    action: Action | Raw | None = None
    max_lines: int | None = None
    adjust_mode: str | None = None
    scaling: bool | None = None

    def _check_whole(self, name: str) -> None:
        if self.text is None and not self.contents:
            raise fault(f"{name}.text", "is required, unless contents has spans")


class FlexSeparator(FlexComponent, frozen=True, tag="separator"):
    """A line between components."""

    RULES: ClassVar[tuple[Rule, ...]] = (matching("margin", SPACE), matching("color", COLOR))

    margin: str | None = None
    color: str | None = None


class FlexFiller(FlexComponent, frozen=True, tag="filler"):
    """Empty space; LINE advises to use margins and padding instead."""

    RULES: ClassVar[tuple[Rule, ...]] = (_FLEX,)

    flex: int | None = None


class FlexBlockStyle(Checked, frozen=True):
    """The style of one block; `separator` draws a line above it."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        matching("background_color", COLOR),
        flag("separator"),
        matching("separator_color", COLOR),
    )

    background_color: str | None = None
    separator: bool | None = None
    separator_color: str | None = None


class FlexBubbleStyles(Checked, frozen=True):
    """The styles of the four blocks."""

    RULES: ClassVar[tuple[Rule, ...]] = tuple(
        part(block, "FlexBlockStyle") for block in ("header", "hero", "body", "footer")
    )

    header: FlexBlockStyle | Raw | None = None
    hero: FlexBlockStyle | Raw | None = None
    body: FlexBlockStyle | Raw | None = None
    footer: FlexBlockStyle | Raw | None = None


class FlexContainer(Checked, frozen=True, tag_field="type"):
    """What a Flex Message shows."""


class FlexBubble(FlexContainer, frozen=True, tag="bubble"):
    """One bubble of up to four blocks, at least one; at most 30 KB of JSON."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        choice("direction", "ltr", "rtl"),
        part("styles", "FlexBubbleStyles"),
        part("header", "FlexBox"),
        part("hero", "FlexBox", "FlexImage", "FlexVideo"),
        part("body", "FlexBox"),
        part("footer", "FlexBox"),
        choice("size", "nano", "micro", "deca", "hecto", "kilo", "mega", "giga"),
        _ACTION,
    )
    VIDEO_SIZES: ClassVar[tuple[str, ...]] = ("kilo", "mega", "giga")

    direction: str | None = None
    styles: FlexBubbleStyles | Raw | None = None
    header: FlexBox | Raw | None = None
    hero: FlexBox | FlexImage | FlexVideo | Raw | None = None
    body: FlexBox | Raw | None = None
    footer: FlexBox | Raw | None = None
    size: str | None = None
    action: Action | Raw | None = None

    def _check_whole(self, name: str) -> None:
        if not any((self.header, self.hero, self.body, self.footer)):
            raise fault(name, "needs at least one of header, hero, body and footer")
        if isinstance(self.hero, FlexVideo) and (self.size or "mega") not in self.VIDEO_SIZES:
            wanted = " or ".join(self.VIDEO_SIZES)
            raise fault(f"{name}.size", f"must be {wanted} with a video", limit=wanted)
        _check_bytes(self, name, BUBBLE_BYTES)


class FlexCarousel(FlexContainer, frozen=True, tag="carousel"):
    """1 to 12 bubbles of one size, without video; at most 50 KB of JSON."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        parts("contents", "FlexBubble", least=1, most=12, unit="bubbles", required=True),
    )

    contents: Sequence[FlexBubble | Raw]

    def _check_whole(self, name: str) -> None:
        ours = [one for one in self.contents if isinstance(one, FlexBubble)]
        if any(isinstance(bubble.hero, FlexVideo) for bubble in ours):
            raise fault(f"{name}.contents", "cannot have a video; LINE takes it in a lone bubble")
        if len({bubble.size for bubble in ours}) > 1:
            raise fault(f"{name}.contents", "must all have the same size")
        _check_bytes(self, name, CAROUSEL_BYTES)


class FlexMessage(Message, frozen=True, tag="flex"):
    """A bubble or a carousel; `alt_text`, at most 1,500 UTF-16 units, is what notifications show.

    At most 10 animated images in a message.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        text("alt_text", 1500, required=True),
        part("contents", "FlexContainer", required=True),
        *COMMON,
    )

    alt_text: str
    contents: FlexContainer | Raw

    def _check_whole(self, name: str) -> None:
        if isinstance(self.contents, FlexContainer):
            # Inside a JSON string the quotes are escaped, so this finds the property alone.
            animated = to_bytes(self.contents).count(b'"animated":true')
            if animated > ANIMATED_LIMIT:
                path = f"{name}.contents"
                raise outside(path, animated, "animated images", None, ANIMATED_LIMIT)


def _check_bytes(value: Checked, name: str, most: int) -> None:
    found = len(to_bytes(value))
    if found > most:
        raise outside(name, found, "bytes of JSON", None, most)
