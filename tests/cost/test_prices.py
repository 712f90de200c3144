"""AWS's prices and allowances: the rows are whole, young and agree with sums made by hand."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penniless.artifact.package import needed_files
from penniless.cost import prices
from penniless.cost.prices import (
    EVERYWHERE,
    HOURS_A_MONTH,
    Allowance,
    Price,
    Tier,
    catalogue,
    cost_of,
    months_after,
    per_unit_text,
    read_catalogue,
)
from penniless.errors import CodeError
from tests.ages import OLDEST

READ = date(2026, 11, 27)
"""A day on which all rows are in force."""

US, TOKYO, SINGAPORE = "us-east-1", "ap-northeast-1", "ap-southeast-1"

METERS = [
    "lambda.requests",
    "lambda.gb_seconds.arm64",
    "lambda.gb_seconds.x86_64",
    "lambda.ephemeral_gb_seconds",
    "lambda.snapstart.cache",
    "lambda.snapstart.restores",
    "lambda.provisioned.idle.arm64",
    "lambda.provisioned.idle.x86_64",
    "lambda.provisioned.run.arm64",
    "lambda.provisioned.run.x86_64",
    "apigateway.rest.requests",
    "apigateway.http.requests",
    "apigateway.websocket.messages",
    "apigateway.websocket.minutes",
    "apigateway.cache_hours",
    "dynamodb.wcu_hours",
    "dynamodb.rcu_hours",
    "dynamodb.write_requests",
    "dynamodb.read_requests",
    "dynamodb.storage",
    "dynamodb.pitr",
    "dynamodb.streams_reads",
    "logs.ingested",
    "logs.stored",
    "cloudwatch.alarms",
    "cloudwatch.metrics",
    "cloudwatch.dashboards",
    "ssm.standard_parameters",
    "ssm.advanced_parameters",
    "kms.keys",
    "kms.requests",
    "secretsmanager.secrets",
    "secretsmanager.requests",
    "sns.publishes",
    "sns.emails",
    "sns.others",
    "sqs.standard",
    "sqs.fifo",
    "scheduler.invocations",
    "events.custom",
    "budgets.monitoring",
    "budgets.action_days",
    "s3.storage",
    "s3.puts",
    "s3.gets",
    "transfer.out",
    "cloudfront.requests",
    "cloudfront.transfer",
    "route53.zones",
    "waf.acls",
    "waf.rules",
    "waf.requests",
    "vpc.nat_hours",
    "vpc.nat_gb",
    "vpc.ipv4_hours",
    "xray.traces",
    "states.standard_transitions",
    "states.express_requests",
    "states.express_gb_seconds",
    "ecr.storage",
    "cognito.maus",
    "ses.emails",
    "bedrock.tokens",
]
"""What a bill can be made of; the readers of templates use these ids."""

PRICES = catalogue().prices
ALLOWANCES = catalogue().every_allowance


def price(meter: str, region: str = US) -> Price:
    found = catalogue().price(meter, region, READ)
    assert found is not None
    return found


def cost(meter: str, quantity: str, region: str = US) -> Decimal:
    return cost_of(price(meter, region), Decimal(quantity))


def shown(row: Price | Allowance) -> str:
    return f"{row.meter} {row.region}" if isinstance(row, Price) else " ".join(row.meters)


def test_meters() -> None:
    """Every meter is there, once, in one unit, with a name and words for its price."""
    assert sorted(catalogue().meters()) == sorted(METERS)
    for name in METERS:
        meter = catalogue().meter(name)
        assert all([meter.service, catalogue().title(name), meter.unit])
        assert meter.pay.startswith("per ")
        assert meter.scale in {Decimal(1), Decimal(1_000_000)}  # so that dividing is exact
        assert ("million" in meter.pay) == (meter.scale > 1)


def test_titles_are_told_apart() -> None:
    """No two meters have the same name."""
    titles = [catalogue().title(name) for name in METERS]

    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("row", [*PRICES, *ALLOWANCES], ids=shown)
def test_rows_say_where_they_come_from(row: Price | Allowance) -> None:
    """Each row names a public page; what is only long known is not called more than that."""
    assert re.match(r"https://[a-z0-9.-]+\.amazon(aws)?\.com/|https://calculator\.aws/", row.source)
    assert row.confidence in {"A", "M", "P", "K"}


@pytest.mark.parametrize("row", [*PRICES, *ALLOWANCES], ids=shown)
def test_rows_are_young(row: Price | Allowance) -> None:
    """A row that nobody has read again for a year is not to be believed."""
    assert date.today() - row.read < OLDEST, f"read {row.source} again, and set its day"
    assert row.read <= date.today()


@pytest.mark.parametrize("row", PRICES, ids=shown)
def test_prices_can_be_reckoned_with(row: Price) -> None:
    """The unit is the meter's, the tiers begin at 0 and rise, nothing is negative."""
    assert row.unit == catalogue().meter(row.meter).unit
    assert row.tiers[0].above == 0
    assert all(low.above < high.above for low, high in pairwise(row.tiers))
    assert all(tier.price >= 0 for tier in row.tiers)
    assert row.from_date is None or row.to_date is None or row.from_date < row.to_date


