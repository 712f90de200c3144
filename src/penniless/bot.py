"""The bot: verify, decode, claim, route, reply, finish.

`Bot.handle` is the one door: Lambda, ASGI, the process that `penniless dev` runs and the tests all
call it. The decorators are in `registry`, what a handler may do is in `context`.
"""

from __future__ import annotations

import os
import time
from functools import partial
from threading import Lock
from typing import Any, NamedTuple

from penniless.crew import Crew, Pacer
from penniless.errors import LineError, SettingsError, StateConflict
from penniless.events import decode_webhook
from penniless.lifecycle import is_taken_along
from penniless.line.signature import verify
from penniless.order import Order
from penniless.records import Log, row_of
from penniless.registry import Registry
from penniless.services import Policy, Services
from penniless.settings import secrets_in, setting
from penniless.work import Delivered, Work, reason, recover

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from penniless.events import Event
    from penniless.line.tokens import StatelessToken
    from penniless.notices import Notice
    from penniless.ports import Line, Row, Store

    _Queue: TypeAlias = list[tuple[Event, bytes]]


MAX_BODY = 1024 * 1024
"""Bytes of a webhook; LINE's own are a few thousand."""

DEADLINE = 1.2
"""Seconds of LINE's two that handlers have; the rest is for the network and a cold start.

https://developers.line.biz/en/docs/messaging-api/check-webhook-error-statistics/
"""


CLAIMERS = 16
"""Conversations of one webhook that are claimed side by side, however much else goes on."""

LINE_WAITS = 2.0
"""Seconds that LINE waits for the answer to a webhook."""

CLOSING = 5.0
"""Seconds that an ending bot gives to what goes on; the rest is taken over by the next start."""


class Response(NamedTuple):
    """The answer to a webhook: an HTTP status and a short plain text body."""

    status: int
    body: str


OK = Response(200, "OK")
AGAIN = Response(500, "try again")
BAD_REQUEST = Response(400, "not a webhook")
UNAUTHORIZED = Response(401, "")
TOO_LARGE = Response(413, "body over 1 MiB")

REFUSALS = {
    BAD_REQUEST: "the body is not a webhook (400)",
    UNAUTHORIZED: "the signature is missing or wrong (401)",
    TOO_LARGE: "the body is over 1 MiB (413)",
}


