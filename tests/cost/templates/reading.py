"""Templates written in a test, and read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penniless.cost.templates.template import Resource, Template, TemplateError, read_template


def read(folder: Path, text: str | bytes, **settings: str) -> Template:
    """The template of that text."""
    path = folder / "template.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_template(path, settings=settings)


def refusal(folder: Path, text: str | bytes, **settings: str) -> str:
    """What is said about that text, behind the path."""
    with pytest.raises(TemplateError) as caught:
        read(folder, text, **settings)
    said = str(caught.value)
    start = f"{folder / 'template.yaml'}:"
    assert said.startswith(start)
    assert "\n" not in said
    return said.removeprefix(start)


def value(folder: Path, text: str, head: str = "", **settings: str) -> Any:
    """What a property with that text is read as."""
    return resource(folder, text, head, **settings).get("Value")


def resource(folder: Path, text: str, head: str = "", **settings: str) -> Resource:
    """The resource with a property of that text; another, called Table, stands beside it."""
    whole = (
        f"{head}\nResources:\n  Table: {{Type: AWS::DynamoDB::Table}}\n"
        f"  It:\n    Type: Custom::It\n    Properties:\n      Value: {text}\n"
    )
    return read(folder, whole, **settings).resources["It"]
