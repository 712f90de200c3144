"""The same bot behind another door: side by side, with the same messages.

Law of this module: templates made from a template by changing its door, and their bills. What
other hosts offer stands in `penniless.cost.hosts`.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from penniless.cost.attack import Worst, worst_of
from penniless.cost.bill import Bill, Question
from penniless.cost.breaks import Break, breaks_of
from penniless.cost.flow import APIS, BETWEEN, URL, called_by_doors
from penniless.cost.templates.values import Placed, Resource, Template
from penniless.errors import SettingsError

TYPES = {
    "url": (URL, {}),
    "http": ("AWS::ApiGatewayV2::Api", {"ProtocolType": "HTTP"}),
    "rest": ("AWS::ApiGateway::RestApi", {}),
}
"""The doors by the names that `penniless new --door` has."""

_OF_A_DOOR = (
    URL,
    *APIS,
    *BETWEEN,
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGatewayV2::Stage",
    "AWS::ApiGatewayV2::Route",
)


class Alternative(Struct, frozen=True, kw_only=True):
    """The bot behind one door."""

    door: str
    bill: Bill
    first: Break | None
    """What costs something first; None if nothing does."""
    worst: Worst | None


def doors_compared(
    question: Question, doors: list[str], messages: Decimal, concurrency: int
) -> list[Alternative]:
    """A bill for each of the doors, in their order; another than its own is not throttled.

    Raises SettingsError for a template that has no function behind a door.
    """
    functions = _behind_doors(question)
    if not functions:
        raise SettingsError(
            f"{question.template.path.name} has no function that is called from outside, "
            "so that there are no doors to compare"
        )
    return [
        _alternative(door, _behind(question, door, functions), messages, concurrency)
        for door in doors
    ]


def _behind_doors(question: Question) -> list[Resource]:
    flow = question.routes.flow(Decimal(1_000_000))
    if not any(flow.of(one.name) for one in question.template.of_type(URL, *APIS)):
        return []
    return called_by_doors(question.template, question.routes)


def _behind(question: Question, door: str, functions: list[Resource]) -> Question:
    kind, properties = TYPES[door]
    if {one.type for one in question.template.of_type(URL, *APIS)} == {kind}:
        # Its own door keeps its throttling, its log and its traces.
        return question
    kept = {
        name: one for name, one in question.template.resources.items() if one.type not in _OF_A_DOOR
    }
    groups = [[one] for one in functions] if door == "url" else [functions]
    for group in groups:
        name = f"{group[0].name}{door.title()}Door"
        kept[name] = Resource(
            name=name,
            type=kind,
            properties={**properties, "Functions": [_arn(one) for one in group]},
            line=group[0].line,
        )
    template: Template = replace(question.template, resources=kept)
    return replace(question, template=template)


def _arn(function: Resource) -> Placed:
    return Placed(f"${{{function.name}.Arn}}", [function.name])


def _alternative(door: str, question: Question, messages: Decimal, concurrency: int) -> Alternative:
    breaks = breaks_of(question)
    return Alternative(
        door=door,
        bill=question.bill(messages),
        first=breaks[0] if breaks else None,
        worst=worst_of(question, concurrency),
    )
