"""The limits of coupons.

Law of this module: rows, and the rules that depend on a type.

Source: https://developers.line.biz/en/reference/messaging-api/#create-coupon
"""

from __future__ import annotations

import math
from typing import Any

from penniless.simulator.checks.rules import (
    ACTION_IN_BEAN,
    Notes,
    Rule,
    Setting,
    Shape,
    check_shape,
    choice,
    https,
    text,
    whole,
)
from penniless.simulator.exchange import errors_in_body
from penniless.simulator.records import Json

WORDS = {**ACTION_IN_BEAN, "long": "Size must be between {low:g} and {high:g}"}

ZONES = (
    "ETC_GMT_MINUS_12",
    "ETC_GMT_MINUS_11",
    "PACIFIC_HONOLULU",
    "AMERICA_ANCHORAGE",
    "AMERICA_LOS_ANGELES",
    "AMERICA_PHOENIX",
    "AMERICA_CHICAGO",
    "AMERICA_NEW_YORK",
    "AMERICA_CARACAS",
    "AMERICA_SANTIAGO",
    "AMERICA_ST_JOHNS",
    "AMERICA_SAO_PAULO",
    "ETC_GMT_MINUS_2",
    "ATLANTIC_CAPE_VERDE",
    "EUROPE_LONDON",
    "EUROPE_PARIS",
    "EUROPE_ISTANBUL",
    "EUROPE_MOSCOW",
    "ASIA_TEHRAN",
    "ASIA_TBILISI",
    "ASIA_KABUL",
    "ASIA_TASHKENT",
    "ASIA_COLOMBO",
    "ASIA_KATHMANDU",
    "ASIA_ALMATY",
    "ASIA_RANGOON",
    "ASIA_BANGKOK",
    "ASIA_TAIPEI",
    "ASIA_TOKYO",
    "AUSTRALIA_DARWIN",
    "AUSTRALIA_SYDNEY",
    "ASIA_VLADIVOSTOK",
    "ETC_GMT_PLUS_12",
    "PACIFIC_TONGATAPU",
)


def _once_or_always(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    """1, or -1 for no limit; or any number from 1 on, where `high` allows it."""
    whole(notes, path, value, Rule(rule.name, whole, low=-math.inf))
    number = isinstance(value, int) and not isinstance(value, bool)
    if number and value != -1 and not 1 <= value <= rule.high:
        notes.add(path, f"Must be -1 or between 1 and {rule.high:g}")


def _typed(types: dict[str, Shape], notes: Notes, path: str, value: Any) -> bool:
    """An object whose type says which properties it has; false if the type is at fault."""
    if not isinstance(value, dict):
        notes.wrong_type(path)
    kind = value.get("type")
    allowed = Rule("type", choice, required=True, among=tuple(types))
    where = notes.at(path, "type")
    if kind is None:
        notes.say(where, "missing", allowed)
    elif not isinstance(kind, str) or kind not in types:
        among = ",".join(types)
        notes.add(where, f"Must be one of the following values: [{among}]")
    else:
        check_shape(notes, path, value, types[kind])
        return True
    return False


def _condition(notes: Notes, path: str, value: Any, _rule: Rule) -> None:
    _typed(CONDITIONS, notes, path, value)


def _reward(notes: Notes, path: str, value: Any, _rule: Rule) -> None:
    _typed(REWARDS, notes, path, value)


def _price(among: tuple[str, ...]) -> Rule:
    types = {name: PRICES[name] for name in among}

    def check(notes: Notes, path: str, value: Any, _rule: Rule) -> None:
        if _typed(types, notes, path, value):
            own = {rule.name for rule in PRICES[value["type"]]}
            for name in value:
                if name in ALL_PRICES - own:
                    notes.add(notes.at(path, name), f"must not be specified for {value['type']}")

    return Rule("priceInfo", check, required=True)


PRICES: dict[str, Shape] = {
    "fixed": (Rule("fixedAmount", whole, required=True, low=1, high=2**63),),
    "percentage": (Rule("percentage", whole, required=True, low=1, high=99),),
    "explicit": (
        Rule("originalPrice", whole, required=True, low=1, high=2**63),
        Rule("priceAfterDiscount", whole, required=True, low=1, high=2**63),
    ),
}
ALL_PRICES = {rule.name for shape in PRICES.values() for rule in shape}

REWARDS: dict[str, Shape] = {
    "discount": (_price(("fixed", "percentage", "explicit")),),
    "free": (),
    "gift": (),
    "cashBack": (_price(("fixed", "percentage")),),
    "others": (),
}

CONDITIONS: dict[str, Shape] = {
    "normal": (),
    "lottery": (
        Rule("lotteryProbability", whole, required=True, low=1, high=99),
        Rule("maxAcquireCount", _once_or_always, required=True, high=999_999),
    ),
}

COUPON: Shape = (
    Rule("title", text, required=True, low=1, high=60),
    Rule("description", text, high=1000),
    Rule("acquisitionCondition", _condition, required=True),
    Rule("maxUseCountPerTicket", _once_or_always, required=True, high=1),
    Rule("startTimestamp", whole, required=True, high=2**53),
    Rule("endTimestamp", whole, required=True, high=2**53),
    Rule("timezone", choice, required=True, among=ZONES),
    Rule("reward", _reward, required=True),
    Rule("visibility", choice, required=True, among=("PUBLIC", "UNLISTED")),
    Rule("imageUrl", https, high=2000),
    Rule("couponCode", text, high=16),
    Rule("barcodeImageUrl", https, high=2000),
    Rule("usageCondition", text, high=100),
)


def check_coupon(value: Json, setting: Setting, now: int) -> None:
    """Raise LineRefusal (400) unless LINE would take this coupon at `now` (milliseconds)."""
    notes = Notes(setting, WORDS, pointers=False)
    check_shape(notes, "", value, COUPON)
    if not notes.found:
        start, end = value["startTimestamp"], value["endTimestamp"]
        if end <= start:
            notes.add("endTimestamp", "Must be later than startTimestamp")
        elif end * 1000 <= now:
            notes.add("endTimestamp", "Must be in the future")
    if notes.found:
        raise errors_in_body(notes.found)
