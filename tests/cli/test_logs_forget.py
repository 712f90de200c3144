"""Forgetting a person: a look, a question, and what was deleted."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.logged import (
    FAMILY,
    HANAKO,
    OF_FAMILY,
    OF_HANAKO,
    OF_SOMCHAI,
    SOMCHAI,
    command,
    refusal,
    row,
    sqlite,
)

LOG = Path("penniless.sqlite3")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    store = sqlite(LOG, [*map(row, range(3)), row(3, OF_SOMCHAI), row(4, OF_FAMILY, sender=HANAKO)])
    store.write_state(OF_HANAKO, {"step": 1}, version=0)
    store.close()
    return tmp_path


def remaining() -> list[str]:
    store = sqlite(LOG)
    found = list(store.conversations())
    store.close()
    return found


def test_forget_a_person() -> None:
    """Rows and state are gone, nobody else's; what stays elsewhere is said."""
    done = command("logs", "forget", HANAKO, "--yes")

    assert done.exit_code == 0
    assert done.stdout.startswith(f"deleted 3 events and the state of {OF_HANAKO}\n")
    assert "What a person wrote in groups is kept under the group" in done.stdout
    assert remaining() == [OF_FAMILY, OF_SOMCHAI]


def test_nothing_of_it_is_left_in_the_file() -> None:
    """The bytes of a forgotten message are not in the files any more."""
    store = sqlite(LOG, [row(9, OF_SOMCHAI, message="my address is Baker Street")])
    store.close()

    assert command("logs", "forget", SOMCHAI, "-y").exit_code == 0
    assert all(b"Baker Street" not in path.read_bytes() for path in Path().glob("penniless*"))


def test_forget_a_group() -> None:
    """A group is forgotten as a person is, and nothing is said of groups then."""
    done = command("logs", "forget", FAMILY, "--yes")

    assert done.stdout == f"deleted 1 event of {OF_FAMILY}\n"


def test_no_terminal_and_no_yes() -> None:
    """Nothing is deleted by a script that did not say so."""
    assert refusal(command("logs", "forget", HANAKO)) == "say --yes to delete without being asked"
    assert OF_HANAKO in remaining()


def test_nothing_to_forget() -> None:
    """An id that the log does not know may be a mistake, so it is a failure."""
    unknown = "U" + "0" * 32

    assert refusal(command("logs", "forget", unknown, "--yes")) == (
        f"there is nothing of user#{unknown} in penniless.sqlite3"
    )


def test_yes_wants_the_whole_id() -> None:
    """The start of an id is not enough where nobody is asked."""
    assert "no conversation 'U4af'" in refusal(command("logs", "forget", "U4af", "--yes"))


@pytest.mark.parametrize(
    ("answer", "gone"), [(b"y\n", True), (b"n\n", False), (b"\n", False), (b"\x04", False)]
)
def test_the_question(answer: bytes, gone: bool) -> None:
    """On a terminal it says what would be deleted, and only a yes deletes it."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "penniless", "logs", "forget", "U4af"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, "PYTHONUTF8": "1", "TZ": "UTC0", "COLUMNS": "300"},
    )
    os.close(terminal)
    try:
        said = _until(controller, "[y/N]")
        os.write(controller, answer)
        assert process.wait(timeout=20) == (0 if gone else 1)
    finally:
        process.kill()
        process.wait()
        os.close(controller)

    question = f"Delete 3 events (2026-11-22) and the state of {OF_HANAKO} from penniless.sqlite3?"
    assert question in said
    assert (OF_HANAKO not in remaining()) == gone


def _until(terminal: int, wanted: str) -> str:
    read = b""
    until = time.monotonic() + 20
    while wanted not in read.decode("utf-8", "replace"):
        assert time.monotonic() < until, read.decode("utf-8", "replace")
        read += os.read(terminal, 4096)
    return read.decode("utf-8", "replace")
