"""The Messaging API: one method an operation, one way to send them all.

Law of this module: what each operation takes and gives. Its facts stand in `operations`; sending,
repeating and refusals are in `calls`.
Every method raises a LineError: LineUnreachable if no answer came, a LineRefused if LINE refused.

Source: https://developers.line.biz/en/reference/messaging-api/
"""

from __future__ import annotations

import time
from typing import Any, Literal, TypeVar

import msgspec

from penniless.connections import Limits
from penniless.errors import CodeError, ContentNotReady, LineUnreachable
from penniless.line.calls import Calls
from penniless.line.operations import OPERATIONS
from penniless.ports import Profile, SentMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from penniless.connections import Answer
    from penniless.line.answers import (
        BotInfo,
        GroupSummary,
        NarrowcastProgress,
        Quota,
        WebhookEndpoint,
        WebhookTest,
    )
    from penniless.line.content import StreamedContent
    from penniless.line.tokens import TokenSource
    from penniless.ports import Json

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_T = TypeVar("_T")


class _Sent(msgspec.Struct, rename="camel"):
    sent_messages: list[SentMessage] = []


class LineClient:
    """A channel's way to LINE. Safe for threads, keeps connections alive, holds no event loop.

    Messages are JSON-ready dicts or anything sendable: text, message objects, the official SDK's
    objects. They are not checked here; LINE does that. All times are in seconds. A timeout counts
    the silence of one connection, not the whole call: for that see `within`.
    """

    def __init__(
        self,
        channel_access_token: str | TokenSource,
        *,
        api_origin: str = "https://api.line.me",
        data_origin: str = "https://api-data.line.me",
        connect_timeout: float = 3.0,
        read_timeout: float = 10.0,
        attempts: int = 3,
        keep_alive: float = 30.0,
        tls_context: ssl.SSLContext | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """A long-lived token, or a `tokens.StatelessToken` that fetches one every 15 minutes.

        `attempts` bounds how often a call is sent, the first time included, where LINE allows a
        repeat; `keep_alive` is how long an idle connection is trusted; `tls_context` replaces the
        shared one that trusts the system's authorities. Raises SettingsError for an unusable token
        or origin; nothing is sent yet.
        """
        self._calls = Calls(
            channel_access_token,
            {"api": api_origin, "data": data_origin},
            limits=Limits(connect_timeout, read_timeout),
            attempts=attempts,
            keep_alive=keep_alive,
            tls_context=tls_context,
            sleep=sleep,
        )

    def __repr__(self) -> str:
        return f"LineClient(api_origin='{self._calls.origin('api')}')"

    def within(self, seconds: float) -> LineClient:
        """This client, sharing its connections, for calls that together end in about `seconds`.

        Attempts, waits and timeouts are cut to what is left; then LineUnreachable.
        """
        client = object.__new__(type(self))
        client._calls = self._calls.within(seconds)
        return client

    def warm(self, *, data: bool = False) -> None:
        """Open a connection before it is needed, for content too with `data`.

        Raises LineUnreachable if that fails, which says nothing of the calls to come.
        """
        self._calls.warm(("api", "data") if data else ("api",))

    def close(self) -> None:
        """Close the idle connections. A later call opens its own and does not keep it."""
        self._calls.close()

    def __enter__(self) -> LineClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Sending

    def reply(
        self, reply_token: str, messages: Sequence[Any], *, notification_disabled: bool = False
    ) -> list[SentMessage]:
        """Send 1 to 5 messages free of charge. A token works once, for about a minute.

        It is never repeated once anything was sent, because LINE has no retry key for replies:
        after LineUnreachable with `maybe_received` it may have arrived. Raises BadRequest also for
        a used or expired token.
        https://developers.line.biz/en/reference/messaging-api/#send-reply-message
        """
        body = _with_messages(
            messages, notification_disabled=notification_disabled, replyToken=reply_token
        )
        return _sent_messages(self._calls.send("reply", body=body))

    def push(
        self,
        to: str,
        messages: Sequence[Any],
        *,
        retry_key: str | None = None,
        notification_disabled: bool = False,
        custom_aggregation_units: Sequence[str] = (),
    ) -> list[SentMessage]:
        """Send 1 to 5 messages to a user, group or room; counts one message a recipient.

        `retry_key` is a UUID, made if not given; it makes repeats safe for 24 hours. LINE accepts
        a push to somebody who blocked the bot and delivers nothing.
        https://developers.line.biz/en/reference/messaging-api/#send-push-message
        """
        units = list(custom_aggregation_units) or None
        body = _with_messages(
            messages,
            notification_disabled=notification_disabled,
            to=to,
            customAggregationUnits=units,
        )
        return _sent_messages(self._calls.send("push", body=body, retry_key=retry_key))

    def multicast(
        self,
        to: Sequence[str],
        messages: Sequence[Any],
        *,
        retry_key: str | None = None,
        notification_disabled: bool = False,
        custom_aggregation_units: Sequence[str] = (),
    ) -> str:
        """Send 1 to 5 messages to 1 to 500 users; counts each of them. Returns LINE's request id.

        https://developers.line.biz/en/reference/messaging-api/#send-multicast-message
        """
        units = list(custom_aggregation_units) or None
        body = _with_messages(
            messages,
            notification_disabled=notification_disabled,
            to=list(to),
            customAggregationUnits=units,
        )
        return _request_id(self._calls.send("multicast", body=body, retry_key=retry_key))

    def broadcast(
        self,
        messages: Sequence[Any],
        *,
        retry_key: str | None = None,
        notification_disabled: bool = False,
    ) -> str:
        """Send 1 to 5 messages to all friends; counts each of them. Returns LINE's request id.

        https://developers.line.biz/en/reference/messaging-api/#send-broadcast-message
        """
        body = _with_messages(messages, notification_disabled=notification_disabled)
        return _request_id(self._calls.send("broadcast", body=body, retry_key=retry_key))

    def narrowcast(
        self,
        messages: Sequence[Any],
        *,
        recipient: Json | None = None,
        filter: Json | None = None,  # noqa: A002 - LINE's name
        limit: Json | None = None,
        retry_key: str | None = None,
        notification_disabled: bool = False,
    ) -> str:
        """Send 1 to 5 messages to chosen friends; counts each of them. LINE does it afterwards:
        returns the request id to ask `narrowcast_progress` with.

        `recipient`, `filter` and `limit` are LINE's objects as dicts.
        https://developers.line.biz/en/reference/messaging-api/#send-narrowcast-message
        """
        body = _with_messages(
            messages,
            notification_disabled=notification_disabled,
            recipient=recipient,
            filter=filter,
            limit=limit,
        )
        return _request_id(self._calls.send("narrowcast", body=body, retry_key=retry_key))

    def narrowcast_progress(self, request_id: str) -> NarrowcastProgress:
        """How far a narrowcast is; known for 14 days.

        https://developers.line.biz/en/reference/messaging-api/#get-narrowcast-progress-status
        """
        from penniless.line.answers import NarrowcastProgress

        return self._get(NarrowcastProgress, "narrowcast_progress", query={"requestId": request_id})

    def validate(
        self,
        operation: Literal["reply", "push", "multicast", "narrowcast", "broadcast"],
        messages: Sequence[Any],
    ) -> None:
        """Let LINE check message objects without sending them; BadRequest says what is wrong.

        Raises CodeError for an operation that LINE cannot validate.
        https://developers.line.biz/en/reference/messaging-api/#validate-message-objects-of-reply-message
        """
        name = f"validate_{operation}"
        if name not in OPERATIONS:
            raise CodeError(
                f"{operation!r} cannot be validated, but reply, push, multicast, narrowcast or "
                "broadcast can"
            )
        self._calls.send(name, body={"messages": _ready(messages)})

    # People and chats

    def profile(self, user_id: str) -> Profile:
        """A user's profile. NotFound for a stranger, a blocker, somebody without consent.

        https://developers.line.biz/en/reference/messaging-api/#get-profile
        """
        return self._get(Profile, "profile", userId=user_id)

    def group_member_profile(self, group_id: str, user_id: str) -> Profile:
        """The profile of a member, friend or not, without status message and language.

        https://developers.line.biz/en/reference/messaging-api/#get-group-member-profile
        """
        return self._get(Profile, "group_member_profile", groupId=group_id, userId=user_id)

    def room_member_profile(self, room_id: str, user_id: str) -> Profile:
        """As `group_member_profile`, for a multi-person chat.

        https://developers.line.biz/en/reference/messaging-api/#get-room-member-profile
        """
        return self._get(Profile, "room_member_profile", roomId=room_id, userId=user_id)

    def group_summary(self, group_id: str) -> GroupSummary:
        """https://developers.line.biz/en/reference/messaging-api/#get-group-summary"""
        from penniless.line.answers import GroupSummary

        return self._get(GroupSummary, "group_summary", groupId=group_id)

    def group_members_count(self, group_id: str) -> int:
        """How many people are in the group, the bot not counted.

        https://developers.line.biz/en/reference/messaging-api/#get-members-group-count
        """
        from penniless.line.answers import MembersCount

        return self._get(MembersCount, "group_members_count", groupId=group_id).count

    def room_members_count(self, room_id: str) -> int:
        """How many people are in the multi-person chat, the bot not counted.

        https://developers.line.biz/en/reference/messaging-api/#get-members-room-count
        """
        from penniless.line.answers import MembersCount

        return self._get(MembersCount, "room_members_count", roomId=room_id).count

    def leave_group(self, group_id: str) -> None:
        """https://developers.line.biz/en/reference/messaging-api/#leave-group"""
        self._calls.send("leave_group", {"groupId": group_id})

    def leave_room(self, room_id: str) -> None:
        """https://developers.line.biz/en/reference/messaging-api/#leave-room"""
        self._calls.send("leave_room", {"roomId": room_id})

    def start_loading(self, chat_id: str, seconds: int = 20) -> None:
        """Show the loading animation to a user, never to a group: 5 to 60 seconds in steps of 5.

        https://developers.line.biz/en/reference/messaging-api/#display-a-loading-indicator
        """
        self._calls.send("start_loading", body={"chatId": chat_id, "loadingSeconds": seconds})

    def mark_as_read(self, token: str) -> None:
        """Mark everything up to the message with this `markAsReadToken` as read.

        https://developers.line.biz/en/reference/messaging-api/#mark-as-read
        """
        self._calls.send("mark_as_read", body={"markAsReadToken": token})

    # Content

    def content(self, message_id: str) -> StreamedContent:
        """The image, video, audio or file that a user sent; close it after use.

        Raises ContentNotReady while LINE prepares a large one, ContentGone after an unsend,
        NotFound if there is none or it is too old.
        https://developers.line.biz/en/reference/messaging-api/#get-content
        """
        return self._stream("content", message_id)

    def content_preview(self, message_id: str) -> StreamedContent:
        """The small picture of an image or video; raises as `content`.

        https://developers.line.biz/en/reference/messaging-api/#get-image-or-video-preview
        """
        return self._stream("content_preview", message_id)

    def content_transcoding(self, message_id: str) -> str:
        """Whether a video or audio is ready: `processing`, `succeeded` or `failed`.

        https://developers.line.biz/en/reference/messaging-api/#verify-video-or-audio-preparation-status
        """
        from penniless.line.answers import Transcoding

        return self._get(Transcoding, "content_transcoding", messageId=message_id).status

    # The channel

    def bot_info(self) -> BotInfo:
        """https://developers.line.biz/en/reference/messaging-api/#get-bot-info"""
        from penniless.line.answers import BotInfo

        return self._get(BotInfo, "bot_info")

    def quota(self) -> Quota:
        """How many messages the month has.

        https://developers.line.biz/en/reference/messaging-api/#get-quota
        """
        from penniless.line.answers import Quota

        return self._get(Quota, "quota")

    def quota_consumption(self) -> int:
        """How many of the month's messages are used, roughly.

        https://developers.line.biz/en/reference/messaging-api/#get-consumption
        """
        from penniless.line.answers import QuotaConsumption

        return self._get(QuotaConsumption, "quota_consumption").total_usage

    def left_this_month(self) -> int | None:
        """How many messages LINE still sends this month, roughly; None for no limit."""
        quota = self.quota()
        if quota.type != "limited" or quota.value is None:
            return None
        return max(quota.value - self.quota_consumption(), 0)

    def webhook_endpoint(self) -> WebhookEndpoint:
        """Where LINE sends webhooks; NotFound if nothing is set.

        https://developers.line.biz/en/reference/messaging-api/#get-webhook-endpoint-information
        """
        from penniless.line.answers import WebhookEndpoint

        return self._get(WebhookEndpoint, "webhook_endpoint")

    def set_webhook_endpoint(self, url: str) -> None:
        """Let LINE send webhooks to this https URL, within a minute. Switches nothing on.

        https://developers.line.biz/en/reference/messaging-api/#set-webhook-endpoint-url
        """
        self._calls.send("set_webhook_endpoint", body={"endpoint": url})

    def test_webhook_endpoint(self, url: str | None = None) -> WebhookTest:
        """Let LINE send an empty webhook to the set URL, or to `url`; 60 times an hour at most.

        https://developers.line.biz/en/reference/messaging-api/#test-webhook-endpoint
        """
        from penniless.line.answers import WebhookTest

        body: Json = {"endpoint": url} if url else {}
        return _decoded(
            WebhookTest, self._calls.send("test_webhook_endpoint", body=body), "webhook test"
        )

    # What the methods share

    def _get(
        self, kind: type[_T], name: str, *, query: dict[str, str] | None = None, **values: str
    ) -> _T:
        return _decoded(kind, self._calls.send(name, values, query=query), name)

    def _stream(self, name: str, message_id: str) -> StreamedContent:
        from penniless.line.content import StreamedContent

        answer = self._calls.send(name, {"messageId": message_id}, stream=True)
        if answer.status == 200:
            return StreamedContent(name, answer)
        raise ContentNotReady(f"{name}: LINE is still preparing it (status {answer.status})")


def _ready(messages: Sequence[Any]) -> list[Json]:
    """The messages as dicts; a single one may stand without a list."""
    several = messages if isinstance(messages, (list, tuple)) else [messages]
    return [one if isinstance(one, dict) else _to_json(one) for one in several]


def _to_json(sendable: Any) -> Json:
    from penniless.messages import to_json

    return to_json(sendable)


def _with_messages(
    messages: Sequence[Any], *, notification_disabled: bool, **properties: Any
) -> Json:
    """A request body: what LINE takes as its defaults, and what is not given, stays out of it."""
    body = {**properties, "messages": _ready(messages)}
    if notification_disabled:
        body["notificationDisabled"] = True
    return {name: value for name, value in body.items() if value is not None}


def _decoded(kind: type[_T], answer: Answer, name: str) -> _T:
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except _UNREADABLE:
        pass
    raise LineUnreachable(
        f"{name}: what came with status {answer.status} is not LINE's answer", maybe_received=True
    )


def _sent_messages(answer: Answer) -> list[SentMessage]:
    """What LINE says it sent. The status has said that it did, so an unreadable list is empty."""
    try:
        return msgspec.json.decode(answer.body, type=_Sent).sent_messages
    except _UNREADABLE:
        return []


def _request_id(answer: Answer) -> str:
    """LINE's id of the request that was accepted: after a repeat, of the first one."""
    return answer.header("x-line-accepted-request-id") or answer.header("x-line-request-id")
