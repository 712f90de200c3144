"""What a month uses of each meter, resource by resource.

Law of this module: the values that the meters of each type of resource get and give. Quantities
are in the unit of the meter's price (`penniless.cost.prices`), for a month of 730 hours.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from penniless.cost.assumptions import Assumptions
    from penniless.cost.flow import Flow
    from penniless.cost.templates.template import Resource, Template

    Meters: TypeAlias = Callable[["Resource", "Month"], Iterator["Usage"]]

GB = Decimal(10) ** 9
"""Bytes that a gigabyte of data out or of logs has here; AWS counts 2^30, which is less strict."""


class Usage(Struct, frozen=True, kw_only=True):
    """So much of one meter, and why."""

    meter: str
    quantity: Decimal
    resource: str
    line: int
    how: str
    """The sum in words, such as `2 write units x 1,000,000 messages`."""
    known: bool = True
    """False for a quantity that the template does not tell: its price is then unknown too."""


class Month(Struct, frozen=True, kw_only=True):
    """A month of a template: what comes in, and how it spreads."""

    template: Template
    flow: Flow
    messages: Decimal
    assumed: Assumptions

    def calls(self, resource: Resource) -> Decimal:
        """How often that resource is called."""
        return self.flow.of(resource.name)

    def use(self, resource: Resource, meter: str, quantity: Decimal | int, how: str) -> Usage:
        """A usage of that resource."""
        return Usage(
            meter=meter,
            quantity=Decimal(quantity),
            resource=resource.name,
            line=resource.line,
            how=how,
        )

    def unknown(self, resource: Resource, meter: str, how: str) -> Usage:
        """A usage whose quantity nobody can tell from the template."""
        return Usage(
            meter=meter,
            quantity=Decimal(0),
            resource=resource.name,
            line=resource.line,
            how=how,
            known=False,
        )


def amount(number: Decimal, unit: str) -> str:
    """A quantity with its unit: `1 request`, `2.5 GB`, `3,650 WCU-hours`."""
    return f"{count(rounded(number))} {unit if number == 1 else plural(unit)}"


def plural(unit: str) -> str:
    """`requests` for `request`; `GB` stays as it is."""
    return unit if unit.endswith("B") else f"{unit}s"


def rounded(number: Decimal) -> Decimal:
    """Without decimals from a thousand on, where nobody reads them."""
    return number.to_integral_value() if number >= 1000 else number


def count(number: Decimal) -> str:
    """A quantity as people read it: `1,000,000`, `2.5`, `0.0012`."""
    if number == number.to_integral_value():
        return f"{number:,.0f}"
    digits = 2 if abs(number) >= 1 else 4
    return f"{number:,.{digits}f}".rstrip("0").rstrip(".")
