"""One line in the terminal for each webhook and each API call, without anybody's words in it.

A simulator may see hundreds of them a second, so a line is not laid out anew each time: rich is
asked once how it paints each style on this console.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from rich.console import Console
from rich.control import strip_control_codes
from rich.text import Text

from penniless.simulator import Simulator
from penniless.simulator.records import Call, Webhook

Piece = tuple[str, str]
"""A text and its style; empty for none."""


def show_traffic(simulator: Simulator, console: Console) -> None:
    """Print a line for everything that goes over the simulator's wire from now on."""
    write = _writer(console)

    def listen(kind: str, value: Any) -> None:
        if kind == "wire" and (isinstance(value, Call) or value.done):
            write(traffic_pieces(value))

    simulator.world.listeners.append(listen)


def traffic_line(entry: Webhook | Call) -> Text:
    """What went where, its status and its time; for a refusal, why, where the simulator knows."""
    return Text.assemble(*traffic_pieces(entry))


def traffic_pieces(entry: Webhook | Call) -> tuple[Piece, ...]:
    """The line, cut where its style changes."""
    if isinstance(entry, Webhook):
        events = [str(event.get("type")) for event in entry.body.get("events", [])]
        what = f"LINE → bot  {', '.join(events) or 'verify'}"
        status = str(entry.status or entry.reason)
        why = entry.detail if entry.reason != "ok" else ""
    else:
        what = f"bot → LINE  {entry.operation}"
        lost = not entry.status or entry.fault.startswith(("drop", "timeout"))
        status = "no answer" if lost else str(entry.status)
        why = entry.fault or entry.hint
    return (
        (f"{_time_of_day(entry.time // 1000)}  ", "dim"),
        (f"{what:<30} ", ""),
        (status, "green" if status.startswith("2") else "red"),
        (f"  {entry.milliseconds:.0f} ms", "dim"),
        (f"  {why}" if why and why != status else "", ""),
    )


@lru_cache(maxsize=1)
def _time_of_day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S")


def _writer(console: Console) -> Callable[[tuple[Piece, ...]], None]:
    """What writes a line to the console; an old Windows console is painted by calls, not codes."""

    @cache
    def codes(style: str) -> tuple[str, str]:
        with console.capture() as painted:
            console.print(Text("x", style), end="")
        before, _, after = painted.get().partition("x")
        return before, after

    def write(pieces: tuple[Piece, ...]) -> None:
        line = strip_control_codes("".join(text.join(codes(style)) for text, style in pieces))
        console.file.write(f"{line}\n")
        console.file.flush()

    if console.legacy_windows:
        return lambda pieces: console.print(Text.assemble(*pieces))
    return write
