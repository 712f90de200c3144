"""People talk to a bot in this process, and LINE fails as it is told to."""

from __future__ import annotations

import logging
import re
import time
from typing import Any

import pytest

from penniless import Bot, Response, mentioned, text
from penniless.errors import BadRequest, CodeError, LineUnreachable, NotFound, QuotaExceeded
from penniless.messages import (
    ButtonsTemplate,
    CarouselColumn,
    CarouselTemplate,
    DatetimePickerAction,
    FlexMessage,
    LocationMessage,
    MessageAction,
    PostbackAction,
    QuickReply,
    QuickReplyItem,
    StickerMessage,
    TemplateMessage,
    TextMessage,
    URIAction,
)
from penniless.simulator.faults import Late, Reorder
from penniless.simulator.richmenu_aliases import Aliases
from penniless.simulator.richmenus import RichMenu, RichMenus
from tests.testing.conftest import LineFor


@pytest.fixture
def bot() -> Bot:
    """A bot that knows a little of everything."""
    made = Bot()

    @made.text("menu")
    def menu(ctx: Any) -> Any:
        yield "What would you like?"
        actions = [MessageAction("お茶", "お茶をください"), PostbackAction("กาแฟ", "drink=coffee")]
        yield TextMessage("🍵", quick_reply=QuickReply([QuickReplyItem(one) for one in actions]))

    @made.text("push")
    def push(ctx: Any) -> None:
        ctx.push("pushed")

    @made.text("boom")
    def boom(ctx: Any) -> None:
        raise RuntimeError("this always fails")

    @made.on(text() & mentioned())
    def called(ctx: Any) -> str:
        return "You called?"

    @made.postback()
    def tapped(ctx: Any) -> str:
        params = ctx.event.postback.params
        return f"{ctx.data} {params.date if params else ''}".strip()

    @made.text()
    def echo(ctx: Any) -> str:
        return str(ctx.text)

    @made.sticker
    def sticker(ctx: Any) -> StickerMessage:
        return StickerMessage(ctx.event.message.package_id, ctx.event.message.sticker_id)

    @made.image
    def picture(ctx: Any) -> str:
        with ctx.content() as content:
            return f"{len(content.read())} bytes of {content.content_type}"

    @made.join
    def joined(ctx: Any) -> str:
        return "Hello all"

    return made


def test_people_and_the_bot(line_for: LineFor, bot: Bot) -> None:
    """A person sees what was said since their last act, in any script."""
    line = line_for(bot)
    alice, hanako = line.person("alice"), line.person("花子", language="ja")

    alice.send("こんにちは 🍎")
    hanako.send("สวัสดี")

    assert alice.sees("こんにちは")
    assert alice.sees(re.compile("🍎$"))
    assert not alice.sees("สวัสดี")
    assert hanako.last.text == "สวัสดี"
    alice.sends_sticker("446", "1988")
    assert not alice.sees("こんにちは")
    assert alice.sees(StickerMessage)
    assert alice.sees(StickerMessage("446", "1988"))
    assert not alice.sees(StickerMessage("446", "1989"))
    assert [one.type for one in alice.heard] == ["sticker"]


def test_milliseconds_a_test(line_for: LineFor, bot: Bot) -> None:
    """A hundred messages take less than a second or two, without a socket."""
    line = line_for(bot)
    alice = line.person("alice")
    alice.send("first")
    started = time.perf_counter()

    for number in range(100):
        alice.send(f"message {number}")

    assert time.perf_counter() - started < 3
    assert alice.last.text == "message 99"


def test_what_was_sent_is_kept(line_for: LineFor, bot: Bot) -> None:
    """Replies, quotes, edits and unsends are acts on messages that were sent."""
    line = line_for(bot)
    alice, bob = line.person("alice"), line.person("bob")
    family = line.group("family", alice, bob)

    hello = alice.in_(family).send("hello")
    alice.in_(family).edits(hello, "hello you")
    bob.in_(family).replies_to(hello, "hi")
    alice.in_(family).unsends(hello)

    events = [one["type"] for webhook in line.webhooks for one in webhook.body["events"]]
    assert events == ["join", "message", "messageEdited", "message", "unsend"]
    assert line.webhooks[3].body["events"][0]["message"]["quotedMessageId"] == hello.id
    assert "Alice: (unsent)" in family.chat.text


