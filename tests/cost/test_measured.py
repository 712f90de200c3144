"""The measured assumptions: they name their command, and are what the bot takes today."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cost import mixture, units
from benchmarks.cost.accounting import Account, Counting, account_of
from benchmarks.cost.rows import COMMAND, FILE, STEPS, rounded, write, written
from penniless.cost.assumptions import assumptions
from tests.aws.ministack import ministack, new_table, open_store
from tests.conftest import Serve
from tests.servers import Received, Step
from tests.stores.conformance import NOW, a_row

DAY = date(2027, 1, 2)
TEXT = FILE.read_text(encoding="utf-8")
MAY_CHANGE = re.compile(r"^(value|kind|source|read) = .*\n", re.MULTILINE)


def rows_of(text: str) -> dict[str, dict[str, Any]]:
    """The rows of the file by their names."""
    return {row["name"]: row for row in tomllib.loads(text)["assumption"]}


def test_measured_rows_name_their_command() -> None:
    """Each says which command measured it and on which day, and no other row says so."""
    measured = [row for row in assumptions().rows() if row.kind == "measured"]

    assert {row.name for row in measured} == set(STEPS)
    assert {row.source for row in measured} == {COMMAND}
    assert all(row.read is not None for row in measured)
    assert not any(row.source for row in assumptions().rows() if row.kind != "measured")


def test_writer_changes_the_measured_rows() -> None:
    """Value, kind, source and day of each are new; every other line is as it was, in its place."""
    figures = {name: Decimal("7.25") for name in STEPS}
    before, after = rows_of(TEXT), rows_of(written(TEXT, figures, DAY))

    assert {name for name in after if after[name] != before[name]} == set(STEPS)
    for name in STEPS:
        told = {"value": "7.25", "kind": "measured", "source": COMMAND, "read": DAY}
        assert after[name] == {**before[name], **told}
    assert MAY_CHANGE.sub("", written(TEXT, figures, DAY)) == MAY_CHANGE.sub("", TEXT)


def test_writer_leaves_what_it_was_not_given(tmp_path: Path) -> None:
    """Without new figures the file stays as it is to the letter; with one, one row changes."""
    path = tmp_path / "my assumptions.toml"
    path.write_text(TEXT, encoding="utf-8")

    write({}, DAY, path)
    assert path.read_text(encoding="utf-8") == TEXT

    write({"writes": Decimal("7.25")}, DAY, path)
    before, after = rows_of(TEXT), rows_of(path.read_text(encoding="utf-8"))
    assert [name for name in after if after[name] != before[name]] == ["writes"]


def test_writer_knows_its_rows() -> None:
    """A figure without a row is an error, and not a new row."""
    with pytest.raises(KeyError, match="write_units"):
        written(TEXT, {"write_units": Decimal(2)}, DAY)


@pytest.mark.parametrize(
    ("name", "measured", "figure"),
    [
        ("writes", 66 / 30, "2.2"),
        ("reads", 35 / 30, "1.17"),
        ("store_calls", 3.0, "3"),
        ("row_bytes", 567.5, "568"),
        ("egress_bytes", 1996.0, "2000"),
    ],
)
def test_figures_are_rounded(name: str, measured: float, figure: str) -> None:
    """To the step of their row, without noughts behind and without an exponent."""
    assert str(rounded(name, measured)) == figure


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "予約"}, 6),
        ({"N": "1780000000000"}, 3),
        ({"N": "-1234"}, 4),
        ({"N": "0"}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"BOOL": True}, 1),
        ({"L": [{"S": "ab"}, {"S": "c"}]}, 8),
        ({"M": {"k": {"S": "ab"}}}, 7),
    ],
)
def test_item_sizes(value: dict[str, Any], size: int) -> None:
    """Names count, texts are UTF-8, two digits are a byte; worked out by hand from AWS's page."""
    assert units.item_bytes({"name": value}) == len("name") + size


def test_unit_boundaries() -> None:
    """A begun KB is a write unit, of the larger item; a begun 4 KB a read unit, or half of one."""

    def of(size: int) -> dict[str, Any]:
        return {"a": {"S": "x" * (size - 1)}}

    assert [units.write_units({}, of(size)) for size in (2, 1024, 1025)] == [1, 1, 2]
    assert units.write_units(of(2049), of(10)) == 3
    assert units.read_units([], consistent=True) == 1
    assert units.read_units([of(2048), of(2048)], consistent=True) == 1
    assert units.read_units([of(2048), of(2049)], consistent=True) == 2
    assert units.read_units([of(2048), of(2049)], consistent=False) == 1


def test_mixture_is_what_its_words_say() -> None:
    """23 short texts, 3 long ones, 3 stickers, 1 follow; no two events of any rounds are alike."""
    bodies = [body.decode() for body, _ in mixture.webhooks(1, 2)]
    ids = re.findall(r'"webhookEventId":"(\w{26})"', "".join(bodies))
    later = [body.decode() for body, _ in mixture.webhooks(1, 1, start=1)]
    one = bodies[: mixture.ROUND]
    texts = [found[1] for body in one if (found := re.search(r'"text":"([^"]+)"', body))]

    assert later == bodies[mixture.ROUND :]
    assert len(set(ids)) == 2 * mixture.ROUND
    assert sum('"type":"sticker"' in body for body in one) == 3
    assert sum('"type":"follow"' in body for body in one) == 1
    assert sum(len(text) < 40 for text in texts) == 23
    assert [len(text.encode()) > 300 for text in texts if len(text) >= 40] == [True] * 3


@pytest.fixture(scope="module")
def account() -> Account:
    """A round of the mixture from one person."""
    return account_of(people=1)


@pytest.mark.aws
@pytest.mark.slow
def test_rows_are_what_a_message_takes_today(account: Account) -> None:
    """Calls and units are the committed ones; a row differs by noughts at the end of a time."""
    taken = account.each()
    size = taken.pop("row_bytes")

    assert account.messages == mixture.ROUND
    for name, figure in taken.items():
        assert rounded(name, figure) == assumptions()[name], name
    assert abs(Decimal(size) - assumptions()["row_bytes"]) <= 3


class Generous(Counting):
    """A ministack that counts a unit too few."""

    def _passed_on(self, request: Received) -> Step:
        step = super()._passed_on(request)
        self.units[-1] -= 1
        return step


@pytest.mark.aws
@pytest.mark.slow
@pytest.mark.parametrize(("kind", "trouble"), [(Counting, 0), (Generous, 2)])
def test_counts_that_differ_are_noticed(
    kind: Callable[[str], Counting], trouble: int, serve: Serve
) -> None:
    """A write and a read on which ministack and AWS's rules do not agree are both told."""
    with ministack("dynamodb") as url:
        counting = kind(url)
        table = new_table(url, index=False)
        with closing(open_store(table, serve(counting).origin)) as store:
            assert store.claim(a_row(), now=NOW).granted
            store.desk(a_row().conversation, now=NOW)

    assert counting.account.operations == {"PutItem": 1, "Query": 1}
    assert len(counting.trouble) == trouble
    assert all("units by AWS's rules" in one for one in counting.trouble)
