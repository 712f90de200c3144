"""How webhooks reach the bot under test: what both ways, in this process and over HTTP, offer.

Law of this module: a Protocol and the values that cross it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from penniless.simulator.records import Webhook
from penniless.simulator.world import World

_T = TypeVar("_T")


class Carrier(Protocol):
    """The bot's side of a `Line`."""

    world: World
    patience: float
    """Seconds that a test waits for what a bot says after its answer to the webhook."""
    raises: bool
    """Whether `deliver` raises what went wrong in the bot."""

    def do(self, what: Callable[[], _T]) -> _T:
        """Do something with the world, which has one thread at a time."""
        ...

    def deliver(self, webhook: Webhook) -> None:
        """Deliver a webhook and wait until nothing more goes on because of it, as far as known.

        Raises what a handler raised or, where that cannot be known, AssertionError if the bot
        did not answer the webhook with 200.
        """
        ...

    def close(self) -> None: ...
