"""The log as people read it: the list and a chat."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from penniless.cli.logs_view import harmless, short
from penniless.ports import Row
from tests.cli.logged import (
    BOT,
    HANAKO,
    OF_FAMILY,
    OF_HANAKO,
    OF_SOMCHAI,
    SOMCHAI,
    at,
    command,
    refusal,
    row,
    sqlite,
)
from tests.cli.running import running
from tests.live import penniless

UTC = {"TZ": "UTC0"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "60")
    return tmp_path


def logged(*rows: Row) -> None:
    """Write `penniless.sqlite3` here."""
    sqlite(Path("penniless.sqlite3"), rows).close()


def printed(*arguments: str) -> list[str]:
    """What a good command prints, on a computer in UTC."""
    done = penniless(*arguments, folder=Path(), settings=UTC)
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout.splitlines()


def test_list() -> None:
    """Each conversation once, the latest first, with its events; also one that is only a state."""
    logged(*map(row, range(3)), row(9, OF_FAMILY, sender=SOMCHAI))
    store = sqlite(Path("penniless.sqlite3"))
    store.write_state(OF_SOMCHAI, {"step": 2}, version=0)
    store.close()

    assert printed("logs", "list") == [
        "last               events  conversation",
        f"2026-11-22 12:09        1  {OF_FAMILY}",
        f"2026-11-22 12:02        3  {OF_HANAKO}",
        f"-                       0  {OF_SOMCHAI}",
    ]


def test_list_of_a_time() -> None:
    """With a time only what happened in it is counted, and only those who took part."""
    logged(*map(row, range(5)), row(9, OF_FAMILY))

    window = ["--since", "2026-11-22 12:01", "--until", "2026-11-22 12:03"]

    assert printed("logs", "list", *window)[1:] == [f"2026-11-22 12:02        2  {OF_HANAKO}"]


def test_list_leaves_out_what_has_expired() -> None:
    """A row past its end is not counted, though it may not be deleted yet."""
    logged(row(0, expires_at=1), row(1))

    assert printed("logs", "list")[1:] == [f"2026-11-22 12:01        1  {OF_HANAKO}"]


def test_empty_list() -> None:
    """An empty log is said on stderr, and is no failure."""
    logged()
    done = command("logs", "list")

    assert (done.stdout, done.exit_code) == ("", 0)
    assert done.stderr == "penniless: there is nothing to list in penniless.sqlite3\n"


def test_a_chat() -> None:
    """Both sides by time under the day, with what came of an event that was not answered."""
    logged(
        row(0, timestamp=at("2026-11-21 23:59:30"), answered_at=at("2026-11-22 00:00:01")),
        row(1, message="two\nlines", replies=[]),
        row(2, status="failed", outcome="failed: KeyError", replies=[]),
        row(3, type="follow", message="[follow]", outcome="no handler", replies=[]),
        row(4, message=None),
        row(5, type="push", sender=BOT, to=HANAKO, replies=[{"type": "image"}], outcome="pushed"),
    )

    assert printed("logs", "show", HANAKO) == [
        "2026-11-21 Saturday",
        "23:59:30  U4af49806…  こんにちは 0 🍎",
        "",
        "2026-11-22 Sunday",
        "00:00:01  bot         สวัสดี 0",
        "12:01:00  U4af49806…  two",
        "                      lines",
        "12:02:00  U4af49806…  こんにちは 2 🍎  (failed: KeyError)",
        "12:03:00  U4af49806…  [follow]  (no handler)",
        "12:04:00  U4af49806…  (taken back)",
        "12:04:00  bot         สวัสดี 4",
        "12:05:00  bot         [image]",
    ]


def test_ways_of_an_answer() -> None:
    """An answer that was not simply replied says how it went, and what waits is marked."""
    more = [{"type": "text", "text": "six"}]
    logged(
        row(0, outcome="replied later"),
        row(1, outcome="pushed", replies=[]),
        row(2, status="held", outcome="replied, held", waiting=more),
        row(3, status="claimed", outcome="failed: KeyError", replies=[]),
    )

    assert printed("logs", "show", HANAKO)[1:] == [
        "12:00:00  U4af49806…  こんにちは 0 🍎  (replied later)",
        "12:00:00  bot         สวัสดี 0",
        "12:01:00  U4af49806…  こんにちは 1 🍎  (pushed)",
        "12:02:00  U4af49806…  こんにちは 2 🍎  (replied, held)",
        "12:02:00  bot         สวัสดี 2",
        "12:02:00  bot         six  (waiting)",
        "12:03:00  U4af49806…  こんにちは 3 🍎  (claimed)",
    ]


def test_a_chat_in_local_time() -> None:
    """A chat is shown as the clock here went: noon in London is evening in Bangkok."""
    logged(row(0, timestamp=at("2026-11-22 18:00")))

    done = penniless("logs", "show", "U4af", folder=Path(), settings={"TZ": "ICT-7"})

    assert done.stdout.startswith("2026-11-23 Monday\n01:00:00  U4af49806…  こんにちは 0 🍎\n")


def test_the_newest_of_a_chat() -> None:
    """`--last` shows the newest events, oldest first; times limit it further."""
    logged(*(row(number, replies=[]) for number in range(9)))

    found = printed("logs", "show", HANAKO, "-n", "2", "--until", "2026-11-22 12:08")

    assert [line[-3] for line in found[1:]] == ["6", "7"]


def test_nothing_in_that_time() -> None:
    """A conversation that is empty then is said, with the exit code of a failure."""
    logged(row())

    assert refusal(command("logs", "show", HANAKO, "--since", "2026-11-23")) == (
        f"there is nothing of {OF_HANAKO} in penniless.sqlite3 in that time"
    )
    assert "is not a time" in refusal(command("logs", "show", HANAKO, "--since", "soon"))


def test_messages_give_no_orders_to_the_terminal() -> None:
    """Escape sequences and other control characters in messages are shown, never obeyed."""
    logged(
        row(0, message="a\x1b]0;owned\x07\x9b31m\x7f\r\nb\rc [bold]d :smile:", outcome="\x1b[2J")
    )

    found = "\n".join(printed("logs", "show", HANAKO))

    assert "a␛]0;owned␇�31m␡\n                      b␍c [bold]d :smile:  (␛[2J)" in found
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", found)


def test_harmless_text_is_left_alone() -> None:
    """Only control characters are replaced."""
    for text in ("สวัสดี", "👨‍👩‍👧", "שלום", "a\tb\nc"):
        assert harmless(text) == text


def test_short_names() -> None:
    """Ids are cut to what tells them apart, short names are whole."""
    assert short(HANAKO) == "U4af49806…"
    assert short("channel") == "channel"


def test_broken_pipe() -> None:
    """Whoever closes the pipe has read enough: no traceback."""
    logged(*(row(number, message="x" * 4000) for number in range(60)))
    with running("logs", "show", HANAKO, folder=Path()) as reader:
        reader.until("xxxx")
        assert reader.process.stdout
    assert "Traceback" not in reader.said
