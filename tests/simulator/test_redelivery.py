"""Redelivery, as LINE does it where it is switched on; and the statistics of what failed."""

from __future__ import annotations

from typing import Any

import pytest

from penniless.simulator import World, fates
from penniless.simulator.acts import act
from penniless.simulator.clock import VirtualClock
from penniless.simulator.records import Outcome, Webhook
from penniless.simulator.webhooks import headers_for
from tests.simulator.conftest import SECRET, Call

OK = Outcome(status=200, milliseconds=1, reason="ok")
NO_CONTENT = Outcome(status=204, milliseconds=1, reason="ok", detail="204")
FAILED = Outcome(status=500, milliseconds=1, reason="error_status_code", detail="500")
TIMEOUT = Outcome(
    status=None, milliseconds=2000, reason="request_timeout", detail="Request timeout"
)
MINUTE = 60_000


def said(world: World) -> Webhook:
    made = act(world, {"from": "alice", "text": "โอ้ 🙂"}).webhook
    assert made is not None
    return made


def redelivered(world: World, clock: VirtualClock, outcome: Outcome, seconds: float) -> Webhook:
    """The one redelivery that is due after so many seconds, and not before; settled."""
    clock.advance(seconds=seconds - 0.001)
    assert fates.due(world) == []
    clock.advance(seconds=0.001)
    (again,) = fates.due(world)
    return world.settle(again, outcome)


def test_it_is_off_at_first(world: World) -> None:
    """As at LINE."""
    world.settle(said(world), FAILED)
    assert world.timetable.next() is None
    assert world.pending == 0


def test_what_changes_and_what_does_not(world: World, clock: VirtualClock) -> None:
    """Only isRedelivery, and the signature with it."""
    world.set_redelivery(on=True, schedule=(5,))
    first = world.settle(said(world), TIMEOUT)
    again = redelivered(world, clock, OK, 5)
    (old,), (new,) = first.body["events"], again.body["events"]
    assert new == {**old, "deliveryContext": {"isRedelivery": True}}
    assert again.headers == headers_for(SECRET, again.raw)
    assert again.headers["x-line-signature"] != first.headers["x-line-signature"]
    assert (again.redelivery, again.attempt, again.chat) == (True, 1, first.chat)


def test_the_schedule_counts_from_each_failure(world: World, clock: VirtualClock) -> None:
    """And ends with its last number."""
    world.set_redelivery(on=True, schedule=(5, 20, 60))
    world.settle(said(world), FAILED)
    attempts = [redelivered(world, clock, FAILED, delay).attempt for delay in (5, 20, 60)]
    assert attempts == [1, 2, 3]
    assert world.timetable.next() is None


def test_the_default_schedule(world: World) -> None:
    assert world.redelivery_schedule == (5, 20, 60, 300)


@pytest.mark.parametrize("outcome", [OK, NO_CONTENT])
def test_any_2xx_ends_it(world: World, clock: VirtualClock, outcome: Outcome) -> None:
    world.set_redelivery(on=True, schedule=(5, 20))
    world.settle(said(world), FAILED)
    redelivered(world, clock, outcome, 5)
    assert world.timetable.next() is None
    world.settle(said(world), outcome)
    assert world.timetable.next() is None


def test_switched_off_nothing_goes_out_any_more(world: World, clock: VirtualClock) -> None:
    world.set_redelivery(on=True, schedule=(5,))
    world.settle(said(world), FAILED)
    assert world.pending == 1
    world.set_redelivery(on=False)
    clock.advance(seconds=10)
    assert (fates.due(world), world.pending) == ([], 0)
    assert world.redelivery_schedule == (5,)


def test_it_goes_to_where_the_webhook_is_now(world: World, clock: VirtualClock) -> None:
    """A bot that was restarted on another port gets what it missed."""
    world.set_redelivery(on=True, schedule=(5,))
    world.settle(said(world), FAILED)
    world.set_webhook("http://127.0.0.1:2/callback")
    assert redelivered(world, clock, OK, 5).url == "http://127.0.0.1:2/callback"


def test_a_verification_is_not_redelivered(world: World) -> None:
    world.set_redelivery(on=True)
    world.settle(world.post([], None), FAILED)
    assert (world.pending, world.failures.shown()) == (0, [])


def test_the_token_lives_a_minute_from_the_redelivery(
    world: World, clock: VirtualClock, call: Call
) -> None:
    """Unless it was used, or the event is more than twenty minutes old."""
    world.set_redelivery(on=True, schedule=(300, 300, 300, 300))
    first = world.settle(said(world), FAILED)
    token = first.body["events"][0]["replyToken"]
    for _ in range(3):
        redelivered(world, clock, FAILED, 300)
        assert world.reply_tokens.refusal(token, world.now() + MINUTE) == ""
        assert "expired" in world.reply_tokens.refusal(token, world.now() + MINUTE + 1)
    clock.advance(seconds=1)
    redelivered(world, clock, FAILED, 299)
    assert world.reply_tokens.refusal(token, world.now()) == ""
    assert "twenty minutes" in world.reply_tokens.refusal(token, world.now() + 1)


def test_a_used_token_stays_used(world: World, clock: VirtualClock, call: Call) -> None:
    """The bot replied and then answered 500: the reply counts."""
    world.set_redelivery(on=True, schedule=(5,))
    webhook = said(world)
    body: dict[str, Any] = {
        "replyToken": webhook.body["events"][0]["replyToken"],
        "messages": [{"type": "text", "text": "a"}],
    }
    assert call("POST", "/v2/bot/message/reply", body).status == 200
    world.settle(webhook, FAILED)
    redelivered(world, clock, OK, 5)
    assert call("POST", "/v2/bot/message/reply", body).status == 400


@pytest.mark.parametrize(
    "schedule", [5, "5", [-1], [True], ["1"], [float("nan")], [86_401], [1] * 101, None]
)
def test_what_is_no_schedule(schedule: Any) -> None:
    with pytest.raises(ValueError, match="redeliverySchedule must"):
        fates.schedule_from(schedule)


def test_statistics_are_by_minute_reason_and_detail(world: World, clock: VirtualClock) -> None:
    """Counted for the minute in which the webhook went out; successes are not in them."""
    start = world.now()
    for outcome in (FAILED, FAILED, TIMEOUT, OK):
        world.settle(said(world), outcome)
    clock.advance(seconds=60)
    world.settle(said(world), FAILED)
    assert world.failures.shown() == [
        {"time": start, "reason": "error_status_code", "detail": "500", "count": 2},
        {"time": start, "reason": "request_timeout", "detail": "Request timeout", "count": 1},
        {"time": start + MINUTE, "reason": "error_status_code", "detail": "500", "count": 1},
    ]
    world.reset()
    assert world.failures.shown() == []


def test_without_a_url_line_sends_nothing_that_could_fail(world: World) -> None:
    world.webhook_url = None
    world.set_redelivery(on=True)
    world.settle(said(world), FAILED)
    assert (world.failures.shown(), world.pending) == ([], 0)


def test_what_is_pending(world: World) -> None:
    """Webhooks on their way, and redeliveries to come."""
    world.set_redelivery(on=True)
    one, other = said(world), said(world)
    assert world.pending == 2
    world.settle(one, OK)
    world.settle(other, FAILED)
    assert world.pending == 1
