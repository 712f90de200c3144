"""The life of an event: what each status of a row means, and every way from one to another.

Law of this module: tables, and the questions that are asked of a row. `docs/delivery.md` is drawn
from the tables, the stores enforce them (every transition is one conditional write) and
`penniless.work` walks them.
"""

from __future__ import annotations

from typing import NamedTuple

from penniless.ports import OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.ports import Row, Status

FINAL: tuple[Status, ...] = ("done", "failed")
"""The statuses of an event that nobody works on, and whose answer does not wait."""

LEASE = 4_000
"""Milliseconds that a claim lasts. A webhook is answered long before; who goes on renews it.

Short, because a redelivery that meets a live lease is the last one: it is answered 200. LINE gives
up on a webhook after two seconds, so none can come sooner.
"""

LONG_LEASE = 60_000
"""Milliseconds of the lease of whoever goes on after the webhook was answered, or must not."""

RENEW_EVERY = 20_000
"""Milliseconds between two renewals of the long lease."""

ATTEMPTS = 3
"""How often an event is claimed before it fails."""

HELD_FOR = 86_400_000
"""Milliseconds after which a held answer is no answer any more."""


class Meaning(NamedTuple):
    """A status, what it says, and what another delivery of the event is told meanwhile."""

    status: Status
    meaning: str
    again: str


MEANINGS = (
    Meaning("claimed", "somebody works on the event, until the end of the lease", "200"),
    Meaning("answered", "the answer is ready and on its way to LINE, under a lease too", "200"),
    Meaning("held", "the answer, or the rest of it, waits for the next event that can carry it",
            "200"),
    Meaning("done", "dealt with: answered, or there was nothing to answer", "200"),
    Meaning("failed", "given up; `penniless logs --failed` shows why", "200"),
)  # fmt: skip
"""A claim or answer whose lease is over is taken over instead: the event is handled again."""


class Transition(NamedTuple):
    """One conditional write; `None` is an event of which nothing is stored."""

    source: Status | None
    target: Status
    when: str


TRANSITIONS = (
    Transition(None, "claimed", "the event comes in for the first time"),
    Transition("claimed", "claimed", "the lease is over and another takes over, or it is renewed"),
    Transition("claimed", "done", "there was no answer, or it was sent in the webhook's own time"),
    Transition("claimed", "answered", "the answer is ready, and about to be sent"),
    Transition("claimed", "held", "the answer has no free way now"),
    Transition("claimed", "failed", "the handler raised, LINE refused, or the attempts are used"),
    Transition("answered", "answered", "the lease is over and another takes over"),
    Transition("answered", "done", "LINE took the answer"),
    Transition("answered", "held", "it surely did not arrive, or only the beginning did"),
    Transition("answered", "failed", "LINE refused it, or nobody can say whether it arrived"),
    Transition("held", "answered", "a later event of the conversation takes the answer with it"),
    Transition("held", "failed", "nobody wrote for a day, or the person blocked the bot"),
    Transition("failed", "claimed", "`penniless logs retry`"),
)


def is_taken_along(row: Row) -> bool:
    """Whether this is a held answer that goes with a later event's reply: its way is a key."""
    return row.status == "answered" and "#" in row.way


def waits(row: Row) -> bool:
    """Whether the answer is held, or was taken along and is not final yet."""
    return row.status == "held" or is_taken_along(row)


def is_overdue(row: Row, now: int) -> bool:
    """Whether whoever works on the event has let the lease run out."""
    return row.status in OPEN and row.claimed_until <= now
