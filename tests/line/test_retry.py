"""When and how late a request is repeated: decisions without a network."""

from __future__ import annotations

import uuid

import pytest

from penniless.errors import CodeError
from penniless.line.operations import OPERATIONS
from penniless.line.retry import REPEATABLE, checked_retry_key, delays, new_retry_key


def test_delays_double_up_to_the_cap() -> None:
    """With the jitter at its end, waits double and stop growing at the cap."""
    assert list(delays(6, base=1, cap=5, random=lambda: 1.0)) == [1, 2, 4, 5, 5]


def test_delays_are_jittered_over_the_whole_range() -> None:
    """The jitter takes any part of the wait, down to none."""
    draws = iter([0.0, 0.5, 0.25])
    assert list(delays(4, base=1, cap=100, random=lambda: next(draws))) == [0, 1, 1]


@pytest.mark.parametrize("attempts", [0, 1])
def test_one_attempt_has_no_delay(attempts: int) -> None:
    """Who tries once never waits."""
    assert list(delays(attempts)) == []


def test_the_usual_jitter_differs() -> None:
    """Without a given random source the waits still differ and stay in range."""
    waits = [next(delays(2, base=1)) for _ in range(50)]
    assert all(0 <= wait < 1 for wait in waits)
    assert len(set(waits)) > 40


def test_retry_keys_are_random_uuids() -> None:
    """A made key is a version 4 UUID in its usual form, and no two are equal."""
    keys = {new_retry_key() for _ in range(100)}
    assert len(keys) == 100
    for key in keys:
        assert str(uuid.UUID(key)) == key
        assert uuid.UUID(key).version == 4
        assert checked_retry_key(key) == key


UUID = "123e4567-e89b-12d3-a456-426614174000"


@pytest.mark.parametrize(
    "key",
    ["x", UUID[:8], UUID[:-1] + "g", "１" + UUID[1:], UUID + "\r\nX-Evil: 1", "-" * 36, " " + UUID],
)
def test_a_key_that_is_no_uuid_is_refused(key: str) -> None:
    """Only a UUID gets into the header."""
    with pytest.raises(CodeError, match="UUID"):
        checked_retry_key(key)


def test_only_the_four_counted_sends_carry_a_retry_key() -> None:
    """The rows with a retry key are exactly those where LINE allows one."""
    keyed = {name for name, row in OPERATIONS.items() if row.repeat == "key"}
    assert keyed == {"push", "multicast", "narrowcast", "broadcast"}


def test_a_reply_is_repeated_only_if_it_was_not_sent() -> None:
    """Nothing but "not sent" lets a reply go out again."""
    assert REPEATABLE[OPERATIONS["reply"].repeat] == ("not sent",)


def test_no_row_repeats_an_answer() -> None:
    """What LINE answered, or what is hopeless, is never repeated."""
    assert not any({"answered", "hopeless"} & set(outcomes) for outcomes in REPEATABLE.values())
