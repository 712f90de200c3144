"""Events that are no messages: beacons, accounts that are linked, memberships, anything else."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.stage import PICTURES, Stage, eventually

pytestmark = pytest.mark.browser


def last_event(stage: Stage) -> dict[str, Any]:
    entries = httpx.get(f"{stage.url}/sim/wire").json()["entries"]
    webhooks = [one for one in entries if one["kind"] == "webhook"]
    found: dict[str, Any] = webhooks[-1]["body"]["events"][0] if webhooks else {"type": "none"}
    return found


def chosen(stage: Stage, item: str, title: str) -> Locator:
    """The dialog behind an item of the attach menu."""
    stage.page.get_by_role("button", name="Attach").click()
    stage.page.get_by_role("menuitem", name=item).click()
    return stage.page.get_by_role("dialog", name=title)


def owner(stage: Stage, path: str, **body: Any) -> dict[str, Any]:
    """A call of the Messaging API in the bot's name."""
    headers = {"authorization": f"Bearer {stage.simulator.channel_access_token}"}
    answer = httpx.post(f"{stage.url}/v2/bot{path}", headers=headers, json=body)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def test_a_beacon_comes_into_reach(stage: Stage) -> None:
    """With its hardware id and device message; nonsense is not taken."""
    dialog = chosen(stage, "Beacon", "Beacon")
    dialog.get_by_label("Hardware id").fill("xyz")
    dialog.get_by_role("button", name="OK").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Hardware id").fill("0123456789")
    dialog.get_by_label("What happens").select_option("stay")
    dialog.get_by_label("Device message").fill("ff00")
    dialog.get_by_role("button", name="OK").click()
    eventually(stage.page, lambda: last_event(stage)["type"] == "beacon")
    beacon = {"hwid": "0123456789", "type": "stay", "dm": "ff00"}
    assert last_event(stage)["beacon"] == beacon


def test_pressing_twice_sends_once(stage: Stage) -> None:
    """A second press while the first is under way does nothing."""
    dialog = chosen(stage, "Beacon", "Beacon")
    dialog.locator("form").evaluate("(form) => { form.requestSubmit(); form.requestSubmit(); }")
    expect(dialog).to_have_count(0)
    stage.say("hello")
    expect(stage.theirs).to_have_text(["hello"])
    expect(stage.page.locator(".wire-webhook")).to_have_count(2)


def test_an_account_is_linked_by_the_link_of_the_login(stage: Stage) -> None:
    """The link that a login page leads back to redeems the link token."""
    user = stage.id_of("alice")
    token = owner(stage, f"/user/{user}/linkToken")["linkToken"]
    address = "https://access.line.me/dialog/bot/accountLink"
    link = {
        "type": "uri",
        "label": "連携",
        "uri": f"{address}?linkToken={token}&nonce=0123456789abcdef",
    }
    template = {"type": "buttons", "text": "連携?", "actions": [link]}
    message = {"type": "template", "altText": "連携", "template": template}
    owner(stage, "/message/push", to=user, messages=[message])
    stage.page.get_by_role("button", name="連携", exact=True).click()
    eventually(stage.page, lambda: last_event(stage)["type"] == "accountLink")
    assert last_event(stage)["link"] == {"result": "ok", "nonce": "0123456789abcdef"}


def test_an_account_link_with_a_token_of_ones_own_fails(stage: Stage) -> None:
    """The dialog sends what one writes; LINE says that it failed."""
    dialog = chosen(stage, "Link the account", "Link the account")
    dialog.get_by_label("Link token").fill("made-up")
    dialog.get_by_label("Nonce").fill("0123456789abcdef")
    dialog.get_by_role("button", name="OK").click()
    eventually(stage.page, lambda: last_event(stage)["type"] == "accountLink")
    assert last_event(stage)["link"]["result"] == "failed"


