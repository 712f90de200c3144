"""The SQLite store passes the suite; threads, files and schema are what it has of its own."""

from __future__ import annotations

import os
import resource
import sqlite3
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from msgspec import json
from msgspec.structs import asdict, replace

from penniless.errors import SettingsError, StoreUnavailable
from penniless.ports import Desk, Row, State, Store
from penniless.stores import sqlite
from penniless.stores.sqlite import SQLiteStore
from penniless.stores.sqlite_schema import MIGRATIONS, prepare, refuse_old_sqlite
from tests.stores.conformance import (
    ALICE,
    LATER,
    NOW,
    Conformance,
    LargeRows,
    Writer,
    a_row,
    finished,
    taken_over,
    the_row,
    together,
)
from tests.stores.conformance_waiting import Waiting, held


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    opened = SQLiteStore(path)
    yield opened
    opened.close()


@pytest.fixture
def writer(store: Store, path: Path) -> Iterator[Writer]:
    opened: list[SQLiteStore] = []

    def another() -> Store:
        opened.append(SQLiteStore(path))
        return opened[-1]

    yield another
    for one in opened:
        one.close()


class TestSQLiteStore(Conformance, Waiting, LargeRows):
    pass


def ask(path: Path, sql: str) -> list[Any]:
    """What another program reads in the file."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def on_disk(path: Path) -> bytes:
    """Every byte of the database and of the files that SQLite keeps beside it."""
    return b"".join(one.read_bytes() for one in path.parent.iterdir())


def refusal(path: str | Path) -> str:
    """Why a store there is refused; the sentence names the path."""
    with pytest.raises(StoreUnavailable) as caught:
        SQLiteStore(path, busy_timeout=0.05)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}: ")
    assert "\n" not in sentence
    return sentence.removeprefix(f"{path}: ")


class TestFile:
    def test_what_is_stored_stays(self, path: Path) -> None:
        """A store that is opened again has everything."""
        first = SQLiteStore(path)
        first.claim(a_row(), now=NOW)
        first.advance(finished(a_row()))
        first.write_state(ALICE, {"step": 1}, version=0)
        first.close()
        second = SQLiteStore(path)
        assert the_row(second) == finished(a_row())
        assert second.read_state(ALICE).data == {"step": 1}
        second.close()

    def test_only_the_path_in_the_repr(self, store: Store, path: Path) -> None:
        """The repr is the path."""
        assert repr(store) == f"SQLiteStore('{path}')"

    def test_only_the_owner_reads_it(self, store: Store, path: Path) -> None:
        """A new file, and what SQLite keeps beside it, can be read by nobody else."""
        store.append(a_row(status="done"))
        files = list(path.parent.iterdir())
        assert len(files) == 3
        assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}

    def test_the_mode_of_a_file_is_respected(self, path: Path) -> None:
        """A file that was there keeps its mode."""
        SQLiteStore(path).close()
        path.chmod(0o640)
        SQLiteStore(path).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o640

    @pytest.mark.usefixtures("store")
    def test_write_ahead(self, path: Path) -> None:
        """The database is in WAL mode, for everyone who opens it."""
        assert ask(path, "pragma journal_mode") == [("wal",)]

    def test_a_relative_path_means_one_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A thread that begins after a chdir finds the same database."""
        monkeypatch.chdir(tmp_path)
        store = SQLiteStore("log.sqlite")
        store.append(a_row(status="done"))
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        found: list[Row] = []
        reader = threading.Thread(target=lambda: found.extend(store.rows(ALICE, now=NOW)))
        reader.start()
        reader.join()
        store.close()
        assert found == [a_row(status="done")]

    def test_strange_names(self, tmp_path: Path) -> None:
        """A name is a name: no part of it is taken for a URI or for an option."""
        for name in ("file:log?mode=memory", "会話 😀.db", "%41 'a'.db", "a#b"):
            store = SQLiteStore(tmp_path / name)
            store.append(a_row(status="done"))
            store.close()
            assert ask(tmp_path / name, "select count(*) from events") == [(1,)]

    @pytest.mark.parametrize("name", [":memory:", "", "a\0b"])
    def test_a_path_is_needed(self, name: str) -> None:
        """What names no file is refused, with the way out."""
        with pytest.raises(SettingsError, match="MemoryStore"):
            SQLiteStore(name)

    def test_a_missing_directory(self, tmp_path: Path) -> None:
        """Directories are not made: a wrong path is told, and nothing appears on the disk."""
        reason = refusal(tmp_path / "no" / "where" / "log.sqlite")
        assert reason == f"there is no directory {tmp_path}/no/where"
        assert list(tmp_path.iterdir()) == []

    def test_a_directory(self, tmp_path: Path) -> None:
        """A directory is no database."""
        assert refusal(tmp_path) == "this is a directory, and the store needs a file"

    def test_no_permission(self, ordinary_user: Path) -> None:
        """A file or a directory without permission is told at the start, and not at a message."""
        directory = ordinary_user
        database = directory / "log.sqlite"
        SQLiteStore(database).close()
        database.chmod(0o444)
        assert refusal(database) == "no permission to read and write this file"
        database.chmod(0)
        assert refusal(database) == "no permission to read and write this file"
        database.chmod(0o600)
        directory.chmod(0o555)
        reason = f"no permission to write in {directory}, where SQLite keeps files of its own"
        assert refusal(database) == reason
        assert refusal(directory / "new.sqlite") == reason

    def test_not_a_database(self, path: Path) -> None:
        """Any other file is refused, and left as it is."""
        text = b"LINE_CHANNEL_SECRET=0123456789abcdef\n" * 100
        path.write_bytes(text)
        assert refusal(path) == "file is not a database"
        assert path.read_bytes() == text

    def test_another_programs_database(self, path: Path) -> None:
        """A database with other tables is refused, and left as it is."""
        ask(path, "create table events (id)")
        before = path.read_bytes()
        assert refusal(path) == "this is the SQLite database of another program"
        assert path.read_bytes() == before
        assert list(path.parent.iterdir()) == [path]

    def test_an_empty_file(self, path: Path) -> None:
        """An empty file, as mktemp makes it, becomes a database."""
        path.touch()
        store = SQLiteStore(path)
        assert store.claim(a_row(), now=NOW).granted
        store.close()

    def test_a_damaged_database(self, path: Path) -> None:
        """Damage is a StoreUnavailable, and neither a crash nor a wrong answer."""
        store = SQLiteStore(path)
        for number in range(200):
            store.append(a_row(f"event-{number}", status="done"))
        store.close()
        whole = path.read_bytes()
        path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
        damaged = SQLiteStore(path)
        with pytest.raises(StoreUnavailable, match="malformed"):
            list(damaged.rows(ALICE, now=NOW))
        damaged.close()

    def test_damaged_json(self, store: Store, path: Path) -> None:
        """A state that somebody broke by hand is a StoreUnavailable."""
        store.write_state(ALICE, {"step": 1}, version=0)
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("update states set data = '{'")
        connection.close()
        with pytest.raises(StoreUnavailable, match="truncated"):
            store.read_state(ALICE)

    def test_a_number_too_large(self, store: Store) -> None:
        """A timestamp beyond 64 bits is a StoreUnavailable, and what follows works."""
        with pytest.raises(StoreUnavailable, match="too large"):
            store.append(a_row(timestamp=2**64))
        assert store.claim(a_row(), now=NOW).granted


