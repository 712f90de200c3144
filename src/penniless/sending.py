"""How an answer leaves: the reply, the push, the wait, and what is known of each afterwards.

Law of this module: it acts on the decisions of `delivery` and makes none. Whatever is sent outside
the webhook's own time is written down first (`answered`), so that whoever takes the event over
knows it; and a token that LINE refuses while it is young was used, so a reply whose end nobody
knows may be sent again.
"""

from __future__ import annotations

from penniless import delivery
from penniless.delivery import DOUBTED, PER_CALL, Answer, Refused, Token, token_state
from penniless.errors import (
    BadRequest,
    LineError,
    LineUnreachable,
    QuotaExceeded,
    RateLimited,
    ReplyError,
    ServerFault,
)
from penniless.held import Held, Parcel
from penniless.leased import Interrupted
from penniless.notices import is_notice
from penniless.patience import FIRST_WAIT, Patience, longer
from penniless.ports import OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from penniless.events import Event
    from penniless.leased import Leased
    from penniless.ports import Json, Row, SentMessage, Status
    from penniless.services import Services

    Reply = Literal["sent", "refused", "unsent", "doubt", "never known"]

KEY_LIFE = 23 * 3_600_000
"""Milliseconds in which a push may be repeated under its retry key; LINE forgets it after 24 h."""

_MEANS: dict[delivery.Refusal, Reply] = {"old": "refused", "used": "sent", "unknown": "never known"}


