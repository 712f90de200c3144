"""Answers that wait: which of them may go along with an event, and what becomes of each.

Law of this module: it writes the rows of earlier events, and sends nothing. An answer is tied to
the event whose reply is to carry it (`answered`, and the event's key as its way) before that is
sent, so that no two take it along; what became of the reply is then written down for each.
"""

from __future__ import annotations

from typing import NamedTuple

from penniless.delivery import DOUBTED, kind_of
from penniless.errors import StoreUnavailable
from penniless.leased import Interrupted
from penniless.lifecycle import HELD_FOR
from penniless.ports import OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from penniless.leased import Leased
    from penniless.ports import Json, Row, Status
    from penniless.services import Services


class Parcel(NamedTuple):
    """Messages of one row in a reply: an answer that was held, or the event's own."""

    row: Row
    messages: list[Json]


class Held:
    """The answers that may go in front of an event's own, oldest first."""

    def __init__(self, leased: Leased, services: Services) -> None:
        self.rows: list[Row] = []
        self.unsettled = False
        """Whether the end of one could not be written down: it is as the event is, then."""
        self._leased = leased
        self._services = services

    def can_go(self, *, doubt: bool) -> bool:
        """Whether there is one for the event's reply.

        A reply that may have been sent is repeated as it was: nothing is taken along anew then.
        """
        return any(not doubt or _is_tied(row) for row in self.rows)

    def tied(self) -> list[Parcel]:
        """What is tied to the event, with as many messages as it was tied for."""
        return [Parcel(row, row.waiting[: _count_in(row)]) for row in self.rows if _is_tied(row)]

    def take(self, room: int, *, whole: bool) -> list[Parcel]:
        """Tie as many to the event as there is room for, in messages; with `whole` none in part.

        Raises Interrupted if nobody can say whether one was tied.
        """
        parcels = []
        for row in list(self.rows):
            count = min(len(row.waiting), room)
            if count < 1 or (whole and count < len(row.waiting)):
                break
            if self._tie(row, count):
                parcels.append(Parcel(row, row.waiting[:count]))
                room -= count
        return parcels

    def _tie(self, row: Row, count: int) -> bool:
        """Tie a held answer to the event; False if another event was faster."""
        if _is_tied(row):
            return True  # an earlier attempt of this event took it
        row.status, row.way = "answered", f"{self._leased.key}#{count}"
        row.claimed_until = self._services.lease_end(self._services.clock(), long=True)
        tied = self._services.log.advance(row, was=("held",))
        if not tied:
            self._leave_out(row)
        if tied is None:  # it may be tied all the same, and would be taken for sent
            row.status, row.way = "held", ""
            if self._services.log.advance(row, was=("answered",)) is None:
                raise Interrupted("the store is away")
        return tied is True

    def arrived(self, parcels: Iterable[Parcel]) -> None:
        """These were sent: an answer is done, or held again for the rest of it."""
        for row, messages in parcels:
            row.replies = row.replies + messages
            row.waiting = row.waiting[len(messages) :]
            if row.waiting:
                self._end(row, "held", "replied in part, held")
                self.rows.insert(0, row)
            else:
                row.event = None
                self._end(row, "done", "replied later")

    def fail(self, rows: Iterable[Row], why: str, *, was: Status = "answered") -> None:
        """Give these up."""
        for row in rows:
            self._end(row, "failed", f"failed: {why}", was)

    def _end(self, row: Row, status: Status, outcome: str, was: Status = "answered") -> None:
        self._leave_out(row)
        row.status, row.outcome, row.way = status, outcome, ""
        row.answered_at = self._services.clock()
        if self._services.log.advance(row, was=(was,)) is None:
            self.unsettled = True

    def release(self, *, doubt: bool) -> None:
        """Give back what was tied and did not go; in doubt it may have gone, and fails.

        Raises TakenOver, and Interrupted if the store is away.
        """
        tied = [row for row in self.rows if _is_tied(row)]
        if tied:
            self._leased.renew()  # whoever has taken this event over has taken these along too
        if doubt:
            return self.fail(tied, DOUBTED)
        for row in tied:
            row.status, way, row.way = "held", row.way, ""
            if self._services.log.advance(row, was=("answered",)) is None:
                row.status, row.way = "answered", way
                raise Interrupted("the store is away")
        return None

    def _leave_out(self, row: Row) -> None:
        self.rows = [one for one in self.rows if one is not row]


def settled(row: Row, key: str, services: Services, event_type: str) -> bool:
    """Whether a held answer may go with the event of that key; ends those that never will.

    An answer that an earlier event took along is as that event is: gone if it was answered.
    """
    now = services.clock()
    if row.status == "answered":
        carrier, _, count = row.way.rpartition("#")
        if carrier == key:
            return True
        if row.claimed_until > now:
            return False
        return _resolved(row, carrier, int(count), services)
    nobody = kind_of(row.conversation, event_type) == "nobody"
    if not nobody and not _is_too_old(row, now):
        return True
    row.status = "failed"
    row.outcome = "failed: blocked or removed" if nobody else "failed: nobody wrote for a day"
    services.log.advance(row, was=("held",))
    return False


def _resolved(row: Row, carrier: str, count: int, services: Services) -> bool:
    """Bring an answer to its end that went, or did not, with an event that is over by now."""
    timestamp, _, event_id = carrier.partition("#")
    try:
        found = services.log.find(row.conversation, int(timestamp), event_id, services.clock())
    except StoreUnavailable:
        return False
    if found is not None and found.status in OPEN:
        return False  # it is taken over itself, and then knows
    if found is None or found.status == "failed":
        row.status, row.outcome = "failed", f"failed: {DOUBTED}"
    else:
        row.replies, row.waiting = row.replies + row.waiting[:count], row.waiting[count:]
        row.status, row.outcome = ("held" if row.waiting else "done"), "replied later"
    row.way = ""
    services.log.advance(row, was=("answered",))
    return row.status == "held"


def _is_tied(row: Row) -> bool:
    """Whether a held answer goes with an event that takes it along."""
    return row.status == "answered"


def _count_in(row: Row) -> int:
    """How many of its messages that event takes."""
    return int(row.way.rpartition("#")[2])


def _is_too_old(row: Row, now: int) -> bool:
    """Whether a held answer is no answer any more."""
    return now - row.timestamp > HELD_FOR and now - (row.answered_at or row.received_at) > HELD_FOR
