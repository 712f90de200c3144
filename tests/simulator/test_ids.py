"""Ids have LINE's shapes, are unique, and are in order of time."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penniless.simulator.ids import CROCKFORD, UUID, Ids, id_of, made_up_access_token, ulid


@pytest.fixture
def ids() -> Ids:
    return Ids(random.Random(7))


@pytest.mark.parametrize(("kind", "letter"), [("user", "U"), ("group", "C"), ("room", "R")])
def test_an_id_comes_from_the_name(kind: str, letter: str) -> None:
    """The same name gives the same id in every run, another name another one."""
    assert id_of(kind, "花子") == id_of(kind, "花子")
    assert id_of(kind, "花子") != id_of(kind, "Somchai")
    assert re.fullmatch(letter + "[0-9a-f]{32}", id_of(kind, "花子"))


def test_the_known_ulid() -> None:
    """The time of the ULID specification's example comes out as it stands there."""
    assert ulid(1469922850259, 0)[:10] == "01ARZ3NDEK"


@given(st.lists(st.integers(0, 2**41), min_size=1, max_size=30))
def test_event_ids_are_unique_and_sorted(moments: list[int]) -> None:
    """Event ids grow with time, and also within one millisecond."""
    ids = Ids(random.Random(1))
    made = [ids.event_id(now) for now in sorted(moments)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert all(len(one) == 26 and set(one) <= set(CROCKFORD) for one in made)


def test_message_ids_are_18_digits_and_grow(ids: Ids) -> None:
    """Message ids are decimal strings, unique within one millisecond."""
    made = [ids.message_id(1_795_000_000_000) for _ in range(3)]
    made.append(ids.message_id(1_795_000_000_001))
    assert all(re.fullmatch(r"\d{18}", one) for one in made)
    assert made == sorted(set(made))


def test_a_request_id_is_a_random_uuid(ids: Ids) -> None:
    """Version 4, variant 1, different each time."""
    one, other = ids.request_id(), ids.request_id()
    assert UUID.match(one)
    assert one[14] == "4"
    assert one[19] in "89ab"
    assert one != other


def test_a_reply_token_is_32_hex_digits(ids: Ids) -> None:
    assert re.fullmatch("[0-9a-f]{32}", ids.reply_token())


def test_tokens_name_their_message(ids: Ids) -> None:
    """Quote and mark-as-read tokens open to the chat and the message they were given for."""
    chat = id_of("group", "family")
    quote, read = ids.quote_token(chat, "123456789012345678"), ids.read_token(chat, "1")
    assert ids.opened_quote(quote) == (chat, "123456789012345678")
    assert ids.opened_read(read) == (chat, "1")
    assert re.fullmatch(r"[\w-]{140,180}", quote)
    assert re.fullmatch(r"[\w-]{190,230}", read)


def test_two_quote_tokens_of_one_message_differ(ids: Ids) -> None:
    """An edited message has a new quote token."""
    assert ids.quote_token("Ua", "1") != ids.quote_token("Ua", "1")


def test_tokens_of_others_do_not_open(ids: Ids) -> None:
    """A token of another kind, another channel, or with one character changed is nobody's."""
    quote = ids.quote_token("Ua", "1")
    altered = ("A" if quote[0] != "A" else "B") + quote[1:]
    assert ids.opened_read(quote) is None
    assert ids.opened_quote(ids.read_token("Ua", "1")) is None
    assert Ids(random.Random(8)).opened_quote(quote) is None
    assert ids.opened_quote(altered) is None
    assert ids.opened_quote(quote + "=") is None


@given(st.text(max_size=300))
def test_no_text_opens_by_chance(text: str) -> None:
    """Whatever is handed in, opening says None and does not fail."""
    assert Ids(random.Random(1)).opened_quote(text) is None


def test_a_made_up_access_token_is_as_long_as_lines() -> None:
    assert len(made_up_access_token()) == 172
