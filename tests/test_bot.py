"""The door, end to end: signed webhooks in, calls to LINE and rows of the log out."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penniless.bot import MAX_BODY, Bot, Response
from penniless.context import Context
from penniless.errors import (
    BadRequest,
    LineUnreachable,
    RateLimited,
    ServerFault,
    SettingsError,
    StoreUnavailable,
    Unauthorized,
)
from penniless.line.signature import sign
from penniless.ports import Json, Row, Store
from penniless.routing import where
from penniless.stores.memory import MemoryStore
from tests.event_samples import ALICE, BOT, EVENTS, GROUP, SOURCES, TIME
from tests.fakes import (
    LATER,
    SECRET,
    TOKEN,
    Clock,
    FakeLine,
    Stage,
    fresh,
    said,
    stage,
    user,
    webhook,
)
from tests.strategies import ANY_EVENTS, JSON_VALUES

OK = Response(200, "OK")
AGAIN = Response(500, "try again")


def echoing() -> Stage:
    """A stage whose bot says everything again."""
    found = stage()

    @found.bot.text()
    def echo(ctx: Context) -> str:
        return ctx.text

    return found


# The door


def test_echo_is_replied_and_logged() -> None:
    """One text message is answered by its reply token; both sides of it stand in the log."""
    echo = echoing()
    hello = said("สวัสดี 🍎")
    assert echo.post(hello) == OK
    assert [call[:3] for call in echo.line.calls] == [
        ("reply", hello["replyToken"], [{"type": "text", "text": "สวัสดี 🍎"}])
    ]
    (row,) = echo.rows()
    assert (row.sender, row.to, row.timestamp) == (ALICE, BOT, hello["timestamp"])
    assert (row.type, row.message, row.message_id) == (
        "message.text",
        "สวัสดี 🍎",
        hello["message"]["id"],
    )
    assert (row.event_id, row.status, row.outcome) == (hello["webhookEventId"], "done", "replied")
    assert row.replies == [{"type": "text", "text": "สวัสดี 🍎"}]
    assert row.answered_at is not None
    assert echo.bot.counters == {"events": 1, "replies": 1}


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "wrong",
        sign("another secret", webhook(EVENTS["message: text"])),
        sign(SECRET, webhook(EVENTS["follow"])),
        sign(SECRET, webhook(EVENTS["message: text"]))[:-1],
        sign(SECRET, webhook(EVENTS["message: text"])).lower(),
        "署名",
        "\ud800",
        "A" * 100_000,
    ],
    ids=lambda found: repr(found)[:20],
)
def test_unsigned_webhook_is_refused(
    signature: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """A missing or wrong signature gives 401 and an empty body, and costs nothing else."""
    echo = echoing()
    body = webhook(EVENTS["message: text"])
    assert echo.bot.handle(body, signature) == (401, "")
    assert echo.line.calls == []
    assert list(echo.store.conversations()) == []
    assert echo.bot.counters == {"refused": 1}
    assert [record.getMessage() for record in caplog.records] == [
        "webhook refused: the signature is missing or wrong (401)"
    ]


def test_altered_body_is_refused() -> None:
    """One changed byte, or the same JSON written another way, is another webhook."""
    echo = echoing()
    body = webhook(EVENTS["message: text"])
    signature = sign(SECRET, body)
    for altered in (
        body.replace(b"hello", b"hellO"),
        body + b"\n",
        json.dumps(json.loads(body)).encode(),
    ):
        assert echo.bot.handle(altered, signature).status == 401
    assert echo.bot.handle(body, signature) == OK


@pytest.mark.parametrize("secret", ["old", "new"])
def test_any_of_several_secrets_is_accepted(secret: str) -> None:
    """While a secret is being replaced, LINE may sign with either."""
    both = stage(secret="old, new")
    body = webhook()
    assert both.bot.handle(body, sign(secret, body)) == OK
    assert both.bot.handle(body, sign("older", body)).status == 401


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"[]", b'{"events":[]}', b'{"destination":"U1","events":null}', b"\xff"]
)
def test_signed_body_that_is_no_webhook_is_a_bad_request(
    body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """What is signed but no webhook gives 400, and one line without content."""
    echo = echoing()
    assert echo.bot.handle(body, sign(SECRET, body)) == (400, "not a webhook")
    assert [record.getMessage() for record in caplog.records] == [
        "webhook refused: the body is not a webhook (400)"
    ]


def test_body_over_the_limit_is_refused_before_it_is_hashed() -> None:
    """1 MiB is taken, one byte more is 413 whether signed or not."""
    echo = echoing()
    full = webhook(said("hi")).ljust(MAX_BODY)
    assert echo.bot.handle(full, sign(SECRET, full)) == OK
    over = full + b" "
    assert echo.bot.handle(over, sign(SECRET, over)).status == 413
    assert echo.bot.handle(over, None).status == 413
    assert echo.line.texts == ["hi"]


def test_verify_needs_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The console's Verify, a signed webhook without events, is answered before all is set up."""
    monkeypatch.delenv("LINE_CHANNEL_ACCESS_TOKEN", raising=False)
    bot = Bot(channel_secret=SECRET)
    assert bot.handle(webhook(), sign(SECRET, webhook())) == OK
    assert bot.counters == {}
    body = webhook(said("hi"))
    with pytest.raises(SettingsError, match="LINE_CHANNEL_ACCESS_TOKEN"):
        bot.handle(body, sign(SECRET, body))


