"""What a handler holds: the event, its sender, its content, and the ways to answer."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from penniless.context import Context
from penniless.errors import (
    BadRequest,
    CodeError,
    ContentGone,
    ContentNotReady,
    LineRefused,
    LineUnreachable,
    MessageError,
    NotFound,
    QuotaExceeded,
    RateLimited,
    ReplyError,
    RouteError,
    ServerFault,
    StoreUnavailable,
)
from penniless.events import decode_event
from penniless.leased import Leased, TakenOver
from penniless.messages import TextMessage
from penniless.ports import Json, Profile, Row
from penniless.records import Log, row_of
from penniless.sending import Mail
from penniless.services import Profiles, Services
from penniless.stores.memory import MemoryStore
from tests.event_samples import (
    ALICE,
    BOB,
    BOT,
    CONTENTS,
    EVENTS,
    GROUP,
    ROOM,
    SOURCES,
    TIME,
    message_event,
)
from tests.events_json import encoded
from tests.fakes import LATER, FakeLine

HI = {"type": "text", "text": "hi"}
HOUR = 3_600_000


class Desk:
    """Contexts on a FakeLine, with a clock that only sleeping moves."""

    def __init__(self) -> None:
        self.line = FakeLine()
        self.store = MemoryStore()
        self.now = TIME
        self.counted: Counter[str] = Counter()
        self.complaints: list[str] = []
        self._services = Services(
            self.line,
            self.store,
            Log(self.store, lambda step, _: self.complaints.append(step)),
            clock=lambda: self.now,
            count=lambda name, by: self.counted.update({name: by}),
            sleep=self._sleep,
        )

    def context(self, sample: Json) -> Context:
        """A context of that event."""
        return self.context_of(encoded(sample))

    def context_of(self, piece: bytes) -> Context:
        """A context of the event with that JSON, which is claimed."""
        event = decode_event(piece)
        row = row_of(event, piece, bot=BOT, now=self.now, lease_end=self.now + 10_000)
        leased = Leased(row, self._services, doubt=False, deferrable=False)
        mail = Mail(leased, event, self._services)
        self.store.claim(row, now=self.now)
        return Context(event, piece, BOT, self._services, mail=mail)

    def of(self, name: str) -> Context:
        return self.context(EVENTS[name])

    def pushes(self, conversation: str) -> list[Row]:
        """The rows of what was pushed to a conversation."""
        rows = self.store.rows(conversation, now=LATER)
        return [row for row in rows if row.event_id.startswith("push-")]

    def _sleep(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_reads_the_event(desk: Desk) -> None:
    """Text, data, sender, conversation and the bot's own id are at hand."""
    said, tapped = desk.of("message: text"), desk.of("postback")
    assert (said.text, said.data) == ("hello", "")
    assert (tapped.text, tapped.data) == ("", "buy=リンゴ")
    assert (said.user_id, said.conversation, said.destination) == (ALICE, f"user#{ALICE}", BOT)
    nobody = desk.of("accountLink that failed")
    assert (nobody.user_id, nobody.conversation) == (None, "channel")


def test_edited_text_is_no_text_message(desk: Desk) -> None:
    """`ctx.text` is what a person sent, not what they made of it later."""
    assert desk.of("messageEdited").text == ""


def test_raw_is_the_event_as_line_sent_it(desk: Desk) -> None:
    """Properties that Penniless does not know are in `ctx.raw`."""
    sample = {**EVENTS["message: text"], "tomorrow": {"is": ["another", "day"]}}
    assert desk.context(sample).raw == sample


@pytest.mark.parametrize(
    ("piece", "raw"),
    [(b'{"a":"\\ud83c"}', {"a": "\ufffd"}), (b"5", {}), (b"[]", {}), (b"{", {}), (b"", {})],
)
def test_raw_is_a_dict_whatever_came(desk: Desk, piece: bytes, raw: Json) -> None:
    """Half an emoji is replaced there too, and what is no object is an empty one."""
    assert desk.context_of(piece).raw == raw


# Replies


def test_reply_sends_what_was_gathered_first(desk: Desk) -> None:
    """`add` gathers, `reply` sends all in one call and says how LINE numbered it."""
    ctx = desk.of("message: text")
    ctx.add("one", TextMessage("two"))
    assert ctx.can_reply
    sent = ctx.reply({"type": "sticker", "packageId": "1", "stickerId": "2"})
    assert len(sent) == 3
    assert desk.line.texts == ["one", "two", "[sticker]"]
    assert (ctx.messages, ctx.can_reply, len(ctx.replies)) == ([], False, 3)
    assert desk.counted == {"replies": 1}


