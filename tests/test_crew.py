"""Threads for events, and the one that looks after what goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import cast

import pytest

from penniless.crew import Crew, Pacer
from penniless.work import Work

PATIENT = 10.0
"""Seconds in which what must happen in another thread has happened."""


class Gate:
    """Jobs that wait until they are let go, and how many of them have begun."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.ended = threading.Semaphore(0)
        self.open = threading.Event()

    def job(self) -> None:
        self.begun.release()
        assert self.open.wait(PATIENT)
        self.ended.release()

    def wait(self, which: threading.Semaphore, count: int) -> bool:
        return all(which.acquire(timeout=PATIENT) for _ in range(count))


def threads() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if one.name == "penniless"}


@pytest.fixture
def gate() -> Gate:
    return Gate()


def test_jobs_run_side_by_side(gate: Gate) -> None:
    """As many as there are, up to the crew's size."""
    crew = Crew(8)
    for _ in range(8):
        crew.start(gate.job)
    assert gate.wait(gate.begun, 8)
    gate.open.set()
    assert gate.wait(gate.ended, 8)
    crew.close()


def test_more_jobs_than_threads_wait_their_turn(gate: Gate) -> None:
    """None is lost, and no more run at a time than the crew has threads."""
    before = threads()
    crew = Crew(2)
    for _ in range(20):
        crew.start(gate.job)
    assert gate.wait(gate.begun, 2)
    assert not gate.begun.acquire(timeout=0.05)
    assert len(threads() - before) == 2
    gate.open.set()
    assert gate.wait(gate.ended, 20)
    crew.close()


def test_threads_are_kept_for_the_next_job() -> None:
    """A crew with nothing but quick jobs one after the other needs one thread."""
    before = threads()
    crew = Crew(8)
    for _ in range(50):
        done = threading.Event()
        crew.start(done.set)
        assert done.wait(PATIENT)
        wait_until(lambda: crew._free == 1)
    assert len(threads() - before) == 1
    crew.close()


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for a condition that another thread brings about."""
    tick = threading.Event()
    for _ in range(2_000):
        if holds():
            return
        tick.wait(0.005)
    pytest.fail("it never came true")


def test_closed_crew_ends_its_threads() -> None:
    """When they have nothing to do; jobs that are waiting are done first."""
    before = threads()
    crew = Crew(1)
    done = [threading.Event() for _ in range(3)]
    for one in done:
        crew.start(one.set)
    crew.close()
    assert all(one.wait(PATIENT) for one in done)
    wait_until(lambda: not threads() - before)


def test_crew_that_was_closed_starts_again(gate: Gate) -> None:
    """Even while a job from before the closing goes on: no job waits for a thread that ends."""
    crew = Crew(4)
    crew.start(gate.job)
    assert gate.wait(gate.begun, 1)
    crew.close()
    gate.open.set()
    assert gate.wait(gate.ended, 1)
    for _ in range(3):
        done = threading.Event()
        crew.start(done.set)
        assert done.wait(PATIENT)
    crew.close()


class Played:
    """What a pacer sees of work: it counts the ticks, and may be over after some."""

    def __init__(self, ends_after: int | None = None) -> None:
        self.done = threading.Event()
        self.ticks = 0
        self.ticked = threading.Semaphore(0)
        self._ends_after = ends_after

    def tick(self) -> None:
        self.ticks += 1
        self.ticked.release()
        if self.ticks == self._ends_after:
            self.done.set()


def work(played: Played) -> Work:
    return cast(Work, played)


def test_pacer_ticks_until_the_work_is_done() -> None:
    """At once, then time and again; afterwards never, and its thread ends."""
    pacer, played = Pacer(0.001), Played(ends_after=5)
    pacer.add(work(played))
    assert played.done.wait(PATIENT)
    wait_until(lambda: not pacer._running)
    assert (played.ticks, pacer._works) == (5, [])


def test_pacer_looks_after_each_work_once() -> None:
    """Adding it again, as at the deadline of a slow one, changes nothing."""
    pacer, played = Pacer(PATIENT), Played()
    for _ in range(3):
        pacer.add(work(played))
    assert len(pacer._works) == 1
    played.done.set()


def test_pacer_starts_again() -> None:
    """After it had nothing to do."""
    pacer = Pacer(0.001)
    for _ in range(3):
        played = Played(ends_after=1)
        pacer.add(work(played))
        assert played.done.wait(PATIENT)
        wait_until(lambda: not pacer._running)
        assert played.ticks == 1


def test_new_work_is_looked_after_at_once() -> None:
    """It does not wait for the next round of those before it."""
    pacer, first, second = Pacer(600.0), Played(), Played()
    pacer.add(work(first))
    assert first.ticked.acquire(timeout=PATIENT)
    pacer.add(work(second))
    assert second.ticked.acquire(timeout=PATIENT)
    first.done.set()
    second.done.set()


def test_waiting_for_what_goes_on() -> None:
    """False while something does and the time is over, True when nothing does any more."""
    pacer, played = Pacer(0.001), Played()
    assert pacer.wait(0)
    pacer.add(work(played))
    assert not pacer.wait(0)
    assert not pacer.wait(0.01)
    threading.Timer(0.01, played.done.set).start()
    assert pacer.wait(PATIENT)
    assert pacer.wait()
