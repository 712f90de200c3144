"""LINE notification messages: to people by phone number, for accounts with a contract.

Source: https://developers.line.biz/en/reference/partner-docs/#send-line-notification-message
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

from penniless.simulator import sentences, statistics
from penniless.simulator.deliveries import Deliveries
from penniless.simulator.demographics import attributes_of
from penniless.simulator.exchange import (
    Answer,
    Asked,
    errors_in_body,
    invalid_parameter,
    invalid_property,
    refusal,
)
from penniless.simulator.places import post_event
from penniless.simulator.records import Json, Person, Webhook
from penniless.simulator.sending import checked_messages, flag
from penniless.simulator.table import Operation

HASH = re.compile(r"[0-9a-f]{64}\Z")
TAG_SIZE = range(16, 101)
FEWEST = 20


def push(asked: Asked) -> Answer:
    """To the person of that phone number, friend or not, if they have not blocked the bot."""
    _contract(asked)
    flag(asked.json, "notificationDisabled")
    person, tag = _person(asked, asked.json.get("to")), _tag(asked)
    messages = checked_messages(asked, "pnp", None)
    return _delivered(asked, person, messages, tag, "pnp")


def push_template(asked: Asked) -> Answer:
    """Shown as a text with the key of the template: the templates themselves are LINE's."""
    _contract(asked)
    key = asked.json.get("templateKey")
    if not isinstance(key, str) or not key:
        raise errors_in_body([("May not be empty", "templateKey")])
    person, tag = _person(asked, asked.json.get("to")), _tag(asked)
    message = {"type": "text", "text": f"[{key}]"}
    return _delivered(asked, person, [message], tag, "pnp/templated")


def sent(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/partner-docs/#get-number-of-sent-line-notification-messages"""
    return _counted(asked, "pnp")


def sent_templates(asked: Asked) -> Answer:
    return _counted(asked, "pnp/templated")


def _counted(asked: Asked, via: str) -> Answer:
    _contract(asked)
    answer = statistics.sent(via)(asked)
    if asked.world.account.privacy and answer.json.get("success", FEWEST) < FEWEST:
        return Answer(json={"status": "unavailable_for_privacy"})
    return answer


def _contract(asked: Asked) -> None:
    if not asked.world.account.partner:
        hint = "by contract only; POST /sim/channel with partner true"
        raise refusal(403, sentences.NO_ACCESS, hint=hint)


def _person(asked: Asked, to: Any) -> Person | None:
    """Whose phone number has that hash, None for nobody."""
    if to is None:
        raise errors_in_body([("May not be empty", "to")])
    if not isinstance(to, str) or not HASH.match(to):
        raise invalid_property("to")
    for person in asked.world.people.values():
        phone = attributes_of(asked.world, person).phone
        if phone and hmac.compare_digest(hashlib.sha256(phone.encode()).hexdigest(), to):
            return None if person.blocked else person
    return None


def _tag(asked: Asked) -> str | None:
    tag = asked.headers.get("x-line-delivery-tag")
    if tag is not None and len(tag) not in TAG_SIZE:
        raise invalid_parameter("X-Line-Delivery-Tag")
    return tag


def _delivered(
    asked: Asked, person: Person | None, messages: list[Json], tag: str | None, via: str
) -> Answer:
    if person is None:
        raise refusal(422, "Failed to send messages", hint="nobody here has this phone number")
    world = asked.world
    for message in messages:
        world.bot_says(person.user_id, message, "push")
    world.part(Deliveries).count(via, 1, world.now())
    deliver: list[Webhook] = []
    if tag is not None:
        properties = {"delivery": {"data": tag}}
        deliver.append(post_event(world, "delivery", properties, {}, person.user_id))
    return Answer(json={}, chat=person.user_id, deliver=deliver)


OPERATIONS = (
    Operation("pushMessagesByPhone", "POST", "/bot/pnp/push", push),
    Operation(
        "pushTemplatedMessagesByPhone", "POST", "/v2/bot/message/pnp/templated/push", push_template
    ),
    Operation("getPNPMessageStatistics", "GET", "/v2/bot/message/delivery/pnp", sent),
    Operation(
        "getPNPTemplatedMessageStatistics",
        "GET",
        "/v2/bot/message/delivery/pnp/templated",
        sent_templates,
    ),
)
