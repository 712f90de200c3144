"""Where people act, and what an act leads to.

Law of this module: the values and the posting of events that `acts` and `relations` share. Nothing
is delivered here. A request that makes no sense raises `Refused`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from msgspec import Struct

from penniless.simulator import webhooks
from penniless.simulator.records import Entry, Group, Json, Person, Webhook
from penniless.simulator.turns import Turns
from penniless.simulator.world import World

NAMED_IN_GROUPS = frozenset({"message", "unsend", "messageEdited"})
"""The events of a group or room whose source names the person: LINE promises no others."""


class Refused(Exception):
    """What was asked makes no sense; `status` is the answer's, the text one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def only(asked: Json, names: Collection[str], what: str) -> None:
    """Raises Refused (400) for a name that is none of these: misspelt, it would do nothing."""
    for name in asked:
        if name not in names:
            raise Refused(400, f"{what} has no {name!r}; it takes {', '.join(names)}")


class Act(Struct):
    """What came of it: the line in the chat, and the webhook to deliver (none without the bot)."""

    entry: Entry | None
    webhook: Webhook | None


class Place(Struct):
    """Who acts where: in the 1:1 chat with the bot, or in a group."""

    world: World
    person: Person
    group: Group | None = None
    named: bool = False
    """Name the person in every event of a group, also where LINE does not promise it."""

    @property
    def chat_id(self) -> str:
        return self.group.id if self.group else self.person.user_id

    @property
    def bot_listens(self) -> bool:
        return self.group.has_bot if self.group else not self.person.blocked

    def happens(self, kind: str, properties: Json) -> Webhook | None:
        """Post an event of that type, unless the bot is not there to hear it."""
        if not self.bot_listens:
            return None
        named = self.named or kind in NAMED_IN_GROUPS or self.world.guesses.group_events_name_person
        source = self._source(named=named)
        return post_event(self.world, kind, properties, source, self.chat_id)

    def _source(self, *, named: bool) -> Json:
        if self.group is None:
            return webhooks.user_source(self.person.user_id)
        user_id = self.person.user_id if named else None
        return webhooks.group_source(self.group.kind, self.group.id, user_id)


def post_event(world: World, kind: str, properties: Json, source: Json, chat_id: str) -> Webhook:
    """Put a webhook with one event on the wire, with a reply token where the type has one.

    A common property that `properties` brings along is kept as it is; null leaves it out. Where a
    module channel has lost the chat, the event comes in standby.
    """
    now = world.now()
    if world.account.module and world.part(Turns).is_away(chat_id, now):
        properties = {"mode": "standby", **properties}
    token = properties.get("replyToken")
    if "replyToken" not in properties and webhooks.can_be_replied_to(kind, properties):
        token = world.ids.reply_token()
    if token is not None:
        world.reply_tokens.mint(str(token), chat_id, now)
    made = webhooks.event(
        kind,
        properties,
        event_id=world.ids.event_id(now),
        timestamp=now,
        source=source if webhooks.has_source(kind, properties) else None,
        reply_token=token,
    )
    return world.post([made], chat_id)


def person_named(world: World, name: Any) -> Person:
    """A person by name or user id. Raises Refused (404)."""
    found = world.find(name) if isinstance(name, str) else None
    if not isinstance(found, Person):
        raise Refused(404, f"there is no person {name!r}")
    return found


def group_named(world: World, name: Any) -> Group:
    """A group or room by name or id. Raises Refused (404)."""
    found = world.find(name) if isinstance(name, str) else None
    if not isinstance(found, Group):
        raise Refused(404, f"there is no group {name!r}")
    return found
