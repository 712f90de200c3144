"""The first thing that costs is found to the very message."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from penniless.cost.bill import Bill, Question
from penniless.cost.breaks import MOST, breaks_of, curve_of
from penniless.cost.ceilings import ceilings_of
from tests.cost.questions import FIXTURES, ask, ours, written

FIELDS = Question.__struct_fields__


def test_requests_of_lambda_are_the_first_that_cost(tmp_path: Path) -> None:
    """A million webhooks are free; what comes next is named in its order."""
    found = breaks_of(ask(ours(tmp_path)))

    assert [(one.item.meter, one.free_until) for one in found[:3]] == [
        ("lambda.requests", 1_000_000),
        ("kms.requests", 1_000_000),  # one in a hundred starts cold and reads two secrets
        ("dynamodb.storage", 2_976_190),  # 25 GB of 600 + 100 bytes a message, for 12 months
    ]
    assert found[0].item.price is not None


def test_a_break_of_many_functions_is_not_moved_by_thirds(tmp_path: Path) -> None:
    """Three functions share the requests; together they use up the million to the last one."""
    text = "Resources:\n"
    for name in ("A", "B", "C"):
        text += f"  {name}: {{Type: AWS::Lambda::Function, Properties: {{Runtime: python3.13}}}}\n"
        text += f"  Url{name}: {{Type: AWS::Lambda::Url, "
        text += f"Properties: {{TargetFunctionArn: !GetAtt {name}.Arn}}}}\n"

    found = {one.item.meter: one.free_until for one in breaks_of(ask(written(tmp_path, text)))}

    assert found["lambda.requests"] == 1_000_000


class Counted(Question, frozen=True, kw_only=True, dict=True):
    """A question that counts the bills that it is asked for."""

    asked: list[Decimal | int]

    def bill(self, messages: Decimal | int) -> Bill:
        """As ever."""
        self.asked.append(messages)
        return super().bill(messages)


def test_a_break_takes_few_bills(tmp_path: Path) -> None:
    """A straight line is guessed: halving alone takes thirty bills for each meter."""
    for path, most in ((ours(tmp_path), 30), (FIXTURES / "original.yaml", 6)):
        question = ask(path)
        counted = Counted(asked=[], **{name: getattr(question, name) for name in FIELDS})
        found = breaks_of(counted)

        assert found == breaks_of(question)
        assert len(counted.asked) < most * len(found)


def test_every_break_is_exact(tmp_path: Path) -> None:
    """With that many messages the meter costs nothing, with one more it does."""
    for path in (ours(tmp_path), FIXTURES / "original.yaml", FIXTURES / "rest_crud.yaml"):
        question = ask(path)
        for one in breaks_of(question):
            if one.free_until < 0:
                continue
            last, next_ = question.bill(one.free_until), question.bill(one.free_until + 1)
            billed = {item.meter: item.billed for item in last.items}
            assert billed[one.item.meter] == 0
            assert {item.meter: item.billed for item in next_.items}[one.item.meter] > 0


def test_what_costs_at_rest_comes_first() -> None:
    """A secret is paid for although nobody writes."""
    found = breaks_of(ask(FIXTURES / "scheduled_job.yaml"))

    assert found[0].free_until == -1
    assert "secretsmanager.secrets" in {one.item.meter for one in found if one.free_until == -1}


def test_two_events_in_a_webhook_halve_the_requests(tmp_path: Path) -> None:
    """What is free is webhooks, not messages."""
    [first, *_] = breaks_of(ask(ours(tmp_path), assume={"events_per_webhook": "2"}))

    assert (first.item.meter, first.free_until) == ("lambda.requests", 2_000_000)


def test_the_curve_goes_from_one_to_a_billion(tmp_path: Path) -> None:
    """Its points are bills of their own, evenly spaced by decades."""
    question = ask(ours(tmp_path))
    curve = curve_of(question)

    assert (curve[0].messages, curve[-1].messages) == (1, MOST)
    assert len(curve) == 28
    assert all(point.total == question.bill(point.messages).total for point in curve)


def test_a_table_is_full_before_it_costs(tmp_path: Path) -> None:
    """Five units carry five writes a second, so 6,570,000 messages of two writes a month."""
    [writes, reads] = ceilings_of(ask(ours(tmp_path)))

    assert (writes.messages, writes.resource) == (6_570_000, "BotTable")
    assert reads.messages == 26_280_000
    assert (
        "WriteCapacityUnits"
        in (tmp_path / "url/template.yaml").read_text().splitlines()[writes.line - 1]
    )
