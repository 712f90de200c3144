"""How often each resource of a template is called in a month, from how often the bot is.

Law of this module: the graph of a template, by what refers to what; nothing of prices. A template
says who may call whom and not how often, so that one rule holds for all: what enters at a door is
shared evenly by the functions behind it, and a function uses each queue, topic, table, bucket or
state machine that it (or its role) refers to once a call. Everything is a number a month.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter

from msgspec import Struct, field

from penniless.cost.schedules import times_a_month

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.cost.assumptions import Assumptions
    from penniless.cost.templates.template import Resource, Template

FUNCTION = "AWS::Lambda::Function"
URL = "AWS::Lambda::Url"
MAPPING = "AWS::Lambda::EventSourceMapping"
QUEUE = "AWS::SQS::Queue"
TOPIC = "AWS::SNS::Topic"
TABLE = "AWS::DynamoDB::Table"
BUCKET = "AWS::S3::Bucket"
MACHINE = "AWS::StepFunctions::StateMachine"
DISTRIBUTION = "AWS::CloudFront::Distribution"
APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
SCHEDULES = ("AWS::Events::Rule", "AWS::Scheduler::Schedule")

DOORS = (URL, *APIS)
"""Where requests come in from outside."""

PUBLISHED = ("AWS::Lambda::Alias", "AWS::Lambda::Version")
"""What stands for a function where a door points at a version of it."""

USED = (
    QUEUE,
    TOPIC,
    MACHINE,
    BUCKET,
    TABLE,
    "AWS::DynamoDB::GlobalTable",
    "AWS::Events::EventBus",
    "AWS::KMS::Key",
    "AWS::SecretsManager::Secret",
)
"""What a function uses when it refers to it."""

BETWEEN = ("AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Integration")
"""What ties an API to its functions in plain CloudFormation."""

OTHERWISE = (QUEUE, TOPIC, MACHINE, DISTRIBUTION, BUCKET, FUNCTION)
"""Where a month's messages enter a template without a door, the first kind that there is; a rule
that waits for events comes before all of them."""


class Edge(Struct, frozen=True):
    """Each call of `source` is `factor` calls of `target`."""

    source: str
    target: str
    factor: Decimal


class Flow(Struct):
    """Calls a month of each resource, by its name; a resource without calls is not in it."""

    calls: dict[str, Decimal] = field(default_factory=dict)
    entrances: list[str] = field(default_factory=list)
    """Where a month's messages come in."""
    scheduled: dict[str, Decimal] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def of(self, name: str) -> Decimal:
        """Calls a month of that resource."""
        return self.calls.get(name, Decimal(0))


def flow_of(template: Template, webhooks: Decimal, assumed: Assumptions) -> Flow:
    """Follow a month's webhooks (or messages, requests, page views) through the template."""
    edges = list(_edges(template, assumed))
    flow = Flow(entrances=_entrances(template, edges))
    calls: defaultdict[str, Decimal] = defaultdict(Decimal)
    for name in flow.entrances:
        calls[name] += webhooks / len(flow.entrances)
    for name, resource in _of_types(template, SCHEDULES):
        times = times_a_month(resource)
        if times is None:
            flow.notes.append(f"{name}: its schedule cannot be read, and is counted as never")
            continue
        flow.scheduled[name] = times
        calls[name] += times
    for edge in _in_order(edges, flow):
        calls[edge.target] += calls[edge.source] * edge.factor
    flow.calls = {name: count for name, count in calls.items() if count}
    flow.notes += _uncalled(template, flow)
    return flow


def _of_types(template: Template, types: tuple[str, ...]) -> Iterator[tuple[str, Resource]]:
    for name, resource in template.resources.items():
        if resource.type in types:
            yield name, resource


def _entrances(template: Template, edges: list[Edge]) -> list[str]:
    doors = [name for name, _ in _of_types(template, DOORS)]
    listening = [name for name, one in _of_types(template, SCHEDULES) if one.get("EventPattern")]
    if doors or listening:
        return doors or listening
    reached = {edge.target for edge in edges}
    scheduled = any(True for _ in _of_types(template, SCHEDULES))
    for kind in OTHERWISE:
        if kind == FUNCTION and scheduled:
            return []
        found = [name for name, _ in _of_types(template, (kind,)) if name not in reached]
        if kind == QUEUE:
            found = [name for name in found if any(edge.source == name for edge in edges)]
        if found:
            return found
    return []


