"""Every command answers bad input with one sentence on stderr and a non-zero exit code."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from tests.live import ROOT, penniless

ECHO = str(ROOT / "examples" / "echo" / "app.py")


@pytest.mark.parametrize("command", ["dev", "chat", "serve"])
@pytest.mark.parametrize(
    ("target", "text", "sentence"),
    [
        ("nowhere.py", None, "there is no file nowhere.py"),
        ("app.py", "x = 1\n", "app.py has no bot"),
        ("app.py", "def f(:\n", "syntax error in app.py, line 1"),
    ],
)
def test_bad_bots(
    command: str, target: str, text: str | None, sentence: str, tmp_path: Path
) -> None:
    """A wrong path, a file without a bot, a syntax error: one sentence, no traceback."""
    if text is not None:
        (tmp_path / target).write_text(text, encoding="utf-8")

    done = penniless(command, target, folder=tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith(f"penniless: {sentence}")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["dev", "sim", "serve"])
def test_port_in_use(command: str) -> None:
    """A port that was asked for and is taken is named; nothing is left running."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        arguments = ["--port", port] if command == "sim" else [ECHO, "--port", port]

        done = penniless(
            command,
            *arguments,
            settings={"LINE_CHANNEL_SECRET": "s", "LINE_CHANNEL_ACCESS_TOKEN": "t"},
        )

    assert done.returncode == 1
    assert port in done.stderr
    assert "ddress already in use" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["dev", "chat", "sim", "serve"])
def test_unreadable_dotenv(command: str, tmp_path: Path) -> None:
    """A .env that cannot be read is said, not passed over."""
    (tmp_path / ".env").mkdir()
    (tmp_path / "app.py").write_text("from penniless import Bot\nbot = Bot()\n", encoding="utf-8")

    done = penniless(command, *([] if command == "sim" else ["app.py"]), folder=tmp_path)

    assert done.returncode == 1
    assert done.stderr == "penniless: .env cannot be read: Is a directory\n"


def test_missing_setting() -> None:
    """`serve` without a channel secret says where to find it."""
    done = penniless("serve", ECHO)

    assert done.returncode == 1
    assert "LINE_CHANNEL_SECRET is not set" in done.stderr
    assert "https://developers.line.biz/console/" in done.stderr


@pytest.mark.parametrize(
    "address", ["localhost:3000", "http://", "http:///callback", "http://localhost:99999/"]
)
def test_bad_webhook_address(address: str) -> None:
    """`sim --webhook` wants a URL with a host, and a port that there is."""
    done = penniless("sim", "--webhook", address)

    assert done.returncode == 1
    assert "--webhook takes a URL such as" in done.stderr


def test_unusable_store(tmp_path: Path) -> None:
    """A store that is no database is said before anything starts."""
    (tmp_path / "log.sqlite3").write_text("this is no database, but long enough to be read" * 9)

    done = penniless("dev", ECHO, "--store", str(tmp_path / "log.sqlite3"))

    assert done.returncode == 1
    assert "log.sqlite3" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["", "dev", "chat", "sim", "serve"])
def test_help_has_an_example(command: str) -> None:
    """Help is there for every command, and shows one to copy."""
    done = penniless(*([command] if command else []), "--help")

    assert done.returncode == 0
    assert not command or re.search(rf"penniless {command} ", done.stdout)


def test_unknown_command() -> None:
    """A wrong word is a usage error, exit code 2."""
    assert penniless("deploi").returncode == 2
