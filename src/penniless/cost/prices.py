"""AWS's prices and free allowances: rows with a date, a source and how sure they are.

Law of this module: reading the rows of data/aws.toml and answering from them; no template, no
traffic, no clock. Money is Decimal, made from text. What is not known is None, never 0.
Source: https://aws.amazon.com/pricing/ and the Price List that each row names.
"""

from __future__ import annotations

import tomllib
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from penniless.errors import CodeError

Confidence: TypeAlias = Literal["A", "M", "P", "K"]
"""A: AWS's own words or data. M: measured. P: somebody's dated transcript. K: long known, not
read again."""

Kind: TypeAlias = Literal["always", "12 months", "credits", "trial"]

HOURS_A_MONTH = 730
"""AWS reckons a month as 730 hours. https://aws.amazon.com/calculator/calculator-assumptions/"""

EVERYWHERE = "*"
"""The region of a price that is the same in all regions we know; the meter of credits."""

ZERO = Decimal(0)

_R = TypeVar("_R")


class Meter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that AWS counts.

    `unit` is what usage is counted in. A price is said for `scale` units, `pay` says it in words:
    with a scale of 1,000,000 it is "per million requests".
    """

    id: str
    service: str
    title: str
    unit: str
    pay: str
    scale: Decimal = Decimal(1)
    note: str = ""


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where rows come from, on which day they were read there, and how sure that is."""

    id: str
    url: str
    read: date
    confidence: Confidence
    note: str = ""


class Tier(Struct, frozen=True):
    """Usage beyond `above` units a month costs `price` US dollars per unit, before tax."""

    above: Decimal
    price: Decimal


class Price(Struct, frozen=True, kw_only=True):
    """What a meter costs in a region, from `from_date` on and until before `to_date`."""

    meter: str
    region: str
    unit: str
    tiers: tuple[Tier, ...]
    source: str
    read: date
    confidence: Confidence
    note: str = ""
    from_date: date | None = None
    to_date: date | None = None

    def holds(self, on: date) -> bool:
        """Whether this is the price of that day."""
        begun = self.from_date is None or self.from_date <= on
        return begun and (self.to_date is None or on < self.to_date)


class Allowance(Struct, frozen=True, kw_only=True):
    """`amount` units a month that cost nothing, shared by all its meters.

    The account must have been opened on `opened_from` or later and before `opened_before`, where
    those are given, and at most `months` before the day in question.
    """

    meters: tuple[str, ...]
    amount: Decimal
    unit: str
    kind: Kind
    scope: Literal["account", "region"]
    source: str
    read: date
    confidence: Confidence
    note: str = ""
    opened_from: date | None = None
    opened_before: date | None = None
    months: int | None = None

    def holds(self, *, opened: date | None, on: date) -> bool:
        """Whether an account opened then has it on that day; None is an account of any age."""
        if self.opened_from is None and self.opened_before is None and self.months is None:
            return True
        if opened is None or on < opened:
            return False
        young = self.opened_from is not None and opened < self.opened_from
        old = self.opened_before is not None and opened >= self.opened_before
        over = self.months is not None and on >= months_after(opened, self.months)
        return not (young or old or over)


class _PriceRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price in some regions as the file has it, in dollars for `scale` units of the meter.

    `price` is one number, or pairs of how many units lie below a tier and what it costs.
    """

    meter: str
    regions: tuple[str, ...]
    price: Decimal | tuple[tuple[Decimal, Decimal], ...]
    source: str
    note: str = ""
    from_date: date | None = None
    to_date: date | None = None


class _AllowanceRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An allowance as the file has it."""

    meters: tuple[str, ...]
    amount: Decimal
    unit: str
    kind: Kind
    scope: Literal["account", "region"]
    source: str
    note: str = ""
    opened_from: date | None = None
    opened_before: date | None = None
    months: int | None = None


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    source: tuple[Source, ...]
    meter: tuple[Meter, ...]
    price: tuple[_PriceRow, ...]
    allowance: tuple[_AllowanceRow, ...]


