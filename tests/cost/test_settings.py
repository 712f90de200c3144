"""A setting that costs something is named, though its resource is free or has a price."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from penniless.cost.meters import FREE, METERS
from penniless.cost.meters.settings import SETTINGS, unpriced
from tests.cost.questions import ask, written

PAID = (
    ("AWS::DynamoDB::Table", "{TableClass: STANDARD_INFREQUENT_ACCESS}", "infrequent access"),
    ("AWS::DynamoDB::Table", "{KinesisStreamSpecification: {StreamArn: a}}", "Kinesis"),
    ("AWS::DynamoDB::Table", "{ContributorInsightsSpecification: {Enabled: true}}", "insights"),
    ("AWS::DynamoDB::Table", "{WarmThroughput: {WriteUnitsPerSecond: 5000}}", "warm throughput"),
    ("AWS::SNS::Topic", "{FifoTopic: true}", "FIFO"),
    ("AWS::Logs::LogGroup", "{DataProtectionPolicy: {Name: a}}", "data protection"),
    ("AWS::CertificateManager::Certificate", "{CertificateAuthorityArn: a}", "private authority"),
    ("AWS::CertificateManager::Certificate", "{CertificateExport: ENABLED}", "exported"),
    ("AWS::Cognito::UserPoolClient", "{AllowedOAuthFlows: [client_credentials]}", "machines"),
    (
        "AWS::WAFv2::WebACL",
        "{Rules: [{Statement: {ManagedRuleGroupStatement: "
        "{VendorName: AWS, Name: AWSManagedRulesBotControlRuleSet}}}]}",
        "managed rules",
    ),
    (
        "AWS::CloudFront::Distribution",
        "{DistributionConfig: {DefaultCacheBehavior: {LambdaFunctionAssociations: [{A: b}]}}}",
        "Lambda@Edge",
    ),
    ("AWS::CloudWatch::Alarm", "{Period: 10}", "high resolution"),
    (
        "AWS::CloudWatch::Alarm",
        '{Metrics: [{Id: a, Expression: "ANOMALY_DETECTION_BAND(b)"}]}',
        "anomalies",
    ),
    ("AWS::KMS::Key", "{KeySpec: RSA_2048}", "not symmetric"),
    ("AWS::Route53::RecordSet", "{Name: a.example, Type: A}", "no alias"),
    ("AWS::Route53::RecordSetGroup", "{RecordSets: [{Name: a.example}]}", "no aliases"),
    ("AWS::S3::Bucket", "{ReplicationConfiguration: {Role: a}}", "another bucket"),
    ("AWS::S3::Bucket", "{IntelligentTieringConfigurations: [{Id: a}]}", "tiering"),
    ("AWS::S3::Bucket", "{InventoryConfigurations: [{Id: a}]}", "inventories"),
    ("AWS::S3::Bucket", "{MetricsConfigurations: [{Id: a}]}", "metrics"),
    ("AWS::S3::Bucket", "{AccelerateConfiguration: {A: b}}", "acceleration"),
    (
        "AWS::Lambda::EventSourceMapping",
        "{ProvisionedPollerConfig: {MinimumPollers: 2}}",
        "provisioned pollers",
    ),
    ("AWS::StepFunctions::StateMachine", "{TracingConfiguration: {Enabled: true}}", "X-Ray"),
    ("AWS::StepFunctions::StateMachine", "{LoggingConfiguration: {Level: ALL}}", "log"),
    ("AWS::EC2::VPCEndpoint", "{VpcEndpointType: Interface}", "interface endpoint"),
)
HARMLESS = (
    ("AWS::DynamoDB::Table", "{TableClass: STANDARD}"),
    ("AWS::SNS::Topic", "{TopicName: a}"),
    ("AWS::CertificateManager::Certificate", "{DomainName: a.example}"),
    ("AWS::Cognito::UserPoolClient", "{AllowedOAuthFlows: [code]}"),
    (
        "AWS::WAFv2::WebACL",
        "{Rules: [{Statement: {ManagedRuleGroupStatement: "
        "{VendorName: AWS, Name: AWSManagedRulesCommonRuleSet}}}]}",
    ),
    ("AWS::CloudWatch::Alarm", '{Period: "60"}'),
    ("AWS::KMS::Key", "{Enabled: true}"),
    ("AWS::Route53::RecordSet", "{AliasTarget: {DNSName: a}}"),
    ("AWS::Route53::RecordSetGroup", "{RecordSets: [{AliasTarget: {DNSName: a}}]}"),
    ("AWS::StepFunctions::StateMachine", "{LoggingConfiguration: {Level: ERROR}}"),
    ("AWS::EC2::VPCEndpoint", "{ServiceName: com.amazonaws.us-east-1.dynamodb}"),
)


def one(folder: Path, kind: str, properties: str) -> Path:
    text = f"Resources:\n  One:\n    Type: {kind}\n    Properties: {properties}\n"
    return written(folder, text)


@pytest.mark.parametrize(("kind", "properties", "says"), PAID)
def test_a_paid_setting_is_a_gap(tmp_path: Path, kind: str, properties: str, says: str) -> None:
    """The bill names the resource and the setting, so that nobody takes the sum for the whole."""
    bill = ask(one(tmp_path, kind, properties)).bill(0)

    assert [found.line for found in bill.unpriced] == [2]
    assert says in bill.unpriced[0].says
    assert f"One ({bill.unpriced[0].says})" in bill.gaps


@pytest.mark.parametrize(("kind", "properties"), HARMLESS)
def test_a_usual_setting_is_none(tmp_path: Path, kind: str, properties: str) -> None:
    """What everybody has leaves no gap."""
    assert unpriced(ask(one(tmp_path, kind, properties)).template) == []


def test_every_setting_is_tried_and_belongs_to_a_known_type() -> None:
    """An unknown type is named anyway, and needs no row."""
    assert len(PAID) == len(SETTINGS)
    assert {row.type for row in SETTINGS} <= {*METERS, *FREE}
    assert not set(METERS) & set(FREE)


@pytest.mark.parametrize("inline", [True, False])
def test_what_a_topic_delivers_is_counted(tmp_path: Path, *, inline: bool) -> None:
    """E-mails are, wherever the subscription is written; a text message has no price here."""
    sub = "{Protocol: email, Endpoint: a@b.example}, {Protocol: sms, Endpoint: '+81'}"
    topic = f"Subscription: [{sub}]" if inline else "TopicName: news"
    text = f"Resources:\n  News: {{Type: AWS::SNS::Topic, Properties: {{{topic}}}}}\n"
    for protocol in () if inline else ("email", "sms", "lambda", "sqs"):
        text += f"  {protocol.title()}:\n    Type: AWS::SNS::Subscription\n"
        text += f"    Properties: {{TopicArn: !Ref News, Protocol: {protocol}}}\n"

    bill = ask(written(tmp_path, text)).bill(5000)

    assert {item.meter: item.used for item in bill.items} == {
        "sns.publishes": Decimal(5000),
        "sns.emails": Decimal(5000),
        "sns.others": Decimal(0),
    }
    assert "SNS deliveries by SMS, HTTP and the like" in bill.gaps


def test_the_log_of_an_api_is_counted(tmp_path: Path) -> None:
    """A line of the access log for each request, of an HTTP API and of a REST API."""
    for api, setting, stage in (
        ("AWS::ApiGatewayV2::Api", "AccessLogSettings", "{ApiId: !Ref Api, "),
        ("AWS::ApiGateway::RestApi", "AccessLogSetting", "{RestApiId: !Ref Api, "),
    ):
        kind = api.rpartition("::")[0] + "::Stage"
        text = f"Resources:\n  Api: {{Type: {api}}}\n  Stage:\n    Type: {kind}\n"
        text += f"    Properties: {stage}{setting}: {{DestinationArn: a}}}}\n"

        bill = ask(written(tmp_path, text)).bill(1_000_000)

        assert {item.meter: item.used for item in bill.items}["logs.ingested"] == Decimal("0.7")


def test_the_log_of_an_api_is_kept_as_long_as_its_group(tmp_path: Path) -> None:
    """Ten days of a month of 730 hours."""
    text = """
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api}
  Lines: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 10}}
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {ApiId: !Ref Api, AccessLogSettings: {DestinationArn: !GetAtt Lines.Arn}}
"""
    bill = ask(written(tmp_path, text)).bill(1_000_000)

    kept = {item.meter: item.used for item in bill.items}["logs.stored"]
    assert abs(kept - Decimal("0.7") * 240 / 730) < Decimal("1e-12")


def test_metrics_made_of_a_log_are_counted(tmp_path: Path) -> None:
    """Each is one of the account's own; how many a dimension makes is unknown."""
    plain = "{MetricTransformations: [{MetricName: a}, {MetricName: b}]}"
    many = "{MetricTransformations: [{MetricName: a, Dimensions: [{Key: k, Value: $.k}]}]}"

    bill = ask(one(tmp_path, "AWS::Logs::MetricFilter", plain)).bill(0)
    gaps = ask(one(tmp_path, "AWS::Logs::MetricFilter", many)).bill(0).gaps

    assert [(item.meter, item.used) for item in bill.items] == [("cloudwatch.metrics", Decimal(2))]
    assert gaps == ["Custom metrics"]


