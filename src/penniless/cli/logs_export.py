"""`penniless logs export`: both sides of the log, for programs and for spreadsheets.

JSON Lines have every text exactly as it was. CSV is RFC 4180 in UTF-8, with a byte order mark,
without which Excel reads Japanese or Thai as garbage; and a text that a spreadsheet would take for
a formula has a `'` in front of it, because strangers write these texts:
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
import io
import os
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from msgspec import json
from msgspec.structs import asdict

from penniless.cli.logs_progress import Bar
from penniless.cli.logs_source import Source
from penniless.errors import SettingsError
from penniless.ports import Row
from penniless.records import lost_line
from penniless.stores.entries import Entry, entries

COLUMNS = (
    "conversation",
    *("time", "sender", "to", "type", "message"),
    *("outcome", "event_id", "timestamp"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

Write = Callable[[Row], int]
"""Writes what a row says; returns how many lines that is."""


def json_lines(stream: BinaryIO) -> Write:
    """One JSON object a line for each message, with the names of COLUMNS."""

    def write(row: Row) -> int:
        lines = [json.encode(_cells(row, entry)) + b"\n" for entry in entries(row)]
        stream.writelines(lines)
        return len(lines)

    return write


def comma_separated(stream: BinaryIO) -> Write:
    """One record for each message, and a first one with the names of COLUMNS."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)

    def flush() -> None:
        stream.write(text.getvalue().encode())
        text.seek(0)
        text.truncate()

    def write(row: Row) -> int:
        records = [_cells(row, entry) for entry in entries(row)]
        writer.writerows([_no_formula(record[name]) for name in COLUMNS] for record in records)
        flush()
        return len(records)

    writer.writerow(COLUMNS)
    flush()
    return write


def stored_rows(stream: BinaryIO) -> Write:
    """One row a line, whole, as `penniless logs import` takes it."""

    def write(row: Row) -> int:
        stream.write(lost_line(row).encode())
        return 1

    return write


FORMATS: dict[str, Callable[[BinaryIO], Write]] = {
    "jsonl": json_lines,
    "csv": comma_separated,
    "rows": stored_rows,
}


def run(
    source: Source,
    conversation: str | None,
    *,
    form: str,
    output: Path | None,
    bom: bool,
    now: int,
    since: int,
    until: int | None,
) -> None:
    """Write one conversation, or all, to a file or to stdout. Raises SettingsError."""
    if form not in FORMATS:
        raise SettingsError(f"there is no format {form!r}; the formats are {', '.join(FORMATS)}")
    keys = [conversation] if conversation else list(source.store.conversations())
    to_terminal = output is None and sys.stdout.isatty()
    with _written(output) as stream, Bar(len(keys), hidden=to_terminal) as bar:
        if bom and form == "csv":
            stream.write(BOM_UTF8)
        write = FORMATS[form](stream)
        for key in keys:
            for row in source.store.rows(key, now=now, since=since, until=until):
                bar.add(write(row))
            bar.next()
    if output:
        print(f"penniless: {bar.lines:,} lines in {output}", file=sys.stderr)


def _cells(row: Row, entry: Entry) -> dict[str, str | int | None]:
    found = {"conversation": row.conversation, **asdict(entry)}
    return {name: found[name] for name in COLUMNS}


def _no_formula(cell: str | int | None) -> str | int | None:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


@contextmanager
def _written(path: Path | None) -> Iterator[BinaryIO]:
    """Stdout, or a file that appears under its name only when it is whole.

    The file can be read by its owner only: it holds what people wrote. Raises SettingsError.
    """
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with _replacing(path.resolve()) as stream:
            yield stream
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror or error}") from None


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    if path.exists() and not path.is_file():  # such as /dev/null, which is not to be replaced
        with path.open("wb") as stream:
            yield stream
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            yield stream
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
