"""LINE's plans: what a month of pushes costs in Japan, Taiwan and Thailand.

Law of this module: reading the rows of data/line.toml and answering from them. A price that is
known only between two bounds gives two sums, never one that is made up.
Source: https://developers.line.biz/en/docs/messaging-api/pricing/ and the page that each row names.
"""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from penniless.cost.prices import Confidence
from penniless.errors import CodeError


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A monthly plan of LINE Official Account.

    Messages are counted by the people they reach; replies are not counted. One more than the
    `included` ones costs `extra_most` at most, None if none can be bought, and `extra_least` at
    least, None if that is not known.
    """

    id: str
    country: str
    name: str
    local_name: str
    currency: str
    fee: Decimal
    included: int
    tax: str
    source: str
    read: date
    confidence: Confidence
    extra_least: Decimal | None = None
    extra_most: Decimal | None = None
    note: str = ""

    def bill(self, messages: int) -> Bill | None:
        """What so many messages a month cost; None if this plan cannot send them."""
        beyond = max(0, messages - self.included)
        if beyond and self.extra_most is None:
            return None
        low = self.fee + beyond * (self.extra_least or Decimal(0))
        high = self.fee + beyond * (self.extra_most or Decimal(0))
        return Bill(self, messages, low, high)


class Bill(Struct, frozen=True):
    """Between `low` and `high` in the plan's currency, without tax; both are known to hold."""

    plan: Plan
    messages: int
    low: Decimal
    high: Decimal

    @property
    def exact(self) -> bool:
        """Whether it is one sum and not two bounds."""
        return self.low == self.high

    def __str__(self) -> str:
        currency = self.plan.currency
        if self.exact:
            return money(self.high, currency)
        return f"{money(self.low, currency)} to {money(self.high, currency)}"


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    plan: tuple[Plan, ...]


_SIGNS = {"JPY": "¥", "TWD": "NT$", "THB": "฿"}
_PLACES = {"JPY": 0, "TWD": 0, "THB": 2}


@cache
def all_plans() -> tuple[Plan, ...]:
    """The plans that come with this version of Penniless, in the order of the file."""
    text = Path(__file__).with_name("data").joinpath("line.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text, parse_float=Decimal), _File).plan


def plans(country: str) -> list[Plan]:
    """The plans of a country (`jp`, `tw` or `th`), the smallest first.

    Raises CodeError for a country whose plans are not known.
    """
    found = [one for one in all_plans() if one.country == country]
    if not found:
        known = ", ".join(dict.fromkeys(one.country for one in all_plans()))
        raise CodeError(f"LINE's plans are known for {known}, not for {country}")
    return sorted(found, key=lambda plan: (plan.fee, plan.included))


def plan(name: str) -> Plan:
    """The plan with that id, such as `jp-light`, as the simulator names it too."""
    for one in all_plans():
        if one.id == name:
            return one
    raise CodeError(f"LINE has no plan that is called {name} here")


def cheapest(country: str, messages: int) -> Bill | None:
    """The bill of the plan that sends so many messages a month for the least; None if none can.

    Plans are compared by what they cost at most, so that nobody pays more than is said.
    """
    bills = [bill for one in plans(country) if (bill := one.bill(messages)) is not None]
    return min(bills, key=lambda bill: (bill.high, bill.low), default=None)


def money(amount: Decimal, currency: str) -> str:
    """As people there write it, such as ¥15,000."""
    places = _PLACES[currency] if amount != amount.to_integral_value() else 0
    return f"{_SIGNS[currency]}{amount:,.{places}f}"
