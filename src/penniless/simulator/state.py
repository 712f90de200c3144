"""The whole world as one JSON value: to be saved, shared and loaded.

Law of this module: what is in a state and what is not, and its checks; no IO. Credentials are not
in it, nor what belongs to one run: the webhook's address, the wire, reply tokens, faults. A state
is checked as a whole before anything changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias, TypedDict, cast, get_origin

import msgspec
from msgspec import Meta, Struct

from penniless.simulator import settings
from penniless.simulator.account_links import LinkToken, LinkTokens
from penniless.simulator.audiences import Audience, Audiences
from penniless.simulator.checks import Setting
from penniless.simulator.checks.coupons import check_coupon
from penniless.simulator.checks.richmenus import check_rich_menu
from penniless.simulator.coupons import Coupon, Coupons
from penniless.simulator.deliveries import Deliveries, Delivery
from penniless.simulator.demographics import Attributes, Demographics
from penniless.simulator.exchange import LineRefusal
from penniless.simulator.guesses import Guesses
from penniless.simulator.ids import SAVED, id_of
from penniless.simulator.memberships import Memberships, Subscription
from penniless.simulator.movable_clock import Movable
from penniless.simulator.narrowcasts import Narrowcast, Narrowcasts
from penniless.simulator.places import Refused
from penniless.simulator.records import Entry, Group, Json, Media, Person
from penniless.simulator.richmenu_aliases import Aliases
from penniless.simulator.richmenu_batches import Batches
from penniless.simulator.richmenus import RichMenu, RichMenus
from penniless.simulator.strict_json import too_deep
from penniless.simulator.turns import Turns
from penniless.simulator.world import CHAT_KEPT, World

FORMAT: Final = "penniless-simulator"
VERSION = 1
MEDIA_BYTES = 12 * 1024 * 1024
"""Bytes of pictures, sounds and films in a state; the newest are kept."""

LATEST = 4_102_444_800_000
"""2100, in milliseconds: no clock is moved beyond it."""

RUN_ONLY = ("webhook", "keys")
"""Settings that are not in `channel`: an address of one run; and keys, which stand alone."""

ANYWHERE = Setting(
    via="",
    allow_http=True,
    opened_quote=lambda _token: None,
    is_member=lambda _user_id: False,
    guesses=Guesses(areas_outside_rich_menu="accepted"),
)
"""For the checks of what a simulator with any settings may have taken."""

LARGEST = 2**53
Count: TypeAlias = Annotated[int, Meta(ge=0, le=LARGEST)]
Time: TypeAlias = Annotated[int, Meta(ge=0, le=LATEST)]

PARTS: dict[str, tuple[type[Any], dict[str, Any]]] = {
    "aliases": (Aliases, {"menus": dict[str, str]}),
    "audiences": (Audiences, {"known": dict[int, Audience], "given": Count}),
    "batches": (Batches, {"accepted": dict[str, Time], "keys": dict[str, Time]}),
    "coupons": (Coupons, {"known": dict[str, Coupon]}),
    "deliveries": (
        Deliveries,
        {
            "_counts": list[tuple[tuple[str, str], Count]],
            "_sent": dict[str, Delivery],
            "_units": list[tuple[tuple[int, int], dict[str, None]]],
        },
    ),
    "demographics": (Demographics, {"of": dict[str, Attributes]}),
    "linkTokens": (LinkTokens, {"valid": dict[str, LinkToken]}),
    "memberships": (Memberships, {"of": dict[int, dict[str, Subscription]], "given": Count}),
    "narrowcasts": (Narrowcasts, {"_known": dict[str, Narrowcast]}),
    "richMenus": (
        RichMenus,
        {
            "menus": dict[str, RichMenu],
            "default": str | None,
            "linked": dict[str, str],
            "later": dict[str, tuple[Time, str | None]],
        },
    ),
    "turns": (Turns, {"_until": dict[str, Time]}),
}
"""The parts of a world with their attributes; a mapping whose keys are no texts is a list."""


class RetryKey(TypedDict):
    """What is kept of an accepted request."""

    at: int
    requestId: str
    more: Json


class State(Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A world that was saved at `now` (milliseconds)."""

    format: Literal["penniless-simulator"]
    version: int
    now: Time
    began: Time
    seq: Count
    ids: Annotated[str, Meta(pattern=SAVED)]
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    channel: Json
    keys: list[Json]
    quota_used: Count
    people: list[Person]
    groups: list[Group]
    chats: dict[str, list[Entry]]
    media: dict[str, Media]
    last_wrote: dict[str, Time]
    retry_keys: dict[str, RetryKey]
    parts: dict[str, Json]


def saved(world: World) -> State:
    """The world as it is now."""
    shown, now = settings.shown(world), world.now()
    parts = {name: _saved_part(world, name) for name in PARTS}
    parts["richMenus"]["menus"], room = _lightened(world.part(RichMenus).menus)
    return State(
        format=FORMAT,
        version=VERSION,
        now=now,
        began=world.began,
        seq=world.next_seq(),
        ids=world.ids.saved,
        name=world.name,
        channel={
            **{name: shown[name] for name in settings.CHECKS if name not in RUN_ONLY},
            "quota": world.quota.limit,
        },
        keys=[{**key.jwk, "kid": name} for name, key in world.account.keys.items()],
        quota_used=world.quota.used(now),
        people=list(world.people.values()),
        groups=list(world.groups.values()),
        chats={chat.id: list(chat.entries) for chat in world.chats.values()},
        media=_newest(world.media, room),
        last_wrote=world.last_wrote,
        retry_keys=cast(dict[str, RetryKey], world.retry_keys),
        parts=parts,
    )


def encoded(world: World) -> bytes:
    """The state as JSON."""
    return msgspec.json.encode(saved(world))


