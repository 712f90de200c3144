"""The state of a conversation: a dictionary that is read when first touched and stored if changed.

What it holds must be JSON. A write names the version that was read, so that of two writers the
slower one is told (StateConflict) instead of overwriting. An event that names no conversation (its
sender never consented, or it has none) gets an empty state that is not kept: strangers would share
it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from penniless.errors import CodeError, StateConflict
from penniless.events.common import NOBODY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from penniless.ports import Json, State, Store


ANSWERS_KEPT = 86_400_000
"""Milliseconds that an answer is kept with the state of an event that has not ended well."""

MOST_ANSWERS = 8
"""Answers that are kept with the state."""


class Conversation:
    """The stored state of one conversation, during one event."""

    __slots__ = (
        "_answers",
        "_before",
        "_data",
        "_found",
        "_key",
        "_settled",
        "_store",
        "_version",
    )

    def __init__(
        self,
        key: str,
        store: Store,
        found: State | None = None,
        settled: Collection[str] = (),
    ) -> None:
        """`found` is the stored state, if it was read already; `settled` names events that ended,
        whose answers need not be kept with it.
        """
        self._key = key
        self._store = store
        self._found = found
        self._settled = settled
        self._answers: Json = {} if found is None else found.answers
        self._data: Json | None = None
        self._before = b""
        self._version = 0

    @property
    def state(self) -> dict[str, Any]:
        """The state, read once; change it in place."""
        if self._data is None and self._key == NOBODY:
            self._data = {}
        elif self._data is None:
            stored = self._found or self._store.read_state(self._key)
            self._data, self._version = dict(stored.data), stored.version
            self._answers = stored.answers
            self._before = _encode(self._data)
        return self._data

    def answer_to(self, event_id: str) -> list[Json] | None:
        """What was answered to an event that has changed the state already; None if it has not."""
        answer = self._answers.get(event_id)
        return None if answer is None else list(answer["messages"])

    def replied_to(self, event_id: str) -> list[Json]:
        """What had been replied to that event before it changed the state."""
        return list(self._answers.get(event_id, {}).get("replied", []))

    def has_changed(self) -> bool:
        """Whether the state is not as it was read. Raises CodeError if it is not JSON."""
        known = self._data is None or self._key == NOBODY
        return not known and _encode(self._data or {}) != self._before

    def save(
        self, event_id: str, messages: list[Json], now: int, *, replied: Sequence[Json] = ()
    ) -> bool:
        """Store the state if it changed, and with it what is answered to this event, in one write.

        `replied` is what has been sent already. Whoever takes the event over finds all or nothing.
        Raises StateConflict if another writer was faster, or has handled the same event, CodeError
        if it is not JSON.
        """
        if self._data is None or self._key == NOBODY:
            return False
        after = _encode(self._data)
        if after == self._before:
            return False
        if event_id in self._answers:
            raise StateConflict(f"{self._key}: this event has changed the state already")
        kept = [
            (event, answer)
            for event, answer in self._answers.items()
            if event not in self._settled and now - answer["at"] < ANSWERS_KEPT
        ]
        answer = {"messages": messages, "at": now, **({"replied": replied} if replied else {})}
        answers = {**dict(kept[1 - MOST_ANSWERS :]), event_id: answer}
        self._version = self._store.write_state(
            self._key, self._data, version=self._version, answers=answers
        )
        self._answers, self._before = answers, after
        return True


def _encode(data: Json) -> bytes:
    try:
        return msgspec.json.encode(data, order="deterministic")
    except (TypeError, ValueError, RecursionError) as error:
        raise CodeError(f"the state of a conversation must be JSON: {error}") from None
