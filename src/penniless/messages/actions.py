"""What happens when somebody taps: the action objects, and where each of them may stand.

Source: https://developers.line.biz/en/reference/messaging-api/#action-objects
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, ClassVar

from msgspec import Struct

from penniless.messages.checks import (
    GRAPHEMES,
    REQUIRED,
    Checked,
    Raw,
    Rule,
    check_list,
    check_part,
    choice,
    fault,
    is_raw,
    matching,
    part,
    text,
    uri,
)

MODES = {
    # mode: (an example, what makes a full moment of it: before it, after it)
    "date": ("2026-01-31", "", "T00:00"),
    "time": ("23:59", "2000-01-01T", ""),
    "datetime": ("2026-01-31T23:59", "", ""),
}
_MOMENT = re.compile(r"(?:19[0-9]{2}|20[0-9]{2}|2100)-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")


class Action(Checked, frozen=True, tag_field="type"):
    """What all actions share. How long `label` may be depends on where the action stands."""

    LABEL: ClassVar[Rule] = text("label", 20, GRAPHEMES)

    label: str | None = None


class PostbackAction(Action, frozen=True, tag="postback"):
    """Sends `data` to the bot; `display_text` appears in the chat as the person's message.

    `data` at most 300 UTF-16 units; `display_text`, `fill_in_text` and the deprecated `text` at
    most 300 grapheme clusters.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        text("data", 300, least=0, required=True),
        text("display_text", 300, GRAPHEMES),
        text("text", 300, GRAPHEMES),
        choice("input_option", "closeRichMenu", "openRichMenu", "openKeyboard", "openVoice"),
        text("fill_in_text", 300, GRAPHEMES),
    )

    data: str = REQUIRED
    display_text: str | None = None
    text: str | None = None
    input_option: str | None = None
    fill_in_text: str | None = None

    def _check_whole(self, name: str) -> None:
        if self.text is not None and self.display_text is not None:
            raise fault(f"{name}.text", "cannot stand beside display_text; use display_text alone")
        if self.fill_in_text is not None and self.input_option != "openKeyboard":
            raise fault(f"{name}.fill_in_text", "needs input_option openKeyboard")


class MessageAction(Action, frozen=True, tag="message"):
    """Says `text`, at most 300 grapheme clusters, in the person's name."""

    RULES: ClassVar[tuple[Rule, ...]] = (text("text", 300, GRAPHEMES, required=True),)

    text: str = REQUIRED


class AltUri(Checked, frozen=True):
    """The address that LINE for macOS and Windows opens instead; only Flex Messages use it."""

    RULES: ClassVar[tuple[Rule, ...]] = (uri("desktop"),)

    desktop: str | None = None


class URIAction(Action, frozen=True, tag="uri"):
    """Opens `uri`: http, https, line or tel, at most 1,000 UTF-16 units."""

    RULES: ClassVar[tuple[Rule, ...]] = (uri("uri", required=True), part("alt_uri", "AltUri"))

    uri: str = REQUIRED
    alt_uri: AltUri | Raw | None = None


class DatetimePickerAction(Action, frozen=True, tag="datetimepicker"):
    """Lets the person pick a date, a time or both, without time zone; sends a postback.

    `mode` is `date`, `time` or `datetime`; `initial`, `max` and `min` look like `2026-01-31`,
    `23:59` or `2026-01-31T23:59`.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        text("data", 300, least=0, required=True),
        choice("mode", *MODES, required=True),
    )

    data: str = REQUIRED
    mode: str = REQUIRED
    initial: str | None = None
    max: str | None = None
    min: str | None = None

    def _check_whole(self, name: str) -> None:
        self._moment(f"{name}.initial", self.initial)
        least = self._moment(f"{name}.min", self.min)
        most = self._moment(f"{name}.max", self.max)
        if least and most and not least < most:
            raise fault(f"{name}.max", "must be later than min")

    def _moment(self, path: str, value: str | None) -> str:
        """The value as a full moment, which sorts as text; empty if there is none."""
        if value is None:
            return ""
        example, before, after = MODES[self.mode]
        moment = f"{before}{value}{after}".replace("t", "T")
        try:
            valid = _MOMENT.fullmatch(moment) and datetime.fromisoformat(moment)
        except ValueError:
            valid = None
        if not valid:
            says = f"must be a {self.mode} such as {example}, from 1900 to 2100"
            raise fault(path, says, limit=example)
        return moment


class CameraAction(Action, frozen=True, tag="camera"):
    """Opens the camera; quick reply buttons only."""


class CameraRollAction(Action, frozen=True, tag="cameraRoll"):
    """Opens the photos; quick reply buttons only."""


class LocationAction(Action, frozen=True, tag="location"):
    """Opens the map to send a place; quick reply buttons only."""


class ClipboardAction(Action, frozen=True, tag="clipboard"):
    """Copies `clipboard_text`, at most 1,000 UTF-16 units."""

    RULES: ClassVar[tuple[Rule, ...]] = (text("clipboard_text", 1000, required=True),)

    clipboard_text: str = REQUIRED


class RichMenuSwitchAction(Action, frozen=True, tag="richmenuswitch"):
    """Shows another rich menu and sends a postback; rich menus only."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Action.LABEL,
        text("data", 300, least=0, required=True),
        matching("rich_menu_alias_id", (r"[a-z0-9_-]{1,32}", "an alias id"), required=True),
    )

    data: str = REQUIRED
    rich_menu_alias_id: str = REQUIRED


_QUICK_REPLY_OR_RICH_MENU = (
    "CameraAction",
    "CameraRollAction",
    "LocationAction",
    "RichMenuSwitchAction",
)


class Place(Struct, frozen=True):
    """A place where actions stand: the label's limit in grapheme clusters, and who may not."""

    name: str
    label: int
    label_required: bool = False
    refuses: tuple[str, ...] = _QUICK_REPLY_OR_RICH_MENU
    only: str = "Action"


PLACES = {
    place.name: place
    for place in (
        Place("a quick reply", label=20, label_required=True, refuses=("RichMenuSwitchAction",)),
        Place("a template", label=20, label_required=True),
        Place("an image carousel", label=12),
        Place("a Flex button", label=40, label_required=True),
        Place("a Flex component", label=40),
        Place("a Flex video", label=40, only="URIAction"),
    )
}
"""Label limits by place.

The reference requires labels in templates and quick replies, and in Flex only on buttons.
"""


def action(field: str, place: str, *, required: bool = False) -> Rule:
    """One action in that place."""
    return Rule(field, check_action, required, allowed=(PLACES[place].only,), says=place)


def actions(field: str, place: str, least: int, most: int) -> Rule:
    """A list of actions in that place; always required."""
    return Rule(
        field,
        check_list,
        required=True,
        least=least,
        most=most,
        unit="actions",
        allowed=(PLACES[place].only,),
        says=place,
        each=check_action,
    )


def check_action(path: str, value: Any, rule: Rule) -> None:
    """`value` is an action that may stand in the place `rule.says`, with the label it needs."""
    check_part(path, value, rule)
    if is_raw(value):
        return
    place = PLACES[rule.says]
    if type(value).__name__ in place.refuses:
        raise fault(path, f"cannot be {type(value).__name__} in {place.name}")
    if value.label is not None:
        limit = text("label", place.label, GRAPHEMES)
        limit.check(f"{path}.label", value.label, limit)
    elif place.label_required:
        raise fault(f"{path}.label", f"is required in {place.name}")
