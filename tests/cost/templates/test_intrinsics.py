"""The functions of templates, carried out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penniless.cost.templates.template import Unknown
from tests.cost.templates.reading import read, refusal, resource, value

HEAD = """\
Parameters:
  Stage: {Type: String, Default: dev}
  Zones: {Type: CommaDelimitedList, Default: "a, b,c"}
  Units: {Type: Number, Default: 5}
  Secret: {Type: String}
Mappings:
  Sizes:
    dev: {Units: 5, Names: [x, y]}
    prod: {Units: 20}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  IsProd: !Not [!Condition IsDev]
  IsHere: !Equals [!Ref AWS::Region, ap-northeast-1]
  IsTokyo: !And [!Condition IsHere, !Or [!Condition IsProd, !Condition IsFive]]
  IsSecret: !Equals [!Ref Secret, ""]
  IsFive: !Equals [!Ref Units, 5]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref Stage", "dev"),
        ("{Ref: Stage}", "dev"),
        ("!Ref Zones", ["a", "b", "c"]),
        ("!Ref AWS::Region", "ap-northeast-1"),
        ("!Ref AWS::URLSuffix", "amazonaws.com"),
        ("!Ref AWS::AccountId", "${AWS::AccountId}"),
        ("!Ref Table", "${Table}"),
        ("!GetAtt Table.Arn", "${Table.Arn}"),
        ("!GetAtt [Table, StreamArn]", "${Table.StreamArn}"),
        ("!Sub 'a-${Stage}-${AWS::Region}'", "a-dev-ap-northeast-1"),
        ("!Sub ['${x}/${Table.Arn}/${!Name}', {x: !Ref Stage}]", "dev/${Table.Arn}/${Name}"),
        ("!Join ['/', [a, !Ref Table, 1, true]]", "a/${Table}/1/true"),
        ("!Join ['-', !Ref Zones]", "a-b-c"),
        ("!Select [1, !Ref Zones]", "b"),
        ("!Select ['0', !Split ['.', 'a.b']]", "a"),
        ("!Split ['.', 'a.b']", ["a", "b"]),
        ("!FindInMap [Sizes, !Ref Stage, Units]", 5),
        ("!FindInMap [Sizes, dev, Names]", ["x", "y"]),
        ("!FindInMap [Sizes, test, Units, {DefaultValue: 1}]", 1),
        ("!If [IsDev, 1, 2]", 1),
        ("!If [IsProd, 1, 2]", 2),
        ("!If [IsTokyo, 1, 2]", 1),
        ("!If [IsFive, 1, 2]", 1),
        ("!If [IsSecret, 1, 2]", Unknown),
        ("[a, !If [IsProd, b, !Ref AWS::NoValue], c]", ["a", "c"]),
        ("{a: 1, b: !Ref AWS::NoValue}", {"a": 1}),
        ("!Base64 abc", "YWJj"),
        ("{'Fn::Length': !Ref Zones}", 3),
        ("{'Fn::ToJsonString': {a: [1, !Ref Table]}}", '{"a":[1,"${Table}"]}'),
        (
            "{'Fn::ForEach::Keys': [Key, [a, b], {'X${Key}': !Sub '${Key}-1'}]}",
            {"Xa": "a-1", "Xb": "b-1"},
        ),
        ("!Ref Secret", Unknown),
        ("!Sub 'a-${Secret}'", Unknown),
        ("!ImportValue other-stack", Unknown),
        ("!GetAZs ''", Unknown),
        ("!Select [0, !GetAZs '']", Unknown),
        ("!Cidr [10.0.0.0/16, 4, 8]", Unknown),
        ("!Select [2, !Split ['/', !GetAtt Table.Arn]]", Unknown),
        ("{'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: s3://a/b}}}", Unknown),
        ("2012-10-17", "2012-10-17"),
        ("'256'", "256"),
    ],
)
def test_value(text: str, expected: Any, tmp_path: Path) -> None:
    """Each function gives what CloudFormation documents, or Unknown where it gives nothing yet."""
    found = value(tmp_path, text, HEAD)
    if expected is Unknown:
        assert isinstance(found, Unknown)
        assert found.line == 23
    else:
        assert found == expected


