"""A log with something in it, and the commands that read it, run in this process."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from penniless.cli.commands import app
from penniless.ports import Row
from penniless.stores.sqlite import SQLiteStore

HANAKO = "U4af4980629" + "0" * 22
SOMCHAI = "U4bcd" + "1" * 28
FAMILY = "C" + "9" * 32
BOT = "U" + "f" * 32
OF_HANAKO = f"user#{HANAKO}"
OF_SOMCHAI = f"user#{SOMCHAI}"
OF_FAMILY = f"group#{FAMILY}"

OURS = ("AWS_", "LINE_", "PENNILESS_")
"""Variables that a test sets itself, or that are not set."""


def at(text: str) -> int:
    """A time in UTC as the log has it: milliseconds since 1970."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


NOON = at("2026-11-22 12:00")


def row(number: int = 0, conversation: str = OF_HANAKO, **fields: Any) -> Row:
    """An event that was answered, a minute after the one before; `fields` say what differs."""
    then = NOON + number * 60_000
    told: dict[str, Any] = {
        "conversation": conversation,
        "event_id": f"01EVENT{number:06}",
        "timestamp": then,
        "sender": conversation.partition("#")[2],
        "to": BOT,
        "type": "message.text",
        "message": f"こんにちは {number} 🍎",
        "message_id": str(5000 + number),
        "status": "done",
        "outcome": "replied",
        "replies": [{"type": "text", "text": f"สวัสดี {number}"}],
        "answered_at": then + 80,
    }
    return Row(**{**told, **fields})


def sqlite(path: Path, rows: Iterable[Row] = ()) -> SQLiteStore:
    """An SQLite log with these rows, open."""
    store = SQLiteStore(path)
    for one in rows:
        store.append(one)
    return store


def command(*arguments: str, typed: str | bytes = "", **settings: str) -> Result:
    """Run `penniless …`; stdin is a pipe. Of our variables only `settings` are set."""
    cleared: dict[str, str | None] = {
        key: None for key in os.environ if key.startswith(OURS) and key not in settings
    }
    quiet = {"COLUMNS": "200", "NO_COLOR": "1"}
    return CliRunner().invoke(app, arguments, input=typed, env={**cleared, **quiet, **settings})


def refusal(result: Result) -> str:
    """The one sentence of a command that failed as it should: no traceback, exit code 1."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    [sentence] = result.stderr.splitlines()
    assert sentence.startswith("penniless: ")
    return str(sentence.removeprefix("penniless: "))
