"""How long LINE is tried: while the webhook waits, the token lives, and the function runs."""

from __future__ import annotations

import pytest

from penniless.leased import Leased
from penniless.patience import (
    FIRST_WAIT,
    LAST_REPLY,
    LATE_PUSH,
    LONGEST_CALL,
    LONGEST_WAIT,
    PATIENCE,
    Patience,
    longer,
)
from penniless.stores.memory import MemoryStore
from tests.fakes import Clock
from tests.scenes import services_on
from tests.stores.conformance import a_row

BEFORE = 100
"""Milliseconds between the delivery of the event and its first call."""
SINCE = 60_000
"""Milliseconds after its first call at which a push is begun."""


class Desk:
    """The patience of one event, with a clock that stands still."""

    def __init__(self, *, deferrable: bool = False, late: bool = False) -> None:
        self.clock = Clock()
        self.services = services_on(MemoryStore(), self.clock)
        row = a_row(received_at=self.clock.now - BEFORE)
        leased = Leased(row, self.services, doubt=False, deferrable=deferrable)
        leased.late = late
        self.patience = Patience(leased, self.services)


def test_while_the_webhook_waits() -> None:
    """A call is repeated for a second and a half, and the last one may take a second of its own."""
    desk = Desk()
    assert desk.patience.left() == desk.patience.timeout() == PATIENCE / 1_000
    desk.clock.later(1_000)
    assert desk.patience.left() == (PATIENCE - 1_000) / 1_000
    assert desk.patience.timeout() == 1.0


@pytest.mark.parametrize(("deferrable", "late"), [(True, False), (True, True), (False, True)])
def test_while_nobody_waits(deferrable: bool, late: bool) -> None:
    """A reply is repeated as long as its token surely lives, each call for four seconds at most."""
    desk = Desk(deferrable=deferrable, late=late)
    assert desk.patience.left() == (LAST_REPLY - BEFORE) / 1_000
    assert desk.patience.timeout() == LONGEST_CALL
    desk.clock.later(LAST_REPLY)
    assert desk.patience.left() == 0.3
    assert desk.patience.timeout() == LONGEST_CALL


@pytest.mark.parametrize(("late", "left"), [(True, LATE_PUSH / 1_000), (False, 0.3)])
def test_a_late_push_has_a_time_of_its_own(late: bool, left: float) -> None:
    """It is counted from the push on, as no token runs out; in the webhook's time there is none."""
    desk = Desk(late=late)
    desk.clock.later(SINCE)
    assert desk.patience.left(desk.clock.now) == left


def test_the_end_of_the_function_ends_all() -> None:
    """Repeats end half a second before it and calls a third, but each has a third at least."""
    desk = Desk(deferrable=True, late=True)
    desk.services.ends_at = desk.clock.now + 3_000
    assert desk.patience.left() == desk.patience.left(desk.clock.now) == 2.5
    assert desk.patience.timeout() == 2.7
    desk.clock.later(2_900)
    assert desk.patience.left() == desk.patience.timeout() == 0.3


def test_waits_double_up_to_the_longest() -> None:
    """0.2, 0.4, 0.8, 1.6, 3.2, and then 4 seconds each."""
    waits = [FIRST_WAIT]
    for _ in range(6):
        waits.append(longer(waits[-1]))
    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, LONGEST_WAIT, LONGEST_WAIT]
