"""Commands that run until they are interrupted, for the tests of `dev`, `sim` and `serve`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

SECONDS = 30


class Command:
    """A running command and what it has printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self.said += line

    def until(self, pattern: str) -> str:
        """Wait until it has printed that; returns the first group."""

        def question() -> re.Match[str] | None:
            ended = self.process.poll() is not None
            found = re.search(pattern, self.said)
            assert found or not ended, f"it ended: {self.said}"
            return found

        found = awaited(question, lambda: self.said)
        return str(found[1]) if found.re.groups else str(found[0])

    def interrupt(self, number: int = signal.SIGINT) -> int:
        """What Ctrl-C does; returns the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=SECONDS)
        self._reader.join(timeout=SECONDS)
        return code


def awaited(question: Callable[[], Any], state: Callable[[], object] = lambda: "") -> Any:
    """Ask until the answer is true, for a bounded time; returns the answer."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        found = question()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"it did not come true: {state()}")


@contextmanager
def running(*arguments: str, folder: Path, **settings: str) -> Iterator[Command]:
    """`penniless …`, ended with its test."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("LINE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "penniless", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**clean, "PYTHONUTF8": "1", "COLUMNS": "300", **settings},
        start_new_session=True,
    )
    command = Command(process)
    try:
        yield command
    finally:
        process.kill()
        process.wait()


def says(url: str, text: str) -> dict[str, Any]:
    """Alice says something on that simulator; returns the outcome."""
    answer = httpx.post(
        f"{url}/sim/message", json={"from": "alice", "text": text}, timeout=SECONDS, trust_env=False
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