def test_missing_secret_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a channel secret nothing can be verified, so nothing is handled."""
    monkeypatch.setenv("LINE_CHANNEL_SECRET", " , ")
    bot = Bot(line=FakeLine())
    with pytest.raises(SettingsError, match="LINE_CHANNEL_SECRET is not set"):
        bot.handle(b"", None)
    with pytest.raises(SettingsError, match="LINE_CHANNEL_SECRET is not set"):
        bot.connect()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare `Bot()` reads the names LINE developers know, and needs no store."""
    monkeypatch.setenv("LINE_CHANNEL_SECRET", f"old,{SECRET}")
    monkeypatch.setenv("LINE_CHANNEL_ACCESS_TOKEN", TOKEN)
    monkeypatch.setenv("LINE_API_ORIGIN", "http://127.0.0.1:1")
    bot = Bot()
    bot.connect()
    assert not bot.has_store
    assert bot.handle(webhook(), sign(SECRET, webhook())) == OK
    bot.close()


def test_use_replaces_what_is_given() -> None:
    """A way in brings what the bot lacks; what it leaves out stays."""
    one, other = echoing(), stage()
    one.bot.use(line=other.line, store=other.store)
    one.post(said("hi"))
    assert (one.line.texts, other.line.texts) == ([], ["hi"])
    assert (len(one.rows()), len(other.rows())) == (0, 1)
    assert one.bot.has_store
    one.bot.use(channel_secret="changed")
    assert one.post(said("hi")).status == 401


class EmptyHanded(MemoryStore):
    """A store that is false, as any class with a length can be."""

    def __len__(self) -> int:
        return 0


def test_store_is_used_even_if_it_is_false() -> None:
    """A store that looks empty is still the store."""
    empty = stage(EmptyHanded())
    assert empty.bot.has_store
    empty.post(said("hi"))
    assert len(empty.rows()) == 1
    other = EmptyHanded()
    empty.bot.use(store=other)
    empty.post(said("hi"))
    assert (len(empty.rows()), list(other.conversations())) == (1, [f"user#{ALICE}"])


def test_close_closes_line_and_store() -> None:
    """Closing the bot closes what it uses, once it has used it."""
    echo = echoing()
    echo.bot.close()
    assert not echo.line.closed
    echo.bot.connect()
    echo.bot.close()
    assert echo.line.closed


# The deadline


@pytest.mark.parametrize("deadline", [0, -1, 2, 2.5, float("inf"), float("nan")])
def test_deadline_lies_within_what_line_waits(deadline: float) -> None:
    """More than nothing and less than two seconds."""
    with pytest.raises(SettingsError, match=r"under 2\.0 seconds"):
        Bot(channel_secret=SECRET, deadline=deadline)


@pytest.mark.parametrize(("given", "found"), [(None, 1.2), (0.5, 0.5), (1.9, 1.9)])
def test_deadline_is_what_was_given(given: float | None, found: float) -> None:
    """Or 1.2 seconds."""
    assert Bot(channel_secret=SECRET, deadline=given).deadline == found


def test_bot_that_may_be_slow_says_so() -> None:
    """With a handler that is declared slow, or with a deadline of its own."""
    assert not echoing().bot.may_be_slow
    assert Bot(channel_secret=SECRET, deadline=1.0).may_be_slow
    slow = echoing()
    slow.bot.default(slow=True)(lambda: None)
    assert slow.bot.may_be_slow


def test_nothing_goes_on_in_a_bot_without_deadline() -> None:
    """It answers when everything is done, so there is nothing to wait for, nor to close twice."""
    echo = echoing()
    echo.post(said("hi"))
    assert echo.bot.wait()
    echo.bot.close()
    echo.bot.close()


def test_closed_bot_starts_again() -> None:
    """With threads of its own again, as a server that is restarted in one process."""
    echo = echoing()
    for number in range(3):
        body = webhook(said(f"a{number}"), said(f"b{number}", SOURCES["group"]))
        assert echo.bot.handle(body, sign(SECRET, body), 10.0) == OK
        echo.bot.close()
    assert sorted(echo.line.received) == ["a0", "a1", "a2", "b0", "b1", "b2"]