@pytest.mark.parametrize("row", ALLOWANCES, ids=shown)
def test_allowances_can_be_reckoned_with(row: Allowance) -> None:
    """They are above nothing, in the unit of all their meters, and 12 months end."""
    assert row.amount > 0
    units = {catalogue().meter(name).unit for name in row.meters if name != EVERYWHERE}
    assert units <= {row.unit}
    lasting = (row.opened_from, row.opened_before, row.months) == (None, None, None)
    assert lasting == (row.kind == "always")
    if row.kind == "12 months":
        assert (row.opened_before, row.months) == (date(2025, 7, 15), 12)


def together(one: Price, other: Price) -> bool:
    """Whether there is a day on which both hold."""
    starts = max(one.from_date or date.min, other.from_date or date.min)
    return starts < min(one.to_date or date.max, other.to_date or date.max)


def test_no_price_stands_there_twice() -> None:
    """For a meter, a region and a day there is one price at most."""
    twice = [
        shown(one)
        for one, other in combinations(PRICES, 2)
        if (one.meter, one.region) == (other.meter, other.region) and together(one, other)
    ]
    assert twice == []


def test_no_allowance_stands_there_twice() -> None:
    """What is free of a meter is one row, whatever the account's age."""
    twice = [
        shown(one)
        for one, other in combinations(ALLOWANCES, 2)
        if set(one.meters) & set(other.meters)
    ]
    assert twice == []


def test_what_is_not_known_has_no_price() -> None:
    """An unknown price is None, never 0; a meter that is free of charge says 0."""
    assert catalogue().price("bedrock.tokens", US, READ) is None
    assert catalogue().price("lambda.requests", "eu-central-2", READ) is None
    assert catalogue().price("dynamodb.wcu_hours", SINGAPORE, READ) is None
    assert cost("ssm.standard_parameters", "9999") == 0
    assert {row.meter for row in PRICES if row.tiers[-1].price == 0} == {
        "ssm.standard_parameters",
        "budgets.monitoring",
    }


def test_what_is_the_same_everywhere_needs_no_region() -> None:
    """A price of region "*" holds in a region that no row names."""
    assert cost("cloudwatch.alarms", "12", "eu-central-2") == Decimal("1.20")


def test_unknown_meter() -> None:
    """A meter that does not exist is an error, not an unknown price."""
    with pytest.raises(CodeError, match=r"^there is no meter named lambda\.wishes$"):
        catalogue().price("lambda.wishes", US, READ)
    with pytest.raises(CodeError, match=r"lambda\.wishes"):
        catalogue().allowances("lambda.wishes", opened=None, on=READ)


