"""The tables of what to do with an answer, row by row."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penniless.delivery import (
    ANSWER_RULES,
    EVENT_LIFE,
    NOTICE_AFTER,
    PER_CALL,
    REFUSED_RULES,
    RENEW_LOADING,
    SURE,
    TOKEN_LIFE,
    TOKEN_RULES,
    WORKING_RULES,
    Answer,
    Kind,
    Refused,
    Rule,
    Sign,
    Token,
    TokenState,
    Working,
    decide,
    kind_of,
    month_of,
    refusal_of,
    retry_key,
    sign_of_life,
    token_state,
)
from penniless.line.retry import checked_retry_key

FRESH = Token(given=True, used=False, age=0)

TOKENS: list[tuple[int, Token, str]] = [
    (0, Token(given=False, used=False, age=0), "none"),
    (0, Token(given=False, used=True, age=TOKEN_LIFE), "none"),
    (1, Token(given=True, used=True, age=0), "used"),
    (1, Token(given=True, used=True, age=TOKEN_LIFE), "used"),
    (2, FRESH, "live"),
    (2, Token(given=True, used=False, age=TOKEN_LIFE - 1), "live"),
    (2, Token(given=True, used=False, age=-5), "live"),
    (3, Token(given=True, used=False, age=TOKEN_LIFE), "old"),
]
"""The row of the table, a case for it, and what comes out."""


def refused(*, tried: bool, age: int = 0, event_age: int = 0, redelivered: bool = False) -> Refused:
    return Refused(
        Token(True, used=False, age=age, event_age=event_age, redelivered=redelivered), tried
    )


REFUSALS: list[tuple[int, Refused, str]] = [
    (0, refused(tried=False), "old"),
    (0, refused(tried=False, age=SURE, event_age=EVENT_LIFE, redelivered=True), "old"),
    (1, refused(tried=True, redelivered=True, event_age=EVENT_LIFE), "unknown"),
    (2, refused(tried=True, redelivered=True, event_age=EVENT_LIFE - 1), "used"),
    (2, refused(tried=True, event_age=EVENT_LIFE), "used"),
    (2, refused(tried=True, age=SURE - 1), "used"),
    (3, refused(tried=True, age=SURE), "unknown"),
    (3, refused(tried=True, age=SURE, redelivered=True), "unknown"),
]

ANSWERS: list[tuple[int, Answer, tuple[str, int]]] = [
    (0, Answer("live", 1, "user"), ("reply", 1)),
    (0, Answer("live", 1, "nobody", doubt=True), ("reply", 1)),
    (0, Answer("live", 6, "group", recipients=3, budget=99), ("reply", PER_CALL)),
    (1, Answer("used", 2, "user", doubt=True), ("fail", 2)),
    (1, Answer("old", 2, "user", doubt=True, recipients=1, budget=99), ("fail", 2)),
    (2, Answer("none", 7, "nobody"), ("fail", 7)),
    (2, Answer("used", 1, "nobody", recipients=1, budget=99), ("fail", 1)),
    (3, Answer("used", 2, "user", recipients=1, budget=1), ("push", 2)),
    (3, Answer("old", 8, "group", recipients=3, budget=3), ("push", PER_CALL)),
    (3, Answer("none", 1, "room", recipients=3, budget=4), ("push", 1)),
    (4, Answer("used", 8, "user"), ("hold", 8)),
    (4, Answer("old", 1, "group", recipients=3, budget=2), ("hold", 1)),
    (4, Answer("none", 1, "user", recipients=1, budget=0), ("hold", 1)),
    (4, Answer("used", 1, "group", recipients=0, budget=99), ("hold", 1)),
    (4, Answer("used", 1, "user", recipients=1, budget=-3), ("hold", 1)),
]


def working(**changes: Any) -> Working:
    """A handler in a 1:1 chat whose webhook was answered, with the loading animation on."""
    usual: dict[str, Any] = {
        "token": "live",
        "age": 5_000,
        "kind": "user",
        "deferred": True,
        "slow": False,
        "noticed": False,
        "since_loading": 0,
    }
    return Working(**{**usual, **changes})


SIGNS: list[tuple[int, Working, str]] = [
    (0, working(age=NOTICE_AFTER), "notice"),
    (0, working(age=TOKEN_LIFE - 1, kind="group", since_loading=None), "notice"),
    (1, working(since_loading=None), "loading"),
    (1, working(since_loading=None, deferred=False, slow=True), "loading"),
    (1, working(since_loading=RENEW_LOADING), "loading"),
    (1, working(since_loading=None, age=NOTICE_AFTER, noticed=True), "loading"),
    (1, working(since_loading=None, age=NOTICE_AFTER, deferred=False, slow=True), "loading"),
    (1, working(since_loading=None, age=NOTICE_AFTER, token="used"), "loading"),
    (2, working(), "nothing"),
    (2, working(age=NOTICE_AFTER - 1), "nothing"),
    (2, working(since_loading=RENEW_LOADING - 1), "nothing"),
    (2, working(since_loading=None, kind="group"), "nothing"),
    (2, working(since_loading=None, kind="room", slow=True), "nothing"),
    (2, working(since_loading=None, deferred=False), "nothing"),
    (2, working(age=NOTICE_AFTER, token="old"), "nothing"),
    (2, working(age=NOTICE_AFTER, token="none", kind="group"), "nothing"),
]


def first_row(rules: tuple[Rule, ...], case: Any) -> int:
    """The number of the row that decides."""
    return next(number for number, rule in enumerate(rules) if rule.holds(case))


@pytest.mark.parametrize(("row", "token", "state"), TOKENS)
def test_token(row: int, token: Token, state: TokenState) -> None:
    """The state of a token comes from the row that says so."""
    assert (first_row(TOKEN_RULES, token), token_state(token)) == (row, state)


@pytest.mark.parametrize(("row", "case", "meaning"), REFUSALS)
def test_refusal(row: int, case: Refused, meaning: str) -> None:
    """What a refused token means comes from the row that says so."""
    assert (first_row(REFUSED_RULES, case), refusal_of(case)) == (row, meaning)


@pytest.mark.parametrize(("row", "answer", "decision"), ANSWERS)
def test_answer(row: int, answer: Answer, decision: tuple[str, int]) -> None:
    """The way of an answer, and how much of it goes, come from the row that says so."""
    assert (first_row(ANSWER_RULES, answer), decide(answer)) == (row, decision)


@pytest.mark.parametrize(("row", "case", "sign"), SIGNS)
def test_sign(row: int, case: Working, sign: Sign) -> None:
    """The sign of life comes from the row that says so."""
    assert (first_row(WORKING_RULES, case), sign_of_life(case)) == (row, sign)


@pytest.mark.parametrize(
    ("rules", "cases"),
    [
        (TOKEN_RULES, TOKENS),
        (REFUSED_RULES, REFUSALS),
        (ANSWER_RULES, ANSWERS),
        (WORKING_RULES, SIGNS),
    ],
)
def test_every_row_is_reached(rules: tuple[Rule, ...], cases: list[Any]) -> None:
    """No row is there in vain, the last one takes everything, and each says when and why."""
    assert {row for row, _, _ in cases} == set(range(len(rules)))
    assert rules[-1].holds(None)
    assert rules[-1].when == "otherwise"
    assert all(rule.when and rule.result for rule in rules)
    assert len({rule.when for rule in rules}) == len(rules)


KINDS: tuple[Kind, ...] = ("user", "group", "room", "nobody")
STATES: tuple[TokenState, ...] = ("live", "used", "old", "none")
EVERY_ANSWER = [
    Answer(token, messages, kind, doubt, recipients, budget)
    for token, messages, kind, doubt, recipients, budget in itertools.product(
        STATES, (1, 5, 6), KINDS, (False, True), (0, 1, 3), (-1, 0, 1, 3)
    )
]


def test_no_answer_is_paid_for_without_need() -> None:
    """A push goes out only within the budget, without a live token, and never twice."""
    pushed = [answer for answer in EVERY_ANSWER if decide(answer)[0] == "push"]
    assert pushed
    for answer in pushed:
        assert answer.token != "live"
        assert not answer.doubt
        assert answer.kind != "nobody"
        assert 0 < answer.recipients <= answer.budget


def test_no_answer_is_given_up_without_need() -> None:
    """It fails only if it may have arrived, or nobody is there; else it waits at least."""
    for answer in EVERY_ANSWER:
        given_up = decide(answer)[0] == "fail"
        assert given_up == (answer.token != "live" and (answer.doubt or answer.kind == "nobody"))


def test_no_call_holds_more_than_line_takes() -> None:
    """Five messages at most go by a call; what is held or given up is the whole."""
    for answer in EVERY_ANSWER:
        way, count = decide(answer)
        assert count == (min(answer.messages, 5) if way in {"reply", "push"} else answer.messages)


@pytest.mark.parametrize(
    ("conversation", "event_type", "kind"),
    [
        ("user#U1", "message.text", "user"),
        ("group#C1", "join", "group"),
        ("room#R1", "postback", "room"),
        ("channel", "accountLink", "nobody"),
        ("user#U1", "unfollow", "nobody"),
        ("group#C1", "leave", "nobody"),
        ("user#U1", "botSuspended", "nobody"),
        ("group#C1", "memberLeft", "group"),
        ("", "", "nobody"),
    ],
)
def test_kind(conversation: str, event_type: str, kind: str) -> None:
    """Whom an answer reaches later is seen from its conversation, unless the event ended that."""
    assert kind_of(conversation, event_type) == kind


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 11, 30, 14, 59, 59, tzinfo=UTC), "2026-11"),
        (datetime(2026, 11, 30, 15, 0, 0, tzinfo=UTC), "2026-12"),
        (datetime(2026, 12, 31, 15, 0, 0, tzinfo=UTC), "2027-01"),
        (datetime(2027, 1, 1, 0, 0, 0, tzinfo=UTC), "2027-01"),
        (datetime(1970, 1, 1, 0, 0, 0, tzinfo=UTC), "1970-01"),
    ],
)
def test_month(moment: datetime, month: str) -> None:
    """A month begins when it begins in Japan, nine hours before UTC."""
    assert month_of(int(moment.timestamp() * 1000)) == month


@given(st.text(), st.integers())
def test_retry_key_is_a_uuid(event_id: str, number: int) -> None:
    """Whatever the event's id is, LINE takes the key, and it is the same each time."""
    key = retry_key(event_id, number)
    assert checked_retry_key(key) == key == retry_key(event_id, number)
    assert str(UUID(key)) == key
    assert UUID(key).version == 8
    assert UUID(key).variant == "specified in RFC 4122"


def test_retry_keys_differ() -> None:
    """Each event and each of its pushes has its own, those of `ctx.push` included."""
    keys = {retry_key(event, number) for event in ("E1", "E2", "E11") for number in range(-9, 10)}
    assert len(keys) == 3 * 19
