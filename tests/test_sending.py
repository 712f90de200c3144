"""How answers leave: by reply, by push, later, or not at all - and never twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from penniless.context import Context
from penniless.delivery import month_of, retry_key
from penniless.errors import (
    BadRequest,
    LineUnreachable,
    QuotaExceeded,
    RateLimited,
    ReplyError,
    ServerFault,
    StoreUnavailable,
    Unauthorized,
)
from penniless.lifecycle import HELD_FOR
from penniless.ports import Json, Row
from penniless.sending import DOUBTED, KEY_LIFE
from penniless.services import ALLOWANCE_KEPT
from tests.engine import CHAT, Scene, redelivered, texts, until_killed
from tests.event_samples import EVENTS, GROUP, ROOM, SOURCES
from tests.fakes import LATER, fresh, said, user

MINUTE = 60_000
RATE = "The API rate limit has been exceeded. Try again later."
QUOTA = "You have reached your monthly limit."
BAD = BadRequest(400, "The request body has 1 error(s)")
INVALID = BadRequest(400, "Invalid reply token")
LOST = LineUnreachable("timed out", maybe_received=True)
REFUSED = LineUnreachable("refused", maybe_received=False)

Make = Callable[..., Scene]


def echo(scene: Scene) -> None:
    """Says everything again; a comma makes several messages of it, `…` takes a minute."""

    @scene.bot.text()
    def say(ctx: Context) -> list[str] | None:
        if "…" in ctx.text:
            scene.clock.later(MINUTE)
        return [] if ctx.text == "nothing" else ctx.text.split(",")


def late(scene: Scene) -> None:
    """The same, for events whose webhook is answered first."""

    @scene.bot.text()
    def say(ctx: Context) -> list[str]:
        scene.answer_webhook()
        if "…" in ctx.text:
            scene.clock.later(MINUTE)
        return ctx.text.split(",")


@pytest.fixture
def make() -> Iterator[Make]:
    """Make scenes; none of them may leave the ways of the lifecycle's table."""
    scenes: list[Scene] = []

    def made(script: Callable[[Scene], None] = echo, **options: Any) -> Scene:
        scenes.append(Scene(script, **options))
        return scenes[-1]

    yield made
    assert [scene.store.forbidden for scene in scenes if scene.store.forbidden] == []


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


def test_held_answer_goes_in_front(make: Make) -> None:
    """The next reply of the conversation carries it, and both are done."""
    scene = make()
    scene.line.trouble["reply"] = [INVALID]
    scene.say("one")
    scene.say("two")
    assert scene.line.received == ["one", "two"]
    assert len(scene.line.calls) == 2
    assert scene.statuses == ["done", "done"]
    assert scene.outcomes == ["replied later", "replied"]
    assert [(texts(row.replies), row.waiting) for row in scene.rows()] == [
        (["one"], []),
        (["two"], []),
    ]


def test_held_answer_goes_with_an_event_that_has_none(make: Make) -> None:
    """Any event with a token will do, such as a sticker that nobody handles."""
    scene = make()
    scene.line.trouble["reply"] = [INVALID]
    scene.say("one")
    scene.post(fresh(EVENTS["message: sticker"]))
    assert scene.line.received == ["one"]
    assert scene.outcomes == ["replied later", "no handler"]


def test_held_answer_is_for_its_own_conversation(make: Make) -> None:
    """Nobody else reads it."""
    scene = make()
    scene.line.trouble["reply"] = [INVALID]
    scene.say("secret")
    scene.say("hi", source=SOURCES["group"])
    scene.say("ho", source=user(1))
    assert scene.line.received == ["hi", "ho"]
    assert scene.statuses == ["held"]


def test_long_answers_keep_their_order(make: Make) -> None:
    """Over several events, five at a time, nothing overtakes and nothing is left."""
    scene = make()
    scene.say("1,2,3,4,5,6,7,8,9,10,11,12")
    assert scene.line.received == [*"12345"]
    scene.say("a")
    assert scene.line.received == [*"123456789", "10"]
    assert scene.outcomes == ["replied in part, held", "held"]
    scene.say("b,c,d")
    assert scene.line.received == [*"123456789", "10", "11", "12", "a", "b", "c"]
    assert scene.statuses == ["done", "done", "held"]
    scene.say("nothing")
    assert scene.line.received[-1] == "d"
    assert scene.statuses == ["done"] * 4
    assert all(len(call.messages) <= 5 for call in scene.line.calls)


