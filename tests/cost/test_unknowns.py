"""An unknown value closes a bill where a price depends on it, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import penniless.cost
from penniless.cost.meters import METERS
from penniless.cost.meters.settings import SETTINGS
from penniless.cost.meters.unknowns import PRICED
from penniless.cost.scaling import paper_of
from penniless.errors import SettingsError
from tests.cost.questions import ask, written

SOURCES = Path(penniless.cost.__file__).parent
INSIDE = {"definition", "through"}
"""Names of values inside a property, which is named already."""
READ_FOR_OTHER_THINGS = {
    "DeadLetterConfig",  # what failed is not counted
    "LogGroupName",  # a group that is not found is kept for ever, which costs more
    "Timeout",  # of the worst month only
}


@pytest.mark.parametrize("kind", sorted(set(METERS) | {row.type for row in SETTINGS}))
def test_every_type_with_a_price_says_what_it_depends_on(kind: str) -> None:
    """So that none of its values is silently taken for what is free."""
    assert kind in PRICED


def test_every_property_that_is_read_for_a_price_is_named() -> None:
    """The names in the modules that read resources are those of the table, or have a reason."""
    named = {step for row in PRICED.values() for path in row for step in path.split(".")}
    read = {
        name
        for path in [*SOURCES.glob("meters/*.py"), SOURCES / "flow.py", SOURCES / "schedules.py"]
        for name in _read_in(path.read_text(encoding="utf-8"))
    }

    assert "MemorySize" in read
    assert read - named - READ_FOR_OTHER_THINGS == set()


def _read_in(source: str) -> Iterator[str]:
    """The first name of each call that asks a resource for a property."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and _asks(node.func):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def _asks(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute):
        return called.attr == "get" and ast.unparse(called.value) not in INSIDE
    return isinstance(called, ast.Name) and called.id in ("_has", "_on")


PLACES = [
    (kind, path)
    for kind, paths in PRICED.items()
    for path in paths
    if "." not in path and path not in ("ScheduleExpression", "State")
]


@pytest.mark.parametrize(("kind", "path"), PLACES)
def test_a_value_that_a_price_depends_on_leaves_a_gap(tmp_path: Path, kind: str, path: str) -> None:
    """Whichever the way in which it is unknown."""
    template = written(
        tmp_path,
        f"Resources:\n  It:\n    Type: {kind}\n    Properties:\n"
        f"      {path}: '{{{{resolve:ssm:/app/it}}}}'\n",
    )

    assert f"It.{path}" in ask(template).bill(0).gaps


UNKNOWN = {
    "a parameter without a value": ("Parameters: {P: {Type: String}}", "!Ref P"),
    "a parameter of the Parameter Store": (
        "Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /app/mode}}",
        "!Ref P",
    ),
    "a dynamic reference": ("", "'{{resolve:ssm:/app/mode}}'"),
    "a value of another stack": ("", "!ImportValue mode"),
    "a choice by the account": (
        "Conditions: {C: !Equals [!Ref AWS::AccountId, '1']}",
        "!If [C, PAY_PER_REQUEST, PROVISIONED]",
    ),
}


@pytest.mark.parametrize(("head", "value"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_table_of_an_unknown_mode_is_not_free(tmp_path: Path, head: str, value: str) -> None:
    """It may be on demand, which is paid from the first request on."""
    template = written(
        tmp_path,
        f"{head}\nResources:\n  T:\n    Type: AWS::DynamoDB::Table\n"
        f"    Properties:\n      BillingMode: {value}\n",
    )
    bill = ask(template).bill(0)

    assert bill.gaps == ["On-demand writes", "On-demand reads", "T.BillingMode"]
    assert [item.meter for item in bill.items if "cu_hours" in item.meter] == []


def test_a_resource_of_an_undecided_condition_leaves_a_gap(tmp_path: Path) -> None:
    """It is counted as if it were there, and nobody can say whether it is."""
    template = written(
        tmp_path,
        "Conditions: {C: !Equals [!Ref AWS::AccountId, '1']}\n"
        "Resources: {N: {Type: AWS::EC2::NatGateway, Condition: C}}\n",
    )
    bill = ask(template, region="us-east-1").bill(0)

    assert bill.gaps == ["N.Condition"]
    assert bill.total > 32


def test_a_macro_among_the_properties_leaves_a_gap(tmp_path: Path) -> None:
    """It may write any of them."""
    template = written(
        tmp_path,
        "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        "      Fn::Transform: {Name: Mine}\n",
    )

    assert ask(template).bill(0).gaps == ["F.Fn::Transform"]


def test_a_password_changes_no_price(tmp_path: Path) -> None:
    """Nor does a certificate, a name, an address of mail, or a network of the account."""
    template = written(
        tmp_path,
        """
Parameters:
  Password: {Type: String, NoEcho: true}
  Mail: {Type: String}
  Certificate: {Type: String}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties:
      Environment: {Variables: {A: !Ref Password, B: "{{resolve:secretsmanager:a:SecretString}}"}}
      VpcConfig: {SubnetIds: !Ref Subnets}
      Description: !Sub "of ${Mail}"
  T: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: sqs, Endpoint: !Ref Mail}]}}
  D:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Aliases: [!Ref Mail]
        Origins: [{DomainName: a.example}]
        ViewerCertificate: {AcmCertificateArn: !Ref Certificate}
""",
    )

    assert ask(template).bill(0).gaps == []


def test_what_an_undecided_choice_refers_to_is_still_called(tmp_path: Path) -> None:
    """A table that a policy may name is used, so that it is not free by silence."""
    template = written(
        tmp_path,
        """
Conditions: {C: !Equals [!Ref AWS::AccountId, '1']}
Resources:
  T: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}
  R:
    Type: AWS::IAM::Role
    Properties: {Policies: [{Resource: !If [C, !GetAtt T.Arn, arn:aws:dynamodb:::table/other]}]}
  F: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt R.Arn}}
  U: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref F}}
""",
    )
    bill = ask(template).bill(1000)

    assert bill.cost("dynamodb.write_requests") > 0
    assert bill.gaps == []


def test_a_dynamic_reference_to_a_resource_still_uses_it(tmp_path: Path) -> None:
    """The secret is read by the function that has it in its environment."""
    template = written(
        tmp_path,
        """
Resources:
  S: {Type: AWS::SecretsManager::Secret}
  F:
    Type: AWS::Lambda::Function
    Properties:
      Environment: {Variables: {A: !Sub "{{resolve:secretsmanager:${S}:SecretString:a}}"}}
  U: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref F}}
""",
    )
    bill = ask(template).bill(1000)
    used = {item.meter: item.used for item in bill.items}

    assert used["secretsmanager.requests"] == 1000
    assert bill.gaps == []


def test_no_paper_on_a_table_of_an_unknown_mode(tmp_path: Path) -> None:
    """What it carries a second depends on that."""
    template = written(
        tmp_path,
        """
Parameters: {Mode: {Type: String}}
Resources:
  T: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: !Ref Mode}}
  F: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {T: !Ref T}}}}
  U: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref F}}
""",
    )

    with pytest.raises(SettingsError, match="the BillingMode of T is unknown"):
        paper_of(ask(template), 10, 0, 1000)
