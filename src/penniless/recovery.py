"""The event inside its row: how little is stored with a claim, and how it becomes an event again.

Law of this module: values in, values out. A row already has the id, the time, the sender, the
conversation and the text, so the rest is what is kept, which holds the row of an ordinary message
below one kilobyte (a write unit). `markAsReadToken` is left out for the same reason: an event that
is handled from the log cannot mark the message as read.
"""

from __future__ import annotations

from typing import Any

import msgspec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.ports import Json, Row

_NO_ID = "sha256-"
"""What the id of an event begins with to which LINE gave none."""

_IN_THE_ROW = ("webhookEventId", "timestamp", "deliveryContext")


def rest_of(piece: bytes, row: Row) -> Json:
    """What of an event's JSON its row does not say."""
    event = _json(piece)
    if not isinstance(event, dict):
        return {}
    rest = {name: value for name, value in event.items() if name not in _IN_THE_ROW}
    if rest.get("mode") == "active":
        del rest["mode"]
    if "source" in rest and rest["source"] == _source_in(row):
        del rest["source"]
    message = rest.get("message")
    if isinstance(message, dict):
        rest["message"] = _rest_of_message(message, row)
    return rest


def _rest_of_message(message: Json, row: Row) -> Json:
    rest = {name: value for name, value in message.items() if name != "markAsReadToken"}
    if "id" in rest and rest["id"] == row.message_id:
        del rest["id"]
    if "text" in rest and rest["text"] == row.message:
        rest["text"] = None
    return rest


def piece_of(row: Row) -> bytes | None:
    """The event of a row as JSON again.

    None if the row was stored without it, or its message was taken back since.
    """
    if row.event is None:
        return None
    event: Json = {
        "source": _source_in(row),
        "mode": "active",
        **row.event,
        "webhookEventId": row.event_id if not row.event_id.startswith(_NO_ID) else None,
        "timestamp": row.timestamp,
        "deliveryContext": {"isRedelivery": True},
    }
    message = event.get("message")
    if isinstance(message, dict):
        whole: dict[str, Any] = {**message}
        if row.message_id is not None:
            whole.setdefault("id", row.message_id)
        if "text" in whole and whole["text"] is None:
            if row.message is None:
                return None
            whole["text"] = row.message
        event["message"] = whole
    return msgspec.json.encode({name: one for name, one in event.items() if one is not None})


def _json(piece: bytes) -> Any:
    try:
        return msgspec.json.decode(piece)
    except (msgspec.DecodeError, ValueError, RecursionError):
        from penniless.events.lenient import any_json  # strange JSON may take its time

        return any_json(piece)


def _source_in(row: Row) -> Json | None:
    """The source that a row's conversation and sender speak of."""
    kind, _, chat_id = row.conversation.partition("#")
    if kind == "user":
        return {"type": "user", "userId": chat_id}
    if kind not in ("group", "room"):
        return None
    source = {"type": kind, f"{kind}Id": chat_id}
    return source if row.sender == row.conversation else {**source, "userId": row.sender}