def test_any_event_is_sent_as_written(stage: Stage) -> None:
    """JSON that is none is not taken; the common properties are filled in."""
    dialog = chosen(stage, "Any event", "Any event")
    dialog.get_by_label("JSON").fill("[]")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("JSON").fill("{")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("JSON").fill('{"type": "未来", "future": {"a": [1]}}')
    dialog.get_by_role("button", name="Send").click()
    eventually(stage.page, lambda: last_event(stage)["type"] == "未来")
    event = last_event(stage)
    assert event["future"] == {"a": [1]}
    assert event["source"]["userId"] == stage.id_of("alice")
    assert event["webhookEventId"]


def test_every_example_of_an_event_is_sent(stage: Stage) -> None:
    """Standby, modules, suspension, LINE emoji: ready to send, as LINE would send them."""
    dialog = chosen(stage, "Any event", "Any event")
    names = dialog.get_by_label("Begin with").locator("option").all_inner_texts()
    dialog.get_by_role("button", name="Cancel").click()
    seen = []
    for number, name in enumerate(names, 1):
        dialog = chosen(stage, "Any event", "Any event")
        dialog.get_by_label("Begin with").select_option(name)
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_count(0)
        expect(stage.page.locator(".wire-webhook")).to_have_count(number)
        seen.append(last_event(stage))
    kinds = {one["type"] for one in seen}
    assert kinds >= {"activated", "deactivated", "botSuspended", "botResumed", "module", "delivery"}
    standby = [one for one in seen if one["mode"] == "standby" and one["type"] == "message"]
    assert standby
    assert all("replyToken" not in one for one in standby)
    assert "source" not in next(one for one in seen if one["type"] == "botSuspended")
    expect(stage.mine.filter(has_text="it").locator(".line-emoji")).to_have_count(1)


def test_several_events_go_out_in_one_webhook(stage: Stage) -> None:
    """A list of events is one webhook, with one source."""
    dialog = chosen(stage, "Any event", "Any event")
    dialog.get_by_label("Begin with").select_option("Two texts in one webhook")
    dialog.get_by_role("button", name="Send").click()
    expect(stage.page.locator(".wire-webhook")).to_contain_text("2 events: message · text, message")
    expect(stage.theirs).to_have_text(["hello", "and again"])


def test_a_membership_is_joined_renewed_and_left(stage: Stage) -> None:
    """In the + menu once plans are on offer; what makes no sense is refused in the dialog."""
    plans = [{"membershipId": 7, "title": "ゴールド"}, {"membershipId": 8, "title": "Silber"}]
    httpx.post(f"{stage.url}/sim/channel", json={"memberships": plans}).raise_for_status()
    for step, word in (("joins", "joined"), ("renews", "renewed"), ("leaves", "left")):
        dialog = chosen(stage, "Membership", "Membership")
        dialog.get_by_label("Plan").select_option("Silber")
        dialog.get_by_label("The person").select_option(step)
        dialog.get_by_role("button", name="OK").click()
        expect(stage.page.locator(".row.notice").last).to_contain_text(f"membership 8 {word}")
    assert last_event(stage)["membership"] == {"type": "left", "membershipId": 8}
    dialog = chosen(stage, "Membership", "Membership")
    dialog.get_by_label("The person").select_option("renews")
    dialog.get_by_role("button", name="OK").click()
    expect(dialog.get_by_role("alert")).to_contain_text("no such member")
    stage.errors.clear()  # the browser lists the 409


def test_a_coupon_shows_what_it_is(stage: Stage) -> None:
    """Title, picture and last day, as the bot made it."""
    now = int(time.time())
    coupon = owner(
        stage,
        "/coupon",
        title="珈琲一杯",
        imageUrl=f"{PICTURES}/square.png",
        timezone="ASIA_TOKYO",
        visibility="PUBLIC",
        maxUseCountPerTicket=1,
        startTimestamp=now - 60,
        endTimestamp=now + 40 * 24 * 3600,
        acquisitionCondition={"type": "normal"},
        reward={"type": "others"},
    )
    message = {"type": "coupon", "couponId": coupon["couponId"]}
    owner(stage, "/message/push", to=stage.id_of("alice"), messages=[message])
    bubble = stage.theirs.locator(".coupon")
    expect(bubble).to_contain_text("珈琲一杯")
    expect(bubble).to_contain_text("Until")
    expect(bubble.locator("img")).to_be_visible()
