"""docs/simulator.md is true: its table is the table of operations, its curl commands work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import httpx

from penniless.simulator import MovableClock, Simulator
from penniless.simulator.control import ROUTES
from penniless.simulator.operations import FAMILIES
from penniless.simulator.samples import MAKERS
from penniless.simulator.server import serving
from tests.simulator.peers import StubBot

PAGE = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")
OPERATIONS_PART = PAGE.partition("\n## Operations\n")[2].partition("\n## ")[0]
UNITS = {1: "a second", 60: "a minute", 3600: "an hour"}


def section(heading: str) -> str:
    return OPERATIONS_PART.partition(f"### {heading}\n")[2].partition("\n### ")[0]


def test_the_tables_of_operations() -> None:
    """Every operation stands in the table of its family, with its name and rate."""
    for family, operations in FAMILIES.items():
        expected = [
            (f"{one.method} {one.template}", one.name, f"{one.rate[0]:,} {UNITS[one.rate[1]]}")
            for one in operations
        ]
        shown = re.findall(r"^\| `(.+?)` \| `(\w+)` \| (.+?) \|", section(family), re.MULTILINE)
        assert shown == expected, family
    assert len(re.findall(r"^### ", OPERATIONS_PART, re.MULTILINE)) == len(FAMILIES)


def test_the_tests_that_are_named_exist() -> None:
    """And each family names at least one of its own."""
    here = Path(__file__).parent
    for family in FAMILIES:
        named = re.findall(r"`(test_\w+\.py)`", section(family).partition("|")[0])
        assert named, family
        assert [name for name in named if not (here / name).is_file()] == []


def test_the_browser_tests_that_are_named_exist() -> None:
    """Each one that the part about the page names is there."""
    part = PAGE.partition("\n## The page\n")[2].partition("\n## ")[0]
    here = Path(__file__).parents[1] / "browser"
    named = re.findall(r"`(test_\w+\.py)`", part)
    assert len(named) > 10
    assert [name for name in named if not (here / name).is_file()] == []


def test_every_path_of_the_control_interface_is_on_the_page() -> None:
    shown = re.sub(r"/(?:hanako|family)\b", "/{name}", PAGE)
    for _, path, _ in ROUTES:
        known = path.replace("{message_id}", "ID").replace("{name:path}", "NAME")
        known = known.replace("/sim/chat/{name}", "/sim/chat/NAME").replace(":path}", "}")
        assert known in shown, path


def test_the_samples_are_on_the_page() -> None:
    names = {name.partition("/")[0] for name in MAKERS}
    assert [name for name in names if name not in PAGE] == []


def commands() -> list[list[str]]:
    """Every curl command of the page, as words."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("curl ")]


FILES = {"world.json": lambda sim: sim.get("/sim/state").content}
"""What commands before wrote into files."""


def run(sim: httpx.Client, words: list[str]) -> httpx.Response:
    """Do what curl would do with these words."""
    options: dict[str, Any] = {}
    method = "GET"
    url = next(word for word in words if word.startswith("http://127.0.0.1:8080/"))
    for name, value in zip(words, [*words[1:], ""], strict=True):
        if name == "-d":
            options["content"], method = value.encode(), "POST"
        elif name == "--data-binary":
            options["content"] = FILES[value.removeprefix("@")](sim)
        elif name == "-X":
            method = value
    return sim.request(method, url.removeprefix("http://127.0.0.1:8080"), **options)


def test_the_curl_commands_work(bot: StubBot) -> None:
    """One after the other, as somebody would type them to `penniless sim`."""
    found = commands()
    assert len(found) > 15
    simulator = Simulator(webhook=bot.url, clock=MovableClock())
    with (
        serving(simulator) as url,
        httpx.Client(base_url=url, verify=False, trust_env=False, timeout=10) as sim,
    ):
        for words in found:
            answer = run(sim, words)
            assert answer.status_code < 300, (words, answer.text)
    assert bot.received
