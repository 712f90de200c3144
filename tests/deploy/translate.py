"""Print what CloudFormation's SAM transform makes of a template, as JSON.

Run by the Python of the SAM CLI's environment: python translate.py TEMPLATE.YAML
"""

import json
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_parse  # type: ignore[import-not-found]
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

REGION = "ap-northeast-1"


def translate(text: str) -> dict[str, object]:
    """The template without `AWS::Serverless` resources. Raises if SAM refuses it."""
    template = yaml_parse(text)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    made: dict[str, object] = Translator({}, Parser()).translate(
        template, {"AWS::Region": REGION, "AWS::Partition": "aws"}
    )
    return made


if __name__ == "__main__":
    json.dump(translate(Path(sys.argv[1]).read_text(encoding="utf-8")), sys.stdout)
