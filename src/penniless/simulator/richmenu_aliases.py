"""Aliases of rich menus, by which a menu's tabs lead to each other.

Source: https://developers.line.biz/en/reference/messaging-api/#rich-menu-alias
"""

from __future__ import annotations

import re
from typing import Any

from penniless.simulator.exchange import (
    Answer,
    Asked,
    errors_in_body,
    invalid_parameter,
    invalid_property,
    refusal,
    with_no_details,
)
from penniless.simulator.records import Json
from penniless.simulator.richmenus import RichMenus, link, menu_id_in
from penniless.simulator.table import HUNDRED_AN_HOUR, Operation
from penniless.simulator.world import World

MOST = 1_000
ALIAS = re.compile(r"[a-z0-9_-]{1,32}\Z")


class Aliases:
    """The id of a rich menu for each alias; the menu may be gone."""

    def __init__(self) -> None:
        self.menus: dict[str, str] = {}


def _known_to(world: World) -> dict[str, str]:
    """The aliases; without those of deleted menus, where they are guessed to go with them."""
    known = world.part(Aliases).menus
    if world.guesses.deleted_menu_aliases == "go":
        there = world.part(RichMenus).menus
        for alias in [alias for alias, menu_id in known.items() if menu_id not in there]:
            del known[alias]
    return known


def switch(world: World, user_id: str, alias: str) -> str:
    """A person taps a rich menu switch action; gives the status that the postback tells.

    https://developers.line.biz/en/reference/messaging-api/#postback-params-object-for-richmenu-switch-action
    """
    menu_id = _known_to(world).get(alias)
    if menu_id is None:
        return "RICHMENU_ALIAS_ID_NOTFOUND"
    if menu_id not in world.part(RichMenus).menus:
        return "RICHMENU_NOTFOUND"
    link(world, user_id, menu_id)
    return "SUCCESS"


def create(asked: Asked) -> Answer:
    alias = _alias_in(asked.json.get("richMenuAliasId"))
    menu_id = _usable(asked)
    known = _known_to(asked.world)
    if alias in known:
        raise with_no_details(400, "conflict richmenu alias id")
    if len(known) >= MOST:
        raise refusal(400, f"The number of rich menu aliases has reached the limit ({MOST})")
    known[alias] = menu_id
    return Answer(json={})


def update(asked: Asked) -> Answer:
    alias = _known(asked)
    _known_to(asked.world)[alias] = _usable(asked)
    return Answer(json={})


def get(asked: Asked) -> Answer:
    alias = _known(asked)
    return Answer(json=_shown(alias, _known_to(asked.world)[alias]))


def delete(asked: Asked) -> Answer:
    del _known_to(asked.world)[_known(asked)]
    return Answer(json={})


def get_list(asked: Asked) -> Answer:
    known = _known_to(asked.world)
    return Answer(json={"aliases": [_shown(alias, menu_id) for alias, menu_id in known.items()]})


def _shown(alias: str, menu_id: str) -> Json:
    return {"richMenuAliasId": alias, "richMenuId": menu_id}


def _alias_in(given: Any) -> str:
    if given is None:
        raise errors_in_body([("must be specified", "richMenuAliasId")])
    if not isinstance(given, str):
        raise invalid_property("richMenuAliasId")
    if not ALIAS.match(given):
        raise errors_in_body([("invalid richMenuAliasId", "richMenuAliasId")])
    return given


def _usable(asked: Asked) -> str:
    """The menu of the body: it is there, and has a picture."""
    menu_id = menu_id_in(asked.json.get("richMenuId"), "richMenuId")
    menu = asked.world.part(RichMenus).menus.get(menu_id)
    if menu is None or menu.picture is None:
        hint = "there is no such rich menu" if menu is None else "the rich menu has no picture"
        raise with_no_details(400, "richmenu not found", hint=hint)
    return menu_id


def _known(asked: Asked) -> str:
    alias = asked.params["richMenuAliasId"]
    if not ALIAS.match(alias):
        raise invalid_parameter("richMenuAliasId")
    if alias not in _known_to(asked.world):
        raise with_no_details(404, "richmenu alias not found")
    return alias


PATH = "/v2/bot/richmenu/alias"
ONE = f"{PATH}/{{richMenuAliasId}}"

OPERATIONS = (
    Operation("createRichMenuAlias", "POST", PATH, create),
    Operation("getRichMenuAliasList", "GET", f"{PATH}/list", get_list),
    Operation("getRichMenuAlias", "GET", ONE, get),
    Operation("updateRichMenuAlias", "POST", ONE, update),
    Operation("deleteRichMenuAlias", "DELETE", ONE, delete, body="none", rate=HUNDRED_AN_HOUR),
)