def test_seconds_under_provisioned_concurrency_are_never_free(tmp_path: Path) -> None:
    """They have a meter of their own, which the 400,000 free ones do not cover."""
    text = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Bot:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: .
      AutoPublishAlias: live
      FunctionUrlConfig: {AuthType: NONE}
      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 1}
"""
    bill = ask(written(tmp_path, text), region="us-east-1").bill(1000)
    billed = {item.meter: item.billed for item in bill.items}

    assert billed["lambda.provisioned.run.x86_64"] > 0
    assert "lambda.gb_seconds.x86_64" not in billed


def test_memory_that_is_not_known_is_no_guess(tmp_path: Path) -> None:
    """The seconds of a function whose memory only the deployment knows have no price."""
    text = """
Parameters: {Size: {Type: Number}}
Resources:
  Bot: {Type: AWS::Lambda::Function, Properties: {MemorySize: !Ref Size}}
  Address: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Bot.Arn}}
"""
    gaps = ask(written(tmp_path, text)).bill(1000).gaps

    assert gaps == ["Lambda compute, x86_64", "Bot.MemorySize"]


def test_odd_numbers_of_a_template_are_answered(tmp_path: Path) -> None:
    """Memory, time and texts in the wrong places give a bill, and no traceback."""
    text = """
Resources:
  Log:
    Type: AWS::DynamoDB::Table
    Properties: {ProvisionedThroughput: 5, GlobalSecondaryIndexes: x, BillingMode: [1]}
  Bot:
    Type: AWS::Lambda::Function
    Properties: {MemorySize: 0, Timeout: -5, Architectures: arm64, LoggingConfig: INFO,
      EphemeralStorage: 5, Environment: {Variables: {TABLE: !Ref Log}}}
  Address: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Bot.Arn}}
