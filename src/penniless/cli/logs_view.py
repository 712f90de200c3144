"""`penniless logs list` and `show`: the log as people read chats.

What people wrote is shown as text and nothing else: a control character in a message would
otherwise be an order to the terminal.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.text import Text

from penniless.cli.logs_overview import overview
from penniless.cli.logs_source import Source
from penniless.cli.logs_times import local
from penniless.errors import SettingsError
from penniless.ports import Row
from penniless.stores.entries import Entry, entries

_ORDERS = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"}
_ORDERS |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD) | {0x7F: 0x2421}
_OURS = {"reply", "push", "waiting"}
"""What the types of the bot's own messages begin with."""
_WHO = 10
"""Columns of a name: the start of an id, which the commands understand too."""


def harmless(text: str) -> str:
    """The text with pictures in place of control characters; line ends and tabs stay."""
    return text.replace("\r\n", "\n").translate(_ORDERS)


def short(name: str) -> str:
    """As much of an id as tells it from the others of a bot."""
    return name if len(name) <= _WHO else f"{name[: _WHO - 1]}…"


def place(conversation: str) -> str:
    """A conversation in columns: its kind, and the start of its id."""
    kind, _, key = conversation.partition("#")
    return f"{kind:<7} {short(harmless(key)):<{_WHO}}"


def terminal() -> Console:
    """Stdout, for texts that nobody has looked at before."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every terminal has every letter
    return Console(highlight=False, markup=False, emoji=False)


class Chat:
    """A conversation as it is printed: a line for each message, a heading for each day.

    `places` says on every line which conversation it belongs to.
    """

    def __init__(self, *, places: bool = False) -> None:
        self._console = terminal()
        self._places = places
        self._day = ""

    def print(self, conversation: str, entry: Entry) -> None:
        then = local(entry.timestamp)
        day = f"{then:%Y-%m-%d %A}" if then else "at an unknown time"
        if day != self._day:
            self._say(Text(day if not self._day else f"\n{day}", "bold"))
            self._day = day
        ours = entry.type.partition(".")[0] in _OURS
        who = "bot" if ours else short(harmless(entry.sender))
        where = f"{place(conversation)}  " if self._places else ""
        head = f"{then:%H:%M:%S}  {where}{who:<{_WHO}}  " if then else f"{where}{who:<{_WHO}}  "
        said = _said(entry).replace("\n", "\n" + " " * len(head))
        self._say(Text.assemble((head, "green" if ours else "cyan"), said, _note(entry)))

    def _say(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


def _said(entry: Entry) -> str:
    return "(taken back)" if entry.message is None else harmless(entry.message)


def _note(entry: Entry) -> tuple[str, str]:
    """What came of a person's event, where it was not simply answered; what waits still."""
    side = entry.type.partition(".")[0]
    if side == "waiting":
        return "  (waiting)", "yellow"
    if entry.outcome in {"replied", "no reply"} or side in _OURS:
        return "", ""
    style = "red" if entry.outcome.startswith("failed") else "dim"
    return f"  ({harmless(entry.outcome)})", style


def show_list(source: Source, *, now: int, since: int, until: int | None) -> None:
    """Print every conversation with something in that time, the one with the latest first."""
    found = overview(source, now=now, since=since, until=until)
    if not found:
        print(f"penniless: there is nothing to list in {source.name}", file=sys.stderr)
        return
    print(f"{'last':<16}  {'events':>7}  conversation")
    for one in found:
        then = None if one.last is None else local(one.last)
        last = f"{then:%Y-%m-%d %H:%M}" if then else "-"
        print(f"{last:<16}  {one.events:>7}  {harmless(one.conversation)}")


def show_chat(
    source: Source,
    conversation: str,
    *,
    now: int,
    since: int,
    until: int | None,
    newest: int | None,
) -> None:
    """Print one conversation, or its `newest` events. Raises SettingsError if nothing is there."""
    asked: dict[str, Any] = {"now": now, "since": since, "until": until}
    rows: Iterable[Row] = source.store.rows(conversation, **asked)
    if newest is not None:
        latest = source.store.rows(conversation, newest_first=True, limit=newest, **asked)
        rows = reversed(list(latest))
    chat, empty = Chat(), True
    for row in rows:
        empty = False
        for entry in entries(row):
            chat.print(conversation, entry)
    if empty:
        raise SettingsError(f"there is nothing of {conversation} in {source.name} in that time")
