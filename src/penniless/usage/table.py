"""What the bot's tables take of DynamoDB: capacity, size, and requests where these are paid.

Law of this module: from `DescribeTable` and metrics to readings. AWS counts items and bytes anew
about every six hours.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import Struct

from penniless.cost.usage import GB, amount
from penniless.usage.allowances import free_at_once, free_of
from penniless.usage.forecast import Month
from penniless.usage.metrics import READS, SLOW_READS, SLOW_WRITES, WRITES, sum_of
from penniless.usage.reading import Reading, growing


class Table(Struct, frozen=True, kw_only=True):
    """A table and its indexes, together. Without provisioned capacity every request is paid."""

    name: str
    items: int
    size: int
    reads: int
    writes: int
    on_demand: bool


def tables_of(dynamodb: Any, names: list[str]) -> list[Table]:
    """These tables as AWS describes them."""
    return [_table(dynamodb.describe_table(TableName=name)["Table"]) for name in names]


def readings_of(cloudwatch: Any, tables: list[Table], month: Month) -> list[Reading]:
    """Capacity that was chosen, requests on demand, and size."""
    found = []
    if any(not table.on_demand for table in tables):
        found += _capacity(tables, month)
    on_demand = [table.name for table in tables if table.on_demand]
    if on_demand:
        found += _requests(cloudwatch, on_demand, month)
    return [*found, _size(tables, month)]


def troubles(cloudwatch: Any, tables: list[Table], month: Month) -> list[str]:
    """A sentence if tables were too small for what was asked of them."""
    names = [table.name for table in tables]
    slow = sum_of(cloudwatch, SLOW_WRITES, names, month)
    slow += sum_of(cloudwatch, SLOW_READS, names, month)
    if not slow:
        return []
    return [f"{amount(slow, 'request')} had to wait for the table's capacity (throttled)"]


def contents(tables: list[Table]) -> str:
    """How much lies in them, in words."""
    items = Decimal(sum(table.items for table in tables))
    return f"{amount(items, 'item')} in the table; AWS counts items and bytes every six hours"


def _table(told: dict[str, Any]) -> Table:
    """Sums over the table and its indexes, whose sizes and capacities are counted apart."""
    indexes = told.get("GlobalSecondaryIndexes", [])
    units = [one.get("ProvisionedThroughput", {}) for one in (told, *indexes)]
    mode = told.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    return Table(
        name=told["TableName"],
        items=told.get("ItemCount", 0),
        size=sum(
            one.get("TableSizeBytes", 0) + one.get("IndexSizeBytes", 0) for one in (told, *indexes)
        ),
        reads=sum(one.get("ReadCapacityUnits", 0) for one in units),
        writes=sum(one.get("WriteCapacityUnits", 0) for one in units),
        on_demand=mode == "PAY_PER_REQUEST",
    )


def _capacity(tables: list[Table], month: Month) -> list[Reading]:
    on = month.now.date()
    return [
        _chosen(
            "Table write capacity", sum(one.writes for one in tables), "dynamodb.wcu_hours", on
        ),
        _chosen("Table read capacity", sum(one.reads for one in tables), "dynamodb.rcu_hours", on),
    ]


def _chosen(title: str, units: int, meter: str, on: Any) -> Reading:
    return Reading(
        scope="bot",
        title=title,
        unit="unit",
        used=Decimal(units),
        free=free_at_once(meter, on),
        by_the_end=Decimal(units),
        chosen=True,
    )


def _requests(cloudwatch: Any, names: list[str], month: Month) -> list[Reading]:
    on = month.now.date()
    return [
        growing(
            "bot",
            title,
            "unit",
            sum_of(cloudwatch, metric, names, month),
            free_of(meter, on),
            month,
        )
        for title, metric, meter in (
            ("On-demand writes", WRITES, "dynamodb.write_requests"),
            ("On-demand reads", READS, "dynamodb.read_requests"),
        )
    ]


def _size(tables: list[Table], month: Month) -> Reading:
    """The size of now stands for the month's end, too: how rows expire is not known here."""
    size = Decimal(sum(table.size for table in tables)) / GB
    return Reading(
        scope="bot",
        title="Table size",
        unit="GB",
        used=size,
        free=free_of("dynamodb.storage", month.now.date()),
        by_the_end=size,
    )
