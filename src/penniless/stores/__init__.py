"""Where a bot's log and state are kept: one module a backend, all behind `penniless.ports.Store`.

`MemoryStore` forgets when the process ends. `SQLiteStore` keeps one file, shared by the threads and
processes of one machine. `DynamoDBStore` keeps one table on AWS. Each is imported when it is first
asked for, so that a bot pays for the store it uses and for no other.
"""

from __future__ import annotations

import sys
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.stores.dynamodb import DynamoDBStore
    from penniless.stores.memory import MemoryStore
    from penniless.stores.sqlite import SQLiteStore

__all__ = ["DynamoDBStore", "MemoryStore", "SQLiteStore"]

_HOME = {"DynamoDBStore": "dynamodb", "MemoryStore": "memory", "SQLiteStore": "sqlite"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    full = f"{__name__}.{_HOME[name]}"
    __import__(full)
    return getattr(sys.modules[full], name)
