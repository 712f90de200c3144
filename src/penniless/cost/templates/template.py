"""Reading a SAM or CloudFormation template into plain resources.

Law of this module: the order of the steps, and what holds for a template as a whole: its sections,
the names that it refers to, and that no resource needs itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import MappingProxyType
from typing import Any

from penniless.cost.templates.document import read_document
from penniless.cost.templates.intrinsics import NO_VALUE, Resolver
from penniless.cost.templates.loops import expanded
from penniless.cost.templates.parameters import did_you_mean, read_parameters
from penniless.cost.templates.sam import translated
from penniless.cost.templates.values import (
    Mapped,
    Parameter,
    Resource,
    Template,
    TemplateError,
    Unknown,
    Unresolved,
    number,
    unknowns_in,
)

__all__ = [
    "Parameter",
    "Resource",
    "Template",
    "TemplateError",
    "Unknown",
    "Unresolved",
    "number",
    "read_template",
]

SECTIONS = (
    *("AWSTemplateFormatVersion", "Conditions", "Description", "Fn::Transform", "Globals"),
    *("Hooks", "Mappings", "Metadata", "Outputs", "Parameters", "Resources", "Rules", "Transform"),
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html and SAM's
Globals."""

SAM = "AWS::Serverless-2016-10-31"

WITHOUT_EFFECT = (
    SAM,
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-2020-07-23",
    "AWS::CodeDeployBlueGreen",
)
"""Transforms that are carried out here, or that add nothing which costs."""


def read_template(
    path: Path,
    *,
    settings: Mapping[str, str] = MappingProxyType({}),
    region: str = "ap-northeast-1",
) -> Template:
    """The resources of the template in that file, as CloudFormation would make them there.

    `settings` are values of parameters by their names. Resources whose condition does not hold are
    left out; what cannot be known is Unknown and listed in `unresolved`.

    Raises TemplateError, whose text starts with `path:line:`, for a file that cannot be read or
    that CloudFormation would refuse.
    """
    try:
        return _Reading(path, _content(path), settings, region).template()
    except TemplateError as error:
        raise error.within(path) from None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise TemplateError(f"the file cannot be read: {reason}", line=1) from None
    except ValueError as error:
        raise TemplateError(f"the file cannot be read: {error}", line=1) from None


