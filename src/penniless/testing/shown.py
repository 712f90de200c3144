"""What a person sees of a message and of a chat, as plain text that reads well in a diff.

Law of this module: JSON and entries in, text out; it never fails on what a bot sends. Times and
ids stay out, because they differ from run to run; what was pushed says so, because it costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from penniless.readable import readable
from penniless.simulator.records import Entry, Json

GAP = 1_000
"""Milliseconds between two entries from which on the time between them is told."""

_URLS = ("originalContentUrl", "baseUrl", "url")
_WORDS = ("title", "text", "address")


class Tappable(NamedTuple):
    """An action, and the text of what has to be tapped for it where that is no button."""

    action: Json
    seen: str = ""

    @property
    def label(self) -> str:
        """What stands on it, or what else there is to know it by."""
        keys = ("label", "text", "linkUri", "uri", "data", "type")
        return self.seen or next(str(self.action[key]) for key in keys if self.action.get(key))

    @property
    def names(self) -> set[str]:
        return {self.label, str(self.action.get("label", ""))}


def words_of(message: Json) -> list[str]:
    """Every text of a message that a person can read, its alternative text first."""
    found = [readable(message), *_texts(message), *(one.label for one in tappable_in(message))]
    return list(dict.fromkeys(one for one in found if one))


def tappable_in(part: Any) -> Iterator[Tappable]:
    """Everything that can be tapped in a message, in reading order, its quick replies last."""
    if isinstance(part, list):
        for one in part:
            yield from tappable_in(one)
    elif isinstance(part, dict):
        yield from _own_actions(part)
        for key in sorted(part, key="quickReply".__eq__):
            if key not in ("actions", "action", "defaultAction"):
                yield from tappable_in(part[key])


def _own_actions(part: Json) -> Iterator[Tappable]:
    for key in ("defaultAction", "action"):
        action = part.get(key)
        if isinstance(action, dict) and action.get("type"):
            yield Tappable(action, " ".join(_texts(part)))
    for one in part.get("actions") or []:
        if isinstance(one, dict) and one.get("type"):
            yield Tappable(one)


def _texts(part: Any) -> list[str]:
    """The texts in a part of a message, without those of its actions."""
    if isinstance(part, list):
        return [text for one in part for text in _texts(one)]
    if not isinstance(part, dict):
        return []
    own = [part[key] for key in _WORDS if isinstance(part.get(key), str)]
    spans = "".join(_texts(part.get("contents"))) if part.get("type") == "text" else ""
    below = [
        text
        for key, one in part.items()
        if key not in ("action", "actions", "defaultAction", "quickReply", "substitution", "sender")
        and not (spans and key == "contents")
        for text in _texts(one)
    ]
    return [*(own if not spans else [spans]), *below]


def lines_of(message: Json) -> list[str]:
    """A message as a few lines: what it is, what stands in it, what can be tapped."""
    kind = str(message.get("type", ""))
    first = readable(message)
    if kind in ("template", "flex", "imagemap"):
        first = f"[{kind}] {first}"
    elif kind == "sticker":
        first = f"[sticker {message.get('packageId')}:{message.get('stickerId')}]"
    url = next((message[key] for key in _URLS if kind != "flex" and message.get(key)), "")
    body = _texts(message.get("template") or message.get("contents") or {})
    buttons = " ".join(f"[{one.label}]" for one in tappable_in(message) if one.label not in body)
    more = [line for text in body for line in text.splitlines()]
    return [
        *(f"{first} {url}".strip().splitlines() or [""]),
        *more,
        *([buttons] if buttons else []),
    ]


def shown(entries: Iterable[Entry], *, gaps: bool) -> str:
    """The entries as a conversation; with `gaps`, also how much time passed in between."""
    lines: list[str] = []
    last: int | None = None
    for entry in entries:
        if gaps and last is not None and entry.time - last >= GAP:
            lines.append(f"({_duration(entry.time - last)} later)")
        last = entry.time
        lines += _entry_lines(entry)
    return "".join(f"{line}\n" for line in lines)


def _entry_lines(entry: Entry) -> list[str]:
    if entry.side == "system":
        return [f"({entry.text})"]
    name = entry.name + (f" ({entry.via})" if entry.via not in ("", "reply") else "")
    if entry.unsent:
        return [f"{name}: (unsent)"]
    message = {**entry.message, "url": ""} if entry.side == "person" else entry.message
    first, *more = lines_of(message)
    quoted = [f"    > {entry.quoted['name']}: {entry.quoted['text']}"] if entry.quoted else []
    edited = " (edited)" if entry.edited else ""
    return [f"{name}: {first}{edited}", *quoted, *(f"    {line}" for line in more)]


def _duration(milliseconds: int) -> str:
    units = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s"))
    parts = []
    for size, unit in units:
        count, milliseconds = divmod(milliseconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts)
