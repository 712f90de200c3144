"""The same bot behind any ASGI server: `app = asgi_app_for(bot)`.

Plain ASGI 3 with no framework, so that it can stand alone or be mounted inside another
application. The bot works in threads; a server that stops gracefully lets begun webhooks finish.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event, Lock, Thread
from typing import Any

from penniless.bot import MAX_BODY, Bot, Response
from penniless.errors import SettingsError, StoreUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

STORE = "penniless.sqlite3"
"""The file of the embedded store, in the current folder, for a bot that brings none."""

THREADS = 256
"""Webhooks at a time. They mostly wait for a handler, until the deadline; LINE waits 2 seconds."""

RECOVER_EVERY = 30.0
"""Seconds between two looks for events that a crash or a trouble of LINE's has left open."""


class App:
    """An ASGI 3 application. An object, because frameworks take a function for something else."""

    def __init__(self, service: _Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(self._service, receive, send)
        elif scope["type"] == "http":
            await _http(self._service, scope, receive, send)
        else:
            raise ValueError(f"a bot serves http, not {scope['type']}")


def asgi_app_for(bot: Bot, *, store: str | None = STORE) -> App:
    """An ASGI application that gives every POST, on any path, to the bot.

    `store` is the SQLite file of a bot without a store of its own; None keeps the log in memory.
    A webhook is answered at the bot's deadline at the latest, and what is not done goes on.
    A missing setting or an unusable store stops the server at its start-up. Mounted inside another
    application, which passes no start-up on, it answers 500 to every webhook instead.
    """
    return App(_Service(bot, store))


class _Service:
    """The bot and the store that this way in brings; started by the server or the first webhook."""

    recover_every = RECOVER_EVERY

    def __init__(self, bot: Bot, path: str | None) -> None:
        self._bot = bot
        self._path = path
        self._brings_store = False
        self._lock = Lock()
        self.threads = ThreadPoolExecutor(THREADS, "penniless")
        self._started = False
        self._stopping = Event()

    def start(self) -> None:
        """Open what is needed, if it is not open. Raises SettingsError or StoreUnavailable."""
        with self._lock:
            if self._started:
                return
            if self._path is not None and (self._brings_store or not self._bot.has_store):
                from penniless.stores.sqlite import SQLiteStore

                self._bot.use(store=SQLiteStore(self._path))
                self._brings_store = True
            self._bot.connect()
            self._started = True
            self._stopping = Event()
            Thread(target=self._recover, args=(self._stopping,), daemon=True).start()

    def stop(self) -> None:
        with self._lock:
            self._stopping.set()
            self._bot.close()
            self._started = False

    def _recover(self, stopping: Event) -> None:
        """Take over what was left open, now and then; its own process may have left it."""
        told = False
        while not stopping.wait(self.recover_every):
            try:
                self._bot.recover()
                told = False
            except Exception as error:  # noqa: BLE001  # the next look may fare better
                if not told:
                    self._bot.complain("nothing could be recovered", error)
                told = True

    def handle(self, body: bytes, signature: str | None) -> Response:
        try:
            self.start()
            return self._bot.handle(body, signature, self._bot.deadline)
        except (SettingsError, StoreUnavailable) as error:
            logging.getLogger("penniless").error("webhook refused: %s (500)", error)
            return Response(500, "the bot cannot start")


async def _lifespan(service: _Service, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        stopping = message["type"] == "lifespan.shutdown"
        try:
            await asyncio.to_thread(service.stop if stopping else service.start)
        except Exception as error:  # noqa: BLE001  # the server has to be told of any failure
            await send({"type": f"{message['type']}.failed", "message": str(error)})
            return
        await send({"type": f"{message['type']}.complete"})
        if stopping:
            return


async def _http(service: _Service, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] != "POST":
        await _answer(send, Response(405, "a webhook is a POST"))
        return
    body = await _body(receive)
    if body is None:
        return  # the caller is gone
    work = partial(service.handle, body, _signature(scope))
    await _answer(send, await asyncio.get_running_loop().run_in_executor(service.threads, work))


async def _body(receive: Receive) -> bytes | None:
    """The whole body, or as much as shows that it is too large; None if the caller went away."""
    parts = []
    size = 0
    more = True
    while more and size <= MAX_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
    return b"".join(parts)


def _signature(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name.lower() == b"x-line-signature":
            text: str = value.decode("latin-1")
            return text
    return None


async def _answer(send: Send, response: Response) -> None:
    body = response.body.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    if response.status == 405:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
