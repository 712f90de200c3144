"""People over /sim: their attributes, and the rich menu each of them sees.

Law of this module: one handler a request, as in `control`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from penniless.simulator import demographics, richmenus
from penniless.simulator.demographics import Attributes, Demographics, attributes_of
from penniless.simulator.json_http import body, reply
from penniless.simulator.media import media_response
from penniless.simulator.places import Refused, person_named
from penniless.simulator.records import Json, Person
from penniless.simulator.world import World

if TYPE_CHECKING:
    from penniless.simulator.simulator import Simulator

PHONE = re.compile(r"\+[1-9][0-9]{6,14}\Z")
OLDEST, LONGEST = 150, 365 * 20


async def get_person(simulator: Simulator, request: Request) -> Response:
    world = simulator.world
    return reply(_shown(world, person_named(world, request.path_params["name"])))


async def post_person(simulator: Simulator, request: Request) -> Response:
    """Set attributes of a person; null makes one unknown."""
    asked, world = await body(request, NAMES), simulator.world
    person = person_named(world, request.path_params["name"])
    set_attributes(world, person, asked)
    return reply(_shown(world, person))


async def get_rich_menu_image(simulator: Simulator, request: Request) -> Response:
    menus = simulator.world.part(richmenus.RichMenus).menus
    menu = menus.get(request.path_params["menu_id"])
    if menu is None or menu.picture is None:
        raise Refused(404, "there is no picture of such a rich menu")
    return media_response(menu.picture, menu.content_type, request.headers.get("range"))


def set_attributes(world: World, person: Person, asked: Json) -> None:
    """Apply the attributes among the names; others are ignored. Raises Refused."""
    wanted = check_attributes(asked)
    if wanted:
        known = attributes_of(world, person)
        kept = {own: getattr(known, own) for own in NAMES.values()}
        made = Attributes(**{**kept, **wanted})
        world.part(Demographics).of[person.user_id] = made


def check_attributes(asked: Json) -> Json:
    """The attributes among the names. Raises Refused for a value that makes no sense."""
    return {own: _checked(name, asked[name]) for name, own in NAMES.items() if name in asked}


def _checked(name: str, value: Any) -> Any:
    if value is not None and not CHECKS[name](value):
        raise Refused(400, f"{name} makes no sense: see the documentation for its values")
    return value


def _shown(world: World, person: Person) -> Json:
    menu = richmenus.seen_by(world, person.user_id)
    known = attributes_of(world, person)
    return {
        "person": person,
        "attributes": {name: getattr(known, own) for name, own in NAMES.items()},
        "richMenu": None if menu is None else menu.shown,
        "richMenuImage": None if menu is None else f"/sim/richmenus/{menu.id}/image",
    }


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and low <= value <= high


NAMES = {
    "gender": "gender",
    "age": "age",
    "area": "area",
    "appType": "app_type",
    "friendDays": "friend_days",
    "phone": "phone",
}
CHECKS: dict[str, Callable[[Any], bool]] = {
    "gender": lambda value: value in demographics.GENDERS,
    "age": _whole(0, OLDEST),
    "area": lambda value: value in demographics.AREAS,
    "appType": lambda value: value in demographics.APP_TYPES,
    "friendDays": _whole(0, LONGEST),
    "phone": lambda value: isinstance(value, str) and bool(PHONE.match(value)),
}