@pytest.mark.parametrize("what", [None, 5, b"hello"])
def test_what_nobody_can_send(line_for: LineFor, bot: Bot, what: Any) -> None:
    """A wrong value is an error that says what people send."""
    with pytest.raises(CodeError, match="people send texts, stickers and places"):
        line_for(bot).person("alice").send(what)


def test_an_edited_text_can_mention_the_bot(line_for: LineFor, bot: Bot) -> None:
    """As a text that is sent can."""
    line = line_for(bot)
    alice = line.person("alice")
    family = line.group("family", alice)

    hello = alice.in_(family).send("hello")
    alice.in_(family).edits(hello, "hello", mentions="bot")

    message = line.webhooks[-1].body["events"][0]["message"]
    assert (message["text"], message["mention"]["mentionees"][0]["isSelf"]) == ("@Bot hello", True)


def test_media(line_for: LineFor, bot: Bot, tmp_path: Any) -> None:
    """Bytes, files and samples are sent; the bot gets them through the content call."""
    line = line_for(bot)
    alice = line.person("alice")
    (tmp_path / "写真.jpg").write_bytes(b"not really a picture")

    alice.sends_image(tmp_path / "写真.jpg")
    assert alice.sees("20 bytes of image/jpeg")
    alice.sends_image(b"abc")
    assert alice.sees("3 bytes of image/png")
    alice.sends_image()
    assert alice.sees(re.compile(r"\d{4,} bytes"))
    for said in (
        alice.sends_video(),
        alice.sends_audio(milliseconds=2000),
        alice.sends_file(b"x", "領収書.pdf"),
        alice.sends_location("東京駅"),
        alice.send(LocationMessage("Here", "There", 1.0, 2.0)),
        alice.send(StickerMessage("446", "1988")),
    ):
        assert line.webhooks[-1].reason == "ok"
        assert said.type in {"video", "audio", "file", "location", "sticker"}
    assert "領収書.pdf" in alice.chat.text


def test_groups(line_for: LineFor, bot: Bot) -> None:
    """In a group everybody sees the answer; the bot may be mentioned, removed and taken back."""
    line = line_for(bot)
    alice, bob = line.person("alice"), line.person("bob")
    family = line.group("家族", alice)

    bob.joins(family)
    family.send(alice, "hello", mentions="bot")

    assert alice.sees("You called?")
    assert bob.sees("You called?")
    assert bob.in_(family).sees("You called?")
    assert family.members == ["alice", "bob"]
    family.send(alice, "@Bob look", mentions=[bob])
    assert alice.sees("@Bob look")
    bob.leaves(family)
    family.loses_bot()
    family.send(alice, "anybody?")
    assert not alice.sees()
    family.admits_bot()
    assert alice.sees("Hello all")
    with pytest.raises(CodeError, match="already"):
        family.admits_bot()
    with pytest.raises(CodeError, match="not a member"):
        bob.in_(family).send("let me in")


def test_friends(line_for: LineFor, bot: Bot) -> None:
    """Who has blocked the bot cannot write to it; who unblocks it can."""
    line = line_for(bot)
    carol = line.person("carol", friend=False)

    carol.follows()
    carol.blocks()
    with pytest.raises(CodeError, match="blocked the bot"):
        carol.send("hello")
    carol.unblocks()
    carol.send("hello")

    assert carol.sees("hello")
    kinds = [webhook.body["events"][0]["type"] for webhook in line.webhooks]
    assert kinds == ["follow", "unfollow", "follow", "message"]


