"""Write the tables of docs/cost.md from the assumptions and the traps.

    python scripts/make_cost_page.py

A table stands between `<!-- rows: name -->` and `<!-- end -->`; the text around it is left alone.
"""

from __future__ import annotations

from pathlib import Path

from penniless.cost.assumptions import assumptions
from penniless.cost.traps import TRAPS
from penniless.cost.usage import count
from scripts.make_prices import BLOCK, markdown

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cost.md"


def filled(text: str) -> str:
    """The page with its tables as the rows are."""
    made = tables()
    return BLOCK.sub(lambda found: f"{found['name']} -->\n\n{made[found['name']]}\n\n", text)


def tables() -> dict[str, str]:
    """The tables by their names, in the order of the page."""
    return {"assumptions": assumption_table(), "traps": trap_table()}


def assumption_table() -> str:
    """Every number that is assumed, with its unit, where it is from, and what it is."""
    rows = [["name", "number", "is", "meaning"]]
    rows += [
        [f"`{row.name}`", f"{count(row.value)} {row.unit}", row.kind, row.about]
        for row in assumptions().rows()
    ]
    return markdown(rows)


def trap_table() -> str:
    """Every trap, with what it does and what to do instead."""
    rows = [["trap", "what happens", "instead"]]
    rows += [[f"`{trap.name}`", trap.says, trap.instead] for trap in TRAPS]
    return markdown(rows)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
