"""Rate limits: so many calls at once, then as many as time allows; LINE's numbers."""

from __future__ import annotations

import json
import re

import pytest

from penniless.simulator.clock import VirtualClock
from penniless.simulator.operations import OPERATIONS
from penniless.simulator.rates import Rates
from penniless.simulator.world import World
from tests.simulator.conftest import Call

TEXT = {"type": "text", "text": "a"}
HOUR = 3_600_000
USUAL = (2_000, 1)
UNUSUAL = {
    "multicast": (200, 1),
    "narrowcast": (60, 3600),
    "broadcast": (60, 3600),
    "loading": (100, 1),
    "getWebhookEndpoint": (1_000, 60),
    "setWebhookEndpoint": (1_000, 60),
    "testWebhookEndpoint": (60, 3600),
    "issueChannelToken": (370, 1),
    "createRichMenu": (100, 3600),
    "deleteRichMenu": (100, 3600),
    "deleteRichMenuAlias": (100, 3600),
    "getRichMenuBatchProgress": (100, 3600),
    "richMenuBatch": (3, 3600),
    "getRichMenuList": (10, 1),
}
FAMILIES = (
    (r"/v2/bot/audienceGroup/", (60, 60)),
    (r"/v2/bot/insight/", (60, 3600)),
    (r"/v2/bot/(coupon|membership)", (200, 1)),
)
"""Families that have one rate for all."""


def test_lines_numbers() -> None:
    """https://developers.line.biz/en/reference/messaging-api/#rate-limits"""
    for one in OPERATIONS:
        of_family = [rate for path, rate in FAMILIES if re.match(path, one.template)]
        expected = of_family[0] if of_family else UNUSUAL.get(one.name, USUAL)
        assert one.rate == expected, one.name
    assert UNUSUAL.keys() <= {one.name for one in OPERATIONS}


def test_a_bucket_is_full_at_first() -> None:
    rates = Rates()
    assert [rates.takes("x", (3, 1), 0) for _ in range(4)] == [True, True, True, False]


def test_a_bucket_fills_with_time() -> None:
    """One token each minute at 60 an hour, and never more than fit in."""
    rates = Rates()
    for _ in range(60):
        assert rates.takes("x", (60, 3600), 0)
    assert not rates.takes("x", (60, 3600), 59_999)
    assert rates.takes("x", (60, 3600), 60_000)
    assert not rates.takes("x", (60, 3600), 60_001)
    later = 10 * HOUR
    assert [rates.takes("x", (60, 3600), later) for _ in range(61)] == [True] * 60 + [False]


@pytest.mark.parametrize("step", [1, 7, 333])
def test_a_steady_caller_gets_exactly_the_rate(step: int) -> None:
    """Asking more often does not help, and costs nothing: 10 a second, for a minute."""
    rates = Rates()
    given = sum(rates.takes("x", (10, 1), now) for now in range(0, 60_000, step) for _ in range(4))
    assert 590 <= given <= 610


def test_a_clock_that_was_set_back_gives_nothing() -> None:
    rates = Rates()
    assert rates.takes("x", (1, 1), 5_000)
    assert not rates.takes("x", (1, 1), 1_000)


def test_buckets_are_apart() -> None:
    rates = Rates()
    assert [rates.takes(name, (1, 1), 0) for name in ("x", "y", "x")] == [True, True, False]


def test_too_many_calls(world: World, call: Call, clock: VirtualClock) -> None:
    """429 with LINE's body; nothing is done; another operation goes on."""
    body = {"chatId": world.people["alice"].user_id}
    path = "/v2/bot/chat/loading/start"
    assert {call("POST", path, body).status for _ in range(100)} == {202}
    refused = call("POST", path, body)
    assert refused.status == 429
    assert json.loads(refused.body) == {
        "message": "The API rate limit has been exceeded. Try again later."
    }
    assert "100 calls in 1 s" in refused.call.hint
    assert call("GET", "/v2/bot/info").status == 200
    clock.advance(seconds=0.01)
    assert [call("POST", path, body).status for _ in range(2)] == [202, 429]


def test_a_retry_costs_a_call(world: World, call: Call) -> None:
    """A broadcast that was accepted before is answered 409, and counts."""
    world.quota.limit = None
    body = {"messages": [TEXT]}
    headers = {"x-line-retry-key": "123e4567-e89b-12d3-a456-426614174000"}
    path = "/v2/bot/message/broadcast"
    statuses = [call("POST", path, body, headers=headers).status for _ in range(61)]
    assert statuses == [200] + [409] * 59 + [429]


def test_without_the_right_token_nothing_counts(call: Call) -> None:
    wrong = {"authorization": "Bearer wrong"}
    path = "/v2/bot/channel/webhook/test"
    assert {call("POST", path, {}, headers=wrong).status for _ in range(70)} == {401}
    assert call("POST", path, {}).awaits is not None


def test_they_can_be_switched_off(world: World, call: Call) -> None:
    world.set_rate_limits(on=False)
    body = {"chatId": world.people["alice"].user_id}
    path = "/v2/bot/chat/loading/start"
    assert {call("POST", path, body).status for _ in range(150)} == {202}
    world.set_rate_limits(on=True)
    assert [call("POST", path, body).status for _ in range(101)][-2:] == [202, 429]
