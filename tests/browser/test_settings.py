"""The administrator's side: settings, faults on purpose, the clock, the statistics of errors."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, expect

from penniless.simulator.operations import OPERATIONS
from penniless.simulator.quota import PLANS
from tests.browser.stage import Stage, eventually

pytestmark = pytest.mark.browser


def panel(stage: Stage, name: str) -> Locator:
    stage.page.get_by_role("tab", name=name).click()
    return stage.page.get_by_role("tabpanel", name=name)


def test_the_webhook_is_switched_off_and_on_again(stage: Stage) -> None:
    """Off means that no event goes out, and the page says so; the address stays as it is."""
    address = stage.simulator.world.webhook_url
    banner = stage.page.get_by_text("Webhooks are switched off: your bot hears nothing.")
    settings = panel(stage, "Settings")
    switch = settings.get_by_role("switch", name="Use webhook")
    expect(switch).to_be_checked()
    expect(banner).to_be_hidden()
    switch.uncheck()
    expect(banner).to_be_visible()
    expect(settings.get_by_role("region", name="Webhook", exact=True)).to_contain_text("Saved")
    stage.say("unheard")
    expect(stage.page.locator(".toast.bad")).to_contain_text("Webhooks are switched off")
    expect(stage.page.locator(".wire-webhook .status")).to_have_text("not sent")
    expect(settings.get_by_label("Webhook URL")).to_have_value(str(address))
    assert stage.simulator.world.webhook_url == address
    switch.check()
    expect(banner).to_be_hidden()
    stage.say("hello")
    expect(stage.theirs).to_have_text(["hello"])


def test_one_tap_beside_the_chat_switches_the_webhook_on(phone: Stage) -> None:
    """Who notices there that the bot hears nothing need not look for the switch."""
    httpx.post(f"{phone.url}/sim/channel", json={"useWebhook": False}).raise_for_status()
    button = phone.page.get_by_role("button", name="Switch on")
    button.click()
    expect(button).to_have_count(0)
    phone.say("hello")
    expect(phone.theirs).to_have_text(["hello"])


def test_a_bot_that_line_has_given_up_on(stage: Stage) -> None:
    """A line above the chat says it, also after a reload; a verification that succeeds ends it."""
    world = stage.simulator.world
    httpx.post(
        f"{stage.url}/sim/channel", json={"guesses": {"suspendsWebhooks": True}}
    ).raise_for_status()
    world.failing_since = world.now() - 3600 * 1000
    line = stage.page.get_by_text(
        "LINE has stopped sending to this bot: an hour without one success."
    )
    stage.say("unheard")
    expect(line).to_be_visible()
    stage.page.reload()
    expect(line).to_be_visible()
    stage.page.locator(".banner").get_by_role("button", name="Verify").click()
    expect(line).to_be_hidden()
    stage.say("hello")
    expect(stage.theirs).to_have_text(["hello"])


def test_without_an_address_nothing_goes_out(stage: Stage) -> None:
    """An emptied address is none: the page says so, whatever the switch says."""
    settings = panel(stage, "Settings")
    settings.get_by_role("switch", name="Use webhook").uncheck()
    address = settings.get_by_label("Webhook URL")
    address.fill("")
    address.press("Enter")
    expect(stage.page.get_by_text("No webhook is set")).to_be_visible()
    assert stage.simulator.world.webhook_url is None
    expect(settings.get_by_role("button", name="Verify")).to_be_disabled()


def test_redelivery_and_its_schedule_are_set(stage: Stage) -> None:
    """The switch and the seconds reach the simulator; nonsense does not."""
    world = stage.simulator.world
    settings = panel(stage, "Settings")
    settings.get_by_role("switch", name="Webhook redelivery").check()
    field = settings.get_by_label("Seconds from each failure")
    field.fill("1, 2.5, 30")
    field.press("Enter")
    eventually(stage.page, lambda: list(world.redelivery_schedule) == [1, 2.5, 30])
    assert world.redelivery is True
    field.fill("soon")
    field.press("Enter")
    expect(settings.get_by_role("alert").filter(has_text="Seconds are needed")).to_be_visible()
    assert list(world.redelivery_schedule) == [1, 2.5, 30]
    field.fill("1e9")
    field.fill(", ".join(["1"] * 500))
    field.press("Enter")
    expect(settings.locator(".wrong:visible")).to_contain_text("redeliverySchedule")
    stage.errors.clear()  # the browser lists the 400
    field.fill("2")
    field.press("Enter")
    expect(settings.locator(".wrong:visible")).to_have_count(0)
    eventually(stage.page, lambda: list(world.redelivery_schedule) == [2])


def test_the_plan_is_chosen_by_country(stage: Stage) -> None:
    """LINE's plans by country, a number of one's own, no limit at all; each is said to be saved."""
    settings = panel(stage, "Settings")
    account = stage.simulator.world.account
    plan = settings.get_by_label("Plan", exact=True)
    number = settings.get_by_label("Messages a month")
    plan.select_option("Free: 300 messages")
    expect(stage.page.locator(".quota")).to_have_text("Pushes 0 / 300")
    expect(settings.get_by_role("region", name="Plan and limits")).to_contain_text("Saved")
    assert account.plan == "th-free"
    expect(number).to_have_value("300")
    number.fill("7")
    number.press("Enter")
    expect(stage.page.locator(".quota")).to_have_text("Pushes 0 / 7")
    expect(plan).to_have_value("")
    number.fill("")
    number.press("Enter")
    expect(stage.page.locator(".quota")).to_have_text("Pushes 0")
    values = plan.locator("optgroup option").evaluate_all("all => all.map((one) => one.value)")
    assert values == list(PLANS)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Verified account", "verified"),
        ("Partner", "partner"),
        ("Module channel", "module"),
        ("Privacy", "privacy"),
    ],
)
def test_the_kind_of_account_is_switched(stage: Stage, label: str, name: str) -> None:
    """On and off again, with the keyboard too."""
    account = stage.simulator.world.account
    switch = panel(stage, "Settings").get_by_role("switch", name=label)
    switch.focus()
    stage.page.keyboard.press("Space")
    eventually(stage.page, lambda: getattr(account, name) is True)
    switch.uncheck()
    eventually(stage.page, lambda: getattr(account, name) is False)


def test_a_failed_webhook_is_in_the_statistics(stage: Stage) -> None:
    """Reason and number, by the minute, as LINE's console shows them."""
    settings = panel(stage, "Settings")
    expect(settings.get_by_text("No webhook has failed.")).to_be_visible()
    httpx.post(f"{stage.url}/sim/channel", json={"webhook": "http://127.0.0.1:9/nobody"})
    stage.say("hello")
    expect(settings.get_by_role("row", name="could_not_connect")).to_contain_text("1")
    with stage.page.expect_download() as download:
        settings.get_by_role("button", name="Download TSV file").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t") == ["Time (UTC+9)", "Reason", "Detail", "Count"]
    assert lines[1].split("\t")[1:] == ["could_not_connect", "Connection failed", "1"]


