"""Where a bot's log and state are kept: one module a backend, all behind `penniless.ports.Store`.

`MemoryStore` forgets when the process ends. `SQLiteStore` keeps one file, shared by the threads and
processes of one machine. Each is imported when it is first asked for, so that a bot pays for the
store it uses and for no other.
"""

from __future__ import annotations

from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.stores.memory import MemoryStore
    from penniless.stores.sqlite import SQLiteStore

__all__ = ["MemoryStore", "SQLiteStore"]


def __getattr__(name: str) -> Any:
    if name == "MemoryStore":
        from penniless.stores.memory import MemoryStore

        return MemoryStore
    if name == "SQLiteStore":
        from penniless.stores.sqlite import SQLiteStore

        return SQLiteStore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
