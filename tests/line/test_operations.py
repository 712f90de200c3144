"""The table of operations, held against LINE's OpenAPI file, and the making of paths."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penniless.errors import CodeError
from penniless.line.client import LineClient
from penniless.line.operations import OPERATIONS, path_of

MEMBER = OPERATIONS["group_member_profile"]


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_id_changes_the_path(group: str, user: str) -> None:
    """Any id stays one segment of the path and is nothing but unreserved characters and escapes."""
    if {group, user} & {".", ".."}:
        return
    path = path_of(MEMBER, {"groupId": group, "userId": user})
    segments = path.split("/")
    assert [*segments[:4], segments[5]] == ["", "v2", "bot", "group", "member"]
    assert len(segments) == 7
    assert re.fullmatch(r"[A-Za-z0-9_.~/%-]+", path)


@pytest.mark.parametrize(
    "value", ["U1/../../x", "a?b=c", "a#b", "%2e%2e", "花子", "🍎", "a\r\nb", "{x}"]
)
def test_a_strange_id_arrives_as_it_was(value: str) -> None:
    """The escaped segment means the id itself again."""
    segment = path_of(OPERATIONS["profile"], {"userId": value}).rsplit("/", 1)[1]
    assert unquote(segment) == value


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_an_id_that_would_vanish_is_refused(value: str) -> None:
    """An empty or dotted id is an error that names the parameter."""
    with pytest.raises(CodeError, match="userId"):
        path_of(MEMBER, {"groupId": "C1", "userId": value})


def test_every_row_has_a_method() -> None:
    """Every operation can be called by its name; the validations share one method."""
    for name in OPERATIONS:
        assert hasattr(LineClient, "validate" if name.startswith("validate_") else name)


def test_the_rows_are_in_line_s_openapi_file() -> None:
    """Method, path template, host and retry key of every row are those of LINE's file."""
    folder = os.environ.get("LINE_OPENAPI")
    if not folder:
        pytest.skip("LINE_OPENAPI names no folder with LINE's OpenAPI files")
    known = _facts((Path(folder) / "messaging-api.yml").read_text(encoding="utf-8"))
    for row in OPERATIONS.values():
        assert known[(row.method, row.path)] == (row.host, row.repeat == "key")


def _facts(yml: str) -> dict[tuple[str, str], tuple[str, bool]]:
    """Method and path -> host and whether a retry key is allowed, from the file's indentation."""
    facts: dict[tuple[str, str], tuple[str, bool]] = {}
    path = method = ""
    for line in yml.partition("\npaths:")[2].splitlines():
        if found := re.fullmatch(r'  "?(/[^"]*)"?:', line):
            path = found[1]
        elif found := re.fullmatch(r"    (get|post|put|delete):", line):
            method = found[1].upper()
            facts[(method, path)] = ("api", False)
        elif "api-data.line.me" in line:
            facts[(method, path)] = ("data", False)
        elif "X-Line-Retry-Key" in line:
            facts[(method, path)] = (facts[(method, path)][0], True)
    return facts