def test_a_ready_made_fault_strikes_and_is_removed(stage: Stage) -> None:
    """One tap makes a rule; what it struck is counted; one more tap, and it is gone."""
    faults = panel(stage, "Faults")
    expect(faults.get_by_text("No faults: LINE works as it should.")).to_be_visible()
    faults.get_by_role("button", name="A webhook is lost").click()
    rule = faults.get_by_role("listitem")
    expect(rule).to_contain_text("Webhooks to the bot: lose it")
    stage.say("hello")
    expect(stage.page.locator(".wire-webhook.bad")).to_have_count(1)
    expect(rule).to_contain_text("struck 1 of 1")
    expect(stage.mine).to_have_text(["hello"])
    expect(stage.theirs).to_have_count(0)
    rule.get_by_role("button", name="Remove").click()
    expect(rule).to_have_count(0)


def test_a_rule_of_ones_own(stage: Stage) -> None:
    """Only the fields of the chosen effect are there; the rule goes to the simulator as written."""
    faults = panel(stage, "Faults")
    faults.get_by_label("What fails").select_option("push")
    faults.get_by_label("How").select_option("Answer with an error")
    expect(faults.get_by_label("Seconds", exact=True)).to_be_hidden()
    faults.get_by_label("Status", exact=True).fill("429")
    faults.get_by_label("Message", exact=True).fill("もう一度")
    faults.get_by_label("With 429: the quota").check()
    faults.get_by_label("LINE acts all the same").check()
    faults.get_by_label("Per cent of calls").fill("25")
    faults.get_by_label("At most, times").fill("3")
    faults.get_by_label("Seed").fill("7")
    faults.get_by_role("button", name="Add the rule").click()
    expect(faults.get_by_role("listitem")).to_contain_text(
        "status 429 · quota · message もう一度 · acted · 25 % of calls"
    )
    (rule,) = httpx.get(f"{stage.url}/sim/faults").json()["faults"]
    effect = {"type": "status", "status": 429, "acted": True, "message": "もう一度", "quota": True}
    assert rule["effect"].items() >= effect.items()
    assert (rule["endpoint"], rule["probability"], rule["times"]) == ("push", 0.25, 3)
    assert rule["seed"] == 7


def test_every_operation_can_fail(stage: Stage) -> None:
    """All names that the wire shows are offered."""
    endpoint = panel(stage, "Faults").get_by_label("What fails")
    expect(endpoint.locator("option")).to_have_count(2 + len(OPERATIONS))
    endpoint.select_option("getMembershipList")
    expect(stage.page.get_by_label("How", exact=True)).to_have_value("status")


def test_the_clock_is_moved(stage: Stage) -> None:
    """One tap, and a minute has gone by for LINE."""
    settings = panel(stage, "Settings")
    before = stage.simulator.world.now()
    settings.get_by_role("button", name="+ 61 s").click()
    eventually(stage.page, lambda: stage.simulator.world.now() >= before + 61_000)
    own = settings.get_by_label("Another duration")
    own.fill("soon")
    own.press("Enter")
    expect(own).to_have_value("soon")
    own.fill("1h 30min")
    own.press("Enter")
    eventually(stage.page, lambda: stage.simulator.world.now() >= before + 5_461_000)
    expect(own).to_have_value("")


def test_the_letters_of_the_phone_grow(stage: Stage) -> None:
    """The font size of the LINE app is the person's to choose, and stays after a reload."""
    stage.say("hello")
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    words = stage.mine.first.locator(".words")
    before = words.evaluate(size)
    panel(stage, "Settings").get_by_label("Font size in LINE").select_option("Extra large")
    assert words.evaluate(size) == before * 1.5
    stage.page.reload()
    expect(stage.mine).to_have_count(1)
    assert words.evaluate(size) == before * 1.5


def test_the_settings_fit_on_a_phone(phone: Stage) -> None:
    """Nothing of the panel is wider than the screen."""
    phone.page.get_by_role("button", name="Inspector").click()
    settings = panel(phone, "Settings")
    expect(settings.get_by_label("Webhook URL")).to_be_visible()
    assert settings.evaluate("e => e.scrollWidth <= e.clientWidth")
