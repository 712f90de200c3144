"""The measured rows of the assumptions: which there are, how they are rounded and written.

Law of this module: a file of other people's words. Only value, kind, source and day of the measured
rows change; comments, order and all other rows stay as they are, to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import MappingProxyType

import tomlkit

from benchmarks import work

FILE = work.ROOT / "src" / "penniless" / "cost" / "data" / "assumptions.toml"
COMMAND = "uv run python -m benchmarks.cost --write"

STEPS: Mapping[str, Decimal] = MappingProxyType(
    {
        "init_ms": Decimal(1),
        "first_cpu_ms": Decimal("0.1"),
        "warm_cpu_ms": Decimal("0.01"),
        "line_calls": Decimal("0.01"),
        "store_calls": Decimal("0.01"),
        "writes": Decimal("0.01"),
        "reads": Decimal("0.01"),
        "row_bytes": Decimal(1),
        "log_bytes": Decimal(10),
        "egress_bytes": Decimal(10),
    }
)
"""What is measured, and what it is rounded to, in the unit of its row."""


def rounded(name: str, measured: float) -> Decimal:
    """The figure as it stands in the row: `2.2`, not `2.20`."""
    steps = (Decimal(measured) / STEPS[name]).to_integral_value(ROUND_HALF_UP)
    return Decimal(f"{(steps * STEPS[name]).normalize():f}")


def written(text: str, figures: Mapping[str, Decimal], day: date) -> str:
    """The file with these figures in their rows. Raises KeyError for a name without a row."""
    document = tomlkit.parse(text)
    by_name = {row["name"]: row for row in document["assumption"]}
    for name, figure in figures.items():
        row = by_name[name]
        row["value"] = str(figure)
        row["kind"] = "measured"
        row["source"] = COMMAND
        row["read"] = day
    return tomlkit.dumps(document)


def write(figures: Mapping[str, Decimal], day: date, path: Path = FILE) -> None:
    """The same in the file itself."""
    path.write_text(written(path.read_text(encoding="utf-8"), figures, day), encoding="utf-8")
