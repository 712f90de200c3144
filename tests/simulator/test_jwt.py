"""Assertions are taken when they are signed by a known key, for this channel, and for now."""

from __future__ import annotations

from typing import Any

import pytest

from penniless.simulator.jwt import Key, UnknownKey, Unsound, claims_of, key_from
from tests.simulator.assertions import JWK, KID, D, E, N, assertion, claims, encoded

NOW = 1_767_225_600_000
KEYS = {KID: Key(N, E)}


def taken(text: str) -> dict[str, Any]:
    return claims_of(text, KEYS, "1234567890", NOW)


def test_a_good_assertion() -> None:
    content = claims(NOW)
    assert taken(assertion(content)) == content


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"iss": "1"}, "iss and clientId of key do not match"),
        ({"iss": None}, "iss and clientId of key do not match"),
        ({"sub": "1"}, "Invalid sub"),
        ({"aud": "https://api.line.me"}, "Invalid aud"),
        ({"aud": [1]}, "Invalid aud"),
        ({"exp": None}, "Invalid exp"),
        ({"exp": "soon"}, "Invalid exp"),
        ({"exp": True}, "Invalid exp"),
        ({"exp": NOW // 1000}, "Invalid exp"),
        ({"exp": NOW // 1000 + 1801}, "Invalid exp"),
    ],
)
def test_claims_that_are_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(Unsound, match=why):
        taken(assertion(claims(NOW, **changed)))


def test_a_key_that_nobody_registered() -> None:
    with pytest.raises(UnknownKey):
        taken(assertion(claims(NOW), kid="another"))


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"alg": None}])
def test_other_algorithms(header: dict[str, Any]) -> None:
    with pytest.raises(Unsound, match="Invalid alg"):
        taken(assertion(claims(NOW), **header))


def test_any_changed_byte_breaks_the_signature() -> None:
    head, content, signed = assertion(claims(NOW)).split(".")
    other = assertion(claims(NOW, token_exp=1)).split(".")
    for broken in (f"{head}.{other[1]}.{signed}", f"{head}.{content}.{other[2]}"):
        with pytest.raises(Unsound, match="Invalid signature"):
            taken(broken)


@pytest.mark.parametrize("number", [0, 1, N - 1, N, N + 1, 2**2048 - 1, D])
def test_numbers_that_are_no_signature(number: int) -> None:
    """Too short, too large, and the trivial ones."""
    key, size = KEYS[KID], max(1, (number.bit_length() + 7) // 8)
    assert not key.signed(b"message", number.to_bytes(size, "big"))
    assert not key.signed(b"message", number.to_bytes(256, "big"))


@pytest.mark.parametrize(
    "text",
    ["", "a", "a.b", "a.b.c", "..", "a.b.c.d", "ä.b.c", f"{encoded(b'[]')}.e30.x", "!.!.!"],
)
def test_texts_that_are_no_assertion(text: str) -> None:
    with pytest.raises(Unsound):
        taken(text)


def test_nested_headers_are_not_read() -> None:
    deep = encoded(b'{"a":' * 300 + b"1" + b"}" * 300)
    with pytest.raises(Unsound, match="Invalid client_assertion"):
        taken(f"{deep}.{deep}.x")


def test_a_key_from_its_jwk() -> None:
    assert key_from(JWK) == KEYS[KID]
    assert len(key_from(JWK).thumbprint) == 43


@pytest.mark.parametrize(
    "changed",
    [
        {"kty": "EC"},
        {"n": "AQAB"},
        {"n": None},
        {"e": "Ag"},
        {"e": ""},
        {"d": "AQAB"},
        {"n": encoded((1 << 9000).to_bytes(1200, "big"))},
    ],
)
def test_what_is_no_public_key(changed: dict[str, Any]) -> None:
    """Too small, too large, even exponents, and above all: never a private key."""
    with pytest.raises(ValueError, match="a key must"):
        key_from({**JWK, **changed})
