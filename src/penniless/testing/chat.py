"""What was said: a single message, and a chat as a whole.

Law of this module: it reads the world and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from penniless.messages import Message, to_json
from penniless.simulator.records import Entry, Json
from penniless.testing import shown

if TYPE_CHECKING:
    from penniless.testing.snapshots import Snapshots

What: TypeAlias = str | re.Pattern[str] | type[Message] | Message | Json
"""What a message can be known by: a piece of its text, a pattern, its class, or the whole of it."""


class Said:
    """A message in a chat, of a person or of the bot."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def __repr__(self) -> str:
        return f"<{self._entry.name}: {' / '.join(shown.lines_of(self.message))}>"

    @property
    def id(self) -> str:
        """LINE's id of the message."""
        return self._entry.id

    @property
    def type(self) -> str:
        """`text`, `sticker`, `flex`, …"""
        return str(self.message.get("type", ""))

    @property
    def text(self) -> str:
        """The text, the alternative text of what has none, or its kind in brackets."""
        return self._entry.text

    @property
    def message(self) -> Json:
        """LINE's JSON: the bot's as it was sent, a person's as in the webhook."""
        return self._entry.message

    @property
    def via(self) -> str:
        """`reply`, `push`, `multicast`, `broadcast` or `narrowcast`; empty for a person's."""
        return self._entry.via

    @property
    def buttons(self) -> list[str]:
        """The labels of all that can be tapped in it."""
        return [one.label for one in shown.tappable_in(self.message)]

    def is_(self, what: What) -> bool:
        """Whether it is that, or has that text in it.

        A text is looked for in everything that can be read in the message, buttons included.
        """
        if isinstance(what, str):
            return any(what in one for one in shown.words_of(self.message))
        if isinstance(what, re.Pattern):
            return any(what.search(one) for one in shown.words_of(self.message))
        if isinstance(what, type):
            return self.type == what.__struct_config__.tag
        return self.message == to_json(what)


class Sight:
    """Whether something was seen, and what there was to see: true or false, with an explanation."""

    def __init__(self, what: What | None, seen: Sequence[Said]) -> None:
        self._what = what
        self._seen = seen
        self._found = any(what is None or one.is_(what) for one in seen)

    def __bool__(self) -> bool:
        return self._found

    def __repr__(self) -> str:
        said = " ".join(map(repr, self._seen)) or "nothing"
        if self._found:
            return f"<seen: {said}>"
        return f"<not seen; there was {said}>"


class Chat:
    """The conversation of a chat, or of all of them: `print(alice.chat)`."""

    def __init__(
        self, read: Callable[[], Sequence[Entry]], text: Callable[[], str], snapshots: Snapshots
    ) -> None:
        self._read = read
        self._text = text
        self._snapshots = snapshots

    @property
    def said(self) -> list[Said]:
        """Everything that people and the bot have said, oldest first."""
        return [Said(entry) for entry in self._read() if entry.side != "system"]

    @property
    def text(self) -> str:
        """The conversation as people read it, without times and ids."""
        return self._text()

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Chat of {len(self.said)} messages>"

    def matches(self, name: str | None = None) -> bool:
        """Whether it reads as it did: as in the file of that name in `__conversations__`.

        The test's own name is the default. Where there is no file yet, it is written, except in
        CI; `pytest --update-conversations` writes it anew. Raises AssertionError with a diff.
        """
        __tracebackhide__ = True
        self._snapshots.check(name, self.text)
        return True
