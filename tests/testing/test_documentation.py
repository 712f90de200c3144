"""The tests that docs/testing.md shows pass, with the bot that it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from penniless.testing.line import Line
from penniless.testing.people import Group, Person
from tests.testing.suite import run

pytest_plugins = ["pytester"]

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "testing.md"
BLOCK = re.compile(
    r"(?P<before>^<!-- not run: [^\n]+ -->\n+)?^```python\n# (?P<name>\w+\.py)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def test_the_page(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block is a file; pytest finds all of them and nothing fails."""
    monkeypatch.delenv("CI", raising=False)
    for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        if block["before"] is None:
            (pytester.path / block["name"]).write_text(block["text"], encoding="utf-8")

    result = run(pytester, app=None, test="")

    result.assert_outcomes(passed=9)
    written = pytester.path / "__conversations__" / "test_menu.test_menu.txt"
    assert written.read_text(encoding="utf-8").splitlines() == [
        "Alice: menu",
        "Bot: What would you like?",
        "    [Tea] [コーヒー]",
        "Alice: tea",
        "Bot: 🍵 It will be ready in a minute.",
    ]


def test_every_word_stands_on_the_page() -> None:
    """What people, groups and the line can do is told; what is for the plugin alone is not."""
    page = PAGE.read_text(encoding="utf-8")
    own = {
        *("name", "user_id", "display_name", "id", "members", "has_bot", "clock", "snapshots"),
        *("world", "do", "faults", "happens", "close", "turns_to", "said_to", "entries_of"),
        *("wait_until", "is_loading", "note", "conversation", "report", "check", "admits"),
        *("loses_bot", "admits_bot", "rich_menu_of", "switch_rich_menu"),
    }
    words = {
        name for kind in (Person, Group, Line) for name in vars(kind) if not name.startswith("_")
    }

    assert sorted(word for word in words - own if word not in page) == []
