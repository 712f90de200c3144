"""The control interface under /sim: what tests, scripts and the chat page use.

Law of this module: one handler a request, JSON in and out, errors as `{"error": sentence}`. What
people do is in `acts`, the world's rules in `world`; here they meet the delivery of webhooks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from penniless.simulator import (
    account_control,
    acts,
    fault_control,
    guesses,
    page_control,
    people_control,
    relations,
    richmenus,
    samples,
    settings,
    state_control,
)
from penniless.simulator.json_http import body, reply
from penniless.simulator.log_view import log_rows
from penniless.simulator.media import media_response
from penniless.simulator.places import Act, Place, Refused, group_named, person_named
from penniless.simulator.records import Entry, Group, Json, Person, Webhook
from penniless.simulator.transcript import transcript
from penniless.simulator.webhooks import chats_of as webhook_chats
from penniless.simulator.world import World

if TYPE_CHECKING:
    from penniless.simulator.simulator import Simulator

LONGEST_WAIT = 30.0
NEW_PERSON = ("name", "displayName", "language", "friend", "quiet")
UNHEARD = frozenset({"could_not_connect", "suspended", "off"})
"""How a webhook ends that no bot has heard: nobody waits for an answer to it."""

Handler = Callable[["Simulator", Request], Awaitable[Response]]


def world_shown(world: World) -> Json:
    """`GET /sim/world`; never the secret."""
    from penniless import __version__

    now = world.now()
    return {
        "channel": settings.shown(world),
        "people": list(world.people.values()),
        "groups": list(world.groups.values()),
        "bot": world.bot_status,
        "loading": {chat: until for chat, until in world.loading.items() if until > now},
        "now": now,
        "version": __version__,
        "hasLog": world.has_log,
        "pending": world.pending,
        "richMenus": {
            name: menu.id
            for name, person in world.people.items()
            if (menu := richmenus.seen_by(world, person.user_id)) is not None
        },
        "guesses": guesses.shown(world.guesses),
        **page_control.shown(world),
    }


async def get_world(simulator: Simulator, _request: Request) -> Response:
    return reply(world_shown(simulator.world))


async def post_people(simulator: Simulator, request: Request) -> Response:
    """Somebody new, who follows the bot: unless `friend` is false, or `quiet` hides it."""
    asked = await body(request, (*NEW_PERSON, *people_control.NAMES))
    world = simulator.world
    name = new_name(world, asked.get("name"))
    friend = asked.get("friend", True) is True
    people_control.check_attributes(asked)
    person = world.add_person(
        name,
        display_name=text_of(asked, "displayName"),
        language=text_of(asked, "language") or "en",
        friend=friend,
    )
    people_control.set_attributes(world, person, asked)
    if friend and asked.get("quiet") is not True:
        await settled(simulator, relations.follow(Place(world, person)))
    return reply(person, 201)


def _on_person(do: Callable[[World, Any], Act]) -> Handler:
    async def handler(simulator: Simulator, request: Request) -> Response:
        person = person_named(simulator.world, request.path_params["name"])
        done = do(simulator.world, person)
        return reply({"webhook": await settled(simulator, done)})

    return handler


async def post_groups(simulator: Simulator, request: Request) -> Response:
    asked = await body(request, ("name", "kind", "members"))
    world = simulator.world
    name = new_name(world, asked.get("name"))
    kind = asked.get("kind", "group")
    if kind not in ("group", "room"):
        raise Refused(400, "kind must be 'group' or 'room'")
    names = asked.get("members", [])
    if not isinstance(names, list):
        raise Refused(400, "members must be a list of names")
    members = [person_named(world, one).name for one in names]
    group, done = relations.found_group(world, name, list(dict.fromkeys(members)), kind)
    await settled(simulator, done)
    return reply(group, 201)


async def post_group_join(simulator: Simulator, request: Request) -> Response:
    """A person or, under the name `bot`, the bot comes into the group."""
    world, group, name = await _group_and_name(simulator, request)
    if name == "bot":
        if group.has_bot:
            raise Refused(409, f"the bot is in {group.name} already")
        group.has_bot = True
        world.tell("world", world)
        return reply({"webhook": await settled(simulator, relations.bot_joins(world, group))})
    person = person_named(world, name)
    if person.name in group.members:
        raise Refused(409, f"{person.name} is in {group.name} already")
    return reply(
        {"webhook": await settled(simulator, relations.person_joins(world, group, person))}
    )


async def post_group_leave(simulator: Simulator, request: Request) -> Response:
    """A person or, under the name `bot`, the bot goes from the group."""
    world, group, name = await _group_and_name(simulator, request)
    if name == "bot":
        if not group.has_bot:
            raise Refused(409, f"the bot is not in {group.name}")
        return reply({"webhook": await settled(simulator, relations.bot_leaves(world, group))})
    person = person_named(world, name)
    if person.name not in group.members:
        raise Refused(409, f"{person.name} is not in {group.name}")
    return reply(
        {"webhook": await settled(simulator, relations.person_leaves(world, group, person))}
    )


async def _group_and_name(simulator: Simulator, request: Request) -> tuple[World, Group, Any]:
    asked = await body(request, ("person",))
    group = group_named(simulator.world, request.path_params["name"])
    return simulator.world, group, asked.get("person")


async def post_message(simulator: Simulator, request: Request) -> Response:
    """The heart of it: somebody acts, the bot is told, its answers come back."""
    asked = await body(request)
    wait = _wait_of(asked)
    done = acts.act(simulator.world, {name: asked[name] for name in asked if name != "wait"})
    webhook = await settled(simulator, done)
    replies = await _replies(simulator, webhook, wait)
    return reply({"message": done.entry, "webhook": webhook, "replies": replies})


async def post_webhook(simulator: Simulator, request: Request) -> Response:
    """Several acts, also of several people, in one webhook."""
    asked = await body(request, ("events", "wait"))
    wait = _wait_of(asked)
    done, webhook, refused = acts.act_together(simulator.world, asked.get("events"))
    if webhook is not None:
        await simulator.deliver(webhook)
    if refused is not None:
        raise refused
    replies = await _replies(simulator, webhook, wait)
    return reply({"messages": [one.entry for one in done], "webhook": webhook, "replies": replies})


def _wait_of(asked: Json) -> float:
    wait = asked.get("wait", 0)
    if isinstance(wait, bool) or not isinstance(wait, int | float) or not 0 <= wait <= LONGEST_WAIT:
        raise Refused(400, f"wait must be a number of seconds from 0 to {LONGEST_WAIT:g}")
    return float(wait)


async def _replies(simulator: Simulator, webhook: Webhook | None, wait: float) -> list[Entry]:
    """What the bot has said in its chats since the webhook; waits for the first if told to."""
    chats = [] if webhook is None else webhook_chats(webhook)
    if webhook is None or not chats:
        return []
    found = _said_since(simulator.world, chats, webhook.seq)
    if found or not wait or webhook.reason in UNHEARD:
        return found
    try:
        async with asyncio.timeout(wait):
            await simulator.next_bot_entry(chats)
    except TimeoutError:
        return []
    return _said_since(simulator.world, chats, webhook.seq)


def _said_since(world: World, chats: Iterable[str], seq: int) -> list[Entry]:
    found = [entry for chat in chats for entry in world.bot_entries_since(chat, seq)]
    return sorted(found, key=lambda entry: entry.seq)


async def get_chat(simulator: Simulator, request: Request) -> Response:
    world = simulator.world
    found = world.find(request.path_params["name"])
    if found is None:
        raise Refused(404, f"there is no person or group {request.path_params['name']!r}")
    chat_id = found.user_id if isinstance(found, Person) else found.id
    entries = list(world.chat(chat_id).entries)
    wanted = request.query_params.get("format")
    accepts = request.headers.get("accept", "")
    if wanted == "text" or (wanted is None and accepts.startswith("text/plain")):
        return Response(transcript(entries), media_type="text/plain")
    return reply({"chat": chat_id, "entries": entries})


async def get_wire(simulator: Simulator, request: Request) -> Response:
    since = request.query_params.get("since", "0")
    if not since.isascii() or not since.isdigit() or len(since) > 18:
        raise Refused(400, "since must be a whole number")
    return reply({"entries": list(simulator.world.wire_since(int(since)))})


async def get_log(simulator: Simulator, _request: Request) -> Response:
    if simulator.log is None:
        return reply({"rows": []})
    rows = await asyncio.to_thread(log_rows, simulator.log, simulator.world.now())
    return reply({"rows": rows})


async def get_media(simulator: Simulator, request: Request) -> Response:
    media = simulator.world.media.get(request.path_params["message_id"])
    if media is None:
        raise Refused(404, "there are no bytes for that message")
    if media.gone:
        raise Refused(404, "that message was unsent")
    return media_response(media.data, media.content_type, request.headers.get("range"))


async def get_sample(_simulator: Simulator, request: Request) -> Response:
    name = request.path_params["name"]
    if name not in samples.MAKERS:
        raise Refused(404, f"there is no sample {name!r}")
    found = samples.sample(name)
    return media_response(found.data, found.content_type, request.headers.get("range"))


async def post_read(simulator: Simulator, request: Request) -> Response:
    """The person has the chat open and sees what the bot wrote."""
    asked = await body(request, ("person",))
    world = simulator.world
    person = person_named(world, asked.get("person"))
    chats = [person.user_id]
    chats += [group.id for group in world.groups.values() if person.name in group.members]
    last = world.next_seq()
    return reply({"read": sum(world.mark_read(chat, last, side="bot") for chat in chats)})


async def post_reset(simulator: Simulator, _request: Request) -> Response:
    simulator.world.reset()
    return reply({})


async def post_channel(simulator: Simulator, request: Request) -> Response:
    """Change the channel's settings; what is wrong with one changes nothing."""
    settings.change(simulator.world, await body(request))
    return reply(settings.shown(simulator.world))


