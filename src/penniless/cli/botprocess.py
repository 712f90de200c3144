"""The bot in a process of its own: started, replaced when its files change, ended.

A new process takes over only when it listens, so that no message falls between two versions. If it
cannot be loaded, the old one is ended too: an answer from code that is no longer there misleads.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from penniless.cli.child import FAILED
from penniless.errors import CodeError

START_SECONDS = 30
STOP_SECONDS = 5


class _Voice:
    """What the bot writes on stderr: held until it has started, then passed on as it comes."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._lock = threading.Lock()
        self._held: list[str] | None = []
        self.last = ""
        """The last line that was not empty."""

    def listen(self, process: subprocess.Popen[str]) -> None:
        """Read until the process ends."""
        if process.stderr is None:
            return
        with process.stderr as stream:
            for line in stream:
                self._hear(line)

    def _hear(self, line: str) -> None:
        with self._lock:
            self.last = line.strip() or self.last
            if self._held is None:
                self._say(line)
            else:
                self._held.append(line)

    def speak(self) -> None:
        """Pass on what was held, and hold no more."""
        with self._lock:
            held, self._held = self._held or [], None
            for line in held:
                self._say(line)


class BotProcess:
    """The process of one bot; use it in a `with`."""

    def __init__(
        self,
        target: str,
        *,
        store: Path,
        settings: dict[str, str],
        say: Callable[[str], object] = lambda line: print(line, end="", file=sys.stderr),
    ) -> None:
        self._target = target
        self._store = store
        self._environment = {
            **os.environ,
            **settings,
            "PYTHONUNBUFFERED": "1",
            "PYTHONIOENCODING": "utf-8",
        }
        self._say = say
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def __enter__(self) -> BotProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, announce: Callable[[str], object]) -> None:
        """Start the bot, or replace the one that runs.

        `announce` is told the new address before the old process is ended, so that no message
        falls between the two. Raises CodeError, with what the bot's process said, if it cannot be
        loaded.
        """
        port = _free_port()
        process, voice, reader = self._launch(port)
        try:
            _await_listener(process, port)
        except CodeError as error:
            _end(process)
            reader.join()
            self.stop()
            if process.returncode != FAILED:  # not a reason that was put in a sentence
                voice.speak()
            raise CodeError(voice.last or str(error)) from None
        voice.speak()
        old, old_reader = self._process, self._reader
        self._process, self._reader = process, reader
        announce(f"http://127.0.0.1:{port}/")
        _retire(old, old_reader)

    def _launch(self, port: int) -> tuple[subprocess.Popen[str], _Voice, threading.Thread]:
        command = [sys.executable, "-m", "penniless.cli.child", self._target, str(port)]
        process = subprocess.Popen(  # noqa: S603  # our own module, with the person's own path
            [*command, str(self._store)],
            env=self._environment,
            stdin=subprocess.PIPE,  # when it closes the bot knows that this process is gone
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C goes to this process, which ends the bot in order
        )
        voice = _Voice(self._say)
        reader = threading.Thread(target=voice.listen, args=(process,), daemon=True)
        reader.start()
        return process, voice, reader

    @property
    def exit_code(self) -> int | None:
        """None while it runs, or if none was started."""
        return None if self._process is None else self._process.poll()

    def stop(self) -> None:
        """End the bot; what it has begun may finish within a few seconds."""
        old, reader = self._process, self._reader
        self._process = self._reader = None
        _retire(old, reader)


def _retire(process: subprocess.Popen[str] | None, reader: threading.Thread | None) -> None:
    if process is None:
        return
    _end(process)
    if reader is not None:
        reader.join(timeout=STOP_SECONDS)


def _end(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _await_listener(process: subprocess.Popen[str], port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise CodeError("the bot ended before it listened")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise CodeError(f"the bot did not listen within {START_SECONDS} seconds")
