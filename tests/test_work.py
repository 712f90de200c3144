"""One event's way to its end: in time, late, by whoever takes it over - applied once, sent once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from penniless.context import Context
from penniless.delivery import DOUBTED
from penniless.errors import BadRequest, LineUnreachable, ServerFault, StoreUnavailable
from penniless.lifecycle import ATTEMPTS, LONG_LEASE, RENEW_EVERY
from penniless.notices import NOTICES, Notice, is_notice
from penniless.ports import Claim, Json, Profile, Row
from tests.engine import CHAT, Killed, Scene, Watched, redelivered, texts, until_killed
from tests.event_samples import ALICE, BOT, EVENTS, GROUP, SOURCES, TIME
from tests.fakes import LATER, SECRET, fresh, said, stage, webhook
from tests.scenes import MINUTE, Make

PATIENT = 10.0
"""Seconds in which what must happen in another thread has happened."""


# Death at every step


def counting(answer: Callable[[Context, int], Any]) -> Callable[[Scene], None]:
    """A script whose bot counts messages in the state, answers, and says nothing to `bye`."""

    def script(scene: Scene) -> None:
        @scene.bot.text("bye")
        def bye() -> None: ...

        @scene.bot.text()
        def count(ctx: Context) -> Any:
            scene.answer_webhook()
            ctx.state["n"] = ctx.state.get("n", 0) + 1
            return answer(ctx, ctx.state["n"])

    return script


def early(ctx: Context, number: int) -> str:
    ctx.reply(f"early {number}")
    return f"rest {number}"


SCRIPTS: dict[str, tuple[Callable[[Context, int], Any], list[str]]] = {
    "plain": (lambda _, n: f"{n}", ["1"]),
    "long": (lambda _, n: [f"{n} {part}" for part in "abcdefg"], [f"1 {x}" for x in "abcdefg"]),
    "early": (early, ["early 1", "rest 1"]),
    "none": (lambda _ctx, _n: None, []),
}
"""What a bot answers to its first message, and what has to arrive."""


def comes_again(scene: Scene, event: Json) -> None:
    """LINE delivers it once more."""
    scene.post(redelivered(event))


def is_recovered(scene: Scene, _event: Json) -> None:
    """The schedule takes it up."""
    scene.bot.recover()


def is_followed(scene: Scene, _event: Json) -> None:
    """The person writes again."""
    scene.say("bye")


def whole_life(scene: Scene, *, late: bool, then: Callable[[Scene, Json], None], last: int) -> int:
    """An event whose process dies at a step, and all that comes after; returns the steps."""
    fuse = scene.start(last)
    event = said("hello")
    until_killed(lambda: scene.post_late(event) if late else scene.post(event))
    steps = fuse.steps
    scene.restart_later()
    if scene.rows() or then is comes_again:
        then(scene, event)
    for _ in range(3):
        scene.restart_later()
        scene.say("bye")
    return steps


FATES = [
    pytest.param(False, comes_again, id="in time, redelivered"),
    pytest.param(False, is_recovered, id="in time, recovered"),
    pytest.param(False, is_followed, id="in time, followed"),
    pytest.param(True, is_recovered, id="late, recovered"),
    pytest.param(True, is_followed, id="late, followed"),
]


@pytest.mark.parametrize(("late", "then"), FATES)
@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("budget", [0, 99])
def test_death_at_any_step(
    make: Make, name: str, budget: int, *, late: bool, then: Callable[[Scene, Json], None]
) -> None:
    """Whichever step is the last: the state counts once, nothing is doubled, every row ends."""
    answer, wanted = SCRIPTS[name]
    failed = []
    for last in range(99):
        scene = make(counting(answer), push_budget=budget)
        steps = whole_life(scene, late=late, then=then, last=last)
        received = scene.line.received
        assert len(received) == len(set(received)), f"doubled after step {last}"
        assert {row.status for row in scene.rows()} <= {"done", "failed"}, f"open after {last}"
        if not scene.rows() or scene.row.message != "hello":
            continue  # nothing was stored before it died: LINE has its 500 and its redelivery
        assert scene.store.read_state(CHAT).data == {"n": 1}, f"counted wrongly after step {last}"
        if scene.row.status == "failed":
            assert scene.row.outcome.endswith(DOUBTED)
            failed.append(last)
        else:
            assert received == wanted, f"lost after step {last}"
        if steps <= last:
            break
    else:
        pytest.fail("it never came through")
    assert not failed or then is not comes_again
    assert len(failed) < last


@pytest.mark.parametrize("late", [False, True])
def test_what_is_done_once_is_done_once(make: Make, late: bool) -> None:
    """However often the process dies, a service that knows keys is charged once for an event."""
    for last in range(99):
        charged: list[str] = []

        def buy(ctx: Context, _number: int, charged: list[str] = charged) -> str:
            def charge(key: str) -> int:
                charged.append(key)
                return len(charged)

            return f"receipt {ctx.once('charge', charge)}"

        scene = make(counting(buy))
        steps = whole_life(scene, late=late, then=comes_again, last=last)
        assert len(set(charged)) == 1
        assert len(charged) <= 2
        assert scene.line.received in ([f"receipt {len(charged)}"], [])
        if steps <= last:
            break
    else:
        pytest.fail("it never came through")


def test_kept_step_is_not_repeated(make: Make) -> None:
    """After the result is stored no takeover calls the function again."""
    calls: list[str] = []
    deadly = [True, True]

    def script(scene: Scene) -> None:
        @scene.bot.text()
        def buy(ctx: Context) -> str:
            number = ctx.once("charge", lambda: calls.append(ctx.text) or 7)  # type: ignore[func-returns-value]
            if deadly and deadly.pop():
                raise Killed
            return f"paid {number}"

    scene = make(script)
    event = said("buy")
    for _ in range(3):
        until_killed(lambda: scene.post(redelivered(event)))
        scene.restart_later()
    assert (calls, scene.line.received) == (["buy"], ["paid 7"])
    assert (scene.row.status, scene.row.attempt) == ("done", 3)


def test_attempts_are_bounded(make: Make) -> None:
    """An event that kills its process each time is given up, and seen in the log."""
    runs: list[str] = []

    def script(scene: Scene) -> None:
        @scene.bot.text()
        def deadly(ctx: Context) -> str:
            runs.append(ctx.text)
            raise Killed

    scene = make(script)
    event = said("boom")
    for _ in range(ATTEMPTS + 2):
        until_killed(lambda: scene.post(redelivered(event)))
        scene.restart_later()
    assert len(runs) == ATTEMPTS
    assert (scene.row.status, scene.row.outcome) == (
        "failed",
        f"failed: given up after {ATTEMPTS} attempts",
    )


def test_failed_event_can_be_tried_again(make: Make) -> None:
    """As `penniless logs retry` does: nothing was sent, so its answer is held and goes out."""
    broken = [True]

    def script(scene: Scene) -> None:
        @scene.bot.text()
        def fragile(ctx: Context) -> str:
            if broken:
                raise ValueError
            return f"{ctx.text}!"

    scene = make(script)
    scene.say("hi")
    assert scene.row.outcome == "failed: ValueError"
    broken.clear()
    scene.clock.later(5 * MINUTE)
    assert scene.store.reopen(scene.row)
    assert scene.bot.recover() == {"found": 1, "handled": 1}
    assert (scene.row.status, texts(scene.row.waiting)) == ("held", ["hi!"])
    scene.say("more")
    assert scene.line.received == ["hi!", "more!"]


def test_handler_that_fails_gives_back_what_it_took_along(make: Make) -> None:
    """A held answer that an attempt tied to its event waits on when the next attempt raises."""
    behaviour = ["ok"]

    def script(scene: Scene) -> None:
        @scene.bot.text()
        def say(ctx: Context) -> str:
            scene.answer_webhook()
            if behaviour[0] == "broken" and ctx.text == "next":
                raise ValueError
            return ctx.text

    for last in range(4, 30):
        behaviour[0] = "ok"
        scene = make(script)
        scene.line.trouble["reply"] = [BadRequest(400, "Invalid reply token")]
        scene.post_late(said("held"))
        assert scene.statuses == ["held"]
        scene.start(last)
        until_killed(lambda scene=scene: scene.post_late(said("next")))  # type: ignore[misc]
        if scene.row.status == "answered" and scene.rows()[1].status == "claimed":
            break
    behaviour[0] = "broken"
    scene.restart_later()
    scene.bot.recover()
    assert scene.statuses == ["held", "failed"]
    scene.say("more")
    assert scene.line.received == ["held", "more"]


# Two workers on one event


def rival(make: Make, behaviour: Callable[[Context], Any], milliseconds: int) -> Scene:
    """A worker that stands still until another has taken its event over and finished it."""
    first = [True]
    events: list[Json] = []

    def script(scene: Scene) -> None:
        @scene.bot.text()
        def slow(ctx: Context) -> Any:
            if first and first.pop():
                scene.clock.later(milliseconds)
                scene.start()
                scene.post(redelivered(events[0]))
            return behaviour(ctx)

    scene = make(script)
    events.append(said("hi"))
    assert scene.post(*events).status == 200
    return scene


def count(ctx: Context) -> str:
    ctx.state["n"] = ctx.state.get("n", 0) + 1
    return f"n is {ctx.state['n']}"


def test_worker_that_lost_its_event_changes_nothing(make: Make) -> None:
    """It read the state before or after the other wrote it: the event counts once."""
    scene = rival(make, count, LONG_LEASE + 1)
    assert scene.line.received == ["n is 1"]
    assert scene.store.read_state(CHAT).data == {"n": 1}
    assert (scene.row.status, scene.row.attempt, scene.row.outcome) == ("done", 2, "replied")


def test_worker_that_lost_its_event_and_race_changes_nothing(make: Make) -> None:
    """The same where it had touched the state before it stood still."""
    first = [True]
    event = said("hi")

    def script(scene: Scene) -> None:
        @scene.bot.text()
        def slow(ctx: Context) -> str:
            answer = count(ctx)
            if first and first.pop():
                scene.clock.later(LONG_LEASE + 1)
                scene.start()
                scene.post(redelivered(event))
            return answer

    scene = make(script)
    scene.post(event)
    assert scene.line.received == ["n is 1"]
    assert scene.store.read_state(CHAT).data == {"n": 1}


def test_worker_that_lost_its_event_replies_nothing(make: Make) -> None:
    """The token is used by then, and the row is another's."""
    scene = rival(make, lambda ctx: f"{ctx.text}!", LONG_LEASE + 1)
    assert scene.line.received == ["hi!"]
    assert (scene.row.status, scene.row.attempt) == ("done", 2)
    scene.say("more")
    assert scene.line.received == ["hi!", "more!"]


