"""What to change so that a load goes through, and the account as it is then.

Law of this module: one change for one limit that is in the way; what no change helps against is
said as well. It never promises less than the limits of LINE.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from penniless.cost.scale.inputs import Account, Load, Profile, Table
from penniless.cost.scale.limits import ACCEPTED, Hit, hits
from penniless.cost.scale.queueing import servers_for
from penniless.cost.scale.ramp import in_burst

_ROOM = 1.25
"""How much more than needed is asked for."""
_FULL = 0.95
"""How much of what LINE takes is used by the workers of a queue."""

Changed = tuple[Profile, Account]
Step = Callable[[Load, Profile, Account], Changed]


class Change(Struct, frozen=True, kw_only=True):
    """One thing to do about one limit; `helps` is false where the load stays above it."""

    limit: str
    per_second: float
    sentence: str
    helps: bool


def needed(load: Load, profile: Profile) -> int:
    """Environments with which less than one webhook in a thousand is refused, burst included."""
    busy = profile.busy(load.per_second)
    if load.burst:
        busy += in_burst(load.burst, profile, profile.cold_seconds + profile.warm_seconds)
    return servers_for(busy, ACCEPTED) if busy else 0


def changes(load: Load, profile: Profile, account: Account) -> tuple[list[Change], Changed]:
    """What to change for that load, in the order in which it is needed, and what is then.

    A burst of more than LINE takes replies for waits in a queue, whose workers are so few that
    they do not exceed that; everything behind the queue then has to bear their rate alone.
    """
    paced = load.burst is not None and load.per_second < account.replies < load.peak
    inside = Load(per_second=account.replies * _FULL) if paced else load
    found, then = [], (profile, account)
    for hit in hits(profile, account):
        behind = load if hit.name in _BEFORE_THE_QUEUE else inside
        if hit.name not in _STEPS or not in_the_way(hit.name, hit.per_second, behind):
            continue
        step = _pace if hit.name == "replies" and paced else _STEPS[hit.name]
        then = step(behind, *then)
        found.append(_change(hit, helps=step is not _nothing))
    return found, then


def in_the_way(name: str, per_second: float, load: Load) -> bool:
    """Whether a load meets a limit: of a jump what comes at once counts, else all that comes."""
    coming = (load.burst.peak if load.burst else 0.0) if name == "scaling" else load.peak
    return coming > per_second


def _change(hit: Hit, *, helps: bool) -> Change:
    return Change(limit=hit.name, per_second=hit.per_second, sentence=hit.change, helps=helps)


def _pace(_load: Load, profile: Profile, account: Account) -> Changed:
    workers = max(1, int(profile.busy(account.replies * _FULL)))
    return profile, replace(account, queued=True, workers=workers)


def _more_concurrency(load: Load, profile: Profile, account: Account) -> Changed:
    by_time = needed(load, profile)
    by_requests = profile.webhooks(load.peak) / account.requests_per_environment
    asked = math.ceil(max(by_time, by_requests) * _ROOM / 1000) * 1000
    return profile, replace(account, concurrency=max(account.concurrency, asked))


def _on_demand(load: Load, profile: Profile, account: Account) -> Changed:
    table = Table(
        mode="on-demand",
        writes=max(4_000, account.table.writes, load.peak * profile.writes * _ROOM),
        reads=max(12_000, account.table.reads, load.peak * profile.reads * _ROOM),
    )
    return profile, replace(account, table=table)


def _queue(_load: Load, profile: Profile, account: Account) -> Changed:
    return profile, replace(account, queued=True)


def _more_gateway(load: Load, profile: Profile, account: Account) -> Changed:
    rate = profile.webhooks(load.peak) * _ROOM
    return profile, replace(account, gateway_rate=rate, gateway_burst=rate / 2)


def _no_index(_load: Load, profile: Profile, account: Account) -> Changed:
    return replace(profile, index_writes=0.0), account


def _nothing(_load: Load, profile: Profile, account: Account) -> Changed:
    return profile, account


_STEPS: dict[str, Step] = {
    "concurrency": _more_concurrency,
    "requests": _more_concurrency,
    "scaling": _queue,
    "gateway": _more_gateway,
    "table writes": _on_demand,
    "table reads": _on_demand,
    "table quota": _on_demand,
    "hot key": _nothing,
    "index": _no_index,
    "replies": _nothing,
}
_BEFORE_THE_QUEUE = {"gateway", "replies"}
