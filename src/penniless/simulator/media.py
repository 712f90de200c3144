"""Bytes for the browser: pictures, sounds and films, of people and of our own.

Law of this module: nothing that a browser might run, no guessing at types, and parts on request,
without which players cannot seek.

Source: https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
"""

from __future__ import annotations

import re

from starlette.responses import Response

SAFE_TYPES = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "video/mp4",
        "video/webm",
        "audio/wav",
        "audio/mpeg",
        "audio/mp4",
        "audio/x-m4a",
        "audio/ogg",
    }
)
"""What a browser shows and does not run. Anything else is offered for download."""

ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z", re.ASCII)


def media_response(data: bytes, content_type: str, wanted: str | None = None) -> Response:
    """The bytes, or the part that a `Range` header asks for: 200, 206 or 416."""
    plain = content_type.partition(";")[0].strip().lower()
    headers = {
        "content-security-policy": "default-src 'none'; sandbox",
        "accept-ranges": "bytes",
    }
    if plain not in SAFE_TYPES:
        headers["content-disposition"] = "attachment"
        plain = "application/octet-stream"
    found = ONE_RANGE.match(wanted or "")
    if found is None or found[0] == "bytes=-":
        return Response(data, media_type=plain, headers=headers)
    start, end = _part(len(data), found[1], found[2])
    if start >= end:
        return Response(status_code=416, headers={"content-range": f"bytes */{len(data)}"})
    headers["content-range"] = f"bytes {start}-{end - 1}/{len(data)}"
    return Response(data[start:end], 206, media_type=plain, headers=headers)


def _part(size: int, first: str, last: str) -> tuple[int, int]:
    """Start and end (exclusive); `-5` means the last five bytes."""
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size
