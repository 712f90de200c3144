"""docs/cost.md: what it works out by hand, its tables and its options are the code's."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import typer.main

from penniless.cli.commands import app
from penniless.cost.bill import Bill
from scripts.make_cost_page import PAGE as PATH
from scripts.make_cost_page import filled, tables
from scripts.make_prices import BLOCK
from tests.cost.questions import FIXTURES, ROUND, ask, ours

PAGE = PATH.read_text(encoding="utf-8")
MILLION = 1_000_000


def rows_after(mark: str) -> list[list[str]]:
    """The cells of the table behind a mark, without its head."""
    behind = PAGE.split(f"<!-- {mark} -->", 1)[1]
    found = re.search(r"(?:^\|.*\n)+", behind, re.MULTILINE)
    assert found
    lines = found[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def bill(name: str, folder: Path) -> Bill:
    """The bill that a hand calculation is of."""
    if name == "ours":
        return ask(ours(folder)).bill(MILLION)
    first_year = name.endswith("first-year")
    opened, on = date(2024, 10, 1), date(2025, 6, 1)
    question = ask(FIXTURES / "original.yaml")
    if first_year:
        question = ask(FIXTURES / "original.yaml", opened=opened, on=on)
    return question.bill(MILLION)


@pytest.mark.parametrize(
    ("name", "total"), [("ours", "0"), ("original", "5.86345"), ("original-first-year", "1.61345")]
)
def test_hand_calculations(name: str, total: str, tmp_path: Path) -> None:
    """Each line of the page is a line of the bill: used, free, billed, price and cost."""
    found = bill(name, tmp_path)
    by_title = {item.title: item for item in found.items if item.used}
    by_hand = rows_after(f"bill: {name}")

    assert {row[0] for row in by_hand} == set(by_title)
    for title, *numbers in by_hand:
        used, free, billed, price, cost = (Decimal(one.replace(",", "")) for one in numbers)
        item = by_title[title]
        assert item.price is not None
        assert abs(item.used - used) < max(Decimal("0.5"), used / 10000)
        assert abs(item.free - free) < max(Decimal("0.5"), free / 10000)
        assert abs(item.billed - billed) < Decimal("0.01")
        assert item.price.tiers[0].price == price
        assert item.cost == cost
    assert found.total == Decimal(total)


def test_the_page_names_the_round_numbers() -> None:
    """What the hand calculations assume stands before them."""
    for name, value in ROUND.items():
        assert f"`{name}={value}`" in PAGE


def test_the_tables_are_those_of_the_rows() -> None:
    """They are what `python scripts/make_cost_page.py` writes."""
    assert filled(PAGE) == PAGE
    assert [found["name"] for found in BLOCK.finditer(PAGE)] == list(tables())


def test_every_option_is_in_the_table() -> None:
    """No option of the command is left out."""
    command = typer.main.get_command(app).commands["cost"]  # type: ignore[attr-defined]
    options = {one for parameter in command.params for one in parameter.opts if "--" in one}

    assert options - set(re.findall(r"--[a-z-]+", PAGE)) == set()
