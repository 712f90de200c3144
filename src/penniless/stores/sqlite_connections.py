"""One connection a thread, none across a fork, and every one of them closed in the end.

A thread that ends takes its connection with it. A fork closes them all first, and parent and
child open new ones, because an SQLite connection that two processes share corrupts the file:
https://sqlite.org/howtocorrupt.html#_carrying_an_open_database_connection_across_a_fork_
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakSet

from penniless.errors import StoreUnavailable


class _Held:
    """A thread's connection. When the thread ends, nobody refers to this any more, and it closes.

    `busy` is held while the connection is in use: closing it under a running statement would crash.
    (A connection refers to itself through its cache of statements, so that alone, it would wait
    for the garbage collector.)
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.busy = threading.Lock()
        self.is_open = True

    def close(self) -> None:
        self.is_open = False
        self.connection.close()

    __del__ = close


class Connections:
    """The connections of one store, opened by `connect` when a thread first needs one."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._mine = threading.local()
        self._all: WeakSet[_Held] = WeakSet()
        self._closed = False
        with _opening:
            _every.add(self)

    @contextmanager
    def mine(self) -> Iterator[sqlite3.Connection]:
        """The calling thread's connection, which nobody closes meanwhile."""
        while True:
            held = self._of_this_thread()
            with held.busy:
                if held.is_open:  # else a fork closed it just now: open another
                    yield held.connection
                    return

    def close(self) -> None:
        """Close them for good, after what is running; later use raises StoreUnavailable."""
        with _opening:
            self._closed = True
            self.pause()

    def pause(self) -> None:
        """Close them, to be opened again. The caller holds `_opening`."""
        for held in list(self._all):
            with held.busy:
                held.close()

    def _of_this_thread(self) -> _Held:
        held: _Held | None = getattr(self._mine, "held", None)
        if held is None or not held.is_open:
            with _opening:
                if self._closed:
                    raise StoreUnavailable("the store is closed")
                held = _Held(self._connect())
                self._all.add(held)
            self._mine.held = held
        return held


_every: WeakSet[Connections] = WeakSet()
_opening = threading.Lock()
"""Held while a connection is opened or a fork goes on: so no fork meets an open connection."""


def _before_fork() -> None:
    _opening.acquire()
    for connections in list(_every):
        connections.pause()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_opening.release,
        after_in_child=_opening.release,
    )
