"""What an administrator does in LINE's console: own texts, plans on offer, keys, verifying."""

from __future__ import annotations

import json

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.stage import Stage, eventually
from tests.browser.test_settings import panel
from tests.simulator.assertions import JWK, KID, D, encoded

pytestmark = pytest.mark.browser


def part(stage: Stage, name: str) -> Locator:
    """A part of the settings, by its heading."""
    return panel(stage, "Settings").get_by_role("region", name=name, exact=True)


def test_the_account_greets_and_answers_by_itself(stage: Stage) -> None:
    """What is written is said, before the bot's own answer; emptied, it is off again."""
    replies = part(stage, "What the account says by itself")
    account = stage.simulator.world.account
    greeting = replies.get_by_label("Greeting message")
    auto = replies.get_by_label("Auto-reply message")
    greeting.fill("はじめまして！\nยินดีต้อนรับ")
    auto.fill("شكراً لرسالتك")
    expect(replies).to_contain_text("Saved")
    auto.blur()
    eventually(stage.page, lambda: account.auto_reply == "شكراً لرسالتك")
    assert account.greeting == "はじめまして！\nยินดีต้อนรับ"
    stage.say("hello")
    expect(stage.theirs).to_have_text(["شكراً لرسالتك", "hello"])
    stage.page.get_by_role("button", name="More").click()
    stage.page.get_by_role("menuitem", name="Block Penny").click()
    stage.page.get_by_role("button", name="Unblock").click()
    expect(stage.theirs.last).to_contain_text("はじめまして！")
    for field in (greeting, auto):
        field.fill("  ")
        field.blur()
    eventually(stage.page, lambda: account.greeting is None and account.auto_reply is None)


def test_what_is_being_written_outlives_news_of_the_world(stage: Stage) -> None:
    """A change from elsewhere does not touch the field that has the focus."""
    greeting = part(stage, "What the account says by itself").get_by_label("Greeting message")
    greeting.fill("書きかけ")
    httpx.post(f"{stage.url}/sim/channel", json={"quota": 5}).raise_for_status()
    expect(stage.page.locator(".quota")).to_have_text("Pushes 0 / 5")
    expect(greeting).to_have_value("書きかけ")


def test_the_response_mode_is_chosen(stage: Stage) -> None:
    """In chat mode a message stays unread until the bot marks it."""
    replies = part(stage, "What the account says by itself")
    replies.get_by_label("Response mode").select_option("chat")
    expect(replies).to_contain_text("Saved")
    assert stage.simulator.world.chat_mode == "chat"
    stage.say("hello")
    expect(stage.theirs).to_have_text(["hello"])
    expect(stage.page.locator(".row.own .read")).to_have_count(0)


def test_the_webhook_is_verified(stage: Stage) -> None:
    """The button says whether the bot answers, and if not, why in LINE's words."""
    webhook = part(stage, "Webhook")
    button = webhook.get_by_role("button", name="Verify")
    button.click()
    expect(webhook.locator(".verified")).to_have_text("Success")
    expect(stage.page.locator(".wire-webhook")).to_contain_text("verify: no events")
    webhook.get_by_label("Webhook URL").fill("http://127.0.0.1:9/")
    webhook.get_by_label("Webhook URL").press("Enter")
    eventually(stage.page, lambda: stage.simulator.world.webhook_url == "http://127.0.0.1:9/")
    button.click()
    expect(webhook.locator(".verified")).to_contain_text("could_not_connect: Connection failed")


def test_the_webhook_is_verified_before_it_is_used(stage: Stage) -> None:
    """As in LINE's console: switched off, it can be tried all the same."""
    webhook = part(stage, "Webhook")
    webhook.get_by_role("switch", name="Use webhook").uncheck()
    webhook.get_by_role("button", name="Verify").click()
    expect(webhook.locator(".verified")).to_have_text("Success")
    assert stage.simulator.world.account.use_webhook is False


def test_a_membership_plan_is_offered_changed_and_taken_away(stage: Stage) -> None:
    """It stands in the + menu of each chat as long as it is on offer."""
    offers = part(stage, "Memberships")
    expect(offers.get_by_text("No plan is on offer.")).to_be_visible()
    offers.get_by_role("button", name="Add a plan").click()
    dialog = stage.page.get_by_role("dialog", name="Membership plan")
    dialog.get_by_label("Title").fill("ゴールド会員 <b>")
    dialog.get_by_label("Benefits").fill("\n".join(["珈琲一杯", "กาแฟ", "3", "4", "5", "6"]))
    dialog.get_by_label("Price a month").fill("99")
    dialog.get_by_label("Currency").select_option("THB")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_visible()  # six benefits are one too many
    dialog.get_by_label("Benefits").fill("珈琲一杯\n\nกาแฟ")
    dialog.get_by_role("button", name="Save").click()
    item = offers.get_by_role("listitem")
    expect(item).to_contain_text("ゴールド会員 <b>")
    expect(item).to_contain_text("99 THB a month · id 1")
    (plan,) = stage.simulator.world.account.memberships
    assert plan["benefits"] == ["珈琲一杯", "กาแฟ"]
    item.get_by_role("button", name="Change").click()
    dialog.get_by_label("Most members").fill("10")
    dialog.get_by_label("Published").uncheck()
    dialog.get_by_role("button", name="Save").click()
    expect(item).to_contain_text("not published")
    assert stage.simulator.world.account.memberships[0]["memberLimit"] == 10
    item.get_by_role("button", name="Remove").click()
    expect(item).to_have_count(0)
    assert stage.simulator.world.account.memberships == []


