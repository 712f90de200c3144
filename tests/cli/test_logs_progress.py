"""The bar: nothing for short work or pipes, one line on a terminal for long work."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from penniless.cli import logs_progress
from penniless.cli.logs_progress import Bar


def work(console: Console, total: int | None, *, hidden: bool = False) -> str:
    with Bar(total, hidden=hidden, console=console) as bar:
        for _ in range(3):
            for _ in range(500):
                bar.add(2)
            bar.next()
    assert bar.lines == 3000
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100)


def test_short_work_shows_nothing() -> None:
    """Work that takes a moment leaves no trace."""
    assert work(terminal(), 3) == ""


def test_long_work_shows_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer work shows lines and conversations."""
    monkeypatch.setattr(logs_progress, "_MOMENT", -1.0)
    shown = work(terminal(), 3)

    assert "3,000 lines" in shown
    assert "3/3" in shown
    assert "conversations" in shown


def test_unknown_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody knows how much there is, only the lines are counted."""
    monkeypatch.setattr(logs_progress, "_MOMENT", -1.0)
    shown = work(terminal(), None)

    assert "3,000 lines" in shown
    assert "conversations" not in shown


def test_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe or a log file gets nothing, and neither does a terminal with the output on it."""
    monkeypatch.setattr(logs_progress, "_MOMENT", -1.0)

    assert work(Console(file=io.StringIO()), 3) == ""
    assert work(terminal(), 3, hidden=True) == ""
