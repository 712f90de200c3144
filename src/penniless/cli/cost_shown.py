"""A report of `penniless cost` as people read it in a terminal.

Law of this module: how it looks. Every figure comes from `penniless.cost`.
"""

from __future__ import annotations

from decimal import Decimal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from penniless.cost.attack import Worst
from penniless.cost.bill import Item
from penniless.cost.breaks import MOST, Break, Point
from penniless.cost.ceilings import Ceiling
from penniless.cost.compare import Alternative
from penniless.cost.money import dollars
from penniless.cost.prices import per_unit_text, short_price
from penniless.cost.report import Report
from penniless.cost.scale.paper import Paper
from penniless.cost.scale.show import rendered, told
from penniless.cost.traps import Found
from penniless.cost.usage import count, plural, rounded

WIDTH = 100
BAR = 40
NAMED = 5
"""Places of one trap that are named, beside the first; --json has all of them."""
DOORS = {"url": "Function URL", "http": "HTTP API", "rest": "REST API"}


def show(report: Report, console: Console) -> None:
    """Print all of it."""
    if not console.is_terminal or console.width > WIDTH:
        console.width = WIDTH
    parts = [
        _head(report),
        _items(report),
        _total(report),
        *_breaks(report),
        *_chart(report.curve),
        *_worst(report),
        *_paper(report.paper),
        *_doors(report.doors),
        *_hosts(report),
        *_traps(report),
        *_open(report),
        *_assumed(report),
    ]
    console.print(Group(*parts))


def _title(text: str) -> Padding:
    return Padding(Rule(Text(text, style="bold"), align="left", style="dim"), (1, 0, 0, 0))


def _head(report: Report) -> Text:
    question = report.question
    head = Text(f"{question.template.path}", style="bold")
    head.append(f"  {question.account.region}", style="not bold")
    head.append(f", {count(report.messages)} messages a month", style="not bold")
    if report.extras.traffic:
        head.append(f" ({report.extras.traffic})", style="dim not bold")
    regions, region = question.prices.regions(), question.account.region
    if region not in regions:
        known = ", ".join(regions)
        says = f"no price of {region} is known here, only those of {known}"
        head.append(f"\n{says}", style="bold red")
    return head


def _items(report: Report) -> Table | Text:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("a month")
    for name in ("used", "free", "billed", "price", "cost"):
        table.add_column(name, justify="right", no_wrap=True)
    items = [item for item in report.bill.items if item.used or item.cost is None]
    if not items:
        return Text("Nothing in the template uses anything that is counted.")
    for item in items:
        table.add_row(*_row(item), style="" if item.cost == 0 else "bold")
    return table


def _row(item: Item) -> tuple[Text, str, str, str, str, str]:
    known = all(usage.known for usage in item.usages)
    title = Text(item.title)
    title.append(
        f", {plural(item.unit)}" if item.unit not in item.title else "", style="dim not bold"
    )
    return (
        title,
        count(rounded(item.used)) if known else "unknown",
        _free(item) if known else "-",
        count(rounded(item.billed)) if known else "unknown",
        "unknown" if item.price is None else short_price(item.price),
        "unknown" if item.cost is None else dollars(item.cost),
    )


def _free(item: Item) -> str:
    if not item.free_kind:
        return "-"
    return "all" if item.free == item.used else count(rounded(item.free))


def _total(report: Report) -> Text:
    bill = report.bill
    text = Text("\n")
    if bill.is_complete and not bill.total:
        text.append("$0.00 a month: free", style="bold green")
    else:
        text.append(f"{dollars(bill.total)} a month", style="bold")
    if not bill.is_complete:
        text.append(f", and what is unknown: {', '.join(bill.gaps)}", style="bold red")
    text.append("\nbefore tax, of an account that has all its allowances left", style="dim")
    text.append("\nLINE: ", style="bold")
    text.append(f"replies are free; {_pushes(report)}")
    return text


def _pushes(report: Report) -> str:
    pushes, line = report.extras.pushes, report.line
    if line is None:
        return f"no plan of {report.extras.country} sends {count(pushes)} pushes a month"
    if not pushes:
        return f"the plan {line.plan.name} has {line.plan.included:,} pushes a month for {line}"
    return f"{count(pushes)} pushes a month cost {line} with the plan {line.plan.name}"


def _breaks(report: Report) -> list[Padding | Table | Text]:
    title = _title("What costs something first, and what is full")
    rows = [(one.free_until, _break(one)) for one in report.breaks]
    rows += [(one.messages, _ceiling(one)) for one in report.ceilings if one.messages <= MOST]
    if not rows:
        return [title, Text("nothing, up to a billion messages a month")]
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for until, says in sorted(rows, key=lambda row: row[0]):
        table.add_row(_until(until), says)
    return [title, table]


def _until(messages: int) -> str:
    if messages < 0:
        return "at rest"
    return f"after {messages:,} messages" if messages else "from the first message"


def _break(one: Break) -> Text:
    text = Text(f"{one.item.title}:", style="bold")
    unknown = next((usage for usage in one.item.usages if not usage.known), None)
    if unknown is not None:
        return text.append(f" unknown, {unknown.how} ({unknown.resource})", style="not bold")
    known = one.item.price
    price = "a price that is unknown" if known is None else per_unit_text(known)
    return text.append(f" {price}", style="not bold")


def _ceiling(one: Ceiling) -> Text:
    text = Text(f"{one.resource} is full", style="bold")
    return text.append(f": {one.says}", style="not bold")


