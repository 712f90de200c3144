"""Rows and states as DynamoDB items: keys, attributes, and what happens to those too large.

Law of this module: values in, values out; nothing is sent. An attribute that stands for nothing
(None, no replies, no outcome) is left out, because an item is paid for by its bytes, names
included. Replies and states are JSON in one text, which is smaller and faster than DynamoDB's own
nested types, and carries every number.
"""

from __future__ import annotations

from msgspec import json

from penniless.errors import CodeError
from penniless.ports import Row
from penniless.stores.encoding import decode, encode_replies, encode_state, whole_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from penniless.ports import Json, Status

    Attribute: TypeAlias = dict[str, str]
    Item: TypeAlias = dict[str, Attribute]

STATE = "state"
"""The sort key of a conversation's state; rows begin with `event#`, so it stands after them all."""

FIRST_TIME = 0
END_OF_TIME = 10**13
"""Sort keys carry times with 13 digits, which lasts until the year 2286."""

# An item may have 400 KB, names included: https://docs.aws.amazon.com/amazondynamodb/latest/
# developerguide/Constraints.html. LINE's own limits (5,000 characters in, five messages of up to
# 50 KB out) stay below these rooms; what a bot or another program adds to the log may not.
MESSAGE_ROOM = 48 * 1024
OUTCOME_ROOM = 4 * 1024
REPLIES_ROOM = 320 * 1024
STATE_ROOM = 390 * 1024

_GLIMPSE = 1_000
"""Characters that are kept of the text of a reply that is too large."""


def text(value: str) -> Attribute:
    return {"S": whole_text(value)}


def number(value: int) -> Attribute:
    return {"N": str(value)}


def key_of(row: Row) -> Item:
    """Where a row stands: its conversation, and in it the order of time."""
    return {"pk": text(row.conversation), "sk": text(f"{sort_key(row.timestamp)}#{row.event_id}")}


def state_key(conversation: str) -> Item:
    return {"pk": text(conversation), "sk": {"S": STATE}}


def sort_key(timestamp: int) -> str:
    """Where the rows of a millisecond begin; a time beyond the 13 digits goes to their end."""
    return f"event#{min(max(timestamp, FIRST_TIME), END_OF_TIME - 1):013}"


def item_of(row: Row) -> Item:
    """A row as an item. Raises CodeError for replies that are no JSON."""
    item = {
        **key_of(row),
        "timestamp": number(row.timestamp),
        "sender": text(row.sender),
        "to": text(row.to),
        "type": text(row.type),
        "claimed_until": number(row.claimed_until),
        "attempt": number(row.attempt),
    }
    if row.message is not None:
        item["message"] = {"S": cut(whole_text(row.message), MESSAGE_ROOM)}
    if row.message_id is not None:
        item["message_id"] = text(row.message_id)
    if row.expires_at is not None:
        item["expires_at"] = number(row.expires_at)
    item |= {name: value for name, value in answer_of(row).items() if value is not None}
    return item


def answer_of(row: Row) -> dict[str, Attribute | None]:
    """The attributes that a finish writes; None for one that is to be absent.

    Raises CodeError for replies that are no JSON.
    """
    outcome = cut(whole_text(row.outcome), OUTCOME_ROOM)
    return {
        "status": {"S": row.status},
        "outcome": {"S": outcome} if outcome else None,
        "replies": {"S": fitting(row.replies, REPLIES_ROOM).decode()} if row.replies else None,
        "answered_at": None if row.answered_at is None else number(row.answered_at),
    }


def row_of(item: Item) -> Row:
    """The row in an item. Raises KeyError, ValueError or msgspec's errors for what is none."""
    _, _, event_id = item["sk"]["S"].split("#", 2)
    status: Status = item["status"]["S"]  # type: ignore[assignment]
    return Row(
        conversation=item["pk"]["S"],
        event_id=event_id,
        timestamp=int(item["timestamp"]["N"]),
        sender=item["sender"]["S"],
        to=item["to"]["S"],
        type=item["type"]["S"],
        message=_text_in(item, "message"),
        message_id=_text_in(item, "message_id"),
        status=status,
        outcome=_text_in(item, "outcome") or "",
        replies=decode(item["replies"]["S"]) if "replies" in item else [],
        answered_at=_number_in(item, "answered_at"),
        claimed_until=int(item["claimed_until"]["N"]),
        attempt=int(item["attempt"]["N"]),
        expires_at=_number_in(item, "expires_at"),
    )


def state_of(data: Json) -> Attribute:
    """A state as an attribute. Raises CodeError for what is no JSON or does not fit."""
    encoded = encode_state(data)
    if len(encoded) > STATE_ROOM:
        raise CodeError(
            f"The state of a conversation has {len(encoded):,} bytes, and DynamoDB takes "
            f"{STATE_ROOM:,}: keep large things elsewhere, and where they are in the state."
        )
    return {"S": encoded.decode()}


def has_expired(item: Item, second: int) -> bool:
    """Whether the row is past its `expires_at`: DynamoDB deletes those within days, not at once."""
    expires_at = _number_in(item, "expires_at")
    return expires_at is not None and expires_at <= second


def cut(whole: str, room: int) -> str:
    """The text itself, or as much as fits into `room` bytes with a word about what is missing."""
    if len(whole) * 4 <= room or len(encoded := whole.encode()) <= room:
        return whole
    ending = f" […cut: {len(encoded):,} bytes]"
    kept = encoded[: room - len(ending.encode())]
    return kept.decode("utf-8", "ignore") + ending


def fitting(replies: list[Json], room: int) -> bytes:
    """Message objects as JSON of at most `room` bytes.

    If they do not fit, one after the other, the largest first, is replaced by its type, the
    beginning of its text, and `"cut"`: how many bytes it had. Of so many that even this does not
    fit, the last ones give way to one object `{"type": "cut", "cut": <how many>}`.
    """
    encoded = encode_replies(replies)
    if len(encoded) <= room:
        return encoded
    kept = [json.encode(reply) for reply in replies]
    size = sum(map(len, kept)) + len(kept) + 1
    for number in sorted(range(len(kept)), key=lambda one: -len(kept[one])):
        if size <= room:
            break
        glimpse = json.encode(_glimpse(replies[number], len(kept[number])))
        if len(glimpse) < len(kept[number]):
            size -= len(kept[number]) - len(glimpse)
            kept[number] = glimpse
    return _as_many_as_fit(kept, room)


def _as_many_as_fit(pieces: list[bytes], room: int) -> bytes:
    left = len(pieces)
    size = sum(map(len, pieces)) + len(pieces) + 1
    ending: list[bytes] = []
    while size > room and left:
        left -= 1
        size -= len(pieces[left]) + 1
        if not ending:
            size += 64  # more than the ending takes
        ending = [json.encode({"type": "cut", "cut": len(pieces) - left})]
    return b"[" + b",".join(pieces[:left] + ending) + b"]"


def _glimpse(reply: Json, size: int) -> Json:
    glimpse: Json = {"type": str(reply.get("type"))[:100]}
    for name in ("text", "altText"):
        seen = reply.get(name)
        if isinstance(seen, str):
            glimpse[name] = seen[:_GLIMPSE]
    return {**glimpse, "cut": size}


def _text_in(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _number_in(item: Item, name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None
