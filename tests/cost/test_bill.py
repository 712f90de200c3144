"""Bills agree with what a person works out by hand, and nothing unknown is ever free."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penniless.cost.bill import Account, Bill, itemised
from penniless.cost.prices import catalogue
from penniless.cost.usage import Usage
from tests.cost.questions import DAY, FIXTURES, ask, ours, written

MILLION = 1_000_000
INSIDE = date(2026, 6, 1)
"""A day on which an account of 2025-07-14 still has its 12 months."""


def used(bill: Bill, meter: str) -> Decimal:
    return next(item.used for item in bill.items if item.meter == meter)


def test_ours_is_free_at_a_million_messages(tmp_path: Path) -> None:
    """A Function URL, 25 units and nothing else: nothing, of any account."""
    bill = ask(ours(tmp_path)).bill(MILLION)

    assert bill.total == 0
    assert bill.is_complete
    assert used(bill, "lambda.requests") == MILLION
    assert abs(used(bill, "lambda.gb_seconds.arm64") - Decimal("34756.90")) < Decimal("0.01")
    assert used(bill, "dynamodb.wcu_hours") == 3650
    assert used(bill, "dynamodb.storage") == Decimal("8.4")


def test_the_million_and_first_message_costs(tmp_path: Path) -> None:
    """A fifth of a millionth of a dollar for Lambda, and for KMS a hundredth of two reads."""
    bill = ask(ours(tmp_path)).bill(MILLION + 1)

    assert bill.total == Decimal("0.0000002") + Decimal("0.02") * Decimal("0.000003")


@pytest.mark.parametrize(
    ("opened", "on", "api"),
    [
        (None, DAY, Decimal("4.25")),
        (date(2025, 7, 14), INSIDE, Decimal(0)),
        (date(2025, 7, 14), DAY, Decimal("4.25")),
        (date(2025, 7, 15), INSIDE, Decimal("4.25")),
    ],
)
def test_the_original_pays_for_its_door_after_a_year(
    opened: date | None, on: date, api: Decimal
) -> None:
    """A million requests are free for 12 months, of an account from before 2025-07-15."""
    bill = ask(FIXTURES / "original.yaml", opened=opened, on=on).bill(MILLION)

    assert bill.cost("apigateway.rest.requests") == api
    assert bill.total == api + Decimal("1.43") + Decimal("0.07125") + Decimal("0.1122")


def test_cold_starts_are_billed(tmp_path: Path) -> None:
    """A bot to which somebody writes once a day starts cold each time, and pays for its init."""
    question = ask(ours(tmp_path))
    quiet, busy = question.bill(30), question.bill(MILLION)
    each = used(quiet, "lambda.gb_seconds.arm64") / 30
    busy_each = used(busy, "lambda.gb_seconds.arm64") / MILLION

    # (100 ms of init + 5 ms x 1769/256 + 124 ms of waiting) x 0.25 GB, nearly every time
    assert Decimal("0.0640") < each < Decimal("0.06465")
    assert busy_each < each


def test_a_table_is_billed_for_what_the_messages_need(tmp_path: Path) -> None:
    """Where the template's five units would refuse writes, the bill has as many as are needed."""
    bill = ask(ours(tmp_path)).bill(100 * MILLION)

    # 200 million writes in 2,628,000 seconds are 76.1 a second, so 77 units
    assert used(bill, "dynamodb.wcu_hours") == 77 * 730
    assert bill.cost("dynamodb.wcu_hours") == (77 - 25) * 730 * Decimal("0.000742")


def test_what_is_unknown_is_not_free(tmp_path: Path) -> None:
    """A type that nobody here knows makes the bill incomplete and is named."""
    path = written(tmp_path, "Resources:\n  Cluster: {Type: AWS::MSK::Cluster}\n")
    bill = ask(path).bill(1)

    assert not bill.is_complete
    assert bill.gaps == ["Cluster (AWS::MSK::Cluster)"]


def test_a_price_that_is_unknown_is_a_gap(tmp_path: Path) -> None:
    """In a Region without a price something billed costs nobody knows what."""
    path = written(
        tmp_path,
        """
Resources:
  Log: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}
  Bot:
    Type: AWS::Lambda::Function
    Properties: {Environment: {Variables: {TABLE: !Ref Log}}}
  Door: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Bot}}
""",
    )
    bill = ask(path, region="eu-north-1").bill(1000)

    item = next(item for item in bill.items if item.meter == "dynamodb.write_requests")
    assert item.cost is None
    assert item.title in bill.gaps


def test_a_capacity_that_is_unknown_is_a_gap(tmp_path: Path) -> None:
    """Units that another stack exports are not taken for the default."""
    path = written(
        tmp_path,
        "Resources:\n  Log:\n    Type: AWS::DynamoDB::Table\n    Properties:\n"
        "      ProvisionedThroughput:\n"
        "        {ReadCapacityUnits: 5, WriteCapacityUnits: !ImportValue units}\n",
    )
    bill = ask(path).bill(1)

    assert "Provisioned write capacity" in bill.gaps
    assert "Provisioned read capacity" not in bill.gaps


def usage(meter: str, quantity: int) -> Usage:
    return Usage(meter=meter, quantity=Decimal(quantity), resource="A", line=1, how="")


def test_arm_and_x86_share_the_free_seconds() -> None:
    """400,000 GB-seconds are free in all, and not of each processor."""
    arm, intel = itemised(
        [
            usage("lambda.gb_seconds.arm64", 300_000),
            usage("lambda.gb_seconds.x86_64", 300_000),
        ],
        catalogue(),
        Account(on=DAY),
    )

    assert (arm.free, intel.free) == (Decimal(300_000), Decimal(100_000))
    assert intel.cost == 200_000 * Decimal("0.0000166667")


@settings(max_examples=60, deadline=None)
@given(fewer=st.integers(0, 10**9), more=st.integers(0, 10**9))
def test_more_messages_never_cost_less(fewer: int, more: int) -> None:
    """The bill of the original grows with its messages."""
    low, high = sorted((fewer, more))
    question = ask(FIXTURES / "original.yaml")

    # A busy function starts cold less often, which saves a little: less than half a cent.
    assert question.bill(low).total <= question.bill(high).total + Decimal("0.005")


@given(st.lists(st.integers(0, 10**7), max_size=5))
def test_what_is_used_is_free_or_billed(quantities: list[int]) -> None:
    """Of every meter, free and billed make up what is used, and free stays inside the allowance."""
    found = itemised(
        [usage("lambda.requests", one) for one in quantities], catalogue(), Account(on=DAY)
    )

    for item in found:
        assert item.free + item.billed == item.used == sum(quantities)
        assert 0 <= item.free <= MILLION