def _chart(curve: list[Point]) -> list[Padding | Table]:
    """A bar for each power of ten; cents to the largest bill, on a logarithmic scale."""
    decades = [point for point in curve if str(point.messages).strip("0") == "1"]
    most = max(point.total for point in decades)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right")
    table.add_column(justify="right")
    table.add_column()
    for point in decades:
        bar = "▇" * _length(point.total, most)
        sign = "" if point.is_complete else " + unknown"
        table.add_row(f"{point.messages:,}", dollars(point.total), Text(bar + sign, style="cyan"))
    return [_title("Messages a month, and the bill (logarithmic)"), table]


def _length(total: Decimal, most: Decimal) -> int:
    if total < Decimal("0.005"):
        return 0
    cents = (max(most, Decimal("0.1")) * 100).log10()
    return max(1, round(BAR * (total * 100 + 1).log10() / cents))


def _worst(report: Report) -> list[Padding | Text]:
    worst = report.worst
    if worst is None:
        return []
    most = max(worst.items, key=lambda item: item.cost or Decimal(0))
    text = Text()
    text.append(f"{dollars(worst.total)} a month", style="bold")
    text.append(f", about {dollars(worst.a_day)} a day")
    if worst.gaps:
        text.append(f", and what is unknown: {', '.join(worst.gaps)}", style="bold red")
    text.append(
        ": somebody who knows the address keeps "
        f"{count(worst.concurrency)} environments busy ({worst.limited_by}), "
        f"{count(worst.per_second)} requests a second."
    )
    if most.cost:
        text.append(f" Most of it is {most.title}.")
    if worst.concurrency > 10:
        text.append(" A new account has 10: --concurrency 10.", style="dim")
    if report.fuse is not None:
        text.append(f"\n{told(*report.fuse)}")
    return [_title("The worst that somebody can do to you"), text]


def _paper(paper: Paper | None) -> list[Padding | RenderableType]:
    return [] if paper is None else [_title("Past one machine, on paper"), rendered(paper)]


def _doors(doors: list[Alternative]) -> list[Padding | Table]:
    if not doors:
        return []
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    table.add_column("door")
    for name in ("this month", "free until", "worst month"):
        table.add_column(name, justify="right")
    for one in doors:
        table.add_row(
            DOORS[one.door],
            dollars(one.bill.total) + ("" if one.bill.is_complete else " + unknown"),
            _free_until(one.first),
            _worst_of(one.worst),
        )
    return [_title("Doors side by side"), table]


def _worst_of(worst: Worst | None) -> str:
    if worst is None:
        return "-"
    return dollars(worst.total) + (" + unknown" if worst.gaps else "")


def _free_until(first: Break | None) -> str:
    if first is None:
        return "a billion"
    return f"{first.free_until:,}" if first.free_until > 0 else "not free"


def _hosts(report: Report) -> list[Padding | Text]:
    if not report.hosts:
        return []
    lines = []
    for host in report.hosts:
        line = Text(f"{host.name}  ", style="bold")
        line.append(host.verdict, style="not bold")
        line.append(f"  ({host.read.isoformat()}, {host.sources[0]})", style="dim not bold")
        lines.append(line)
    return [_title("Other hosts for a LINE bot"), *lines]


def _traps(report: Report) -> list[Padding | Text]:
    if not report.traps:
        return []
    by_trap: dict[str, list[Found]] = {}
    for found in report.traps:
        by_trap.setdefault(found.trap.name, []).append(found)
    lines = []
    for name, spots in by_trap.items():
        first, trap = spots[0], spots[0].trap
        line = Text(f"{report.question.template.path.name}:{first.line}  ", style="dim")
        line.append(name, style="bold not dim")
        says = f" ({first.resource}): {trap.says}; {trap.instead}{_also(spots[1:])}"
        lines.append(line.append(says, style="not dim"))
    return [_title("Traps in the template"), *lines]


def _also(spots: list[Found]) -> str:
    """Where else the same trap is."""
    if not spots:
        return ""
    places = [f"{one.resource} in line {one.line}" for one in spots[:NAMED]]
    more = f" and {len(spots) - NAMED} more" if len(spots) > NAMED else ""
    return f". Also {', '.join(places)}{more}"


def _open(report: Report) -> list[Padding | Text]:
    template = report.question.template
    lines = [Text(note) for note in report.bill.flow.notes]
    lines += [
        Text(f"{template.path.name}:{one.line}  {one.name}: what {one.type} costs is unknown here")
        for one in report.bill.unknown
    ]
    lines += [
        Text(
            f"{template.path.name}:{one.line}  {one.resource}: {one.says}, at a price unknown here"
        )
        for one in report.bill.unpriced
        if one.type
    ]
    lines += [
        Text(f"{template.path.name}:{one.line}  {one.where}: {one.what}{_idle(report, one.where)}")
        for one in template.unresolved
    ]
    return [_title("What could not be read or priced"), *lines] if lines else []


def _idle(report: Report, where: str) -> str:
    """What is said of a place whose value changes nothing here."""
    bill, name = report.bill, where.partition(".")[0]
    decides = any(one.resource == where for one in bill.unpriced)
    return "" if decides or any(one.name == name for one in bill.unknown) else "; no price needs it"


def _assumed(report: Report) -> list[Padding | Table]:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    types = {one.type for one in report.question.template.resources.values()}
    for row in report.question.assumed.rows():
        if row.matters_to and not types.intersection(row.matters_to):
            continue
        table.add_row(row.name, f"{count(row.value)} {row.unit}", f"{row.about} ({row.kind})")
    return [_title("Assumed; change it with --assume NAME=VALUE"), table]
