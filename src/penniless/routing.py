"""Predicates over events: what a handler is registered for.

A predicate looks at an event and answers None (no) or the values it found, by name, for the
handler. Predicates combine with `&`, `|` and `~`. Whatever cannot work (a bad pattern, an unknown
event name) raises RouteError when it is written. Nothing here talks to LINE or to a store.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from penniless.errors import RouteError
from penniless.events import KINDS, Event
from penniless.events.message import AnyContent, MessageEvent, TextContent
from penniless.handlers import is_plain, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

Found: TypeAlias = "dict[str, Any] | None"

CONTENTS = ("text", "image", "video", "audio", "file", "location", "sticker")
"""The message contents a person can send, by their names on the wire."""


class Predicate:
    """A yes-or-no question about an event, with the names of the values it may find."""

    __slots__ = ("label", "names", "test")

    def __init__(
        self, test: Callable[[Event], Found], label: str, names: frozenset[str] = frozenset()
    ) -> None:
        self.test = test
        self.label = label
        self.names = names

    def __and__(self, other: Predicate) -> Predicate:
        if not isinstance(other, Predicate):
            return NotImplemented

        def both(event: Event) -> Found:
            left = self.test(event)
            right = None if left is None else other.test(event)
            return None if left is None or right is None else {**left, **right}

        return Predicate(both, f"({self.label} & {other.label})", self.names | other.names)

    def __or__(self, other: Predicate) -> Predicate:
        if not isinstance(other, Predicate):
            return NotImplemented

        def either(event: Event) -> Found:
            left = self.test(event)
            return other.test(event) if left is None else left

        return Predicate(either, f"({self.label} | {other.label})", self.names | other.names)

    def __invert__(self) -> Predicate:
        def opposite(event: Event) -> Found:
            return {} if self.test(event) is None else None

        return Predicate(opposite, f"~{self.label}")

    def __bool__(self) -> bool:
        raise RouteError("predicates combine with & | ~, not with and, or, not")

    def __repr__(self) -> str:
        return f"<Predicate {self.label}>"


def kind(name: str) -> Predicate:
    """Events of one type, by its name on the wire, as in `kind("follow")`."""
    if name not in KINDS:
        raise RouteError(f"there is no event {name!r}; allowed are {_listed(KINDS)}")
    return _yes_or_no(lambda event: name == event.KIND, name)


def content(name: str) -> Predicate:
    """Messages of one content type, as in `content("sticker")`."""
    if name not in CONTENTS:
        raise RouteError(f"there is no message content {name!r}; allowed are {_listed(CONTENTS)}")
    return _yes_or_no(
        lambda event: isinstance(event, MessageEvent) and name == event.message.KIND, name
    )


def text(pattern: str | re.Pattern[str] | None = None) -> Predicate:
    """Text messages; with a pattern (a regular expression), those whose whole text matches it.

    Spaces around the text do not count. The pattern's named groups are given to the handler.
    """
    if pattern is None:
        return content("text")
    return _matching(_compile(pattern), _text_of, "text")


def command(name: str) -> Predicate:
    """Text messages whose first word is `name`, in any case; the rest is given as `args`."""
    if not isinstance(name, str) or name.split() != [name]:
        raise RouteError(f"a command is one word such as '/help', not {name!r}")
    folded = name.casefold()

    def test(event: Event) -> Found:
        first, *rest = (_text_of(event) or "").split(None, 1) or [""]  # any space, U+3000 too
        return {"args": "".join(rest).strip()} if first.casefold() == folded else None

    return Predicate(test, f"command {name}", frozenset({"args"}))


def postback(pattern: str | re.Pattern[str] | None = None) -> Predicate:
    """Postbacks; with a pattern, those whose whole data matches it."""
    if pattern is None:
        return kind("postback")
    return _matching(_compile(pattern), _data_of, "postback")


def in_group() -> Predicate:
    """Events of a group or a multi-person chat."""
    return _yes_or_no(lambda event: event.conversation.startswith(("group#", "room#")), "in_group")


def in_chat() -> Predicate:
    """Events of a 1:1 chat."""
    return _yes_or_no(lambda event: event.conversation.startswith("user#"), "in_chat")


def mentioned() -> Predicate:
    """Text messages that name the bot itself (`mention.isSelf`)."""

    def test(event: Event) -> bool:
        message = event.message if isinstance(event, MessageEvent) else None
        mention = message.mention if isinstance(message, TextContent) else None
        return mention is not None and any(one.is_self for one in mention.mentionees)

    return _yes_or_no(test, "mentioned")


def where(test: Callable[[Event], bool], label: str = "where") -> Predicate:
    """Events for which your own function says True."""
    if not callable(test):
        raise RouteError(f"where() takes a function of the event, not {type(test).__name__}")
    if not is_plain(test):
        raise RouteError(f"where() takes a plain function, and {name_of(test)}() is none")
    return _yes_or_no(test, label)


def predicate_of(what: object) -> Predicate:
    """What `bot.on()` accepts, as a predicate.

    A predicate, the name of an event or content type, or its class. Raises RouteError.
    """
    if isinstance(what, Predicate):
        return what
    if isinstance(what, type):
        return _of_class(what)
    if isinstance(what, str):
        if what not in KINDS and what not in CONTENTS:
            allowed = _listed({*KINDS, *CONTENTS})
            raise RouteError(f"there is no event or content {what!r}; allowed are {allowed}")
        return content(what) if what in CONTENTS else kind(what)
    raise RouteError(
        f"on() takes an event class, an event name or a predicate, not {type(what).__name__}"
    )


def _of_class(cls: type) -> Predicate:
    if issubclass(cls, Event):
        return _yes_or_no(lambda event: isinstance(event, cls), cls.__name__)
    if issubclass(cls, AnyContent):
        return _yes_or_no(
            lambda event: isinstance(event, MessageEvent) and isinstance(event.message, cls),
            cls.__name__,
        )
    raise RouteError(f"{cls.__name__} is not an event; allowed are {_listed(KINDS)}")


def _yes_or_no(test: Callable[[Event], bool], label: str) -> Predicate:
    return Predicate(lambda event: {} if test(event) else None, label)


def _matching(
    pattern: re.Pattern[str], subject_of: Callable[[Event], str | None], label: str
) -> Predicate:
    def test(event: Event) -> Found:
        subject = subject_of(event)
        found = None if subject is None else pattern.fullmatch(subject.strip())
        return None if found is None else found.groupdict()

    return Predicate(test, f"{label} {pattern.pattern!r}", frozenset(pattern.groupindex))


def _compile(pattern: str | re.Pattern[str]) -> re.Pattern[str]:
    if isinstance(pattern, re.Pattern):
        if isinstance(pattern.pattern, str):
            return pattern
        raise RouteError("a pattern is a regular expression over str, not over bytes")
    if not isinstance(pattern, str):
        raise RouteError(
            f"a pattern is a regular expression in a str or from re.compile(), "
            f"not {type(pattern).__name__}"
        )
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise RouteError(
            f"{pattern!r} is not a regular expression: {error}; "
            f"use re.escape() for text that is meant literally"
        ) from None


def _text_of(event: Event) -> str | None:
    message = event.message if isinstance(event, MessageEvent) else None
    return message.text if isinstance(message, TextContent) else None


def _data_of(event: Event) -> str | None:
    if event.KIND != "postback":
        return None
    data: str = event.postback.data  # type: ignore[attr-defined]  # the kind says so
    return data


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))
