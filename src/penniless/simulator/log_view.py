"""The bot's log, as stored, for whoever looks at the simulator.

Law of this module: read only, through the Store protocol.
"""

from __future__ import annotations

from typing import Any

import msgspec

from penniless.ports import Store

MOST_ROWS = 500


def log_rows(store: Store, now: int) -> list[dict[str, Any]]:
    """The newest rows of all conversations, the newest last, with snake_case names."""
    rows = [
        row
        for conversation in store.conversations()
        for row in store.rows(conversation, now=now, newest_first=True, limit=MOST_ROWS)
    ]
    rows.sort(key=lambda row: (row.timestamp, row.event_id))
    return [msgspec.structs.asdict(row) for row in rows[-MOST_ROWS:]]