def test_reply_may_be_silent(desk: Desk) -> None:
    """`notification_disabled` goes along."""
    desk.of("message: text").reply("hush", notification_disabled=True)
    assert desk.line.calls[0].options == {"quiet": True}


def test_second_reply_is_refused_here(desk: Desk) -> None:
    """A token works once; the error names the way that is left."""
    ctx = desk.of("message: text")
    ctx.reply("hi")
    with pytest.raises(ReplyError, match=r"token is used; return what is left, or ctx\.push\(\)"):
        ctx.reply("again")
    assert len(desk.line.calls) == 1


@pytest.mark.parametrize("name", ["unfollow", "unsend", "message in standby"])
def test_reply_without_a_token_is_refused_here(desk: Desk, name: str) -> None:
    """Events that LINE gives no token for say so."""
    ctx = desk.of(name)
    assert not ctx.can_reply
    with pytest.raises(ReplyError, match="has no reply token"):
        ctx.reply("hi")
    assert desk.line.calls == []


@pytest.mark.parametrize("count", [0, 6])
def test_reply_holds_one_to_five_messages(desk: Desk, count: int) -> None:
    """Anything else is refused before it is sent, and what was gathered stays gathered."""
    ctx = desk.of("message: text")
    with pytest.raises(ReplyError, match=f"1 to 5 messages, this one {count}"):
        ctx.reply(*["x"] * count)
    with pytest.raises(ReplyError, match="1 to 5"):
        ctx.push(*["x"] * count)
    assert desk.line.calls == []
    assert ctx.can_reply


def test_bad_message_is_refused_before_it_is_sent(desk: Desk) -> None:
    """The limits of a message are checked at the door."""
    ctx = desk.of("message: text")
    for send in (ctx.add, ctx.reply, ctx.push):
        with pytest.raises(MessageError):
            send("good", "")
    assert (desk.line.calls, ctx.messages) == ([], [])


TROUBLES = [
    ServerFault(500),
    RateLimited(429, "The API rate limit has been exceeded. Try again later."),
    LineUnreachable("refused", maybe_received=False),
    LineUnreachable("timed out", maybe_received=True),
]
"""Of the kind that passes."""


def test_token_is_left_if_line_refused_the_messages(desk: Desk) -> None:
    """A handler that catches the refusal may reply something else."""
    ctx = desk.of("message: text")
    desk.line.trouble["reply"] = [BadRequest(400, "The request body has 1 error(s)")]
    with pytest.raises(BadRequest):
        ctx.reply("hi")
    assert (ctx.can_reply, ctx.replies) == (True, [])
    assert len(ctx.reply("ho")) == 1
    assert ctx.replies == [{"type": "text", "text": "ho"}]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda one: type(one).__name__)
def test_reply_is_repeated_where_that_can_help(desk: Desk, trouble: Exception) -> None:
    """With the same token, which works once, so that nothing is doubled."""
    ctx = desk.of("message: text")
    desk.line.trouble["reply"] = [trouble, trouble]
    assert len(ctx.reply("hi")) == 1
    assert [call[:3] for call in desk.line.calls] == [("reply", "t0", [HI])] * 3
    assert (ctx.messages, ctx.replies, ctx.can_reply) == ([], [HI], False)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda one: type(one).__name__)
def test_reply_that_line_never_takes_stays_gathered(desk: Desk, trouble: Exception) -> None:
    """After a second and a half the messages go the way of an answer, and the token is gone."""
    ctx = desk.of("message: text")
    desk.line.trouble["reply"] = [trouble] * 99
    ctx.add("ho")
    assert ctx.reply("hi") == []
    assert 1000 <= desk.now - TIME <= 3000
    assert (len(ctx.messages), ctx.messages[1:], ctx.replies) == (2, [HI], [])
    assert not ctx.can_reply


def test_reply_whose_token_has_run_out_stays_gathered(desk: Desk) -> None:
    """LINE says so at once, and it is no error of the handler."""
    ctx = desk.of("message: text")
    desk.line.trouble["reply"] = [BadRequest(400, "Invalid reply token")]
    assert ctx.reply("hi") == []
    assert (len(desk.line.calls), ctx.messages, ctx.replies) == (1, [HI], [])


