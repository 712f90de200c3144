"""The picture of a bill can be read, and says what is missing from it."""

from __future__ import annotations

import itertools
from decimal import Decimal
from math import log10
from pathlib import Path

from penniless.cost.breaks import breaks_of, curve_of
from penniless.cost.chart import APART, LETTER, html_of, lowest_of, placed
from penniless.cost.report import Extras, make_report
from tests.cost.questions import FIXTURES, ask, ours, written


def test_labels_of_break_points_do_not_overlap() -> None:
    """Those that are near each other stand below each other, and inside the picture."""
    near = 0
    for path in sorted(FIXTURES.glob("*.yaml")):
        breaks = [one for one in breaks_of(ask(path)) if one.free_until > 0][:5]
        spots = placed(breaks)
        for (one, top), (other, below) in itertools.pairwise(spots):
            if log10(other.free_until / one.free_until) < APART:
                near += 1
                assert below < top - LETTER * len(one.item.title)
            assert below - LETTER * len(other.item.title) > 0

    assert near > 1


def test_the_page_says_what_is_unknown(tmp_path: Path) -> None:
    """A sum with a gap is not shown as if it were all, nor an unknown quantity as 0."""
    path = written(
        tmp_path,
        "Resources:\n  Pool: {Type: AWS::Cognito::UserPool}\n  Pipe: {Type: AWS::Pipes::Pipe}\n",
    )
    page = html_of(make_report(ask(path), Decimal(1000), Extras()))

    assert "And what is unknown: Monthly active users, Essentials, Pipe (AWS::Pipes::Pipe)." in page
    assert "without what is unknown" in page
    assert "<td>unknown</td><td>unknown</td><td>$0.015 per user</td><td>unknown</td>" in page


def test_less_than_a_cent_is_not_called_free(tmp_path: Path) -> None:
    """The original costs from its first message on, and what a pool costs nobody knows."""
    pool = written(tmp_path, "Resources: {Pool: {Type: AWS::Cognito::UserPool}}\n")
    questions = [ask(FIXTURES / "original.yaml"), ask(ours(tmp_path)), ask(pool)]

    assert [lowest_of(curve_of(one)) for one in questions] == ["under $0.01", "free", "$0"]
    page = html_of(make_report(questions[0], Decimal(10), Extras()))
    assert "<!-- under $0.01 -->" in page  # letters are drawn, and named in a comment
