"""What may be done at a moment: environments, requests, capacity of the table, replies.

Law of this module: it answers yes or no and names the limit that says no, by the names of
`limits`; it knows nothing of queues, durations or outcomes.
"""

from __future__ import annotations

from penniless.cost.scale.buckets import Bucket
from penniless.cost.scale.inputs import Account, Profile, Table


class Environments:
    """The function's environments: some busy, some idle, more of them as fast as Lambda allows.

    Environments that have nothing to do stay, as they do for minutes on Lambda.
    """

    __slots__ = ("_limit", "_requests", "_scaling", "all", "busy")

    def __init__(self, account: Account, warm: int) -> None:
        self._limit = account.at_most
        self._requests = Bucket(account.requests, account.requests)
        self._scaling = Bucket(account.scaling / account.scaling_seconds, account.scaling)
        self.all = warm
        self.busy = 0

    def refuses(self, now: float) -> str:
        """Why one more invocation cannot start now; empty if it can, and then `take` has to come.

        A request that is refused uses up nothing.
        """
        if self.busy >= self._limit:
            return "concurrency"
        new = self.all == self.busy
        if new and self._scaling.ready(1, now) > now:
            return "scaling"
        if not self._requests.takes(1, now):
            return "requests"
        if new:
            self._scaling.takes(1, now)
        return ""

    def take(self) -> bool:
        """Start one; true if its environment is new, so that it starts cold."""
        new = self.all == self.busy
        self.all += new
        self.busy += 1
        return new

    def free(self) -> None:
        """One has ended; its environment is idle."""
        self.busy -= 1

    def ready(self, now: float) -> float | None:
        """When to ask again without anything having ended; None if something has to end."""
        if self.busy >= self._limit:
            return None
        new = self.all == self.busy
        return max(self._requests.ready(1, now), self._scaling.ready(1, now) if new else now)


class Throughput:
    """The door, the table and LINE's replies, each with its bucket.

    The claim is one write unit of the message's units and its reads; the rest is the finish. Each
    conversation has a partition to itself, and so has each key of the index, which is the best that
    DynamoDB can do for them. The keys are used evenly, so they are as one that takes more.
    """

    __slots__ = (
        "_claim", "_door", "_finish", "_index_half", "_index_keys", "_index_writes", "_messages",
        "_partition_rates", "_partitions", "_reads", "_replies", "_table_reads", "_table_writes",
    )  # fmt: skip

    def __init__(self, profile: Profile, account: Account, *, rested: bool) -> None:
        many = profile.messages_per_webhook
        self._messages = many
        self._claim = min(1.0, profile.writes) * many
        self._finish = profile.writes * many - self._claim
        self._reads = profile.reads * many
        self._index_half = profile.index_writes * many / 2
        table = account.table
        self._table_writes = _of_table(table.writes, table, rested=rested)
        self._table_reads = _of_table(table.reads, table, rested=rested)
        self._index_writes = _of_table(table.writes, table, rested=rested)
        in_index = account.partition_writes * profile.index_keys
        self._index_keys = Bucket(in_index, in_index)
        self._partition_rates = (account.partition_writes, account.partition_reads)
        self._partitions: dict[int, tuple[Bucket, Bucket]] = {}
        self._replies = Bucket(account.replies, account.replies)
        gateway = Bucket(account.gateway_rate, account.gateway_burst)
        self._door = gateway if account.door == "gateway" else None

    def door(self, now: float) -> bool:
        """Whether the door lets one more webhook in."""
        return self._door is None or self._door.takes(1, now)

    def claim(self, conversation: int, now: float) -> str:
        """Claim the messages of a webhook; what refuses that, or nothing."""
        writes, reads = self._of(conversation)
        if not (writes.takes(self._claim, now) and reads.takes(self._reads, now)):
            return "hot key"
        if not self._index_keys.takes(self._index_half, now):
            return "index"
        if not self._takes_writes(self._claim, now):
            return "table writes"
        if not self._table_reads.takes(self._reads, now):
            return "table reads"
        return ""

    def finish(self, conversation: int, now: float) -> bool:
        """Whether the finish could be written down; if not, the answer was sent all the same."""
        writes, _ = self._of(conversation)
        return (
            writes.takes(self._finish, now)
            and self._index_keys.takes(self._index_half, now)
            and self._takes_writes(self._finish, now)
        )

    def reply(self, now: float) -> str:
        """Send the replies of a webhook; what refuses that, or nothing."""
        return "" if self._replies.takes(self._messages, now) else "replies"

    def _takes_writes(self, amount: float, now: float) -> bool:
        """Of the table and of its index, which has as many units of its own."""
        index = self._index_writes.takes(self._index_half, now)
        return index and self._table_writes.takes(amount, now)

    def _of(self, conversation: int) -> tuple[Bucket, Bucket]:
        found = self._partitions.get(conversation)
        if found is None:
            writes, reads = self._partition_rates
            found = self._partitions[conversation] = (Bucket(writes, writes), Bucket(reads, reads))
        return found


def _of_table(rate: float, table: Table, *, rested: bool) -> Bucket:
    size = rate * table.kept_seconds
    return Bucket(rate, size, size if rested else rate)
