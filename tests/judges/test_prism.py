"""Prism, told by LINE's own OpenAPI files, between our client and our simulator: neither strays.

Set LINE_OPENAPI to a folder with LINE's files (https://github.com/line/line-openapi).
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from penniless.errors import LineRefused
from penniless.line.client import LineClient
from penniless.line.operations import OPERATIONS
from penniless.simulator import Simulator
from penniless.simulator.server import serving
from tests.cli.running import awaited
from tests.cli.test_sim import free_port, listens
from tests.judges.fetched import node, prism
from tests.simulator.conftest import SECRET, TOKEN
from tests.simulator.peers import StubBot, raw_server, stub_bot
from tests.simulator.test_sdk_every import CLASSES, ROWS, clients, methods, scene_of

FOLDER = os.environ.get("LINE_OPENAPI", "")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.deploy,
    pytest.mark.skipif(not FOLDER, reason="LINE_OPENAPI names no folder with LINE's OpenAPI files"),
]

# ruff: noqa: ARG005 - each row of the tables takes the same two, whether it needs them or not

Call = Callable[[LineClient, "Scene"], object]

TEXT = [{"type": "text", "text": "สวัสดี 🍎"}]
STRANGER = "U" + "0" * 32


class Scene:
    """A simulator with a person, a group and a room, and ids of what is in it."""

    def __init__(self, url: str, simulator: Simulator) -> None:
        self.http = httpx.Client(base_url=url, trust_env=False)
        self.alice = simulator.world.people["alice"].user_id
        self.family = self.made("groups", name="family", members=["alice"])["id"]
        self.room = self.made("groups", name="room", members=["alice"], kind="room")["id"]
        self.video = self.said(video={})["message"]["id"]
        self.narrowcast = ""

    def made(self, path: str, **asked: Any) -> dict[str, Any]:
        answer = self.http.post(f"/sim/{path}", json=asked)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def said(self, **acted: Any) -> dict[str, Any]:
        """The event of what Alice does."""
        answer = self.made("message", **{"from": "alice", **acted})
        event: dict[str, Any] = answer["webhook"]["body"]["events"][0]
        return event

    def calls(self) -> list[tuple[str, str]]:
        """Method and path of each API call that has reached the simulator."""
        entries = self.http.get("/sim/wire", params={"since": 0}).json()["entries"]
        return [(one["method"], one["path"]) for one in entries if one["kind"] == "call"]


def narrowcast(line: LineClient, scene: Scene) -> None:
    scene.narrowcast = line.narrowcast(TEXT)


def read(line: LineClient, scene: Scene) -> None:
    line.mark_as_read(scene.said(text="read me")["message"]["markAsReadToken"])


CALLS: dict[str, Call] = {
    "reply": lambda line, at: line.reply(at.said(text="hi")["replyToken"], TEXT),
    "push": lambda line, at: line.push(at.alice, TEXT, custom_aggregation_units=["unit"]),
    "multicast": lambda line, at: line.multicast([at.alice], TEXT, notification_disabled=True),
    "narrowcast": narrowcast,
    "narrowcast_progress": lambda line, at: line.narrowcast_progress(at.narrowcast),
    "broadcast": lambda line, at: line.broadcast(TEXT),
    "validate_reply": lambda line, at: line.validate("reply", TEXT),
    "validate_push": lambda line, at: line.validate("push", TEXT),
    "validate_multicast": lambda line, at: line.validate("multicast", TEXT),
    "validate_narrowcast": lambda line, at: line.validate("narrowcast", TEXT),
    "validate_broadcast": lambda line, at: line.validate("broadcast", TEXT),
    "quota": lambda line, at: line.quota(),
    "quota_consumption": lambda line, at: line.quota_consumption(),
    "content": lambda line, at: line.content(at.video).close(),
    "content_preview": lambda line, at: line.content_preview(at.video).close(),
    "content_transcoding": lambda line, at: line.content_transcoding(at.video),
    "profile": lambda line, at: line.profile(at.alice),
    "group_member_profile": lambda line, at: line.group_member_profile(at.family, at.alice),
    "room_member_profile": lambda line, at: line.room_member_profile(at.room, at.alice),
    "group_summary": lambda line, at: line.group_summary(at.family),
    "group_members_count": lambda line, at: line.group_members_count(at.family),
    "room_members_count": lambda line, at: line.room_members_count(at.room),
    "start_loading": lambda line, at: line.start_loading(at.alice, 5),
    "mark_as_read": read,
    "bot_info": lambda line, at: line.bot_info(),
    "webhook_endpoint": lambda line, at: line.webhook_endpoint(),
    "test_webhook_endpoint": lambda line, at: line.test_webhook_endpoint(),
    "set_webhook_endpoint": lambda line, at: line.set_webhook_endpoint("https://127.0.0.1:9/hook"),
    "leave_group": lambda line, at: line.leave_group(at.family),
    "leave_room": lambda line, at: line.leave_room(at.room),
}
"""Each operation of our client once, in this order."""

REFUSED: dict[str, Call] = {
    "reply": lambda line, at: line.reply("x" * 32, TEXT),
    "push": lambda line, at: line.push(STRANGER, TEXT),
    "start_loading": lambda line, at: line.start_loading(at.family, 5),
    "mark_as_read": lambda line, at: line.mark_as_read("x"),
    "leave_group": lambda line, at: line.leave_group(at.family),
}
"""Refusals of the operations for which LINE's file describes any; the group is left by then."""