# Takeovers


def interrupted_row(**changes: Any) -> Row:
    """An event whose worker has died: its lease is over."""
    fields: dict[str, Any] = {
        "conversation": CHAT,
        "event_id": "01KDXS0000PENN1LESS0000001",
        "timestamp": TIME,
        "sender": ALICE,
        "to": BOT,
        "type": "message.text",
        "message": "hi",
        "message_id": "1",
        "received_at": TIME,
        "event": {"type": "message", "replyToken": "t", "message": {"type": "text", "text": None}},
    }
    return Row(**{**fields, **changes})


def echo(scene: Scene) -> None:
    scene.bot.text(lambda ctx: f"{ctx.text}!")


WAITING = [{"type": "text", "text": "ready"}]
IN_DOUBT: tuple[str, str, list[str]] = ("failed", f"failed: {DOUBTED}", [])
TAKEOVERS: list[tuple[Json, tuple[str, str, list[str]]]] = [
    ({"deferred": True}, ("held", "held", ["hi!"])),
    ({"deferred": False}, IN_DOUBT),
    ({"status": "answered", "way": "reply", "waiting": WAITING}, IN_DOUBT),
    ({"status": "answered", "way": "push", "waiting": WAITING}, ("done", "pushed", [])),
    ({"status": "answered", "way": "", "waiting": WAITING}, IN_DOUBT),
    ({"status": "answered", "deferred": True, "waiting": WAITING}, ("held", "held", ["ready"])),
    ({"event": None}, ("failed", "failed: interrupted, and stored without its JSON", [])),
    ({"event": None, "message": None}, ("done", "taken back", [])),
    ({"attempt": ATTEMPTS}, ("failed", f"failed: given up after {ATTEMPTS} attempts", [])),
]  # fmt: skip


