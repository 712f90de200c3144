"""The written template before it is deployed, and that what checks it finds what it should find."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from penniless.aws.gateway import is_recovery
from penniless.aws.secrets import NAMES
from penniless.cli.fuse_box import ALARM, FUNCTION, PARAMETER, PERIOD
from penniless.scaffold import DOORS, Project, write
from tests.deploy.template_checks import (
    ACCOUNT,
    ARNS,
    HERE,
    REGION,
    actions,
    lint,
    of_type,
    parliament,
    policies,
    public_permissions,
    resolved,
    stages,
    translated,
    with_parameters,
)

pytestmark = pytest.mark.deploy

FAULTY = HERE / "faulty.yaml"

ALWAYS_FREE = {
    "AWS::DynamoDB::Table",  # provisioned, within 25/25
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::Logs::LogGroup",  # within 5 GB
}
"""Types of resources without a price, inside the limits that docs/deploy.md names."""

FREE_FOR_RECOVERY = {
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Scheduler::Schedule",  # within 14 million calls a month
}

SCHEDULE = "rate(5 minutes)"

FREE_FOR_THE_FUSE = {
    "AWS::CloudWatch::Alarm",  # one of ten
    "AWS::SNS::Topic",  # within a thousand mails a month
}


class Made:
    """A written template and its translation: as written, usual, with a schedule, with a fuse."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.template = translated(path)
        self.usual = with_parameters(self.template)
        self.recovering = with_parameters(self.template, RecoverySchedule=SCHEDULE)
        self.fused = with_parameters(self.template, Fuse="on")

    def only(self, kind: str) -> dict[str, Any]:
        """The properties, as written, of the one resource of that type that is always there."""
        always = {
            name: one for name, one in self.template["Resources"].items() if "Condition" not in one
        }
        (found,) = of_type({"Resources": always}, kind).values()
        return found


