"""AWS::Serverless::Function as plain CloudFormation.

Law of this module: the function itself and what belongs to it: role, URL, version, alias, retries.
Its events stand in `sam_events`.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
"""

from __future__ import annotations

from typing import Any

from penniless.cost.templates.sam_events import Target, function_events
from penniless.cost.templates.sam_stack import (
    Stack,
    added,
    attribute,
    is_true,
    items,
    mapping,
    own_properties,
    picked,
    ref,
    without,
)
from penniless.cost.templates.values import Mapped, Resource, Unknown

RENAMED = {"CodeUri": "Code", "ImageUri": "Code", "Tracing": "TracingConfig"}
"""Properties that keep their place and line under another name."""

APART = (
    *("Events", "Policies", "RolePath", "PermissionsBoundary", "AssumeRolePolicyDocument"),
    *("AutoPublishAlias", "AutoPublishCodeSha256", "AutoPublishAliasAllProperties"),
    *("VersionDescription", "VersionDeletionPolicy", "ProvisionedConcurrencyConfig"),
    *("EventInvokeConfig", "FunctionUrlConfig", "DeploymentPreference", "PropagateTags"),
    *("CodeUri", "ImageUri", "InlineCode", "Tracing", "DeadLetterQueue", "SourceKMSKeyArn"),
    *("PublishToLatestPublished",),
)
"""Properties that are SAM's alone."""

MANAGED = "arn:aws:iam::aws:policy/"


def function(stack: Stack, source: Resource) -> None:
    """The Lambda function and everything that SAM makes around it."""
    properties = _properties(source)
    if "Role" not in properties:
        properties = added(properties, {"Role": attribute(f"{source.name}Role")})
        role(stack, source, "lambda.amazonaws.com", _managed(source))
    stack.add(
        source.name, "AWS::Lambda::Function", properties, of=source, attributes=source.attributes
    )
    target = Target(source.name, attribute(source.name), ref(source.name), source)
    alias = _alias(stack, source)
    if alias:
        target = target._replace(arn=ref(alias), ref=ref(alias))
    _url(stack, source, target)
    _invoke_config(stack, source, alias)
    _deployment(stack, source)
    function_events(stack, target)


def _properties(source: Resource) -> Mapped:
    given = own_properties(source)
    made = without(given, *APART)
    if "InlineCode" in given:
        line = given.line_at("InlineCode")
        made = added(made, {"Code": {"ZipFile": given["InlineCode"]}}, line)
    for old, new in RENAMED.items():
        if old in given and new not in made:
            value = {"Mode": given[old]} if old == "Tracing" else given[old]
            made = added(made, {new: value}, given.line_at(old))
    queue = mapping(given, "DeadLetterQueue")
    if queue:
        found = picked(queue, {"TargetArn": "TargetArn"})
        made = added(made, {"DeadLetterConfig": found}, given.line_at("DeadLetterQueue"))
    return made


def role(stack: Stack, source: Resource, service: str, managed: list[str]) -> None:
    """The role that SAM makes; policy templates stay as they are written."""
    given = own_properties(source)
    policies: list[Any] = []
    arns: list[Any] = list(managed)
    for one in items(given, "Policies"):
        if isinstance(one, Mapped):
            kind = "PolicyDocument" if "Statement" in one else "PolicyTemplate"
            policies.append({"PolicyName": f"{source.name}RolePolicy{len(policies)}", kind: one})
        else:
            arns.append(one)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        ],
    }
    made = {
        "AssumeRolePolicyDocument": given.get("AssumeRolePolicyDocument", trust),
        "ManagedPolicyArns": arns,
        "Policies": policies or None,
        "Path": given.get("RolePath"),
        "PermissionsBoundary": given.get("PermissionsBoundary"),
    }
    stack.add(f"{source.name}Role", "AWS::IAM::Role", made, of=source)


def _managed(source: Resource) -> list[str]:
    given = own_properties(source)
    logs = (
        "AWSLambdaVPCAccessExecutionRole" if "VpcConfig" in given else "AWSLambdaBasicExecutionRole"
    )
    found = [f"{MANAGED}service-role/{logs}"]
    if given.get("Tracing") in ("Active", "PassThrough"):
        found.append(f"{MANAGED}AWSXrayWriteOnlyAccess")
    return found


