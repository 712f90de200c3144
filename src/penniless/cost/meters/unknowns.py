"""The unknown values of a template on which a price depends.

Law of this module: one row a type, with the properties from which its meters, its settings that
cost something, and the flow of calls are read. Whatever else of a resource is unknown, such as a
password, a name or a certificate, changes no price.
"""

from __future__ import annotations

from collections.abc import Mapping

from penniless.cost.templates.values import Template, Unresolved

MACRO = "Fn::Transform"
"""A macro among the properties may write any of them."""

_VERSION = ("FunctionName", "ProvisionedConcurrencyConfig")
_SCHEDULE = ("ScheduleExpression", "State")

PRICED: Mapping[str, tuple[str, ...]] = {
    "AWS::ApiGateway::Authorizer": ("AuthorizerUri", "RestApiId"),
    "AWS::ApiGateway::Method": ("Integration.Uri", "RestApiId"),
    "AWS::ApiGateway::RestApi": ("Body",),
    "AWS::ApiGateway::Stage": (
        *("AccessLogSetting", "CacheClusterEnabled", "CacheClusterSize"),
        *("RestApiId", "TracingEnabled"),
    ),
    "AWS::ApiGatewayV2::Api": ("Body", "ProtocolType", "Target"),
    "AWS::ApiGatewayV2::Authorizer": ("ApiId", "AuthorizerUri"),
    "AWS::ApiGatewayV2::Integration": ("ApiId", "IntegrationUri"),
    "AWS::ApiGatewayV2::Stage": ("AccessLogSettings", "ApiId"),
    "AWS::ApplicationAutoScaling::ScalingPolicy": (),
    "AWS::Budgets::Budget": (),
    "AWS::Budgets::BudgetsAction": (),
    "AWS::CertificateManager::Certificate": ("CertificateAuthorityArn", "CertificateExport"),
    "AWS::CloudFront::Distribution": (
        "DistributionConfig.CacheBehaviors.LambdaFunctionAssociations",
        "DistributionConfig.DefaultCacheBehavior.LambdaFunctionAssociations",
        "DistributionConfig.Origins.DomainName",
    ),
    "AWS::CloudWatch::Alarm": ("Metrics", "Period"),
    "AWS::CloudWatch::Dashboard": (),
    "AWS::Cognito::UserPool": (),
    "AWS::Cognito::UserPoolClient": ("AllowedOAuthFlows",),
    "AWS::DynamoDB::Table": (
        *("BillingMode", "ContributorInsightsSpecification", "KinesisStreamSpecification"),
        *("GlobalSecondaryIndexes.ProvisionedThroughput", "PointInTimeRecoverySpecification"),
        *("ProvisionedThroughput", "TableClass", "WarmThroughput"),
    ),
    "AWS::EC2::EIP": (),
    "AWS::EC2::NatGateway": (),
    "AWS::EC2::VPCEndpoint": ("VpcEndpointType",),
    "AWS::ECR::Repository": (),
    "AWS::Events::EventBus": (),
    "AWS::Events::Rule": (*_SCHEDULE, "EventBusName", "EventPattern", "Targets.Arn"),
    "AWS::KMS::Key": ("KeySpec",),
    "AWS::Lambda::Alias": _VERSION,
    "AWS::Lambda::EventInvokeConfig": ("DestinationConfig.OnSuccess",),
    "AWS::Lambda::EventSourceMapping": (
        *("EventSourceArn", "FunctionName", "ProvisionedPollerConfig"),
    ),
    "AWS::Lambda::Function": (
        *("Architectures", "EphemeralStorage", "LoggingConfig", "MemorySize"),
        *("SnapStart", "TracingConfig"),
    ),
    "AWS::Lambda::Url": ("TargetFunctionArn",),
    "AWS::Lambda::Version": _VERSION,
    "AWS::Logs::LogGroup": ("DataProtectionPolicy", "RetentionInDays"),
    "AWS::Logs::MetricFilter": ("MetricTransformations.Dimensions",),
    "AWS::Route53::HostedZone": (),
    "AWS::Route53::RecordSet": ("AliasTarget",),
    "AWS::Route53::RecordSetGroup": ("RecordSets.AliasTarget",),
    "AWS::S3::Bucket": (
        *("AccelerateConfiguration", "IntelligentTieringConfigurations"),
        *("InventoryConfigurations", "MetricsConfigurations", "NotificationConfiguration"),
        "ReplicationConfiguration",
    ),
    "AWS::SNS::Subscription": ("Protocol", "TopicArn"),
    "AWS::SNS::Topic": ("FifoTopic", "Subscription.Protocol"),
    "AWS::SQS::Queue": ("FifoQueue",),
    "AWS::SSM::Parameter": ("Tier",),
    "AWS::Scheduler::Schedule": (*_SCHEDULE, "Target.Arn"),
    "AWS::SecretsManager::Secret": ("ReplicaRegions",),
    "AWS::StepFunctions::StateMachine": (
        *("Definition", "DefinitionString", "LoggingConfiguration.Level"),
        *("StateMachineType", "TracingConfiguration"),
    ),
    "AWS::WAFv2::WebACL": ("Rules",),
}
"""A type that costs nothing and leads no calls is not here; one that nobody here knows is named in
the bill as a whole."""


def deciding(template: Template) -> list[Unresolved]:
    """The places of the template whose value is unknown and could change its bill."""
    return [one for one in template.unresolved if _decides(template, one.where)]


def _decides(template: Template, where: str) -> bool:
    name, _, path = where.partition(".")
    resource = template.resources.get(name)
    if resource is None or resource.type not in PRICED:
        return False
    # The places in lists have no names of their own.
    steps = [step for step in path.split(".") if not step.isdigit()]
    return (
        steps[0] in ("Condition", MACRO)
        or MACRO in steps
        or any(_meet(steps, row.split(".")) for row in PRICED[resource.type])
    )


def _meet(one: list[str], other: list[str]) -> bool:
    """Whether one of two paths leads to the other, or through it."""
    common = min(len(one), len(other))
    return one[:common] == other[:common]