def _saved_part(world: World, name: str) -> Json:
    kind, attributes = PARTS[name]
    values = vars(world.part(kind))
    return {
        _shown(one): list(values[one].items()) if _is_list(form) else values[one]
        for one, form in attributes.items()
    }


def _shown(attribute: str) -> str:
    return attribute.lstrip("_")


def _is_list(form: Any) -> bool:
    return get_origin(form) is list


def _lightened(menus: dict[str, RichMenu]) -> tuple[dict[str, RichMenu], int]:
    """The menus, without pictures beyond `MEDIA_BYTES`, and how much room is left."""
    made, room = dict(menus), MEDIA_BYTES
    for menu in reversed(menus.values()):
        size = len(menu.picture or b"")
        if size > room:
            made[menu.id] = msgspec.structs.replace(menu, picture=None, content_type="")
        else:
            room -= size
    return made, room


def _newest(media: Mapping[str, Media], room: int) -> dict[str, Media]:
    """The newest media for which there is room, oldest first."""
    found: list[tuple[str, Media]] = []
    for message_id, one in reversed(tuple(media.items())):
        room -= len(one.data)
        if room < 0:
            break
        found.append((message_id, one))
    return dict(reversed(found))


# Loading


def load(world: World, value: Any) -> None:
    """Put that world in place of this one.

    `value` is the decoded JSON of a state. Raises Refused (400) for anything else, and changes
    nothing then. A clock that can be moved is moved on to when the state was saved.
    """
    state = _checked(value)
    wanted = settings.checked({**state.channel, "keys": state.keys})
    if isinstance(world.clock, Movable) and state.now > world.now():
        world.clock.advance(seconds=(state.now - world.now()) / 1000)
    world.refill(state.people, state.groups, state.seq)
    world.ids.recall(state.ids)
    world.name, world.began = state.name, state.began
    world.last_wrote.update(state.last_wrote)
    world.retry_keys.update(cast(dict[str, Json], state.retry_keys))
    for chat_id, entries in state.chats.items():
        world.chat(chat_id).entries.extend(entries[-CHAT_KEPT:])
        world.messages.update((one.id, one) for one in entries[-CHAT_KEPT:] if one.id)
    for message_id, media in state.media.items():
        world.keep_media(message_id, media)
    for name, values in _parts(state).items():
        kept = vars(world.part(PARTS[name][0]))
        for one, loaded in values.items():
            kept[one] = type(kept[one])(loaded) if isinstance(loaded, dict | list) else loaded
    settings.apply(world, wanted)
    world.quota.recall(state.quota_used, state.now)  # whose month it is, the settings say


def decoded(raw: bytes) -> Any:
    """The JSON of a state. Raises Refused (400) for what is no JSON."""
    try:
        text = raw.decode("utf-8-sig")  # Windows PowerShell puts a mark in front of UTF-8
        if too_deep(text):
            raise Refused(400, "a state does not nest so deeply")
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(400, "a state must be JSON") from None


def _checked(value: Any) -> State:
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise Refused(400, "this is no saved state of the simulator")
    if value.get("version") != VERSION:
        raise Refused(400, f"this simulator loads states of version {VERSION} only")
    if not _numbers_fit(value):
        raise Refused(400, "this state has numbers that are too large")
    try:
        state = msgspec.convert(value, State, str_keys=True)
        _parts(state)
    except msgspec.ValidationError as error:
        raise Refused(400, f"this state is damaged: {error}") from None
    wrong = _wrong(state)
    if wrong:
        raise Refused(400, f"this state is damaged: {wrong}")
    return state


def _numbers_fit(value: Any) -> bool:
    """Whether all whole numbers are such as JSON's readers share."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
        elif isinstance(one, int) and abs(one) > LARGEST:
            return False
    return True


def _parts(state: State) -> dict[str, Json]:
    """The parts, typed. Raises msgspec.ValidationError."""
    return {
        name: {
            one: msgspec.convert(state.parts[name][_shown(one)], form, str_keys=True)
            for one, form in attributes.items()
            if _shown(one) in state.parts[name]
        }
        for name, (_, attributes) in PARTS.items()
        if name in state.parts
    }


def _wrong(state: State) -> str:
    """What does not fit together; empty if everything does."""
    people = {one.name for one in state.people}
    ids = {one.user_id for one in state.people} | {one.id for one in state.groups}
    names = [*(one.name for one in state.people), *(one.name for one in state.groups)]
    said = [(chat, one) for chat, entries in state.chats.items() for one in entries]
    faults = {
        "two have the same name": len(set(names)) < len(names),
        "a person's id is not that of the name": any(
            one.user_id != id_of("user", one.name) for one in state.people
        ),
        "a group's id is not that of the name": any(
            one.id != id_of(one.kind, one.name) for one in state.groups
        ),
        "a group has members that are not there": any(
            not people.issuperset(one.members) for one in state.groups
        ),
        "a chat belongs to nobody": not ids.issuperset(state.chats),
        "an entry does not belong where it stands": any(not _fits(one, chat) for chat, one in said),
        "a coupon or a rich menu is none that LINE would take": not _are_taken(_parts(state)),
    }
    return next((sentence for sentence, found in faults.items() if found), "")


def _fits(entry: Entry, chat: str) -> bool:
    return entry.chat == chat and isinstance(entry.message.get("type"), str)


def _are_taken(parts: dict[str, Json]) -> bool:
    """Whether what was checked when the bot made it still is as it was."""
    try:
        for coupon in parts.get("coupons", {}).get("known", {}).values():
            check_coupon(coupon.shape, ANYWHERE, now=0)
        for menu in parts.get("richMenus", {}).get("menus", {}).values():
            check_rich_menu(menu.shape, ANYWHERE)
    except LineRefusal:
        return False
    return True
