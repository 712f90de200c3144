"""What a template needs at so many messages a second: its own numbers, for the paper on scale.

Law of this module: from a template and its assumptions to the inputs of `penniless.cost.scale`.
"""

from __future__ import annotations

from decimal import Decimal

from penniless.cost.bill import Question
from penniless.cost.flow import APIS, FUNCTION, TABLE
from penniless.cost.meters.functions import megabytes, warm_seconds
from penniless.cost.meters.tables import billing_mode, capacity, indexes, is_on_demand
from penniless.cost.scale.inputs import FRESH_ON_DEMAND, Account, Burst, Load, Profile, Table
from penniless.cost.scale.paper import Paper, paper
from penniless.cost.templates.template import Resource, Unknown, number
from penniless.cost.usage import Month
from penniless.errors import SettingsError

_MANY = Decimal(1_000_000)


def paper_of(question: Question, per_second: float, burst: int, concurrency: int) -> Paper:
    """The paper on that load; `burst` are messages that a broadcast brings on top, 0 for none.

    Raises SettingsError for a template without a function that messages reach.
    """
    month = _month(question)
    function = _called(month, FUNCTION)
    if function is None:
        name = question.template.path.name
        raise SettingsError(f"{name} has no function that messages reach")
    table = _called(month, TABLE)
    load = Load(per_second=per_second, burst=Burst(messages=burst) if burst else None)
    return paper(
        load, _profile(function, table, month), _account(function, table, month, concurrency)
    )


def _month(question: Question) -> Month:
    return question.month(_MANY)


def _called(month: Month, kind: str) -> Resource | None:
    """The resource of that type that is called most."""
    called = [one for one in month.template.of_type(kind) if month.calls(one)]
    return max(called, key=month.calls, default=None)


def _profile(function: Resource, table: Resource | None, month: Month) -> Profile:
    assumed = month.assumed
    start = assumed["environment_ms"] + assumed["init_ms"]
    return Profile(
        warm_seconds=float(warm_seconds(function, month)),
        cold_seconds=float(start / 1000),
        memory_mb=int(megabytes(function)),
        messages_per_webhook=float(assumed["events_per_webhook"]),
        writes=float(assumed["writes"]) if table else 0.0,
        reads=float(assumed["reads"]) if table else 0.0,
        # An event comes into the index of open events when it is claimed, and is taken out again.
        index_writes=2.0 if table and indexes(table) else 0.0,
    )


def _account(function: Resource, table: Resource | None, month: Month, concurrency: int) -> Account:
    reserved = number(function.get("ReservedConcurrentExecutions", default=concurrency))
    most = concurrency if isinstance(reserved, Unknown) else min(concurrency, int(reserved))
    behind = any(month.calls(one) for one in month.template.of_type(*APIS))
    return Account(
        concurrency=max(1, most),
        door="gateway" if behind else "url",
        table=_table(table),
    )


def _table(table: Resource | None) -> Table:
    if table is None or is_on_demand(table):
        return FRESH_ON_DEMAND
    if isinstance(billing_mode(table), Unknown):
        raise SettingsError(f"the BillingMode of {table.name} is unknown")
    writes, reads = (
        capacity(table, unit)[0] for unit in ("WriteCapacityUnits", "ReadCapacityUnits")
    )
    if isinstance(writes, Unknown) or isinstance(reads, Unknown):
        raise SettingsError(f"the capacity of {table.name} is unknown")
    return Table(writes=float(writes), reads=float(reads))
