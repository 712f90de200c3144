"""The store of tests, benchmarks and first tries: a dict and a lock.

Law of this module: nothing is imported that a plain echo would not import anyway. Stored rows are
never changed, only replaced, and never handed out: callers get copies, at both doors.
"""

from __future__ import annotations

from threading import Lock

from msgspec.structs import replace

from penniless.errors import StateConflict
from penniless.ports import Claim, State
from penniless.stores.encoding import decode, encode_replies, encode_state, whole_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from penniless.ports import Json, Row

    Key: TypeAlias = tuple[int, str]


class MemoryStore:
    """A `Store` that lasts as long as its process, for any number of threads.

    It keeps the newest `size` rows, so that a bot which runs for weeks does not grow; states are
    all kept. Closing it does nothing, so that a test can look at the log of a bot that has ended.
    """

    def __init__(self, *, size: int = 5000) -> None:
        self._lock = Lock()
        self._size = size
        self._events: dict[str, dict[Key, Row]] = {}
        self._arrived: dict[tuple[str, Key], None] = {}
        """The keys of all rows, in the order in which they came."""
        self._states: dict[str, tuple[int, bytes]] = {}

    def claim(self, row: Row, *, now: int) -> Claim:
        claimed = _copy(row)
        claimed.status, claimed.attempt = "claimed", 1
        with self._lock:
            events = self._events.get(row.conversation, {})
            met = events.get(_key(row))
            if met is None or _expired(met, now):
                self._insert(claimed)
                return Claim(granted=True, found="nothing")
            if met.status != "claimed":
                return Claim(granted=False, found="done", attempt=met.attempt)
            if met.claimed_until > now:
                return Claim(granted=False, found="live", attempt=met.attempt)
            attempt = met.attempt + 1
            events[_key(row)] = replace(met, attempt=attempt, claimed_until=row.claimed_until)
            return Claim(granted=True, found="expired", attempt=attempt)

    def finish(self, row: Row) -> bool:
        final = _copy(row)
        with self._lock:
            events = self._events.get(row.conversation, {})
            met = events.get(_key(row))
            if met is None or met.status != "claimed" or met.attempt != row.attempt:
                return False
            events[_key(row)] = replace(
                met,
                status=final.status,
                outcome=final.outcome,
                replies=final.replies,
                answered_at=final.answered_at,
            )
            return True

    def append(self, row: Row) -> None:
        appended = _copy(row)
        with self._lock:
            self._insert(appended)

    def _insert(self, row: Row) -> None:
        """Put a row in; the oldest gives way to it if there are too many."""
        self._events.setdefault(row.conversation, {})[_key(row)] = row
        self._arrived[row.conversation, _key(row)] = None
        if len(self._arrived) <= self._size:
            return
        conversation, key = next(iter(self._arrived))
        del self._arrived[conversation, key]
        events = self._events[conversation]
        del events[key]
        if not events:
            del self._events[conversation]

    def unsend(self, conversation: str, message_id: str) -> int:
        with self._lock:
            events = self._events.get(conversation, {})
            touched = [
                row
                for row in events.values()
                if row.message_id == message_id and row.message is not None
            ]
            for row in touched:
                events[_key(row)] = replace(row, message=None)
            return len(touched)

    def rows(
        self,
        conversation: str,
        *,
        now: int,
        since: int = 0,
        until: int | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[Row]:
        if limit is not None and limit < 0:
            raise ValueError(f"limit is {limit}, but cannot be less than 0")
        with self._lock:
            found = sorted(self._events.get(conversation, {}).items(), reverse=newest_first)
        asked = [
            row
            for (timestamp, _), row in found
            if timestamp >= since
            and (until is None or timestamp < until)
            and not _expired(row, now)
        ]
        return map(_copy, asked[:limit])

    def conversations(self) -> Iterator[str]:
        with self._lock:
            return iter(sorted(self._events.keys() | self._states.keys()))

    def read_state(self, conversation: str) -> State:
        version, data = self._states.get(conversation, (0, b"{}"))
        return State(version, decode(data))

    def write_state(self, conversation: str, data: Json, *, version: int) -> int:
        encoded = encode_state(data)
        with self._lock:
            stored, _ = self._states.get(conversation, (0, b""))
            if stored != version:
                raise StateConflict(f"{conversation}: the state is at {stored}, not at {version}")
            self._states[conversation] = (version + 1, encoded)
            return version + 1

    def forget(self, conversation: str) -> int:
        with self._lock:
            events = self._events.pop(conversation, {})
            for key in events:
                del self._arrived[conversation, key]
            state = self._states.pop(conversation, None)
            return len(events) + (state is not None)

    def close(self) -> None:
        """Nothing to let go of: what is stored can still be read."""


def _key(row: Row) -> Key:
    return row.timestamp, row.event_id


def _expired(row: Row, now: int) -> bool:
    return row.expires_at is not None and row.expires_at <= now // 1000


def _copy(row: Row) -> Row:
    """A row that shares nothing with this one: `replies` is the only part that could be shared."""
    message = None if row.message is None else whole_text(row.message)
    return replace(
        row,
        message=message,
        outcome=whole_text(row.outcome),
        replies=decode(encode_replies(row.replies)) if row.replies else [],
    )
