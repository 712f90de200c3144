"""The limits of actions, and which actions may stand where.

Law of this module: rows and the few rules that two properties make together.

Source: https://developers.line.biz/en/reference/messaging-api/#action-objects
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from penniless.simulator.checks.rules import (
    ACTION_IN_BEAN,
    GRAPHEMES,
    Notes,
    Rule,
    Shape,
    check_shape,
    choice,
    link,
    obj,
    text,
)
from penniless.simulator.records import Json

INPUT_OPTIONS = ("closeRichMenu", "openRichMenu", "openKeyboard", "openVoice")
MODES = ("date", "time", "datetime")

ACTIONS: dict[str, Shape] = {
    "postback": (
        Rule("data", text, required=True, high=300),
        Rule("displayText", text, low=1, high=300, count=GRAPHEMES),
        Rule("text", text, low=1, high=300, count=GRAPHEMES),
        Rule("inputOption", choice, among=INPUT_OPTIONS),
        Rule("fillInText", text, low=1, high=300, count=GRAPHEMES),
    ),
    "message": (Rule("text", text, required=True, high=300, count=GRAPHEMES),),
    "uri": (
        Rule("uri", link, required=True, high=1000),
        Rule("altUri", obj, shape=(Rule("desktop", link, required=True, high=1000),)),
    ),
    "datetimepicker": (
        Rule("data", text, required=True, high=300),
        Rule("mode", choice, required=True, among=MODES),
        Rule("initial", text),
        Rule("max", text),
        Rule("min", text),
    ),
    "clipboard": (Rule("clipboardText", text, required=True, high=1000),),
    "camera": (),
    "cameraRoll": (),
    "location": (),
    "richmenuswitch": (
        Rule("richMenuAliasId", text, required=True, high=32),
        Rule("data", text, required=True, high=300),
    ),
}
"""Every action. `richmenuswitch` stands in rich menus only."""

TAPPABLE = ("postback", "message", "uri", "datetimepicker", "clipboard")
IN_QUICK_REPLY = (*TAPPABLE, "camera", "cameraRoll", "location")

REQUIRED_LABEL = Rule("label", text, required=True, high=20, count=GRAPHEMES)
SHORT_LABEL = Rule("label", text, low=1, high=12, count=GRAPHEMES)
BUTTON_LABEL = Rule("label", text, required=True, high=40, count=GRAPHEMES)
ANY_LABEL = Rule("label", text)

FORMS = {
    "date": (re.compile(r"\d{4}-\d{2}-\d{2}"), "%Y-%m-%d"),
    "time": (re.compile(r"\d{2}:\d{2}"), "%H:%M"),
    "datetime": (re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}"), "%Y-%m-%dT%H:%M"),
}


def check_action(
    notes: Notes,
    path: str,
    value: Any,
    label: Rule,
    among: tuple[str, ...] = TAPPABLE,
) -> None:
    """Check one action; `label` is the row for its label, `among` the types that may stand here."""
    if not isinstance(value, dict):
        notes.wrong_type(path)
        return
    if not notes.pointers:
        notes = notes.speaking(ACTION_IN_BEAN)
    kind = value.get("type")
    allowed = Rule("type", choice, required=True, among=among)
    if kind not in among:
        where = notes.at(path, "type")
        notes.say(where, "missing" if kind is None else "choice", allowed)
        return
    check_shape(notes, path, value, (label, *ACTIONS[kind]))
    if kind == "postback":
        _postback(notes, path, value)
    elif kind == "datetimepicker":
        _picker(notes, path, value)


def _postback(notes: Notes, path: str, value: Json) -> None:
    if value.get("displayText") is not None and value.get("text") is not None:
        notes.add(notes.at(path, "text"), "must not be specified together with displayText")
    if value.get("fillInText") is not None and value.get("inputOption") != "openKeyboard":
        notes.add(notes.at(path, "fillInText"), "must be specified only with openKeyboard")


def _picker(notes: Notes, path: str, value: Json) -> None:
    """`initial`, `min` and `max` are times in the form of the mode, and min <= initial <= max."""
    form = FORMS.get(str(value.get("mode")))
    if form is None:
        return
    moments: dict[str, datetime] = {}
    for name in ("min", "initial", "max"):
        given = value.get(name)
        if isinstance(given, str):
            moment = _moment(given, *form)
            if moment is None:
                notes.add(notes.at(path, name), "invalid format")
            else:
                moments[name] = moment
    if list(moments.values()) != sorted(moments.values()):
        notes.add(notes.at(path, "max"), "must not be earlier than min")


def _moment(given: str, form: re.Pattern[str], reading: str) -> datetime | None:
    if not form.fullmatch(given):
        return None
    try:
        return datetime.strptime(given.upper(), reading)
    except ValueError:
        return None
