"""AWS's rows on what is free, read as AWS documents them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from penniless.errors import SettingsError
from penniless.usage.free_tier import PAGE, Offer, offers, readings_of
from tests.usage.deployed import GLUE, ROWS, row
from tests.usage.stubbed import Stubbed

FREETIER = "freetier"
CALL = "get_free_tier_usage"


@pytest.fixture
def aws() -> Iterator[Stubbed]:
    stubbed = Stubbed()
    yield stubbed
    stubbed.done()


def read(aws: Stubbed) -> list[Offer]:
    with aws.client(FREETIER) as client:
        return offers(client)


def test_all_pages_are_read(aws: Stubbed) -> None:
    """A token leads to the next page; a thousand rows are asked for at once."""
    first = {"freeTierUsages": ROWS[:2], "nextToken": "more"}
    aws.answers(FREETIER, CALL, first, {"maxResults": PAGE})
    aws.answers(
        FREETIER, CALL, {"freeTierUsages": ROWS[2:]}, {"maxResults": PAGE, "nextToken": "more"}
    )

    assert [one.service for one in read(aws)] == [one["service"] for one in ROWS]


def test_the_row_of_the_documentation(aws: Stubbed) -> None:
    """A documented row becomes a reading with AWS's own limit and forecast."""
    aws.answers(FREETIER, CALL, {"freeTierUsages": [GLUE]}, None)
    [found] = readings_of(read(aws))

    assert (found.scope, found.title, found.unit) == (
        "other",
        "AWS Glue Catalog-Request",
        "Request",
    )
    assert (found.used, found.free, found.by_the_end) == (
        Decimal(287),
        Decimal(1_000_000),
        Decimal("2224.25"),
    )


def test_an_account_that_used_nothing(aws: Stubbed) -> None:
    """No rows, and rows of nothing, are no readings."""
    unused = row("AWS Lambda", "Request", 0.0, 1e6)
    aws.answers(FREETIER, CALL, {"freeTierUsages": [unused, {}]}, None)

    assert read(aws) == []


def test_a_refusal_names_the_permission(aws: Stubbed) -> None:
    """Whoever may not ask is told what a policy has to allow."""
    aws.refuses(FREETIER, CALL, "AccessDeniedException")

    with pytest.raises(SettingsError, match="lack the permission freetier:GetFreeTierUsage"):
        read(aws)


def reading(**fields: Any) -> Any:
    told = {"service": "AWS Lambda", "usage_type": "Request", "actual_usage_amount": 10.0}
    [found] = readings_of([Offer(**{**told, **fields})])
    return found


def test_rows_with_gaps() -> None:
    """The API promises no member: without a limit there is no share, without a forecast no end."""
    found = reading()

    assert (found.used, found.free, found.share, found.by_the_end) == (10, None, None, None)
    assert not found.warns(1)


def test_a_forecast_is_at_least_what_is_used() -> None:
    """A stale forecast below the usage is not believed."""
    assert reading(limit=100.0, forecasted_usage_amount=3.0).by_the_end == 10


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({}, "Lambda requests"),
        ({"service": "AWSLambda", "usage_type": "Global-Request"}, "Lambda requests"),
        ({"region": "global"}, "Lambda requests"),
        ({"region": "ap-northeast-1"}, "Lambda requests in ap-northeast-1"),
        ({"free_tier_type": "12 Months Free"}, "Lambda requests (12 months)"),
        ({"service": "Amazon API Gateway", "usage_type": "ApiGatewayRequest"}, "REST API requests"),
        ({"service": "Amazon API Gateway", "usage_type": "X"}, "API Gateway X"),
    ],
)
def test_titles(fields: dict[str, Any], title: str) -> None:
    """Known rows have names for people, and say where and how long they hold."""
    found = reading(**fields)

    assert (found.title, found.scope) == (title, "account")


def test_the_rows_of_a_bot_come_first() -> None:
    """Lambda, tables and logs in our order, others of a bot's services, then the rest."""
    rows = [
        row("AWS Glue", "Catalog-Request", 1.0, 9.0),
        row("Amazon Simple Queue Service", "Requests", 1.0, 9.0),
        row("AmazonCloudWatch", "DataProcessing-Bytes", 1.0, 5.0),
        row("Amazon DynamoDB", "ReadCapacityUnit-Hrs", 1.0, 9.0),
        row("AWS Lambda", "Lambda-GB-Second", 1.0, 9.0),
        row("AWS Lambda", "Request", 1.0, 9.0),
    ]
    found = readings_of(
        [Offer(service=one["service"], usage_type=one["usageType"]) for one in rows]
    )

    assert [one.title for one in found] == [
        "Lambda requests",
        "Lambda compute",
        "Table read capacity",
        "Logs taken in",
        "Simple Queue Service Requests",
        "AWS Glue Catalog-Request",
    ]
    assert [one.chosen for one in found] == [False, False, True, False, False, False]
