"""Answers that come late or not at all, for real: at the socket.

Law of this module: it waits and it closes connections, as a fault says; which fault meets which
call is decided in `faults`. An ASGI application cannot close a connection without an answer - if it
returns or raises early, the server sends a 500. So the protocol of the server is put into the
application's state, and its transport is aborted: not one byte is sent.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from starlette.types import Receive, Scope
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from penniless.simulator.faults import Drop, Effect, Latency, Timeout
from penniless.simulator.packets import Gathering

CONNECTION = "penniless.connection"


def protocol_class() -> type[asyncio.Protocol]:
    """Uvicorn's protocol, with connections that the application can abort."""
    chosen: Any = AutoHTTPProtocol

    class Breakable(chosen):  # type: ignore[misc]
        """Its requests find the protocol itself in their state; its answers leave in one piece."""

        def __init__(self, *args: Any, app_state: dict[str, Any], **options: Any) -> None:
            super().__init__(*args, app_state={**app_state, CONNECTION: self}, **options)

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(Gathering(transport))

    return cast("type[asyncio.Protocol]", Breakable)


async def breaks_off(fault: Effect, scope: Scope, receive: Receive, ending: asyncio.Event) -> bool:
    """Do to a call what the fault says; true if its connection was closed without an answer.

    Waiting ends when the caller hangs up, or when the server ends.
    """
    if isinstance(fault, Latency | Timeout):
        await _wait(fault.seconds, receive, ending)
    if isinstance(fault, Drop | Timeout):
        await _abort(scope, receive)
        return True
    return False


async def _wait(seconds: float, receive: Receive, ending: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(one) for one in (_hung_up(receive), ending.wait())]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()


async def _abort(scope: Scope, receive: Receive) -> None:
    """Close the connection now, and wait until the server knows, or it would answer 500."""
    scope["state"][CONNECTION].transport.abort()
    await _hung_up(receive)


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        """The body was read before; nothing else can come."""