@pytest.mark.parametrize(
    ("meter", "quantity", "expected"),
    [
        ("apigateway.rest.requests", "1000000", "3.50"),
        ("apigateway.rest.requests", "333000000", "1165.50"),
        ("apigateway.rest.requests", "333000001", "1165.5000028"),
        ("apigateway.rest.requests", "21000000000", "49763.10"),
        ("apigateway.http.requests", "1000000000", "930.00"),
        ("transfer.out", "10240", "921.60"),
        ("transfer.out", "157000", "11741.20"),
        ("lambda.requests", "0", "0"),
        ("lambda.requests", "1", "0.0000002"),
        ("lambda.gb_seconds.arm64", "7500000001", "100000.5000120001"),
        ("states.express_gb_seconds", "3600000", "60.012"),
        ("vpc.nat_hours", "730", "32.85"),
    ],
)
def test_cost_of(meter: str, quantity: str, expected: str) -> None:
    """Sums by hand and other people's bills, at the edges of tiers and beyond them."""
    assert cost(meter, quantity) == Decimal(expected)


TIERED = st.builds(
    lambda steps, prices: Price(
        meter="lambda.requests",
        region=US,
        unit="request",
        tiers=tuple(
            Tier(Decimal(sum(steps[:n])), price) for n, price in enumerate(prices[: len(steps) + 1])
        ),
        source="",
        read=READ,
        confidence="M",
    ),
    st.lists(st.integers(1, 10**9), min_size=3, max_size=3),
    st.lists(st.decimals(0, 100, places=6), min_size=1, max_size=4),
)
AMOUNTS = st.decimals(0, 10**10, places=3)


@given(TIERED, AMOUNTS, AMOUNTS)
def test_more_is_never_cheaper(price: Price, one: Decimal, more: Decimal) -> None:
    """The cost rises with the quantity, between all at the lowest price and all at the highest."""
    assert cost_of(price, one) <= cost_of(price, one + more)
    rates = [tier.price for tier in price.tiers]
    assert one * min(rates) <= cost_of(price, one) <= one * max(rates)


@given(TIERED, AMOUNTS, AMOUNTS)
def test_cost_adds_up_within_a_tier(price: Price, one: Decimal, more: Decimal) -> None:
    """Beyond the last edge each further unit costs the last price."""
    edge = price.tiers[-1].above
    assert cost_of(price, edge + one + more) - cost_of(price, edge + one) == (
        more * price.tiers[-1].price
    )


def test_a_million_webhooks_on_demand() -> None:
    """Two writes and two eventually consistent reads each: $1.38 in Virginia, $1.57 in Tokyo."""
    bill = {
        region: cost("dynamodb.write_requests", "2000000", region)
        + cost("dynamodb.read_requests", "1000000", region)
        for region in (US, TOKYO)
    }

    assert bill == {US: Decimal("1.375"), TOKYO: Decimal("1.5725")}


@pytest.mark.parametrize(("megabytes", "dollars"), [(128, 38), (256, 81), (512, 167)])
@pytest.mark.parametrize("region", [US, TOKYO, SINGAPORE])
def test_ten_functions_flat_out(megabytes: int, dollars: int, region: str) -> None:
    """Thirty days of ten arm64 environments, after what is free."""
    used = 10 * 30 * 86_400 * Decimal(megabytes) / 1024
    [free] = catalogue().allowances("lambda.gb_seconds.arm64", opened=None, on=READ)

    assert round(cost_of(price("lambda.gb_seconds.arm64", region), used - free.amount)) == dollars


@pytest.mark.parametrize(("concurrency", "dollars"), [(10, 52), (1000, 5184)])
def test_all_requests_of_a_month_of_attack(concurrency: int, dollars: int) -> None:
    """Ten requests a second for each environment, all month; the first million is free."""
    requests = Decimal(10 * concurrency * 30 * 86_400)

    assert round(cost_of(price("lambda.requests"), requests)) == dollars


