"""The sending operations: reply, push, multicast, narrowcast, broadcast, and their validation.

Law of this module: who gets a message, what it costs, and what LINE answers. What a message object
may look like is decided in `checks`.

Source: https://developers.line.biz/en/reference/messaging-api/#messages
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from penniless.simulator.checks import Setting, check_messages
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
from penniless.simulator.world import World

QUOTABLE = frozenset({"text", "textV2", "sticker", "image", "video", "template", "flex"})
"""The messages of a bot that can be quoted, and so have a quote token."""

REPLY_TOKEN = re.compile(r"[\x21-\x7e]+\Z")
UNIT = re.compile(r"[a-zA-Z0-9_]{1,30}\Z")
MONTHLY_LIMIT = "You have reached your monthly limit."
RETRY_KEY_LIFE = 24 * 3600 * 1000
PROGRESS_KEPT = 14 * 24 * 3600 * 1000
NARROWCAST_TAKES = 1000
"""Milliseconds until a narrowcast's progress says that it is done."""


def reply(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#send-reply-message"""
    world = asked.world
    token = asked.json.get("replyToken")
    if token is None:
        raise errors_in_body([("May not be empty", "replyToken")])
    if not isinstance(token, str) or not REPLY_TOKEN.match(token):
        raise invalid_property("replyToken", *place_of(asked.text, "replyToken"))
    chat_id = world.reply_tokens.chat(token)
    _flag(asked.json, "notificationDisabled")
    messages = _messages(asked, "reply", chat_id)
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
    return _sent(world, chat_id, messages, "reply")


def push(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#send-push-message"""
    world = asked.world
    to = asked.json.get("to")
    if to is None:
        raise errors_in_body([("May not be empty", "to")])
    if not isinstance(to, str) or not CHAT_ID.match(to):
        raise invalid_property("to")
    _flag(asked.json, "notificationDisabled")
    _aggregation_units(asked.json)
    messages = _messages(asked, "push", to)
    person, group = world.person_of(to), world.group_of(to)
    if person is None and (group is None or not group.has_bot):
        raise refusal(400, "Failed to send messages", hint=f"nobody here has the id {to}")
    if person is not None and not world.hears_bot(person):
        return _unseen(world, to, messages)
    _count(world, 1 if group is None else len(group.members))
    return _sent(world, to, messages, "push")


def multicast(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#send-multicast-message"""
    world = asked.world
    user_ids = _recipients(asked.json.get("to"))
    _flag(asked.json, "notificationDisabled")
    _aggregation_units(asked.json)
    messages = _messages(asked, "multicast", None)
    people = [world.person_of(user_id) for user_id in dict.fromkeys(user_ids)]
    if None in people:
        raise refusal(400, "Failed to send messages", hint="one of the user ids is unknown here")
    hearing = [person for person in people if person is not None and world.hears_bot(person)]
    return _to_people(world, hearing, messages, "multicast")


def broadcast(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#send-broadcast-message"""
    _flag(asked.json, "notificationDisabled")
    messages = _messages(asked, "broadcast", None)
    return _to_people(asked.world, _friends(asked.world), messages, "broadcast")


def narrowcast(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#send-narrowcast-message"""
    world = asked.world
    _flag(asked.json, "notificationDisabled")
    messages = _messages(asked, "narrowcast", None)
    for name in ("recipient", "filter"):
        if asked.json.get(name) is not None:
            raise refusal(501, f"The simulator knows no audiences: narrowcast without '{name}'.")
    people = _limited(world, asked.json.get("limit"), _friends(world))
    _to_people(world, people, messages, "narrowcast")
    now = world.now()
    while world.narrowcasts:
        oldest = next(iter(world.narrowcasts))
        if now - world.narrowcasts[oldest]["at"] <= PROGRESS_KEPT:
            break
        del world.narrowcasts[oldest]
    world.narrowcasts[asked.request_id] = {"at": now, "people": len(people)}
    return Answer(status=202, json={})


def narrowcast_progress(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-narrowcast-progress-status"""
    world = asked.world
    found = world.narrowcasts.get(asked.query.get("requestId", ""))
    if found is None:
        raise refusal(404, "Not found", hint="no narrowcast had this request id")
    done_at = found["at"] + NARROWCAST_TAKES
    accepted = {"acceptedTime": iso_time(found["at"])}
    if world.now() < done_at:
        return Answer(json={"phase": "waiting", **accepted})
    counts = {
        "successCount": found["people"],
        "failureCount": 0,
        "targetCount": found["people"],
    }
    return Answer(
        json={"phase": "succeeded", **counts, **accepted, "completedTime": iso_time(done_at)}
    )


def validate(via: str) -> Callable[[Asked], Answer]:
    """https://developers.line.biz/en/reference/messaging-api/#validate-message-objects-of-reply-message"""

    def handler(asked: Asked) -> Answer:
        _messages(asked, via, None)
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
        "The retry key is already accepted",
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


def _messages(asked: Asked, via: str, chat_id: str | None) -> list[Json]:
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
    )
    messages: list[Json] = asked.json.get("messages") or []
    check_messages(asked.json.get("messages"), setting)
    return messages


def _flag(body: Json, name: str) -> None:
    if not isinstance(body.get(name, False), bool | None):
        raise invalid_property(name)


def _aggregation_units(body: Json) -> None:
    units = body.get("customAggregationUnits")
    if units is None:
        return
    if not isinstance(units, list) or not all(isinstance(unit, str) for unit in units):
        raise invalid_property("customAggregationUnits")
    if len(units) > 1:
        raise errors_in_body([("Size must be between 0 and 1", "customAggregationUnits")])
    if units and not UNIT.match(units[0]):
        name = "customAggregationUnits[0]"
        raise errors_in_body([("Invalid characters are included in custom aggregation unit", name)])


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


def _limited(world: World, limit: Any, people: list[Person]) -> list[Person]:
    """As many people as the narrowcast's limit object lets through."""
    if limit is None:
        return people
    if not isinstance(limit, dict):
        raise invalid_property("limit")
    most = limit.get("max")
    if most is not None:
        if isinstance(most, bool) or not isinstance(most, int):
            raise invalid_property("limit.max")
        if most < 1:
            raise errors_in_body([("must be greater than or equal to 1", "limit.max")])
        people = people[:most]
    left = world.quota.left(world.now())
    return people[:left] if limit.get("upToRemainingQuota") is True else people


def _friends(world: World) -> list[Person]:
    return [one for one in world.people.values() if one.friend and not one.blocked]


# Sending


def _count(world: World, people: int) -> None:
    if not world.quota.allows(people, world.now()):
        left = world.quota.left(world.now())
        raise refusal(
            429, MONTHLY_LIMIT, hint=f"{people} people, and {left} of {world.quota.limit} left"
        )
    world.quota.count(people, world.now())
    if people:
        world.tell("world", world)


def _to_people(world: World, people: list[Person], messages: list[Json], via: Via) -> Answer:
    _count(world, len(people))
    for person in people:
        for message in messages:
            world.bot_says(person.user_id, message, via)
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
