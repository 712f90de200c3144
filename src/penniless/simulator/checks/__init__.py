"""What LINE checks in the message objects of a call, and the two ways in which it says so.

Law of this module: the order of the checks. First all messages in the bean style; if any of them
is at fault, that is the answer. Then the contents of each message; the first one at fault is the
answer. The rows stand in `plain`, `templates`, `flex`, `text_v2`, `actions` and `stickers`.

Source: https://developers.line.biz/en/reference/messaging-api/#message-objects
"""

from __future__ import annotations

from typing import Any

from penniless.simulator.checks.flex import check_flex
from penniless.simulator.checks.plain import MESSAGES, check_plain
from penniless.simulator.checks.rules import BEAN, CONTENT, Notes, Rule, Setting, choice
from penniless.simulator.checks.templates import check_template
from penniless.simulator.checks.text_v2 import check_text_v2
from penniless.simulator.exchange import errors_in_body, invalid_property, refusal
from penniless.simulator.records import Json

__all__ = ["Setting", "check_messages"]

NO_BREAK_SPACE = "\u00a0"
"""Stands in LINE's sentence, after the closing parenthesis."""


def check_messages(messages: Any, setting: Setting) -> None:
    """Raise LineRefusal (400) unless LINE would take these messages."""
    if messages is None or messages == []:
        raise errors_in_body([("May not be empty", "messages")])
    if not isinstance(messages, list):
        raise invalid_property("messages")
    if len(messages) > 5:
        raise errors_in_body([("Size must be between 1 and 5", "messages")])
    notes = Notes(setting, BEAN, pointers=False)
    for number, message in enumerate(messages):
        _check_as_bean(notes, f"messages[{number}]", message)
    if notes.found:
        raise errors_in_body(notes.found)
    for number, message in enumerate(messages):
        _check_content(setting, number, message)


def _check_as_bean(notes: Notes, path: str, message: Any) -> None:
    if not isinstance(message, dict):
        raise invalid_property(path)
    kind = message.get("type")
    if kind is None:
        notes.add(f"{path}.type", "May not be empty")
    elif not isinstance(kind, str) or kind not in MESSAGES:
        notes.say(f"{path}.type", "choice", Rule("type", choice, among=tuple(MESSAGES)))
    else:
        check_plain(notes, path, message)


def _check_content(setting: Setting, number: int, message: Json) -> None:
    notes = Notes(setting, CONTENT, pointers=True)
    if message["type"] == "template":
        check_template(notes, message["template"])
    elif message["type"] == "flex":
        check_flex(notes, message["contents"])
    elif message["type"] == "textV2":
        check_text_v2(notes, message)
    if notes.found:
        where = f"A message (messages[{number}]){NO_BREAK_SPACE}in the request body is invalid"
        raise refusal(400, where, notes.found)
