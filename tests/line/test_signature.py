"""The webhook signature: LINE's own vector, and everything that must not pass."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linebot.v3.webhook import SignatureValidator

from penniless.line.signature import sign, verify

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
BODY = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
SIGNATURE = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="


def test_line_s_published_vector() -> None:
    """The signature of LINE's published example is LINE's published signature."""
    assert sign(SECRET, BODY) == SIGNATURE
    assert verify([SECRET], BODY, SIGNATURE)


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        " ",
        "x",
        SIGNATURE[:-1],
        SIGNATURE + "=",
        SIGNATURE.lower(),
        f" {SIGNATURE}",
        "署名",
        "🍎" * 11,
        "\ud800",
        "\x00" * 44,
        "=" * 44,
        "A" * 100_000,
    ],
)
def test_a_wrong_signature_is_false(signature: str | None) -> None:
    """Whatever is not exactly the signature is refused without an exception."""
    assert verify([SECRET], BODY, signature) is False


@pytest.mark.parametrize("signature", [42, b"bytes", [SIGNATURE], object()])
def test_a_signature_of_a_wrong_type_is_false(signature: Any) -> None:
    """Even a value that is no text is refused without an exception."""
    assert verify([SECRET], BODY, signature) is False


def test_two_secrets_are_accepted_around_a_reissue() -> None:
    """A body signed under either of two secrets passes, under a third it does not."""
    secrets = ("old", "new")
    assert verify(secrets, BODY, sign("old", BODY))
    assert verify(secrets, BODY, sign("new", BODY))
    assert not verify(secrets, BODY, sign("other", BODY))


def test_no_secret_verifies_nothing() -> None:
    """Without a secret nothing passes, and an empty one counts as none."""
    assert not verify([], BODY, SIGNATURE)
    assert not verify([""], BODY, sign("", BODY))


def test_a_lone_text_is_one_secret() -> None:
    """A secret that is not in a list works, and its single characters are no secrets."""
    assert verify(SECRET, BODY, SIGNATURE)
    assert not verify(SECRET, BODY, sign(SECRET[0], BODY))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.binary())
def test_round_trip(secret: str, body: bytes) -> None:
    """Any body passes under its own signature, and not with one more byte."""
    signature = sign(secret, body)
    assert len(signature) == 44
    assert verify([secret], body, signature)
    assert not verify([secret], body + b" ", signature)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_official_sdk_agrees(text: str) -> None:
    """The official SDK accepts what we sign, and we accept it too."""
    signature = sign(SECRET, text.encode())
    assert SignatureValidator(SECRET).validate(text, signature)
    assert verify([SECRET], text.encode(), signature)
