"""Rows and states as DynamoDB items: keys, attributes, and what happens to those too large.

Law of this module: values in, values out; nothing is sent. An attribute that stands for nothing
(None, no replies, no outcome) is left out, because an item is paid for by its bytes, names
included. Replies, states and all that nests are JSON in one text, which is smaller and faster than
DynamoDB's own nested types, and carries every number.
"""

from __future__ import annotations

from binascii import crc32

from msgspec import json

from penniless.errors import CodeError
from penniless.ports import OPEN, Row, State
from penniless.stores.encoding import (
    decode,
    encode_answers,
    encode_event,
    encode_once,
    encode_replies,
    encode_state,
    whole_text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from penniless.ports import Json, Status

    Attribute: TypeAlias = dict[str, Any]
    Item: TypeAlias = dict[str, Attribute]

STATE = "state"
"""The sort key of a conversation's state; rows begin with `event#`, so it stands after them all."""

FIRST_ROW = "event#"
"""Where the rows of a conversation begin."""

INDEX_KEYS = 8
"""The keys of the index `open`, over which its rows are spread evenly.

Under one key DynamoDB writes 1,000 units a second, which is 500 messages; under eight 4,000, twice
the replies that LINE takes. Whoever searches asks all of them, so there are no more.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-indexes-gsi-sharding.html
"""

FIRST_TIME = 0
END_OF_TIME = 10**13
"""Sort keys carry times with 13 digits, which lasts until the year 2286."""

# An item may have 400 KB, names included: https://docs.aws.amazon.com/amazondynamodb/latest/
# developerguide/Constraints.html. LINE's own limits (5,000 characters in, five messages of up to
# 50 KB out) stay below these rooms; what a bot or another program adds to the log may not.
MESSAGE_ROOM = 48 * 1024
OUTCOME_ROOM = 4 * 1024
REPLIES_ROOM = 300 * 1024
"""For `replies` and `waiting` together; what waits comes first, because it is yet to be sent."""
WAITING_ROOM = 280 * 1024
EVENT_ROOM = 16 * 1024
ONCE_ROOM = 16 * 1024
STATE_ROOM = 390 * 1024
"""For a state and its answers together."""

_USUAL_LAST_ATTEMPT = 3
"""What a row without the attribute says."""

_GLIMPSE = 1_000
"""Characters that are kept of the text of a reply that is too large."""


def text(value: str) -> Attribute:
    return {"S": whole_text(value)}


def number(value: int) -> Attribute:
    return {"N": str(value)}


def key_of(row: Row) -> Item:
    """Where a row stands: its conversation, and in it the order of time."""
    return {"pk": text(row.conversation), "sk": text(f"{sort_key(row.timestamp)}#{row.event_id}")}


def open_under(key: Item) -> Attribute:
    """The attribute `open` of the row with that key: under which of its keys the index has it.

    It follows from the row's key, so that all writes of a row agree. A row that nobody works on
    has no such attribute, and is not in the index.
    """
    return {"S": str(crc32(key["sk"]["S"].encode()) % INDEX_KEYS)}


def state_key(conversation: str) -> Item:
    return {"pk": text(conversation), "sk": {"S": STATE}}


def pushes_key(month: str) -> Item:
    """Where the pushes of a month are counted. Neither a row's key nor a state's, so that nobody
    takes it for a conversation."""
    return {"pk": {"S": "pushes"}, "sk": text(f"month#{month}")}


def is_of_conversation(item: Item) -> bool:
    """Whether it is a row, or a state that was written: by `sk` and `version` of the item.

    A state's item without a version holds the marks of held rows and nothing else.
    """
    sk: str = item["sk"]["S"]
    return sk.startswith(FIRST_ROW) or (sk == STATE and "version" in item)


def mark_of(row: Row, token: str) -> str:
    """What the state's item says of a row that is held: where it is, and the token of the write
    that held it, so that no two are alike."""
    return f"{key_of(row)['sk']['S'].removeprefix(FIRST_ROW)}#{token}"


def marked_keys(state: Item) -> dict[str, Item]:
    """By mark, the keys of the rows that are, or have been, held, oldest first."""
    marks: list[str] = state["held"]["SS"] if "held" in state else []
    return {
        mark: {"pk": state["pk"], "sk": {"S": FIRST_ROW + mark.rpartition("#")[0]}}
        for mark in sorted(marks)
    }


def sort_key(timestamp: int) -> str:
    """Where the rows of a millisecond begin; a time beyond the 13 digits goes to their end."""
    return f"event#{min(max(timestamp, FIRST_TIME), END_OF_TIME - 1):013}"


def item_of(row: Row) -> Item:
    """A row as an item; an event over 16 KB is left out. Raises CodeError as `answer_of` does."""
    item = {
        **key_of(row),
        "timestamp": number(row.timestamp),
        "sender": text(row.sender),
        "to": text(row.to),
        "type": text(row.type),
        "attempt": number(row.attempt),
    }
    if row.message is not None:
        item["message"] = {"S": cut(whole_text(row.message), MESSAGE_ROOM)}
    if row.message_id is not None:
        item["message_id"] = text(row.message_id)
    if row.last_attempt != _USUAL_LAST_ATTEMPT:
        item["last_attempt"] = number(row.last_attempt)
    if row.received_at:
        item["received_at"] = number(row.received_at)
    if row.event is not None and len(event := encode_event(row.event)) <= EVENT_ROOM:
        item["event"] = {"S": event.decode()}
    if row.expires_at is not None:
        item["expires_at"] = number(row.expires_at)
    item |= {name: value for name, value in answer_of(row).items() if value is not None}
    return item


def answer_of(row: Row) -> dict[str, Attribute | None]:
    """The attributes that an advance writes; None for one that is to be absent.

    `event` is not among them unless it is to go. Raises CodeError for replies that are no JSON,
    and for what waits, or is kept by `ctx.once`, and is no JSON or does not fit.
    """
    outcome = cut(whole_text(row.outcome), OUTCOME_ROOM)
    waiting = _whole(encode_replies(row.waiting), WAITING_ROOM, "An answer that waits")
    once = _whole(encode_once(row.once), ONCE_ROOM, "What ctx.once keeps")
    replies = fitting(row.replies, REPLIES_ROOM - len(waiting)) if row.replies else b""
    answer: dict[str, Attribute | None] = {
        "status": {"S": row.status},
        "outcome": {"S": outcome} if outcome else None,
        "replies": {"S": replies.decode()} if replies else None,
        "waiting": {"S": waiting.decode()} if row.waiting else None,
        "way": text(row.way) if row.way else None,
        "answered_at": None if row.answered_at is None else number(row.answered_at),
        "claimed_until": number(row.claimed_until),
        "deferred": number(1) if row.deferred else None,
        "once": {"S": once.decode()} if row.once else None,
        "open": open_under(key_of(row)) if row.status in OPEN else None,
    }
    if row.event is None:
        answer["event"] = None
    return answer


def row_of(item: Item) -> Row:
    """The row in an item. Raises KeyError, ValueError or msgspec's errors for what is none."""
    _, _, event_id = item["sk"]["S"].split("#", 2)
    status: Status = item["status"]["S"]
    last_attempt = _number_in(item, "last_attempt")
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
        replies=_json_in(item, "replies", []),
        waiting=_json_in(item, "waiting", []),
        way=_text_in(item, "way") or "",
        answered_at=_number_in(item, "answered_at"),
        claimed_until=int(item["claimed_until"]["N"]),
        attempt=int(item["attempt"]["N"]),
        last_attempt=_USUAL_LAST_ATTEMPT if last_attempt is None else last_attempt,
        received_at=_number_in(item, "received_at") or 0,
        deferred="deferred" in item,
        event=_json_in(item, "event", None),
        once=_json_in(item, "once", {}),
        expires_at=_number_in(item, "expires_at"),
    )


