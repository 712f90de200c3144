"""Request bodies are read as strictly as LINE reads them, and the answer says where."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penniless.simulator.exchange import LineRefusal
from penniless.simulator.strict_json import DEEPEST, parse, place_of


def refused(body: bytes) -> dict[str, Any]:
    with pytest.raises(LineRefusal) as caught:
        parse(body)
    assert caught.value.answer.status == 400
    found: dict[str, Any] = caught.value.answer.json
    return found


def test_an_object_is_read_with_its_text() -> None:
    assert parse('{"to": "日本 🙂"}'.encode()) == ({"to": "日本 🙂"}, '{"to": "日本 🙂"}')


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", (1, 1)),
        (b"hello", (1, 1)),
        (b'{"a": 1,\n  "b": }', (2, 8)),
        (b'{"a": NaN}', (1, 1)),
        (b'{"a": "\\ud800"}', (1, 1)),
        (b'{"a": "\xff"}', (1, 8)),
        (b"[]", (1, 1)),
        (b'"text"', (1, 1)),
        (b"null", (1, 1)),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), (1, 1)),
        (b"[" * 200_000, (1, 1)),
        (b'{"a": 1e999}', (1, 1)),
    ],
)
def test_what_is_no_json_object_is_refused(body: bytes, where: tuple[int, int]) -> None:
    line, column = where
    expected = f"The request body could not be parsed as JSON (line: {line}, column: {column})"
    assert refused(body) == {"message": expected}


def test_nesting_up_to_the_bound_passes() -> None:
    body = b'{"a":' + b"[" * (DEEPEST - 1) + b"]" * (DEEPEST - 1) + b"}"
    assert parse(body)[1] == body.decode()


def test_a_duplicate_field_on_top() -> None:
    """The place is just behind the second name, as in LINE's announcement of the check."""
    body = b'{\n  "to": "a",\n  "to": "b"\n}'
    assert refused(body) == {
        "message": "The request body could not be parsed as JSON (line: 3, column: 7)",
        "details": [{"message": "Duplicate field 'to'"}],
    }


def test_a_duplicate_field_further_down() -> None:
    """Deeper down, LINE names the object."""
    body = b"""{
  "to": "a",
  "messages": [
    {"type": "text", "text": "{\\"type\\": 1}"},
    {
      "text": "b",
      "type": "text",
      "type": "text"
    }
  ]
}"""
    assert refused(body) == {
        "message": "The property, 'messages[1]', in the request body is invalid "
        "(line: 8, column: 13)",
        "details": [{"message": "Duplicate field 'type'"}],
    }


def test_equal_names_in_different_objects_are_no_duplicates() -> None:
    body = b'{"a": {"x": 1, "y": {"x": 2}}, "b": [{"x": 1}, {"x": 1}], "x": "x"}'
    assert parse(body)[0] == json.loads(body)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"replyToken":"","messages":[]}', (1, 15)),
        ('{"messages":[{"replyToken":"x"}],\n "replyToken" :  ""}', (2, 18)),
        ("{}", (1, 1)),
    ],
)
def test_the_place_of_a_value(text: str, place: tuple[int, int]) -> None:
    """Where the value of a top-level field starts."""
    assert place_of(text, "replyToken") == place


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=4), values, max_size=4), st.sampled_from([None, 1]))
def test_every_object_survives(found: dict[str, Any], indent: int | None) -> None:
    """Whatever Python writes as an object is read back, pretty or not."""
    text = json.dumps(found, ensure_ascii=False, indent=indent)
    assert parse(text.encode()) == (found, text)


@given(st.binary(max_size=40))
def test_no_bytes_make_it_fail(body: bytes) -> None:
    """Any bytes are an object or a refusal, never another error."""
    with contextlib.suppress(LineRefusal):
        assert isinstance(parse(body)[0], dict)