def test_languages(line_for: LineFor) -> None:
    """Everybody's phone has a language, also those who were there before."""
    bot = Bot()

    @bot.text()
    def language(ctx: Any) -> str:
        return f"{ctx.profile.display_name}: {ctx.profile.language}"

    line = line_for(bot)
    for person, expected in (
        (line.person("alice", language="ja"), "Alice: ja"),
        (line.person("สมชาย", language="th"), "สมชาย: th"),
        (line.person("mei", display_name="美", language="zh-TW"), "美: zh-TW"),
    ):
        person.send("hello")
        assert person.last.text == expected


def test_a_bot_that_leaves_and_tests_its_webhook(line_for: LineFor) -> None:
    """Calls that make LINE send a webhook themselves work as they do there."""
    bot = Bot()
    tests: list[bool] = []
    left: list[str] = []

    @bot.text("test")
    def test(ctx: Any) -> None:
        tests.append(ctx._services.line.test_webhook_endpoint().success)

    @bot.text("go")
    def go(ctx: Any) -> None:
        ctx._services.line.leave_group(ctx.event.source.group_id)

    @bot.leave
    def leave(ctx: Any) -> None:
        left.append(ctx.conversation)

    line = line_for(bot)
    alice = line.person("alice")
    family = line.group("family", alice)
    alice.send("test")
    family.send(alice, "go")

    assert tests == [True]
    assert left == [f"group#{family.id}"]
    assert not family.has_bot


class Shaky(Bot):
    """A bot whose door breaks once."""

    broken = True

    def handle(self, *given: Any) -> Response:
        if self.broken:
            self.broken = False
            raise OSError("the door is broken")
        return super().handle(*given)


def test_after_an_error_at_the_door(line_for: LineFor) -> None:
    """What `Bot.handle` itself raises is raised, and the next act is dealt with."""
    bot = Shaky()
    bot.text()(lambda ctx: ctx.text)
    alice = line_for(bot).person("alice")

    with pytest.raises(OSError, match="the door is broken"):
        alice.send("hello")
    alice.send("again")

    assert alice.sees("again")


def test_any_event(line_for: LineFor, bot: Bot) -> None:
    """Events that no person causes with a finger are raw JSON."""
    line = line_for(bot)
    beacon = {"hwid": "d41d8cd98f", "type": "enter"}

    line.person("alice").causes("beacon", beacon=beacon)

    assert line.webhooks[-1].body["events"][0]["beacon"] == beacon


def test_taps(line_for: LineFor, bot: Bot) -> None:
    """A tap does what the action says, and is refused where there is nothing to tap."""
    line = line_for(bot)
    alice = line.person("alice")

    alice.send("menu")
    alice.taps("お茶")
    assert alice.sees("お茶をください")
    with pytest.raises(CodeError, match="no 'กาแฟ' to tap; there is nothing"):
        alice.taps("กาแฟ")
    alice.send("menu")
    alice.taps("กาแฟ")
    assert alice.sees("drink=coffee")
    alice.send("menu")
    with pytest.raises(CodeError, match="there is 'お茶', 'กาแฟ'"):
        alice.taps("tea")


