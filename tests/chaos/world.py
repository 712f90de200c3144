# ruff: noqa: ARG002 - these are the doors of a bot, and not every caller's word matters here
"""One process, one thread, a clock of our own: a bot, a strict LINE and a store that fail on cue.

Law of this module: everything that decides is here and deterministic, so that a counterexample can
be made small. `Crash` is the kill: nothing in the engine catches it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

from penniless.bot import Bot
from penniless.context import Context
from penniless.errors import (
    BadRequest,
    LineError,
    LineUnreachable,
    QuotaExceeded,
    RateLimited,
    ServerFault,
    StoreUnavailable,
)
from penniless.line.signature import sign
from penniless.ports import Json, SentMessage, Store
from penniless.services import Services
from penniless.stores.memory import MemoryStore
from penniless.work import Work
from tests.chaos import talk
from tests.event_samples import BOT, CONTENTS, TIME, message_event
from tests.events_json import encoded

_T = TypeVar("_T")

SECRET = "0123456789abcdef0123456789abcdef"
TOKEN_LIFE = 60_000
EVENT_LIFE = 20 * 60_000
PEOPLE = {"user": 1, "group": 3}

Trouble: TypeAlias = Literal["500", "500 acted", "lost", "lost acted", "unsent", "429", "quota"]
TROUBLES: tuple[Trouble, ...] = (
    "500", "500 acted", "lost", "lost acted", "unsent", "429", "quota",
)  # fmt: skip


class Crash(BaseException):
    """The process is gone."""


class Event(NamedTuple):
    """A message as it was written; `json` is as LINE delivers it first."""

    text: str
    chat: str
    time: int
    json: Json

    @property
    def conversation(self) -> str:
        return f"{'group' if self.chat.startswith('C') else 'user'}#{self.chat}"


class _Token:
    def __init__(self, chat: str, time: int, now: int) -> None:
        self.chat = chat
        self.time = time
        self.expires = now + TOKEN_LIFE
        self.used = False


class StrictLine:
    """LINE's rules of tokens, retry keys and the month's quota, and what people have seen."""

    def __init__(self, world: World) -> None:
        self.seen: dict[str, list[str]] = {}
        self.pushed = 0
        """Messages as LINE counts them."""
        self.quota = 200
        self.tokens: dict[str, _Token] = {}
        self._keys: set[str] = set()
        self._world = world

    def mint(self, token: str, event: Event) -> None:
        """An event goes out with its token, or goes out again."""
        now, known = self._world.now, self.tokens.get(token)
        if known is None:
            self.tokens[token] = _Token(event.chat, event.time, now)
        elif not known.used and now - known.time <= EVENT_LIFE:
            known.expires = now + TOKEN_LIFE

    def reply(
        self, reply_token: str, messages: Sequence[Json], *, notification_disabled: bool = False
    ) -> list[SentMessage]:
        def act() -> list[SentMessage]:
            token = self.tokens.get(reply_token)
            if token is None or token.used or self._world.now > token.expires:
                raise BadRequest(400, "Invalid reply token", operation="reply")
            token.used = True
            return self._show(token.chat, messages)

        return self._call("reply", act)

    def push(
        self,
        to: str,
        messages: Sequence[Json],
        *,
        retry_key: str | None = None,
        notification_disabled: bool = False,
    ) -> list[SentMessage]:
        def act() -> list[SentMessage]:
            assert retry_key, "a push for an answer has a retry key"
            if retry_key in self._keys:
                return []
            people = PEOPLE["group" if to.startswith("C") else "user"]
            if self.pushed + people > self.quota:
                raise QuotaExceeded(429, "You have reached your monthly limit.")
            self._keys.add(retry_key)
            self.pushed += people
            return self._show(to, messages)

        # A key that was accepted is told before anything else is looked at.
        return self._call("push", act, accepted=lambda: retry_key in self._keys)

    def _show(self, chat: str, messages: Sequence[Json]) -> list[SentMessage]:
        assert 1 <= len(messages) <= 5
        self.seen.setdefault(chat, []).extend(one.get("text", "[notice]") for one in messages)
        return [SentMessage(str(next(_numbers)), None) for _ in messages]

    def _call(
        self, name: str, act: Callable[[], _T], accepted: Callable[[], bool] = lambda: False
    ) -> _T:
        def call() -> _T:
            trouble = self._world.next_trouble()
            return _troubled(None if trouble == "quota" and accepted() else trouble, act)

        return self._world.meets(name, call)

    def start_loading(self, chat_id: str, seconds: int = 20) -> None:
        self._world.meets("loading", lambda: None)

    def group_members_count(self, group_id: str) -> int:
        return self._world.meets("members", lambda: PEOPLE["group"])

    def left_this_month(self) -> int:
        return self._world.meets("quota", lambda: self.quota - self.pushed)

    def profile(self, user_id: str) -> Any:
        raise BadRequest(404, "Not found")

    def close(self) -> None:
        return None


def _troubled(trouble: Trouble | None, act: Callable[[], _T]) -> _T:
    """The call, and what the caller learns of it."""
    if trouble in ("500 acted", "lost acted"):
        act()
    errors: dict[Trouble, LineError] = {
        "500": ServerFault(500),
        "500 acted": ServerFault(500),
        "lost": LineUnreachable("lost", maybe_received=True),
        "lost acted": LineUnreachable("lost", maybe_received=True),
        "unsent": LineUnreachable("refused", maybe_received=False),
        "429": RateLimited(429),
        "quota": QuotaExceeded(429, "You have reached your monthly limit."),
    }
    if trouble is None:
        return act()
    raise errors[trouble]


class ShakyStore:
    """A store whose operations fail on cue, before they have done anything or after."""

    def __init__(self, inner: Store, world: World) -> None:
        self._inner = inner
        self._world = world

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name == "close":
            return found

        def operation(*arguments: Any, **options: Any) -> Any:
            return self._world.meets(
                name, lambda: self._shaky(lambda: found(*arguments, **options))
            )

        return operation

    def _shaky(self, call: Callable[[], _T]) -> _T:
        fate = self._world.next_fate()
        if fate == "away":
            raise StoreUnavailable("the store is away")
        result = call()
        if fate == "silent":
            raise StoreUnavailable("the answer was lost")
        return result


class ModelBot(Bot):
    """A bot on the world's clock; a handler says itself when its webhook is answered."""

    world: World

    def _make_services(self) -> Services:
        services = super()._make_services()
        services.clock = lambda: self.world.now
        services.sleep = self.world.sleep
        return services

    def _claimed(self, delivered: Any, services: Services, *, deferrable: bool) -> Work | None:
        work = super()._claimed(delivered, services, deferrable=True)
        if work is not None:
            self.world.works.append(work)
        return work

    def live_with(self, work: Work) -> None:
        self.world.works.append(work)


