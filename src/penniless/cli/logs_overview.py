"""Every conversation of a log with the number of its events and the time of the last one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from penniless.cli.logs_source import Source
from penniless.ports import Json, Store
from penniless.stores.dynamodb_items import STATE, has_expired, is_of_conversation
from penniless.stores.dynamodb_table import Table, aliases


class Summary(NamedTuple):
    """One conversation in one line; without a `last` it has a state and no events."""

    conversation: str
    events: int = 0
    last: int | None = None


def overview(
    source: Source, *, now: int, since: int = 0, until: int | None = None
) -> list[Summary]:
    """The conversations with events in that time, the latest first.

    Without limits of time those that have nothing but a state are there too.
    """
    if source.table:
        return scanned(source.table, now=now, since=since, until=until)[0]
    return _summed_up(_in_store(source.store, now, since), since, until)


def scanned(
    table: Table, *, now: int, since: int = 0, until: int | None = None
) -> tuple[list[Summary], float]:
    """The same of a table, and how many read units that took.

    It is one reading of the whole table; a query for each conversation would cost three times that.
    """
    spent: list[float] = []
    found = _summed_up(_in_table(table, now, spent), since, until)
    return found, sum(spent)


def _summed_up(
    events: Iterable[tuple[str, int | None]], since: int, until: int | None
) -> list[Summary]:
    found: dict[str, Summary] = {}
    for key, timestamp in events:
        met = found.get(key, Summary(key))
        if timestamp is None:
            if since == 0 and until is None:
                found[key] = met
        elif since <= timestamp and (until is None or timestamp < until):
            found[key] = Summary(key, met.events + 1, max(met.last or 0, timestamp))
    return sorted(found.values(), key=lambda one: (-(one.last or 0), one.conversation))


def _in_store(store: Store, now: int, since: int) -> Iterator[tuple[str, int | None]]:
    for conversation in store.conversations():
        if store.read_state(conversation).version:
            yield conversation, None
        for row in store.rows(conversation, now=now, since=since):
            yield conversation, row.timestamp


def _in_table(table: Table, now: int, spent: list[float]) -> Iterator[tuple[str, int | None]]:
    scan: Json = {
        "ProjectionExpression": "#pk,#sk,#timestamp,#version,#expires_at",
        "ExpressionAttributeNames": aliases("pk", "sk", "timestamp", "version", "expires_at"),
        "ReturnConsumedCapacity": "TOTAL",
    }
    while True:
        page = table.send("Scan", scan, table.limits())
        spent.append(page.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0))
        for item in filter(is_of_conversation, page["Items"]):
            if item["sk"]["S"] == STATE:
                yield item["pk"]["S"], None
            elif not has_expired(item, now // 1000):
                yield item["pk"]["S"], int(item["timestamp"]["N"])
        if "LastEvaluatedKey" not in page:
            return
        scan["ExclusiveStartKey"] = page["LastEvaluatedKey"]
