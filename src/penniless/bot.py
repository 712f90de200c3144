"""The bot: verify, decode, claim, route, reply, finish.

`Bot.handle` is the one door: Lambda, ASGI, the process that `penniless dev` runs and the tests all
call it. The decorators are in `registry`, what a handler may do is in `context`.
"""

from __future__ import annotations

import os
import time
from threading import Lock
from typing import Any, NamedTuple

from penniless.context import Context, Profiles, Services
from penniless.errors import LineError, PennilessError, StateConflict
from penniless.events import decode_webhook
from penniless.line.signature import verify
from penniless.order import Order
from penniless.records import Log, event_id_of, row_of
from penniless.registry import Registry
from penniless.settings import secrets_in, setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from penniless.events import Event
    from penniless.line.tokens import StatelessToken
    from penniless.ports import Line, Row, Store

MAX_BODY = 1024 * 1024
"""Bytes of a webhook; LINE's own are a few thousand."""

WORKERS = 16
"""Conversations of one webhook that are handled side by side."""

STATE_TRIES = 3
"""How often a handler runs when other writers keep changing the conversation's state."""


class Response(NamedTuple):
    """The answer to a webhook: an HTTP status and a short plain text body."""

    status: int
    body: str


OK = Response(200, "OK")
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
    """

    def __init__(
        self,
        *,
        channel_secret: str | Sequence[str] | None = None,
        channel_access_token: str | None = None,
        store: Store | None = None,
        line: Line | None = None,
        log_days: int | None = None,
    ) -> None:
        super().__init__()
        self._secrets = secrets_in(channel_secret)
        self._token = channel_access_token
        self._store = store
        self._line = line
        self._api_origin: str | None = None
        self._log_days = log_days
        self._full_errors = False
        self._ready: Services | None = None
        self._lock = Lock()
        self._pool: Executor | None = None
        self._order = Order()
        self.counters: dict[str, int] = {}
        """Since the start: events, replies, pushes, errors, duplicates, refused, store_errors."""
        self.invocation = ""
        """On Lambda, the id of the request that is being handled, for the log."""

    # The door

    def handle(self, body: bytes, signature: str | None) -> Response:
        """Answer one webhook: the raw body and the `x-line-signature` header as they came.

        200 when every event was dealt with, 401 for a missing or wrong signature, 400 for what is
        not a webhook, 413 over 1 MiB. Raises SettingsError if the channel secret or the access
        token is missing, and nothing else.
        """
        if len(body) > MAX_BODY:
            return self._refuse(TOO_LARGE)
        if not verify(self._channel_secrets(), body, signature):
            return self._refuse(UNAUTHORIZED)
        try:
            webhook = decode_webhook(body)
        except ValueError:
            return self._refuse(BAD_REQUEST)
        self._work_off(_by_conversation(webhook.events), webhook.destination)
        return OK

    def _refuse(self, response: Response) -> Response:
        self._count("refused")
        _logger("penniless.refused").warning("webhook refused: %s", REFUSALS[response])
        return response

    def _work_off(self, queues: list[list[tuple[Event, bytes]]], destination: str) -> None:
        """Conversations side by side, the events of one conversation one after the other."""

        def work(queue: list[tuple[Event, bytes]]) -> None:
            with self._order.of(queue[0][0].conversation):
                for event, piece in queue:
                    self._process(event, piece, destination)

        if len(queues) > 1:
            list(self._workers().map(work, queues))
        elif queues:
            work(queues[0])

    def _workers(self) -> Executor:
        """Threads for webhooks that hold several conversations, made when the first one comes."""
        with self._lock:
            if self._pool is None:
                from concurrent.futures import ThreadPoolExecutor

                self._pool = ThreadPoolExecutor(WORKERS, "penniless")
            return self._pool

    def _process(self, event: Event, piece: bytes, destination: str) -> None:
        """Claim, route, reply and finish one event; a bad one never reaches its neighbours."""
        services = self._services()
        now = services.clock()
        row = row_of(event, event_id_of(event, piece), bot=destination, now=now)
        claim = services.log.claim(row, now)
        if not claim.granted:
            self._count("duplicates")
            return
        self._count("events")
        row.attempt = claim.attempt
        unsent = getattr(event, "unsend", None)
        if unsent is not None:
            services.log.unsend(event.conversation, unsent.message_id)
        ctx = Context(event, piece, destination, services)
        try:
            row.outcome = self._answer(ctx)
            row.status = "done"
        except (Exception, SystemExit) as error:  # noqa: BLE001  # it stays with its event
            self._fail(ctx, row, error)
        row.replies = ctx.replies
        row.answered_at = services.clock()
        services.log.finish(row)

    def _answer(self, ctx: Context) -> str:
        """Run the handler, store the state, send the reply; returns the outcome for the log."""
        if ctx.event.mode == "standby":
            return "standby"  # another channel holds the chat; LINE gives no reply token either
        route = self.route(ctx)
        if route is None:
            return "no handler"
        for tries_left in reversed(range(STATE_TRIES)):
            self.run(ctx, route)
            try:
                ctx.save_state()
                break
            except StateConflict:
                if not tries_left or ctx.replies or ctx.pushed:
                    raise
                ctx.start_again()
        if ctx.messages:
            ctx.reply()
        return "replied" if ctx.replies else "pushed" if ctx.pushed else "no reply"

    def _fail(self, ctx: Context, row: Row, error: BaseException) -> None:
        """Count the error and hand it to the error handler; the row says what happened."""
        self._count("errors")
        row.status = "failed"
        row.outcome = f"failed: {_reason(error)}"
        ctx.messages = []
        try:
            handled = self.run_error_handler(ctx, error)
            if ctx.messages:
                ctx.reply()
        except (Exception, SystemExit) as second:  # noqa: BLE001  # the last line of defence
            handled = False
            self._log_error("the error handler failed on", second, row.event_id)
        if not handled:
            self._log_error("a handler failed on", error, row.event_id)

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
    ) -> None:
        """Replace what is given; for the ways in, before the first event is handled.

        `log_days` is how long rows of the log are kept.

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
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
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
            clock=_now,
            count=self._count,
            profiles=Profiles(),
            sleep=time.sleep,
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
        self._log_error(f"the log could not {step}", error)

    def _log_error(self, what: str, error: BaseException, event_id: str = "") -> None:
        said = f"{what} event {event_id}" if event_id else what
        full = error if self._full_errors else None
        places = "" if self._full_errors else _places(error)
        more = {"event_id": event_id or None}
        _logger().error("%s: %s%s", said, _reason(error), places, exc_info=full, extra=more)


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


def _reason(error: BaseException) -> str:
    """The error's class, with the sentence of our own errors only: others may quote a message."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, PennilessError) else name


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
