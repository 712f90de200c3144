"""What a person reads of a message: one line of plain text for logs, transcripts and previews.

Takes the JSON of both directions, a webhook's `message` and the message objects that bots send,
and never fails on either: a log must show what it has. What has no words of its own shows its kind
in brackets, as in `[image]`.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from penniless.ports import Json


def readable(message: Json) -> str:
    """The text, the alt text, or the kind in brackets.

    Emojis of LINE's own come out as `(emoji)`, or as their `textV2` key, `(laugh)`; mentions in a
    `textV2` as `@key`, because the JSON knows no names.
    """
    kind = _words(message, "type")
    if kind in _BY_KIND:
        return _BY_KIND[kind](message)
    return _words(message, "altText") or _words(message, "text") or _labelled(kind or "message")


def _text(message: Json) -> str:
    """A sent text marks each emoji with a `$`, at an index counted in UTF-16 units.

    A received one has readable words there already, and says how long they are.
    https://developers.line.biz/en/reference/messaging-api/#text-message
    """
    text = _words(message, "text")
    places = {
        one["index"]
        for one in _listed(message, "emojis")
        if isinstance(one, dict) and isinstance(one.get("index"), int) and "length" not in one
    }
    if not places:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    for index in sorted(places, reverse=True):
        start, end = index * 2, index * 2 + 2
        if index >= 0 and units[start:end] == b"$\0":
            units = units[:start] + "(emoji)".encode("utf-16-le") + units[end:]
    return units.decode("utf-16-le", "surrogatepass")


def _text_v2(message: Json) -> str:
    """Substitute what stands in braces; double braces are braces.

    https://developers.line.biz/en/reference/messaging-api/#text-message-v2
    """
    substitution = message.get("substitution")
    known = substitution if isinstance(substitution, dict) else {}

    def shown(found: re.Match[str]) -> str:
        key = found[1]
        if key is None:
            return found[0][0]
        value = known.get(key)
        if not isinstance(value, dict):
            return found[0]
        if value.get("type") != "mention":
            return f"({key})"
        return "@All" if _mentions_all(value) else f"@{key}"

    return re.sub(r"\{\{|\}\}|\{(\w+)\}", shown, _words(message, "text"))


def _mentions_all(mention: Json) -> bool:
    mentionee = mention.get("mentionee")
    return isinstance(mentionee, dict) and mentionee.get("type") == "all"


def _sticker(message: Json) -> str:
    """A message sticker carries the words that its sender typed on it."""
    return _labelled("sticker", _words(message, "text"))


def _file(message: Json) -> str:
    return _labelled("file", _words(message, "fileName"))


def _location(message: Json) -> str:
    return _labelled("location", _words(message, "title"), _words(message, "address"))


_BY_KIND = {
    "text": _text,
    "textV2": _text_v2,
    "sticker": _sticker,
    "file": _file,
    "location": _location,
}


def _labelled(kind: str, *words: str) -> str:
    said = ", ".join(word for word in words if word)
    return f"[{kind}: {said}]" if said else f"[{kind}]"


def _words(message: Json, key: str) -> str:
    found = message.get(key)
    return found if isinstance(found, str) else ""


def _listed(message: Json, key: str) -> list[Any]:
    found = message.get(key)
    return found if isinstance(found, list) else []
