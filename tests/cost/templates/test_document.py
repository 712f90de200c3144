"""Documents and what is said about those that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from penniless.cost.templates.document import LARGEST, SHORT_FORMS
from penniless.cost.templates.intrinsics import FUNCTIONS
from penniless.cost.templates.template import Template, TemplateError, read_template
from tests.cost.templates.reading import read, refusal

SMALL = "Resources:\n  A:\n    Type: X\n    Properties:\n      Name: ボット\n"


@pytest.mark.parametrize(
    "content",
    [
        SMALL.encode(),
        SMALL.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + SMALL.encode(),
        b"---\n" + SMALL.encode() + b"...\n",
        json.dumps({"Resources": {"A": {"Type": "X", "Properties": {"Name": "ボット"}}}}).encode(),
        '{\n\t"Resources": {\n\t\t"A": {"Type": "X", "Properties": {"Name": "ボット"}}}}'.encode(),
        b'{"Resources": {"A": {"Type": "X", "Properties": {"Name": "\\u30dc\\u30c3\\u30c8"}}}}',
    ],
    ids=["plain", "windows", "bom", "markers", "json", "json with tabs", "json with escapes"],
)
def test_same_document(content: bytes, tmp_path: Path) -> None:
    """Line ends, a byte order mark and the notation change nothing."""
    assert read(tmp_path, content).resources["A"].get("Name") == "ボット"


def test_json_has_lines_and_a_path_may_have_spaces(tmp_path: Path) -> None:
    """Lines are counted in JSON as they are in YAML."""
    path = tmp_path / "my bot.json"
    path.write_text('{\n\t"Resources": {\n\t\t"A": {\n\t\t\t"Type": "a\\/b"\n\t\t}\n\t}\n}')
    found = read_template(path).resources["A"]
    assert (found.line, found.type) == (3, "a/b")


BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "1: the template is empty"),
        (b" \n\n", "1: the template is empty"),
        (b"# only a comment\n", "1: the template is empty"),
        (b"a: b: c", "1: this is not YAML: mapping values are not allowed here"),
        (
            b"Resources:\n  A: [1\n",
            "3: this is not YAML: expected ',' or ']', but got '<stream end>'",
        ),
        (b'{\n"Resources": {"A" 1}}', "2: this is not JSON: expecting ':' delimiter"),
        (b"just a text", "1: a template is a mapping with Resources"),
        (b"[1, 2]", "1: a template is a mapping with Resources"),
        (b"Description: x", "1: the template has no Resources"),
        (
            b"Description: x\nResources:\n",
            "2: Resources must be a mapping with at least one resource",
        ),
        (
            b"Resources: {A: {Type: X}}\nOutput: {}",
            "2: a template has no section Output; did you mean Outputs?",
        ),
        (
            b"Resources:\n  A: {Type: X}\n  A: {Type: Y}\n",
            "3: the key A is there twice, first on line 2",
        ),
        (b"Resources:\n  A: 5\n", "2: the resource A must be a mapping with a Type"),
        (b"Resources:\n  A: {}\n", "2: the resource A has no Type"),
        (b"a: 1\nb: \xff\xfe\n", "2: the template is not UTF-8"),
        (b"a: 1\nb: \x00\n", "2: there is a character that YAML does not allow"),
        (b"a: 1\n---\nb: 2\n", "2: a template is one document, and here a second begins"),
        (b"a: &a [*a]\n", "1: *a stands inside of itself"),
        (b"a: *b\n", "1: nothing above is called &b"),
        (b"a: {[1]: 2}\n", "1: a key must be a text"),
        (b"a: !!python/object:os.system x\n", "1: there is no function !python/object:os.system"),
        (b"[" * 100_000, "1: values are nested more than 60 deep"),
        (b'{"a":' * 5_000, "1: values are nested more than 60 deep"),
        (
            BOMB.encode(),
            "6: written out, the aliases of the template give more than 200,000 values",
        ),
        (
            b"#" * (LARGEST + 1),
            "1: the template has 1,048,577 bytes, and CloudFormation takes 1,048,576",
        ),
    ],
)
def test_what_is_no_template(content: bytes, said: str, tmp_path: Path) -> None:
    """What cannot be read is one sentence with file and line, and quickly said."""
    assert refusal(tmp_path, content) == said


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file and a folder are told like any other fault."""
    with pytest.raises(TemplateError, match=r"no\.yaml:1: the file cannot be read: No such file"):
        read_template(tmp_path / "no.yaml")
    with pytest.raises(TemplateError, match=r":1: the file cannot be read"):
        read_template(tmp_path)


def test_aliases_and_merges_work(tmp_path: Path) -> None:
    """Anchors, aliases and << are written out, and what is written there wins."""
    text = (
        "Resources:\n  A: &a\n    Type: X\n    Properties: &p {One: 1, Two: 2}\n"
        "  B:\n    <<: *a\n    Properties:\n      <<: *p\n      Two: 3\n"
    )
    found = read(tmp_path, text).resources["B"]
    assert found.type == "X"
    assert found.properties == {"One": 1, "Two": 3}
    assert found.line_of("Two") == 9


