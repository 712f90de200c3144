"""How large a picture is, read from its first bytes.

Law of this module: bytes in, numbers out; the picture itself is not decoded.

Sources: https://www.w3.org/TR/png-3/#11IHDR https://www.w3.org/Graphics/JPEG/itu-t81.pdf
"""

from __future__ import annotations

from collections.abc import Callable

Size = tuple[int, int]

PNG_START = b"\x89PNG\r\n\x1a\n"
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The JPEG markers that begin a frame and tell its size."""

ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""The JPEG markers that nothing belongs to."""


def size_of(content_type: str, data: bytes) -> Size | None:
    """Width and height of a picture of that type; None if it is none."""
    reader = READERS.get(content_type)
    return None if reader is None else reader(data)


def _png(data: bytes) -> Size | None:
    if not data.startswith(PNG_START) or data[12:16] != b"IHDR" or len(data) < 24:
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _jpeg(data: bytes) -> Size | None:
    if not data.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker in ALONE or marker == 0xFF:
            at += 1 if marker == 0xFF else 2
        elif marker in FRAMES:
            frame = data[at + 5 : at + 9]
            height, width = int.from_bytes(frame[:2], "big"), int.from_bytes(frame[2:], "big")
            return (width, height) if len(frame) == 4 else None
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


READERS: dict[str, Callable[[bytes], Size | None]] = {"image/png": _png, "image/jpeg": _jpeg}
