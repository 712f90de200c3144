"""The decorators: what they register, which handler gets an event, and what it may give."""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any

import pytest
from linebot.v3 import messaging as sdk

from penniless import Bot, in_group, text
from penniless.context import Context
from penniless.errors import RouteError
from penniless.events import KINDS, FollowEvent, StickerContent, TextContent
from penniless.messages import TextMessage
from penniless.ports import Json
from tests.event_samples import EVENTS, SOURCES
from tests.fakes import Stage, fresh, said, stage

VERBS = {
    "text": "message: text",
    "message": "message: file",
    **{name: f"message: {name}" for name in ("sticker", "image", "video", "audio", "file")},
    "location": "message: location",
    "message_edited": "messageEdited",
    "unsend": "unsend",
    "follow": "follow",
    "unfollow": "unfollow",
    "join": "join",
    "leave": "leave",
    "member_joined": "memberJoined",
    "member_left": "memberLeft",
    "postback": "postback",
    "video_play_complete": "videoPlayComplete",
    "beacon": "beacon",
    "account_link": "accountLink",
    "membership": "membership joined",
}
"""Every decorator for a kind of event, and a sample of the kind."""


def answered(shop: Stage, *events: Json) -> list[str]:
    """What the bot answers to these events of one conversation."""
    shop.post(*events)
    assert [row.outcome for key in shop.store.conversations() for row in shop.rows(key)] == [
        "replied"
    ] * len(events)
    return shop.line.texts


@pytest.mark.parametrize("verb", VERBS)
def test_verb_takes_its_own_events_only(verb: str) -> None:
    """`@bot.follow`, `@bot.follow()` and their like register for one kind of event."""
    for bracketed in (False, True):
        shop = stage()
        seen: list[str] = []

        def handler(ctx: Context, seen: list[str] = seen) -> None:
            seen.append(ctx.event.type)

        decorator = getattr(shop.bot, verb)
        assert (decorator() if bracketed else decorator)(handler) is handler
        for name in set(VERBS.values()) | {"activated", "delivery"}:
            shop.post(fresh(EVENTS[name]))
        wanted = EVENTS[VERBS[verb]]["type"]
        assert seen == [wanted] * (7 if verb == "message" else 1)


def test_every_kind_of_event_can_be_registered_for() -> None:
    """`bot.on(name)` takes every event that LINE documents."""
    shop = stage()
    seen: set[str] = set()
    for name in KINDS:
        shop.bot.on(name)(lambda ctx: seen.add(ctx.event.type))
    shop.post(*(fresh(sample) for sample in EVENTS.values() if sample["mode"] == "active"))
    assert seen == set(KINDS)


def test_first_match_in_source_order_wins() -> None:
    """Of several handlers that match, the one written first gets the event."""
    shop = stage()
    shop.bot.text("special")(lambda: "first")
    shop.bot.text("s.*")(lambda: "second")
    shop.bot.on(TextContent)(lambda: "third")
    shop.bot.default(lambda: "default")
    shop.bot.sticker(lambda: "sticker")
    events = [said("special"), said("some"), said("other")]
    events += [fresh(EVENTS[name]) for name in ("message: sticker", "follow")]
    assert answered(shop, *events) == ["first", "second", "third", "sticker", "default"]


def test_on_takes_classes_names_and_predicates() -> None:
    """`bot.on()` is what every other decorator is made of."""
    shop = stage()
    shop.bot.on(text("hi") & ~in_group())(lambda: "hi here")
    shop.bot.on(FollowEvent)(lambda: "welcome")
    shop.bot.on(StickerContent)(lambda: "nice")
    shop.bot.on("message")(lambda: "a message")
    events = [said("hi"), fresh(EVENTS["follow"]), fresh(EVENTS["message: sticker"]), said("ho")]
    assert answered(shop, *events) == ["hi here", "welcome", "nice", "a message"]
    shop.post(said("hi", SOURCES["group"]))
    assert shop.line.texts[-1] == "a message"


def test_patterns_give_their_groups() -> None:
    """Groups of a text or postback pattern, and a command's rest, come by name."""
    shop = stage()
    shop.bot.text(r"add (?P<item>\w+)")(lambda item: f"added {item}")
    shop.bot.command("/say")(lambda args, ctx: f"{ctx.text} -> {args}")
    shop.bot.postback("buy=(?P<thing>.+)")(lambda thing: f"{thing} bought")
    events = [said("add 牛乳"), said("/SAY it loud"), fresh(EVENTS["postback"])]
    assert answered(shop, *events) == ["added 牛乳", "/SAY it loud -> it loud", "リンゴ bought"]


