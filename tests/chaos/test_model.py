"""Any sequence of messages, deliveries, crashes and troubles, against what the rules promise."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from penniless.ports import Row
from tests.chaos import outside, talk
from tests.chaos.world import TROUBLES, Event, World

CHATS = (f"U{1:032x}", f"U{2:032x}", f"C{3:032x}")

LAST_MESSAGES = 30
"""Enough, at four held bubbles with each, for whatever may be held."""

crashes = st.one_of(st.none(), st.integers(1, 14))
troubles = st.lists(st.one_of(st.none(), st.sampled_from(TROUBLES)), max_size=3)
milliseconds = st.sampled_from([0, 0, 2_000, 20_000, 50_000, 70_000])
pauses = st.tuples(milliseconds, milliseconds)


class Story:
    """What has happened to one message so far."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.acknowledged = False
        self.rough = False
        """Whether anything went wrong while the bot had it."""
        self.crashes = 0


class Delivery(RuleBasedStateMachine):
    """The world, and for each message what may have become of it."""

    fates: Any = st.just([])

    @initialize(budget=st.sampled_from([0, 0, 5]))
    def begin(self, budget: int) -> None:
        self.world = World(push_budget=budget)
        self.stories: list[Story] = []

    # What happens

    @rule(
        chat=st.sampled_from(CHATS),
        kind=st.sampled_from(talk.KINDS),
        pause=pauses,
        crash=crashes,
        trouble=troubles,
        data=st.data(),
    )
    def somebody_writes(  # noqa: PLR0917 - hypothesis draws them by name
        self,
        chat: str,
        kind: str,
        pause: tuple[int, int],
        crash: int | None,
        trouble: Any,
        data: Any,
    ) -> None:
        text = f"{kind} {len(self.stories)}"
        story = Story(self.world.write(chat, text))
        self.stories.append(story)
        self.world.pauses[text] = pause
        self._call(crash, trouble, data, lambda: self._deliver(story), story)

    @rule(data=st.data(), crash=crashes, trouble=troubles, again=st.booleans())
    def a_webhook_comes_again(
        self, data: Any, crash: int | None, trouble: Any, again: bool
    ) -> None:
        """LINE delivers what got no 200 again; the network doubles what it likes."""
        known = [one for one in self.stories if not (again and one.acknowledged)]
        if known:
            story = data.draw(st.sampled_from(known))
            self._call(crash, trouble, data, lambda: self._deliver(story, again=again), story)

    @rule(seconds=st.sampled_from([1, 5, 11, 21, 31, 61, 1300]))
    def time_passes(self, seconds: int) -> None:
        self.world.now += seconds * 1000

    @rule(crash=crashes, trouble=troubles, data=st.data())
    def recovery_runs(self, crash: int | None, trouble: Any, data: Any) -> None:
        self._call(crash, trouble, data, self.world.recover)

    def _deliver(self, story: Story, *, again: bool = False) -> None:
        if self.world.deliver(story.event, again=again):
            story.acknowledged = True

    def _call(
        self, crash: int | None, trouble: Any, data: Any, call: Any, about: Story | None = None
    ) -> None:
        """Let the bot do something; whoever was open meanwhile may have met the trouble."""
        before = {key for key, row in self._rows().items() if row.status not in outside.ENDED}
        self.world.rough = False
        self.world.plan(crash, trouble, data.draw(self.fates))
        call()
        self.world.plan()
        if self.world.rough:
            rows = self._rows()
            open_now = {key for key, row in rows.items() if row.status not in outside.ENDED}
            for story in self.stories:
                key = story.event.json["webhookEventId"]
                touched = key in before | open_now or story is about
                story.rough = story.rough or touched

    def _rows(self) -> dict[str, Row]:
        store = self.world.store
        return {
            row.event_id: row
            for conversation in store.conversations()
            for row in store.rows(conversation, now=self.world.now)
        }

    # What is true at any time

    @invariant()
    def nothing_was_said_twice(self) -> None:
        for said in self.world.line.seen.values():
            twice = [text for text, count in Counter(said).items() if count > 1]
            assert [one for one in twice if one != "[notice]"] == []

    @invariant()
    def pushes_are_what_the_policy_pays_for(self) -> None:
        assert self.world.line.pushed <= self.world.push_budget

    # What is true in the end

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.plan()
        for number in range(LAST_MESSAGES):
            self._everybody_writes(number)
            if number > 1 and all(row.status in outside.ENDED for row in self._rows().values()):
                break
        rows = self._rows()
        for story in self.stories:
            self._judge(story, rows.get(story.event.json["webhookEventId"]))
        for chat in CHATS:
            self._judge_counter(chat)
        self._judge_ledger()

    def _everybody_writes(self, number: int) -> None:
        """Time passes, and then there is a fresh token in every chat."""
        self.world.now += 65_000
        self.world.recover()
        for chat in CHATS:
            story = Story(self.world.write(chat, f"count end-{number}-{chat[-1]}"))
            self.stories.append(story)
            self._deliver(story)

    def _judge(self, story: Story, row: Row | None) -> None:
        said = self.world.line.seen.get(story.event.chat, [])
        bubbles = [one for one in said if talk.belongs_to(one) == story.event.text]
        fate = outside.Fate(story.event.text, story.acknowledged, [row] if row else [], bubbles)
        allowed = outside.Allowed(cut_off=story.rough, given_up=story.rough, unheard=story.rough)
        breaches = list(outside.breaches(fate, allowed))
        assert not breaches, breaches
        assert row is None or row.status != "held", "nothing is held after so many messages"

    def _judge_counter(self, chat: str) -> None:
        conversation = f"{'group' if chat.startswith('C') else 'user'}#{chat}"
        rows = self.world.store.rows(conversation, now=self.world.now)
        state = self.world.store.read_state(conversation).data
        assert list(outside.of_counter(list(rows), [], state)) == []

    def _judge_ledger(self) -> None:
        made = Counter(self.world.ledger)
        for story in self.stories:
            allowed = 4 if story.rough else 1
            assert made[story.event.text] <= allowed


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(
    max_examples=200,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class DeliveryWithoutStore(Delivery):
    """The same while the store fails too: before it has done anything, or after."""

    fates = st.lists(st.sampled_from(["", "", "away", "silent"]), max_size=6)

    def _judge(self, story: Story, row: Row | None) -> None:
        """What the store did not take down it cannot tell; but nothing is open for ever."""
        if not story.rough:
            super()._judge(story, row)
        assert row is None or row.status in outside.ENDED

    def _judge_counter(self, chat: str) -> None:
        """An event whose claim was lost may be counted without a row."""
        assert self.world.store.read_state(f"user#{chat}").data.get("n", 0) >= 0


TestDeliveryWithoutStore = DeliveryWithoutStore.TestCase
TestDeliveryWithoutStore.settings = TestDelivery.settings