@pytest.mark.parametrize(("left", "found"), TAKEOVERS)
@pytest.mark.parametrize("by", ["recover", "next event"])
def test_takeover(make: Make, left: Json, found: tuple[str, str, list[str]], by: str) -> None:
    """What comes of an event whose worker has died, long after its token, by where it stood."""
    scene = make(echo)
    scene.store.append(interrupted_row(**left))
    if by == "recover":
        scene.bot.recover()
    else:
        scene.post(fresh(EVENTS["unsend"], unsend={"messageId": "9"}))
    row = scene.row
    if row.status == "failed":
        assert found[0] == "failed"
        assert row.outcome == found[1]
    else:
        assert (row.status, row.outcome, texts(row.waiting)) == found
    assert scene.line.received == (["ready"] if found[1] == "pushed" else [])


def test_takeover_comes_before_the_event_that_meets_it(make: Make) -> None:
    """Answers stay in the order of the messages, the interrupted one's first."""
    scene = make(echo)
    scene.store.append(interrupted_row(deferred=True))
    scene.say("second")
    assert scene.line.received == ["hi!", "second!"]
    assert scene.statuses == ["done", "done"]


def test_many_interrupted_events_are_taken_up_in_their_order(make: Make) -> None:
    """The oldest first, however many there are; none brings those behind it along."""
    handled: list[str] = []

    def script(scene: Scene) -> None:
        @scene.bot.text()
        def note(ctx: Context) -> None:
            handled.append(ctx.event.webhook_event_id)

    scene = make(script)
    numbers = [f"E{number:03}" for number in range(300)]
    for number, event_id in enumerate(numbers):
        scene.store.append(
            interrupted_row(event_id=event_id, timestamp=TIME + number, deferred=True)
        )
    scene.say("next")
    assert handled[:3] == numbers[:3]
    assert len(handled) == 4
    scene.bot.recover(limit=1000)
    assert handled[4:] == numbers[3:]


