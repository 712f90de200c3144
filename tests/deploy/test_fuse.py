"""The fuse on an AWS that enforces its policies: deployed by SAM, blown, reset, and taken out.

What the emulator lacks: its alarms reach topics and not functions, and it counts calls through the
API and not through a URL. So one test lets a flood of such calls set the real alarm off and reads
its mail, and another hands the fuse the event that CloudWatch would have sent. That CloudWatch may
call the fuse is read from the policy of the deployed function.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from zipfile import ZipFile

import httpx
import pytest

from penniless.line.signature import sign
from tests.deploy.local_aws import LocalAWS, local_aws
from tests.deploy.project import REGION, for_this_machine, new_project, sam
from tests.live import penniless

pytestmark = pytest.mark.deploy

ACCOUNT = "000000000000"
ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:mybot-fuse"
MOST = 20
"""Runs in five minutes that do not blow it here."""
UNSIGNED = {
    "version": "2.0",
    "rawPath": "/",
    "headers": {},
    "requestContext": {"http": {"method": "POST", "path": "/"}},
    "body": "{}",
    "isBase64Encoded": False,
}
"""A stranger's request, as a Function URL passes it on."""


Call: TypeAlias = tuple[str, str, dict[str, Any]]
"""A service, boto3's name of an operation, and its request."""


class Fused:
    """A deployed bot with a fuse."""

    def __init__(self, aws: LocalAWS, folder: Path) -> None:
        self.aws = aws
        self.folder = folder
        stack = aws.client("cloudformation").describe_stacks(StackName="mybot")["Stacks"][0]
        [url] = [one["OutputValue"] for one in stack["Outputs"] if one["OutputKey"] == "WebhookUrl"]
        self.host = str(urlsplit(url).hostname)

    @property
    def resources(self) -> dict[str, str]:
        """The physical names of the stack's resources."""
        found = self.aws.client("cloudformation").describe_stack_resources(StackName="mybot")
        return {
            one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found["StackResources"]
        }

    @property
    def concurrency(self) -> int | None:
        """What is reserved for the bot; None if that is nothing in particular."""
        name = self.resources["BotFunction"]
        found = self.aws.client("lambda").get_function_concurrency(FunctionName=name)
        return found.get("ReservedConcurrentExecutions")  # type: ignore[no-any-return]

    def knock(self) -> int:
        """LINE's webhook without events; the status of the answer."""
        body = b'{"destination":"U0","events":[]}'
        headers = {"host": self.host, "x-line-signature": sign("the secret", body)}
        answer = httpx.post(
            self.aws.url, content=body, headers=headers, timeout=60, trust_env=False
        )
        return answer.status_code

    def fuse(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`penniless fuse …` in the project's folder."""
        return penniless("fuse", *arguments, folder=self.folder, settings=self.aws.environment)

    def deploy(self, *parameters: str) -> subprocess.CompletedProcess[str]:
        return deploy(self.folder, self.aws, *parameters)


def deploy(folder: Path, aws: LocalAWS, *parameters: str) -> subprocess.CompletedProcess[str]:
    """`sam deploy` with these parameters beside those that the bot always has."""
    always = ("LineChannelSecret='the secret'", "LineChannelAccessToken=token")
    return sam(
        *(folder, "deploy", "--no-confirm-changeset", "--parameter-overrides"),
        *(*always, *parameters),
        environment=aws.environment,
    )


FITTED = ("Fuse=on", f"FuseInvocations={MOST}", "FuseEmail=me@example.com")


@pytest.fixture(scope="module")
def fused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fused]:
    """A new project, deployed with a fuse and an address for its mail."""
    folder = new_project(tmp_path_factory.mktemp("bots") / "mybot")
    for_this_machine(folder)
    with ExitStack() as stack:
        aws = stack.enter_context(local_aws())
        built = sam(folder, "build")
        assert built.returncode == 0, built.stderr
        done = deploy(folder, aws, *FITTED)
        assert done.returncode == 0, done.stderr
        yield Fused(aws, folder)


@pytest.fixture
def ready(fused: Fused) -> Fused:
    """The bot is on, and its fuse intact."""
    done = fused.fuse("reset", "--now", "--yes")
    assert done.returncode == 0, done.stderr
    return fused


def alarm_event() -> dict[str, Any]:
    """What CloudWatch hands to a function when an alarm goes off.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
    """
    then = "2026-11-27T05:14:00.000+0000"
    metric = {
        "namespace": "AWS/Lambda",
        "name": "Invocations",
        "dimensions": {"FunctionName": "mybot-BotFunction-1ABC"},
    }
    stat = {"metric": metric, "period": 300, "stat": "Sum"}
    return {
        "source": "aws.cloudwatch",
        "alarmArn": ALARM,
        "accountId": ACCOUNT,
        "time": then,
        "region": REGION,
        "alarmData": {
            "alarmName": "mybot-fuse",
            "state": {
                "value": "ALARM",
                "reason": "Threshold Crossed: 1 datapoint was greater than the threshold (20.0).",
                "reasonData": json.dumps({"version": "1.0", "recentDatapoints": [31.0]}),
                "timestamp": then,
            },
            "previousState": {"value": "OK", "reason": "-", "timestamp": then},
            "configuration": {
                "description": "More requests in five minutes than FuseInvocations allows",
                "metrics": [{"id": "m1", "metricStat": stat, "returnData": True}],
            },
        },
    }