def test_early_reply_takes_held_ones_where_there_is_room(make: Make) -> None:
    """`ctx.reply` is not split: whole held answers go before it, or stay."""

    def script(scene: Scene) -> None:
        @scene.bot.text()
        def say(ctx: Context) -> None:
            ctx.reply(*ctx.text.split(","))

    scene = make(script)
    scene.line.trouble["reply"] = [INVALID]
    scene.say("a,b,c")
    scene.say("1,2,3")
    assert scene.line.received == [*"123"]
    assert scene.statuses == ["held", "done"]
    scene.say("4,5")
    assert scene.line.received == [*"123abc45"]
    assert scene.statuses == ["done"] * 3


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


# Whose messages are bad


def test_bad_answer_of_its_own_does_not_cost_a_held_one(make: Make) -> None:
    """LINE refuses both together and the own one alone: that one fails, the other still waits."""
    scene = make()
    scene.line.trouble["reply"] = [INVALID, BAD, BAD]
    scene.say("held")
    scene.say("bad")
    assert scene.statuses == ["held", "failed"]
    assert scene.line.received == []
    scene.say("next")
    assert scene.line.received == ["held", "next"]
    assert scene.statuses == ["done", "failed", "done"]


def test_bad_held_answer_does_not_cost_the_own_one(make: Make) -> None:
    """LINE refuses both together and takes the own one alone: the held one fails."""
    scene = make()
    scene.line.trouble["reply"] = [INVALID, BAD]
    scene.say("held")
    assert scene.say("good").status == 200
    assert scene.line.received == ["good"]
    assert scene.statuses == ["failed", "done"]
    assert scene.row.outcome == "failed: LINE refused the answer"
    scene.say("next")
    assert scene.line.received == ["good", "next"]


def test_bad_held_answers_are_found_out_one_by_one(make: Make) -> None:
    """Where the event has no answer of its own the oldest is refused, and the others go."""
    scene = make()
    scene.line.trouble["reply"] = [INVALID, INVALID]
    scene.say("bad")
    scene.line.trouble["reply"] = [INVALID, INVALID]
    scene.say("good")
    assert scene.statuses == ["held", "held"]
    scene.line.trouble["reply"] = [BAD]
    assert scene.say("nothing").status == 200
    assert scene.line.received == ["good"]
    assert scene.statuses == ["failed", "done", "done"]


def test_only_bad_held_answer_costs_the_event_nothing(make: Make) -> None:
    """The event itself is dealt with, and LINE need not come again."""
    scene = make()
    scene.line.trouble["reply"] = [INVALID, BAD]
    scene.say("bad")
    assert scene.say("nothing").status == 200
    assert scene.statuses == ["failed", "done"]
    assert scene.line.received == []


def test_refused_bot_keeps_what_is_held(make: Make) -> None:
    """A wrong access token fails the event; the held answer is for the day it is mended."""
    scene = make()
    scene.line.trouble["reply"] = [INVALID, Unauthorized(401, "no", operation="reply")]
    scene.say("held")
    scene.say("lost")
    assert scene.statuses == ["held", "failed"]
    assert scene.rows()[1].outcome.startswith("failed: Unauthorized")
    scene.say("next")
    assert scene.line.received == ["held", "next"]


def test_two_events_do_not_carry_the_same_answer(make: Make) -> None:
    """Of two that have seen it, the second sends nothing instead of an empty reply."""

    def script(scene: Scene) -> None:
        @scene.bot.text()
        def say(ctx: Context) -> str | None:
            if ctx.text == "nothing":
                scene.start()
                scene.say("faster")  # in another process, while this one is at work
                return None
            return ctx.text

    scene = make(script)
    scene.line.trouble["reply"] = [INVALID]
    scene.say("held")
    assert scene.say("nothing").status == 200
    assert scene.line.received == ["held", "faster"]
    assert scene.outcomes == ["replied later", "no reply", "replied"]
    assert all(call.messages for call in scene.line.calls)


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


# Nobody there, or too late


def held_one(make: Make, source: Json = SOURCES["user"]) -> Scene:
    """A scene with one held answer."""
    scene = make()
    scene.line.trouble["reply"] = [INVALID]
    scene.say("held", source=source)
    return scene


@pytest.mark.parametrize(("event", "source"), [("unfollow", "user"), ("leave", "group")])
def test_who_goes_takes_no_answers_along(make: Make, event: str, source: str) -> None:
    """A person who blocks the bot, or a group that removes it, ends what waits for them."""
    scene = held_one(make, SOURCES[source])
    scene.post(fresh(EVENTS[event], source=SOURCES[source]))
    conversation = CHAT if source == "user" else f"group#{GROUP}"
    row = scene.rows(conversation)[0]
    assert (row.status, row.outcome) == ("failed", "failed: blocked or removed")
    scene.say("back", source=SOURCES[source])
    assert scene.line.received == ["back"]


