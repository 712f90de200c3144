"""Which meters each type of resource turns.

Law of this package: a table from CloudFormation's types to what they use. A type that is in
neither table is named in the bill as unknown: it is never free by silence.
"""

from __future__ import annotations

from penniless.cost.meters import doors, functions, others, tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from penniless.cost.templates.template import Resource
    from penniless.cost.usage import Meters, Month, Usage

METERS: Mapping[str, Meters] = {
    "AWS::Lambda::Function": functions.of_function,
    "AWS::Lambda::Version": functions.of_version,
    "AWS::Lambda::Alias": functions.of_version,
    "AWS::Lambda::EventSourceMapping": functions.of_mapping,
    "AWS::ApiGateway::RestApi": doors.of_rest_api,
    "AWS::ApiGateway::Stage": doors.of_rest_stage,
    "AWS::ApiGatewayV2::Api": doors.of_http_api,
    "AWS::ApiGatewayV2::Stage": doors.of_http_stage,
    "AWS::CloudFront::Distribution": doors.of_distribution,
    "AWS::WAFv2::WebACL": doors.of_firewall,
    "AWS::DynamoDB::Table": tables.of_table,
    "AWS::SQS::Queue": others.of_queue,
    "AWS::SNS::Topic": others.of_topic,
    "AWS::SNS::Subscription": others.of_subscription,
    "AWS::Scheduler::Schedule": others.of_schedule,
    "AWS::Events::EventBus": others.of_bus,
    "AWS::StepFunctions::StateMachine": others.of_machine,
    "AWS::S3::Bucket": others.of_bucket,
    "AWS::CloudWatch::Alarm": others.of_alarm,
    "AWS::Logs::MetricFilter": others.of_metric_filter,
    "AWS::CloudWatch::Dashboard": others.of_dashboard,
    "AWS::ApplicationAutoScaling::ScalingPolicy": others.of_scaling,
    "AWS::SSM::Parameter": others.of_parameter,
    "AWS::KMS::Key": others.of_key,
    "AWS::SecretsManager::Secret": others.of_secret,
    "AWS::Budgets::Budget": others.of_budget,
    "AWS::Budgets::BudgetsAction": others.of_budget_action,
    "AWS::EC2::NatGateway": others.of_gateway,
    "AWS::EC2::EIP": others.of_address,
    "AWS::Route53::HostedZone": others.of_zone,
    "AWS::ECR::Repository": others.of_repository,
    "AWS::Cognito::UserPool": others.of_pool,
}

