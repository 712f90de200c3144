"""Writes that are gathered, seen from the transport below, and answers seen from a socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import httpx

from penniless.simulator.packets import Gathering


class Below(asyncio.Transport):
    """A transport that notes what it is told to do."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.told: list[bytes | str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.told.append(bytes(data))

    def close(self) -> None:
        self.told.append("close")

    def abort(self) -> None:
        self.told.append("abort")


def told(do: Callable[[Gathering], Awaitable[None]]) -> list[bytes | str]:
    """What the transport below is told, until the event loop has nothing left to do."""

    async def run() -> list[bytes | str]:
        below = Below()
        await do(Gathering(below))
        await asyncio.sleep(0)
        return below.told

    return asyncio.run(run())


def test_one_turn_is_one_write() -> None:
    """Head and body leave together, the next answer by itself, all in their order."""

    async def do(transport: Gathering) -> None:
        transport.write(b"head ")
        transport.write(b"body")
        transport.write(b"")
        await asyncio.sleep(0)
        transport.write(b"next")

    assert told(do) == [b"head body", b"next"]


def test_closing_loses_nothing() -> None:
    """What was written before leaves first."""

    async def do(transport: Gathering) -> None:
        transport.write(b"head ")
        transport.write(b"body")
        transport.close()

    assert told(do) == [b"head body", "close"]


def test_aborting_sends_nothing() -> None:
    """Not one byte of what waits."""

    async def do(transport: Gathering) -> None:
        transport.write(b"head")
        transport.abort()

    assert told(do) == ["abort"]


def test_all_else_is_the_transport_below() -> None:
    """The server sees whom it talks to."""

    async def do(transport: Gathering) -> None:
        assert transport.get_extra_info("peername") == ("127.0.0.1", 1)

    assert told(do) == []


def test_pipelined_answers_over_http(sim: httpx.Client) -> None:
    """Two requests in one packet are answered in their order, and a wish to close is heeded."""
    first = b"GET /sim/world HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    last = b"GET /nowhere HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"
    received = b""
    with socket.create_connection(("127.0.0.1", sim.base_url.port or 0), timeout=5) as caller:
        caller.sendall(first + last)
        while piece := caller.recv(65536):
            received += piece
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert received.count(b"HTTP/1.1 404 Not Found\r\n") == 1
    assert received.endswith(b'{"error":"there is nothing here"}')
