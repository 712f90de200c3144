"""The simulator on one port: the Messaging API, /sim, the chat page.

Law of this module: HTTP in and out, who may talk to us, and the server's life. What is answered is
decided elsewhere.
"""

from __future__ import annotations

import contextlib
import mimetypes
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import uvicorn
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penniless.simulator import api, breaking, control, exchange
from penniless.simulator.addresses import is_loopback

if TYPE_CHECKING:
    from penniless.simulator.simulator import Simulator

PAGE = Path(__file__).with_name("page")
# Some machines think that JavaScript is plain text, and nosniff then keeps it from running.
mimetypes.add_type("text/javascript", ".js")
API_PREFIXES = ("/v2/", "/oauth2/", "/bot/")
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' https: data: blob:",
        "media-src 'self' https: data: blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
LOCAL_PICTURES = "http://127.0.0.1:* http://localhost:*"
"""Where pictures may come from too, once http was allowed."""

GUARD_HEADERS = {
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}
_GUARDS = tuple((name.encode(), value.encode()) for name, value in GUARD_HEADERS.items())


def application(simulator: Simulator) -> Starlette:
    """The ASGI application of a simulator."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        simulator.start()
        try:
            yield
        finally:
            await simulator.stop()

    app = Starlette(
        routes=[
            *control.routes(simulator),
            Route("/sim/events", _events(simulator), methods=["GET"]),
            Route("/", _page(simulator), methods=["GET"]),
            Mount("/page", StaticFiles(directory=PAGE, check_dir=False)),
        ],
        lifespan=lifespan,
        exception_handlers={HTTPException: _http_error},
    )
    app.add_middleware(_Doors, simulator=simulator)
    return app


class _Doors:
    """Sends API calls straight to the API, and keeps strangers away from everything else.

    A page on another site must not talk to a developer's simulator: the browser tells its Origin,
    and a name that only pretends to be this computer (DNS rebinding) shows in Host.
    """

    def __init__(self, app: ASGIApp, simulator: Simulator) -> None:
        self.app = app
        self.simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if f"/{scope['path'].lstrip('/')}".startswith(API_PREFIXES):
            await _call_api(self.simulator, scope, receive, send)
            return
        denied = _denied(scope, self.simulator)
        if denied:
            await _error(403, denied)(scope, receive, _guarded(send))
            return
        await self.app(scope, receive, _guarded(send))


def _guarded(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            have = {name for name, _ in message["headers"]}
            missing = (guard for guard in _GUARDS if guard[0] not in have)
            message["headers"] = [*message["headers"], *missing]
        await send(message)

    return guarded


def _denied(scope: Scope, simulator: Simulator) -> str:
    """Why this request may not come in; empty if it may."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get("host", "")
    if not simulator.open_to_all_hosts and not is_loopback(_host_name(host)):
        return "This simulator answers on this computer only: use http://127.0.0.1 or localhost."
    if scope["method"] in {"GET", "HEAD"}:
        return ""
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2] != host:
        return "Only the simulator's own page may drive it."
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return "Only the simulator's own page may drive it."
    return ""


def _host_name(host: str) -> str:
    """`localhost:8080` and `[::1]:8080` without the port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


async def _call_api(simulator: Simulator, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        body = await _read(receive)
    except ClientDisconnect:
        return
    request = exchange.Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers={
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        },
        body=body,
    )
    response = api.answer(simulator.world, request)
    if response.awaits is not None:
        await simulator.deliver(response.awaits)
        response = api.after_delivery(simulator.world, response)
    for webhook in response.deliver:
        simulator.deliver_soon(webhook)
    if response.fault is not None and await breaking.breaks_off(
        response.fault, scope, receive, simulator.ending
    ):
        return
    await Response(response.body, response.status, response.headers)(scope, receive, send)


async def _read(receive: Receive) -> bytes:
    """The body; what goes beyond LINE's limit is counted and dropped."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece = message.get("body", b"")
        if size <= api.MOST_BYTES:
            pieces.append(piece)
        size += len(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


def _events(simulator: Simulator) -> Any:
    async def endpoint(request: Request) -> Response:
        seen = request.headers.get("last-event-id", "")
        last = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 18 else None

        async def lines() -> AsyncIterator[dict[str, str]]:
            async for number, kind, value in simulator.news.watch(last):
                shown = control.world_shown(value) if kind == "world" else value
                data = msgspec.json.encode(shown).decode()
                yield {"id": str(number), "event": kind, "data": data}

        return EventSourceResponse(lines(), ping=15, sep="\n")

    return endpoint


def _page(simulator: Simulator) -> Any:
    policy = CONTENT_SECURITY_POLICY
    if simulator.world.allow_http:
        policy = policy.replace(" https:", f" https: {LOCAL_PICTURES}")

    async def endpoint(_request: Request) -> Response:
        if not (PAGE / "index.html").is_file():
            return _error(404, "The chat page is not part of this installation.")
        return FileResponse(
            PAGE / "index.html",
            media_type="text/html",
            headers={"content-security-policy": policy},
        )

    return endpoint


async def _http_error(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    sentences = {404: "there is nothing here", 405: "this path does not take that method"}
    return _error(status, sentences.get(status, "that did not work"))


def _error(status: int, sentence: str) -> Response:
    return Response(msgspec.json.encode({"error": sentence}), status, media_type="application/json")


@contextlib.contextmanager
def serving(simulator: Simulator, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve in a thread of its own; gives the address, such as `http://127.0.0.1:8080`.

    `port` 0 takes any free one. Raises OSError if the port is taken. A host that is not this
    computer's own opens the simulator to everybody who can reach it: nothing but your network
    keeps them out.
    """
    listener = listen(host, port)
    simulator.open_to_all_hosts = not is_loopback(host)
    config = uvicorn.Config(
        simulator.app,
        http=breaking.protocol_class(),
        log_level="warning",
        access_log=False,
        lifespan="on",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="simulator", daemon=True
    )
    thread.start()
    try:
        while not simulator.started.wait(timeout=0.05):
            if not thread.is_alive():
                raise RuntimeError("the simulator did not start")
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{listener.getsockname()[1]}"
    finally:
        simulator.end_streams()
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named: else 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener
