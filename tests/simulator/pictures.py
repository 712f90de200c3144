"""Pictures for the tests: only as much of them as tells their size."""

from __future__ import annotations

import struct
import zlib


def png(width: int, height: int, padding: int = 0) -> bytes:
    """A PNG of that size, with so many bytes behind its end."""
    lines = b"".join(b"\0" + bytes(width // 8 + 1) for _ in range(height))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))]
    parts += [(b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    made = b"\x89PNG\r\n\x1a\n"
    for name, data in parts:
        made += struct.pack(">I", len(data)) + name + data
        made += struct.pack(">I", zlib.crc32(name + data))
    return made + bytes(padding)


def jpeg(width: int, height: int) -> bytes:
    """The segments of a JPEG up to its frame."""
    start = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return start + b"\xff\xff\xc2" + struct.pack(">H", len(frame) + 2) + frame
