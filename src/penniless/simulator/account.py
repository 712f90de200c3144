"""What LINE knows of the account and its channel beyond what the world's chats need.

Law of this module: settings only; they outlive a reset of the world.
"""

from __future__ import annotations

from msgspec import Struct, field

from penniless.simulator.jwt import Key
from penniless.simulator.records import Json


class Account(Struct, kw_only=True):
    """The official account, as somebody just made it: of the switches, only webhooks are on."""

    channel_id: str
    use_webhook: bool = True
    """As `Use webhook` in LINE's console: switched off, no event goes out."""
    verified: bool = False
    """Verified or premium: lists of friends and members are given out."""
    partner: bool = False
    """Has the contracts for notification messages and the older way to mark as read."""
    module: bool = False
    """The channel is a module channel, which may take over chats."""
    privacy: bool = False
    """LINE's minimum numbers of people: 100 and 50 for narrowcasts, 20 in statistics."""
    keys: dict[str, Key] = field(default_factory=dict)
    """Public keys that sign JWT assertions, by key id."""
    memberships: list[Json] = field(default_factory=list)
    """The membership plans on offer, as LINE shows them but for the number of members."""
    greeting: str | None = None
    """What the account itself says to new friends; None for nothing."""
    auto_reply: str | None = None
    """What the account itself answers to texts in 1:1 chats; None for nothing."""
    plan: str | None = None
    """The plan that set the quota, see `quota`; None for a quota of its own."""
