"""Memberships: plans that people pay for by the month, and who has joined which one.

Law of this module: the operations, and people's joining and leaving. The plans themselves are set
in the account's settings.

Source: https://developers.line.biz/en/reference/messaging-api/#membership
"""

from __future__ import annotations

import time
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from penniless.simulator.deliveries import UTC_PLUS_9
from penniless.simulator.exchange import Answer, Asked, path_id, refusal
from penniless.simulator.pages import NUMBER, page
from penniless.simulator.records import Json
from penniless.simulator.table import TWO_HUNDRED, Operation
from penniless.simulator.world import World

MOST_PLANS = 5
MONTH = 30 * 24 * 3600 * 1000
CURRENCIES = ("JPY", "TWD", "THB")

Step: TypeAlias = Literal["joined", "left", "renewed"]


class Subscription(Struct):
    """`joined` in milliseconds; `months` that were paid."""

    number: int
    joined: int
    months: int = 1


class Memberships:
    """Who has joined: by plan, then by user id."""

    def __init__(self) -> None:
        self.of: dict[int, dict[str, Subscription]] = {}
        self.given = 0


def plans_from(asked: Any) -> list[Json]:
    """The plans on offer. Raises ValueError with a sentence for what makes no sense."""
    if not isinstance(asked, list) or len(asked) > MOST_PLANS:
        raise ValueError(f"memberships must be a list of at most {MOST_PLANS} plans")
    plans = [_plan(one) for one in asked]
    if len({plan["membershipId"] for plan in plans}) < len(plans):
        raise ValueError("each membershipId may stand once")
    return plans


def _plan(asked: Any) -> Json:
    if not isinstance(asked, dict) or type(asked.get("membershipId")) is not int:
        raise ValueError("a plan must be an object with a membershipId, a whole number")
    plan = {
        "membershipId": asked["membershipId"],
        "title": asked.get("title", "Plan"),
        "description": asked.get("description", ""),
        "benefits": asked.get("benefits", ["For members only"]),
        "price": asked.get("price", 500.0),
        "currency": asked.get("currency", "JPY"),
        "memberLimit": asked.get("memberLimit"),
        "isInAppPurchase": asked.get("isInAppPurchase", True),
        "isPublished": asked.get("isPublished", True),
    }
    if not isinstance(plan["title"], str) or not isinstance(plan["description"], str):
        raise ValueError("title and description of a plan must be texts")
    benefits = plan["benefits"]
    if not isinstance(benefits, list) or not 1 <= len(benefits) <= 5:
        raise ValueError("benefits of a plan must be 1 to 5 texts")
    if not all(isinstance(one, str) for one in benefits):
        raise ValueError("benefits of a plan must be 1 to 5 texts")
    price = plan["price"]
    if isinstance(price, bool) or not isinstance(price, int | float) or not 0 <= price < 10**9:
        raise ValueError("price of a plan must be a number")
    if plan["currency"] not in CURRENCIES:
        raise ValueError(f"currency of a plan must be one of {', '.join(CURRENCIES)}")
    if plan["memberLimit"] is not None and type(plan["memberLimit"]) is not int:
        raise ValueError("memberLimit of a plan must be a whole number or null")
    if not all(isinstance(plan[name], bool) for name in ("isInAppPurchase", "isPublished")):
        raise ValueError("isInAppPurchase and isPublished of a plan must be true or false")
    return plan


def take_step(world: World, user_id: str, membership_id: int, step: Step) -> None:
    """A person joins a plan, leaves it, or pays for another month.

    Raises ValueError with a sentence where that makes no sense.
    """
    if not any(plan["membershipId"] == membership_id for plan in world.account.memberships):
        raise ValueError(f"there is no membership {membership_id}: set it with POST /sim/channel")
    state = world.part(Memberships)
    members = state.of.setdefault(membership_id, {})
    if (step == "joined") == (user_id in members):
        joined = "that person has joined already"
        raise ValueError(joined if step == "joined" else "no such member")
    if step == "joined":
        state.given += 1
        members[user_id] = Subscription(state.given, world.now())
    elif step == "left":
        del members[user_id]
    else:
        members[user_id].months += 1


# The operations


def plans(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-membership-plans"""
    world = asked.world
    if not world.account.memberships:
        raise refusal(404, "Not found", hint="set memberships with POST /sim/channel")
    counts = world.part(Memberships).of
    shown = [
        {**plan, "memberCount": len(counts.get(plan["membershipId"], {}))}
        for plan in world.account.memberships
    ]
    return Answer(json={"memberships": shown})


def subscription(asked: Asked) -> Answer:
    """404 for who has joined nothing.

    https://developers.line.biz/en/reference/messaging-api/#get-a-users-membership-subscription-status
    """
    user_id, world = path_id(asked, "userId"), asked.world
    found = [
        {"membership": _as_subscribed(plan), "user": _as_member(members[user_id])}
        for plan in world.account.memberships
        if user_id in (members := world.part(Memberships).of.get(plan["membershipId"], {}))
    ]
    if not found:
        raise refusal(404, "Not found", hint="this person has joined no membership")
    return Answer(json={"subscriptions": found}, chat=user_id)


def users(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-membership-user-ids"""
    given, world = asked.params["membershipId"], asked.world
    number = int(given) if NUMBER.match(given) else None
    if not any(plan["membershipId"] == number for plan in world.account.memberships):
        raise refusal(404, "Membership ID is not found")
    members = world.part(Memberships).of.get(number or 0, {})
    known = ((user_id, world.person_of(user_id)) for user_id in members)
    ids = [user_id for user_id, one in known if one and one.friend and not one.blocked]
    kind = f"membership {number}"
    return Answer(json=page(asked, "userIds", ids, usual=300, most=1000, kind=kind))


def _as_subscribed(plan: Json) -> Json:
    names = ("membershipId", "title", "description", "benefits", "price", "currency")
    return {name: plan[name] for name in names}


def _as_member(one: Subscription) -> Json:
    billing = time.gmtime((one.joined + one.months * MONTH + UTC_PLUS_9) // 1000)
    return {
        "membershipNo": one.number,
        "joinedTime": one.joined // 1000,
        "nextBillingDate": time.strftime("%Y-%m-%d", billing),
        "totalSubscriptionMonths": one.months,
    }


PATH = "/v2/bot/membership"

OPERATIONS = tuple(
    Operation(name, "GET", f"{PATH}/{path}", handler, rate=TWO_HUNDRED)
    for name, path, handler in (
        ("getMembershipList", "list", plans),
        ("getMembershipSubscription", "subscription/{userId}", subscription),
        ("getJoinedMembershipUsers", "{membershipId}/users/ids", users),
    )
)
