"""Exports: both sides, exact for programs, safe for spreadsheets, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from penniless.cli.logs_export import COLUMNS, FORMATS
from penniless.ports import Row
from tests.cli.logged import (
    BOT,
    HANAKO,
    OF_FAMILY,
    OF_HANAKO,
    SOMCHAI,
    command,
    refusal,
    row,
    sqlite,
)

NASTY = 'say "hi", then\nこんにちは\r\nสวัสดี 👨‍👩‍👧 \x1b[0m\u2028;'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def logged(*rows: Row) -> None:
    sqlite(Path("penniless.sqlite3"), rows).close()


def export(*options: str) -> bytes:
    done = command("logs", "export", *options)
    assert done.exit_code == 0, done.output
    return done.stdout_bytes


def objects(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.split(b"\n") if line]


def records(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def test_json_lines() -> None:
    """Each message is one object with all that is known of it, and exactly its text."""
    logged(row(0, message=NASTY), row(1, OF_FAMILY, sender=SOMCHAI, message=None, replies=[]))

    assert objects(export()) == [
        {
            "conversation": OF_FAMILY,
            "time": "2026-11-22T12:01:00.000Z",
            "sender": SOMCHAI,
            "to": BOT,
            "type": "message.text",
            "message": None,
            "outcome": "replied",
            "event_id": "01EVENT000001",
            "timestamp": 1795348860000,
        },
        {
            "conversation": OF_HANAKO,
            "time": "2026-11-22T12:00:00.000Z",
            "sender": HANAKO,
            "to": BOT,
            "type": "message.text",
            "message": NASTY,
            "outcome": "replied",
            "event_id": "01EVENT000000",
            "timestamp": 1795348800000,
        },
        {
            "conversation": OF_HANAKO,
            "time": "2026-11-22T12:00:00.080Z",
            "sender": BOT,
            "to": HANAKO,
            "type": "reply.text",
            "message": "สวัสดี 0",
            "outcome": "replied",
            "event_id": "01EVENT000000",
            "timestamp": 1795348800080,
        },
    ]


def test_csv() -> None:
    """CSV is RFC 4180: a header, CRLF, quotes doubled; with the mark that Excel needs."""
    logged(row(0, message=NASTY))
    data = export("--format", "csv")
    [head, *found] = records(data)

    assert data.startswith(b"\xef\xbb\xbfconversation,time,sender,")
    assert data.endswith(b"\r\n")
    assert b'"say ""hi"", then\n' in data
    assert head == list(COLUMNS)
    assert [one[COLUMNS.index("message")] for one in found] == [NASTY, "สวัสดี 0"]
    assert {len(one) for one in found} == {len(COLUMNS)}


def test_csv_without_the_mark() -> None:
    """`--no-bom` leaves the mark away; the rest is the same."""
    logged(row(0))

    assert b"\xef\xbb\xbf" + export("--format", "csv", "--no-bom") == export("--format", "csv")


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("https://evil.invalid","x")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1"],
)
def test_no_formula_in_a_spreadsheet(text: str) -> None:
    """A stranger's text never becomes a formula in CSV, and stays what it was in JSON."""
    logged(row(0, message=text, sender=text, replies=[{"type": "text", "text": text}]))
    [_, theirs, ours] = records(export("--format", "csv"))
    message, sender = COLUMNS.index("message"), COLUMNS.index("sender")

    assert (theirs[message], theirs[sender], ours[message]) == (f"'{text}",) * 3
    assert {one["message"] for one in objects(export())} == {text}


def test_window_and_conversation() -> None:
    """One conversation, or a time, or both."""
    logged(*map(row, range(5)), *(row(number, OF_FAMILY) for number in range(5)))
    window = ("--since", "2026-11-22T12:01Z", "--until", "2026-11-22T12:03Z")

    assert len(objects(export())) == 20
    assert len(objects(export(*window))) == 8
    assert {one["conversation"] for one in objects(export("C99", *window))} == {OF_FAMILY}


@pytest.mark.parametrize("form", list(FORMATS))
def test_ten_thousand_rows(form: str) -> None:
    """Large logs go out whole and in order."""
    sqlite(Path("big.db"), (row(number) for number in range(10_000))).close()
    data = export("--store", "big.db", "--format", form, "-o", "out") or Path("out").read_bytes()

    assert data.count(b"01EVENT") == (10_000 if form == "rows" else 20_000)
    assert data.find(b"01EVENT004999") < data.find(b"01EVENT005000")


def test_file() -> None:
    """A file is its owner's alone, replaces an old one, and its lines are counted on stderr."""
    logged(row(0))
    Path("out.jsonl").write_text("old")
    done = command("logs", "export", "--output", "out.jsonl")

    assert done.stdout == ""
    assert done.stderr == "penniless: 2 lines in out.jsonl\n"
    assert len(objects(Path("out.jsonl").read_bytes())) == 2
    assert stat.S_IMODE(Path("out.jsonl").stat().st_mode) == 0o600
    assert sorted(path.name for path in Path().glob("*out*")) == ["out.jsonl"]


def test_what_is_no_file_is_not_replaced() -> None:
    """A device or a pipe is written to; a link leads to the file that is replaced."""
    logged(row(0))
    Path("link").symlink_to("real")
    export("-o", "link")
    export("-o", "/dev/null")

    assert Path("link").is_symlink()
    assert len(objects(Path("real").read_bytes())) == 2
    assert Path("/dev/null").is_char_device()


def test_a_failed_export_leaves_no_file() -> None:
    """If the log cannot be read to its end the old file stays, and no part of a new one."""
    logged(row(0))
    with sqlite3.connect("penniless.sqlite3") as connection:
        connection.execute("update events set replies = '[{'")
    connection.close()
    Path("out").write_text("old")

    assert "penniless.sqlite3" in refusal(command("logs", "export", "-o", "out"))
    assert Path("out").read_text() == "old"
    assert sorted(path.name for path in Path().glob("*out*")) == ["out"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--format", "xml"], "there is no format 'xml'; the formats are jsonl, csv, rows"),
        (["-o", "no/out"], "no/out cannot be written: No such file or directory"),
        (["-o", "."], ". cannot be written: Is a directory"),
        (["Unobody"], "there is no conversation 'Unobody' in penniless.sqlite3"),
    ],
)
def test_what_cannot_be(options: list[str], sentence: str) -> None:
    """A wrong format, place or name is one sentence."""
    logged(row(0))

    assert refusal(command("logs", "export", *options)).startswith(sentence)


def test_empty_log() -> None:
    """Nothing to export is no failure: no lines, and in CSV the header."""
    logged()

    assert export() == b""
    assert records(export("--format", "csv")) == [list(COLUMNS)]
