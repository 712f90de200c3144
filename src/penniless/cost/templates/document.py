"""A YAML or JSON document with the line of everything in it.

Law of this module: from bytes to mappings, lists and scalars. The short forms of functions become
the long ones (`!Ref X` is `{"Ref": "X"}`); what they mean is another module's business.

PyYAML reads the events. They are put together here, because a template of a stranger must not
exhaust the memory by aliases or the stack by nesting, and because keys have lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from penniless.cost.templates.values import Listed, Mapped, TemplateError

LARGEST = 1_048_576
"""Bytes of a template in S3:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

DEEPEST = 60
"""Levels of nesting. Real templates have some 20; a parser without a limit falls over."""

MOST_VALUES = 200_000
"""Values in a document, those of an alias counted wherever it is used."""

SHORT_FORMS = {
    "Ref": "Ref",
    "Condition": "Condition",
    **{
        name: f"Fn::{name}"
        for name in (
            *("And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals"),
            *("FindInMap", "GetAtt", "GetAZs", "GetStackOutput", "If", "ImportValue", "Join"),
            *("Length", "Not", "Or", "RefAll", "Select", "Split", "Sub", "ToJsonString"),
            *("Transform", "ValueOf", "ValueOfAll"),
        )
    },
}
"""What `!Name` stands for:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html"""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_STANDARD = "tag:yaml.org,2002:"
_RESOLVER = Resolver()
_CONSTRUCTED = {f"{_STANDARD}{name}" for name in ("null", "bool", "int", "float")}
_AS_TEXT = {f"{_STANDARD}{name}" for name in ("str", "timestamp", "value", "binary")}
_MERGE = f"{_STANDARD}merge"


