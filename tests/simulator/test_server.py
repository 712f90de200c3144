"""Who may talk to the simulator, what a browser may do with it, and how it starts and stops."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import httpx
import pytest

from penniless.simulator import Simulator
from penniless.simulator.server import PAGE, listen, serving
from tests.simulator.conftest import TOKEN

SAY = {"from": "alice", "text": "hi"}


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://127.0.0.1:1",
        "http://localhost",
        "null",
        "http://evil.example:80@127.0.0.1",
    ],
)
@pytest.mark.parametrize("path", ["/sim/message", "/sim/reset", "/sim/people"])
def test_pages_of_others_cannot_drive_it(sim: httpx.Client, origin: str, path: str) -> None:
    answer = sim.post(path, json=SAY, headers={"origin": origin})
    assert answer.status_code == 403
    assert "only the simulator's own page" in answer.json()["error"].lower()


def test_its_own_page_can(sim: httpx.Client) -> None:
    origin = str(sim.base_url).rstrip("/")
    assert sim.post("/sim/message", json=SAY, headers={"origin": origin}).status_code == 200


@pytest.mark.parametrize(("site", "status"), [("cross-site", 403), ("same-origin", 200)])
def test_what_the_browser_says_of_the_site(sim: httpx.Client, site: str, status: int) -> None:
    answer = sim.post("/sim/message", json=SAY, headers={"sec-fetch-site": site})
    assert answer.status_code == status


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", ""]
)
@pytest.mark.parametrize("path", ["/sim/world", "/", "/sim/events", "/page/app.js"])
def test_names_that_only_pretend_to_be_this_computer(
    sim: httpx.Client, host: str, path: str
) -> None:
    """DNS rebinding: the browser thinks it talks to evil.example, and says so in Host."""
    answer = sim.get(path, headers={"host": host})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "host", ["localhost:1", "LOCALHOST", "127.0.0.1", "[::1]:99", "bot.localhost"]
)
def test_names_of_this_computer(sim: httpx.Client, host: str) -> None:
    assert sim.get("/sim/world", headers={"host": host}).status_code == 200


def test_the_messaging_api_is_there_under_any_name(sim: httpx.Client) -> None:
    """A bot in a container calls by another name; it needs the access token anyway."""
    headers = {"host": "host.docker.internal:8080", "authorization": f"Bearer {TOKEN}"}
    assert sim.get("/v2/bot/info", headers=headers).status_code == 200


def test_bound_elsewhere_on_purpose_any_name_is_right(sim: httpx.Client) -> None:
    simulator = Simulator()
    with serving(simulator, host="0.0.0.0") as url:
        port = url.rsplit(":", 1)[1]
        answer = sim.get(f"http://127.0.0.1:{port}/sim/world", headers={"host": "my-laptop"})
    assert answer.status_code == 200


def test_the_page_runs_nothing_of_others(sim: httpx.Client) -> None:
    """The policy that makes a bot's text harmless even if the page forgot to escape it."""
    answer = sim.get("/")
    if not (PAGE / "index.html").is_file():
        assert answer.status_code == 404
        return
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'"} <= set(policy)
    assert {"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/sim/world", "/", "/sim/samples/avatar.png", "/sim/nothing"])
def test_every_answer_is_guarded(sim: httpx.Client, path: str) -> None:
    headers = sim.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sim/nothing", 404),
        ("GET", "/nothing", 404),
        ("GET", "/page/../server.py", 404),
        ("GET", "/page/%2e%2e/server.py", 404),
        ("GET", "/sim/message", 405),
        ("DELETE", "/sim/world", 405),
    ],
)
def test_errors_are_one_sentence(sim: httpx.Client, method: str, path: str, status: int) -> None:
    answer = sim.request(method, path)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]