def test_recovery_goes_on_as_long_as_it_may(make: Make) -> None:
    """The oldest first, so many and so long; then the rest is for the next time."""
    scene = make(echo)
    for number in range(5):
        scene.store.append(
            interrupted_row(event_id=f"E{number}", deferred=True, claimed_until=number)
        )
    assert scene.bot.recover(limit=3) == {"found": 3, "handled": 3}
    assert scene.statuses == ["held"] * 3 + ["claimed"] * 2
    assert scene.bot.recover(seconds=0) == {"found": 2, "handled": 0}
    assert scene.bot.recover() == {"found": 2, "handled": 2}
    assert scene.bot.recover() == {"found": 0, "handled": 0}


def test_recovery_leaves_live_leases_alone(make: Make) -> None:
    """Somebody works on those."""
    scene = make(echo)
    scene.store.append(interrupted_row(claimed_until=scene.clock.now + 1))
    assert scene.bot.recover() == {"found": 0, "handled": 0}
    scene.clock.later(1)
    assert scene.bot.recover() == {"found": 1, "handled": 1}


def test_recovery_without_a_store_says_so(make: Make) -> None:
    """It is for the schedule to try again."""
    scene = make(echo)

    def away(**_: object) -> list[Row]:
        raise StoreUnavailable("away")

    scene.store.overdue = away  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable):
        scene.bot.recover()


