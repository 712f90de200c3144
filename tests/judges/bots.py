"""Bots that know no Penniless, each in a process of its own behind `penniless sim`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from penniless.line.signature import sign
from tests.cli.running import awaited, running, says
from tests.cli.test_sim import PAGE, free_port, listens

SECRETS = ("LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN")


@contextmanager
def started(command: Sequence[str], folder: Path, port: int, **settings: str) -> Iterator[None]:
    """The bot, listening; ended at the end."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **settings, "PORT": str(port)},
    )

    def ready() -> bool:
        assert process.poll() is None, f"the bot ended with {process.returncode}"
        return listens(port)

    try:
        awaited(ready)
        yield
    finally:
        process.kill()
        process.wait()


def echoes(command: Sequence[str], folder: Path) -> None:
    """The bot echoes texts, greets new friends by name and refuses a wrong signature."""
    port = free_port()
    webhook = f"http://127.0.0.1:{port}/callback"
    with running("sim", "--port", "0", "--webhook", webhook, folder=folder) as sim:
        url = sim.until(PAGE)
        secrets = {name: sim.until(rf"{name} +(\S+)") for name in SECRETS}
        with (
            started(command, folder, port, LINE_API_ORIGIN=url, **secrets),
            httpx.Client(trust_env=False) as client,
        ):
            outcome = says(url, "こんにちは 🍎")
            hanako = {"name": "hanako", "displayName": "花子"}
            follow = client.post(f"{url}/sim/people", json=hanako)
            chat = client.get(f"{url}/sim/chat/hanako?format=text").text
            wrong = {"x-line-signature": sign("another secret", b"{}")}
            forged = client.post(webhook, content=b"{}", headers=wrong)
        assert sim.interrupt() == 0

    assert outcome["webhook"]["status"] == 200
    assert [entry["text"] for entry in outcome["replies"]] == ["こんにちは 🍎"]
    assert follow.status_code == 201
    assert "Hello 花子" in chat
    assert forged.status_code in {400, 401}
