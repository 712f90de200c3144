"""Rich menus of all people who are linked to one, changed at once.

Law of this module: the request, its checks, its progress. All operations look at the world as it
was before any of them.

Source: https://developers.line.biz/en/reference/messaging-api/#batch-control-rich-menus-of-users
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Any

from penniless.simulator.exchange import (
    Answer,
    Asked,
    LineRefusal,
    errors_in_body,
    invalid_property,
    refusal,
)
from penniless.simulator.records import Json
from penniless.simulator.richmenus import RichMenus, caught_up, menu_id_in
from penniless.simulator.sending import iso_time
from penniless.simulator.table import HUNDRED_AN_HOUR, Operation

MOST = 1_000
KEY = re.compile(r"[0-9a-zA-Z\-_]{1,100}\Z")
KEPT = 14 * 24 * 3600 * 1000
TAKES = 1_000
"""Milliseconds until the progress says that it is done."""

NEEDED = {"link": ("from", "to"), "unlink": ("from",), "unlinkAll": ()}


class Batches:
    """When each request was accepted, by request id; and which keys were used when."""

    def __init__(self) -> None:
        self.accepted: OrderedDict[str, int] = OrderedDict()
        self.keys: OrderedDict[str, int] = OrderedDict()


def batch(asked: Asked) -> Answer:
    """202. A key that was used before resumes that request, of which nothing is left to do."""
    operations = _checked(asked)
    world, state = asked.world, asked.world.part(Batches)
    for known in (state.accepted, state.keys):
        while known and world.now() - next(iter(known.values())) > KEPT:
            known.popitem(last=False)
    key = asked.json.get("resumeRequestKey")
    if key not in state.keys:
        _change(asked, operations)
    if key is not None:
        state.keys.setdefault(key, world.now())
    state.accepted[asked.request_id] = world.now()
    return Answer(status=202, json={})


def validate(asked: Asked) -> Answer:
    _checked(asked)
    return Answer(json={})


def progress(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-batch-control-rich-menus-progress-status"""
    now = asked.world.now()
    at = asked.world.part(Batches).accepted.get(asked.query.get("requestId", ""))
    if at is None or now - at > KEPT:
        raise refusal(404, "Not found", hint="no batch had this request id")
    shown: Json = {"phase": "ongoing", "acceptedTime": iso_time(at)}
    if now >= at + TAKES:
        shown = {**shown, "phase": "succeeded", "completedTime": iso_time(at + TAKES)}
    return Answer(json=shown)


def _change(asked: Asked, operations: list[Json]) -> None:
    state = caught_up(asked.world)
    if any(one["type"] == "unlinkAll" for one in operations):
        state.linked.clear()
    goes_to = {one["from"]: one.get("to") for one in operations if "from" in one}
    for user_id, menu_id in list(state.linked.items()):
        if menu_id not in goes_to:
            continue
        following = goes_to[menu_id]
        if following is None:
            del state.linked[user_id]
        else:
            state.linked[user_id] = following
    asked.world.tell("world", asked.world)


def _checked(asked: Asked) -> list[Json]:
    """The operations with the names they need and nothing else."""
    given, key = asked.json.get("operations"), asked.json.get("resumeRequestKey")
    if given is None:
        raise errors_in_body([("must be specified", "operations")])
    if not isinstance(given, list):
        raise invalid_property("operations")
    if not 1 <= len(given) <= MOST:
        raise errors_in_body([(f"Size must be between 1 and {MOST}", "operations")])
    if key is not None and (not isinstance(key, str) or not KEY.match(key)):
        raise errors_in_body([("invalid resumeRequestKey", "resumeRequestKey")])
    operations = [_operation(asked, one, f"operations[{at}]") for at, one in enumerate(given)]
    _combination(operations)
    return operations


def _operation(asked: Asked, given: Any, path: str) -> Json:
    if not isinstance(given, dict):
        raise invalid_property(path)
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in NEEDED:
        among = ", ".join(NEEDED)
        sentence = f"Must be one of the following values: [{among}]"
        raise errors_in_body([(sentence, f"{path}.type")])
    found: Json = {"type": kind}
    for name in NEEDED[kind]:
        found[name] = menu_id_in(given.get(name), f"{path}.{name}")
        menu = asked.world.part(RichMenus).menus.get(found[name])
        if menu is None:
            raise _unknown(found[name], f"{path}.{name}")
        if name == "to" and menu.picture is None:
            sentence = f"'to' richmenu ({menu.id}) must have image but it doesn't"
            raise errors_in_body([(sentence, f"{path}.to")])
    return found


def _unknown(menu_id: str, path: str) -> LineRefusal:
    details = [(f"Richmenu ({menu_id}) is not found", path)]
    return refusal(404, "The request body has 1 error(s)", details)


def _combination(operations: list[Json]) -> None:
    kinds = {one["type"] for one in operations}
    if "unlinkAll" in kinds and len(kinds) > 1:
        sentence = "'unlinkAll' type can't be combined with other type"
        raise errors_in_body([(sentence, "operations[].type")])
    seen: set[str] = set()
    for one in operations:
        menu_id = one.get("from")
        if menu_id in seen:
            sentence = f"from richmenu ({menu_id}) is duplicated"
            raise errors_in_body([(sentence, "operations[].from")])
        seen |= {menu_id} if menu_id else set()


PATH = "/v2/bot/richmenu"

OPERATIONS = (
    Operation("richMenuBatch", "POST", f"{PATH}/batch", batch, rate=(3, 3600)),
    Operation("validateRichMenuBatchRequest", "POST", f"{PATH}/validate/batch", validate),
    Operation(
        "getRichMenuBatchProgress", "GET", f"{PATH}/progress/batch", progress, rate=HUNDRED_AN_HOUR
    ),
)