def test_short_forms_are_functions() -> None:
    """Every short form stands for a function that is carried out."""
    apart = {"Ref", "Condition", "Fn::Transform"}
    assert set(SHORT_FORMS.values()) == {*FUNCTIONS, *apart}


WORDS = st.sampled_from(
    [
        *("Resources", "Parameters", "Conditions", "Globals", "Outputs", "Transform", "Mappings"),
        *("Type", "Properties", "Events", "Condition", "DependsOn", "Default", "Value", "Function"),
        *("Ref", "Fn::Sub", "Fn::If", "Fn::GetAtt", "Fn::ForEach::X", "Fn::Join", "Fn::Select"),
        *("AWS::Serverless::Function", "AWS::Serverless::Api", "AWS::Serverless::StateMachine"),
        *("AWS::Serverless-2016-10-31", "AWS::Serverless::GraphQLApi", "AWS::Serverless::HttpApi"),
        *("AWS::Serverless::WebSocketApi", "AWS::Serverless::Connector", "StageName", "Auth"),
        *("Api", "HttpApi", "SQS", "S3", "Schedule", "ScheduleV2", "SNS", "Cognito", "A", "B"),
        *("FunctionUrlConfig", "EventInvokeConfig", "DestinationConfig", "Domain", "Routes"),
        *("UsagePlan", "CreateUsagePlan", "PER_API", "DefinitionBody", "paths", "Policies"),
        *("${A}", "${A.B}", "${AWS::Region}", "${x", "String", "Number", "AutoPublishAlias"),
        *("DeadLetterConfig", "Path", "Method", "Queue", "Topic", "SqsSubscription", "BasePath"),
    ]
)
SCALARS = WORDS | st.integers() | st.booleans() | st.none() | st.floats() | st.text(max_size=5)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)
KINDS = st.sampled_from(
    [
        *("Function", "Api", "HttpApi", "WebSocketApi", "StateMachine", "SimpleTable", "Connector"),
        *("GraphQLApi", "LayerVersion", "Application", "CapacityProvider"),
    ]
)
EVENTS = st.sampled_from(
    [
        *("Api", "HttpApi", "SQS", "S3", "SNS", "Schedule", "ScheduleV2", "EventBridgeRule"),
        *("Cognito", "IoTRule", "CloudWatchLogs", "DynamoDB", "AlexaSkill"),
    ]
)
PROPERTIES = st.sampled_from(
    [
        *("Auth", "AutoPublishAlias", "Cors", "DataSources", "DeadLetterQueue", "Definition"),
        *("DefinitionBody", "DeploymentPreference", "Destination", "Domain", "FunctionUrlConfig"),
        *("EndpointConfiguration", "EventInvokeConfig", "Location", "Policies", "PrimaryKey"),
        *("Resolvers", "RetentionPolicy", "Role", "Routes", "Source", "StageName", "Tracing"),
        *("ApiKeys", "Functions", "Logging", "Cache", "VpcConfig", "OpenApiVersion"),
    ]
)


@st.composite
def sam_templates(draw: st.DrawFn) -> dict[str, object]:
    """Resources of SAM whose properties have any shape."""

    def properties() -> dict[str, object]:
        made: dict[str, object] = draw(st.dictionaries(PROPERTIES, TREES, max_size=4))
        event = {"Type": draw(EVENTS), "Properties": draw(TREES)}
        made["Events"] = draw(st.just({"E": event}) | TREES)
        return made

    resources = {
        name: {"Type": f"AWS::Serverless::{draw(KINDS)}", "Properties": properties()}
        for name in ("A", "B")
    }
    return {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}


def answered(path: Path, content: bytes) -> None:
    """Read it: a template, or one sentence that starts with the path and a line."""
    path.write_bytes(content)
    found: Template | TemplateError
    try:
        found = read_template(path)
    except TemplateError as error:
        found = error
    if isinstance(found, TemplateError):
        assert str(found).startswith(f"{path}:{found.line}: ")
        assert found.line >= 1
    else:
        lines = content.count(b"\n") + content.count(b"\r") + 1
        assert all(1 <= one.line <= lines for one in found.resources.values())


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@FUZZ
@given(text=st.text(st.characters(codec="utf-8")) | st.text("{}[]:,-!&*#|>'\"%@ \n\tab<"))
def test_any_text_is_answered(text: str, tmp_path: Path) -> None:
    """Whatever a file holds, reading it gives a template or a TemplateError with file and line."""
    answered(tmp_path / "template.yaml", text.encode())


@FUZZ
@given(content=st.binary())
def test_any_bytes_are_answered(content: bytes, tmp_path: Path) -> None:
    """So do bytes that are no text."""
    answered(tmp_path / "template.yaml", content)


@FUZZ
@example(
    tree={
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"A": {"Type": "AWS::Serverless::Function", "Properties": {"Tracing": []}}},
    }
)
@given(tree=st.dictionaries(WORDS, TREES, max_size=5) | sam_templates())
def test_any_tree_is_answered(tree: dict[str, object], tmp_path: Path) -> None:
    """So do templates whose parts have the right names and the wrong shapes."""
    answered(tmp_path / "template.yaml", json.dumps(tree).encode())
