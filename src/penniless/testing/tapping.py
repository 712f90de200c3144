"""What a tap does: from the label a person sees to what LINE makes of its action.

Law of this module: entries and actions in, a request for `simulator.acts` out; nothing is sent.

Source: https://developers.line.biz/en/reference/messaging-api/#action-objects
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import NamedTuple, TypeAlias

from penniless.errors import CodeError
from penniless.simulator.records import Entry, Json
from penniless.testing.shown import Tappable, tappable_in

Moment: TypeAlias = str | date | time | datetime

_FORMATS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "time": re.compile(r"\d\d:\d\d"),
    "datetime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d"),
}
_HINTS = {
    "camera": "opens the camera: send a picture with sends_image()",
    "cameraRoll": "opens the photos: send one with sends_image()",
    "location": "opens the map: send a place with sends_location()",
}


class Tap(NamedTuple):
    """What comes of a tap: requests for `acts.act`, or something for the person."""

    requests: list[Json]
    gives: str = ""
    """The URL that opens, or the text that is copied."""


def tappable(entries: Sequence[Entry]) -> list[list[Tappable]]:
    """What can be tapped in a chat, message by message, the newest first.

    Quick replies are there as long as nothing was said after them.
    https://developers.line.biz/en/docs/messaging-api/using-quick-reply/
    """
    said = [entry for entry in entries if entry.side != "system"]
    found = []
    for entry in reversed(said):
        message = dict(entry.message)
        if entry is not said[-1]:
            message.pop("quickReply", None)
        if entry.side == "bot":
            found.append(list(tappable_in(message)))
    return found


def find(label: str, messages: Sequence[Sequence[Tappable]], number: int | None) -> Json:
    """The action of that label in the newest message that has it; `number` counts from 1.

    Raises CodeError that lists what could be tapped instead.
    """
    for tappables in messages:
        named = [one.action for one in tappables if label in one.names]
        different = [one for at, one in enumerate(named) if one not in named[:at]]
        if number is not None and 1 <= number <= len(named):
            return named[number - 1]
        if number is None and len(different) > 1:
            raise CodeError(
                f"{len(named)} buttons of that message say {label!r}: "
                f"give the number of the one you mean, as in taps({label!r}, number=2)"
            )
        if number is None and different:
            return different[0]
    could = list(dict.fromkeys(one.label for tappables in messages for one in tappables))
    choices = ", ".join(map(repr, could)) if could else "nothing"
    which = f"{label!r}" if number is None else f"{label!r} number {number}"
    raise CodeError(f"there is no {which} to tap; there is {choices}")


def tap(action: Json, value: Moment | None) -> Tap:
    """What tapping an action does; `value` is what is chosen in a date picker."""
    kind = action.get("type")
    if value is not None and kind != "datetimepicker":
        raise CodeError("only a date picker takes a value")
    if kind == "message":
        return Tap([{"text": action["text"]}])
    if kind == "postback":
        said = [{"text": action["text"]}] if action.get("text") else []
        return Tap([*said, _postback(action, {})])
    if kind == "datetimepicker":
        return Tap([_postback(action, {"params": _chosen(action, value)})])
    if kind == "richmenuswitch":
        alias = {"newRichMenuAliasId": action.get("richMenuAliasId"), "status": "SUCCESS"}
        return Tap([_postback(action, {"params": alias})])
    if kind in _HINTS:
        raise CodeError(f"{action.get('label')!r} {_HINTS[kind]}")
    return Tap([], str(action.get("uri") or action.get("linkUri") or action.get("clipboardText")))


def _postback(action: Json, more: Json) -> Json:
    shown = {"displayText": action["displayText"]} if action.get("displayText") else {}
    return {"postback": {"data": action["data"], **shown, **more}}


def _chosen(action: Json, value: Moment | None) -> Json:
    """The parameters of a date picker's postback. Raises CodeError for what cannot be chosen."""
    mode = str(action.get("mode"))
    if value is None:
        raise CodeError(f"{action.get('label')!r} asks for a {mode}: taps(label, {_example(mode)})")
    text = _written(value)
    if not _FORMATS[mode].fullmatch(text):
        raise CodeError(f"a {mode} is written as {_example(mode)}, not {text!r}")
    least, most = (str(action.get(one) or text).replace("t", "T") for one in ("min", "max"))
    if not least <= text <= most:
        raise CodeError(f"{text!r} cannot be chosen: it is not from {least} to {most}")
    return {mode: text}


def _written(value: Moment) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return str(value)


def _example(mode: str) -> str:
    examples = {"date": "'2026-12-24'", "time": "'18:00'", "datetime": "'2026-12-24T18:00'"}
    return examples[mode]
