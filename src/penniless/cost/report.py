"""Everything that `penniless cost` says of a template, worked out and not yet printed.

Law of this module: which questions a report asks; the answers come from the modules beside it.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from penniless.cost.attack import Worst, worst_of
from penniless.cost.bill import Bill, Question
from penniless.cost.breaks import Break, Point, breaks_of, curve_of
from penniless.cost.ceilings import Ceiling, ceilings_of
from penniless.cost.compare import TYPES, Alternative, doors_compared
from penniless.cost.fuses import blows_of
from penniless.cost.hosts import Host, hosts
from penniless.cost.plans import Bill as PlanBill
from penniless.cost.plans import cheapest
from penniless.cost.scale.fuse import Blows, Prices
from penniless.cost.scale.paper import Paper
from penniless.cost.scaling import paper_of
from penniless.cost.templates.parameters import did_you_mean
from penniless.cost.traps import Found, traps_in
from penniless.errors import SettingsError


class Extras(Struct, frozen=True, kw_only=True):
    """What a report is asked beside the bill."""

    traffic: str = ""
    """How the messages were asked for, in words."""
    pushes: Decimal = Decimal(0)
    country: str = "jp"
    concurrency: int = 1000
    compare: tuple[str, ...] = ()
    per_second: float | None = None
    """Messages a second that are to be looked at on paper."""
    burst: int = 0


class Report(Struct, frozen=True, kw_only=True):
    """The answers."""

    question: Question
    messages: Decimal
    extras: Extras
    bill: Bill
    at_rest: Bill
    breaks: list[Break]
    ceilings: list[Ceiling]
    curve: list[Point]
    worst: Worst | None
    fuse: tuple[Blows, Prices] | None
    """How long a flood runs before the template's fuse trips, and at which prices."""
    paper: Paper | None
    traps: list[Found]
    line: PlanBill | None
    """LINE's plan for the pushes; None if no plan can send them."""
    doors: list[Alternative]
    hosts: list[Host]
    missing: list[str]
    """Parameters without a value, by name."""


def make_report(question: Question, messages: Decimal, extras: Extras) -> Report:
    """Ask everything; raises SettingsError for a name that is none."""
    doors, others = _compared(extras.compare)
    return Report(
        question=question,
        messages=messages,
        extras=extras,
        bill=question.bill(messages),
        at_rest=question.bill(0),
        breaks=breaks_of(question),
        ceilings=ceilings_of(question),
        curve=curve_of(question),
        worst=worst_of(question, extras.concurrency),
        fuse=blows_of(question, extras.concurrency),
        paper=_paper(question, extras),
        traps=traps_in(question.month(messages), question.account.on),
        line=cheapest(extras.country, int(extras.pushes)),
        doors=doors_compared(question, doors, messages, extras.concurrency) if doors else [],
        hosts=others,
        missing=[
            one.name for one in question.template.parameters.values() if one.source == "missing"
        ],
    )


def _paper(question: Question, extras: Extras) -> Paper | None:
    if extras.per_second is None:
        return None
    return paper_of(question, extras.per_second, extras.burst, extras.concurrency)


def _compared(names: tuple[str, ...]) -> tuple[list[str], list[Host]]:
    """The doors and the hosts that are meant, in their order."""
    known = {host.id: host for host in hosts()}
    doors: list[str] = []
    others: list[Host] = []
    for name in (one.strip() for one in names):
        if name in TYPES:
            doors.append(name)
        elif name == "hosts":
            others += known.values()
        elif name in known:
            others.append(known[name])
        else:
            every = [*TYPES, "hosts", *known]
            near = did_you_mean(name, every) or f"; there are {', '.join(every)}"
            raise SettingsError(f"--compare {name}: there is no such door or host{near}")
    return doors, others
