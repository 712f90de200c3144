"""docs/usage.md names every option and exit code, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import typer.core
import typer.main

from penniless.cli import commands
from penniless.cli.usage import INCOMPLETE, WARNS

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "usage.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_options() -> None:
    """Every option has a row, and every row an option."""
    program = typer.main.get_command(commands.app)
    assert isinstance(program, typer.core.TyperGroup)
    options = {
        option for parameter in program.commands["usage"].params for option in parameter.opts
    }

    assert set(re.findall(r"^\| `(--[a-z-]+)", TEXT, re.MULTILINE)) == options - {"-h", "--help"}


def test_exit_codes() -> None:
    """The table of exit codes is that of the program."""
    codes = [int(code) for code in re.findall(r"^\| (\d) \|", TEXT, re.MULTILINE)]

    assert codes == [0, 1, WARNS, INCOMPLETE]
