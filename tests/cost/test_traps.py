"""Each trap is found where it is, and a template without it is left in peace."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from penniless.cost.flow import flow_of
from penniless.cost.runtimes import is_supported
from penniless.cost.traps import TRAPS, traps_in
from penniless.cost.usage import Month
from tests.cost.questions import DAY, FIXTURES, ask, ours, written

SAM = "Transform: AWS::Serverless-2016-10-31\n"

BAIT = {
    "api-gateway": "Resources:\n  A: {Type: AWS::ApiGatewayV2::Api} # here\n",
    "on-demand-table": "Resources:\n  A:\n    Type: AWS::DynamoDB::Table\n    Properties:\n"
    "      BillingMode: PAY_PER_REQUEST # here\n",
    "over-25-units": "Resources:\n  A:\n    Type: AWS::DynamoDB::Table\n    Properties:\n"
    "      ProvisionedThroughput:\n        ReadCapacityUnits: 5\n"
    "        WriteCapacityUnits: 26 # here\n",
    "auto-scaling": "Resources:\n  A: {Type: AWS::ApplicationAutoScaling::ScalingPolicy} # here\n",
    "endless-log": "Resources:\n  A: {Type: AWS::Logs::LogGroup} # here\n",
    "debug-log": "Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n"
    "      LoggingConfig:\n        ApplicationLogLevel: DEBUG # here\n",
    "secrets-manager": "Resources:\n  A: {Type: AWS::SecretsManager::Secret} # here\n",
    "network": "Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n"
    "      VpcConfig: {SubnetIds: [subnet-1]} # here\n",
    "customer-key": "Resources:\n  A: {Type: AWS::KMS::Key} # here\n",
    "provisioned-concurrency": "Resources:\n  A:\n    Type: AWS::Lambda::Alias\n    Properties:\n"
    "      Name: live\n"
    "      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 1} # here\n",
    "snapstart": "Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n"
    "      Runtime: python3.13\n      SnapStart:\n        ApplyOn: PublishedVersions # here\n",
    "x-ray": "Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n"
    "      TracingConfig:\n        Mode: Active # here\n",
    "deploy-bucket": SAM + "Resources:\n  A:\n    Type: AWS::Serverless::Function\n"
    "    Properties:\n      Runtime: python3.13\n      Handler: a.b\n      CodeUri: . # here\n",
    "closed-url": "Resources:\n"
    "  A: {Type: AWS::Lambda::Url, Properties: {AuthType: NONE, TargetFunctionArn: a}} # here\n",
    "old-runtime": "Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n"
    "      Runtime: python3.7 # here\n",
    "reserved-concurrency": "Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n"
    "      ReservedConcurrentExecutions: 5 # here\n",
    "point-in-time-recovery": "Resources:\n  A:\n    Type: AWS::DynamoDB::Table\n"
    "    Properties:\n      PointInTimeRecoverySpecification:\n"
    "        PointInTimeRecoveryEnabled: true # here\n",
    "many-alarms": "Resources:\n"
    + "".join(f"  A{one}: {{Type: AWS::CloudWatch::Alarm}}\n" for one in range(10))
    + "  A10: {Type: AWS::CloudWatch::Alarm} # here\n",
    "idle-queue": "Resources:\n  Q: {Type: AWS::SQS::Queue}\n  F: {Type: AWS::Lambda::Function}\n"
    "  A: {Type: AWS::Lambda::EventSourceMapping, Properties: "
    "{EventSourceArn: !GetAtt Q.Arn, FunctionName: !Ref F}} # here\n",
}
"""A template for each trap; the line with the trap ends in `# here`."""


def traps(path: Path, on: date = DAY) -> list[tuple[str, int]]:
    question = ask(path)
    flow = flow_of(question.template, Decimal(1000), question.assumed)
    month = Month(
        template=question.template,
        flow=flow,
        messages=Decimal(1000),
        assumed=question.assumed,
    )
    return [(found.trap.name, found.line) for found in traps_in(month, on)]


def test_every_trap_has_a_bait() -> None:
    """No trap is without a template that falls into it."""
    assert set(BAIT) == {trap.name for trap in TRAPS}


@pytest.mark.parametrize("name", BAIT)
def test_a_trap_is_found_on_its_line(name: str, tmp_path: Path) -> None:
    """Its name and the line of the property that makes it."""
    text = BAIT[name]
    here = next(n for n, line in enumerate(text.splitlines(), 1) if line.endswith("# here"))

    assert (name, here) in traps(written(tmp_path, text))


def test_a_url_whose_word_is_computed_is_closed(tmp_path: Path) -> None:
    """SAM leaves the permissions out unless AuthType is the word NONE itself."""
    path = ours(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("AuthType: NONE", "AuthType: !Sub NONE"), encoding="utf-8")

    assert "closed-url" in {name for name, _ in traps(path)}


def test_our_own_template_has_one_trap(tmp_path: Path) -> None:
    """SAM's bucket, which no template can mend; and the door, where it is one that costs."""
    assert [name for name, _ in traps(ours(tmp_path))] == ["deploy-bucket"]
    assert {name for name, _ in traps(ours(tmp_path, "rest"))} == {"deploy-bucket", "api-gateway"}


def test_the_original_falls_into_many() -> None:
    """What the tutorials teach is found by name."""
    assert {name for name, _ in traps(FIXTURES / "original.yaml")} == {
        "api-gateway",
        "deploy-bucket",
        "endless-log",
        "old-runtime",
        "on-demand-table",
    }


def test_runtimes_end_on_their_day() -> None:
    """Supported the day before, and not from the day itself."""
    assert is_supported("python3.11", date(2027, 6, 29))
    assert not is_supported("python3.11", date(2027, 6, 30))
    assert not is_supported("python2.6", DAY)
    assert not is_supported("python4.0", DAY)
    assert is_supported("nodejs22.x", DAY)


def test_a_traced_api_is_found(tmp_path: Path) -> None:
    """X-Ray follows the requests of a REST API's stage too."""
    question = ask(
        written(
            tmp_path,
            "Resources:\n  A: {Type: AWS::ApiGateway::RestApi}\n  B:\n"
            "    Type: AWS::ApiGateway::Stage\n    Properties:\n      RestApiId: !Ref A\n"
            "      TracingEnabled: true\n",
        )
    )
    found = traps_in(question.month(1000), DAY)

    assert [(one.resource, one.line) for one in found if one.trap.name == "x-ray"] == [("B", 7)]


@pytest.mark.parametrize(
    ("encrypted", "lines"),
    [
        ("SSEType: KMS, KMSMasterKeyId: alias/mine", [4]),
        ("SSEType: KMS, KMSMasterKeyId: alias/aws/dynamodb", []),
        ("SSEType: KMS", []),
    ],
)
def test_a_key_that_aws_manages_is_no_customer_key(
    tmp_path: Path, encrypted: str, lines: list[int]
) -> None:
    """It costs nothing each month, and the trap tells to use it."""
    text = (
        "Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n"
        f"    Properties: {{SSESpecification: {{SSEEnabled: true, {encrypted}}}}}\n"
    )
    found = traps_in(ask(written(tmp_path, text)).month(0), DAY)

    assert [one.line for one in found if one.trap.name == "customer-key"] == lines
