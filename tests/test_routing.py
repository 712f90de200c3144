"""Predicates: which events they say yes to, what they find, and what they refuse to be built of."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penniless.errors import RouteError
from penniless.events import (
    Event,
    FollowEvent,
    MessageEvent,
    StickerContent,
    TextContent,
    UnknownEvent,
    UnknownMessage,
    UserSource,
    decode_event,
)
from penniless.routing import (
    Predicate,
    command,
    content,
    in_chat,
    in_group,
    kind,
    mentioned,
    postback,
    predicate_of,
    text,
    where,
)
from tests.event_samples import CONTENTS, EVENTS, SOURCES, message_event
from tests.events_json import encoded

HELLO = message_event({**CONTENTS["text"], "text": "hello"})


def decoded(sample: dict[str, Any]) -> Event:
    return decode_event(encoded(sample))


def said(words: str, source: dict[str, Any] = SOURCES["user"]) -> Event:
    """A text message."""
    return decoded(message_event({**CONTENTS["text"], "text": words}, source))


def tapped(data: str) -> Event:
    """A postback."""
    return decoded({**EVENTS["postback"], "postback": {"data": data}})


def test_text_without_pattern_is_any_text() -> None:
    """`text()` takes every text message and nothing else."""
    assert text().test(said("何でも")) == {}
    assert text().test(decoded(EVENTS["message: sticker"])) is None
    assert text().test(decoded(EVENTS["messageEdited"])) is None
    assert text().test(tapped("text")) is None


@pytest.mark.parametrize(
    ("pattern", "words", "found"),
    [
        ("hello", "hello", {}),
        ("hello", "  hello\n", {}),
        ("hello", "hello!", None),
        ("hello", "Hello", None),
        ("(?i)hello", "HELLO", {}),
        (re.compile("hello", re.IGNORECASE), "HELLO", {}),
        ("add (?P<item>.+)", "add ミルク", {"item": "ミルク"}),
        (r"hi(?: (?P<name>\w+))?", "hi", {"name": None}),
        (r"(?s)say (?P<rest>.*)", "say a\nb", {"rest": "a\nb"}),
        ("", "", {}),
    ],
)
def test_text_pattern_matches_the_whole_text(
    pattern: str | re.Pattern[str], words: str, found: dict[str, Any] | None
) -> None:
    """A pattern is a regular expression over the whole text, spaces around it aside."""
    assert text(pattern).test(said(words)) == found


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "not a regular expression"),
        ("(?P<a>x)(?P<a>y)", "not a regular expression"),
        ("*", "re.escape"),
        (re.compile(b"hello"), "over str, not over bytes"),
        (b"hello", "not bytes"),
        (7, "not int"),
        (["hello"], "not list"),
    ],
)
def test_bad_pattern_is_refused_where_it_is_written(pattern: Any, why: str) -> None:
    """A pattern that cannot work raises, and says what a pattern is."""
    for verb in (text, postback):
        with pytest.raises(RouteError, match=why):
            verb(pattern)


@pytest.mark.parametrize(
    ("words", "args"),
    [
        ("/add", ""),
        ("/add milk", "milk"),
        ("  /ADD   two  eggs ", "two  eggs"),
        ("/add\nmilk\neggs", "milk\neggs"),
        ("/add　卵　二つ", "卵　二つ"),  # the space of a Japanese keyboard
        ("/add\tmilk", "milk"),
        ("/addition", None),
        ("please /add", None),
        ("", None),
        ("   ", None),
    ],
)
def test_command_is_the_first_word(words: str, args: str | None) -> None:
    """A command is the first word in any case; the rest is found as `args`."""
    assert command("/add").test(said(words)) == (None if args is None else {"args": args})


def test_command_needs_no_slash() -> None:
    """A command may be any word, as `ช่วย` or `ヘルプ`."""
    assert command("ヘルプ").test(said("ヘルプ 予約")) == {"args": "予約"}
    assert command("STRASSE").test(said("straße")) == {"args": ""}


@pytest.mark.parametrize(
    "name", ["", " ", "two words", " /help", "/help\n", None, test_command_needs_no_slash]
)
def test_command_is_one_word(name: Any) -> None:
    """Anything but one word is refused, `@bot.command` without its brackets too."""
    with pytest.raises(RouteError, match="one word such as '/help'"):
        command(name)


def test_postback_pattern_matches_the_whole_data() -> None:
    """A postback's pattern looks at its data."""
    assert postback().test(tapped("buy=1")) == {}
    assert postback(r"buy=(?P<item>\d+)").test(tapped("buy=12")) == {"item": "12"}
    assert postback("buy").test(tapped("buy=12")) is None
    assert postback("hello").test(said("hello")) is None


