"""What is assumed can be seen and changed, and a wrong change is one sentence."""

from __future__ import annotations

from decimal import Decimal

import pytest

from penniless.cost.assumptions import assumptions
from penniless.errors import SettingsError


def test_a_changed_number_is_marked() -> None:
    """The others keep their value and their kind."""
    found = assumptions().changed({"writes": "3.5"})

    assert found["writes"] == Decimal("3.5")
    assert {row.name for row in found.rows() if row.kind == "given"} == {"writes"}
    assert assumptions()["writes"] != found["writes"]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("write", "1", "--assume write: there is no such assumption; did you mean writes?"),
        ("writes", "many", "--assume writes=many: that is no number"),
        ("writes", "-1", "--assume writes=-1: a number from 0 on is needed"),
        ("writes", "NaN", "--assume writes=NaN: a number from 0 on is needed"),
        ("batch", "0", "--assume batch=0: a number from 1 on is needed"),
        ("cold_share_least", "2", "--assume cold_share_least=2: a share is 1 at most"),
    ],
)
def test_what_cannot_be_assumed(name: str, value: str, sentence: str) -> None:
    """The sentence says what was wrong, and names what was meant."""
    with pytest.raises(SettingsError) as raised:
        assumptions().changed({name: value})

    assert str(raised.value) == sentence


def test_every_row_says_what_it_is() -> None:
    """A unit and a sentence; what is measured has a command and a day."""
    for row in assumptions().rows():
        assert row.unit
        assert row.about
        assert row.kind in ("measured", "assumed")
