"""The operations of the Messaging API that the client makes, as a table.

Law of this module: facts, one row an operation, and the making of a path from its template.

Source: https://developers.line.biz/en/reference/messaging-api/
"""

from __future__ import annotations

from typing import Literal, TypeAlias
from urllib.parse import quote

from msgspec import Struct

from penniless.errors import CodeError

Repeat: TypeAlias = Literal["key", "read", "once"]
"""When a request may go out again: `key`, under its retry key also after it may have been received;
`read`, since it changes nothing; `once`, only if it was not sent at all."""


class Operation(Struct, frozen=True):
    """`path` is LINE's template; `host` says which of LINE's two origins answers."""

    method: str
    path: str
    repeat: Repeat = "once"
    host: Literal["api", "data"] = "api"


def _get(path: str, *, host: Literal["api", "data"] = "api") -> Operation:
    return Operation("GET", path, "read", host)


def _post(path: str, *, repeat: Repeat = "once") -> Operation:
    return Operation("POST", path, repeat)


OPERATIONS = {
    "reply": _post("/v2/bot/message/reply"),
    "push": _post("/v2/bot/message/push", repeat="key"),
    "multicast": _post("/v2/bot/message/multicast", repeat="key"),
    "narrowcast": _post("/v2/bot/message/narrowcast", repeat="key"),
    "narrowcast_progress": _get("/v2/bot/message/progress/narrowcast"),
    "broadcast": _post("/v2/bot/message/broadcast", repeat="key"),
    "validate_reply": _post("/v2/bot/message/validate/reply"),
    "validate_push": _post("/v2/bot/message/validate/push"),
    "validate_multicast": _post("/v2/bot/message/validate/multicast"),
    "validate_narrowcast": _post("/v2/bot/message/validate/narrowcast"),
    "validate_broadcast": _post("/v2/bot/message/validate/broadcast"),
    "quota": _get("/v2/bot/message/quota"),
    "quota_consumption": _get("/v2/bot/message/quota/consumption"),
    "content": _get("/v2/bot/message/{messageId}/content", host="data"),
    "content_preview": _get("/v2/bot/message/{messageId}/content/preview", host="data"),
    "content_transcoding": _get("/v2/bot/message/{messageId}/content/transcoding", host="data"),
    "profile": _get("/v2/bot/profile/{userId}"),
    "group_member_profile": _get("/v2/bot/group/{groupId}/member/{userId}"),
    "room_member_profile": _get("/v2/bot/room/{roomId}/member/{userId}"),
    "group_summary": _get("/v2/bot/group/{groupId}/summary"),
    "group_members_count": _get("/v2/bot/group/{groupId}/members/count"),
    "room_members_count": _get("/v2/bot/room/{roomId}/members/count"),
    "leave_group": _post("/v2/bot/group/{groupId}/leave"),
    "leave_room": _post("/v2/bot/room/{roomId}/leave"),
    "start_loading": _post("/v2/bot/chat/loading/start"),
    "mark_as_read": _post("/v2/bot/chat/markAsRead"),
    "bot_info": _get("/v2/bot/info"),
    "webhook_endpoint": _get("/v2/bot/channel/webhook/endpoint"),
    "set_webhook_endpoint": Operation("PUT", "/v2/bot/channel/webhook/endpoint"),
    "test_webhook_endpoint": _post("/v2/bot/channel/webhook/test"),
}
"""Every operation by the name of the client's method. A retry key is allowed on the four rows with
`repeat="key"` only; LINE answers 400 to it on any other."""


def path_of(operation: Operation, values: dict[str, str]) -> str:
    """The operation's path with `values` in it, percent-encoded so that none can change the path.

    Raises CodeError for a value that would vanish or climb: empty, `.` or `..`.
    """
    for name, value in values.items():
        if value in ("", ".", ".."):
            raise CodeError(f"{value!r} cannot be a {name}")
    return operation.path.format_map(
        {name: quote(value, safe="", errors="replace") for name, value in values.items()}
    )
