"""Who is asked for a month, with which parameters, held against AWS's service models."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from penniless.errors import LineUnreachable, SettingsError
from penniless.usage.questions import Answers, make_report
from penniless.usage.reading import Reading
from penniless.usage.report import Report
from tests.usage.deployed import ROWS
from tests.usage.stubbed import Stubbed

NOW = datetime(2026, 11, 11, tzinfo=UTC)
"""A third of November."""
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
OLD = datetime(2026, 1, 1, tzinfo=UTC)

PARTS = {
    "AWS::Lambda::Function": "bot-function",
    "AWS::DynamoDB::Table": "bot-table",
    "AWS::Logs::LogGroup": "/aws/lambda/bot",
}
TABLE = {
    "TableName": "bot-table",
    "ItemCount": 1234,
    "TableSizeBytes": 2_000_000_000,
    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "open",
            "IndexSizeBytes": 500_000_000,
            "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 5},
        }
    ],
}


@pytest.fixture
def aws() -> Iterator[Stubbed]:
    stubbed = Stubbed()
    yield stubbed
    stubbed.done()


def stack(aws: Stubbed, parts: dict[str, str] = PARTS) -> None:
    """CloudFormation tells of these parts, on two pages, and of one that is gone."""
    rows = [
        {
            "LogicalResourceId": kind.rpartition(":")[2],
            "PhysicalResourceId": name,
            "ResourceType": kind,
            "ResourceStatus": "CREATE_COMPLETE",
            "LastUpdatedTimestamp": OLD,
        }
        for kind, name in parts.items()
    ]
    gone = {**rows[0], "PhysicalResourceId": "gone", "ResourceStatus": "DELETE_COMPLETE"}
    call = "list_stack_resources"
    first = {"StackResourceSummaries": [*rows[:1], gone], "NextToken": "more"}
    aws.answers("cloudformation", call, first, {"StackName": "bot"})
    aws.answers(
        "cloudformation",
        call,
        {"StackResourceSummaries": rows[1:]},
        {"StackName": "bot", "NextToken": "more"},
    )


def metric(aws: Stubbed, namespace: str, name: str, dimension: str, *sums: float) -> None:
    """CloudWatch is asked for that metric of the month so far, and tells these days."""
    part = {"F": "bot-function", "T": "bot-table", "L": "/aws/lambda/bot"}[dimension[0]]
    aws.answers(
        "cloudwatch",
        "get_metric_statistics",
        {"Label": name, "Datapoints": [{"Sum": one, "Unit": "Count"} for one in sums]},
        {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": dimension, "Value": part}],
            "StartTime": BEGIN,
            "EndTime": NOW,
            "Period": 86_400,
            "Statistics": ["Sum"],
        },
    )


def functions(aws: Stubbed) -> None:
    metric(aws, "AWS/Lambda", "Invocations", "FunctionName", 1000.0, 2000.0)
    metric(aws, "AWS/Lambda", "Errors", "FunctionName", 2.0)
    metric(aws, "AWS/Lambda", "Throttles", "FunctionName", 1.0)


def compute(aws: Stubbed) -> None:
    aws.answers(
        "lambda",
        "get_function_configuration",
        {"MemorySize": 512},
        {"FunctionName": "bot-function"},
    )
    metric(aws, "AWS/Lambda", "Duration", "FunctionName", 500_000.0, 100_000.0)


def logs(aws: Stubbed) -> None:
    metric(aws, "AWS/Logs", "IncomingBytes", "LogGroupName", 1e9)


def table(aws: Stubbed, **changes: Any) -> None:
    told = {"Table": {**TABLE, **changes}}
    aws.answers("dynamodb", "describe_table", told, {"TableName": "bot-table"})


def slow(aws: Stubbed, *sums: float) -> None:
    metric(aws, "AWS/DynamoDB", "WriteThrottleEvents", "TableName", *sums)
    metric(aws, "AWS/DynamoDB", "ReadThrottleEvents", "TableName")


def account(aws: Stubbed) -> None:
    aws.answers("freetier", "get_free_tier_usage", {"freeTierUsages": ROWS}, None)


def no_line(_: datetime) -> Answers:
    return [], ["LINE is left out"]


def ask(aws: Stubbed, line: Any = no_line, created: datetime = OLD) -> Report:
    return make_report(aws, "bot", created=created, now=NOW, warn_at=80, line=line)


def by_title(found: Report, scope: str = "bot") -> dict[str, Reading]:
    return {one.title: one for one in found.readings if one.scope == scope}


def test_everything(aws: Stubbed) -> None:
    """All parts are asked with AWS's own parameters, and become readings with their allowances."""
    stack(aws)
    functions(aws)
    compute(aws)
    logs(aws)
    table(aws)
    slow(aws, 7.0)
    account(aws)
    found = ask(aws)

    rows = {title: [one.used, one.free, one.by_the_end] for title, one in by_title(found).items()}
    assert rows == {
        "Lambda requests": [3000, 1_000_000, 9000],
        "Lambda compute": [300, 400_000, 900],  # 600 s of half a gigabyte
        "Logs taken in": [1, 5, 3],
        "Table write capacity": [10, 25, 10],  # the index's are counted too
        "Table read capacity": [6, 25, 6],
        "Table size": [Decimal("2.5"), 25, Decimal("2.5")],
    }
    assert by_title(found, "account")["Lambda requests"].used == 41_234
    assert found.missing == []
    assert found.notes == [
        "2 runs of the function failed; the log says why",
        "1 call found no free copy of the function (throttled)",
        "7 requests had to wait for the table's capacity (throttled)",
        "1,234 items in the table; AWS counts items and bytes every six hours",
        "LINE is left out",
    ]