def test_event_in_a_closing_bot_is_taken_over() -> None:
    """`close` does not wait for ever; what goes on is open, and the next start finds it."""
    shop = stage(clock=Clock())
    gate, begun = threading.Event(), threading.Event()

    @shop.bot.text()
    def slow(ctx: Context) -> str:
        begun.set()
        assert gate.wait(10)
        return "never"

    body = webhook(said("hi"))
    shop.bot.handle(body, sign(SECRET, body), 0.01)
    assert begun.wait(10)
    assert not shop.bot.wait(0.01)
    after = stage(shop.store, clock=Clock(LATER))
    after.bot.text(lambda: "later")
    assert after.bot.recover() == {"found": 1, "handled": 1}
    assert [row.status for row in after.rows()] == ["held"]
    gate.set()
    assert shop.bot.wait(10)
    assert shop.line.received == []  # the event is another's by now
    assert [(row.status, row.attempt) for row in after.rows()] == [("held", 2)]
    shop.bot.close()


# Batches


def test_one_bad_event_never_costs_its_neighbours() -> None:
    """Around an event whose handler raises and one that nobody understands, all are answered."""
    shop = stage()

    @shop.bot.text(r"divide (?P<number>\d+)")
    def divide(ctx: Context, number: str) -> str:
        return str(100 // int(number))

    strange = {"type": "message", "message": 5, "webhookEventId": "01KDXS"}
    words = ["divide 1", "divide 0", "divide 2"]
    assert shop.post(said(words[0]), strange, said(words[1]), said(words[2])) == OK
    assert sorted(shop.line.texts) == ["100", "50"]
    assert [row.status for row in shop.rows()] == ["done", "failed", "done"]
    assert shop.rows("channel")[0].outcome == "no handler"


def test_handler_that_exits_does_not_take_the_process_along() -> None:
    """`sys.exit()` in a handler, as argparse does for bad options, only fails its own event."""
    shop = stage()

    @shop.bot.text()
    def parse(ctx: Context) -> str:
        if ctx.text == "bad":
            raise SystemExit(2)
        return ctx.text

    assert shop.post(said("bad"), said("good")) == OK
    assert shop.line.texts == ["good"]
    assert [row.outcome for row in shop.rows()] == ["failed: SystemExit", "replied"]


def test_events_of_a_conversation_go_in_the_order_of_their_times() -> None:
    """Within one webhook the timestamps decide; equal ones keep their places."""
    echo = echoing()
    times = [30, 10, 20, 10]
    events = [said(f"{at} {index}", timestamp=TIME + at) for index, at in enumerate(times)]
    echo.post(*events)
    assert echo.line.texts == ["10 1", "10 3", "20 2", "30 0"]


def test_conversations_go_side_by_side() -> None:
    """Handlers of two conversations in one webhook run at once: each waits for the other."""
    shop = stage()
    both = threading.Barrier(2)

    @shop.bot.text()
    def wait(ctx: Context) -> str:
        return str(both.wait(timeout=10))

    shop.post(said("a", user(1)), said("b", user(2)))
    assert sorted(shop.line.texts) == ["0", "1"]


def test_async_handlers_of_conversations_go_side_by_side() -> None:
    """Two `async` handlers run at once on the one event loop."""
    import asyncio

    shop = stage()
    arrived: list[asyncio.Event] = []

    @shop.bot.text()
    async def wait(ctx: Context) -> str:
        arrived.append(asyncio.Event())
        if len(arrived) == 2:
            arrived[0].set()
            return "second"
        await asyncio.wait_for(arrived[0].wait(), 10)
        return "first"

    shop.post(said("a", user(1)), said("b", user(2)))
    assert sorted(shop.line.texts) == ["first", "second"]


def test_events_of_one_conversation_never_overlap() -> None:
    """While a handler is at work, another webhook of its conversation waits outside."""
    shop = stage()
    both = threading.Barrier(2)

    @shop.bot.text()
    def meet(ctx: Context) -> str:
        try:
            both.wait(0.2)
        except threading.BrokenBarrierError:
            return "alone"
        return "not alone"

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(shop.post, [said("a", SOURCES["group"]), said("b", SOURCES["group"])]))
    assert shop.line.texts == ["alone", "alone"]


def test_counting_in_the_state_loses_nothing() -> None:
    """Forty webhooks at once for one conversation count to forty."""
    shop = stage()
    counting(shop)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(shop.post, [said("x") for _ in range(40)]))
    assert sorted(map(int, shop.line.texts)) == list(range(1, 41))


def test_more_conversations_than_threads() -> None:
    """A webhook of a hundred conversations is worked off whole."""
    echo = echoing()
    echo.post(*(said(str(number), user(number)) for number in range(100)))
    assert sorted(map(int, echo.line.texts)) == list(range(100))


# Once and only once


def test_redelivered_event_is_answered_once() -> None:
    """The same event again, announced as a redelivery or not, is only counted."""
    echo = echoing()
    hello = said("hi")
    again = {**hello, "deliveryContext": {"isRedelivery": True}}
    assert [echo.post(hello), echo.post(hello), echo.post(again, again)] == [OK] * 3
    assert echo.line.texts == ["hi"]
    assert len(echo.rows()) == 1
    assert echo.bot.counters == {"events": 1, "replies": 1, "duplicates": 3}