def test_every_kind_of_button(line_for: LineFor) -> None:
    """Date pickers take a value, links give their URL, and look-alikes are counted."""
    bot = Bot()
    columns = [
        CarouselColumn(text=f"Room {number}", actions=[PostbackAction("Book", f"book={number}")])
        for number in (1, 2)
    ]
    dates = DatetimePickerAction("Day", "day", "date", min="2026-01-01", max="2026-12-31")
    buttons = ButtonsTemplate(text="When?", actions=[dates, URIAction("Map", "https://a.example/")])
    bubble = {
        "type": "bubble",
        "body": {
            "type": "box",
            "layout": "vertical",
            "contents": [{"type": "text", "text": "Sold out?"}],
            "action": {"type": "message", "label": "hidden", "text": "ask"},
        },
    }
    answers: dict[str, Any] = {
        "rooms": TemplateMessage("Rooms", CarouselTemplate(columns)),
        "dates": TemplateMessage("Dates", buttons),
        "flex": FlexMessage("Flex", bubble),
    }

    @bot.text()
    def answer(ctx: Any) -> Any:
        return answers.get(ctx.text, ctx.text)

    @bot.postback()
    def tapped(ctx: Any) -> str:
        params = ctx.event.postback.params
        return f"{ctx.data} {params.date if params else ''}".strip()

    alice = line_for(bot).person("alice")
    alice.send("rooms")
    with pytest.raises(CodeError, match="number=2"):
        alice.taps("Book")
    alice.taps("Book", number=2)
    assert alice.sees("book=2")
    alice.send("dates")
    assert alice.taps("Map") == "https://a.example/"
    with pytest.raises(CodeError, match="asks for a date"):
        alice.taps("Day")
    with pytest.raises(CodeError, match="not from 2026-01-01 to 2026-12-31"):
        alice.taps("Day", "2027-01-01")
    with pytest.raises(CodeError, match="is written as"):
        alice.taps("Day", "18:00")
    alice.taps("Day", "2026-12-24")
    assert alice.sees("day 2026-12-24")
    alice.send("flex")
    assert alice.sees("Sold out?")
    alice.taps("Sold out?")
    assert alice.sees("ask")


def test_rich_menu(line_for: LineFor, bot: Bot) -> None:
    """The areas of the rich menu can be tapped, and its tabs switch it."""
    line = line_for(bot)
    alice = line.person("alice")
    state = line.world.part(RichMenus)
    switch = {"type": "richmenuswitch", "label": "Next", "richMenuAliasId": "b", "data": "tab=b"}
    areas = {"a": switch, "b": {"type": "message", "label": "注文", "text": "menu"}}
    for name, action in areas.items():
        shape = {"chatBarText": name, "areas": [{"action": action}]}
        state.menus[name] = RichMenu(name, shape)
    line.world.part(Aliases).menus["b"] = "b"
    state.default = "a"

    alice.taps("Next")
    assert alice.sees("tab=b")
    assert alice.rich_menu is not None
    assert alice.rich_menu["chatBarText"] == "b"
    alice.taps("注文")
    assert alice.sees("What would you like?")


def test_handlers_that_fail_are_heard_of(line_for: LineFor, bot: Bot) -> None:
    """What a handler raises is raised where the person acts, unless the test looks away."""
    line = line_for(bot)
    alice = line.person("alice")

    with pytest.raises(RuntimeError, match="always fails"):
        alice.send("boom")
    line.raises = False
    alice.send("boom")
    assert not alice.sees()
    line.raises = True
    alice.send("hello")
    assert alice.sees("hello")


def test_messages_are_checked_without_being_asked(line_for: LineFor) -> None:
    """A message that LINE would refuse fails the test, also where the bot swallows the error."""
    bot = Bot()

    @bot.text()
    def answer(ctx: Any) -> None:
        try:
            ctx.reply({"type": "text", "text": "x" * 5001})
        except BadRequest:
            logging.getLogger(__name__).debug("swallowed")

    line = line_for(bot)
    with pytest.raises(AssertionError, match=r"(?s)reply with 400.*messages\[0\].text"):
        line.person("alice").send("hello")


def test_quota(line_for: LineFor, bot: Bot) -> None:
    """Pushes are counted by people, replies are free, and the month can be at its end."""
    line = line_for(bot)
    alice, bob = line.person("alice"), line.person("bob")
    family = line.group("family", alice, bob)

    alice.send("hello")
    assert line.pushed == 0
    family.send(bob, "push")
    assert line.pushed == 2
    assert alice.last.via == "push"
    line.quota_used = 200
    assert line.pushed == 2
    with pytest.raises(QuotaExceeded):
        alice.send("push")
    line.quota = None
    alice.send("push")
    assert line.pushed == 3
    assert line.quota_used == 201


