"""Late answers and closed connections, seen from a plain socket: nothing is only pretended."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from penniless.simulator import Simulator
from penniless.simulator.faults import Drop, Effect, Latency, Timeout
from penniless.simulator.server import serving
from tests.simulator.conftest import TOKEN

PATH = "/v2/bot/message/push"


@pytest.fixture
def errors(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the server complains of: it must not notice anything odd."""
    logger = logging.getLogger("uvicorn.error")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


def request_to(simulator: Simulator) -> bytes:
    body = json.dumps(
        {
            "to": simulator.world.people["alice"].user_id,
            "messages": [{"type": "text", "text": "hi"}],
        }
    ).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {TOKEN}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def connected(sim: httpx.Client) -> socket.socket:
    return socket.create_connection(("127.0.0.1", sim.base_url.port or 0), timeout=5)


def everything(connection: socket.socket) -> bytes:
    """All bytes until the other side closes; empty if it sends none."""
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def until(true: Callable[[], object]) -> None:
    """Wait until something is so; the server does it in a thread of its own."""
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def bot_said(simulator: Simulator) -> int:
    chat = simulator.world.chat(simulator.world.people["alice"].user_id)
    return sum(entry.side == "bot" for entry in chat.entries)


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        (Drop(), 0),
        (Drop(acted=True), 1),
        (Timeout(seconds=0.05), 0),
        (Timeout(acted=True, seconds=0.05), 1),
    ],
)
def test_not_one_byte_is_sent(
    sim: httpx.Client,
    simulator: Simulator,
    errors: pytest.LogCaptureFixture,
    effect: Effect,
    said: int,
) -> None:
    """The connection is closed, without an answer and without a 500; LINE has acted or not."""
    simulator.faults.add("push", effect)
    with connected(sim) as connection:
        connection.sendall(request_to(simulator))
        assert everything(connection) == b""
    assert bot_said(simulator) == said
    assert errors.records == []


def test_also_on_a_connection_that_is_in_use(
    sim: httpx.Client, simulator: Simulator, errors: pytest.LogCaptureFixture
) -> None:
    """After a good answer on it; a new connection is answered again."""
    with connected(sim) as connection:
        connection.sendall(request_to(simulator))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
        simulator.faults.add("push", Drop(), times=1)
        connection.sendall(request_to(simulator))
        assert b"HTTP/1.1" not in everything(connection)
    with connected(sim) as connection:
        connection.sendall(request_to(simulator))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
    assert errors.records == []


def test_a_timeout_ends_when_the_caller_hangs_up(
    sim: httpx.Client, simulator: Simulator, errors: pytest.LogCaptureFixture
) -> None:
    """Nothing comes while the caller waits, and nothing is left behind."""
    simulator.faults.add("push", Timeout())
    with connected(sim) as connection:
        connection.settimeout(0.1)
        connection.sendall(request_to(simulator))
        with pytest.raises(TimeoutError):
            connection.recv(1)
    assert sim.get("/sim/world").status_code == 200
    assert errors.records == []


def test_a_late_answer(sim: httpx.Client, simulator: Simulator) -> None:
    simulator.faults.add("push", Latency(0.15))
    with connected(sim) as connection:
        start = time.perf_counter()
        connection.sendall(request_to(simulator))
        answer = connection.recv(65536)
        assert time.perf_counter() - start >= 0.15
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_late_answer_that_nobody_waits_for(
    sim: httpx.Client, simulator: Simulator, errors: pytest.LogCaptureFixture
) -> None:
    """LINE acts at once, and answers into the void."""
    simulator.faults.add("push", Latency(60))
    with connected(sim) as connection:
        connection.settimeout(0.05)
        connection.sendall(request_to(simulator))
        until(lambda: bot_said(simulator))
        with pytest.raises(TimeoutError):
            connection.recv(1)
    assert sim.get("/sim/world").status_code == 200
    assert errors.records == []


def test_what_callers_of_the_sdks_see(sim: httpx.Client, simulator: Simulator) -> None:
    """A broken connection, not an HTTP status."""
    simulator.faults.add("push", Drop(acted=True), times=1)
    headers = {"authorization": f"Bearer {TOKEN}"}
    alice = simulator.world.people["alice"].user_id
    body = {"to": alice, "messages": [{"type": "text", "text": "hi"}]}
    with pytest.raises(httpx.RemoteProtocolError):
        sim.post(PATH, json=body, headers=headers)
    assert sim.post(PATH, json=body, headers=headers).status_code == 200


@pytest.mark.parametrize(("effect", "answered"), [(Timeout(), False), (Latency(60), True)])
def test_the_server_stops_although_somebody_hangs(effect: Effect, answered: bool) -> None:
    """What waits is ended at once: a late answer comes now, one that never comes is closed."""
    simulator = Simulator(channel_access_token=TOKEN)
    simulator.faults.add("push", effect)
    answers: list[bytes] = []

    def call(url: str) -> None:
        port = int(url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(request_to(simulator))
            answers.append(everything(connection))

    with serving(simulator) as url:
        thread = threading.Thread(target=call, args=(url,))
        thread.start()
        until(lambda: simulator.world.wire)
        stopping = time.monotonic()
    thread.join(5)
    assert time.monotonic() - stopping < 2
    assert [answer.startswith(b"HTTP/1.1 200") for answer in answers] == [answered]


def test_many_at_once(sim: httpx.Client, simulator: Simulator) -> None:
    """Half of 40 calls at the same moment are dropped; each caller sees one or the other."""
    rule = simulator.faults.add("push", Drop(acted=True), probability=0.5, seed=1)
    found: list[Any] = []

    def call() -> None:
        with connected(sim) as connection:
            connection.sendall(request_to(simulator))
            found.append(connection.recv(65536)[:12])

    threads = [threading.Thread(target=call) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(b"") == rule.struck
    assert found.count(b"HTTP/1.1 200") == 40 - rule.struck
    assert 5 < rule.struck < 35
    assert bot_said(simulator) == 40
