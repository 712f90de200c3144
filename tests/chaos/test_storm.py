"""A short storm of every fault at once. The long one: `python -m tests.chaos.run`."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.chaos.run import table
from tests.chaos.storm import storm

pytestmark = pytest.mark.chaos

MESSAGES = {"sqlite": 300, "dynamodb": 200}


@pytest.mark.parametrize("store", ["sqlite", pytest.param("dynamodb", marks=pytest.mark.aws)])
def test_no_answer_is_lost_or_doubled_in_a_storm(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every message has one fate that the rules know, and nobody reads anything twice.

    Each run has a seed of its own, which is printed; CHAOS_SEED gives one to repeat.
    """
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
    with capsys.disabled():
        print(f"\nCHAOS_SEED={seed} on {store}", end=" ")  # noqa: T201 - to repeat a failure
    report = storm(tmp_path, store, MESSAGES[store], seed)
    assert not report.problems, f"CHAOS_SEED={seed}\n{table(report)}"
    assert report.not_whole <= MESSAGES[store] // 100, table(report)
    done = sum(count for name, count in report.fates.items() if name.startswith("done"))
    assert done >= 0.85 * sum(report.fates.values()), table(report)
