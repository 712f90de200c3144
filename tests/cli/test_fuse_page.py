"""docs/fuse.md names every command, option, permission and part, and counts right."""

from __future__ import annotations

import re
from pathlib import Path

import typer.core
import typer.main

from penniless.cli import commands
from penniless.cli.fuse import BLOWN, NOT_FITTED
from penniless.cli.fuse_box import PATIENCE, PERIOD
from penniless.scaffold import Project, texts
from tests.cli.test_fuse import NEEDS

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "fuse.md"
TEXT = PAGE.read_text(encoding="utf-8")

FREE = 1_000_000
PERIODS = 30 * 24 * 3600 // PERIOD
MILLION = 0.20
"""US dollars for a million requests of Lambda beyond the free ones."""
LATE = 180
"""Seconds that pass at most once there are too many, with a minute for what AWS does not name."""


def test_commands_and_options() -> None:
    """Each command is there, and each option has a row, which names the commands that have it."""
    program = typer.main.get_command(commands.app)
    assert isinstance(program, typer.core.TyperGroup)
    group = program.commands["fuse"]
    assert isinstance(group, typer.core.TyperGroup)
    options: dict[str, list[str]] = {}
    for name, command in group.commands.items():
        assert f"penniless fuse {name}" in TEXT
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--") and option != "--help":
                    options.setdefault(option, []).append(name)
    rows = dict(re.findall(r"^\| `(--[a-z]+)[^|]*\| ([^|]+) \|", TEXT, re.MULTILINE))

    every = ", ".join(group.commands)
    assert rows == {
        option: "all" if (listed := ", ".join(of)) == every else listed
        for option, of in options.items()
    }


def test_permissions_and_exit_codes() -> None:
    """What `test_fuse.py` proves to be needed is what the page asks for."""
    named = set(re.findall(r"`((?:cloudformation|cloudwatch|lambda):\w+)`", TEXT))

    assert named == {action for needs in NEEDS.values() for action in needs}
    assert re.findall(r"^\| (\d) \| ([a-z ]+) \|", TEXT, re.MULTILINE) == [
        ("0", "intact"),
        (str(BLOWN), "blown"),
        (str(NOT_FITTED), "not fitted"),
        ("1", "failed"),
        ("1", "disabled"),
    ]
    assert PATIENCE == 1800
    assert "half an hour at most" in TEXT


def test_parameters() -> None:
    """They are those of the template, with its defaults."""
    template = texts(Project("mybot"))["template.yaml"]
    written = re.findall(
        r"^  (Fuse\w*):\n    Type: \w+\n    Default: \"?(\w*)\"?\n", template, re.MULTILINE
    )
    listed = re.findall(r"^\| `(Fuse\w*)` \| (\w+) \|", TEXT, re.MULTILINE)

    assert listed == [(name, default or "none") for name, default in written]
    assert f"`N` be `FuseInvocations`. It trips if `r` is over `N / {PERIOD}`" in TEXT


def test_price_of_a_slow_flood() -> None:
    """Each row is what stays just below that number for a month, less what is free."""
    rows = re.findall(r"^\| ([\d,]+) \| \$([\d,.]+) \|$", TEXT, re.MULTILINE)

    assert len(rows) == 4
    for most, dollars in rows:
        beyond = max(0, int(most.replace(",", "")) * PERIODS - FREE)
        assert dollars == f"{beyond / 1e6 * MILLION:,.2f}"
    assert f"at most `{PERIODS:,} N`" in TEXT
    assert f"runs {FREE / PERIODS:.0f} times in five minutes" in TEXT
    assert f"default is {10_000 / (FREE / PERIODS):.0f} times that" in TEXT


def test_how_fast_it_trips() -> None:
    """Each row is the closed form above it, to two digits."""
    rows = re.findall(
        r"^\| ([\d,]+) a second[^|]*\| (\d) minutes \| ([\d,]+) \|$", TEXT, re.MULTILINE
    )

    assert [row[0] for row in rows] == ["34", "100", "10,000"]
    for rate, minutes, requests in rows:
        per_second = int(rate.replace(",", ""))
        seconds = 10_000 / per_second + LATE
        assert int(minutes) == round(seconds / 60)
        assert abs(int(requests.replace(",", "")) / (seconds * per_second) - 1) < 0.01
    last = 10_000 + LATE * 10_000
    assert f"costs ${(last - FREE) / 1e6 * MILLION:.2f} at most if nothing" in TEXT
    assert f"and ${last / 1e6 * MILLION:.2f} if all was" in TEXT
    month = 30 * 24 * 3600
    assert f"{100 * month / 1e6:.0f} million requests in 30 days, which cost $52" in TEXT
    assert f"{10_000 * month / 1e9:.0f} billion, which cost $5,184" in TEXT
    assert [round((rate * month - FREE) / 1e6 * MILLION) for rate in (100, 10_000)] == [52, 5184]
