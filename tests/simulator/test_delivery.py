"""Webhooks on their way to bots that listen, and to servers that misbehave."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from typing import Any

import h11
import pytest

from penniless.simulator import delivery
from penniless.simulator.acts import act
from penniless.simulator.clock import SystemClock
from penniless.simulator.delivery import Courier, fault_of, verdict
from penniless.simulator.outgoing import NotConnected
from penniless.simulator.records import Outcome, Webhook
from penniless.simulator.world import World
from tests.simulator.peers import StubBot, closed_port, raw_server


def deliver(webhook: Webhook, times: int = 1, **options: Any) -> list[Outcome]:
    """Deliver a webhook that many times over one pool of connections."""

    async def run() -> list[Outcome]:
        courier = Courier(SystemClock(), **options)
        try:
            return [await courier.deliver(webhook) for _ in range(times)]
        finally:
            await courier.close()

    return asyncio.run(run())


def webhook_to(world: World, url: str | None) -> Webhook:
    world.webhook_url = url
    made = act(world, {"from": "alice", "text": "こんにちは 🙂"}).webhook
    assert made is not None
    return made


def outcome_of(world: World, url: str | None, **options: Any) -> tuple[int | None, str, str]:
    (outcome,) = deliver(webhook_to(world, url), **options)
    return outcome.status, outcome.reason, outcome.detail


def test_what_the_bot_gets(world: World, bot: StubBot) -> None:
    """Exactly the bytes on record, with LINE's headers in lower case."""
    webhook = webhook_to(world, bot.url)
    (outcome,) = deliver(webhook)
    assert (outcome.status, outcome.reason, outcome.detail) == (200, "ok", "")
    assert 0 < outcome.milliseconds < 2000
    (received,) = bot.received
    assert received.path == "/callback"
    assert received.body == webhook.raw.encode()
    headers = {name.lower(): value for name, value in received.headers}
    assert headers["x-line-signature"] == webhook.headers["x-line-signature"]
    assert headers["user-agent"] == "LineBotWebhook/2.0"
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["content-length"] == str(len(webhook.raw.encode()))
    assert set(headers) == {
        "host",
        "accept-encoding",
        "connection",
        "content-type",
        "user-agent",
        "x-line-signature",
        "content-length",
    }


def test_the_signature_header_is_lower_case(world: World) -> None:
    """On the wire, before any server has had its way with the names."""
    seen: list[bytes] = []

    def speak(connection: socket.socket) -> None:
        while b"\r\n\r\n" not in b"".join(seen):
            seen.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

    with raw_server(speak) as url:
        assert outcome_of(world, url)[1] == "ok"
    head = b"".join(seen).partition(b"\r\n\r\n")[0]
    assert b"\r\nx-line-signature: " in head
    assert b"\r\nuser-agent: LineBotWebhook/2.0" in head


def test_connections_are_kept(world: World) -> None:
    """Several webhooks go over one connection."""
    connections: list[int] = []

    def speak(connection: socket.socket) -> None:
        connections.append(1)
        for _ in range(3):
            length = len(webhook.raw.encode())
            received = b""
            while len(received.partition(b"\r\n\r\n")[2]) < length:
                received += connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK")

    webhook = webhook_to(world, None)
    with raw_server(speak) as url:
        webhook.url = url
        assert [one.reason for one in deliver(webhook, times=3)] == ["ok"] * 3
    assert connections == [1]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, (200, "ok", "")),
        (204, (204, "ok", "204: LINE asks for exactly 200")),
        (302, (302, "error_status_code", "302")),
        (404, (404, "error_status_code", "404")),
        (500, (500, "error_status_code", "500")),
    ],
)
def test_statuses(world: World, bot: StubBot, status: int, expected: tuple[int, str, str]) -> None:
    """Any 2xx is no error; redirects are errors and are not followed."""
    bot.behave = lambda _: (status, {"location": bot.url})
    assert outcome_of(world, bot.url) == expected
    assert len(bot.received) == 1


