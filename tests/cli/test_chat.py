"""`penniless chat`: the conversation in a pipe and on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.live import ROOT, penniless

ECHO = str(ROOT / "examples" / "echo" / "app.py")
KITCHENSINK = str(ROOT / "examples" / "kitchensink" / "app.py")


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_pipe_prints_the_answers(end: str) -> None:
    """Lines from a pipe are sent one by one; only the bot's answers are printed; exit code 0."""
    done = penniless("chat", ECHO, typed=f"hello{end or chr(10)}สวัสดี 🍎{end}")

    assert (done.stdout, done.stderr, done.returncode) == ("hello\nสวัสดี 🍎\n", "", 0)


def test_nothing_to_say() -> None:
    """An empty pipe is a short conversation."""
    assert penniless("chat", ECHO).returncode == 0


def test_works_in_folders_with_spaces(tmp_path: Path) -> None:
    """Spaces and non-ASCII letters in the path are fine."""
    folder = tmp_path / "my bot ボット"
    folder.mkdir()
    (folder / "app.py").write_text(Path(ECHO).read_text(encoding="utf-8"), encoding="utf-8")

    assert penniless("chat", "my bot ボット/app.py", typed="hi\n", folder=tmp_path).stdout == "hi\n"


def test_failing_handler(tmp_path: Path) -> None:
    """A bot that fails is said on stderr, with its traceback, and ends in a non-zero code."""
    (tmp_path / "app.py").write_text(
        "from penniless import Bot\nbot = Bot()\n@bot.text\ndef f(ctx): return {}['gone']\n",
        encoding="utf-8",
    )

    done = penniless("chat", "app.py", typed="hello\n", folder=tmp_path)

    assert done.returncode == 1
    assert "penniless: the bot failed: KeyError" in done.stderr
    assert "KeyError: 'gone'" in done.stderr
    assert done.stdout == ""


def test_bot_that_dies(tmp_path: Path) -> None:
    """A bot whose process ends is said, and ends in a non-zero code."""
    (tmp_path / "app.py").write_text(
        "import os\nfrom penniless import Bot\nbot = Bot()\n@bot.text\ndef f(ctx): os._exit(9)\n",
        encoding="utf-8",
    )

    done = penniless("chat", "app.py", typed="hello\n", folder=tmp_path)

    assert done.returncode == 1
    assert "penniless: the webhook failed" in done.stderr


def test_another_person() -> None:
    """`--as` talks as somebody else, who is made if need be."""
    done = penniless("chat", KITCHENSINK, "--as", "花子", typed="profile\n")

    assert done.stdout == "You are 花子 (en).\n"


def test_terminal_shows_buttons_to_tap() -> None:
    """On a terminal the buttons are numbered, and a number taps one."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "penniless", "chat", KITCHENSINK],
        stdin=terminal,
        stdout=terminal,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    os.close(terminal)
    try:
        said = _until(controller, "alice> ")
        os.write(controller, b"confirm\n")
        said += _until(controller, "[2] No")
        os.write(controller, b"1\n")
        said += _until(controller, "postback: sure=yes")
        os.write(controller, b"\x04")
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.wait()
        os.close(controller)

    assert "[1] Yes" in said


def _until(terminal: int, wanted: str) -> str:
    """Read the terminal until it shows the text."""
    read = b""
    until = time.monotonic() + 20
    while wanted not in read.decode("utf-8", "replace"):
        assert time.monotonic() < until, read.decode("utf-8", "replace")
        read += os.read(terminal, 4096)
    return read.decode("utf-8", "replace")
