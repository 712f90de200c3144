"""docs/dynamodb.md says what the code says."""

from __future__ import annotations

import re
from inspect import signature
from pathlib import Path

from penniless.stores import dynamodb, dynamodb_items
from penniless.stores.dynamodb import DynamoDBStore
from penniless.stores.dynamodb_table import Condition
from tests.stores.conformance import NOW, a_row, finished
from tests.stores.conformance_waiting import answered

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "dynamodb.md").read_text(encoding="utf-8")


def rows_under(heading: str) -> list[list[str]]:
    """The rows of all tables under a heading, without their heads."""
    found = PAGE.split(f"# {heading}\n")[1].split("\n## ")[0]
    groups = re.findall(r"(?:^\|.*\n)+", found, flags=re.MULTILINE)
    return [line[2:-2].split(" | ") for group in groups for line in group.splitlines()[2:]]


def test_conditions() -> None:
    """Every named condition stands there with its expression, and no other."""
    told = {row[0].strip("`"): row[1].strip("`") for row in rows_under("Who wins")}
    found = {
        name: value.expression
        for name, value in vars(dynamodb).items()
        if isinstance(value, Condition)
    }
    assert told == found


def test_attributes() -> None:
    """Every attribute of a row stands there with its type."""
    told = {
        name: row[1]
        for row in rows_under("The table")
        if row[1] in {"S", "N"}
        for name in re.findall("`([^`]+)`", row[0])
    }
    row = answered(
        finished(a_row(expires_at=NOW // 1000)),
        event={"type": "message"},
        once={"pay": 7},
        last_attempt=6,
        received_at=NOW,
    )
    item = dynamodb_items.item_of(row)
    found = {name: kind for name, value in item.items() for kind in value}
    del found["pk"], found["sk"]  # in the table above that one
    assert told == {**found, "claim": "S"}


def test_arguments() -> None:
    """Every argument stands there, with its default where that is a number."""
    told = {row[0]: row[1] for row in rows_under("The log on AWS")}
    names = [name for cell in told for name in re.findall("`([^`]+)`", cell)]
    parameters = signature(DynamoDBStore).parameters
    assert names == list(parameters)
    for name, parameter in parameters.items():
        if isinstance(parameter.default, float):
            assert told[f"`{name}`"] == str(parameter.default)


def test_sizes() -> None:
    """The sizes that are told are those of the code."""
    for room in ("MESSAGE_ROOM", "REPLIES_ROOM", "WAITING_ROOM", "EVENT_ROOM", "STATE_ROOM"):
        assert f"over {getattr(dynamodb_items, room) // 1024} KB" in PAGE
    assert f"newest {dynamodb._UNSEND_DEPTH:,} rows" in PAGE
