"""What the DynamoDB store reads back: rows, states, and what waits in a conversation or anywhere.

Law of this module: it writes nothing but marks away that are over. Whatever cannot be read is a
StoreUnavailable that names the table.
"""

from __future__ import annotations

from itertools import chain, islice

from msgspec import DecodeError

from penniless.errors import StoreUnavailable
from penniless.lifecycle import FINAL, is_overdue, waits
from penniless.ports import SETTLED, Desk
from penniless.stores.dynamodb_items import (
    FIRST_ROW,
    INDEX_KEYS,
    STATE,
    has_expired,
    marked_keys,
    number,
    row_of,
    state_of_item,
    text,
)
from penniless.stores.dynamodb_table import Condition, aliases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from penniless.connections import Limits
    from penniless.ports import Json, Row, State
    from penniless.stores.dynamodb_items import Item
    from penniless.stores.dynamodb_table import Table

PRESENT = Condition("attribute_exists(#pk)")

INDEX = "open"
"""The index that finds overdue rows: its keys are `open` and `claimed_until`."""
_NO_INDEX = {
    "ValidationException": f"the table has no index `{INDEX}`, or it is still being built; the "
    "template's parameter RecoverySchedule brings it",
    "AccessDeniedException": f"the role may not read the index `{INDEX}`; the template's parameter "
    "RecoverySchedule brings both",
}
_DESK_ROWS = 5
"""The newest rows of a conversation, in which a desk looks for overdue ones."""
_MOST = 1_000
"""Entries that one page of the index is asked for at most."""

_ON_THE_DESK = "#pk = :pk AND #sk BETWEEN :first AND :last"
_OVERDUE = "#open = :open AND #claimed_until <= :now"
_FINAL = [{"S": status} for status in FINAL]
_UNREADABLE = (KeyError, TypeError, ValueError, DecodeError)


def row_in(table: Table, item: Item) -> Row:
    try:
        return row_of(item)
    except _UNREADABLE:
        raise StoreUnavailable(f"{table.name}: a row cannot be read") from None


def state_in(table: Table, item: Item | None) -> State:
    try:
        return state_of_item(item)
    except _UNREADABLE:
        raise StoreUnavailable(f"{table.name}: a state cannot be read") from None


def read_desk(table: Table, conversation: str, now: int) -> Desk:
    """State and newest rows in one Query, and the rows that are marked as held and are older."""
    limits = table.limits()
    query: Json = {
        "KeyConditionExpression": _ON_THE_DESK,
        "ExpressionAttributeNames": aliases("pk", "sk"),
        "ExpressionAttributeValues": {
            ":pk": text(conversation),
            ":first": text(FIRST_ROW),
            ":last": text(STATE),
        },
        "ConsistentRead": True,
        "ScanIndexForward": False,
        "Limit": _DESK_ROWS + 1,
    }
    page: list[Item] = table.send("Query", query, limits)["Items"]
    items = {item["sk"]["S"]: item for item in page if item["sk"]["S"].startswith(FIRST_ROW)}
    state = page[0] if page and page[0]["sk"]["S"] == STATE else None
    if state is not None and "held" in state:
        _add_marked(table, state, items, now // 1000, limits)
    rows = [row_in(table, one) for one in items.values() if not has_expired(one, now // 1000)]
    rows.sort(key=lambda row: (row.timestamp, row.event_id))
    found = state_in(table, state)
    return Desk(
        found,
        settled=[
            row.event_id for row in rows if row.status in SETTLED and row.event_id in found.answers
        ],
        held=[row for row in rows if waits(row)],
        overdue=[row for row in rows if is_overdue(row, now)],
    )


def _add_marked(
    table: Table, state: Item, items: dict[str, Item], second: int, limits: Limits
) -> None:
    """Add the rows that are marked as held to `items`; take marks away that are over."""
    over = []
    for mark, key in marked_keys(state).items():
        sk = key["sk"]["S"]
        item = items.get(sk) or table.get(key, limits)
        if item is None or item.get("status") in _FINAL or has_expired(item, second):
            over.append(mark)
        else:
            items[sk] = item
    if over:
        key, marks = {"pk": state["pk"], "sk": state["sk"]}, {"held": {"SS": over}}
        try:
            table.update(key, {}, limits, PRESENT, {}, take=marks)
        except StoreUnavailable:
            return  # they do no harm, and the next desk sees them too


def read_overdue(table: Table, now: int, limit: int) -> list[Row]:
    """The overdue rows of all conversations; each page, and each row, has its own time.

    Entries are taken from all keys of the index in the order of their leases, so a row is read
    only if it may be one of the first `limit`.
    """
    from heapq import merge  # no webhook asks for this

    keys = [_entries(table, str(key), now, limit) for key in range(INDEX_KEYS)]
    entries = merge(*keys, key=lambda entry: int(entry["claimed_until"]["N"]))
    rows = (row for entry in entries if (row := _still_overdue(table, entry, now)))
    return sorted(islice(rows, max(limit, 0)), key=lambda row: row.claimed_until)


def _entries(table: Table, key: str, now: int, limit: int) -> Iterator[Item]:
    """What stands under one key of the index, the oldest lease first."""
    query: Json = {
        "IndexName": INDEX,
        "KeyConditionExpression": _OVERDUE,
        "ExpressionAttributeNames": aliases("open", "claimed_until"),
        "ExpressionAttributeValues": {":open": {"S": key}, ":now": number(now)},
        "Limit": min(limit, _MOST),
    }
    return chain.from_iterable(table.pages("Query", query, cures=_NO_INDEX))


def _still_overdue(table: Table, entry: Item, now: int) -> Row | None:
    """The row behind an entry of the index, which lags behind, if it is still overdue."""
    item = table.get({"pk": entry["pk"], "sk": entry["sk"]}, table.limits())
    if item is None or has_expired(item, now // 1000):
        return None
    row = row_in(table, item)
    return row if is_overdue(row, now) else None
