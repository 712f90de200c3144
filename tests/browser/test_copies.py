"""What went over the wire, once more: sent again, copied as a command, copied as a test."""

from __future__ import annotations

import shlex
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.stage import Stage, eventually

pytestmark = pytest.mark.browser

pytest_plugins = ["pytester"]

BOT = """
from penniless import Bot

bot = Bot()

@bot.text("buttons")
def buttons(ctx):
    return {
        "type": "template",
        "altText": "メニュー",
        "template": {
            "type": "buttons",
            "text": "お選びください",
            "actions": [
                {"type": "postback", "label": "注文する", "data": "item=1", "displayText": "注文"}
            ],
        },
    }

@bot.postback()
def tapped(ctx):
    return "postback item=1"

@bot.text()
def echo(ctx):
    return ctx.text
"""


def opened(stage: Stage, row: str) -> None:
    stage.page.locator(f"{row} > summary").last.click()


def copied(stage: Stage, act: Any) -> str:
    """What is in the clipboard after the act."""
    stage.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    stage.page.evaluate("navigator.clipboard.writeText('')")
    act()
    eventually(stage.page, lambda: stage.page.evaluate("navigator.clipboard.readText()") != "")
    return str(stage.page.evaluate("navigator.clipboard.readText()"))


def test_a_webhook_is_sent_again_as_something_new(stage: Stage) -> None:
    """The person does the same once more: new ids, a new message in the chat, another answer."""
    stage.say("こんにちは")
    expect(stage.theirs).to_have_count(1)
    opened(stage, ".wire-webhook")
    stage.page.get_by_role("button", name="Send again").click()
    expect(stage.mine).to_have_text(["こんにちは", "こんにちは"])
    expect(stage.theirs).to_have_text(["こんにちは", "こんにちは"])


def test_a_picture_is_sent_again_with_its_bytes(stage: Stage) -> None:
    """What the person sent is fetched and sent once more, under another id."""
    sample = {"from": "alice", "image": {}}
    httpx.post(f"{stage.url}/sim/message", json=sample).raise_for_status()
    opened(stage, ".wire-webhook")
    stage.page.get_by_role("button", name="Send again").click()
    expect(stage.mine.locator("img")).to_have_count(2)
    one, other = stage.simulator.world.media.values()
    assert one.data == other.data
    assert one.content_type == other.content_type


def test_a_webhook_as_a_command_carries_the_signed_bytes(stage: Stage) -> None:
    """The command in a shell sends exactly what LINE sent: address, signature, body."""
    stage.say("it's 寿司 \\ $HOME")
    expect(stage.theirs).to_have_count(1)
    opened(stage, ".wire-webhook")
    command = copied(stage, stage.page.get_by_role("button", name="Copy as curl").click)
    words = shlex.split(command.replace("\\\n", ""))
    (webhook,) = httpx.get(f"{stage.url}/sim/wire").json()["entries"][:1]
    assert words[:4] == ["curl", "-X", "POST", webhook["url"]]
    assert f"x-line-signature: {webhook['headers']['x-line-signature']}" in words
    assert words[words.index("--data-binary") + 1] == webhook["raw"]


def test_an_api_call_as_a_command_leaves_the_token_to_the_shell(stage: Stage) -> None:
    """The page does not know the access token, so the command reads a variable."""
    stage.say("hello")
    expect(stage.theirs).to_have_count(1)
    opened(stage, ".wire-call")
    command = copied(stage, stage.page.get_by_role("button", name="Copy as curl").click)
    assert "/v2/bot/message/reply" in command
    assert "Bearer $LINE_CHANNEL_ACCESS_TOKEN" in command
    assert stage.simulator.channel_access_token not in command


def copied_test(stage: Stage) -> str:
    def act() -> None:
        stage.page.get_by_role("button", name="More").click()
        stage.page.get_by_role("menuitem", name="Copy as a test").click()

    return copied(stage, act)


def test_a_conversation_becomes_a_test_that_passes(stage: Stage, pytester: pytest.Pytester) -> None:
    """Texts, taps and what the bot said, as a test for penniless.testing, which runs."""
    stage.say('say "寿司" \\ 😀')
    expect(stage.theirs).to_have_count(1)
    stage.say("buttons")
    stage.page.get_by_role("button", name="注文する").click()
    expect(stage.theirs.last).to_have_text("postback item=1")
    made = copied_test(stage)
    assert made == (
        "from penniless.messages import TemplateMessage\n"
        "\n"
        "\n"
        "def test_conversation(alice):\n"
        '    alice.send("say \\"寿司\\" \\\\ 😀")\n'
        '    assert alice.sees("say \\"寿司\\" \\\\ 😀")\n'
        '    alice.send("buttons")\n'
        "    assert alice.sees(TemplateMessage)\n"
        '    alice.taps("注文する")\n'
        '    assert alice.sees("postback item=1")\n'
    )
    pytester.makepyfile(app=BOT, test_copied=made)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "test_copied.py")
    result.assert_outcomes(passed=1)


def test_a_group_becomes_a_test_that_passes(stage: Stage, pytester: pytest.Pytester) -> None:
    """Members, mentions, edits, and who takes back what."""

    def acts(**what: Any) -> str:
        request = {"in": "家族", **what}
        done = httpx.post(f"{stage.url}/sim/message", json=request).json()
        return str(done["message"]["id"])

    people = {"name": "hanako", "displayName": "花子", "language": "ja"}
    httpx.post(f"{stage.url}/sim/people", json=people).raise_for_status()
    httpx.post(f"{stage.url}/sim/groups", json={"name": "家族", "members": ["alice", "bob"]})
    httpx.post(f"{stage.url}/sim/groups/家族/join", json={"person": "hanako"})
    first = acts(**{"from": "alice", "text": "hi @Penny", "mentions": ["bot"]})
    again = {"messageId": first, "text": "hello @Penny", "mentions": ["bot"]}
    acts(**{"from": "alice", "edit": again})
    acts(**{"from": "hanako", "sticker": {"packageId": "446", "stickerId": "1988"}})
    acts(**{"from": "hanako", "event": {"type": "beacon", "beacon": {"on": True}}})
    stage.chat_with("家族").click()
    expect(stage.page.locator(".wire-webhook")).to_have_count(7)
    made = copied_test(stage)
    assert "def test_conversation(line, alice, bob):" in made
    assert '    hanako = line.person("hanako", display_name="花子", language="ja")' in made
    assert '    家族 = line.group("家族", alice, bob)' in made
    assert "    家族.admits(hanako)" in made
    assert '    message_1 = alice.in_(家族).send("hi @Penny", mentions=["bot"])' in made
    assert '    alice.in_(家族).edits(message_1, "hello @Penny", mentions=["bot"])' in made
    assert 'causes("beacon", beacon={"on": True})' in made
    pytester.makepyfile(app=BOT, test_copied=made.replace("@Penny", "@Bot"))
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "test_copied.py")
    result.assert_outcomes(passed=1)


def test_a_webhook_is_copied_with_the_conversation_up_to_it(stage: Stage) -> None:
    """What came later is not in the test."""
    stage.say("one")
    expect(stage.theirs).to_have_count(1)
    stage.say("two")
    expect(stage.theirs).to_have_count(2)
    opened(stage, ".wire-webhook")
    made = copied(stage, stage.page.get_by_role("button", name="Copy as test").click)
    assert '    assert alice.sees("one")' in made
    assert "two" not in made
