"""The parameters of a template and the values that they have.

Law of this module: from the section Parameters and the settings of the user to values. What AWS
would refuse is refused here, in one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from penniless.cost.templates.values import Mapped, Parameter, TemplateError, Unknown, number

KINDS = re.compile(
    r"String|Number|List<(Number|String)>|CommaDelimitedList|AWS::SSM::Parameter::Name"
    r"|(List<)?AWS::[A-Za-z0-9]+::[A-Za-z0-9]+(::[A-Za-z0-9]+)?>?"
    r"|AWS::SSM::Parameter::Value<(List<)?[A-Za-z0-9:]+>{1,2}"
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"""

_STORED = "AWS::SSM::Parameter::Value<"


def read_parameters(
    section: Mapped, settings: Mapping[str, str], line: int
) -> dict[str, Parameter]:
    """Every parameter by its name, its value set, by default, or Unknown.

    `line` is that of the section, for a setting that fits to none.

    Raises TemplateError for a setting without a parameter and for a value that is not allowed.
    """
    for name in settings:
        if name not in section:
            raise TemplateError(
                f"the template has no parameter {name}{did_you_mean(name, section)}",
                line=line,
            )
    return {name: _parameter(name, section, settings) for name in section}


def did_you_mean(name: str, known: Any) -> str:
    """A clause with the nearest known name, or nothing."""
    near = get_close_matches(name, [one for one in known if isinstance(one, str)], n=1)
    return f"; did you mean {near[0]}?" if near else ""


def as_text(value: Any) -> str:
    """A scalar as CloudFormation writes it: `true`, `5`, the text itself."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _parameter(name: str, section: Mapped, settings: Mapping[str, str]) -> Parameter:
    line = section.line_at(name)
    rules = section[name]
    if not isinstance(rules, Mapped):
        raise TemplateError(f"the parameter {name} must be a mapping with a Type", line=line)
    kind = rules.get("Type")
    if not isinstance(kind, str) or not KINDS.fullmatch(kind):
        told = f" {kind}" if isinstance(kind, str) else ""
        raise TemplateError(
            f"the parameter {name} has no type that CloudFormation knows{told and ':'}{told}",
            line=rules.line_at("Type") if "Type" in rules else line,
        )
    secret = as_text(rules.get("NoEcho")).lower() == "true"
    if name in settings:
        value = _checked(name, rules, settings[name], secret=secret, line=line)
        return Parameter(name, value, "set", line, secret)
    if kind.startswith(_STORED):
        unknown = Unknown(f"the parameter {name} is read from the Parameter Store", line)
        return Parameter(
            name, unknown, "default" if "Default" in rules else "missing", line, secret
        )
    if rules.get("Default") is None:
        unknown = Unknown(f"the parameter {name} has no value: --set {name}=…", line)
        return Parameter(name, unknown, "missing", line, secret)
    default = _default(name, rules)
    line_of_default = rules.line_at("Default")
    value = _checked(name, rules, default, secret=secret, line=line_of_default)
    return Parameter(name, value, "default", line, secret)


def _default(name: str, rules: Mapped) -> str:
    default = rules["Default"]
    if isinstance(default, list) and not any(isinstance(one, (list, dict)) for one in default):
        return ",".join(as_text(one) for one in default)
    if isinstance(default, (list, dict)):
        raise TemplateError(
            f"the default of the parameter {name} must be plain text", line=rules.line_at("Default")
        )
    return as_text(default)


def _checked(name: str, rules: Mapped, text: str, *, secret: bool, line: int) -> Any:
    """The text, or the list of texts that it is; TemplateError if a rule forbids it."""
    kind = rules["Type"]
    many = kind == "CommaDelimitedList" or "List<" in kind
    parts = [one.strip() for one in text.split(",")] if many else [text]
    for part in parts:
        problem = (
            _not_allowed(rules, part)
            or (_not_a_number(rules, part) if "Number" in kind else "")
            or _wrong_length(rules, part)
            or _wrong_pattern(rules, part)
        )
        if problem:
            shown = "its value" if secret else repr(part)
            raise TemplateError(f"the parameter {name} cannot be {shown}: {problem}", line=line)
    return parts if many else text


def _not_allowed(rules: Mapped, text: str) -> str:
    allowed = rules.get("AllowedValues")
    if not isinstance(allowed, list):
        return ""
    known = [as_text(one) for one in allowed]
    return "" if text in known else f"its AllowedValues are {', '.join(known)}"


def _not_a_number(rules: Mapped, text: str) -> str:
    found = number(text)
    if isinstance(found, Unknown):
        return "it is a number"
    least, most = _bound(rules, "MinValue"), _bound(rules, "MaxValue")
    if least is not None and found < least:
        return f"its MinValue is {least}"
    return f"its MaxValue is {most}" if most is not None and found > most else ""


def _wrong_length(rules: Mapped, text: str) -> str:
    least, most = _bound(rules, "MinLength"), _bound(rules, "MaxLength")
    if least is not None and len(text) < least:
        return f"its MinLength is {least}"
    return f"its MaxLength is {most}" if most is not None and len(text) > most else ""


def _bound(rules: Mapped, name: str) -> Decimal | None:
    if name not in rules:
        return None
    found = number(rules[name])
    if isinstance(found, Unknown):
        raise TemplateError(f"{name} must be a number", line=rules.line_at(name))
    return found


def _wrong_pattern(rules: Mapped, text: str) -> str:
    """Java's patterns are nearly Python's; one that Python cannot read checks nothing."""
    pattern = rules.get("AllowedPattern")
    if not isinstance(pattern, str):
        return ""
    try:
        fits = re.fullmatch(pattern, text) is not None
    except (re.error, OverflowError, RecursionError):
        return ""
    return "" if fits else f"its AllowedPattern is {pattern}"