class _Reading:
    """One template on its way."""

    def __init__(
        self, path: Path, content: bytes, settings: Mapping[str, str], region: str
    ) -> None:
        self.path = path
        self.region = region
        self.document = _checked(read_document(content))
        self.transforms = _transforms(self.document)
        self.parameters = read_parameters(
            _section(self.document, "Parameters"), settings, self.document.line_at("Parameters")
        )
        self.resolver = Resolver(
            parameters=self.parameters,
            mappings=_section(self.document, "Mappings"),
            conditions=_section(self.document, "Conditions"),
            region=region,
        )
        self.unresolved: list[Unresolved] = []
        self.dropped: dict[str, str] = {}
        self.resources: dict[str, Resource] = {}
        self.is_open = False
        self.macros: list[Unresolved] = []

    def template(self) -> Template:
        """The template, read and checked."""
        self._conditions()
        written = self._written()
        is_sam = SAM in self.transforms
        if is_sam:
            self.resources = translated(written, self._globals(), self.region)
        else:
            self.resources = written
            _check_plain(written)
        outputs = self._outputs()
        self._check_names(written)
        self._check_order()
        self._note_unknowns()
        return Template(
            path=self.path,
            resources=self.resources,
            unresolved=self.unresolved,
            parameters=self.parameters,
            is_sam=is_sam,
            region=self.region,
            outputs=outputs,
            macros=self.macros,
        )

    def _conditions(self) -> None:
        """Decide every condition, so that a wrong one is found though nothing uses it."""
        section = self.resolver.conditions
        self.resolver.conditions = self._spread(section, "Conditions")
        for name in self.resolver.conditions:
            self.resolver.condition(name, self.resolver.conditions.line_at(name))

    def _spread(self, section: Mapped, where: str) -> Mapped:
        """A section with its loops written out, and what a macro will write noted."""
        made = Mapped(section.line)
        whole = expanded(section, self.resolver.collection)
        for key, value in whole.items():
            line = whole.line_at(key)
            if isinstance(value, Unknown):
                self._note(where, value)
            elif key == "Fn::Transform":
                self._note(where, Unknown("a macro writes this when it is deployed", line))
            else:
                made.put(key, value, line)
        return made

    def _note(self, where: str, value: Unknown) -> None:
        self.is_open = True
        self.macros.append(Unresolved(where, value.what, value.line))
        self.unresolved.append(self.macros[-1])

    def _written(self) -> dict[str, Resource]:
        """The resources as they are written, resolved; those of a false condition are left out."""
        section = self._spread(_section(self.document, "Resources"), "Resources")
        for name in self.transforms:
            if name not in WITHOUT_EFFECT:
                line = self.document.line_at("Transform")
                self._note("Transform", Unknown(f"the macro {name} may change everything", line))
        found = {}
        for name in section:
            resource = self._resource(name, section[name], section.line_at(name))
            if resource is not None:
                found[name] = resource
        return found

    def _resource(self, name: str, value: Any, line: int) -> Resource | None:
        if not isinstance(value, Mapped):
            raise TemplateError(f"the resource {name} must be a mapping with a Type", line=line)
        kind = value.get("Type")
        if not isinstance(kind, str) or not kind:
            raise TemplateError(f"the resource {name} has no Type", line=line)
        holds: bool | Unknown = True
        if value.get("Condition") is not None:
            holds = self.resolver.condition(value["Condition"], value.line_at("Condition"))
        if holds is False:
            self.dropped[name] = value["Condition"]
            return None
        attributes = self._attributes(value)
        if isinstance(holds, Unknown):
            at = value.line_at("Condition")
            attributes.put("Condition", Unknown(holds.what, at, holds.names), at)
        return Resource(name, kind, self._properties(name, value), line, attributes, name)

    def _properties(self, name: str, value: Mapped) -> Mapped:
        line = value.line_at("Properties")
        found = self.resolver.resolve(value.get("Properties"), line)
        if found is None or found is NO_VALUE:
            return Mapped(line)
        if isinstance(found, Unknown):
            made = Mapped(line)
            made.put("Fn::Transform", found, line)
            return made
        if not isinstance(found, Mapped):
            raise TemplateError(f"the Properties of {name} must be a mapping", line=line)
        return found

    def _attributes(self, value: Mapped) -> Mapped:
        """All but Type and Properties. Metadata is for tools, whose functions are not ours."""
        made = Mapped(value.line)
        for key, one in value.items():
            if key in {"Type", "Properties", "Condition"}:
                continue
            line = value.line_at(key)
            found = one if key == "Metadata" else self.resolver.resolve(one, line)
            if found is not NO_VALUE:
                made.put(key, found, line)
        return made

    def _globals(self) -> Mapped:
        section = _section(self.document, "Globals")
        found = self.resolver.resolve(section, section.line)
        return found if isinstance(found, Mapped) else Mapped(section.line)

    def _outputs(self) -> dict[str, Any]:
        section = self._spread(_section(self.document, "Outputs"), "Outputs")
        found = {}
        for name, one in section.items():
            line = section.line_at(name)
            if not isinstance(one, Mapped) or "Value" not in one:
                raise TemplateError(f"the output {name} has no Value", line=line)
            condition = one.get("Condition")
            if condition is None or self.resolver.condition(condition, one.line_at("Condition")):
                value = self.resolver.resolve(one["Value"], one.line_at("Value"))
                found[name] = None if value is NO_VALUE else value
        return found

    def _check_names(self, written: Mapping[str, Resource]) -> None:
        """Raise for the first reference to what is not there."""
        for name, line in sorted(self.resolver.used.items(), key=lambda one: one[1]):
            base = name.partition(".")[0]
            if base in self.dropped:
                raise TemplateError(
                    f"{base} is referred to, but its condition {self.dropped[base]} does not hold",
                    line=line,
                )
            if not self.is_open and base not in self.resources and base not in written:
                raise TemplateError(self._nothing_called(base, written), line=line)

    def _nothing_called(self, name: str, written: Iterable[str]) -> str:
        known = {*written, *self.resources, *self.parameters, *self.resolver.pseudo}
        return f"there is no parameter or resource {name}{did_you_mean(name, known)}"

    def _check_order(self) -> None:
        """Raise if resources need each other, or depend on what is not there."""
        needs = {
            name: set(one.references) & set(self.resources) for name, one in self.resources.items()
        }
        for name, one in self.resources.items():
            for other in _depends_on(one):
                if other in self.resources:
                    needs[name].add(other)
                elif other not in self.dropped and not self.is_open:
                    raise TemplateError(
                        f"{name} depends on {other}, which is not there"
                        f"{did_you_mean(other, self.resources)}",
                        line=_line_of_depends_on(one),
                    )
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            circle = list(reversed(error.args[1]))
            raise TemplateError(
                f"resources need each other: {' -> '.join(circle)}",
                line=self.resources[circle[0]].line,
            ) from None

    def _note_unknowns(self) -> None:
        for name, one in self.resources.items():
            if one.type == "AWS::CloudFormation::Stack":
                what = "its resources stand in another template"
                self.unresolved.append(Unresolved(name, what, one.line))
            for source in (one.properties, {"Condition": one.attributes.get("Condition")}):
                for where, unknown in unknowns_in(source, name):
                    self.unresolved.append(Unresolved(where, unknown.what, unknown.line))


