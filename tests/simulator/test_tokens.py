"""Reply tokens work once, for a minute, and a redelivery gives them another minute."""

from __future__ import annotations

import pytest

from penniless.simulator.tokens import TWENTY_MINUTES, ReplyTokens

MINUTE = 60_000


@pytest.fixture
def tokens() -> ReplyTokens:
    tokens = ReplyTokens(seconds=60)
    tokens.mint("t", "Ualice", now=1000)
    return tokens


def test_a_fresh_token_works_once(tokens: ReplyTokens) -> None:
    assert tokens.refusal("t", 1000) == ""
    assert tokens.chat("t") == "Ualice"
    tokens.use("t")
    assert "used before" in tokens.refusal("t", 1000)


@pytest.mark.parametrize(("late", "refused"), [(MINUTE, False), (MINUTE + 1, True)])
def test_a_token_expires_after_its_minute(tokens: ReplyTokens, late: int, *, refused: bool) -> None:
    assert bool(tokens.refusal("t", 1000 + late)) is refused


def test_an_unknown_token_is_refused(tokens: ReplyTokens) -> None:
    assert "no event" in tokens.refusal("x", 1000)
    assert tokens.chat("x") is None


def test_a_redelivery_starts_a_new_minute(tokens: ReplyTokens) -> None:
    tokens.redelivered("t", 1000 + 5 * MINUTE)
    assert tokens.refusal("t", 1000 + 6 * MINUTE) == ""
    assert tokens.refusal("t", 1001 + 6 * MINUTE) != ""


def test_a_redelivery_does_not_revive_a_used_token(tokens: ReplyTokens) -> None:
    tokens.use("t")
    tokens.redelivered("t", 2000)
    assert "used before" in tokens.refusal("t", 2000)


@pytest.mark.parametrize(
    ("after", "refused"), [(TWENTY_MINUTES, False), (TWENTY_MINUTES + 1, True)]
)
def test_twenty_minutes_after_the_event_a_token_is_dead(
    tokens: ReplyTokens, after: int, *, refused: bool
) -> None:
    tokens.redelivered("t", 1000 + TWENTY_MINUTES - 1)
    assert bool(tokens.refusal("t", 1000 + after)) is refused


def test_a_redelivery_after_twenty_minutes_comes_too_late(tokens: ReplyTokens) -> None:
    tokens.redelivered("t", 1001 + TWENTY_MINUTES)
    assert tokens.refusal("t", 1001 + TWENTY_MINUTES) != ""


def test_old_tokens_are_forgotten(tokens: ReplyTokens) -> None:
    """Only tokens that a rule still needs are kept, however many webhooks there were."""
    for number in range(50):
        tokens.mint(f"t{number}", "Ualice", now=1000 + number * MINUTE)
    assert tokens.chat("t0") is None
    assert tokens.chat("t49") == "Ualice"
    assert tokens.chat("t29") == "Ualice"
