"""The simulated LINE of one test: its people, what goes over its wire, what goes wrong with it.

Law of this module: it puts world, clock and carrier together. What people do is in `people`; how
the bot is reached, in `inside` and `outside`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from penniless.errors import CodeError
from penniless.simulator import relations
from penniless.simulator.durations import Duration, milliseconds
from penniless.simulator.faults import (
    WEBHOOK,
    Drop,
    Duplicate,
    Effect,
    Faults,
    Latency,
    Lost,
    Status,
    Timeout,
)
from penniless.simulator.guesses import changed
from penniless.simulator.places import Act, Refused
from penniless.simulator.quota import Quota
from penniless.simulator.records import Call, Entry, Json, Webhook
from penniless.simulator.world import World
from penniless.testing import shown
from penniless.testing.chat import Chat, Said
from penniless.testing.clock import Clock
from penniless.testing.people import Group, Person

if TYPE_CHECKING:
    from penniless.bot import Bot
    from penniless.ports import Store
    from penniless.testing.carrier import Carrier
    from penniless.testing.outside import Outside
    from penniless.testing.snapshots import Snapshots

_T = TypeVar("_T")

_PRESET = {(name, "", "en", True) for name in ("alice", "bob")}
"""Who is there from the start."""

SENDING = ("reply", "push", "multicast", "broadcast", "narrowcast")
HERE = "https://bot.invalid/callback"
"""The webhook URL of a bot in this process, which nobody looks up."""

LOOK_EVERY = 0.01
"""Seconds between two looks for what a bot behind an address says."""


class Line:
    """LINE as the test sees it. Fixture `line`."""

    def __init__(
        self,
        clock: Clock,
        find_bot: Callable[[], Bot],
        snapshots: Snapshots,
        *,
        webhook: str = "",
        port: int = 0,
    ) -> None:
        self.clock = clock
        self.snapshots = snapshots
        self._find_bot = find_bot
        self._port = port
        self._carrier: Carrier | None = None
        self._outside: Outside | None = None
        self._tally = _Tally(200)
        self._raises = True
        self._since: dict[str, int] = {}
        self._checked = 0
        self._together = False
        if webhook:
            self.connect(webhook)

    def __repr__(self) -> str:
        return f"<Line {self.clock!r}>"

    # The bot's side

    def _side(self) -> Carrier:
        """The way to the bot; in this process, unless the test has asked for another."""
        if self._carrier is None:
            from penniless.testing.inside import Inside

            bot = self._find_bot()
            self._use(Inside(World(clock=self.clock, webhook=HERE), self.clock, bot))
        assert self._carrier is not None
        return self._carrier

    def _use(self, carrier: Carrier) -> None:
        self._carrier = carrier
        carrier.world.quota = self._tally
        carrier.raises = self._raises

    def _served(self) -> Outside:
        if self._outside is None:
            if self._carrier is not None:
                raise CodeError("connect the bot before anybody does anything")
            from penniless.testing.outside import Outside

            try:
                self._outside = Outside(self.clock, self._port)
            except OSError as error:
                reason = error.strerror or str(error)
                raise CodeError(f"port {self._port} cannot be used: {reason}") from None
            self._use(self._outside)
        return self._outside

    def connect(self, url: str) -> None:
        """Test the bot at this address, over HTTP and in real time; before anybody acts.

        It needs `settings` in its environment.
        """
        side = self._served()
        side.do(lambda: side.world.set_webhook(url))

    @property
    def settings(self) -> dict[str, str]:
        """For a bot in a process of its own: its secrets, and the address of this LINE.

        As environment variables LINE_CHANNEL_SECRET, LINE_CHANNEL_ACCESS_TOKEN, LINE_API_ORIGIN.
        """
        return self._served().settings

    @property
    def world(self) -> World:
        """The simulated world, for what has no word here; see `do`."""
        return self._side().world

    @property
    def store(self) -> Store:
        """The log and state of a bot in this process, which has a store in memory for each test."""
        found: Store | None = getattr(self._side(), "store", None)
        if found is None:
            raise CodeError("a bot behind an address keeps its store to itself")
        return found

    @property
    def raises(self) -> bool:
        """Whether what goes wrong in the bot is raised where a person acts: at first, it is."""
        return self._raises

    @raises.setter
    def raises(self, value: bool) -> None:
        self._raises = value
        if self._carrier is not None:
            self._carrier.raises = value

    def do(self, what: Callable[[], _T]) -> _T:
        """Do something with the world, in the thread it belongs to."""
        try:
            return self._side().do(what)
        except Refused as refused:
            raise CodeError(str(refused)) from None

    def happens(self, what: Callable[[], Act]) -> Act:
        """Let something happen, and the bot deal with it."""
        done = self.do(what)
        if done.webhook is not None and not self._together:
            self._deliver([done.webhook])
        return done

    def _deliver(self, webhooks: Sequence[Webhook]) -> None:
        """Let the bot hear of it. A refused message is told once, before what came of it."""
        failed = None
        try:
            for webhook in webhooks:
                self._side().deliver(webhook)
        except AssertionError as error:
            failed = error
        except Exception:
            self._fresh()
            raise
        self.check()
        if failed is not None:
            raise failed

    @contextmanager
    def together(self) -> Iterator[None]:
        """What people do within goes to the bot in one webhook."""
        side = self._side()
        gathering = side.world.one_webhook()
        webhooks = side.do(gathering.__enter__)
        self._together = True
        try:
            yield
        finally:
            self._together = False
            side.do(lambda: gathering.__exit__(None, None, None))
        self._deliver(webhooks)

    def close(self) -> None:
        """The test is over. Raises AssertionError for a message that LINE has refused since."""
        if self._carrier is None:
            return
        try:
            self.check()
        finally:
            self._carrier.close()

    # People

    def person(
        self, name: str, *, display_name: str = "", language: str = "en", friend: bool = True
    ) -> Person:
        """Somebody of that name, a friend of the bot unless told; `language` is their phone's.

        New unless there is one, who then changes as is told.
        """

        def admit() -> None:
            world = self.world
            if name not in world.people:
                if world.taken(name) or _is_no_name(name):
                    raise CodeError(f"{name!r} cannot be the name of a person")
                world.add_person(name)
            found = world.people[name]
            found.display_name = display_name or found.display_name
            found.language, found.friend = language, friend

        if (name, display_name, language, friend) not in _PRESET:
            self.do(admit)
        return Person(self, name)

    def group(self, name: str, *people: Person, kind: str = "group") -> Group:
        """A new group of these people and the bot, which hears that it joined; or a `"room"`."""
        world = self.world

        def found() -> Act:
            if world.taken(name) or _is_no_name(name):
                raise CodeError(f"{name!r} cannot be the name of a group")
            members = list(dict.fromkeys(one.name for one in people))
            return relations.found_group(world, name, members, kind)[1]

        self.happens(found)
        return Group(self, name)

    # What was said

    def turns_to(self, name: str) -> None:
        """This person is about to do something: what they see is what is said from now on."""
        self._since[name] = self.do(self.world.next_seq)

    def heard(self, name: str, chat_id: str | None = None) -> list[Said]:
        """What the bot has said to this person since they last did something."""
        since, chats = self._since.get(name, 0), self._chats_of(name, chat_id)

        def fresh() -> list[Entry]:
            return [one for chat in chats for one in self.world.bot_entries_since(chat, since)]

        return [Said(one) for one in sorted(self.do(fresh), key=lambda one: one.seq)]

    def said_to(self, name: str, group: Group | None) -> list[Said]:
        """Everything the bot has said to this person, oldest first."""
        chats = self._chats_of(name, group.id if group else None)
        found = [one for chat in chats for one in self.entries_of(chat) if one.side == "bot"]
        return [Said(one) for one in sorted(found, key=lambda one: one.seq)]

    def _chats_of(self, name: str, chat_id: str | None) -> list[str]:
        def chats() -> list[str]:
            world = self.world
            groups = [one.id for one in world.groups.values() if name in one.members]
            return [world.people[name].user_id, *groups]

        return [chat_id] if chat_id else self.do(chats)

    def entries_of(self, chat_id: str) -> list[Entry]:
        return self.do(lambda: list(self.world.chat(chat_id).entries))

    def wait_until(self, look: Callable[[], _T]) -> _T:
        """Look until there is something, or patience is at an end; in this process, once."""
        until = time.monotonic() + self._side().patience
        while not (found := look()) and time.monotonic() < until:
            time.sleep(LOOK_EVERY)
        return found

    @property
    def patience(self) -> float:
        """Seconds to wait for what a bot behind an address may still say: 2 at first."""
        return self._side().patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._side().patience = seconds

    def is_loading(self, user_id: str) -> bool:
        world = self.world
        return self.do(lambda: world.loading.get(user_id, 0) > world.now())

    def rich_menu_of(self, user_id: str) -> Json | None:
        from penniless.simulator.richmenus import seen_by

        found = self.do(lambda: seen_by(self.world, user_id))
        return None if found is None else found.shown

    def switch_rich_menu(self, user_id: str, alias: str) -> None:
        """What a tap on a rich menu's tab does on the phone."""
        from penniless.simulator.richmenu_aliases import Aliases
        from penniless.simulator.richmenus import link

        menu_id = self.do(lambda: self.world.part(Aliases).menus.get(alias))
        if menu_id is not None:
            self.do(lambda: link(self.world, user_id, menu_id))

    def note(self, chat_id: str, text: str) -> None:
        self.do(lambda: self.world.note(chat_id, text))

    def chat(self, chat_id: str) -> Chat:
        """The conversation of one chat."""

        def text() -> str:
            return shown.shown(self.entries_of(chat_id), gaps=not self.clock.runs)

        return Chat(lambda: self.entries_of(chat_id), text, self.snapshots)

    @property
    def conversation(self) -> Chat:
        """Everything that was said, chat by chat."""

        def entries() -> list[Entry]:
            chats = self.do(lambda: list(self.world.chats))
            found = [entry for chat in chats for entry in self.entries_of(chat)]
            return sorted(found, key=lambda one: one.seq)

        return Chat(entries, self._text, self.snapshots)

    def _text(self) -> str:
        def spoken() -> list[tuple[str, str]]:
            world = self.world
            named = [(one.display_name, one.user_id) for one in world.people.values()]
            named += [(one.name, one.id) for one in world.groups.values()]
            return [one for one in named if one[1] in world.chats and world.chat(one[1]).entries]

        chats = self.do(spoken)
        if len(chats) == 1:
            return self.chat(chats[0][1]).text
        return "\n".join(f"== {name} ==\n{self.chat(chat_id).text}" for name, chat_id in chats)

    def report(self) -> str:
        """The conversation, and what went wrong on the wire, for a test that failed."""
        if self._carrier is None:
            return ""
        troubles = self.do(lambda: [line for one in self.world.wire for line in _trouble(one)])
        return self._text() + "".join(f"! {one}\n" for one in troubles)

    # The wire

    @property
    def webhooks(self) -> list[Webhook]:
        """Every webhook that LINE has sent, oldest first, and how it went."""
        return [one for one in self.do(lambda: list(self.world.wire)) if isinstance(one, Webhook)]

    @property
    def calls(self) -> list[Call]:
        """Every call of the bot, oldest first, and LINE's answer."""
        return [one for one in self.do(lambda: list(self.world.wire)) if isinstance(one, Call)]

    def check(self) -> None:
        """Raises AssertionError for a message of the bot that LINE has refused, if it `raises`."""
        refused = [one for one in self._fresh() if isinstance(one, Call) and _is_bad(one)]
        if refused and self._raises:
            raise AssertionError("\n".join(_trouble(refused[0])))

    def _fresh(self) -> Sequence[Webhook | Call]:
        """What went over the wire since it was asked for last."""

        def fresh() -> Sequence[Webhook | Call]:
            found = list(self.world.wire_since(self._checked))
            self._checked = self.world.next_seq()
            return found

        return self.do(fresh)

    # Quota

    @property
    def pushed(self) -> int:
        """How many messages LINE has counted in this test: one for each person reached."""
        return self._tally.total

    @property
    def quota(self) -> int | None:
        """The month's messages: 200 unless set, None for no limit."""
        return self._tally.limit

    @quota.setter
    def quota(self, limit: int | None) -> None:
        self._tally.limit = limit

    @property
    def quota_used(self) -> int:
        """How many of them are used this month; may be set, for a month that has begun."""
        return self._tally.used(self.clock.now())

    @quota_used.setter
    def quota_used(self, count: int) -> None:
        self._tally.preset(count, self.clock.now())

    # What goes wrong

    @property
    def faults(self) -> Faults:
        """The rules of what goes wrong, for what has no word here."""
        return self.world.faults

    def fails(
        self,
        operation: str,
        status: int | str = 500,
        *,
        times: int | None = None,
        acted: bool = False,
    ) -> None:
        """LINE answers this operation with an error: a status, `"quota"` or `"rate"`.

        `times` is how often, always without it. With `acted` the call has its effect all the same.
        """
        if status in ("quota", "rate"):
            effect = Status(429, quota=status == "quota", acted=acted)
        elif isinstance(status, int):
            effect = Status(status, acted=acted)
        else:
            raise CodeError(f"LINE fails with a status, 'quota' or 'rate', not with {status!r}")
        self._add(operation, effect, times)

    def drops(self, operation: str, *, times: int | None = None, acted: bool = False) -> None:
        """The connection breaks before LINE acts; with `acted`, before the answer arrives."""
        self._add(operation, Drop(acted=acted), times)

    def hangs(self, operation: str, *, times: int | None = None, acted: bool = False) -> None:
        """LINE does not answer, until the bot gives up."""
        self._add(operation, Timeout(acted=acted), times)

    def slows(self, operation: str, by: Duration, *, times: int | None = None) -> None:
        """LINE acts at once and answers that late; a `"webhook"` arrives that late."""
        self._add(operation, Latency(milliseconds(by) / 1000), times)

    def loses(self, *, times: int | None = 1) -> None:
        """The next webhook does not reach the bot."""
        self._add(WEBHOOK, Lost(), times)

    def delivers_twice(self, *, after: Duration = 0, times: int | None = 1) -> None:
        """The next webhook arrives a second time, byte for byte."""
        self._add(WEBHOOK, Duplicate(milliseconds(after) / 1000), times)

    def recovers(self) -> None:
        """Nothing goes wrong any more."""
        self.do(self.faults.clear)

    def guesses(self, name: str, value: bool | int | str) -> None:  # noqa: FBT001 - what LINE does
        """Answer what LINE leaves open otherwise: `line.guesses("replyTokenSeconds", 30)`.

        The names stand in docs/simulator.md. Raises SettingsError for others, and other values.
        """
        world = self.world
        self.do(lambda: world.set_guesses(changed(world.guesses, {name: value})))

    def redelivers(self) -> Webhook:
        """Send the last webhook again, as LINE does when it got no answer."""

        def again() -> Act:
            sent = [one for one in self.world.wire if isinstance(one, Webhook) and one.event_ids]
            if not sent:
                raise CodeError("there is no webhook to send again")
            return Act(None, self.world.post_again(sent[-1]))

        webhook = self.happens(again).webhook
        assert webhook is not None
        return webhook

    def redelivers_failures(self, *after: Duration) -> None:
        """Redelivery is on: a webhook that fails goes out again that long after each failure.

        Without times, 5, 20, 60 and 300 seconds.
        """
        schedule = tuple(milliseconds(one) / 1000 for one in after) or None
        self.do(lambda: self.world.set_redelivery(on=True, schedule=schedule))

    def _add(self, endpoint: str, effect: Effect, times: int | None) -> None:
        try:
            self.do(lambda: self.faults.add(endpoint, effect, times=times))
        except ValueError as error:
            raise CodeError(str(error)) from None


