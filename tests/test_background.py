"""The one event loop of a process, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

FIRST_AT_ONCE = """
import asyncio, threading
from penniless import background

gate = threading.Barrier(8)
loops = []

async def look():
    loops.append(asyncio.get_running_loop())

def go():
    gate.wait(10)
    background.run(look())

threads = [threading.Thread(target=go) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(10)
print(len(loops), len(set(loops)))
"""

AFTER_TROUBLE = """
import asyncio
from penniless import background

async def leave():
    raise SystemExit(1)

async def stay():
    return "still here"

async def count():
    yield "one"
    yield "two"

try:
    background.run(leave())
except RuntimeError as error:
    print(error)
print(background.run(stay()), background.run_all(count()))
"""


def output_of(program: str) -> str:
    """What a program prints; no warning, no complaint at its end."""
    ran = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_first_coroutines_at_once_share_one_loop() -> None:
    """Threads that all run the first coroutine of a process get the same loop."""
    assert output_of(FIRST_AT_ONCE) == "8 1\n"


def test_loop_outlives_a_coroutine_that_exits() -> None:
    """`sys.exit()` in a coroutine raises where its result is awaited, and the next one runs."""
    assert output_of(AFTER_TROUBLE) == (
        "an async handler tried to end the process\nstill here ['one', 'two']\n"
    )
