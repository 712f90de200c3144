"""What SAM's own translator makes of a template, reduced to names and types.

It is the code that CloudFormation runs for the transform, published by AWS:
https://github.com/aws/serverless-application-model
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from tests.deploy.template_checks import REGION, with_parameters

CODE = {
    "AWS::Serverless::Function": ("CodeUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
}


def translated(path: Path, **parameters: str) -> dict[str, str]:
    """The type of every resource by its name, without the hashes that SAM adds to some names."""
    template = yaml_parse(path.read_text(encoding="utf-8"))
    template.setdefault("Parameters", {})
    _packaged(template)
    if "Transform" in template:
        template = Translator({}, Parser()).translate(
            template, {"AWS::Region": REGION, "AWS::Partition": "aws", **parameters}
        )
    made = with_parameters(template, **parameters)["Resources"]
    return {unhashed(name, one["Type"]): one["Type"] for name, one in made.items()}


def _packaged(template: dict[str, Any]) -> None:
    """What `sam package` does: code that lies on a laptop lies in a bucket."""
    shared = template.get("Globals", {}).get("Function", {})
    shared.pop("CodeUri", None)
    for resource in template["Resources"].values():
        for name in CODE.get(resource["Type"], ()):
            if "InlineCode" not in resource["Properties"]:
                resource["Properties"][name] = "s3://bucket/key"


def unhashed(name: str, kind: str) -> str:
    """The name of a version without the hash of what it is a version of."""
    if kind in {
        "AWS::Lambda::Version",
        "AWS::Lambda::LayerVersion",
        "AWS::ApiGateway::Deployment",
    }:
        return re.sub(r"[0-9a-f]{10}$", "", name)
    return name
