"""A discrete simulation: webhooks come, find an environment or none, claim, answer and finish.

Law of this module: one event after the other, in order of time; what may be done is asked of
`capacity`, chance comes from `randomness`, and what is counted goes to `tally`.

A webhook that finds no environment, no room for a new one or no token is refused: LINE does not
wait, so it is lost unless redelivery is on. A webhook whose claim the table refuses is lost too,
and has kept its environment busy all the same. Nothing is tried again inside an invocation. With
`Account.queued` a webhook waits in a queue without end instead, first come, first served.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from math import nextafter

from penniless.cost.scale.capacity import Environments, Throughput
from penniless.cost.scale.inputs import Account, Load, Profile
from penniless.cost.scale.randomness import arrivals, conversations, durations, stream
from penniless.cost.scale.tally import Run, Tally
from penniless.errors import SettingsError

_CHUNK = 4096
_END, _BEGIN, _WAKE = range(3)
"""What an event is: an invocation ends, a cold one begins its work, the queue is looked at."""

Event = tuple[float, int, float, int, float, str]
"""When, what, when the webhook came, in which conversation, how long its work is, what refused."""


def simulate(
    load: Load,
    profile: Profile,
    account: Account,
    *,
    seconds: float = 60.0,
    warm: int = 0,
    rested: bool = True,
    seed: int = 1,
) -> Run:
    """Let so many seconds pass, and say what came of every webhook.

    `warm` environments are there and idle at first. A table that has `rested` has kept all that it
    can of its unused capacity; one that is always in use has kept none. The same seed brings the
    same webhooks with the same durations, whatever the account allows. Raises SettingsError for
    less than no time.
    """
    if not seconds > 0:
        raise SettingsError(f"The seconds to simulate have to be above 0, and are {seconds}.")
    warm = min(warm, account.at_most)
    throughput = Throughput(profile, account, rested=rested)
    world = _World(profile, account, throughput, seconds=seconds, warm=warm, seed=seed)
    for moment in arrivals(load, profile, seconds, stream(seed, "arrivals")):
        world.pass_time(moment)
        world.arrive(moment)
    return world.close()


class _World:
    """What is going on at one moment, and the events that are known to come."""

    def __init__(
        self,
        profile: Profile,
        account: Account,
        throughput: Throughput,
        *,
        seconds: float,
        warm: int,
        seed: int,
    ) -> None:
        self._seconds = seconds
        self._queued = account.queued
        self._environments = Environments(account, warm)
        self._throughput = throughput
        self._tally = Tally(seconds, account.patience, warm)
        self._warm = durations(profile.warm_seconds, profile.warm_cv, stream(seed, "warm"))
        self._cold = durations(profile.cold_seconds, profile.cold_cv, stream(seed, "cold"))
        self._draw = conversations(profile, stream(seed, "conversations"))
        self._drawn: list[int] = []
        self._events: list[Event] = []
        self._waiting: deque[tuple[float, float, int]] = deque()
        self._wakes = False

    def arrive(self, now: float) -> None:
        """A webhook comes: it is started, refused or put into the queue."""
        self._tally.arrives(now)
        if not self._drawn:
            self._drawn = self._draw(_CHUNK)
        who, work = self._drawn.pop(), self._warm()
        if not self._throughput.door(now):
            return self._tally.refused("gateway", now)
        if self._queued:
            self._waiting.append((now, work, who))
            return self._serve(now)
        if cause := self._environments.refuses(now):
            return self._tally.refused(cause, now)
        return self._start(now, now, work, who)

    def pass_time(self, until: float) -> None:
        """Let everything happen that ends by then."""
        events = self._events
        while events and events[0][0] <= until:
            now, what, came, who, work, cause = heappop(events)
            if what == _END:
                self._environments.free()
                self._finish(now, came, who, cause)
            elif what == _BEGIN:
                self._work(now, came, who, work)
            else:
                self._wakes = False
            if self._waiting:
                self._serve(now)

    def close(self) -> Run:
        """The end of the time; what has not ended before it is in flight."""
        self.pass_time(nextafter(self._seconds, 0))
        running = [came for _, what, came, *_ in self._events if what != _WAKE]
        waiting = [came for came, _, _ in self._waiting]
        return self._tally.close([*running, *waiting], self._environments)

    def _start(self, now: float, came: float, work: float, who: int) -> None:
        new = self._environments.take()
        self._tally.starts(now, came, self._environments, cold=new)
        if new and (begin := self._cold()):
            heappush(self._events, (now + begin, _BEGIN, came, who, work, ""))
        else:
            self._work(now, came, who, work)

    def _work(self, now: float, came: float, who: int, work: float) -> None:
        cause = self._throughput.claim(who, now)
        heappush(self._events, (now + work, _END, came, who, 0.0, cause))

    def _finish(self, now: float, came: float, who: int, cause: str) -> None:
        cause = cause or self._throughput.reply(now)
        if not cause and not self._throughput.finish(who, now):
            self._tally.left_open()
        self._tally.ends(now, came, cause)

    def _serve(self, now: float) -> None:
        """Start what waits, as far as there are environments; else come back when there may be."""
        while self._waiting:
            if self._environments.refuses(now):
                return self._wake_up(self._environments.ready(now))
            came, work, who = self._waiting.popleft()
            self._start(now, came, work, who)
        return None

    def _wake_up(self, at: float | None) -> None:
        if at is not None and not self._wakes:
            self._wakes = True
            heappush(self._events, (at, _WAKE, 0.0, 0, 0.0, ""))
