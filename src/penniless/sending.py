"""How an answer leaves: the reply, the push, the wait, and what is written down before and after.

Law of this module: it acts on the decisions of `delivery` and makes none. Whatever is sent outside
the webhook's own time is written down first (`answered`), so that whoever takes the event over
knows it; and a token that LINE refuses while it is young was used, so a reply whose end nobody
knows may be sent again.
"""

from __future__ import annotations

from threading import Lock
from typing import Any, NamedTuple

import msgspec

from penniless import delivery
from penniless.delivery import PER_CALL, Answer, Refused, Token, token_state
from penniless.errors import (
    BadRequest,
    CodeError,
    LineError,
    LineUnreachable,
    QuotaExceeded,
    RateLimited,
    ReplyError,
    ServerFault,
)
from penniless.lifecycle import HELD_FOR
from penniless.notices import is_notice
from penniless.ports import OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

    from penniless.events import Event
    from penniless.notices import Notice
    from penniless.ports import Json, Row, SentMessage, Status
    from penniless.services import Services

    Reply = Literal["sent", "refused", "unsent", "doubt", "never known"]

PATIENCE = 1_500
"""Milliseconds for repeats of a call while LINE waits for the webhook's answer."""

LAST_REPLY = 55_000
"""Milliseconds of a token's age after which a failed reply is not repeated."""

LATE_PUSH = 20_000
"""Milliseconds for repeats of a push that no webhook waits for; then it is left for later."""

KEY_LIFE = 23 * 3_600_000
"""Milliseconds in which a push may be repeated under its retry key; LINE forgets it after 24 h."""

LONGEST_CALL = 4.0
"""Seconds that one call to LINE may take. Asking again is safe, and the sooner the better: a token
that is refused while it is young tells that the answer has arrived."""

DOUBTED = "cut off while it was sent; it may have arrived"

SENDING = 6_000
"""Milliseconds beyond a claim's lease for an answer on its way: one call and one wait fit in.

It ends while a refused token still tells whether the reply has arrived (`delivery.SURE`).
"""

FIRST_WAIT = 0.2
LONGEST_WAIT = 4.0
"""Seconds between the repeats of a call; each wait is twice the one before."""


class Policy(NamedTuple):
    """What the bot's maker decided about answers that cannot be replied any more."""

    push_budget: int = 0
    """Messages that may be pushed for them in a month, as LINE counts: by people. 0 is never."""
    language: str = "en"
    """Of the notice, for people whose language LINE does not tell."""
    notices: Mapping[str, Notice] | None = None


_MEANS: dict[delivery.Refusal, Reply] = {"old": "refused", "used": "sent", "unknown": "never known"}


class TakenOver(Exception):
    """Another worker has this event now; this one stops without a word."""


class Interrupted(Exception):
    """Trouble that passes: the event stays open, for the next delivery or the next event."""


class Parcel(NamedTuple):
    """Messages of one row in a reply: an answer that was held, or the event's own."""

    row: Row
    messages: list[Json]