def test_line_fails_on_purpose(line_for: LineFor, bot: Bot) -> None:
    """What a fault has caused is no failure of the bot: it comes through, or says nothing."""
    line = line_for(bot)
    alice = line.person("alice")

    line.fails("reply", 500, times=1)
    alice.send("once more")
    assert alice.sees("once more")
    assert [call.status for call in line.calls] == [500, 200]
    line.fails("reply", 400)
    alice.send("refused")
    assert not alice.sees()
    line.recovers()
    line.fails("push", "quota")
    alice.send("push")
    assert not alice.sees()
    line.recovers()
    for break_it in (line.drops, line.hangs):
        break_it("reply", times=1, acted=True)
        alice.send("said once")
        assert [one.text for one in alice.heard] == ["said once"]
    with pytest.raises(CodeError, match="no endpoint"):
        line.fails("replies")
    with pytest.raises(CodeError, match="'quota' or 'rate'"):
        line.fails("push", "money")


def test_line_may_do_otherwise(line_for: LineFor, bot: Bot) -> None:
    """What LINE leaves open is answered as the test says; a question that there is not is told."""
    line = line_for(bot)
    alice, bob = line.person("alice"), line.person("bob")
    family = line.group("family", alice)

    line.guesses("groupEventsNamePerson", True)
    bob.joins(family)
    assert line.webhooks[-1].body["events"][0]["source"]["userId"] == bob.user_id
    with pytest.raises(CodeError, match="there is no guess 'nothing'; there are replyTokenSecond"):
        line.guesses("nothing", True)


def test_a_bot_that_fails_for_long(line_for: LineFor, bot: Bot) -> None:
    """Where LINE is guessed to suspend it, nothing arrives until the webhook is set anew."""
    line = line_for(bot)
    alice = line.person("alice")

    line.guesses("suspendsWebhooks", True)
    line.loses()
    alice.send("lost")
    line.clock.advance("1h")
    alice.send("not sent")
    assert line.webhooks[-1].reason == "suspended"
    assert not alice.sees()
    line.do(lambda: line.world.set_webhook(line.world.webhook_url))
    alice.send("again")
    assert alice.sees("again")


def test_a_slow_line_takes_no_time(line_for: LineFor) -> None:
    """A call that hangs moves the clock; the test does not wait."""
    bot = Bot()
    seen: list[object] = []

    @bot.text()
    def answer(ctx: Any) -> str:
        try:
            seen.append(ctx.profile)
        except LineUnreachable as error:
            seen.append(error)
        return "done"

    line = line_for(bot)
    line.hangs("profile")
    started = time.perf_counter()
    before = line.clock.now()
    line.person("alice").send("who am I?")

    assert isinstance(seen[0], LineUnreachable)
    assert line.clock.now() - before >= 10_000
    assert time.perf_counter() - started < 5
    assert line.webhooks[-1].reason == "request_timeout"


def test_redelivery(line_for: LineFor, bot: Bot) -> None:
    """An event that comes again is answered once; one that was lost is answered in the end."""
    line = line_for(bot)
    alice = line.person("alice")

    alice.send("one")
    assert line.redelivers().redelivery
    line.delivers_twice()
    alice.send("two")
    assert [one.text for one in line.said_to("alice", None)] == ["one", "two"]
    assert [one.copy for one in line.webhooks] == [False, False, False, True]
    line.redelivers_failures("5s", "1min")
    line.loses(times=2)
    alice.send("three")
    line.clock.advance("64s")
    assert not alice.sees()
    line.clock.advance("1s")
    assert alice.sees("three")


def test_webhooks_that_are_late(line_for: LineFor, bot: Bot) -> None:
    """LINE's two seconds are counted on the test's clock."""
    line = line_for(bot)
    alice = line.person("alice")

    line.slows("webhook", "3s", times=1)
    alice.send("too late")
    assert line.webhooks[-1].reason == "request_timeout"
    assert not alice.sees()
    line.faults.add("webhook", Late(2.0), times=1)
    alice.send("the answer is late")
    assert line.webhooks[-1].reason == "request_timeout"
    assert alice.sees("the answer is late")
    line.faults.add("webhook", Reorder(), times=1)
    first, second = alice.send("first"), alice.send("second")
    assert first.id < second.id
    assert [one.text for one in line.said_to("alice", None)][-2:] == ["second", "first"]


