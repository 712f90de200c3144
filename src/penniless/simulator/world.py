"""The simulated world: a channel, the people and groups around it, and their chats.

Law of this module: it keeps state and tells its listeners what changed. No IO, no waiting, no time
but the clock's; what LINE allows is decided in `api`, what people do in `acts`. What only one
family of operations needs is a part that its module keeps. One thread at a time may use a world.
"""

from __future__ import annotations

import random
from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import TypeVar, cast

from penniless.readable import readable
from penniless.simulator import fates, webhooks
from penniless.simulator.access_tokens import AccessTokens
from penniless.simulator.account import Account
from penniless.simulator.clock import Clock, SystemClock
from penniless.simulator.failures import Failures
from penniless.simulator.faults import Faults
from penniless.simulator.guesses import Guesses
from penniless.simulator.ids import Ids, id_of, made_up_access_token, made_up_secret
from penniless.simulator.quota import Quota
from penniless.simulator.rates import Rates
from penniless.simulator.records import Entry, Group, Json, Media, Person, Via, Webhook
from penniless.simulator.wire import WIRE_KEPT, Wire

__all__ = ["CHANNEL_ID", "WIRE_KEPT", "Chat", "World"]

CHAT_KEPT = 2_000
MEDIA_BYTES_KEPT = 256 * 1024 * 1024
SEVEN_DAYS = 7 * 24 * 3600 * 1000
CHANNEL_ID = "1234567890"
PRESET = (("alice", "Alice", "#d9534f"), ("bob", "Bob", "#3b7dd8"))
COLORS = ("#d9534f", "#3b7dd8", "#4a9d5b", "#b0661a", "#7b5bb5", "#11828f", "#b83b7d", "#5f6b7a")

Part = TypeVar("Part")


class Chat:
    """The entries of one chat, oldest first. `id` is a user, group or room id."""

    def __init__(self, chat_id: str) -> None:
        self.id = chat_id
        self.entries: deque[Entry] = deque()


