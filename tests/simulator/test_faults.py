"""Faults on purpose: which call or webhook they strike, replayable, and what comes of it."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import pytest

from penniless.simulator import fates
from penniless.simulator.acts import act
from penniless.simulator.api import after_delivery
from penniless.simulator.clock import VirtualClock
from penniless.simulator.faults import (
    Drop,
    Duplicate,
    Effect,
    Faults,
    Late,
    Latency,
    Lost,
    Reorder,
    Rule,
    Status,
    Timeout,
    described,
    rule_from,
)
from penniless.simulator.records import Call as CallRecord
from penniless.simulator.records import Outcome, Webhook
from penniless.simulator.world import World
from tests.simulator.conftest import Call

OK = Outcome(status=200, milliseconds=1, reason="ok")
FAILED = Outcome(status=500, milliseconds=1, reason="error_status_code", detail="500")
PUSH = "/v2/bot/message/push"
TEXT = {"type": "text", "text": "สวัสดี"}
KEY = {"x-line-retry-key": "123e4567-e89b-12d3-a456-426614174000"}


@pytest.fixture
def faults() -> Faults:
    return Faults(random.Random(1))


def said(world: World, text: str = "hi") -> Webhook:
    made = act(world, {"from": "alice", "text": text}).webhook
    assert made is not None
    return made


def to_alice(world: World) -> dict[str, Any]:
    return {"to": world.people["alice"].user_id, "messages": [TEXT]}


def bot_texts(world: World) -> list[str]:
    chat = world.chat(world.people["alice"].user_id)
    return [entry.text for entry in chat.entries if entry.side == "bot"]


class TestRules:
    def test_a_rule_strikes_its_endpoint_only(self, faults: Faults) -> None:
        faults.add("reply", Status(500))
        assert faults.strike("reply") == Status(500)
        assert faults.strike("push") is None
        assert faults.strike("webhook") is None

    def test_a_star_means_every_operation_and_no_webhook(self, faults: Faults) -> None:
        faults.add("*", Drop())
        assert [faults.strike(name) for name in ("reply", "profile")] == [Drop(), Drop()]
        assert faults.strike("webhook") is None

    def test_the_first_rule_that_strikes_decides(self, faults: Faults) -> None:
        faults.add("reply", Status(500), times=1)
        faults.add("*", Latency(1))
        faults.add("reply", Drop())
        assert [faults.strike("reply") for _ in range(2)] == [Status(500), Latency(1)]

    def test_times(self, faults: Faults) -> None:
        """After so many strikes a rule is over."""
        rule = faults.add("reply", Drop(), times=2)
        assert [faults.strike("reply") for _ in range(4)] == [Drop(), Drop(), None, None]
        assert (rule.seen, rule.struck) == (2, 2)

    def test_the_same_seed_strikes_the_same_calls(self, faults: Faults) -> None:
        """Whatever other rules and other endpoints do in between."""
        faults.add("reply", Drop(), probability=0.3, seed=7)
        other = Faults()
        other.add("push", Drop(), probability=0.5)
        other.add("reply", Drop(), probability=0.3, seed=7)
        first = [faults.strike("reply") for _ in range(50)]
        second = [(other.strike("push"), other.strike("reply"))[1] for _ in range(50)]
        assert first == second
        assert 5 < first.count(Drop()) < 30

    def test_a_made_up_seed_is_shown(self, faults: Faults) -> None:
        """So that a run which found something can be repeated."""
        rule = faults.add("reply", Drop(), probability=0.5)
        found = [faults.strike("reply") for _ in range(20)]
        again = Faults()
        again.add("reply", Drop(), probability=0.5, seed=rule.seed)
        assert [again.strike("reply") for _ in range(20)] == found
        world = World(chance=random.Random(3))
        same = World(chance=random.Random(3))
        assert world.faults.add("*", Drop()).seed == same.faults.add("*", Drop()).seed

    def test_probability_is_what_happens(self, faults: Faults) -> None:
        rule = faults.add("reply", Drop(), probability=0.05, seed=1)
        for _ in range(10_000):
            faults.strike("reply")
        assert rule.seen == 10_000
        assert 400 < rule.struck < 600
        never = faults.add("push", Drop(), probability=0)
        faults.strike("push")
        assert (never.seen, never.struck) == (1, 0)

    def test_rules_go_by_id_or_all_together(self, faults: Faults) -> None:
        one, other = faults.add("reply", Drop()), faults.add("push", Drop())
        assert (one.id, other.id) == (1, 2)
        assert faults.remove(one.id)
        assert not faults.remove(one.id)
        assert faults.rules == (other,)
        faults.clear()
        assert list(faults.rules) == []

    def test_a_bad_rule_changes_nothing(self, faults: Faults) -> None:
        kept = faults.add("reply", Drop())
        with pytest.raises(ValueError, match="no endpoint"):
            faults.replace(
                [Rule(endpoint="push", effect=Drop()), Rule(endpoint="x", effect=Drop())]
            )
        assert faults.rules == (kept,)

    @pytest.mark.parametrize(
        ("endpoint", "effect", "options", "sentence"),
        [
            ("nothing", Drop(), {}, "there is no endpoint 'nothing'"),
            ("webhook", Drop(), {}, "must be one of latency, duplicate, reorder, lost, late"),
            ("reply", Lost(), {}, "must be one of status, latency, drop, timeout"),
            ("*", Duplicate(), {}, "must be one of status"),
            ("reply", Drop(), {"probability": 1.1}, "probability must be"),
            ("reply", Drop(), {"probability": float("nan")}, "probability must be"),
            ("reply", Drop(), {"times": 0}, "times must be"),
            ("reply", Status(200), {}, "status must be an error"),
            ("reply", Status(500, quota=True), {}, "quota goes with status 429"),
            ("reply", Latency(-1), {}, "seconds must be"),
            ("reply", Timeout(seconds=61), {}, "seconds must be"),
            ("webhook", Duplicate(after=float("inf")), {}, "after must be"),
        ],
    )
    def test_rules_without_sense(
        self, faults: Faults, endpoint: str, effect: Effect, options: Any, sentence: str
    ) -> None:
        with pytest.raises(ValueError, match=sentence):
            faults.add(endpoint, effect, **options)
        assert faults.rules == ()

    def test_there_is_an_end_to_rules(self, faults: Faults) -> None:
        for _ in range(100):
            faults.add("reply", Drop())
        with pytest.raises(ValueError, match="100 rules"):
            faults.add("reply", Drop())


class TestJson:
    @pytest.mark.parametrize(
        "effect",
        [
            Status(429, quota=True),
            Status(503, message="おやすみ", acted=True),
            Latency(0.5),
            Drop(acted=True),
            Timeout(acted=True, seconds=3),
            Duplicate(after=1),
            Reorder(seconds=2),
            Lost(),
            Late(),
        ],
    )
    def test_a_rule_comes_back_as_it_went(self, faults: Faults, effect: Effect) -> None:
        endpoint = "push" if isinstance(effect, Status | Drop | Timeout) else "webhook"
        rule = faults.add(endpoint, effect, probability=0.5, times=3, seed=9)
        assert rule_from(json.loads(msgspec.json.encode(rule))) == rule

    @pytest.mark.parametrize(
        "asked",
        [
            {},
            {"endpoint": "reply"},
            {"endpoint": "reply", "effect": {"type": "explode"}},
            {"endpoint": "reply", "effect": {"type": "status"}},
            {"endpoint": "reply", "effect": {"type": "drop", "unknown": 1}},
            {"endpoint": "reply", "effect": {"type": "drop"}, "probability": "often"},
            {"endpoint": "reply", "effect": {"type": "drop"}, "chance": 0.5},
            [],
        ],
    )
    def test_what_is_no_rule(self, asked: Any) -> None:
        with pytest.raises(ValueError, match="the rule cannot be read: "):
            rule_from(asked)

    def test_words_for_the_wire(self) -> None:
        assert described(Drop(acted=True)) == "drop, acted: true"
        assert described(Lost()) == "lost"


class TestCalls:
    @pytest.mark.parametrize(
        ("effect", "message"),
        [
            (Status(429), "The API rate limit has been exceeded. Try again later."),
            (Status(429, quota=True), "You have reached your monthly limit."),
            (Status(404), "Not found"),
            (Status(500), "The server encountered an internal error"),
            (Status(502), "The request could not be processed"),
            (Status(500, message="さようなら"), "さようなら"),
        ],
    )
    def test_an_error_in_lines_words(
        self, world: World, call: Call, effect: Status, message: str
    ) -> None:
        """Nothing is sent, and the call stands on the wire with what was done to it."""
        world.faults.add("push", effect, times=1)
        refused = call("POST", PUSH, to_alice(world))
        assert (refused.status, json.loads(refused.body)) == (effect.status, {"message": message})
        assert refused.headers["x-line-request-id"]
        assert (refused.call.fault, refused.call.request) == (described(effect), to_alice(world))
        assert bot_texts(world) == []
        assert call("POST", PUSH, to_alice(world)).status == 200
        assert bot_texts(world) == ["สวัสดี"]

    def test_a_500_that_was_sent_all_the_same(self, world: World, call: Call) -> None:
        """The retry with the same key finds that out, and nothing is sent twice."""
        world.faults.add("push", Status(500, acted=True), times=1)
        assert call("POST", PUSH, to_alice(world), headers=KEY).status == 500
        assert call("POST", PUSH, to_alice(world), headers=KEY).status == 409
        assert bot_texts(world) == ["สวัสดี"]
        assert world.quota.used(world.now()) == 1

    @pytest.mark.parametrize("effect", [Drop(), Timeout()])
    def test_lost_before_line_acts(self, world: World, call: Call, effect: Effect) -> None:
        world.faults.add("push", effect, times=1)
        response = call("POST", PUSH, to_alice(world), headers=KEY)
        assert (response.fault, response.call.status, response.call.response) == (effect, 0, None)
        assert bot_texts(world) == []
        assert call("POST", PUSH, to_alice(world), headers=KEY).status == 200

    @pytest.mark.parametrize("effect", [Drop(acted=True), Timeout(acted=True), Latency(5)])
    def test_lost_or_late_after_line_acted(self, world: World, call: Call, effect: Effect) -> None:
        world.faults.add("push", effect, times=1)
        response = call("POST", PUSH, to_alice(world), headers=KEY)
        assert (response.fault, response.status, response.call.status) == (effect, 200, 200)
        assert bot_texts(world) == ["สวัสดี"]
        assert call("POST", PUSH, to_alice(world), headers=KEY).status == 409

    def test_a_reply_that_was_dropped_has_used_its_token(self, world: World, call: Call) -> None:
        """Reply has no retry key: the second try is refused, the message is there."""
        body = {"replyToken": said(world).body["events"][0]["replyToken"], "messages": [TEXT]}
        world.faults.add("reply", Drop(acted=True), times=1)
        call("POST", "/v2/bot/message/reply", body)
        assert call("POST", "/v2/bot/message/reply", body).status == 400
        assert bot_texts(world) == ["สวัสดี"]

    def test_a_body_that_is_no_json_can_be_dropped_too(self, world: World, call: Call) -> None:
        world.faults.add("push", Drop())
        assert call("POST", PUSH, b"{").call.request is None

    def test_a_verification_under_a_fault_is_delivered(self, world: World, call: Call) -> None:
        """The answer is an error, but the webhook goes out."""
        world.faults.add("testWebhookEndpoint", Status(500, acted=True))
        response = call("POST", "/v2/bot/channel/webhook/test", {})
        assert (response.status, response.awaits, len(response.deliver)) == (500, None, 1)
        assert after_delivery(world, response) is response

    def test_unknown_paths_meet_no_faults(self, world: World, call: Call) -> None:
        rule = world.faults.add("*", Drop())
        assert call("GET", "/v2/bot/nothing").status == 404
        assert rule.seen == 0


class TestWebhooks:
    def test_a_duplicate(self, world: World, clock: VirtualClock) -> None:
        """The same bytes and the same signature, on the wire as a copy, not a redelivery."""
        world.faults.add("webhook", Duplicate(after=1.5))
        webhook = said(world)
        assert fates.meets(world, webhook) == Duplicate(after=1.5)
        world.settle(webhook, OK)
        assert fates.due(world) == []
        clock.advance(seconds=1.5)
        (copy,) = fates.due(world)
        assert (copy.raw, copy.headers) == (webhook.raw, webhook.headers)
        assert (copy.copy, copy.redelivery, copy.done, copy.status) == (True, False, False, None)
        assert copy.seq > webhook.seq
        assert list(world.wire)[-1] is copy

    def test_a_copy_meets_no_fault_of_its_own(self, world: World) -> None:
        rule = world.faults.add("webhook", Duplicate())
        fates.meets(world, said(world))
        (copy,) = fates.due(world)
        assert fates.meets(world, copy) is None
        assert rule.struck == 1

    def test_line_does_not_know_of_copies(self, world: World) -> None:
        """A copy that fails is in no statistics and is not redelivered."""
        world.set_redelivery(on=True)
        world.faults.add("webhook", Duplicate())
        webhook = said(world)
        fates.meets(world, webhook)
        (copy,) = fates.due(world)
        world.settle(webhook, OK)
        world.settle(copy, FAILED)
        assert world.failures.shown() == []
        assert world.pending == 0

    def test_held_back_until_overtaken(self, world: World) -> None:
        world.faults.add("webhook", Reorder(), times=1)
        first, second = said(world, "first"), said(world, "second")
        assert fates.meets(world, first) == Reorder()
        assert fates.meets(world, second) is None
        assert fates.due(world) == []
        world.settle(second, OK)
        assert fates.due(world) == [first]
        assert fates.meets(world, first) is None

    def test_held_back_not_for_ever(self, world: World, clock: VirtualClock) -> None:
        world.faults.add("webhook", Reorder(seconds=3))
        first, second = said(world), said(world)
        for webhook in (first, second):
            fates.meets(world, webhook)
        clock.advance(seconds=2.9)
        assert fates.due(world) == []
        clock.advance(seconds=0.1)
        assert fates.due(world) == [first, second]

    def test_an_older_one_overtakes_nobody(self, world: World) -> None:
        older = said(world)
        world.faults.add("webhook", Reorder())
        held = said(world)
        fates.meets(world, held)
        world.settle(older, OK)
        assert fates.due(world) == []

    def test_the_minute_of_a_reply_token_begins_when_it_is_received(
        self, world: World, clock: VirtualClock
    ) -> None:
        world.faults.add("webhook", Reorder(seconds=50))
        held = said(world)
        fates.meets(world, held)
        clock.advance(seconds=50)
        fates.due(world)
        clock.advance(seconds=59)
        token = held.body["events"][0]["replyToken"]
        assert world.reply_tokens.refusal(token, world.now()) == ""

    def test_the_verification_meets_no_faults(self, world: World) -> None:
        world.faults.add("webhook", Lost())
        assert fates.meets(world, world.post([], None)) is None

    def test_a_reset_ends_all_faults(self, world: World) -> None:
        world.faults.add("webhook", Reorder(seconds=1))
        fates.meets(world, said(world))
        assert world.pending == 1
        world.reset()
        assert (world.faults.rules, world.pending, world.timetable.next()) == ((), 0, None)


def test_a_call_without_a_fault_says_so(world: World, call: Call) -> None:
    response = call("GET", "/v2/bot/info")
    assert isinstance(response.call, CallRecord)
    assert (response.fault, response.call.fault) == (None, "")
