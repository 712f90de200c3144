"""The state of a conversation: a dictionary that is read when first touched and stored if changed.

What it holds must be JSON. A write names the version that was read, so that of two writers the
slower one is told (StateConflict) instead of overwriting. An event that names no conversation (its
sender never consented, or it has none) gets an empty state that is not kept: strangers would share
it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from penniless.errors import CodeError
from penniless.events.common import NOBODY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.ports import Json, Store


class Conversation:
    """The stored state of one conversation, during one event."""

    __slots__ = ("_before", "_data", "_key", "_store", "_version")

    def __init__(self, key: str, store: Store) -> None:
        self._key = key
        self._store = store
        self._data: Json | None = None
        self._before = b""
        self._version = 0

    @property
    def state(self) -> dict[str, Any]:
        """The state, read once; change it in place."""
        if self._data is None and self._key == NOBODY:
            self._data = {}
        elif self._data is None:
            stored = self._store.read_state(self._key)
            self._data, self._version = dict(stored.data), stored.version
            self._before = _encode(self._data)
        return self._data

    def save(self) -> bool:
        """Store the state if it changed; returns whether it did.

        Raises StateConflict if another writer was faster, CodeError if it is not JSON.
        """
        if self._data is None or self._key == NOBODY:
            return False
        after = _encode(self._data)
        if after == self._before:
            return False
        self._version = self._store.write_state(self._key, self._data, version=self._version)
        self._before = after
        return True


def _encode(data: Json) -> bytes:
    try:
        return msgspec.json.encode(data, order="deterministic")
    except (TypeError, ValueError, RecursionError) as error:
        raise CodeError(f"the state of a conversation must be JSON: {error}") from None
