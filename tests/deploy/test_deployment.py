"""A new project on an AWS that enforces its policies: from `sam build` to the bot's answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from zipfile import ZipFile

import httpx
import pytest

from penniless.aws.secrets import NAMES
from penniless.line.signature import sign
from penniless.simulator import Simulator
from penniless.simulator.server import serving
from tests.deploy.gateway import gateway
from tests.deploy.guided import deploy_guided, script_in
from tests.deploy.local_aws import LocalAWS, local_aws
from tests.deploy.project import REGION, for_this_machine, new_project, sam
from tests.live import ROOT, penniless

pytestmark = pytest.mark.deploy

PAGE = ROOT / "docs" / "deploy.md"
KEY = {"pk": {"S": "user#Uprobe"}, "sk": {"S": "state"}}
PARAMETERS = "arn:aws:ssm:ap-northeast-1:000000000000:parameter"

Call: TypeAlias = tuple[str, str, dict[str, Any]]
"""A service, boto3's name of an operation, and its request."""

PROBE = """
import json, os, boto3
from botocore.exceptions import ClientError

def handler(event, context):
    found = {}
    for service, operation, request in event:
        client = boto3.client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"])
        try:
            getattr(client, operation)(**request)
            found[f"{service}:{operation} {json.dumps(request)}"] = "allowed"
        except ClientError as error:
            found[f"{service}:{operation} {json.dumps(request)}"] = error.response["Error"]["Code"]
    return found
"""


