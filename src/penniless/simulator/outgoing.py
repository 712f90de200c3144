"""HTTP to the bot: a request, the status of its answer, and connections that are kept for the next.

Law of this module: sockets and HTTP/1.1 framing, by h11; nothing of LINE, no limit but that of a
new connection, no retries, no redirects. What goes wrong is an exception that says at which stage.

A simulator may have to deliver hundreds of webhooks a second, an exchange each, and httpx takes six
to twelve times the CPU of this. It still reads the URLs, and knows which certificates to trust.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import deque
from functools import cache, lru_cache

import h11
import httpx
from msgspec import Struct

CONNECT_SECONDS = 1.95
"""For a connection with its TLS handshake: a little less than LINE waits in all."""

IDLE_SECONDS = 1.5
"""Less than servers keep one (gunicorn 2 s, Node and uvicorn 5 s), who close it without a word:
what was sent on it just then would be lost, and would look as if the bot had failed.
"""

MOST_IDLE = 100
MOST_HEAD = 100 * 1024
"""Bytes of an answer's head."""

LAST_PORT = 65535
CLOSING_SECONDS = 1.0
NEXT_ADDRESS_SECONDS = 0.25
"""A host with several addresses: when to try the next one too, as RFC 8305 recommends."""

Headers = list[tuple[str, str]]


class NotConnected(Exception):
    """There is no connection, so nothing was sent; `__cause__` says why."""


class BrokenOff(Exception):
    """The connection ended before the answer did, or what came is no HTTP."""


class Answer(Struct, frozen=True):
    """What came back: the status, and where a redirect leads, empty if it is none."""

    status: int
    location: str


class Target(Struct, frozen=True):
    """Where a URL leads: `host` as it is looked up, `path` with the query, headers of its own."""

    host: str
    port: int
    secure: bool
    path: bytes
    headers: tuple[tuple[str, str], ...]


@lru_cache(maxsize=256)
def target_of(url: str) -> Target:
    """Read a URL. Raises httpx.InvalidURL and UnicodeError for what is none."""
    read = httpx.URL(url)
    if read.scheme not in {"http", "https"} or not read.host:
        raise httpx.InvalidURL("neither http nor https, or no host")
    secure = read.scheme == "https"
    port = (443 if secure else 80) if read.port is None else read.port
    if not 0 < port <= LAST_PORT:
        raise httpx.InvalidURL("no such port")
    headers = [("Host", read.netloc.decode("ascii"))]
    if read.userinfo:
        given = base64.b64encode(f"{read.username}:{read.password}".encode()).decode()
        headers.append(("Authorization", f"Basic {given}"))
    return Target(
        host=read.raw_host.decode("ascii"),
        port=port,
        secure=secure,
        path=read.raw_path,
        headers=tuple(headers),
    )


@cache
def tls_context() -> ssl.SSLContext:
    """Loading the certificates takes longer than the start of the simulator: only for https."""
    context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    return context


