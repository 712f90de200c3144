"""The same bot behind another door costs what that door costs, and nothing else changes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from penniless.cost.attack import worst_of
from penniless.cost.compare import doors_compared
from penniless.cost.plans import plan
from penniless.errors import SettingsError
from tests.cost.questions import FIXTURES, ask, ours, written

MILLION = Decimal(1_000_000)
DOORS = ["url", "http", "rest"]


def test_doors_of_a_bot_side_by_side(tmp_path: Path) -> None:
    """A Function URL is free, an HTTP API $1.29 and a REST API $4.25 in Tokyo."""
    found = doors_compared(ask(ours(tmp_path)), DOORS, MILLION, 10)

    assert [(one.door, one.bill.total) for one in found] == [
        ("url", Decimal(0)),
        ("http", Decimal("1.29")),
        ("rest", Decimal("4.25")),
    ]
    assert [one.first and one.first.free_until for one in found] == [1_000_000, 0, 0]


@pytest.mark.parametrize("door", DOORS)
def test_it_is_what_the_project_with_that_door_costs(door: str, tmp_path: Path) -> None:
    """Changing the door on paper gives the bill of the template that `penniless new` writes."""
    [compared] = doors_compared(ask(ours(tmp_path, "rest")), [door], MILLION, 10)
    project = ask(ours(tmp_path / "new", door)).bill(MILLION)

    assert compared.bill.total == project.total
    assert {item.meter: item.used for item in compared.bill.items} == {
        item.meter: item.used for item in project.items
    }


def test_its_own_door_keeps_its_throttling(tmp_path: Path) -> None:
    """The worst month of the door that it has is the one of the template, not of a bare API."""
    question = ask(ours(tmp_path, "http"))
    found = doors_compared(question, ["http", "rest"], MILLION, 1000)
    own = worst_of(question, 1000)

    assert found[0].worst == own
    assert own is not None
    assert own.limited_by == "the API's throttling at 50 requests a second"
    assert found[1].worst is not None
    assert found[1].worst.per_second == 10_000


def test_a_site_has_no_doors_to_compare() -> None:
    """Without a function behind a door the question makes no sense, and the answer says so."""
    with pytest.raises(SettingsError, match=r"static_site\.yaml has no function that is called"):
        doors_compared(ask(FIXTURES / "static_site.yaml"), DOORS, MILLION, 10)


def test_plans_have_the_names_of_the_simulator() -> None:
    """A plan of a bill can be tried in the simulated LINE."""
    from penniless.simulator.quota import PLANS

    assert {name: plan(name).included for name in PLANS} == dict(PLANS)


def test_a_worker_stays_behind_its_queue(tmp_path: Path) -> None:
    """Another door leads to the function that the door led to, and to no other."""
    path = written(
        tmp_path,
        """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: app.handler, CodeUri: .}}
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Web:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {AuthType: NONE}
      Policies: [{SQSSendMessagePolicy: {QueueName: !GetAtt Queue.QueueName}}]
  Worker:
    Type: AWS::Serverless::Function
    Properties: {Events: {Work: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}}
""",
    )
    found = doors_compared(ask(path), DOORS, MILLION, 10)

    for one in found:
        assert {item.meter: item.used for item in one.bill.items}["lambda.requests"] == 2 * MILLION
        assert one.bill.cost("sqs.standard") == found[0].bill.cost("sqs.standard") > 0