def test_decorators_refuse_what_cannot_work_where_it_is_written() -> None:
    """The error comes at registration, not at the first message."""
    bot = Bot()
    bad: list[Callable[[], Any]] = [
        lambda: bot.text("("),
        lambda: bot.on("folow"),
        lambda: bot.on(int),
        lambda: bot.command("two words"),
        lambda: bot.text()(lambda ctx, what: None),  # noqa: ARG005
        lambda: bot.follow("welcome"),  # type: ignore[call-overload]
        lambda: bot.default(lambda ctx, x: None),  # noqa: ARG005
        lambda: bot.error(lambda ctx, problem: None),  # noqa: ARG005
        lambda: bot.middleware(lambda ctx: None),  # noqa: ARG005
    ]
    for write in bad:
        with pytest.raises(RouteError):
            write()
    assert repr(bot) == "<Bot with 0 handlers>"


def test_default_and_error_handlers_are_single() -> None:
    """A second one would never run, so it is refused, naming the first."""
    bot = Bot()

    def first() -> None: ...

    bot.default(first)
    bot.error(first)
    for register in (bot.default, bot.error):
        with pytest.raises(RouteError, match=r"already: .*first\(\)"):
            register(lambda: None)


# What a handler may give


def pair() -> Iterator[Any]:
    yield "one"
    yield None
    yield ["two", ("three",)]


def with_return() -> Generator[str, None, str]:
    yield "one"
    return "two"


def inner() -> Any:
    return (yield from with_return())


async def coroutine() -> str:
    await asyncio.sleep(0)
    return "later"


async def async_generator() -> AsyncIterator[str]:
    yield "soon"
    await asyncio.sleep(0)
    yield "later"


class AsyncObject:
    async def __call__(self, ctx: Context) -> str:
        return f"{ctx.text} later"


def undecorated(function: Callable[..., Any]) -> Callable[..., Any]:
    """A wrapper that does not say what it wraps."""
    return lambda: function()  # noqa: PLW0108


@pytest.mark.parametrize(
    ("handler", "texts"),
    [
        (lambda: None, []),
        (lambda: "text", ["text"]),
        (lambda: ["a", None, ["b", ("c",)], []], ["a", "b", "c"]),
        (lambda: TextMessage("object"), ["object"]),
        (lambda: {"type": "text", "text": "raw", "new": 1}, ["raw"]),
        (lambda: sdk.TextMessage(text="official"), ["official"]),
        (lambda: (str(one) for one in range(3)), ["0", "1", "2"]),
        (lambda: map(str, range(2)), ["0", "1"]),
        (pair, ["one", "two", "three"]),
        (with_return, ["one", "two"]),
        (inner, ["one", "two"]),
        (coroutine, ["later"]),
        (async_generator, ["soon", "later"]),
        (AsyncObject(), ["x later"]),
        (functools.partial(AsyncObject()), ["x later"]),
        (undecorated(coroutine), ["later"]),
        (undecorated(pair), ["one", "two", "three"]),
        (undecorated(async_generator), ["soon", "later"]),
    ],
)
def test_whatever_a_handler_gives_is_one_reply(
    handler: Callable[..., Any], texts: list[str]
) -> None:
    """Text, messages, dicts, lists, generators and coroutines, all in one call or none."""
    shop = stage()
    shop.bot.text(handler)
    shop.post(said("x"))
    assert [row.status for row in shop.rows()] == ["done"]
    assert shop.line.texts == texts
    assert len(shop.line.calls) == bool(texts)


def test_async_handlers_share_one_lasting_loop() -> None:
    """Clients that an async handler keeps stay usable: every event runs on the same loop."""
    shop = stage()
    loops: list[Any] = []

    @shop.bot.text()
    async def look() -> None:
        loops.append((asyncio.get_running_loop(), threading.current_thread()))

    shop.post(said("a", SOURCES["user"]), said("b", SOURCES["group"]))
    shop.post(said("c"))
    assert len(loops) == 3
    assert len(set(loops)) == 1


