"""Answers that leave in one piece.

Law of this module: what is written in one turn of the event loop is handed to the network at once.
A server writes the head of an answer and then its body: each of the two is a packet of its own,
wakes the caller, and costs as much as all of the simulator's own work for the answer.
"""

from __future__ import annotations

import asyncio
from typing import Any


class Gathering:
    """An asyncio transport whose writes wait for the end of the turn; else it is the given one."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._held: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._held:
            self._loop.call_soon(self._hand_over)
        self._held.append(data)

    def close(self) -> None:
        """Close when everything has left."""
        self._hand_over()
        self._transport.close()

    def abort(self) -> None:
        """Close at once; what waits is not sent."""
        self._held.clear()
        self._transport.abort()

    def _hand_over(self) -> None:
        data = b"".join(self._held)
        self._held.clear()
        if data:
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
