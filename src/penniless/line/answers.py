"""What LINE answers besides profiles and sent messages: one small class an answer.

Law of this module: values only; properties are LINE's in snake_case, and unknown ones are ignored.

Source: https://developers.line.biz/en/reference/messaging-api/
"""

from __future__ import annotations

from msgspec import Struct


class BotInfo(Struct, frozen=True, rename="camel"):
    """The bot's account. `chat_mode` is `chat` or `bot`, `mark_as_read_mode` `auto` or `manual`."""

    user_id: str
    basic_id: str
    display_name: str
    chat_mode: str = ""
    mark_as_read_mode: str = ""
    premium_id: str | None = None
    picture_url: str | None = None


class Quota(Struct, frozen=True):
    """The month's counted messages: `value` of them if `type` is `limited`, no limit if `none`."""

    type: str
    value: int | None = None


class QuotaConsumption(Struct, frozen=True, rename="camel"):
    total_usage: int


class GroupSummary(Struct, frozen=True, rename="camel"):
    group_id: str
    group_name: str
    picture_url: str | None = None


class MembersCount(Struct, frozen=True):
    count: int


class Transcoding(Struct, frozen=True):
    status: str


class WebhookEndpoint(Struct, frozen=True):
    """`active` tells whether "Use webhook" is switched on in the console."""

    endpoint: str
    active: bool


class WebhookTest(Struct, frozen=True, rename="camel"):
    """How LINE's test of the webhook went.

    `timestamp` is in ISO 8601, `status_code` 0 or negative where the bot did not answer, `reason`
    one of OK, COULD_NOT_CONNECT, REQUEST_TIMEOUT, ERROR_STATUS_CODE, UNCLASSIFIED.
    """

    success: bool = False
    timestamp: str = ""
    status_code: int = 0
    reason: str = ""
    detail: str = ""


class NarrowcastProgress(Struct, frozen=True, rename="camel"):
    """How far a narrowcast is. `phase` is `waiting`, `sending`, `succeeded` or `failed`.

    Times are in ISO 8601, UTC; counts are there once LINE knows them.
    """

    phase: str
    accepted_time: str = ""
    completed_time: str | None = None
    success_count: int | None = None
    failure_count: int | None = None
    target_count: int | None = None
    failed_description: str | None = None
    error_code: int | None = None
