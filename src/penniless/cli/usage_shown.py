"""A report of `penniless usage` as people read it in a terminal.

Law of this module: how it looks. Every figure comes from `penniless.usage`.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from penniless.cost.usage import count
from penniless.usage.reading import Reading, Scope
from penniless.usage.report import Report, percent

WIDTH = 100

SECTIONS: tuple[tuple[Scope, str], ...] = (
    ("bot", "This bot"),
    ("line", "LINE"),
    ("account", "The whole AWS account"),
)
HEAD = ("so far", "free", "%", "month's end", "%")


def show(report: Report, console: Console) -> None:
    """Print all of it."""
    if not console.is_terminal or console.width > WIDTH:
        console.width = min(console.width, WIDTH)
    console.print(Group(_head(report), Text(), _headline(report), Text(), _table(report)))
    for line in _below(report):
        console.print(line)


def _head(report: Report) -> Text:
    month = report.month
    head = Text(report.stack, style="bold")
    first, now = month.since, month.now
    span = f"{first.day} to {now.day}" if first.day != now.day else f"{now.day}"
    left = Decimal((month.end - now).total_seconds()) / 86400
    head.append(f"  {report.region}, {span} {now:%B %Y}", style="not bold")
    head.append(f", {_days(left)} left", style="dim not bold")
    return head


def _days(number: Decimal) -> str:
    shown = number.quantize(Decimal(1) if number >= 10 else Decimal("0.1"), ROUND_HALF_UP)
    return "1 day" if shown == 1 else f"{count(shown)} days"


def _headline(report: Report) -> Text:
    return Text(report.headline, style="bold red" if report.warnings else "bold green")


def _table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    for name in HEAD:
        table.add_column(name, justify="right", no_wrap=True)
    others = [one for one in report.readings if one.scope == "other"]
    for scope, title in SECTIONS:
        rows = [one for one in report.readings if one.scope == scope]
        if scope == "account":
            rows += [one for one in others if one.warns(report.warn_at)]
        if rows:
            table.add_row(Text(title, style="bold"))
        for one in rows:
            table.add_row(*_row(one), style="bold red" if one.warns(report.warn_at) else "")
    return table


def _row(one: Reading) -> tuple[Padding, str, str, str, str, str]:
    title = Text(one.title)
    if one.unit.lower() not in one.title.lower():
        title.append(f", {_plural(one.unit)}", style="dim not bold")
    return (
        Padding(title, (0, 0, 0, 2)),
        _amount(one.used),
        "no limit" if one.free is None else _amount(one.free),
        _share(one, one.share),
        _end(one),
        "-" if one.by_the_end is None else _share(one, one.share_by_the_end),
    )


def _plural(unit: str) -> str:
    """AWS's own units are no words that take an s: `GB-Mo`, `Requests`."""
    return f"{unit}s" if unit.islower() or unit == "GB-second" else unit


def _end(one: Reading) -> str:
    if one.chosen and one.scope == "bot":
        return "as set"
    return "too early" if one.by_the_end is None else _amount(one.by_the_end)


def _share(one: Reading, share: Decimal | None) -> str:
    if share is None:
        return "over" if one.is_over else "-"
    return percent(share).replace("under ", "<")


def _amount(number: Decimal) -> str:
    """Whole numbers from ten on, where nobody reads the rest."""
    return count(number.quantize(Decimal(1), ROUND_HALF_UP) if number >= 10 else number)


def _below(report: Report) -> list[Text]:
    """What the table leaves open."""
    lines = [Text()]
    if report.warnings:
        named = ", ".join(one.title for one in report.warnings)
        lines.append(Text(f"at {report.warn_at}% or soon there: {named}", style="bold red"))
    lines += [Text(f"not read: {one}", style="bold yellow") for one in report.missing]
    lines += [Text(note) for note in [*_others(report), *report.notes]]
    if any(one.scope == "account" for one in report.readings):
        lines.append(
            Text(
                "The account's figures and forecasts are AWS's own, some hours old, for all that "
                "runs in the account.",
                style="dim",
            )
        )
    return lines


def _others(report: Report) -> list[str]:
    others = [one for one in report.readings if one.scope == "other" and one.share is not None]
    if not others:
        return []
    most = max(others, key=lambda one: one.share or Decimal(0))
    number = "1 row" if len(others) == 1 else f"{len(others)} rows"
    return [
        f"beside these the account has {number} of other services; the fullest is {most.title}, "
        f"{percent(most.share or Decimal(0))}"
    ]
