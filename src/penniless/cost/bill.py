"""The bill of a month: what is used, what of it is free, what the rest costs.

Law of this module: usages and prices in, an itemised bill out, in exact decimals. Free allowances
belong to the account: the whole of each is given to this template, since nobody else is known.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cached_property

from msgspec import Struct, field

from penniless.cost.flow import Flow, Routes, routes_of
from penniless.cost.meters import unknown_types, usages
from penniless.cost.meters.settings import Unpriced, unpriced
from penniless.cost.prices import Allowance, Catalogue, Price, cost_of
from penniless.cost.usage import Month, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from penniless.cost.assumptions import Assumptions
    from penniless.cost.templates.template import Resource, Template

CENT = Decimal("0.01")
ZERO = Decimal(0)
LEAST = Decimal("1e-9")
"""Units that are none: what is left of thirds that were added up."""


class Account(Struct, frozen=True, kw_only=True):
    """What of the account decides prices and allowances."""

    region: str = "ap-northeast-1"
    opened: date | None = None
    """The day it was opened; None for an account without the 12 months."""
    on: date
    """The day whose prices are asked for."""


class Item(Struct, frozen=True, kw_only=True):
    """One meter of the bill."""

    meter: str
    title: str
    unit: str
    used: Decimal
    free: Decimal
    """How much of it is free, of what is left of the allowances."""
    free_kind: str
    billed: Decimal
    price: Price | None
    cost: Decimal | None
    """US dollars; None where the price or the quantity is unknown, and something is billed."""
    usages: list[Usage]


class Bill(Struct, frozen=True, kw_only=True):
    """A month's bill."""

    messages: Decimal
    items: list[Item]
    unknown: list[Resource]
    """Resources of types whose price is not known here."""
    unpriced: list[Unpriced] = field(default_factory=list)
    """Settings whose price is not known here."""
    flow: Flow = field(default_factory=Flow)

    @property
    def total(self) -> Decimal:
        """US dollars, of what is known."""
        return sum((item.cost for item in self.items if item.cost is not None), ZERO)

    @property
    def gaps(self) -> list[str]:
        """What is missing from the total, in words."""
        items = [item.title for item in self.items if item.cost is None]
        items += [
            f"{one.resource} ({one.says})" if one.says else one.resource for one in self.unpriced
        ]
        return items + [f"{one.name} ({one.type})" for one in self.unknown]

    @property
    def is_complete(self) -> bool:
        """Whether everything in it has a price."""
        return not self.gaps

    def cost(self, meter: str) -> Decimal:
        """What that meter costs; 0 if it is not in the bill or unknown."""
        return next((one.cost or ZERO for one in self.items if one.meter == meter), ZERO)


class Question(Struct, frozen=True, kw_only=True, dict=True):
    """Everything that a bill depends on but the number of messages."""

    template: Template
    account: Account
    assumed: Assumptions
    prices: Catalogue

    @cached_property
    def routes(self) -> Routes:
        """Who calls whom in the template, for any number of messages."""
        return routes_of(self.template, self.assumed)

    @cached_property
    def unpriced(self) -> list[Unpriced]:
        """The settings of the template that have no price here."""
        return unpriced(self.template)

    def month(self, messages: Decimal | int) -> Month:
        """A month with so many messages."""
        messages = Decimal(messages)
        flow = self.routes.flow(messages / self.assumed["events_per_webhook"])
        return Month(template=self.template, flow=flow, messages=messages, assumed=self.assumed)

    def bill(self, messages: Decimal | int) -> Bill:
        """The bill of a month with so many messages."""
        month = self.month(messages)
        items = itemised(usages(month), self.prices, self.account)
        unknown = unknown_types(self.template.resources)
        return Bill(
            messages=month.messages,
            items=items,
            unknown=unknown,
            unpriced=self.unpriced,
            flow=month.flow,
        )


def itemised(used: Iterable[Usage], prices: Catalogue, account: Account) -> list[Item]:
    """One item for each meter, in the order in which the usages name them."""
    by_meter: defaultdict[str, list[Usage]] = defaultdict(list)
    for usage in used:
        by_meter[usage.meter].append(usage)
    left = _Allowances(prices, account)
    return [_item(meter, found, prices, account, left) for meter, found in by_meter.items()]


def _item(
    meter: str, found: list[Usage], prices: Catalogue, account: Account, left: _Allowances
) -> Item:
    quantity = sum((usage.quantity for usage in found), ZERO)
    free, kind = left.take(meter, quantity)
    billed = quantity - free if quantity - free > LEAST else ZERO
    price = prices.price(meter, account.region, on=account.on)
    known = all(usage.known for usage in found)
    return Item(
        meter=meter,
        title=prices.title(meter),
        unit=prices.meter(meter).unit,
        used=quantity,
        free=free,
        free_kind=kind,
        billed=billed,
        price=price,
        cost=_cost(price, billed, known=known),
        usages=found,
    )


def _cost(price: Price | None, billed: Decimal, *, known: bool) -> Decimal | None:
    if not known:
        return None
    if not billed:
        return ZERO
    return None if price is None else cost_of(price, billed)


class _Allowances:
    """What is left of each allowance; several meters may draw on the same one."""

    def __init__(self, prices: Catalogue, account: Account) -> None:
        self._prices = prices
        self._account = account
        self._taken: defaultdict[Allowance, Decimal] = defaultdict(Decimal)

    def take(self, meter: str, quantity: Decimal) -> tuple[Decimal, str]:
        """How much of the quantity is free, and by which kind of allowance."""
        free, kinds = ZERO, []
        account = self._account
        for one in self._prices.allowances(meter, opened=account.opened, on=account.on):
            part = min(quantity - free, one.amount - self._taken[one])
            kinds.append(one.kind)
            if part > 0:
                self._taken[one] += part
                free += part
        return free, ", ".join(dict.fromkeys(kinds))
