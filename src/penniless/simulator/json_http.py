"""JSON over HTTP for the handlers under /sim: a body in, an answer out.

Law of this module: shapes and bounds of requests, nothing of what they mean.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from penniless.simulator.places import Refused, only
from penniless.simulator.records import Json
from penniless.simulator.strict_json import too_deep

MOST_BYTES = 24 * 1024 * 1024


async def content(request: Request, most: int = MOST_BYTES) -> bytes:
    """The body of a request. Raises Refused (413) above that many bytes."""
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            raise Refused(413, f"a request may have {most} bytes")
        pieces.append(piece)
    return b"".join(pieces)


async def body(request: Request, names: Collection[str] | None = None) -> Json:
    """The JSON object of a request; an empty body is an empty object.

    With `names`, there may be no others. Raises Refused (400, 413).
    """
    raw = await content(request)
    try:
        text = raw.decode()
        found = msgspec.json.decode(text) if text.strip() else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(400, "the body must be JSON") from None
    if too_deep(text):
        raise Refused(400, "the body nests too deeply")
    if not isinstance(found, dict):
        raise Refused(400, "the body must be a JSON object")
    if names is not None:
        only(found, names, "the request")
    return found


def reply(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
