"""The store in one file, for a machine of one's own: any number of threads and processes.

Law of this module: every write is one conditional statement or one `begin immediate`
transaction, so that nobody decides on what another has changed meanwhile.

What survives what: a killed process loses nothing, because a commit has handed its pages to the
operating system. A power cut or a kernel crash may lose the last commits (never damage the file),
because `synchronous = normal` leaves the waiting for the disk to the checkpoint; with `full` each
of the two writes of an event would wait. What such a cut can cost is an event answered again,
if LINE delivers it again, and there LINE's single-use reply token is the second lock.
https://sqlite.org/wal.html
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from msgspec import DecodeError, json
from msgspec.structs import asdict

from penniless.errors import SettingsError, StateConflict, StoreUnavailable
from penniless.lifecycle import ATTEMPTS
from penniless.ports import OPEN, Claim, Desk, Json, Row, State, Status
from penniless.stores.encoding import (
    decode,
    encode_answers,
    encode_event,
    encode_once,
    encode_replies,
    encode_state,
    whole_text,
)
from penniless.stores.sqlite_connections import Connections
from penniless.stores.sqlite_schema import prepare

_PAGE = 100
"""Rows read at a time: no statement, and so no snapshot of the file, stays open between two."""
_SWEEP_EVERY = 60_000
"""Milliseconds between two looks for expired rows."""

# The races of a claim, by name. `absent`: no row; `finished`: status is held, done or failed;
# `live` and `abandoned`: claimed or answered, before and after the end of the lease.
#
#   A  claim: absent -> inserted, attempt 1
#   B         claim: live -> refused
#   A                              is killed, or only slow
#   C                                        claim: abandoned -> attempt 2
#   D                                        claim, same moment: live by now -> refused
#   A                                                        advance as attempt 1 -> refused
#   C                                                        advance as attempt 2 -> stored
#   E                                                                claim: finished -> refused
#
# And of a held row: F and G, who answer later events, both advance it from `held`; it is `answered`
# after the first of them, and the other is refused.
#
# SQLite has one writer at a time, so each statement sees all writes before it.
_INSERT = """
insert into events (
    conversation, event_id, timestamp, sender, "to", type, message, message_id,
    status, outcome, replies, waiting, way, answered_at, claimed_until, attempt, last_attempt,
    received_at, deferred, event, once, expires_at
) values (
    :conversation, :event_id, :timestamp, :sender, :to, :type, :message, :message_id,
    :status, :outcome, :replies, :waiting, :way, :answered_at, :claimed_until, :attempt,
    :last_attempt, :received_at, :deferred, :event, :once, :expires_at
)
on conflict (conversation, timestamp, event_id)
"""
_CLAIM = _INSERT + "do nothing"
_TAKE_OVER = """
update events
set attempt = attempt + 1, claimed_until = :claimed_until,
    received_at = max(received_at, :received_at)
where conversation = :conversation and timestamp = :timestamp and event_id = :event_id
    and status in ('claimed', 'answered')                -- not finished
    and claimed_until <= :now                            -- not live
    and (expires_at is null or expires_at > :second)     -- not as good as absent
returning *
"""
_MET = """
select status, attempt from events
where conversation = :conversation and timestamp = :timestamp and event_id = :event_id
    and (expires_at is null or expires_at > :second)
"""
_DROP_EXPIRED = """
delete from events
where conversation = :conversation and timestamp = :timestamp and event_id = :event_id
    and expires_at <= :second
"""
_ADVANCE = """
update events
set status = :status, outcome = :outcome, replies = :replies, waiting = :waiting, way = :way,
    answered_at = :answered_at, claimed_until = :claimed_until, deferred = :deferred, once = :once,
    event = case when :event is null then null else event end
where conversation = :conversation and timestamp = :timestamp and event_id = :event_id
    and instr(:was, '/' || status || '/')  -- as the caller knows it
    and attempt = :attempt                 -- not taken over
"""
_REOPEN = """
update events
set status = 'claimed', attempt = attempt + 1, last_attempt = attempt + 1 + :again,
    claimed_until = 0, deferred = true, waiting = '[]', way = ''
where conversation = :conversation and timestamp = :timestamp and event_id = :event_id
    and status = 'failed' and event is not null
"""
_HELD = """
select * from events
where conversation = :conversation and status in ('held', 'answered')
    and (status = 'held' or instr(way, '#'))  -- held, or taken along by a later event
    and (expires_at is null or expires_at > :second)
order by timestamp, event_id
"""
# The `+` keeps SQLite from walking through the whole conversation: few rows are open anywhere.
_OVERDUE_IN = """
select * from events
where +conversation = :conversation and status in ('claimed', 'answered') and claimed_until <= :now
    and (expires_at is null or expires_at > :second)
