"""Webhooks of a served simulator on their way: faults, redelivery by its clock, real sockets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from penniless.simulator import Simulator, VirtualClock
from penniless.simulator.faults import Duplicate, Late, Latency, Lost, Reorder, Rule
from penniless.simulator.records import Webhook
from penniless.simulator.server import serving
from tests.simulator.peers import Answer, Received, StubBot

Json = dict[str, Any]
Served = tuple[Simulator, httpx.Client]


@contextmanager
def served_on(clock: VirtualClock, bot: StubBot, **options: Any) -> Iterator[Served]:
    simulator = Simulator(
        webhook=bot.url, clock=clock, redelivery=True, redelivery_schedule=[5, 20], **options
    )
    with (
        serving(simulator) as url,
        httpx.Client(base_url=url, verify=False, trust_env=False, timeout=10) as client,
    ):
        yield simulator, client


@pytest.fixture
def moved(clock: VirtualClock, bot: StubBot) -> Iterator[Served]:
    """A simulator on a clock that only the test moves."""
    with served_on(clock, bot) as served:
        yield served


@pytest.fixture
def impatient(clock: VirtualClock, bot: StubBot) -> Iterator[Served]:
    """The same, and a webhook may take a fifth of a second only."""
    with served_on(clock, bot, webhook_seconds=0.2) as served:
        yield served


def say(sim: httpx.Client, text: str = "hi") -> Json:
    answer = sim.post("/sim/message", json={"from": "alice", "text": text})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["webhook"]
    return found


def until(true: Callable[[], object]) -> None:
    """Wait until something is so; the server does it in a thread of its own."""
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def settled(simulator: Simulator, count: int) -> list[Webhook]:
    """That many webhooks of the wire, all of them through."""

    def webhooks() -> list[Webhook]:
        return [one for one in tuple(simulator.world.wire) if isinstance(one, Webhook)]

    until(lambda: len(webhooks()) >= count and all(one.done for one in webhooks()))
    found = webhooks()
    assert len(found) == count
    return found


def texts(bot: StubBot) -> list[str]:
    return [event["message"]["text"] for received in bot.received for event in received.events]


def failing(times: int) -> Callable[[Received], Answer]:
    """Answer 500 so many times, then 200."""
    answers = iter([500] * times)
    return lambda _: (next(answers, 200), {})


class TestRedelivery:
    def test_until_the_bot_answers(self, moved: Served, clock: VirtualClock, bot: StubBot) -> None:
        simulator, sim = moved
        bot.behave = failing(2)
        assert say(sim)["reason"] == "error_status_code"
        assert len(bot.received) == 1
        for seconds, count in ((5, 2), (20, 3)):
            clock.advance(seconds=seconds - 1)
            assert sim.get("/sim/world").json()["pending"] == 1
            clock.advance(seconds=1)
            settled(simulator, count)
        assert [one.reason for one in settled(simulator, 3)] == ["error_status_code"] * 2 + ["ok"]
        assert [one.events[0]["deliveryContext"]["isRedelivery"] for one in bot.received] == [
            False,
            True,
            True,
        ]
        assert len({one.events[0]["webhookEventId"] for one in bot.received}) == 1
        assert sim.get("/sim/world").json()["pending"] == 0

    def test_a_bot_that_is_too_slow_did_get_it(
        self, impatient: Served, clock: VirtualClock, bot: StubBot
    ) -> None:
        """LINE gives up, the bot goes on, and gets it again."""
        simulator, sim = impatient
        go_on = threading.Event()

        def behave(_received: Received) -> Answer:
            go_on.wait(5)
            return 200, {}

        bot.behave = behave
        assert say(sim)["reason"] == "request_timeout"
        go_on.set()
        clock.advance(seconds=5)
        assert settled(simulator, 2)[1].redelivery
        assert texts(bot) == ["hi", "hi"]

    def test_by_the_clock_of_the_computer(self, sim: httpx.Client, bot: StubBot) -> None:
        bot.behave = failing(2)
        settings = {"redelivery": True, "redeliverySchedule": [0.02, 0.02]}
        sim.post("/sim/channel", json=settings)
        say(sim)
        until(lambda: len(bot.received) == 3)
        until(lambda: sim.get("/sim/world").json()["pending"] == 0)
        counts = [one["count"] for one in sim.get("/sim/errors").json()["errors"]]
        assert sum(counts) == 2

    def test_set_from_python(self, sim: httpx.Client, simulator: Simulator, bot: StubBot) -> None:
        """From the test's thread, while the server runs in another."""
        simulator.set_redelivery(True, [0.01])
        simulator.set_rate_limits(False)
        until(lambda: sim.get("/sim/world").json()["channel"]["rateLimits"] is False)
        bot.behave = failing(1)
        say(sim)
        until(lambda: len(bot.received) == 2)
        with pytest.raises(ValueError, match="redeliverySchedule"):
            simulator.set_redelivery(True, [-1])

    def test_what_is_due_waits_for_the_server(self, clock: VirtualClock, bot: StubBot) -> None:
        """Time that passes while nothing is served is made up for at the start."""
        simulator = Simulator(webhook=bot.url, clock=clock, redelivery=True)
        bot.behave = failing(1)
        with serving(simulator) as url, httpx.Client(base_url=url, verify=False) as client:
            say(client)
        clock.advance(seconds=5)
        assert len(bot.received) == 1
        with serving(simulator):
            settled(simulator, 2)
        assert len(bot.received) == 2