def test_what_is_deployed(ready: Fused) -> None:
    """The alarm counts the bot's runs and calls the fuse, which CloudWatch may, and mails."""
    resources = ready.resources
    functions = ready.aws.client("lambda")
    fuse = functions.get_function(FunctionName=resources["BotFuse"])["Configuration"]
    [alarm] = ready.aws.client("cloudwatch").describe_alarms(AlarmNames=["mybot-fuse"])[
        "MetricAlarms"
    ]

    assert alarm["AlarmActions"] == [fuse["FunctionArn"], resources["BotFuseMail"]]
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": resources["BotFunction"]}]
    assert (alarm["Threshold"], alarm["Period"]) == (MOST, 300)
    policy = json.loads(functions.get_policy(FunctionName=resources["BotFuse"])["Policy"])
    [allowed] = policy["Statement"]
    assert allowed["Principal"] == {"Service": "lambda.alarms.cloudwatch.amazonaws.com"}
    assert allowed["Action"] == "lambda:InvokeFunction"
    assert allowed["Condition"]["ArnLike"] == {"AWS:SourceArn": ALARM}
    assert allowed["Condition"]["StringEquals"] == {"AWS:SourceAccount": ACCOUNT}
    [group] = ready.aws.client("logs").describe_log_groups(
        logGroupNamePrefix="/aws/lambda/mybot-fuse"
    )["logGroups"]
    assert group["retentionInDays"] == 14
    topic = resources["BotFuseMail"]
    [mail] = ready.aws.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert (mail["Protocol"], mail["Endpoint"]) == ("email", "me@example.com")


def test_flood(ready: Fused) -> None:
    """More runs than it takes set the real alarm off, whose mail says what to do.

    The emulator does not call the fuse then; `test_it_blows` does that in its place.
    """
    aws = ready.aws
    queue = _mailbox(aws, ready.resources["BotFuseMail"])

    for _ in range(MOST + 1):
        answer = aws.client("lambda").invoke(
            FunctionName=ready.resources["BotFunction"], Payload=json.dumps(UNSIGNED)
        )
        assert json.loads(answer["Payload"].read())["statusCode"] == 401
    _let_it_look(aws)

    [mail] = aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    said = json.loads(json.loads(mail["Body"])["Message"])
    assert (said["AlarmName"], said["NewStateValue"]) == ("mybot-fuse", "ALARM")
    assert "being turned off" in said["AlarmDescription"]
    assert f"penniless fuse reset --stack mybot --region {REGION}" in said["AlarmDescription"]
    failed = ready.fuse("status")
    assert (failed.returncode, failed.stdout.splitlines()[0]) == (1, "fuse   failed")
    assert f"{MOST + 1} in the last 5 minutes; over {MOST} blow it" in failed.stdout


def _mailbox(aws: LocalAWS, topic: str) -> str:
    """A queue that gets what the topic mails; its URL."""
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:mailbox"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = aws.client("sqs").create_queue(QueueName="mailbox", Attributes={"Policy": policy})
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return str(made["QueueUrl"])


def _let_it_look(aws: LocalAWS) -> None:
    """AWS looks once a minute; the emulator does when somebody puts a number of his own."""
    aws.client("cloudwatch").put_metric_data(
        Namespace="Elsewhere", MetricData=[{"MetricName": "Anything", "Value": 1}]
    )


def test_it_blows(ready: Fused) -> None:
    """Called as CloudWatch calls it, the fuse turns the bot off for real; `reset` turns it on."""
    assert ready.knock() == 200
    answer = ready.aws.client("lambda").invoke(
        FunctionName=ready.resources["BotFuse"], Payload=json.dumps(alarm_event())
    )

    assert "FunctionError" not in answer, answer["Payload"].read()
    assert ready.concurrency == 0
    assert ready.knock() == 429
    blown = ready.fuse("status")
    assert (blown.returncode, blown.stderr) == (3, "")
    assert blown.stdout.startswith("fuse   blown: the bot is off\n")

    done = ready.fuse("reset", "--yes", "--now")

    assert done.stdout == "the bot of the stack mybot is on again: no limit of its own\n"
    assert ready.concurrency is None
    assert ready.knock() == 200
    intact = ready.fuse("status", "--json")
    assert (intact.returncode, json.loads(intact.stdout)["state"]) == (0, "intact")


def test_it_blows_twice(ready: Fused) -> None:
    """A second event, as Lambda may deliver one, changes nothing."""
    for _ in range(2):
        answer = ready.aws.client("lambda").invoke(
            FunctionName=ready.resources["BotFuse"], Payload=json.dumps(alarm_event())
        )
        assert "FunctionError" not in answer
        assert ready.concurrency == 0