class Deployed:
    """A deployed project, the simulated LINE that it talks to, and what `sam` said."""

    def __init__(
        self, aws: LocalAWS, folder: Path, simulator: Simulator, line: httpx.Client
    ) -> None:
        self.aws = aws
        self.folder = folder
        self.name = "mybot"
        self.simulator = simulator
        self.line = line
        self.webhook = ""

    @property
    def outputs(self) -> dict[str, str]:
        stacks = self.aws.client("cloudformation").describe_stacks(StackName=self.name)
        return {one["OutputKey"]: one["OutputValue"] for one in stacks["Stacks"][0]["Outputs"]}

    @property
    def resources(self) -> dict[str, str]:
        """The physical names of the stack's resources."""
        found = self.aws.client("cloudformation").describe_stack_resources(StackName=self.name)
        return {
            one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found["StackResources"]
        }

    def rows(self) -> list[dict[str, Any]]:
        """The log rows in the table, by time."""
        found = self.aws.client("dynamodb").scan(TableName=self.outputs["TableName"])["Items"]
        return sorted(found, key=lambda item: str(item["sk"]["S"]))

    def post(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """POST to the webhook URL, as anybody may."""
        return httpx.post(self.webhook, content=body, headers=headers, timeout=60, trust_env=False)

    def say(self, text: str) -> dict[str, Any]:
        """Alice says something; what became of it."""
        said = {"from": "alice", "text": text, "wait": 5}
        answer = self.line.post("/sim/message", json=said)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module", params=["url", "rest"])
def deployed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    """A project of that door, deployed word for word as the docs say."""
    folder = new_project(tmp_path_factory.mktemp("bots") / request.param, request.param)
    for_this_machine(folder)
    simulator = Simulator()
    with ExitStack() as stack:
        origin = stack.enter_context(serving(simulator))
        line = stack.enter_context(httpx.Client(base_url=origin, timeout=60, trust_env=False))
        aws = stack.enter_context(local_aws(LINE_API_ORIGIN=origin))
        built = sam(folder, "build")
        assert built.returncode == 0, built.stderr
        _store_secrets(folder, aws, simulator)
        code, said = deploy_guided(folder, _script(request.param), aws.environment)
        assert code == 0, said
        found = Deployed(aws, folder, simulator, line)
        _let_it_read_its_secrets(found)
        url = urlsplit(found.outputs["WebhookUrl"])
        local = stack.enter_context(gateway(aws.url, _host(str(url.hostname), aws)))
        found.webhook = f"{local}{url.path}"
        simulator.set_webhook(found.webhook)
        yield found


def _host(name: str, aws: LocalAWS) -> str:
    """The name under which the emulator knows that host; gateways have one of its own."""
    api, gateways, _ = name.partition(".execute-api.")
    return f"{api}.execute-api.localhost:{aws.port}" if gateways else name


def _store_secrets(folder: Path, aws: LocalAWS, simulator: Simulator) -> None:
    values = {NAMES[0]: simulator.channel_secret, NAMES[1]: simulator.channel_access_token}
    settings = {**aws.environment, **values}
    done = penniless("secrets", "set", "--from-environment", folder=folder, settings=settings)
    assert done.returncode == 0, done.stderr
    assert f"stored /mybot/{NAMES[1]}" in done.stdout


def _script(door: str) -> list[tuple[str, str]]:
    """The questions and answers of the docs; of a gateway SAM asks one in other words."""
    asked = " Function Url has no authentication"
    there = script_in(PAGE)
    assert any(asked in question for question, _ in there)
    ours = asked if door == "url" else " has no authentication"
    return [(question.replace(asked, ours), answer) for question, answer in there]


def _let_it_read_its_secrets(deployed: Deployed) -> None:
    """Make up for the emulator, which asks for `*` where AWS asks for each parameter's name.

    What the role may read on AWS is judged by `test_role_reads_its_own_parameters_only`.
    """
    statement = {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "*"}
    deployed.aws.client("iam").put_role_policy(
        RoleName=deployed.resources["BotRole"],
        PolicyName="emulator",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def test_unsigned_webhook_is_refused(deployed: Deployed) -> None:
    """Whoever finds the address gets an empty 401, and nothing is written."""
    body = b'{"destination":"U0","events":[]}'
    for headers in ({}, {"x-line-signature": sign("wrong", body)}):
        answer = deployed.post(body, headers)
        assert (answer.status_code, answer.text) == (401, "")
    assert deployed.rows() == []


def test_verify_button(deployed: Deployed) -> None:
    """LINE's webhook without events gets its 200."""
    body = b'{"destination":"U0","events":[]}'

    answer = deployed.post(
        body, {"X-Line-Signature": sign(deployed.simulator.channel_secret, body)}
    )

    assert (answer.status_code, answer.text) == (200, "OK")


def test_conversation(deployed: Deployed) -> None:
    """What Alice says comes back within LINE's two seconds, and both sides are in the table."""
    said = ["hello", "こんにちは 🍎", "สวัสดี"]
    outcomes = [deployed.say(text) for text in said]

    assert [one["webhook"]["reason"] for one in outcomes] == ["ok"] * 3
    assert [[reply["text"] for reply in one["replies"]] for one in outcomes] == [[t] for t in said]
    rows = deployed.rows()
    assert [row["message"]["S"] for row in rows] == said
    assert [row["status"]["S"] for row in rows] == ["done"] * 3
    assert all(row["pk"]["S"].startswith("user#U") for row in rows)
    assert all(int(row["expires_at"]["N"]) > 0 for row in rows)


def test_log_quotes_nobody(deployed: Deployed) -> None:
    """There is one log group, the template's own, and no line in it has a message or a secret."""
    logs = deployed.aws.client("logs")
    groups = [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]]
    assert groups == ["/aws/lambda/mybot"]
    events = logs.filter_log_events(logGroupName=groups[0])["events"]
    written = "".join(event["message"] for event in events)

    for hidden in (deployed.simulator.channel_secret, deployed.simulator.channel_access_token):
        assert hidden not in written
    assert "こんにちは" not in written


def test_role_is_denied_everything_else(deployed: Deployed) -> None:
    """The deployed role, used by another function: its own work is allowed, the rest is not."""
    table = deployed.outputs["TableName"]
    deployed.aws.client("dynamodb").create_table(
        TableName="other",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    allowed, denied = _its_work(table), _others_work(table)

    found = _probe(deployed, [*allowed, *denied])

    results = list(found.values())
    assert len(results) == len(allowed) + len(denied)
    assert results[: len(allowed)] == ["allowed"] * len(allowed), found
    assert [one for one in results[len(allowed) :] if not one.startswith("AccessDenied")] == []


def _its_work(table: str) -> list[Call]:
    """The calls of the bot's store."""
    value = {":a": {"S": "a"}}
    change = {"UpdateExpression": "SET a = :a", "ExpressionAttributeValues": value}
    which = {"KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": value}
    return [
        ("dynamodb", "get_item", {"TableName": table, "Key": KEY}),
        ("dynamodb", "put_item", {"TableName": table, "Item": KEY}),
        ("dynamodb", "update_item", {"TableName": table, "Key": KEY, **change}),
        ("dynamodb", "query", {"TableName": table, **which}),
    ]


def _others_work(table: str) -> list[Call]:
    """What an intruder in the function would try."""
    return [
        ("dynamodb", "scan", {"TableName": table}),
        ("dynamodb", "delete_item", {"TableName": table, "Key": KEY}),
        ("dynamodb", "describe_table", {"TableName": table}),
        ("dynamodb", "delete_table", {"TableName": table}),
        ("dynamodb", "batch_get_item", {"RequestItems": {table: {"Keys": [KEY]}}}),
        ("dynamodb", "get_item", {"TableName": "other", "Key": {"pk": KEY["pk"]}}),
        ("dynamodb", "put_item", {"TableName": "other", "Item": {"pk": KEY["pk"]}}),
        ("dynamodb", "list_tables", {}),
        ("ssm", "get_parameter", {"Name": "/mybot/LINE_CHANNEL_SECRET"}),
        ("ssm", "put_parameter", {"Name": "/mybot/X", "Value": "x", "Type": "String"}),
        ("s3", "list_buckets", {}),
        ("iam", "list_roles", {}),
        ("lambda", "list_functions", {}),
        ("logs", "describe_log_groups", {}),
    ]


def _probe(deployed: Deployed, calls: list[Call]) -> dict[str, str]:
    """Make these calls in a function that has the bot's role; what came of each."""
    code = BytesIO()
    with ZipFile(code, "w") as archive:
        archive.writestr("probe.py", PROBE)
    role = deployed.aws.client("iam").get_role(RoleName=deployed.resources["BotRole"])["Role"]
    functions = deployed.aws.client("lambda")
    functions.create_function(
        FunctionName="probe",
        Runtime="python3.13",
        Role=role["Arn"],
        Handler="probe.handler",
        Code={"ZipFile": code.getvalue()},
        Timeout=60,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="probe")
    answer = functions.invoke(FunctionName="probe", Payload=json.dumps(calls))
    found: dict[str, str] = json.loads(answer["Payload"].read())
    assert "errorMessage" not in found, found
    return found


def test_role_reads_its_own_parameters_only(deployed: Deployed) -> None:
    """The deployed policy allows the three secrets of this stack, and no other parameter."""
    iam = deployed.aws.client("iam")
    role = iam.get_role(RoleName=deployed.resources["BotRole"])["Role"]
    policy = iam.get_role_policy(RoleName=role["RoleName"], PolicyName="bot")["PolicyDocument"]

    def decision(parameter: str) -> str:
        answer = iam.simulate_custom_policy(
            PolicyInputList=[json.dumps(policy)],
            ActionNames=["ssm:GetParameters"],
            ResourceArns=[f"{PARAMETERS}{parameter}"],
        )
        return str(answer["EvaluationResults"][0]["EvalDecision"])

    assert {decision(f"/mybot/{name}") for name in NAMES} == {"allowed"}
    others = ("/mybot/OTHER", "/mybot2/LINE_CHANNEL_SECRET", "/LINE_CHANNEL_SECRET", "/mybot")
    assert {decision(one) for one in others} == {"implicitDeny"}


def test_deployed_again(deployed: Deployed, tmp_path: Path) -> None:
    """The same project built again has nothing new to deploy: the artifact is the same."""
    folder = new_project(tmp_path / "again", "rest" if _is_rest(deployed) else "url")
    for_this_machine(folder)
    assert sam(folder, "build").returncode == 0

    done = sam(folder, "deploy", "--no-confirm-changeset", environment=deployed.aws.environment)

    assert "No changes to deploy" in done.stderr + done.stdout


def _is_rest(deployed: Deployed) -> bool:
    return "execute-api" in deployed.outputs["WebhookUrl"]


def test_region_of_the_project(deployed: Deployed) -> None:
    """Everything is where samconfig.toml says."""
    assert f".{REGION}." in deployed.outputs["WebhookUrl"]


def test_log_is_read_from_the_laptop(deployed: Deployed) -> None:
    """In the project's folder `penniless logs` finds the table and shows who talked."""
    settings = deployed.aws.environment

    done = penniless("logs", "list", folder=deployed.folder, settings=settings)

    assert (done.returncode, done.stderr) == (0, "")
    assert "user#U" in done.stdout


def test_function_log_is_read_from_the_laptop(deployed: Deployed) -> None:
    """`sam logs` finds the log group, though the template gives it a name of its own."""
    done = sam(
        *(deployed.folder, "logs", "--stack-name", "mybot"), environment=deployed.aws.environment
    )

    assert done.returncode == 0, done.stderr
    assert "REPORT RequestId" in done.stdout


def test_fuse_can_be_fitted_later(deployed: Deployed) -> None:
    """What the page of the fuse has changed stands in the saved answers, once."""
    saved = (deployed.folder / "samconfig.toml").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "fuse.md").read_text(encoding="utf-8")

    assert saved.count(r"Fuse=\"off\"") == 1
    assert r"change `Fuse=\"off\"` to `Fuse=\"on\"`" in page


def test_recovery_schedule(deployed: Deployed) -> None:
    """Switched on later, it adds the index and a schedule whose call the bot answers."""
    aws, saved = deployed.aws, deployed.folder / "samconfig.toml"
    before = _recover(deployed)
    text, old = saved.read_text(encoding="utf-8"), r"RecoverySchedule=\"\""
    assert text.count(old) == 1
    assert f"`{old}`" in PAGE.read_text(encoding="utf-8")
    saved.write_text(text.replace(old, r"RecoverySchedule=\"rate(5 minutes)\""), encoding="utf-8")

    done = sam(*(deployed.folder, "deploy", "--no-confirm-changeset"), environment=aws.environment)

    assert done.returncode == 0, done.stderr
    assert "Query: AccessDenied" in before["errorMessage"]
    table = aws.client("dynamodb").describe_table(TableName=deployed.outputs["TableName"])["Table"]
    assert [one["IndexName"] for one in table["GlobalSecondaryIndexes"]] == ["open"]
    schedule = aws.client("scheduler").get_schedule(Name=deployed.resources["BotRecovery"])
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("rate(5 minutes)", "ENABLED")
    assert schedule["Target"]["Arn"].endswith(f":function:{deployed.resources['BotFunction']}")
    assert _recover(deployed, schedule["Target"]["Input"]) == {"found": 0, "handled": 0}


def _recover(deployed: Deployed, event: str = '{"penniless": "recover"}') -> dict[str, Any]:
    """What the function says to a schedule's call."""
    name = deployed.resources["BotFunction"]
    answer = deployed.aws.client("lambda").invoke(FunctionName=name, Payload=event)
    found: dict[str, Any] = json.loads(answer["Payload"].read())
    return found


def test_what_the_schedule_needs(deployed: Deployed) -> None:
    """The bot may ask the index and no other; the schedule may call this function and no other."""
    iam = deployed.aws.client("iam")
    function = f"arn:aws:lambda:{REGION}:000000000000:function:{deployed.resources['BotFunction']}"
    table = f"arn:aws:dynamodb:{REGION}:000000000000:table/{deployed.outputs['TableName']}"

    def decision(role: str, policy: str, action: str, resource: str) -> str:
        name = deployed.resources[role]
        found = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        answer = iam.simulate_custom_policy(
            PolicyInputList=[json.dumps(found)], ActionNames=[action], ResourceArns=[resource]
        )
        return str(answer["EvaluationResults"][0]["EvalDecision"])

    bot, call = ("BotRole", "bot"), ("BotRecoveryRole", "recovery")
    assert decision(*bot, "dynamodb:Query", f"{table}/index/open") == "allowed"
    assert decision(*bot, "dynamodb:Query", f"{table}/index/other") == "implicitDeny"
    assert decision(*bot, "dynamodb:Scan", f"{table}/index/open") == "implicitDeny"
    assert decision(*call, "lambda:InvokeFunction", function) == "allowed"
    assert decision(*call, "lambda:InvokeFunction", f"{function}2") == "implicitDeny"
    assert decision(*call, "lambda:UpdateFunctionCode", function) == "implicitDeny"


def test_removing_it(deployed: Deployed) -> None:
    """`sam delete` removes everything but the table, which is protected, and its rows."""
    table = deployed.outputs["TableName"]
    rows = deployed.rows()
    names = ("delete", "--stack-name", "mybot", "--no-prompts")

    done = sam(deployed.folder, *names, environment=deployed.aws.environment)

    assert done.returncode == 0, done.stderr
    dynamodb = deployed.aws.client("dynamodb")
    assert len(rows) == dynamodb.scan(TableName=table)["Count"] > 0
    with pytest.raises(dynamodb.exceptions.ClientError, match="protection"):
        dynamodb.delete_table(TableName=table)
    functions = deployed.aws.client("lambda").list_functions()["Functions"]
    assert [one["FunctionName"] for one in functions] == ["probe"]
