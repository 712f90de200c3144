"""Request bodies read as strictly as LINE reads them: no duplicate fields, nothing but JSON.

Law of this module: bytes in, an object out, or LINE's 400. The common case is decoded by C code;
only a body that is refused is walked by hand, to say where.

Source: https://developers.line.biz/en/news/2022/10/31/duplicate-field-error/
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from penniless.simulator.exchange import LineRefusal, invalid_property, refusal
from penniless.simulator.records import Json

DEEPEST = 200
"""Flex messages nest some twenty levels; far beyond that nobody means well."""


def parse(body: bytes) -> tuple[Json, str]:
    """The object and its text. Raises LineRefusal (400) for anything else."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise not_json(*position(body[: error.start].decode(), error.start)) from None
    if too_deep(text):
        raise not_json(1, 1)
    try:
        found = msgspec.json.decode(text)
        repeated = _has_repeated_names(text)
    except (msgspec.DecodeError, UnicodeError, ValueError, RecursionError):
        raise not_json(*_where_it_breaks(text)) from None
    if repeated:
        raise _duplicate_field(text)
    if not isinstance(found, dict):
        raise not_json(1, 1)
    return found, text


def not_json(line: int, column: int, details: list[tuple[str, str]] | None = None) -> LineRefusal:
    message = f"The request body could not be parsed as JSON (line: {line}, column: {column})"
    made = refusal(400, message)
    if details:
        made.answer.json["details"] = [{"message": text} for text, _ in details]
    return made


def position(text: str, at: int) -> tuple[int, int]:
    """Line and column, both from 1, of an index into the text."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def too_deep(text: str) -> bool:
    """Whether objects and lists nest further than anybody means."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = deepest = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest > DEEPEST


def _where_it_breaks(text: str) -> tuple[int, int]:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno, error.colno
    except (ValueError, RecursionError):
        pass
    return 1, 1


def _has_repeated_names(text: str) -> bool:
    repeated = False

    def pairs(found: list[tuple[str, Any]]) -> None:
        nonlocal repeated
        repeated = repeated or len({name for name, _ in found}) < len(found)

    json.loads(text, object_pairs_hook=pairs)
    return repeated


def _duplicate_field(text: str) -> LineRefusal:
    path, name, at = _first_duplicate(text)
    detail = f"Duplicate field '{name}'"
    line, column = position(text, at)
    if not path:
        return not_json(line, column, [(detail, "")])
    made = invalid_property(path, line, column)
    made.answer.json["details"] = [{"message": detail}]
    return made


def _first_duplicate(text: str) -> tuple[str, str, int]:
    """Path of the object, the name, and the index just behind its second appearance."""
    for path, name, _value_at, name_end, fresh in _fields(text):
        if not fresh:
            return path, name, name_end
    raise AssertionError("only called for a text with a repeated name")


def place_of(text: str, name: str) -> tuple[int, int]:
    """Line and column where the value of a top-level field starts."""
    for path, found, value_at, _end, _fresh in _fields(text):
        if not path and found == name:
            return position(text, value_at)
    return 1, 1


class _Level:
    """An object or array that is open while the text is walked."""

    def __init__(self, path: str, *, is_object: bool) -> None:
        self.path = path
        self.is_object = is_object
        self.names: set[str] = set()
        self.key = ""
        self.index = 0
        self.expects_name = is_object

    def child(self) -> str:
        if not self.is_object:
            return f"{self.path}[{self.index}]"
        return f"{self.path}.{self.key}" if self.path else self.key


def _fields(text: str) -> Any:
    """Walk valid JSON; yield (path of the object, name, value's index, name's end, is it new)."""
    levels: list[_Level] = []
    at = 0
    while at < len(text):
        character = text[at]
        if character in "{[":
            path = levels[-1].child() if levels else ""
            levels.append(_Level(path, is_object=character == "{"))
        elif character in "}]":
            levels.pop()
        elif character == "," and levels:
            levels[-1].index += 1
            levels[-1].expects_name = levels[-1].is_object
        elif character == '"':
            value, end = json.decoder.scanstring(text, at + 1)  # type: ignore[attr-defined]
            if levels and levels[-1].expects_name:
                yield from _field(text, levels[-1], value, end)
            at = end
            continue
        at += 1


def _field(text: str, level: _Level, name: str, end: int) -> Any:
    value_at = text.index(":", end) + 1
    value_at += len(text[value_at:]) - len(text[value_at:].lstrip(" \t\r\n"))
    fresh = name not in level.names
    level.names.add(name)
    level.key, level.expects_name = name, False
    yield level.path, name, value_at, end, fresh
