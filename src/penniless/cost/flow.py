"""How often each resource of a template is called in a month, from how often the bot is.

Law of this module: the graph of a template, by what refers to what; nothing of prices. A template
says who may call whom and not how often, so that one rule holds for all: what enters at a door is
shared evenly by the functions behind it, and a function uses each queue, topic, table, bucket, bus
or state machine that it (or its role) refers to once a call. Everything is a number a month.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter

from msgspec import Struct, field

from penniless.cost.grants import invoked_by
from penniless.cost.schedules import times_a_month
from penniless.cost.templates.values import names_in

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
BUS = "AWS::Events::EventBus"
STREAM = "AWS::Kinesis::Stream"
GRAPH = "AWS::AppSync::GraphQLApi"
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
    STREAM,
    TOPIC,
    MACHINE,
    BUCKET,
    TABLE,
    "AWS::DynamoDB::GlobalTable",
    BUS,
    "AWS::KMS::Key",
    "AWS::SecretsManager::Secret",
)
"""What a function uses when it refers to it."""

BETWEEN = ("AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Integration")
"""What ties an API to its functions in plain CloudFormation."""

AUTHORIZERS = ("AWS::ApiGateway::Authorizer", "AWS::ApiGatewayV2::Authorizer")
"""What ties an API to the function that it asks before each request."""

CALLED = (FUNCTION, QUEUE, STREAM, MACHINE, TOPIC)
"""What a door, a schedule, a topic, a bucket or a machine calls."""

UNATTENDED = (TOPIC, BUCKET, *SCHEDULES)
"""What calls a function without waiting for its answer."""

OTHERWISE = (QUEUE, STREAM, TOPIC, MACHINE, DISTRIBUTION, BUCKET, FUNCTION)
"""Where a month's messages enter a template without a door, the first kind that there is; a bus and
a rule that wait for events come before all of them."""


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


class Routes(Struct, frozen=True):
    """How calls spread in a template, whatever their number."""

    entrances: list[str]
    edges: list[Edge]
    """In an order in which a source comes before its targets."""
    scheduled: dict[str, Decimal]
    notes: list[str]

    def flow(self, webhooks: Decimal) -> Flow:
        """A month's webhooks (or messages, requests, page views), followed to their ends."""
        calls = defaultdict[str, Decimal](Decimal, self.scheduled)
        for name in self.entrances:
            calls[name] += webhooks / len(self.entrances)
        for edge in self.edges:
            calls[edge.target] += calls[edge.source] * edge.factor
        return Flow(
            calls={name: count for name, count in calls.items() if count},
            entrances=self.entrances,
            scheduled=self.scheduled,
            notes=self.notes,
        )


def called_by_doors(template: Template, routes: Routes) -> list[Resource]:
    """The functions that a door calls itself; where it calls none, those that its calls reach."""
    doors = {one.name for one in template.of_type(*DOORS)}
    functions = template.of_type(FUNCTION)
    called = {edge.target for edge in routes.edges if edge.source in doors}
    flow = routes.flow(Decimal(1_000_000))
    return [one for one in functions if one.name in called] or [
        one for one in functions if flow.of(one.name) and routes.entrances
    ]


def routes_of(template: Template, assumed: Assumptions) -> Routes:
    """Who calls whom, and how often for each call of its own."""
    edges = list(_edges(template, assumed))
    notes: list[str] = []
    routes = Routes(
        entrances=_entrances(template, edges),
        edges=_in_order(edges, notes),
        scheduled=_scheduled(template, notes),
        notes=notes,
    )
    notes += _uncalled(template, routes.flow(Decimal(1)))
    return routes


def flow_of(template: Template, webhooks: Decimal, assumed: Assumptions) -> Flow:
    """A month's webhooks through the template; for many months ask `routes_of` once."""
    return routes_of(template, assumed).flow(webhooks)


def _scheduled(template: Template, notes: list[str]) -> dict[str, Decimal]:
    found = {}
    for one in template.of_type(*SCHEDULES):
        times = times_a_month(one)
        if times is None:
            notes.append(f"{one.name}: its schedule cannot be read, and is counted as never")
        else:
            found[one.name] = times
    return found


def _entrances(template: Template, edges: list[Edge]) -> list[str]:
    reached = {edge.target for edge in edges}
    sources = {edge.source for edge in edges}
    doors = _doors(template, edges, reached)
    waiting = [one.name for one in template.of_type(BUS) if one.name in sources - reached]
    waiting += [
        one.name
        for one in template.of_type(*SCHEDULES)
        if one.get("EventPattern") and one.name not in reached
    ]
    if doors or waiting:
        return doors or waiting
    for kind in OTHERWISE:
        if kind == FUNCTION and template.of_type(*SCHEDULES):
            return []
        found = [one.name for one in template.of_type(kind) if one.name not in reached]
        read = [name for name in found if name in sources]
        if kind in (QUEUE, STREAM) or (kind == BUCKET and read):
            found = read
        if found:
            return found
    return []


