"""Rich menus: made, given a picture, shown to all or to one person.

Law of this module: the menus and who sees which one. Aliases are in `richmenu_aliases`, changes of
many people at once in `richmenu_batches`.

Source: https://developers.line.biz/en/reference/messaging-api/#rich-menu
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from penniless.simulator.checks import Setting
from penniless.simulator.checks.richmenus import allowed, check_rich_menu
from penniless.simulator.exchange import (
    Answer,
    Asked,
    LineRefusal,
    errors_in_body,
    invalid_property,
    path_id,
    refusal,
    user_ids_in,
    with_no_details,
)
from penniless.simulator.forms import media_type
from penniless.simulator.guesses import Guesses
from penniless.simulator.pictures import READERS, size_of
from penniless.simulator.records import Json
from penniless.simulator.table import HUNDRED_AN_HOUR, Operation
from penniless.simulator.world import World

MOST = 1_000
LARGEST_PICTURE = 1024 * 1024
IN_BULK = 1_000
"""Milliseconds that a bulk operation takes, where it takes any."""

MENU_ID = re.compile(r"richmenu-[0-9a-f]{32}\Z")
NO_PICTURE = "must upload richmenu image before applying it to user"


class RichMenu(Struct):
    """`shape` is the object as the bot made it."""

    id: str
    shape: Json
    picture: bytes | None = None
    content_type: str = ""

    @property
    def shown(self) -> Json:
        return {"richMenuId": self.id, **self.shape}


class RichMenus:
    """All menus, and who is linked to which one (user ids).

    `later` is what a bulk operation will do to somebody: when, and the menu, None for none.
    """

    def __init__(self) -> None:
        self.menus: dict[str, RichMenu] = {}
        self.default: str | None = None
        self.linked: dict[str, str] = {}
        self.later: dict[str, tuple[int, str | None]] = {}


def seen_by(world: World, user_id: str) -> RichMenu | None:
    """The menu a person sees: their own before the default one. Friends only."""
    person = world.person_of(user_id)
    if person is None or not person.friend or person.blocked:
        return None
    state = caught_up(world)
    return state.menus.get(state.linked.get(user_id, "")) or state.menus.get(state.default or "")


def caught_up(world: World) -> RichMenus:
    """All menus and links, after what bulk operations had left to be done by now."""
    state = world.part(RichMenus)
    due = [name for name, (when, _) in state.later.items() if when <= world.now()]
    for user_id in due:
        _, menu_id = state.later.pop(user_id)
        if menu_id is None:
            state.linked.pop(user_id, None)
        elif menu_id in state.menus and _is_friend(world, user_id):
            state.linked[user_id] = menu_id
    if due:
        world.tell("world", world)
    return state


def link(world: World, user_id: str, menu_id: str) -> None:
    """Show a person this menu; nothing happens for somebody who is no friend."""
    state = caught_up(world)
    if _is_friend(world, user_id):
        state.linked[user_id] = menu_id
        world.tell("world", world)


def unlink(world: World, user_id: str) -> None:
    if caught_up(world).linked.pop(user_id, None) is not None:
        world.tell("world", world)


def _is_friend(world: World, user_id: str) -> bool:
    person = world.person_of(user_id)
    return person is not None and person.friend and not person.blocked


# Menus


def create(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#create-rich-menu"""
    shape = _checked(asked)
    state = asked.world.part(RichMenus)
    if len(state.menus) >= MOST:
        raise refusal(400, f"The number of rich menus has reached the limit ({MOST})")
    made = RichMenu(f"richmenu-{asked.world.ids.hex_id()}", shape)
    state.menus[made.id] = made
    return Answer(json={"richMenuId": made.id})