def test_a_closed_port(world: World) -> None:
    url = f"http://127.0.0.1:{closed_port()}/"
    assert outcome_of(world, url) == (None, "could_not_connect", "Connection failed")


def test_tls_where_there_is_none(world: World, bot: StubBot) -> None:
    """An https URL at a server that speaks plain HTTP."""
    url = bot.url.replace("http", "https", 1)
    status, reason, detail = outcome_of(world, url)
    assert (status, reason) == (None, "could_not_connect")
    assert detail in {"No SSL/TLS record", "TLS handshake failure"}


def test_a_certificate_of_nobody(world: World) -> None:
    """A server that closes during the handshake."""
    with raw_server(lambda connection: connection.close()) as url:
        outcome = outcome_of(world, url.replace("http", "https", 1))
    assert outcome == (None, "could_not_connect", "TLS handshake failure")


@pytest.mark.parametrize(
    "url",
    ["not a url", "ftp://127.0.0.1/", "http://", "http://[::1", "//x", "http://127.0.0.1:70000/"],
)
def test_what_is_no_url(world: World, url: str) -> None:
    status, reason, detail = outcome_of(world, url)
    assert (status, reason, detail) == (None, "could_not_connect", "Invalid URL syntax")


def test_no_url_is_set(world: World) -> None:
    status, reason, detail = outcome_of(world, None)
    assert (status, reason) == (None, "could_not_connect")
    assert "no webhook URL is set" in detail


@pytest.mark.parametrize(
    ("cause", "detail"),
    [
        (socket.gaierror(-2, "Name or service not known"), "Unknown host"),
        (UnicodeError("label empty or too long"), "Unknown host"),
        (TimeoutError(), "Connection timeout"),
        (ConnectionRefusedError(), "Connection failed"),
        (OSError("Multiple exceptions"), "Connection failed"),
        (ssl.SSLCertVerificationError(), "TLS handshake failure"),
        (ConnectionResetError(), "TLS handshake failure"),
    ],
)
def test_why_there_is_no_connection(cause: Exception, detail: str) -> None:
    """LINE's details for what resolver, network and TLS say."""
    try:
        raise NotConnected from cause
    except NotConnected as error:
        fault = fault_of(error)
    assert fault == ("could_not_connect", detail)


def test_a_server_that_never_answers(world: World) -> None:
    """After the limit the webhook is given up, however slowly the answer trickles in."""

    def speak(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        try:
            for _ in range(100):
                connection.sendall(b"x")
                time.sleep(0.02)
        except OSError:
            """The simulator has hung up."""

    with raw_server(speak) as url:
        expected = (None, "request_timeout", "Request timeout")
        assert outcome_of(world, url, seconds=0.2) == expected


def test_the_limit_is_two_seconds() -> None:
    assert delivery.LIMIT_SECONDS == 2.0


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", b"hello\r\n\r\n"]
)
def test_a_server_that_breaks_off(world: World, answer: bytes) -> None:
    """Closed without an answer, in the middle of one, or with something that is no HTTP."""

    def speak(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    with raw_server(speak) as url:
        assert outcome_of(world, url) == (None, "unclassified", "Session closed unexpectedly")


def test_a_server_that_talks_for_ever(world: World) -> None:
    """The answer's body is read up to a bound, and then no more."""

    def speak(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000)

    with raw_server(speak) as url:
        assert outcome_of(world, url, body_read=1000) == (200, "ok", "")


def test_anything_else_is_unclassified() -> None:
    expected = ("unclassified", "Unclassified webhook dispatch error")
    assert fault_of(h11.LocalProtocolError("x")) == expected


def test_a_verdict_on_each_status() -> None:
    """Exactly the 2xx are no errors."""
    good = [status for status in range(100, 600) if verdict(status)[0] == "ok"]
    assert good == list(range(200, 300))


def test_the_body_on_record_is_the_body_that_was_posted(world: World, bot: StubBot) -> None:
    """What the inspector shows as JSON is what the raw text says."""
    webhook = webhook_to(world, bot.url)
    deliver(webhook)
    assert json.loads(bot.received[0].body) == webhook.body