class World:
    """Time, the chats, the store, and the bot's processes one after the other."""

    def __init__(self, *, push_budget: int = 0) -> None:
        self.now = TIME
        self.store = MemoryStore()
        self.line = StrictLine(self)
        self.ledger: list[str] = []
        self.works: list[Work] = []
        self.pauses: dict[str, tuple[int, int]] = {}
        """By text: the milliseconds that its handler takes, before and after an early reply."""
        self.push_budget = push_budget
        self.rough = False
        """Whether anything went wrong since this was reset."""
        self.answered_early = False
        self._crash_at: int | None = None
        self._steps = 0
        self._troubles: list[Trouble | None] = []
        self._fates: list[str] = []
        self.bot = self._new_bot()

    def _new_bot(self) -> ModelBot:
        bot = ModelBot(
            channel_secret=SECRET,
            channel_access_token="token",
            store=ShakyStore(self.store, self),
            line=self.line,  # type: ignore[arg-type]
            push_budget=self.push_budget,
        )
        bot.world = self

        @bot.text()
        def any_text(ctx: Context) -> list[str]:
            return self._handler(ctx)

        return bot

    def _handler(self, ctx: Context) -> list[str]:
        kind, number = talk.kind_of(ctx.text), 0
        if talk.counts(ctx.text):
            ctx.state["n"] = number = ctx.state.get("n", 0) + 1
        if kind in ("once", "mixed"):
            ctx.once("charge", lambda: self.meets("charge", lambda: self.ledger.append(ctx.text)))
        answer = talk.answer_to(ctx.text, number)
        before, after = self.pauses.get(ctx.text, (0, 0))
        self._take_time(before)
        if kind == "early":
            ctx.reply(answer[0])
            answer = answer[1:]
        self._take_time(after)
        return answer

    def _take_time(self, milliseconds: int) -> None:
        """What a slow handler's time brings: the webhook is answered, the work is looked after."""
        work = self.works[-1]
        if milliseconds and not work.leased.late:
            self.now += min(milliseconds, 1200)
            work.defer()
            self.answered_early = True
        for _ in range(0, milliseconds, 5000):
            self.now += min(milliseconds, 5000)
            work.tick()

    # What goes wrong

    def plan(
        self,
        crash_at: int | None = None,
        troubles: Sequence[Trouble | None] = (),
        fates: Sequence[str] = (),
    ) -> None:
        """For the next call of the bot: the step to die at, LINE's next answers, the store's."""
        self._crash_at, self._steps = crash_at, 0
        self._troubles, self._fates = list(troubles), list(fates)
        self.answered_early = False

    def meets(self, name: str, call: Callable[[], _T]) -> _T:
        """One operation, and the step after it."""
        try:
            return call()
        finally:
            self._steps += 1
            if self._steps == self._crash_at:
                self.rough = True
                raise Crash(name)

    def next_trouble(self) -> Trouble | None:
        found = self._troubles.pop(0) if self._troubles else None
        self.rough = self.rough or found is not None
        return found

    def next_fate(self) -> str:
        found = self._fates.pop(0) if self._fates else ""
        self.rough = self.rough or bool(found)
        return found

    def sleep(self, seconds: float) -> None:
        self.now += round(seconds * 1000)

    # What happens

    def write(self, chat: str, text: str) -> Event:
        """Somebody writes a message; nothing is delivered yet."""
        self.now += 1
        number = next(_numbers)
        source = (
            {"type": "group", "groupId": chat, "userId": f"U{'a' * 32}"}
            if chat.startswith("C")
            else {"type": "user", "userId": chat}
        )
        event = {
            **message_event({**CONTENTS["text"], "text": text, "id": str(number)}, source),
            "webhookEventId": f"01KDXS{number:020}",
            "timestamp": self.now,
            "replyToken": f"token{number}",
        }
        return Event(text, chat, self.now, event)

    def deliver(self, *events: Event, again: bool = False) -> bool:
        """Post a webhook; whether LINE got its 200. A crash is followed by a new process."""
        pieces = []
        for event in events:
            self.line.mint(event.json["replyToken"], event)
            pieces.append({**event.json, "deliveryContext": {"isRedelivery": again}})
        body = encoded({"destination": BOT, "events": pieces})
        try:
            response = self.bot.handle(body, sign(SECRET, body))
        except Crash:
            self.bot = self._new_bot()
            return self.answered_early
        return self.answered_early or response.status == 200

    def recover(self) -> None:
        """The scheduled recovery."""
        try:
            self.bot.recover()
        except (Crash, StoreUnavailable):
            self.bot = self._new_bot()


_numbers = itertools.count(1)
