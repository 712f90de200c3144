"""HTTP to bots over connections that are kept, against servers that do all that HTTP allows."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from penniless.simulator.outgoing import BrokenOff, NotConnected, Outgoing, target_of
from tests.conftest import Serve
from tests.servers import RESET, FakeServer, Step, chunked, in_turn, raw, until

OK = raw("200 OK", b"OK")
T = TypeVar("T")
BODY = "こんにちは 🙂".encode()


def done(talk: Callable[[Outgoing], Awaitable[T]], **options: Any) -> T:
    """What comes of a talk; all connections are closed then."""

    async def run() -> T:
        client = Outgoing(**options)
        try:
            return await talk(client)
        finally:
            await client.close()

    return asyncio.run(run())


async def posted(client: Outgoing, url: str, most: int) -> int:
    """The status of one post."""
    return (await client.send("POST", url, {}, BODY, most=most)).status


def statuses(server: FakeServer, times: int = 1, most: int = 1000, **options: Any) -> list[int]:
    """The statuses of that many posts, one after the other."""

    async def talk(client: Outgoing) -> list[int]:
        return [await posted(client, server.origin, most) for _ in range(times)]

    return done(talk, **options)


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("http://127.0.0.1:3000", "127.0.0.1", 3000, b"/"),
        ("HTTP://bot.example/callback?a=1#here", "bot.example", 80, b"/callback?a=1"),
        ("https://bot.example/a b/ü", "bot.example", 443, b"/a%20b/%C3%BC"),
        ("http://[::1]:8080/", "::1", 8080, b"/"),
        ("https://ボット.example/", "xn--9ckk2d.example", 443, b"/"),
    ],
)
def test_where_a_url_leads(url: str, host: str, port: int, path: bytes) -> None:
    """Scheme, host and port as they are connected to, the path as it stands in the request."""
    target = target_of(url)
    assert (target.host, target.port, target.path) == (host, port, path)
    assert target.secure == url.startswith("https")


@pytest.mark.parametrize(
    "url",
    [
        "bot",
        "//bot/",
        "ftp://bot/",
        "http://",
        "http://[::1",
        "http://bot:0/",
        "http://bot:65536/",
    ],
)
def test_where_no_url_leads(url: str) -> None:
    """Nothing is looked up or connected to."""
    with pytest.raises(httpx.InvalidURL):
        target_of(url)


def test_a_name_and_password_in_the_url(serve: Serve) -> None:
    """They go along as basic authentication, decoded."""
    server = serve(lambda _: OK)
    url = server.origin.replace("http://", "http://me:p%40ss@")
    assert done(lambda client: posted(client, url, 9)) == 200
    assert server.received[0].headers["authorization"] == "Basic bWU6cEBzcw=="
    assert server.received[0].headers["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    "step",
    [
        OK,
        raw("200 OK", b""),
        chunked(b"O", b"K"),
        Step(b"HTTP/1.1 100 Continue\r\n\r\n" + OK.data),
        raw("204 No Content", b""),
        raw("304 Not Modified", b""),
    ],
)
def test_connections_are_kept(serve: Serve, step: Step) -> None:
    """After each whole answer the connection carries the next exchange."""
    server = serve(lambda _: step)
    assert len(set(statuses(server, times=3))) == 1
    assert server.connections == 1
    assert [one.body for one in server.received] == [BODY] * 3


@pytest.mark.parametrize(
    "step",
    [
        Step(b"HTTP/1.1 200 OK\r\n\r\nOK", close=True),
        Step(b"HTTP/1.0 200 OK\r\n\r\nOK", close=True),
        raw("200 OK", b"OK", "Connection: close"),
        Step(OK.data + b"more than was asked for"),
        Step(OK.data + OK.data),
    ],
)
def test_connections_that_carry_no_more(serve: Serve, step: Step) -> None:
    """Where the end of the answer is that of the connection, or more came, a new one is made."""
    server = serve(lambda _: step)
    assert statuses(server, times=2) == [200, 200]
    assert server.connections == 2


@pytest.mark.parametrize(
    "step",
    [
        RESET,
        Step(b"", close=True),
        Step(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", close=True),
        Step(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n20\r\nOK", close=True),
        Step(b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nabc", close=True),
        Step(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"),
        Step(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000 + b"\r\n\r\n"),
        Step(b"hello\r\n\r\n"),
    ],
)
def test_answers_that_are_none(serve: Serve, step: Step) -> None:
    """They are broken off, and the next exchange has a connection of its own."""
    server = serve(in_turn(step, OK))

    async def talk(client: Outgoing) -> int:
        with pytest.raises(BrokenOff):
            await posted(client, server.origin, 1000)
        return await posted(client, server.origin, 1000)

    assert done(talk) == 200
    assert server.connections == 2


def test_an_idle_connection_that_the_bot_closes(serve: Serve) -> None:
    """It is noticed before the next exchange, which does not fail."""
    server = serve(lambda _: OK)

    async def talk(client: Outgoing) -> list[int]:
        found = []
        for _ in range(3):
            found.append(await posted(client, server.origin, 9))
            await asyncio.to_thread(server.drop_all)
            await asyncio.sleep(0.05)
        return found

    assert done(talk) == [200, 200, 200]
    assert server.connections == 3


def test_an_idle_connection_that_is_old(serve: Serve) -> None:
    """It is closed, though nobody asks for it, and not used again."""
    server = serve(lambda _: OK)

    async def talk(client: Outgoing) -> list[int]:
        first = await posted(client, server.origin, 9)
        await asyncio.to_thread(until, lambda: server.closed == 1)
        return [first, await posted(client, server.origin, 9)]

    assert done(talk, idle_seconds=0.05) == [200, 200]
    assert server.connections == 2


def test_a_connection_in_use_is_not_idle(serve: Serve) -> None:
    """An answer may take longer than an idle connection is kept."""
    waits = iter((0.0, 0.2))

    def answering(_request: object) -> Step:
        time.sleep(next(waits))
        return OK

    server = serve(answering)
    assert statuses(server, times=2, idle_seconds=0.05) == [200, 200]
    assert server.connections == 1


def test_many_at_a_time(serve: Serve) -> None:
    """Each has a connection of its own while others wait; then all are kept, up to a bound."""
    together = threading.Barrier(40, timeout=5)

    def answering(_request: object) -> Step:
        together.wait()
        return OK

    server = serve(answering)

    async def talk(client: Outgoing) -> list[int]:
        found = []
        for _ in range(2):
            posts = (posted(client, server.origin, 9) for _ in range(40))
            found += await asyncio.gather(*posts)
        return found

    assert done(talk) == [200] * 80
    assert server.connections == 40


def test_no_more_is_kept_than_the_bound(serve: Serve) -> None:
    """The oldest idle connections are closed."""
    server = serve(lambda _: OK)

    async def talk(client: Outgoing) -> None:
        await asyncio.gather(*(posted(client, server.origin, 9) for _ in range(10)))
        await asyncio.to_thread(until, lambda: server.closed == server.connections - 2)

    done(talk, most_idle=2)


def test_an_answer_without_end(serve: Serve) -> None:
    """Its status is known, and reading stops at the bound."""
    server = serve(lambda _: Step(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000))
    assert statuses(server, times=2, most=1000) == [200, 200]
    assert server.connections == 2


def test_a_post_that_is_given_up(serve: Serve) -> None:
    """Its connection is closed at once: an answer to it can never be taken for another's."""
    server = serve(lambda _: Step(hang=True))

    async def talk(client: Outgoing) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await posted(client, server.origin, 9)
        await asyncio.to_thread(until, lambda: server.closed == 1)

    done(talk)


