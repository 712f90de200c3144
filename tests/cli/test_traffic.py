"""The line for each webhook and each call: green for what went well, red for all else."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from penniless.cli.traffic import show_traffic, traffic_line
from penniless.simulator import Simulator
from penniless.simulator.records import Call


def call(status: int, *, fault: str = "", hint: str = "") -> Call:
    return Call(
        seq=1,
        time=0,
        operation="push",
        method="POST",
        path="/v2/bot/message/push",
        query="",
        request_headers={},
        request=None,
        status=status,
        response_headers={},
        response=None,
        milliseconds=1.0,
        request_id="",
        hint=hint,
        fault=fault,
    )


@pytest.mark.parametrize(
    ("entry", "shown", "style"),
    [
        (call(200), "200", "green"),
        (call(400, hint="why"), "400", "red"),
        (call(500, fault="status, status: 500"), "500", "red"),
        (call(0, fault="drop, acted: false"), "no answer", "red"),
        (call(200, fault="drop, acted: true"), "no answer", "red"),
        (call(200, fault="timeout, seconds: 60.0, acted: true"), "no answer", "red"),
        (call(200, fault="latency, seconds: 1.5"), "200", "green"),
    ],
)
def test_a_call(entry: Call, shown: str, style: str) -> None:
    """A call that nobody answered is no success, whatever LINE did behind it."""
    line = traffic_line(entry)
    start = line.plain.index(shown, line.plain.index("push"))
    assert style in [str(span.style) for span in line.spans if span.start == start]
    assert line.plain.endswith(entry.fault or entry.hint or "ms")


@pytest.mark.parametrize(
    "options",
    [
        {"force_terminal": True, "color_system": "truecolor"},
        {"force_terminal": True, "color_system": "standard"},
        {"force_terminal": True, "no_color": True},
        {"force_terminal": False},
        {"legacy_windows": True},
    ],
)
def test_lines_as_rich_prints_them(options: dict[str, Any]) -> None:
    """Quick or not, a console gets the same bytes: colours where it has them, markup as it is."""
    shown, wanted = (
        Console(file=StringIO(), highlight=False, soft_wrap=True, **options) for _ in range(2)
    )
    simulator = Simulator()
    show_traffic(simulator, shown)
    for entry in (call(200), call(400, hint="[b]何[/b]\a"), call(0, fault="drop, acted: false")):
        simulator.world.record_call(entry)
        wanted.print(traffic_line(entry))
    assert shown.file.getvalue() == wanted.file.getvalue()  # type: ignore[attr-defined]
    assert shown.file.getvalue().count("\n") == 3  # type: ignore[attr-defined]
