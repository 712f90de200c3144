"""A paper as a person reads it: sentences, a table of limits, the seconds of a burst.

Law of this module: words and layout; every number comes from elsewhere.
"""

from __future__ import annotations

import math
from io import StringIO

from rich.bar import Bar
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from penniless.cost.scale.advice import in_the_way
from penniless.cost.scale.fuse import Blows, Prices
from penniless.cost.scale.limits import Hit
from penniless.cost.scale.paper import Paper
from penniless.cost.scale.tally import Run, Second

_ROWS = 24
_BAR = 20
"""Characters of the longest bar; a narrow terminal has shorter ones."""
_QUIET = 5
"""Seconds of a burst that are shown: all in which something is refused, or a few if nothing is."""
_STYLES = {"free": "yellow", "quota": "red", "fixed": "red"}
_REFUSED_BY = {
    "concurrency": "the concurrency",
    "requests": "the requests a second",
    "scaling": "the scaling rate",
    "gateway": "the API Gateway",
    "table writes": "the table's writes",
    "table reads": "the table's reads",
    "hot key": "the largest conversation's partition",
    "index": "the keys of the index",
    "replies": "LINE, for replies",
}


def as_text(paper: Paper, *, width: int = 100) -> str:
    """The same as plain text, without colours."""
    console = Console(file=StringIO(), width=width, color_system=None, force_terminal=False)
    console.print(rendered(paper))
    file = console.file
    assert isinstance(file, StringIO)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def rendered(paper: Paper) -> RenderableType:
    """The whole paper, for rich."""
    parts: list[RenderableType] = [Text(line) for line in summary(paper)]
    parts += [_heading("Limits, in the order in which they are hit"), _limits(paper)]
    if burst := paper.load.burst:
        parts.append(_heading("The burst, second by second, as it is now"))
        parts.append(_timeline(paper.before, burst.at))
    if paper.changes:
        parts += [_heading("What to change"), _changes(paper)]
        parts += [Text(), *(Text(line) for line in _after(paper))]
    return Group(*parts)


def summary(paper: Paper) -> list[str]:
    """What is needed and what becomes of it, in sentences."""
    rate, busy = _number(paper.load.per_second), _number(paper.busy)
    lines = [
        f"{rate} messages a second keep {busy} environment{'s' * (busy != '1')} busy on average.",
        f"So that less than one webhook in a thousand finds none, {paper.needed:,} "
        f"{'is' if paper.needed == 1 else 'are'} needed.",
    ]
    if paper.ramp and paper.load.burst:
        burst = paper.load.burst
        lines.append(
            f"{burst.messages:,} answers to a broadcast, after {burst.seconds:g} seconds on "
            f"average, begin with {_number(paper.ramp.peak)} messages a second."
        )
        lines.append(_ramp(paper.ramp.at_once, paper.ramp.seconds))
    if paper.account.table.mode == "provisioned" and paper.lasts < math.inf:
        lines.append(
            f"A table that has rested bears that for {_time(paper.lasts)}; what follows is later."
        )
    lines.append(f"As it is now: {_outcome(paper.before)}")
    return lines


def told(blows: Blows, prices: Prices) -> str:
    """What an attack can do before the fuse blows, in one sentence."""
    return (
        f"The fuse blows after {_time(blows.least.seconds)} to {_time(blows.most.seconds)}, "
        f"usually {_time(blows.mean.seconds)}; until then {blows.mean.invocations:,.0f} "
        f"invocations cost ${blows.mean.cost(prices):,.2f}, and at worst "
        f"${blows.most.cost(prices):,.2f}."
    )


def _ramp(at_once: float, seconds: float) -> str:
    there = f"{at_once:,.0f} environments may be there at once"
    if seconds == 0:
        return f"{there}, which is enough."
    if math.isinf(seconds):
        return f"{there}, and there are never enough."
    return f"{there}; for {seconds:.0f} seconds there are too few."


def _outcome(run: Run) -> str:
    if not run.arrived:
        return f"no webhook came in {run.seconds:.0f} seconds."
    done = max(1, run.arrived - run.in_flight)
    parts = [f"{run.answered / done:.1%} of the webhooks are answered in time"]
    if run.late:
        parts.append(f"{run.late / done:.1%} late")
    parts += [
        f"{many / done:.1%} refused by {_REFUSED_BY[cause]}"
        for cause, many in sorted(run.refused.items(), key=lambda one: -one[1])
    ]
    told = ", ".join(parts) + f" ({run.arrived:,} in {run.seconds:.0f} seconds)."
    if run.in_flight > 0.05 * run.arrived:
        told += f" {run.in_flight:,} more are not done by then."
    if run.left_open:
        told += f" {run.left_open / done:.1%} are answered and cannot be written down as finished."
    return told


def _after(paper: Paper) -> list[str]:
    if paper.after is None:
        return []
    return [f"With these changes: {_outcome(paper.after)}"]


def _heading(text: str) -> RenderableType:
    return Padding(Text(text, style="bold"), (1, 0, 0, 0))


def _limits(paper: Paper) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("messages/s", justify="right")
    table.add_column("limit")
    table.add_column("which is")
    table.add_column("")
    for hit in paper.limits:
        cells = (_number(hit.per_second), hit.name, hit.what, _verdict(hit, paper))
        table.add_row(*cells, style=_STYLES[hit.kind] if _over(hit, paper) else "dim")
    return table


def _over(hit: Hit, paper: Paper) -> bool:
    if hit.name == "concurrency of a new account":
        return False  # this one has more
    return in_the_way(hit.name, hit.per_second, paper.load)


def _verdict(hit: Hit, paper: Paper) -> str:
    if not _over(hit, paper):
        return ""
    return "paid from here" if hit.kind == "free" else "in the way"


def _timeline(run: Run, at: float) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("second", "arrived", "in time", "late", "refused", "new", "environments"):
        table.add_column(name, justify="right")
    table.add_column("refused of arrived", max_width=_BAR)
    begin = max(0, int(at) - 1)
    end = max((one.second + 2 for one in run.timeline if one.refused), default=begin + _QUIET)
    for one in run.timeline[begin : min(end, begin + _ROWS)]:
        table.add_row(*_row(one))
    return table


def _row(one: Second) -> list[RenderableType]:
    numbers = (one.second, one.arrived, one.answered, one.late, one.refused, one.cold)
    part = min(1.0, one.refused / one.arrived) if one.arrived else 0.0
    bar = Bar(1, 0, part, color="red")  # as wide as the terminal leaves room for
    return [*(f"{number:,}" for number in numbers), f"{one.environments:,}", bar]


def _changes(paper: Paper) -> Table:
    table = Table.grid(padding=(0, 1))
    for one in paper.changes:
        begin = Text(f"{one.limit}, from {_number(one.per_second)} messages a second: ")
        begin.stylize("bold", 0, len(one.limit))
        table.add_row("•" if one.helps else "!", begin.append(one.sentence))
    return table


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} second{'s' * (round(seconds) != 1)}"
    return f"{seconds / 60:.1f} minutes"
