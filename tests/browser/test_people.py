"""Several people, groups, and who is a friend."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.stage import Stage

pytestmark = pytest.mark.browser


def test_each_person_has_a_chat_of_their_own(stage: Stage) -> None:
    """Switching the person switches the chat, and what was said stays with whom it was said."""
    stage.say("I am Alice")
    expect(stage.theirs).to_have_count(1)
    stage.chat_with("Bob").click()
    expect(stage.page.locator(".head-names")).to_contain_text("as Bob")
    expect(stage.mine).to_have_count(0)
    stage.say("I am Bob")
    expect(stage.theirs).to_have_text(["I am Bob"])
    stage.chat_with("Alice").click()
    expect(stage.theirs).to_have_text(["I am Alice"])


def test_a_draft_stays_with_its_chat(stage: Stage) -> None:
    """What was typed and not sent is there again when one comes back."""
    stage.box.fill("書きかけ")
    stage.chat_with("Bob").click()
    expect(stage.box).to_have_value("")
    stage.chat_with("Alice").click()
    expect(stage.box).to_have_value("書きかけ")


def test_messages_to_somebody_else_are_counted(stage: Stage) -> None:
    """A chat that is not open shows how many messages are unread, until it is opened."""
    message = {"from": "bob", "text": "psst"}
    httpx.post(f"{stage.url}/sim/message", json=message).raise_for_status()
    expect(stage.chat_with("Bob").locator(".badge")).to_contain_text("1 unread")
    expect(stage.chat_with("Bob")).to_contain_text("psst")
    expect(stage.page).to_have_title("(1) Penny · Penniless")
    stage.chat_with("Bob").click()
    expect(stage.chat_with("Bob").locator(".badge")).to_have_count(0)


def test_a_new_person_follows_and_is_there_at_once(stage: Stage) -> None:
    """A made-up person gets a chat, which opens."""
    stage.page.get_by_role("button", name="New person").click()
    dialog = stage.page.get_by_role("dialog", name="New person")
    dialog.get_by_label("Name", exact=False).first.fill("hanako")
    dialog.get_by_label("Display name").fill("花子")
    dialog.get_by_role("button", name="Add").click()
    expect(stage.chat_with("花子")).to_have_attribute("aria-current", "true")
    stage.say("はじめまして")
    expect(stage.theirs.last).to_have_text("はじめまして")


def test_a_taken_name_is_refused_in_words(stage: Stage) -> None:
    """The simulator's sentence is shown in the dialog, which keeps what was written."""
    stage.page.get_by_role("button", name="New person").click()
    dialog = stage.page.get_by_role("dialog", name="New person")
    dialog.get_by_label("Name", exact=False).first.fill("alice")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_role("alert")).to_contain_text("taken")
    expect(dialog.get_by_label("Name", exact=False).first).to_have_value("alice")
    stage.errors.clear()  # the browser lists the 409


def test_one_can_block_and_unblock_the_bot(stage: Stage) -> None:
    """Whoever blocks the bot cannot write to it until unblocking."""
    stage.page.get_by_role("button", name="More").click()
    stage.page.get_by_role("menuitem", name="Block Penny").click()
    expect(stage.page.get_by_text("Alice has blocked Penny.")).to_be_visible()
    expect(stage.box).to_be_hidden()
    stage.page.get_by_role("button", name="Unblock").click()
    expect(stage.box).to_be_visible()
    stage.say("again")
    expect(stage.theirs.last).to_have_text("again")


def test_in_a_group_one_speaks_as_any_member(stage: Stage) -> None:
    """One's own bubbles stand on the right, the other members' and the bot's on the left."""
    group = {"name": "family", "members": ["alice", "bob"]}
    httpx.post(f"{stage.url}/sim/groups", json=group).raise_for_status()
    stage.chat_with("family").click()
    stage.say("hi, Bob")
    expect(stage.mine).to_have_text(["hi, Bob"])
    stage.page.get_by_role("radio", name="Bob").check(force=True)
    expect(stage.mine).to_have_count(0)
    expect(stage.theirs.first).to_have_text("hi, Bob")
    stage.say("hi, Alice")
    expect(stage.mine).to_have_text(["hi, Alice"])
    expect(stage.page.locator(".name").filter(has_text="Alice")).to_be_visible()


