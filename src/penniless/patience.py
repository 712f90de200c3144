"""How long LINE is tried: until when a failed call is repeated, and how long one may take.

Law of this module: times out of times. Nothing is sent here, and nobody waits.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.leased import Leased
    from penniless.services import Services

PATIENCE = 1_500
"""Milliseconds for repeats of a call while LINE waits for the webhook's answer."""

LAST_REPLY = 55_000
"""Milliseconds of a token's age after which a failed reply is not repeated."""

LATE_PUSH = 20_000
"""Milliseconds for repeats of a push that no webhook waits for; then it is left for later."""

LONGEST_CALL = 4.0
"""Seconds that one call to LINE may take. Asking again is safe, and the sooner the better: a token
that is refused while it is young tells that the answer has arrived."""

FIRST_WAIT = 0.2
LONGEST_WAIT = 4.0
"""Seconds between the repeats of a call; each wait is twice the one before."""


def longer(wait: float) -> float:
    """The wait in seconds after that one."""
    return min(wait * 2, LONGEST_WAIT)


class Patience:
    """The time that there is for the calls of one event; it begins when this is made."""

    def __init__(self, leased: Leased, services: Services) -> None:
        self._leased = leased
        self._services = services
        self._began = services.clock()

    def left(self, pushing_since: int | None = None) -> float:
        """Seconds in which a failed call may still be repeated.

        Of a push it is told since when (UTC ms) it is tried: no token runs out on it.
        """
        leased, now = self._leased, self._services.clock()
        until = self._began + PATIENCE
        if pushing_since is not None and leased.late:
            until = max(until, pushing_since + LATE_PUSH)
        if leased.late or leased.deferrable:
            until = max(until, leased.row.received_at + LAST_REPLY)
        if self._services.ends_at:
            until = min(until, self._services.ends_at - 500)
        return max((until - now) / 1000, 0.3)

    def timeout(self) -> float:
        """Seconds that one call may take: enough for a slow LINE, where nobody waits for us."""
        unhurried = self._leased.deferrable or self._leased.late
        seconds = max(self.left(), LONGEST_CALL if unhurried else 1.0)
        if self._services.ends_at:
            left = (self._services.ends_at - self._services.clock()) / 1000
            seconds = min(seconds, max(left - 0.3, 0.3))
        return min(seconds, LONGEST_CALL)