def test_idle_costs_of_a_small_function() -> None:
    """At 256 MB, SnapStart and provisioned concurrency cost about $0.97 and $2.70 in 30 days."""
    month = Decimal(30 * 86_400) / 4

    assert round(cost_of(price("lambda.snapstart.cache"), month), 2) == Decimal("0.97")
    assert round(cost_of(price("lambda.provisioned.idle.x86_64"), month), 2) == Decimal("2.70")


def test_shared_allowance() -> None:
    """Both kinds of processor draw on the same 400,000 GB-seconds."""
    [arm] = catalogue().allowances("lambda.gb_seconds.arm64", opened=None, on=READ)
    [x86] = catalogue().allowances("lambda.gb_seconds.x86_64", opened=None, on=READ)

    assert arm is x86
    assert arm.amount == 400_000


def test_capacity_that_is_free() -> None:
    """25 units of capacity, all hours of a month, in each region."""
    for name in ("dynamodb.wcu_hours", "dynamodb.rcu_hours"):
        [free] = catalogue().allowances(name, opened=None, on=READ)
        assert free.amount == 25 * HOURS_A_MONTH
        assert free.scope == "region"


def test_what_has_no_free_part() -> None:
    """On-demand requests, API Gateway of new accounts, secrets and keys are paid from the first."""
    new = date(2025, 7, 15)
    for name in (
        "dynamodb.write_requests",
        "dynamodb.read_requests",
        "apigateway.rest.requests",
        "apigateway.http.requests",
        "secretsmanager.secrets",
        "kms.keys",
        "s3.storage",
    ):
        assert catalogue().allowances(name, opened=new, on=new + timedelta(days=30)) == []


@pytest.mark.parametrize(
    ("opened", "on", "held"),
    [
        (date(2025, 7, 14), date(2025, 7, 14), True),
        (date(2025, 7, 14), date(2026, 7, 13), True),
        (date(2025, 7, 14), date(2026, 7, 14), False),
        (date(2025, 7, 14), date(2025, 7, 13), False),
        (date(2025, 7, 15), date(2025, 8, 1), False),
        (date(2024, 2, 29), date(2025, 2, 27), True),
        (date(2024, 2, 29), date(2025, 2, 28), False),
        (None, date(2025, 7, 14), False),
    ],
)
def test_twelve_months(opened: date | None, on: date, *, held: bool) -> None:
    """Only accounts from before 2025-07-15 have them, for a year from the day they were opened."""
    found = catalogue().allowances("apigateway.rest.requests", opened=opened, on=on)

    assert [one.kind for one in found] == (["12 months"] if held else [])


def test_what_every_account_has_needs_no_day() -> None:
    """ "Always" holds for accounts of any age, known or not."""
    for opened in (None, date(2012, 1, 1), date(2026, 11, 1)):
        [free] = catalogue().allowances("lambda.requests", opened=opened, on=READ)
        assert free.amount == 1_000_000
        assert free.kind == "always"


def test_credits() -> None:
    """New accounts have dollars for a year; they are of no meter."""
    new = date(2025, 7, 15)

    [held] = catalogue().allowances(EVERYWHERE, opened=new, on=date(2026, 7, 14))
    assert held.amount == 100
    assert held.unit == "USD"
    assert held.kind == "credits"
    assert catalogue().allowances(EVERYWHERE, opened=new, on=date(2026, 7, 15)) == []
    assert catalogue().allowances(EVERYWHERE, opened=date(2025, 7, 14), on=new) == []
    assert catalogue().allowances(EVERYWHERE, opened=None, on=new) == []