order by timestamp, event_id
"""
_SETTLED = """
select event_id from events
where conversation = :conversation and status in ('done', 'held')
    and event_id in (select value from json_each(:ids))
    and (expires_at is null or expires_at > :second)
order by timestamp, event_id
"""
_OVERDUE = """
select * from events
where status in ('claimed', 'answered') and claimed_until <= :now
    and (expires_at is null or expires_at > :second)
order by claimed_until, conversation, timestamp, event_id limit :limit
"""
_SPEND = """
insert into pushes (month, spent)
select :month, max(:count, 0) where :count < 0 or :count <= :limit
on conflict (month) do update set spent = max(spent + :count, 0)
where :count < 0 or spent + :count <= :limit
"""
_SPENT = "select spent from pushes where month = ?"
_APPEND = (
    _INSERT
    + """
do update set
    sender = excluded.sender, "to" = excluded."to", type = excluded.type,
    message = excluded.message, message_id = excluded.message_id, status = excluded.status,
    outcome = excluded.outcome, replies = excluded.replies, waiting = excluded.waiting,
    way = excluded.way, answered_at = excluded.answered_at,
    claimed_until = excluded.claimed_until, attempt = excluded.attempt,
    last_attempt = excluded.last_attempt, received_at = excluded.received_at,
    deferred = excluded.deferred, event = excluded.event, once = excluded.once,
    expires_at = excluded.expires_at
"""
)
_UNSEND = """
update events set message = null, event = null
where conversation = ? and message_id = ? and message is not null
"""
_SWEEP = """
delete from events where rowid in (select rowid from events where expires_at <= ? limit 500)
"""
# By newest_first. The last condition leaves out what the page before has given.
_ROWS = {
    False: """
select * from events
where conversation = :conversation and timestamp >= :since and timestamp < :until
    and (expires_at is null or expires_at > :second)
    and (timestamp > :last or event_id > :last_id)
order by timestamp, event_id limit :size
""",
    True: """
select * from events
where conversation = :conversation and timestamp >= :since and timestamp < :until
    and (expires_at is null or expires_at > :second)
    and (timestamp < :last or event_id < :last_id)
