"""Beside the chat: webhooks, API calls, the log, and how the bot is."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.stage import Stage

pytestmark = pytest.mark.browser


def test_webhook_call_and_log_row_show_up(stage: Stage) -> None:
    """One message is one webhook, one API call and one row of the log."""
    stage.say("hello")
    webhook = stage.page.locator(".wire-webhook")
    call = stage.page.locator(".wire-call")
    expect(webhook).to_have_count(1)
    expect(webhook).to_contain_text("message · text")
    expect(webhook).to_contain_text(re.compile(r"[\d.]+ ms"))
    expect(webhook.locator("summary > .status")).to_have_text("200")
    expect(webhook.get_by_role("img", name=re.compile("of 2,000 milliseconds"))).to_be_visible()
    expect(call).to_contain_text("reply")
    expect(call.locator("summary > .status")).to_have_text("200")
    stage.page.get_by_role("tab", name="Log").click()
    row = stage.page.locator(".log-row")
    expect(row).to_have_count(1)
    for words in ("Alice", "Penny", "hello", "message.text", "done", "replied"):
        expect(row).to_contain_text(words)
    row.get_by_role("button").click()
    expect(stage.page.locator(".log-details pre")).to_contain_text('"message.text"')


def test_details_show_headers_bodies_and_answers(stage: Stage) -> None:
    """A webhook opens to its headers and body, a call to its request and LINE's answer."""
    stage.say("สวัสดี")
    stage.page.locator(".wire-webhook > summary").click()
    details = stage.page.locator(".wire-webhook .wire-details")
    expect(details).to_contain_text("x-line-signature")
    expect(details).to_contain_text("LineBotWebhook/2.0")
    expect(details.get_by_label("Body", exact=True)).to_contain_text('"text": "สวัสดี"')
    stage.page.locator(".wire-call > summary").click()
    details = stage.page.locator(".wire-call .wire-details")
    expect(details).to_contain_text("/v2/bot/message/reply")
    expect(details).to_contain_text("Bearer …")
    expect(details).to_contain_text("x-line-request-id")
    expect(details.get_by_label("Answer body", exact=True)).to_contain_text("sentMessages")
    assert stage.simulator.channel_access_token not in (stage.page.content())
    assert stage.simulator.channel_secret not in (stage.page.content())


def test_what_went_over_the_wire_can_be_filtered(stage: Stage) -> None:
    """By kind, and by the open chat."""
    stage.say("hello")
    stage.chat_with("Bob").click()
    stage.say("hello")
    rows = stage.page.locator(".wire-row")
    expect(rows).to_have_count(4)
    stage.page.get_by_role("checkbox", name="This chat only").check()
    expect(rows).to_have_count(2)
    stage.page.get_by_role("radio", name="Webhooks").check(force=True)
    expect(rows).to_have_count(1)


def test_a_webhook_can_be_delivered_again(stage: Stage) -> None:
    """A redelivery shows as one, and the bot does not answer twice."""
    stage.say("hello")
    stage.page.locator(".wire-webhook > summary").click()
    stage.page.get_by_role("button", name="Send as redelivery").click()
    expect(stage.page.locator(".wire-webhook")).to_have_count(2)
    expect(stage.page.locator(".wire-webhook").first).to_contain_text("redelivery")
    expect(stage.theirs).to_have_count(1)


def test_an_unreachable_bot_is_told(stage: Stage) -> None:
    """A webhook that fails says why, in the chat's words and in LINE's."""
    stage.simulator.set_webhook("http://127.0.0.1:1/callback")
    stage.say("anybody?")
    expect(stage.page.locator(".toast.bad")).to_contain_text("could not be reached")
    expect(stage.page.locator(".wire-webhook.bad")).to_contain_text("could_not_connect")
    expect(stage.mine).to_have_text(["anybody?"])


def test_a_broken_bot_is_shown_with_its_error_and_so_is_its_recovery(stage: Stage) -> None:
    """A syntax error is readable on the page while dev runs, and goes with the next save."""
    stage.simulator.set_bot_status("failed", 'app.py, line 3\n    def <broken>"\nSyntaxError: 無効')
    banner = stage.page.locator(".banner.failed")
    expect(banner).to_contain_text("SyntaxError: 無効")
    stage.simulator.set_bot_status("starting")
    expect(stage.page.locator(".banner")).to_contain_text("starting")
    stage.simulator.set_bot_status("running")
    expect(stage.page.locator(".banner.good")).to_contain_text("runs again")


def test_a_recovered_bot_that_hears_nothing(stage: Stage) -> None:
    """The good news makes room for the line that webhooks are switched off."""
    off = stage.page.get_by_text("Webhooks are switched off")
    httpx.post(f"{stage.url}/sim/channel", json={"useWebhook": False}).raise_for_status()
    expect(off).to_be_visible()
    stage.simulator.set_bot_status("failed", "SyntaxError")
    expect(off).to_be_hidden()
    stage.simulator.set_bot_status("running")
    expect(stage.page.locator(".banner.good")).to_contain_text("runs again")
    expect(off).to_be_visible()


def test_starting_over_empties_everything(stage: Stage) -> None:
    """Chats and wire are empty afterwards; the people stay."""
    stage.say("hello")
    expect(stage.theirs).to_have_count(1)
    stage.page.get_by_role("button", name="More").click()
    stage.page.get_by_role("menuitem", name="Start over").click()
    stage.page.get_by_role("dialog").get_by_role("button", name="Start over").click()
    expect(stage.mine).to_have_count(0)
    expect(stage.page.locator(".wire-row")).to_have_count(0)
    expect(stage.chat_with("Bob")).to_be_visible()


def test_the_colours_can_be_chosen(stage: Stage) -> None:
    """Light and dark by button, and the choice outlives a reload."""
    ground = "getComputedStyle(document.body).backgroundColor"
    assert stage.page.evaluate(ground) == "rgb(255, 255, 255)"
    button = stage.page.get_by_role("button", name="Colours:")
    button.click()
    button.click()
    expect(button).to_have_accessible_name("Colours: Dark")
    dark = stage.page.evaluate(ground)
    assert dark != "rgb(255, 255, 255)"
    stage.page.reload()
    expect(stage.page.locator(".head-title")).to_be_visible()
    assert stage.page.evaluate(ground) == dark