@pytest.mark.parametrize("sample", EVENTS.values(), ids=list(EVENTS))
def test_kind_and_class_and_name_agree(sample: dict[str, Any]) -> None:
    """`kind(name)`, `on(name)` and `on(Class)` say yes to the same events."""
    event = decoded(sample)
    for what in (kind(event.type), event.type, type(event), Event):
        assert predicate_of(what).test(event) == {}
    other = "follow" if event.type != "follow" else "join"
    assert kind(other).test(event) is None


def test_content_and_its_class_agree() -> None:
    """`content(name)`, `on(name)` and `on(Class)` say yes to the same messages."""
    sticker = decoded(EVENTS["message: sticker"])
    same: list[Any] = [content("sticker"), "sticker", StickerContent, MessageEvent, "message"]
    other: list[Any] = [content("text"), "text", TextContent, FollowEvent, UnknownMessage]
    assert [predicate_of(what).test(sticker) for what in same] == [{}] * 5
    assert [predicate_of(what).test(sticker) for what in other] == [None] * 5


def test_malformed_events_reach_no_handler_that_relies_on_their_shape() -> None:
    """What is named `postback` or `sticker` but lacks its parts is Unknown, and matches as that."""
    bare = decoded({**EVENTS["postback"], "postback": {}})
    assert [kind("postback").test(bare), postback("x").test(bare)] == [None, None]
    assert predicate_of(UnknownEvent).test(bare) == {}
    hollow = decoded(message_event({"type": "sticker", "id": "1"}))
    assert content("sticker").test(hollow) is None
    assert predicate_of(UnknownMessage).test(hollow) == kind("message").test(hollow) == {}


@pytest.mark.parametrize(
    ("build", "what", "why"),
    [
        (
            kind,
            "folow",
            r"no event 'folow'; allowed are accountLink, .*follow, .*videoPlayComplete",
        ),
        (kind, "text", "no event 'text'"),
        (content, "gif", "no message content 'gif'; allowed are audio, file, image, .*video"),
        (predicate_of, "Text", "no event or content 'Text'"),
        (predicate_of, UserSource, "UserSource is not an event; allowed are accountLink"),
        (predicate_of, int, "int is not an event"),
        (predicate_of, 5, "takes an event class, an event name or a predicate, not int"),
        (predicate_of, None, "not NoneType"),
        (where, "text", "takes a function of the event, not str"),
    ],
)
def test_unknown_names_are_refused_with_the_known_ones(build: Any, what: Any, why: str) -> None:
    """A name that LINE does not have raises where it is written, naming what there is."""
    with pytest.raises(RouteError, match=why):
        build(what)


def test_where_asks_a_function() -> None:
    """`where()` takes any function of the event and goes by its truth."""
    long = where(lambda event: len(getattr(event.message, "text", "")) > 3, "long")  # type: ignore[attr-defined]
    assert long.test(said("four")) == {}
    assert long.test(said("abc")) is None


def test_where_refuses_a_coroutine_function() -> None:
    """An `async` test would always be true, so it is refused."""

    async def never(event: Event) -> bool:
        return False

    with pytest.raises(RouteError, match="never"):
        where(never)  # type: ignore[arg-type]