def test_five_plans_are_enough_and_ids_are_unique(stage: Stage) -> None:
    """LINE's limit is kept by the button, and an id is taken once."""
    plans = [{"membershipId": number} for number in range(1, 5)]
    httpx.post(f"{stage.url}/sim/channel", json={"memberships": plans}).raise_for_status()
    offers = part(stage, "Memberships")
    button = offers.get_by_role("button", name="Add a plan")
    button.click()
    dialog = stage.page.get_by_role("dialog", name="Membership plan")
    dialog.get_by_label("Title").fill("Fünf")
    dialog.get_by_label("Benefits").fill("Alles")
    dialog.get_by_label("Id", exact=True).fill("3")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Id", exact=True).fill("77")
    dialog.get_by_role("button", name="Save").click()
    expect(offers.get_by_role("listitem")).to_have_count(5)
    expect(button).to_be_disabled()


def test_a_public_key_is_registered_and_removed(stage: Stage) -> None:
    """Its id is shown, the key is not; a private key never leaves the browser."""
    keys = part(stage, "Public keys")
    keys.get_by_role("button", name="Register a public key").click()
    dialog = stage.page.get_by_role("dialog", name="Register a public key")
    area = dialog.get_by_label("Public key (JWK)")
    private = encoded(D.to_bytes((D.bit_length() + 7) // 8, "big"))
    sent: list[str] = []
    stage.page.on("request", lambda request: sent.append(request.post_data or ""))
    for wrong in ("{", json.dumps({**JWK, "d": private})):
        area.fill(wrong)
        dialog.get_by_role("button", name="Register").click()
        expect(dialog).to_be_visible()
    assert not any(private in one for one in sent)
    area.fill(json.dumps({**JWK, "n": "AQAB"}))
    dialog.get_by_role("button", name="Register").click()
    expect(dialog.get_by_role("alert")).to_contain_text("at least 2048 bits")
    expect(area).to_have_value(json.dumps({**JWK, "n": "AQAB"}))
    stage.errors.clear()  # the browser lists the 400
    area.fill(json.dumps(JWK))
    dialog.get_by_role("button", name="Register").click()
    expect(keys.get_by_role("listitem")).to_have_text(KID)
    expect(keys).to_contain_text("Saved")
    assert JWK["n"] not in stage.page.content()
    keys.get_by_role("button", name="Remove the key").click()
    expect(keys.get_by_text("No key is registered.")).to_be_visible()
    assert stage.simulator.world.account.keys == {}


def test_the_id_of_a_key_is_a_text_like_any_other(stage: Stage) -> None:
    """Markup in it stays text, and its special characters do not lead to another key."""
    kid = "<img src=x onerror=alert(1)>/&?kid=#%"
    for one in ("kid", kid):
        httpx.post(f"{stage.url}/sim/keys", json={**JWK, "kid": one}).raise_for_status()
    keys = part(stage, "Public keys")
    expect(keys.get_by_role("listitem")).to_have_text(["kid", kid])
    expect(keys.locator("img")).to_have_count(0)
    keys.get_by_role("button", name=f"Remove the key {kid}").click()
    expect(keys.get_by_role("listitem")).to_have_text(["kid"])


def test_the_ids_that_a_bot_needs_are_there(stage: Stage) -> None:
    """Channel id, user id and basic id; no secret."""
    account = part(stage, "Account")
    world = stage.simulator.world
    for one in (world.account.channel_id, world.user_id, world.basic_id):
        expect(account).to_contain_text(one)
    assert stage.simulator.channel_secret not in stage.page.content()


def test_a_tap_leads_to_a_part_of_the_settings(stage: Stage) -> None:
    """The part comes into view beneath the tabs, and the keyboard goes on from its heading."""
    settings = panel(stage, "Settings")
    heading = settings.get_by_role("heading", name="The world as a file")
    expect(heading).not_to_be_in_viewport()
    jumps = stage.page.get_by_role("navigation", name="Settings")
    jumps.get_by_role("button", name="World").click()
    expect(heading).to_be_in_viewport()
    expect(heading).to_be_focused()
    expect(stage.page.get_by_role("tab", name="Settings")).to_be_in_viewport()
    stage.page.keyboard.press("Tab")
    expect(settings.get_by_role("link", name="Save to a file")).to_be_focused()
