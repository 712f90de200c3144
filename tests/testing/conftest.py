"""A simulated LINE around any bot, as the fixture `line` makes it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from penniless import Bot
from penniless.testing.clock import Clock
from penniless.testing.line import Line
from penniless.testing.snapshots import Snapshots

LineFor = Callable[[Bot], Line]


@pytest.fixture
def line_for(tmp_path: Path) -> Iterator[LineFor]:
    """Make a line for a bot; all of them are closed in the end."""
    lines: list[Line] = []

    def make(bot: Bot) -> Line:
        snapshots = Snapshots(tmp_path / "test_it.py", "it", update=False, may_write=True)
        lines.append(Line(Clock(), lambda: bot, snapshots))
        return lines[-1]

    yield make
    for line in lines:
        line.close()


# A nested run forgets, at its end, the modules that it was the first to import. If half of these
# were, a class would be there twice, and errors of the one would not be errors of the other.
for _name in ("httpx", "httpcore", "anyio", "anyio._backends._asyncio", "uvicorn", "starlette"):
    importlib.import_module(_name)