class _Tally(Quota):
    """The month's messages, and all that were counted in this test."""

    def __init__(self, limit: int | None) -> None:
        super().__init__(limit)
        self.total = 0

    def count(self, people: int, now: int) -> None:
        self.total += people
        super().count(people, now)

    def preset(self, used: int, now: int) -> None:
        """So many are used before the test begins."""
        super().count(used - self.used(now), now)


def _is_no_name(name: str) -> bool:
    return name in ("", "bot", "all") or "/" in name


def _is_bad(call: Call) -> bool:
    """Whether LINE has refused a message for what it is."""
    if call.status != 400 or call.fault or call.operation not in SENDING:
        return False
    return "reply token" not in str(call.response.get("message", "")).casefold()


def _trouble(one: Webhook | Call) -> Iterator[str]:
    """What went wrong, in LINE's words and ours, one line for each thing."""
    if isinstance(one, Webhook):
        if one.done and one.reason != "ok":
            yield f"webhook {one.reason} {one.detail}".rstrip()
        return
    if one.status < 400 and not one.fault:
        return
    said = one.response if isinstance(one.response, dict) else {}
    why = f"; on purpose: {one.fault}" if one.fault else ""
    hint = f" ({one.hint})" if one.hint else ""
    yield f"LINE answered {one.operation} with {one.status}: {said.get('message', '')}{hint}{why}"
    for detail in said.get("details", []):
        yield f"    {detail.get('property')}: {detail.get('message')}"
