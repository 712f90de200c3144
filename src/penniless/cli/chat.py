"""`penniless chat`: the chat page's conversation, in the terminal or through a pipe."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from penniless.cli.botprocess import BotProcess
from penniless.cli.loading import find, load_dotenv
from penniless.cli.platform import platform, settings_of, simulator_from_environment
from penniless.errors import SettingsError
from penniless.stores.sqlite import SQLiteStore

HELP = """Type a message and press Enter. A number taps one of the buttons shown.
/help this text   /quit or Ctrl-D the end"""


def run(path: str, *, name: str) -> int:
    """Send lines from standard input until it ends; returns the exit code.

    0 if the bot dealt with every line, 1 if it failed on one. Raises a PennilessError if the bot
    cannot be started.
    """
    file, _ = find(path)
    load_dotenv(file.parent)
    with ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="penniless-", ignore_cleanup_errors=True)
        )
        log_file = Path(folder) / "log.sqlite3"
        log = SQLiteStore(log_file)
        stack.callback(log.close)
        simulator = simulator_from_environment(log=log)
        url = stack.enter_context(platform(simulator, 0))
        bot = stack.enter_context(
            BotProcess(path, store=log_file, settings=settings_of(simulator, url))
        )
        bot.start(simulator.set_webhook)
        client = stack.enter_context(httpx.Client(base_url=url, timeout=60, trust_env=False))
        return _Talk(client, name).run()


class _Talk:
    """One person at one terminal."""

    def __init__(self, client: httpx.Client, name: str) -> None:
        self._client = client
        self._name = name
        self._interactive = sys.stdin.isatty()
        self._buttons: list[dict[str, Any]] = []
        self._failed = False

    def run(self) -> int:
        self._introduce()
        if self._interactive:
            print(HELP)
        for line in iter(self._read, None):
            if self._interactive and line in ("/quit", "/exit"):
                break
            if self._interactive and line == "/help":
                print(HELP)
            elif line:
                self._send(line)
        return 1 if self._failed else 0

    def _introduce(self) -> None:
        known = self._client.get("/sim/world").json()["people"]
        if any(person["name"] == self._name for person in known):
            return
        answer = self._client.post("/sim/people", json={"name": self._name, "quiet": True})
        if answer.status_code >= 400:
            raise SettingsError(answer.json()["error"])

    def _read(self) -> str | None:
        try:
            return input(f"{self._name}> " if self._interactive else "").strip()
        except EOFError:
            return None

    def _send(self, line: str) -> None:
        answer = self._client.post("/sim/message", json={"from": self._name, **self._deed(line)})
        if answer.status_code >= 400:
            self._complain(answer.json().get("error", "the simulator refused"))
            return
        outcome = answer.json()
        for entry in outcome["replies"]:
            print(f"bot> {entry['text']}" if self._interactive else entry["text"], flush=True)
            self._show_buttons(entry["message"])
        self._judge(outcome["webhook"])

    def _deed(self, line: str) -> dict[str, Any]:
        """What a line does: the number of a button taps it, everything else is said."""
        if self._interactive and line.isdecimal() and 0 < int(line) <= len(self._buttons):
            return _tap(self._buttons[int(line) - 1])
        return {"text": line}

    def _show_buttons(self, message: dict[str, Any]) -> None:
        self._buttons = [action for action in _actions(message) if _tap(action)]
        if self._interactive:
            for number, action in enumerate(self._buttons, start=1):
                print(f"   [{number}] {action.get('label') or action.get('text') or ''}")

    def _judge(self, webhook: dict[str, Any]) -> None:
        """Say so if the bot failed on this message."""
        if webhook["reason"] != "ok":
            self._complain(f"the webhook failed: {webhook['detail'] or webhook['reason']}")
            return
        rows = self._client.get("/sim/log").json()["rows"]
        for row in rows:
            if row["event_id"] in webhook["eventIds"] and row.get("status") == "failed":
                self._complain(f"the bot {row['outcome']}")

    def _complain(self, sentence: str) -> None:
        self._failed = True
        print(f"penniless: {sentence}", file=sys.stderr, flush=True)


def _tap(action: dict[str, Any]) -> dict[str, Any]:
    """What tapping an action sends; nothing for actions that need a phone."""
    if action.get("type") == "message":
        return {"text": action["text"]}
    if action.get("type") == "postback":
        shown = {"displayText": action["displayText"]} if "displayText" in action else {}
        return {"postback": {"data": action["data"], **shown}}
    return {}


def _actions(part: Any) -> list[dict[str, Any]]:
    """Every action in a message, wherever it stands, in reading order."""
    if isinstance(part, list):
        return [action for one in part for action in _actions(one)]
    if not isinstance(part, dict):
        return []
    here = [part["action"]] if isinstance(part.get("action"), dict) else []
    listed = [one for one in part.get("actions", []) if isinstance(one, dict) and "type" in one]
    below = [
        action
        for key, one in part.items()
        if key not in ("action", "actions")
        for action in _actions(one)
    ]
    return here + listed + below