def test_region_is_the_one_that_is_asked_for(tmp_path: Path) -> None:
    """AWS::Region is where the template will be deployed."""
    from penniless.cost.templates.template import read_template

    path = tmp_path / "template.yaml"
    path.write_text("Resources: {A: {Type: X, Properties: {R: !Ref AWS::Region}}}")
    assert read_template(path, region="us-east-1").resources["A"].get("R") == "us-east-1"


def test_references_are_what_a_resource_needs(tmp_path: Path) -> None:
    """References are found in texts, lists and unknown values, and not in literal text."""
    sub = "!Sub ['${x}', {x: !GetAtt Table.Arn}]"
    assert resource(tmp_path, sub).references == {"Table"}
    assert resource(tmp_path, "[{a: !Ref Table}]").references == {"Table"}
    assert resource(tmp_path, "!Select [1, !Split ['/', !Ref Table]]").references == {"Table"}
    assert resource(tmp_path, "'${Table}'").references == set()
    assert resource(tmp_path, "!Sub '${!Table}'").references == set()
    assert resource(tmp_path, "!Ref AWS::StackName").references == set()


def test_number_is_read_from_text_too(tmp_path: Path) -> None:
    """A number may be written as text; what is none is Unknown, with its line."""
    assert resource(tmp_path, "'256'").number("Value") == 256
    assert resource(tmp_path, "0.5").number("Value") == resource(tmp_path, "'0.5'").number("Value")
    assert resource(tmp_path, "1").number("Other", default=128) == 128
    for text in ("many", "[1]", "true", ".nan", "!Ref Table"):
        found = resource(tmp_path, text).number("Value")
        assert isinstance(found, Unknown)
        assert found.line == 7


def test_resource_without_its_condition_is_left_out(tmp_path: Path) -> None:
    """A false condition drops a resource, an unknown one leaves it and says so."""
    rest = (
        "  A: {Type: X, Condition: IsProd}\n"
        "  B: {Type: X, Condition: IsDev, DependsOn: A}\n"
        "  C: {Type: X, Condition: IsSecret}\n"
    )
    template = read(tmp_path, f"{HEAD}Resources:\n{rest}")
    assert template.resources.keys() == {"B", "C"}
    assert [(one.where, one.line) for one in template.unresolved] == [("C.Condition", 20)]
    template = read(tmp_path, f"{HEAD}Resources:\n{rest}", Stage="prod", Secret="x")
    assert template.resources.keys() == {"A"}
    assert template.unresolved == []


