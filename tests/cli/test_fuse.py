"""`penniless fuse`: what it says of a bot that is on, off or flooded, and what it changes."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.stub import Stubber

from penniless.cli import aws_access
from penniless.cli.fuse_box import LOOK_EVERY, PATIENCE, Alarm, alarm_of, wait_for_calm
from penniless.errors import SettingsError
from tests.aws.ministack import REGION
from tests.cli.account import Account
from tests.cli.logged import command, refusal
from tests.cli.test_secrets import Terminal

_numbers = count(1)

pytestmark = pytest.mark.aws

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
PARTS: dict[str, Any] = {
    "BotRole": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
    "BotFunction": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Handler": "index.handler",
            "Runtime": "python3.13",
            "Role": {"Fn::GetAtt": ["BotRole", "Arn"]},
            "Code": {"ZipFile": "def handler(event, context):\n    return 'hello'\n"},
        },
    },
    "BotFuseAlarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": {"Fn::Sub": "${AWS::StackName}-fuse"},
            "Namespace": "AWS/Lambda",
            "MetricName": "Invocations",
            "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": "BotFunction"}}],
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 10000,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        },
    },
}
"""The parts of the template that the commands have to do with, under their names there."""


class Bot(NamedTuple):
    """A deployed stack, seen by its owner."""

    account: Account
    stack: str
    function: str

    def run(self, *arguments: str, **settings: str) -> Any:
        settings = settings or self.account.settings()
        return command("fuse", *arguments, "--stack", self.stack, **settings)

    @property
    def concurrency(self) -> int | None:
        with self.account.client("lambda") as functions:
            found = functions.get_function_concurrency(FunctionName=self.function)
        return found.get("ReservedConcurrentExecutions")  # type: ignore[no-any-return]

    def reserve(self, number: int) -> None:
        with self.account.client("lambda") as functions:
            functions.put_function_concurrency(
                FunctionName=self.function, ReservedConcurrentExecutions=number
            )

    @property
    def alarm(self) -> dict[str, Any]:
        with self.account.client("cloudwatch") as watch:
            [found] = watch.describe_alarms(AlarmNames=[f"{self.stack}-fuse"])["MetricAlarms"]
        return found  # type: ignore[no-any-return]

    def alarm_goes(self, state: str) -> None:
        with self.account.client("cloudwatch") as watch:
            watch.set_alarm_state(
                AlarmName=f"{self.stack}-fuse", StateValue=state, StateReason="a test"
            )


def deployed(account: Account, concurrency: str = "", *without: str) -> Bot:
    """A stack with that `ReservedConcurrency`, and without some of its parts.

    The emulator drops the reserved concurrency of a template, so it is set as AWS would.
    """
    name = f"fused{next(_numbers)}"
    parts = {logical: one for logical, one in PARTS.items() if logical not in without}
    template = {
        "Parameters": {"ReservedConcurrency": {"Type": "String", "Default": ""}},
        "Resources": parts,
    }
    with account.client("cloudformation") as cloudformation:
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=json.dumps(template),
            Parameters=[
                {"ParameterKey": "ReservedConcurrency", "ParameterValue": concurrency},
            ],
            Capabilities=["CAPABILITY_IAM"],
        )
        waiter = cloudformation.get_waiter("stack_create_complete")
        waiter.wait(StackName=name, WaiterConfig={"Delay": 1})
        found = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    names = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}
    bot = Bot(account, name, names.get("BotFunction", ""))
    if concurrency and bot.function:
        bot.reserve(int(concurrency))
    return bot


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def bot(account: Account) -> Bot:
    """A bot with a fuse, and no limit of its own."""
    found = deployed(account)
    found.alarm_goes("OK")
    return found


def test_intact(bot: Bot) -> None:
    """A fuse that waits says so with exit code 0: which alarm, since when, and over how many."""
    with bot.account.client("lambda") as functions:
        for _ in range(3):
            functions.invoke(FunctionName=bot.function)
    done = bot.run("status")

    assert (done.exit_code, done.stderr) == (0, "")
    fuse, where, alarm, runs = done.stdout.splitlines()
    assert fuse == "fuse   intact"
    assert where == f"bot    {bot.function} in {REGION}, no limit of its own"
    assert alarm.startswith(f"alarm  {bot.stack}-fuse, OK since {datetime.now():%Y-%m-%d}")
    assert runs == "runs   3 in the last 5 minutes; over 10,000 blow it"


def test_json(bot: Bot) -> None:
    """A program reads the same, with numbers as numbers and times with their zone."""
    bot.reserve(0)
    done = bot.run("status", "--json")

    assert (done.exit_code, done.stderr) == (3, "")
    found = json.loads(done.stdout)
    since = datetime.fromisoformat(found["alarm"].pop("since"))
    assert abs((datetime.now(UTC) - since).total_seconds()) < 3600
    assert found == {
        "state": "blown",
        "stack": bot.stack,
        "region": REGION,
        "function": bot.function,
        "concurrency": 0,
        "template_concurrency": None,
        "invocations": 0,
        "alarm": {
            "name": f"{bot.stack}-fuse",
            "state": "OK",
            "threshold": 10000,
            "actions_enabled": True,
        },
    }


@pytest.mark.parametrize(
    ("without", "concurrency", "code", "line"),
    [
        ([], None, 0, "fuse   intact"),
        ([], 0, 3, "fuse   blown: the bot is off"),
        (["BotFuseAlarm"], None, 4, "fuse   not fitted: `Fuse` of the template is off"),
        (["BotFuseAlarm"], 0, 3, "fuse   blown: the bot is off"),
    ],
)
def test_exit_codes(
    account: Account, without: list[str], concurrency: int | None, code: int, line: str
) -> None:
    """0 is intact, 3 is off whoever has done it, 4 is a bot that no flood would turn off."""
    found = deployed(account, "", *without)
    if concurrency is not None:
        found.reserve(concurrency)
    done = found.run("status")

    assert (done.exit_code, done.stderr) == (code, "")
    assert done.stdout.splitlines()[0] == line


def test_alarm_that_has_turned_nothing_off(bot: Bot) -> None:
    """An alarm in ALARM beside a bot that is on is a failure, and `reset` makes it ready again."""
    bot.alarm_goes("ALARM")
    failed = bot.run("status")

    assert failed.exit_code == 1
    assert failed.stdout.startswith("fuse   failed\n")
    assert failed.stderr.startswith("penniless: the alarm has gone off and the bot is on: turn it")

    assert bot.run("reset", "--yes").exit_code == 0
    assert bot.run("status").exit_code == 0
    assert bot.alarm["StateReason"] == "penniless fuse reset"


def test_alarm_without_actions(bot: Bot) -> None:
    """An alarm that may do nothing is a failure, too."""
    with bot.account.client("cloudwatch") as watch:
        watch.disable_alarm_actions(AlarmNames=[f"{bot.stack}-fuse"])
    done = bot.run("status")

    assert done.exit_code == 1
    assert done.stderr.startswith("penniless: the fuse cannot blow: the actions of its alarm are")


def test_blow_and_reset(bot: Bot) -> None:
    """Turned off by hand Lambda refuses; turned on again it runs, without a limit as before."""
    off = bot.run("blow", "--yes")
    with bot.account.client("lambda") as functions:
        with pytest.raises(functions.exceptions.TooManyRequestsException):
            functions.invoke(FunctionName=bot.function)
        on = bot.run("reset", "--yes")
        answer = functions.invoke(FunctionName=bot.function)["Payload"].read()

    assert (off.exit_code, off.stdout) == (
        0,
        f"the bot of the stack {bot.stack} is off; on again: "
        f"penniless fuse reset --stack {bot.stack}\n",
    )
    assert (on.exit_code, on.stdout) == (
        0,
        f"the bot of the stack {bot.stack} is on again: no limit of its own\n",
    )
    assert answer == b'"hello"'
    assert bot.concurrency is None


def test_reset_puts_back_what_was_deployed(account: Account) -> None:
    """The reserved concurrency of the template comes back, also to a bot without a fuse."""
    found = deployed(account, "7", "BotFuseAlarm")
    assert found.run("blow", "--yes").exit_code == 0
    assert found.concurrency == 0

    done = found.run("reset", "--yes")

    assert done.stdout.endswith(" is on again: at most 7 copies at once\n")
    assert found.concurrency == 7


def test_what_is_so_already(bot: Bot) -> None:
    """Turning on what is on, and off what is off, changes nothing and asks nothing."""
    on = bot.run("reset")
    bot.reserve(0)
    off = bot.run("blow")

    assert (on.exit_code, on.stdout) == (
        0,
        f"the bot of the stack {bot.stack} is on: no limit of its own\n",
    )
    assert (off.exit_code, off.stdout) == (0, f"the bot of the stack {bot.stack} is off already\n")


def test_reset_now(bot: Bot) -> None:
    """With `--now` an alarm that still counts is put back after the bot is on."""
    bot.reserve(0)
    bot.alarm_goes("ALARM")
    done = bot.run("reset", "--now", "--yes")

    assert done.exit_code == 0
    assert "waiting" not in done.stdout
    assert (bot.concurrency, bot.alarm["StateValue"]) == (None, "OK")


def laptop(account: Account, monkeypatch: pytest.MonkeyPatch) -> aws_access.Account:
    for name, value in account.settings().items():
        monkeypatch.setenv(name, value)
    return aws_access.open_account(None, None)


def test_waiting_for_the_end_of_a_flood(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks every ten seconds until the alarm is OK, and no longer."""
    bot.alarm_goes("ALARM")
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            bot.alarm_goes("OK")

    account = laptop(bot.account, monkeypatch)
    before = alarm_of(account, f"{bot.stack}-fuse")
    assert before is not None

    assert wait_for_calm(account, before, sleep=sleep).state == "OK"
    assert waited == [LOOK_EVERY] * 3