@pytest.fixture(scope="module", params=DOORS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The project of each door, translated once."""
    folder = tmp_path_factory.mktemp("project") / request.param
    write(Project("mybot", request.param, REGION), folder)
    return Made(folder / "template.yaml")


@pytest.fixture(scope="module")
def faulty() -> dict[str, Any]:
    """The template with the faults, translated."""
    return translated(FAULTY)


def test_cfn_lint(made: Made) -> None:
    """cfn-lint has nothing to say, not even in passing."""
    assert lint(made.path) == []


def test_parliament(made: Made) -> None:
    """Every action of every policy exists and goes with its resource."""
    found = [*policies(made.usual), *policies(made.recovering), *policies(made.fused)]

    assert len(found) == 1 + 2 + 2
    assert [parliament(one) for one in found] == [[]] * 5


def test_role_allows_what_is_used(made: Made) -> None:
    """Exactly these actions, on exactly that table, those parameters and that log group."""
    table, log = ARNS["AWS::DynamoDB::Table"], ARNS["AWS::Logs::LogGroup"]
    secrets = [f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/mybot/{name}" for name in NAMES]

    [policy] = policies(made.usual)
    assert actions(policy) == {
        "dynamodb:GetItem": table,
        "dynamodb:PutItem": table,
        "dynamodb:Query": table,
        "dynamodb:UpdateItem": table,
        "ssm:GetParameters": secrets,
        "logs:CreateLogStream": log,
        "logs:PutLogEvents": log,
    }


def test_only_lambda_takes_the_role(made: Made) -> None:
    """Nobody else may act as the bot."""
    [role] = of_type(made.usual, "AWS::IAM::Role").values()
    assert role["AssumeRolePolicyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    assert made.only("AWS::Lambda::Function")["Role"] == {"Fn::GetAtt": ["BotRole", "Arn"]}


def test_function(made: Made) -> None:
    """Small, on arm64, with a timeout that bounds what a hanging call costs, and quiet logs."""
    function = made.only("AWS::Lambda::Function")

    assert function["Runtime"] == "python3.13"
    assert function["Architectures"] == ["arm64"]
    assert function["MemorySize"] == 256
    assert 2 < function["Timeout"] <= 10
    assert function["Handler"] == "app.lambda_handler"
    assert function["LoggingConfig"] == {
        "LogGroup": {"Ref": "BotLogs"},
        "LogFormat": "JSON",
        "ApplicationLogLevel": "WARN",
        "SystemLogLevel": "WARN",
    }
    assert made.only("AWS::Logs::LogGroup")["RetentionInDays"] == 14


def test_settings_of_the_function(made: Made) -> None:
    """The function finds its table, its secrets and its days under the names it reads."""
    settings = made.only("AWS::Lambda::Function")["Environment"]["Variables"]

    assert settings == {
        "PENNILESS_TABLE": {"Ref": "BotTable"},
        "PENNILESS_LOG_DAYS": {"Ref": "LogDays"},
        "PENNILESS_PARAMETERS": {"Fn::Sub": "/${AWS::StackName}"},
        "LINE_CHANNEL_SECRET": {"Fn::If": ["HasSecret", {"Ref": "LineChannelSecret"}, ""]},
        "LINE_CHANNEL_ACCESS_TOKEN": {
            "Fn::If": ["HasToken", {"Ref": "LineChannelAccessToken"}, ""]
        },
        "LINE_CHANNEL_ID": {"Ref": "LineChannelId"},
    }
    for name in ("LineChannelSecret", "LineChannelAccessToken"):
        assert made.template["Parameters"][name]["NoEcho"] is True
        assert made.template["Parameters"][name]["Default"] == ""


def test_table_is_free_and_lasting(made: Made) -> None:
    """Provisioned at 5/5, rows expire, and neither a mistake nor a deleted stack loses it."""
    table = made.only("AWS::DynamoDB::Table")
    parameters = made.template["Parameters"]

    assert table["BillingMode"] == "PROVISIONED"
    assert table["ProvisionedThroughput"] == {
        "ReadCapacityUnits": {"Ref": "TableReadCapacity"},
        "WriteCapacityUnits": {"Ref": "TableWriteCapacity"},
    }
    assert parameters["TableReadCapacity"]["Default"] == 5
    assert parameters["TableWriteCapacity"]["Default"] == 5
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["DeletionProtectionEnabled"] is True
    assert [(one["AttributeName"], one["KeyType"]) for one in table["KeySchema"]] == [
        ("pk", "HASH"),
        ("sk", "RANGE"),
    ]
    resource = made.template["Resources"]["BotTable"]
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"
    assert "ApplicationAutoScaling" not in made.text


def test_index_without_a_schedule(made: Made) -> None:
    """There is none, and no attribute is declared that only it would need."""
    [table] = of_type(made.usual, "AWS::DynamoDB::Table").values()

    assert "GlobalSecondaryIndexes" not in table
    assert [one["AttributeName"] for one in table["AttributeDefinitions"]] == ["pk", "sk"]


def test_recovery_is_off_unless_it_is_set(made: Made) -> None:
    """Without a schedule the stack has nothing of it."""
    more = made.recovering["Resources"].keys() - made.usual["Resources"].keys()

    assert more == {"BotRecovery", "BotRecoveryOnce", "BotRecoveryRole"}
    assert made.template["Parameters"]["RecoverySchedule"]["Default"] == ""


@pytest.mark.parametrize("schedule", ["", SCHEDULE, "rate(1 hour)", "cron(0/5 * * * ? *)"])
def test_schedules(made: Made, schedule: str) -> None:
    """Rates and cron expressions are taken."""
    pattern = made.template["Parameters"]["RecoverySchedule"]["AllowedPattern"]

    assert re.fullmatch(pattern, schedule)
    assert not re.fullmatch(pattern, "5 minutes")


def test_schedule(made: Made) -> None:
    """It sends the event that the handler knows, at its time, once."""
    [schedule] = of_type(made.recovering, "AWS::Scheduler::Schedule").values()
    target = schedule["Target"]

    assert schedule["ScheduleExpression"] == {"Ref": "RecoverySchedule"}
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert is_recovery(json.loads(target["Input"]))
    assert target["Arn"] == {"Fn::GetAtt": ["BotFunction", "Arn"]}
    assert target["RoleArn"] == {"Fn::GetAtt": ["BotRecoveryRole", "Arn"]}
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0}
    [once] = of_type(made.recovering, "AWS::Lambda::EventInvokeConfig").values()
    assert once["MaximumRetryAttempts"] == 0


def test_schedule_may_call_this_function_only(made: Made) -> None:
    """Its role belongs to the scheduler of this account, and allows one call of one function."""
    role = made.recovering["Resources"]["BotRecoveryRole"]["Properties"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    [policy] = role["Policies"]

    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert actions(resolved(policy["PolicyDocument"], made.recovering)) == {
        "lambda:InvokeFunction": ARNS["AWS::Lambda::Function"]
    }


def test_index_of_open_events(made: Made) -> None:
    """With a schedule the table has one sparse index of keys, and the bot may ask it."""
    [table] = of_type(made.recovering, "AWS::DynamoDB::Table").values()
    [index] = table["GlobalSecondaryIndexes"]

    assert index == {
        "IndexName": "open",
        "KeySchema": [
            {"AttributeName": "open", "KeyType": "HASH"},
            {"AttributeName": "claimed_until", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
        "ProvisionedThroughput": {
            "ReadCapacityUnits": 1,
            "WriteCapacityUnits": {"Ref": "TableWriteCapacity"},
        },
    }
    assert {
        one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]
    } == {
        "pk": "S",
        "sk": "S",
        "open": "S",
        "claimed_until": "N",
    }
    role = made.recovering["Resources"]["BotRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    assert [
        (one["Action"], one["Resource"])
        for one in resolved(role, made.recovering)["Statement"]
        if one["Sid"] == "OpenEvents"
    ] == [("dynamodb:Query", f"{ARNS['AWS::DynamoDB::Table']}/index/open")]


def test_recovery_says_its_price(made: Made) -> None:
    """Who switches it on reads what it takes of the free requests and units."""
    assert "8,640 of the free million" in made.text.replace("\n  # ", " ")
    assert "of the free 14 million of the scheduler" in made.text.replace("\n  # ", " ")
    assert "count among the free 25" in made.text


def test_fuse_is_off_unless_it_is_wanted(made: Made) -> None:
    """Without it the stack has nothing of it; there is mail if that is wanted, too."""
    usual, fused = (set(one["Resources"]) for one in (made.usual, made.fused))
    mailing = with_parameters(made.template, Fuse="on", FuseEmail="me@example.com")
    only_mail = with_parameters(made.template, FuseEmail="me@example.com")
    parameter = made.template["Parameters"]["Fuse"]

    assert (parameter["Default"], parameter["AllowedValues"]) == ("off", ["off", "on"])
    assert fused - usual == {
        "BotFuse",
        "BotFuseAlarm",
        "BotFuseLogs",
        "BotFusePermission",
        "BotFuseRole",
    }
    assert set(mailing["Resources"]) - fused == {"BotFuseMail"}
    assert set(only_mail["Resources"]) == usual


def test_fuse_alarm(made: Made) -> None:
    """It adds up the bot's own runs of five minutes, is free, and nothing at all is no alarm."""
    alarm = made.fused["Resources"]["BotFuseAlarm"]["Properties"]
    default = made.template["Parameters"]["FuseInvocations"]["Default"]

    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Invocations")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "BotFunction"}}]
    assert (alarm["Statistic"], alarm["ComparisonOperator"]) == ("Sum", "GreaterThanThreshold")
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (PERIOD, 1)
    assert alarm["Threshold"] == {"Ref": "FuseInvocations"}
    assert alarm["TreatMissingData"] == "notBreaching"
    assert alarm["AlarmActions"] == [{"Fn::GetAtt": ["BotFuse", "Arn"]}]
    assert "penniless fuse reset" in alarm["AlarmDescription"]["Fn::Sub"]
    assert default == 1_000_000 // 100


def test_fuse_alarm_tells_somebody(made: Made) -> None:
    """With an address it sends mail as well, beside the function and not through it."""
    mailing = with_parameters(made.template, Fuse="on", FuseEmail="me@example.com")["Resources"]
    topic = mailing["BotFuseMail"]["Properties"]

    assert mailing["BotFuseAlarm"]["Properties"]["AlarmActions"] == [
        {"Fn::GetAtt": ["BotFuse", "Arn"]},
        {"Ref": "BotFuseMail"},
    ]
    assert topic["Subscription"] == [{"Protocol": "email", "Endpoint": {"Ref": "FuseEmail"}}]
    assert "KmsMasterKeyId" not in topic  # alarms cannot publish with the key of AWS


def test_fuse_names(made: Made) -> None:
    """The commands look for the names that the template has."""
    assert {FUNCTION, ALARM} <= made.fused["Resources"].keys()
    assert PARAMETER in made.template["Parameters"]


def test_only_the_alarm_calls_the_fuse(made: Made) -> None:
    """CloudWatch may, for this alarm of this account."""
    permissions = of_type(made.fused, "AWS::Lambda::Permission")

    assert permissions["BotFusePermission"] == {
        "FunctionName": {"Ref": "BotFuse"},
        "Action": "lambda:InvokeFunction",
        "Principal": "lambda.alarms.cloudwatch.amazonaws.com",
        "SourceAccount": {"Ref": "AWS::AccountId"},
        "SourceArn": {"Fn::GetAtt": ["BotFuseAlarm", "Arn"]},
    }
    others = [one for name, one in permissions.items() if name != "BotFusePermission"]
    assert {one["FunctionName"]["Ref"] for one in others} == {"BotFunction"}


def test_fuse_may_turn_the_bot_off_and_nothing_else(made: Made) -> None:
    """One action on one function, and lines in its own log group, which forgets."""
    fused = made.fused["Resources"]
    role = fused["BotFuseRole"]["Properties"]
    [policy] = role["Policies"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]

    assert actions(policy["PolicyDocument"]) == {
        "lambda:PutFunctionConcurrency": {"Fn::GetAtt": ["BotFunction", "Arn"]},
        "logs:CreateLogStream": {"Fn::GetAtt": ["BotFuseLogs", "Arn"]},
        "logs:PutLogEvents": {"Fn::GetAtt": ["BotFuseLogs", "Arn"]},
    }
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert fused["BotFuse"]["Properties"]["Role"] == {"Fn::GetAtt": ["BotFuseRole", "Arn"]}
    assert fused["BotFuse"]["Properties"]["LoggingConfig"] == {"LogGroup": {"Ref": "BotFuseLogs"}}
    assert fused["BotFuseLogs"]["Properties"]["RetentionInDays"] == 14


def test_fuse_code(made: Made) -> None:
    """It is whole in the template, and short enough to be read there."""
    function = made.fused["Resources"]["BotFuse"]["Properties"]
    code = function["Code"]["ZipFile"]

    compile(code, "index.py", "exec")
    assert len(code) < 1000
    assert function["Handler"] == "index.handler"
    assert function["Environment"]["Variables"] == {"BOT_FUNCTION": {"Ref": "BotFunction"}}


def test_what_is_off_unless_it_is_set(made: Made) -> None:
    """No budget and no reserved concurrency, which a new account could not have."""
    function = made.only("AWS::Lambda::Function")
    parameters = made.template["Parameters"]
    budget = made.template["Resources"]["BotBudget"]

    assert function["ReservedConcurrentExecutions"] == {
        "Fn::If": [
            "HasReservedConcurrency",
            {"Ref": "ReservedConcurrency"},
            {"Ref": "AWS::NoValue"},
        ]
    }
    assert parameters["ReservedConcurrency"]["Default"] == ""
    assert budget["Condition"] == "HasBudget"
    assert parameters["BudgetEmail"]["Default"] == ""
    assert made.template["Conditions"]["HasBudget"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "BudgetEmail"}, ""]}]
    }


