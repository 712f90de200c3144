"""What docs/ print is what happens: the conversations are held, the output is compared.

A block in the language `output` is what the Python blocks since the last such block print. A block
in the language `talk` is a conversation, of lines such as

    Alice: order 2 teas
    Bot: 2 teas, right?
    Alice taps Yes

The bot is the one that the page's Python blocks have built so far; it speaks to the strict
simulated LINE. `Bot: ` stands before what a message reads as in a transcript, `Alice in family: `
before what is said in a group, and a line in brackets is for the reader alone. A person's line with
no `Bot:` line after it must be answered with nothing. The bot has its usual deadline, so an answer
may come after the webhook was answered.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from penniless import Bot
from penniless.line.client import LineClient
from penniless.messages import Message
from penniless.simulator import Simulator
from penniless.simulator.server import serving
from penniless.stores import MemoryStore

DOCS = Path(__file__).resolve().parent.parent / "docs"
BLOCK = re.compile(
    r"(?P<before>^<!-- not run: [^\n]+ -->\n+)?"
    r"^```(?P<language>python|talk|output)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
PAGES = [
    page
    for page in sorted(DOCS.glob("*.md"))
    if re.search(r"^```(talk|output)$", page.read_text("utf-8"), re.MULTILINE)
]

PATIENCE = 20
"""Seconds to wait for an answer that the page has."""

SAID = re.compile(r"(?P<name>\w+)(?: in (?P<group>\w+))?: (?P<text>.*)")
TAPPED = re.compile(r"(?P<name>\w+) taps (?P<label>.*)")
SENT = re.compile(r"(?P<name>\w+) sends (?P<what>.*)")
SENDS: dict[str, dict[str, Any]] = {
    "a sticker": {"sticker": {"packageId": "446", "stickerId": "1988"}},
    "a photo": {"image": {}},
    "a place": {"location": {"title": "東京駅", "latitude": 35.6812, "longitude": 139.7671}},
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_the_page_shows_happens(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's bot answers as the page says, and its code prints what the page says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINE_CHANNEL_SECRET", "secret of the docs")
    monkeypatch.setenv("LINE_CHANNEL_ACCESS_TOKEN", "token of the docs")
    program = ModuleType("docs_program")
    monkeypatch.setitem(sys.modules, "docs_program", program)
    text = page.read_text(encoding="utf-8")
    printed = StringIO()
    for block in BLOCK.finditer(text):
        line = text[: block.start("text")].count("\n")
        where = f"{page.name} after line {line}"
        if block["language"] == "talk":
            hold(program.bot, block["text"].splitlines(), where)
        elif block["language"] == "output":
            assert printed.getvalue() == block["text"], where
            printed = StringIO()
        elif block["before"] is None:
            with redirect_stdout(printed):
                exec(compile("\n" * line + block["text"], str(page), "exec"), vars(program))


def test_messages_on_their_page_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each message of docs/messages.md passes LINE's checks, and no type of message lacks there."""
    program = ModuleType("docs_program")
    monkeypatch.setitem(sys.modules, "docs_program", program)
    for block in BLOCK.finditer((DOCS / "messages.md").read_text(encoding="utf-8")):
        if block["language"] == "python":
            with redirect_stdout(StringIO()):
                exec(block["text"], vars(program))
    shown = {name: one for name, one in vars(program).items() if isinstance(one, Message)}

    assert {type(one) for one in shown.values()} == set(Message.__subclasses__())
    simulator = Simulator()
    token = simulator.channel_access_token
    with serving(simulator) as url, LineClient(token, api_origin=url, data_origin=url) as line:
        for message in shown.values():
            made = message.to_dict()
            made.pop("quoteToken", None)  # of a message that this channel has never seen
            line.validate("reply", [made])


def hold(bot: Bot, lines: list[str], where: str) -> None:
    """Say what the people say and compare what the bot answers."""
    with talking(bot) as talk:
        answers: list[str] = []
        spoken = [line for line in lines if not line.startswith("(")]
        for line, after in zip(spoken, [*spoken[1:], ""], strict=True):
            if line.startswith("Bot: "):
                assert answers, f"{where}: no answer where the page has {line!r}"
                assert f"Bot: {answers.pop(0)}" == line, where
            else:
                assert answers == [], f"{where}: answers before {line!r} that the page lacks"
                answers = talk.act(line, wait=PATIENCE if after.startswith("Bot: ") else 0)
        assert answers == [], f"{where}: answers at the end that the page lacks"


class Talk:
    """People at a simulated LINE, and what the bot said last."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._shown: list[dict[str, Any]] = []

    def act(self, line: str, *, wait: int) -> list[str]:
        """Do what a line says; returns what the bot answers, as a transcript shows it."""
        outcome = self._post("message", {**self._deed(line), "wait": wait})
        assert outcome["webhook"]["reason"] == "ok", outcome["webhook"]
        self._shown = [entry["message"] for entry in outcome["replies"]] or self._shown
        return [entry["text"] for entry in outcome["replies"]]

    def _deed(self, line: str) -> dict[str, Any]:
        if tapped := TAPPED.fullmatch(line):
            return {"from": tapped["name"].lower(), **self._tap(tapped["label"])}
        if sent := SENT.fullmatch(line):
            return {"from": sent["name"].lower(), **SENDS[sent["what"]]}
        said = SAID.fullmatch(line)
        assert said, f"{line!r} is not a line of a talk"
        deed = {"from": said["name"].lower(), "text": said["text"]}
        return {**deed, "in": self._group(said["group"])} if said["group"] else deed

    def _tap(self, label: str) -> dict[str, Any]:
        action = next(one for one in actions_in(self._shown) if one.get("label") == label)
        if action["type"] == "message":
            return {"text": action["text"]}
        assert action["type"] == "postback", f"nobody can tap {action['type']} here"
        shown = {"displayText": action["displayText"]} if "displayText" in action else {}
        return {"postback": {"data": action["data"], **shown}}

    def _group(self, name: str) -> str:
        """The group of that name with Alice, Bob and the bot, made if it is not there."""
        known = self._client.get("/sim/world").json()["groups"]
        if name not in [group["name"] for group in known]:
            self._post("groups", {"name": name, "members": ["alice", "bob"]})
        return name

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._client.post(f"/sim/{path}", json=body)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found


def actions_in(part: Any) -> list[dict[str, Any]]:
    """Every action with a label, wherever it stands."""
    if isinstance(part, list):
        return [action for one in part for action in actions_in(one)]
    if not isinstance(part, dict):
        return []
    here = [part] if {"type", "label"} <= part.keys() else []
    return here + actions_in(list(part.values()))


@contextmanager
def talking(bot: Bot) -> Iterator[Talk]:
    """The bot behind a plain HTTP server of this process, beside a simulated LINE."""
    store = MemoryStore()
    simulator = Simulator(log=store)
    with (
        serving(simulator) as url,
        served(bot) as webhook,
        httpx.Client(base_url=url, timeout=30, trust_env=False) as client,
    ):
        bot.use(
            channel_secret=simulator.channel_secret,
            channel_access_token=simulator.channel_access_token,
            api_origin=url,
            store=store,
        )
        simulator.set_webhook(webhook)
        yield Talk(client)
        bot.close()


@contextmanager
def served(bot: Bot) -> Iterator[str]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = bot.handle(body, self.headers.get("x-line-signature"), bot.deadline)
            self.send_response(answer.status)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body.encode())

        def log_message(self, *_: Any) -> None:
            """The terminal of the tests is not for the door's log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
