"""How answers leave: by reply, by push, later, or not at all - and never twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from penniless.delivery import DOUBTED, month_of, retry_key
from penniless.errors import (
    LineUnreachable,
    QuotaExceeded,
    RateLimited,
    ReplyError,
    ServerFault,
)
from penniless.sending import KEY_LIFE
from penniless.services import ALLOWANCE_KEPT
from tests.engine import Scene, redelivered, texts
from tests.event_samples import EVENTS, GROUP, ROOM, SOURCES
from tests.fakes import fresh, said
from tests.scenes import BAD, INVALID, LOST, MINUTE, REFUSED, Make, break_writes, late

RATE = "The API rate limit has been exceeded. Try again later."
QUOTA = "You have reached your monthly limit."


def spent(scene: Scene) -> int:
    return scene.store.spent(month_of(scene.clock.now))


def pushes(scene: Scene) -> list[Any]:
    return [call for call in scene.line.calls if call.operation == "push"]


# By reply


def test_live_token_takes_the_answer(make: Make) -> None:
    """The ordinary message: a claim, a reply and one write."""
    scene = make()
    assert scene.say("hi").status == 200
    assert scene.line.received == ["hi"]
    assert scene.store.writes == ["claim", "done"]
    assert (scene.row.status, scene.row.outcome, scene.row.event) == ("done", "replied", None)


def test_refused_token_holds_the_answer(make: Make) -> None:
    """It ran out sooner than promised: one call, no error, and the answer waits."""
    scene = make()
    scene.line.trouble["reply"] = [INVALID]
    assert scene.say("hi").status == 200
    assert (len(scene.line.calls), scene.line.received) == (1, [])
    assert (scene.row.status, texts(scene.row.waiting)) == ("held", ["hi"])
    assert scene.bot.counters.get("errors", 0) == 0


@pytest.mark.parametrize("trouble", [ServerFault(500), RateLimited(429, RATE), REFUSED, LOST])
def test_reply_that_fails_is_repeated(make: Make, trouble: Exception) -> None:
    """With the same token, for as long as LINE waits for the webhook's answer."""
    scene = make()
    scene.line.trouble["reply"] = [trouble]
    assert scene.say("hi").status == 200
    assert scene.line.received == ["hi"]
    assert len({call.to for call in scene.line.calls}) == 1


@pytest.mark.parametrize("trouble", [ServerFault(500), RateLimited(429, RATE), REFUSED, LOST])
def test_reply_that_fails_for_long_leaves_the_event_to_line(make: Make, trouble: Exception) -> None:
    """The webhook is answered 500; the redelivery of it brings the answer, once."""
    scene = make()
    hi = said("hi")
    scene.line.trouble["reply"] = [trouble] * 50
    began = scene.clock.now
    assert scene.post(hi).status == 500
    assert scene.clock.now - began < 2_000
    assert scene.statuses == ["claimed"]
    scene.line.trouble.clear()
    assert scene.post(redelivered(hi)).status == 200
    assert scene.line.received == ["hi"]
    assert (scene.row.status, scene.row.attempt) == ("done", 2)


def test_reply_that_arrived_unheard_is_not_doubled(make: Make) -> None:
    """A token that LINE refuses after a silence was used: the answer is there."""
    scene = make()
    scene.line.trouble_after["reply"] = [LOST]
    assert scene.say("hi").status == 200
    assert scene.line.received == ["hi"]
    assert len(scene.line.calls) == 2
    assert (scene.row.outcome, texts(scene.row.replies)) == ("replied", ["hi"])


def test_reply_in_doubt_whose_token_is_old_is_not_doubled(make: Make) -> None:
    """Nobody can say any more whether it arrived, so it is given up, and seen in the log."""
    scene = make()
    hi = said("hi")

    def and_then_nothing() -> None:
        scene.line.trouble["reply"] = [ServerFault(500)] * 50

    scene.line.trouble_after["reply"] = [_Then(and_then_nothing)]
    assert scene.post(hi).status == 500
    scene.line.trouble.clear()
    scene.clock.later(2 * MINUTE)
    assert scene.bot.recover() == {"found": 1, "handled": 1}
    assert scene.line.received == ["hi"]
    assert (scene.row.status, scene.row.outcome) == ("failed", f"failed: {DOUBTED}")
    scene.say("next")
    assert scene.line.received == ["hi", "next"]


