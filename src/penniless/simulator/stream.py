"""News of the world for everyone who watches: server-sent events.

Law of this module: fan out, never wait. A watcher who falls too far behind is cut off and connects
again; its browser then says which event it saw last and gets what it missed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

REMEMBERED = 1_000
BEHIND = 10_000

News = tuple[int, str, Any]
"""Number, kind, value. The value is encoded when it is sent, in the state it has then."""


class Broadcaster:
    """`tell` is a listener of the world; `watch` is what one connection reads."""

    def __init__(self, *, behind: int = BEHIND) -> None:
        self._behind = behind
        self._number = 0
        self._recent: deque[News] = deque(maxlen=REMEMBERED)
        self._watchers: set[asyncio.Queue[News | None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def tell(self, kind: str, value: Any) -> None:
        """Pass news on; callable from any thread, also before a server runs."""
        loop = self._loop
        if loop is None or _runs_here(loop):
            self._pass_on(kind, value)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(self._pass_on, kind, value)

    def _pass_on(self, kind: str, value: Any) -> None:
        self._number += 1
        news = (self._number, kind, value)
        self._recent.append(news)
        for watcher in tuple(self._watchers):
            if watcher.qsize() >= self._behind:
                self._cut_off(watcher)
            else:
                watcher.put_nowait(news)

    def _cut_off(self, watcher: asyncio.Queue[News | None]) -> None:
        self._watchers.discard(watcher)
        watcher.put_nowait(None)

    def open(self) -> None:
        """The server starts, in this thread's event loop."""
        self._loop = asyncio.get_running_loop()
        self._closed = False

    def close(self) -> None:
        """End every watcher's stream, so that the server can stop."""
        self._closed = True
        for watcher in tuple(self._watchers):
            self._cut_off(watcher)

    async def watch(self, last_seen: int | None = None) -> AsyncIterator[News]:
        """News from now on, after whatever came since `last_seen`."""
        watcher: asyncio.Queue[News | None] = asyncio.Queue()
        for news in self._recent if last_seen is not None else ():
            if news[0] > (last_seen or 0):
                watcher.put_nowait(news)
        if self._closed:
            return
        self._watchers.add(watcher)
        try:
            while (news_or_end := await watcher.get()) is not None:
                yield news_or_end
        finally:
            self._watchers.discard(watcher)


def _runs_here(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
