"""The steps of a bot's work, counted; at one of them its process is killed.

Law of this module: a step is the moment after an operation on the store, at LINE or on the world,
and the moment before the first of them: what the bot does between two operations nobody but itself
can see. A kill is SIGKILL: no handler, no `finally`, no buffer that is still flushed.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

_T = TypeVar("_T")

_STORE = frozenset({
    "claim", "advance", "desk", "overdue", "spend", "spent", "append", "unsend", "read_state",
    "write_state",
})  # fmt: skip
_LINE = frozenset({
    "reply", "push", "profile", "start_loading", "group_members_count", "left_this_month",
})  # fmt: skip


class Steps:
    """Counts the steps from 1 on, writes each into the file `trace`, and kills at `kill_at`."""

    def __init__(self, trace: Path | None, kill_at: int | None) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._trace = None if trace is None else os.open(trace, flags, 0o600)
        self._kill_at = kill_at
        self._count = 0
        self._lock = threading.Lock()

    def run(self, name: str, call: Callable[[], _T]) -> _T:
        """One operation, with the step after it, and before it if it is the first."""
        if not self._count:
            self._reach(f"before {name}")
        try:
            return call()
        finally:
            self._reach(f"after {name}")

    def _reach(self, what: str) -> None:
        with self._lock:
            self._count += 1
            if self._trace is not None:
                os.write(self._trace, f"{self._count} {what}\n".encode())
            if self._count == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()  # until the signal is there

    def around_store(self, store: Any) -> Any:
        """The store, each of its operations a step."""
        return _Around(store, self, _STORE)

    def around_requests(self, store: Any) -> Any:
        """A DynamoDB store, each of its requests a step: one operation may be several."""
        table = store._table
        table._calls = _Around(table._calls, self, frozenset({"send"}), by_argument=True)
        return store

    def around_line(self, line: Any) -> Any:
        """LINE's client, each of its calls a step."""
        return _Around(line, self, _LINE)


class _Around:
    """An object whose operations are steps; everything else is the object's own."""

    def __init__(
        self, inner: Any, steps: Steps, operations: frozenset[str], *, by_argument: bool = False
    ) -> None:
        self._inner = inner
        self._steps = steps
        self._operations = operations
        self._by_argument = by_argument

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name == "within":
            return lambda seconds: _Around(found(seconds), self._steps, self._operations)
        if name not in self._operations:
            return found

        def operation(*arguments: Any, **options: Any) -> Any:
            called = str(arguments[0]) if self._by_argument else name
            return self._steps.run(called, lambda: found(*arguments, **options))

        return operation