class _Then(LineUnreachable):
    """Silence, after which something happens."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__("timed out", maybe_received=True)
        self._act = act

    @property
    def maybe_received(self) -> bool:
        self._act()
        return True

    @maybe_received.setter
    def maybe_received(self, value: bool) -> None:
        assert value


def test_reply_that_line_surely_did_not_take_is_held_in_the_end(make: Make) -> None:
    """Refused connections leave no doubt: after the token's life the answer waits."""
    scene = make()
    hi = said("hi")
    scene.line.trouble["reply"] = [REFUSED] * 50
    assert scene.post(hi).status == 500
    scene.line.trouble.clear()
    scene.clock.later(2 * MINUTE)
    scene.bot.recover()
    assert (scene.row.status, texts(scene.row.waiting)) == ("held", ["hi"])
    scene.say("next")
    assert scene.line.received == ["hi", "next"]


# By push


def test_answer_that_comes_too_late_is_pushed_within_the_budget(make: Make) -> None:
    """One push counts one person; when the budget is used up answers are held."""
    scene = make(push_budget=2)
    for words in ("…1", "…2", "…3"):
        event = said(words)
        scene.line.expired.add(event["replyToken"])
        scene.post(event)
    assert [call.messages[0]["text"] for call in pushes(scene)] == ["…1", "…2"]
    assert scene.outcomes == ["pushed", "pushed", "held"]
    assert spent(scene) == 2
    assert scene.bot.counters["pushes"] == 2


@pytest.mark.parametrize(
    ("chat", "people", "budget", "way"),
    [
        (GROUP, 3, 3, "pushed"),
        (GROUP, 3, 2, "held"),
        (ROOM, 4, 5, "pushed"),
        (ROOM, 6, 5, "held"),
    ],
)
def test_push_to_many_counts_all_of_them(
    make: Make, chat: str, people: int, budget: int, way: str
) -> None:
    """LINE counts a push by the people in the chat, and so does the budget."""
    scene = make(push_budget=budget)
    scene.line.people = people
    source = "group" if chat == GROUP else "room"
    scene.say("…", source=SOURCES[source])
    (row,) = scene.rows(f"{source}#{chat}")
    assert row.outcome == way
    assert spent(scene) == (people if way == "pushed" else 0)
    assert [call.to for call in pushes(scene)] == ([chat] if way == "pushed" else [])


def test_line_has_the_last_word_on_the_budget(make: Make) -> None:
    """What LINE still sends this month bounds it too; asked once in ten minutes."""
    scene = make(push_budget=99)
    scene.line.left = 0
    scene.say("…1")
    scene.say("…2")
    assert scene.outcomes == ["held", "held"]
    asked = [call for call in scene.line.calls if call.operation == "quota"]
    assert (len(asked), spent(scene)) == (1, 0)
    scene.line.left = None
    scene.clock.later(ALLOWANCE_KEPT)
    scene.say("nothing")
    scene.say("…3")
    assert scene.outcomes[-1] == "pushed"


@pytest.mark.parametrize("operation", ["quota", "members"])
def test_push_that_nobody_can_count_is_held(make: Make, operation: str) -> None:
    """Without a word on quota or members nothing is paid."""
    scene = make(push_budget=99)
    scene.line.trouble[operation] = [LOST]
    scene.say("…", source=SOURCES["group"])
    assert [row.outcome for row in scene.rows(f"group#{GROUP}")] == ["held"]
    assert (spent(scene), pushes(scene)) == (0, [])


def test_used_up_quota_goes_back_to_holding(make: Make) -> None:
    """LINE's 429 for the quota is believed for a while, and the budget gets its message back."""
    scene = make(push_budget=9)
    scene.line.trouble["push"] = [QuotaExceeded(429, QUOTA)]
    scene.say("…1")
    scene.say("…2")
    assert scene.outcomes == ["held", "held"]
    assert (len(pushes(scene)), spent(scene)) == (1, 0)
    assert scene.bot.counters.get("errors", 0) == 0


@pytest.mark.parametrize("trouble", [ServerFault(500), RateLimited(429, RATE), REFUSED, LOST])
def test_push_that_fails_is_repeated_under_its_key(make: Make, trouble: Exception) -> None:
    """The key follows from the event, so that LINE sends it once."""
    scene = make(late, push_budget=9)
    scene.line.trouble["push"] = [trouble, trouble, trouble, trouble]
    scene.post_late(said("…"))
    assert scene.line.received == ["…"]
    keys = {call.options["key"] for call in pushes(scene)}
    assert keys == {retry_key(scene.row.event_id, 0)}
    assert (len(pushes(scene)), spent(scene), scene.row.outcome) == (5, 1, "pushed")


def test_push_that_arrived_unheard_is_not_doubled(make: Make) -> None:
    """The repeat has the same key."""
    scene = make(push_budget=9)
    scene.line.trouble_after["push"] = [LOST]
    scene.say("…")
    assert (scene.line.received, len(pushes(scene)), spent(scene)) == (["…"], 2, 1)


