"""SAM's smaller resources as plain CloudFormation: tables, layers, nested stacks and connectors.

Law of this module: those that become one resource each.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-resources-and-properties.html
"""

from __future__ import annotations

from typing import Any

from penniless.cost.templates.sam_stack import (
    Stack,
    added,
    attribute,
    mapping,
    own_properties,
    picked,
)
from penniless.cost.templates.values import Mapped, Resource

KEY_TYPES = {"String": "S", "Number": "N", "Binary": "B"}


SERVICE_POLICIES = (
    ("AWS::Lambda::Function", "AWS::Lambda::Permission", "WriteLambdaPermission"),
    ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "QueuePolicy"),
    ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "TopicPolicy"),
)
"""What lets a service without a role, such as a topic, reach a destination."""


def simple_table(stack: Stack, source: Resource) -> None:
    """A DynamoDB table with one key; on demand, which is not free, unless it says how much."""
    given = own_properties(source)
    key = mapping(given, "PrimaryKey")
    name = key.get("Name", "id")
    kind = KEY_TYPES.get(str(key.get("Type", "String")), "S")
    names = (
        "ProvisionedThroughput",
        "PointInTimeRecoverySpecification",
        "SSESpecification",
        "TableName",
        "Tags",
    )
    made = added(
        picked(given, {one: one for one in names}),
        {
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind}],
            "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
            "BillingMode": None if "ProvisionedThroughput" in given else "PAY_PER_REQUEST",
        },
    )
    stack.add(source.name, "AWS::DynamoDB::Table", made, of=source, attributes=source.attributes)


def layer(stack: Stack, source: Resource) -> None:
    """A version of a layer, which stays when a newer one comes."""
    given = own_properties(source)
    names = ("CompatibleArchitectures", "CompatibleRuntimes", "Description", "LicenseInfo")
    made = picked(
        given,
        {"ContentUri": "Content", "LayerName": "LayerName", **dict(zip(names, names, strict=True))},
    )
    policy = given.get("RetentionPolicy", "Retain")
    attributes = {**source.attributes, "DeletionPolicy": policy}
    stack.add(source.name, "AWS::Lambda::LayerVersion", made, of=source, attributes=attributes)


def application(stack: Stack, source: Resource) -> None:
    """A nested stack, whose resources stand in another template."""
    names = {
        "Location": "TemplateURL",
        "Parameters": "Parameters",
        "Tags": "Tags",
        "NotificationARNs": "NotificationARNs",
        "TimeoutInMinutes": "TimeoutInMinutes",
    }
    made = picked(own_properties(source), names)
    kind = "AWS::CloudFormation::Stack"
    stack.add(source.name, kind, made, of=source, attributes=source.attributes)


def connector(stack: Stack, source: Resource) -> None:
    """A permission between two resources."""
    given = own_properties(source)
    _connect(stack, source, source.name, given, mapping(given, "Source"))


def embedded_connectors(stack: Stack, source: Resource) -> None:
    """The connectors that stand in the resource that they start from."""
    attributes = source.attributes
    if not isinstance(attributes, Mapped):
        return
    found = mapping(attributes, "Connectors")
    for name in found:
        one = mapping(mapping(found, name), "Properties")
        start = Mapped(one.line)
        start.put("Id", source.name)
        _connect(stack, source, f"{source.name}{name}", one, start)


def _connect(stack: Stack, source: Resource, name: str, given: Mapped, start: Mapped) -> None:
    """A policy for roles; where the source is a service without a role, one of the destination."""
    ends = given.get("Destination")
    for index, end in enumerate(ends if isinstance(ends, list) else [ends]):
        if not isinstance(end, Mapped):
            continue
        kind, suffix = _policy(_type(stack, start), _type(stack, end))
        statement = {"Action": _actions(_type(stack, end)), "Resource": _place_of(stack, end)}
        made = {"Roles": _roles(stack, start), "PolicyDocument": {"Statement": [statement]}}
        place = f"Destination{index}" if isinstance(ends, list) else ""
        stack.add(f"{name}{suffix}{place}", kind, made, of=source, line=given.line)


def _type(stack: Stack, end: Mapped) -> Any:
    written = stack.made.get(str(end.get("Id")))
    return written.type if written else end.get("Type")


def _place_of(stack: Stack, end: Mapped) -> Any:
    name = end.get("Id")
    return attribute(name) if isinstance(name, str) and name in stack.made else end.get("Arn")


def _roles(stack: Stack, start: Mapped) -> list[Any]:
    """The role of the source: its own, the one that SAM makes, or what the connector names."""
    name = str(start.get("Id"))
    if name not in stack.made:
        return [start["RoleName"]] if "RoleName" in start else []
    properties = stack.made[name].properties
    own = properties.get("Role", properties.get("RoleArn"))
    return [] if own is None else [own]


def _actions(kind: Any) -> str:
    """What the policy allows; only an invocation makes a difference here."""
    return "lambda:InvokeFunction" if kind == "AWS::Lambda::Function" else "connect"


def _policy(start: Any, end: Any) -> tuple[str, str]:
    """The type of a connector's policy, and what SAM puts behind its name."""
    if start not in ("AWS::Lambda::Function", "AWS::StepFunctions::StateMachine"):
        for kind, made, suffix in SERVICE_POLICIES:
            if end == kind:
                return made, suffix
    return "AWS::IAM::ManagedPolicy", "Policy"
