"""One event loop in a thread of its own, started when the first `async` handler runs.

The core is synchronous; this is the only place that runs coroutines. One lasting loop, rather than
one per event, because asynchronous clients (of databases, of language models) are bound to the
loop they were made on.
"""

from __future__ import annotations

import asyncio
import threading
from functools import cache
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

_starting = threading.Lock()


def run(awaitable: Awaitable[Any]) -> Any:
    """Wait for an awaitable to its end and return its result, or raise what it raised."""
    return asyncio.run_coroutine_threadsafe(_contained(awaitable), _loop()).result()


async def _contained(awaitable: Awaitable[Any]) -> Any:
    try:
        return await awaitable
    except SystemExit as error:  # it would stop the loop, and every later handler would hang
        raise RuntimeError("an async handler tried to end the process") from error


def run_all(items: AsyncIterator[Any]) -> list[Any]:
    """Run an async generator to its end and return what it yielded."""

    async def collect() -> list[Any]:
        return [item async for item in items]

    found: list[Any] = run(collect())
    return found


def _loop() -> asyncio.AbstractEventLoop:
    with _starting:  # or two first events at once would start two
        return _started()


@cache
def _started() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="penniless-async", daemon=True).start()
    return loop
