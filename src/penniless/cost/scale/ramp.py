"""How fast environments can come: what a jump in the traffic needs, and when that is there.

Law of this module: closed forms of Lambda's scaling rate and of a burst that fades; the
simulation knows nothing of them, and the tests hold the two against each other.

At most 1,000 new environments at once and 100 more each second, for each function:
https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html
"""

from __future__ import annotations

import math

from msgspec import Struct

from penniless.cost.scale.inputs import Account, Burst, Profile


class Ramp(Struct, frozen=True, kw_only=True):
    """A burst on top of a steady load, in environments.

    `needed` is the most that would be busy at once if none were refused, `at_once` what may be
    there in the first moment, and `seconds` how long there are too few: infinite if the
    concurrency is too low for the steady load already.
    """

    peak: float
    needed: float
    at_once: float
    seconds: float


def allowed(account: Account, seconds: float, *, warm: int = 0) -> float:
    """Environments that may be there so many seconds after a jump, `warm` having been there."""
    new = account.scaling + account.scaling / account.scaling_seconds * seconds
    return min(account.concurrency, warm + new)


def jump(profile: Profile, account: Account) -> float:
    """Messages per second that may come from one moment to the next where there were none.

    Until the first invocation ends, after T = cold + warm seconds, each webhook takes a new
    environment, so that scaling / T + scaling per second is what may come.
    """
    first = profile.cold_seconds + profile.warm_seconds
    rate = account.scaling / first + account.scaling / account.scaling_seconds
    return rate * profile.messages_per_webhook


def in_burst(burst: Burst, profile: Profile, seconds: float) -> float:
    """Environments that a burst alone keeps busy so many seconds after its start, all of them cold.

    M(t)/D/∞: the integral of the rate over the last T = cold + warm seconds.
    """
    stay = profile.cold_seconds + profile.warm_seconds
    since = max(0.0, seconds - stay)
    fading = math.exp(-since / burst.seconds) - math.exp(-seconds / burst.seconds)
    return profile.webhooks(burst.peak) * burst.seconds * fading


def ramp(burst: Burst, steady: float, profile: Profile, account: Account, warm: int) -> Ramp:
    """What a burst needs on top of `steady` messages a second, and for how long that is missing."""
    base = profile.busy(steady)
    stay = profile.cold_seconds + profile.warm_seconds
    return Ramp(
        peak=burst.peak + steady,
        needed=base + in_burst(burst, profile, stay),
        at_once=allowed(account, 0, warm=warm),
        seconds=_missing(burst, base, profile, account, warm),
    )


def _missing(burst: Burst, base: float, profile: Profile, account: Account, warm: int) -> float:
    if base > account.concurrency:
        return math.inf
    step, last = 0.05, 0.0
    end = burst.seconds * math.log(max(2.0, in_burst(burst, profile, 1e-3) * 1e3 + 1)) + 60
    for number in range(int(end / step)):
        now = number * step
        if base + in_burst(burst, profile, now) > allowed(account, now, warm=warm):
            last = now + step
    return last
