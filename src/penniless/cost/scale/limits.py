"""The limits of the account, of DynamoDB and of LINE: dated rows, and where each is hit.

Law of this module: one row for one limit, with its source; `at` says at how many messages a
second it is hit, and None where it is not in the way. Nothing is simulated here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from penniless.cost.scale.inputs import NEW_ACCOUNT, Account, Profile
from penniless.cost.scale.queueing import load_for
from penniless.cost.scale.ramp import jump

MONTH = 30 * 24 * 3600
"""Seconds of the month that free allowances are compared with."""
ACCEPTED = 0.001
"""The part of webhooks that may be refused before a concurrency counts as used up."""
READ = "2026-11-22"

Kind = Literal["free", "quota", "fixed"]
At = Callable[[Profile, Account], "tuple[float, str] | None"]

_LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg"
_DYNAMODB = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"


class Limit(Struct, frozen=True, kw_only=True):
    """One limit: `free` is where the bill begins, `quota` can be raised, `fixed` cannot.

    `confidence` is A for the owner's own words and P for somebody else's report of them. `at`
    gives the messages per second and the limit in words; `change` is what to do, a sentence.
    """

    name: str
    kind: Kind
    change: str
    source: str
    read: str = READ
    confidence: Literal["A", "P"] = "A"
    at: At


class Hit(Struct, frozen=True, kw_only=True):
    """A limit, at the messages per second at which this bot meets it."""

    per_second: float
    name: str
    what: str
    kind: Kind
    change: str
    source: str
    read: str
    confidence: str


def hits(profile: Profile, account: Account) -> list[Hit]:
    """Every limit that is in the way of this bot, the first that is hit first."""
    found = []
    for one in LIMITS:
        if (met := one.at(profile, account)) is not None:
            per_second, what = met
            found.append(
                Hit(
                    per_second=per_second,
                    name=one.name,
                    what=what,
                    kind=one.kind,
                    change=one.change,
                    source=one.source,
                    read=one.read,
                    confidence=one.confidence,
                )
            )
    return sorted(found, key=lambda one: one.per_second)


def _carries(concurrency: int, profile: Profile) -> float:
    webhooks = load_for(concurrency, ACCEPTED) / profile.warm_seconds
    return webhooks * profile.messages_per_webhook


def _free_requests(profile: Profile, _account: Account) -> tuple[float, str]:
    return 1e6 / MONTH * profile.messages_per_webhook, "1,000,000 requests a month"


def _free_compute(profile: Profile, _account: Account) -> tuple[float, str]:
    one = profile.warm_seconds * profile.memory_mb / 1024
    return 400_000 / MONTH / one * profile.messages_per_webhook, "400,000 GB-seconds a month"


def _free_writes(profile: Profile, _account: Account) -> tuple[float, str] | None:
    units = profile.writes + profile.index_writes
    return (25 / units, "25 write units in a Region") if units else None


def _new_account(profile: Profile, account: Account) -> tuple[float, str] | None:
    if account.concurrency <= NEW_ACCOUNT.concurrency:
        return None
    return _carries(NEW_ACCOUNT.concurrency, profile), "10 at once"


def _concurrency(profile: Profile, account: Account) -> tuple[float, str]:
    return _carries(account.concurrency, profile), f"{account.concurrency:,} at once"


def _requests(profile: Profile, account: Account) -> tuple[float, str]:
    rate = account.requests
    return rate * profile.messages_per_webhook, f"{rate:,.0f} requests a second"


def _scaling(profile: Profile, account: Account) -> tuple[float, str]:
    more = f"{account.scaling:,.0f} new environments per {account.scaling_seconds:g} s"
    return jump(profile, account), more


def _gateway(profile: Profile, account: Account) -> tuple[float, str] | None:
    if account.door != "gateway":
        return None
    rate = account.gateway_rate
    return rate * profile.messages_per_webhook, f"{rate:,.0f} requests a second"


def _writes(profile: Profile, account: Account) -> tuple[float, str] | None:
    units = max(profile.writes, profile.index_writes)  # the index has as many of its own
    if not units:
        return None
    table = account.table
    return table.writes / units, f"{table.writes:,.0f} write units, {table.mode}"


def _reads(profile: Profile, account: Account) -> tuple[float, str] | None:
    if not profile.reads:
        return None
    table = account.table
    return table.reads / profile.reads, f"{table.reads:,.0f} read units, {table.mode}"


def _table_quota(profile: Profile, _account: Account) -> tuple[float, str] | None:
    return (40_000 / profile.writes, "40,000 write units a table") if profile.writes else None


def _hot_key(profile: Profile, account: Account) -> tuple[float, str] | None:
    share = profile.largest_share
    found = [
        (most / units / share, f"{most:,.0f} {what} units; {share:.1%} in one talk")
        for most, units, what in (
            (account.partition_writes, profile.writes, "write"),
            (account.partition_reads, profile.reads, "read"),
        )
        if units
    ]
    return min(found) if found else None


def _index(profile: Profile, account: Account) -> tuple[float, str] | None:
    if not profile.index_writes:
        return None
    most, keys = account.partition_writes * profile.index_keys, profile.index_keys
    return most / profile.index_writes, f"{most:,.0f} write units, under {keys} keys"


def _replies(_profile: Profile, account: Account) -> tuple[float, str]:
    return account.replies, f"{account.replies:,.0f} replies a second for a channel"


LIMITS = (
    Limit(
        name="free requests",
        kind="free",
        at=_free_requests,
        change="From here on Lambda's requests are paid.",
        source="https://aws.amazon.com/lambda/pricing/",
    ),
    Limit(
        name="free compute",
        kind="free",
        at=_free_compute,
        change="From here on Lambda's time is paid; less memory or less waiting moves it.",
        source="https://aws.amazon.com/lambda/pricing/",
    ),
    Limit(
        name="free writes",
        kind="free",
        at=_free_writes,
        change="From here on the table is paid, provisioned or on demand.",
        source="https://aws.amazon.com/dynamodb/pricing/",
    ),
    Limit(
        name="concurrency of a new account",
        kind="quota",
        at=_new_account,
        change="Ask for 1,000 in Service Quotas (L-B99A9384); that raises the worst bill as well.",
        source=f"{_LAMBDA}/gettingstarted-limits.html",
        confidence="P",
    ),
    Limit(
        name="concurrency",
        kind="quota",
        at=_concurrency,
        change="Ask for more in Service Quotas (L-B99A9384), or make the handler shorter.",
        source=f"{_LAMBDA}/gettingstarted-limits.html",
    ),
    Limit(
        name="requests",
        kind="quota",
        at=_requests,
        change="Ask for more concurrency: ten requests a second come with each.",
        source=f"{_LAMBDA}/lambda-concurrency.html",
    ),
    Limit(
        name="scaling",
        kind="fixed",
        at=_scaling,
        change="Send a broadcast in parts, put a queue behind the door (twice the requests), or "
        "pay for provisioned concurrency while it lasts.",
        source=f"{_LAMBDA}/scaling-behavior.html",
    ),
    Limit(
        name="gateway",
        kind="quota",
        at=_gateway,
        change="Ask for more in Service Quotas (L-8A5B8E43), or use a Function URL.",
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html",
    ),
    Limit(
        name="table writes",
        kind="quota",
        at=_writes,
        change="Switch the table to on-demand; if the load comes at once, warm it beforehand, for "
        "a new one takes 4,000 and doubles in half an hour.",
        source=f"{_DYNAMODB}/on-demand-capacity-mode.html",
    ),
    Limit(
        name="table reads",
        kind="quota",
        at=_reads,
        change="Switch the table to on-demand: a new one takes 12,000 read units a second.",
        source=f"{_DYNAMODB}/on-demand-capacity-mode.html",
    ),
    Limit(
        name="table quota",
        kind="quota",
        at=_table_quota,
        change="Ask for more in Service Quotas.",
        source=f"{_DYNAMODB}/ServiceQuotas.html",
    ),
    Limit(
        name="hot key",
        kind="fixed",
        at=_hot_key,
        change="One conversation is one partition key, and rows in the order of time cannot be "
        "split: answer less often there, or gather what is said before writing.",
        source=f"{_DYNAMODB}/bp-partition-key-design.html",
    ),
    Limit(
        name="index",
        kind="fixed",
        at=_index,
        change="All keys of the index of open events are full: leave RecoverySchedule empty, so "
        "that there is no index.",
        source=f"{_DYNAMODB}/bp-indexes-gsi-sharding.html",
    ),
    Limit(
        name="replies",
        kind="quota",
        at=_replies,
        change="This is LINE's limit for a channel. A queue behind the door spreads a burst, with "
        "no more workers than LINE takes replies of; against more than that all the time only LINE "
        "helps, or several channels.",
        source="https://developers.line.biz/en/reference/messaging-api/#rate-limits",
    ),
)
"""All limits; their names are those that a simulation gives for what it refuses."""