def validate(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#validate-rich-menu-object"""
    _checked(asked)
    return Answer(json={})


def get(asked: Asked) -> Answer:
    return Answer(json=_menu(asked).shown)


def get_list(asked: Asked) -> Answer:
    menus = asked.world.part(RichMenus).menus.values()
    return Answer(json={"richmenus": [menu.shown for menu in menus]})


def delete(asked: Asked) -> Answer:
    """The menu goes from all who saw it; an alias of it stays, and leads nowhere."""
    menu, state = _menu(asked), caught_up(asked.world)
    del state.menus[menu.id]
    if state.default == menu.id:
        state.default = None
    for user_id in [one for one, linked in state.linked.items() if linked == menu.id]:
        del state.linked[user_id]
    asked.world.tell("world", asked.world)
    return Answer(json={})


# Pictures


def upload(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#upload-rich-menu-image"""
    menu = _menu(asked)
    given = asked.headers.get("content-type", "")
    kind = media_type(given)
    if kind not in READERS:
        raise refusal(415, f"The content type, {given or 'null'}, is not supported")
    if menu.picture is not None:
        raise refusal(400, "An image has already been uploaded to the richmenu")
    size = size_of(kind, asked.raw)
    hint = _unfit(menu, size, len(asked.raw), asked.world.guesses)
    if hint:
        raise refusal(400, "The image size is not allowed for richmenu", hint=hint)
    menu.picture, menu.content_type = asked.raw, kind
    return Answer(json={})


def _unfit(menu: RichMenu, size: tuple[int, int] | None, bytes_of_it: int, guesses: Guesses) -> str:
    """Why a picture does not fit a menu, in words for the developer; empty if it does."""
    if size is None:
        return "the bytes are not a picture of the type that the Content-Type header says"
    if bytes_of_it > LARGEST_PICTURE:
        return f"the picture has {bytes_of_it} bytes, {LARGEST_PICTURE} are allowed"
    width, height = size
    if not allowed(width, height):
        return f"{width} x {height}: 800 to 2500 wide, 250 high or more, width / height >= 1.45"
    declared = menu.shape["size"]["width"], menu.shape["size"]["height"]
    if guesses.rich_menu_picture == "sameRatio" and _alike(size, declared):
        return ""
    return "" if size == declared else f"the picture is {width} x {height}, the menu is not"


def _alike(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two sizes have the same ratio, but for a pixel of rounding."""
    return abs(one[0] * other[1] - one[1] * other[0]) <= max(*one, *other)


def download(asked: Asked) -> Answer:
    menu = _menu(asked)
    if menu.picture is None:
        raise refusal(404, "Not found", hint="this rich menu has no picture yet")
    return Answer(content=menu.picture, headers={"content-type": menu.content_type})


# The default menu


def set_default(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#set-default-rich-menu"""
    asked.world.part(RichMenus).default = _with_picture(_menu(asked)).id
    asked.world.tell("world", asked.world)
    return Answer(json={})


def get_default(asked: Asked) -> Answer:
    default = asked.world.part(RichMenus).default
    if default is None:
        raise with_no_details(404, "no default richmenu")
    return Answer(json={"richMenuId": default})


def cancel_default(asked: Asked) -> Answer:
    asked.world.part(RichMenus).default = None
    asked.world.tell("world", asked.world)
    return Answer(json={})


# Menus of one person


def link_to_user(asked: Asked) -> Answer:
    """200 also for strangers, who then see nothing.

    https://developers.line.biz/en/reference/messaging-api/#link-rich-menu-to-user
    """
    user_id = path_id(asked, "userId")
    link(asked.world, user_id, _with_picture(_menu(asked)).id)
    return Answer(json={}, chat=user_id)


def get_of_user(asked: Asked) -> Answer:
    user_id = path_id(asked, "userId")
    found = caught_up(asked.world).linked.get(user_id)
    if found is None:
        raise with_no_details(404, "the user has no richmenu")
    return Answer(json={"richMenuId": found}, chat=user_id)


def unlink_from_user(asked: Asked) -> Answer:
    user_id = path_id(asked, "userId")
    unlink(asked.world, user_id)
    return Answer(json={}, chat=user_id)


def link_to_users(asked: Asked) -> Answer:
    """202; here it is done at once, unless a guess says otherwise.

    https://developers.line.biz/en/reference/messaging-api/#link-rich-menu-to-users
    """
    menu_id = menu_id_in(asked.json.get("richMenuId"), "richMenuId")
    user_ids = user_ids_in(asked.json)
    menu = asked.world.part(RichMenus).menus.get(menu_id)
    if menu is None:
        raise with_no_details(404, "richmenu not found")
    _with_picture(menu)
    _in_bulk(asked.world, user_ids, menu.id)
    return Answer(status=202, json={})


def unlink_from_users(asked: Asked) -> Answer:
    _in_bulk(asked.world, user_ids_in(asked.json), None)
    return Answer(status=202, json={})


def _in_bulk(world: World, user_ids: list[str], menu_id: str | None) -> None:
    due = world.now() + (0 if world.guesses.bulk_rich_menus == "atOnce" else IN_BULK)
    caught_up(world).later.update(dict.fromkeys(user_ids, (due, menu_id)))
    caught_up(world)


# Parts of a request


def menu_id_in(given: Any, path: str) -> str:
    """The id of a rich menu in a body. Raises 400 for what cannot be one."""
    if given is None:
        raise errors_in_body([("must be specified", path)])
    if not isinstance(given, str):
        raise invalid_property(path)
    if not MENU_ID.match(given):
        raise errors_in_body([("invalid richMenuId", path)])
    return given


def _menu(asked: Asked) -> RichMenu:
    found = asked.world.part(RichMenus).menus.get(asked.params["richMenuId"])
    if found is None:
        raise refusal(404, "Not found", hint="there is no rich menu with this id")
    return found


def _with_picture(menu: RichMenu) -> RichMenu:
    if menu.picture is None:
        raise no_picture()
    return menu


def no_picture() -> LineRefusal:
    return with_no_details(400, NO_PICTURE)


def _checked(asked: Asked) -> Json:
    world = asked.world
    setting = Setting(
        via="",
        allow_http=world.allow_http,
        opened_quote=world.ids.opened_quote,
        is_member=lambda _user_id: False,
        guesses=world.guesses,
    )
    check_rich_menu(asked.json, setting)
    names = ("size", "selected", "name", "chatBarText", "areas")
    return {name: asked.json[name] for name in names}


MENUS, ONE = "/v2/bot/richmenu", "/v2/bot/richmenu/{richMenuId}"
ALL, USER = "/v2/bot/user/all/richmenu", "/v2/bot/user/{userId}/richmenu"

OPERATIONS = (
    Operation("createRichMenu", "POST", MENUS, create, rate=HUNDRED_AN_HOUR),
    Operation("validateRichMenuObject", "POST", f"{MENUS}/validate", validate),
    Operation("getRichMenuList", "GET", f"{MENUS}/list", get_list, rate=(10, 1)),
    Operation("getRichMenu", "GET", ONE, get),
    Operation("deleteRichMenu", "DELETE", ONE, delete, body="none", rate=HUNDRED_AN_HOUR),
    Operation("setRichMenuImage", "POST", f"{ONE}/content", upload, body="bytes"),
    Operation("getRichMenuImage", "GET", f"{ONE}/content", download),
    Operation("linkRichMenuIdToUsers", "POST", f"{MENUS}/bulk/link", link_to_users),
    Operation("unlinkRichMenuIdFromUsers", "POST", f"{MENUS}/bulk/unlink", unlink_from_users),
    *(
        Operation(name, method, path, handler, body="none")
        for name, method, path, handler in (
            ("setDefaultRichMenu", "POST", f"{ALL}/{{richMenuId}}", set_default),
            ("getDefaultRichMenuId", "GET", ALL, get_default),
            ("cancelDefaultRichMenu", "DELETE", ALL, cancel_default),
            ("linkRichMenuIdToUser", "POST", f"{USER}/{{richMenuId}}", link_to_user),
            ("getRichMenuIdOfUser", "GET", USER, get_of_user),
            ("unlinkRichMenuIdFromUser", "DELETE", USER, unlink_from_user),
        )
    ),
)
