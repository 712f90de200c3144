"""JSON Web Tokens as LINE takes them: RS256, signed with a key that is registered at the channel.

Law of this module: text and numbers in, claims or a sentence out. No time but the one passed in.
RSA is one call of `pow`, so that no package is needed for it.

Sources: https://developers.line.biz/en/docs/messaging-api/generate-json-web-token/
https://www.rfc-editor.org/rfc/rfc7515 https://www.rfc-editor.org/rfc/rfc8017#section-8.2
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from penniless.simulator.records import Json
from penniless.simulator.strict_json import too_deep

AUDIENCE = "https://api.line.me/"
LONGEST_ASSERTION = 30 * 60
FEWEST_BITS, MOST_BITS = 2048, 8192
SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
"""What precedes a SHA-256 digest in a signature of PKCS #1 v1.5."""


class Key(Struct, frozen=True):
    """A public RSA key: modulus and exponent."""

    n: int
    e: int

    @property
    def thumbprint(self) -> str:
        """A name for the key, made of its numbers (RFC 7638)."""
        jwk = self.jwk
        canonical = f'{{"e":"{jwk["e"]}","kty":"RSA","n":"{jwk["n"]}"}}'
        return _encoded(hashlib.sha256(canonical.encode()).digest())

    @property
    def jwk(self) -> Json:
        """The key as JSON Web Key (RFC 7517)."""
        numbers = (self.n, self.e)
        n, e = (_encoded(one.to_bytes((one.bit_length() + 7) // 8, "big")) for one in numbers)
        return {"kty": "RSA", "alg": "RS256", "use": "sig", "n": n, "e": e}

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature (RSASSA-PKCS1-v1_5 with SHA-256) is of this key and message."""
        size = (self.n.bit_length() + 7) // 8
        number = int.from_bytes(signature, "big")
        if len(signature) != size or number >= self.n:
            return False
        ending = SHA256 + hashlib.sha256(message).digest()
        expected = b"\0\1" + b"\xff" * (size - len(ending) - 3) + b"\0" + ending
        return hmac.compare_digest(pow(number, self.e, self.n).to_bytes(size, "big"), expected)


class Unsound(Exception):
    """An assertion that is not accepted; the text says why in a few words."""


class UnknownKey(Unsound):
    """It was signed with a key that nobody registered."""


def key_from(jwk: Any) -> Key:
    """A public key from its JWK. Raises ValueError with a sentence for anything else."""
    if not isinstance(jwk, dict) or jwk.get("kty") != "RSA" or "d" in jwk:
        raise ValueError("a key must be the JWK of a public RSA key")
    try:
        n, e = (int.from_bytes(_decoded(jwk[name]), "big") for name in ("n", "e"))
    except (KeyError, Unsound):
        raise ValueError("a key must have n and e in base64url") from None
    if not FEWEST_BITS <= n.bit_length() <= MOST_BITS or not 3 <= e < 2**33 or e % 2 == 0:
        raise ValueError(f"a key must have at least {FEWEST_BITS} bits")
    return Key(n, e)


def claims_of(assertion: str, keys: Mapping[str, Key], channel_id: str, now: int) -> Json:
    """The claims of an assertion that is accepted at `now` (milliseconds). Raises Unsound."""
    parts = assertion.split(".")
    if len(parts) != 3:
        raise Unsound("Invalid client_assertion")
    header, claims = (_object(part) for part in parts[:2])
    if header.get("alg") != "RS256":
        raise Unsound("Invalid alg")
    key = keys.get(str(header.get("kid")))
    if key is None:
        raise UnknownKey("kid")
    if not key.signed(f"{parts[0]}.{parts[1]}".encode(), _decoded(parts[2])):
        raise Unsound("Invalid signature")
    _check(claims, channel_id, now / 1000)
    return claims


def _check(claims: Json, channel_id: str, now: float) -> None:
    if claims.get("iss") != channel_id:
        raise Unsound("iss and clientId of key do not match")
    if claims.get("sub") != channel_id:
        raise Unsound("Invalid sub")
    if claims.get("aud") not in (AUDIENCE, [AUDIENCE]):
        raise Unsound("Invalid aud")
    expires = claims.get("exp")
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise Unsound("Invalid exp")
    if not math.isfinite(expires) or not now < expires <= now + LONGEST_ASSERTION:
        raise Unsound("Invalid exp")


def _object(part: str) -> Json:
    try:
        text = _decoded(part).decode()
        if too_deep(text):
            raise Unsound("Invalid client_assertion")
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Unsound("Invalid client_assertion") from None
    if not isinstance(found, dict):
        raise Unsound("Invalid client_assertion")
    return found


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: Any) -> bytes:
    """Base64url without padding."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, TypeError):
        raise Unsound("Invalid client_assertion") from None
