"""The values of parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from penniless.cost.templates.template import Unknown
from tests.cost.templates.reading import read, refusal

REST = "Resources: {A: {Type: X}}\n"


def text(rules: str) -> str:
    return f"Parameters:\n  P: {{{rules}}}\n{REST}"


def test_value_is_set_by_default_or_missing(tmp_path: Path) -> None:
    """A setting wins over the default, and without both the value is Unknown and listed."""
    rules = text("Type: Number, Default: 5")
    assert read(tmp_path, rules).parameters["P"].value == "5"
    assert read(tmp_path, rules).parameters["P"].source == "default"
    assert read(tmp_path, rules, P="7").parameters["P"].value == "7"
    assert read(tmp_path, rules, P="7").parameters["P"].source == "set"
    template = read(tmp_path, text("Type: Number"))
    assert isinstance(template.parameters["P"].value, Unknown)
    assert template.parameters["P"].source == "missing"
    said = f"{tmp_path / 'template.yaml'}:2: the parameter P has no value: --set P=…"
    assert [str(one) for one in template.missing] == [said]


def test_stored_parameter_is_unknown_unless_set(tmp_path: Path) -> None:
    """What stands in the Parameter Store is in no template."""
    rules = text("Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b")
    assert isinstance(read(tmp_path, rules).parameters["P"].value, Unknown)
    assert read(tmp_path, rules, P="x").parameters["P"].value == "x"


@pytest.mark.parametrize(
    ("rules", "value", "said"),
    [
        ("Type: String, AllowedValues: [a, b]", "c", "'c': its AllowedValues are a, b"),
        ("Type: String, AllowedPattern: '[0-9]*'", "1x", "'1x': its AllowedPattern is [0-9]*"),
        ("Type: Number", "many", "'many': it is a number"),
        ("Type: Number, MinValue: 1", "0", "'0': its MinValue is 1"),
        ("Type: Number, MaxValue: 9.5", "10", "'10': its MaxValue is 9.5"),
        ("Type: String, MinLength: 2", "a", "'a': its MinLength is 2"),
        ("Type: String, MaxLength: 2", "abc", "'abc': its MaxLength is 2"),
        ("Type: List<Number>", "1,b", "'b': it is a number"),
        ("Type: CommaDelimitedList, AllowedValues: [a]", "a, c", "'c': its AllowedValues are a"),
    ],
)
def test_value_that_is_not_allowed(rules: str, value: str, said: str, tmp_path: Path) -> None:
    """The rule that a value breaks is named, for a setting and for a default."""
    expected = f"2: the parameter P cannot be {said}"
    assert refusal(tmp_path, text(rules), P=value) == expected
    assert refusal(tmp_path, text(f"{rules}, Default: '{value}'")) == expected


def test_secret_is_in_no_error(tmp_path: Path) -> None:
    """The value of a parameter with NoEcho is not shown."""
    said = refusal(tmp_path, text("Type: String, NoEcho: true, MinLength: 40"), P="hunter2")
    assert said == "2: the parameter P cannot be its value: its MinLength is 40"
    assert read(tmp_path, text("Type: String, NoEcho: true"), P="x").parameters["P"].no_echo


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (text("Type: Sting"), "2: the parameter P has no type that CloudFormation knows: Sting"),
        (text("Default: 1"), "2: the parameter P has no type that CloudFormation knows"),
        (f"Parameters:\n  P: 5\n{REST}", "2: the parameter P must be a mapping with a Type"),
        (f"Parameters: [P]\n{REST}", "1: Parameters must be a mapping"),
        (
            text("Type: String, Default: {a: b}"),
            "2: the default of the parameter P must be plain text",
        ),
        (text("Type: Number, MinValue: x, Default: 1"), "2: MinValue must be a number"),
    ],
)
def test_parameter_that_is_written_wrongly(written: str, said: str, tmp_path: Path) -> None:
    """A parameter that CloudFormation would refuse is one sentence with its line."""
    assert refusal(tmp_path, written) == said


def test_setting_without_parameter(tmp_path: Path) -> None:
    """A mistyped --set is an error with the nearest name."""
    written = "Parameters:\n  Memory: {Type: Number, Default: 1}\n" + REST
    said = refusal(tmp_path, written, Memroy="2")
    assert said == "1: the template has no parameter Memroy; did you mean Memory?"
