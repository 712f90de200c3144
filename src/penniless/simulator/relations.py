"""Who knows the bot: people follow and block it, groups take it in, members come and go.

Law of this module: one function a change, with the event that tells the bot. Nothing is delivered
here.
"""

from __future__ import annotations

from penniless.simulator import webhooks
from penniless.simulator.places import Act, Place, Refused, post_event
from penniless.simulator.records import Group, Json, Person, Webhook
from penniless.simulator.world import World


def follow(where: Place) -> Act:
    """The person adds the bot as a friend."""
    where.person.friend = True
    where.world.tell("world", where.world)
    entry = where.world.note(
        where.person.user_id, f"{where.person.display_name} added the bot as a friend"
    )
    _greet(where.world, where.person)
    alone = Place(where.world, where.person)
    return Act(entry, alone.happens("follow", {"follow": {"isUnblocked": False}}))


def block(world: World, person: Person) -> Act:
    """The person blocks the bot; it hears of it once, and then nothing more."""
    if person.blocked:
        raise Refused(409, f"{person.name} has blocked the bot already")
    where = Place(world, person)
    webhook = where.happens("unfollow", {})
    person.blocked = True
    world.tell("world", world)
    return Act(world.note(person.user_id, f"{person.display_name} blocked the bot"), webhook)


def unblock(world: World, person: Person) -> Act:
    if not person.blocked:
        raise Refused(409, f"{person.name} has not blocked the bot")
    person.blocked = False
    person.friend = True
    world.tell("world", world)
    entry = world.note(person.user_id, f"{person.display_name} unblocked the bot")
    if world.guesses.greets_on_unblock:
        _greet(world, person)
    where = Place(world, person)
    return Act(entry, where.happens("follow", {"follow": {"isUnblocked": True}}))


def _greet(world: World, person: Person) -> None:
    """The account's greeting message, if it has one; it costs nothing."""
    if world.account.greeting is not None:
        world.bot_says(person.user_id, {"type": "text", "text": world.account.greeting}, "")


def found_group(world: World, name: str, members: list[str], kind: str) -> tuple[Group, Act]:
    """A new group with the bot in it; the bot hears that it joined."""
    group = world.add_group(name, members, kind)
    return group, bot_joins(world, group)


def bot_joins(world: World, group: Group) -> Act:
    entry = world.note(group.id, f"{world.name} joined {group.name}")
    return Act(entry, _in_group(world, group, "join", {}))


def bot_leaves(world: World, group: Group) -> Act:
    """The bot is removed, or leaves by itself; it hears of that one last time."""
    webhook = _in_group(world, group, "leave", {})
    group.has_bot = False
    world.tell("world", world)
    return Act(world.note(group.id, f"{world.name} left {group.name}"), webhook)


def person_joins(world: World, group: Group, person: Person) -> Act:
    group.members.append(person.name)
    world.tell("world", world)
    entry = world.note(group.id, f"{person.display_name} joined {group.name}")
    joined = {"joined": {"members": [webhooks.user_source(person.user_id)]}}
    return Act(entry, _in_group(world, group, "memberJoined", joined, person))


def person_leaves(world: World, group: Group, person: Person) -> Act:
    group.members.remove(person.name)
    world.tell("world", world)
    entry = world.note(group.id, f"{person.display_name} left {group.name}")
    left = {"left": {"members": [webhooks.user_source(person.user_id)]}}
    return Act(entry, _in_group(world, group, "memberLeft", left, person))


def _in_group(
    world: World, group: Group, kind: str, properties: Json, person: Person | None = None
) -> Webhook | None:
    """An event of the group itself; its source names no person, unless LINE is guessed to do so."""
    if not group.has_bot:
        return None
    named = person is not None and world.guesses.group_events_name_person
    user_id = person.user_id if person is not None and named else None
    source = webhooks.group_source(group.kind, group.id, user_id)
    return post_event(world, kind, properties, source, group.id)
