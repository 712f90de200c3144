"""Numbers of sent messages by the day, and the aggregation units of this month.

Law of this module: answers only; what is counted stands in `deliveries`. LINE counts a day when it
is over, in UTC+9.

Source: https://developers.line.biz/en/reference/messaging-api/#get-number-of-reply-messages
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from penniless.simulator.deliveries import Deliveries, day_of
from penniless.simulator.exchange import Answer, Asked, invalid_parameter
from penniless.simulator.pages import page
from penniless.simulator.records import Json
from penniless.simulator.table import Operation

FORM = re.compile(r"[0-9]{8}\Z")
BEGAN = "20180331"


def as_day(given: str) -> date | None:
    """The day that `yyyyMMdd` means; None for none."""
    if not FORM.match(given):
        return None
    try:
        return date(int(given[:4]), int(given[4:6]), int(given[6:]))
    except ValueError:
        return None


def counting(given: str, now: int, began: str) -> str:
    """How far LINE is with a day: `ready`, `unready` or `out_of_service`."""
    if given < began:
        return "out_of_service"
    return "unready" if given >= day_of(now) else "ready"


def sent(via: str) -> Callable[[Asked], Answer]:
    """The number of messages sent in one way on a day."""

    def handler(asked: Asked) -> Answer:
        given, world = asked.query.get("date", ""), asked.world
        if as_day(given) is None:
            raise invalid_parameter("date")
        shown: Json = {"status": counting(given, world.now(), BEGAN)}
        if shown["status"] == "ready":
            shown["success"] = world.part(Deliveries).counted(via, given)
        return Answer(json=shown)

    return handler


def units_used(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-the-number-of-unit-name-types-assigned-during-this-month"""
    units = asked.world.part(Deliveries).units(asked.world.now())
    return Answer(json={"numOfCustomAggregationUnits": len(units)})


def unit_names(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-a-list-of-unit-names-assigned-during-this-month"""
    units = asked.world.part(Deliveries).units(asked.world.now())
    return Answer(json=page(asked, "customAggregationUnits", units, usual=100, most=100))


MESSAGE = "/v2/bot/message"

OPERATIONS = (
    *(
        Operation(
            f"getNumberOfSent{via.title()}Messages", "GET", f"{MESSAGE}/delivery/{via}", sent(via)
        )
        for via in ("reply", "push", "multicast", "broadcast")
    ),
    Operation("getAggregationUnitUsage", "GET", f"{MESSAGE}/aggregation/info", units_used),
    Operation("getAggregationUnitNameList", "GET", f"{MESSAGE}/aggregation/list", unit_names),
)
