"""One event on its way: handled, answered, finished - here, later, or by whoever takes it over.

Law of this module: the order of things. A state is stored with its answer before the answer is
sent; what was sent is written down before the event is done; trouble that passes leaves the event
open, anything else ends it.
"""

from __future__ import annotations

from threading import Event as Flag
from typing import Any, NamedTuple, Protocol

from msgspec.structs import replace

from penniless.context import Context
from penniless.delivery import Working, kind_of, sign_of_life
from penniless.errors import LineError, PennilessError, StateConflict, StoreUnavailable
from penniless.events import decode_event
from penniless.events.common import NOBODY
from penniless.held import settled
from penniless.leased import Interrupted, Leased, TakenOver
from penniless.lifecycle import RENEW_EVERY, is_taken_along
from penniless.notices import NOTICES, asked_for, message_of, notice_in
from penniless.ports import OPEN, Desk
from penniless.records import write_lost_row
from penniless.recovery import piece_of
from penniless.sending import Mail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.events import Event
    from penniless.handlers import Route
    from penniless.ports import Json, Row
    from penniless.services import Services

STATE_TRIES = 3
"""How often a handler runs when other writers keep changing the conversation's state."""

MOST_RECOVERED = 3
"""Overdue events of its conversation that an event takes over before it is handled itself."""


class Handlers(Protocol):
    """What a bot gives its work: the handlers, and a place for complaints."""

    def route(self, ctx: Context) -> Route | None: ...
    def run(self, ctx: Context, route: Route) -> None: ...
    def run_error_handler(self, ctx: Context, error: BaseException) -> bool: ...
    def complain(self, what: str, error: BaseException, event_id: str) -> None: ...
    def live_with(self, work: Work) -> None:
        """Renew the work's lease and show signs of life until it is done."""
        ...


class Delivered(NamedTuple):
    """An event as LINE delivered it."""

    event: Event
    piece: bytes
    destination: str


