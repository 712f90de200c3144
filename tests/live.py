"""A bot in a process of its own beside a real simulator, for tests that talk to it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from penniless.cli.botprocess import BotProcess
from penniless.cli.platform import settings_of
from penniless.simulator import Simulator
from penniless.simulator.server import serving
from penniless.stores.sqlite import SQLiteStore

ROOT = Path(__file__).resolve().parent.parent


class Live:
    """A bot, its simulator and the address of both."""

    def __init__(self, client: httpx.Client, simulator: Simulator, bot: BotProcess) -> None:
        self.client = client
        self.simulator = simulator
        self.bot = bot

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """POST to /sim and return its answer, which must be a good one."""
        answer = self.client.post(f"/sim/{path}", json=body)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def say(self, text: str, **more: Any) -> list[dict[str, Any]]:
        """Alice says something; the message objects that the bot answered."""
        outcome = self.post("message", **{"from": "alice", "text": text, **more})
        assert outcome["webhook"]["reason"] == "ok", outcome["webhook"]
        return [entry["message"] for entry in outcome["replies"]]

    def rows(self) -> list[dict[str, Any]]:
        """The log of the bot, oldest first."""
        found: list[dict[str, Any]] = self.client.get("/sim/log").json()["rows"]
        return found


@contextmanager
def live(path: str | Path, folder: Path) -> Iterator[Live]:
    """The bot of this file, running; its log is kept in `folder`."""
    file = folder / "log.sqlite3"
    log = SQLiteStore(file)
    simulator = Simulator(log=log)
    try:
        with (
            serving(simulator) as url,
            BotProcess(str(path), store=file, settings=settings_of(simulator, url)) as bot,
            httpx.Client(base_url=url, timeout=30, trust_env=False) as client,
        ):
            bot.start(simulator.set_webhook)
            yield Live(client, simulator, bot)
    finally:
        log.close()


def penniless(
    *arguments: str, typed: str = "", folder: Path = ROOT, settings: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("LINE_")}
    return subprocess.run(
        [sys.executable, "-m", "penniless", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**clean, "PYTHONUTF8": "1", "NO_COLOR": "1", "COLUMNS": "100", **(settings or {})},
        timeout=60,
        check=False,
    )
