"""What SAM's resources are written into: the plain resources, and the routes of APIs on their way.

Law of this module: building blocks. Which resource becomes what is decided in `sam_functions`,
`sam_events`, `sam_apis` and `sam_others`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from penniless.cost.templates.values import Listed, Mapped, Placed, Resource, TemplateError, Unknown

REST_API = "ServerlessRestApi"
HTTP_API = "ServerlessHttpApi"


class Route(NamedTuple):
    """A path and method of an API, and what answers there: `uri` and `credentials` of its
    integration."""

    path: str
    method: str
    uri: Placed
    line: int
    options: Mapping[str, Any]


class Stack:
    """The plain resources that are there so far, by name."""

    def __init__(self, written: Mapping[str, Resource], region: str) -> None:
        self.written = written
        self.region = region
        self.made: dict[str, Resource] = {}
        self.routes: dict[str, list[Route]] = {}

    def add(
        self,
        name: str,
        kind: str,
        properties: Mapping[str, Any],
        *,
        of: Resource,
        line: int | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Resource:
        """Add a resource that was made of another; values without a line get this one."""
        at = of.line if line is None else line
        given = {} if attributes is None else dict(attributes)
        made = Resource(name, kind, lined(properties, at), at, lined(given, at), of.source)
        self.made[name] = made
        return made

    def route(self, api: str, route: Route) -> None:
        """Remember a route for when the API is made."""
        self.routes.setdefault(api, []).append(route)


def ref(name: str) -> Placed:
    """What `Ref` gives."""
    return Placed(f"${{{name}}}", [name])


def attribute(name: str, attribute: str = "Arn") -> Placed:
    """What `Fn::GetAtt` gives."""
    return Placed(f"${{{name}.{attribute}}}", [name])


def text(template: str, *values: str) -> str:
    """The template with its `{}` filled in; Placed if a value is."""
    names = [name for one in values if isinstance(one, Placed) for name in one.names]
    filled = template.format(*values)
    return Placed(filled, names) if names else filled


def named(value: Any) -> str | None:
    """The logical id that a value refers to, as `${Name}` or `${Name.Attribute}`."""
    if isinstance(value, Placed) and value.startswith("${") and value.find("}") == len(value) - 1:
        return value[2:-1].partition(".")[0]
    return str(value) if isinstance(value, str) else None


def lined(value: Any, line: int) -> Any:
    """A plain value as one that knows its line; what knows it keeps it."""
    if isinstance(value, (Mapped, Listed)):
        return value
    if isinstance(value, Mapping):
        made = Mapped(line)
        for key, one in value.items():
            if one is not None:
                made.put(key, lined(one, line), line)
        return made
    if isinstance(value, list):
        return Listed.of([lined(one, line) for one in value], line)
    return value


def picked(source: Mapped, names: Mapping[str, str]) -> Mapped:
    """Some keys of a mapping, each under its new name and on its old line."""
    made = Mapped(source.line)
    for old, new in names.items():
        if old in source:
            made.put(new, source[old], source.line_at(old))
            if old in source.computed:
                made.computed.add(new)
    return made


def without(source: Mapped, *names: str) -> Mapped:
    """All keys of a mapping but these."""
    return picked(source, {key: key for key in source if key not in names})


def added(source: Mapped, values: Mapping[str, Any], line: int | None = None) -> Mapped:
    """A copy of a mapping with these keys too; None adds nothing."""
    made = without(source)
    at = source.line if line is None else line
    for key, one in values.items():
        if one is not None:
            made.put(key, lined(one, at), at)
    return made


def mapping(source: Mapped, name: str) -> Mapped:
    """The mapping of that name, empty if it is not there or unknown.

    Raises TemplateError for anything else.
    """
    found = source.get(name)
    line = source.line_at(name)
    if found is None or isinstance(found, Unknown):
        return Mapped(line)
    if not isinstance(found, Mapped):
        raise TemplateError(f"{name} must be a mapping", line=line)
    return found


def items(source: Mapped, name: str) -> list[Any]:
    """The list of that name; one value alone is a list of one."""
    found = source.get(name)
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def own_properties(source: Resource) -> Mapped:
    """The properties of a resource that was read, which know their lines."""
    assert isinstance(source.properties, Mapped)
    return source.properties


def letters(text: str) -> str:
    """What of a text can be part of a logical id."""
    return "".join(one for one in text if one.isascii() and one.isalnum())


def stage_letters(api: Resource) -> str:
    """What the stage's name gives to the names of resources: nothing if a function makes it."""
    given = own_properties(api)
    stage = given.get("StageName")
    if "StageName" in given.computed or not isinstance(stage, str):
        return ""
    return letters(stage)


def is_true(value: Any) -> bool:
    """A truth value, which may be written as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")