def _doors(template: Template, edges: list[Edge], reached: set[str]) -> list[str]:
    """The doors, or the distributions in front of them."""
    doors = {one.name for one in template.of_type(*DOORS, GRAPH)}
    before = {edge.source for edge in edges if edge.target in doors}
    return [name for name in template.resources if name in before | (doors - reached)]


def _edges(template: Template, assumed: Assumptions) -> Iterator[Edge]:
    found = list(_direct(template, assumed))
    yield from found
    yield from _from_results(template, found)


def _direct(template: Template, assumed: Assumptions) -> Iterator[Edge]:
    yield from _from_doors(template)
    yield from _from_clocks(template)
    yield from _from_topics(template)
    yield from _from_graphs(template)
    yield from _from_distributions(template)
    yield from _from_buses(template)
    yield from _from_buckets(template)
    yield from _from_sources(template, assumed)
    yield from _from_machines(template)
    yield from _from_functions(template, assumed)


def _from_doors(template: Template) -> Iterator[Edge]:
    """A request goes to one function of its door."""
    references = template.references
    behind, asked = _behind(template, BETWEEN), _behind(template, AUTHORIZERS)
    for one in template.of_type(*DOORS):
        targets = _targets(template, references[one.name])
        for names in behind[one.name]:
            targets |= _targets(template, names)
        for target in sorted(targets):
            yield Edge(one.name, target, Decimal(1) / len(targets))
        for names in asked[one.name]:
            for target in sorted(_targets(template, names)):
                yield Edge(one.name, target, Decimal(1))


def _from_clocks(template: Template) -> Iterator[Edge]:
    """A rule or a schedule calls all of its targets, and its dead letters none."""
    for one in template.of_type(*SCHEDULES):
        targets = one.get("Targets", default=one.get("Target"))
        arns = [_of(target, "Arn") for target in _listed(targets)]
        named = _called(template, frozenset(names_in(arns)))
        for target in sorted(named or _targets(template, template.references[one.name])):
            yield Edge(one.name, target, Decimal(1))


def _from_topics(template: Template) -> Iterator[Edge]:
    """A topic tells all of its subscribers."""
    behind = _behind(template, ("AWS::SNS::Subscription",))
    for one in template.of_type(TOPIC):
        ends = [_of(inside, "Endpoint") for inside in _listed(one.get("Subscription"))]
        targets = _called(template, frozenset(names_in(ends)))
        for names in behind[one.name]:
            targets |= _targets(template, names)
        for target in sorted(targets - {one.name}):
            yield Edge(one.name, target, Decimal(1))


def _from_graphs(template: Template) -> Iterator[Edge]:
    """A request to an API of AppSync goes to one of its sources of data."""
    behind = _behind(template, ("AWS::AppSync::DataSource",))
    for one in template.of_type(GRAPH):
        found = [_called(template, names) | _stored(template, names) for names in behind[one.name]]
        sources = [targets for targets in found if targets]
        for targets in sources:
            for target in sorted(targets):
                yield Edge(one.name, target, Decimal(1) / len(sources))


