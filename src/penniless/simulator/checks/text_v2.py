"""The braces of textV2: what stands between them, and what it is replaced by.

Law of this module: textV2 in the content style (see `rules`); the message object itself passed
`plain` before.

Source: https://developers.line.biz/en/reference/messaging-api/#text-message-v2
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from penniless.simulator.checks.rules import Notes, Rule, Shape, check_shape, choice, text
from penniless.simulator.records import Json

KEY = re.compile(r"[a-zA-Z0-9_]{1,20}\Z")
MOST_KEYS, MOST_OF_A_KIND = 100, 20
UNMATCHED = "The text contains '{' or '}' that is neither escaped nor matched."

EMOJI: Shape = (
    Rule("productId", text, required=True),
    Rule("emojiId", text, required=True),
)


def check_text_v2(notes: Notes, message: Json) -> None:
    """Check the braces of the text and the substitutions. The text is one, and not empty."""
    substitution = message.get("substitution") or {}
    for key in keys_of(message["text"]):
        if key is None:
            notes.add("text", UNMATCHED)
            return
        if not KEY.match(key):
            pattern = "^[a-zA-Z0-9_]{1,20}$"
            sentence = f"The key '{key}' enclosed in '{{}}' does not match the pattern '{pattern}'."
            notes.add("text", sentence)
        elif substitution.get(key) is None:
            notes.add("text", f"The key '{key}' enclosed in '{{}}' is not in the substitution.")
    _substitution(notes, substitution)


def keys_of(shown: str) -> Iterator[str | None]:
    """What stands between single braces, in order; None where braces do not match."""
    at = 0
    while at < len(shown):
        pair = shown[at : at + 2]
        if pair in {"{{", "}}"}:
            at += 2
        elif pair[0] == "{":
            end = shown.find("}", at)
            if end < 0:
                yield None
                return
            yield shown[at + 1 : end]
            at = end + 1
        elif pair[0] == "}":
            yield None
            return
        else:
            at += 1


def _substitution(notes: Notes, substitution: Json) -> None:
    if len(substitution) > MOST_KEYS:
        notes.add("substitution", f"size must be between 0 and {MOST_KEYS}")
        return
    counts = {"mention": 0, "emoji": 0}
    for key, value in substitution.items():
        path = f"substitution/{key}"
        kind = value.get("type") if isinstance(value, dict) else None
        if not KEY.match(key) or not isinstance(kind, str) or kind not in counts:
            notes.add(path, "invalid property")
            continue
        counts[kind] += 1
        if kind == "emoji":
            check_shape(notes, path, value, EMOJI)
        else:
            _mention(notes, path, value.get("mentionee"))
    for kind, count in counts.items():
        if count > MOST_OF_A_KIND:
            notes.add("substitution", f"the number of {kind}s must be at most {MOST_OF_A_KIND}")


def _mention(notes: Notes, path: str, mentionee: Any) -> None:
    """In replies and pushes only, to a group or room, of somebody who is in it."""
    setting = notes.setting
    where = f"{path}/mentionee"
    if not isinstance(mentionee, dict):
        notes.add(where, "must be specified" if mentionee is None else "invalid property")
        return
    kinds = Rule("type", choice, required=True, among=("user", "all"))
    shape: Shape = (kinds,)
    if mentionee.get("type") == "user":
        shape = (kinds, Rule("userId", text, required=True))
    check_shape(notes, where, mentionee, shape)
    if setting.via not in {"reply", "push"} or (setting.chat is not None and not setting.in_group):
        notes.add(path, "mentions can be sent to group chats and multi-person chats only")
    elif setting.chat is not None and mentionee.get("type") == "user":
        user_id = mentionee.get("userId")
        if isinstance(user_id, str) and user_id and not setting.is_member(user_id):
            notes.add(f"{where}/userId", "must be a member of the chat")
