"""The values that a template is read into, and the error of one that cannot be read.

Law of this module: plain values that know the lines they come from. What reads, resolves and
translates stands in the other modules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field

from penniless.errors import CodeError


class TemplateError(CodeError):
    """A template that cannot be read; the text is `path:line: one sentence`.

    `sentence` and `line` (from 1) are what it is made of.
    """

    def __init__(self, sentence: str, *, line: int, path: Path | None = None) -> None:
        super().__init__(f"{path}:{line}: {sentence}" if path else f"line {line}: {sentence}")
        self.sentence = sentence
        self.line = line

    def within(self, path: Path) -> TemplateError:
        """The same error, of that file."""
        return TemplateError(self.sentence, line=self.line, path=path)


class Mapped(dict[str, Any]):
    """A mapping of a template that knows its line and those of its keys.

    `computed` are the keys whose values a function gave.
    """

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.at: dict[str, int] = {}
        self.computed: set[str] = set()

    def put(self, key: str, value: Any, line: int | None = None) -> None:
        """Set a key that stands on that line, or on the mapping's own."""
        self[key] = value
        self.at[key] = self.line if line is None else line

    def line_at(self, key: str) -> int:
        """The line of that key, or the mapping's own."""
        return self.at.get(key, self.line)


class Listed(list[Any]):
    """A list of a template that knows its line and those of its items."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.at: list[int] = []

    @classmethod
    def of(cls, values: Iterable[Any], line: int) -> Listed:
        """These items, all on one line."""
        made = cls(line)
        for value in values:
            made.add(value, line)
        return made

    def add(self, value: Any, line: int) -> None:
        """Append an item that stands on that line."""
        self.append(value)
        self.at.append(line)

    def line_at(self, index: int) -> int:
        """The line of that item, or the list's own."""
        return self.at[index] if -len(self.at) <= index < len(self.at) else self.line


class Placed(str):
    """A text with `${Name}` or `${Name.Attr}` in the place of what only a deployment knows.

    `names` are the logical ids and pseudo parameters that it stands for. It compares and prints as
    the text that it is; msgspec encodes no such subclass, so give it `str(value)`.
    """

    names: frozenset[str]

    def __new__(cls, text: str, names: Iterable[str]) -> Placed:
        made = super().__new__(cls, text)
        made.names = frozenset(names)
        return made


class Unknown(Struct, frozen=True):
    """A value that cannot be known from the template; `what` says why.

    `names` are the logical ids that its making refers to.
    """

    what: str
    line: int
    names: frozenset[str] = frozenset()


class Resource(Struct):
    """A resource with its properties resolved.

    `attributes` are what stands beside Type and Properties: DeletionPolicy, DependsOn, Metadata.
    `source` is the resource of the template that it was made of, its own name if it was written.
    """

    name: str
    type: str
    properties: dict[str, Any]
    line: int
    attributes: dict[str, Any] = field(default_factory=dict)
    source: str = ""

    @property
    def references(self) -> frozenset[str]:
        """The logical ids that its properties refer to."""
        return frozenset(name for name in names_in(self.properties) if "::" not in name)

    def get(self, *path: str | int, default: Any = None) -> Any:
        """The value at that path of keys and indexes, or the default.

        Unknown where the value, or one on the way to it, is unknown.
        """
        found: Any = self.properties
        for step in path:
            if isinstance(found, Unknown):
                return found
            found = _child(found, step)
            if found is None:
                return default
        return found

    def number(self, *path: str | int, default: Decimal | int | None = None) -> Decimal | Unknown:
        """The number at that path, `"256"` counting as one; Unknown where it is none."""
        found = number(self.get(*path, default=default))
        if isinstance(found, Unknown) and found.line == 0:
            return Unknown(found.what, self.line_of(*path))
        return found

    def line_of(self, *path: str | int) -> int:
        """The line of the value at that path, or of the nearest one above it."""
        found: Any = self.properties
        line = self.line
        for step in path:
            child = _child(found, step)
            if child is None:
                break
            if isinstance(found, (Mapped, Listed)):
                line = found.line_at(step)  # type: ignore[arg-type]  # _child saw that it fits
            found = child
        return line


class Unresolved(Struct, frozen=True):
    """A place whose value is unknown, such as `BotTable.ProvisionedThroughput`."""

    where: str
    what: str
    line: int


class Parameter(Struct, frozen=True):
    """A parameter and its value, which is Unknown if it is missing."""

    name: str
    value: Any
    source: Literal["set", "default", "missing"]
    line: int
    no_echo: bool = False


class Template(Struct, dict=True):
    """A template as plain CloudFormation resources.

    `unresolved` lists each place whose value is unknown; `outputs` are the resolved values.
    Nothing is added to `resources` once it is read.
    """

    path: Path
    resources: dict[str, Resource]
    unresolved: list[Unresolved]
    parameters: dict[str, Parameter]
    is_sam: bool
    region: str
    outputs: dict[str, Any] = field(default_factory=dict)
    macros: list[Unresolved] = field(default_factory=list)
    """Where a macro may write resources that nobody sees here."""

    def of_type(self, *types: str) -> list[Resource]:
        """The resources of these types, in the order of the template."""
        if len(types) == 1:
            return self._by_type.get(types[0], [])
        kinds = set(types)
        if not kinds & self._by_type.keys():
            return []
        return [one for one in self.resources.values() if one.type in kinds]

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for one in self.resources.values():
            found.setdefault(one.type, []).append(one)
        return found

    @cached_property
    def references(self) -> dict[str, frozenset[str]]:
        """What each resource refers to, by its name."""
        return {name: one.references for name, one in self.resources.items()}

    @property
    def missing(self) -> list[TemplateError]:
        """An error for each parameter without a value, for those who cannot go on without."""
        return [
            TemplateError(one.value.what, line=one.line, path=self.path)
            for one in self.parameters.values()
            if one.source == "missing"
        ]


def _child(value: Any, step: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
        return value[step]
    return None


def number(value: Any) -> Decimal | Unknown:
    """A number of a template, which may be written as text.

    What is no number becomes Unknown, whose line is 0 because a plain value has none.
    """
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Placed):
        return Unknown(f"{value} is known when it is deployed", 0, value.names)
    if isinstance(value, (int, float, str, Decimal)) and not isinstance(value, bool):
        try:
            found = Decimal(str(value).strip())
        except InvalidOperation:
            return Unknown(f"{value!r} is not a number", 0)
        if found.is_finite():
            return found
    return Unknown(f"{value!r} is not a number", 0)


def names_in(value: Any) -> Iterator[str]:
    """The logical ids and pseudo parameters that a resolved value refers to, some repeatedly."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (Placed, Unknown)):
            yield from one.names
        elif isinstance(one, Mapping):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def unknowns_in(value: Any, where: str) -> Iterator[tuple[str, Unknown]]:
    """Each unknown value below a value, with the path to it."""
    if isinstance(value, Unknown):
        yield where, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from unknowns_in(one, f"{where}.{key}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from unknowns_in(one, f"{where}.{index}")
