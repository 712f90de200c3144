"""What the chat page needs beside the rest of /sim: the clock, coupons, what there is to choose.

Law of this module: one handler a request, as in `control`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from penniless.errors import CodeError
from penniless.simulator.coupons import Coupons, status_of
from penniless.simulator.durations import milliseconds
from penniless.simulator.json_http import body, reply
from penniless.simulator.movable_clock import Movable
from penniless.simulator.operations import OPERATIONS
from penniless.simulator.places import Refused
from penniless.simulator.quota import PLANS
from penniless.simulator.records import Json
from penniless.simulator.world import World

if TYPE_CHECKING:
    from penniless.simulator.simulator import Simulator

FARTHEST = 366 * 24 * 60 * 60
"""Seconds by which the clock may be moved at once."""


def shown(world: World) -> Json:
    """What `GET /sim/world` says for the page: whether the clock can be moved, LINE's plans."""
    return {"clockMoves": isinstance(world.clock, Movable), "plans": PLANS}


async def post_clock(simulator: Simulator, request: Request) -> Response:
    """Move the clock on: `{"advance": "61s"}` or `{"seconds": 61}`."""
    seconds = _seconds(await body(request, ("advance", "seconds")))
    if not 0 < seconds <= FARTHEST:
        raise Refused(400, f"the clock moves by more than 0 and at most {FARTHEST} seconds")
    clock = simulator.world.clock
    if not isinstance(clock, Movable):
        raise Refused(409, "this simulator runs on the computer's clock, which cannot be moved")
    clock.advance(seconds=seconds)
    simulator.world.tell("world", simulator.world)
    return reply({"now": clock.now()})


def _seconds(asked: Json) -> float:
    """How far to move. Raises Refused where it is not said, or said twice."""
    if ("advance" in asked) == ("seconds" in asked):
        raise Refused(400, "either advance, such as '61s', or seconds is needed")
    if "seconds" in asked:
        seconds = asked["seconds"]
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise Refused(400, "seconds must be a number")
        return seconds
    duration = asked["advance"]
    if not isinstance(duration, str):
        raise Refused(400, "advance must be a duration, such as '61s' or '1h 30min'")
    try:
        return milliseconds(duration) / 1000
    except (CodeError, OverflowError):
        raise Refused(400, "advance must be a duration, such as '61s' or '1h 30min'") from None


async def get_coupon(simulator: Simulator, request: Request) -> Response:
    """A coupon as the bot made it, with its `status`; null for an id that is none of ours."""
    found = simulator.world.part(Coupons).known.get(request.path_params["coupon_id"])
    if found is None:
        return reply({"coupon": None})
    about = {"couponId": found.id, "status": status_of(simulator.world, found)}
    return reply({"coupon": {**found.shape, **about}})


async def get_operations(_simulator: Simulator, _request: Request) -> Response:
    """The operations of the Messaging API, by the names that the wire shows and faults take."""
    names = ("name", "method", "template", "rate")
    return reply(
        {"operations": [{name: getattr(one, name) for name in names} for one in OPERATIONS]}
    )


ROUTES = (
    ("GET", "/sim/operations", get_operations),
    ("POST", "/sim/clock", post_clock),
    ("GET", "/sim/coupons/{coupon_id:path}", get_coupon),
)