def test_the_free_tier_is_asked_in_its_only_region(aws: Stubbed) -> None:
    """A bot in Tokyo is told of by an endpoint in Virginia; everybody else is asked at home."""
    stack(aws, {"AWS::Lambda::Function": "bot-function"})
    functions(aws)
    compute(aws)
    account(aws)
    ask(aws)

    assert aws.regions == {
        "cloudformation": None,
        "cloudwatch": None,
        "lambda": None,
        "freetier": "us-east-1",
    }


def test_a_young_stack_counts_from_its_birth(aws: Stubbed) -> None:
    """What began five days ago has twenty more, not two thirds of a month, to go."""
    stack(aws, {"AWS::Lambda::Function": "bot-function"})
    functions(aws)
    compute(aws)
    account(aws)
    found = ask(aws, created=datetime(2026, 11, 6, tzinfo=UTC))

    assert by_title(found)["Lambda requests"].by_the_end == 15_000


def test_on_demand_requests_are_not_free(aws: Stubbed) -> None:
    """A table on demand has no capacity, and every request of it is past what is free."""
    stack(aws)
    functions(aws)
    compute(aws)
    logs(aws)
    none = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    table(
        aws,
        BillingModeSummary={"BillingMode": "PAY_PER_REQUEST"},
        ProvisionedThroughput=none,
        GlobalSecondaryIndexes=[],
    )
    metric(aws, "AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", 20.0)
    metric(aws, "AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName")
    slow(aws)
    account(aws)
    found = ask(aws)

    assert [one.title for one in found.warnings] == ["On-demand writes"]
    assert found.headline == "You are past what is free: On-demand writes."


def test_each_refusal_costs_its_own_part(aws: Stubbed) -> None:
    """What cannot be read is named once, and the rest is there."""
    denied = "AccessDenied"
    stack(aws)
    aws.refuses("cloudwatch", "get_metric_statistics", denied)
    aws.refuses("lambda", "get_function_configuration", "AccessDeniedException")
    aws.refuses("cloudwatch", "get_metric_statistics", denied)
    aws.refuses("dynamodb", "describe_table", "AccessDeniedException")
    account(aws)

    def silent(_: datetime) -> Answers:
        raise LineUnreachable("LINE did not answer", maybe_received=False)

    found = ask(aws, line=silent)

    assert {one.scope for one in found.readings} == {"account", "other"}
    lacking = "these AWS credentials lack the permission"
    assert found.missing == [
        f"{lacking} cloudwatch:GetMetricStatistics",
        f"{lacking} lambda:GetFunctionConfiguration",
        f"{lacking} dynamodb:DescribeTable",
        "LINE did not answer",
    ]


def test_nothing_at_all_is_a_failure(aws: Stubbed) -> None:
    """A report without a single reading is none."""
    stack(aws, {"AWS::Lambda::Function": "bot-function"})
    aws.refuses("cloudwatch", "get_metric_statistics", "AccessDenied")
    aws.refuses("lambda", "get_function_configuration", "AccessDeniedException")
    aws.refuses("freetier", "get_free_tier_usage", "AccessDeniedException")

    with pytest.raises(SettingsError, match="cloudwatch:GetMetricStatistics"):
        ask(aws)


def test_a_stack_without_a_function_is_no_bot(aws: Stubbed) -> None:
    """Somebody named the wrong stack."""
    stack(aws, {"AWS::Logs::LogGroup": "/x"})

    with pytest.raises(SettingsError, match="the stack bot in ap-northeast-1 has no Lambda"):
        ask(aws)


def test_an_empty_account_and_a_paid_door(aws: Stubbed) -> None:
    """No rows is said, as is an API that costs something from the first webhook."""
    stack(aws, {"AWS::Lambda::Function": "bot-function", "AWS::ApiGatewayV2::Api": "a1b2"})
    functions(aws)
    compute(aws)
    aws.answers("freetier", "get_free_tier_usage", {"freeTierUsages": []}, None)
    found = ask(aws)

    assert "AWS has counted nothing of the account against its free allowances yet" in found.notes
    assert (
        "webhooks come in through an HTTP API, which is not free: `penniless cost` says its price"
        in (found.notes)
    )
    assert "the stack has no log group of its own: what it logs is not counted here" in found.notes
