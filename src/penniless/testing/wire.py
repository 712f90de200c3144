"""The real LINE client without sockets: its requests are answered by the simulated LINE at once.

Law of this module: bytes of HTTP on both sides, so that everything else of the client - tokens,
retries, what a status means - is what runs in production. Time is the test's: a fault that keeps
the client waiting moves the clock and nothing else.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPResponse
from typing import Any, cast
from urllib.parse import unquote

from penniless.connections import Answer, Broken, Limits, Pool, Request, parse_origin
from penniless.line.calls import Calls
from penniless.line.client import LineClient
from penniless.simulator.exchange import Request as Asked
from penniless.simulator.exchange import Response as Given
from penniless.simulator.faults import Drop, Latency, Timeout

ORIGIN = "https://api.line.me"
CLOSED = "the connection was closed without an answer"

Ask = Callable[[Asked], Given]
Pass = Callable[[float], None]


class ClientInProcess(LineClient):
    """A `LineClient` whose calls go to `ask`. `waits` is told of every second it would wait."""

    def __init__(self, token: str, ask: Ask, waits: Pass) -> None:
        self._calls = _Calls(token, _Pool(ask, waits), waits)


class _Calls(Calls):
    def __init__(self, token: str, pool: Pool, waits: Pass) -> None:
        origins = {"api": ORIGIN, "data": ORIGIN}
        super().__init__(
            token, origins, limits=Limits(3.0, 10.0), attempts=3, keep_alive=0, sleep=waits
        )
        self._pools = dict.fromkeys(origins, pool)


class _Pool(Pool):
    """No connections: each exchange is a call of a function."""

    def __init__(self, ask: Ask, waits: Pass) -> None:
        super().__init__(parse_origin(ORIGIN), keep_alive=0)
        self._ask = ask
        self._waits = waits

    def exchange(self, request: Request, limits: Limits) -> Answer | Broken:
        made = self._ask(_asked(request))
        broken = self._broken(made, limits)
        if broken is not None:
            return broken
        response = HTTPResponse(_Line(_written(made)).as_socket(), method=request.method)
        response.begin()
        return Answer(self, _Line(b"").as_socket(), response)

    def _broken(self, made: Given, limits: Limits) -> Broken | None:
        """What a fault does to the answer on its way."""
        fault, patience = made.fault, limits.left(limits.read)
        if isinstance(fault, Drop):
            return Broken(CLOSED, maybe_received=True)
        if isinstance(fault, Latency | Timeout):
            self._waits(min(fault.seconds, patience))
            if fault.seconds >= patience:
                return Broken("timed out", maybe_received=True)
            if isinstance(fault, Timeout):
                return Broken(CLOSED, maybe_received=True)
        return None

    def warm(self, _limits: Limits) -> Broken | None:
        """There is nothing to open."""
        return None

    def keep(self, _sock: object) -> None:
        """There is nothing to keep."""


class _Line:
    """As much of a socket as the reader of an HTTP answer needs."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def as_socket(self) -> Any:
        return cast("Any", self)

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)

    def close(self) -> None:
        """There is nothing to close."""


def _asked(request: Request) -> Asked:
    path, _, query = request.target.partition("?")
    lines = request.head.decode("latin-1").split("\r\n")[1:]
    headers = (line.partition(":") for line in lines if line)
    return Asked(
        method=request.method,
        path=unquote(path),
        query=query,
        headers={name.lower(): value.strip() for name, _, value in headers},
        body=request.body,
    )


def _written(made: Given) -> bytes:
    phrase = HTTPStatus(made.status).phrase
    headers = {**made.headers, "content-length": str(len(made.body))}
    lines = [f"HTTP/1.1 {made.status} {phrase}", *(f"{name}: {headers[name]}" for name in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + made.body