def _edges(template: Template, assumed: Assumptions) -> Iterator[Edge]:
    yield from _from_doors(template)
    yield from _from_sources(template, assumed)
    yield from _from_machines(template)
    yield from _from_functions(template, assumed)


def _from_doors(template: Template) -> Iterator[Edge]:
    for name, resource in _of_types(template, DOORS + SCHEDULES + (TOPIC,)):
        targets = _targets(template, resource.references)
        for _, between in _of_types(template, (*BETWEEN, "AWS::SNS::Subscription")):
            if name in between.references:
                targets |= _targets(template, between.references)
        targets.discard(name)
        # A schedule and a topic call all of theirs; a request goes to one function of its door.
        share = len(targets) if resource.type in DOORS else 1
        for target in sorted(targets):
            yield Edge(name, target, Decimal(1) / share)
    for name, resource in _of_types(template, (DISTRIBUTION,)):
        for target in sorted(resource.references):
            if target in template.resources and template.resources[target].type == BUCKET:
                yield Edge(name, target, Decimal(1))


def _targets(template: Template, names: frozenset[str]) -> set[str]:
    kinds = (FUNCTION, QUEUE, MACHINE)
    resources = template.resources
    behind = {
        function
        for name in names
        if name in resources and resources[name].type in PUBLISHED
        for function in resources[name].references
    }
    found = {
        name for name in {*names, *behind} if name in resources and resources[name].type in kinds
    }
    functions = {name for name in found if template.resources[name].type == FUNCTION}
    return functions or found


def _from_sources(template: Template, assumed: Assumptions) -> Iterator[Edge]:
    for _, mapping in _of_types(template, (MAPPING,)):
        functions = _targets(template, mapping.references)
        for source in mapping.references - functions:
            for target in functions:
                yield Edge(source, target, 1 / assumed["batch"])


def _from_machines(template: Template) -> Iterator[Edge]:
    for name, resource in _of_types(template, (MACHINE,)):
        for target in sorted(_targets(template, resource.references) | _used(template, resource)):
            yield Edge(name, target, Decimal(1))


def _from_functions(template: Template, assumed: Assumptions) -> Iterator[Edge]:
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for _, mapping in _of_types(template, (MAPPING,)):
        for function in _targets(template, mapping.references):
            sources[function] |= mapping.references
    for name, resource in _of_types(template, (FUNCTION,)):
        used = _used(template, resource) - sources[name] - _letters(resource)
        # What is used once a message is used as often as a call brings messages.
        each = assumed["batch"] if sources[name] else Decimal(1)
        for target in sorted(used):
            yield Edge(name, target, each)


def _used(template: Template, caller: Resource) -> set[str]:
    """What a function or a machine refers to itself, or through its role and its policies."""
    names = set(caller.references)
    for name in caller.references:
        role = template.resources.get(name)
        if role is not None and role.type == "AWS::IAM::Role":
            names |= role.references
            names |= _policies_of(template, name)
    resources = template.resources
    return {name for name in names if name in resources and resources[name].type in USED}


def _policies_of(template: Template, role: str) -> set[str]:
    kinds = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
    return {
        name
        for _, policy in _of_types(template, kinds)
        if role in policy.references
        for name in policy.references
    }


def _letters(function: Resource) -> set[str]:
    """The queue of its dead letters, which gets only what failed."""
    target = function.get("DeadLetterConfig", "TargetArn")
    return {name for name in function.references if f"${{{name}." in str(target)}


def _in_order(edges: list[Edge], flow: Flow) -> list[Edge]:
    """The edges so that a source is known before its targets; one that closes a circle is left."""
    kept = list(edges)
    while True:
        before: Mapping[str, set[str]] = _before(kept)
        try:
            order = list(TopologicalSorter(before).static_order())
        except CycleError as error:
            circle = error.args[1]
            kept = [edge for edge in kept if (edge.source, edge.target) != (circle[0], circle[1])]
            flow.notes.append(f"{circle[0]} and {circle[1]} call each other: counted one way only")
            continue
        place = {name: number for number, name in enumerate(order)}
        return sorted(kept, key=lambda edge: place[edge.source])


def _before(edges: list[Edge]) -> dict[str, set[str]]:
    before: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        before[edge.target].add(edge.source)
    return before


def _uncalled(template: Template, flow: Flow) -> list[str]:
    return [
        f"{name}: nothing in the template calls this function in a usual month"
        for name, _ in _of_types(template, (FUNCTION,))
        if not flow.of(name)
    ]
