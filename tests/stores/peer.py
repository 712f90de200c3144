"""Another process at the same SQLite file: `python peer.py TASK PATH NAME`.

It says `ready`, waits for a line, does its task and prints what came of it as one line of JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from penniless.ports import Row
from penniless.stores.sqlite import SQLiteStore

NOW = 1_767_225_600_000
EVENTS = 150


def event(number: int, conversation: str = "user#shared") -> Row:
    return Row(
        conversation=conversation,
        event_id=f"event-{number:04}",
        timestamp=NOW + number,
        sender="U1",
        to="U0",
        type="message.text",
        message="こんにちは",
        claimed_until=NOW + 10_000,
    )


def answered(row: Row) -> Row:
    row.status, row.outcome, row.replies = "done", "replied", [{"type": "text", "text": "はい"}]
    return row


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def claim_all(path: str, name: str) -> list[str]:
    """Claim every event that the others claim too; which ones were granted."""
    store = SQLiteStore(path)
    granted = [
        row.event_id for row in map(event, range(EVENTS)) if store.claim(row, now=NOW).granted
    ]
    store.close()
    return granted


def converse(path: str, name: str) -> int:
    """A conversation of one's own, with its state: three writes an event."""
    store = SQLiteStore(path)
    version = 0
    for number in range(EVENTS):
        row = event(number, f"user#{name}")
        assert store.claim(row, now=NOW).granted
        assert store.advance(answered(row))
        version = store.write_state(row.conversation, {"count": number}, version=version)
    store.close()
    return version


def make_files(path: str, name: str) -> list[str]:
    """Make the same new files that the others are just making; which claims were granted."""
    granted = []
    for number in range(40):
        store = SQLiteStore(f"{path}.{number}")
        if store.claim(event(number), now=NOW).granted:
            granted.append(event(number).event_id)
        store.close()
    return granted


def come_and_go(path: str, name: str) -> int:
    """Open, write and close again and again: the file is made, recovered and tidied up."""
    for number in range(20):
        store = SQLiteStore(path)
        assert store.claim(event(number, f"user#{name}"), now=NOW).granted
        store.close()
    return 20


def die(path: str, name: str) -> None:
    """Claim an event and wait to be killed."""
    store = SQLiteStore(path)
    assert store.claim(event(0), now=NOW).granted
    assert store.claim(event(1), now=NOW).granted
    assert store.advance(answered(event(1)))
    say("claimed")
    sys.stdin.readline()


def fork(path: str, name: str) -> dict[str, int]:
    """Fork again and again while threads write; every child writes too."""
    store = SQLiteStore(path)
    stop = threading.Event()
    written = [0] * 3

    def work(me: int) -> None:
        while not stop.is_set():
            store.append(event(written[me], f"user#thread-{me}"))
            written[me] += 1

    threads = [threading.Thread(target=work, args=(me,)) for me in range(len(written))]
    for thread in threads:
        thread.start()
    healthy = sum(healthy_child(store, number) for number in range(15))
    stop.set()
    for thread in threads:
        thread.join()
    store.append(event(0, "user#parent"))
    store.close()
    return {"children": healthy, "rows": sum(written)}


def healthy_child(store: SQLiteStore, number: int) -> bool:
    child = os.fork()
    if child == 0:
        signal.alarm(20)  # a child that a fork has left stuck must not outlive the test
        code = 1
        try:
            row = event(number, "user#children")
            code = 0 if store.claim(row, now=NOW).granted and store.advance(answered(row)) else 2
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


TASKS: dict[str, Callable[[str, str], Any]] = {
    "claim_all": claim_all,
    "converse": converse,
    "make_files": make_files,
    "come_and_go": come_and_go,
    "die": die,
    "fork": fork,
}

if __name__ == "__main__":
    task, path, name = sys.argv[1:]
    say("ready")
    sys.stdin.readline()
    say(json.dumps(TASKS[task](path, name)))
