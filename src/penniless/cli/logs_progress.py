"""A bar on stderr for what takes longer than a moment; nothing where stderr is no terminal."""

from __future__ import annotations

from time import monotonic
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_MOMENT = 0.7
"""Seconds of work that nobody needs to be told about."""
_EVERY = 64
"""Lines between two looks at the clock."""


class Bar:
    """How many lines are done, and how many conversations of `total` where that is known.

    Use it in a `with`.
    """

    def __init__(
        self, total: int | None = None, *, hidden: bool = False, console: Console | None = None
    ) -> None:
        console = console or Console(stderr=True)
        of_all = (MofNCompleteColumn(), TextColumn("conversations")) if total else ()
        self._progress = Progress(
            TextColumn("{task.fields[lines]:>9,} lines"),
            BarColumn(),
            *of_all,
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=hidden or not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=total, lines=0)
        self._begun = monotonic()
        self._shown = False
        self.lines = 0

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            self._progress.stop()

    def add(self, lines: int) -> None:
        """More lines are written."""
        before, self.lines = self.lines, self.lines + lines
        if before // _EVERY != self.lines // _EVERY:
            self._update(0)

    def next(self) -> None:
        """A conversation is done."""
        self._update(1)

    def _update(self, conversations: int) -> None:
        self._progress.update(self._task, advance=conversations, lines=self.lines)
        if not self._shown and monotonic() - self._begun > _MOMENT:
            self._shown = True
            self._progress.start()