def test_reply_that_may_have_arrived_is_taken_at_its_second_word(desk: Desk) -> None:
    """A token that LINE refuses after a silence was used: by the first of the two."""
    ctx = desk.of("message: text")
    desk.line.trouble["reply"] = [
        LineUnreachable("timed out", maybe_received=True),
        BadRequest(400, "Invalid reply token"),
    ]
    assert ctx.reply("hi") == []
    assert (ctx.messages, ctx.replies, desk.counted) == ([], [HI], {"replies": 1})


# Once


def test_once_is_called_once(desk: Desk) -> None:
    """The result is kept under its name with the event, as JSON would give it back."""
    ctx = desk.of("message: text")
    calls: list[str] = []

    def charge() -> Json:
        calls.append("charge")
        return {"paid": (1, 2)}

    assert [ctx.once("charge", charge) for _ in range(3)] == [{"paid": [1, 2]}] * 3
    assert ctx.once("other", lambda: None) is None
    assert ctx.once("other", lambda: "never") is None
    assert calls == ["charge"]
    (row,) = desk.store.rows(ctx.conversation, now=LATER)
    assert row.once == {"charge": {"paid": [1, 2]}, "other": None}
    assert row.status == "claimed"


def test_once_gives_a_key_to_whoever_takes_one(desk: Desk) -> None:
    """The same for the same event and name, and no other."""

    def keys() -> list[str]:
        ctx = desk.of("message: text")
        return [ctx.once(name, lambda key: key) for name in ("a", "b")]

    assert keys() == keys()
    assert len(set(keys())) == 2


@pytest.mark.parametrize("result", [object(), {1: object()}, [1, lambda: 1]])
def test_once_keeps_json(desk: Desk, result: object) -> None:
    """Anything else could not be given back."""
    ctx = desk.of("message: text")
    with pytest.raises(CodeError, match=r"ctx\.once\('x'\) must be JSON"):
        ctx.once("x", lambda: result)


def test_once_takes_plain_functions(desk: Desk) -> None:
    """A coroutine is not run by it, and says so."""

    async def later() -> int:
        return 1

    with pytest.raises(CodeError, match="not a coroutine"):
        desk.of("message: text").once("x", later)
    with pytest.raises(RouteError):
        desk.of("message: text").once("x", 5)  # type: ignore[arg-type]


