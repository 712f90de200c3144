"""README and docs say what is true: their code runs, their commands and links exist."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest
import typer.core
import typer.main

from penniless.cli.commands import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(
    r"(?P<before>^<!-- not run: [^\n]+ -->\n+)?^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
LINK = re.compile(r"\]\((?!https?://|#)(?P<path>[^)#\s]+)")

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def blocks(page: Path, language: str) -> list[tuple[int, str, bool]]:
    """Line, text and whether it is to be run, of each block in that language."""
    text = page.read_text(encoding="utf-8")
    return [
        (text[: found.start("text")].count("\n"), found["text"], found["before"] is None)
        for found in BLOCK.finditer(text)
        if found["language"] == language
    ]


@by_page
def test_python_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python blocks of a page run one after the other, as one program."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINE_CHANNEL_SECRET", "secret of the docs")
    monkeypatch.setenv("LINE_CHANNEL_ACCESS_TOKEN", "token of the docs")
    program = ModuleType("docs_program")
    monkeypatch.setitem(sys.modules, "docs_program", program)
    for line, text, run in blocks(page, "python"):
        code = compile("\n" * line + text, str(page), "exec")
        if run:
            exec(code, vars(program))


def test_readme_shows_the_echo_example() -> None:
    """The first block of the README is examples/echo/app.py, whole."""
    example = (ROOT / "examples/echo/app.py").read_text(encoding="utf-8")

    assert blocks(PAGES[0], "python")[0][1] == example


def the_commands() -> typer.core.TyperGroup:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return group


def commands_on(page: Path) -> list[str]:
    shell = "\n".join(text for _, text, _ in blocks(page, "sh"))
    text = page.read_text(encoding="utf-8")
    inline = re.findall(r"`([^`\n]*\bpenniless [a-z][^`\n]*)`", text)
    found = [
        match
        for line in [*shell.replace("\\\n", " ").splitlines(), *inline]
        for match in re.findall(r"(?:^|\| |run |-m )penniless ([a-z]+\b[^|&#]*)", line)
    ]
    return [one.replace("\\", "").strip() for one in found]


@by_page
def test_commands_on_the_pages_exist(page: Path) -> None:
    """Every `penniless …` in a shell block or in backquotes is a command with such options."""
    group = the_commands()
    for line in commands_on(page):
        name, *arguments = shlex.split(line)
        assert name in group.commands, f"{page.name}: penniless {line}"
        if arguments:  # a command's bare name is a mention, not a call
            group.commands[name].make_context(name, arguments)


def test_every_command_is_in_the_readme() -> None:
    """Every command of the program stands in the README's table."""
    group = the_commands()
    text = PAGES[0].read_text(encoding="utf-8")

    assert [name for name in group.commands if f"`penniless {name}" not in text] == []


@by_page
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link and picture of a page exists."""
    text = page.read_text(encoding="utf-8")

    missing = [path for path in LINK.findall(text) if not (page.parent / path).exists()]

    assert missing == []


def test_every_page_is_linked_from_the_readme() -> None:
    """A docs page that nobody links is never read."""
    text = PAGES[0].read_text(encoding="utf-8")

    assert [page.name for page in PAGES[2:] if f"docs/{page.name}" not in text] == []
