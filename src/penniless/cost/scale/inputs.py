"""What the paper is given: the load, what one message takes, and what the account allows.

Law of this module: plain numbers with their units, checked once; nothing is computed here but
what follows from two of them. Times are seconds, rates are per second, money is elsewhere.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from penniless.errors import SettingsError
from penniless.stores.dynamodb_items import INDEX_KEYS

LINE_WAITS = 2.0
"""Seconds until LINE gives up on a webhook.
https://developers.line.biz/en/docs/messaging-api/check-webhook-error-statistics/
"""
TOKEN_LIVES = 60.0
"""Seconds that a reply token is good for, about.
https://developers.line.biz/en/reference/messaging-api/#send-reply-message
"""
REQUESTS_PER_ENVIRONMENT = 10
"""Requests a second for each unit of concurrency, of an account and of a function with a URL.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""
BURST_SECONDS = 300
"""Seconds of unused provisioned capacity that DynamoDB keeps, at best.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html
"""


def _above_zero(given: Struct, *names: str) -> None:
    for name in names:
        if not getattr(given, name) > 0:
            raise SettingsError(f"{name} has to be above 0, and is {getattr(given, name)}.")


def _at_least(given: Struct, least: float, *names: str) -> None:
    for name in names:
        value = getattr(given, name)
        if not value >= least:
            raise SettingsError(f"{name} has to be {least} or more, and is {value}.")


class Burst(Struct, frozen=True, kw_only=True):
    """What people send after a broadcast: each of them answers after a while of his own.

    `messages` in all; the while is exponential with the mean `seconds`, from `at` on, so that the
    first moment is the busiest: `messages / seconds` a second.
    """

    messages: int
    seconds: float = 30.0
    at: float = 5.0

    def __post_init__(self) -> None:
        _at_least(self, 0, "at")
        _at_least(self, 1, "messages")
        _above_zero(self, "seconds")

    @property
    def peak(self) -> float:
        """Messages per second in its first moment."""
        return self.messages / self.seconds


class Load(Struct, frozen=True, kw_only=True):
    """Messages per second, on the whole at random, and perhaps a burst on top of them."""

    per_second: float
    burst: Burst | None = None
    pattern: Literal["poisson", "constant"] = "poisson"

    def __post_init__(self) -> None:
        _at_least(self, 0, "per_second")

    @property
    def peak(self) -> float:
        """Messages per second in the busiest moment."""
        return self.per_second + (self.burst.peak if self.burst else 0.0)


class Profile(Struct, frozen=True, kw_only=True):
    """What one webhook and one message take; the defaults are modest guesses, not measurements.

    `warm_seconds` and `cold_seconds` are means: of an invocation, and of what a new environment
    takes before its first. `…_cv` is the standard deviation divided by the mean: 0 is always the
    same, 1 is exponential. `writes` and `reads` are capacity units of DynamoDB for one message,
    its claim and its finish together, and `index_writes` those of the index that finds what a crash
    has left open (2 with it, 0 without), which are spread evenly over its `index_keys`.
    `conversations` write at the same time, and `largest_share` of all messages is in one of them.
    """

    warm_seconds: float = 0.2
    warm_cv: float = 0.5
    cold_seconds: float = 0.4
    cold_cv: float = 0.3
    memory_mb: int = 256
    messages_per_webhook: float = 1.0
    writes: float = 2.0
    reads: float = 0.5
    index_writes: float = 0.0
    index_keys: int = INDEX_KEYS
    conversations: int = 10_000
    largest_share: float = 0.01

    def __post_init__(self) -> None:
        _above_zero(self, "warm_seconds", "memory_mb")
        _at_least(self, 0, "warm_cv", "cold_seconds", "cold_cv", "writes", "reads", "index_writes")
        _at_least(self, 1, "index_keys", "conversations", "messages_per_webhook")
        if not 1 / self.conversations <= self.largest_share <= 1:
            raise SettingsError(
                f"largest_share has to be from 1 / {self.conversations} (of the conversations) "
                f"to 1, and is {self.largest_share}."
            )

    def webhooks(self, messages: float) -> float:
        """Webhooks that bring so many messages; each is one invocation."""
        return messages / self.messages_per_webhook

    def busy(self, messages: float) -> float:
        """Environments that are busy on average, at so many messages a second: Little's law."""
        return self.webhooks(messages) * self.warm_seconds


class Table(Struct, frozen=True, kw_only=True):
    """What the bot's table takes, in capacity units a second.

    A provisioned table keeps 300 seconds of what was not used; an on-demand table keeps nothing,
    and its `writes` and `reads` are what it has grown to: a new one takes 4,000 and 12,000.
    """

    mode: Literal["provisioned", "on-demand"] = "provisioned"
    writes: float = 25.0
    reads: float = 25.0

    def __post_init__(self) -> None:
        _above_zero(self, "writes", "reads")

    @property
    def kept_seconds(self) -> int:
        """Seconds of unused capacity that it keeps; one second's worth may always be used."""
        return BURST_SECONDS if self.mode == "provisioned" else 1


FRESH_ON_DEMAND = Table(mode="on-demand", writes=4_000, reads=12_000)
"""A new on-demand table.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
"""


class Account(Struct, frozen=True, kw_only=True):
    """What the account, its table and LINE allow; the defaults are AWS's and LINE's own.

    `concurrency` is the account's, or what is reserved for the function. At most `scaling` new
    environments may be made at once, and `scaling / scaling_seconds` more each second.
    `door` is what LINE calls: a Function URL or an API Gateway. With `queued`, the door only
    puts the webhook into a queue and LINE has its 200 at once; `workers` is then the most
    environments that the queue may use, all of them without a number.
    """

    concurrency: int = 1_000
    requests_per_environment: float = REQUESTS_PER_ENVIRONMENT
    scaling: float = 1_000
    scaling_seconds: float = 10.0
    door: Literal["url", "gateway"] = "url"
    gateway_rate: float = 10_000
    gateway_burst: float = 5_000
    table: Table = Table()
    partition_writes: float = 1_000
    partition_reads: float = 3_000
    replies: float = 2_000
    queued: bool = False
    workers: int | None = None

    def __post_init__(self) -> None:
        _at_least(self, 1, "concurrency")
        if self.workers is not None:
            _at_least(self, 1, "workers")
        _above_zero(
            self, "requests_per_environment", "scaling", "scaling_seconds", "gateway_rate",
            "gateway_burst", "partition_writes", "partition_reads", "replies",
        )  # fmt: skip

    @property
    def requests(self) -> float:
        """Requests per second that the concurrency allows, however short they are."""
        return self.concurrency * self.requests_per_environment

    @property
    def at_most(self) -> int:
        """Environments of the bot that may be busy at once."""
        return min(self.concurrency, self.workers or self.concurrency)

    @property
    def patience(self) -> float:
        """Seconds after which an answer is late: LINE's wait, or a token's life behind a queue."""
        return TOKEN_LIVES if self.queued else LINE_WAITS


NEW_ACCOUNT = Account(concurrency=10)
"""What many accounts start with; AWS raises it with use, or when asked.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""
