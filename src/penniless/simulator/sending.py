"""The sending operations: reply, push, multicast, broadcast, and the validation of messages.

Law of this module: who gets a message, what it costs, and what LINE answers. What a message object
may look like is decided in `checks`.

Source: https://developers.line.biz/en/reference/messaging-api/#messages
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from penniless.simulator import sentences
from penniless.simulator.checks import Setting, check_messages
from penniless.simulator.coupons import Coupons
from penniless.simulator.deliveries import Deliveries, Delivery
from penniless.simulator.exchange import (
    Answer,
    Asked,
    LineRefusal,
    errors_in_body,
    invalid_property,
    refusal,
)
from penniless.simulator.ids import CHAT_ID, USER_ID
from penniless.simulator.records import Entry, Json, Person, Via
from penniless.simulator.strict_json import place_of
from penniless.simulator.table import HOURLY, TWO_HUNDRED, Operation
from penniless.simulator.world import World

QUOTABLE = frozenset({"text", "textV2", "sticker", "image", "video", "template", "flex"})
"""The messages of a bot that can be quoted, and so have a quote token."""

REPLY_TOKEN = re.compile(r"[\x21-\x7e]+\Z")
UNIT = re.compile(r"[a-zA-Z0-9_]{1,30}\Z")
RETRY_KEY_LIFE = 24 * 3600 * 1000
MOST_UNITS = 1_000
FLOOD = (60, 60)
"""Messages by push to one person, and the seconds in which they are too many."""


def reply(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#send-reply-message"""
    world = asked.world
    token = asked.json.get("replyToken")
    if token is None:
        raise errors_in_body([("May not be empty", "replyToken")])
    if not isinstance(token, str) or not REPLY_TOKEN.match(token):
        raise invalid_property("replyToken", *place_of(asked.text, "replyToken"))
    chat_id = world.reply_tokens.chat(token)
    flag(asked.json, "notificationDisabled")
    messages = _messages_of_reply(asked, token, chat_id)
    hint = world.reply_tokens.refusal(token, world.now())
    if hint or chat_id is None:
        raise refusal(400, "Invalid reply token", hint=hint)
    group = world.group_of(chat_id)
    if group is not None and not group.has_bot:
        raise refusal(400, "Invalid reply token", hint="the bot is not in this group any more")
    world.reply_tokens.use(token)
    person = world.person_of(chat_id)
    if person is not None and person.blocked:
        return _unseen(world, chat_id, messages)
    world.part(Deliveries).count("reply", 1, world.now())
    return _sent(world, chat_id, messages, "reply")


def _messages_of_reply(asked: Asked, token: str, chat_id: str | None) -> list[Json]:
    """The messages, checked. LINE may be guessed to take the token even if they are bad."""
    try:
        return checked_messages(asked, "reply", chat_id)
    except LineRefusal:
        if chat_id is not None and asked.world.guesses.bad_message_uses_reply_token:
            asked.world.reply_tokens.use(token)
        raise


