"""A load on paper: what it needs, which limits it meets, what becomes of it, what to change.

Law of this module: it puts the parts together and decides only how long to simulate.
"""

from __future__ import annotations

import math

from msgspec import Struct

from penniless.cost.scale.advice import Change, changes, needed
from penniless.cost.scale.inputs import Account, Load, Profile
from penniless.cost.scale.limits import Hit, hits
from penniless.cost.scale.queueing import bucket_lasts
from penniless.cost.scale.ramp import Ramp, ramp
from penniless.cost.scale.simulation import simulate
from penniless.cost.scale.tally import Run

_MOST = 300_000
"""Webhooks in one simulation, so that it takes two seconds at most or so."""
_LEAST = 10.0
"""Seconds that are simulated in any case."""


class Paper(Struct, frozen=True, kw_only=True):
    """All that is said of one load.

    `busy` environments are busy on average (Little's law) and with `needed` less than one webhook
    in a thousand is refused. `limits` are in the order in which they are hit. A table that has
    rested bears the steady load for `lasts` seconds, and if that ends, `before` is what becomes of
    the load afterwards. `after` is the same with what `changes` say, and None without any.
    """

    load: Load
    profile: Profile
    account: Account
    busy: float
    needed: int
    limits: list[Hit]
    ramp: Ramp | None
    lasts: float
    changes: list[Change]
    before: Run
    after: Run | None


def paper(
    load: Load,
    profile: Profile | None = None,
    account: Account | None = None,
    *,
    seconds: float = 60.0,
    seed: int = 1,
) -> Paper:
    """Work out a load; `seconds` are simulated, or fewer where that would be long to wait for.

    As many environments are warm at first as the steady load needs. Raises SettingsError for
    numbers that cannot be.
    """
    profile, account = profile or Profile(), account or Account()
    seconds = min(seconds, _time_for(load, profile))
    found, (profile_then, account_then) = changes(load, profile, account)
    steady = needed(Load(per_second=load.per_second), profile)
    warm = min(steady, account.concurrency)
    after = None
    if found:
        after = simulate(load, profile_then, account_then, seconds=seconds, warm=steady, seed=seed)
    lasts = _lasts(load, profile, account)
    before = simulate(
        load, profile, account, seconds=seconds, warm=warm, rested=lasts == math.inf, seed=seed
    )
    return Paper(
        load=load,
        profile=profile,
        account=account,
        busy=profile.busy(load.per_second),
        needed=needed(load, profile),
        limits=hits(profile, account),
        ramp=ramp(load.burst, load.per_second, profile, account, warm) if load.burst else None,
        changes=found,
        lasts=lasts,
        before=before,
        after=after,
    )


def _lasts(load: Load, profile: Profile, account: Account) -> float:
    """Seconds for which a table that has rested bears the steady load."""
    table = account.table
    return min(
        bucket_lasts(units, units * table.kept_seconds, load.per_second * each)
        for units, each in ((table.writes, profile.writes), (table.reads, profile.reads))
    )


def _time_for(load: Load, profile: Profile) -> float:
    rate = profile.webhooks(load.per_second)
    in_burst = profile.webhooks(load.burst.messages) if load.burst else 0.0
    return max(_LEAST, (_MOST - in_burst) / rate) if rate else math.inf
