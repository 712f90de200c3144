"""What the terminal says of our template and of the original, whole, in files that people reviewed.

Their sums are those that docs/cost.md works out by hand. `UPDATE_GOLDEN=1` writes them anew.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.cli.logged import command
from tests.cost.questions import FIXTURES, ROUND, ours

GOLDEN = Path(__file__).with_name("golden")
MONTH = ("--messages", "1000000", "--concurrency", "10", "--compare", "url,http,rest")
FIRST_YEAR = ("--account-opened", "2024-10-01", "--on", "2025-06-01")
TODAY = ("--on", "2026-11-27")

REPORTS = {
    "ours": ("ours", TODAY, "$0.00 a month: free"),
    "ours-with-fuse": ("ours", (*TODAY, "--set", "Fuse=on"), "$0.00 a month: free"),
    "original": ("original", TODAY, "$5.86 a month"),
    "original-first-year": ("original", FIRST_YEAR, "$1.61 a month"),
}


@pytest.mark.parametrize("name", REPORTS)
def test_the_report_is_the_reviewed_one(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every line of the report, with the round numbers of the hand calculations."""
    template, options, total = REPORTS[name]
    source = ours(tmp_path) if template == "ours" else FIXTURES / "original.yaml"
    (tmp_path / "here").mkdir()
    shutil.copy(source, tmp_path / "here" / "template.yaml")
    monkeypatch.chdir(tmp_path / "here")
    assume = [word for key, value in ROUND.items() for word in ("--assume", f"{key}={value}")]
    done = command("cost", *MONTH, *options, *assume)
    said = "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n"

    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(said, encoding="utf-8")
    assert done.exit_code == 0, done.output
    assert total in said
    assert said == golden.read_text(encoding="utf-8")
