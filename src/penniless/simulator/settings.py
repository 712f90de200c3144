"""The channel's settings as /sim/channel shows and changes them.

Law of this module: JSON in, checked as a whole, then applied as a whole. Raises `Refused`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from penniless.counting import utf16_units
from penniless.errors import SettingsError
from penniless.simulator import fates, guesses
from penniless.simulator.jwt import Key, key_from
from penniless.simulator.memberships import plans_from
from penniless.simulator.places import Refused, only
from penniless.simulator.quota import PLANS
from penniless.simulator.records import Json
from penniless.simulator.world import World

SWITCHES = ("verified", "partner", "module", "privacy")
"""The switches of the account, see `account`."""

MOST_KEYS = 30

LONGEST_TEXT = 500
"""UTF-16 units of a greeting or an auto-reply."""


def shown(world: World) -> Json:
    """The `channel` of `GET /sim/world`; never the secret."""
    return {
        "name": world.name,
        "userId": world.user_id,
        "basicId": world.basic_id,
        "pictureUrl": None,
        "webhook": world.webhook_url,
        "useWebhook": world.account.use_webhook,
        "suspended": fates.suspended(world),
        "chatMode": world.chat_mode,
        "quota": world.quota.shown(world.now()),
        "redelivery": world.redelivery,
        "redeliverySchedule": world.redelivery_schedule,
        "rateLimits": world.rate_limits,
        "channelId": world.account.channel_id,
        **{name: getattr(world.account, name) for name in SWITCHES},
        "keys": list(world.account.keys),
        "memberships": world.account.memberships,
        "greeting": world.account.greeting,
        "autoReply": world.account.auto_reply,
        "plan": world.account.plan,
        "guesses": guesses.values_of(world.guesses),
    }


def change(world: World, asked: Json) -> None:
    """Change what is asked for. Raises Refused for what is no setting."""
    only(asked, CHECKS, "the channel")
    apply(world, checked(asked))


def checked(asked: Json) -> Json:
    """What is asked for, as the world keeps it; other names are ignored, and nothing is changed.

    Raises Refused.
    """
    return {name: check(asked[name]) for name, check in CHECKS.items() if name in asked}


def apply(world: World, wanted: Json) -> None:
    """Change what was checked."""
    world.chat_mode = wanted.get("chatMode", world.chat_mode)
    if "quota" in wanted or "plan" in wanted:
        plan = world.account.plan = wanted.get("plan")
        own = PLANS[plan] if plan is not None else world.quota.limit
        world.quota.limit = wanted.get("quota", own)
    if "rateLimits" in wanted:
        world.set_rate_limits(on=wanted["rateLimits"])
    if "redelivery" in wanted or "redeliverySchedule" in wanted:
        on = wanted.get("redelivery", world.redelivery)
        world.set_redelivery(on=on, schedule=wanted.get("redeliverySchedule"))
    for name in (*SWITCHES, "keys", "memberships", "greeting"):
        if name in wanted:
            setattr(world.account, name, wanted[name])
    world.account.auto_reply = wanted.get("autoReply", world.account.auto_reply)
    world.account.use_webhook = wanted.get("useWebhook", world.account.use_webhook)
    if "guesses" in wanted:
        world.set_guesses(guesses.changed(world.guesses, wanted["guesses"]))
    if "webhook" in wanted:
        world.set_webhook(wanted["webhook"])
    world.tell("world", world)


def _schedule(asked: Any) -> tuple[float, ...]:
    try:
        return fates.schedule_from(asked)
    except ValueError as error:
        raise _refused(str(error)) from None


def _webhook(asked: Any) -> str | None:
    if asked is not None and not isinstance(asked, str):
        raise _refused("webhook must be a URL or null")
    return asked


def _chat_mode(asked: Any) -> str:
    if asked not in ("bot", "chat"):
        raise _refused("chatMode must be 'bot' or 'chat'")
    return str(asked)


def _quota(asked: Any) -> int | None:
    if asked is not None and (isinstance(asked, bool) or not isinstance(asked, int) or asked < 0):
        raise _refused("quota must be a whole number, or null for none")
    return asked


def _plan(asked: Any) -> str | None:
    if asked is not None and (not isinstance(asked, str) or asked not in PLANS):
        raise _refused(f"plan must be null or one of {', '.join(PLANS)}")
    return asked


def _own_text(name: str) -> Callable[[Any], str | None]:
    def check(asked: Any) -> str | None:
        if asked is None:
            return None
        if not isinstance(asked, str) or not asked.strip() or utf16_units(asked) > LONGEST_TEXT:
            raise _refused(f"{name} must be a text of 1 to {LONGEST_TEXT} characters, or null")
        return asked

    return check


def _switch(name: str) -> Callable[[Any], bool]:
    def check(asked: Any) -> bool:
        if not isinstance(asked, bool):
            raise _refused(f"{name} must be true or false")
        return asked

    return check


def keys_from(asked: Any) -> dict[str, Key]:
    """JWKs of public keys, by their `kid`; one without gets the id that LINE's console would.

    Raises Refused for what is none.
    """
    if not isinstance(asked, list) or len(asked) > MOST_KEYS:
        raise _refused(f"keys must be a list of at most {MOST_KEYS} public keys (JWK)")
    found: dict[str, Key] = {}
    for jwk in asked:
        try:
            key = key_from(jwk)
        except ValueError as error:
            raise _refused(str(error)) from None
        found[str(jwk.get("kid") or key.thumbprint)] = key
    return found


def _memberships(asked: Any) -> list[Json]:
    try:
        return plans_from(asked)
    except ValueError as error:
        raise _refused(str(error)) from None


def _guesses(asked: Any) -> dict[str, guesses.Value]:
    try:
        return guesses.checked(asked)
    except SettingsError as error:
        raise _refused(str(error)) from None


def _refused(sentence: str) -> Refused:
    return Refused(400, sentence)


CHECKS: dict[str, Callable[[Any], Any]] = {
    "webhook": _webhook,
    "useWebhook": _switch("useWebhook"),
    "chatMode": _chat_mode,
    "quota": _quota,
    "redelivery": _switch("redelivery"),
    "redeliverySchedule": _schedule,
    "rateLimits": _switch("rateLimits"),
    **{name: _switch(name) for name in SWITCHES},
    "keys": keys_from,
    "memberships": _memberships,
    "greeting": _own_text("greeting"),
    "autoReply": _own_text("autoReply"),
    "plan": _plan,
    "guesses": _guesses,
}