def test_answer_to_who_has_gone_is_an_error(make: Make) -> None:
    """It names the event."""

    def script(scene: Scene) -> None:
        scene.bot.unfollow(lambda: "come back!")

    scene = make(script, push_budget=9)
    scene.post(fresh(EVENTS["unfollow"]))
    assert scene.row.outcome.startswith(f"failed: {ReplyError.__name__}: the unfollow event")
    assert pushes(scene) == []


def test_answer_nobody_came_for_is_given_up(make: Make) -> None:
    """After a day it is no answer any more."""
    scene = held_one(make)
    scene.clock.later(HELD_FOR + 400_000)
    scene.say("next")
    assert scene.line.received == ["next"]
    assert (scene.row.status, scene.row.outcome) == ("failed", "failed: nobody wrote for a day")


def test_answer_of_yesterday_is_still_one(make: Make) -> None:
    """Up to a day after it was held it goes along."""
    scene = held_one(make)
    scene.clock.later(HELD_FOR)
    scene.say("next")
    assert scene.line.received == ["held", "next"]


def test_event_without_a_token_takes_nothing_along(make: Make) -> None:
    """What is held stays held past a standby event or an unsend."""
    scene = held_one(make)
    scene.post(fresh(EVENTS["message in standby"]), fresh(EVENTS["unsend"]))
    assert scene.row.status == "held"
    assert len(scene.line.calls) == 1


# A store that is away


class Away(StoreUnavailable):
    """The store is away for some writes."""


def break_writes(scene: Scene, *, status: str, times: int = 99) -> None:
    """Let the next writes of that status fail."""
    whole = scene.store.advance
    left = [times]

    def advance(row: Row, **named: Any) -> bool:
        if row.status == status and left[0]:
            left[0] -= 1
            raise Away("away")
        return whole(row, **named)

    scene.store.advance = advance  # type: ignore[method-assign]


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


def test_held_answer_that_cannot_be_taken_stays(make: Make) -> None:
    """The event goes without it; the next one takes it."""
    scene = held_one(make)
    break_writes(scene, status="answered", times=1)
    scene.say("one")
    assert scene.line.received == ["one"]
    scene.say("two")
    assert scene.line.received == ["one", "held", "two"]


def test_write_that_fails_before_a_late_reply_does_not_lose_the_event(make: Make) -> None:
    """The row is one step behind then, and finished all the same."""

    scene = make(late)
    break_writes(scene, status="answered", times=1)
    scene.line.trouble["reply"] = [INVALID]
    scene.post_late(said("hi"))
    assert (scene.row.status, texts(scene.row.waiting)) == ("held", ["hi"])


# Ways that cross


def test_answer_taken_along_by_a_process_that_died_is_not_doubled(make: Make) -> None:
    """Whether it dies before or after LINE has the reply, both answers arrive once."""
    for last in range(40):
        scene = held_one(make)
        fuse = scene.start(last)
        event = said("next")
        until_killed(lambda scene=scene, event=event: scene.post(event))  # type: ignore[misc]
        scene.restart_later()
        scene.post(redelivered(event))
        if scene.statuses != ["done", "done"]:
            scene.restart_later()
            scene.say("nothing")
        assert sorted(scene.line.received) == ["held", "next"], last
        assert scene.statuses[:2] == ["done", "done"], last
        if fuse.steps < last:
            break
    else:
        pytest.fail("it never came through")


def test_second_delivery_of_an_event_whose_answer_goes_along_is_a_duplicate(make: Make) -> None:
    """An answer tied to a later event is that event's, even if the lease of it is over."""
    scene = make()
    scene.line.trouble["reply"] = [INVALID]
    held = said("held")
    scene.post(held)
    for last in range(4, 14):
        scene.start(last)
        until_killed(lambda: scene.say("next"))
        if scene.row.status == "answered":
            break
    assert scene.row.way.count("#") == 2
    arrived = list(scene.line.received)
    scene.restart_later()
    scene.post(redelivered(held))
    assert scene.line.received == arrived
    assert scene.bot.counters == {"duplicates": 1}
    scene.restart_later()
    scene.say("nothing")
    assert scene.line.received.count("held") <= 1
    assert scene.row.status in {"done", "failed"}
    assert list(scene.store.rows(CHAT, now=LATER))