@pytest.mark.parametrize(
    ("carrier", "count", "found"),
    [
        ("done", 1, ("done", "replied later", ["a"], ["b", "c"])),
        ("held", 2, ("held", "replied later", ["a", "b"], ["c"])),
        ("failed", 3, ("failed", f"failed: {DOUBTED}", [], ["a", "b", "c"])),
        (None, 3, ("failed", f"failed: {DOUBTED}", [], ["a", "b", "c"])),
    ],
)
def test_answer_taken_along_is_as_its_carrier(
    make: Make, carrier: Any, count: int, found: tuple[str, str, list[str], list[str]]
) -> None:
    """What an event took along went if that one was answered, and nobody knows if it failed."""
    scene = make(echo)
    waiting = [{"type": "text", "text": one} for one in "abc"]
    scene.store.append(
        interrupted_row(status="answered", way=f"{TIME + 5}#E5#{count}", waiting=waiting)
    )
    if carrier:
        scene.store.append(interrupted_row(timestamp=TIME + 5, event_id="E5", status=carrier))
    scene.bot.recover()
    row = scene.row
    status = "held" if carrier == "done" else found[0]
    assert (row.status, row.outcome) == (status, found[1])
    assert (texts(row.replies), texts(row.waiting)) == found[2:]


# While a handler works


def ticking(seconds: int, *, tell: Callable[[Scene, int], None] | None = None) -> Any:
    """A script whose handler works for so many seconds, looked after each second."""

    def script(scene: Scene) -> None:
        @scene.bot.text("work")
        def slow(ctx: Context) -> str:
            work = scene.work
            assert work is not None
            scene.answer_webhook()
            for second in range(seconds):
                scene.clock.later(1_000)
                work.tick()
                if tell is not None:
                    tell(scene, second + 1)
            return "done"

        scene.bot.text(lambda ctx: f"{ctx.text}!")

    return script


def operations(scene: Scene) -> list[str]:
    return [call.operation for call in scene.line.calls]


def tap_on(message: Json) -> Json:
    """The event of a tap on the button of a notice."""
    data = message["template"]["actions"][0]["data"]
    return fresh(EVENTS["postback"], postback={"data": data})


def test_quick_handler_shows_no_sign(make: Make) -> None:
    """What is answered in time needs neither animation nor notice."""
    scene = make(ticking(0))
    scene.post_late(said("work"))
    assert operations(scene) == ["reply"]


def test_loading_is_shown_and_renewed(make: Make) -> None:
    """Every 50 seconds for one of 60, in a 1:1 chat; a refusal of it is no matter."""
    scene = make(ticking(120))
    scene.line.trouble["loading 60"] = [ServerFault(500)]
    scene.post_late(said("work"))
    shown = [call for call in scene.line.calls if call.operation == "loading 60"]
    assert [call.to for call in shown] == [ALICE] * 3
    assert scene.row.status == "held"


def test_group_has_no_animation_but_a_notice(make: Make) -> None:
    """LINE shows the animation in 1:1 chats only."""
    scene = make(ticking(50))
    scene.post_late(said("work", SOURCES["group"]))
    assert operations(scene) == ["reply"]
    (row,) = scene.rows(f"group#{GROUP}")
    assert [is_notice(one) for one in row.replies] == [True]


def test_lease_is_renewed_while_work_goes_on(make: Make) -> None:
    """At no second could another take the event over; and only now and then is it written."""

    def look(scene: Scene, _second: int) -> None:
        assert scene.row.claimed_until > scene.clock.now + RENEW_EVERY
        assert scene.row.deferred

    scene = make(ticking(180, tell=look))
    scene.post_late(said("work"))
    assert scene.store.writes.count("claimed") <= 2 + 180_000 // RENEW_EVERY
    assert scene.row.attempt == 1


def test_webhook_answered_during_a_reply_is_written_down_after_it(make: Make) -> None:
    """While LINE is being called nobody waits for that; the next tick renews the lease."""

    def script(scene: Scene) -> None:
        whole = scene.line.reply

        def reply(*args: Any, **named: Any) -> Any:
            scene.answer_webhook()
            return whole(*args, **named)

        scene.line.reply = reply  # type: ignore[method-assign]

        @scene.bot.text()
        def slow(ctx: Context) -> str:
            ctx.reply("early")
            assert scene.work is not None
            scene.work.tick()
            assert scene.row.deferred
            assert scene.row.claimed_until == scene.clock.now + LONG_LEASE
            assert texts(scene.row.replies) == ["early"]
            return "rest"

    scene = make(script)
    scene.post_late(said("hi"))
    assert scene.line.received == ["early"]
    assert (scene.row.status, texts(scene.row.waiting)) == ("held", ["rest"])