def test_simultaneous_deliveries_are_answered_once() -> None:
    """Of eight deliveries at the same moment one is handled."""
    echo = echoing()
    hello = said("hi")
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(echo.post, [hello] * 8)) == [OK] * 8
    assert echo.line.texts == ["hi"]


@pytest.mark.parametrize("odd", [{"timestamp": 0}, {"timestamp": -5}, {"timestamp": 10**30}])
def test_event_of_an_odd_time_is_answered_once(odd: Json) -> None:
    """A time that is missing or impossible is logged as the nearest one, and the same each time."""
    echo = echoing()
    hello = said("hi", **odd)
    echo.post(hello, hello)
    assert echo.line.texts == ["hi"]
    assert 0 <= echo.rows()[0].timestamp < 10**13


def test_event_without_an_id_is_answered_once() -> None:
    """Where LINE sends no event id, the event's JSON stands for it."""
    echo = echoing()
    hello, other = said("hi", timestamp=TIME), said("ho", timestamp=TIME)
    del hello["webhookEventId"], other["webhookEventId"]
    echo.post(hello)
    echo.post(hello, other)
    assert echo.line.texts == ["hi", "ho"]
    assert all(row.event_id.startswith("sha256-") for row in echo.rows())


def test_event_whose_handler_was_killed_is_handled_again() -> None:
    """A claim whose lease ran out, as after a crash, is taken over by the next delivery."""
    echo = echoing()
    hello = said("hi", timestamp=TIME)
    dead = Row(
        conversation=f"user#{ALICE}",
        event_id=hello["webhookEventId"],
        timestamp=TIME,
        sender=ALICE,
        to=BOT,
        type="message.text",
        claimed_until=TIME + 1,
    )
    echo.store.claim(dead, now=TIME)
    echo.post(hello)
    assert [(row.status, row.attempt, row.outcome) for row in echo.rows()] == [
        ("done", 2, "replied")
    ]


# What handlers do wrong


def test_predicate_that_raises_fails_its_own_event() -> None:
    """A `where()` of yours that trips over an event costs no other."""
    shop = stage()
    shop.bot.on(where(lambda event: 1 / len(event.message.text) > 0))(lambda ctx: ctx.text)  # type: ignore[attr-defined]
    shop.post(said("one"), said(""), said("two"))
    assert shop.line.texts == ["one", "two"]
    assert shop.rows()[1].outcome == "failed: ZeroDivisionError"


def test_error_is_logged_without_the_message(caplog: pytest.LogCaptureFixture) -> None:
    """The default: the place in the code is logged, nothing is replied, and no content leaks."""
    shop = stage()

    @shop.bot.text()
    def number(ctx: Context) -> str:
        return str(int(ctx.text))

    assert shop.post(said("my PIN is 五")) == OK
    assert shop.line.calls == []
    assert shop.bot.counters == {"events": 1, "errors": 1}
    assert shop.rows()[0].outcome == "failed: ValueError"
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "ValueError" in record.getMessage()
    assert "str(int(ctx.text))" in record.getMessage()
    assert "PIN" not in caplog.text


def test_full_errors_are_for_the_laptop(caplog: pytest.LogCaptureFixture) -> None:
    """Where the developer asks for it, an exception is logged with its own text."""
    shop = stage()
    shop.bot.use(full_errors=True)

    @shop.bot.text()
    def broken(ctx: Context) -> str:
        raise ValueError(f"cannot read {ctx.text}")

    shop.post(said("this"))
    assert "ValueError: cannot read this" in caplog.text


def test_error_handler_may_reply() -> None:
    """The error handler gets the error, replaces what was gathered, and its answer is sent."""
    shop = stage()
    met: list[Exception] = []

    @shop.bot.text()
    def broken(ctx: Context) -> Iterator[str]:
        yield "half an answer"
        raise KeyError("menu")

    @shop.bot.error
    def sorry(ctx: Context, error: Exception) -> str:
        met.append(error)
        return f"sorry about {ctx.text!r}"

    shop.post(said("soup"))
    assert shop.line.texts == ["sorry about 'soup'"]
    assert [type(error) for error in met] == [KeyError]
    (row,) = shop.rows()
    assert (row.status, row.outcome) == ("failed", "failed: KeyError")
    assert row.replies == [{"type": "text", "text": "sorry about 'soup'"}]


