"""What LINE does not say: the page shows each guess, and lets an administrator answer otherwise."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Locator, expect

from penniless.simulator.guesses import Guesses, table
from tests.browser.stage import Stage, eventually
from tests.browser.test_console import part

pytestmark = pytest.mark.browser

TOKEN = "For how long does a reply token work?"
REDIRECT = "Does LINE follow a redirect of the webhook?"


def opened(stage: Stage) -> Locator:
    """That part of the settings, unfolded."""
    guesses = part(stage, "Where LINE does not say")
    guesses.locator("summary").click()
    return guesses


def row(guesses: Locator, question: str) -> Locator:
    return guesses.get_by_role("listitem").filter(has_text=question)


def test_every_guess_is_there_with_its_answers(stage: Stage) -> None:
    """Folded away at first; then each question, what is done here, and all of its values."""
    guesses = part(stage, "Where LINE does not say")
    expect(guesses.locator("summary")).to_have_text(f"{len(table())} questions all by default")
    expect(guesses.get_by_role("listitem")).to_have_count(0)
    guesses = opened(stage)
    expect(guesses.get_by_role("listitem")).to_have_count(len(table()))
    for name, (guess, values) in table().items():
        one = row(guesses, guess.question)
        expect(one).to_contain_text(guess.here.replace("`", ""))
        expect(one.locator("code").last).to_contain_text(f"{name}=")
        if isinstance(values[0], bool):
            expect(one.get_by_role("switch")).to_be_checked(checked=values[0])
        else:
            options = one.get_by_role("combobox").locator("option")
            expect(options).to_have_count(len(values))
            expect(options.first).to_contain_text("(default)")
    expect(guesses.get_by_text("changed", exact=True).locator("visible=true")).to_have_count(0)


def test_another_answer_is_chosen(stage: Stage) -> None:
    """It counts at once, is said to be saved, and is marked while it is not the default."""
    world = stage.simulator.world
    guesses = opened(stage)
    one = row(guesses, TOKEN)
    mark = one.get_by_text("changed", exact=True)
    guesses.get_by_role("combobox", name=TOKEN).select_option("30")
    expect(guesses.get_by_role("status")).to_have_text("Saved")
    expect(mark).to_be_visible()
    expect(one).to_contain_text("By default: For a minute")
    expect(one.locator("code")).to_have_text("replyTokenSeconds=30")
    expect(guesses.locator("summary")).to_contain_text("1 changed")
    assert world.guesses == Guesses(reply_token_seconds=30)
    guesses.get_by_role("combobox", name=TOKEN).select_option("60 (default)")
    expect(mark).to_be_hidden()
    expect(guesses.locator("summary")).to_contain_text("all by default")
    assert world.guesses == Guesses()


def test_a_guess_is_switched_with_the_keyboard(stage: Stage) -> None:
    """On and off again; what stands beside the switch is what the command line takes."""
    guesses = opened(stage)
    guesses.get_by_role("switch", name=REDIRECT).focus()
    stage.page.keyboard.press("Space")
    expect(row(guesses, REDIRECT).locator("code").last).to_have_text("followsRedirects=true")
    assert stage.simulator.world.guesses == Guesses(follows_redirects=True)
    stage.page.keyboard.press("Space")
    expect(row(guesses, REDIRECT).locator("code").last).to_have_text("followsRedirects=false")
    assert stage.simulator.world.guesses == Guesses()


def test_all_go_back_to_the_defaults(stage: Stage) -> None:
    """In one tap; and there is nothing to tap where nothing was changed."""
    asked = {"replyTokenSeconds": 30, "greetsOnUnblock": False, "beyondQuota": "asManyAsFit"}
    guesses = opened(stage)
    back = guesses.get_by_role("button", name="Back to the defaults")
    expect(back).to_be_disabled()
    httpx.post(f"{stage.url}/sim/channel", json={"guesses": asked}).raise_for_status()
    expect(guesses.locator("summary")).to_contain_text("3 changed")
    expect(row(guesses, "the quota has left").locator("option:checked")).to_have_text(
        "as many as fit"
    )
    back.click()
    expect(guesses.locator("summary")).to_contain_text("all by default")
    expect(guesses.get_by_role("status")).to_have_text("Saved")
    expect(guesses.locator("summary")).to_be_focused()
    expect(back).to_be_disabled()
    assert stage.simulator.world.guesses == Guesses()


def test_news_of_the_world_leaves_the_focus_alone(stage: Stage) -> None:
    """A change from elsewhere is shown in its row; the row in use is not made anew."""
    guesses = opened(stage)
    select = guesses.get_by_role("combobox", name=TOKEN)
    select.focus()
    asked = {"guesses": {"followsRedirects": True}}
    httpx.post(f"{stage.url}/sim/channel", json=asked).raise_for_status()
    expect(guesses.get_by_role("switch", name=REDIRECT)).to_be_checked()
    expect(select).to_be_focused()


def test_what_was_not_taken_goes_back(stage: Stage) -> None:
    """Without the simulator nothing is changed, and the page says so."""
    guesses = opened(stage)
    select = guesses.get_by_role("combobox", name=TOKEN)
    switch = guesses.get_by_role("switch", name=REDIRECT)
    stage.page.context.set_offline(True)
    try:
        select.select_option("30")
        expect(stage.page.locator(".toast.bad").first).to_contain_text("does not answer")
        expect(select).to_have_value("0")
        switch.click()
        expect(switch).not_to_be_checked()
    finally:
        stage.page.context.set_offline(False)
    expect(guesses.get_by_role("status")).to_be_empty()
    assert stage.simulator.world.guesses == Guesses()
    stage.errors.clear()  # the browser lists what it could not fetch


def test_the_last_guess_on_a_phone(phone: Stage) -> None:
    """A tap leads to the guesses and unfolds them; far down, "Saved" is still in sight."""
    phone.page.get_by_role("button", name="Inspector").click()
    guesses = part(phone, "Where LINE does not say")
    jumps = phone.page.get_by_role("navigation", name="Settings")
    jumps.get_by_role("button", name="Guesses").click()
    last = guesses.get_by_role("listitem").last
    last.scroll_into_view_if_needed()
    last.get_by_role("switch").tap()
    expect(guesses.get_by_role("status")).to_have_text("Saved")
    expect(guesses.get_by_role("status")).to_be_in_viewport()
    expect(last.get_by_text("changed", exact=True)).to_be_visible()
    eventually(phone.page, lambda: phone.simulator.world.guesses.content_expires)
    panel = phone.page.get_by_role("tabpanel", name="Settings")
    assert panel.evaluate("e => e.scrollWidth <= e.clientWidth")
