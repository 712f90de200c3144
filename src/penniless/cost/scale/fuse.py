"""The fuse: how long an attack runs until the alarm turns the function off, and what that costs.

Law of this module: time, invocations and GB-seconds by a closed form, and once more by letting
minutes pass; money only by prices that are given.

CloudWatch adds up the last five minutes once a minute, in a window that slides by default:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
A metric of Lambda is there a minute or so after its minute; nobody promises when, so the delay is
a range. Reserved concurrency 0 refuses everything, and what is refused is not billed.
"""

from __future__ import annotations

import math

from msgspec import Struct

from penniless.cost.scale.inputs import REQUESTS_PER_ENVIRONMENT
from penniless.cost.scale.randomness import stream
from penniless.errors import SettingsError

_MONTH = 30 * 24 * 3600
_LONGEST = 24 * 3600.0


class Fuse(Struct, frozen=True, kw_only=True):
    """The alarm: it trips when more than `threshold` invocations were in the last `period` seconds.

    It looks each `every` seconds: 60 for a sliding window, `period` for one on the clock.
    `data_delay` is the least and the most seconds until a minute's number is there, and
    `off_delay` those from the alarm until the function is off.
    """

    threshold: int = 10_000
    period: float = 300.0
    every: float = 60.0
    data_delay: tuple[float, float] = (60.0, 180.0)
    off_delay: tuple[float, float] = (1.0, 30.0)

    def __post_init__(self) -> None:
        if self.threshold < 1 or not 0 < self.every <= self.period:
            raise SettingsError("A fuse needs a threshold of 1 or more and looks at least once.")
        for low, high in (self.data_delay, self.off_delay):
            if not 0 <= low <= high:
                raise SettingsError(f"A delay goes from less to more, not from {low} to {high}.")


class Attack(Struct, frozen=True, kw_only=True):
    """Requests that nobody wants: `per_second`, or as many as `concurrency` lets through.

    A request with a wrong signature takes `seconds`, of which Lambda bills whole milliseconds.
    """

    per_second: float = math.inf
    concurrency: int = 1_000
    seconds: float = 0.005
    memory_mb: int = 256

    def __post_init__(self) -> None:
        if not (self.per_second > 0 and self.concurrency >= 1 and self.seconds > 0):
            raise SettingsError("An attack has requests, a concurrency and a duration above 0.")

    @property
    def rate(self) -> float:
        """Invocations per second that it gets: Little's law and the ten requests of each."""
        most = min(1 / self.seconds, REQUESTS_PER_ENVIRONMENT) * self.concurrency
        return min(self.per_second, most)

    @property
    def gb_seconds(self) -> float:
        """What one of its invocations is billed."""
        return math.ceil(self.seconds * 1000 - 1e-9) / 1000 * self.memory_mb / 1024


class Prices(Struct, frozen=True, kw_only=True):
    """Dollars for one request and for one GB-second; nothing is free any more in an attack."""

    request: float
    gb_second: float


class Blow(Struct, frozen=True):
    """What has been when the fuse has blown."""

    seconds: float
    invocations: float
    gb_seconds: float

    def cost(self, prices: Prices) -> float:
        """Dollars of Lambda alone; logs and data out come on top."""
        return self.invocations * prices.request + self.gb_seconds * prices.gb_second


class Blows(Struct, frozen=True, kw_only=True):
    """The luckiest, the usual and the unluckiest case."""

    least: Blow
    mean: Blow
    most: Blow


def trips(fuse: Fuse, attack: Attack) -> bool:
    """Whether the attack is seen at all: what stays below the threshold runs for ever."""
    return attack.rate * fuse.period > fuse.threshold


def blows(fuse: Fuse, attack: Attack) -> Blows | None:
    """How long the attack runs, by a closed form; None if it stays below the threshold.

    The invocation after the threshold comes after (N + 1) / rate seconds. The alarm looks at a
    moment that lies anywhere in the next `every` seconds, and the delays follow: T = (N + 1) / rate
    + U(0, every) + U(data) + U(off). It is exact while the period is well above (N + 1) / rate.
    """
    if not trips(fuse, attack):
        return None
    reached = (fuse.threshold + 1) / attack.rate
    low = reached + fuse.data_delay[0] + fuse.off_delay[0]
    high = reached + fuse.every + fuse.data_delay[1] + fuse.off_delay[1]
    return Blows(
        least=_blow(low, attack), mean=_blow((low + high) / 2, attack), most=_blow(high, attack)
    )


def simulate_blow(fuse: Fuse, attack: Attack, seed: int) -> Blow | None:
    """Let an attack of random requests begin at a random moment, and wait for the fuse.

    None if it has not blown after a day.
    """
    chance = stream(seed, "fuse")
    step, begin = fuse.every, chance.uniform(0, fuse.every)
    kept: list[int] = []
    windows = round(fuse.period / step)
    now, came, after = 0.0, 0, chance.expovariate(attack.rate)
    while now < _LONGEST:
        now = (len(kept) + 1) * step - begin
        count = 0
        while after <= now:
            count += 1
            after += chance.expovariate(attack.rate)
        kept.append(count)
        came += count
        if sum(kept[-windows:]) > fuse.threshold:
            end = now + chance.uniform(*fuse.data_delay) + chance.uniform(*fuse.off_delay)
            while after <= end:
                came += 1
                after += chance.expovariate(attack.rate)
            return Blow(end, came, came * attack.gb_seconds)
    return None


def unseen(fuse: Fuse, attack: Attack) -> Blow:
    """The most that can run in a month of 30 days without ever tripping the fuse."""
    invocations = fuse.threshold * _MONTH / fuse.period
    return Blow(_MONTH, invocations, invocations * attack.gb_seconds)


def _blow(seconds: float, attack: Attack) -> Blow:
    invocations = seconds * attack.rate
    return Blow(seconds, invocations, invocations * attack.gb_seconds)