"""
    assert ask(written(tmp_path, text)).bill(1000).total == 0


def test_only_the_queue_that_is_read_is_polled(tmp_path: Path) -> None:
    """The queue of what failed has no pollers."""
    text = """
Resources:
  Lost: {Type: AWS::SQS::Queue}
  F: {Type: AWS::Lambda::Function}
  T: {Type: AWS::DynamoDB::Table}
  Reader:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref F
      EventSourceArn: !GetAtt T.StreamArn
      DestinationConfig: {OnFailure: {Destination: !GetAtt Lost.Arn}}
"""
    bill = ask(written(tmp_path, text)).bill(1000)

    assert [item.used for item in bill.items if item.meter == "sqs.standard"] == [0]


@pytest.mark.parametrize(
    ("size", "gaps"), [('"0.5"', []), ('"28.4"', ["REST API cache of 0.5 GB"])]
)
def test_a_larger_cache_is_not_taken_for_the_smallest(
    tmp_path: Path, size: str, gaps: list[str]
) -> None:
    """Each size of an API's cache has a price of its own, and one of them is known."""
    text = (
        "Resources:\n  S:\n    Type: AWS::ApiGateway::Stage\n    Properties:\n"
        f"      {{CacheClusterEnabled: true, CacheClusterSize: {size}}}\n"
    )

    assert ask(written(tmp_path, text), region="us-east-1").bill(0).gaps == gaps


def test_concurrency_of_a_function_elsewhere_is_not_free(tmp_path: Path) -> None:
    """How much memory is kept ready stands in another template."""
    text = """
Resources:
  A:
    Type: AWS::Lambda::Alias
    Properties:
      FunctionName: another
      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 5}
"""
    gaps = ask(written(tmp_path, text), region="us-east-1").bill(0).gaps

    assert gaps == ["Provisioned concurrency kept ready, x86_64"]


def test_no_retention_makes_a_log_smaller_than_nothing(tmp_path: Path) -> None:
    """A number of days that AWS would refuse is none."""
    text = """
Resources:
  G: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /aws/lambda/a, RetentionInDays: -30}}
  F: {Type: AWS::Lambda::Function, Properties: {FunctionName: a}}
"""
    bill = ask(written(tmp_path, text)).bill(1_000_000)
    used = {item.meter: item.used for item in bill.items}

    assert used["logs.stored"] == 12 * used["logs.ingested"] > 0


def test_fewer_environments_than_none_take_nothing_off_a_bill(tmp_path: Path) -> None:
    """A number that AWS would refuse is not counted."""
    text = """
Resources:
  F: {Type: AWS::Lambda::Function}
  A:
    Type: AWS::Lambda::Alias
    Properties:
      FunctionName: !Ref F
      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: -5}
"""
    items = ask(written(tmp_path, text), region="us-east-1").bill(0).items

    assert "lambda.provisioned.idle.x86_64" not in {item.meter for item in items}