def test_once_that_fails_is_tried_again(desk: Desk) -> None:
    """An error is no result."""
    ctx = desk.of("message: text")
    with pytest.raises(ZeroDivisionError):
        ctx.once("x", lambda: 1 // 0)
    assert ctx.once("x", lambda: 1) == 1


def test_once_stops_a_worker_whose_event_was_taken_over(desk: Desk) -> None:
    """What it has done is for the other to find out; it goes no further."""
    ctx = desk.of("message: text")
    other = row_of(ctx.event, encoded(ctx.raw), bot=BOT, now=desk.now, lease_end=LATER)
    desk.store.claim(other, now=desk.now + 10_000)
    with pytest.raises(TakenOver):
        ctx.once("x", lambda: 1)


# Pushes


@pytest.mark.parametrize(
    ("source", "chat"), [("user", ALICE), ("group", GROUP), ("room without user", ROOM)]
)
def test_push_goes_to_the_conversation(desk: Desk, source: str, chat: str) -> None:
    """Into the group or room, not to the person; it is counted and has a row in the log."""
    ctx = desk.context(message_event(CONTENTS["text"], SOURCES[source]))
    ctx.push("psst")
    assert desk.line.calls[0][:3] == ("push", chat, [{"type": "text", "text": "psst"}])
    (row,) = desk.pushes(ctx.conversation)
    assert (row.type, row.sender, row.to, row.status, row.outcome) == (
        "push",
        BOT,
        chat,
        "done",
        "pushed",
    )
    assert row.replies == [{"type": "text", "text": "psst"}]
    assert desk.counted == {"pushes": 1}


@pytest.mark.parametrize(
    ("to", "conversation"),
    [(BOB, f"user#{BOB}"), (GROUP, f"group#{GROUP}"), (ROOM, f"room#{ROOM}")],
)
def test_push_to_somebody_else_is_logged_there(desk: Desk, to: str, conversation: str) -> None:
    """The log of a conversation has what was said in it, whoever caused it."""
    desk.of("message: text").push("psst", to=to)
    assert [row.to for row in desk.pushes(conversation)] == [to]
    assert desk.pushes(f"user#{ALICE}") == []


def test_pushes_of_one_event_have_rows_of_their_own(desk: Desk) -> None:
    """Two pushes are two rows."""
    ctx = desk.of("message: text")
    ctx.push("one")
    ctx.push("two", "three")
    assert len(desk.pushes(ctx.conversation)) == 2
    assert ctx.pushed == 3


def test_push_with_nobody_to_send_to_is_refused_here(desk: Desk) -> None:
    """An event without a source names nobody."""
    for ctx in (
        desk.of("accountLink that failed"),
        desk.context(message_event(CONTENTS["text"], SOURCES["user without consent"])),
    ):
        with pytest.raises(ReplyError, match="names nobody to push to"):
            ctx.push("hello?")
    assert desk.line.calls == []


def test_refused_push_is_not_logged(desk: Desk) -> None:
    """What LINE did not take was not said."""
    desk.line.trouble["push"] = [QuotaExceeded(429, "You have reached your monthly limit.")]
    ctx = desk.of("message: text")
    with pytest.raises(QuotaExceeded):
        ctx.push("psst")
    assert (ctx.pushed, desk.pushes(ctx.conversation)) == (0, [])


# Who and what


@pytest.mark.parametrize(
    ("source", "operation"),
    [("user", "profile"), ("group", f"profile in {GROUP}"), ("room", f"profile in {ROOM}")],
)
def test_profile_is_fetched_once_where_the_person_is(
    desk: Desk, source: str, operation: str
) -> None:
    """The member's profile in a group or room; then it is known for an hour."""
    desk.line.profiles[ALICE] = Profile(ALICE, "アリス")
    event = message_event(CONTENTS["text"], SOURCES[source])
    for _ in range(3):
        assert desk.context(event).profile == Profile(ALICE, "アリス")
    assert [call[:2] for call in desk.line.calls] == [(operation, ALICE)]
    desk.now += HOUR
    assert desk.context(event).profile is not None
    assert len(desk.line.calls) == 2


def test_profile_of_a_member_is_not_that_of_a_friend(desk: Desk) -> None:
    """A group's member profile says less, so each conversation has its own."""
    desk.line.profiles[ALICE] = Profile(ALICE, "Alice")
    for source in ("user", "group", "room", "user"):
        desk.context(message_event(CONTENTS["text"], SOURCES[source])).profile  # noqa: B018
    assert len(desk.line.calls) == 3


def test_profile_that_line_does_not_give_is_none(desk: Desk) -> None:
    """A 404 is a person without a profile, remembered as that; no user id needs no call."""
    assert desk.of("message: text").profile is None
    assert desk.of("message: text").profile is None
    assert desk.of("message from group without user").profile is None
    assert len(desk.line.calls) == 1


def test_other_trouble_with_a_profile_is_raised_and_forgotten(desk: Desk) -> None:
    """Only a 404 means that there is none."""
    desk.line.profiles[ALICE] = Profile(ALICE, "Alice")
    desk.line.trouble["profile"] = [ServerFault(500)]
    with pytest.raises(ServerFault):
        desk.of("message: text").profile  # noqa: B018
    assert desk.of("message: text").profile == Profile(ALICE, "Alice")


def test_profiles_keep_the_newest_thousand() -> None:
    """The memory for profiles is bounded, whatever number of threads fills it."""
    profiles = Profiles()
    fetched: list[int] = []

    def fetch(number: int) -> Profile | None:
        def one() -> Profile:
            fetched.append(number)
            return Profile(f"U{number}", "x")

        return profiles.get(f"U{number}", TIME, one)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fetch, range(1500)))
    fetched.clear()
    for number in (1499, 1400, 0, 0):
        fetch(number)
    assert fetched == [0]


def test_profile_that_was_fetched_again_is_among_the_newest() -> None:
    """An old acquaintance whose profile was renewed is kept longer than those before."""
    profiles = Profiles()

    def get(number: int, now: int) -> bool:
        """Whether it had to be fetched."""
        fetched: list[int] = []

        def fetch() -> Profile:
            fetched.append(number)
            return Profile(f"U{number}", "x")

        profiles.get(f"U{number}", now, fetch)
        return bool(fetched)

    assert all(get(number, TIME) for number in range(1000))
    assert get(5, TIME + HOUR)
    assert all(get(number, TIME + HOUR) for number in range(1000, 1006))
    assert not get(5, TIME + HOUR)


