"""What becomes of webhooks: which fault meets one, what follows a failure, what is due now.

Law of this module: decisions, pure but for the world they change. How a webhook travels stands in
`delivery`; who waits until something is due, in `simulator`.

Source: https://developers.line.biz/en/docs/messaging-api/receiving-messages/#webhook-redelivery
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penniless.simulator.faults import WEBHOOK, Duplicate, Effect, Reorder, described
from penniless.simulator.records import Outcome, Webhook

if TYPE_CHECKING:
    from penniless.simulator.world import World

SCHEDULE = (5.0, 20.0, 60.0, 300.0)
"""Seconds from a failure to the next redelivery. LINE does not disclose its own."""

UNCOUNTED = frozenset({"ok", "suspended", "off"})
"""What is no failure of the bot."""

MOST_REDELIVERIES = 100
DAY = 24 * 3600

LOST = Outcome(
    status=None, milliseconds=0.0, reason="could_not_connect", detail="Connection failed"
)
"""What LINE sees of a webhook that does not get through."""

HOUR = 3600 * 1000
SUSPENDED = Outcome(
    status=None,
    milliseconds=0.0,
    reason="suspended",
    detail="no webhook has succeeded for an hour: set the webhook anew, or test it",
)
OFF = Outcome(status=None, milliseconds=0.0, reason="off", detail="useWebhook is false")
"""Webhooks that LINE did not send; in words of ours, since LINE has none for them."""


def schedule_from(asked: Any) -> tuple[float, ...]:
    """A schedule of redeliveries. Raises ValueError with a sentence for what is none."""
    if not isinstance(asked, list | tuple) or len(asked) > MOST_REDELIVERIES:
        raise ValueError(
            f"redeliverySchedule must be a list of at most {MOST_REDELIVERIES} seconds"
        )
    for one in asked:
        if isinstance(one, bool) or not isinstance(one, int | float) or not 0 <= one <= DAY:
            raise ValueError(f"redeliverySchedule must have numbers of seconds from 0 to {DAY}")
    return tuple(float(one) for one in asked)


def meets(world: World, webhook: Webhook) -> Effect | None:
    """The fault that meets this webhook on its way, noted on it; at most one in its life.

    One that is to be held back is in the timetable then, as is a second copy. The webhook of
    LINE's verification, without events, meets none; nor does one that LINE does not send.
    """
    if webhook.fault or not webhook.event_ids or unsent(world, webhook) is not None:
        return None
    effect = world.faults.strike(WEBHOOK)
    if effect is None:
        return None
    webhook.fault = described(effect)
    if isinstance(effect, Reorder):
        world.timetable.hold(world.now() + round(effect.seconds * 1000), webhook)
    elif isinstance(effect, Duplicate):
        world.timetable.add(world.now() + round(effect.after * 1000), webhook, "copy")
    return effect


def unsent(world: World, webhook: Webhook) -> Outcome | None:
    """Why LINE does not even send it: they are off, or it has given up on this bot; or None.

    Its verification goes out all the same.
    """
    if not webhook.event_ids:
        return None
    if not world.account.use_webhook:
        return OFF
    return SUSPENDED if suspended(world) else None


def suspended(world: World) -> bool:
    """Whether LINE has given up on this bot; it does so only where it is guessed to."""
    since = world.failing_since
    given_up = since is not None and world.now() - since >= HOUR
    return given_up and world.guesses.suspends_webhooks


def follows(world: World, webhook: Webhook) -> None:
    """A webhook is through or has failed: statistics, redelivery, and those that waited for it.

    LINE does not know of copies, and its verification is in no statistics.
    """
    world.timetable.overtaken(webhook.seq, world.now())
    if webhook.reason == "ok" and world.failing_since is not None:
        world.failing_since = None
        world.tell("world", world)
    if webhook.reason == "suspended":
        world.tell("world", world)
    if webhook.reason in UNCOUNTED or webhook.copy or not webhook.event_ids or not webhook.url:
        return
    if world.failing_since is None:
        world.failing_since = world.now()
    world.failures.count(webhook.time, webhook.reason, webhook.detail)
    if world.redelivery and webhook.attempt < len(world.redelivery_schedule):
        delay = world.redelivery_schedule[webhook.attempt]
        world.timetable.add(world.now() + round(delay * 1000), webhook, "again")


def due(world: World) -> list[Webhook]:
    """The webhooks whose time has come, ready to be delivered."""
    found: list[Webhook] = []
    for one in world.timetable.take(world.now()):
        if one.kind == "again":
            found += _again(world, one.webhook)
        else:
            make = world.post_copy if one.kind == "copy" else world.send_on
            found.append(make(one.webhook))
    return found


def _again(world: World, webhook: Webhook) -> list[Webhook]:
    """The redelivery: one webhook, or one for each of its events."""
    if world.guesses.batch_redelivery == "together":
        return [world.post_again(webhook)]
    return [world.post_again(webhook, [event]) for event in webhook.body["events"]]
