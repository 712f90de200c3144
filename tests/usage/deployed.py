"""A bot that looks deployed, in an AWS on this machine, and what else `penniless usage` asks."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import count
from typing import Any

from tests.cli.account import KEYS, Account
from tests.servers import Received, Step, answer, raw

_numbers = count(1)

MEMORY = 256
CAPACITY = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}


def template(name: str, *, on_demand: bool = False, door: bool = False) -> dict[str, Any]:
    """What `penniless new` deploys, as far as its usage can be read."""
    bought: dict[str, Any] = (
        {"BillingMode": "PAY_PER_REQUEST"} if on_demand else {"ProvisionedThroughput": CAPACITY}
    )
    types = {"pk": "S", "sk": "S", "open": "S"}
    index = {
        "IndexName": "open",
        "KeySchema": [{"AttributeName": "open", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
        **({} if on_demand else {"ProvisionedThroughput": CAPACITY}),
    }
    table = {
        **bought,
        "AttributeDefinitions": [
            {"AttributeName": key, "AttributeType": kind} for key, kind in types.items()
        ],
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in KEYS.items()],
        "GlobalSecondaryIndexes": [index],
    }
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "MemorySize": MEMORY,
        "Role": "arn:aws:iam::000000000000:role/bot",
        "Code": {"ZipFile": "def handler(event, context): return {}"},
    }
    resources = {
        "BotTable": {"Type": "AWS::DynamoDB::Table", "Properties": table},
        "BotFunction": {"Type": "AWS::Lambda::Function", "Properties": function},
        "BotLogs": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": f"/aws/lambda/{name}"},
        },
    }
    if door:
        api = {"Name": name, "ProtocolType": "HTTP"}
        resources["BotApi"] = {"Type": "AWS::ApiGatewayV2::Api", "Properties": api}
    return {"Resources": resources}


class Deployed:
    """A stack in that account, whose metrics a test writes itself."""

    def __init__(self, account: Account, **options: bool) -> None:
        self.account = account
        self.name = f"bot{next(_numbers)}-usage"
        with account.client("cloudformation") as client:
            body = json.dumps(template(self.name, **options))
            client.create_stack(StackName=self.name, TemplateBody=body)
            waiter = client.get_waiter("stack_create_complete")
            waiter.wait(StackName=self.name, WaiterConfig={"Delay": 1})
            found = client.describe_stack_resources(StackName=self.name)["StackResources"]
        self.parts = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}

    def measured(self, namespace: str, metric: str, value: float, when: datetime) -> None:
        """Write a point of a metric, as AWS's services do."""
        dimension, part = {
            "AWS/Lambda": ("FunctionName", "BotFunction"),
            "AWS/DynamoDB": ("TableName", "BotTable"),
            "AWS/Logs": ("LogGroupName", "BotLogs"),
        }[namespace]
        point = {
            "MetricName": metric,
            "Dimensions": [{"Name": dimension, "Value": self.parts[part]}],
            "Timestamp": when,
            "Value": value,
        }
        with self.account.client("cloudwatch") as client:
            client.put_metric_data(Namespace=namespace, MetricData=[point])

    def secrets(self, token: str) -> None:
        """Store what the bot needs, as `penniless secrets set` does."""
        stored = {"LINE_CHANNEL_SECRET": "a-secret", "LINE_CHANNEL_ACCESS_TOKEN": token}
        with self.account.client("ssm") as client:
            for key, value in stored.items():
                client.put_parameter(
                    Name=f"/{self.name}/{key}", Value=value, Type="SecureString", Overwrite=True
                )


GLUE = {
    "actualUsageAmount": 287.0,
    "description": "1000000.0 Request are always free per month as part of AWS Free Usage Tier "
    "(Global-Catalog-Request)",
    "forecastedUsageAmount": 2224.25,
    "freeTierType": "Always Free",
    "limit": 1000000.0,
    "operation": "Request",
    "region": "global",
    "service": "AWS Glue",
    "unit": "Request",
    "usageType": "Catalog-Request",
}
"""A row that AWS's own page shows.
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-free-tier-api.html"""


def row(service: str, usage_type: str, used: float, limit: float, **more: Any) -> dict[str, Any]:
    """A row of that shape; without `forecast` it goes on as before, to twice as much."""
    return {
        **GLUE,
        "service": service,
        "usageType": usage_type,
        "actualUsageAmount": used,
        "forecastedUsageAmount": used * 2,
        "limit": limit,
        **more,
    }


ROWS = [
    GLUE,
    row(
        "Amazon DynamoDB", "TimedStorage-ByteHrs", 0.02, 25.0, unit="GB-Mo", region="ap-northeast-1"
    ),
    row("AmazonCloudWatch", "Global-CW:Requests", 1200.0, 1e6, unit="Requests"),
    row("AWS Lambda", "Global-Request", 41_234.0, 1e6),
    row("AWS Lambda", "Global-Lambda-GB-Second", 3_071.5, 4e5, unit="Lambda-GB-Second"),
]


class FreeTier:
    """AWS's Free Tier API, two rows on a page, for `FakeServer`."""

    def __init__(self, rows: list[dict[str, Any]] = ROWS) -> None:
        self.rows = rows
        self.refusal: tuple[str, str] | None = None

    def __call__(self, request: Received) -> Step:
        if self.refusal:
            status, code = self.refusal
            return raw(status, json.dumps({"__type": code, "message": "no"}).encode())
        begin = int(request.json.get("nextToken", 0))
        page: dict[str, Any] = {"freeTierUsages": self.rows[begin : begin + 2]}
        if begin + 2 < len(self.rows):
            page["nextToken"] = str(begin + 2)
        return answer(page)
