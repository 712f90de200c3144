"""docs/simulator.md is true: its table is the table of operations, its curl commands work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import httpx

from penniless.simulator.control import ROUTES
from penniless.simulator.operations import OPERATIONS
from penniless.simulator.samples import MAKERS
from tests.simulator.peers import StubBot

PAGE = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")
SERVED, NOT_SERVED = PAGE.partition("## Operations")[2].split("Every other operation")


def operations_in(text: str) -> set[str]:
    return set(re.findall(r"`((?:GET|POST|PUT|DELETE) /(?:v2|oauth2|bot)/[^`?]*)`", text))


def test_the_table_of_operations() -> None:
    """Every operation stands where it belongs: served, or honestly not."""
    served = {f"{one.method} {one.template}" for one in OPERATIONS if one.handler}
    others = {f"{one.method} {one.template}" for one in OPERATIONS if not one.handler}
    assert operations_in(SERVED) == served
    assert operations_in(NOT_SERVED) == others


def test_every_path_of_the_control_interface_is_on_the_page() -> None:
    shown = re.sub(r"/(?:hanako|family)\b", "/{name}", PAGE)
    for _, path, _ in ROUTES:
        known = path.replace("{message_id}", "ID").replace("{name:path}", "NAME")
        known = known.replace("/sim/chat/{name}", "/sim/chat/NAME")
        assert known in shown, path


def test_the_samples_are_on_the_page() -> None:
    names = {name.partition("/")[0] for name in MAKERS}
    assert [name for name in names if name not in PAGE] == []


def commands() -> list[list[str]]:
    """Every curl command of the page, as words."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("curl ")]


def run(sim: httpx.Client, words: list[str]) -> httpx.Response:
    """Do what curl would do with these words."""
    options: dict[str, Any] = {}
    method = "GET"
    url = next(word for word in words if word.startswith("http://127.0.0.1:8080/"))
    for name, value in zip(words, [*words[1:], ""], strict=True):
        if name == "-d":
            options["content"], method = value.encode(), "POST"
        elif name == "-X":
            method = value
    return sim.request(method, url.removeprefix("http://127.0.0.1:8080"), **options)


def test_the_curl_commands_work(sim: httpx.Client, bot: StubBot) -> None:
    """One after the other, as somebody would type them."""
    found = commands()
    assert len(found) > 15
    for words in found:
        assert run(sim, words).status_code < 300, words
    assert bot.received
