"""Which functions a function or a state machine may invoke, by what its role is allowed.

Law of this module: statements of policies, and SAM's names for them; nothing of how often.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-permissions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from penniless.cost.templates.values import Template, names_in

FUNCTION = "AWS::Lambda::Function"
ROLE = "AWS::IAM::Role"
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
INVOKING = frozenset({"*", "lambda:*", "lambda:invoke*", "lambda:invokefunction"})
OF_SAM = "LambdaInvokePolicy"
"""https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html"""


def invoked_by(template: Template, caller: str) -> set[str]:
    """The functions of the template that this one's role may invoke by name, without itself."""
    resources, references = template.resources, template.references
    roles = {name for name in references[caller] if _is(template, name, ROLE)}
    policies: list[Any] = [resources[role].properties for role in roles]
    policies += [one.properties for one in template.of_type(*POLICIES) if roles & one.references]
    named = {name for one in policies for name in _invocable(one)}
    return {name for name in named if _is(template, name, FUNCTION)} - {caller}


def _is(template: Template, name: str, kind: str) -> bool:
    return name in template.resources and template.resources[name].type == kind


def _invocable(policy: Any) -> Iterator[str]:
    """What the statements that allow an invocation name."""
    if isinstance(policy, list):
        for one in policy:
            yield from _invocable(one)
    elif isinstance(policy, Mapping) and "Action" in policy:
        if _invokes(policy["Action"]):
            yield from names_in(policy.get("Resource"))
    elif isinstance(policy, Mapping):
        for key, one in policy.items():
            yield from names_in(one) if key == OF_SAM else _invocable(one)


def _invokes(actions: Any) -> bool:
    listed = actions if isinstance(actions, list) else [actions]
    return any(str(one).lower() in INVOKING for one in listed)
