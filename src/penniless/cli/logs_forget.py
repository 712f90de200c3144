"""`penniless logs forget`: delete what is kept of one conversation, after a look and a question."""

from __future__ import annotations

import sys

import typer

from penniless.cli.logs_source import Source
from penniless.cli.logs_times import local
from penniless.errors import SettingsError

_GROUPS = (
    "What a person wrote in groups is kept under the group; forget the group for that.\n"
    "Lines of lost rows in the function's own log, copies and backups are not touched."
)


def run(source: Source, conversation: str, *, now: int, yes: bool) -> None:
    """Say what is there, ask, delete it and say what was deleted. Raises SettingsError."""
    times = [row.timestamp for row in source.store.rows(conversation, now=now)]
    state = source.store.read_state(conversation).version > 0
    if not times and not state:
        raise SettingsError(f"there is nothing of {conversation} in {source.name}")
    if not yes:
        _ask(f"Delete {_what(times, state=state)} of {conversation} from {source.name}?")
    gone = source.store.forget(conversation)
    events = gone - state
    print(f"deleted {_counted(events)}{' and the state' if state else ''} of {conversation}")
    if conversation.startswith("user#"):
        print(_GROUPS)


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        raise SettingsError("say --yes to delete without being asked")
    try:
        agreed = typer.confirm(question)
    except typer.Abort:
        agreed = False
    if not agreed:
        raise SettingsError("nothing was deleted")


def _what(times: list[int], *, state: bool) -> str:
    parts = [_counted(len(times)) + _between(times)] if times else []
    return " and ".join([*parts, "the state"] if state else parts)


def _counted(events: int) -> str:
    return f"{events:,} event{'' if events == 1 else 's'}"


def _between(times: list[int]) -> str:
    days = [f"{then:%Y-%m-%d}" for one in (min(times), max(times)) if (then := local(one))]
    return f" ({' to '.join(dict.fromkeys(days))})" if days else ""
