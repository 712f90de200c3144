"""docs/operations.md names every subcommand, option and permission, and none that is not there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import get_args

import pytest
import typer.core
import typer.main

from penniless.cli import commands
from penniless.cli.logs_export import COLUMNS, FORMATS
from penniless.cli.logs_import import Fate

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "operations.md"
TEXT = PAGE.read_text(encoding="utf-8")


def group(name: str) -> typer.core.TyperGroup:
    program = typer.main.get_command(commands.app)
    assert isinstance(program, typer.core.TyperGroup)
    found = program.commands[name]
    assert isinstance(found, typer.core.TyperGroup)
    return found


def test_every_subcommand_is_there() -> None:
    """Each subcommand has its line."""
    for name in ("logs", "secrets"):
        missing = [one for one in group(name).commands if f"penniless {name} {one}" not in TEXT]
        assert missing == []


@pytest.mark.parametrize("line", re.findall(r"penniless ((?:logs|secrets) [^`|\n]+)", TEXT))
def test_every_line_works(line: str) -> None:
    """What stands after `penniless` is a subcommand with such options, or an option of all."""
    name, *arguments = shlex.split(line)
    of_all = arguments[0].startswith("-")
    command = group(name) if of_all else group(name).commands[arguments.pop(0)]

    assert command.make_context(name, arguments).params


def test_options() -> None:
    """Every option has a row, and every row an option."""
    options = {
        option
        for name in ("logs", "secrets")
        for command in (group(name), *group(name).commands.values())
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--") and option != "--help"
    }
    rows = set(re.findall(r"^\| `(--[a-z-]+)", TEXT, re.MULTILINE)) | {"--bom"}

    assert rows == options


def test_tables_of_words() -> None:
    """The formats, the names of the fields, and what an import says of a row."""
    for word in (*FORMATS, *COLUMNS):
        assert f"`{word}`" in TEXT
    for fate in get_args(Fate):
        assert f"\n| {fate} |" in TEXT