async def get_errors(simulator: Simulator, _request: Request) -> Response:
    """LINE's statistics of failed webhooks, by minute."""
    return reply({"errors": simulator.world.failures.shown()})


async def post_redeliver(simulator: Simulator, request: Request) -> Response:
    """Send a webhook again, as LINE may: the same events and tokens, `isRedelivery` true."""
    asked = await body(request, ("eventId",))
    event_id = asked.get("eventId")
    found = simulator.world.find_webhook(event_id) if isinstance(event_id, str) else None
    if found is None:
        raise Refused(404, "no webhook on the wire carried that event")
    again = simulator.world.post_again(found)
    await simulator.deliver(again)
    return reply({"webhook": again, "replies": await _replies(simulator, again, 0)})


# Common parts


async def settled(simulator: Simulator, done: Act) -> Webhook | None:
    """Deliver what came of an act, and wait for the outcome."""
    if done.webhook is not None:
        await simulator.deliver(done.webhook)
    return done.webhook


def new_name(world: World, name: Any) -> str:
    if not isinstance(name, str) or not 1 <= len(name) <= 50 or name != name.strip():
        raise Refused(400, "name must be a text of 1 to 50 characters")
    if name in {"bot", "all"} or "/" in name:
        raise Refused(400, "'bot' and 'all' cannot be names, and no name may hold a slash")
    if world.taken(name):
        raise Refused(409, f"the name {name!r} is taken")
    return name


