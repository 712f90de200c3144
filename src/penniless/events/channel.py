"""The rarer events: beacons, account links, memberships, module channels, notification messages.

Source: https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects and
https://developers.line.biz/en/reference/partner-docs/#module-channel-specific-webhook-events
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct, field

from penniless.events.common import Event


class Beacon(Struct, frozen=True):
    """`type` is `enter`, `banner` or `stay`; `dm` the beacon's device message in hexadecimal."""

    hwid: str
    type: str
    dm: str | None = None


class BeaconEvent(Event, frozen=True, kw_only=True, tag="beacon"):
    KIND: ClassVar[str] = "beacon"

    beacon: Beacon


class Link(Struct, frozen=True):
    """`result` is `ok` or `failed`."""

    result: str
    nonce: str


class AccountLinkEvent(Event, frozen=True, kw_only=True, tag="accountLink"):
    """A failed link has neither a source nor a reply token."""

    KIND: ClassVar[str] = "accountLink"

    link: Link


class Membership(Struct, frozen=True, rename="camel"):
    """`type` is `joined`, `left` or `renewed`."""

    type: str
    membership_id: int


class MembershipEvent(Event, frozen=True, kw_only=True, tag="membership"):
    KIND: ClassVar[str] = "membership"

    membership: Membership


class Module(Struct, frozen=True, rename="camel"):
    """`type` is `attached` (then `scopes`) or `detached` (then `reason`)."""

    type: str
    bot_id: str | None = None
    scopes: list[str] = field(default_factory=list)
    reason: str | None = None


class ModuleEvent(Event, frozen=True, kw_only=True, tag="module"):
    KIND: ClassVar[str] = "module"

    module: Module


class ChatControl(Struct, frozen=True, rename="camel"):
    """`expire_at` in UTC milliseconds."""

    expire_at: int


class ActivatedEvent(Event, frozen=True, kw_only=True, tag="activated"):
    """This module channel now holds the chat."""

    KIND: ClassVar[str] = "activated"

    chat_control: ChatControl


class DeactivatedEvent(Event, frozen=True, kw_only=True, tag="deactivated"):
    """This module channel no longer holds the chat."""

    KIND: ClassVar[str] = "deactivated"


class BotSuspendedEvent(Event, frozen=True, kw_only=True, tag="botSuspended"):
    KIND: ClassVar[str] = "botSuspended"


class BotResumedEvent(Event, frozen=True, kw_only=True, tag="botResumed"):
    KIND: ClassVar[str] = "botResumed"


class Delivery(Struct, frozen=True):
    """`data` is the hashed phone number, or the delivery tag of the request."""

    data: str


class DeliveryEvent(Event, frozen=True, kw_only=True, tag="delivery"):
    """A LINE notification message arrived. Has no source."""

    KIND: ClassVar[str] = "delivery"

    delivery: Delivery