@pytest.fixture
def ordinary_user() -> Iterator[Path]:
    """A directory of its own for a user whom permissions bind, for root is bound by none."""
    with tempfile.TemporaryDirectory() as name:
        root = os.geteuid() == 0
        if root:
            os.chown(name, 65534, 65534)
            os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            if root:
                os.seteuid(0)
            os.chmod(name, 0o700)


class TestSchema:
    @pytest.mark.usefixtures("store")
    def test_columns_are_the_rows_fields(self, path: Path) -> None:
        """The log has a column for each field of a row and no other."""
        columns = [name for (name,) in ask(path, "select name from pragma_table_info('events')")]
        assert sorted(columns) == sorted(Row.__struct_fields__)

    @pytest.mark.usefixtures("store")
    def test_the_version_is_written(self, path: Path) -> None:
        """The file says how many migrations it has seen, and whose it is."""
        assert ask(path, "pragma user_version") == [(len(MIGRATIONS),)]
        assert ask(path, "pragma application_id") == [(int.from_bytes(b"PNLS"),)]

    def test_a_newer_database_is_refused(self, path: Path) -> None:
        """What a newer version wrote is refused, and left as it is."""
        migrate(path, (*MIGRATIONS, ("alter table events add column mood text",)))
        before = path.read_bytes()
        reason = refusal(path)
        assert reason.startswith("a newer Penniless wrote this database (schema 3, and this one ")
        assert "upgrade penniless" in reason
        assert path.read_bytes() == before

    def test_an_older_database_is_brought_up(self, path: Path) -> None:
        """Only the missing migrations run, and the rows stay."""
        store = SQLiteStore(path)
        store.append(a_row(status="done"))
        store.close()
        later = (
            ("alter table events add column mood text default 'fine'",),
            ("create table moods (name text)", "insert into moods select mood from events"),
        )
        migrate(path, (*MIGRATIONS, *later))
        assert ask(path, "select event_id, mood from events") == [(a_row().event_id, "fine")]
        assert ask(path, "select name from moods") == [("fine",)]
        assert ask(path, "pragma user_version") == [(len(MIGRATIONS) + 2,)]

    def test_a_failed_migration_leaves_the_old_version(self, path: Path) -> None:
        """Migrations are done together or not at all."""
        SQLiteStore(path).close()
        bad = ("create table moods (name text)",), ("alter table nowhere add column mood text",)
        with pytest.raises(sqlite3.OperationalError):
            migrate(path, (*MIGRATIONS, *bad))
        assert ask(path, "pragma user_version") == [(len(MIGRATIONS),)]
        assert ask(path, "select count(*) from sqlite_master where name = 'moods'") == [(0,)]
        store = SQLiteStore(path)
        assert store.claim(a_row(), now=NOW).granted
        store.close()

    def test_an_old_sqlite_is_told(self) -> None:
        """An SQLite without `returning` is named before it fails with a syntax error."""
        with pytest.raises(StoreUnavailable, match=r"SQLite 3\.34\.1, and 3\.35 or newer"):
            refuse_old_sqlite((3, 34, 1))
        assert sqlite3.sqlite_version_info >= (3, 35)