FREE: Mapping[str, str] = {
    "AWS::ApiGateway::Account": "a setting",
    "AWS::ApiGateway::Authorizer": "its function is billed",
    "AWS::ApiGateway::BasePathMapping": "a setting",
    "AWS::ApiGateway::Deployment": "part of the REST API",
    "AWS::ApiGateway::DomainName": "no charge of its own",
    "AWS::ApiGateway::GatewayResponse": "part of the REST API",
    "AWS::ApiGateway::Method": "part of the REST API",
    "AWS::ApiGateway::Model": "part of the REST API",
    "AWS::ApiGateway::RequestValidator": "part of the REST API",
    "AWS::ApiGateway::Resource": "part of the REST API",
    "AWS::ApiGateway::UsagePlan": "a setting",
    "AWS::ApiGateway::UsagePlanKey": "a setting",
    "AWS::ApiGateway::ApiKey": "a setting",
    "AWS::ApiGatewayV2::ApiMapping": "a setting",
    "AWS::ApiGatewayV2::Authorizer": "its function is billed",
    "AWS::ApiGatewayV2::Deployment": "part of the API",
    "AWS::ApiGatewayV2::DomainName": "no charge of its own",
    "AWS::ApiGatewayV2::Integration": "part of the API",
    "AWS::ApiGatewayV2::Route": "part of the API",
    "AWS::AppSync::ApiKey": "part of the API",
    "AWS::AppSync::DataSource": "part of the API",
    "AWS::AppSync::FunctionConfiguration": "part of the API",
    "AWS::AppSync::GraphQLSchema": "part of the API",
    "AWS::AppSync::Resolver": "part of the API",
    "AWS::ApplicationAutoScaling::ScalableTarget": "its alarms are billed",
    "AWS::CDK::Metadata": "a note of the CDK",
    "AWS::CertificateManager::Certificate": "public certificates are free",
    "AWS::CloudFormation::CustomResource": "its function is billed",
    "AWS::CloudFormation::WaitCondition": "CloudFormation is free for AWS's own types",
    "AWS::CloudFormation::WaitConditionHandle": "CloudFormation is free for AWS's own types",
    "AWS::CloudFront::CachePolicy": "part of the distribution",
    "AWS::CloudFront::CloudFrontOriginAccessIdentity": "part of the distribution",
    "AWS::CloudFront::OriginAccessControl": "part of the distribution",
    "AWS::CloudFront::OriginRequestPolicy": "part of the distribution",
    "AWS::CloudFront::ResponseHeadersPolicy": "part of the distribution",
    "AWS::CodeDeploy::Application": "deploying to Lambda is free",
    "AWS::CodeDeploy::DeploymentGroup": "deploying to Lambda is free",
    "AWS::Cognito::IdentityPool": "identity pools are free",
    "AWS::Cognito::IdentityPoolRoleAttachment": "a permission",
    "AWS::Cognito::UserPoolGroup": "part of the user pool",
    "AWS::Cognito::UserPoolResourceServer": "part of the user pool",
    "AWS::Cognito::UserPoolClient": "part of the user pool",
    "AWS::Cognito::UserPoolDomain": "part of the user pool",
    "AWS::EC2::EgressOnlyInternetGateway": "no charge of its own",
    "AWS::EC2::InternetGateway": "no charge of its own",
    "AWS::EC2::NetworkAcl": "part of the network",
    "AWS::EC2::NetworkAclEntry": "part of the network",
    "AWS::EC2::Route": "part of the network",
    "AWS::EC2::RouteTable": "part of the network",
    "AWS::EC2::SecurityGroup": "part of the network",
    "AWS::EC2::SecurityGroupIngress": "part of the network",
    "AWS::EC2::SecurityGroupEgress": "part of the network",
    "AWS::EC2::Subnet": "part of the network",
    "AWS::EC2::SubnetRouteTableAssociation": "part of the network",
    "AWS::EC2::VPC": "no charge of its own",
    "AWS::EC2::SubnetNetworkAclAssociation": "part of the network",
    "AWS::EC2::VPCEndpoint": "gateway endpoints are free, and others are named",
    "AWS::EC2::VPCGatewayAttachment": "part of the network",
    "AWS::Events::EventBusPolicy": "a permission",
    "AWS::Events::Rule": "rules for AWS's own events and schedules are free",
    "AWS::IAM::AccessKey": "IAM is free",
    "AWS::IAM::Group": "IAM is free",
    "AWS::IAM::InstanceProfile": "IAM is free",
    "AWS::IAM::ManagedPolicy": "IAM is free",
    "AWS::IAM::Policy": "IAM is free",
    "AWS::IAM::OIDCProvider": "IAM is free",
    "AWS::IAM::Role": "IAM is free",
    "AWS::IAM::RolePolicy": "IAM is free",
    "AWS::IAM::User": "IAM is free",
    "AWS::IAM::UserPolicy": "IAM is free",
    "AWS::KMS::Alias": "part of the key",
    "AWS::Lambda::EventInvokeConfig": "a setting",
    "AWS::Lambda::LayerVersion": "layers are free",
    "AWS::Lambda::LayerVersionPermission": "a permission",
    "AWS::Lambda::Permission": "a permission",
    "AWS::Lambda::Url": "no charge of its own: its requests are Lambda's",
    "AWS::Logs::LogGroup": "its bytes are counted with what writes them",
    "AWS::Logs::LogStream": "part of the log group",
    "AWS::RDS::DBParameterGroup": "a setting",
    "AWS::RDS::DBSubnetGroup": "part of the network",
    "AWS::Route53::RecordSet": "part of the hosted zone",
    "AWS::Route53::RecordSetGroup": "part of the hosted zone",
    "AWS::S3::BucketPolicy": "a permission",
    "AWS::SNS::TopicPolicy": "a permission",
    "AWS::SQS::QueuePolicy": "a permission",
    "AWS::SecretsManager::ResourcePolicy": "a permission",
    "AWS::SecretsManager::SecretTargetAttachment": "part of the secret",
    "AWS::Scheduler::ScheduleGroup": "a folder",
    "AWS::StepFunctions::StateMachineAlias": "part of the state machine",
    "AWS::StepFunctions::StateMachineVersion": "part of the state machine",
    "AWS::WAFv2::WebACLAssociation": "part of the web ACL",
}
"""Types without a meter of their own, and why."""


def usages(month: Month) -> Iterator[Usage]:
    """What a month uses, resource by resource in the order of the template."""
    for resource in month.template.resources.values():
        meters = METERS.get(resource.type)
        if meters is not None:
            yield from meters(resource, month)


def unknown_types(resources: Mapping[str, Resource]) -> list[Resource]:
    """The resources whose price nobody here knows."""
    return [
        one
        for one in resources.values()
        if one.type not in METERS and one.type not in FREE and not one.type.startswith("Custom::")
    ]
