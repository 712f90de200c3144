"""A bot of Penniless in the test's own process: no sockets, no waiting, one event after the other.

Law of this module: the only place that reaches into a bot. Webhooks are signed and handed to
`Bot.handle`, the bot's calls come back through its real client, its clock is the test's. LINE's two
seconds are counted on that clock too, so a breakpoint breaks nothing.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from threading import Event as Flag
from threading import RLock
from typing import TypeVar

from penniless.bot import LINE_WAITS, Bot
from penniless.errors import LineError
from penniless.simulator import api, exchange, fates
from penniless.simulator.faults import Effect, Late, Latency, Lost, Reorder
from penniless.simulator.records import Call, Outcome, Webhook
from penniless.simulator.world import World
from penniless.stores.memory import MemoryStore
from penniless.testing.clock import Clock
from penniless.testing.wire import ClientInProcess

_T = TypeVar("_T")

PATIENCE = 60.0
"""Seconds, real ones, that a test waits for a handler."""

TICK = 1_000
"""Milliseconds between two looks of the bot at work that goes on."""

TOO_LATE = "request_timeout", "Request timeout"


class Inside:
    """The carrier of a bot in this process."""

    patience = 0.0

    def __init__(self, world: World, clock: Clock, bot: Bot) -> None:
        self.world = world
        self.store = MemoryStore()
        self._clock = clock
        self._bot = bot
        self._lock = RLock()
        self._waiting: deque[Webhook] = deque()
        self._under_way: _UnderWay | None = None
        self._complaints = _Complaints()
        self._raised_up_to = 0
        self.raises = True
        clock.guide = self._travel
        logging.getLogger("penniless").addHandler(self._complaints)
        self._set_up()

    def _set_up(self) -> None:
        world = self.world
        client = ClientInProcess(world.channel_access_token, self._answer, self._clock.sleep)
        self._bot.use(
            channel_secret=world.channel_secret,
            channel_access_token=world.channel_access_token,
            store=self.store,
            line=client,
            full_errors=True,
            clock=self._clock.now,
            sleep=self._clock.sleep,
        )

    def close(self) -> None:
        logging.getLogger("penniless").removeHandler(self._complaints)
        self._bot.close()

    def do(self, what: Callable[[], _T]) -> _T:
        with self._lock:
            return what()

    # LINE's side

    def deliver(self, webhook: Webhook) -> None:
        self._waiting.append(webhook)
        if self._under_way is None:
            self._deliver_all()
            self._raise()

    def _deliver_all(self) -> None:
        """Deliver what waits, and what is due because of it."""
        while True:
            with self._lock:
                self._waiting.extend(fates.due(self.world))
            if not self._waiting:
                return
            webhook = self._waiting.popleft()
            with self._lock:
                effect = fates.meets(self.world, webhook)
            if not isinstance(effect, Reorder):
                self._deliver(webhook, effect)

    def _deliver(self, webhook: Webhook, effect: Effect | None) -> None:
        try:
            self._settle(webhook, self._outcome(webhook, effect))
            if not self._bot.wait(PATIENCE):
                raise AssertionError(f"the bot is still at work after {PATIENCE:.0f} seconds")
        finally:
            self._under_way = None

    def _settle(self, webhook: Webhook, outcome: Outcome) -> None:
        with self._lock:
            self.world.settle(webhook, outcome)

    def _outcome(self, webhook: Webhook, effect: Effect | None) -> Outcome:
        unsent = fates.unsent(self.world, webhook)
        if unsent is not None:
            return unsent
        if isinstance(effect, Lost):
            return fates.LOST
        started = self._clock.now()
        if isinstance(effect, Latency):
            self._clock.move(round(min(effect.seconds, LINE_WAITS) * 1000))
        if self._clock.now() - started >= LINE_WAITS * 1000:
            return _outcome_of(None, self._clock.now() - started)
        status, answered_at = self._handled(webhook)
        back = round(effect.seconds * 1000) if isinstance(effect, Late) else 0
        return _outcome_of(status, answered_at - started + back)

    def _handled(self, webhook: Webhook) -> tuple[int, int]:
        """The status that the bot answers, and when it does."""
        bot = self._bot
        deadline = bot.deadline if bot.may_be_slow else None
        under_way = self._under_way = _UnderWay(self._clock.now(), deadline)
        signature = webhook.headers["x-line-signature"]
        try:
            status = bot.handle(webhook.raw.encode(), signature, deadline).status
            return status, min(self._clock.now(), under_way.ends)
        finally:
            under_way.answered.set()

    def _raise(self) -> None:
        """Raise what a handler raised; what a fault on purpose has caused is no surprise."""
        errors, self._complaints.errors = self._complaints.errors, []
        with self._lock:
            wire = list(self.world.wire_since(self._raised_up_to))
            self._raised_up_to = self.world.next_seq()
        on_purpose = any(isinstance(one, Call) and one.fault for one in wire)
        for error in errors:
            if self.raises and not (on_purpose and isinstance(error, LineError)):
                raise error

    def _answer(self, request: exchange.Request) -> exchange.Response:
        """Answer a call of the bot's, from whatever thread."""
        with self._lock:
            response = api.answer(self.world, request)
            self._waiting.extend(response.deliver)
        if response.awaits is not None:
            test = response.awaits
            signature = test.headers["x-line-signature"]
            status = self._bot.handle(test.raw.encode(), signature).status
            self._settle(test, _outcome_of(status, 0))
            with self._lock:
                response = api.after_delivery(self.world, response)
        return response

    # Time

    def _travel(self, by: int) -> None:
        if self._under_way is not None:
            self._pass(by, self._under_way)
            return
        until = self._clock.now() + by
        while (due := self._due_before(until)) is not None:
            self._move_to(due)
            self._deliver_all()
        self._move_to(until)
        self._deliver_all()
        self._raise()

    def _due_before(self, until: int) -> int | None:
        with self._lock:
            due = self.world.timetable.next()
        return due if due is not None and due < until else None

    def _move_to(self, when: int) -> None:
        self._clock.move(max(when - self._clock.now(), 0))

    def _pass(self, by: int, under_way: _UnderWay) -> None:
        """Time passes while a handler works: the webhook is answered when its time has come."""
        until = self._clock.now() + by
        if not under_way.answered.is_set() and under_way.deadline is not None:
            self._move_to(min(until, under_way.ends))
            if until >= under_way.ends:
                under_way.answered.wait(PATIENCE)
        while (left := until - self._clock.now()) > 0:
            self._clock.move(min(left, TICK))
            self._bot.tick()


class _UnderWay:
    """A webhook that the bot works on."""

    def __init__(self, started: int, deadline: float | None) -> None:
        self.deadline = deadline
        self.ends = 2**63 if deadline is None else started + round(deadline * 1000)
        self.answered = Flag()


class _Complaints(logging.Handler):
    """The errors that the bot writes to its log: nobody else would hear of them in a test."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self.errors.append(record.exc_info[1])


def _outcome_of(status: int | None, milliseconds: int) -> Outcome:
    """In LINE's words: https://developers.line.biz/en/docs/messaging-api/check-webhook-error-statistics/"""
    reason, detail = ("ok", "") if status == 200 else ("error_status_code", str(status))
    if status is None or milliseconds >= LINE_WAITS * 1000:
        status, (reason, detail) = None, TOO_LATE
    return Outcome(status=status, milliseconds=float(milliseconds), reason=reason, detail=detail)