def test_groups_and_chats() -> None:
    """`in_group()` is groups and rooms, `in_chat()` 1:1 chats, nobody's is neither."""
    found = {
        name: (in_group().test(said("x", source)), in_chat().test(said("x", source)))
        for name, source in SOURCES.items()
    }
    yes: dict[str, Any] = {}
    assert found["user"] == (None, yes)
    assert found["group"] == found["room"] == found["group without user"] == (yes, None)
    assert found["user without consent"] == (None, None)


def test_mentioned_is_the_bot_itself() -> None:
    """`mentioned()` is true where LINE says `isSelf`, not for @All or other people."""
    content_ = CONTENTS["text with everything"]
    others = [one for one in content_["mention"]["mentionees"] if not one.get("isSelf")]
    assert mentioned().test(decoded(message_event(content_))) == {}
    assert (
        mentioned().test(decoded(message_event({**content_, "mention": {"mentionees": others}})))
        is None
    )
    assert mentioned().test(decoded(EVENTS["follow"])) is None


def test_and_joins_what_both_found() -> None:
    """`&` needs both, and hands on what both found."""
    both = text("(?P<a>.).*") & text(".*(?P<b>.)")
    assert both.test(said("xyz")) == {"a": "x", "b": "z"}
    assert both.names == {"a", "b"}
    assert (text() & in_group()).test(said("xyz")) is None
    assert (in_group() & text()).test(said("xyz")) is None


def test_or_takes_the_first_that_matches() -> None:
    """`|` needs one, and hands on what the first one found."""
    either = text("a(?P<x>.)") | postback("b(?P<y>.)")
    assert either.test(said("a1")) == {"x": "1"}
    assert either.test(tapped("b2")) == {"y": "2"}
    assert either.test(said("c")) is None
    assert either.names == {"x", "y"}


def test_not_finds_nothing() -> None:
    """`~` turns the answer round and finds no values."""
    assert (~text("(?P<a>.)")).test(said("long")) == {}
    assert (~text("(?P<a>.)")).test(said("x")) is None
    assert (~text("(?P<a>.)")).names == frozenset()


def test_predicates_are_not_combined_with_words() -> None:
    """`and`, `or` and `not` cannot be overloaded; instead of a wrong answer they raise."""
    misuses: list[Any] = [
        lambda: text() and in_group(),
        lambda: text() or in_group(),
        lambda: not text(),
    ]
    for misuse in misuses:
        with pytest.raises(RouteError, match=r"& \| ~"):
            misuse()


@pytest.mark.parametrize("other", ["hello", None, re.compile("x"), True])
def test_predicates_combine_with_predicates_only(other: Any) -> None:
    """A pattern on its own is no predicate."""
    with pytest.raises(TypeError, match="unsupported operand"):
        text() & other
    with pytest.raises(TypeError, match="unsupported operand"):
        other | text()


def test_repr_shows_what_is_asked() -> None:
    """A predicate's repr reads like its code."""
    shown = repr((text("hi") | postback()) & ~in_group() & command("/x") & where(bool, "mine"))
    assert shown == "<Predicate ((((text 'hi' | postback) & ~in_group) & command /x) & mine)>"


LEAVES = [
    text(),
    text("a+"),
    kind("follow"),
    in_group(),
    in_chat(),
    content("sticker"),
    mentioned(),
]
PREDICATES: st.SearchStrategy[Predicate] = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.builds(lambda one: ~one, inner),
        st.builds(lambda one, two: one & two, inner, inner),
        st.builds(lambda one, two: one | two, inner, inner),
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(PREDICATES, PREDICATES, st.sampled_from(sorted(EVENTS)))
def test_combinations_obey_logic(one: Predicate, two: Predicate, name: str) -> None:
    """De Morgan holds: `~(a & b)` is `~a | ~b`, `~(a | b)` is `~a & ~b`, `~~a` is `a`."""
    event = decoded(EVENTS[name])

    def says(predicate: Predicate) -> bool:
        return predicate.test(event) is not None

    assert says(~(one & two)) == says(~one | ~two) == (not (says(one) and says(two)))
    assert says(~(one | two)) == says(~one & ~two)
    assert says(~~one) == says(one)
