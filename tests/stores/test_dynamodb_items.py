"""Rows as DynamoDB items: nothing is lost on the way, and nothing is too large."""

from __future__ import annotations

import json
from collections import Counter
from math import sqrt
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penniless.errors import CodeError
from penniless.ports import Row
from penniless.stores.dynamodb_items import (
    END_OF_TIME,
    EVENT_ROOM,
    INDEX_KEYS,
    MESSAGE_ROOM,
    ONCE_ROOM,
    REPLIES_ROOM,
    STATE,
    STATE_ROOM,
    cut,
    fitting,
    has_expired,
    is_of_conversation,
    item_of,
    key_of,
    mark_of,
    marked_keys,
    open_under,
    pushes_key,
    row_of,
    sort_key,
    state_key,
    state_of,
)
from tests.stores.conformance import ALICE, NOW, a_row, finished
from tests.stores.test_model import json_objects

LIMIT = 400 * 1024
"""Bytes of an item, names included."""

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
times = st.integers(0, END_OF_TIME - 1)


def size_of(item: Any) -> int:
    """Bytes of an item of texts and numbers, as DynamoDB counts them or a few more.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(
        len(name.encode()) + len(value.encode())
        for name, attribute in item.items()
        for value in attribute.values()
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    row=st.builds(
        Row,
        conversation=texts,
        event_id=texts,
        timestamp=times,
        sender=texts,
        to=texts,
        type=texts,
        message=st.none() | texts,
        message_id=st.none() | texts,
        status=st.sampled_from(["claimed", "answered", "held", "done", "failed"]),
        outcome=texts,
        replies=st.lists(json_objects, max_size=3),
        waiting=st.lists(json_objects, max_size=3),
        way=texts,
        answered_at=st.none() | times,
        claimed_until=times,
        attempt=st.integers(1, 10**6),
        last_attempt=st.integers(1, 10**6),
        received_at=times,
        deferred=st.booleans(),
        event=st.none() | json_objects,
        once=json_objects,
        expires_at=st.none() | times,
    )
)
def test_there_and_back(row: Row) -> None:
    """Any row comes out of its item as it went in, and the item is valid JSON for DynamoDB."""
    item = item_of(row)
    assert row_of(item) == row
    assert row_of(json.loads(json.dumps(item))) == row
    assert {name: item[name] for name in ("pk", "sk")} == key_of(row)


def test_the_layout() -> None:
    """Anybody who opens the table in AWS's console finds this."""
    row = finished(a_row(expires_at=NOW // 1000 + 60))
    assert item_of(row) == {
        "pk": {"S": "user#U00000000000000000000000000000001"},
        "sk": {"S": "event#1767225600000#01KDXS00000000000000000001"},
        "timestamp": {"N": "1767225600000"},
        "sender": {"S": "U00000000000000000000000000000001"},
        "to": {"S": "U00000000000000000000000000000000"},
        "type": {"S": "message.text"},
        "message": {"S": "こんにちは 🙂 สวัสดี"},
        "message_id": {"S": "444573844083572737"},
        "status": {"S": "done"},
        "outcome": {"S": "replied"},
        "replies": {"S": '[{"type":"text","text":"はい"}]'},
        "answered_at": {"N": "1767225600300"},
        "claimed_until": {"N": "1767225610000"},
        "attempt": {"N": "1"},
        "expires_at": {"N": "1767225660"},
    }
    assert state_key(ALICE) == {"pk": {"S": ALICE}, "sk": {"S": "state"}}
    assert pushes_key("2026-11") == {"pk": {"S": "pushes"}, "sk": {"S": "month#2026-11"}}


def test_the_layout_of_what_waits() -> None:
    """What only some rows have is in no other."""
    plain = item_of(a_row(status="done"))
    row = a_row(
        status="answered",
        waiting=[{"type": "text", "text": "はい"}],
        way="reply",
        last_attempt=6,
        received_at=NOW,
        deferred=True,
        event={"type": "message"},
        once={"pay": 7},
    )
    found = item_of(row)
    assert {name: value for name, value in found.items() if name not in plain} == {
        "waiting": {"S": '[{"type":"text","text":"はい"}]'},
        "way": {"S": "reply"},
        "last_attempt": {"N": "6"},
        "received_at": {"N": "1767225600000"},
        "deferred": {"N": "1"},
        "event": {"S": '{"type":"message"}'},
        "once": {"S": '{"pay":7}'},
        "open": {"S": "3"},
    }


@pytest.mark.parametrize("status", ["claimed", "answered", "held", "done", "failed"])
def test_open_rows_are_in_the_index(status: str) -> None:
    """A row has the key of the index while somebody works on it."""
    assert ("open" in item_of(a_row(status=status))) is (status in {"claimed", "answered"})


def test_open_rows_are_spread_over_the_keys_of_the_index() -> None:
    """Each key has an eighth of 8,000 rows of one conversation, within five standard errors."""
    chance = Random(1)
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    names = ("01KDXS" + "".join(chance.choices(letters, k=20)) for _ in range(8_000))
    rows = (a_row(name, timestamp=NOW + number) for number, name in enumerate(names))
    found = Counter(open_under(key_of(row))["S"] for row in rows)
    assert found.keys() == {str(number) for number in range(INDEX_KEYS)}
    assert all(abs(count - 1_000) < 5 * sqrt(1_000) for count in found.values())


@pytest.mark.parametrize("event_id", ["01KDXS", "", "a#b", "#", "花", "state"])
def test_marks(event_id: str) -> None:
    """A mark leads back to its row, whatever its id, and marks are in the order of time."""
    rows = [a_row(event_id, timestamp=NOW + number) for number in (2, 0, 1)]
    marks = [mark_of(row, "0123456789abcdef") for row in rows]
    found = marked_keys({**state_key(ALICE), "held": {"SS": marks}})
    assert [found[mark] for mark in marks] == [key_of(row) for row in rows]
    assert list(found) == sorted(marks)
    assert marked_keys(state_key(ALICE)) == {}


@pytest.mark.parametrize(
    ("item", "belongs"),
    [
        (item_of(a_row()), True),
        ({**state_key(ALICE), "version": {"N": "1"}}, True),
        ({**state_key(ALICE), "held": {"SS": ["x"]}}, False),
        (pushes_key("2026-11"), False),
        ({"pk": {"S": ALICE}, "sk": {"S": "profile"}}, False),
    ],
)
def test_what_makes_a_conversation(item: Any, belongs: bool) -> None:
    """Rows and states do; marks alone, and what is counted, do not."""
    assert is_of_conversation(item) is belongs


def test_an_ordinary_row_is_small() -> None:
    """A message of 100 Japanese characters with an answer of 100 stays below 1 KB: one unit."""
    answer = [{"type": "text", "text": "は" * 100}]
    row = finished(a_row(message="あ" * 100, expires_at=NOW), replies=answer)
    assert size_of(item_of(row)) + len("claim") + 16 < 1024


def test_sort_keys_are_in_the_order_of_time() -> None:
    """Keys sort as their times; one beyond 13 digits is at their end."""
    found = [0, 1, 999, NOW, NOW + 1, END_OF_TIME - 1]
    assert sorted(map(sort_key, found)) == list(map(sort_key, found))
    assert sort_key(END_OF_TIME + 5) == sort_key(END_OF_TIME - 1) < "event$" < STATE
    assert sort_key(-5) == sort_key(0)
    assert all(sort_key(one) < f"{sort_key(one)}#" < sort_key(one + 1) for one in found[:-1])


@pytest.mark.parametrize(
    ("expires_at", "expired"), [(None, False), (NOW, True), (NOW - 1, True), (NOW + 1, False)]
)
def test_expiry(expires_at: int | None, expired: bool) -> None:
    """An item is past its time from the very second on."""
    assert has_expired(item_of(a_row(expires_at=expires_at)), NOW) is expired


# Too large


@pytest.mark.parametrize("letter", ["a", "é", "あ", "🙂"])
def test_a_text_that_fits_is_not_touched(letter: str) -> None:
    """Up to the last byte a text is kept; one more character, and it ends in a note."""
    room = 4 * 3 * 100
    whole = letter * (room // len(letter.encode()))
    assert cut(whole, room) == whole
    shorter = cut(whole + letter, room)
    assert shorter.endswith(f" […cut: {len((whole + letter).encode()):,} bytes]")
    assert room - 4 < len(shorter.encode()) <= room
    assert whole.startswith(shorter.partition(" […")[0])


def test_the_longest_message_of_a_person_is_whole() -> None:
    """LINE's 5,000 UTF-16 units fit, whatever is in them."""
    for longest in ("あ" * 5_000, "🙂" * 2_500, "\0" * 5_000):
        assert row_of(item_of(a_row(message=longest))).message == longest


def test_five_messages_of_50_kb_are_whole() -> None:
    """The largest reply that LINE takes fits beside the longest message."""
    replies = [{"type": "flex", "altText": "🧾", "contents": "x" * 50_000}] * 5
    row = finished(a_row(message="あ" * 5_000), replies=replies)
    assert row_of(item_of(row)) == row
    assert size_of(item_of(row)) < LIMIT


def test_one_message_that_is_too_large() -> None:
    """It is replaced by what it was, the beginning of its text and its size; others stay."""
    small = {"type": "text", "text": "はい"}
    large = {"type": "flex", "altText": "大" * 2_000, "contents": {"text": "x" * 500_000}}
    stored = row_of(item_of(finished(a_row(), replies=[small, large, small]))).replies
    cut_at = len(json.dumps(large, ensure_ascii=False, separators=(",", ":")).encode())
    assert stored == [small, {"type": "flex", "altText": "大" * 1_000, "cut": cut_at}, small]


def test_far_too_many_messages() -> None:
    """Where even the short forms are too many, the last ones are counted."""
    replies = [{"type": "text", "text": f"{number} " + "x" * 90} for number in range(20_000)]
    found = json.loads(fitting(replies, REPLIES_ROOM))
    assert found[:-1] == replies[: len(found) - 1]
    assert found[-1] == {"type": "cut", "cut": 20_000 - len(found) + 1}
    assert len(found) > 1_000


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(replies=st.lists(json_objects, min_size=1, max_size=12), room=st.integers(80, 400))
def test_replies_fit_in_any_room(replies: list[dict[str, Any]], room: int) -> None:
    """Whatever the replies, what is stored is a JSON list of objects and fits."""
    stored = fitting(replies, room)
    found = json.loads(stored)
    assert len(stored) <= room
    assert isinstance(found, list)
    assert all(isinstance(one, dict) for one in found)
    whole = json.dumps(replies, ensure_ascii=False, separators=(",", ":"))
    assert found == replies or len(whole.encode(errors="replace")) > room - 200


@pytest.mark.parametrize("waiting", [0, 1, 7])
def test_the_largest_item_fits(waiting: int) -> None:
    """With every text at its limit an item stays below DynamoDB's."""
    row = finished(
        a_row("e" * 900, conversation="c" * 2_000, message="m" * 10**6, message_id="i" * 500),
        outcome="o" * 10**6,
        replies=[{"type": "text", "text": "r" * 10**6}] * 7 + [{"x": "y" * 40_000}] * 9,
        waiting=[{"x": "y" * 40_000}] * waiting,
        event={"x": "y" * (EVENT_ROOM - 10)},
        once={"x": "y" * (ONCE_ROOM - 10)},
        way="w" * 1_000,
    )
    item = item_of(row)
    assert MESSAGE_ROOM + REPLIES_ROOM + EVENT_ROOM + ONCE_ROOM - 40_000 < size_of(item) < LIMIT


def test_a_state_that_is_too_large() -> None:
    """It cannot be cut, so it is an error of the code, which tells sizes and nothing else."""
    whole = state_of({"text": "x" * (STATE_ROOM - 20)}, {})
    assert whole["answers"] is None
    with pytest.raises(CodeError, match="has 400,011 bytes, and DynamoDB takes 399,360") as caught:
        state_of({"text": "himi" * 100_000}, {})
    assert "himi" not in str(caught.value)
    with pytest.raises(CodeError, match="has 400,019 bytes, and DynamoDB takes 399,360"):
        state_of({"text": "x" * 200_000}, {"e": "x" * 200_000})


@pytest.mark.parametrize("gone", ["sk", "timestamp", "sender", "status", "attempt"])
def test_an_item_that_is_no_row(gone: str) -> None:
    """An item without what every row has is refused, and not read as something else."""
    item = item_of(a_row())
    del item[gone]
    with pytest.raises(KeyError):
        row_of(item)