def _checked(document: Any) -> Mapped:
    """The document, if it is a template."""
    if not isinstance(document, Mapped):
        raise TemplateError("a template is a mapping with Resources", line=1)
    for key in document:
        if key not in SECTIONS:
            raise TemplateError(
                f"a template has no section {key}{did_you_mean(key, SECTIONS)}",
                line=document.line_at(key),
            )
    if "Resources" not in document:
        raise TemplateError("the template has no Resources", line=document.line)
    if not isinstance(document["Resources"], Mapped) or not document["Resources"]:
        line = document.line_at("Resources")
        raise TemplateError("Resources must be a mapping with at least one resource", line=line)
    return document


def _section(document: Mapped, name: str) -> Mapped:
    """A section, empty if it is not there."""
    line = document.line_at(name)
    found = document.get(name)
    if found is None:
        return Mapped(line)
    if not isinstance(found, Mapped):
        raise TemplateError(f"{name} must be a mapping", line=line)
    return found


def _transforms(document: Mapped) -> list[str]:
    """The names of the macros that the whole template goes through."""
    value = document.get("Transform")
    names = [
        one.get("Name") if isinstance(one, Mapped) else one
        for one in (value if isinstance(value, list) else [value])
    ]
    return [one for one in names if isinstance(one, str)]


def _check_plain(resources: Mapping[str, Resource]) -> None:
    for one in resources.values():
        if one.type.startswith("AWS::Serverless::"):
            raise TemplateError(
                f"{one.name} is SAM's, but the template has no Transform: {SAM}", line=one.line
            )


def _depends_on(resource: Resource) -> list[str]:
    value = resource.attributes.get("DependsOn", [])
    names = value if isinstance(value, list) else [value]
    return [str(one) for one in names if isinstance(one, str)]


def _line_of_depends_on(resource: Resource) -> int:
    attributes = resource.attributes
    return attributes.line_at("DependsOn") if isinstance(attributes, Mapped) else resource.line
