"""Where something of the template is full, which is not the same as where it costs.

Law of this module: closed forms of what the template gives; bursts and days that are busier than
others are the matter of `penniless.cost.scale`.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

from msgspec import Struct

from penniless.cost.flow import TABLE
from penniless.cost.meters.tables import capacity, is_provisioned, needs_of
from penniless.cost.schedules import SECONDS
from penniless.cost.templates.values import Unknown
from penniless.cost.usage import Month, count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from penniless.cost.bill import Question

_MANY = Decimal(1_000_000)


class Ceiling(Struct, frozen=True, kw_only=True):
    """What is full from so many messages a month on, if they come evenly."""

    messages: int
    resource: str
    line: int
    says: str


def ceilings_of(question: Question) -> list[Ceiling]:
    """The provisioned capacity of each table that a month's messages reach, lowest first."""
    return sorted(_tables(question.month(_MANY)), key=lambda one: one.messages)


def _tables(month: Month) -> Iterator[Ceiling]:
    for table in month.template.of_type(TABLE):
        if not is_provisioned(table):
            continue
        needs = needs_of(table, month)
        for unit, needed in (
            ("WriteCapacityUnits", needs.writes),
            ("ReadCapacityUnits", needs.reads),
        ):
            units = capacity(table, unit)[0]
            if not needed or isinstance(units, Unknown):
                continue
            carried = int((units * SECONDS / (needed / _MANY)).to_integral_value(ROUND_FLOOR))
            yield Ceiling(
                messages=carried,
                resource=table.name,
                line=table.line_of("ProvisionedThroughput", unit),
                says=f"its {count(units)} {unit} are used up all the time; 25 are free",
            )