def test_by_hand(ready: Fused) -> None:
    """`blow` turns the bot off at once."""
    done = ready.fuse("blow", "--yes")

    assert done.returncode == 0, done.stderr
    assert (ready.concurrency, ready.knock()) == (0, 429)
    assert ready.fuse("status").returncode == 3


def test_role_may_turn_the_bot_off_and_nothing_else(ready: Fused) -> None:
    """The deployed policy allows one action on one function, and lines in its own log."""
    iam = ready.aws.client("iam")
    policy = iam.get_role_policy(RoleName=ready.resources["BotFuseRole"], PolicyName="fuse")
    bot = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{ready.resources['BotFunction']}"
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/"

    def decision(action: str, resource: str) -> str:
        answer = iam.simulate_custom_policy(
            PolicyInputList=[json.dumps(policy["PolicyDocument"])],
            ActionNames=[action],
            ResourceArns=[resource],
        )
        return str(answer["EvaluationResults"][0]["EvalDecision"])

    assert decision("lambda:PutFunctionConcurrency", bot) == "allowed"
    assert decision("lambda:PutFunctionConcurrency", f"{bot}2") == "implicitDeny"
    for action in ("DeleteFunctionConcurrency", "UpdateFunctionCode", "InvokeFunction"):
        assert decision(f"lambda:{action}", bot) == "implicitDeny"
    assert decision("logs:PutLogEvents", f"{log}mybot-fuse:log-stream:a") == "allowed"
    assert decision("logs:PutLogEvents", f"{log}mybot:log-stream:a") == "implicitDeny"


DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}
"""What the services call it; the last is SNS."""

PROBE = """
import json, boto3
from botocore.exceptions import ClientError

def handler(event, context):
    found = []
    for service, operation, request in event:
        try:
            getattr(boto3.client(service), operation)(**request)
            found.append("allowed")
        except ClientError as error:
            found.append(error.response["Error"]["Code"])
    return found
"""


def test_role_is_denied_everything_else(ready: Fused) -> None:
    """The fuse's own function, given other code: what an intruder in it would try is denied."""
    resources, functions = ready.resources, ready.aws.client("lambda")
    bot = {"FunctionName": resources["BotFunction"]}
    allowed: list[Call] = [
        ("lambda", "put_function_concurrency", {**bot, "ReservedConcurrentExecutions": 0})
    ]
    denied: list[Call] = [
        (
            "lambda",
            "put_function_concurrency",
            {
                "FunctionName": resources["BotFuse"],
                "ReservedConcurrentExecutions": 0,
            },
        ),
        ("lambda", "get_function", bot),
        ("lambda", "invoke", bot),
        ("lambda", "update_function_configuration", {**bot, "Timeout": 900}),
        ("lambda", "list_functions", {}),
        ("dynamodb", "scan", {"TableName": resources["BotTable"]}),
        ("cloudwatch", "delete_alarms", {"AlarmNames": ["mybot-fuse"]}),
        ("sns", "list_topics", {}),
        ("ssm", "get_parameter", {"Name": "/mybot/LINE_CHANNEL_SECRET"}),
        ("iam", "list_roles", {}),
        ("s3", "list_buckets", {}),
    ]
    role = functions.get_function(FunctionName=resources["BotFuse"])["Configuration"]["Role"]

    found = _probe(ready.aws, role, [*allowed, *denied])

    assert found[0] == "allowed"
    assert set(found[1:]) <= DENIED, found


def _probe(aws: LocalAWS, role: str, calls: list[Call]) -> list[str]:
    """Make these calls in a function that has that role; what came of each."""
    code = BytesIO()
    with ZipFile(code, "w") as archive:
        archive.writestr("probe.py", PROBE)
    functions = aws.client("lambda")
    functions.create_function(
        FunctionName="probe",
        Runtime="python3.13",
        Role=role,
        Handler="probe.handler",
        Code={"ZipFile": code.getvalue()},
        Timeout=60,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="probe")
    answer = functions.invoke(FunctionName="probe", Payload=json.dumps(calls))
    found: list[str] = json.loads(answer["Payload"].read())
    assert isinstance(found, list), found
    return found


def test_deploying_a_bot_that_is_off(ready: Fused) -> None:
    """A deploy that does not touch the concurrency leaves the bot off; `status` still says so.

    CloudFormation compares the new template with the last one, and not with what is there:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
    """
    assert ready.fuse("blow", "--yes").returncode == 0
    done = ready.deploy(*FITTED, "LogDays=30")

    assert done.returncode == 0, done.stderr
    assert ready.concurrency == 0
    assert ready.fuse("status").returncode == 3


def test_taking_it_out(ready: Fused) -> None:
    """`Fuse=off` removes all of it and leaves the bot; `status` says that nothing is fitted."""
    done = ready.deploy("Fuse=off")

    assert done.returncode == 0, done.stderr
    assert [name for name in ready.resources if "Fuse" in name] == []
    assert ready.knock() == 200
    without = ready.fuse("status")
    assert (without.returncode, without.stderr) == (4, "")
    assert without.stdout.startswith("fuse   not fitted: `Fuse` of the template is off\n")