@pytest.mark.parametrize(
    ("meter", "region", "words"),
    [
        ("lambda.requests", US, "$0.20 per million requests"),
        ("lambda.gb_seconds.arm64", TOKYO, "$0.0000133334 per GB-second"),
        ("dynamodb.write_requests", TOKYO, "$0.715 per million writes"),
        ("ses.emails", TOKYO, "$100.00 per million e-mails"),
        ("secretsmanager.secrets", SINGAPORE, "$0.40 per secret and month"),
        ("budgets.monitoring", US, "free of charge"),
    ],
)
def test_price_in_words(meter: str, region: str, words: str) -> None:
    """As AWS says it, for as many units as AWS says it for."""
    assert per_unit_text(price(meter, region)) == words


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2025, 12, 5), 1, date(2026, 1, 5)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 3, 31), 6, date(2025, 9, 30)),
    ],
)
def test_months_after(day: date, months: int, expected: date) -> None:
    """A month has its own last day."""
    assert months_after(day, months) == expected


SMALL = """
[[source]]
id = "page"
url = "https://aws.amazon.com/lambda/pricing/"
read = 2026-01-01
confidence = "A"
note = "Of old."

[[meter]]
id = "hats"
service = "Hats"
title = "Hats worn"
unit = "hat"
pay = "per million hats"
scale = "1000000"
note = "Caps count."

[[price]]
meter = "hats"
regions = ["us-east-1", "ap-northeast-1"]
price = "2"
source = "page"
to_date = 2026-06-01

[[price]]
meter = "hats"
regions = ["us-east-1"]
price = [["0", "3"], ["10", "1.5"]]
source = "page"
note = "Dearer."
from_date = 2026-06-01

[[allowance]]
meters = ["hats"]
amount = "5"
unit = "hat"
kind = "always"
scope = "account"
source = "page"
"""


def test_a_price_that_changed() -> None:
    """The old price holds until the day before the new one begins."""
    hats = read_catalogue(SMALL.encode())

    old = hats.price("hats", US, date(2026, 5, 31))
    new = hats.price("hats", US, date(2026, 6, 1))
    assert old is not None
    assert new is not None
    assert old.tiers == (Tier(Decimal(0), Decimal("0.000002")),)
    assert new.tiers == (
        Tier(Decimal(0), Decimal("0.000003")),
        Tier(Decimal(10), Decimal("0.0000015")),
    )
    assert new.note == "Of old. Caps count. Dearer."
    assert hats.price("hats", TOKYO, date(2026, 6, 1)) is None


@pytest.mark.parametrize(
    ("right", "wrong", "error"),
    [
        ('source = "page"', 'source = "pgae"', "pgae"),
        ('meter = "hats"', 'meter = "hast"', "hast"),
        ('price = "2"', 'price = "2"\ntypo = 1', "typo"),
        ('confidence = "A"', 'confidence = "B"', "confidence"),
        ("read = 2026-01-01", 'read = "soon"', "read"),
    ],
)
def test_wrong_rows_are_refused(right: str, wrong: str, error: str) -> None:
    """A name that leads nowhere, a field or a value that is not meant."""
    with pytest.raises((CodeError, msgspec.ValidationError), match=error):
        read_catalogue(SMALL.replace(right, wrong, 1).encode())


def test_money_is_never_a_float() -> None:
    """A number that somebody forgot to put in quotes is read as it is written."""
    hats = read_catalogue(SMALL.replace('price = "2"', "price = 0.3").encode())

    price = hats.price("hats", US, date(2026, 1, 1))
    assert price is not None
    assert cost_of(price, Decimal(10_000_000)) == 3


def test_every_source_is_used() -> None:
    """No source stands in the file that no row names."""
    path = Path(prices.__file__).parent / "data" / "aws.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    used = {one["source"] for one in [*rows["price"], *rows["allowance"]]}

    assert sorted(one["id"] for one in rows["source"]) == sorted(used)


def test_no_function_carries_the_prices() -> None:
    """What `penniless build` makes holds neither this package nor its data."""
    assert [name for name in needed_files() if "cost" in name or name.endswith(".toml")] == []