class TestFaults:
    def test_lost(self, sim: httpx.Client, simulator: Simulator, bot: StubBot) -> None:
        """LINE could not connect; with redelivery it comes later."""
        simulator.set_redelivery(True, [0.02])
        simulator.faults.add("webhook", Lost(), times=1)
        webhook = say(sim)
        found = [webhook[name] for name in ("status", "reason", "detail", "fault")]
        assert found == [None, "could_not_connect", "Connection failed", "lost"]
        until(lambda: bot.received)
        (event,) = bot.received[0].events
        assert event["deliveryContext"]["isRedelivery"] is True

    def test_twice_at_once(self, sim: httpx.Client, simulator: Simulator, bot: StubBot) -> None:
        """Both are with the bot at the same time, the same bytes."""
        both = threading.Barrier(2, timeout=5)

        def behave(_received: Received) -> Answer:
            both.wait()
            return 200, {}

        bot.behave = behave
        simulator.faults.add("webhook", Duplicate())
        assert say(sim)["reason"] == "ok"
        first, second = settled(simulator, 2)
        assert (first.copy, second.copy, second.reason) == (False, True, "ok")
        assert bot.received[0].body == bot.received[1].body
        assert dict(bot.received[0].headers) == dict(bot.received[1].headers)

    def test_twice_with_time_between(
        self, moved: Served, clock: VirtualClock, bot: StubBot
    ) -> None:
        simulator, sim = moved
        simulator.faults.add("webhook", Duplicate(after=30), times=1)
        say(sim, "a")
        say(sim, "b")
        clock.advance(seconds=30)
        settled(simulator, 3)
        assert texts(bot) == ["a", "b", "a"]

    def test_overtaken(self, moved: Served, bot: StubBot) -> None:
        """The first waits until the second is through; whoever wrote it need not wait."""
        simulator, sim = moved
        simulator.faults.add("webhook", Reorder(), times=1)
        assert say(sim, "first")["done"] is False
        assert say(sim, "second")["done"] is True
        settled(simulator, 2)
        assert texts(bot) == ["second", "first"]

    def test_held_back_but_nothing_comes(
        self, moved: Served, clock: VirtualClock, bot: StubBot
    ) -> None:
        simulator, sim = moved
        simulator.faults.add("webhook", Reorder(seconds=3))
        say(sim, "alone")
        assert bot.received == []
        clock.advance(seconds=3)
        settled(simulator, 1)
        assert texts(bot) == ["alone"]

    def test_an_answer_on_its_way_back(self, impatient: Served, bot: StubBot) -> None:
        """The bot has answered 200; what counts is when LINE hears of it."""
        simulator, sim = impatient
        simulator.faults.add("webhook", Late(2))
        webhook = say(sim)
        assert (webhook["status"], webhook["reason"]) == (None, "request_timeout")
        assert len(bot.received) == 1

    @pytest.mark.parametrize("effect", [Late(0.03), Latency(0.03)])
    def test_a_little_late_is_in_time(
        self, sim: httpx.Client, simulator: Simulator, effect: Late | Latency
    ) -> None:
        simulator.faults.add("webhook", effect)
        webhook = say(sim)
        assert (webhook["status"], webhook["reason"]) == (200, "ok")
        assert webhook["milliseconds"] >= 30

    def test_a_webhook_that_comes_too_late(self, impatient: Served, bot: StubBot) -> None:
        """LINE has given up before the bot sees anything of it."""
        simulator, sim = impatient
        simulator.faults.add("webhook", Latency(5))
        assert say(sim)["reason"] == "request_timeout"
        assert bot.received == []

    def test_the_limit_is_two_seconds(self, sim: httpx.Client, simulator: Simulator) -> None:
        """Of all that a webhook takes, real or made up."""
        simulator.faults.add("webhook", Late())
        webhook = say(sim)
        assert webhook["reason"] == "request_timeout"
        assert 1_950 < webhook["milliseconds"] < 3_000

    def test_faults_can_come_while_it_runs(
        self, sim: httpx.Client, simulator: Simulator, bot: StubBot
    ) -> None:
        """From another thread, under load: no webhook is lost but those that a rule struck."""
        rules: list[Rule] = []
        over = threading.Event()

        def add() -> None:
            while not over.is_set() and len(rules) < 50:
                rules.append(simulator.faults.add("webhook", Lost(), times=1))

        thread = threading.Thread(target=add)
        thread.start()
        reasons = [say(sim, str(number))["reason"] for number in range(60)]
        over.set()
        thread.join()
        struck = sum(rule.struck for rule in rules)
        assert reasons.count("could_not_connect") == struck > 0
        assert len(bot.received) == 60 - struck
