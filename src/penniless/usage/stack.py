"""What a stack is made of, as far as its month can be read.

Law of this module: names of resources, from CloudFormation, which costs nothing to ask.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

GONE = ("DELETE_COMPLETE", "DELETE_SKIPPED")
"""Statuses of resources that are no part of the stack any more."""

_DOORS = {
    "AWS::ApiGateway::RestApi": "a REST API",
    "AWS::ApiGatewayV2::Api": "an HTTP API",
}


class Stack(Struct, frozen=True, kw_only=True):
    """The physical names of a stack's parts, as metrics know them."""

    functions: list[str]
    tables: list[str]
    log_groups: list[str]
    doors: list[str]
    """What webhooks come in through and what is not free, in words."""


def stack_of(client: Any, name: str) -> Stack:
    """The parts of that stack; `client` is boto3's for CloudFormation."""
    pages = client.get_paginator("list_stack_resources").paginate(StackName=name)
    found = [
        one
        for page in pages
        for one in page["StackResourceSummaries"]
        if one["ResourceStatus"] not in GONE and one.get("PhysicalResourceId")
    ]
    return Stack(
        functions=_of("AWS::Lambda::Function", found),
        tables=_of("AWS::DynamoDB::Table", found),
        log_groups=_of("AWS::Logs::LogGroup", found),
        doors=sorted({_DOORS[kind] for one in found if (kind := one["ResourceType"]) in _DOORS}),
    )


def _of(kind: str, resources: list[Any]) -> list[str]:
    return [str(one["PhysicalResourceId"]) for one in resources if one["ResourceType"] == kind]