def test_budget(made: Made) -> None:
    """Once it is wanted, it tells one address of real and of expected cost, credits aside."""
    budget = made.template["Resources"]["BotBudget"]["Properties"]

    assert budget["Budget"]["CostTypes"]["IncludeCredit"] is False
    assert budget["Budget"]["BudgetLimit"] == {"Amount": {"Ref": "BudgetAmount"}, "Unit": "USD"}
    told = budget["NotificationsWithSubscribers"]
    assert [one["Notification"]["NotificationType"] for one in told] == ["ACTUAL", "FORECASTED"]
    assert {one["Subscribers"][0]["Address"]["Ref"] for one in told} == {"BudgetEmail"}


def test_outputs(made: Made) -> None:
    """The webhook URL and the table."""
    assert set(made.template["Outputs"]) == {"WebhookUrl", "TableName"}
    assert made.template["Outputs"]["TableName"]["Value"] == {"Ref": "BotTable"}


@pytest.mark.parametrize("made", ["url"], indirect=True)
def test_default_door_is_free(made: Made) -> None:
    """Nothing has a price, but for a budget, which has none either, under its condition."""
    kinds = {one["Type"] for one in made.usual["Resources"].values()}
    with_recovery = {one["Type"] for one in made.recovering["Resources"].values()}
    mailing = with_parameters(made.template, Fuse="on", FuseEmail="me@example.com")
    with_fuse = {one["Type"] for one in mailing["Resources"].values()}

    assert kinds == ALWAYS_FREE
    assert with_recovery == ALWAYS_FREE | FREE_FOR_RECOVERY
    assert with_fuse == ALWAYS_FREE | FREE_FOR_THE_FUSE