def test_error_handler_that_fails_is_the_end_of_it(caplog: pytest.LogCaptureFixture) -> None:
    """Both errors are logged, and the next event is handled."""
    shop = stage()

    @shop.bot.text()
    def broken(ctx: Context) -> str:
        return ctx.text if ctx.text == "good" else str(1 // 0)

    @shop.bot.error
    def worse(ctx: Context) -> None:
        raise RuntimeError(ctx.text)

    assert shop.post(said("bad words"), said("good")) == OK
    assert shop.line.texts == ["good"]
    assert [record.getMessage().split("\n")[0].split(": ")[-1] for record in caplog.records] == [
        "RuntimeError",
        "ZeroDivisionError",
    ]
    assert "bad words" not in caplog.text


def test_sixth_message_waits_for_the_next_event() -> None:
    """Five messages are a reply; what is more is held, and goes in front of the next one."""
    shop = stage()

    @shop.bot.text(r"(?P<number>\d+)")
    def count(ctx: Context, number: str) -> list[str]:
        return [str(one) for one in range(int(number))]

    assert shop.post(said("5"), said("6")) == OK
    assert shop.line.texts == ["0", "1", "2", "3", "4"] * 2
    waiting = shop.rows()[1]
    assert (waiting.status, waiting.outcome) == ("held", "replied, held")
    assert [one["text"] for one in waiting.replies] == ["0", "1", "2", "3", "4"]
    assert waiting.waiting == [{"type": "text", "text": "5"}]
    shop.post(said("1"))
    assert shop.line.texts[10:] == ["5", "0"]
    assert [(row.status, row.outcome) for row in shop.rows()] == [
        ("done", "replied"),
        ("done", "replied later"),
        ("done", "replied"),
    ]


def test_six_messages_in_one_call_are_refused_before_anything_is_sent() -> None:
    """`ctx.reply` is one reply, so it holds five; with a sixth none is sent."""
    shop = stage()
    shop.bot.text(lambda ctx: ctx.reply(*"123456"))
    shop.post(said("x"))
    assert shop.line.calls == []
    (row,) = shop.rows()
    assert row.outcome == "failed: ReplyError: one reply holds 1 to 5 messages, this one 6"


@pytest.mark.parametrize("answer", ["", "x" * 5001, object(), 5, b"hi", {1, 2}])
def test_what_line_would_refuse_is_not_sent(answer: Any) -> None:
    """An empty or too long text, or what is no message, fails the event before any call."""
    shop = stage()
    shop.bot.text(lambda: ["good", answer])
    shop.post(said("hi"))
    assert shop.line.calls == []
    assert shop.rows()[0].outcome.startswith("failed: MessageError: ")


def test_answer_without_a_token_is_an_error_that_says_so() -> None:
    """An unfollow cannot be answered; the row says why."""
    shop = stage()
    shop.bot.unfollow(lambda: "come back!")
    shop.post(fresh(EVENTS["unfollow"]))
    assert shop.line.calls == []
    assert "the unfollow event has no reply token" in shop.rows()[0].outcome


def test_refused_reply_is_an_error_with_lines_words(caplog: pytest.LogCaptureFixture) -> None:
    """LINE's status and sentence stand in the log and in the row; the webhook is still answered."""
    echo = echoing()
    echo.line.trouble["reply"] = [Unauthorized(401, "Authentication failed.", operation="reply")]
    assert echo.post(said("hi")) == OK
    (row,) = echo.rows()
    assert row.outcome == "failed: Unauthorized: reply: LINE answered 401 Authentication failed."
    assert "Traceback" not in caplog.text
    assert "Authentication failed." in caplog.text


def test_answer_whose_token_is_gone_is_held() -> None:
    """A token that LINE calls invalid is no error: the answer goes in front of the next reply."""
    echo = echoing()
    hello = said("hi")
    echo.post(hello)
    assert echo.post({**said("again"), "replyToken": hello["replyToken"]}) == OK
    held = echo.rows()[1]
    assert (held.status, held.outcome, held.waiting) == (
        "held",
        "held",
        [{"type": "text", "text": "again"}],
    )
    assert echo.bot.counters.get("errors", 0) == 0
    echo.post(said("more"))
    assert echo.line.received == ["hi", "again", "more"]
    assert [row.status for row in echo.rows()] == ["done", "done", "done"]


def test_error_handler_may_use_the_token_that_line_did_not() -> None:
    """After a refusal the token is still good."""
    shop = stage()
    shop.bot.text(lambda: "first")
    shop.bot.error(lambda: "sorry")
    shop.line.trouble["reply"] = [BadRequest(400, "The request body has 1 error(s)")]
    shop.post(said("x"))
    assert shop.line.texts == ["first", "sorry"]
    assert shop.bot.counters["errors"] == 1


@pytest.mark.parametrize(
    "trouble",
    [
        ServerFault(500, operation="reply"),
        RateLimited(429, "The API rate limit has been exceeded. Try again later."),
        LineUnreachable("refused", maybe_received=False),
        LineUnreachable("timed out", maybe_received=True),
    ],
    ids=lambda one: type(one).__name__,
)
def test_trouble_that_passes_is_no_error(trouble: Exception) -> None:
    """The reply is repeated with the same token, which works once."""
    shop = stage(clock=Clock())
    shop.bot.text(lambda: "first")
    shop.bot.error(lambda: "sorry")
    shop.line.trouble["reply"] = [trouble, trouble]
    assert shop.post(said("x")) == OK
    assert shop.line.texts == ["first"] * 3
    assert len({call.to for call in shop.line.calls}) == 1
    assert shop.line.received == ["first"]
    assert shop.bot.counters == {"events": 1, "replies": 1}


# State


class Contested(MemoryStore):
    """A store in which somebody else is faster, the first few times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def write_state(
        self, conversation: str, data: Json, *, version: int, answers: Json | None = None
    ) -> int:
        if self.times:
            self.times -= 1
            other = {**self.read_state(conversation).data, f"other{self.times}": True}
            super().write_state(conversation, other, version=version)
        return super().write_state(conversation, data, version=version, answers=answers)


def counting(shop: Stage) -> list[str]:
    """Count messages in the state; returns what the handler saw each time it ran."""
    runs: list[str] = []

    @shop.bot.text()
    def count(ctx: Context) -> str:
        runs.append(ctx.text)
        ctx.state["count"] = ctx.state.get("count", 0) + 1
        return str(ctx.state["count"])

    return runs


def test_state_lasts_from_event_to_event() -> None:
    """Each conversation has its own."""
    shop = stage()
    counting(shop)
    shop.post(said("a"), said("b"), said("c", SOURCES["group"]))
    assert sorted(shop.line.texts) == ["1", "1", "2"]
    assert shop.store.read_state(f"group#{GROUP}").data == {"count": 1}


def test_strangers_share_no_state() -> None:
    """People whom LINE does not name get an empty state that is not kept."""
    shop = stage()
    counting(shop)
    nobody = SOURCES["user without consent"]
    shop.post(said("a", nobody), said("b", nobody))
    assert shop.line.texts == ["1", "1"]
    assert shop.store.read_state("channel").version == 0


def test_handler_runs_again_when_another_writer_was_faster() -> None:
    """It sees the state as the other left it, and its first answer is never sent."""
    shop = stage(Contested(2))
    runs = counting(shop)
    shop.post(said("a"))
    assert (runs, shop.line.texts) == (["a"] * 3, ["1"])
    assert shop.store.read_state(f"user#{ALICE}").data == {
        "count": 1,
        "other1": True,
        "other0": True,
    }


def test_handler_gives_up_after_three_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is sent, the state is the others', and the row says so."""
    shop = stage(Contested(3))
    runs = counting(shop)
    shop.post(said("a"))
    assert (len(runs), shop.line.calls) == (3, [])
    assert shop.rows()[0].outcome.startswith("failed: StateConflict")
    assert "count" not in shop.store.read_state(f"user#{ALICE}").data


@pytest.mark.parametrize("send", [Context.reply, Context.push])
def test_handler_that_has_sent_does_not_run_again(send: Callable[..., Any]) -> None:
    """What went out cannot be taken back, so a conflict after it is an error."""
    shop = stage(Contested(1))

    @shop.bot.text()
    def early(ctx: Context) -> None:
        ctx.state["n"] = 1
        send(ctx, "sent")

    shop.post(said("a"))
    assert shop.line.texts == ["sent"]
    assert shop.rows()[0].outcome.startswith("failed: StateConflict")
    assert [row.replies for row in shop.rows() if row.replies] == [
        [{"type": "text", "text": "sent"}]
    ]


def test_state_of_a_failed_event_is_not_stored() -> None:
    """A handler that raises leaves the state as it was, nested parts too."""
    shop = stage()

    @shop.bot.text()
    def order(ctx: Context) -> str:
        ctx.state.setdefault("items", []).append(ctx.text)
        if ctx.text == "bad":
            raise LookupError
        return ",".join(ctx.state["items"])

    shop.post(said("a"), said("bad"), said("b"))
    assert shop.line.texts == ["a", "a,b"]


def test_state_that_is_not_json_fails_the_event() -> None:
    """It is an error at once, not a different value days later."""
    shop = stage()

    @shop.bot.text()
    def remember(ctx: Context) -> str:
        ctx.state["people"] = {ctx.user_id}
        return "remembered"

    shop.post(said("a"))
    assert shop.line.calls == []
    assert shop.rows()[0].outcome.startswith("failed: CodeError: The state")


# Standby, unsend, no handler


def test_standby_events_are_logged_and_left_alone() -> None:
    """While another channel holds the chat, no handler runs."""
    echo = echoing()
    echo.post(fresh(EVENTS["message in standby"]))
    assert echo.line.calls == []
    assert [row.outcome for row in echo.rows()] == ["standby"]


def test_event_without_handler_is_logged() -> None:
    """The row tells that nobody wanted it."""
    echo = echoing()
    echo.post(fresh(EVENTS["follow"]))
    assert [(row.type, row.status, row.outcome) for row in echo.rows()] == [
        ("follow", "done", "no handler")
    ]


@pytest.mark.parametrize("mode", ["active", "standby"])
def test_unsend_takes_the_content_out_of_the_log(mode: str) -> None:
    """What a person takes back, its edits included, is gone before the handler runs."""
    shop = stage()
    seen: list[str | None] = []

    @shop.bot.unsend
    def gone(ctx: Context) -> None:
        seen.extend(row.message for row in shop.rows(ctx.conversation)[:2])

    secret = said("my secret", SOURCES["group"])
    edited = fresh(
        EVENTS["messageEdited"], message={**secret["message"], "text": "my other secret"}
    )
    kept = said("kept", SOURCES["group"])
    taken = (
        fresh(EVENTS["unsend"], SOURCES["group"], unsend={"messageId": secret["message"]["id"]})
        if False
        else fresh(
            EVENTS["unsend"],
            source=SOURCES["group"],
            unsend={"messageId": secret["message"]["id"]},
            mode=mode,
        )
    )
    shop.post(secret, edited, kept)
    assert [row.message for row in shop.rows(f"group#{GROUP}")] == [
        "my secret",
        "my other secret",
        "kept",
    ]
    shop.post(taken)
    assert [row.message for row in shop.rows(f"group#{GROUP}")] == [None, None, "kept", "[unsend]"]
    assert seen == ([None, None] if mode == "active" else [])


@pytest.mark.parametrize(
    ("name", "type_", "message"),
    [
        ("message: sticker", "message.sticker", "[sticker]"),
        ("postback", "postback", "buy=リンゴ"),
        ("follow", "follow", "[follow]"),
        ("messageEdited", "messageEdited", "hullo"),
        ("accountLink that failed", "accountLink", "[accountLink]"),
    ],
)
def test_log_shows_what_a_reader_would_see(name: str, type_: str, message: str) -> None:
    """Every event has a row: its text, its postback data, or its kind in brackets."""
    shop = stage()
    shop.post(fresh(EVENTS[name]))
    rows = [row for key in shop.store.conversations() for row in shop.rows(key)]
    assert [(row.type, row.message) for row in rows] == [(type_, message)]


# A broken store


class Broken(MemoryStore):
    """A store that raises in some of its methods."""

    def __init__(self, error: Exception, *methods: str) -> None:
        super().__init__()
        for method in methods:
            setattr(self, method, self._raiser(error))

    @staticmethod
    def _raiser(error: Exception) -> Callable[..., Any]:
        def method(*_: Any, **__: Any) -> Any:
            raise error

        return method


@pytest.mark.parametrize("error", [StoreUnavailable("disk full"), OSError(28, "x"), KeyError("x")])
def test_broken_store_never_silences_the_bot(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """With every write failing the bot still answers, and says that its log does not work."""
    shop = stage(Broken(error, "claim", "desk", "advance", "append", "unsend"))

    @shop.bot.text()
    def both(ctx: Context) -> str:
        ctx.push("pushed")
        return f"{ctx.text}!"

    assert shop.post(said("my words"), fresh(EVENTS["unsend"])) == OK
    assert shop.line.texts == ["pushed", "my words!"]
    assert shop.bot.counters["store_errors"] == 8
    steps = [record.getMessage().split(": ")[0] for record in caplog.records]
    assert sorted(steps) == sorted(
        f"the log could not {step}"
        for step in ("claim", "read", "append", "advance", "claim", "read", "unsend", "advance")
    )
    assert "my words" not in caplog.text


def needing_state(store: Store, clock: Clock | None = None) -> Stage:
    """A stage with one handler that touches the state and one that does not."""
    shop = stage(store, clock=clock)

    @shop.bot.text("count")
    def count(ctx: Context) -> str:
        return str(ctx.state.get("n"))

    shop.bot.text(lambda ctx: ctx.text)
    return shop


def test_event_that_needs_a_broken_state_is_left_open() -> None:
    """Only events whose handler touches the state wait for it; LINE is asked to come again."""
    store = Broken(StoreUnavailable("no"), "desk", "read_state")
    shop = needing_state(store, Clock())
    count = said("count")
    assert shop.post(count, said("echo")) == AGAIN
    assert shop.line.received == ["echo"]
    assert [row.status for row in shop.rows()] == ["claimed", "done"]
    assert shop.bot.counters.get("errors", 0) == 0
    del store.desk, store.read_state
    assert shop.post({**count, "deliveryContext": {"isRedelivery": True}}) == OK
    assert shop.line.received == ["echo", "None"]
    assert [(row.status, row.attempt) for row in shop.rows()] == [("done", 2), ("done", 1)]


def test_event_that_needs_a_broken_state_fails_in_the_end() -> None:
    """After three attempts it is given up, and LINE need not come again."""
    shop = needing_state(Broken(StoreUnavailable("no"), "desk", "read_state"), Clock())
    count = said("count")
    assert [shop.post(count) for _ in range(5)] == [AGAIN, AGAIN, AGAIN, OK, OK]
    (row,) = shop.rows()
    assert (row.status, row.outcome) == ("failed", "failed: given up after 3 attempts")
    assert shop.line.received == []


def test_event_whose_last_attempt_meets_a_broken_state_is_an_error() -> None:
    """The row names the trouble, where that is new."""
    store = Broken(StoreUnavailable("no"), "write_state")
    shop = stage(store, clock=Clock())
    runs = counting(shop)
    count = said("count")
    assert [shop.post(count) for _ in range(4)] == [AGAIN, AGAIN, OK, OK]
    (row,) = shop.rows()
    assert (row.status, row.attempt, row.outcome) == ("failed", 3, "failed: StoreUnavailable: no")
    assert (len(runs), shop.line.received) == (3, [])


def test_answer_lost_to_a_broken_state_is_not_in_doubt() -> None:
    """Nothing was sent before, so an answer that comes after its token has gone is held."""
    store, clock = Broken(StoreUnavailable("no"), "desk", "read_state"), Clock()
    shop = needing_state(store, clock)
    count = said("count")
    shop.post(count)
    del store.desk, store.read_state
    clock.later(120_000)
    assert shop.bot.recover() == {"found": 1, "handled": 1}
    assert [row.status for row in shop.rows()] == ["held"]
    shop.post(said("echo"))
    assert shop.line.received == ["None", "echo"]


class Odd(MemoryStore):
    """A store of somebody's own whose search for one event fails in its own way."""

    def rows(self, conversation: str, *, now: int, since: int = 0, **more: Any) -> Iterator[Row]:
        if since:
            raise OSError("no such index")
        return super().rows(conversation, now=now, **more)


def test_store_that_fails_in_its_own_way_fails_no_webhook(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever it raises before the handler runs is logged, and the event comes again."""
    shop = needing_state(Odd(), Clock())
    taken = Row(
        conversation=f"user#{ALICE}",
        event_id="E1",
        timestamp=TIME,
        sender=ALICE,
        to=BOT,
        type="message.text",
        status="answered",
        way=f"{TIME + 1}#E2#1",
        waiting=[{"type": "text", "text": "x"}],
    )
    shop.store.append(taken)
    hello = said("echo")
    assert [shop.post(hello) for _ in range(4)] == [AGAIN, AGAIN, OK, OK]
    assert shop.rows()[1].outcome == "failed: OSError"
    assert "nothing could be done for event" in caplog.text


# Secrets


def test_secrets_are_in_no_repr_log_or_error(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong, neither the channel secret nor the token shows."""
    caplog.set_level(logging.DEBUG)
    shop = stage(Broken(StoreUnavailable("no"), "claim", "advance"))
    shown: list[str] = [repr(shop.bot), str(shop.bot), format(shop.bot)]

    @shop.bot.text()
    def look(ctx: Context) -> str:
        shown.extend([repr(ctx), repr(ctx.event), repr(shop.bot)])
        return str(1 // 0) if ctx.text == "bad" else ctx.text

    shop.line.trouble["reply"] = [Unauthorized(401, "Authentication failed", operation="reply")]
    shop.post(said("bad"), said("fine"))
    shop.bot.handle(b"x", "y")
    shown += [record.getMessage() for record in caplog.records]
    shown += [row.outcome for row in shop.rows()]
    assert len(shown) > 8
    assert not [one for one in shown if SECRET in one or TOKEN in one]


# Anything at all


BODIES = (
    st.binary()
    | JSON_VALUES.map(lambda value: json.dumps(value).encode())
    | st.lists(ANY_EVENTS, max_size=4).map(
        lambda events: json.dumps({"destination": BOT, "events": events}).encode()
    )
)


def busy() -> Stage:
    """A stage with a handler that touches everything a context has."""
    found = stage()

    @found.bot.default
    def touch(ctx: Context) -> str | None:
        ctx.state["seen"] = ctx.state.get("seen", 0) + 1
        touched: list[Any] = [
            ctx.text,
            ctx.data,
            ctx.user_id,
            ctx.conversation,
            ctx.profile,
            ctx.raw,
        ]
        touched += [ctx.loading(), ctx.mark_as_read()]
        return f"{len(touched)}" if ctx.can_reply else None

    found.bot.text("[a-z]+")(touch)
    found.bot.command("/x")(lambda args: args)
    found.bot.postback("a=(?P<a>.*)")(lambda a: a)
    return found


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(BODIES)
def test_anything_signed_is_answered(body: bytes) -> None:
    """Whatever bytes or JSON LINE might sign, the answer is 200 or 400 and nothing raises."""
    found = busy()
    assert found.bot.handle(body, sign(SECRET, body)).status in {200, 400}
    assert found.bot.counters.get("store_errors", 0) == 0


@settings(deadline=None)
@given(BODIES, st.none() | st.text() | st.binary(max_size=40).map(lambda key: sign(key.hex(), b"")))
def test_nothing_unsigned_reaches_a_handler(body: bytes, signature: str | None) -> None:
    """Without the right signature no handler, store or call to LINE is ever reached."""
    found = busy()
    assert found.bot.handle(body, signature) == (401, "")
    assert found.line.calls == []
    assert list(found.store.conversations()) == []


@settings(deadline=None)
@given(ANY_EVENTS)
def test_odd_events_are_no_errors(event: Any) -> None:
    """Handlers that only use what a context offers work for every event there may be."""
    found = busy()
    body = json.dumps({"destination": BOT, "events": [event]}).encode()
    assert found.bot.handle(body, sign(SECRET, body)) == OK
    assert found.bot.counters.get("errors", 0) == 0
