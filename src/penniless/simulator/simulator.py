"""The simulator as a whole: a world, the delivery of its webhooks, and the news of it.

Law of this module: it holds the parts together while a server runs. The world is only touched from
the server's event loop; methods that other threads may call say so.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from penniless.simulator import fates
from penniless.simulator import guesses as guessing
from penniless.simulator.clock import Clock
from penniless.simulator.delivery import LIMIT_SECONDS, NO_URL, Courier
from penniless.simulator.faults import Effect, Faults, Late, Latency, Lost, Reorder
from penniless.simulator.records import Entry, Outcome, Webhook
from penniless.simulator.stream import Broadcaster
from penniless.simulator.world import CHANNEL_ID, World

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from penniless.ports import Store


class Simulator:
    """One simulated channel with its world, ready to be served.

    `channel_secret` and `channel_access_token` are made up where they are not given. `webhook` is
    the bot's URL. `channel_id` is asked for where access tokens are issued. `log` is the bot's own
    store, shown read-only. `allow_http` accepts http URLs of this computer in messages. `quota` is
    the month's messages, None for no limit.

    With `redelivery`, which LINE has switched off too, a webhook that got no 2xx goes out again:
    `redelivery_schedule` is the seconds from each failure to the next try. `rate_limits` are
    LINE's. `webhook_seconds` is how long an answer may take: LINE waits two seconds.

    `guesses` answers what LINE leaves open, such as `{"replyTokenSeconds": 30}`: see `guesses`.
    Raises SettingsError for a guess that there is not.
    """

    def __init__(
        self,
        channel_secret: str | None = None,
        channel_access_token: str | None = None,
        webhook: str | None = None,
        *,
        channel_id: str = CHANNEL_ID,
        log: Store | None = None,
        clock: Clock | None = None,
        name: str = "Bot",
        allow_http: bool = False,
        quota: int | None = 200,
        redelivery: bool = False,
        redelivery_schedule: Sequence[float] = fates.SCHEDULE,
        rate_limits: bool = True,
        webhook_seconds: float = LIMIT_SECONDS,
        guesses: Mapping[str, guessing.Value] | None = None,
    ) -> None:
        self.world = World(
            clock=clock,
            channel_secret=channel_secret,
            channel_access_token=channel_access_token,
            webhook=webhook,
            channel_id=channel_id,
            name=name,
            quota=quota,
            allow_http=allow_http,
            guesses=guessing.changed(guessing.Guesses(), guesses or {}),
        )
        self.world.set_redelivery(on=redelivery, schedule=fates.schedule_from(redelivery_schedule))
        self.world.rate_limits = rate_limits
        self.webhook_seconds = webhook_seconds
        self.log = log
        self.world.has_log = log is not None
        self.news = Broadcaster()
        self.started = threading.Event()
        self.ending = asyncio.Event()
        self.open_to_all_hosts = False
        self._courier: Courier | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Webhook]] = set()
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self.world.listeners += [self._tell, self._wake]
        self.world.clock.when_moved(lambda: self._in_loop(self.send_due))

    def __repr__(self) -> str:
        return f"<Simulator {self.world!r}>"

    @property
    def channel_secret(self) -> str:
        return self.world.channel_secret

    @property
    def channel_access_token(self) -> str:
        return self.world.channel_access_token

    @property
    def faults(self) -> Faults:
        """What goes wrong on purpose: `simulator.faults.add("reply", Status(500))`."""
        return self.world.faults

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

    def set_redelivery(self, on: bool, schedule: Sequence[float] | None = None) -> None:  # noqa: FBT001 - reads well
        """Switch the redelivery of failed webhooks. From any thread.

        `schedule` is the seconds from each failure to the next try. Raises ValueError for a
        schedule without sense.
        """
        checked = None if schedule is None else fates.schedule_from(schedule)
        self._in_loop(lambda: self.world.set_redelivery(on=on, schedule=checked))

    def set_rate_limits(self, on: bool) -> None:  # noqa: FBT001 - reads well
        """Switch LINE's rate limits. From any thread."""
        self._in_loop(lambda: self.world.set_rate_limits(on=on))

    def set_guesses(self, guesses: Mapping[str, guessing.Value]) -> None:
        """Change those guesses. From any thread. Raises SettingsError, as the constructor."""
        values = guessing.checked(guesses)
        world = self.world
        self._in_loop(lambda: world.set_guesses(guessing.changed(world.guesses, values)))

    # The server's side

    def start(self) -> None:
        """The server has started, in the running event loop."""
        self._courier = Courier(self.world.clock, seconds=self.webhook_seconds)
        self._loop = asyncio.get_running_loop()
        self.ending = asyncio.Event()
        self.news.open()
        self.started.set()
        self.send_due()

    async def stop(self) -> None:
        """The server ends: no stream and no delivery may outlive it."""
        self.started.clear()
        self._end_waiting()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._courier is not None:
            await self._courier.close()
        self._courier = self._loop = None

    def _stop_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def end_streams(self) -> None:
        """End whatever waits for news, so that the server can stop. From any thread."""
        self._in_loop(self._end_waiting)

    def _end_waiting(self) -> None:
        self.ending.set()
        self._stop_alarm()
        self.news.close()
        for chat in tuple(self._waiting):
            self._wake_chat(chat)

    async def deliver(self, webhook: Webhook) -> Webhook:
        """Deliver a webhook and settle it. One that a fault holds back is not settled yet."""
        effect = fates.meets(self.world, webhook)
        if isinstance(effect, Reorder):
            self.send_due()
            return webhook
        if effect is not None:
            self.send_due()
        self.world.settle(webhook, await self._outcome(webhook, effect))
        if len(self.world.timetable):
            self.send_due()
        return webhook

    async def _outcome(self, webhook: Webhook, effect: Effect | None) -> Outcome:
        if self._courier is None:
            return NO_URL
        unsent = fates.unsent(self.world, webhook)
        if unsent is not None:
            return unsent
        if isinstance(effect, Lost):
            return fates.LOST
        return await self._courier.deliver(
            webhook,
            guesses=self.world.guesses,
            on_the_way=effect.seconds if isinstance(effect, Latency) else 0.0,
            on_the_way_back=effect.seconds if isinstance(effect, Late) else 0.0,
        )

    def send_due(self) -> None:
        """Deliver what is due by the world's clock, and come back for what is due next."""
        self._stop_alarm()
        if self._loop is None or self.ending.is_set():
            return
        for webhook in fates.due(self.world):
            self.deliver_soon(webhook)
        following = self.world.timetable.next()
        seconds = None if following is None else self.world.clock.seconds_until(following)
        if seconds is not None:
            self._alarm = self._loop.call_later(seconds, self.send_due)

    def deliver_soon(self, webhook: Webhook) -> None:
        """Deliver without waiting for it."""
        task = asyncio.get_running_loop().create_task(self.deliver(webhook))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def next_bot_entry(self, chats: Sequence[str]) -> None:
        """Wait until the bot says something in one of those chats."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for chat in chats:
            self._waiting.setdefault(chat, []).append(waiting)
        try:
            await waiting
        finally:
            for chat in chats:
                self._wait_no_more(chat, waiting)

    def _wait_no_more(self, chat: str, waiting: asyncio.Future[None]) -> None:
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