class World(Wire):
    """Everything the simulated LINE knows."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        channel_secret: str | None = None,
        channel_access_token: str | None = None,
        webhook: str | None = None,
        channel_id: str = CHANNEL_ID,
        name: str = "Bot",
        quota: int | None = 200,
        allow_http: bool = False,
        guesses: Guesses | None = None,
        chance: random.Random | None = None,
    ) -> None:
        super().__init__(
            clock or SystemClock(),
            channel_secret=channel_secret or made_up_secret(),
            user_id=id_of("user", "the bot itself"),
            webhook=webhook,
        )
        self.ids = Ids(chance)
        self.channel_access_token = channel_access_token or made_up_access_token()
        self.access_tokens = AccessTokens()
        self.account = Account(channel_id=channel_id)
        self.name = name
        self.basic_id = "@000penny"
        self.chat_mode = "bot"
        self.allow_http = allow_http
        self.quota = Quota(quota)
        self.rates = Rates()
        self.rate_limits = True
        self.redelivery = False
        self.redelivery_schedule: tuple[float, ...] = fates.SCHEDULE
        self.faults = Faults(chance)
        self.failures = Failures()
        self.failing_since: int | None = None
        self.bot_status = {"status": "external", "detail": ""}
        self.has_log = False
        self.guesses = guesses or Guesses()
        self._heed_guesses()
        self._empty()

    def __repr__(self) -> str:
        return f"<World {self.name!r}: {len(self.people)} people, {len(self.groups)} groups>"

    def _empty(self) -> None:
        self.people: dict[str, Person] = {}
        self.groups: dict[str, Group] = {}
        self.chats: dict[str, Chat] = {}
        self.messages: dict[str, Entry] = {}
        self.media: OrderedDict[str, Media] = OrderedDict()
        self.loading: dict[str, int] = {}
        self.retry_keys: OrderedDict[str, Json] = OrderedDict()
        self.last_wrote: dict[str, int] = {}
        self._by_id: dict[str, Person | Group] = {}
        self._media_bytes = 0
        self._parts: dict[type[object], object] = {}
        self.began = self.now()
        self._empty_wire()
        for name, display_name, color in PRESET:
            self._admit(name, display_name=display_name, color=color)

    def reset(self) -> None:
        """Empty chats, wire, tokens, counts and faults; the settings and the preset people stay."""
        self._empty()
        for part in (
            self.reply_tokens,
            self.quota,
            self.rates,
            self.faults,
            self.failures,
            self.timetable,
            self.access_tokens,
        ):
            part.clear()
        self.failing_since = None
        self.tell("reset", {})
        self.tell("world", self)

    def refill(self, people: Iterable[Person], groups: Iterable[Group], seq: int) -> None:
        """A reset, and then these people and groups in place of the preset ones.

        Chats, media and parts are there to be filled. `seq` is the last number that was given.
        """
        self.reset()
        self._seq = max(self._seq, seq)
        self.people = {one.name: one for one in people}
        self.groups = {one.name: one for one in groups}
        self._by_id = {one.user_id: one for one in self.people.values()}
        self._by_id.update((one.id, one) for one in self.groups.values())

    # Parts that other modules keep

    def part(self, kind: type[Part]) -> Part:
        """The one instance of a part of the world, made when it is first asked for.

        Parts hold what a family of operations needs; a reset forgets them all.
        """
        found = self._parts.get(kind)
        if found is None:
            found = self._parts[kind] = kind()
        return cast(Part, found)

    # People and groups

    def add_person(
        self,
        name: str,
        *,
        display_name: str = "",
        language: str = "en",
        color: str = "",
        friend: bool = True,
    ) -> Person:
        """A new person; the name must be free (see `taken`)."""
        person = self._admit(name, display_name, language, color, friend=friend)
        self.tell("world", self)
        return person

    def _admit(
        self,
        name: str,
        display_name: str,
        language: str = "en",
        color: str = "",
        *,
        friend: bool = True,
    ) -> Person:
        person = Person(
            name=name,
            display_name=display_name or name[:1].upper() + name[1:],
            user_id=id_of("user", name),
            language=language,
            color=color or COLORS[len(self.people) % len(COLORS)],
            friend=friend,
        )
        self.people[name] = self._by_id[person.user_id] = person
        return person

    def add_group(self, name: str, members: list[str], kind: str = "group") -> Group:
        """A new group or room of existing people, the bot among them."""
        group = Group(
            name=name,
            kind="room" if kind == "room" else "group",
            id=id_of(kind, name),
            members=list(members),
        )
        self.groups[name] = self._by_id[group.id] = group
        self.tell("world", self)
        return group

    def taken(self, name: str) -> bool:
        """People and groups share one space of names, because chats are asked for by name."""
        return name in self.people or name in self.groups

    def find(self, name_or_id: str) -> Person | Group | None:
        """A person or group by name or id."""
        return (
            self.people.get(name_or_id)
            or self.groups.get(name_or_id)
            or self._by_id.get(name_or_id)
        )

    def person_of(self, user_id: str | None) -> Person | None:
        found = self._by_id.get(user_id or "")
        return found if isinstance(found, Person) else None

    def group_of(self, chat_id: str | None) -> Group | None:
        found = self._by_id.get(chat_id or "")
        return found if isinstance(found, Group) else None

    def member(self, group: Group, user_id: str) -> Person | None:
        """The person of that id, if a member of the group."""
        person = self.person_of(user_id)
        return person if person is not None and person.name in group.members else None

    def hears_bot(self, person: Person) -> bool:
        """Whether a push arrives: friends, and for seven days whoever wrote to the bot 1:1."""
        if person.blocked:
            return False
        wrote = self.last_wrote.get(person.user_id)
        return person.friend or (wrote is not None and self.now() - wrote <= SEVEN_DAYS)

    # Chats

    def chat(self, chat_id: str) -> Chat:
        found = self.chats.get(chat_id)
        if found is None:
            found = self.chats[chat_id] = Chat(chat_id)
        return found

    def bot_entries_since(self, chat_id: str, seq: int) -> list[Entry]:
        """What the bot said in a chat after that number, oldest first."""
        newer: list[Entry] = []
        for entry in reversed(self.chat(chat_id).entries):
            if entry.seq <= seq:
                break
            if entry.side == "bot":
                newer.append(entry)
        return newer[::-1]

    def add_entry(self, entry: Entry) -> Entry:
        """Append to its chat; the oldest entries and their media are dropped above the bound."""
        entries = self.chat(entry.chat).entries
        entries.append(entry)
        if entry.id:
            self.messages[entry.id] = entry
        if len(entries) > CHAT_KEPT:
            dropped = entries.popleft()
            self.messages.pop(dropped.id, None)
            self._drop_media(dropped.id)
        self.tell("entry", entry)
        return entry

    def note(self, chat_id: str, text: str) -> Entry:
        """A line of the system: somebody came, left, blocked."""
        return self.add_entry(
            Entry(
                seq=self.next_seq(),
                chat=chat_id,
                side="system",
                name="",
                time=self.now(),
                message={"type": "system"},
                text=text,
            )
        )

    def bot_says(self, chat_id: str, message: Json, via: Via, *, read: bool = False) -> Entry:
        """The bot's message arrives in a chat; a loading animation there ends."""
        if self.loading.pop(chat_id, None) is not None:
            self.tell("loading", {"chat": chat_id, "until": None})
        sender = message.get("sender") or {}
        return self.add_entry(
            Entry(
                seq=self.next_seq(),
                id=self.ids.message_id(self.now()),
                chat=chat_id,
                side="bot",
                name=sender.get("name") or self.name,
                user_id=self.user_id,
                icon_url=sender.get("iconUrl"),
                time=self.now(),
                message=message,
                text=readable(message),
                via=via,
                read=read,
                quoted=self._quoted_by(message),
            )
        )

    def _quoted_by(self, message: Json) -> Json | None:
        token = message.get("quoteToken")
        opened = self.ids.opened_quote(token) if isinstance(token, str) else None
        return self.quoted(opened[1]) if opened else None

    def quoted(self, message_id: str) -> Json:
        """A message as it is shown above the one that quotes it."""
        entry = self.messages.get(message_id)
        if entry is None or entry.unsent:
            return {"id": message_id, "name": entry.name if entry else "", "text": ""}
        return {"id": message_id, "name": entry.name, "text": entry.text}

    def forget_quotes(self, unsent: Entry) -> None:
        """Take an unsent message's text from where it was quoted in its chat."""
        for entry in self.chat(unsent.chat).entries:
            if entry.quoted is not None and entry.quoted["id"] == unsent.id:
                entry.quoted = {**entry.quoted, "text": ""}
                self.tell("entry", entry)

    def mark_read(self, chat_id: str, up_to: int, *, side: str) -> int:
        """Mark what `side` wrote up to that number as read; returns how many entries changed."""
        changed = 0
        for entry in reversed(self.chat(chat_id).entries):
            if entry.seq > up_to or entry.side != side:
                continue
            if entry.read:
                break
            entry.read = True
            changed += 1
            self.tell("entry", entry)
        return changed

    # Media

    def keep_media(self, message_id: str, media: Media) -> None:
        """Keep bytes for the content API; the oldest go when there are too many in all."""
        self.media[message_id] = media
        self._media_bytes += len(media.data)
        while self._media_bytes > MEDIA_BYTES_KEPT and len(self.media) > 1:
            self._drop_media(next(iter(self.media)))

    def _drop_media(self, message_id: str) -> None:
        dropped = self.media.pop(message_id, None)
        if dropped is not None:
            self._media_bytes -= len(dropped.data)

    def forget_media(self, message_id: str) -> None:
        """The message was unsent: the bytes go, the knowledge that they were there stays."""
        media = self.media.get(message_id)
        if media is not None:
            self._media_bytes -= len(media.data)
            media.data, media.gone = b"", True

    # The wire

    def _settled(self, webhook: Webhook) -> None:
        """A delivery ended: with response settings "Chat" off, LINE marks messages as read."""
        if self.chat_mode == "bot" and webhook.reason == "ok":
            for chat in webhooks.chats_of(webhook):
                self.mark_read(chat, webhook.seq, side="person")
        fates.follows(self, webhook)

    # Settings and status

    def set_bot_status(self, status: str, detail: str) -> None:
        self.bot_status = {"status": status, "detail": detail}
        self.tell("bot", self.bot_status)

    def set_webhook(self, url: str | None) -> None:
        self.webhook_url = url
        self.failing_since = None
        self.tell("world", self)

    def set_redelivery(self, *, on: bool, schedule: tuple[float, ...] | None = None) -> None:
        """`schedule` is the seconds from each failure to the next try; its length is their number.

        Switched off, nothing that was planned goes out again.
        """
        self.redelivery = on
        if schedule is not None:
            self.redelivery_schedule = schedule
        if not on:
            self.timetable.forget_redeliveries()
        self.tell("world", self)

    def set_guesses(self, guesses: Guesses) -> None:
        """Answer what LINE leaves open in another way from now on."""
        self.guesses = guesses
        self._heed_guesses()
        self.tell("world", self)

    def _heed_guesses(self) -> None:
        self.reply_tokens.seconds = self.guesses.reply_token_seconds
        self.quota.hours = self.guesses.quota_hours

    def set_rate_limits(self, *, on: bool) -> None:
        self.rate_limits = on
        self.rates.clear()
        self.tell("world", self)