def test_an_address_of_line_that_ends_in_a_slash(sim: httpx.Client) -> None:
    """A bot that joins `http://…:8080/` and `/v2/…` gets LINE's 404, and the wire says why."""
    path = f"{str(sim.base_url).rstrip('/')}//v2/bot/info"
    answer = sim.get(path, headers={"authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.json()) == (404, {"message": "Not found"})
    (call,) = sim.get("/sim/wire").json()["entries"]
    assert (call["path"], call["requestId"]) == (
        "//v2/bot/info",
        answer.headers["x-line-request-id"],
    )
    assert "two slashes" in call["hint"]


def test_a_body_over_the_limit_is_refused_over_http(sim: httpx.Client) -> None:
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    answer = sim.post("/v2/bot/message/push", content=b" " * (3 * 1024 * 1024), headers=headers)
    assert answer.status_code == 413
    assert answer.headers["x-line-request-id"]
    assert "server" not in answer.headers


def test_it_takes_any_free_port_and_gives_it_back() -> None:
    """After the block nothing listens there any more."""
    with serving(Simulator()) as url:
        port = int(url.rsplit(":", 1)[1])
    with socket.create_server(("127.0.0.1", port)):
        assert url == f"http://127.0.0.1:{port}"


def test_a_port_in_use_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=r"[Aa]ddress"), serving(Simulator(), port=port):
            """Never reached."""


def test_it_stops_although_somebody_watches_and_waits(sim: httpx.Client) -> None:
    """Open event streams and waiting requests end when the simulator does, at once."""
    simulator = Simulator(webhook=None)
    started = threading.Event()
    answers: list[Any] = []

    def watch(url: str) -> None:
        with (
            httpx.Client(base_url=url, verify=False) as client,
            client.stream("GET", "/sim/events") as answer,
        ):
            started.set()
            answers.append("".join(answer.iter_lines()))

    def wait(url: str, hook: str) -> None:
        with httpx.Client(base_url=url, verify=False, timeout=30) as client:
            client.post("/sim/channel", json={"webhook": hook})
            answers.append(client.post("/sim/message", json={**SAY, "wait": 30}).json()["replies"])

    hook = sim.get("/sim/world").json()["channel"]["webhook"]
    with serving(simulator) as url:
        threads = [
            threading.Thread(target=watch, args=(url,)),
            threading.Thread(target=wait, args=(url, hook)),
        ]
        for thread in threads:
            thread.start()
        assert started.wait(5)
        until = time.monotonic() + 5
        while not simulator._waiting and time.monotonic() < until:
            time.sleep(0.01)
        stopping = time.monotonic()
    for thread in threads:
        thread.join(5)
    assert time.monotonic() - stopping < 10
    assert [] in answers


def test_it_can_be_served_twice() -> None:
    simulator = Simulator()
    for _ in range(2):
        with serving(simulator) as url, httpx.Client(base_url=url, verify=False) as client:
            assert client.get("/sim/world").status_code == 200


def test_made_up_credentials_are_different_each_time() -> None:
    one, other = Simulator(), Simulator()
    assert one.channel_secret != other.channel_secret
    assert one.channel_access_token != other.channel_access_token
    assert len(one.channel_secret) == 32
    assert one.channel_secret not in repr(one)


def imported_by(statement: str) -> set[str]:
    """The top-level packages that a fresh interpreter has after that import."""
    code = f"import sys, json; {statement}; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_it_imports_no_more_than_it_needs() -> None:
    """Starting fast: no command line, no SDK, no model library comes along."""
    heavy = {"typer", "linebot", "pydantic", "boto3", "flask", "jinja2"}
    assert heavy & imported_by("from penniless.simulator.server import serving") == set()


def test_a_world_alone_needs_no_server() -> None:
    """What runs in process, without sockets, imports no HTTP."""
    found = imported_by("from penniless.simulator import World; import penniless.simulator.api")
    assert {"httpx", "uvicorn", "starlette", "asyncio", "socket"} & found == set()


def test_answers_are_not_held_back() -> None:
    """Without a named protocol, asyncio leaves Nagle's algorithm on: 40 ms for each answer."""
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
