"""The limits of template messages.

Law of this module: rows, checked in the content style (see `rules`), and what several columns must
have in common.

Source: https://developers.line.biz/en/reference/messaging-api/#template-messages
"""

from __future__ import annotations

import re
from typing import Any

from penniless.simulator.checks.actions import (
    ANY_LABEL,
    REQUIRED_LABEL,
    SHORT_LABEL,
    check_action,
)
from penniless.simulator.checks.rules import (
    GRAPHEMES,
    Notes,
    Rule,
    Shape,
    check_shape,
    choice,
    https,
    items,
    pattern,
    text,
)
from penniless.simulator.records import Json

COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


def _actions(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    for where, item in items(notes, path, value, rule):
        check_action(notes, where, item, REQUIRED_LABEL)


def _default_action(notes: Notes, path: str, value: Any, _rule: Rule) -> None:
    check_action(notes, path, value, ANY_LABEL)


def _picture_action(notes: Notes, path: str, value: Any, _rule: Rule) -> None:
    check_action(notes, path, value, SHORT_LABEL)


def _columns(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    columns = items(notes, path, value, rule)
    for where, column in columns:
        if isinstance(column, dict):
            check_shape(notes, where, column, column_shape(column))
        else:
            notes.wrong_type(where)
    _alike(notes, path, [column for _, column in columns if isinstance(column, dict)])


def _alike(notes: Notes, path: str, columns: list[Json]) -> None:
    """All columns have as many actions; pictures and titles are in all columns or in none."""
    counts = {
        len(column["actions"]) for column in columns if isinstance(column.get("actions"), list)
    }
    if len(counts) > 1:
        notes.add(path, "the number of actions must be the same in all columns")
    for name in ("thumbnailImageUrl", "title"):
        if len({column.get(name) is not None for column in columns}) > 1:
            notes.add(path, f"{name} must be specified in all columns or in none")


PICTURE: Shape = (
    Rule("thumbnailImageUrl", https, high=2000),
    Rule("imageBackgroundColor", pattern, pattern=COLOR),
    Rule("title", text, low=1, high=40, count=GRAPHEMES),
    Rule("defaultAction", _default_action),
)
PICTURE_STYLE: Shape = (
    Rule("imageAspectRatio", choice, among=("rectangle", "square")),
    Rule("imageSize", choice, among=("cover", "contain")),
)


def _text(without: int, beside_picture: int, template: Json) -> Rule:
    """The text is shorter beside a picture or under a title."""
    pictured = template.get("thumbnailImageUrl") is not None or template.get("title") is not None
    high = beside_picture if pictured else without
    return Rule("text", text, required=True, high=high, count=GRAPHEMES)


def buttons_shape(template: Json) -> Shape:
    actions = Rule("actions", _actions, required=True, low=1, high=4)
    return (*PICTURE, *PICTURE_STYLE, _text(160, 60, template), actions)


def confirm_shape(_template: Json) -> Shape:
    return (
        Rule("text", text, required=True, high=240, count=GRAPHEMES),
        Rule("actions", _actions, required=True, low=2, high=2),
    )


def column_shape(column: Json) -> Shape:
    actions = Rule("actions", _actions, required=True, low=1, high=3)
    return (*PICTURE, _text(120, 60, column), actions)


def carousel_shape(_template: Json) -> Shape:
    return (*PICTURE_STYLE, Rule("columns", _columns, required=True, low=1, high=10))


def _pictures(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    shape = (
        Rule("imageUrl", https, required=True, high=2000),
        Rule("action", _picture_action, required=True),
    )
    for where, column in items(notes, path, value, rule):
        if isinstance(column, dict):
            check_shape(notes, where, column, shape)
        else:
            notes.wrong_type(where)


def image_carousel_shape(_template: Json) -> Shape:
    return (Rule("columns", _pictures, required=True, low=1, high=10),)


TEMPLATES = {
    "buttons": buttons_shape,
    "confirm": confirm_shape,
    "carousel": carousel_shape,
    "image_carousel": image_carousel_shape,
}


def check_template(notes: Notes, template: Any) -> None:
    """Check the `template` of a template message."""
    if not isinstance(template, dict):
        notes.add("template", "invalid property")
        return
    shape_of = TEMPLATES.get(str(template.get("type")))
    if shape_of is None:
        missing = template.get("type") is None
        notes.add("template/type", "must be specified" if missing else "invalid property")
        return
    check_shape(notes, "template", template, shape_of(template))
