"""A bot whose clock stands still, whose store is watched, and whose process can die at any step.

Law of this module: what is real stays real (the bot, the store, LINE's rules); only time and death
are played.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from typing import Any, cast

from penniless.bot import Bot, Response
from penniless.crew import Pacer
from penniless.errors import LineUnreachable, ServerFault, StoreUnavailable
from penniless.events import decode_event
from penniless.lifecycle import LONG_LEASE, TRANSITIONS
from penniless.line.signature import sign
from penniless.ports import OPEN, Claim, Json, Row, Status
from penniless.stores.memory import MemoryStore
from penniless.work import Delivered, Work
from tests.event_samples import ALICE, BOT
from tests.events_json import encoded
from tests.fakes import LATER, SECRET, Clock, FakeLine, said, stage, webhook

CHAT = f"user#{ALICE}"
ALLOWED = {(one.source, one.target) for one in TRANSITIONS}


class Watched(MemoryStore):
    """A store that keeps the way of every event, and complains of one that is not in the table."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []
        self.forbidden: list[tuple[Status | None, Status]] = []
        self._watch = threading.RLock()

    def claim(self, row: Row, *, now: int) -> Claim:
        with self._watch:
            self.writes.append("claim")
            claim = super().claim(row, now=now)
            if claim.granted and claim.row is not None:
                self._note(claim.row.status, claim.row.status)
            return claim

    def advance(self, row: Row, *, was: Sequence[Status] = OPEN) -> bool:
        with self._watch:
            self.writes.append(row.status)
            found = self.rows(row.conversation, now=0, since=row.timestamp)
            before = next((one.status for one in found if one.event_id == row.event_id), None)
            moved = super().advance(row, was=was)
            if moved:
                self._note(before, row.status)
            return moved

    def _note(self, before: Status | None, after: Status) -> None:
        if (before, after) not in ALLOWED:
            self.forbidden.append((before, after))


class Killed(BaseException):
    """The process is gone; what it does from now on never happens."""


class Fuse:
    """Counts the steps of a process to the outside, and ends it at one of them."""

    def __init__(self, last: int | None = None) -> None:
        self.steps = 0
        self._last = last

    def step(self) -> None:
        """Two for each call: before it acts, and after."""
        self.steps += 1
        if self._last is not None and self.steps > self._last:
            raise Killed

    def blow(self) -> None:
        """This step is the last."""
        self._last = self.steps


class Luck:
    """What befalls a call by chance, replayable by its seed: trouble of either side, or death."""

    def __init__(self, seed: int, *, trouble: float, death: float) -> None:
        self.random = Random(seed)
        self.trouble = trouble
        self.death = death

    def strike(self, behind: object, *, after: bool) -> None:
        """Raise what comes before the call acts, or after it."""
        if self.random.random() < self.death:
            raise Killed
        if self.random.random() >= self.trouble:
            return
        if not isinstance(behind, FakeLine):
            raise StoreUnavailable("away")
        silence = LineUnreachable("timed out", maybe_received=after)
        raise self.random.choice([ServerFault(500), silence])


class Mortal:
    """A store or a LINE as a process sees it that may die around each call."""

    def __init__(self, behind: object, fuse: Fuse, luck: Luck | None = None) -> None:
        self._behind = behind
        self._fuse = fuse
        self._luck = luck

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._behind, name)
        if not callable(found):
            return found

        def call(*args: Any, **named: Any) -> Any:
            self._step(after=False)
            result = found(*args, **named)
            self._step(after=True)
            return result

        return call

    def _step(self, *, after: bool) -> None:
        self._fuse.step()
        if self._luck is not None:
            try:
                self._luck.strike(self._behind, after=after)
            except Killed:
                self._fuse.blow()
                raise


class Asleep(Pacer):
    """Looks after nothing: a test ticks by itself, at the time of its own clock."""

    def add(self, work: Work) -> None:
        """Leave it alone."""


class Scene:
    """A conversation with a bot that may be started again and again on the same store and LINE."""

    def __init__(
        self, script: Callable[[Scene], None], *, luck: Luck | None = None, **options: Any
    ) -> None:
        self.clock = Clock()
        self.line = FakeLine()
        self.store = Watched()
        self.work: Work | None = None
        """The work on the event that `post_late` has delivered."""
        self.luck = luck
        self._script = script
        self._options = options
        self.bot: Bot
        self.start()

    def start(self, last_step: int | None = None) -> Fuse:
        """Start a process that lives for so many steps; the one before it is gone."""
        fuse = Fuse(last_step)
        line = cast(FakeLine, Mortal(self.line, fuse, self.luck))
        store = cast(MemoryStore, Mortal(self.store, fuse, self.luck))
        self.bot = stage(store, line=line, clock=self.clock, **self._options).bot
        self.bot._pacer = Asleep()
        self._script(self)
        return fuse

    def post(self, *events: Json, deadline: float | None = None) -> Response:
        body = webhook(*events)
        return self.bot.handle(body, sign(SECRET, body), deadline)

    def post_late(self, event: Json) -> None:
        """Deliver an event whose webhook is answered when its handler calls `answer_webhook`."""
        piece = encoded(event)
        delivered = Delivered(decode_event(piece), piece, BOT)
        self.work = self.bot._claimed(delivered, self.bot._services(), deferrable=True)
        if self.work is not None:
            self.work.run()

    def answer_webhook(self) -> None:
        """As at the deadline; nothing happens for an event that `post` has delivered."""
        if self.work is not None and not self.work.done.is_set():
            self.work.defer()

    def say(self, words: str, **changes: Any) -> Response:
        return self.post(said(words, **changes))

    def restart_later(self, milliseconds: int = LONG_LEASE + 1) -> None:
        """A new process, when every lease of the old one is over."""
        self.clock.later(milliseconds)
        self.work = None
        self.start()

    def rows(self, conversation: str = CHAT) -> list[Row]:
        return list(self.store.rows(conversation, now=LATER))

    @property
    def row(self) -> Row:
        """The oldest event of the chat."""
        return self.rows()[0]

    @property
    def statuses(self) -> list[str]:
        return [row.status for row in self.rows()]

    @property
    def outcomes(self) -> list[str]:
        return [row.outcome for row in self.rows()]


def until_killed(act: Callable[[], object]) -> None:
    """Do it, as far as the process lives."""
    with suppress(Killed):
        act()


def redelivered(event: Json) -> Json:
    return {**event, "deliveryContext": {"isRedelivery": True}}


def texts(messages: Sequence[Json]) -> list[str]:
    return [one.get("text", f"[{one['type']}]") for one in messages]
