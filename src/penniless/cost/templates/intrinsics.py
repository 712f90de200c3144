"""The functions of a template, carried out as far as the template tells.

Law of this module: from a value with functions to a value without. What only a deployment knows
stays as `${Name}` in the text, and what cannot be known at all is Unknown.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from penniless.cost.templates.loops import LOOP, expanded
from penniless.cost.templates.parameters import as_text, did_you_mean
from penniless.cost.templates.values import (
    Listed,
    Mapped,
    Parameter,
    Placed,
    TemplateError,
    Unknown,
    names_in,
    number,
    unknowns_in,
)

PLACED = ("AWS::AccountId", "AWS::StackName", "AWS::StackId", "AWS::NotificationARNs")
"""Pseudo parameters that only a deployment knows."""

NO_VALUE = object()
"""What `!Ref AWS::NoValue` gives: the property is not there."""

MOST_STEPS = 500_000
"""Values that are resolved before a template is called too large."""

LONGEST_TEXT = 1_048_576
"""Characters of a text that a function makes; a template itself has no more bytes."""

_PLACEHOLDER = re.compile(r"\$\{([^${}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:.*?\}\}")
"""What CloudFormation reads from a store while it deploys.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html"""


class Resolver:
    """Carries out the functions of one template.

    `known` are the logical ids that may be referred to; where each reference stands is in `used`.
    """

    def __init__(
        self,
        *,
        parameters: Mapping[str, Parameter],
        mappings: Mapped,
        conditions: Mapped,
        region: str,
    ) -> None:
        self.parameters = parameters
        self.mappings = mappings
        self.conditions = conditions
        self.pseudo: dict[str, Any] = {
            "AWS::Region": region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": NO_VALUE,
            **{name: Placed(f"${{{name}}}", [name]) for name in PLACED},
        }
        self.used: dict[str, int] = {}
        self._decided: dict[str, bool | Unknown] = {}
        self._deciding: list[str] = []
        self._steps = 0

    def resolve(self, value: Any, line: int) -> Any:
        """The value without functions; NO_VALUE if it is not there at all.

        Raises TemplateError for a function that does not exist or is used wrongly.
        """
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TemplateError("the template grows beyond all limits here", line=line)
        if isinstance(value, Mapped):
            function = self._function(value)
            return _read_later(function(), line) if function else self._mapping(value)
        if isinstance(value, Listed):
            return self._list(value)
        return _read_later(value, line)

    def condition(self, name: Any, line: int) -> bool | Unknown:
        """Whether that condition of the template holds.

        Raises TemplateError if there is none of that name, or if it needs itself.
        """
        if not isinstance(name, str) or name not in self.conditions:
            raise TemplateError(
                f"there is no condition {name}{did_you_mean(str(name), self.conditions)}", line=line
            )
        if name in self._deciding:
            circle = " -> ".join([*self._deciding[self._deciding.index(name) :], name])
            raise TemplateError(f"the condition needs itself: {circle}", line=line)
        if name not in self._decided:
            self._deciding.append(name)
            at = self.conditions.line_at(name)
            self._decided[name] = self.truth(self.conditions[name], at)
            self._deciding.pop()
        return self._decided[name]

    def truth(self, value: Any, line: int) -> bool | Unknown:
        """What a condition's function gives."""
        if isinstance(value, Mapped) and list(value) == ["Condition"]:
            return self.condition(value["Condition"], value.line_at("Condition"))
        found = self.resolve(value, line)
        if isinstance(found, Unknown):
            return found
        if as_text(found).lower() in {"true", "false"}:
            return as_text(found).lower() == "true"
        raise TemplateError("a condition must be a function such as Fn::Equals", line=line)

    def _function(self, value: Mapped) -> Callable[[], Any] | None:
        """The call of the function that a mapping is, if it is one."""
        for key in value:
            line = value.line_at(key)
            if key == "Ref" and len(value) == 1:
                return lambda: self._ref(value["Ref"], line)
            if not key.startswith("Fn::") or key.startswith(LOOP) or key == "Fn::Transform":
                continue
            if key not in FUNCTIONS:
                raise TemplateError(
                    f"there is no function {key}{did_you_mean(key, FUNCTIONS)}", line=line
                )
            if len(value) > 1:
                raise TemplateError(f"{key} must stand alone in its mapping", line=line)
            return lambda: FUNCTIONS[key](self, value[key], line)
        return None

    def _mapping(self, value: Mapped) -> Any:
        if list(value) == ["Fn::Transform"]:
            return self._macro(value["Fn::Transform"], value.line_at("Fn::Transform"))
        made = Mapped(value.line)
        whole = expanded(value, self.collection)
        for key, one in whole.items():
            line = whole.line_at(key)
            if key == "Fn::Transform":
                made.put(key, self._macro(one, line), line)
                continue
            found = self.resolve(one, line)
            if found is not NO_VALUE:
                made.put(key, found, line)
                if isinstance(one, Mapped) and not isinstance(found, Mapped):
                    made.computed.add(key)
        return made

    def _list(self, value: Listed) -> Listed:
        made = Listed(value.line)
        for index, one in enumerate(value):
            line = value.line_at(index)
            found = self.resolve(one, line)
            if found is not NO_VALUE:
                made.add(found, line)
        return made

    def collection(self, value: Any, line: int) -> list[str] | Unknown:
        """What `Fn::ForEach` goes through."""
        found = self.resolve(value, line)
        if isinstance(found, Unknown):
            return found
        if not isinstance(found, list) or any(isinstance(one, (list, dict)) for one in found):
            raise TemplateError("Fn::ForEach goes through a list of texts", line=line)
        unknown = _unknown(found)
        return unknown or [as_text(one) for one in found]

    def _macro(self, value: Any, line: int) -> Unknown:
        name = value.get("Name") if isinstance(value, Mapped) else None
        return Unknown(
            f"the macro {name or 'of Fn::Transform'} writes this when it is deployed", line
        )

    # -- references ---------------------------------------------------------------------------

    def _ref(self, name: Any, line: int) -> Any:
        if not isinstance(name, str):
            raise TemplateError("Ref takes a name", line=line)
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            found = self.parameters[name].value
            return Listed.of(found, line) if isinstance(found, list) else _at(found, line)
        self.used.setdefault(name, line)
        return Placed(f"${{{name}}}", [name.partition(".")[0]])

    def get_att(self, value: Any, line: int) -> Any:
        """`[Name, Attribute]`, or `Name.Attribute` in one text."""
        parts = value.split(".", 1) if isinstance(value, str) else value
        if not isinstance(parts, list) or len(parts) < 2 or not isinstance(parts[0], str):
            raise TemplateError("Fn::GetAtt takes a resource and an attribute of it", line=line)
        rest = [self.resolve(one, line) for one in parts[1:]]
        unknown = _unknown(rest)
        if unknown:
            return unknown
        name = ".".join([parts[0], *(as_text(one) for one in rest)])
        self.used.setdefault(name, line)
        return Placed(f"${{{name}}}", [parts[0].partition(".")[0]])

    # -- texts --------------------------------------------------------------------------------

    def sub(self, value: Any, line: int) -> Any:
        """A text with `${Name}`, alone or with a mapping of names of its own."""
        own: Any = {}
        if isinstance(value, Listed):
            if len(value) != 2 or not isinstance(value[1], Mapped):
                raise TemplateError("Fn::Sub takes a text, or a text and a mapping", line=line)
            own = self.resolve(value[1], value.line_at(1))
            value = value[0]
        if not isinstance(value, str):
            raise TemplateError("Fn::Sub takes a text", line=line)
        if isinstance(own, Unknown):
            return own
        parts: list[Any] = []
        end = 0
        for found in _PLACEHOLDER.finditer(value):
            parts += [value[end : found.start()], self._inserted(found[1], own, line)]
            end = found.end()
        return self._text([*parts, value[end:]], line)

    def _inserted(self, name: str, own: Mapping[str, Any], line: int) -> Any:
        """What stands for `${name}`; `${!name}` is `${name}` itself."""
        name = name.strip()
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        if name in own:
            return own[name]
        if "." in name and "::" not in name and name not in self.parameters:
            return self.get_att(name, line)
        return self._ref(name, line)

    def join(self, value: Any, line: int) -> Any:
        """`[delimiter, [parts]]`."""
        by, parts = self._arguments("Fn::Join", value, line, 2)
        if isinstance(parts, Placed):
            return parts  # a list that only a deployment knows, such as AWS::NotificationARNs
        if not isinstance(by, str) or not isinstance(parts, (list, Unknown)):
            raise TemplateError("Fn::Join takes a delimiter and a list", line=line)
        if isinstance(parts, Unknown):
            return parts
        between = [one for part in parts for one in (by, part)]
        return self._text(between[1:], line)

    def _text(self, parts: list[Any], line: int) -> Any:
        """The parts as one text, with the placeholders of all; Unknown if one is."""
        unknown = _unknown(parts)
        if unknown:
            names = frozenset(names_in(parts))
            return Unknown(unknown.what, unknown.line, names)
        if any(isinstance(one, dict) or one is NO_VALUE for one in parts):
            raise TemplateError("only texts and numbers can be joined", line=line)
        texts = [
            ",".join(map(as_text, one)) if isinstance(one, list) else as_text(one) for one in parts
        ]
        if sum(map(len, texts)) > LONGEST_TEXT:
            raise TemplateError(f"a text here has over {LONGEST_TEXT:,} characters", line=line)
        names = frozenset(names_in(parts))
        text = "".join(texts)
        return Placed(text, names) if names else text

    def split(self, value: Any, line: int) -> Any:
        """`[delimiter, text]`."""
        by, text = self._arguments("Fn::Split", value, line, 2)
        if isinstance(text, Unknown):
            return text
        if not isinstance(by, str) or not by or not isinstance(text, (str, int, float)):
            raise TemplateError("Fn::Split takes a delimiter and a text", line=line)
        if isinstance(text, Placed):
            return Unknown(
                f"the parts of {_short(text)} are known when it is deployed", line, text.names
            )
        return Listed.of(as_text(text).split(by), line)

    def select(self, value: Any, line: int) -> Any:
        """`[index, list]`."""
        index, items = self._arguments("Fn::Select", value, line, 2)
        for one in (items, index):
            if isinstance(one, Unknown):
                return one
        if isinstance(items, Placed):
            return Unknown(f"the items of {items} are known when it is deployed", line, items.names)
        place = number(index)
        if not isinstance(items, list) or isinstance(place, Unknown):
            raise TemplateError("Fn::Select takes an index and a list", line=line)
        if not 0 <= place < len(items):
            raise TemplateError(f"Fn::Select asks for item {place} of {len(items)}", line=line)
        return items[int(place)]

    def base64(self, value: Any, line: int) -> Any:
        """The text in base64; the text itself while it has placeholders."""
        found = self.resolve(value, line)
        if isinstance(found, (Unknown, Placed)):
            return found
        if not isinstance(found, (str, int, float)):
            raise TemplateError("Fn::Base64 takes a text", line=line)
        return base64.b64encode(as_text(found).encode("utf-8", "replace")).decode()

    def to_json(self, value: Any, line: int) -> Any:
        """The value as JSON in a text."""
        found = self.resolve(value, line)
        if found is NO_VALUE:
            raise TemplateError("Fn::ToJsonString takes a value", line=line)
        for _, unknown in unknowns_in(found, ""):
            return unknown
        text = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
        return self._text([Placed(text, names_in(found))], line)

    def length(self, value: Any, line: int) -> Any:
        """How many items a list has."""
        found = self.resolve(value, line)
        if isinstance(found, Placed):
            return Unknown(f"the items of {found} are known when it is deployed", line, found.names)
        if isinstance(found, Unknown):
            return found
        if not isinstance(found, list):
            raise TemplateError("Fn::Length takes a list", line=line)
        return len(found)

    # -- choices ------------------------------------------------------------------------------

    def find_in_map(self, value: Any, line: int) -> Any:
        """`[map, first key, second key]` and perhaps `{DefaultValue: …}`."""
        if not isinstance(value, Listed) or len(value) not in {3, 4}:
            raise TemplateError("Fn::FindInMap takes a map and two keys", line=line)
        keys = [self.resolve(one, line) for one in value[:3]]
        unknown = _unknown(keys)
        if unknown:
            return unknown
        for key in keys:
            if isinstance(key, Placed):
                return Unknown(f"{key} is known when it is deployed", line, key.names)
        texts = [as_text(one) for one in keys]
        found: Any = self.mappings
        for text in texts:
            found = found.get(text) if isinstance(found, Mapped) else None
        if found is not None:
            return self.resolve(found, line)
        if len(value) == 4 and isinstance(value[3], Mapped) and "DefaultValue" in value[3]:
            return self.resolve(value[3]["DefaultValue"], line)
        raise TemplateError(self._not_mapped(texts), line=line)

    def _not_mapped(self, texts: list[str]) -> str:
        name = texts[0]
        if name not in self.mappings:
            return f"there is no mapping {name}{did_you_mean(name, self.mappings)}"
        return f"the mapping {name} has no {texts[1]}.{texts[2]}"

    def choose(self, value: Any, line: int) -> Any:
        """`[condition, then, else]`."""
        if not isinstance(value, Listed) or len(value) != 3:
            raise TemplateError("Fn::If takes a condition and two values", line=line)
        name = value[0]
        if isinstance(name, str):
            holds = self.condition(name, value.line_at(0))
        else:
            holds = self.truth(name, value.line_at(0))
        if isinstance(holds, Unknown):
            names = holds.names | self._names_of_both(value)
            return Unknown(holds.what, line, names)
        which = 1 if holds else 2
        return self.resolve(value[which], value.line_at(which))

    def _names_of_both(self, value: Listed) -> frozenset[str]:
        """What both values of an undecided choice refer to; what only fails there is left out."""
        used = dict(self.used)
        names: set[str] = set()
        for which in (1, 2):
            try:
                names.update(names_in(self.resolve(value[which], value.line_at(which))))
            except TemplateError:
                continue
        self.used = used
        return frozenset(names)

    def equals(self, value: Any, line: int) -> Any:
        """Whether two values are the same text."""
        left, right = self._arguments("Fn::Equals", value, line, 2)
        for one in (left, right):
            if isinstance(one, Unknown):
                return one
        if left == right and type(left) is type(right):
            return True
        for one in (left, right):
            if isinstance(one, Placed):
                return Unknown(f"{_short(one)} is known when it is deployed", line, one.names)
        if isinstance(left, (list, dict)) or isinstance(right, (list, dict)):
            return bool(left == right)
        return as_text(left) == as_text(right)

    def all_of(self, value: Any, line: int) -> Any:
        """Fn::And."""
        return self._decided_by(value, line, name="Fn::And", decisive=False)

    def any_of(self, value: Any, line: int) -> Any:
        """Fn::Or."""
        return self._decided_by(value, line, name="Fn::Or", decisive=True)

    def _decided_by(self, value: Any, line: int, *, name: str, decisive: bool) -> bool | Unknown:
        if not isinstance(value, Listed) or not 1 <= len(value) <= 10:
            raise TemplateError(f"{name} takes 2 to 10 conditions", line=line)
        found = [self.truth(one, value.line_at(index)) for index, one in enumerate(value)]
        if decisive in found:
            return decisive
        return _unknown(found) or not decisive

    def negate(self, value: Any, line: int) -> Any:
        """Fn::Not, of a list of one condition."""
        if not isinstance(value, Listed) or len(value) != 1:
            raise TemplateError("Fn::Not takes a list of one condition", line=line)
        found = self.truth(value[0], line)
        return found if isinstance(found, Unknown) else not found

    def nested_condition(self, value: Any, line: int) -> Any:
        """Fn::Contains and its like stand in Rules only, which change no resource."""
        del value
        raise TemplateError("this function belongs into the section Rules", line=line)

    def _arguments(self, name: str, value: Any, line: int, count: int) -> list[Any]:
        """The resolved arguments of a function; NO_VALUE has no place among them."""
        if not isinstance(value, Listed) or len(value) != count:
            raise TemplateError(f"{name} takes a list of {count} values", line=line)
        found = [self.resolve(one, value.line_at(index)) for index, one in enumerate(value)]
        if any(one is NO_VALUE for one in found):
            raise TemplateError(f"{name} takes no AWS::NoValue", line=line)
        return found

    # -- what no template tells ------------------------------------------------------------------

    def imported(self, value: Any, line: int) -> Unknown:
        """Fn::ImportValue."""
        name = self.resolve(value, line)
        told = f" {_short(name)}" if isinstance(name, str) else ""
        return Unknown(f"another stack exports it{told and ' as'}{told}", line, _names(name))

    def zones(self, value: Any, line: int) -> Unknown:
        """Fn::GetAZs."""
        return Unknown("the account's availability zones", line, _names(self.resolve(value, line)))

    def cidr(self, value: Any, line: int) -> Unknown:
        """Fn::Cidr."""
        return Unknown("a list of network blocks", line, _names(self.resolve(value, line)))

    def stack_output(self, value: Any, line: int) -> Unknown:
        """Fn::GetStackOutput."""
        return Unknown("an output of another stack", line, _names(self.resolve(value, line)))


