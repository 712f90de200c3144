"""The table of operations: complete, without doubles, and paths lead where they should."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from penniless.simulator.operations import OPERATIONS, find

OPENAPI = os.environ.get("LINE_OPENAPI")
FILES = (
    "messaging-api",
    "channel-access-token",
    "insight",
    "manage-audience",
    "module",
)
ONLY_IN_THE_SDK = {
    ("GET", "/v2/bot/message/delivery/pnp/templated"),
    ("POST", "/v2/bot/message/pnp/templated/push"),
}


def test_no_operation_stands_twice() -> None:
    rows = [(operation.method, operation.template) for operation in OPERATIONS]
    assert len(set(rows)) == len(rows)
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)


def test_every_operation_is_found_by_its_own_path() -> None:
    """Also where a fixed segment stands beside a value, as in /richmenu/list."""
    for operation in OPERATIONS:
        path = re.sub(r"\{(\w+)\}", r"some-\1", operation.template)
        found = find(operation.method, path)
        assert found.operation is operation, path
        names = re.findall(r"\{(\w+)\}", operation.template)
        assert found.params == {name: f"some-{name}" for name in names}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/v2",
        "/v2/bot/message",
        "/v2/bot/message/reply/",
        "//v2/bot/info",
        "/v2/bot/profile/",
    ],
)
def test_other_paths_lead_nowhere(path: str) -> None:
    found = find("GET", path)
    assert (found.operation, found.methods) == (None, ())


def test_a_value_may_look_like_anything_but_a_slash() -> None:
    found = find("GET", "/v2/bot/profile/ U 日本")
    assert found.params == {"userId": " U 日本"}


@pytest.mark.skipif(OPENAPI is None, reason="LINE_OPENAPI names no folder with LINE's files")
def test_it_is_every_operation_of_lines_files() -> None:
    """Nothing that LINE's OpenAPI files list is missing, and next to nothing is added."""
    listed = set()
    for name in FILES:
        path = ""
        for line in Path(str(OPENAPI), f"{name}.yml").read_text(encoding="utf-8").splitlines():
            if at := re.match(r'  "?(/[^":]+)"?:$', line):
                path = at[1]
            elif path and (method := re.match(r"    (get|post|put|delete):$", line)):
                listed.add((method[1].upper(), path))
            elif line.startswith("components:"):
                break
    rows = {(operation.method, operation.template) for operation in OPERATIONS}
    assert rows - listed == ONLY_IN_THE_SDK
    assert listed <= rows
