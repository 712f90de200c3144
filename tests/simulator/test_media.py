"""Bytes for the browser: parts on request, and nothing that runs."""

from __future__ import annotations

import pytest

from penniless.simulator.media import media_response

DATA = b"0123456789"


@pytest.mark.parametrize(
    ("wanted", "status", "body", "shown"),
    [
        (None, 200, DATA, None),
        ("bytes=0-", 206, DATA, "bytes 0-9/10"),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-99", 206, DATA, "bytes 0-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=5-4", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=-", 200, DATA, None),
        ("bytes=0-1,3-4", 200, DATA, None),
        ("lines=1-2", 200, DATA, None),
        ("bytes=²-", 200, DATA, None),
    ],
)
def test_parts(wanted: str | None, status: int, body: bytes, shown: str | None) -> None:
    """One range is honoured; what is no single range of bytes gives the whole."""
    response = media_response(DATA, "video/mp4", wanted)
    assert (response.status_code, response.body) == (status, body)
    assert response.headers.get("content-range") == shown


@pytest.mark.parametrize(
    ("given", "served"),
    [
        ("image/png", "image/png"),
        ("IMAGE/PNG; charset=x", "image/png"),
        ("image/svg+xml", "application/octet-stream"),
        ("text/html", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_types(given: str, served: str) -> None:
    response = media_response(DATA, given)
    assert response.headers["content-type"] == served
    assert ("content-disposition" in response.headers) == (served == "application/octet-stream")