def test_content_is_streamed_from_line(desk: Desk, tmp_path: Path) -> None:
    """Images, video, audio and files of people come from LINE by their message id."""
    for kind in ("image", "audio", "file"):
        desk.line.contents[CONTENTS[kind]["id"]] = kind.encode()
        with desk.of(f"message: {kind}").content() as found:
            assert found.save(tmp_path / kind) == len(kind)
        assert (tmp_path / kind).read_text() == kind


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("message: text", "text has no content"),
        ("message: sticker", "sticker has no content"),
        ("messageEdited", "messageEdited has no content"),
        ("follow", "follow has no content"),
        ("message: video", "original_content_url"),
    ],
)
def test_content_that_is_not_at_line_is_refused_here(desk: Desk, name: str, why: str) -> None:
    """What has no content, or has it elsewhere, says so without a call."""
    with pytest.raises(CodeError, match=why):
        desk.of(name).content()
    assert desk.line.calls == []


def test_content_taken_back_or_unknown(desk: Desk) -> None:
    """410 and 404 are LINE's answers."""
    image = CONTENTS["image"]["id"]
    with pytest.raises(NotFound):
        desk.of("message: image").content()
    desk.line.contents[image] = None
    with pytest.raises(ContentGone):
        desk.of("message: image").content()


def test_content_in_preparation_is_waited_for_on_request(desk: Desk) -> None:
    """`wait` asks again every half second, and not beyond its end."""
    audio = CONTENTS["audio"]["id"]
    desk.line.contents[audio] = b"sound"
    desk.line.trouble["content"] = [ContentNotReady("202")] * 3
    with desk.of("message: audio").content(wait=2) as found:
        assert found.read() == b"sound"
    assert desk.now == TIME + 1500
    desk.line.trouble["content"] = [ContentNotReady("202")] * 9
    with pytest.raises(ContentNotReady):
        desk.of("message: audio").content(wait=2)
    assert desk.now == TIME + 3500
    with pytest.raises(ContentNotReady):
        desk.of("message: audio").content()
    assert desk.now == TIME + 3500


@pytest.mark.parametrize(
    ("asked", "sent"), [(20, 20), (5, 5), (1, 5), (0, 5), (-3, 5), (6, 10), (58, 60), (600, 60)]
)
def test_loading_is_a_step_that_line_takes(desk: Desk, asked: int, sent: int) -> None:
    """Seconds are rounded up to a step of five between 5 and 60."""
    assert desk.of("message: text").loading(asked)
    assert [call[:2] for call in desk.line.calls] == [(f"loading {sent}", ALICE)]


def test_loading_never_fails_a_handler(desk: Desk) -> None:
    """In groups there is none, and a refusal is only False."""
    assert not desk.of("message from group").loading()
    assert not desk.of("delivery").loading()
    assert desk.line.calls == []
    desk.line.trouble["loading 20"] = [LineRefused(400), LineUnreachable("x", maybe_received=True)]
    assert not desk.of("message: text").loading()
    assert not desk.of("message: text").loading()


def test_mark_as_read_uses_the_messages_token(desk: Desk) -> None:
    """Messages bring a token for it or they do not."""
    assert desk.of("message: text with everything").mark_as_read()
    assert [call[:2] for call in desk.line.calls] == [("mark_as_read", "r2")]
    for name in ("message: text", "messageEdited", "follow"):
        assert not desk.of(name).mark_as_read()


def test_state_is_read_when_it_is_touched(desk: Desk) -> None:
    """A handler that needs no state costs no read, and saving then costs no write."""
    ctx = desk.of("message: text")
    desk.store.read_state = desk.store.write_state = None  # type: ignore[assignment, method-assign]
    ctx.save_state()
    with pytest.raises(TypeError):
        ctx.state  # noqa: B018


def test_log_that_cannot_take_a_push_complains(desk: Desk) -> None:
    """The push went out, so the handler goes on."""

    def full(row: object) -> None:
        raise StoreUnavailable("full")

    desk.store.append = full  # type: ignore[method-assign]
    ctx = desk.of("message: text")
    ctx.push("psst")
    assert (ctx.pushed, desk.complaints) == (1, ["append"])