def push(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#send-push-message"""
    world = asked.world
    to = asked.json.get("to")
    if to is None:
        raise errors_in_body([("May not be empty", "to")])
    if not isinstance(to, str) or not CHAT_ID.match(to):
        raise invalid_property("to")
    flag(asked.json, "notificationDisabled")
    unit = _aggregation_unit(asked)
    messages = checked_messages(asked, "push", to)
    person, group = world.person_of(to), world.group_of(to)
    if person is None and (group is None or not group.has_bot):
        raise refusal(400, "Failed to send messages", hint=f"nobody here has the id {to}")
    if person is not None and not world.hears_bot(person):
        return _unseen(world, to, messages)
    if person is not None:
        _refuse_flood(world, person, len(messages))
    people = 1 if group is None else len(group.members)
    count_people(world, people, "push")
    done = _sent(world, to, messages, "push")
    if unit:
        ids = tuple(one["id"] for one in done.json["sentMessages"])
        told = [to] if group is None else [world.people[name].user_id for name in group.members]
        delivery = Delivery("push", world.now(), tuple(told), ids, len(messages), unit)
        world.part(Deliveries).keep(asked.request_id, delivery)
    return done


def multicast(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#send-multicast-message"""
    world = asked.world
    user_ids = _recipients(asked.json.get("to"))
    flag(asked.json, "notificationDisabled")
    unit = _aggregation_unit(asked)
    messages = checked_messages(asked, "multicast", None)
    people = [world.person_of(user_id) for user_id in dict.fromkeys(user_ids)]
    if None in people and world.guesses.unknown_multicast_ids == "refused":
        raise refusal(400, "Failed to send messages", hint="one of the user ids is unknown here")
    hearing = [person for person in people if person is not None and world.hears_bot(person)]
    return to_people(asked, hearing, messages, "multicast", unit)


def broadcast(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#send-broadcast-message"""
    flag(asked.json, "notificationDisabled")
    messages = checked_messages(asked, "broadcast", None)
    return to_people(asked, friends(asked.world), messages, "broadcast")


def validate(via: str) -> Callable[[Asked], Answer]:
    """https://developers.line.biz/en/reference/messaging-api/#validate-message-objects-of-reply-message"""

    def handler(asked: Asked) -> Answer:
        checked_messages(asked, via, None)
        return Answer(json={})

    return handler


def iso_time(milliseconds: int) -> str:
    """As LINE writes times: `2020-12-03T10:15:30.121Z`."""
    there = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
    return f"{there}.{milliseconds % 1000:03d}Z"


# Retry keys


def accepted_before(world: World, key: str) -> LineRefusal | None:
    """The 409 for a retry key that was accepted in the last 24 hours."""
    _forget_old_keys(world)
    earlier = world.retry_keys.get(key)
    if earlier is None:
        return None
    return refusal(
        409,
        sentences.ACCEPTED_BEFORE,
        headers={"x-line-accepted-request-id": earlier["requestId"]},
        more=earlier["more"],
    )


def remember_key(world: World, key: str, request_id: str, answered: Any) -> None:
    """This request was accepted: the key answers 409 from now on, with what was sent."""
    more = {"sentMessages": answered["sentMessages"]} if "sentMessages" in answered else {}
    world.retry_keys[key] = {"at": world.now(), "requestId": request_id, "more": more}


def _forget_old_keys(world: World) -> None:
    while world.retry_keys:
        oldest = next(iter(world.retry_keys))
        if world.now() - world.retry_keys[oldest]["at"] <= RETRY_KEY_LIFE:
            return
        del world.retry_keys[oldest]


# Parts of a request


def checked_messages(asked: Asked, via: str, chat_id: str | None) -> list[Json]:
    """The messages, checked for where they go."""
    world = asked.world
    group = world.group_of(chat_id)
    setting = Setting(
        via=via,
        chat=chat_id,
        in_group=group is not None,
        allow_http=world.allow_http,
        opened_quote=world.ids.opened_quote,
        is_member=lambda user_id: group is not None and bool(world.member(group, user_id)),
        is_coupon=world.part(Coupons).known.__contains__,
        guesses=world.guesses,
    )
    messages: list[Json] = asked.json.get("messages") or []
    check_messages(asked.json.get("messages"), setting)
    return messages


def flag(body: Json, name: str) -> None:
    if not isinstance(body.get(name, False), bool | None):
        raise invalid_property(name)


def _aggregation_unit(asked: Asked) -> str:
    """The name of the unit; empty without one. A month has a thousand of them at most."""
    name = "customAggregationUnits"
    units = asked.json.get(name)
    if units is None:
        return ""
    if not isinstance(units, list) or not all(isinstance(unit, str) for unit in units):
        raise invalid_property(name)
    if len(units) > 1:
        raise errors_in_body([("Size must be between 0 and 1", name)])
    if not units:
        return ""
    if not UNIT.match(units[0]):
        sentence = "Invalid characters are included in custom aggregation unit"
        raise errors_in_body([(sentence, f"{name}[0]")])
    world = asked.world
    known = world.part(Deliveries).units(world.now())
    if units[0] not in known and len(known) >= MOST_UNITS:
        raise refusal(400, "The number of custom aggregation units has reached the limit")
    return str(units[0])


def _recipients(to: Any) -> list[str]:
    if to is None:
        raise errors_in_body([("May not be empty", "to")])
    if not isinstance(to, list):
        raise invalid_property("to")
    if not 1 <= len(to) <= 500:
        raise errors_in_body([("Size must be between 1 and 500", "to")])
    for number, user_id in enumerate(to):
        if not isinstance(user_id, str) or not USER_ID.match(user_id):
            where = f"to[{number}]"
            raise refusal(
                400,
                f"The property, {where}, in the request body is invalid (line: -, column: -)",
            )
    return to


def friends(world: World) -> list[Person]:
    return [one for one in world.people.values() if one.friend and not one.blocked]


# Sending


def count_people(world: World, people: int, via: Via) -> None:
    """Take them from the month's quota. Raises LineRefusal (429) if they do not fit."""
    if not world.quota.allows(people, world.now()):
        left = world.quota.left(world.now())
        raise refusal(
            429,
            sentences.MONTHLY_LIMIT,
            hint=f"{people} people, and {left} of {world.quota.limit} left",
        )
    world.quota.count(people, world.now())
    world.part(Deliveries).count(via, people, world.now())
    if people:
        world.tell("world", world)


def as_many_as_fit(world: World, people: list[Person]) -> list[Person]:
    """All of them; or those for whom there is quota, where LINE is guessed to go so far."""
    left = world.quota.left(world.now())
    partly = world.guesses.beyond_quota == "asManyAsFit" and left
    return people[:left] if partly else people


def _refuse_flood(world: World, person: Person, messages: int) -> None:
    """Raises 429 where LINE is guessed to count what one person gets; it does not say how much."""
    if world.guesses.flooded_person == "accepted":
        return
    taken = [world.rates.takes(person.user_id, FLOOD, world.now()) for _ in range(messages)]
    if not all(taken):
        hint = f"{FLOOD[0]} messages to one person in {FLOOD[1]} s is what was guessed"
        raise refusal(429, sentences.RATE_LIMIT, hint=hint)


def to_people(
    asked: Asked, people: list[Person], messages: list[Json], via: Via, unit: str = ""
) -> Answer:
    """The same messages to each of them."""
    world = asked.world
    people = as_many_as_fit(world, people)
    count_people(world, len(people), via)
    entries = [
        world.bot_says(person.user_id, message, via) for person in people for message in messages
    ]
    if unit or via in {"broadcast", "narrowcast"}:
        told, ids = (one.user_id for one in people), (entry.id for entry in entries)
        delivery = Delivery(via, world.now(), tuple(told), tuple(ids), len(messages), unit)
        world.part(Deliveries).keep(asked.request_id, delivery)
    return Answer(json={})


def _sent(world: World, chat_id: str, messages: list[Json], via: Via) -> Answer:
    entries = [world.bot_says(chat_id, message, via) for message in messages]
    return Answer(
        json={"sentMessages": [_sent_message(world, entry) for entry in entries]}, chat=chat_id
    )


def _sent_message(world: World, entry: Entry) -> Json:
    made: Json = {"id": entry.id}
    if entry.message["type"] in QUOTABLE:
        made["quoteToken"] = world.ids.quote_token(entry.chat, entry.id)
    return made


def _unseen(world: World, chat_id: str, messages: list[Json]) -> Answer:
    """200 as ever, but nobody gets it and it costs nothing: blocked, or not a friend."""
    sent = []
    for message in messages:
        made = {"id": world.ids.message_id(world.now())}
        if message["type"] in QUOTABLE:
            made["quoteToken"] = world.ids.quote_token(chat_id, made["id"])
        sent.append(made)
    return Answer(
        json={"sentMessages": sent},
        chat=chat_id,
        hint="not delivered and not counted: the person has blocked the bot or is no friend",
    )


MESSAGE = "/v2/bot/message"
WAYS = ("reply", "push", "multicast", "narrowcast", "broadcast")

OPERATIONS = (
    Operation("reply", "POST", f"{MESSAGE}/reply", reply),
    Operation("push", "POST", f"{MESSAGE}/push", push, retry_key=True),
    Operation(
        "multicast", "POST", f"{MESSAGE}/multicast", multicast, retry_key=True, rate=TWO_HUNDRED
    ),
    Operation("broadcast", "POST", f"{MESSAGE}/broadcast", broadcast, retry_key=True, rate=HOURLY),
    *(
        Operation(f"validate{via.title()}", "POST", f"{MESSAGE}/validate/{via}", validate(via))
        for via in WAYS
    ),
)
