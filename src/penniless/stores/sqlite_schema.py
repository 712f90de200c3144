"""The tables of the SQLite store, and how a database of any age is brought up to date.

Law of this module: a migration that has been released is never edited; a change is a new one at
the end. The number of migrations that a database has seen is its `PRAGMA user_version`;
`PRAGMA application_id` says that it is one of ours, and no other is ever written to.
"""

from __future__ import annotations

import sqlite3
import time

from penniless.errors import StoreUnavailable

APPLICATION_ID = int.from_bytes(b"PNLS")

# Columns are named as the fields of `penniless.ports.Row`, so that a row reads itself.
# Times are UTC milliseconds, except `expires_at`: epoch seconds.
_EVENTS = """
create table events (
    conversation text not null,
    event_id text not null,
    timestamp integer not null,
    sender text not null,
    "to" text not null,
    type text not null,
    message text,
    message_id text,
    status text not null check (status in ('claimed', 'done', 'failed')),
    outcome text not null,
    replies text not null,
    answered_at integer,
    claimed_until integer not null,
    attempt integer not null,
    expires_at integer,
    primary key (conversation, timestamp, event_id)
)
"""
_EVENTS_BY_EXPIRY = """
create index events_by_expiry on events (expires_at) where expires_at is not null
"""
_STATES = """
create table states (
    conversation text not null primary key,
    version integer not null,
    data text not null
)
"""

# The check on `status` cannot be changed in place, so the table is built anew and filled. What is
# new has defaults, so that an older release that has the file open just now can go on.
_EVENTS_2 = """
create table events_2 (
    conversation text not null,
    event_id text not null,
    timestamp integer not null,
    sender text not null,
    "to" text not null,
    type text not null,
    message text,
    message_id text,
    status text not null
        check (status in ('claimed', 'answered', 'held', 'done', 'failed')),
    outcome text not null,
    replies text not null,
    waiting text not null default '[]',
    way text not null default '',
    answered_at integer,
    claimed_until integer not null,
    attempt integer not null,
    last_attempt integer not null default 3,
    received_at integer not null default 0,
    deferred integer not null default 0,
    event text,
    once text not null default '{}',
    expires_at integer,
    primary key (conversation, timestamp, event_id)
)
"""
_FILL_EVENTS_2 = """
insert into events_2 (
    conversation, event_id, timestamp, sender, "to", type, message, message_id,
    status, outcome, replies, answered_at, claimed_until, attempt, expires_at
)
select
    conversation, event_id, timestamp, sender, "to", type, message, message_id,
    status, outcome, replies, answered_at, claimed_until, attempt, expires_at
from events
"""
# Of a long log hardly a row waits or is open, and these are asked for at every event.
_EVENTS_WAITING = """
create index events_waiting on events (conversation, timestamp, event_id)
where status in ('held', 'answered')
"""
_EVENTS_OPEN = """
create index events_open on events (claimed_until) where status in ('claimed', 'answered')
"""
_STATES_2 = "alter table states add column answers text not null default '{}'"
_PUSHES = """
create table pushes (
    month text not null primary key,
    spent integer not null
)
"""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (_EVENTS, _EVENTS_BY_EXPIRY, _STATES),
    (
        _EVENTS_2,
        _FILL_EVENTS_2,
        "drop table events",
        "alter table events_2 rename to events",
        _EVENTS_BY_EXPIRY,
        _EVENTS_WAITING,
        _EVENTS_OPEN,
        _STATES_2,
        _PUSHES,
    ),
)
"""From nothing to the first version, from the first to the second, …: statements, in order."""

_IDENTITY = """
select
    (select application_id from pragma_application_id),
    (select user_version from pragma_user_version),
    (select count(*) from sqlite_master)
"""


def prepare(
    connection: sqlite3.Connection,
    *,
    patience: float,
    migrations: tuple[tuple[str, ...], ...] = MIGRATIONS,
) -> None:
    """Make a database ready for use, however new or old, whoever else is just doing the same.

    `patience` is in seconds. Raises StoreUnavailable for a database of somebody else's or of a
    newer version, both left as they were, and sqlite3.Error for what is no database at all.
    """
    refuse_old_sqlite(sqlite3.sqlite_version_info)
    version = _version(connection, len(migrations))
    _write_ahead(connection, patience)
    if version < len(migrations):
        _migrate(connection, migrations)


def refuse_old_sqlite(found: tuple[int, ...]) -> None:
    """Raises StoreUnavailable for an SQLite that cannot answer a write (`returning`)."""
    if found < (3, 35):
        name = ".".join(str(part) for part in found)
        raise StoreUnavailable(f"this Python has SQLite {name}, and 3.35 or newer is needed")


def _version(connection: sqlite3.Connection, newest: int) -> int:
    """How many migrations this database has seen."""
    application, version, tables = connection.execute(_IDENTITY).fetchone()
    if application != APPLICATION_ID and (application or version or tables):
        raise StoreUnavailable("this is the SQLite database of another program")
    if version > newest:
        raise StoreUnavailable(
            f"a newer Penniless wrote this database (schema {version}, and this one knows "
            f"{newest}): upgrade penniless, or choose another file"
        )
    return int(version)


def _write_ahead(connection: sqlite3.Connection, patience: float) -> None:
    """Switch the file to WAL, once in its life: readers and the writer then go on side by side.

    Two connections that switch at the same moment deadlock, so SQLite refuses one of them at
    once, without its busy timeout: try that one again.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("pragma journal_mode = wal").fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.002)
        else:
            return


def _migrate(connection: sqlite3.Connection, migrations: tuple[tuple[str, ...], ...]) -> None:
    """All missing migrations in one transaction: whatever goes wrong, the old version is whole."""
    with connection:
        connection.execute("begin immediate")
        # Asked again, now that nobody else can write: another process may have been faster.
        version = _version(connection, len(migrations))
        for statements in migrations[version:]:
            for statement in statements:
                connection.execute(statement)
        # A pragma takes no parameters; both values are numbers of this module.
        connection.execute(f"pragma application_id = {APPLICATION_ID}")
        connection.execute(f"pragma user_version = {len(migrations)}")