def state_of(data: Json, answers: Json) -> dict[str, Attribute | None]:
    """A state as attributes. Raises CodeError for what is no JSON or does not fit."""
    encoded = encode_state(data)
    answered = encode_answers(answers) if answers else b""
    size = len(encoded) + len(answered)
    if size > STATE_ROOM:
        raise CodeError(
            f"The state of a conversation has {size:,} bytes, and DynamoDB takes "
            f"{STATE_ROOM:,}: keep large things elsewhere, and where they are in the state."
        )
    return {
        "data": {"S": encoded.decode()},
        "answers": {"S": answered.decode()} if answered else None,
    }


def state_of_item(item: Item | None) -> State:
    """The state in an item, if one was written. Raises as `row_of` does."""
    if item is None or "version" not in item:
        return State(0, {})
    return State(
        int(item["version"]["N"]), decode(item["data"]["S"]), _json_in(item, "answers", {})
    )


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


def _whole(encoded: bytes, room: int, name: str) -> bytes:
    if len(encoded) > room:
        raise CodeError(f"{name} has {len(encoded):,} bytes, and DynamoDB takes {room:,}.")
    return encoded


def _json_in(item: Item, name: str, missing: Any) -> Any:
    return decode(item[name]["S"]) if name in item else missing


def _text_in(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _number_in(item: Item, name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None