def test_flood_without_an_end(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """After half an hour it gives up, says what would turn the bot on, and leaves it off."""
    bot.reserve(0)
    bot.alarm_goes("ALARM")
    waited: list[float] = []
    alarm = Alarm(f"{bot.stack}-fuse", "ALARM", datetime.now(UTC), 10000, actions_enabled=True)

    with pytest.raises(SettingsError, match="after 30 minutes; say --now"):
        wait_for_calm(laptop(bot.account, monkeypatch), alarm, sleep=waited.append)

    assert sum(waited) == PATIENCE
    assert bot.concurrency == 0


def test_template_that_says_zero(account: Account) -> None:
    """A bot that was deployed as off is not turned on behind the template's back."""
    found = deployed(account, "0")

    assert refusal(found.run("reset", "--yes")) == (
        f"the stack {found.stack} was deployed with ReservedConcurrency=0, which keeps the bot "
        "off; deploy it with another number, or with none"
    )
    assert found.concurrency == 0


@pytest.mark.parametrize(
    ("verb", "question"),
    [("blow", "off, so that nobody gets an answer?"), ("reset", "on (no limit of its own)?")],
)
@pytest.mark.parametrize("answer", ["y\n", "\n", "\x04"], ids=["yes", "enter", "ctrl-d"])
def test_question(bot: Bot, verb: str, question: str, answer: str) -> None:
    """On a terminal it asks first; Enter and Ctrl-D are a no, which changes nothing."""
    bot.reserve(5)
    with Terminal("fuse", verb, "--stack", bot.stack, **bot.account.settings()) as terminal:
        terminal.answer(f"Turn the bot of the stack {bot.stack} {question} [y/N]", answer)
        code = terminal.end()

    if answer == "y\n":
        assert (code, bot.concurrency) == (0, {"blow": 0, "reset": None}[verb])
    else:
        assert (code, bot.concurrency) == (1, 5)
        assert "penniless: nothing was changed" in terminal.shown


@pytest.mark.parametrize("verb", ["blow", "reset"])
def test_nobody_to_ask(bot: Bot, verb: str) -> None:
    """A script has to say that it means it."""
    bot.reserve(5)

    assert refusal(bot.run(verb)) == "say --yes to do it without being asked"
    assert bot.concurrency == 5


@pytest.mark.parametrize("verb", ["status", "blow", "reset"])
def test_which_bot(account: Account, verb: str) -> None:
    """Without a project the stack has to be said, and it has to be there, with a bot in it."""
    settings = account.settings()
    other = deployed(account, "", "BotFunction", "BotFuseAlarm")

    assert refusal(command("fuse", verb, **settings)) == (
        "say which bot: --stack mybot, with the name of the stack"
    )
    assert refusal(command("fuse", verb, "--stack", "none", **settings)) == (
        f"there is no stack none in {REGION}; look at --region, or deploy it"
    )
    assert refusal(other.run(verb)) == (
        f"the stack {other.stack} has no function BotFunction, as those of `penniless new` have"
    )


def test_the_stack_is_that_of_the_project(bot: Bot) -> None:
    """In the folder of a project nothing has to be said."""
    Path("samconfig.toml").write_text(
        f'[default.global.parameters]\nstack_name = "{bot.stack}"\n', encoding="utf-8"
    )

    assert command("fuse", "status", **bot.account.settings()).exit_code == 0


def test_no_credentials(account: Account) -> None:
    """Without credentials the ways to get some are named."""
    done = command("fuse", "status", "--stack", "s", "--region", REGION, **account.nobody())

    assert refusal(done).startswith("there are no AWS credentials: run `aws configure`")


LOOK = (
    "cloudformation:DescribeStacks",
    "cloudformation:DescribeStackResources",
    "lambda:GetFunctionConcurrency",
    "cloudwatch:DescribeAlarms",
)
NEEDS = {
    "status": (*LOOK, "cloudwatch:GetMetricStatistics"),
    "blow": (*LOOK, "lambda:PutFunctionConcurrency"),
    "reset": (*LOOK, "lambda:DeleteFunctionConcurrency", "cloudwatch:SetAlarmState"),
}


EMULATED = {
    "lambda:GetFunctionConcurrency": "lambda:PutFunctionConcurrency",
    "lambda:DeleteFunctionConcurrency": "lambda:PutFunctionConcurrency",
}
"""The emulator asks for the action of the one operation for all three."""


@pytest.mark.parametrize("verb", NEEDS)
def test_permissions(bot: Bot, verb: str) -> None:
    """Each command needs these actions, and no more; the first one that lacks is named."""
    options = {"status": [], "blow": ["--yes"], "reset": ["--yes", "--now"]}[verb]
    bot.reserve(5)
    for lacking in NEEDS[verb]:
        if verb != "status" and lacking in LOOK:
            continue  # all three look in the same way
        if verb == "reset":
            bot.alarm_goes("ALARM")
        kept = {EMULATED.get(one, one) for one in NEEDS[verb]} - {EMULATED.get(lacking, lacking)}
        sentence = refusal(bot.run(verb, *options, **bot.account.person(*kept)))

        named = "lambda:GetFunctionConcurrency" if lacking.startswith("lambda:") else lacking
        assert sentence == f"these AWS credentials lack the permission {named}"
        assert bot.concurrency == (None if lacking == "cloudwatch:SetAlarmState" else 5)
    enough = {EMULATED.get(one, one) for one in NEEDS[verb]}
    assert bot.run(verb, *options, **bot.account.person(*enough)).exit_code == 0


class Stubbed:
    """A session whose clients answer what a test says, checked against AWS's own model."""

    def __init__(self, *answers: tuple[str, dict[str, Any]]) -> None:
        self._answers = answers

    def client(self, service: str, **settings: Any) -> Any:
        client = boto3.Session("key", "secret").client(service, **settings)
        stubber = Stubber(client)
        for operation, answer in self._answers:
            stubber.add_response(operation, answer)
        stubber.activate()
        return client


def test_since_is_the_change_of_the_state() -> None:
    """An alarm that was only evaluated or deployed anew has been in its state since before.

    The emulator does not give that time; AWS's service model has it.
    """
    state = {
        "AlarmName": "mybot-fuse",
        "StateValue": "ALARM",
        "StateUpdatedTimestamp": datetime(2026, 11, 27, 6, tzinfo=UTC),
        "StateTransitionedTimestamp": datetime(2026, 11, 27, 5, tzinfo=UTC),
        "Threshold": 10000.0,
        "ActionsEnabled": True,
    }
    session = Stubbed(("describe_alarms", {"MetricAlarms": [state]}))

    assert alarm_of(aws_access.Account(session, REGION), "mybot-fuse") == Alarm(
        "mybot-fuse", "ALARM", datetime(2026, 11, 27, 5, tzinfo=UTC), 10000, actions_enabled=True
    )


def test_alarm_that_somebody_has_deleted() -> None:
    """It is no fuse any more."""
    session = Stubbed(("describe_alarms", {"MetricAlarms": []}))

    assert alarm_of(aws_access.Account(session, REGION), "mybot-fuse") is None