def _stored(template: Template, names: frozenset[str]) -> set[str]:
    return {one.name for one in template.of_type(TABLE, BUS) if one.name in names}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _of(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else value


def _behind(template: Template, types: tuple[str, ...]) -> Mapping[str, list[frozenset[str]]]:
    """What the resources of these types tie to each of the resources that they name."""
    found: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for one in template.of_type(*types):
        for name in template.references[one.name]:
            found[name].append(template.references[one.name])
    return found


def _from_distributions(template: Template) -> Iterator[Edge]:
    for one in template.of_type(DISTRIBUTION):
        for target in sorted(template.references[one.name]):
            found = template.resources.get(target)
            if found is not None and found.type in (BUCKET, *DOORS):
                yield Edge(one.name, target, Decimal(1))


def _from_buses(template: Template) -> Iterator[Edge]:
    for rule in template.of_type("AWS::Events::Rule"):
        bus = template.resources.get(_first_name(rule.get("EventBusName")))
        if bus is not None and bus.type == BUS and rule.get("EventPattern"):
            yield Edge(bus.name, rule.name, Decimal(1))


def _first_name(value: object) -> str:
    return next(iter(names_in(value)), "")


def _from_buckets(template: Template) -> Iterator[Edge]:
    for bucket in template.of_type(BUCKET):
        for target in sorted(_notified(template, bucket)):
            yield Edge(bucket.name, target, Decimal(1))


def _notified(template: Template, bucket: Resource) -> set[str]:
    """Who is told of each new object."""
    return _called(template, frozenset(names_in(bucket.get("NotificationConfiguration"))))


def _targets(template: Template, names: frozenset[str]) -> set[str]:
    """What is called of these; a queue beside a function has its dead letters."""
    found = _called(template, names)
    return {name for name in found if template.resources[name].type == FUNCTION} or found


def _called(template: Template, names: frozenset[str]) -> set[str]:
    """What of these can be called, and the functions whose versions they are."""
    resources = template.resources
    behind = {
        function
        for name in names
        if name in resources and resources[name].type in PUBLISHED
        for function in template.references[name]
    }
    every = {*names, *behind}
    return {name for name in every if name in resources and resources[name].type in CALLED}


def _from_sources(template: Template, assumed: Assumptions) -> Iterator[Edge]:
    for mapping in template.of_type(MAPPING):
        functions = _targets(template, template.references[mapping.name])
        for source in sorted(source_of(mapping)):
            for target in sorted(functions):
                yield Edge(source, target, 1 / assumed["batch"])


def source_of(mapping: Resource) -> set[str]:
    """The queue, stream or table of this template that an event source mapping reads."""
    return set(names_in(mapping.get("EventSourceArn")))


def _from_machines(template: Template) -> Iterator[Edge]:
    policies = _policies(template)
    for one in template.of_type(MACHINE):
        targets = _targets(template, template.references[one.name])
        for target in sorted(targets | _used(template, one.name, policies)):
            yield Edge(one.name, target, Decimal(1))


def _from_functions(template: Template, assumed: Assumptions) -> Iterator[Edge]:
    policies = _policies(template)
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for mapping in template.of_type(MAPPING):
        for function in _targets(template, template.references[mapping.name]):
            sources[function] |= template.references[mapping.name]
    told = defaultdict[str, set[str]](set)
    for bucket in template.of_type(BUCKET):
        for function in _notified(template, bucket):
            told[function].add(bucket.name)
    for one in template.of_type(FUNCTION):
        name = one.name
        used = _used(template, name, policies) - sources[name] - told[name] - _letters(one)
        # What is used once a message is used as often as a call brings messages.
        each = assumed["batch"] if sources[name] else Decimal(1)
        for target in sorted(used):
            yield Edge(name, target, each)


def _from_results(template: Template, edges: list[Edge]) -> Iterator[Edge]:
    """Where Lambda hands on what a function gives back that was called without waiting for it.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    resources = template.resources
    waited_for = {
        edge.target
        for edge in edges
        if edge.source in resources and resources[edge.source].type not in UNATTENDED
    }
    for config in template.of_type("AWS::Lambda::EventInvokeConfig"):
        to = config.get("DestinationConfig", "OnSuccess", "Destination")
        names = frozenset(names_in(to))
        for function in sorted(set(names_in(config.get("FunctionName"))) - waited_for):
            for target in sorted(_called(template, names) | _stored(template, names)):
                yield Edge(function, target, Decimal(1))


def _used(template: Template, caller: str, policies: Mapping[str, set[str]]) -> set[str]:
    """What a function or a machine refers to itself, or through its role and its policies; of
    functions those that the role may invoke."""
    names = set(template.references[caller])
    for name in template.references[caller]:
        role = template.resources.get(name)
        if role is not None and role.type == "AWS::IAM::Role":
            names |= template.references[name] | policies.get(name, set())
    resources = template.resources
    used = {name for name in names if name in resources and resources[name].type in USED}
    return used | invoked_by(template, caller)


def _policies(template: Template) -> dict[str, set[str]]:
    """What the policies of each role name."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for policy in template.of_type("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for role in template.references[policy.name]:
            found[role] |= template.references[policy.name]
    return dict(found)


def _letters(function: Resource) -> set[str]:
    """The queue of its dead letters, which gets only what failed."""
    return set(names_in(function.get("DeadLetterConfig", "TargetArn"))) - {function.name}


def _in_order(edges: list[Edge], notes: list[str]) -> list[Edge]:
    """The edges so that a source is known before its targets; one that closes a circle is left."""
    kept = list(edges)
    while True:
        before: Mapping[str, set[str]] = _before(kept)
        try:
            order = list(TopologicalSorter(before).static_order())
        except CycleError as error:
            circle = error.args[1]
            kept = [edge for edge in kept if (edge.source, edge.target) != (circle[0], circle[1])]
            notes.append(f"{circle[0]} and {circle[1]} call each other: counted one way only")
            continue
        place = {name: number for number, name in enumerate(order)}
        return sorted(kept, key=lambda edge: place[edge.source])


def _before(edges: list[Edge]) -> dict[str, set[str]]:
    before: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        before[edge.target].add(edge.source)
    return before


def _uncalled(template: Template, flow: Flow) -> list[str]:
    notes = [
        f"{one.name}: nothing in the template calls this function in a usual month"
        for one in template.of_type(FUNCTION)
        if not flow.of(one.name)
    ]
    return notes + [
        f"{one.name}: no call that is counted here uses this table"
        for one in template.of_type(TABLE)
        if not flow.of(one.name)
    ]