class Bot(Registry):
    """A LINE bot: handlers, and the door that events come through.

    Without arguments the channel secret and access token come from the environment, as
    LINE_CHANNEL_SECRET (several, separated by commas, while one is being replaced) and
    LINE_CHANNEL_ACCESS_TOKEN, or LINE_CHANNEL_ID for tokens that live 15 minutes. The log is kept
    in memory unless the way in (`penniless dev`, `penniless serve`, Lambda) brings a store;
    `log_days` is how long its rows are kept. LINE_API_ORIGIN points the bot at a simulated LINE.

    `deadline` is after how many seconds a webhook is answered although a handler goes on (1.2).
    `push_budget` is how many messages a month may be pushed, as LINE counts them, for answers
    that cannot be replied; without one they wait for the next event of the conversation. Until
    then people read a notice in their own language, else in `language`; `notices` changes its
    words. `careful` writes each answer down before it is sent, so that a crash loses no answer but
    one that is just on its way: a third write for a message, and so the default only where nobody
    pays for it (SQLite).
    """

    def __init__(
        self,
        *,
        channel_secret: str | Sequence[str] | None = None,
        channel_access_token: str | None = None,
        store: Store | None = None,
        line: Line | None = None,
        log_days: int | None = None,
        deadline: float | None = None,
        push_budget: int = 0,
        language: str = "en",
        notices: Mapping[str, Notice] | None = None,
        careful: bool | None = None,
    ) -> None:
        super().__init__()
        if deadline is not None and not 0 < deadline < LINE_WAITS:
            raise SettingsError(f"the deadline is under {LINE_WAITS} seconds, which LINE waits")
        self._deadline = deadline
        self._careful = careful
        self._policy = Policy(push_budget, language, notices)
        self._secrets = secrets_in(channel_secret)
        self._token = channel_access_token
        self._store = store
        self._line = line
        self._api_origin: str | None = None
        self._log_days = log_days
        self._full_errors = False
        self._clock: Callable[[], int] = _now
        self._sleep: Callable[[float], None] = time.sleep
        self._ready: Services | None = None
        self._lock = Lock()
        self._crew = Crew()
        self._claimers = Crew(CLAIMERS)
        self._pacer = Pacer()
        self._order = Order()
        self.counters: dict[str, int] = {}
        """Since the start: events, replies, pushes, errors, duplicates, refused, store_errors."""
        self.invocation = ""
        """On Lambda, the id of the request that is being handled, for the log."""
        self.ends_at: int | None = None
        """On Lambda, when (UTC ms) the function that handles it will be killed."""

    # The door

    def handle(self, body: bytes, signature: str | None, deadline: float | None = None) -> Response:
        """Answer one webhook: the raw body and the `x-line-signature` header as they came.

        With a `deadline`, in seconds from now, it answers then at the latest, and what is not done
        goes on in threads (`wait`). Without one it answers when everything is done.

        200 when every event was dealt with or goes on, 500 if an event was given up for trouble
        that passes, so that LINE delivers it again, 401 for a missing or wrong signature, 400 for
        what is not a webhook, 413 over 1 MiB. Raises SettingsError if the channel secret or the
        access token is missing, and nothing else.
        """
        began = time.monotonic()
        if len(body) > MAX_BODY:
            return self._refuse(TOO_LARGE)
        if not verify(self._channel_secrets(), body, signature):
            return self._refuse(UNAUTHORIZED)
        try:
            webhook = decode_webhook(body)
        except ValueError:
            return self._refuse(BAD_REQUEST)
        return self._work_off(
            _by_conversation(webhook.events), webhook.destination, began, deadline
        )

    def _refuse(self, response: Response) -> Response:
        self._count("refused")
        _logger("penniless.refused").warning("webhook refused: %s", REFUSALS[response])
        return response

    def _work_off(
        self, queues: list[_Queue], destination: str, began: float, deadline: float | None
    ) -> Response:
        """Claim the events, then handle them: conversations side by side, each in its order."""
        if not queues:
            return OK  # the console's Verify comes before everything is set up
        services = self._services()
        services.ends_at = self.ends_at

        def claimed(queue: _Queue) -> list[Work]:
            found = [Delivered(event, piece, destination) for event, piece in queue]
            in_time = deadline is not None
            works = [self._claimed(one, services, deferrable=in_time) for one in found]
            return [work for work in works if work is not None]

        found = self._claimers.together([partial(claimed, queue) for queue in queues])
        batches = [batch for batch in found if batch]
        works = [work for batch in batches for work in batch]
        if deadline is not None:
            for batch in batches:
                self._crew.start(partial(self._handle_in_turn, batch))
            self._answer_in_time(works, began + deadline)
        else:
            self._crew.together([partial(self._handle_in_turn, batch) for batch in batches])
        return AGAIN if any(work.interrupted for work in works) else OK

    def _claimed(
        self, delivered: Delivered, services: Services, *, deferrable: bool
    ) -> Work | None:
        """The work on an event, if it is ours to handle."""
        now = services.clock()
        lease_end = services.lease_end(now, long=not deferrable)
        event, piece, destination = delivered
        row = row_of(event, piece, bot=destination, now=now, lease_end=lease_end)
        row.deferred = services.careful
        claim = services.log.claim(row, now)
        if not claim.granted or (claim.row is not None and is_taken_along(claim.row)):
            self._count("duplicates")
            return None
        self._count("events")
        row = claim.row or row
        row.attempt = claim.attempt
        work = Work(delivered, row, services, self, deferrable=deferrable)
        if event.delivery_context.is_redelivery and not services.log.knows(row):
            work.give_back()  # it may be answered already, and nobody can say
        return work

    def _handle_in_turn(self, works: list[Work]) -> None:
        """The events of one conversation, one after the other."""
        with self._order.of(works[0].row.conversation):
            for work in works:
                work.run()

    def _answer_in_time(self, works: list[Work], until: float) -> None:
        """Wait for the work until then; what is not done goes on without the webhook."""
        for work in works:
            if not work.done.wait(max(until - time.monotonic(), 0)):
                work.defer()
                self.live_with(work)

    # What goes on

    def live_with(self, work: Work) -> None:
        """Renew the work's lease and show signs of life until it is done."""
        self._pacer.add(work)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until nothing goes on that began with a webhook; False if the time is over before.

        In seconds; for ever without a number.
        """
        return self._pacer.wait(seconds)

    def tick(self) -> None:
        """Renew leases and show signs of life now, for whoever moves the clock."""
        self._pacer.tick()

    @property
    def may_be_slow(self) -> bool:
        """Whether a handler may take longer than LINE waits: one says so, or a deadline is set."""
        return self._deadline is not None or self.has_slow_handlers

    @property
    def deadline(self) -> float:
        """Seconds after which a webhook is answered although its events are not."""
        return DEADLINE if self._deadline is None else self._deadline

    def recover(self, seconds: float = 10.0, *, limit: int = 25) -> dict[str, int]:
        """Take over events whose lease is over, the oldest first, for about that time.

        Returns how many were found and how many of them handled. Raises StoreUnavailable, and
        SettingsError as `handle`.
        """
        services = self._services()
        until = time.monotonic() + seconds
        services.ends_at = self.ends_at
        found = services.store.overdue(now=services.clock(), limit=limit)
        queues: dict[str, list[Row]] = {}
        for row in found:
            queues.setdefault(row.conversation, []).append(row)

        def work_off(conversation: str, rows: list[Row]) -> int:
            handled = 0
            with self._order.of(conversation):
                for row in rows:
                    if time.monotonic() < until:
                        handled += recover(row, row.to, services, self)
            return handled

        # Side by side: a token that is refused soon enough was used, later nobody can say.
        calls = [partial(work_off, *queue) for queue in queues.items()]
        return {"found": len(found), "handled": sum(self._crew.together(calls))}

    def complain(self, what: str, error: BaseException, event_id: str = "") -> None:
        """Log an error, with its place in the code and without anybody's words."""
        said = f"{what} event {event_id}" if event_id else what
        full = error if self._full_errors else None
        places = "" if self._full_errors else _places(error)
        more = {"event_id": event_id or None}
        _logger().error("%s: %s%s", said, reason(error), places, exc_info=full, extra=more)

    # Settings

    def use(
        self,
        *,
        channel_secret: str | Sequence[str] | None = None,
        channel_access_token: str | None = None,
        api_origin: str | None = None,
        store: Store | None = None,
        line: Line | None = None,
        log_days: int | None = None,
        full_errors: bool | None = None,
        clock: Callable[[], int] | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        """Replace what is given; for the ways in, before the first event is handled.

        `log_days` is how long rows of the log are kept. `clock` gives UTC milliseconds and `sleep`
        waits seconds, for tests in which time is moved.

        `full_errors` logs exceptions with their own texts, which may quote what people wrote: for
        a laptop, where there is nobody but the developer.
        """
        self._secrets = secrets_in(channel_secret) or self._secrets
        self._token = channel_access_token or self._token
        self._api_origin = api_origin or self._api_origin
        self._store = self._store if store is None else store
        self._line = self._line if line is None else line
        self._log_days = self._log_days if log_days is None else log_days
        self._full_errors = self._full_errors if full_errors is None else full_errors
        self._clock = clock or self._clock
        self._sleep = sleep or self._sleep
        self._ready = None

    @property
    def has_store(self) -> bool:
        """Whether a store was given, so that a way in need not bring its own."""
        return self._store is not None

    def connect(self) -> None:
        """Make the LINE client and the store now, so that a missing setting is told at the start.

        Raises SettingsError.
        """
        self._channel_secrets()
        self._services()

    def close(self) -> None:
        """Close the connections to LINE and the store, and end the threads."""
        self._pacer.wait(CLOSING)
        self._crew.close()
        self._claimers.close()
        if self._ready is not None:
            self._ready.line.close()
            self._ready.store.close()
            self._ready = None

    def _channel_secrets(self) -> tuple[str, ...]:
        if not self._secrets:
            self._secrets = secrets_in(setting("LINE_CHANNEL_SECRET"))
        return self._secrets

    def _services(self) -> Services:
        if self._ready is None:
            with self._lock:
                self._ready = self._ready or self._make_services()
        return self._ready

    def _make_services(self) -> Services:
        store = _memory_store() if self._store is None else self._store
        return Services(
            self._make_line() if self._line is None else self._line,
            store,
            Log(store, self._report_store_error, days=self._log_days),
            clock=self._clock,
            count=self._count,
            sleep=self._sleep,
            policy=self._policy,
            careful=store.writes_are_free if self._careful is None else self._careful,
        )

    def _make_line(self) -> Line:
        from penniless.line.client import LineClient

        token = self._token or self._short_lived_token() or setting("LINE_CHANNEL_ACCESS_TOKEN")
        origin = self._api_origin or os.environ.get("LINE_API_ORIGIN")
        if not origin:
            return LineClient(token)
        return LineClient(token, api_origin=origin, data_origin=origin)

    def _short_lived_token(self) -> StatelessToken | None:
        """Tokens from the channel id, where that is set and a long-lived token is not."""
        channel_id = os.environ.get("LINE_CHANNEL_ID", "").strip()
        if not channel_id or os.environ.get("LINE_CHANNEL_ACCESS_TOKEN", "").strip():
            return None
        from penniless.line.tokens import StatelessToken

        return StatelessToken(channel_id, self._channel_secrets()[0])

    def _count(self, name: str, by: int = 1) -> None:
        with self._lock:
            self.counters[name] = self.counters.get(name, 0) + by

    def _report_store_error(self, step: str, error: Exception) -> None:
        self._count("store_errors")
        self.complain(f"the log could not {step}", error)


def _by_conversation(
    events: Sequence[tuple[Event, bytes]],
) -> list[list[tuple[Event, bytes]]]:
    """The events of each conversation in the order in which they happened."""
    queues: dict[str, list[tuple[Event, bytes]]] = {}
    for event, piece in sorted(events, key=lambda one: one[0].timestamp):
        queues.setdefault(event.conversation, []).append((event, piece))
    return list(queues.values())


def _memory_store() -> Store:
    from penniless.stores.memory import MemoryStore

    return MemoryStore()


def _now() -> int:
    return time.time_ns() // 1_000_000


def _places(error: BaseException) -> str:
    """Where in the code it happened; nothing for what LINE or another writer did."""
    if isinstance(error, (LineError, StateConflict)):
        return ""
    from traceback import format_tb

    return "\n" + "".join(format_tb(error.__traceback__)).rstrip()


def _logger(name: str = "penniless") -> Any:
    """Imported when there is something to say: a good webhook pays nothing for it."""
    import logging

    return logging.getLogger(name)