class Catalogue:
    """All meters, prices and allowances that are known."""

    def __init__(
        self,
        meters: Iterable[Meter],
        prices: Iterable[Price],
        allowances: Iterable[Allowance],
    ) -> None:
        self._meters = {one.id: one for one in meters}
        self.prices = tuple(prices)
        self.every_allowance = tuple(allowances)

    def meters(self) -> list[str]:
        """The ids of all meters, in the order of the file."""
        return list(self._meters)

    def regions(self) -> list[str]:
        """The Regions that have prices of their own here."""
        return sorted({one.region for one in self.prices} - {EVERYWHERE})

    def meter(self, name: str) -> Meter:
        """Raises CodeError if there is no such meter."""
        try:
            return self._meters[name]
        except KeyError:
            raise CodeError(f"there is no meter named {name}") from None

    def title(self, meter: str) -> str:
        """A meter's name for people, such as "Lambda requests"."""
        return self.meter(meter).title

    def price(self, meter: str, region: str, on: date) -> Price | None:
        """The price of that day; None if it is not known. What costs nothing has a row with 0."""
        self.meter(meter)
        there = {one.region: one for one in self.prices if one.meter == meter and one.holds(on)}
        return there.get(region) or there.get(EVERYWHERE)

    def allowances(self, meter: str, *, opened: date | None, on: date) -> list[Allowance]:
        """What is free of that meter on that day for an account opened then.

        Without `opened` only what every account has. The meter "*" gives an account's credits, in
        US dollars and once, not each month; AWS takes them off after all allowances.
        """
        if meter != EVERYWHERE:
            self.meter(meter)
        return [
            one
            for one in self.every_allowance
            if meter in one.meters and one.holds(opened=opened, on=on)
        ]


def cost_of(price: Price, quantity: Decimal) -> Decimal:
    """US dollars for so many units a month, exact; `quantity` is what is left to be paid.

    Each tier's price holds only for the part above it, as AWS bills.
    """
    ends = [tier.above for tier in price.tiers[1:]]
    parts = zip(price.tiers, [*ends, max(quantity, price.tiers[-1].above)], strict=True)
    return sum(
        (max(ZERO, min(quantity, end) - tier.above) * tier.price for tier, end in parts), ZERO
    )


def per_unit_text(price: Price) -> str:
    """The price of the first tier in words, such as "$0.20 per million requests"."""
    meter = catalogue().meter(price.meter)
    first = price.tiers[0].price
    return f"{dollars(first * meter.scale)} {meter.pay}" if first else "free of charge"


def short_price(price: Price) -> str:
    """The same for a column, without the unit: "$0.20 per million"."""
    meter = catalogue().meter(price.meter)
    scales = {Decimal(1): "", Decimal(1000): " per 1,000", Decimal(10**6): " per million"}
    first = price.tiers[0].price
    return f"{dollars(first * meter.scale)}{scales[meter.scale]}" if first else "free"


def dollars(amount: Decimal) -> str:
    """As people write a price: cents, and more places only where the price has them."""
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"${amount:,.{places}f}"


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@cache
def catalogue() -> Catalogue:
    """The rows that come with this version of Penniless."""
    data = Path(__file__).with_name("data").joinpath("aws.toml").read_bytes()
    return read_catalogue(data)


def read_catalogue(data: bytes) -> Catalogue:
    """A catalogue from TOML. Raises msgspec.ValidationError, or CodeError for a name not in it."""
    rows = msgspec.convert(tomllib.loads(data.decode(), parse_float=Decimal), _File)
    meters = {one.id: one for one in rows.meter}
    sources = {one.id: one for one in rows.source}
    prices = [
        _price(row, region, _named(row.meter, meters), _named(row.source, sources))
        for row in rows.price
        for region in row.regions
    ]
    allowances = [_allowance(row, _named(row.source, sources)) for row in rows.allowance]
    return Catalogue(rows.meter, prices, allowances)


def _price(row: _PriceRow, region: str, meter: Meter, source: Source) -> Price:
    tiers = ((ZERO, row.price),) if isinstance(row.price, Decimal) else row.price
    return Price(
        meter=row.meter,
        region=region,
        unit=meter.unit,
        tiers=tuple(Tier(above, price / meter.scale) for above, price in tiers),
        source=source.url,
        read=source.read,
        confidence=source.confidence,
        note=_joined(source.note, meter.note, row.note),
        from_date=row.from_date,
        to_date=row.to_date,
    )


def _allowance(row: _AllowanceRow, source: Source) -> Allowance:
    return Allowance(
        meters=row.meters,
        amount=row.amount,
        unit=row.unit,
        kind=row.kind,
        scope=row.scope,
        source=source.url,
        read=source.read,
        confidence=source.confidence,
        note=_joined(source.note, row.note),
        opened_from=row.opened_from,
        opened_before=row.opened_before,
        months=row.months,
    )


def _joined(*notes: str) -> str:
    return " ".join(one for one in notes if one)


def _named(name: str, rows: dict[str, _R]) -> _R:
    try:
        return rows[name]
    except KeyError:
        raise CodeError(f"a row names {name}, and nothing has that id") from None
