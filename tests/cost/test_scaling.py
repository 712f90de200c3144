"""The paper on scale is about the template that is asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from penniless.cost.fuses import blows_of
from penniless.cost.scaling import paper_of
from penniless.errors import SettingsError
from penniless.stores.dynamodb_items import INDEX_KEYS
from tests.cost.questions import FIXTURES, ask, ours, written


def test_the_template_gives_the_numbers(tmp_path: Path) -> None:
    """Duration, memory, capacity and door are those of the bot, and the table is in the way."""
    paper = paper_of(ask(ours(tmp_path)), 100, 0, 1000)

    # 2 ms x 1769/256 + 124 ms of waiting; 150 + 100 ms until a new environment can begin
    assert paper.profile.warm_seconds == pytest.approx(0.1378, abs=1e-4)
    assert paper.profile.cold_seconds == pytest.approx(0.25)
    assert (paper.account.table.mode, paper.account.table.writes) == ("provisioned", 5)
    assert paper.busy == pytest.approx(13.78, abs=0.01)  # Little: 100 a second x 0.1378 s
    assert any(change.limit == "table writes" for change in paper.changes)


def test_what_is_reserved_and_what_the_account_has(tmp_path: Path) -> None:
    """The smaller of the two is what can run at once."""
    reserved = ask(ours(tmp_path), settings={"ReservedConcurrency": "7"})

    assert paper_of(reserved, 10, 0, 1000).account.concurrency == 7
    assert paper_of(reserved, 10, 0, 5).account.concurrency == 5


def test_an_index_is_written_twice(tmp_path: Path) -> None:
    """With a recovery schedule every event comes into the index, and leaves it again."""
    question = ask(ours(tmp_path), settings={"RecoverySchedule": "rate(5 minutes)"})

    profile = paper_of(question, 10, 0, 1000).profile
    assert (profile.index_writes, profile.index_keys) == (2, INDEX_KEYS)


def test_an_on_demand_table_and_an_api(tmp_path: Path) -> None:
    """The original's table is a new one on demand, and its door an API."""
    paper = paper_of(ask(FIXTURES / "original.yaml"), 10, 0, 1000)

    assert paper.account.table.mode == "on-demand"
    assert paper.account.door == "gateway"


def test_a_burst_is_on_top(tmp_path: Path) -> None:
    """What a broadcast brings is followed second by second."""
    paper = paper_of(ask(FIXTURES / "original.yaml"), 10, 6000, 1000)

    assert paper.ramp is not None
    assert paper.ramp.peak == pytest.approx(10 + 6000 / 30)


def test_a_site_has_nothing_to_scale() -> None:
    """Without a function that messages reach there is no paper."""
    with pytest.raises(SettingsError, match=r"static_site\.yaml has no function"):
        paper_of(ask(FIXTURES / "static_site.yaml"), 10, 0, 1000)


def test_the_fuse_of_our_template(tmp_path: Path) -> None:
    """A flood of 10,000 requests a second is over in minutes, for less than a dollar."""
    found = blows_of(ask(ours(tmp_path), settings={"Fuse": "on"}), 1000)

    assert found is not None
    blows, prices = found
    assert prices.request == pytest.approx(0.20 / 1e6)
    assert 60 < blows.least.seconds < blows.mean.seconds < blows.most.seconds < 300
    assert blows.most.cost(prices) < 1


def test_a_higher_threshold_takes_longer(tmp_path: Path) -> None:
    """The threshold is read from the template."""
    question = ask(ours(tmp_path), settings={"Fuse": "on", "FuseInvocations": "1000000"})
    found = blows_of(question, 1000)

    assert found is not None
    assert found[0].least.seconds > 160  # a million at 10,000 a second are 100 s, then a minute


def test_no_fuse_no_answer(tmp_path: Path) -> None:
    """Off by default; and an alarm that only sends mail is no fuse."""
    assert blows_of(ask(ours(tmp_path)), 1000) is None
    assert blows_of(ask(FIXTURES / "scheduled_job.yaml"), 1000) is None


def test_an_alarm_on_what_a_macro_writes_is_no_fuse(tmp_path: Path) -> None:
    """What it watches and calls is not in the template, which gives no traceback."""
    path = written(
        tmp_path,
        """
Transform: Mine
Resources:
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Lambda
      MetricName: Invocations
      Threshold: 100
      Dimensions: [{Name: FunctionName, Value: !Ref Bot}]
      AlarmActions: [!GetAtt Off.Arn]
""",
    )

    assert blows_of(ask(path), 1000) is None