def test_notice_and_tap(make: Make) -> None:
    """Before the token runs out it is spent on a button, whose tap brings the answer."""
    scene = make(ticking(90))
    scene.line.profiles[ALICE] = Profile(ALICE, "Alice", language="ja")
    scene.post_late(said("work"))
    (notice,) = scene.row.replies
    assert notice["altText"] == NOTICES["ja"].text
    assert (scene.row.status, texts(scene.row.waiting)) == ("held", ["done"])
    scene.post(tap_on(notice))
    assert scene.line.received == ["[template]", "done"]
    assert scene.statuses == ["done", "done"]
    assert scene.bot.counters["replies"] == 2


def test_tap_that_comes_too_early_gets_the_notice_again(make: Make) -> None:
    """While the handler works on, in another process, the button is offered anew."""

    def tap(scene: Scene, second: int) -> None:
        if second in {50, 60}:
            mine = scene.bot
            scene.start()
            scene.post(tap_on(scene.row.replies[0]))
            scene.bot = mine

    scene = make(ticking(70, tell=tap))
    scene.post_late(said("work"))
    assert scene.line.received == ["[template]"] * 3
    again = scene.rows()[1].replies[0]
    assert again == scene.row.replies[0]
    scene.post(tap_on(again))
    assert scene.line.received == ["[template]"] * 3 + ["done"]


@pytest.mark.parametrize("key", ["", "5", "x#y", f"{TIME}#nobody", "9" * 30 + "#E", "٣#E"])
def test_tap_for_an_answer_that_is_not_there_does_nothing(make: Make, key: str) -> None:
    """An old button, or one that somebody made up, is no error."""
    scene = make(echo)
    scene.post(fresh(EVENTS["postback"], postback={"data": f"penniless:answer:{key}"}))
    assert (scene.line.calls, scene.outcomes) == ([], ["no reply"])


@pytest.mark.parametrize(
    ("language", "options", "found"),
    [
        (None, {}, "en"),
        (None, {"language": "th"}, "th"),
        ("zh-TW", {"language": "th"}, "zh-Hant"),
        ("ko", {}, "en"),
    ],
)
def test_notice_in_the_persons_language(
    make: Make, language: str | None, options: Any, found: str
) -> None:
    """Else in the bot's, else in English; a profile that LINE does not give is no trouble."""
    scene = make(ticking(46), **options)
    if language is not None:
        scene.line.profiles[ALICE] = Profile(ALICE, "Alice", language=language)
    scene.post_late(said("work"))
    assert scene.row.replies[0]["altText"] == NOTICES[found].text


def test_notice_in_the_bots_own_words(make: Make) -> None:
    """`notices` replaces a language or adds one."""
    scene = make(ticking(46), notices={"en": Notice("Wait.", "Go")})
    scene.post_late(said("work"))
    assert scene.row.replies[0]["template"]["text"] == "Wait."


def test_notice_that_line_refuses_costs_no_answer(make: Make) -> None:
    """The answer is held then, and goes with whatever comes next."""
    scene = make(ticking(70))
    scene.line.trouble["reply"] = [LineUnreachable("timed out", maybe_received=True)]
    scene.post_late(said("work"))
    assert scene.row.status == "held"
    scene.say("next")
    assert scene.line.received == ["done", "next!"]


def test_long_answer_after_a_notice_may_be_pushed(make: Make) -> None:
    """Where the policy pays, nobody has to tap."""
    scene = make(ticking(50), push_budget=1)
    scene.post_late(said("work"))
    assert scene.line.received == ["[template]", "done"]
    assert scene.row.outcome == "pushed"


