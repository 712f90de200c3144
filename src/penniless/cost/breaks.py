"""From how many messages a month on each meter costs something, and the bill over that range.

Law of this module: it asks for bills and compares them; no prices of its own. Every cost grows
with the messages, so that the first message that costs is found by halving.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.cost.bill import Bill, Item, Question

MOST = 10**9
"""Messages a month up to which break points are looked for, and the chart is drawn."""


class Break(Struct, frozen=True, kw_only=True):
    """A meter that costs something from so many messages a month on."""

    item: Item
    """As it stands in the bill of that month."""
    free_until: int
    """The most messages a month without a cost of this meter; -1 if it costs at rest."""


class Point(Struct, frozen=True, kw_only=True):
    """The bill at so many messages a month."""

    messages: int
    total: Decimal
    is_complete: bool


def breaks_of(question: Question) -> list[Break]:
    """The meters that cost something below `MOST` messages a month, the first one first."""
    rest, most = question.bill(0), question.bill(MOST)
    found = []
    for item in most.items:
        if item.billed <= 0 and item.cost is not None:
            continue
        if _costs(rest, item.meter):
            found.append(Break(item=_item(rest, item.meter), free_until=-1))
            continue
        first = _first(question, item.meter, rest, most)
        found.append(Break(item=_item(question.bill(first), item.meter), free_until=first - 1))
    return sorted(found, key=lambda one: one.free_until)


def _first(question: Question, meter: str, below: Bill, above: Bill) -> int:
    """The fewest messages with which that meter costs something.

    Most meters grow evenly, so that the point where the free part ends is guessed from the bills
    of both ends. Where a guess leaves more than half, the next step halves.
    """
    low, high = 0, MOST
    guessing = True
    while high - low > 1:
        middle = _guess(_found(below, meter), _item(above, meter), low, high) if guessing else None
        middle = (low + high) // 2 if middle is None else middle
        span, bill = high - low, question.bill(middle)
        if _costs(bill, meter):
            high, above = middle, bill
        else:
            low, below = middle, bill
        guessing = (high - low) * 2 <= span or not guessing
    return high


def _guess(below: Item | None, above: Item, low: int, high: int) -> int | None:
    """Between both ends, where a straight line uses up what is free."""
    used = below.used if below else Decimal(0)
    if above.used <= used or (above.cost is None and not above.billed):
        return None
    part = (above.free - used) / (above.used - used)
    return min(max(low + int(part * (high - low)), low + 1), high - 1)


def _costs(bill: Bill, meter: str) -> bool:
    item = _found(bill, meter)
    return item is not None and (item.billed > 0 or item.cost is None)


def _found(bill: Bill, meter: str) -> Item | None:
    return next((one for one in bill.items if one.meter == meter), None)


def _item(bill: Bill, meter: str) -> Item:
    return next(item for item in bill.items if item.meter == meter)


def curve_of(question: Question, *, per_decade: int = 3) -> list[Point]:
    """The bills from 1 message a month to `MOST`, evenly on a logarithmic scale."""
    steps = 9 * per_decade
    counts = [round(10 ** (step / per_decade)) for step in range(steps + 1)]
    return [_point(question.bill(count), count) for count in counts]


def _point(bill: Bill, messages: int) -> Point:
    return Point(messages=messages, total=bill.total, is_complete=bill.is_complete)
