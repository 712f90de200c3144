"""LINE's plans: the rows are whole and young, and bills are bounds where a price is not known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penniless.cost.plans import Plan, all_plans, cheapest, plan, plans
from penniless.errors import CodeError
from penniless.simulator.quota import PLANS
from tests.ages import OLDEST

COUNTRIES = ["jp", "tw", "th"]

by_plan = pytest.mark.parametrize("row", all_plans(), ids=lambda row: row.id)


def test_plans_are_those_of_the_simulator() -> None:
    """The same names, with as many messages in the price."""
    assert {one.id: one.included for one in all_plans()} == PLANS


@by_plan
def test_rows_say_where_they_come_from(row: Plan) -> None:
    """Each names a page of LINE's own, and says what tax is not in it."""
    assert row.source.startswith(
        ("https://www.lycbiz.com/", "https://tw.linebiz.com/", "https://lineforbusiness.com/")
    )
    assert row.tax.startswith("without ")
    assert row.id.startswith(f"{row.country}-")


@by_plan
def test_rows_are_young(row: Plan) -> None:
    """A row that nobody has read again for a year is not to be believed."""
    assert date.today() - row.read < OLDEST, f"read {row.source} again, and set its day"
    assert row.read <= date.today()


@by_plan
def test_rows_can_be_reckoned_with(row: Plan) -> None:
    """Nothing is negative, and the bounds stand in order."""
    assert row.fee >= 0
    assert row.included > 0
    if row.extra_least is not None:
        assert row.extra_most is not None
        assert 0 < row.extra_least <= row.extra_most
    assert row.extra_most is None or row.extra_most > 0


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_dearer_plan_sends_more(country: str) -> None:
    """Fees and messages rise together, one free plan first."""
    rows = plans(country)

    assert rows[0].fee == 0
    assert all(one.fee < more.fee and one.included < more.included for one, more in pairwise(rows))
    assert len({one.currency for one in rows}) == 1


@pytest.mark.parametrize(
    ("country", "messages", "name", "words"),
    [
        ("jp", 0, "jp-communication", "¥0"),
        ("jp", 200, "jp-communication", "¥0"),
        ("jp", 201, "jp-light", "¥5,000"),
        ("jp", 5_000, "jp-light", "¥5,000"),
        ("jp", 5_001, "jp-standard", "¥15,000"),
        ("jp", 30_000, "jp-standard", "¥15,000"),
        ("jp", 50_000, "jp-standard", "¥15,000 to ¥75,000"),
        ("tw", 200, "tw-light", "NT$0"),
        ("tw", 3_000, "tw-medium", "NT$800"),
        ("tw", 6_000, "tw-high", "NT$1,200"),
        ("tw", 16_000, "tw-high", "NT$1,310 to NT$3,200"),
        ("th", 300, "th-free", "฿0"),
        ("th", 301, "th-basic", "฿1,280"),
        ("th", 19_999, "th-basic", "฿1,779.90"),
        ("th", 20_001, "th-pro", "฿1,780"),
        ("th", 50_000, "th-pro", "฿2,680"),
    ],
)
def test_cheapest(country: str, messages: int, name: str, words: str) -> None:
    """By hand: the fee, and what is beyond it by the piece, as one sum or two bounds."""
    bill = cheapest(country, messages)

    assert bill is not None
    assert (bill.plan.id, str(bill)) == (name, words)
    assert bill.exact == ("to" not in words)


def test_what_a_plan_cannot_send() -> None:
    """Where none can be bought there is no bill for more."""
    light = plan("jp-light")

    assert light.bill(5_000) is not None
    assert light.bill(5_001) is None


def test_an_unknown_price_is_no_price() -> None:
    """In Japan only the most that an extra message costs is known: the fee alone is the least."""
    bill = plan("jp-standard").bill(30_001)

    assert bill is not None
    assert (bill.low, bill.high) == (Decimal(15_000), Decimal(15_003))


@given(st.sampled_from(COUNTRIES), st.integers(0, 10**8), st.integers(0, 10**6))
def test_more_messages_are_never_cheaper(country: str, messages: int, more: int) -> None:
    """There is always a plan, and its bounds rise with the messages."""
    one, other = cheapest(country, messages), cheapest(country, messages + more)

    assert one is not None
    assert other is not None
    assert one.low <= one.high <= other.high


def test_unknown_names() -> None:
    """A country or a plan that is not known is said in one sentence."""
    with pytest.raises(CodeError, match=r"^LINE's plans are known for jp, tw, th, not for id$"):
        cheapest("id", 1)
    with pytest.raises(CodeError, match="jp-huge"):
        plan("jp-huge")