@pytest.mark.parametrize("error", [SystemExit(1), asyncio.CancelledError(), ValueError("x")])
def test_async_handler_that_raises_leaves_the_loop_running(error: BaseException) -> None:
    """Whatever an async handler raises, the next one still runs."""
    shop = stage()

    @shop.bot.text("bad")
    async def bad() -> None:
        raise error

    shop.bot.text(coroutine)
    shop.post(said("bad"), said("good"))
    assert [row.status for row in shop.rows()] == ["failed", "done"]
    assert shop.line.texts == ["later"]


def test_generator_that_raises_midway_sends_nothing() -> None:
    """A reply is whole or not at all."""
    shop = stage()

    @shop.bot.text()
    def half() -> Iterator[str]:
        yield "one"
        raise LookupError

    shop.post(said("x"))
    assert shop.line.calls == []


# Middleware


def test_middleware_wraps_the_handler_first_registered_outermost() -> None:
    """Each runs around those after it, and what it returns is added to the reply."""
    shop = stage()
    steps: list[str] = []

    @shop.bot.middleware
    def outer(ctx: Context, call_next: Callable[[], None]) -> str:
        steps.append("outer in")
        call_next()
        steps.append("outer out")
        return "footer"

    @shop.bot.middleware
    def inside(ctx: Context, call_next: Callable[[], None]) -> None:
        ctx.add("header")
        steps.append("inner in")
        call_next()
        steps.append("inner out")

    @shop.bot.text()
    def handler() -> str:
        steps.append("handler")
        return "answer"

    assert answered(shop, said("x")) == ["header", "answer", "footer"]
    assert steps == ["outer in", "inner in", "handler", "inner out", "outer out"]


def test_middleware_may_stop_an_event() -> None:
    """Without `call_next()` the handler does not run; the middleware's answer goes out."""
    shop = stage()

    @shop.bot.middleware
    def members_only(ctx: Context, call_next: Callable[[], None]) -> str | None:
        if ctx.text == "stranger":
            return "members only"
        call_next()
        return None

    shop.bot.text(lambda: "welcome")
    assert answered(shop, said("stranger"), said("member")) == ["members only", "welcome"]


def test_middleware_sees_and_may_catch_errors() -> None:
    """An error passes through the middleware before it reaches the error handler."""
    shop = stage()

    @shop.bot.middleware
    def forgiving(ctx: Context, call_next: Callable[[], None]) -> str | None:
        try:
            call_next()
        except ZeroDivisionError:
            return "infinity"
        return None

    shop.bot.text(lambda: str(1 // 0))
    assert answered(shop, said("x")) == ["infinity"]
    assert "errors" not in shop.bot.counters


def test_middleware_runs_for_async_handlers_too() -> None:
    """`call_next()` comes back when the coroutine is done."""
    shop = stage()
    order: list[str] = []

    @shop.bot.middleware
    def around(ctx: Context, call_next: Callable[[], None]) -> None:
        call_next()
        order.append(f"{len(ctx.messages)} gathered")

    shop.bot.text(async_generator)
    shop.post(said("x"))
    assert order == ["2 gathered"]


def test_public_names_come_from_one_place() -> None:
    """`from penniless import …` gives every name in `__all__`, and no other."""
    import penniless

    assert all(getattr(penniless, name) is not None for name in penniless.__all__)
    with pytest.raises(AttributeError, match="Robot"):
        penniless.Robot  # noqa: B018
    assert inspect.isclass(penniless.Bot)


# Slow ones


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_may_be_slow(verb: str) -> None:
    """`@bot.follow(slow=True)`, and the same around a function; nothing is slow by itself."""
    for around in (False, True):
        shop = stage()
        decorator = getattr(shop.bot, verb)
        decorator(lambda: None)
        decorator()(lambda: None)
        assert not shop.bot.has_slow_handlers
        if around:
            decorator(lambda: None, slow=True)
        else:
            decorator(slow=True)(lambda: None)
        assert shop.bot.has_slow_handlers


def test_patterns_commands_predicates_and_the_default_may_be_slow() -> None:
    """Each way to register takes `slow`."""
    registrars: list[Callable[[Bot], Callable[[Any], Any]]] = [
        lambda bot: bot.text("x", slow=True),
        lambda bot: bot.postback("x", slow=True),
        lambda bot: bot.command("/x", slow=True),
        lambda bot: bot.on(FollowEvent, slow=True),
        lambda bot: bot.default(slow=True),
    ]
    for register in registrars:
        shop = stage()
        register(shop.bot)(lambda: None)
        assert shop.bot.has_slow_handlers
