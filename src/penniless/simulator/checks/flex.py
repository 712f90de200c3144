"""The limits of Flex messages: containers, components, and what may stand in what.

Law of this module: rows, checked in the content style (see `rules`) with paths that start at the
container: `/body/contents/0/text`. Flex is the only place where LINE refuses unknown properties.

Source: https://developers.line.biz/en/reference/messaging-api/#flex-message
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from penniless.simulator.checks.actions import ANY_LABEL, BUTTON_LABEL, check_action
from penniless.simulator.checks.rules import (
    Notes,
    Rule,
    Shape,
    check_rows,
    choice,
    flag,
    https,
    items,
    pattern,
    text,
    unknown_fields,
    whole,
)
from penniless.simulator.records import Json

MOST_BUBBLE_BYTES = 30 * 1024
MOST_CAROUSEL_BYTES = 50 * 1024
MOST_ANIMATED = 10

_PX = r"\d+(?:\.\d+)?px"
_PERCENT = r"\d+(?:\.\d+)?%"
_STEPS = "none|xs|sm|md|lg|xl|xxl"
_SIZES = "xxs|xs|sm|md|lg|xl|xxl|3xl|4xl|5xl"

COLOR = re.compile(r"#[0-9A-Fa-f]{6}(?:[0-9A-Fa-f]{2})?")
STEP = re.compile(rf"{_STEPS}|{_PX}")
PADDING = re.compile(rf"{_STEPS}|{_PX}|{_PERCENT}")
OFFSET = re.compile(rf"{_STEPS}|-?{_PX}|-?{_PERCENT}")
LENGTH = re.compile(rf"{_PX}|{_PERCENT}")
PIXELS = re.compile(_PX)
BORDER = re.compile(rf"none|light|normal|medium|semi-bold|bold|{_PX}")
TEXT_SIZE = re.compile(rf"{_SIZES}|{_PX}")
IMAGE_SIZE = re.compile(rf"{_SIZES}|full|{_PX}|{_PERCENT}")
ANGLE = re.compile(r"\d{1,3}(?:\.\d+)?deg")
POSITION_PERCENT = re.compile(_PERCENT)
RATIO = re.compile(r"(\d{1,6}):(\d{1,6})")


def _form(name: str, form: re.Pattern[str], *, required: bool = False) -> Rule:
    return Rule(name, pattern, required=required, pattern=form)


def _ratio(notes: Notes, path: str, value: Any, _rule: Rule) -> None:
    """`width:height`, each from 1 to 100000, the height at most three times the width."""
    found = RATIO.fullmatch(value) if isinstance(value, str) else None
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= width <= 100_000 or not 1 <= height <= min(100_000, 3 * width):
        notes.wrong_type(path)


def _action(notes: Notes, path: str, value: Any, _rule: Rule) -> None:
    check_action(notes, path, value, ANY_LABEL)


def _button_action(notes: Notes, path: str, value: Any, _rule: Rule) -> None:
    check_action(notes, path, value, BUTTON_LABEL)


def _background(notes: Notes, path: str, value: Any, _rule: Rule) -> None:
    if not isinstance(value, dict) or value.get("type") != "linearGradient":
        notes.wrong_type(path)
        return
    _closed(notes, path, value, GRADIENT)


def _component(*kinds: str) -> Any:
    """A check that takes one component of those kinds."""

    def check(notes: Notes, path: str, value: Any, _rule: Rule) -> None:
        check_component(notes, path, value, kinds)

    return check


def _spans(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    for where, item in items(notes, path, value, rule):
        check_component(notes, where, item, ("span",))


def _anything(_notes: Notes, _path: str, _value: Any, _rule: Rule) -> None:
    """Checked elsewhere."""


GRADIENT: Shape = (
    _form("angle", ANGLE, required=True),
    _form("startColor", COLOR, required=True),
    _form("endColor", COLOR, required=True),
    _form("centerColor", COLOR),
    _form("centerPosition", POSITION_PERCENT),
)

PLACE: Shape = (
    _form("margin", STEP),
    Rule("position", choice, among=("relative", "absolute")),
    *(_form(f"offset{side}", OFFSET) for side in ("Top", "Bottom", "Start", "End")),
)
FLEX = Rule("flex", whole, high=2**31)
GRAVITY = Rule("gravity", choice, among=("top", "bottom", "center"))
ALIGN = Rule("align", choice, among=("start", "end", "center"))
ACTION = Rule("action", _action)
SCALING = Rule("scaling", flag)
SHRINK = Rule("adjustMode", choice, among=("shrink-to-fit",))
LETTERS: Shape = (
    _form("size", TEXT_SIZE),
    _form("color", COLOR),
    Rule("weight", choice, among=("regular", "bold")),
    Rule("style", choice, among=("normal", "italic")),
    Rule("decoration", choice, among=("none", "underline", "line-through")),
)
JUSTIFY = ("center", "flex-start", "flex-end", "space-between", "space-around", "space-evenly")

COMPONENTS: dict[str, Shape] = {
    "box": (
        Rule("layout", choice, required=True, among=("horizontal", "vertical", "baseline")),
        Rule("contents", _anything, required=True),
        FLEX,
        _form("spacing", STEP),
        *PLACE,
        _form("backgroundColor", COLOR),
        _form("borderColor", COLOR),
        _form("borderWidth", BORDER),
        _form("cornerRadius", STEP),
        *(_form(name, LENGTH) for name in ("width", "maxWidth", "height", "maxHeight")),
        *(_form(f"padding{side}", PADDING) for side in ("All", "Top", "Bottom", "Start", "End")),
        ACTION,
        Rule("justifyContent", choice, among=JUSTIFY),
        Rule("alignItems", choice, among=("center", "flex-start", "flex-end")),
        Rule("background", _background),
    ),
    "button": (
        Rule("action", _button_action, required=True),
        FLEX,
        _form("color", COLOR),
        Rule("style", choice, among=("primary", "secondary", "link")),
        GRAVITY,
        *PLACE,
        Rule("height", choice, among=("md", "sm")),
        SHRINK,
        SCALING,
    ),
    "image": (
        Rule("url", https, required=True, high=2000),
        FLEX,
        *PLACE,
        ALIGN,
        GRAVITY,
        _form("size", IMAGE_SIZE),
        Rule("aspectRatio", _ratio),
        Rule("aspectMode", choice, among=("fit", "cover")),
        _form("backgroundColor", COLOR),
        ACTION,
        Rule("animated", flag),
    ),
    "video": (
        Rule("url", https, required=True, high=2000),
        Rule("previewUrl", https, required=True, high=2000),
        Rule("altContent", _component("box", "image"), required=True),
        Rule("aspectRatio", _ratio),
        ACTION,
    ),
    "icon": (
        Rule("url", https, required=True, high=2000),
        _form("size", TEXT_SIZE),
        Rule("aspectRatio", _ratio),
        *PLACE,
        SCALING,
    ),
    "text": (
        Rule("text", text, low=1),
        Rule("contents", _spans),
        FLEX,
        *LETTERS,
        ALIGN,
        GRAVITY,
        Rule("wrap", flag),
        _form("lineSpacing", PIXELS),
        *PLACE,
        ACTION,
        Rule("maxLines", whole, high=2**31),
        SHRINK,
        SCALING,
    ),
    "span": (Rule("text", text, required=True), *LETTERS),
    "separator": (_form("margin", STEP), _form("color", COLOR)),
    "filler": (FLEX,),
}

IN_BOX = {
    "horizontal": ("box", "button", "image", "text", "separator", "filler"),
    "vertical": ("box", "button", "image", "text", "separator", "filler"),
    "baseline": ("icon", "text", "filler", "separator"),
}
"""What may stand in a box, by its layout."""

BLOCK_STYLE: Shape = (
    _form("backgroundColor", COLOR),
    Rule("separator", flag),
    _form("separatorColor", COLOR),
)


def _block_style(notes: Notes, path: str, value: Any, _rule: Rule) -> None:
    if isinstance(value, dict):
        _closed(notes, path, value, BLOCK_STYLE, typed=False)
    else:
        notes.wrong_type(path)


def _styles(notes: Notes, path: str, value: Any, _rule: Rule) -> None:
    if isinstance(value, dict):
        _closed(notes, path, value, STYLES, typed=False)
    else:
        notes.wrong_type(path)


STYLES: Shape = tuple(Rule(name, _block_style) for name in ("header", "hero", "body", "footer"))
BLOCKS = ("header", "hero", "body", "footer")
BUBBLE: Shape = (
    Rule(
        "size",
        choice,
        among=("nano", "micro", "deca", "hecto", "kilo", "mega", "giga"),
    ),
    Rule("direction", choice, among=("ltr", "rtl")),
    Rule("header", _component("box")),
    Rule("hero", _component("box", "image", "video")),
    Rule("body", _component("box")),
    Rule("footer", _component("box")),
    Rule("styles", _styles),
    ACTION,
)


def _closed(notes: Notes, path: str, value: Json, shape: Shape, *, typed: bool = True) -> None:
    """Check an object that may hold nothing but its rows (and its type, where it has one)."""
    check_rows(notes, path, value, shape)
    unknown_fields(notes, path, value, shape)
    if not typed and "type" in value:
        notes.add(notes.at(path, "type"), "unknown field")


def check_component(notes: Notes, path: str, value: Any, kinds: tuple[str, ...]) -> None:
    """Check a component, which must be one of those kinds, and everything in it."""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in kinds:
        notes.add(path, "invalid property")
        return
    _closed(notes, path, value, COMPONENTS[kind])
    if kind == "box":
        _box_contents(notes, path, value)
    elif kind == "text" and value.get("text") is None and not value.get("contents"):
        notes.add(notes.at(path, "text"), "must be specified")


def _box_contents(notes: Notes, path: str, box: Json) -> None:
    contents, allowed = box.get("contents"), IN_BOX.get(str(box.get("layout")))
    where = notes.at(path, "contents")
    if contents is not None and not isinstance(contents, list):
        notes.wrong_type(where)
    elif contents and allowed:
        for number, item in enumerate(contents):
            check_component(notes, notes.at(where, number), item, allowed)


def check_flex(notes: Notes, container: Any) -> None:
    """Check the `contents` of a Flex message."""
    kind = container.get("type") if isinstance(container, dict) else None
    if kind == "bubble":
        _bubble(notes, "", container)
        _hero_video(notes, container)
    elif kind == "carousel":
        _carousel(notes, container)
    else:
        notes.add("/type", "must be specified" if container == {} else "invalid property")
        return
    if _animated(container) > MOST_ANIMATED:
        notes.add("/", f"the number of animated images must be at most {MOST_ANIMATED}")


def _bubble(notes: Notes, path: str, bubble: Json) -> None:
    _closed(notes, path, bubble, BUBBLE)
    if not any(bubble.get(name) is not None for name in BLOCKS):
        notes.add(path or "/", "at least one block must be specified")
    _weigh(notes, path, bubble, MOST_BUBBLE_BYTES)


def _hero_video(notes: Notes, bubble: Json) -> None:
    """A video needs a bubble of kilo or larger."""
    hero = bubble.get("hero")
    small = bubble.get("size") in ("nano", "micro", "deca", "hecto")
    if small and isinstance(hero, dict) and hero.get("type") == "video":
        notes.add("/hero", "invalid property")


def _carousel(notes: Notes, carousel: Json) -> None:
    contents = Rule("contents", _bubbles, required=True, low=1, high=12)
    _closed(notes, "", carousel, (contents,))
    _weigh(notes, "", carousel, MOST_CAROUSEL_BYTES)


def _bubbles(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    """Bubbles of one size, and none with a video."""
    bubbles = items(notes, path, value, rule)
    for where, bubble in bubbles:
        if not isinstance(bubble, dict) or bubble.get("type") != "bubble":
            notes.add(where, "invalid property")
            continue
        _bubble(notes, where, bubble)
        hero = bubble.get("hero")
        if isinstance(hero, dict) and hero.get("type") == "video":
            notes.add(notes.at(where, "hero"), "invalid property")
    sizes = {str(bubble.get("size") or "mega") for _, bubble in bubbles if isinstance(bubble, dict)}
    if len(sizes) > 1:
        notes.add(path, "all bubbles must have the same size")


def _weigh(notes: Notes, path: str, value: Json, most: int) -> None:
    found = len(msgspec.json.encode(value))
    if found > most:
        notes.add(path or "/", f"size must be at most {most} bytes: {found}")


def _animated(value: Any) -> int:
    """How many images of the message are animated."""
    if isinstance(value, dict):
        own = value.get("type") == "image" and value.get("animated") is True
        return own + sum(_animated(part) for part in value.values())
    return sum(_animated(part) for part in value) if isinstance(value, list) else 0
