"""Answers that wait: they go along with a later event, once, and nobody suffers for another's."""

from __future__ import annotations

import pytest

from penniless.context import Context
from penniless.errors import Unauthorized
from penniless.lifecycle import HELD_FOR
from penniless.ports import Json
from tests.engine import CHAT, Scene, redelivered, texts, until_killed
from tests.event_samples import EVENTS, GROUP, SOURCES
from tests.fakes import LATER, fresh, said, user
from tests.scenes import BAD, INVALID, Make, break_writes


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


# Ways that cross


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


def test_held_answer_that_cannot_be_taken_stays(make: Make) -> None:
    """The event goes without it; the next one takes it."""
    scene = held_one(make)
    break_writes(scene, status="answered", times=1)
    scene.say("one")
    assert scene.line.received == ["one"]
    scene.say("two")
    assert scene.line.received == ["one", "held", "two"]


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