class Mail:
    """Everything that leaves for LINE because of one event. One thread at a time, by its guard."""

    def __init__(self, leased: Leased, event: Event, services: Services) -> None:
        row = leased.row
        self.row = row
        self.leased = leased
        self.held = Held(leased, services)
        """Answers of earlier events, to go in front."""
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
        self._event = event
        self._services = services
        self._patience = Patience(leased, services)

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
        """Whether a held answer may go with this event's reply."""
        return self.token() == "live" and self.held.can_go(doubt=self.leased.doubt)

    def _is_half_pushed(self) -> bool:
        """Whether an earlier attempt has paid for a push, and perhaps sent it."""
        return self.row.status == "answered" and self.row.way == "push"

    def _answer(self) -> Answer:
        found = self.token()
        kind = delivery.kind_of(self.row.conversation, self.row.type)
        recipients, budget = 0, 0
        if found != "live" and not self.leased.doubt:
            recipients, budget = self._services.allowance(self.row.conversation)
        count = len(self.row.waiting) + len(self.held.rows)
        return Answer(found, count, kind, self.leased.doubt, recipients, budget)

    def _hold(self) -> None:
        self.release()
        self.row.outcome = ", ".join([*self.ways, "held"])
        self.row.answered_at = self._services.clock()
        if not self.leased.write("held"):
            way = "used" if self.token_used else ""
            self.row.status, self.row.way = "answered", "reply 0" if self.held.unsettled else way
            raise Interrupted("the store is away")
        self.ways.append("held")

    def _know_the_token_used(self) -> None:
        self.token_used, self.leased.doubt, self._begun = True, False, None

    def _give_up(self) -> None:
        if not self.leased.doubt:
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
            self.leased.doubt = True
        return None

    def replied_already(self, messages: list[Json]) -> None:
        """Take note that an earlier attempt has used the token for these, and for nothing else."""
        if not self.replied_before:
            self.row.replies = [*self.row.replies, *messages]
        self.token_used, self.leased.doubt, self.reply_begun = True, False, False
        self._carried = True

    def _reply_again(self, messages: list[Json]) -> list[SentMessage]:
        """Repeat a reply that an earlier attempt began before its answer; if in doubt, leave it."""
        self.reply_begun = False
        doubt, self.leased.doubt = self.leased.doubt, True
        self.row.waiting = messages
        try:
            result, sent = self._reply(self._parcels(whole=True), final=False)
        finally:
            self.leased.doubt = doubt
        if result in ("doubt", "never known"):
            self.row.way = "reply"  # as before, for the next attempt
        return sent[-len(messages) :]

    def _reply_round(self) -> None:
        in_doubt, parcels = self.leased.doubt or self._is_news_again, self._parcels()
        if not parcels:  # other events were faster with the held answers, or all has arrived
            if in_doubt:
                self._know_the_token_used()
            return
        result, _ = self._reply(parcels)
        if result in ("doubt", "never known"):
            self.leased.doubt = True
        if result in ("unsent", "doubt") and not self.leased.late:
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
        own, others = self._apart(parcels)
        way = f"reply {sum(len(one.messages) for one in own)}" if final else "reply"
        if self.row.deferred or others:
            self.leased.announce(status, way)
        try:
            result, sent = self._attempt(messages, status, way, quiet=quiet)
        except BadRequest:
            if not others:
                self.row.way = ""
                raise
            return self._reply_apart(own, others, quiet=quiet, final=final)
        except LineError:
            self.row.way = ""
            self.release()
            raise
        self.token_used, self.row.way = True, ""
        if result == "sent":
            self.leased.doubt = False
            self._arrived(own)
            self.held.arrived(others)
            self._services.count("replies", 1)
        elif result in ("doubt", "never known"):
            self.held.fail([one.row for one in others], DOUBTED)
        else:
            self.release()
        return result, sent

    def _apart(self, parcels: list[Parcel]) -> tuple[list[Parcel], list[Parcel]]:
        """The event's own messages, and the held answers."""
        own = [parcel for parcel in parcels if parcel.row is self.row]
        return own, [parcel for parcel in parcels if parcel.row is not self.row]

    def _arrived(self, own: list[Parcel]) -> None:
        for row, messages in own:
            row.replies = row.replies + messages
            row.waiting = row.waiting[len(messages) :]
            self.ways.append("replied")

    def _reply_apart(
        self, own: list[Parcel], others: list[Parcel], *, quiet: bool, final: bool
    ) -> tuple[Reply, list[SentMessage]]:
        """Find out whose messages LINE has refused, the event's own or a held answer's.

        Neither must suffer for the other: the own ones go alone, and show it.
        """
        refused = "LINE refused the answer"
        if not own:
            self.held.fail([others[0].row], refused)
            return self._reply(others[1:], quiet=quiet, final=final) if others[1:] else ("sent", [])
        self.release()
        result, sent = self._reply(own, quiet=quiet, final=final)
        if result == "sent":
            self.held.fail([one.row for one in others], refused, was="held")
        return result, sent

    def _attempt(
        self, messages: list[Json], status: Status, way: str, *, quiet: bool
    ) -> tuple[Reply, list[SentMessage]]:
        """Reply, again and again where that can help, and say what is known at the end."""
        maybe, wait = self.leased.doubt, FIRST_WAIT
        # The first delivery may have been answered although the log does not know of it.
        again = self._is_news_again and self.age < delivery.SURE
        while True:
            try:
                line = self._services.line_within(self._patience.timeout())
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
            if self._patience.left() <= wait:
                return ("doubt" if maybe else "unsent"), []
            if self.leased.late:
                self.leased.write(status, way=way)  # whoever takes over must not think it unsent
            self._services.sleep(wait)
            wait = longer(wait)

    def _parcels(self, *, whole: bool = False) -> list[Parcel]:
        """What the next reply carries: held answers first, five messages at most.

        With `whole` the event's own messages all go, and held ones only where there is room. In
        doubt it is what an earlier attempt may have sent, or LINE's answer would mean nothing.
        """
        if self.leased.doubt or self._is_news_again:
            return self._parcels_again(whole=whole)
        room = PER_CALL - (len(self.row.waiting) if whole else 0)
        parcels = self.held.take(room, whole=whole)
        left = room - sum(len(one.messages) for one in parcels)
        return self._with_own(parcels, None if whole else left)

    def _parcels_again(self, *, whole: bool) -> list[Parcel]:
        parcels = self.held.tied()
        room = PER_CALL - sum(len(one.messages) for one in parcels)
        count = room if self._begun is None else self._begun
        return self._with_own(parcels, None if whole else count)

    def _with_own(self, parcels: list[Parcel], count: int | None) -> list[Parcel]:
        """These, and so many of the event's own messages; all of them without a number."""
        own = self.row.waiting[:count]
        return [*parcels, Parcel(self.row, own)] if own else parcels

    def release(self) -> None:
        """Bring what was taken along to its end: gone with a reply, given back, or in doubt."""
        if self._carried:
            self.held.arrived(self.held.tied())
        else:
            self.held.release(doubt=self.leased.doubt or self.reply_begun)

    # By push

    def _push_round(self, count: int) -> bool:
        """Push the first messages; False if the budget was used up meanwhile. Raises Interrupted.

        The retry key follows from the event, so whoever repeats this does not double it.
        """
        chat_id = self.row.conversation.partition("#")[2]
        paid = self._is_half_pushed()
        if paid and self.age > KEY_LIFE:
            self.leased.doubt = True
            return False
        if not (paid or self._pay()):
            return False
        if not self.leased.write("answered", way="push"):
            if paid:
                raise Interrupted("the store is away")
            return False
        messages = self.row.waiting[:count]
        key = delivery.retry_key(self.row.event_id, len(self.row.replies))
        wait, began = FIRST_WAIT, self._services.clock()
        while True:
            try:
                self._services.line_within(self._patience.timeout()).push(
                    chat_id, messages, retry_key=key
                )
                break
            except QuotaExceeded:
                self._services.quota_is_gone(self.row.conversation)
                self.leased.doubt = paid
                return False
            except (ServerFault, RateLimited, LineUnreachable) as error:
                if self._patience.left(began) <= wait:
                    raise Interrupted("LINE did not take the push") from error
            except LineError:
                self._services.spend(self.row.conversation, back=True)
                raise
            self._services.sleep(wait)
            wait = longer(wait)
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
        message = message_of(notice_in(language, policy.language, words), self.leased.key)
        self.noticed = self.token_used = True
        self.row.replies = [*self.row.replies, message]
        if not self.leased.write("claimed"):
            return
        try:
            self._services.line_within(5.0).reply(self._event.reply_token or "", [message])
        except LineError:
            return  # the answer is held then, and goes with the next event all the same
        self._services.count("replies", 1)


def _own_in(row: Row) -> int | None:
    """How many of its own messages an earlier attempt has put into its reply, if that is known."""
    way, _, count = row.way.partition(" ")
    return int(count) if row.status == "answered" and way == "reply" and count else None


def _may_have_arrived(error: LineError) -> bool:
    """Whether LINE may have acted on a request that failed so."""
    return not isinstance(error, RateLimited) and getattr(error, "maybe_received", True)
