"""Bills to ask for: our own template, templates of others, and small ones written in a test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType

from penniless.cost.assumptions import assumptions
from penniless.cost.bill import Account, Question
from penniless.cost.prices import catalogue
from penniless.cost.templates.template import read_template
from penniless.scaffold import Project, write

FIXTURES = Path(__file__).with_name("fixtures")
DAY = date(2026, 11, 27)

ROUND = MappingProxyType(
    {
        "init_ms": "100",
        "first_cpu_ms": "5",
        "warm_cpu_ms": "2",
        "line_calls": "1",
        "line_ms": "100",
        "store_calls": "3",
        "store_ms": "8",
        "cold_share_least": "0.01",
        "writes": "2",
        "reads": "0.5",
        "row_bytes": "600",
        "months_kept": "12",
        "log_bytes": "700",
        "egress_bytes": "2500",
    }
)
"""What docs/cost.md assumes by hand, so that a new measurement leaves it alone."""


def ask(
    path: Path,
    *,
    region: str = "ap-northeast-1",
    opened: date | None = None,
    on: date = DAY,
    assume: Mapping[str, str] = ROUND,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Question:
    """A question about the template in that file."""
    return Question(
        template=read_template(path, settings=settings, region=region),
        account=Account(region=region, opened=opened, on=on),
        assumed=assumptions().changed(assume),
        prices=catalogue(),
    )


def ours(folder: Path, door: str = "url") -> Path:
    """The template of a project that `penniless new` writes."""
    write(Project(name="mybot", door=door, region="ap-northeast-1"), folder / door)
    return folder / door / "template.yaml"


def written(folder: Path, text: str) -> Path:
    """A template written into a file."""
    path = folder / "template.yaml"
    path.write_text(text, encoding="utf-8")
    return path