class Mail:
    """Everything that leaves for LINE because of one event. One thread at a time, by `guard`."""

    def __init__(
        self, row: Row, event: Event, services: Services, *, doubt: bool, deferrable: bool
    ) -> None:
        self.row = row
        self.held: list[Row] = []
        """Answers of earlier events, to go in front."""
        self.doubt = doubt
        """Whether an earlier attempt may have replied."""
        self.deferrable = deferrable
        self.guard = Lock()
        self.late = False
        """Whether the webhook was answered before the event."""
        self.token_used = bool(row.replies) or row.way in ("used", "push")
        self.noticed = any(is_notice(one) for one in row.replies)
        self.replied_before = any(not is_notice(one) for one in row.replies)
        """Whether an earlier attempt has sent what the handler replies first."""
        self.reply_begun = row.status == "claimed" and row.way == "reply"
        """Whether an earlier attempt may have sent that, and nothing else."""
        self.ways: list[str] = []
        self._begun = _own_in(row)
        self._carried = self.replied_before or (row.status, row.way) == ("answered", "push")
        """Whether an earlier attempt has replied, and what it took along is there."""
        self._unsettled = False
        self._event = event
        self._services = services
        self._began = services.clock()

    @property
    def key(self) -> str:
        """The key of the event: where its row stands in its conversation."""
        return f"{self.row.timestamp}#{self.row.event_id}"

    @property
    def age(self) -> int:
        """Milliseconds of the reply token."""
        return self._services.clock() - self.row.received_at

    @property
    def _is_news_again(self) -> bool:
        """Whether the event was delivered before, and the log does not know of it."""
        return self._event.delivery_context.is_redelivery and self.row.attempt == 1

    def token(self) -> delivery.TokenState:
        return token_state(self._token())

    def _token(self) -> Token:
        return Token(
            given=bool(self._event.reply_token) and self._event.mode == "active",
            used=self.token_used,
            age=self.age,
            event_age=self._services.clock() - self.row.timestamp,
            redelivered=self._event.delivery_context.is_redelivery,
        )

    # What is written down

    def write(self, status: Status, *, was: Sequence[Status] | None = None, way: str = "") -> bool:
        """Move the row on; False if the store is away. Raises TakenOver."""
        before = was or OPEN  # what is stored may be one step behind, after a write that failed
        self.row.status, self.row.way = status, way
        self.row.claimed_until = self._lease_end()
        stored = self._services.log.advance(self.row, was=before)
        if stored is False:
            raise TakenOver
        return stored is not None

    def _lease_end(self) -> int:
        """Long only where it must be: a lease that outlives the token leaves a doubt for ever."""
        now, row = self._services.clock(), self.row
        if row.status == "answered" and row.way.startswith("reply"):
            return self._services.lease_end(now + SENDING, long=False)
        in_time = self.deferrable and not self.late
        return self._services.lease_end(now, long=row.status != "claimed" or not in_time)

    def defer(self) -> None:
        """Write down that the webhook is answered before the event. Raises TakenOver."""
        if self.row.status == "claimed":
            self.row.deferred = not self.doubt
            self.write("claimed", way=self.row.way)

    def renew(self) -> None:
        """Make the lease longer while work goes on. Raises TakenOver."""
        if self.row.status in OPEN:
            if self.late and self.row.status == "claimed":
                self.row.deferred = not self.doubt
            self.write(self.row.status, way=self.row.way)

    def keep(self, name: str, result: Any) -> Any:
        """Write down the result of a once-only step, and give it as it will be read again.

        Raises TakenOver, and CodeError for what is not JSON.
        """
        try:
            kept = msgspec.json.decode(msgspec.json.encode(result))
        except (TypeError, ValueError, RecursionError):
            raise CodeError(f"the result of ctx.once({name!r}) must be JSON") from None
        self.row.once = {**self.row.once, name: kept}
        self.write(self.row.status, way=self.row.way)
        return kept

    # The answer

    def deliver(self, messages: list[Json]) -> None:
        """Send the answer, and the held ones before it, by whatever way is open.

        Afterwards the row's `waiting` is empty, or the row is held or failed. Raises TakenOver,
        Interrupted, and the LineError of an answer that LINE refuses.
        """
        self.row.waiting = messages
        if self._carried:
            self.release()
        if self._begun == 0 and self.token() != "live":
            self.release()
            self._know_the_token_used()
        if self._is_half_pushed() and not self._push_round(PER_CALL):
            self._give_up()
        while self.row.status in OPEN and (self.row.waiting or self._can_carry()):
            way, count = delivery.decide(self._answer())
            if way == "reply":
                self._reply_round()
            elif way == "fail":
                self._give_up()
            elif way == "hold" or not self._push_round(count):
                self._hold()
        self.release()

    def _can_carry(self) -> bool:
        """Whether a held answer may go with this event's reply.

        A reply that may have been sent is repeated as it was: nothing is taken along anew then.
        """
        return self.token() == "live" and any(not self.doubt or _is_taken(one) for one in self.held)

    def _is_half_pushed(self) -> bool:
        """Whether an earlier attempt has paid for a push, and perhaps sent it."""
        return self.row.status == "answered" and self.row.way == "push"

    def _answer(self) -> Answer:
        found = self.token()
        kind = delivery.kind_of(self.row.conversation, self.row.type)
        recipients, budget = 0, 0
        if found != "live" and not self.doubt:
            recipients, budget = self._services.allowance(self.row.conversation)
        count = len(self.row.waiting) + len(self.held)
        return Answer(found, count, kind, self.doubt, recipients, budget)

    def _hold(self) -> None:
        self.release()
        self.row.outcome = ", ".join([*self.ways, "held"])
        self.row.answered_at = self._services.clock()
        if not self.write("held"):
            way = "used" if self.token_used else ""
            self.row.status, self.row.way = "answered", "reply 0" if self._unsettled else way
            raise Interrupted("the store is away")
        self.ways.append("held")

    def _know_the_token_used(self) -> None:
        self.token_used, self.doubt, self._begun = True, False, None

    def _give_up(self) -> None:
        if not self.doubt:
            raise ReplyError(
                f"the {self.row.type} event has no reply token, and nobody is there to answer later"
            )
        self.row.status = "failed"
        self.ways.append(f"failed: {DOUBTED}")
        self._services.count("errors", 1)

    # By reply

    def reply_now(
        self, messages: list[Json], *, notification_disabled: bool = False
    ) -> list[SentMessage] | None:
        """One reply with these messages, and as many held ones before them as there is room for.

        None if the token is gone: then nothing was sent.
        """
        if self.replied_before:
            self.replied_before = False
            return []
        if self.reply_begun:
            return self._reply_again(messages)
        if self.token() in ("used", "none"):
            return None
        self.row.waiting = messages
        parcels = self._parcels(whole=True)
        result, sent = self._reply(parcels, quiet=notification_disabled, final=False)
        self.row.waiting = []
        if result == "sent":
            return sent[-len(messages) :]
        if result in ("doubt", "never known"):
            self.doubt = True
        return None

    def replied_already(self, messages: list[Json]) -> None:
        """Take note that an earlier attempt has used the token for these, and for nothing else."""
        if not self.replied_before:
            self.row.replies = [*self.row.replies, *messages]
        self.token_used, self.doubt, self.reply_begun = True, False, False
        self._carried = True

    def _reply_again(self, messages: list[Json]) -> list[SentMessage]:
        """Repeat a reply that an earlier attempt began before its answer; if in doubt, leave it."""
        self.reply_begun = False
        doubt, self.doubt = self.doubt, True
        self.row.waiting = messages
        try:
            result, sent = self._reply(self._parcels(whole=True), final=False)
        finally:
            self.doubt = doubt
        if result in ("doubt", "never known"):
            self.row.way = "reply"  # as before, for the next attempt
        return sent[-len(messages) :]

    def _reply_round(self) -> None:
        in_doubt, parcels = self.doubt or self._is_news_again, self._parcels()
        if not parcels:  # other events were faster with the held answers, or all has arrived
            if in_doubt:
                self._know_the_token_used()
            return
        result, _ = self._reply(parcels)
        if result in ("doubt", "never known"):
            self.doubt = True
        if result in ("unsent", "doubt") and not self.late:
            self.row.deferred = result == "unsent"  # so the next one knows that nothing was sent
            raise Interrupted("LINE did not take the reply")

    def _reply(
        self, parcels: list[Parcel], *, quiet: bool = False, final: bool = True
    ) -> tuple[Reply, list[SentMessage]]:
        """Send these in one reply and write down what came of it; the token is used up then.

        While a handler still works (not `final`) the row stays claimed: it has to run again.
        """
        messages = [one for parcel in parcels for one in parcel.messages]
        status: Status = "answered" if final else "claimed"
        own = [parcel for parcel in parcels if parcel.row is self.row]
        way = f"reply {sum(len(one.messages) for one in own)}" if final else "reply"
        if self.row.deferred or len(own) < len(parcels):
            self._announce(status, way)
        try:
            result, sent = self._attempt(messages, status, way, quiet=quiet)
        except BadRequest:
            if all(parcel.row is self.row for parcel in parcels):
                self.row.way = ""
                raise
            return self._reply_apart(parcels, quiet=quiet, final=final)
        except LineError:
            self.row.way = ""
            self.release()
            raise
        self.token_used, self.row.way = True, ""
        if result == "sent":
            self.doubt = False
            self._settle(parcels)
            self._services.count("replies", 1)
        elif result in ("doubt", "never known"):
            others = [parcel for parcel in parcels if parcel.row is not self.row]
            self._settle_held(others, "failed", f"failed: {DOUBTED}")
        else:
            self.release()
        return result, sent

    def _reply_apart(
        self, parcels: list[Parcel], *, quiet: bool, final: bool
    ) -> tuple[Reply, list[SentMessage]]:
        """Find out whose messages LINE has refused, the event's own or a held answer's.

        Neither must suffer for the other: the own ones go alone, and show it.
        """
        own = [parcel for parcel in parcels if parcel.row is self.row]
        others = [parcel for parcel in parcels if parcel.row is not self.row]
        refused = "failed: LINE refused the answer"
        if not own:
            self._settle_held(others[:1], "failed", refused)
            return self._reply(others[1:], quiet=quiet, final=final) if others[1:] else ("sent", [])
        self.release()
        result, sent = self._reply(own, quiet=quiet, final=final)
        if result == "sent":
            self._settle_held(others, "failed", refused, was="held")
        return result, sent

    def _announce(self, status: Status, way: str) -> None:
        """Write down what is about to be sent, or leave it: nobody else would know. Twice tried.

        Where not even the claim could be stored nobody will ever take over, so it is sent.
        """
        if self.write(status, way=way) or not self._services.log.knows(self.row):
            return
        self._services.sleep(FIRST_WAIT)
        if not self.write(status, way=way):
            self.row.way = ""
            raise Interrupted("the store is away")

    def _attempt(
        self, messages: list[Json], status: Status, way: str, *, quiet: bool
    ) -> tuple[Reply, list[SentMessage]]:
        """Reply, again and again where that can help, and say what is known at the end."""
        maybe, wait = self.doubt, FIRST_WAIT
        # The first delivery may have been answered although the log does not know of it.
        again = self._is_news_again and self.age < delivery.SURE
        while True:
            try:
                line = self._services.line_within(self._timeout())
                token = self._event.reply_token or ""
                return "sent", line.reply(token, messages, notification_disabled=quiet)
            except BadRequest as error:
                if "reply token" not in error.message.casefold():
                    raise
                return _MEANS[delivery.refusal_of(Refused(self._token(), maybe or again))], []
            except QuotaExceeded:
                return ("doubt" if maybe else "refused"), []
            except (ServerFault, RateLimited, LineUnreachable) as error:
                maybe = maybe or _may_have_arrived(error)
            if self._patience() <= wait:
                return ("doubt" if maybe else "unsent"), []
            if self.late:
                self.write(status, way=way)  # whoever takes over must not think it unsent
            self._services.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    def _patience(self, pushing_since: int | None = None) -> float:
        """Seconds in which a failed call may still be repeated."""
        now = self._services.clock()
        until = self._began + PATIENCE
        if pushing_since is not None and self.late:
            until = max(until, pushing_since + LATE_PUSH)
        if self.late or self.deferrable:
            until = max(until, self.row.received_at + LAST_REPLY)
        if self._services.ends_at:
            until = min(until, self._services.ends_at - 500)
        return max((until - now) / 1000, 0.3)

    def _timeout(self) -> float:
        """Seconds that one call may take: enough for a slow LINE, where nobody waits for us."""
        seconds = max(self._patience(), LONGEST_CALL if self.deferrable or self.late else 1.0)
        if self._services.ends_at:
            left = (self._services.ends_at - self._services.clock()) / 1000
            seconds = min(seconds, max(left - 0.3, 0.3))
        return min(seconds, LONGEST_CALL)

    def _parcels(self, *, whole: bool = False) -> list[Parcel]:
        """What the next reply carries: held answers first, five messages at most.

        With `whole` the event's own messages all go, and held ones only where there is room. In
        doubt it is what an earlier attempt may have sent, or LINE's answer would mean nothing.
        """
        if self.doubt or self._is_news_again:
            return self._parcels_again(whole=whole)
        room = PER_CALL - (len(self.row.waiting) if whole else 0)
        parcels = []
        for row in list(self.held):
            if self.doubt and not _is_taken(row):
                continue
            count = min(len(row.waiting), room)
            if count < 1 or (whole and count < len(row.waiting)):
                break
            if self._take(row, count):
                parcels.append(Parcel(row, row.waiting[:count]))
                room -= count
        own = self.row.waiting if whole else self.row.waiting[:room]
        return [*parcels, Parcel(self.row, own)] if own else parcels

    def _parcels_again(self, *, whole: bool) -> list[Parcel]:
        parcels = [
            Parcel(row, row.waiting[: _count_in(row)]) for row in self.held if _is_taken(row)
        ]
        room = PER_CALL - sum(len(one.messages) for one in parcels)
        count = len(self.row.waiting) if whole else room if self._begun is None else self._begun
        own = self.row.waiting[:count]
        return [*parcels, Parcel(self.row, own)] if own else parcels

    def _take(self, row: Row, count: int) -> bool:
        """Tie a held answer to this event; False if another event was faster."""
        if row.status == "answered":
            return True  # an earlier attempt of this event took it
        row.status, row.way = "answered", f"{self.key}#{count}"
        row.claimed_until = self._services.lease_end(self._services.clock(), long=True)
        taken = self._services.log.advance(row, was=("held",))
        if not taken:
            self.held = [one for one in self.held if one is not row]
        if taken is None:  # it may be tied all the same, and would be taken for sent
            row.status, row.way = "held", ""
            if self._services.log.advance(row, was=("answered",)) is None:
                raise Interrupted("the store is away")
        return taken is True

    def _settle(self, parcels: list[Parcel]) -> None:
        for row, messages in parcels:
            row.replies = row.replies + messages
            row.waiting = row.waiting[len(messages) :]
        self._settle_held([one for one in parcels if one.row is not self.row])
        if any(one.row is self.row for one in parcels):
            self.ways.append("replied")

    def _settle_held(
        self,
        parcels: list[Parcel],
        status: Status = "done",
        outcome: str = "replied later",
        *,
        was: Status = "answered",
    ) -> None:
        for row, _ in parcels:
            self.held = [one for one in self.held if one is not row]
            row.status = "held" if row.waiting and status == "done" else status
            row.outcome, row.way, row.answered_at = outcome, "", self._services.clock()
            if row.status == "held":
                row.outcome = "replied in part, held"
                self.held.insert(0, row)
            elif status == "done":
                row.event = None
            if self._services.log.advance(row, was=(was,)) is None:
                self._unsettled = True  # it is as this event is, then

    def release(self) -> None:
        """Give back what was taken along and did not go; what may have gone, fails."""
        taken = [one for one in self.held if _is_taken(one)]
        if taken and self._carried:
            self._settle([Parcel(row, row.waiting[: _count_in(row)]) for row in taken])
            return
        if taken:
            self.renew()  # whoever has taken this event over has taken these along too
        for row in taken:
            if self.doubt or self.reply_begun:
                doubted = f"failed: {DOUBTED}"
                self._settle_held([Parcel(row, [])], "failed", doubted)
                continue
            row.status, way, row.way = "held", row.way, ""
            if self._services.log.advance(row, was=("answered",)) is None:
                row.status, row.way = "answered", way
                raise Interrupted("the store is away")

    # By push

    def _push_round(self, count: int) -> bool:
        """Push the first messages; False if the budget was used up meanwhile. Raises Interrupted.

        The retry key follows from the event, so whoever repeats this does not double it.
        """
        chat_id = self.row.conversation.partition("#")[2]
        paid = self._is_half_pushed()
        if paid and self.age > KEY_LIFE:
            self.doubt = True
            return False
        if not (paid or self._pay()):
            return False
        if not self.write("answered", way="push"):
            if paid:
                raise Interrupted("the store is away")
            return False
        messages = self.row.waiting[:count]
        key = delivery.retry_key(self.row.event_id, len(self.row.replies))
        wait, began = FIRST_WAIT, self._services.clock()
        while True:
            try:
                self._services.line_within(self._timeout()).push(chat_id, messages, retry_key=key)
                break
            except QuotaExceeded:
                self._services.quota_is_gone(self.row.conversation)
                self.doubt = paid
                return False
            except (ServerFault, RateLimited, LineUnreachable) as error:
                if self._patience(began) <= wait:
                    raise Interrupted("LINE did not take the push") from error
            except LineError:
                self._services.spend(self.row.conversation, back=True)
                raise
            self._services.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
        self._services.count("pushes", 1)
        self.row.replies = self.row.replies + messages
        self.row.waiting = self.row.waiting[count:]
        self.row.way = ""
        self.ways.append("pushed")
        return True

    def _pay(self) -> bool:
        """Count a push against the budget; whether there was room."""
        self.release()  # what was not replied by now stays behind
        return self._services.spend(self.row.conversation)

    # While work goes on

    def notice(self) -> None:
        """Spend the token on a notice with a button, rather than let it run out. Never raises."""
        from penniless.notices import NOTICES, message_of, notice_in

        policy = self._services.policy
        words = {**NOTICES, **(policy.notices or {})}
        language = self._services.language_of(self._event)
        message = message_of(notice_in(language, policy.language, words), self.key)
        self.noticed = self.token_used = True
        self.row.replies = [*self.row.replies, message]
        if not self.write("claimed"):
            return
        try:
            self._services.line_within(5.0).reply(self._event.reply_token or "", [message])
        except LineError:
            return  # the answer is held then, and goes with the next event all the same
        self._services.count("replies", 1)


def _is_taken(row: Row) -> bool:
    """Whether a held answer is tied to an event that takes it along."""
    return row.status == "answered"


def _own_in(row: Row) -> int | None:
    """How many of its own messages an earlier attempt has put into its reply, if that is known."""
    way, _, count = row.way.partition(" ")
    return int(count) if row.status == "answered" and way == "reply" and count else None


def _count_in(row: Row) -> int:
    """How many of its messages that event takes."""
    return int(row.way.rpartition("#")[2])


def _may_have_arrived(error: LineError) -> bool:
    """Whether LINE may have acted on a request that failed so."""
    return not isinstance(error, RateLimited) and getattr(error, "maybe_received", True)


def is_too_old(row: Row, now: int) -> bool:
    """Whether a held answer is no answer any more."""
    return now - row.timestamp > HELD_FOR and now - (row.answered_at or row.received_at) > HELD_FOR
