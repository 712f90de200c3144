"""From an error status of LINE to the exception for it.

Law of this module: an answer in, an exception out. The body is read leniently: `details` may be
missing or empty, and a proxy on the way may answer with something that is not JSON.

Source: https://developers.line.biz/en/reference/messaging-api/#error-responses
"""

from __future__ import annotations

from typing import Any

import msgspec

from penniless.errors import (
    BadRequest,
    ContentGone,
    Forbidden,
    LineRefused,
    NotFound,
    QuotaExceeded,
    RateLimited,
    ServerFault,
    Unauthorized,
)

_CLASSES = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    410: ContentGone,
    429: RateLimited,
}
_LONGEST = 1000


def refusal(
    operation: str, status: int, reason: str, body: bytes, request_id: str, *, secret: str
) -> LineRefused:
    """The exception for an answer. `secret` is struck out wherever the answer repeats it."""
    found = _object(body)
    message = found.get("message")
    text = _clean(message if isinstance(message, str) else reason, secret)
    return _class(status, text)(
        status,
        text,
        operation=operation,
        details=_details(found.get("details"), secret),
        request_id=_clean(request_id, secret),
    )


def _class(status: int, text: str) -> type[LineRefused]:
    if status >= 500:
        return ServerFault
    # Both are a bare 429. The text is not guaranteed, so whatever does not name the month is
    # taken as the rate: the harm of a mistake is then a late try, not a lost one.
    if status == 429 and "monthly limit" in text.casefold():
        return QuotaExceeded
    return _CLASSES.get(status, LineRefused)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _details(found: object, secret: str) -> list[dict[str, str]]:
    rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    texts = [
        {name: _clean(text, secret) for name, text in one.items() if isinstance(text, str)}
        for one in rows
    ]
    return [one for one in texts if one]


def _clean(text: str, secret: str) -> str:
    return (text.replace(secret, "…") if secret else text)[:_LONGEST]
