"""What is asked of a template: cfn-lint, SAM's own translation, parliament, and a few questions."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.deploy import tools

HERE = Path(__file__).parent
REGION = "ap-northeast-1"
ACCOUNT = "123456789012"

SAMPLES = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": "mybot",
    "AWS::URLSuffix": "amazonaws.com",
}

ARNS = {
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/mybot-BotTable",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/mybot:*",
    "AWS::Lambda::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:mybot",
}
"""What `!GetAtt NAME.Arn` gives for a resource of that type."""


def lint(template: Path) -> list[str]:
    """The rules of cfn-lint that the template breaks, warnings and hints included."""
    done = subprocess.run(
        [
            str(tools.environment("sam") / "cfn-lint"),
            *("--regions", REGION, "--include-checks", "I", "--format", "json", "--"),
            str(template),
        ],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr == "", done.stderr
    return [one["Rule"]["Id"] for one in json.loads(done.stdout)]


def translated(template: Path) -> dict[str, Any]:
    """What CloudFormation makes of the template, resource by resource."""
    python = tools.environment("sam") / "python"
    done = subprocess.run(
        [str(python), str(HERE / "translate.py"), str(template)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "AWS_DEFAULT_REGION": REGION},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


NO_VALUE = {"Ref": "AWS::NoValue"}


def with_parameters(template: dict[str, Any], **parameters: str) -> dict[str, Any]:
    """The template as CloudFormation uses it with these parameters and the defaults of the rest.

    Resources whose condition is false are gone, and each `Fn::If` is decided.
    """
    values = {name: one.get("Default") for name, one in template["Parameters"].items()}
    values |= {**SAMPLES, **parameters}
    true = {name: _holds(one, values) for name, one in template.get("Conditions", {}).items()}
    resources = {
        name: _decided({key: value for key, value in one.items() if key != "Condition"}, true)
        for name, one in template["Resources"].items()
        if true.get(one.get("Condition"), True)
    }
    return {**template, "Resources": resources}


def _holds(condition: dict[str, Any], values: dict[str, Any]) -> bool:
    ((function, operands),) = condition.items()
    if function == "Fn::Equals":
        left, right = (values[one["Ref"]] if isinstance(one, dict) else one for one in operands)
        return bool(left == right)
    found = [_holds(one, values) for one in operands]
    return {"Fn::Not": not found[0], "Fn::Or": any(found), "Fn::And": all(found)}[function]


def _decided(value: Any, true: dict[str, bool]) -> Any:
    """The value with every `Fn::If` replaced by its choice, and nothing where that is no value."""
    if isinstance(value, list):
        return [one for one in (_decided(each, true) for each in value) if one != NO_VALUE]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value:
        condition, yes, no = value["Fn::If"]
        return _decided(yes if true[condition] else no, true)
    found = {key: _decided(one, true) for key, one in value.items()}
    return {key: one for key, one in found.items() if one != NO_VALUE}


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of a type, by its logical id."""
    return {
        name: one.get("Properties", {})
        for name, one in template["Resources"].items()
        if one["Type"] == kind
    }


def policies(template: dict[str, Any]) -> list[dict[str, Any]]:
    """Every policy of every role, with sample values in place of functions."""
    return [
        resolved(policy["PolicyDocument"], template)
        for role in of_type(template, "AWS::IAM::Role").values()
        for policy in role.get("Policies", [])
    ]


def resolved(value: Any, template: dict[str, Any]) -> Any:
    """The value with `Fn::Sub` and `Fn::GetAtt … Arn` carried out on sample values."""
    if isinstance(value, list):
        return [resolved(one, template) for one in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Sub" in value:
        return re.sub(r"\$\{([^}]+)\}", lambda one: _named(one[1], template), value["Fn::Sub"])
    if "Fn::GetAtt" in value:
        return _named(".".join(value["Fn::GetAtt"]), template)
    if "Ref" in value:
        return _named(value["Ref"], template)
    return {key: resolved(one, template) for key, one in value.items()}


def _named(name: str, template: dict[str, Any]) -> str:
    """The sample value of a pseudo parameter or of a resource's ARN."""
    if name in SAMPLES:
        return SAMPLES[name]
    resource, _, attribute = name.partition(".")
    assert attribute == "Arn"
    return ARNS[template["Resources"][resource]["Type"]]


def parliament(policy: dict[str, Any]) -> list[str]:
    """What parliament, which knows every action of AWS, has against a policy."""
    done = subprocess.run(
        [str(tools.environment("parliament") / "parliament"), "--json"],
        input=json.dumps(policy),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == (1 if findings else 0), done.stderr
    return [f"{one['issue']} {one['detail']}" for one in findings]


def actions(policy: dict[str, Any]) -> dict[str, Any]:
    """Each action that the policy allows, and on what."""
    allowed: dict[str, Any] = {}
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        named = statement["Action"]
        for action in [named] if isinstance(named, str) else named:
            allowed[action] = statement["Resource"]
    return allowed


def public_permissions(template: dict[str, Any], function: str) -> list[dict[str, Any]]:
    """What everybody may do with that function, without the function's name."""
    return [
        {key: value for key, value in one.items() if key not in ("FunctionName", "Principal")}
        for one in of_type(template, "AWS::Lambda::Permission").values()
        if one["Principal"] == "*" and one["FunctionName"] == {"Ref": function}
    ]


def stages(template: dict[str, Any]) -> list[str]:
    """The stages of REST APIs."""
    return sorted(
        one["StageName"]
        for kind in ("AWS::ApiGateway::Stage", "AWS::ApiGateway::Deployment")
        for one in of_type(template, kind).values()
        if "StageName" in one
    )
