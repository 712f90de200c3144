"""Module channels: which take over a chat, and give it back.

Law of this module: the four operations, for a channel that is switched to be a module channel;
any other gets 403. Whose turn it is in a chat is kept in `turns`.

Source: https://developers.line.biz/en/docs/partner-docs/module-technical-chat-control/
"""

from __future__ import annotations

from typing import Any

from penniless.simulator import sentences
from penniless.simulator.exchange import Answer, Asked, invalid_property, refusal
from penniless.simulator.ids import CHAT_ID
from penniless.simulator.pages import page
from penniless.simulator.places import post_event
from penniless.simulator.records import Json
from penniless.simulator.table import Operation
from penniless.simulator.turns import Turns
from penniless.simulator.webhooks import group_source, user_source

HOUR, YEAR = 3600, 365 * 24 * 3600


def bots(asked: Asked) -> Answer:
    """The official accounts with this module: the simulated one.

    https://developers.line.biz/en/reference/partner-docs/#get-multiple-bot-info-api
    """
    _module(asked)
    world = asked.world
    own = {"userId": world.user_id, "basicId": world.basic_id, "displayName": world.name}
    return Answer(json=page(asked, "bots", [own], usual=100, most=100))


def acquire(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/partner-docs/#acquire-control-api"""
    _module(asked)
    chat_id, source = _chat(asked)
    expires, ttl = asked.json.get("expired"), asked.json.get("ttl")
    if not isinstance(expires, bool | None):
        raise invalid_property("expired")
    seconds = HOUR if ttl is None else ttl
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 1 <= seconds <= YEAR:
        raise invalid_property("ttl")
    until = asked.world.now() + seconds * 1000
    control: Json = {} if expires is False else {"chatControl": {"expireAt": until}}
    asked.world.part(Turns).take(chat_id, None if expires is False else until)
    webhook = post_event(asked.world, "activated", control, source, chat_id)
    return Answer(json={}, chat=chat_id, deliver=[webhook])


def release(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/partner-docs/#release-control-api"""
    _module(asked)
    chat_id, source = _chat(asked)
    asked.world.part(Turns).give_back(chat_id)
    webhook = post_event(asked.world, "deactivated", {"mode": "standby"}, source, chat_id)
    return Answer(json={}, chat=chat_id, deliver=[webhook])


def detach(asked: Asked) -> Answer:
    """The channel is no module channel any more.

    https://developers.line.biz/en/reference/partner-docs/#unlink-detach-module-channel-by-operation-mc-admin
    """
    _module(asked)
    bot_id: Any = asked.json.get("botId")
    if not isinstance(bot_id, str | None):
        raise invalid_property("botId")
    if bot_id not in (None, asked.world.user_id):
        raise refusal(400, "Invalid botId")
    asked.world.account.module = False
    return Answer(json={})


def _module(asked: Asked) -> None:
    if not asked.world.account.module:
        hint = "for module channels only; POST /sim/channel with module true"
        raise refusal(403, sentences.NO_ACCESS, hint=hint)


def _chat(asked: Asked) -> tuple[str, Json]:
    """The chat of the path, and the source of an event there."""
    chat_id, world = asked.params["chatId"], asked.world
    if not CHAT_ID.match(chat_id):
        raise refusal(400, "The value for the 'chatId' parameter is invalid")
    group = world.group_of(chat_id)
    if group is not None and group.has_bot:
        return chat_id, group_source(group.kind, chat_id, None)
    if world.person_of(chat_id) is None:
        raise refusal(404, "Not found", hint="there is no such chat")
    return chat_id, user_source(chat_id)


CONTROL = "/v2/bot/chat/{chatId}/control"

OPERATIONS = (
    Operation("getModules", "GET", "/v2/bot/list", bots),
    Operation("acquireChatControl", "POST", f"{CONTROL}/acquire", acquire, body="optional"),
    Operation("releaseChatControl", "POST", f"{CONTROL}/release", release, body="none"),
    Operation("detachModule", "POST", "/v2/bot/channel/detach", detach, body="optional"),
)
