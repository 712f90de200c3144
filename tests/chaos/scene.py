"""A simulated LINE, a store, and bots in processes that can be killed, for one test.

Law of this module: it starts, drives and ends things; what is right is judged in `outside`.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from penniless.ports import Row, Store
from penniless.simulator import Simulator
from penniless.simulator.server import serving
from tests.chaos.bot import Plan
from tests.chaos.clock import SharedClock

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0


class Nursery:
    """The process that all bots of a test are forked from."""

    def __init__(self, log: Path) -> None:
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.nursery"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        self._lock = threading.Lock()

    def ask(self, what: str, value: Any) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(msgspec.json.encode({what: value}) + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        assert line, "the nursery has ended"
        found: int = json.loads(line)
        return found

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait(30)


class Scene:
    """What a test of the suite plays on. `plan` is what all its bots have in common."""

    def __init__(
        self, folder: Path, simulator: Simulator, clock: SharedClock, store: Store, plan: Plan
    ) -> None:
        self.folder = folder
        self.simulator = simulator
        self.clock = clock
        self.store = store
        self.plan = plan
        self.nursery = Nursery(folder / "bots.log")
        self.client = httpx.Client(base_url=plan.origin, timeout=PATIENCE, trust_env=False)
        self.bot = httpx.Client(
            base_url=f"http://127.0.0.1:{plan.port}", timeout=PATIENCE, trust_env=False
        )
        self.pid = 0

    # The bot

    def start(self, **changes: Any) -> int:
        """Start a bot in place of the one that ran; its process id."""
        plan = msgspec.structs.replace(self.plan, **changes)
        self.pid = self.nursery.ask("start", plan)
        return self.pid

    def kill(self) -> int:
        """Kill the bot if it still runs; how it ended (-9 is by that signal)."""
        return self.nursery.ask("kill", self.pid)

    def is_killed(self) -> bool:
        """Wait until the bot has finished what it began; true if it was killed meanwhile."""
        try:
            self.tell_bot("wait")
        except httpx.TransportError:
            self.nursery.ask("reap", self.pid)
            return True
        return False

    def tell_bot(self, what: str) -> Any:
        """`wait`, `recover` or `counters`."""
        answer = self.bot.get(f"/chaos/{what}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    # People

    def post(self, path: str, **body: Any) -> Any:
        answer = self.client.post(f"/sim/{path}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def add_person(self, name: str) -> None:
        self.post("people", name=name, quiet=True)

    def say(self, person: str, text: str, *, group: str = "") -> Any:
        """Somebody writes; the webhook as it ended."""
        where = {"in": group} if group else {}
        return self.post("message", **{"from": person, "text": text, **where})["webhook"]

    def settle(self) -> None:
        """Wait until no webhook is under way or due by now."""
        self.until(lambda: self.client.get("/sim/world").json()["pending"] == 0)

    @staticmethod
    def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "the awaited condition never came"
            time.sleep(0.02)

    # What is seen from the outside

    def entries(self, chat: str) -> list[dict[str, Any]]:
        answer = self.client.get(f"/sim/chat/{chat}")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["entries"]
        return found

    def rows(self, conversation: str) -> list[Row]:
        return list(self.store.rows(conversation, now=self.clock.now()))

    def ledger(self) -> list[str]:
        """What `ctx.once` did to the world, in its order."""
        file = self.folder / "ledger"
        return file.read_text().splitlines() if file.exists() else []

    def trace(self, file: str) -> list[str]:
        """The steps that a bot took."""
        found = self.folder / file
        return found.read_text().splitlines() if found.exists() else []

    def close(self) -> None:
        self.bot.close()
        self.client.close()
        self.nursery.close()


@contextmanager
def scene(
    folder: Path,
    store: Store,
    *,
    where: Mapping[str, Any],
    redelivery: Sequence[float] = (),
    quota: int | None = 200,
    **plan: Any,
) -> Iterator[Scene]:
    """A scene on that store, which the bots find by `where` (fields of `Plan`).

    `redelivery` is LINE's schedule; without one it is switched off.
    """
    clock = SharedClock(folder / "clock")
    simulator = Simulator(
        clock=clock,
        redelivery=bool(redelivery),
        redelivery_schedule=redelivery,
        quota=quota,
        rate_limits=False,
    )
    with serving(simulator) as url:
        port = free_port()
        simulator.set_webhook(f"http://127.0.0.1:{port}/callback")
        made = Plan(
            port=port,
            origin=url,
            secret=simulator.channel_secret,
            token=simulator.channel_access_token,
            clock=str(folder / "clock"),
            ledger=str(folder / "ledger"),
            **where,
            **plan,
        )
        found = Scene(folder, simulator, clock, store, made)
        try:
            yield found
        finally:
            found.close()
    clock.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
