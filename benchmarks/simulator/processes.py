"""The processes of a measurement: the server that is measured, a bot, and people who write."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psutil

from benchmarks import environments, work

CANDIDATES = ("floor", "penniless sim")
ASK = b"GET /sim/world HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def command(candidate: str, port: int, bot: int) -> list[str]:
    """The candidate's own interpreter, and what it is to run."""
    if candidate == "floor":
        python = environments.python_of("simulator_floor")
        return [str(python), "-m", "benchmarks.simulator.floor", str(port), str(bot)]
    python = environments.python_of("simulator")
    webhook = f"http://127.0.0.1:{bot}/"
    return [str(python), "-m", "penniless", "sim", "--port", str(port), "--webhook", webhook]


@contextmanager
def running(*command: str, talks: bool = False) -> Iterator[subprocess.Popen[str]]:
    """A process; with `talks` its standard input and output are pipes."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
        stdout=subprocess.PIPE if talks else subprocess.DEVNULL,
        text=True,
        env=work.settings(""),
        cwd=work.ROOT,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def answered(port: int, process: subprocess.Popen[str], ask: bytes = ASK) -> None:
    """Wait until a server has answered a request."""
    until = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(ask)
                if connection.recv(65536):
                    return
        except OSError:
            time.sleep(0.001)
    sys.exit(f"{process.args} did not start")


def start_of(candidate: str) -> tuple[float, float]:
    """Seconds from the start of the process to its first answer, and of CPU until then."""
    port = free_port()
    began = time.perf_counter()
    with running(*command(candidate, port, free_port())) as process:
        answered(port, process)
        seconds = time.perf_counter() - began
        return seconds, cpu_of(process)


def cpu_of(process: subprocess.Popen[str]) -> float:
    """Seconds of CPU so far, those of its threads among them."""
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)


class Setting:
    """A candidate, its bot and its people; `measure` lets them talk."""

    def __init__(
        self, candidate: str, stack: ExitStack, *, people: int, events: int, replies: bool
    ) -> None:
        port, bot = free_port(), free_port()
        kind = ("reply", str(port)) if replies else ("silent", "0")
        self.bot = stack.enter_context(
            running(sys.executable, "-m", "benchmarks.simulator.echo", str(bot), *kind)
        )
        self.server = stack.enter_context(running(*command(candidate, port, bot)))
        answered(bot, self.bot, b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n")
        answered(port, self.server)
        asked = (str(port), str(people), str(events), str(events if replies else 0))
        crowd = (sys.executable, "-m", "benchmarks.simulator.people", *asked)
        self.people = stack.enter_context(running(*crowd, talks=True))

    def measure(self, webhooks: int) -> dict[str, float]:
        """One round: webhooks a second, those that failed, times in ms, CPU in us a webhook."""
        assert self.people.stdin is not None
        assert self.people.stdout is not None
        processes = {"server": self.server, "bot": self.bot, "people": self.people}
        before = {name: cpu_of(process) for name, process in processes.items()}
        print(webhooks, file=self.people.stdin, flush=True)
        answer = self.people.stdout.readline()
        if not answer:
            sys.exit("the people stopped: see above")
        found = json.loads(answer)
        used = {
            name: (cpu_of(process) - before[name]) * 1e6 / webhooks
            for name, process in processes.items()
        }
        times = sorted(found["milliseconds"])
        return {
            "rate": webhooks / found["seconds"],
            "failed": found["failed"],
            "p50": times[len(times) // 2],
            "p99": times[len(times) * 99 // 100],
            **used,
        }
