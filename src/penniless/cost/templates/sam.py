"""SAM's resources as plain CloudFormation.

Law of this module: Globals, and which kind of resource goes to which translation. Names are those
that SAM gives, without the hashes that it puts behind some of them.

https://github.com/aws/serverless-application-model/blob/develop/docs/internals/generated_resources.rst
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from penniless.cost.templates.parameters import did_you_mean
from penniless.cost.templates.sam_apis import http_api, rest_api, websocket_api
from penniless.cost.templates.sam_functions import function
from penniless.cost.templates.sam_graphql import graphql_api
from penniless.cost.templates.sam_others import (
    application,
    connector,
    embedded_connectors,
    layer,
    simple_table,
)
from penniless.cost.templates.sam_stack import HTTP_API, REST_API, Stack, mapping
from penniless.cost.templates.sam_states import state_machine
from penniless.cost.templates.values import Listed, Mapped, Resource, TemplateError

PREFIX = "AWS::Serverless::"

GLOBALS = (
    *("Function", "Api", "HttpApi", "WebSocketApi", "SimpleTable", "StateMachine", "LayerVersion"),
    *("CapacityProvider", "MicrovmImage", "NetworkConnector", "WebFunction"),
)
"""https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html"""

TRANSLATIONS: dict[str, Callable[[Stack, Resource], None]] = {
    "Function": function,
    "StateMachine": state_machine,
    "SimpleTable": simple_table,
    "LayerVersion": layer,
    "Application": application,
    "GraphQLApi": graphql_api,
    "WebSocketApi": websocket_api,
}

APIS: dict[str, Callable[[Stack, Resource], None]] = {"Api": rest_api, "HttpApi": http_api}
"""They come after these, when all their routes are known."""

CONNECTORS: dict[str, Callable[[Stack, Resource], None]] = {"Connector": connector}
"""They come last, when both of their ends are there."""

NOT_TRANSLATED = ("CapacityProvider", "MicrovmImage", "NetworkConnector", "WebFunction")
"""They keep SAM's type, so that whoever asks for their price finds that it is not known."""


def translated(written: Mapping[str, Resource], shared: Mapped, region: str) -> dict[str, Resource]:
    """Plain resources for the written ones, in the order of the template.

    `shared` is the section Globals, resolved. Raises TemplateError for what SAM would refuse.
    """
    _check_globals(shared)
    whole = {name: _with_globals(one, shared) for name, one in written.items()}
    stack = Stack(whole, region)
    _check_types(whole)
    for one in whole.values():
        if _kind(one) is None or _kind(one) in NOT_TRANSLATED:
            stack.made[one.name] = one
    for table in (TRANSLATIONS, APIS):
        _translate(table, whole, stack)
    _implicit_apis(stack, shared)
    _translate(CONNECTORS, whole, stack)
    for one in whole.values():
        embedded_connectors(stack, one)
    places = {name: index for index, name in enumerate(written)}
    order = sorted(stack.made.values(), key=lambda one: places.get(one.source, len(places)))
    return {one.name: one for one in order}


def _translate(
    table: Mapping[str, Callable[[Stack, Resource], None]],
    whole: Mapping[str, Resource],
    stack: Stack,
) -> None:
    for one in whole.values():
        made_by = table.get(_kind(one) or "")
        if made_by is not None:
            made_by(stack, one)


def _kind(resource: Resource) -> str | None:
    """What of SAM it is, None for a plain resource."""
    return resource.type.removeprefix(PREFIX) if resource.type.startswith(PREFIX) else None


def _check_types(resources: Mapping[str, Resource]) -> None:
    known = {*TRANSLATIONS, *APIS, *CONNECTORS, *NOT_TRANSLATED}
    for one in resources.values():
        kind = _kind(one)
        if kind is not None and kind not in known:
            types = [f"{PREFIX}{name}" for name in known]
            raise TemplateError(
                f"SAM has no type {one.type}{did_you_mean(one.type, types)}", line=one.line
            )


def _check_globals(shared: Mapped) -> None:
    for name in shared:
        if name not in GLOBALS:
            raise TemplateError(
                f"Globals has no part {name}{did_you_mean(name, GLOBALS)}",
                line=shared.line_at(name),
            )
        mapping(shared, name)


def _with_globals(resource: Resource, shared: Mapped) -> Resource:
    """The resource with what Globals gives to its kind."""
    kind = _kind(resource)
    if kind not in GLOBALS or kind not in shared:
        return resource
    return Resource(
        resource.name,
        resource.type,
        merged(mapping(shared, kind), resource.properties),
        resource.line,
        resource.attributes,
        resource.source,
    )


def merged(shared: Any, own: Any) -> Any:
    """Mappings are merged, lists put one behind the other, and the resource's own value wins."""
    if isinstance(shared, Mapped) and isinstance(own, Mapped):
        made = Mapped(own.line)
        made.computed = shared.computed | own.computed
        for key, value in shared.items():
            made.put(key, value, shared.line_at(key))
        for key, value in own.items():
            made.put(key, merged(shared[key], value) if key in shared else value, own.line_at(key))
        return made
    if isinstance(shared, Listed) and isinstance(own, Listed):
        listed = Listed(own.line)
        for source in (shared, own):
            for index, value in enumerate(source):
                listed.add(value, source.line_at(index))
        return listed
    return own


def _implicit_apis(stack: Stack, shared: Mapped) -> None:
    """The APIs that SAM makes for events that name none."""
    for name, kind, stage in ((REST_API, "Api", "Prod"), (HTTP_API, "HttpApi", None)):
        if name in stack.made or name not in stack.routes:
            continue
        line = stack.routes[name][0].line
        properties = Mapped(line)
        if stage:
            properties.put("StageName", stage, line)
        made = Resource(name, f"{PREFIX}{kind}", properties, line, Mapped(line), name)
        APIS[kind](stack, _with_globals(made, shared))
