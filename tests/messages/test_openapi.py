"""The property names of our classes are those of LINE's own OpenAPI file, where it is at hand.

Set LINE_OPENAPI to a folder that has `messaging-api.yml` (https://github.com/line/line-openapi).
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from penniless import messages
from penniless.messages.checks import Checked

FOLDER = os.environ.get("LINE_OPENAPI", "")

BASE = re.compile(r" *- \"?\$ref\"?: \"#/components/schemas/(\w+)\"")
KEY = re.compile(r"( *(?:- )?)\"?(\w+)\"?:")

Schemas = dict[str, tuple[set[str], set[str]]]


def read_schemas(text: str) -> Schemas:
    """Each schema's own properties and the schemas that its `allOf` names, read by indentation."""
    found: Schemas = {}
    names: set[str] = set()
    bases: set[str] = set()
    depth = -1
    for line in text.partition("\n  schemas:\n")[2].splitlines():
        key, base = KEY.match(line), BASE.match(line)
        indent = len(key[1]) if key else len(line) - len(line.lstrip())
        if line.strip() and indent <= depth:
            depth = -1
        if key and indent == 4:
            names, bases = found.setdefault(key[2], (set(), set()))
        elif base and depth < 0:
            bases.add(base[1])
        elif key and depth < 0 and key[2] == "properties":
            depth = indent
        elif key and depth >= 0 and indent == depth + 2:
            names.add(key[2])
    return found


def properties(schemas: Schemas, name: str) -> set[str]:
    own, bases = schemas[name]
    return own.union(*(properties(schemas, base) for base in bases))


@pytest.mark.skipif(not FOLDER, reason="LINE_OPENAPI names no folder with LINE's OpenAPI files")
def test_our_properties_are_those_of_the_openapi_file() -> None:
    """Each class has the properties of the schema of its name, no more and no fewer."""
    schemas = read_schemas(Path(FOLDER, "messaging-api.yml").read_text(encoding="utf-8"))
    exported = [getattr(messages, name) for name in messages.__all__]
    ours = {
        one.__name__: {*one.__struct_encode_fields__}
        | ({"type"} if one.__struct_config__.tag_field else set())
        for one in exported
        if isinstance(one, type) and issubclass(one, Checked)
    }
    assert ours == {name: properties(schemas, name) for name in ours}


def test_the_reader_knows_properties_and_bases() -> None:
    """The reader of the test above, on a file small enough to see."""
    text = """
components:
  schemas:
    Base:
      properties:
        type:
          type: string
      discriminator:
        propertyName: type
    One:
      allOf:
        - "$ref": "#/components/schemas/Base"
        - properties:
            text:
              type: object
              description: |+
                Two lines,

                note: with one between.
              properties:
                inner:
                  type: string
            "other":
              $ref: "#/components/schemas/Elsewhere"
      required:
        - text
    Two:
      type: object
"""
    schemas = read_schemas(text)
    assert schemas["Base"] == ({"type"}, set())
    assert properties(schemas, "Two") == set()
    assert properties(schemas, "One") == {"type", "text", "other"}