def test_naming_the_bot_in_a_group_is_a_mention(stage: Stage) -> None:
    """ "@Penny" in a group reaches the bot as a mention of itself."""
    group = {"name": "family", "members": ["alice", "bob"]}
    httpx.post(f"{stage.url}/sim/groups", json=group).raise_for_status()
    stage.chat_with("family").click()
    stage.say("さあ @Penny どうぞ")
    expect(stage.mine.locator(".mention")).to_have_text("@Penny")
    world = stage.simulator.world
    mine = [one for one in world.chat(world.groups["family"].id).entries if one.side == "person"]
    assert mine[0].message["mention"]["mentionees"][0]["isSelf"] is True


def test_the_phone_shows_one_thing_at_a_time(phone: Stage) -> None:
    """On a phone the list of chats and the inspector are drawers over the chat."""
    phone.say("hello")
    expect(phone.theirs).to_have_text(["hello"])
    inspector = phone.page.get_by_role("complementary", name="Inspector")
    expect(inspector).to_be_hidden()
    phone.page.get_by_role("button", name="Inspector", exact=True).click()
    expect(inspector).to_be_visible()
    phone.page.keyboard.press("Escape")
    expect(inspector).to_be_hidden()
    phone.page.get_by_role("button", name="Chats").click()
    phone.chat_with("Bob").click()
    expect(phone.page.locator(".head-names")).to_contain_text("as Bob")
    expect(phone.page.get_by_role("navigation", name="Chats")).to_be_hidden()
    wide = phone.page.evaluate("document.documentElement.scrollWidth")
    assert wide == 390  # nothing sticks out sideways


def test_escape_closes_the_dialog_and_not_the_panel_behind(phone: Stage) -> None:
    """One key press, one step back."""
    phone.page.get_by_role("button", name="Inspector", exact=True).click()
    phone.page.get_by_role("tab", name="Settings").click()
    phone.page.get_by_role("button", name="Add a plan").click()
    phone.page.keyboard.press("Escape")
    expect(phone.page.get_by_role("dialog")).to_have_count(0)
    expect(phone.page.get_by_role("complementary", name="Inspector")).to_be_visible()
    phone.page.keyboard.press("Escape")
    expect(phone.page.get_by_role("complementary", name="Inspector")).to_be_hidden()


def test_whoever_speaks_is_in_view(phone: Stage) -> None:
    """In a large group on a phone, the chosen member is not cut off."""
    names = [f"member-{number}" for number in range(6)]
    for name in names:
        person = {"name": name, "quiet": True}
        httpx.post(f"{phone.url}/sim/people", json=person).raise_for_status()
    group = {"name": "family", "members": ["alice", *names]}
    httpx.post(f"{phone.url}/sim/groups", json=group).raise_for_status()
    phone.open(f"/#group=family&as={names[-1]}")
    phone.page.reload()
    chosen = phone.page.locator(".speaker label:has(input:checked)")
    expect(chosen).to_contain_text("Member-5")
    expect(chosen).to_be_in_viewport(ratio=1)


def test_a_new_friend_may_come_quietly(stage: Stage) -> None:
    """Somebody who has followed for long: no event."""
    stage.page.get_by_role("button", name="New person").click()
    dialog = stage.page.get_by_role("dialog", name="New person")
    dialog.get_by_label("Name", exact=True).fill("hanako")
    dialog.get_by_label("The bot hears of it").uncheck()
    dialog.get_by_role("button", name="Add").click()
    expect(stage.chat_with("Hanako")).to_have_attribute("aria-current", "true")
    expect(stage.page.locator(".wire-webhook")).to_have_count(0)
    assert stage.simulator.world.people["hanako"].friend


def test_what_line_knows_of_somebody_is_set(stage: Stage) -> None:
    """Age, area and the like, for narrowcasts; what is left empty is unknown."""
    stage.chat_with("Bob").click(button="right")
    stage.page.get_by_role("menuitem", name="About Bob").click()
    dialog = stage.page.get_by_role("dialog", name="About Bob")
    dialog.get_by_label("Gender").select_option("Male")
    dialog.get_by_label("Age").fill("34")
    dialog.get_by_label("Area").fill("Tokyo")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Area").fill("jp_13")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(stage.page.get_by_role("dialog")).to_have_count(0)
    known = httpx.get(f"{stage.url}/sim/people/bob").json()["attributes"]
    found = (known["gender"], known["age"], known["area"], known["phone"])
    assert found == ("male", 34, "jp_13", None)