def test_closing_closes_everything(serve: Serve) -> None:
    server = serve(lambda _: OK)
    assert statuses(server) == [200]
    until(lambda: server.closed == 1)


@pytest.mark.parametrize("host", ["x..y", "a" * 70 + ".example"])
def test_what_cannot_be_a_host(host: str) -> None:
    """No name server is asked for it."""
    with pytest.raises(NotConnected):
        done(lambda client: posted(client, f"http://{host}/", 9))


def test_tls(serve: Serve, certificate: Path, server_tls: ssl.SSLContext) -> None:
    """Over https to a certificate that is trusted; the connection is kept, then closed."""
    server = serve(lambda _: OK, server_tls)
    trusting = ssl.create_default_context(cafile=certificate)

    async def talk(client: Outgoing) -> list[int]:
        return [await posted(client, server.origin, 9) for _ in range(3)]

    assert done(talk, tls=trusting) == [200, 200, 200]
    assert server.connections == 1
    until(lambda: server.closed == 1)


def test_a_certificate_that_is_not_trusted(serve: Serve, server_tls: ssl.SSLContext) -> None:
    """Nothing is sent."""
    server = serve(lambda _: OK, server_tls)
    with pytest.raises(NotConnected) as caught:
        done(lambda client: posted(client, server.origin, 9))
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
    assert server.received == []


@pytest.mark.parametrize(
    ("status", "location"), [("302 Found", "/there"), ("308 Again", "/there"), ("200 OK", "")]
)
def test_where_a_redirect_leads(status: str, location: str, serve: Serve) -> None:
    """It is said and not gone to; only a redirect's Location counts."""
    server = serve(lambda _: raw(status, b"moved", "Location: /there"))
    answer = done(lambda client: client.send("POST", server.origin, {}, BODY, most=9))

    assert (answer.status, answer.location) == (int(status[:3]), location)
    assert len(server.received) == 1


def test_a_head_is_enough(serve: Serve) -> None:
    """Below 0 the answer is there with its head, however long the body takes."""
    server = serve(lambda _: Step(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"))

    assert statuses(server, most=-1) == [200]