@pytest.mark.parametrize("made", ["url"], indirect=True)
def test_function_url_is_open(made: Made) -> None:
    """LINE gets through: both permissions, the second for calls through the URL alone."""
    assert public_permissions(made.template, "BotFunction") == [
        {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
        {"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
    ]
    assert made.only("AWS::Lambda::Url")["AuthType"] == "NONE"
    assert made.template["Outputs"]["WebhookUrl"]["Value"] == {
        "Fn::GetAtt": ["BotFunctionUrl", "FunctionUrl"]
    }


@pytest.mark.parametrize(
    ("made", "price"), [("http", "$1.00"), ("rest", "$3.50")], indirect=["made"]
)
def test_priced_doors_say_their_price(made: Made, price: str) -> None:
    """Who opens the template of a door that is not free reads what it costs."""
    comment = made.text[: made.text.index("Parameters:")]

    assert f"costs {price} a million webhooks" in comment


@pytest.mark.parametrize("made", ["http"], indirect=True)
def test_http_door(made: Made) -> None:
    """One route, POST /, payload 2.0, throttled; and only that gateway calls the function."""
    api = made.only("AWS::ApiGatewayV2::Api")
    stage = made.only("AWS::ApiGatewayV2::Stage")
    (path,) = api["Body"]["paths"].items()

    assert (path[0], list(path[1])) == ("/", ["post"])
    integration = path[1]["post"]["x-amazon-apigateway-integration"]
    assert integration["payloadFormatVersion"] == "2.0"
    assert stage["StageName"] == "$default"
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == 50
    assert public_permissions(made.template, "BotFunction") == []


@pytest.mark.parametrize("made", ["rest"], indirect=True)
def test_rest_door(made: Made) -> None:
    """POST / of one stage, Prod, throttled; and only that gateway calls the function."""
    api = made.only("AWS::ApiGateway::RestApi")
    (path,) = api["Body"]["paths"].items()

    assert (path[0], list(path[1])) == ("/", ["post"])
    assert stages(made.template) == ["Prod"]
    (limit,) = made.only("AWS::ApiGateway::Stage")["MethodSettings"]
    assert (limit["ResourcePath"], limit["ThrottlingRateLimit"]) == ("/*", 50)
    assert public_permissions(made.template, "BotFunction") == []


def test_cfn_lint_finds_the_faults() -> None:
    """A runtime that is gone fails."""
    assert "E2531" in lint(FAULTY)


def test_parliament_finds_the_faults(faulty: dict[str, Any]) -> None:
    """An action that does not exist fails, and only parliament knows."""
    findings = [one for policy in policies(faulty) for one in parliament(policy)]

    assert findings == ["UNKNOWN_ACTION Unknown action dynamodb:Put"]


def test_translation_shows_the_faults(faulty: dict[str, Any]) -> None:
    """A stray stage, a URL without permissions and an on-demand table are seen as such."""
    assert "Stage" in stages(faulty)
    assert "LockedFunctionUrl" in of_type(faulty, "AWS::Lambda::Url")
    assert public_permissions(faulty, "LockedFunction") == []
    (table,) = of_type(faulty, "AWS::DynamoDB::Table").values()
    assert table["BillingMode"] == "PAY_PER_REQUEST"