class Connection(asyncio.Protocol):
    """One connection: an exchange at a time, and as many as both sides agree to.

    It is in `all_open` from when it is made until it is closed, by whichever side.
    """

    def __init__(self, all_open: set[Connection]) -> None:
        self._all_open = all_open
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)
        self._transport: asyncio.Transport | None = None
        self._ended: asyncio.Future[None] | None = None
        self._answer = Answer(0, "")
        self._left = 0
        self._idle: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def send(
        self, method: str, path: bytes, headers: Headers, body: bytes, most: int
    ) -> Answer:
        """The answer, once it was read to its end, or `most` bytes of its body.

        Below 0 its head is enough. Raises BrokenOff, and h11.LocalProtocolError for a header that
        must not be sent.
        """
        self._wait_no_more()
        pieces = (
            self._http.send(h11.Request(method=method, target=path, headers=headers)),
            self._http.send(h11.Data(data=body)),
            self._http.send(h11.EndOfMessage()),
        )
        self._ended = asyncio.get_running_loop().create_future()
        self._answer, self._left = Answer(0, ""), most
        self._write(b"".join(piece for piece in pieces if piece))
        await self._ended
        return self._answer

    def _write(self, data: bytes) -> None:
        if self._transport is None:
            self._end(BrokenOff())
        else:
            self._transport.write(data)

    def wait(self, seconds: float) -> None:
        """Close it when so many seconds are over, unless it is sent on before."""
        self._idle = asyncio.get_running_loop().call_later(seconds, self.close)

    def is_ready_again(self) -> bool:
        """Whether one more exchange may go over it."""
        said = (self._http.our_state, self._http.their_state, self._http.trailing_data[0])
        if not self.is_open or said != (h11.DONE, h11.DONE, b""):
            return False
        self._http.start_next_cycle()
        return True

    def _wait_no_more(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once, whatever is still to come."""
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._all_open.add(self)

    def data_received(self, data: bytes) -> None:
        if self._ended is None or self._ended.done():
            self.abort()  # nobody has asked for anything
            return
        self._http.receive_data(data)
        self._read_on()

    def eof_received(self) -> None:
        if self._ended is not None and not self._ended.done():
            self._http.receive_data(b"")
            self._read_on()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._wait_no_more()
        self._all_open.discard(self)
        self._end(_broken(error))
        self.lost.set_result(None)

    def _read_on(self) -> None:
        try:
            while self._takes(self._http.next_event()):
                """Until the answer has ended, or more has to come."""
        except h11.RemoteProtocolError as error:
            self._end(_broken(error))

    def _takes(self, event: h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]) -> bool:
        """Whether the next event is wanted after this one."""
        if isinstance(event, h11.Response):
            self._answer = Answer(event.status_code, _location(event))
            if self._left < 0:
                self._end()
        elif isinstance(event, h11.Data):
            self._left -= len(event.data)
            if self._left < 0:
                self._end()
        elif isinstance(event, h11.EndOfMessage):
            self._end()
        elif isinstance(event, h11.ConnectionClosed):
            self._end(BrokenOff())
        elif not isinstance(event, h11.InformationalResponse):
            return False
        return self._ended is not None and not self._ended.done()

    def _end(self, error: BrokenOff | None = None) -> None:
        if self._ended is None or self._ended.done():
            return
        if error is None:
            self._ended.set_result(None)
        else:
            self._ended.set_exception(error)


class Outgoing:
    """The connections to all bots; those that are idle are kept for a moment, then closed.

    There are as many connections as exchanges at a time; up to `most_idle` to one bot are kept,
    each for `idle_seconds`. For one event loop. `tls` is who is trusted over https: by default whom
    browsers trust.
    """

    def __init__(
        self,
        *,
        idle_seconds: float = IDLE_SECONDS,
        most_idle: int = MOST_IDLE,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._idle_seconds = idle_seconds
        self._most_idle = most_idle
        self._tls = tls
        self._idle: dict[tuple[str, int, bool], deque[Connection]] = {}
        self._open: set[Connection] = set()

    async def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes, *, most: int
    ) -> Answer:
        """Send once, and read the answer; see `Connection.send`.

        Raises NotConnected too, and what `target_of` raises.
        """
        target = target_of(url)
        wanted = [
            *target.headers,
            ("accept-encoding", "gzip"),
            ("Connection", "keep-alive"),
            *headers.items(),
            ("Content-Length", str(len(body))),
        ]
        connection = self._kept(target) or await self._connected(target)
        try:
            answer = await connection.send(method, target.path, wanted, body, most)
        except BaseException:
            connection.abort()
            raise
        self._keep(target, connection)
        return answer

    def _kept(self, target: Target) -> Connection | None:
        """The youngest idle connection that is still open."""
        idle = self._idle.get((target.host, target.port, target.secure))
        while idle:
            connection = idle.pop()
            if connection.is_open:
                return connection
        return None

    async def _connected(self, target: Target) -> Connection:
        tls = (self._tls or tls_context()) if target.secure else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self._open),
                    target.host,
                    target.port,
                    ssl=tls,
                    happy_eyeballs_delay=NEXT_ADDRESS_SECONDS,
                )
        except (OSError, UnicodeError) as error:
            raise NotConnected from error
        return connection

    def _keep(self, target: Target, connection: Connection) -> None:
        if not connection.is_ready_again():
            connection.close()
            return
        connection.wait(self._idle_seconds)
        idle = self._idle.setdefault((target.host, target.port, target.secure), deque())
        idle.append(connection)
        while idle and (len(idle) > self._most_idle or not idle[0].is_open):
            idle.popleft().close()

    async def close(self) -> None:
        """Close all connections, and wait until they are."""
        self._idle.clear()
        ending = tuple(self._open)
        for connection in ending:
            connection.close()
        if ending:
            await asyncio.wait([one.lost for one in ending], timeout=CLOSING_SECONDS)
        for connection in tuple(self._open):
            connection.abort()


def _location(response: h11.Response) -> str:
    """Where it sends its reader, with a status that does."""
    if response.status_code not in {301, 302, 303, 307, 308}:
        return ""
    found = (value for name, value in response.headers if name == b"location")
    return next(found, b"").decode("utf-8", "replace")


def _broken(cause: Exception | None) -> BrokenOff:
    broken = BrokenOff()
    broken.__cause__ = cause
    return broken