class Prism:
    """A running Prism before a server, and what it has to say against the traffic."""

    def __init__(self, upstream: str, log: Path, document: str = "messaging-api.yml") -> None:
        port = free_port()
        self.url, self.log = f"http://127.0.0.1:{port}", log
        where = ["--host", "127.0.0.1", "--port", str(port)]
        command = [node(), str(prism()), "proxy", str(Path(FOLDER, document)), upstream, *where]
        with log.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        awaited(lambda: listens(port), self.said)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def objections(self) -> list[str]:
        """Every violation in its log, which it writes before it passes the answer on."""
        return re.findall(r"(?:Violation:|Request terminated with error:) .*", self.said())

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def bot() -> Iterator[StubBot]:
    with stub_bot() as bot:
        yield bot


@pytest.fixture
def simulator(bot: StubBot) -> Simulator:
    return Simulator(webhook=bot.url)


@pytest.fixture
def scene(simulator: Simulator) -> Iterator[Scene]:
    with serving(simulator) as url:
        scene = Scene(url, simulator)
        yield scene
        scene.http.close()


@pytest.fixture
def judge(scene: Scene, tmp_path: Path) -> Iterator[Prism]:
    judge = Prism(str(scene.http.base_url), tmp_path / "prism.log")
    yield judge
    judge.end()


@pytest.fixture
def line(judge: Prism, simulator: Simulator) -> Iterator[LineClient]:
    token = simulator.channel_access_token
    with LineClient(token, api_origin=judge.url, data_origin=judge.url) as line:
        yield line


def test_requests_and_answers_are_those_of_lines_file(
    line: LineClient, scene: Scene, judge: Prism
) -> None:
    """Prism objects to no request of our client and to no answer of our simulator."""
    for call in CALLS.values():
        call(line, scene)
    for call in REFUSED.values():
        with pytest.raises(LineRefused):
            call(line, scene)

    assert judge.objections() == []
    assert CALLS.keys() == OPERATIONS.keys()
    called = scene.calls()
    for row in OPERATIONS.values():
        pattern = re.sub(r"\{\w+\}", "[^/]+", row.path)
        assert any(row.method == method and re.fullmatch(pattern, path) for method, path in called)


def test_prism_objects(judge: Prism, simulator: Simulator) -> None:
    """The judge is awake: it sees a request that LINE's file forbids."""
    headers = {"authorization": f"Bearer {simulator.channel_access_token}"}
    url = f"{judge.url}/v2/bot/message/push"
    httpx.post(url, json={"messages": "none"}, headers=headers, trust_env=False)

    assert [one for one in judge.objections() if "request.body" in one]


def test_prism_objects_to_answers_too(tmp_path: Path) -> None:
    """It sees an answer that LINE's file forbids."""

    def speak(connection: socket.socket) -> None:
        connection.recv(65536)
        body = b'{"sentMessages": 5}'
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
        connection.sendall(head.encode() + b"\r\nconnection: close\r\n\r\n" + body)

    with raw_server(speak) as url:
        judge = Prism(url.removesuffix("/callback"), tmp_path / "prism.log")
        try:
            message = {"to": STRANGER, "messages": TEXT}
            headers = {"authorization": "Bearer x"}
            path = f"{judge.url}/v2/bot/message/push"
            httpx.post(path, json=message, headers=headers, trust_env=False)
            assert [one for one in judge.objections() if "Violation: response.body" in one]
        finally:
            judge.end()


DOCUMENTS = {
    "messaging": "messaging-api.yml",
    "blob": "messaging-api.yml",
    "tokens": "channel-access-token.yml",
    "insight": "insight.yml",
    "audience": "manage-audience.yml",
    "audience blob": "manage-audience.yml",
    "module": "module.yml",
}
"""LINE's file for each class of the official SDK."""


@pytest.mark.parametrize("where", DOCUMENTS)
def test_every_answer_is_that_of_lines_file(where: str, bot: StubBot, tmp_path: Path) -> None:
    """Every operation of the official SDK, once with success: Prism objects to no answer.

    What it says of requests is between LINE's file and LINE's SDK.
    """
    simulator = Simulator(SECRET, TOKEN, webhook=bot.url)
    with (
        serving(simulator) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=30) as sim,
    ):
        judge = Prism(url, tmp_path / "prism.log", DOCUMENTS[where])
        try:
            judged = {name: judge.url if name == where else url for name in CLASSES}
            with clients(judged) as apis, clients(dict.fromkeys(CLASSES, url)) as direct:
                # Prism reads a picture as text and breaks it, so pictures go past it.
                apis["blob"].set_rich_menu_image = direct["blob"].set_rich_menu_image
                for name in methods(CLASSES[where][1]):
                    sim.post("/sim/reset")
                    with scene_of(simulator, sim, tmp_path) as scene:
                        ROWS[name][0](apis, scene)
                    found = [one for one in judge.objections() if "Violation: request" not in one]
                    assert found == [], name
        finally:
            judge.end()
