"""The reading operations about people, groups and the account itself, and leaving a group.

Law of this module: look up and answer. An unknown id is 404, as on the LINE Platform.

Source: https://developers.line.biz/en/reference/messaging-api/#users
"""

from __future__ import annotations

from penniless.simulator import relations, sentences
from penniless.simulator.exchange import Answer, Asked, path_id, refusal
from penniless.simulator.pages import page
from penniless.simulator.records import Group, Json
from penniless.simulator.table import Operation


def profile(asked: Asked) -> Answer:
    """Of friends, and of people who wrote to the bot; not of people who blocked it.

    https://developers.line.biz/en/reference/messaging-api/#get-profile
    """
    world = asked.world
    person = world.person_of(path_id(asked, "userId"))
    known = person is not None and (person.friend or person.user_id in world.last_wrote)
    if person is None or person.blocked or not known:
        raise refusal(404, "Not found")
    return Answer(
        json={
            "userId": person.user_id,
            "displayName": person.display_name,
            "language": person.language,
        },
        chat=person.user_id,
    )


def member_profile(asked: Asked) -> Answer:
    """Works for people who are no friends of the bot; has no status message and no language.

    https://developers.line.biz/en/reference/messaging-api/#get-group-member-profile
    """
    group = _group(asked)
    person = asked.world.member(group, path_id(asked, "userId"))
    if person is None:
        raise refusal(404, "Not found")
    shown = {"userId": person.user_id, "displayName": person.display_name}
    return Answer(json=shown, chat=group.id)


def group_summary(asked: Asked) -> Answer:
    group = _group(asked)
    return Answer(json={"groupId": group.id, "groupName": group.name}, chat=group.id)


def members_count(asked: Asked) -> Answer:
    """The bot itself is not counted."""
    group = _group(asked)
    return Answer(json={"count": len(group.members)}, chat=group.id)


def followers(asked: Asked) -> Answer:
    """The ids of all friends who have not blocked the bot.

    https://developers.line.biz/en/reference/messaging-api/#get-follower-ids
    """
    _only_verified(asked)
    people = asked.world.people.values()
    ids = [one.user_id for one in people if one.friend and not one.blocked]
    return Answer(json=page(asked, "userIds", ids, usual=300, most=1000))


def member_ids(asked: Asked) -> Answer:
    """A hundred at a time, friends or not.

    https://developers.line.biz/en/reference/messaging-api/#get-group-member-user-ids
    """
    _only_verified(asked)
    group, world = _group(asked), asked.world
    ids = [world.people[name].user_id for name in group.members]
    asked.query.pop("limit", None)
    shown = page(asked, "memberIds", ids, usual=100, most=100, kind=group.id)
    return Answer(json=shown, chat=group.id)


def _only_verified(asked: Asked) -> None:
    """Lists of friends and members: a verified or premium account is needed for them."""
    if not asked.world.account.verified:
        hint = "for verified and premium accounts only; POST /sim/channel with verified true"
        raise refusal(403, sentences.NO_ACCESS, hint=hint)


def leave_group(asked: Asked) -> Answer:
    return _leave(asked, _group(asked))


def leave_room(asked: Asked) -> Answer:
    """200 also where the bot is not in the room, as LINE says."""
    group = asked.world.group_of(path_id(asked, "roomId"))
    if group is None or not group.has_bot or group.kind != "room":
        return Answer(json={})
    return _leave(asked, group)


def _leave(asked: Asked, group: Group) -> Answer:
    left = relations.bot_leaves(asked.world, group)
    return Answer(json={}, chat=group.id, deliver=[left.webhook] if left.webhook else [])


def bot_info(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-bot-info"""
    world = asked.world
    shown: Json = {
        "userId": world.user_id,
        "basicId": world.basic_id,
        "displayName": world.name,
        "chatMode": world.chat_mode,
        "markAsReadMode": "manual" if world.chat_mode == "chat" else "auto",
    }
    return Answer(json=shown)


def quota(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-quota"""
    limit = asked.world.quota.limit
    return Answer(json={"type": "none"} if limit is None else {"type": "limited", "value": limit})


def consumption(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-consumption"""
    world = asked.world
    return Answer(json={"totalUsage": world.quota.used(world.now())})


def _group(asked: Asked) -> Group:
    """The group or room of the path, if it is of that kind and the bot is in it."""
    kind = "group" if "groupId" in asked.params else "room"
    group = asked.world.group_of(path_id(asked, f"{kind}Id"))
    if group is None or group.kind != kind or not group.has_bot:
        raise refusal(404, "Not found")
    return group


MESSAGE = "/v2/bot/message"
GROUP, ROOM = "/v2/bot/group/{groupId}", "/v2/bot/room/{roomId}"

OPERATIONS = (
    *(
        Operation(name, "GET", path, handler)
        for name, path, handler in (
            ("quota", f"{MESSAGE}/quota", quota),
            ("quotaConsumption", f"{MESSAGE}/quota/consumption", consumption),
            ("profile", "/v2/bot/profile/{userId}", profile),
            ("followers", "/v2/bot/followers/ids", followers),
            ("botInfo", "/v2/bot/info", bot_info),
            ("groupSummary", f"{GROUP}/summary", group_summary),
            ("groupMembersCount", f"{GROUP}/members/count", members_count),
            ("groupMembers", f"{GROUP}/members/ids", member_ids),
            ("groupMemberProfile", f"{GROUP}/member/{{userId}}", member_profile),
            ("roomMembersCount", f"{ROOM}/members/count", members_count),
            ("roomMembers", f"{ROOM}/members/ids", member_ids),
            ("roomMemberProfile", f"{ROOM}/member/{{userId}}", member_profile),
        )
    ),
    Operation("leaveGroup", "POST", f"{GROUP}/leave", leave_group, body="none"),
    Operation("leaveRoom", "POST", f"{ROOM}/leave", leave_room, body="none"),
)
