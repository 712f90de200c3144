"""`penniless logs import`: put rows back that the store could not take when they were made.

They are found wherever they stand in a text: as the function wrote them, behind a time and a
stream's name, inside the JSON of `aws logs`, over several lines or escaped, or in a CSV of
CloudWatch. A row goes back as another worker's answer would: it is claimed and finished, so a
finished row is never changed, a taken-back text stays away where the store knows of it, and
importing twice changes nothing.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from json import JSONDecoder
from typing import Any, Literal, TypeAlias

from msgspec import ValidationError, convert
from msgspec.structs import replace

from penniless.cli.logs_progress import Bar
from penniless.errors import CodeError, SettingsError
from penniless.lifecycle import LEASE
from penniless.ports import Row, Store
from penniless.records import END_OF_TIME, LOST_ROW
from penniless.stores.encoding import whole_text

_MARK = re.compile(rf'(?P<quote>\\*"|""){LOST_ROW}(?P=quote)\s*:\s*')
_PLAIN_MARK = re.compile(rf'(?<![\\"])"{LOST_ROW}"\s*:')
_CSV_REST = re.compile(r'(?:[^"]|"")*')
_MOST_LINES = 10_000
"""Lines that one row may take when somebody has pretty-printed it."""

_decoder = JSONDecoder(strict=False)

Fate: TypeAlias = Literal["put back", "there already", "expired", "still worked on", "unreadable"]
_Value: TypeAlias = tuple[Any, int]
"""What was read, and where in its text it ends."""


def run(source_name: str, store: Store, files: list[str], *, now: int) -> int:
    """Import from these files, `-` being stdin; returns the exit code.

    1 if a row could not be read, or is still being worked on. Raises SettingsError.
    """
    if not files and sys.stdin.isatty():
        raise SettingsError(
            "name a file with lines of the function's log, or - for what is piped in"
        )
    counts: dict[Fate, int] = {}
    for name in files or ["-"]:
        with _text(name) as lines, Bar() as bar:
            for row in rows_in(lines):
                fate = _unreadable(name, row) if isinstance(row, int) else put_back(store, row, now)
                counts[fate] = counts.get(fate, 0) + 1
                bar.add(1)
    said = ", ".join(f"{count:,} {fate}" for fate, count in counts.items())
    print(f"{source_name}: {said or 'no lost rows were found'}")
    if counts.get("still worked on"):
        print("penniless: import again in a minute", file=sys.stderr)
    return 1 if counts.keys() & {"still worked on", "unreadable"} else 0


def _unreadable(name: str, line: int) -> Fate:
    print(f"penniless: {name}, line {line}: the row there is cut off or changed", file=sys.stderr)
    return "unreadable"


def put_back(store: Store, row: Row, now: int) -> Fate:
    """Store a row as it should have been, unless it is there, or is past its end.

    One whose event was left open is open then, and a running bot takes it over.
    """
    if row.expires_at is not None and row.expires_at <= now // 1000:
        return "expired"
    try:
        claim = store.claim(replace(row, claimed_until=now + LEASE), now=now)
        if not claim.granted:
            return "still worked on" if claim.found == "live" else "there already"
        if row.status != "claimed":
            store.advance(replace(row, attempt=claim.attempt))
    except CodeError:
        return "unreadable"
    return "put back"


def rows_in(lines: Iterable[str]) -> Iterator[Row | int]:
    """The rows in a text, and the number of the line where one cannot be read."""
    begun, pending = 0, ""
    for number, line in enumerate(lines, start=1):
        if pending:
            pending, found = _continued(pending, line, number - begun)
            if found:
                yield _row(found[0], begun)
            if found or pending:
                continue
            yield begun
        for value, cut in _values(line):
            if cut:
                begun, pending = number, cut
            else:
                yield _row(value, number)
    if pending:
        yield begun


def _continued(pending: str, line: str, taken: int) -> tuple[str, _Value | None]:
    """A value of several lines with one more; it is given up where another row begins."""
    if taken > _MOST_LINES or _PLAIN_MARK.search(line):
        return "", None
    pending += line
    found = _value(pending, 0) if line.lstrip().startswith("}") else None
    return ("", found) if found else (pending, None)


def _values(text: str) -> Iterator[tuple[Any, str]]:
    """What stands behind each mark; where it is not whole None, or what there is of it.

    Behind such a place nothing more is read: it could be inside of what somebody wrote. A mark
    with backslashes is in a JSON string, one with double quotes in a field of CSV; those are
    unpacked and searched in turn.
    """
    at = 0
    while mark := _MARK.search(text, at):
        start, quote = mark.start(), mark["quote"]
        if quote == '"':
            found = _value(text, mark.end())
            if not found:
                yield None, text[mark.end() :]
                return
            yield found[0], ""
            at = found[1]
            continue
        inner, at = _csv_field(text, start) if quote == '""' else _json_string(text, start)
        for value, _ in _values(inner):
            yield value, ""
        if not inner:
            yield None, ""
            return


def _csv_field(text: str, start: int) -> tuple[str, int]:
    """The rest of a quoted field, as it was, and where it ends."""
    field = _CSV_REST.match(text, start)
    return (field[0].replace('""', '"'), field.end()) if field else ("", start)


def _json_string(text: str, start: int) -> tuple[str, int]:
    """The rest of a string in JSON, as it was, and where it ends; empty if it has no end."""
    found = _value(f'"{text[start:]}', 0)
    return (found[0], start + found[1] - 1) if found else ("", start)


def _value(text: str, at: int) -> _Value | None:
    """The JSON that begins there, and where it ends."""
    try:
        return _decoder.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None


def _row(value: Any, number: int) -> Row | int:
    """The row in a JSON object; the number of its line if it is none."""
    try:
        row = convert(_whole(value), Row)
    except (ValidationError, RecursionError):
        return number
    known = row.conversation and row.event_id and 0 <= row.timestamp < END_OF_TIME
    return row if known else number


def _whole(value: Any) -> Any:
    """The same without halves of surrogate pairs, for which no store has room: they may well be
    the reason that the row was lost."""
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {whole_text(key): _whole(one) for key, one in value.items()}
    return value


@contextmanager
def _text(name: str) -> Iterator[io.TextIOWrapper]:
    """A file or stdin as text: UTF-8, or what a byte order mark says; unpacked if it is gzip."""
    try:
        with _bytes(name) as raw:
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            stream = io.BufferedReader(gzip.GzipFile(fileobj=raw)) if packed else raw
            wide = stream.peek(2)[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
            encoding = "utf-16" if wide else "utf-8-sig"
            text = io.TextIOWrapper(stream, encoding=encoding, errors="replace")
            try:
                yield text
            finally:
                text.detach()
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "it is not whole"
        raise SettingsError(f"{name} cannot be read: {reason}") from None


@contextmanager
def _bytes(name: str) -> Iterator[io.BufferedReader]:
    if name != "-":
        with open(name, "rb") as file:
            yield file
        return
    stdin = sys.stdin.buffer
    yield stdin if isinstance(stdin, io.BufferedReader) else io.BufferedReader(stdin)  # type: ignore[arg-type]