class Work:
    """One claimed event. `run` handles it; `defer` says that the webhook is answered meanwhile."""

    def __init__(
        self,
        delivered: Delivered,
        row: Row,
        services: Services,
        handlers: Handlers,
        *,
        deferrable: bool,
    ) -> None:
        self.row = row
        self.done = Flag()
        self.interrupted = False
        """Whether LINE should deliver the event again."""
        self._over = False
        self._taken = False
        unknown = row.status == "claimed" or not row.way  # how an earlier attempt was sending it
        doubt = row.attempt > 1 and not row.deferred and unknown
        doubt = doubt or services.log.is_unclaimed(row)  # it may not be the first attempt
        doubt = doubt or (row.status == "answered" and row.way.startswith("reply"))
        self.leased = Leased(row, services, doubt=doubt, deferrable=deferrable)
        self.mail = Mail(self.leased, delivered.event, services)
        self._delivered = delivered
        self._services = services
        self._handlers = handlers
        self._slow = False
        self._renewed = self._loaded = services.clock()
        self._loading = False

    def run(self) -> None:
        """Handle the event to its end, whatever happens; never raises an Exception."""
        if self.done.is_set():
            return
        try:
            self._run()
        except TakenOver:
            self._services.log.drop(self.row)
        except Interrupted:
            self._leave_open()
        except Exception as error:  # noqa: BLE001  # before its handler: a store of somebody's own
            self._handlers.complain("nothing could be done for", error, self.row.event_id)
            if self.row.attempt < self.row.last_attempt:
                self._leave_open()
            else:
                self._end("failed", f"failed: {reason(error)}")
        finally:
            self.done.set()

    def give_back(self) -> None:
        """Leave the event to its next delivery, as nothing was done."""
        self._services.log.drop(self.row)
        self.interrupted = True
        self.done.set()

    def _run(self) -> None:
        desk = self._desk()
        ctx = self._context(desk)
        try:
            self._check(desk)
            if self.row.attempt > self.row.last_attempt:
                self.mail.release()
                self._end("failed", f"failed: given up after {self.row.last_attempt} attempts")
                return
            outcome = self._answer(ctx, desk)
            with self.leased.guard:
                self.mail.deliver(ctx.messages)
        except (TakenOver, Interrupted):
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001  # it stays with its event
            self._fail(ctx, error)
            return
        ways = self.mail.ways + (["pushed"] if ctx.pushed else [])
        status = self.row.status if self.row.status in ("held", "failed") else "done"
        self._end(status, ", ".join(dict.fromkeys(ways)) or outcome)

    def _check(self, desk: Desk | None) -> None:
        """Raise Interrupted where nobody can say what an earlier attempt has done or tied."""
        unknown = desk is None and self._delivered.event.conversation != NOBODY
        if unknown and 1 < self.row.attempt <= self.row.last_attempt:
            raise Interrupted("the store is away")

    def _context(self, desk: Desk | None) -> Context:
        event, piece, destination = self._delivered
        return Context(event, piece, destination, self._services, mail=self.mail, desk=desk)

    def _desk(self) -> Desk | None:
        """What waits in the conversation, after its overdue events were dealt with."""
        event, services = self._delivered.event, self._services
        if event.conversation == NOBODY:
            return None
        desk = services.log.desk(event.conversation, services.clock())
        # Only older ones: they come before this event, and bring no others along.
        late = [one for one in desk.overdue if _place(one) < _place(self.row)] if desk else []
        for row in late[:MOST_RECOVERED]:
            recover(row, self._delivered.destination, services, self._handlers)
        if late:
            desk = services.log.desk(event.conversation, services.clock())
        if desk is not None:
            self.mail.held.rows = [
                row for row in desk.held if settled(row, self.leased.key, services, self.row.type)
            ]
        return desk

    # The answer

    def _answer(self, ctx: Context, desk: Desk | None) -> str:
        """Gather the answer in the context; returns the outcome for an event that has none."""
        event, row = self._delivered.event, self.row
        if row.status == "answered":
            ctx.messages = row.waiting
            return "no reply"
        unsent = getattr(event, "unsend", None)
        if unsent is not None:
            self._services.log.unsend(event.conversation, unsent.message_id)
        if event.mode == "standby":
            return "standby"  # another channel holds the chat; LINE gives no reply token either
        asked = asked_for(event)
        if asked is not None:
            ctx.messages = self._still_working(asked, desk)
            return "no reply"
        route = self._handlers.route(ctx)
        if route is None:
            return "no handler"
        if route.slow:
            self._slow = True
            self._handlers.live_with(self)
        self._handle(ctx, route)
        return "no reply"

    def _handle(self, ctx: Context, route: Route) -> None:
        """Run the handler and store the state; again, where another writer was faster."""
        for tries_left in reversed(range(STATE_TRIES)):
            known = ctx.answer_before()
            if known is not None:
                ctx.messages = known
                return
            self._handlers.run(ctx, route)
            if not self._is_surely_ours() and ctx.has_changed_state():
                self._check_ours()
            try:
                ctx.save_state()
                return
            except StateConflict:
                if not tries_left or ctx.replies or ctx.pushed:
                    raise
                ctx.start_again()

    def _is_surely_ours(self) -> bool:
        """Whether the lease and the claim say that nobody else can have the event."""
        in_time = self._services.clock() < self.row.claimed_until
        return in_time and not self._taken and self._services.log.knows(self.row)

    def _check_ours(self) -> None:
        """Raise TakenOver where somebody else has the event, or has ended it.

        An event that has ended needs its answer in the state no more, and the next event drops it.
        Who then comes late, because its lease is over or its claim could not be stored, would not
        see that the event has changed the state already, and change it twice:

            this one    claim fails ..................... reads the state, runs the handler
            a copy      claims, changes the state, done
            next event                             drops the answer of the copy

        The state was read before this look, so that it tells, or the row does, or the write is
        refused. Raises StoreUnavailable.
        """
        row, services = self.row, self._services
        found = services.log.find(row.conversation, row.timestamp, row.event_id, services.clock())
        other = found is not None and (found.attempt > row.attempt or found.status not in OPEN)
        if self._taken or other:
            raise TakenOver

    def _still_working(self, asked: str, desk: Desk | None) -> list[Json]:
        """The notice again, for a tap that came before the answer was ready."""
        timestamp, _, event_id = asked.partition("#")
        if desk is None or self.mail.held.rows or not timestamp.isdecimal():
            return []
        services, conversation = self._services, self.row.conversation
        row = services.log.find(conversation, int(timestamp), event_id, services.clock())
        if row is None or row.status not in OPEN:
            return []
        words = {**NOTICES, **(services.policy.notices or {})}
        language = services.language_of(self._delivered.event)
        return [message_of(notice_in(language, services.policy.language, words), asked)]

    # The end

    def _end(self, status: Any, outcome: str) -> None:
        row, log = self.row, self._services.log
        with self.leased.guard:
            row.outcome, row.way = outcome, ""
            row.answered_at = self._services.clock()
            if status == "held":
                log.drop(row)
                return  # it is written down, and may be on its way with another event by now
            row.status = status
            if status == "done":
                row.event, row.waiting = None, []
            else:
                row.deferred = not self.leased.doubt  # for `penniless logs retry`
            log.finish(row)

    def _leave_open(self) -> None:
        """Let go of the event, for the next delivery of it or the next event here."""
        row, log = self.row, self._services.log
        with self.leased.guard:
            self._over = True  # no tick renews the lease now
            row.claimed_until = self._services.clock()
            row.deferred = not self.leased.doubt  # so the next one knows whether it may send
            stored = log.advance(row) is not None
            if not stored:
                write_lost_row(row)  # `penniless logs import` brings it back, and it is open there
            # If LINE delivered it again, somebody has to know what was sent.
            self.interrupted = stored or not (row.replies or self.leased.doubt)
            log.drop(row)

    def _fail(self, ctx: Context, error: BaseException) -> None:
        """Count the error and hand it to the error handler; the row says what happened."""
        if isinstance(error, StoreUnavailable) and self.row.attempt < self.row.last_attempt:
            self._handlers.complain("the store was away for", error, self.row.event_id)
            raise Interrupted from error
        self._services.count("errors", 1)
        ctx.messages = []
        handled = False
        try:
            handled = self._handlers.run_error_handler(ctx, error)
            if ctx.messages and ctx.can_reply:
                ctx.reply()
        except (TakenOver, Interrupted):
            raise
        except (Exception, SystemExit) as second:  # noqa: BLE001  # the last line of defence
            handled = False
            self._handlers.complain("the error handler failed on", second, self.row.event_id)
        if not handled:
            self._handlers.complain("a handler failed on", error, self.row.event_id)
        with self.leased.guard:
            self.mail.release()
        self.row.waiting = []
        self._end("failed", f"failed: {reason(error)}")

    # While it goes on

    def defer(self) -> None:
        """Write down that the webhook is answered now, unless the answer is just being sent."""
        self.leased.late = True
        if not self.leased.guard.acquire(blocking=False):
            self._renewed -= RENEW_EVERY  # the next tick writes it down, if work still goes on
            return
        try:
            if not (self.done.is_set() or self._over):
                self.leased.defer()
        except TakenOver:
            self._taken = True
        finally:
            self.leased.guard.release()

    def tick(self) -> None:
        """Renew the lease and show a sign of life, if it is time. Never raises."""
        try:
            self._tick()
        except Exception as error:  # noqa: BLE001  # other work is looked after by the same thread
            self._handlers.complain("nobody could look after", error, self.row.event_id)

    def _tick(self) -> None:
        if self.done.is_set() or not self.leased.guard.acquire(blocking=False):
            return
        try:
            if self.row.status not in OPEN or self._over:
                return
            now = self._services.clock()
            sign = sign_of_life(self._working(now))
            if now - self._renewed >= RENEW_EVERY:
                self._renewed = now
                self.leased.renew()
            if sign == "notice" and self.row.status == "claimed":
                self.mail.notice()
        except TakenOver:
            self._taken = True
            return
        finally:
            self.leased.guard.release()
        if sign == "loading":
            self._loading, self._loaded = True, now
            self._show_loading()

    def _working(self, now: int) -> Working:
        return Working(
            token=self.mail.token(),
            age=self.mail.age,
            kind=kind_of(self.row.conversation, self.row.type),
            deferred=self.leased.late,
            slow=self._slow,
            noticed=self.mail.noticed,
            since_loading=now - self._loaded if self._loading else None,
        )

    def shown_loading(self) -> None:
        """Ask for no loading animation for a while."""
        self._loading, self._loaded = True, self._services.clock()

    def _show_loading(self) -> None:
        chat_id = self.row.conversation.partition("#")[2]
        try:
            self._services.line_within(2.0).start_loading(chat_id, 60)
        except LineError:
            return  # an ornament never fails a handler