def read_document(content: bytes) -> Any:
    """The document in those bytes: UTF-8, with or without a byte order mark, any line ends.

    Raises TemplateError for what is too large, not UTF-8, empty, or neither YAML nor JSON.
    """
    if len(content) > LARGEST:
        raise TemplateError(
            f"the template has {len(content):,} bytes, and CloudFormation takes {LARGEST:,}", line=1
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise TemplateError("the template is not UTF-8", line=line) from None
    if not text.strip():
        raise TemplateError("the template is empty", line=1)
    return _composed(text)


def _composed(text: str) -> Any:
    """As YAML. JSON is nearly YAML; where it is not, it is rewritten line by line first."""
    broken: TemplateError | None = None
    if text.lstrip().startswith("{"):
        try:
            json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            broken = _not_json(error)
        else:
            text = _json_as_yaml(text)
    composer = _Composer()
    try:
        return composer.document(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        raise broken or _not_yaml(error) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise TemplateError("there is a character that YAML does not allow", line=line) from None


def _not_json(error: json.JSONDecodeError | RecursionError) -> TemplateError | None:
    if isinstance(error, RecursionError):
        return None
    problem = error.msg[:1].lower() + error.msg[1:]
    return TemplateError(f"this is not JSON: {problem}", line=error.lineno)


def _not_yaml(error: yaml.MarkedYAMLError) -> TemplateError:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "it cannot be understood"
    return TemplateError(f"this is not YAML: {problem}", line=mark.line + 1 if mark else 1)


def _json_as_yaml(text: str) -> str:
    """JSON without what YAML 1.1 refuses: tabs between the values, `\\/` and pairs of escapes."""
    parts: list[str] = []
    end = 0
    for found in _STRING.finditer(text):
        parts.append(text[end : found.start()].replace("\t", " "))
        parts.append(json.dumps(json.loads(found[0], strict=False), ensure_ascii=False))
        end = found.end()
    return "".join([*parts, text[end:].replace("\t", " ")])


class _Made(NamedTuple):
    """A finished value, with what it weighs when every alias is written out."""

    value: Any
    line: int
    weight: int = 1
    height: int = 1


class _Open:
    """A mapping or list whose end has not come."""

    def __init__(self, value: Mapped | Listed, tag: str | None, anchor: str | None) -> None:
        self.value = value
        self.tag = tag
        self.anchor = anchor
        self.key: _Made | None = None
        self.weight = 1
        self.height = 1
        self.own: set[str] = set()
        self.merges: list[Any] = []

    def take(self, made: _Made) -> None:
        """The next key, value or item."""
        self.weight += made.weight
        self.height = max(self.height, made.height + 1)
        if isinstance(self.value, Listed):
            self.value.add(made.value, made.line)
        elif self.key is None:
            self.key = made
        else:
            self._put(self.key, made)
            self.key = None

    def _put(self, key: _Made, made: _Made) -> None:
        assert isinstance(self.value, Mapped)
        if key.value is _MERGE_KEY:
            self.merges.append(made)
            return
        if not isinstance(key.value, str):
            raise TemplateError("a key must be a text", line=key.line)
        if key.value in self.own:
            first = self.value.line_at(key.value)
            raise TemplateError(
                f"the key {key.value} is there twice, first on line {first}", line=key.line
            )
        self.own.add(key.value)
        self.value.put(key.value, made.value, key.line)

    def finished(self) -> Mapped | Listed:
        """The value, with what `<<` adds to it."""
        for made in self.merges:
            sources = made.value if isinstance(made.value, Listed) else [made.value]
            for source in sources:
                if not isinstance(source, Mapped):
                    raise TemplateError("<< takes a mapping", line=made.line)
                self._add(source)
        return self.value

    def _add(self, source: Mapped) -> None:
        assert isinstance(self.value, Mapped)
        for key, value in source.items():
            if key not in self.value:
                self.value.put(key, value, source.line_at(key))


_MERGE_KEY = object()


class _Composer:
    """Puts events together, with a stack of its own instead of Python's."""

    def __init__(self) -> None:
        self.stack: list[_Open] = []
        self.anchors: dict[str, _Made | None] = {}
        self.root: _Made | None = None

    def document(self, events: Iterable[yaml.Event]) -> Any:
        """The one document among the events."""
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
                raise TemplateError(
                    "a template is one document, and here a second begins",
                    line=_line(event),
                )
            self._event(event, _line(event))
        if self.root is None or self.root.value is None:
            raise TemplateError("the template is empty", line=1)
        return self.root.value

    def _event(self, event: yaml.Event, line: int) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._finished(_scalar(event, line, is_key=self._wants_key()), event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._take(self._alias(event.anchor, line))
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open(event, line)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close()

    def _wants_key(self) -> bool:
        top = self.stack[-1] if self.stack else None
        return top is not None and isinstance(top.value, Mapped) and top.key is None

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent, line: int) -> None:
        if len(self.stack) >= DEEPEST:
            raise TemplateError(f"values are nested more than {DEEPEST} deep", line=line)
        mapping = isinstance(event, yaml.MappingStartEvent)
        self.stack.append(_Open(Mapped(line) if mapping else Listed(line), event.tag, event.anchor))
        if event.anchor:
            self.anchors[event.anchor] = None

    def _close(self) -> None:
        top = self.stack.pop()
        value = top.finished()
        made = _Made(_tagged(top.tag, value, value.line), value.line, top.weight, top.height)
        self._finished(made, top.anchor)

    def _finished(self, made: _Made, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = made
        self._take(made)

    def _alias(self, anchor: str | None, line: int) -> _Made:
        if anchor is None or anchor not in self.anchors:
            raise TemplateError(f"nothing above is called &{anchor}", line=line)
        made = self.anchors[anchor]
        if made is None:
            raise TemplateError(f"*{anchor} stands inside of itself", line=line)
        return made._replace(line=line)

    def _take(self, made: _Made) -> None:
        if not self.stack:
            self.root = made
            return
        self.stack[-1].take(made)
        if self.stack[-1].weight > MOST_VALUES:
            raise TemplateError(
                f"written out, the aliases of the template give more than {MOST_VALUES:,} values",
                line=made.line,
            )
        if len(self.stack) + made.height > DEEPEST + 1:
            raise TemplateError(f"values are nested more than {DEEPEST} deep", line=made.line)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(event: yaml.ScalarEvent, line: int, *, is_key: bool) -> _Made:
    if event.tag and not event.tag.startswith(_STANDARD):
        return _Made(_tagged(event.tag, event.value, line), line)
    tag = event.tag or _RESOLVER.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
    if tag == _MERGE:
        return _Made(_MERGE_KEY if is_key else event.value, line)
    if is_key or tag in _AS_TEXT:
        return _Made(event.value, line)
    if tag not in _CONSTRUCTED:
        raise TemplateError(f"there is no function !{tag.removeprefix(_STANDARD)}", line=line)
    return _Made(_constructed(tag, event.value), line)


def _constructed(tag: str, text: str) -> Any:
    """The number, truth value or null; the text itself where Python has no such number."""
    node = yaml.ScalarNode(tag, text)
    try:
        return SafeConstructor().construct_object(node)
    except (ValueError, KeyError, OverflowError):
        return text


def _tagged(tag: str | None, value: Any, line: int) -> Any:
    """A value with the function that its tag stands for, `!GetAtt A.B` taken apart."""
    if tag is None or tag.startswith(_STANDARD):
        return value
    name = tag.removeprefix("!")
    if name not in SHORT_FORMS:
        raise TemplateError(f"there is no function !{name}", line=line)
    if name == "GetAtt" and isinstance(value, str):
        parts = Listed(line)
        for part in value.split(".", 1):
            parts.add(part, line)
        value = parts
    made = Mapped(line)
    made.put(SHORT_FORMS[name], value, line)
    return made
