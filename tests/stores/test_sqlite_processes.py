"""Several processes at one SQLite file: races, sudden death and forks, with real processes."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from penniless.ports import Claim
from penniless.stores.sqlite import SQLiteStore
from tests.stores import peer
from tests.stores.conformance import ids

Peer = subprocess.Popen[str]
Start = Callable[..., Peer]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite"


@pytest.fixture
def start(path: Path) -> Iterator[Start]:
    """Start a peer and wait until it is ready; whatever still runs in the end is killed."""
    peers: list[Peer] = []

    def begin(task: str, name: str = "") -> Peer:
        peers.append(
            subprocess.Popen(
                [sys.executable, "-W", "ignore", peer.__file__, task, str(path), name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return peers[-1]

    yield begin
    for one in peers:
        one.kill()
        one.communicate()


def together(peers: list[Peer]) -> list[Any]:
    """Let all of them go at once; what they printed. Each has to end well."""
    for one in peers:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in peers:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    results = []
    for one in peers:
        out, err = one.communicate(timeout=60)
        assert err == ""
        assert one.returncode == 0
        results.append(json.loads(out))
    return results


def sound(path: Path) -> bool:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


def test_one_process_of_many_gets_an_event(start: Start, path: Path) -> None:
    """Processes that claim the same events at once, on a new file, get each event once."""
    results = together([start("claim_all") for _ in range(4)])
    granted = [event_id for one in results for event_id in one]
    assert sorted(granted) == [peer.event(number).event_id for number in range(peer.EVENTS)]
    assert sound(path)


def test_no_process_is_told_that_the_database_is_locked(start: Start, path: Path) -> None:
    """Processes that write as fast as they can wait for each other, and all of them finish."""
    names = ["a", "b", "c"]
    assert together([start("converse", name) for name in names]) == [peer.EVENTS] * 3
    store = SQLiteStore(path)
    for name in names:
        found = list(store.rows(f"user#{name}", now=peer.NOW))
        assert [row.status for row in found] == ["done"] * peer.EVENTS
        assert store.read_state(f"user#{name}").data == {"count": peer.EVENTS - 1}
    store.close()
    assert sound(path)


def test_a_new_file_is_made_once(start: Start) -> None:
    """Processes that make the same file at the same moment all get it ready, with one schema."""
    results = together([start("make_files") for _ in range(4)])
    granted = [event_id for one in results for event_id in one]
    assert sorted(granted) == [peer.event(number).event_id for number in range(40)]


def test_processes_come_and_go(start: Start, path: Path) -> None:
    """The first to open, the last to close, and all between: nobody fails and nothing is lost."""
    names = ["a", "b", "c", "d"]
    assert together([start("come_and_go", name) for name in names]) == [20] * 4
    store = SQLiteStore(path)
    assert list(store.conversations()) == [f"user#{name}" for name in names]
    assert [len(ids(store.rows(f"user#{name}", now=peer.NOW))) for name in names] == [20] * 4
    store.close()


def test_a_killed_process_is_taken_over(start: Start, path: Path) -> None:
    """A process killed between claim and finish leaves the event to the next, after the lease."""
    victim = start("die")
    assert victim.stdin is not None
    assert victim.stdout is not None
    assert victim.stdout.readline() == "ready\n"
    victim.stdin.write("go\n")
    victim.stdin.flush()
    assert victim.stdout.readline() == "claimed\n"
    victim.kill()
    assert victim.wait(timeout=30) == -9

    store = SQLiteStore(path)
    row = peer.event(0)
    assert store.claim(row, now=peer.NOW + 9_999) == Claim(granted=False, found="live", attempt=1)
    taken = store.claim(row, now=peer.NOW + 10_000)
    assert (taken.granted, taken.found, taken.attempt) == (True, "expired", 2)
    assert store.claim(peer.event(1), now=peer.NOW + 10_000).found == "done"
    row.attempt = taken.attempt
    assert store.advance(peer.answered(row))
    assert [row.status for row in store.rows(row.conversation, now=peer.NOW)] == ["done", "done"]
    store.close()
    assert sound(path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_forks(start: Start, path: Path) -> None:
    """A process that forks while its threads write, and its children, write on unharmed."""
    (result,) = together([start("fork")])
    assert result["children"] == 15
    store = SQLiteStore(path)
    found = {name: len(ids(store.rows(name, now=peer.NOW))) for name in store.conversations()}
    assert found["user#children"] == 15
    assert found["user#parent"] == 1
    assert sum(found.values()) == result["rows"] + 16
    store.close()
    assert sound(path)