order by timestamp desc, event_id desc limit :size
""",
}
_CONVERSATIONS = "select conversation from events union select conversation from states order by 1"
_READ_STATE = "select version, data, answers from states where conversation = ?"
_FIRST_STATE = """
insert into states (conversation, version, data, answers)
values (:conversation, 1, :data, :answers)
on conflict do nothing
"""
_NEXT_STATE = """
update states set version = version + 1, data = :data, answers = :answers
where conversation = :conversation and version = :version
"""
_END_OF_TIME = 2**63 - 1


class SQLiteStore:
    """A `Store` in the file `path`, which is made if it is not there; its directory must be.

    A new file can be read by its owner only: it holds what people wrote. `busy_timeout` is how
    many seconds a write waits for other writers. Expired rows are deleted by and by.

    Safe with several threads and processes, and over `os.fork`; not on a network file system,
    where locks are not to be relied on. Raises SettingsError for `:memory:` (that is what
    `MemoryStore` is for), and StoreUnavailable for a path that cannot be read and written, for
    what is no database of ours and for one that a newer version wrote.
    """

    writes_are_free = True

    def __init__(self, path: str | os.PathLike[str], *, busy_timeout: float = 5.0) -> None:
        name = os.fsdecode(path)
        if name in {"", ":memory:"} or "\0" in name:
            raise SettingsError(
                f"SQLiteStore needs the path of a file, not {name!r}: "
                "use MemoryStore for a store that ends with its process."
            )
        # Absolute, so that a later chdir does not give the next thread another database, and
        # `file:` is the start of a name and not of a URI.
        self._path = os.path.abspath(name)
        self._busy_timeout = busy_timeout
        self._writing = threading.Lock()
        self._swept: int | None = None
        self._connections = Connections(self._connect)
        self._prove_writable()

    def __repr__(self) -> str:
        return f"SQLiteStore({self._path!r})"

    def claim(self, row: Row, *, now: int) -> Claim:
        asked = {**_values(row), "status": "claimed", "attempt": 1}
        asked |= {"now": now, "second": now // 1000}
        with self._change() as connection:
            self._sweep(connection, now)
            while True:
                if _execute(connection, _CLAIM, asked).rowcount == 1:
                    return Claim(granted=True, found="nothing")
                taken = _rows_in(_execute(connection, _TAKE_OVER, asked))
                if taken:
                    (row,) = taken
                    return Claim(granted=True, found="expired", attempt=row.attempt, row=row)
                met = _execute(connection, _MET, asked).fetchone()
                if met is not None:
                    return _refused(*met)
                # What refused the claim has expired, or was forgotten this moment: absent.
                _execute(connection, _DROP_EXPIRED, asked)

    def advance(self, row: Row, *, was: Sequence[Status] = OPEN) -> bool:
        """As the Protocol says; an event that is gone from the row, as after an unsend, stays gone.

        Where `row.event` is not None, the stored event is left as it is.
        """
        asked = {**_values(row), "was": f"/{'/'.join(was)}/"}
        with self._change() as connection:
            return _execute(connection, _ADVANCE, asked).rowcount == 1

    def reopen(self, row: Row) -> bool:
        """As the Protocol says; its attempt is raised, so that nobody finishes the old one."""
        with self._change() as connection:
            return _execute(connection, _REOPEN, {**_values(row), "again": ATTEMPTS}).rowcount == 1

    def desk(self, conversation: str, *, now: int) -> Desk:
        asked = {"conversation": conversation, "now": now, "second": now // 1000}
        with self._use() as connection, connection:
            connection.execute("begin")  # one snapshot for the three
            state = _state(connection, conversation)
            ids = {**asked, "ids": json.encode([*state.answers]).decode()}
            settled = _execute(connection, _SETTLED, ids).fetchall() if state.answers else []
            return Desk(
                state,
                settled=[one for (one,) in settled],
                held=_rows_in(_execute(connection, _HELD, asked)),
                overdue=_rows_in(_execute(connection, _OVERDUE_IN, asked)),
            )

    def overdue(self, *, now: int, limit: int) -> list[Row]:
        asked = {"now": now, "second": now // 1000, "limit": limit}
        with self._use() as connection:
            return _rows_in(_execute(connection, _OVERDUE, asked))

    def spend(self, month: str, count: int, *, limit: int) -> bool:
        asked = {"month": month, "count": count, "limit": limit}
        with self._change() as connection:
            return _execute(connection, _SPEND, asked).rowcount == 1

    def spent(self, month: str) -> int:
        with self._use() as connection:
            found = _execute(connection, _SPENT, (month,)).fetchone()
            return 0 if found is None else int(found[0])

    def append(self, row: Row) -> None:
        with self._change() as connection:
            _execute(connection, _APPEND, _values(row))

    def unsend(self, conversation: str, message_id: str) -> int:
        with self._change() as connection:
            touched = _execute(connection, _UNSEND, (conversation, message_id)).rowcount
            _erase(connection, touched)
            return touched

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
        """As the Protocol says; a row that is written while one reads may or may not be seen."""
        if limit is not None and limit < 0:
            raise ValueError(f"limit is {limit}, but cannot be less than 0")
        end = _END_OF_TIME if until is None else min(until, _END_OF_TIME)
        asked = {"conversation": conversation, "since": since, "until": end, "second": now // 1000}
        asked |= {"last": end if newest_first else since - 1, "last_id": ""}
        return self._pages(asked, _ROWS[newest_first], _END_OF_TIME if limit is None else limit)

    def conversations(self) -> Iterator[str]:
        with self._use() as connection:
            found = connection.execute(_CONVERSATIONS).fetchall()
        return (conversation for (conversation,) in found)

    def read_state(self, conversation: str) -> State:
        with self._use() as connection:
            return _state(connection, conversation)

    def write_state(
        self, conversation: str, data: Json, *, version: int, answers: Json | None = None
    ) -> int:
        asked = {
            "conversation": conversation,
            "version": version,
            "data": encode_state(data).decode(),
            "answers": encode_answers(answers or {}).decode(),
        }
        with self._change() as connection:
            written = _execute(connection, _NEXT_STATE if version else _FIRST_STATE, asked)
        if written.rowcount != 1:
            raise StateConflict(f"{conversation}: the state is not at {version} any more")
        return version + 1

    def forget(self, conversation: str) -> int:
        with self._change() as connection:
            with connection:
                connection.execute("begin immediate")
                gone = sum(
                    _execute(connection, sql, (conversation,)).rowcount
                    for sql in (
                        "delete from events where conversation = ?",
                        "delete from states where conversation = ?",
                    )
                )
            _erase(connection, gone)
            return gone

    def close(self) -> None:
        """Close the connections of all threads, after what they are doing."""
        self._connections.close()

    @contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        """The calling thread's connection; whatever goes wrong with it is a StoreUnavailable."""
        try:
            with self._connections.mine() as connection:
                yield connection
        except (sqlite3.Error, StoreUnavailable, OverflowError, DecodeError) as error:
            raise StoreUnavailable(f"{self._path}: {_reason(error, self._path)}") from error

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """For a write. Threads queue here, and only processes poll for SQLite's own lock.

        Polling is unfair: SQLite's pauses grow, so of 24 busy threads the unluckiest waited 0.75 s,
        and 0.1 s in this queue, at the same throughput; LINE waits 2 s for the whole webhook.
        """
        with self._use() as connection, self._writing:
            yield connection

    def _connect(self) -> sqlite3.Connection:
        new = not os.path.exists(self._path)
        connection = sqlite3.connect(
            self._path,
            timeout=self._busy_timeout,
            isolation_level=None,
            check_same_thread=False,  # close() closes the connections of other threads
        )
        try:
            if new:
                with suppress(OSError):  # not every file system has modes
                    os.chmod(self._path, 0o600)
            # First, so that a migration which moves rows leaves no second copy of them behind.
            connection.execute("pragma secure_delete = on")
            prepare(connection, patience=self._busy_timeout)
            connection.execute("pragma synchronous = normal")
        except BaseException:
            connection.close()
            raise
        return connection

    def _prove_writable(self) -> None:
        """Fail now and not at the first message: SQLite opens a read-only file without a word."""
        try:
            with self._change() as connection:
                connection.execute("delete from events where false")
        except StoreUnavailable:
            self.close()
            raise

    def _sweep(self, connection: sqlite3.Connection, now: int) -> None:
        """Delete some expired rows now and then; the few that a claim has time for."""
        if self._swept is None or now - self._swept >= _SWEEP_EVERY:
            self._swept = now
            connection.execute(_SWEEP, (now // 1000,))

    def _pages(self, asked: dict[str, Any], sql: str, limit: int) -> Iterator[Row]:
        while limit > 0:
            size = min(limit, _PAGE)
            with self._use() as connection:
                page = _rows_in(_execute(connection, sql, {**asked, "size": size}))
            yield from page
            if len(page) < size:
                return
            limit -= size
            end = page[-1]
            asked["last"], asked["last_id"] = end.timestamp, end.event_id
            # The bound that the last row moves; the conditions on `last` do the rest.
            if sql is _ROWS[True]:
                asked["until"] = end.timestamp + 1
            else:
                asked["since"] = end.timestamp


def _refused(status: str, attempt: int) -> Claim:
    return Claim(granted=False, found="live" if status in OPEN else "done", attempt=attempt)


def _state(connection: sqlite3.Connection, conversation: str) -> State:
    found = _execute(connection, _READ_STATE, (conversation,)).fetchone()
    if found is None:
        return State(0, {})
    version, data, answers = found
    return State(version, decode(data), decode(answers))


def _values(row: Row) -> dict[str, Any]:
    return {
        **asdict(row),
        "replies": encode_replies(row.replies).decode() if row.replies else "[]",
        "waiting": encode_replies(row.waiting).decode() if row.waiting else "[]",
        "event": None if row.event is None else encode_event(row.event).decode(),
        "once": encode_once(row.once).decode() if row.once else "{}",
    }


def _rows_in(cursor: sqlite3.Cursor) -> list[Row]:
    """What a statement gives back, all of it; its columns are the fields of a row."""
    names = [column[0] for column in cursor.description]
    return [_row(dict(zip(names, values, strict=True))) for values in cursor]


def _row(values: dict[str, Any]) -> Row:
    event = values["event"]
    return Row(
        **{
            **values,
            "replies": decode(values["replies"]),
            "waiting": decode(values["waiting"]),
            "deferred": bool(values["deferred"]),
            "event": None if event is None else decode(event),
            "once": decode(values["once"]),
        }
    )


def _execute(
    connection: sqlite3.Connection, sql: str, values: dict[str, Any] | tuple[Any, ...]
) -> sqlite3.Cursor:
    try:
        return connection.execute(sql, values)
    except UnicodeEncodeError:  # half a surrogate pair: rare, so looked for only now
        if isinstance(values, dict):
            return connection.execute(sql, {name: _whole(one) for name, one in values.items()})
        return connection.execute(sql, tuple(_whole(one) for one in values))


def _whole(value: Any) -> Any:
    return whole_text(value) if isinstance(value, str) else value


def _erase(connection: sqlite3.Connection, touched: int) -> None:
    """Take what was deleted off the disk as well.

    `secure_delete` has overwritten it in the file, once the write-ahead log, which still holds
    the pages as they were, is copied there and cut to nothing.
    """
    if touched:
        connection.execute("pragma wal_checkpoint(truncate)").fetchall()


def _reason(error: Exception, path: str) -> str:
    """SQLite's own words, or better ones for what it calls `unable to open database file`."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return str(error)
    directory = os.path.dirname(path)
    if not os.path.isdir(directory):
        return f"there is no directory {directory}"
    if os.path.isdir(path):
        return "this is a directory, and the store needs a file"
    if os.path.exists(path) and not _may(path, os.R_OK | os.W_OK):
        return "no permission to read and write this file"
    if not _may(directory, os.W_OK):
        return f"no permission to write in {directory}, where SQLite keeps files of its own"
    return str(error)


def _may(path: str, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)