def _names(value: Any) -> frozenset[str]:
    return frozenset(names_in(value))


def _read_later(value: Any, line: int) -> Any:
    """The value; Unknown where a text has a dynamic reference, which only a deployment follows."""
    found = _DYNAMIC.search(value) if isinstance(value, str) else None
    if found is None:
        return value
    return Unknown(f"{_short(found[0])} is read when it is deployed", line, _names(value))


def _unknown(values: Iterable[Any]) -> Unknown | None:
    """The first unknown value among them, lists looked into."""
    for one in values:
        if isinstance(one, Unknown):
            return one
        if isinstance(one, list):
            found = _unknown(one)
            if found:
                return found
    return None


def _at(value: Any, line: int) -> Any:
    """A value; where it is unknown, at the line of its use."""
    if isinstance(value, Unknown):
        return Unknown(value.what, line, value.names)
    return value


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


FUNCTIONS: dict[str, Callable[[Resolver, Any, int], Any]] = {
    "Fn::And": Resolver.all_of,
    "Fn::Base64": Resolver.base64,
    "Fn::Cidr": Resolver.cidr,
    "Fn::Contains": Resolver.nested_condition,
    "Fn::EachMemberEquals": Resolver.nested_condition,
    "Fn::EachMemberIn": Resolver.nested_condition,
    "Fn::Equals": Resolver.equals,
    "Fn::FindInMap": Resolver.find_in_map,
    "Fn::GetAtt": Resolver.get_att,
    "Fn::GetAZs": Resolver.zones,
    "Fn::GetStackOutput": Resolver.stack_output,
    "Fn::If": Resolver.choose,
    "Fn::ImportValue": Resolver.imported,
    "Fn::Join": Resolver.join,
    "Fn::Length": Resolver.length,
    "Fn::Not": Resolver.negate,
    "Fn::Or": Resolver.any_of,
    "Fn::RefAll": Resolver.nested_condition,
    "Fn::Select": Resolver.select,
    "Fn::Split": Resolver.split,
    "Fn::Sub": Resolver.sub,
    "Fn::ToJsonString": Resolver.to_json,
    "Fn::ValueOf": Resolver.nested_condition,
    "Fn::ValueOfAll": Resolver.nested_condition,
}
"""Every function but Ref, Fn::Transform and Fn::ForEach, which change the mapping around them."""
