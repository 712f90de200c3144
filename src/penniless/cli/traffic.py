"""One line in the terminal for each webhook and each API call, without anybody's words in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from penniless.simulator import Simulator
from penniless.simulator.records import Call, Webhook


def show_traffic(simulator: Simulator, console: Console) -> None:
    """Print a line for everything that goes over the simulator's wire from now on."""

    def listen(kind: str, value: Any) -> None:
        if kind == "wire" and (isinstance(value, Call) or value.done):
            console.print(traffic_line(value))

    simulator.world.listeners.append(listen)


def traffic_line(entry: Webhook | Call) -> Text:
    """What went where, its status and its time; for a refusal, why, where the simulator knows."""
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
    at = datetime.fromtimestamp(entry.time / 1000).astimezone().strftime("%H:%M:%S")
    return Text.assemble(
        (f"{at}  ", "dim"),
        f"{what:<30} ",
        (status, "green" if status.startswith("2") else "red"),
        (f"  {entry.milliseconds:.0f} ms", "dim"),
        f"  {why}" if why and why != status else "",
    )