def test_several_events_in_one_webhook(line_for: LineFor, bot: Bot) -> None:
    """What people do together goes to the bot at once."""
    line = line_for(bot)
    alice, bob = line.person("alice"), line.person("bob")

    with line.together():
        alice.send("one")
        bob.send("two")

    assert len(line.webhooks) == 1
    assert alice.sees("one")
    assert bob.sees("two")


def test_reply_tokens_run_out(line_for: LineFor) -> None:
    """A minute is a minute of the test's clock: then the answer waits for the next event."""
    bot = Bot(deadline=0.1)
    waits: list[float] = [50]

    @bot.text(slow=True)
    def think(ctx: Any) -> str:
        line.clock.advance(waits.pop() if waits else 0)
        return f"thought about {ctx.text}"

    line = line_for(bot)
    alice = line.person("alice")
    alice.send("life")

    assert line.webhooks[-1].reason == "ok"
    assert line.webhooks[-1].milliseconds <= 100
    assert [one.buttons for one in alice.heard] == [["Show the answer"]]
    alice.taps("Show the answer")
    assert alice.sees("thought about life")
    assert line.pushed == 0


def test_a_handler_that_is_not_declared_slow_is_late(line_for: LineFor) -> None:
    """A handler of three seconds that nobody has declared slow makes LINE give up."""
    bot = Bot()

    @bot.text()
    def think(ctx: Any) -> str:
        line.clock.sleep(3)
        return "done"

    line = line_for(bot)
    alice = line.person("alice")
    alice.send("hello")

    assert line.webhooks[-1].reason == "request_timeout"
    assert alice.sees("done")


def test_loading_animation(line_for: LineFor) -> None:
    """The animation is seen while it lasts."""
    bot = Bot()

    @bot.text()
    def load(ctx: Any) -> None:
        ctx.loading(20)

    line = line_for(bot)
    alice = line.person("alice")
    alice.send("hello")

    assert alice.sees_loading
    line.clock.advance("20s")
    assert not alice.sees_loading


def test_async_handlers_and_the_log(line_for: LineFor) -> None:
    """Coroutines are handlers too; the bot's log is in the line's store."""
    bot = Bot()

    @bot.text()
    async def echo(ctx: Any) -> str:
        return str(ctx.text)

    line = line_for(bot)
    alice = line.person("alice")
    alice.send("おはよう")

    assert alice.sees("おはよう")
    rows = list(line.store.rows(f"user#{alice.user_id}", now=line.clock.now()))
    assert [(row.message, row.outcome, row.timestamp) for row in rows] == [
        ("おはよう", "replied", line.clock.now())
    ]


def test_a_bot_may_be_tested_again(line_for: LineFor, bot: Bot) -> None:
    """Each line has its own world, store and clock, although the bot is the same."""
    for _ in range(2):
        line = line_for(bot)
        alice = line.person("alice")
        alice.send("hello")
        assert len(line.conversation.said) == 2
        line.close()


def test_profiles_of_strangers(line_for: LineFor) -> None:
    """What LINE refuses a bot is refused here, and raised if the bot does not deal with it."""
    bot = Bot()

    @bot.text()
    def look(ctx: Any) -> None:
        ctx._services.line.profile("U" + "0" * 32)

    with pytest.raises(NotFound):
        line_for(bot).person("alice").send("hello")


@pytest.mark.parametrize("name", ["", "bot", "all", "a/b"])
def test_names_that_nobody_has(line_for: LineFor, bot: Bot, name: str) -> None:
    """Some words cannot be names."""
    line = line_for(bot)
    for make in (line.person, line.group):
        with pytest.raises(CodeError, match="cannot be the name"):
            make(name)
