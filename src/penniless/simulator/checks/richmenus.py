"""The limits of rich menu objects.

Law of this module: rows, and the rules that size and areas make together.

Source: https://developers.line.biz/en/reference/messaging-api/#rich-menu-object
"""

from __future__ import annotations

from typing import Any

from penniless.simulator.checks.actions import TAPPABLE, check_action
from penniless.simulator.checks.rules import (
    ACTION_IN_BEAN,
    GRAPHEMES,
    Notes,
    Rule,
    Setting,
    check_shape,
    flag,
    items,
    obj,
    text,
    whole,
)
from penniless.simulator.exchange import errors_in_body
from penniless.simulator.records import Json

NARROWEST, WIDEST, LOWEST, RATIO = 800, 2500, 250, 1.45
LARGEST = 2**31 - 1
LABEL = Rule("label", text, low=1, high=20, count=GRAPHEMES)
IN_MENU = (*TAPPABLE, "richmenuswitch")


def _anything(_notes: Notes, _path: str, _value: Any, _rule: Rule) -> None:
    """Checked elsewhere; the row only says that it must be there."""


def _areas(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    for where, area in items(notes, path, value, rule):
        if not isinstance(area, dict):
            notes.wrong_type(where)
            continue
        check_shape(notes, where, area, AREA)
        if area.get("action") is not None:
            action = notes.at(where, "action")
            check_action(notes, action, area["action"], LABEL, IN_MENU)


AREA = (
    Rule(
        "bounds",
        obj,
        required=True,
        shape=(
            Rule("x", whole, required=True, high=LARGEST),
            Rule("y", whole, required=True, high=LARGEST),
            Rule("width", whole, required=True, low=1, high=LARGEST),
            Rule("height", whole, required=True, low=1, high=LARGEST),
        ),
    ),
    Rule("action", _anything, required=True),
)

RICH_MENU = (
    Rule(
        "size",
        obj,
        required=True,
        shape=(
            Rule("width", whole, required=True, low=NARROWEST, high=WIDEST),
            Rule("height", whole, required=True, low=LOWEST, high=LARGEST),
        ),
    ),
    Rule("selected", flag, required=True),
    Rule("name", text, required=True, high=300, count=GRAPHEMES),
    Rule("chatBarText", text, required=True, high=14, count=GRAPHEMES),
    Rule("areas", _areas, required=True, high=20),
)


def check_rich_menu(value: Json, setting: Setting) -> None:
    """Raise LineRefusal (400) unless LINE would take this rich menu object."""
    notes = Notes(setting, ACTION_IN_BEAN, pointers=False)
    check_shape(notes, "", value, RICH_MENU)
    if not notes.found:
        _together(notes, value)
    if notes.found:
        raise errors_in_body(notes.found)


def allowed(width: int, height: int) -> bool:
    """Whether a menu or its picture may have this size."""
    return NARROWEST <= width <= WIDEST and height >= LOWEST and width / height >= RATIO


def _together(notes: Notes, value: Json) -> None:
    """The ratio of the sides, and areas that lie within the menu."""
    width, height = value["size"]["width"], value["size"]["height"]
    if not allowed(width, height):
        notes.add("size", f"width / height must be greater than or equal to {RATIO}")
    outside_is_refused = notes.setting.guesses.areas_outside_rich_menu == "refused"
    for number, area in enumerate(value["areas"]):
        bounds = area["bounds"]
        right, low = bounds["x"] + bounds["width"], bounds["y"] + bounds["height"]
        if outside_is_refused and (right > width or low > height):
            notes.add(f"areas[{number}].bounds", "must be within the rich menu")
