"""The official SDK as oracle: the same calls by both make the same requests and read alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import pytest
from linebot.v3 import messaging as sdk

from penniless.line.client import LineClient
from penniless.line.operations import OPERATIONS
from tests.conftest import TOKEN, Connect, Serve
from tests.servers import FakeServer, Received, Step, answer, raw

USER = "U0123456789abcdef0123456789abcdef"
GROUP = "C0123456789abcdef0123456789abcdef"
ROOM = "R0123456789abcdef0123456789abcdef"
STRANGE = "U1/../x?y=1#z %2F花🍎"
KEY = "123e4567-e89b-12d3-a456-426614174000"
TEXT = "こんにちは 🍎 สวัสดี 你好"
OURS = [{"type": "text", "text": TEXT}]
THEIRS = [sdk.TextMessage(text=TEXT)]
URL = "https://example.com/callback"
AUDIENCE = {"type": "audience", "audienceGroupId": 5614991017776}
AGE = {"type": "age", "gte": "age_35", "lt": "age_40"}
TIME = "2020-12-03T10:15:30.121Z"

SENT = {"sentMessages": [{"id": "461230966842064897", "quoteToken": "IStG5h1Tz7b"}]}
PROFILE = {
    "userId": USER,
    "displayName": "花子",
    "pictureUrl": "https://a.invalid/1",
    "language": "ja",
    "statusMessage": "สวัสดี",
}
MEMBER = {"userId": USER, "displayName": "花子", "pictureUrl": "https://a.invalid/1"}
SUMMARY = {"groupId": GROUP, "groupName": "家族", "pictureUrl": "https://a.invalid/2"}
INFO = {
    "userId": USER,
    "basicId": "@a",
    "premiumId": "@b",
    "displayName": "ぼっと",
    "chatMode": "bot",
    "markAsReadMode": "auto",
    "pictureUrl": "https://a.invalid/3",
}
PROGRESS = {
    "phase": "failed",
    "successCount": 1,
    "failureCount": 2,
    "targetCount": 3,
    "errorCode": 4,
    "failedDescription": "x",
    "acceptedTime": TIME,
    "completedTime": TIME,
}
TESTED = {
    "success": False,
    "timestamp": TIME,
    "statusCode": 0,
    "reason": "COULD_NOT_CONNECT",
    "detail": "TLS handshake failure",
}

Theirs = Callable[[Any, Any], Any]


class Case(NamedTuple):
    """One call in both ways, what LINE answers, and what of it is the same in both results."""

    operation: str
    ours: Callable[[LineClient], Any]
    theirs: Theirs
    answered: Any = None
    same: Callable[[Any, Any], tuple[object, object]] | None = None


def values(ours: Any, theirs: Any) -> tuple[object, object]:
    """Both results as plain values, without what is absent, times as times."""
    return _plain(msgspec.to_builtins(ours)), _plain(theirs.to_dict())


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    times = {"timestamp", "acceptedTime", "completedTime"}
    return {
        name: datetime.fromisoformat(value) if name in times and isinstance(value, str) else value
        for name, value in found.items()
        if value is not None
    }


def validation(operation: str) -> Case:
    return Case(
        f"validate_{operation}",
        lambda client: client.validate(operation, OURS),  # type: ignore[arg-type]
        lambda api, _: getattr(api, f"validate_{operation}")(
            sdk.ValidateMessageRequest(messages=THEIRS)
        ),
    )


CASES = [
    Case(
        "reply",
        lambda c: c.reply("t", OURS),
        lambda api, _: api.reply_message(sdk.ReplyMessageRequest(reply_token="t", messages=THEIRS)),
        SENT,
        lambda ours, theirs: (msgspec.to_builtins(ours), theirs.to_dict()["sentMessages"]),
    ),
    Case(
        "reply",
        lambda c: c.reply("t", THEIRS, notification_disabled=True),
        lambda api, _: api.reply_message(
            sdk.ReplyMessageRequest(reply_token="t", messages=THEIRS, notification_disabled=True)
        ),
        SENT,
    ),
    Case(
        "push",
        lambda c: c.push(USER, OURS, retry_key=KEY, custom_aggregation_units=["a_1"]),
        lambda api, _: api.push_message(
            sdk.PushMessageRequest(to=USER, messages=THEIRS, custom_aggregation_units=["a_1"]), KEY
        ),
        SENT,
        lambda ours, theirs: (msgspec.to_builtins(ours), theirs.to_dict()["sentMessages"]),
    ),
    Case(
        "multicast",
        lambda c: c.multicast([USER, "U2"], OURS, retry_key=KEY, notification_disabled=True),
        lambda api, _: api.multicast(
            sdk.MulticastRequest(to=[USER, "U2"], messages=THEIRS, notification_disabled=True), KEY
        ),
    ),
    Case(
        "multicast",
        lambda c: c.multicast((USER,), OURS, retry_key=KEY, custom_aggregation_units=("a",)),
        lambda api, _: api.multicast(
            sdk.MulticastRequest(to=[USER], messages=THEIRS, custom_aggregation_units=["a"]), KEY
        ),
    ),
    Case(
        "broadcast",
        lambda c: c.broadcast(OURS, retry_key=KEY),
        lambda api, _: api.broadcast(sdk.BroadcastRequest(messages=THEIRS), KEY),
    ),
    Case(
        "narrowcast",
        lambda c: c.narrowcast(
            OURS,
            retry_key=KEY,
            recipient=AUDIENCE,
            filter={"demographic": AGE},
            limit={"max": 100, "upToRemainingQuota": True},
        ),
        lambda api, _: api.narrowcast(
            sdk.NarrowcastRequest(
                messages=THEIRS,
                recipient=sdk.AudienceRecipient(audience_group_id=5614991017776),
                filter=sdk.Filter(demographic=sdk.AgeDemographicFilter(gte="age_35", lt="age_40")),
                limit=sdk.Limit(max=100, up_to_remaining_quota=True),
            ),
            KEY,
        ),
    ),
    Case(
        "narrowcast_progress",
        lambda c: c.narrowcast_progress("a b&c=花"),
        lambda api, _: api.get_narrowcast_progress("a b&c=花"),
        PROGRESS,
        values,
    ),
    *map(validation, ("reply", "push", "multicast", "narrowcast", "broadcast")),
    Case(
        "profile", lambda c: c.profile(USER), lambda api, _: api.get_profile(USER), PROFILE, values
    ),
    Case("profile", lambda c: c.profile(STRANGE), lambda api, _: api.get_profile(STRANGE), PROFILE),
    Case(
        "group_member_profile",
        lambda c: c.group_member_profile(GROUP, USER),
        lambda api, _: api.get_group_member_profile(GROUP, USER),
        MEMBER,
        values,
    ),
    Case(
        "room_member_profile",
        lambda c: c.room_member_profile(ROOM, USER),
        lambda api, _: api.get_room_member_profile(ROOM, USER),
        MEMBER,
        values,
    ),
    Case(
        "group_summary",
        lambda c: c.group_summary(GROUP),
        lambda api, _: api.get_group_summary(GROUP),
        SUMMARY,
        values,
    ),
    Case(
        "group_members_count",
        lambda c: c.group_members_count(GROUP),
        lambda api, _: api.get_group_member_count(GROUP),
        {"count": 3},
        lambda ours, theirs: (ours, theirs.count),
    ),
    Case(
        "room_members_count",
        lambda c: c.room_members_count(ROOM),
        lambda api, _: api.get_room_member_count(ROOM),
        {"count": 3},
        lambda ours, theirs: (ours, theirs.count),
    ),
    Case("leave_group", lambda c: c.leave_group(GROUP), lambda api, _: api.leave_group(GROUP)),
    Case("leave_room", lambda c: c.leave_room(ROOM), lambda api, _: api.leave_room(ROOM)),
    Case(
        "start_loading",
        lambda c: c.start_loading(USER, 35),
        lambda api, _: api.show_loading_animation(
            sdk.ShowLoadingAnimationRequest(chat_id=USER, loading_seconds=35)
        ),
    ),
    Case(
        "start_loading",
        lambda c: c.start_loading(USER),
        lambda api, _: api.show_loading_animation(
            sdk.ShowLoadingAnimationRequest(chat_id=USER, loading_seconds=20)
        ),
    ),
    Case(
        "mark_as_read",
        lambda c: c.mark_as_read("t"),
        lambda api, _: api.mark_messages_as_read_by_token(
            sdk.MarkMessagesAsReadByTokenRequest(mark_as_read_token="t")
        ),
    ),
    Case("bot_info", lambda c: c.bot_info(), lambda api, _: api.get_bot_info(), INFO, values),
    Case(
        "quota",
        lambda c: c.quota(),
        lambda api, _: api.get_message_quota(),
        {"type": "limited", "value": 200},
        values,
    ),
    Case(
        "quota",
        lambda c: c.quota(),
        lambda api, _: api.get_message_quota(),
        {"type": "none"},
        values,
    ),
    Case(
        "quota_consumption",
        lambda c: c.quota_consumption(),
        lambda api, _: api.get_message_quota_consumption(),
        {"totalUsage": 7},
        lambda ours, theirs: (ours, theirs.total_usage),
    ),
    Case(
        "webhook_endpoint",
        lambda c: c.webhook_endpoint(),
        lambda api, _: api.get_webhook_endpoint(),
        {"endpoint": URL, "active": True},
        values,
    ),
    Case(
        "set_webhook_endpoint",
        lambda c: c.set_webhook_endpoint(URL),
        lambda api, _: api.set_webhook_endpoint(sdk.SetWebhookEndpointRequest(endpoint=URL)),
    ),
    Case(
        "test_webhook_endpoint",
        lambda c: c.test_webhook_endpoint(URL),
        lambda api, _: api.test_webhook_endpoint(sdk.TestWebhookEndpointRequest(endpoint=URL)),
        TESTED,
        values,
    ),
    Case(
        "test_webhook_endpoint",
        lambda c: c.test_webhook_endpoint(),
        lambda api, _: api.test_webhook_endpoint(sdk.TestWebhookEndpointRequest()),
        TESTED,
        values,
    ),
    Case(
        "content",
        lambda c: c.content("1").read(),
        lambda _, blob: blob.get_message_content("1"),
        b"\xff\xd8",
        lambda ours, theirs: (ours, bytes(theirs)),
    ),
    Case(
        "content_preview",
        lambda c: c.content_preview("1").read(),
        lambda _, blob: blob.get_message_content_preview("1"),
        b"\xff\xd8",
        lambda ours, theirs: (ours, bytes(theirs)),
    ),
    Case(
        "content_transcoding",
        lambda c: c.content_transcoding("1"),
        lambda _, blob: blob.get_message_content_transcoding_by_message_id("1"),
        {"status": "processing"},
        lambda ours, theirs: (ours, theirs.status),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.operation)
def test_both_make_the_same_request_and_read_alike(
    serve: Serve, connect: Connect, case: Case
) -> None:
    """Method, path, query, headers that LINE reads, and JSON are the same; so is the result."""
    server = serve(_step(case.answered))
    ours = case.ours(connect(server))
    with official(server) as (api, blob):
        theirs = case.theirs(api, blob)
    own, official_one = map(_essence, server.received)
    assert own == official_one
    if case.same:
        mine, other = case.same(ours, theirs)
        assert mine == other


def test_every_operation_is_compared() -> None:
    """No operation of the table is left out of the comparison."""
    assert {case.operation for case in CASES} == set(OPERATIONS)


@contextmanager
def official(server: FakeServer) -> Iterator[tuple[Any, Any]]:
    """The official clients for both of LINE's origins, on one server."""
    configuration = sdk.Configuration(access_token=TOKEN, host=server.origin)
    with sdk.ApiClient(configuration) as client:
        yield sdk.MessagingApi(client), sdk.MessagingApiBlob(client)
        client.rest_client.pool_manager.clear()


def _step(answered: Any) -> Step:
    if isinstance(answered, bytes):
        return raw("200 OK", answered, "Content-Type: image/jpeg")
    return answer(answered)


def _essence(call: Received) -> dict[str, Any]:
    """What LINE makes its answer from. The SDK writes defaults out, which we leave away."""
    body = call.json if call.body else None
    if body and body.get("notificationDisabled") is False:
        del body["notificationDisabled"]
    for one in (body or {}).get("limit") or {}, *(body or {}).get("messages", ()):
        for name in [name for name, value in one.items() if value in (None, False)]:
            del one[name]
    headers = {name: call.headers.get(name) for name in ("authorization", "x-line-retry-key")}
    kind = call.headers.get("content-type") if call.body else None
    path, _, query = call.target.partition("?")
    return {
        "method": call.method,
        "path": path,
        "query": query.replace("+", "%20"),
        "body": body,
        "content-type": kind,
        **headers,
    }
