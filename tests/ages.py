"""How old a row of data may become before a test wants it read again."""

from __future__ import annotations

from datetime import timedelta

OLDEST = timedelta(days=365)