def test_push_that_fails_for_long_is_taken_up_later(make: Make) -> None:
    """By the next event, under the same key and without a second payment."""
    scene = make(push_budget=9)
    scene.line.trouble["push"] = [ServerFault(500)] * 50
    assert scene.say("…").status == 500
    assert (scene.row.status, scene.row.way) == ("answered", "push")
    scene.line.trouble.clear()
    scene.say("next")
    assert scene.line.received == ["…", "next"]
    assert len({call.options["key"] for call in pushes(scene)}) == 1
    assert (scene.statuses, spent(scene)) == (["done", "done"], 1)


def test_push_whose_key_line_has_forgotten_is_given_up(make: Make) -> None:
    """After a day nobody can say whether it arrived."""
    scene = make(push_budget=9)
    scene.line.trouble["push"] = [ServerFault(500)] * 50
    scene.say("…")
    scene.line.trouble.clear()
    scene.clock.later(KEY_LIFE + 1)
    scene.say("next")
    assert scene.line.received == ["next"]
    assert scene.row.outcome == f"failed: {DOUBTED}"


def test_refused_push_is_an_error_and_costs_nothing(make: Make) -> None:
    """A 400 is definite: the event fails, and the budget gets its message back."""
    scene = make(push_budget=9)
    scene.line.trouble["push"] = [BAD]
    scene.say("…")
    assert scene.row.outcome.startswith("failed: BadRequest")
    assert (spent(scene), scene.line.received) == (0, [])


def test_long_answer_is_replied_and_pushed(make: Make) -> None:
    """The first five are free, the rest is paid for, each push with a key of its own."""
    scene = make(push_budget=2)
    scene.say("1,2,3,4,5,6,7,8,9,10,11,12")
    assert scene.line.received == [*"123456789", "10", "11", "12"]
    assert scene.row.outcome == "replied, pushed"
    assert (spent(scene), len({call.options["key"] for call in pushes(scene)})) == (2, 2)


def test_long_answer_whose_budget_ends_is_held(make: Make) -> None:
    """Five by reply, five by push, the rest waits: the log has all three ways."""
    scene = make(push_budget=1)
    scene.say("1,2,3,4,5,6,7,8,9,10,11,12")
    assert scene.row.outcome == "replied, pushed, held"
    assert (texts(scene.row.replies), texts(scene.row.waiting)) == (
        [*"123456789", "10"],
        ["11", "12"],
    )
    scene.say("a")
    assert scene.line.received == [*"123456789", "10", "11", "12", "a"]


def test_no_budget_is_never_pushed(make: Make) -> None:
    """Without a policy LINE is not even asked."""
    scene = make()
    scene.say("…")
    assert (scene.line.calls, scene.outcomes) == ([], ["held"])


# Nobody there


def test_answer_to_who_has_gone_is_an_error(make: Make) -> None:
    """It names the event."""

    def script(scene: Scene) -> None:
        scene.bot.unfollow(lambda: "come back!")

    scene = make(script, push_budget=9)
    scene.post(fresh(EVENTS["unfollow"]))
    assert scene.row.outcome.startswith(f"failed: {ReplyError.__name__}: the unfollow event")
    assert pushes(scene) == []


# A store that is away


def test_answer_that_cannot_be_kept_is_tried_again(make: Make) -> None:
    """Neither sent nor held: the event stays open with its answer ready, and LINE comes again."""
    scene = make()
    break_writes(scene, status="held", times=1)
    scene.line.trouble["reply"] = [INVALID]
    event = said("hi")
    assert scene.post(event).status == 500
    assert (scene.row.status, texts(scene.row.waiting)) == ("answered", ["hi"])
    assert scene.post(redelivered(event)).status == 200
    assert (scene.statuses, len(scene.line.calls)) == (["held"], 1)
    scene.say("next")
    assert scene.line.received == ["hi", "next"]


def test_answer_that_nothing_can_be_done_with_is_not_lost_in_silence(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the store away for good stderr has the whole row, answer included, and it is open."""
    scene = make()
    break_writes(scene, status="held")
    break_writes(scene, status="answered")
    scene.line.trouble["reply"] = [INVALID]
    scene.say("hi")
    written = capsys.readouterr().err
    assert '"waiting": [{"type": "text", "text": "hi"}]' in written
    assert '"status": "answered"' in written


def test_write_that_fails_before_a_late_reply_does_not_lose_the_event(make: Make) -> None:
    """The row is one step behind then, and finished all the same."""

    scene = make(late)
    break_writes(scene, status="answered", times=1)
    scene.line.trouble["reply"] = [INVALID]
    scene.post_late(said("hi"))
    assert (scene.row.status, texts(scene.row.waiting)) == ("held", ["hi"])
