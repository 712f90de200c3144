"""Insight: how many messages, friends and readers there were.

Law of this module: answers only. Opened links, played videos and taps on rich menus are not
simulated: LINE hides such numbers below twenty, and so they are null or left out. Reading is.

Source: https://developers.line.biz/en/reference/messaging-api/#get-insight
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date

from penniless.simulator.audiences import readers_of
from penniless.simulator.deliveries import Deliveries, day_of
from penniless.simulator.demographics import attributes_of, friend_days
from penniless.simulator.exchange import Answer, Asked, LineRefusal, refusal
from penniless.simulator.records import Json, Person
from penniless.simulator.richmenus import RichMenus
from penniless.simulator.sending import friends
from penniless.simulator.statistics import as_day, counting
from penniless.simulator.table import HOURLY, Operation
from penniless.simulator.world import World

MESSAGES_BEGAN, FOLLOWERS_BEGAN = "20170301", "20161101"
FEWEST = 20
UNIT = re.compile(r"[a-zA-Z0-9_]{1,30}\Z")
LONGEST_OF_UNIT, LONGEST_SUMMARY, LONGEST_DAILY = 30, 396, 99
YEARS = 3 * 366
NUMBERS = (
    "impression",
    "mediaPlayed",
    "mediaPlayed25Percent",
    "mediaPlayed50Percent",
    "mediaPlayed75Percent",
    "mediaPlayed100Percent",
    "uniqueMediaPlayed",
    "uniqueMediaPlayed25Percent",
    "uniqueMediaPlayed50Percent",
    "uniqueMediaPlayed75Percent",
    "uniqueMediaPlayed100Percent",
)
AGES = (
    (15, "from0to14"),
    *((age, f"from{age - 5}to{age - 1}") for age in range(20, 71, 5)),
    (10**3, "from70"),
)
PERIODS = (
    (7, "within7days"),
    (30, "within30days"),
    (90, "within90days"),
    (180, "within180days"),
    (365, "within365days"),
    (10**9, "over365days"),
)


def message_deliveries(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-number-of-delivery-messages"""
    given, now = _date(asked), asked.world.now()
    shown: Json = {"status": counting(given, now, MESSAGES_BEGAN)}
    if shown["status"] == "ready":
        kept = asked.world.part(Deliveries)
        for via in ("broadcast", "push", "multicast", "narrowcast", "reply"):
            number = kept.counted(via, given)
            if number:
                shown[f"api{via.title()}"] = number
    return Answer(json=shown)


def followers(asked: Asked) -> Answer:
    """As things are now, whichever day is asked for: past days are not kept.

    https://developers.line.biz/en/reference/messaging-api/#get-number-of-followers
    """
    if "date" not in asked.query:
        raise refusal(400, "date is required")
    given, world = _date(asked), asked.world
    status = counting(given, world.now(), FOLLOWERS_BEGAN)
    people = list(world.people.values())
    ready = status == "ready"
    return Answer(
        json={
            "status": status,
            "followers": sum(one.friend for one in people) if ready else None,
            "targetedReaches": len(friends(world)) if ready else None,
            "blocks": sum(one.blocked for one in people) if ready else None,
        }
    )


