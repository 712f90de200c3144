"""An AWS account on this machine, whose policies are enforced, for the commands of operations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import boto3

from penniless.ports import Row
from penniless.stores.dynamodb import DynamoDBStore
from tests.aws.ministack import CREDENTIALS, REGION, open_store

_numbers = count(1)

KEYS = {"pk": "HASH", "sk": "RANGE"}
TABLE = {
    "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in KEYS],
    "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in KEYS.items()],
    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
}


class Account:
    """Makes tables, stacks and people in the account at `url`."""

    def __init__(self, url: str, home: Path) -> None:
        self.url = url
        self._home = home

    def client(self, service: str) -> Any:
        """A client of the account's owner, to be closed."""
        session = boto3.Session(CREDENTIALS.access_key, CREDENTIALS.secret_key, region_name=REGION)
        return closing(session.client(service, endpoint_url=self.url))

    def settings(self, **more: str) -> dict[str, str]:
        """The environment of the owner's commands; nothing of this machine's own is in it."""
        return {
            "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key,
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_key,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            **self.nobody(),
            **more,
        }

    def nobody(self) -> dict[str, str]:
        """The environment of somebody without credentials, on a machine without AWS's files."""
        return {
            "AWS_CONFIG_FILE": str(self._home / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self._home / "credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def person(self, *actions: str) -> dict[str, str]:
        """The environment of somebody who may do these things and nothing else."""
        name = f"person{next(_numbers)}"
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        with self.client("iam") as iam:
            iam.create_user(UserName=name)
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
            key = iam.create_access_key(UserName=name)["AccessKey"]
        return self.settings(
            AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"]
        )

    def new_table(self) -> str:
        """A table as the template makes it; returns its name."""
        name = f"log-{next(_numbers)}"
        with self.client("dynamodb") as dynamodb:
            dynamodb.create_table(TableName=name, **TABLE)
            dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        return name

    def new_stack(self, *, output: str = "TableName") -> tuple[str, str]:
        """A stack that has a table and names it in an output; returns both names."""
        name = f"bot{next(_numbers)}"
        template = {
            "Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": TABLE}},
            "Outputs": {output: {"Value": {"Ref": "T"}}},
        }
        with self.client("cloudformation") as cloudformation:
            cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
            waiter = cloudformation.get_waiter("stack_create_complete")
            waiter.wait(StackName=name, WaiterConfig={"Delay": 1})
            [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
        return name, stack["Outputs"][0]["OutputValue"]

    @contextmanager
    def log(self, table: str, *rows: Row) -> Iterator[DynamoDBStore]:
        """The bot's own store in that table, with these rows."""
        store = open_store(table, self.url)
        try:
            for one in rows:
                store.append(one)
            yield store
        finally:
            store.close()
