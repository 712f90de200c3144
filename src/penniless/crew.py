"""Threads for events: as many as there is work for, kept for the next.

Law of this module: it knows functions, no events. The threads are daemons, because a handler that
takes minutes must not keep Ctrl-C waiting: its event is open, and is taken over.
"""

from __future__ import annotations

from queue import SimpleQueue
from threading import Condition, Event, Lock, Thread
from typing import Generic, TypeVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from penniless.work import Work

_T = TypeVar("_T")

MOST = 256
"""Threads at a time; what comes beyond waits its turn."""

TICKERS = 8
"""Works that are looked after side by side: a slow LINE must not cost the others their leases."""

TICK = 1.0
"""Seconds between two looks at the work that goes on."""


class _Outcome(Generic[_T]):
    """What a call returned or raised, in another thread."""

    def __init__(self, call: Callable[[], _T]) -> None:
        self._call = call
        self._ended = Event()
        self._returned: list[_T] = []
        self._raised: BaseException | None = None

    def run(self) -> None:
        try:
            self._returned.append(self._call())
        except BaseException as error:  # noqa: BLE001  # it is raised where somebody waits
            self._raised = error
        finally:
            self._ended.set()

    def result(self) -> _T:
        self._ended.wait()
        if self._raised is not None:
            raise self._raised
        return self._returned[0]


class Crew:
    """Runs functions in threads, the first come first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = Lock()
        self._threads = 0
        self._free = 0

    def start(self, job: Callable[[], None]) -> None:
        """Run a function that never raises, soon."""
        with self._lock:
            if self._free > 0:
                self._free -= 1
            elif self._threads < self._most:
                self._threads += 1
                Thread(target=self._work, args=(self._jobs,), name="penniless", daemon=True).start()
            self._jobs.put(job)

    def together(self, calls: Sequence[Callable[[], _T]]) -> list[_T]:
        """Make these calls side by side and wait for all; a single one is made here.

        Returns their results in order, or raises what the first of them raised.
        """
        if len(calls) < 2:
            return [call() for call in calls]
        outcomes: list[_Outcome[_T]] = [_Outcome(call) for call in calls]
        for outcome in outcomes:
            self.start(outcome.run)
        return [outcome.result() for outcome in outcomes]

    def close(self) -> None:
        """Let the threads end when they have nothing to do."""
        with self._lock:
            for _ in range(self._threads):
                self._jobs.put(None)
            self._threads = self._free = 0
            self._jobs = SimpleQueue()  # what comes now is not for threads that are about to end

    def _work(self, jobs: SimpleQueue[Callable[[], None] | None]) -> None:
        while (job := jobs.get()) is not None:
            job()
            with self._lock:
                if jobs is self._jobs:
                    self._free += 1


class Pacer:
    """Looks after work that goes on: a tick each second, in one thread, while there is any."""

    def __init__(self, tick: float = TICK) -> None:
        self._tick = tick
        self._crew = Crew(TICKERS)
        self._works: list[Work] = []
        self._changed = Condition()
        self._running = False

    def add(self, work: Work) -> None:
        """Look after this work until it is done; once more is no different."""
        with self._changed:
            if not any(one is work for one in self._works):
                self._works.append(work)
            if not self._running:
                self._running = True
                Thread(target=self._run, name="penniless-pacer", daemon=True).start()
            self._changed.notify()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until nothing goes on any more; False if the time is over before."""
        from time import monotonic

        until = None if seconds is None else monotonic() + seconds
        while going := [work for work in self._current() if not work.done.is_set()]:
            left = None if until is None else max(until - monotonic(), 0)
            if not going[0].done.wait(left):
                return False
        return True

    def tick(self) -> None:
        """Look after everything that goes on once, now; the thread does it each second."""
        self._crew.together([work.tick for work in self._current()])

    def _current(self) -> list[Work]:
        with self._changed:
            return list(self._works)

    def _run(self) -> None:
        while True:
            self.tick()
            with self._changed:
                self._works = [one for one in self._works if not one.done.is_set()]
                if not self._works:
                    self._running = False
                    return
                self._changed.wait(self._tick)
