"""The pytest plugin: fixtures, options, and the conversation in the report of a test that failed.

Law of this module: pytest's side only. Everything else is imported by the first test that uses a
fixture of ours, because pytest loads this for whoever has Penniless installed.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.bot import Bot
    from penniless.testing.chat import Chat
    from penniless.testing.clock import Clock
    from penniless.testing.line import Line
    from penniless.testing.people import Person

_LINE = pytest.StashKey["Line"]()
_WRITTEN = pytest.StashKey[list[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-conversations",
        action="store_true",
        help="write the files of conversations (penniless) anew",
    )
    parser.addini("penniless_app", "the bot under test: app.py, or shop.py:bot", default="")
    parser.addini("penniless_webhook", "the address of a bot that runs by itself", default="")
    parser.addini("penniless_port", "the port of the simulated LINE for such a bot", default="")


@pytest.fixture
def clock() -> Clock:
    """The time of LINE, of the people and of the bot; it moves with `clock.advance("61s")`."""
    from penniless.testing.clock import Clock

    return Clock()


@pytest.fixture
def bot(request: pytest.FixtureRequest) -> Bot:
    """The bot under test; write a fixture of this name to test another."""
    from penniless.errors import CodeError
    from penniless.testing.app import bot_for

    wanted = str(request.config.getini("penniless_app"))
    try:
        return bot_for(request.path, request.config.rootpath, wanted)
    except CodeError as error:
        sentence = str(error)
    pytest.fail(sentence, pytrace=False)


@pytest.fixture
def line(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Line]:
    """The simulated LINE: people, groups, faults, quota."""
    from penniless.testing.line import Line
    from penniless.testing.snapshots import Snapshots

    config = request.config
    snapshots = Snapshots(
        request.path,
        _name_of(request.node),
        update=config.getoption("--update-conversations"),
        may_write=os.environ.get("CI", "").lower() in ("", "0", "false"),
    )
    made = Line(
        clock,
        lambda: request.getfixturevalue("bot"),
        snapshots,
        webhook=str(config.getini("penniless_webhook")),
        port=_port(str(config.getini("penniless_port"))),
    )
    request.node.stash[_LINE] = made
    yield made
    config.stash.setdefault(_WRITTEN, []).extend(snapshots.written)
    made.close()


def _name_of(test: pytest.Item) -> str:
    """The name of a test in its file, behind that of its class: two classes may share names."""
    classes = [one.name for one in test.listchain() if isinstance(one, pytest.Class)]
    return ".".join([*classes, test.name])


def _port(asked: str) -> int:
    """The port in the configuration; 0, for any that is free, where there is none."""
    if not asked:
        return 0
    if not asked.isdecimal() or not 1 <= int(asked) <= 65535:
        pytest.fail(f"penniless_port must be a port from 1 to 65535, not {asked!r}", pytrace=False)
    return int(asked)


@pytest.fixture
def alice(line: Line) -> Person:
    """Alice, a friend of the bot."""
    return line.person("alice")


@pytest.fixture
def bob(line: Line) -> Person:
    """Bob, a friend of the bot."""
    return line.person("bob")


@pytest.fixture
def conversation(line: Line) -> Chat:
    """Everything that is said in the test."""
    return line.conversation


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    made = item.stash.get(_LINE, None)
    if made is not None and report.failed:
        report.sections.append(("conversation", made.report()))
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for path in config.stash.get(_WRITTEN, []):
        terminalreporter.write_line(f"conversation written: {os.path.relpath(path)}")
