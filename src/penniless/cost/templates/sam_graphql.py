"""AWS::Serverless::GraphQLApi as plain CloudFormation.

Law of this module: the API of AppSync, its schema, and each part that it lists.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-graphqlapi.html
"""

from __future__ import annotations

from typing import Any

from penniless.cost.templates.sam_stack import Stack, added, attribute, mapping, picked
from penniless.cost.templates.values import Mapped, Resource

SOURCES = {
    "DynamoDb": ("DynamoDB", "AMAZON_DYNAMODB", "ToTableConnectorPolicy"),
    "Lambda": ("Lambda", "AWS_LAMBDA", "ToLambdaConnectorPolicy"),
}
"""What SAM calls a source of data, what AppSync does, and the policy to read it."""


def graphql_api(stack: Stack, source: Resource) -> None:
    """The API and everything in it."""
    given = source.properties
    assert isinstance(given, Mapped)
    auth = mapping(given, "Auth")
    names = ("Name", "Tags", "XrayEnabled", "Visibility", "OwnerContact", "QueryDepthLimit")
    made = added(
        picked(given, {**{one: one for one in names}, "Logging": "LogConfig"}),
        {"AuthenticationType": auth.get("Type")},
    )
    kind = "AWS::AppSync::GraphQLApi"
    stack.add(source.name, kind, made, of=source, attributes=source.attributes)
    _part(
        stack,
        source,
        "Schema",
        "AWS::AppSync::GraphQLSchema",
        picked(given, {"SchemaInline": "Definition", "SchemaUri": "DefinitionS3Location"}),
    )
    if "Logging" not in given:
        stack.add(f"{source.name}CloudWatchRole", "AWS::IAM::Role", {}, of=source)
    if "Cache" in given:
        _part(stack, source, "ApiCache", "AWS::AppSync::ApiCache", mapping(given, "Cache"))
    for name, one in mapping(given, "ApiKeys").items():
        _part(stack, source, name, "AWS::AppSync::ApiKey", one)
    _sources(stack, source, mapping(given, "DataSources"))
    for name, one in mapping(given, "Functions").items():
        _part(stack, source, name, "AWS::AppSync::FunctionConfiguration", one)
    resolvers = mapping(given, "Resolvers")
    for kind_of, fields in resolvers.items():
        for name, one in (fields if isinstance(fields, Mapped) else {}).items():
            _part(stack, source, f"{kind_of}{name}", "AWS::AppSync::Resolver", one)


def _part(stack: Stack, source: Resource, name: str, kind: str, value: Any) -> None:
    """A resource of AppSync that belongs to the API."""
    own = value if isinstance(value, Mapped) else Mapped(source.line)
    made = added(own, {"ApiId": attribute(source.name, "ApiId")})
    stack.add(f"{source.name}{name}", kind, made, of=source, line=own.line)


def _sources(stack: Stack, source: Resource, given: Mapped) -> None:
    """The sources of data, each with its role unless it brings one."""
    for group, (word, kind, policy) in SOURCES.items():
        for name, one in mapping(given, group).items():
            own = one if isinstance(one, Mapped) else Mapped(source.line)
            base = f"{name}{word}DataSource"
            _part(stack, source, base, "AWS::AppSync::DataSource", added(own, {"Type": kind}))
            if "ServiceRoleArn" not in own:
                role = f"{source.name}{base}Role"
                stack.add(role, "AWS::IAM::Role", {}, of=source, line=own.line)
                allowed = f"{source.name}{base}{policy}"
                stack.add(allowed, "AWS::IAM::ManagedPolicy", own, of=source, line=own.line)
