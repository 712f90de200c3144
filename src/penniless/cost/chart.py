"""The bill over the messages of a month, as a picture or as a page that needs nothing else.

Law of this module: drawing, by matplotlib (`penniless[chart]`); the points are the report's.
"""

from __future__ import annotations

import io
from decimal import Decimal
from html import escape
from math import log10
from typing import Any

from penniless.cost.breaks import MOST, Break, Point
from penniless.cost.money import dollars
from penniless.cost.prices import per_unit_text
from penniless.cost.report import Report
from penniless.cost.usage import amount, count, rounded
from penniless.errors import SettingsError

INCHES = (9.0, 5.0)
DOTS = 144
INK, GREEN, RED, PALE = "#1f2933", "#06a94d", "#c0392b", "#d5dbe1"
_LEAST = 0.01
_MARKED = 5
"""Break points that are written into the picture, the first ones."""
_TOP, LETTER, APART = 0.97, 0.0145, 0.2
"""Where labels begin and how long a letter is, as parts of the height; powers of ten between two
labels that fit beside each other."""


def png_of(report: Report) -> bytes:
    """The chart as a PNG of 1296 by 720 dots; raises SettingsError without matplotlib."""
    return _drawn(report, "png")


def html_of(report: Report) -> str:
    """One page with the chart as SVG and the bill as a table; it asks nothing of a network."""
    svg = _drawn(report, "svg").decode()
    svg = svg[svg.index("<svg") :]
    template = escape(report.question.template.path.name)
    head = f"{template}: {dollars(report.bill.total)} for {report.messages:,f} messages a month"
    return _PAGE.format(
        title=head, chart=svg, rows=_rows(report), region=_region(report), gaps=_gaps(report)
    )


def _gaps(report: Report) -> str:
    gaps = escape(", ".join(report.bill.gaps))
    return f"<p><strong>And what is unknown: {gaps}.</strong></p>" if gaps else ""


def _region(report: Report) -> str:
    return escape(f"{report.question.account.region}, prices of {report.question.account.on}")


def _rows(report: Report) -> str:
    rows = []
    for item in report.bill.items:
        price = "unknown" if item.price is None else per_unit_text(item.price)
        cost = "unknown" if item.cost is None else dollars(item.cost)
        known = all(usage.known for usage in item.usages)
        cells = (
            item.title,
            amount(item.used, item.unit) if known else "unknown",
            count(rounded(item.billed)) if known else "unknown",
            price,
            cost,
        )
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    return "\n".join(rows)


def _drawn(report: Report, kind: str) -> bytes:
    figure = _figure()
    axes = figure.add_subplot()
    _draw(axes, report)
    figure.tight_layout()
    file = io.BytesIO()
    # Without a date in it the same report is the same picture, which can be compared.
    metadata = {"Software": None} if kind == "png" else {"Date": None}
    figure.savefig(file, format=kind, dpi=DOTS, metadata=metadata)
    return file.getvalue()


def _figure() -> Any:
    try:
        from matplotlib import rcParams
        from matplotlib.figure import Figure
    except ImportError:
        raise SettingsError("a chart needs matplotlib: pip install 'penniless[chart]'") from None
    rcParams["svg.hashsalt"] = "penniless"
    return Figure(figsize=INCHES)


def _draw(axes: Any, report: Report) -> None:
    counts = [point.messages for point in report.curve]
    totals = [max(float(point.total), _LEAST) for point in report.curve]
    axes.plot(counts, totals, color=INK, linewidth=2, zorder=3)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(1, MOST)
    axes.set_ylim(_LEAST, max(*totals, 1.0) * 3)
    lowest = lowest_of(report.curve)
    axes.yaxis.set_major_formatter(lambda value, _: _tick(value, lowest))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.tick_params(labelsize=8, colors=INK)
    axes.grid(visible=True, color=PALE, linewidth=0.6)
    axes.set_xlabel("messages a month", color=INK)
    axes.set_ylabel("US dollars a month", color=INK)
    axes.set_title(_heading(report), color=INK, fontsize=11, loc="left")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    _mark(axes, report)


def placed(breaks: list[Break]) -> list[tuple[Break, float]]:
    """Each with the height of its label's top: below the last one where they would overlap."""
    found: list[tuple[Break, float]] = []
    for one in breaks:
        top = _TOP
        if found:
            last, height = found[-1]
            if log10(one.free_until / last.free_until) < APART:
                top = height - LETTER * len(last.item.title) - 0.02
        fits = top - LETTER * len(one.item.title) > 0
        found.append((one, top if fits else _TOP))
    return found


def _heading(report: Report) -> str:
    name = f"{report.question.template.path.name}, {report.question.account.region}"
    whole = all(point.is_complete for point in report.curve)
    return name if whole else f"{name}, without what is unknown"


def lowest_of(curve: list[Point]) -> str:
    """What the bottom of the picture means: free, unless some month costs less than a cent."""
    little = any(0 < point.total < Decimal(str(_LEAST)) for point in curve)
    return "under $0.01" if little else "free" if curve[0].is_complete else "$0"


def _tick(value: float, lowest: str) -> str:
    return lowest if value <= _LEAST else f"${value:,.2f}" if value < 1 else f"${value:,.0f}"


def _mark(axes: Any, report: Report) -> None:
    """A line where something begins to cost, and one where the asked-for month is."""
    for one, top in placed([one for one in report.breaks if one.free_until > 0][:_MARKED]):
        at = one.free_until
        axes.axvline(at, color=GREEN, linewidth=1, linestyle=":", zorder=2)
        axes.text(
            at * 0.93,
            top,
            one.item.title,
            transform=axes.get_xaxis_transform(),
            rotation=90,
            va="top",
            ha="right",
            fontsize=7,
            color=GREEN,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            zorder=2.5,
        )
    if Decimal(1) <= report.messages <= MOST:
        total = max(float(report.bill.total), _LEAST)
        axes.plot([float(report.messages)], [total], marker="o", color=RED, zorder=4)


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #1f2933; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }}
svg {{ width: 100%; height: auto; }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .35rem .6rem; border-bottom: 1px solid #d5dbe1; text-align: right; }}
th:first-child, td:first-child {{ text-align: left; }}
</style>
<h1>{title}</h1>
<p>{region}, before tax</p>
{gaps}
{chart}
<table>
<tr><th>a month</th><th>used</th><th>billed</th><th>price</th><th>cost</th></tr>
{rows}
</table>
</html>
"""
