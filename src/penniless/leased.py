"""The row of an event while somebody works on it: written under a lease, until another has it.

Law of this module: it writes down what it is told, and knows until when that holds; it sends
nothing and decides nothing. A write that is refused means that another has taken the event over.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

import msgspec

from penniless.errors import CodeError
from penniless.patience import FIRST_WAIT
from penniless.ports import OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from penniless.ports import Row, Status
    from penniless.services import Services

SENDING = 6_000
"""Milliseconds beyond a claim's lease for an answer on its way: one call and one wait fit in.

It ends while a refused token still tells whether the reply has arrived (`delivery.SURE`).
"""


class TakenOver(Exception):
    """Another worker has this event now; this one stops without a word."""


class Interrupted(Exception):
    """Trouble that passes: the event stays open, for the next delivery or the next event."""


class Leased:
    """An event's row in the hands of whoever works on it. One thread at a time, by `guard`."""

    def __init__(self, row: Row, services: Services, *, doubt: bool, deferrable: bool) -> None:
        self.row = row
        self.doubt = doubt
        """Whether an earlier attempt may have replied."""
        self.deferrable = deferrable
        """Whether the webhook may be answered before the event."""
        self.late = False
        """Whether it was."""
        self.guard = Lock()
        self._services = services

    @property
    def key(self) -> str:
        """The key of the event: where its row stands in its conversation."""
        return f"{self.row.timestamp}#{self.row.event_id}"

    def write(self, status: Status, *, was: Sequence[Status] | None = None, way: str = "") -> bool:
        """Move the row on; False if the store is away. Raises TakenOver."""
        before = was or OPEN  # what is stored may be one step behind, after a write that failed
        self.row.status, self.row.way = status, way
        self.row.claimed_until = self._lease_end()
        stored = self._services.log.advance(self.row, was=before)
        if stored is False:
            raise TakenOver
        return stored is not None

    def _lease_end(self) -> int:
        """Long only where it must be: a lease that outlives the token leaves a doubt for ever."""
        now, row = self._services.clock(), self.row
        if row.status == "answered" and row.way.startswith("reply"):
            return self._services.lease_end(now + SENDING, long=False)
        in_time = self.deferrable and not self.late
        return self._services.lease_end(now, long=row.status != "claimed" or not in_time)

    def announce(self, status: Status, way: str) -> None:
        """Write down what is about to be sent, or leave it: nobody else would know. Twice tried.

        Where not even the claim could be stored nobody will ever take over, so it is sent. Raises
        TakenOver, and Interrupted if the store is away.
        """
        if self.write(status, way=way) or not self._services.log.knows(self.row):
            return
        self._services.sleep(FIRST_WAIT)
        if not self.write(status, way=way):
            self.row.way = ""
            raise Interrupted("the store is away")

    def defer(self) -> None:
        """Write down that the webhook is answered before the event. Raises TakenOver."""
        if self.row.status == "claimed":
            self.row.deferred = not self.doubt
            self.write("claimed", way=self.row.way)

    def renew(self) -> None:
        """Make the lease longer while work goes on. Raises TakenOver."""
        if self.row.status in OPEN:
            if self.late and self.row.status == "claimed":
                self.row.deferred = not self.doubt
            self.write(self.row.status, way=self.row.way)

    def keep(self, name: str, result: Any) -> Any:
        """Write down the result of a once-only step, and give it as it will be read again.

        Raises TakenOver, and CodeError for what is not JSON.
        """
        try:
            kept = msgspec.json.decode(msgspec.json.encode(result))
        except (TypeError, ValueError, RecursionError):
            raise CodeError(f"the result of ctx.once({name!r}) must be JSON") from None
        self.row.once = {**self.row.once, name: kept}
        self.write(self.row.status, way=self.row.way)
        return kept
