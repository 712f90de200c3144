"""HTTP/1.1 with as little work as Python can do: for the peers that are not what is measured.

It knows requests and answers with a Content-Length over connections that are kept, and no others.
"""

from __future__ import annotations

import asyncio
import re

LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


def post(target: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """A whole POST of JSON."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    head = (
        f"POST {target} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n{lines}\r\n"
    )
    return head.encode() + body


class Messages(asyncio.Protocol):
    """Cuts what comes in into messages: `message(head, body)`."""

    def __init__(self) -> None:
        self._held = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._held += data
        while True:
            end = self._held.find(b"\r\n\r\n") + 4
            if end < 4:
                return
            head = self._held[:end]
            length = LENGTH.search(head)
            whole = end + (int(length[1]) if length else 0)
            if len(self._held) < whole:
                return
            body, self._held = self._held[end:whole], self._held[whole:]
            self.message(head, body)

    def message(self, head: bytes, body: bytes) -> None:
        raise NotImplementedError


class Line(Messages):
    """A connection to a server: one request at a time, and its answer."""

    def __init__(self) -> None:
        super().__init__()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    @classmethod
    async def to(cls, port: int) -> Line:
        _, line = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return line

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self.write(request)
        return await self._answer

    def message(self, head: bytes, body: bytes) -> None:
        assert self._answer is not None
        self._answer.set_result((int(head[9:12]), body))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("closed without an answer"))


class Lines:
    """As many connections to a server as there are requests at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[Line] = []

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        line = self._idle.pop() if self._idle else await Line.to(self._port)
        answer = await line.ask(request)
        self._idle.append(line)
        return answer