FIRST_RELEASE = """
insert into events (
    conversation, event_id, timestamp, sender, "to", type, message, message_id,
    status, outcome, replies, answered_at, claimed_until, attempt, expires_at
) values (
    :conversation, :event_id, :timestamp, :sender, :to, :type, :message, :message_id,
    :status, :outcome, :replies, :answered_at, :claimed_until, :attempt, :expires_at
)
"""


class TestUpgrade:
    """A file of the first release, with what it could hold."""

    ROWS = (
        finished(a_row("a", message="himitsu", expires_at=NOW // 1000 + 999), attempt=2),
        finished(a_row("b", message=None, message_id=None), status="failed", replies=[]),
        a_row("c", timestamp=NOW + 1),
        finished(a_row("d", conversation="user#花")),
    )

    @pytest.fixture
    def old(self, path: Path) -> Path:
        migrate(path, MIGRATIONS[:1])
        connection = sqlite3.connect(path)
        with connection:
            for row in self.ROWS:
                values = {**asdict(row), "replies": json.encode(row.replies).decode()}
                connection.execute(FIRST_RELEASE, values)
            state = (ALICE, 7, '{"step":7}')
            connection.execute("insert into states values (?, ?, ?)", state)
        connection.close()
        assert ask(path, "pragma user_version") == [(1,)]
        return path

    def test_all_of_it_is_there(self, old: Path) -> None:
        """Every row and state is as it was, and what is new says nothing."""
        store = SQLiteStore(old)
        assert list(store.rows(ALICE, now=NOW)) == list(self.ROWS[:3])
        assert list(store.rows("user#花", now=NOW)) == [self.ROWS[3]]
        assert store.read_state(ALICE) == State(7, {"step": 7})
        store.close()
        assert ask(old, "pragma user_version") == [(len(MIGRATIONS),)]
        assert ask(old, "pragma integrity_check") == [("ok",)]

    def test_it_goes_on(self, old: Path) -> None:
        """What was open is taken over and held, and what is finished stays so."""
        store = SQLiteStore(old)
        left = self.ROWS[2]
        assert store.desk(ALICE, now=LATER).overdue == [left]
        claim = store.claim(replace(left, claimed_until=LATER + 1), now=LATER)
        assert claim == taken_over(replace(left, attempt=2, claimed_until=LATER + 1))
        assert claim.row is not None
        assert store.advance(held(claim.row))
        assert store.claim(self.ROWS[0], now=LATER).found == "done"
        assert store.write_state(ALICE, {}, version=7, answers={"c": []}) == 8
        assert store.desk(ALICE, now=LATER) == Desk(
            State(8, {}, {"c": []}), [held(claim.row)], settled=["c"]
        )
        store.close()

    def test_the_indexes_are_new(self, old: Path, tmp_path: Path) -> None:
        """An old file has in the end what a new one has from the start."""
        SQLiteStore(old).close()
        SQLiteStore(tmp_path / "new.sqlite").close()
        schema = "select type, name, tbl_name from sqlite_master order by 1, 2"
        assert ask(old, schema) == ask(tmp_path / "new.sqlite", schema)
        columns = "select name, type, dflt_value from pragma_table_info('events')"
        assert ask(old, columns) == ask(tmp_path / "new.sqlite", columns)

    def test_no_second_copy_stays_on_the_disk(self, old: Path) -> None:
        """What is unsent after the upgrade is gone from the pages of the old table too."""
        assert b"himitsu" in on_disk(old)
        store = SQLiteStore(old)
        assert store.unsend(ALICE, a_row().message_id or "") == 2
        assert b"himitsu" not in on_disk(old)
        store.close()

    def test_an_upgrade_that_fails(self, old: Path) -> None:
        """The old file is whole if anything goes wrong on the way."""
        with pytest.raises(sqlite3.OperationalError):
            migrate(old, (*MIGRATIONS, ("create table nowhere.moods (name text)",)))
        assert ask(old, "pragma user_version") == [(1,)]
        assert ask(old, "select count(*) from events") == [(len(self.ROWS),)]

    def test_many_upgrade_at_once(self, old: Path) -> None:
        """However many open it at the same moment, it is upgraded once, and all go on."""

        def work(me: int) -> bool:
            store = SQLiteStore(old)
            granted = store.claim(a_row(f"new-{me}"), now=NOW).granted
            store.close()
            return granted

        assert all(together(work))
        assert ask(old, "select count(*) from events") == [(len(self.ROWS) + 8,)]

    @pytest.mark.usefixtures("store")
    def test_the_queries_use_the_indexes(self, path: Path) -> None:
        """What is asked at every event does not read through the log."""
        asked = {"conversation": ALICE, "now": NOW, "second": NOW // 1000, "limit": 9}
        connection = sqlite3.connect(path)
        for sql, index in (
            (sqlite._HELD, "events_waiting"),
            (sqlite._OVERDUE_IN, "events_open"),
            (sqlite._OVERDUE, "events_open"),
        ):
            plan = connection.execute(f"explain query plan {sql}", asked).fetchall()
            assert any(f"USING INDEX {index}" in step for *_, step in plan)
        connection.close()


def migrate(path: Path, migrations: tuple[tuple[str, ...], ...]) -> None:
    """Bring the file to a version that this release does not have."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        prepare(connection, patience=1, migrations=migrations)
    finally:
        connection.close()


class TestErasure:
    def test_an_unsent_message_leaves_the_disk(self, store: Store, path: Path) -> None:
        """After an unsend no file holds the text any more, while the store stays open."""
        for number in range(50):
            store.append(a_row(f"event-{number}", message=f"himitsu {number}", status="done"))
        assert b"himitsu" in on_disk(path)
        assert store.unsend(ALICE, a_row().message_id or "") == 50
        assert b"himitsu" not in on_disk(path)

    def test_a_forgotten_conversation_leaves_the_disk(self, store: Store, path: Path) -> None:
        """After a forget no file holds its texts, states or key any more."""
        store.append(a_row(message="himitsu" * 5_000, status="done"))
        store.append(a_row(conversation="user#B", message="public", status="done"))
        store.write_state(ALICE, {"word": "himitsu"}, version=0)
        assert store.forget(ALICE) == 2
        assert b"himitsu" not in on_disk(path)
        assert ALICE.encode() not in on_disk(path)
        assert b"public" in on_disk(path)

    def test_expired_rows_are_deleted(self, store: Store, path: Path) -> None:
        """Claims take expired rows out of the file, once in a minute of the clock passed in."""
        expiry = NOW // 1000 + 10
        for number in range(5):
            store.append(a_row(f"old-{number}", status="done", expires_at=expiry))
        store.append(a_row("keep", status="done"))
        store.claim(a_row("first"), now=NOW)
        store.claim(a_row("second"), now=NOW + 30_000)
        assert ask(path, "select count(*) from events") == [(8,)]
        store.claim(a_row("third"), now=NOW + 60_000)
        assert ask(path, "select event_id from events order by 1") == [
            ("first",),
            ("keep",),
            ("second",),
            ("third",),
        ]


class TestConnections:
    def open_files(self, path: Path) -> int:
        return sum(one.path == str(path) for one in psutil.Process().open_files())

    def test_a_thread_takes_its_connection_with_it(self, store: Store, path: Path) -> None:
        """Threads that have ended leave no connection open: the next one takes their file over."""
        for number in range(5):
            thread = threading.Thread(target=store.append, args=(a_row(f"event-{number}"),))
            thread.start()
            thread.join()
        # SQLite closes a file of a database that it has open elsewhere only with the last of them
        # (https://sqlite.org/howtocorrupt.html, 2.2), and hands it to the next connection.
        assert self.open_files(path) == 2
        assert len(list(store.rows(ALICE, now=NOW))) == 5

    def test_closing_closes_those_of_other_threads(self, path: Path) -> None:
        """After close() the file is not open any more, though a thread that used it lives on."""
        store = SQLiteStore(path)
        used, leave = threading.Event(), threading.Event()

        def work() -> None:
            store.append(a_row())
            used.set()
            leave.wait(timeout=30)

        thread = threading.Thread(target=work)
        thread.start()
        assert used.wait(timeout=30)
        assert self.open_files(path) == 2
        store.close()
        assert self.open_files(path) == 0
        leave.set()
        thread.join()
        assert list(path.parent.iterdir()) == [path]

    def test_a_closed_store_says_so(self, store: Store, path: Path) -> None:
        """Use after close() is a StoreUnavailable, also half-way through rows."""
        for number in range(150):
            store.append(a_row(f"event-{number}"))
        reader = store.rows(ALICE, now=NOW)
        next(reader)
        store.close()
        with pytest.raises(StoreUnavailable, match=f"{path}: the store is closed"):
            store.claim(a_row("new"), now=NOW)
        with pytest.raises(StoreUnavailable):
            list(reader)

    def test_closing_under_load(self, path: Path) -> None:
        """close() waits for what runs: threads at work get a StoreUnavailable and nothing worse."""
        store = SQLiteStore(path)
        written = [0] * 4
        ends: list[str] = []
        started = threading.Barrier(5)

        def work(me: int) -> None:
            started.wait(timeout=30)
            try:
                while True:
                    store.append(a_row(f"event-{me}-{written[me]}"))
                    written[me] += 1
            except StoreUnavailable as error:
                ends.append(str(error))

        threads = [threading.Thread(target=work, args=(me,)) for me in range(4)]
        for thread in threads:
            thread.start()
        started.wait(timeout=30)
        store.append(a_row("main"))
        store.close()
        for thread in threads:
            thread.join()
        assert ends == [f"{path}: the store is closed"] * 4
        again = SQLiteStore(path)
        assert len(list(again.rows(ALICE, now=NOW))) == sum(written) + 1
        again.close()

    def test_a_busy_database(self, path: Path) -> None:
        """A writer that keeps the lock makes the others fail after the timeout, without content."""
        store = SQLiteStore(path, busy_timeout=0.05)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(StoreUnavailable) as caught:
            store.claim(a_row(message="himitsu"), now=NOW)
        assert str(caught.value) == f"{path}: database is locked"
        assert list(store.rows(ALICE, now=NOW)) == []
        other.execute("rollback")
        other.close()
        assert store.claim(a_row(), now=NOW).granted
        store.close()

    def test_a_full_disk(self, store: Store, path: Path) -> None:
        """Where nothing more fits, the write fails whole, and the next one can succeed."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        try:
            with pytest.raises(StoreUnavailable, match=f"{path}: "):
                store.append(a_row(message="大" * 1_000_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert list(store.rows(ALICE, now=NOW)) == []
        assert store.claim(a_row(), now=NOW).granted
