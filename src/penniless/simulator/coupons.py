"""Coupons: made, listed, looked at, and closed for good.

Law of this module: the operations and their state. Winning and using a coupon is not simulated.

Source: https://developers.line.biz/en/reference/messaging-api/#coupon
"""

from __future__ import annotations

from msgspec import Struct

from penniless.simulator.checks import Setting
from penniless.simulator.checks.coupons import COUPON, check_coupon
from penniless.simulator.exchange import Answer, Asked, LineRefusal, invalid_parameter, refusal
from penniless.simulator.pages import page
from penniless.simulator.records import Json
from penniless.simulator.table import TWO_HUNDRED, Operation
from penniless.simulator.world import World

MOST = 5_000
STATUSES = frozenset({"DRAFT", "RUNNING", "CLOSED"})


class Coupon(Struct):
    """`shape` is the object as the bot made it; `created` in milliseconds."""

    id: str
    shape: Json
    created: int
    closed: bool = False


class Coupons:
    """All coupons, by id."""

    def __init__(self) -> None:
        self.known: dict[str, Coupon] = {}


def status_of(world: World, coupon: Coupon) -> str:
    over = world.now() >= coupon.shape["endTimestamp"] * 1000
    return "CLOSED" if coupon.closed or over else "RUNNING"


def create(asked: Asked) -> Answer:
    world = asked.world
    setting = Setting(
        via="",
        allow_http=world.allow_http,
        opened_quote=world.ids.opened_quote,
        is_member=lambda _user_id: False,
    )
    check_coupon(asked.json, setting, world.now())
    known = world.part(Coupons).known
    if sum(status_of(world, one) == "RUNNING" for one in known.values()) >= MOST:
        raise _problem(400, "The number of valid coupons has reached the limit.")
    names = {rule.name for rule in COUPON}
    shape = {name: value for name, value in asked.json.items() if name in names}
    made = Coupon(world.ids.event_id(world.now()), shape, world.now())
    known[made.id] = made
    return Answer(json={"couponId": made.id})


def get(asked: Asked) -> Answer:
    found = _coupon(asked)
    shape = {name: value for name, value in found.shape.items() if value is not None}
    own = {
        "couponId": found.id,
        "createdTimestamp": found.created // 1000,
        "maxTicketPerUser": 1,
        "status": status_of(asked.world, found),
    }
    return Answer(json={**shape, "reward": _with_currency(shape["reward"]), **own})


def get_list(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-coupons-list"""
    wanted = {one for value in asked.every.get("status", []) for one in value.split(",")}
    if wanted - STATUSES:
        raise invalid_parameter("status")
    shown = [
        {"couponId": one.id, "title": one.shape["title"]}
        for one in reversed(asked.world.part(Coupons).known.values())
        if not wanted or status_of(asked.world, one) in wanted
    ]
    return Answer(json=page(asked, "items", shown, usual=20, most=100))


def close(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#discontinue-coupon"""
    found = _coupon(asked)
    if found.closed:
        raise _problem(410, "The coupon has already been closed.")
    found.closed = True
    return Answer(json={})


def _with_currency(reward: Json) -> Json:
    """LINE adds the currency of the account's country."""
    price = reward.get("priceInfo")
    if not isinstance(price, dict) or price.get("type") == "percentage":
        return reward
    return {**reward, "priceInfo": {**price, "currency": "JPY"}}


def _coupon(asked: Asked) -> Coupon:
    found = asked.world.part(Coupons).known.get(asked.params["couponId"])
    if found is None:
        raise _problem(404, "coupon not found")
    return found


def _problem(status: int, sentence: str) -> LineRefusal:
    return refusal(status, "The request body has 1 error(s)", [(sentence, "")])


PATH = "/v2/bot/coupon"

OPERATIONS = (
    Operation("createCoupon", "POST", PATH, create, rate=TWO_HUNDRED),
    Operation("listCoupon", "GET", PATH, get_list, rate=TWO_HUNDRED),
    Operation("getCouponDetail", "GET", f"{PATH}/{{couponId}}", get, rate=TWO_HUNDRED),
    Operation(
        "closeCoupon", "PUT", f"{PATH}/{{couponId}}/close", close, body="none", rate=TWO_HUNDRED
    ),
)
