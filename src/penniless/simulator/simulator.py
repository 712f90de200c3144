"""The simulator as a whole: a world, the delivery of its webhooks, and the news of it.

Law of this module: it holds the parts together while a server runs. The world is only touched from
the server's event loop; methods that other threads may call say so.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from penniless.simulator.clock import Clock
from penniless.simulator.delivery import NO_URL, Courier
from penniless.simulator.records import Entry, Webhook
from penniless.simulator.stream import Broadcaster
from penniless.simulator.world import World

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from penniless.ports import Store


class Simulator:
    """One simulated channel with its world, ready to be served.

    `channel_secret` and `channel_access_token` are made up where they are not given. `webhook` is
    the bot's URL. `log` is the bot's own store, shown read-only. `allow_http` accepts http URLs of
    this computer in messages. `quota` is the month's messages, None for no limit.
    """

    def __init__(
        self,
        channel_secret: str | None = None,
        channel_access_token: str | None = None,
        webhook: str | None = None,
        *,
        log: Store | None = None,
        clock: Clock | None = None,
        name: str = "Bot",
        allow_http: bool = False,
        reply_token_seconds: float = 60,
        quota: int | None = 200,
    ) -> None:
        self.world = World(
            clock=clock,
            channel_secret=channel_secret,
            channel_access_token=channel_access_token,
            webhook=webhook,
            name=name,
            quota=quota,
            reply_token_seconds=reply_token_seconds,
            allow_http=allow_http,
        )
        self.log = log
        self.world.has_log = log is not None
        self.news = Broadcaster()
        self.started = threading.Event()
        self.open_to_all_hosts = False
        self._courier: Courier | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Webhook]] = set()
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        self.world.listeners += [self._tell, self._wake]

    def __repr__(self) -> str:
        return f"<Simulator {self.world!r}>"

    @property
    def channel_secret(self) -> str:
        return self.world.channel_secret

    @property
    def channel_access_token(self) -> str:
        return self.world.channel_access_token

    @cached_property
    def app(self) -> Starlette:
        """The Starlette application: the Messaging API, /sim and the chat page on one port."""
        from penniless.simulator.server import application

        return application(self)

    def set_bot_status(self, status: str, detail: str = "") -> None:
        """How the bot fares: `running`, `starting`, `failed`, `external`. From any thread."""
        self._in_loop(lambda: self.world.set_bot_status(status, detail))

    def set_webhook(self, url: str | None) -> None:
        """Point the webhook somewhere else. From any thread."""
        self._in_loop(lambda: self.world.set_webhook(url))

    # The server's side

    def start(self) -> None:
        """The server has started, in the running event loop."""
        self._courier = Courier(self.world.clock)
        self._loop = asyncio.get_running_loop()
        self.news.open()
        self.started.set()

    async def stop(self) -> None:
        """The server ends: no stream and no delivery may outlive it."""
        self.started.clear()
        self.news.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._courier is not None:
            await self._courier.close()
        self._courier = self._loop = None

    def end_streams(self) -> None:
        """End whatever waits for news, so that the server can stop. From any thread."""
        self._in_loop(self._end_waiting)

    def _end_waiting(self) -> None:
        self.news.close()
        for chat in tuple(self._waiting):
            self._wake_chat(chat)

    async def deliver(self, webhook: Webhook) -> Webhook:
        """Deliver a webhook and settle it."""
        outcome = NO_URL if self._courier is None else await self._courier.deliver(webhook)
        return self.world.settle(webhook, outcome)

    def deliver_soon(self, webhook: Webhook) -> None:
        """Deliver without waiting for it."""
        task = asyncio.get_running_loop().create_task(self.deliver(webhook))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def next_bot_entry(self, chat: str) -> None:
        """Wait until the bot says something in that chat."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(chat, []).append(waiting)
        try:
            await waiting
        finally:
            left = [one for one in self._waiting.get(chat, []) if one is not waiting]
            if left:
                self._waiting[chat] = left
            else:
                self._waiting.pop(chat, None)

    def _wake(self, kind: str, value: Any) -> None:
        if kind == "entry" and isinstance(value, Entry) and value.side == "bot":
            self._wake_chat(value.chat)

    def _wake_chat(self, chat: str) -> None:
        for waiting in self._waiting.get(chat, []):
            if not waiting.done():
                waiting.set_result(None)

    def _tell(self, kind: str, value: Any) -> None:
        if kind != "log" or self.log is not None:
            self.news.tell(kind, value)

    def _in_loop(self, do: Callable[[], None]) -> None:
        """Run in the server's loop if it runs, else at once: the world has one thread at a time."""
        loop = self._loop
        if loop is None or loop.is_closed():
            do()
        else:
            loop.call_soon_threadsafe(do)
