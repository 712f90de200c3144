"""The signature of a webhook: made here, and checked here before anybody looks at the body.

Law of this module: raw bytes in, True or False out; no parsing, no logging, no exceptions.

Source: https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/
"""

from __future__ import annotations

import hmac
from binascii import b2a_base64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def sign(secret: str, body: bytes) -> str:
    """The value of `x-line-signature` for this body: HMAC-SHA256 in Base64, 44 characters.

    The channel secret is the key as text, although it looks like a hexadecimal number.
    """
    return _signature(secret, body).decode("ascii")


def verify(secrets: Sequence[str], body: bytes, signature: str | None) -> bool:
    """Whether `signature` belongs to these exact bytes under one of the secrets; never raises.

    Several secrets are for the time around a reissue, when LINE may sign with either. An empty
    secret signs nothing, since anybody could use it.
    """
    # A lone text is one secret: taken as a sequence, each of its characters would be one.
    keys = (secrets,) if isinstance(secrets, str) else secrets
    try:
        given = signature.encode("ascii") if signature else b""
        return any(hmac.compare_digest(_signature(key, body), given) for key in keys if key)
    except (AttributeError, TypeError, ValueError):
        return False


def _signature(secret: str, body: bytes) -> bytes:
    return b2a_base64(hmac.digest(secret.encode(), body, "sha256"), newline=False)
