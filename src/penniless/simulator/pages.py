"""Lists that come in pages, with a continuation token to the next one.

Source: https://developers.line.biz/en/reference/messaging-api/#get-follower-ids
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from penniless.simulator.exchange import Asked, invalid_parameter, refusal
from penniless.simulator.records import Json

Item = TypeVar("Item")

NUMBER = re.compile(r"[0-9]{1,18}\Z")


def number_in(asked: Asked, name: str, usual: int, low: int, high: int) -> int:
    """A whole number of the query. Raises 400 for anything else, and out of its bounds."""
    given = asked.query.get(name)
    if given is None:
        return usual
    if not NUMBER.match(given) or not low <= int(given) <= high:
        raise invalid_parameter(name)
    return int(given)


def page(
    asked: Asked, name: str, items: Sequence[Item], *, usual: int, most: int, kind: str = ""
) -> Json:
    """One page of a list under its name, and `next` if there is more.

    `usual` and `most` are the items of a page; `kind` tells lists of one operation apart. Raises
    400 for a bad `limit`, and for a `start` that is not ours, of another list, or a day old.
    """
    size = number_in(asked, "limit", usual, 1, most)
    ids, now, begin = asked.world.ids, asked.world.now(), 0
    kind = kind or name
    start = asked.query.get("start")
    if start is not None:
        opened = ids.opened_page(kind, start, now)
        if opened is None:
            raise refusal(400, "Invalid start param")
        begin = opened
    shown: Json = {name: list(items[begin : begin + size])}
    if begin + size < len(items):
        shown["next"] = ids.page_token(kind, begin + size, now)
    return shown
