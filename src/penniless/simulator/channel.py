"""The channel's own operations: the webhook's address, loading animations, marks of reading.

Source: https://developers.line.biz/en/reference/messaging-api/#webhook-settings
"""

from __future__ import annotations

from typing import Any

from penniless.simulator import sentences
from penniless.simulator.addresses import is_web_address
from penniless.simulator.exchange import (
    Answer,
    Asked,
    LineRefusal,
    errors_in_body,
    invalid_property,
    refusal,
)
from penniless.simulator.ids import USER_ID
from penniless.simulator.records import Json, Webhook
from penniless.simulator.sending import iso_time
from penniless.simulator.table import HOURLY, Operation

LONGEST_URL = 500
INVALID_ENDPOINT = "Invalid webhook endpoint URL"
ONLY_USERS = (
    "Only user id is acceptable, please confirm if there are any group/room ids or illegal ids."
)
NOT_OURS = "Invalid markAsReadToken. Tokens must be used by the bot that received them via Webhook."


def get_endpoint(asked: Asked) -> Answer:
    world = asked.world
    if world.webhook_url is None:
        raise refusal(404, "Webhook endpoint not found")
    return Answer(json={"endpoint": world.webhook_url, "active": world.account.use_webhook})


def put_endpoint(asked: Asked) -> Answer:
    url = asked.json.get("endpoint")
    if isinstance(url, str) and len(url) > LONGEST_URL:
        raise errors_in_body([(f"Size must be between 0 and {LONGEST_URL}", "endpoint")])
    if not _usable(asked, url):
        raise _invalid_endpoint()
    asked.world.set_webhook(url)
    return Answer(json={})


def test_endpoint(asked: Asked) -> Answer:
    """Sends a signed webhook without events; the answer is made when that has come back."""
    url = asked.json.get("endpoint")
    if url is not None and not _usable(asked, url):
        raise _invalid_endpoint()
    if url is None and asked.world.webhook_url is None:
        raise refusal(404, "Webhook endpoint not found")
    return Answer(awaits=asked.world.post([], None, url=url))


def test_answer(webhook: Webhook) -> Answer:
    """What `POST /v2/bot/channel/webhook/test` answers once the webhook was delivered.

    A domain that nobody can resolve is a bad URL, and no result.
    https://developers.line.biz/en/reference/messaging-api/#test-webhook-endpoint-error-response
    """
    if webhook.detail == sentences.UNKNOWN_HOST:
        hint = f"nobody knows the host of {webhook.url}"
        return Answer(status=400, json={"message": INVALID_ENDPOINT}, hint=hint)
    return Answer(json=test_result(webhook))


def test_result(webhook: Webhook) -> Json:
    """What came of a webhook without events, in LINE's words."""
    succeeded = webhook.reason == "ok"
    detail = str(webhook.status) if webhook.status is not None else webhook.detail
    if webhook.reason == "could_not_connect":
        detail = f"{detail}: {webhook.url}"
    return {
        "success": succeeded,
        "timestamp": iso_time(webhook.time),
        "statusCode": webhook.status or 0,
        "reason": "OK" if succeeded else webhook.reason.upper(),
        "detail": detail,
    }


def start_loading(asked: Asked) -> Answer:
    """202 also where nothing is shown: to strangers, and to people who blocked the bot.

    https://developers.line.biz/en/reference/messaging-api/#display-a-loading-indicator
    """
    world = asked.world
    chat_id = asked.json.get("chatId")
    if chat_id is None:
        raise errors_in_body([("May not be empty", "chatId")])
    if not isinstance(chat_id, str):
        raise invalid_property("chatId")
    if not USER_ID.match(chat_id):
        raise errors_in_body([(ONLY_USERS, "chatId")])
    seconds = _loading_seconds(asked.json.get("loadingSeconds"))
    person = world.person_of(chat_id)
    if person is not None and not person.blocked:
        world.loading[chat_id] = world.now() + seconds * 1000
        world.tell("loading", {"chat": chat_id, "until": world.loading[chat_id]})
    return Answer(status=202, json={}, chat=chat_id)


def _loading_seconds(seconds: Any) -> int:
    if seconds is None:
        return 20
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise invalid_property("loadingSeconds")
    found = []
    if not 5 <= seconds <= 60:
        found.append(("Must be between 5 and 60", "loadingSeconds"))
    if seconds % 5:
        found.append(("must be a multiple of five", "loadingSeconds"))
    if found:
        raise errors_in_body(found)
    return seconds


def mark_as_read(asked: Asked) -> Answer:
    """Marks everything up to that message. Without effect in chat mode `bot`, which reads itself.

    https://developers.line.biz/en/reference/messaging-api/#mark-as-read
    """
    world = asked.world
    token = asked.json.get("markAsReadToken")
    if token is None:
        raise errors_in_body([("May not be empty", "markAsReadToken")])
    opened = world.ids.opened_read(token) if isinstance(token, str) else None
    if opened is None:
        raise refusal(400, NOT_OURS)
    chat_id, message_id = opened
    entry = world.messages.get(message_id)
    if entry is not None:
        world.mark_read(chat_id, entry.seq, side="person")
    return Answer(json={}, chat=chat_id)


def mark_as_read_of_old(asked: Asked) -> Answer:
    """The older way, by contract: everything that the person wrote 1:1.

    https://developers.line.biz/en/reference/partner-docs/#mark-messages-from-users-as-read
    """
    world, chat = asked.world, asked.json.get("chat")
    if not world.account.partner:
        hint = "by contract only; POST /sim/channel with partner true"
        raise refusal(403, sentences.NO_ACCESS, hint=hint)
    if chat is None:
        raise errors_in_body([("May not be empty", "chat")])
    user_id = chat.get("userId") if isinstance(chat, dict) else None
    if not isinstance(user_id, str) or not USER_ID.match(user_id):
        raise invalid_property("chat.userId")
    world.mark_read(user_id, world.next_seq(), side="person")
    return Answer(json={}, chat=user_id)


def _usable(asked: Asked, url: Any) -> bool:
    return (
        isinstance(url, str)
        and len(url) <= LONGEST_URL
        and is_web_address(url, allow_http=asked.world.allow_http)
    )


def _invalid_endpoint() -> LineRefusal:
    return refusal(400, INVALID_ENDPOINT)


ENDPOINT = "/v2/bot/channel/webhook/endpoint"
TEST = "/v2/bot/channel/webhook/test"
OFTEN = (1_000, 60)

OPERATIONS = (
    Operation("loading", "POST", "/v2/bot/chat/loading/start", start_loading, rate=(100, 1)),
    Operation("markAsRead", "POST", "/v2/bot/chat/markAsRead", mark_as_read),
    Operation("markMessagesAsRead", "POST", "/v2/bot/message/markAsRead", mark_as_read_of_old),
    Operation("getWebhookEndpoint", "GET", ENDPOINT, get_endpoint, rate=OFTEN),
    Operation("setWebhookEndpoint", "PUT", ENDPOINT, put_endpoint, rate=OFTEN),
    Operation("testWebhookEndpoint", "POST", TEST, test_endpoint, body="optional", rate=HOURLY),
)
