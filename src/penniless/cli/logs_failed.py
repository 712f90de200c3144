"""`penniless logs --failed`: the events that were given up, and the keys to try them again."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from rich.text import Text

from penniless.cli.logs_source import Source
from penniless.cli.logs_times import local
from penniless.cli.logs_view import harmless, place, terminal
from penniless.ports import Json, Row, Store
from penniless.recovery import piece_of
from penniless.stores.dynamodb_items import has_expired, is_of_conversation
from penniless.stores.dynamodb_reads import row_in
from penniless.stores.dynamodb_table import Table, aliases

_WHEN = 19
"""Columns of a time."""


def failed(source: Source, *, now: int, since: int) -> list[Row]:
    """The failed events of all conversations from that time on, newest last.

    Of a table it is one reading of the whole.
    """
    found = _in_table(source.table, now) if source.table else _in_store(source.store, now, since)
    rows = (row for row in found if row.status == "failed" and row.timestamp >= since)
    return sorted(rows, key=lambda row: (row.timestamp, row.event_id))


def repeatable(row: Row) -> bool:
    """Whether the event can be handled again: it was stored, and not taken back since."""
    return piece_of(row) is not None


def show_failed(source: Source, *, now: int, since: int) -> None:
    """Print each failed event in a line, with the key that `penniless logs retry` takes."""
    rows = failed(source, now=now, since=since)
    if not rows:
        print(f"penniless: nothing has failed in {source.name}", file=sys.stderr)
        return
    wide = max(3, *(len(harmless(row.event_id)) for row in rows))
    console = terminal()
    console.print(Text(f"{'when':<{_WHEN}}  {'key':<{wide}}  {'conversation':<18}  what"))
    for row in rows:
        then = local(row.timestamp)
        when = f"{then:%Y-%m-%d %H:%M:%S}" if then else "-"
        key = harmless(row.event_id) if repeatable(row) else "-"
        head = f"{when:<{_WHEN}}  {key:<{wide}}  {place(row.conversation)}  "
        outcome = (f"  ({harmless(row.outcome or row.status)})", "red")
        console.print(Text.assemble(head, said_in(row), outcome), soft_wrap=True)


def said_in(row: Row) -> str:
    """What the person said, in one line."""
    said = "(taken back)" if row.message is None else harmless(row.message)
    return said.replace("\n", "␊")


def _in_store(store: Store, now: int, since: int) -> Iterator[Row]:
    for conversation in store.conversations():
        yield from store.rows(conversation, now=now, since=since)


def _in_table(table: Table, now: int) -> Iterator[Row]:
    scan: Json = {
        "FilterExpression": "#status = :failed",
        "ExpressionAttributeNames": aliases("status"),
        "ExpressionAttributeValues": {":failed": {"S": "failed"}},
    }
    while True:
        page = table.send("Scan", scan, table.limits())
        for item in filter(is_of_conversation, page["Items"]):
            if not has_expired(item, now // 1000):
                yield row_in(table, item)
        if "LastEvaluatedKey" not in page:
            return
        scan["ExclusiveStartKey"] = page["LastEvaluatedKey"]
