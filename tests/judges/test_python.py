"""Bots of others in Python, on asynchronous frameworks; the one on Flask is in tests/cli."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.judges.bots import echoes
from tests.judges.fetched import python_of_bots

pytestmark = [pytest.mark.slow, pytest.mark.deploy]


@pytest.mark.parametrize("framework", ["fastapi", "aiohttp"])
def test_an_echo_bot_is_unchanged_behind_sim(framework: str, tmp_path: Path) -> None:
    """An echo bot on the official SDK works where Penniless is not installed."""
    script = Path(__file__).with_name(f"{framework}_echo.py")
    echoes([str(python_of_bots()), str(script)], tmp_path)