def test_early_reply_is_progress(make: Make) -> None:
    """`ctx.reply` uses the token; there is no notice then, and what remains is held."""

    def script(scene: Scene) -> None:
        @scene.bot.text("work")
        def slow(ctx: Context) -> str:
            scene.answer_webhook()
            ctx.reply("working on it")
            for _ in range(60):
                scene.clock.later(1_000)
                assert scene.work is not None
                scene.work.tick()
            return "done"

    scene = make(script)
    scene.post_late(said("work"))
    assert scene.line.received == ["working on it"]
    assert (scene.row.status, texts(scene.row.replies)) == ("held", ["working on it"])


def test_tick_after_the_end_changes_nothing(make: Make) -> None:
    """Neither for an event that is done nor for one that was left open."""
    for trouble in ([], [ServerFault(500)] * 99):
        scene = make(ticking(0))
        scene.line.trouble["reply"] = list(trouble)
        event = said("work")
        scene.post(event)
        scene.clock.later(LONG_LEASE + 1)
        scene.post_late(event)
        before = scene.row
        work = scene.work
        scene.clock.later(50_000)
        if work is not None:
            work.tick()
            work.defer()
        assert scene.row == before


def test_sign_that_fails_in_its_own_way_leaves_the_others_alone(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a client of somebody's own raises, the tick ends well and the guard is free."""

    def odd(*_: object, **__: object) -> None:
        raise KeyError("odd")

    def script(scene: Scene) -> None:
        scene.line.start_loading = odd  # type: ignore[method-assign]
        ticking(3)(scene)

    scene = make(script)
    scene.post_late(said("work"))
    assert scene.line.received == ["done"]
    assert "nobody could look after event" in caplog.text


# In real threads


def test_handler_in_time_is_replied_before_the_webhook_is_answered() -> None:
    """Two writes, and nothing goes on after the answer."""
    shop = stage()
    shop.bot.text(lambda ctx: ctx.text)
    assert handle(shop, said("hi"), deadline=PATIENT).status == 200
    assert shop.line.received == ["hi"]
    (row,) = shop.rows()
    assert (row.status, row.deferred) == ("done", False)
    assert shop.bot.wait(0)
    shop.bot.close()


def handle(shop: Any, *events: Json, deadline: float) -> Any:
    from penniless.line.signature import sign

    body = webhook(*events)
    return shop.bot.handle(body, sign(SECRET, body), deadline)


def test_slow_handler_goes_on_after_the_webhook() -> None:
    """The webhook is answered at the deadline, the row says so, and the reply comes after it."""
    shop = stage()
    gate = threading.Event()

    @shop.bot.text()
    def slow(ctx: Context) -> str:
        assert gate.wait(PATIENT)
        return f"{ctx.text}!"

    assert handle(shop, said("hi"), deadline=0.05).status == 200
    (row,) = shop.rows()
    assert (row.status, row.deferred, shop.line.received) == ("claimed", True, [])
    assert not shop.bot.wait(0)
    gate.set()
    assert shop.bot.wait(PATIENT)
    assert shop.line.received == ["hi!"]
    assert [(one.status, one.outcome) for one in shop.rows()] == [("done", "replied")]
    shop.bot.close()


def test_slow_conversation_holds_no_other_up() -> None:
    """One person's slow answer, another's quick one, and the first one's next in its turn."""
    shop = stage()
    gate = threading.Event()

    @shop.bot.text()
    def sometimes(ctx: Context) -> str:
        if ctx.text == "slow":
            assert gate.wait(PATIENT)
        return ctx.text

    assert handle(shop, said("slow"), deadline=0.05).status == 200
    assert handle(shop, said("second"), deadline=0.05).status == 200
    assert handle(shop, said("other", SOURCES["group"]), deadline=PATIENT).status == 200
    assert shop.line.received == ["other"]
    gate.set()
    assert shop.bot.wait(PATIENT)
    assert shop.line.received == ["other", "slow", "second"]
    shop.bot.close()


def test_deadline_without_trouble_costs_no_500() -> None:
    """Several events and conversations in one webhook, some slow: 200, and all are answered."""
    shop = stage()
    gate = threading.Event()

    @shop.bot.text()
    def sometimes(ctx: Context) -> str:
        if "slow" in ctx.text:
            assert gate.wait(PATIENT)
        return ctx.text

    events = [said("slow 1"), said("quick 1"), said("quick 2", SOURCES["group"])]
    assert handle(shop, *events, deadline=0.1).status == 200
    gate.set()
    assert shop.bot.wait(PATIENT)
    assert sorted(shop.line.received) == ["quick 1", "quick 2", "slow 1"]
    assert shop.line.received.index("slow 1") < shop.line.received.index("quick 1")
    shop.bot.close()


def test_trouble_before_the_deadline_is_told_to_line(make: Make) -> None:
    """What could not be sent in all its time is delivered again."""
    scene = make(echo)
    scene.line.trouble["reply"] = [ServerFault(500)] * 99
    event = said("hi")
    assert scene.post(event, deadline=PATIENT).status == 500
    scene.line.trouble.clear()
    assert scene.post(redelivered(event), deadline=PATIENT).status == 200
    assert scene.line.received == ["hi!"]
    scene.bot.close()


def test_slow_handler_is_looked_after_from_its_start() -> None:
    """One that is declared slow shows the animation at once, the deadline notwithstanding."""
    shop = stage()
    shown = threading.Event()
    loading = shop.line.start_loading

    def start_loading(chat_id: str, seconds: int = 20) -> None:
        loading(chat_id, seconds)
        shown.set()

    shop.line.start_loading = start_loading  # type: ignore[method-assign]

    @shop.bot.text(slow=True)
    def slow(ctx: Context) -> str:
        assert shown.wait(PATIENT)
        return "done"

    assert handle(shop, said("hi"), deadline=PATIENT).status == 200
    assert shop.line.received == ["done"]
    assert shop.line.calls[0][:2] == ("loading 60", ALICE)
    shop.bot.close()


def test_unfinished_row_is_seen_as_such() -> None:
    """The log of an event that goes on is one open row, with its event inside."""
    shop = stage()
    gate = threading.Event()
    shop.bot.text(lambda: "x" if gate.wait(PATIENT) else None)
    handle(shop, said("hi"), deadline=0.05)
    (row,) = shop.store.rows(CHAT, now=LATER)
    assert row.event is not None
    assert replace(row, event=None).status == "claimed"
    gate.set()
    assert shop.bot.wait(PATIENT)
    (row,) = shop.store.rows(CHAT, now=LATER)
    assert (row.event, row.status) == (None, "done")
    shop.bot.close()


# A state that others have changed meanwhile


class Shy(Watched):
    """A store that could not be asked for the first claim."""

    def __init__(self) -> None:
        super().__init__()
        self.failures = 1

    def claim(self, row: Row, *, now: int) -> Claim:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("claim: the store is away")
        return super().claim(row, now=now)


def overtaken(event: Json, wait: int) -> Callable[[Scene], None]:
    """A script whose first handler is overtaken by another process before it looks at the state.

    The other one ends the event, and then another event of the conversation.
    """
    told: list[bool] = []

    def script(scene: Scene) -> None:
        @scene.bot.text()
        def count(ctx: Context) -> str:
            if not told:
                told.append(True)
                scene.clock.later(wait)
                scene.start()
                scene.post(redelivered(event))
                scene.say("and another")
            ctx.state["n"] = ctx.state.get("n", 0) + 1
            return f"number {ctx.state['n']}"

    return script


@pytest.mark.parametrize(
    ("store", "wait"),
    [(Shy, 0), (Watched, LONG_LEASE + 1)],
    ids=["claim unknown", "lease over"],
)
def test_who_was_overtaken_does_not_change_the_state(
    store: type[Watched], wait: int, make: Make
) -> None:
    """An event counts once, though the state no longer tells that it has changed it."""
    event = said("count me")
    scene = make(overtaken(event, wait))
    scene.store = store()
    scene.start()
    scene.post(event)

    assert scene.store.read_state(CHAT).data == {"n": 2}
    assert scene.line.received == ["number 1", "number 2"]
    assert scene.statuses == ["done", "done"]
