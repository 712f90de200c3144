"""What people do beside talking: switch the rich menu, join a membership, link an account.

Law of this module: one function a deed, with the event that tells the bot. Nothing is delivered
here. A deed that makes no sense raises `Refused`.
"""

from __future__ import annotations

from typing import Any, cast

from penniless.simulator import account_links, memberships, richmenu_aliases
from penniless.simulator.places import Act, Place, Refused
from penniless.simulator.records import Json

STEPS = ("joined", "left", "renewed")


def switch_menu(where: Place, value: Any, _request: Json) -> Act:
    """Tap a rich menu switch action: the menu changes, and the bot gets a postback."""
    alone = _alone(where, "richMenuSwitch")
    alias, data = (_text(value, name, "richMenuSwitch") for name in ("richMenuAliasId", "data"))
    status = richmenu_aliases.switch(alone.world, alone.person.user_id, alias)
    params = {"newRichMenuAliasId": alias, "status": status}
    return Act(None, alone.happens("postback", {"postback": {"data": data, "params": params}}))


def membership(where: Place, value: Any, _request: Json) -> Act:
    """Join, renew or leave a membership plan: `{"type": "joined", "membershipId": 1}`."""
    alone = _alone(where, "membership")
    step = value.get("type") if isinstance(value, dict) else None
    number = value.get("membershipId") if isinstance(value, dict) else None
    if step not in STEPS or type(number) is not int:
        raise Refused(400, f"membership must have a type ({', '.join(STEPS)}) and a membershipId")
    taken = cast(memberships.Step, step)
    try:
        memberships.take_step(alone.world, alone.person.user_id, number, taken)
    except ValueError as error:
        raise Refused(409, str(error)) from None
    text = f"{alone.person.display_name}: membership {number} {step}"
    entry = alone.world.note(alone.chat_id, text)
    properties = {"membership": {"type": step, "membershipId": number}}
    return Act(entry, alone.happens("membership", properties))


def link_account(where: Place, value: Any, _request: Json) -> Act:
    """Come back from a login elsewhere with a link token and the nonce that was made there."""
    alone = _alone(where, "accountLink")
    token, nonce = (_text(value, name, "accountLink") for name in ("linkToken", "nonce"))
    linked = account_links.redeem(alone.world, alone.person.user_id, token)
    result = "ok" if linked else "failed"
    entry = alone.world.note(alone.chat_id, f"{alone.person.display_name}: account link {result}")
    return Act(entry, alone.happens("accountLink", {"link": {"result": result, "nonce": nonce}}))


def _alone(where: Place, name: str) -> Place:
    if where.group is not None:
        raise Refused(400, f"{name} works in the 1:1 chat only")
    return where


def _text(value: Any, name: str, whole: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, str) or not found:
        raise Refused(400, f"{whole}.{name} must be a text that is not empty")
    return found