def _alias(stack: Stack, source: Resource) -> str | None:
    """The version and the alias of a function that publishes itself; the alias's logical id."""
    given = own_properties(source)
    name = given.get("AutoPublishAlias")
    if not isinstance(name, str):
        return None
    line = given.line_at("AutoPublishAlias")
    version = f"{source.name}Version"
    stack.add(
        version,
        "AWS::Lambda::Version",
        {"FunctionName": ref(source.name), "Description": given.get("VersionDescription")},
        of=source,
        line=line,
        attributes={"DeletionPolicy": given.get("VersionDeletionPolicy", "Retain")},
    )
    made = added(
        picked(given, {"ProvisionedConcurrencyConfig": "ProvisionedConcurrencyConfig"}),
        {
            "Name": name,
            "FunctionName": ref(source.name),
            "FunctionVersion": attribute(version, "Version"),
        },
        line,
    )
    alias = f"{source.name}Alias{''.join(filter(str.isalnum, name))}"
    stack.add(alias, "AWS::Lambda::Alias", made, of=source, line=line)
    return alias


def _url(stack: Stack, source: Resource, target: Target) -> None:
    """The Function URL; only with AuthType NONE does SAM let everybody call it."""
    given = own_properties(source)
    config = mapping(given, "FunctionUrlConfig")
    if not config:
        return
    line = given.line_at("FunctionUrlConfig")
    made = added(without(config), {"TargetFunctionArn": target.ref})
    stack.add(f"{source.name}Url", "AWS::Lambda::Url", made, of=source, line=line)
    if config.get("AuthType") != "NONE" or "AuthType" in config.computed:
        return
    everybody = {"FunctionName": target.ref, "Principal": "*"}
    stack.add(
        f"{source.name}UrlPublicPermissions",
        "AWS::Lambda::Permission",
        {**everybody, "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
        of=source,
        line=line,
    )
    stack.add(
        f"{source.name}URLInvokeAllowPublicAccess",
        "AWS::Lambda::Permission",
        {**everybody, "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
        of=source,
        line=line,
    )


def _invoke_config(stack: Stack, source: Resource, alias: str | None) -> None:
    """Retries and destinations of asynchronous calls; SAM makes queues and topics that are not
    given."""
    given = own_properties(source)
    config = mapping(given, "EventInvokeConfig")
    if not config:
        return
    line = given.line_at("EventInvokeConfig")
    name = f"{source.name}EventInvokeConfig"
    destinations: dict[str, Any] = {}
    for kind, one in mapping(config, "DestinationConfig").items():
        if isinstance(one, Mapped):
            destinations[kind] = {"Destination": _destination(stack, source, f"{name}{kind}", one)}
    made = added(
        without(config, "DestinationConfig"),
        {
            "FunctionName": ref(source.name),
            "Qualifier": attribute(f"{source.name}Version", "Version") if alias else "$LATEST",
            "DestinationConfig": destinations or None,
        },
    )
    stack.add(name, "AWS::Lambda::EventInvokeConfig", made, of=source, line=line)


def _destination(stack: Stack, source: Resource, name: str, given: Mapped) -> Any:
    """The ARN of a destination, which is made if none is given."""
    if "Destination" in given:
        return given["Destination"]
    kind = given.get("Type")
    if kind == "SQS":
        stack.add(f"{name}Queue", "AWS::SQS::Queue", {}, of=source, line=given.line)
        return attribute(f"{name}Queue")
    if kind == "SNS":
        stack.add(f"{name}Topic", "AWS::SNS::Topic", {}, of=source, line=given.line)
        return ref(f"{name}Topic")
    return Unknown("the destination of the event is not given", given.line)


def _deployment(stack: Stack, source: Resource) -> None:
    """CodeDeploy's part, which costs nothing for Lambda."""
    given = own_properties(source)
    wanted = mapping(given, "DeploymentPreference")
    if not wanted or ("Enabled" in wanted and not is_true(wanted["Enabled"])):
        return
    line = given.line_at("DeploymentPreference")
    application, service = "ServerlessDeploymentApplication", "CodeDeployServiceRole"
    computed = {"ComputePlatform": "Lambda"}
    stack.add(application, "AWS::CodeDeploy::Application", computed, of=source, line=line)
    own = wanted.get("Role")
    if own is None:
        trust = {"Statement": [{"Principal": {"Service": "codedeploy.amazonaws.com"}}]}
        properties = {"AssumeRolePolicyDocument": trust}
        stack.add(service, "AWS::IAM::Role", properties, of=source, line=line)
    made = {
        "ApplicationName": ref(application),
        "ServiceRoleArn": attribute(service) if own is None else own,
    }
    group = f"{source.name}DeploymentGroup"
    stack.add(group, "AWS::CodeDeploy::DeploymentGroup", made, of=source, line=line)
