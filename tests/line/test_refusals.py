"""Error bodies of every shape become errors; none makes the reading itself fail."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penniless.errors import LineRefused
from penniless.line.refusals import refusal


def refused(body: bytes, status: int = 400, reason: str = "Bad Request") -> LineRefused:
    return refusal("push", status, reason, body, "request-1", secret="TOKEN")


def test_details_are_kept() -> None:
    """LINE's sentence and its details stand on the error and in its text."""
    details = [
        {"message": "May not be empty", "property": "messages[0].text"},
        {"message": "invalid uri"},
    ]
    error = refused(
        msgspec.json.encode({"message": "The request body has 2 error(s)", "details": details})
    )
    assert error.details == tuple(details)
    assert str(error) == (
        "push: LINE answered 400 The request body has 2 error(s)"
        " (messages[0].text: May not be empty; invalid uri) [x-line-request-id request-1]"
    )


@pytest.mark.parametrize(
    ("details", "kept"),
    [
        (None, []),
        ([], []),
        ("text", []),
        ({"message": "x"}, []),
        ([None, 1, "x", [], {}], []),
        ([{"message": 1, "property": "to"}], [{"property": "to"}]),
        ([{"message": "新しい", "more": {"a": 1}}], [{"message": "新しい"}]),
    ],
)
def test_details_of_any_shape(details: Any, kept: list[dict[str, str]]) -> None:
    """Details that are missing, empty or of a strange shape cost nothing but themselves."""
    error = refused(msgspec.json.encode({"message": "m", "details": details}))
    assert list(error.details) == kept


@pytest.mark.parametrize(
    "body", [b"", b"<html>502</html>", b"\xff\xfe", b"[]", b"null", b'"x"', b"[" * 5000]
)
def test_a_body_that_is_not_line_s(body: bytes) -> None:
    """A proxy's body is dropped; the status line's reason is the message."""
    error = refused(body, 502, "Bad Gateway")
    assert str(error) == "push: LINE answered 502 Bad Gateway [x-line-request-id request-1]"


def test_the_token_is_struck_out() -> None:
    """If LINE or a proxy repeats the token, the error does not."""
    body = {"message": "no TOKEN", "details": [{"message": "TOKEN", "property": "xTOKENx"}]}
    error = refused(msgspec.json.encode(body))
    assert "TOKEN" not in str(error) + str(error.details) + error.message


def test_a_long_message_is_cut() -> None:
    """An error stays readable, however long the answer was."""
    assert len(refused(msgspec.json.encode({"message": "x" * 100_000})).message) == 1000


@given(st.binary(), st.integers(300, 599))
def test_no_body_breaks_the_reading(body: bytes, status: int) -> None:
    """Any bytes under any status give an error of the right family."""
    assert refused(body, status).status == status


ANY_JSON = st.recursive(
    st.none() | st.integers(0, 9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["message", "details"]), ANY_JSON))
@settings(max_examples=50)
def test_no_json_breaks_the_reading(body: dict[str, Any]) -> None:
    """Any JSON under the known names gives an error whose parts have their types."""
    error = refused(msgspec.json.encode(body))
    assert isinstance(error.message, str)
    assert all(isinstance(text, str) for one in error.details for text in one.values())