def recover(row: Row, destination: str, services: Services, handlers: Handlers) -> bool:
    """Take over an event whose lease is over, and handle it; whether there was anything to do."""
    now = services.clock()
    if is_taken_along(row):
        return not settled(row, "", services, row.type)
    asked = replace(row, claimed_until=services.lease_end(now, long=True))
    claim = services.log.claim(asked, now)
    if not claim.granted or claim.row is None:
        return False
    piece = piece_of(claim.row)
    if piece is None:
        _close(claim.row, services)
        return True
    delivered = Delivered(decode_event(piece), piece, destination)
    work = Work(delivered, claim.row, services, handlers, deferrable=True)
    work.leased.late = True
    work.shown_loading()  # most of these are answered at once, or are too old to wait for
    handlers.live_with(work)
    work.run()
    return True


def _close(row: Row, services: Services) -> None:
    """End an event that cannot be handled again: taken back, or stored without its JSON."""
    taken_back = row.event is not None or row.message is None
    row.status = "done" if taken_back else "failed"
    row.outcome = "taken back" if taken_back else "failed: interrupted, and stored without its JSON"
    row.answered_at = services.clock()
    services.log.finish(row)


def _place(row: Row) -> tuple[int, str]:
    return row.timestamp, row.event_id


def reason(error: BaseException) -> str:
    """The error's class, with the sentence of our own errors only: others may quote a message."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, PennilessError) else name