def text_of(asked: Json, name: str) -> str:
    value = asked.get(name, "")
    if not isinstance(value, str):
        raise Refused(400, f"{name} must be a text")
    return value


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/sim/message", post_message),
    ("POST", "/sim/webhook", post_webhook),
    ("GET", "/sim/world", get_world),
    ("POST", "/sim/people", post_people),
    ("GET", "/sim/people/{name}", people_control.get_person),
    ("POST", "/sim/people/{name}", people_control.post_person),
    ("POST", "/sim/people/{name}/block", _on_person(relations.block)),
    ("POST", "/sim/people/{name}/unblock", _on_person(relations.unblock)),
    ("POST", "/sim/groups", post_groups),
    ("POST", "/sim/groups/{name}/join", post_group_join),
    ("POST", "/sim/groups/{name}/leave", post_group_leave),
    ("GET", "/sim/chat/{name}", get_chat),
    ("GET", "/sim/wire", get_wire),
    ("GET", "/sim/log", get_log),
    ("GET", "/sim/richmenus/{menu_id}/image", people_control.get_rich_menu_image),
    ("GET", "/sim/media/{message_id}", get_media),
    ("GET", "/sim/samples/{name:path}", get_sample),
    ("POST", "/sim/read", post_read),
    ("POST", "/sim/reset", post_reset),
    ("POST", "/sim/channel", post_channel),
    ("POST", "/sim/redeliver", post_redeliver),
    ("GET", "/sim/errors", get_errors),
    ("GET", "/sim/faults", fault_control.get_faults),
    ("POST", "/sim/faults", fault_control.post_fault),
    ("PUT", "/sim/faults", fault_control.put_faults),
    ("DELETE", "/sim/faults", fault_control.delete_faults),
    *account_control.ROUTES,
    *page_control.ROUTES,
    *state_control.ROUTES,
)
"""They are tried in this order, so those that are called most come first."""


def routes(simulator: Simulator) -> list[BaseRoute]:
    return [
        Route(path, _answering(simulator, handler), methods=[method])
        for method, path, handler in ROUTES
    ]


def _answering(simulator: Simulator, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return await handler(simulator, request)
        except Refused as refused:
            return reply({"error": str(refused)}, refused.status)

    return endpoint
