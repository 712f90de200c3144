"""JSON as LINE writes it."""

from __future__ import annotations

import json


def encoded(value: object) -> bytes:
    """Minified, UTF-8, nothing escaped that need not be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