def test_loop_writes_resources(tmp_path: Path) -> None:
    """Fn::ForEach writes a resource for each item, nested loops included."""
    text = (
        "Transform: AWS::LanguageExtensions\nParameters:\n"
        "  Names: {Type: CommaDelimitedList, Default: 'A,B'}\nResources:\n"
        "  Fn::ForEach::Outer:\n    - Name\n    - !Ref Names\n"
        "    - Fn::ForEach::Inner:\n        - N\n        - ['1', '2']\n"
        "        - Table${Name}${N}:\n            Type: X\n"
        "            Properties: {Key: !Ref Name, Next: !Sub '${N}'}\n"
    )
    resources = read(tmp_path, text).resources
    assert resources.keys() == {"TableA1", "TableA2", "TableB1", "TableB2"}
    assert resources["TableB2"].get("Key") == "B"
    assert resources["TableB2"].get("Next") == "2"
    assert resources["TableB2"].line == 11


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("!Foo x", "there is no function !Foo"),
        ("{'Fn::Subb': x}", "there is no function Fn::Subb; did you mean Fn::Sub?"),
        ("!Ref Tabel", "there is no parameter or resource Tabel; did you mean Table?"),
        (
            "!Ref AWS::Regoin",
            "there is no parameter or resource AWS::Regoin; did you mean AWS::Region?",
        ),
        ("!Sub '${Tabel.Arn}'", "there is no parameter or resource Tabel; did you mean Table?"),
        ("!If [IsDvv, 1, 2]", "there is no condition IsDvv; did you mean IsDev?"),
        ("!FindInMap [Sizes, test, Units]", "the mapping Sizes has no test.Units"),
        ("!FindInMap [Sizez, dev, Units]", "there is no mapping Sizez; did you mean Sizes?"),
        ("!Select [3, !Ref Zones]", "Fn::Select asks for item 3 of 3"),
        ("!Join [a]", "Fn::Join takes a list of 2 values"),
        ("!GetAtt Table", "Fn::GetAtt takes a resource and an attribute of it"),
        ("{Fn::Sub: a, b: c}", "Fn::Sub must stand alone in its mapping"),
        ("!Ref It", "resources need each other: It -> It"),
        ("!Equals [1]", "Fn::Equals takes a list of 2 values"),
    ],
)
def test_wrong_function_is_named_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    """A function that is wrong is one sentence with the line where it stands."""
    whole = (
        f"{HEAD}Resources:\n  Table: {{Type: X}}\n"
        f"  It:\n    Type: X\n    Properties:\n      Value: {text}\n"
    )
    line = 19 if "each other" in said else 22
    assert refusal(tmp_path, whole) == f"{line}: {said}"


def test_conditions_and_resources_do_not_need_themselves(tmp_path: Path) -> None:
    """A circle is shown from its first name to its first name again."""
    circle = (
        "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\nResources: {X: {Type: X}}"
    )
    assert refusal(tmp_path, circle) == "3: the condition needs itself: A -> B -> A"
    circle = (
        "Resources:\n  A: {Type: X, Properties: {P: !Ref B}}\n"
        "  B: {Type: X, DependsOn: C}\n  C: {Type: X, DependsOn: [A]}\n"
    )
    said = refusal(tmp_path, circle)
    assert "resources need each other: " in said
    assert {"A -> B", "B -> C", "C -> A"} >= {said.split(": ")[-1][:6]}
    wrong = "Resources:\n  A:\n    Type: X\n    DependsOn: Ab\n  Abc: {Type: X}\n"
    assert refusal(tmp_path, wrong) == "4: A depends on Ab, which is not there; did you mean Abc?"


def test_reference_to_what_a_condition_drops_is_refused(tmp_path: Path) -> None:
    """CloudFormation refuses it, so that a bill for it would be for nothing."""
    text = (
        f"{HEAD}Resources:\n  A: {{Type: X, Condition: IsProd}}\n"
        "  B: {Type: X, Properties: {P: !Ref A}}\n"
    )
    assert refusal(tmp_path, text) == (
        "19: A is referred to, but its condition IsProd does not hold"
    )


def test_growth_is_bounded(tmp_path: Path) -> None:
    """Texts and loops that double themselves end in a sentence, not in all of the memory."""
    text = "x" * 1000
    for _ in range(12):
        text = f"!Sub ['${{a}}${{a}}${{a}}', {{a: {text}}}]"
    assert "a text here has over" in refusal(
        tmp_path, f"Resources: {{A: {{Type: X, Properties: {{P: {text}}}}}}}"
    )
    loop = "{B: 1}"
    for name in "cdefgh":
        items = ", ".join(map(str, range(20)))
        loop = f"{{'Fn::ForEach::L{name}': [{name}, [{items}], {{'${{{name}}}': {loop}}}]}}"
    assert "beyond all limits" in refusal(
        tmp_path, f"Resources: {{A: {{Type: X, Properties: {loop}}}}}"
    )
