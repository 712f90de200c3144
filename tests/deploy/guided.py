"""`sam deploy --guided` on a terminal, answered as a page of the docs says, word for word."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.deploy import tools

SECONDS = 120
_ASKED = re.compile(r"^\s*(?P<question>\S.*?)(?P<default> \[[^\]]*\])?:(?: (?P<answer>\S.*))?$")


def script_in(page: Path) -> list[tuple[str, str]]:
    """The questions and answers in the page's block that begins with `Stack Name`."""
    text = page.read_text(encoding="utf-8")
    (block,) = re.findall(r"^```text\n(\s*Stack Name.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return list(_lines(block))


def _lines(block: str) -> Iterator[tuple[str, str]]:
    for line in block.splitlines():
        found = _ASKED.match(line)
        if found and not line.strip().startswith("#"):
            question = f"{found['question']}{found['default'] or ''}:"
            yield question, found["answer"] or ""


def deploy_guided(
    folder: Path, script: list[tuple[str, str]], environment: Mapping[str, str]
) -> tuple[int, str]:
    """Run it, answer each question of the script as it comes; the exit code and what it said.

    Fails if a question does not come, or is asked with another default than the script has.
    """
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [tools.sam(), "deploy", "--guided"],
        cwd=folder,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**environment, "COLUMNS": "160", "TERM": "dumb"},
        start_new_session=True,  # or it would ask the terminal of whoever runs the tests
    )
    os.close(terminal)
    said = ""
    try:
        for question, answer in script:
            said += _until(controller, question)
            if "[" not in question:
                _await_silence(controller)
            os.write(controller, f"{answer}\n".encode())
        said += _until(controller, None)
        return process.wait(timeout=SECONDS), said
    finally:
        process.kill()
        process.wait()
        os.close(controller)


def _await_silence(controller: int) -> None:
    """Wait until the terminal shows no more what is typed; what came before that would be lost."""
    until = time.monotonic() + SECONDS
    while termios.tcgetattr(controller)[3] & termios.ECHO:
        assert time.monotonic() < until, "a secret would have been shown"
        time.sleep(0.01)


def _until(controller: int, question: str | None) -> str:
    """What is printed until that question, or until the end."""
    said = ""
    until = time.monotonic() + SECONDS
    while question is None or question not in said:
        ready, _, _ = select.select([controller], [], [], until - time.monotonic())
        assert ready, f"waiting for {question!r}:\n{said}"
        try:
            piece = os.read(controller, 4096).decode(errors="replace")
        except OSError:  # the other end is closed
            assert question is None, f"it ended before it asked {question!r}:\n{said}"
            return said
        said = re.sub(r"\x1b\[[0-9;]*m", "", said + piece)
    return said