def demographic(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-demographic"""
    world = asked.world
    people = friends(world)
    if not people or (world.account.privacy and len(people) < FEWEST):
        names = ("genders", "ages", "areas", "appTypes", "subscriptionPeriods")
        return Answer(json={"available": False, **{name: [] for name in names}})
    return Answer(
        json={
            "available": True,
            "genders": _parts("gender", (_known(world, one, "gender") for one in people)),
            "ages": _parts("age", (_age(world, one) for one in people)),
            "areas": _parts("area", (_known(world, one, "area") for one in people)),
            "appTypes": _parts("appType", (_app(world, one) for one in people)),
            "subscriptionPeriods": _parts(
                "subscriptionPeriod", (_below(friend_days(world, one), PERIODS) for one in people)
            ),
        }
    )


def message_event(asked: Asked) -> Answer:
    """Of a broadcast or narrowcast.

    https://developers.line.biz/en/reference/messaging-api/#get-message-event
    """
    request_id, world = asked.query.get("requestId", ""), asked.world
    found = world.part(Deliveries).find(request_id, ("broadcast", "narrowcast"), world.now())
    if found is None:
        raise refusal(404, "Not found", hint="no broadcast or narrowcast had this request id")
    readers = _number(world, len(readers_of(world, found)))
    overview = {
        "requestId": request_id,
        "timestamp": found.at // 1000,
        "delivered": len(found.user_ids),
        **_overview(readers),
    }
    return Answer(
        json={"overview": overview, "messages": _bubbles(found.bubbles, readers), "clicks": []}
    )


def statistics_per_unit(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-statistics-per-unit"""
    unit, world = asked.query.get("customAggregationUnit", ""), asked.world
    first, last = _period(asked, LONGEST_OF_UNIT)
    if not UNIT.match(unit):
        raise _bad_request()
    sent = world.part(Deliveries).of_unit(unit, f"{first:%Y%m%d}", f"{last:%Y%m%d}")
    people = {user_id for one in sent for user_id in readers_of(world, one)}
    readers = _number(world, len(people))
    bubbles = max((one.bubbles for one in sent), default=0)
    messages = [{**bubble, "uniqueImpression": readers} for bubble in _bubbles(bubbles, readers)]
    return Answer(json={"overview": _overview(readers), "messages": messages, "clicks": []})


def rich_menu(longest: int) -> Callable[[Asked], Answer]:
    """Taps are not simulated, so this is what LINE answers below its minimum number."""

    def handler(asked: Asked) -> Answer:
        menu_id = asked.params["richMenuId"]
        first, _ = _period(asked, longest)
        if (as_day(day_of(asked.world.now())) or first).toordinal() - first.toordinal() > YEARS:
            raise _bad_request()
        if menu_id not in asked.world.part(RichMenus).menus:
            raise refusal(404, "Not found", hint="there is no rich menu with this id")
        return Answer(json={"richMenuId": menu_id})

    return handler


# Parts of the answers


def _overview(readers: int | None) -> Json:
    return {
        "uniqueImpression": readers,
        "uniqueClick": None,
        "uniqueMediaPlayed": None,
        "uniqueMediaPlayed100Percent": None,
    }


def _bubbles(count: int, readers: int | None) -> list[Json]:
    """None where nobody has read anything, as far as may be told."""
    if not readers:
        return []
    blank: Json = dict.fromkeys(NUMBERS)
    return [{"seq": seq, **blank, "impression": readers} for seq in range(1, count + 1)]


def _number(world: World, count: int) -> int | None:
    return None if world.account.privacy and count < FEWEST else count


def _parts(name: str, values: Iterable[str]) -> list[Json]:
    """Each value with its percentage, the most frequent first."""
    counted = Counter(values).most_common()
    total = sum(count for _, count in counted)
    return [{name: value, "percentage": round(100 * count / total, 1)} for value, count in counted]


def _known(world: World, person: Person, name: str) -> str:
    return getattr(attributes_of(world, person), name) or "unknown"


def _app(world: World, person: Person) -> str:
    return attributes_of(world, person).app_type or "others"


def _age(world: World, person: Person) -> str:
    age = attributes_of(world, person).age
    return "unknown" if age is None else _below(age, AGES)


def _below(number: int, steps: Iterable[tuple[int, str]]) -> str:
    return next(name for limit, name in steps if number < limit)


# Parts of the requests


def _date(asked: Asked) -> str:
    given = asked.query.get("date", "")
    if as_day(given) is None:
        raise _bad_request()
    return given


def _period(asked: Asked, longest: int) -> tuple[date, date]:
    """The days `from` and `to`, at most so many days apart."""
    first, last = (as_day(asked.query.get(name, "")) for name in ("from", "to"))
    if first is None or last is None or not 0 <= (last - first).days <= longest:
        raise _bad_request()
    return first, last


def _bad_request() -> LineRefusal:
    return refusal(400, "Bad Request")


INSIGHT = "/v2/bot/insight"

OPERATIONS = tuple(
    Operation(name, "GET", f"{INSIGHT}/{path}", handler, rate=HOURLY)
    for name, path, handler in (
        ("getNumberOfMessageDeliveries", "message/delivery", message_deliveries),
        ("getNumberOfFollowers", "followers", followers),
        ("getFriendsDemographics", "demographic", demographic),
        ("getMessageEvent", "message/event", message_event),
        ("getStatisticsPerUnit", "message/event/aggregation", statistics_per_unit),
        ("getRichMenuInsightSummary", "richmenu/{richMenuId}/summary", rich_menu(LONGEST_SUMMARY)),
        ("getRichMenuInsightDaily", "richmenu/{richMenuId}/daily", rich_menu(LONGEST_DAILY)),
    )
)
