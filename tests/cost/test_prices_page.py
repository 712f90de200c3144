"""docs/prices.md says what the rows say."""

from __future__ import annotations

from datetime import date

from scripts.make_prices import BLOCK, PAGE, filled, tables


def test_page_is_what_the_rows_make() -> None:
    """Its tables are those that `python scripts/make_prices.py` writes."""
    text = PAGE.read_text(encoding="utf-8")

    assert filled(text, date.today()) == text


def test_page_has_every_table() -> None:
    """All of them are there, once, and none that nobody makes."""
    text = PAGE.read_text(encoding="utf-8")

    assert [found["name"] for found in BLOCK.finditer(text)] == list(tables(date.today()))
    assert text.count("| unknown") > 10
