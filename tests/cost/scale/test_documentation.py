"""docs/scale.md has every limit, with its kind and its source; what it prints is run elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from penniless.cost.scale.inputs import Account, Burst, Load, Profile
from penniless.cost.scale.limits import LIMITS
from penniless.cost.scale.queueing import load_for

PAGE = (Path(__file__).parents[3] / "docs/scale.md").read_text(encoding="utf-8")
KINDS = {"free": "the bill begins", "quota": "quota", "fixed": "fixed"}


def rows(heading: str) -> list[list[str]]:
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in found[2:]]


def test_limits() -> None:
    """All of them in their order, whether they can be raised, and the page that says so."""
    listed = [(name, kind, source) for name, _, kind, source in rows("The limits")]
    assert [(name.strip("`"), kind) for name, kind, _ in listed] == [
        (one.name, KINDS[one.kind]) for one in LIMITS
    ]
    sources = [re.search(r"\]\((https://\S+)\)$", source) for _, _, source in listed]
    assert [found and found[1] for found in sources] == [one.source for one in LIMITS]


def test_what_is_given() -> None:
    """Every name in the table is a field of what it is said to be of."""
    kinds = {"Load": Load, "Burst": Burst, "Profile": Profile, "Account": Account}
    for kind, names, _, _ in rows("What is given"):
        for name in re.findall(r"`(\w+)`", names):
            assert name in kinds[kind.strip("`")].__struct_fields__


def test_how_busy_environments_may_be() -> None:
    """31% of ten, 93% of a thousand."""
    assert "busy to 31% only, and a thousand of them to 93%" in PAGE
    assert load_for(10, 0.001) / 10 == pytest.approx(0.31, abs=0.005)
    assert load_for(1000, 0.001) / 1000 == pytest.approx(0.93, abs=0.005)
