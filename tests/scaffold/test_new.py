"""`penniless new`: asks on a terminal, asks nothing without one, answers bad input."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.live import penniless

NO_REGION = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}


def test_asks_nothing_without_a_terminal(tmp_path: Path) -> None:
    """One word is enough; the rest has defaults, and what comes next is printed."""
    done = penniless("new", "mybot", folder=tmp_path, settings=NO_REGION)

    assert (done.returncode, done.stderr) == (0, "")
    assert "penniless dev mybot" in done.stdout
    assert "cd mybot && sam build && sam deploy --guided" in done.stdout
    template = (tmp_path / "mybot" / "template.yaml").read_text()
    assert "AuthType: NONE" in template
    assert 'region = "ap-northeast-1"' in (tmp_path / "mybot" / "samconfig.toml").read_text()


def test_options(tmp_path: Path) -> None:
    """Name, door and Region can be given; the Region also as AWS's tools read it."""
    done = penniless(
        *("new", "茶 bot", "--name", "tea", "--door", "rest", "--yes"),
        folder=tmp_path,
        settings={"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-1"},
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "penniless dev '茶 bot'" in done.stdout
    assert "AWS::Serverless::Api\n" in (tmp_path / "茶 bot" / "template.yaml").read_text()
    configuration = (tmp_path / "茶 bot" / "samconfig.toml").read_text()
    assert 'stack_name = "tea"' in configuration
    assert 'region = "eu-west-1"' in configuration


def test_here(tmp_path: Path) -> None:
    """`penniless new .` fills the empty folder that one stands in and takes its name."""
    (tmp_path / "teashop").mkdir()

    done = penniless("new", ".", folder=tmp_path / "teashop", settings=NO_REGION)

    assert done.returncode == 0
    assert 'stack_name = "teashop"' in (tmp_path / "teashop" / "samconfig.toml").read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("my bot",), "'my bot' cannot be the name of a stack, which has letters"),
        (("ボット",), "'ボット' cannot be the name of a stack, which has letters"),
        (("bot", "--name", "aws-bot"), "'aws-bot' cannot be the name: its secrets would"),
        (("bot", "--door", "window"), "there is no door 'window'; the doors are url, http, rest"),
        (("bot", "--region", "tokyo"), "'tokyo' is not an AWS Region"),
        (("full",), "full is not empty, and nothing is overwritten"),
    ],
)
def test_bad_input(arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    """One sentence on stderr, exit code 1, nothing written."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes").write_text("mine")

    done = penniless("new", *arguments, folder=tmp_path, settings=NO_REGION)

    assert done.returncode == 1
    assert done.stderr.startswith(f"penniless: {sentence}")
    assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["full", "notes"]


def test_note_on_regions_without_function_urls(tmp_path: Path) -> None:
    """The project is written, and what to think about stands on stderr."""
    done = penniless("new", "mybot", "--region", "ap-southeast-7", folder=tmp_path)

    assert done.returncode == 0
    assert "note: AWS had no Function URLs in ap-southeast-7" in done.stderr


def test_terminal_asks(tmp_path: Path) -> None:
    """On a terminal each answer is checked and asked for again; Enter takes the default."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "penniless", "new", "my bot"],
        stdin=terminal,
        stdout=terminal,
        stderr=subprocess.STDOUT,
        cwd=tmp_path,
        env={**os.environ, **NO_REGION, "PYTHONUTF8": "1", "NO_COLOR": "1"},
    )
    os.close(terminal)
    try:
        _until(controller, "Name on AWS (my-bot) ")
        os.write(controller, "茶\n".encode())
        _until(controller, "cannot be the name of a stack")
        os.write(controller, b"\n")
        assert "which is free" in _until(controller, "Door (url) ")
        os.write(controller, b"http\n")
        _until(controller, "AWS Region (ap-northeast-1) ")
        os.write(controller, b"us-east-1\n")
        _until(controller, "sam deploy --guided")
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(controller)
    configuration = (tmp_path / "my bot" / "samconfig.toml").read_text()
    assert 'stack_name = "my-bot"' in configuration
    assert 'region = "us-east-1"' in configuration
    assert "AWS::Serverless::HttpApi\n" in (tmp_path / "my bot" / "template.yaml").read_text()


def _until(controller: int, text: str) -> str:
    """Read from the terminal until that text comes; returns what was read, without colours."""
    said = ""
    until = time.monotonic() + 30
    while text not in said:
        ready, _, _ = select.select([controller], [], [], until - time.monotonic())
        assert ready, said
        said = re.sub(
            r"\x1b\[[0-9;]*m", "", said + os.read(controller, 4096).decode(errors="replace")
        )
    return said
