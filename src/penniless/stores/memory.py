"""The store of tests, benchmarks and first tries: a dict and a lock.

Law of this module: nothing is imported that a plain echo would not import anyway. Stored rows are
never changed, only replaced, and never handed out: callers get copies, at both doors.
"""

from __future__ import annotations

from threading import Lock

from msgspec.structs import replace

from penniless.errors import StateConflict
from penniless.lifecycle import ATTEMPTS, FINAL, is_overdue, waits
from penniless.ports import OPEN, SETTLED, Claim, Desk, State
from penniless.stores.encoding import (
    decode,
    encode_answers,
    encode_event,
    encode_once,
    encode_replies,
    encode_state,
    whole_text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from penniless.ports import Json, Row, Status

    Key: TypeAlias = tuple[int, str]


class MemoryStore:
    """A `Store` that lasts as long as its process, for any number of threads.

    It keeps the newest `size` rows, so that a bot which runs for weeks does not grow, and gives up
    rows that somebody works on, or that are held, only where it has no others; states are all
    kept. Closing it does nothing, so that a test can look at the log of a bot that has ended.
    """

    writes_are_free = False  # they are, and buy nothing: all is gone with the process

    def __init__(self, *, size: int = 5000) -> None:
        self._lock = Lock()
        self._size = size
        self._events: dict[str, dict[Key, Row]] = {}
        self._arrived: dict[tuple[str, Key], None] = {}
        """The keys of all rows, in the order in which they came."""
        self._undone: dict[str, set[Key]] = {}
        """The keys of the rows that are open or held, so that nobody looks through all others."""
        self._states: dict[str, tuple[int, bytes, bytes]] = {}
        self._pushes: dict[str, int] = {}

    def claim(self, row: Row, *, now: int) -> Claim:
        claimed = _copy(row)
        claimed.status, claimed.attempt = "claimed", 1
        with self._lock:
            events = self._events.get(row.conversation, {})
            met = events.get(_key(row))
            if met is None or _expired(met, now):
                self._insert(claimed)
                return Claim(granted=True, found="nothing")
            if met.status not in OPEN:
                return Claim(granted=False, found="done", attempt=met.attempt)
            if met.claimed_until > now:
                return Claim(granted=False, found="live", attempt=met.attempt)
            taken = replace(
                met,
                attempt=met.attempt + 1,
                claimed_until=row.claimed_until,
                received_at=max(met.received_at, row.received_at),
            )
            self._put(taken)
            return Claim(granted=True, found="expired", attempt=taken.attempt, row=_copy(taken))

    def advance(self, row: Row, *, was: Sequence[Status] = OPEN) -> bool:
        """As the Protocol says; an event that is gone from the row, as after an unsend, stays gone.

        Where `row.event` is not None, the stored event is left as it is.
        """
        new = _copy(row)
        with self._lock:
            events = self._events.get(row.conversation, {})
            met = events.get(_key(row))
            if met is None or met.status not in was or met.attempt != row.attempt:
                return False
            changed = replace(
                met,
                status=new.status,
                outcome=new.outcome,
                replies=new.replies,
                waiting=new.waiting,
                way=new.way,
                answered_at=new.answered_at,
                claimed_until=new.claimed_until,
                deferred=new.deferred,
                event=None if new.event is None else met.event,
                once=new.once,
            )
            self._put(changed)
            return True

    def reopen(self, row: Row) -> bool:
        """As the Protocol says; its attempt is raised, so that nobody finishes the old one."""
        with self._lock:
            events = self._events.get(row.conversation, {})
            met = events.get(_key(row))
            if met is None or met.status != "failed" or met.event is None:
                return False
            attempt = met.attempt + 1
            again = replace(
                met,
                status="claimed",
                attempt=attempt,
                last_attempt=attempt + ATTEMPTS,
                claimed_until=0,
                deferred=True,
                waiting=[],
                way="",
            )
            self._put(again)
            return True

    def _put(self, row: Row) -> None:
        """Store a row, new or changed."""
        self._events.setdefault(row.conversation, {})[_key(row)] = row
        undone = self._undone.setdefault(row.conversation, set())
        if row.status in FINAL:
            undone.discard(_key(row))
        else:
            undone.add(_key(row))

    def desk(self, conversation: str, *, now: int) -> Desk:
        with self._lock:
            state = self._state(conversation)
            events = self._events.get(conversation, {})
            undone = [events[key] for key in sorted(self._undone.get(conversation, ()))]
            answered = sorted(events.items()) if state.answers else []
        rows = [row for row in undone if not _expired(row, now)]
        return Desk(
            state,
            held=[_copy(row) for row in rows if waits(row)],
            overdue=[_copy(row) for row in rows if is_overdue(row, now)],
            settled=[
                row.event_id
                for _, row in answered
                if row.status in SETTLED
                and row.event_id in state.answers
                and not _expired(row, now)
            ],
        )

    def overdue(self, *, now: int, limit: int) -> list[Row]:
        with self._lock:
            found = [
                row
                for conversation, keys in self._undone.items()
                for row in map(self._events.get(conversation, {}).__getitem__, keys)
                if is_overdue(row, now) and not _expired(row, now)
            ]
        found.sort(key=lambda row: (row.claimed_until, row.conversation, *_key(row)))
        return [_copy(row) for row in found[:limit]]

    def spend(self, month: str, count: int, *, limit: int) -> bool:
        with self._lock:
            spent = self._pushes.get(month, 0) + count
            if count >= 0 and spent > limit:
                return False
            self._pushes[month] = max(spent, 0)
            return True

    def spent(self, month: str) -> int:
        return self._pushes.get(month, 0)

    def append(self, row: Row) -> None:
        appended = _copy(row)
        with self._lock:
            self._insert(appended)

    def _insert(self, row: Row) -> None:
        """Put a row in; the oldest that is dealt with gives way to it if there are too many."""
        self._put(row)
        self._arrived[row.conversation, _key(row)] = None
        if len(self._arrived) <= self._size:
            return
        conversation, key = next(filter(self._dealt_with, self._arrived), next(iter(self._arrived)))
        del self._arrived[conversation, key]
        events = self._events[conversation]
        del events[key]
        self._undone[conversation].discard(key)
        if not events:
            del self._events[conversation], self._undone[conversation]

    def _dealt_with(self, place: tuple[str, Key]) -> bool:
        conversation, key = place
        return self._events[conversation][key].status in FINAL

    def unsend(self, conversation: str, message_id: str) -> int:
        with self._lock:
            events = self._events.get(conversation, {})
            touched = [
                row
                for row in events.values()
                if row.message_id == message_id and row.message is not None
            ]
            for row in touched:
                events[_key(row)] = replace(row, message=None, event=None)
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
        return self._state(conversation)

    def _state(self, conversation: str) -> State:
        version, data, answers = self._states.get(conversation, (0, b"{}", b"{}"))
        return State(version, decode(data), decode(answers))

    def write_state(
        self, conversation: str, data: Json, *, version: int, answers: Json | None = None
    ) -> int:
        encoded, answered = encode_state(data), encode_answers(answers or {})
        with self._lock:
            stored = self._states[conversation][0] if conversation in self._states else 0
            if stored != version:
                raise StateConflict(f"{conversation}: the state is at {stored}, not at {version}")
            self._states[conversation] = (version + 1, encoded, answered)
            return version + 1

    def forget(self, conversation: str) -> int:
        with self._lock:
            events = self._events.pop(conversation, {})
            self._undone.pop(conversation, None)
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
    """A row that shares nothing with this one: only these parts could be shared."""
    return replace(
        row,
        message=None if row.message is None else whole_text(row.message),
        outcome=whole_text(row.outcome),
        replies=decode(encode_replies(row.replies)) if row.replies else [],
        waiting=decode(encode_replies(row.waiting)) if row.waiting else [],
        event=None if row.event is None else decode(encode_event(row.event)),
        once=decode(encode_once(row.once)) if row.once else {},
    )
