"""A chat as plain text: one line an entry, for terminals, scripts and issues.

Law of this module: entries in, text out. What a message reads like is decided in `readable`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from penniless.simulator.records import Entry


def transcript(entries: Iterable[Entry]) -> str:
    """Lines such as `12:34 Alice: hello`, in the local time of this computer."""
    return "".join(f"{_line(entry)}\n" for entry in entries)


def _line(entry: Entry) -> str:
    clock = time.strftime("%H:%M", time.localtime(entry.time / 1000))
    if entry.side == "system":
        return f"{clock} ({entry.text})"
    text = "[message unsent]" if entry.unsent else entry.text
    return f"{clock} {entry.name}: {text}"
