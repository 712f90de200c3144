"""The meters of DynamoDB: capacity by the hour, or requests; storage; what copies cost.

https://aws.amazon.com/dynamodb/pricing/. A provisioned table is billed for the capacity that it
has. Where a month's messages need more on average than the template gives, what they need is
counted: a table that refuses writes would look cheap.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import Any

from msgspec import Struct

from penniless.cost.schedules import HOURS, SECONDS
from penniless.cost.templates.template import Resource, Unknown, number
from penniless.cost.usage import GB, Month, Usage, count

WRITE_UNIT, READ_UNIT = Decimal(1024), Decimal(4096)
"""Bytes of a write unit and of a read unit."""
ITEM_BYTES = 100
"""Bytes that DynamoDB bills for each item beside its own.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""
_BACKUP = ("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")


class Needs(Struct, frozen=True):
    """Units that a month's messages take."""

    writes: Decimal
    reads: Decimal


def needs_of(table: Resource, month: Month) -> Needs:
    """What the calls of a month take of the table, in units."""
    calls = month.calls(table) * month.assumed["events_per_webhook"]
    rows = (month.assumed["row_bytes"] / WRITE_UNIT).to_integral_value(ROUND_CEILING)
    blocks = (month.assumed["row_bytes"] / READ_UNIT).to_integral_value(ROUND_CEILING)
    return Needs(
        calls * month.assumed["writes"] * max(rows, Decimal(1)),
        calls * month.assumed["reads"] * max(blocks, Decimal(1)),
    )


def billing_mode(table: Resource) -> Any:
    """What of it is billed, capacity or requests; CloudFormation's own default is PROVISIONED."""
    return table.get("BillingMode", default="PROVISIONED")


def is_provisioned(table: Resource) -> bool:
    """Whether its capacity is billed; a mode that is unknown is neither of the two."""
    mode = billing_mode(table)
    return not isinstance(mode, Unknown) and mode != "PAY_PER_REQUEST"


def is_on_demand(table: Resource) -> bool:
    """Whether its requests are billed, and not its capacity."""
    return bool(billing_mode(table) == "PAY_PER_REQUEST")


def indexes(table: Resource) -> list[dict[str, Any]]:
    """Its global secondary indexes, each of which is written too."""
    found = table.get("GlobalSecondaryIndexes", default=[])
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def capacity(table: Resource, unit: str) -> list[Decimal | Unknown]:
    """`WriteCapacityUnits` or `ReadCapacityUnits` of the table and of each index."""
    places = [table.get("ProvisionedThroughput", unit, default=1)]
    for one in indexes(table):
        through = one.get("ProvisionedThroughput")
        places.append(through.get(unit, 1) if isinstance(through, dict) else 1)
    return [number(one) for one in places]


def of_table(table: Resource, month: Month) -> Iterator[Usage]:
    """Capacity or requests, storage and point-in-time recovery."""
    mode = billing_mode(table)
    if isinstance(mode, Unknown):
        for meter in ("dynamodb.write_requests", "dynamodb.read_requests"):
            yield month.unknown(table, meter, f"its BillingMode: {mode.what}")
    elif is_provisioned(table):
        yield from _provisioned(table, month)
    else:
        yield from _on_demand(table, month)
    calls = month.calls(table) * month.assumed["events_per_webhook"]
    kept = month.assumed["months_kept"]
    each = month.assumed["row_bytes"] + ITEM_BYTES
    stored = calls * each * kept / GB
    how = f"{count(calls)} rows a month x {count(each)} bytes"
    yield month.use(table, "dynamodb.storage", stored, f"{how} x {count(kept)} months")
    if str(table.get(*_BACKUP, default="false")).lower() == "true":
        yield month.use(table, "dynamodb.pitr", stored, "all that is stored")


def _provisioned(table: Resource, month: Month) -> Iterator[Usage]:
    needs = needs_of(table, month)
    for meter, unit, needed in (
        ("dynamodb.wcu_hours", "WriteCapacityUnits", needs.writes),
        ("dynamodb.rcu_hours", "ReadCapacityUnits", needs.reads),
    ):
        places = capacity(table, unit)
        unknown = next((one for one in places if isinstance(one, Unknown)), None)
        if unknown is not None:
            yield month.unknown(table, meter, f"{unit}: {unknown.what}")
            continue
        yield _units(
            table, month, meter, [one for one in places if isinstance(one, Decimal)], needed
        )


def _units(table: Resource, month: Month, meter: str, has: list[Decimal], needed: Decimal) -> Usage:
    average = (needed / SECONDS).to_integral_value(ROUND_CEILING)
    units = sum((max(one, average) for one in has), Decimal(0))
    given = " + ".join(count(one) for one in has)
    how = f"{given} units x {count(HOURS)} hours"
    if units > sum(has):
        how = f"{count(units)} units, which the messages need (the template has {given})"
    return month.use(table, meter, units * HOURS, how)


def _on_demand(table: Resource, month: Month) -> Iterator[Usage]:
    needs, copies = needs_of(table, month), 1 + len(indexes(table))
    how = f"{count(needs.writes)} write units" + (f" x {copies} copies" if copies > 1 else "")
    yield month.use(table, "dynamodb.write_requests", needs.writes * copies, how)
    yield month.use(
        table, "dynamodb.read_requests", needs.reads, f"{count(needs.reads)} read units"
    )
