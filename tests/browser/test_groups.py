"""Groups on the page: members come and go, names are mentioned, texts are edited."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.stage import Stage, eventually

pytestmark = pytest.mark.browser


def family(stage: Stage, *members: str, kind: str = "group") -> None:
    """A group of that name, opened as its first member."""
    about = {"name": "family", "members": list(members), "kind": kind}
    httpx.post(f"{stage.url}/sim/groups", json=about).raise_for_status()
    stage.chat_with("family").click()


def events(stage: Stage) -> list[dict[str, Any]]:
    """Every event that went to the bot, oldest first."""
    entries = httpx.get(f"{stage.url}/sim/wire").json()["entries"]
    return [event for one in entries if one["kind"] == "webhook" for event in one["body"]["events"]]


def members(stage: Stage) -> Locator:
    stage.page.get_by_role("button", name="Members").click()
    return stage.page.get_by_role("dialog", name="Members of family")


def test_people_and_the_bot_come_and_go(stage: Stage) -> None:
    """Each of it is a webhook, and the list says who is in."""
    family(stage, "alice")
    dialog = members(stage)
    dialog.get_by_role("button", name="Bob: Join").click()
    expect(dialog.get_by_role("button", name="Bob: Leave")).to_be_focused()
    expect(stage.page.locator(".head-names h1")).to_have_text("family (3)")
    dialog.get_by_role("button", name="Bob: Leave").click()
    dialog.get_by_role("button", name="Penny: Leave").click()
    dialog.get_by_role("button", name="Penny: Join").click()
    expect(dialog.get_by_role("button", name="Penny: Leave")).to_be_visible()
    kinds = [event["type"] for event in events(stage)]
    assert kinds == ["join", "memberJoined", "memberLeft", "leave", "join"]
    stage.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_group_without_the_bot_says_so(stage: Stage) -> None:
    """What is said there reaches no bot; a line above the chat says it, and lets the bot in."""
    family(stage, "alice")
    line = stage.page.get_by_text("Penny is not in this group: it hears nothing of it.")
    expect(line).to_be_hidden()
    httpx.post(f"{stage.url}/sim/groups/family/leave", json={"person": "bot"}).raise_for_status()
    expect(line).to_be_visible()
    stage.chat_with("Bob").click()
    expect(line).to_be_hidden()
    stage.chat_with("family").click()
    stage.page.get_by_role("button", name="Let Penny join").click()
    expect(line).to_be_hidden()
    assert [event["type"] for event in events(stage)] == ["join", "leave", "join"]


def test_another_member_speaks_when_one_has_left(stage: Stage) -> None:
    """Until all have left: then nobody can write, until somebody comes back."""
    family(stage, "alice", "bob")
    stage.say("from Alice")
    httpx.post(f"{stage.url}/sim/groups/family/leave", json={"person": "alice"}).raise_for_status()
    expect(stage.page.get_by_role("radio", name="Bob")).to_be_checked()
    stage.say("from Bob")
    expect(stage.mine).to_have_text(["from Bob"])
    httpx.post(f"{stage.url}/sim/groups/family/leave", json={"person": "bob"}).raise_for_status()
    expect(stage.page.get_by_text("Nobody is in family.")).to_be_visible()
    expect(stage.box).to_be_hidden()
    expect(stage.page.get_by_role("radiogroup", name="Speak as")).to_be_hidden()
    stage.page.locator(".door").get_by_role("button", name="Members").click()
    stage.page.get_by_role("button", name="Alice: Join").click()
    stage.page.keyboard.press("Escape")
    stage.say("Alice again")
    expect(stage.mine).to_have_text(["from Alice", "Alice again"])


def test_a_name_is_offered_and_mentioned(stage: Stage) -> None:
    """After an @ the names that fit are offered; the bot sees that it was meant."""
    family(stage, "alice", "bob")
    names = stage.page.get_by_role("group", name="Mention")
    stage.box.type("hi @")
    expect(names.get_by_role("button")).to_have_text(["@Penny", "@All", "@Alice", "@Bob"])
    stage.box.type("pe")
    expect(names.get_by_role("button")).to_have_text(["@Penny"])
    names.get_by_role("button", name="@Penny").click()
    expect(stage.box).to_have_value("hi @Penny ")
    expect(stage.box).to_be_focused()
    expect(names).to_be_hidden()
    stage.box.type("and @Bob")
    stage.box.press("Enter")
    expect(stage.mine.locator(".mention")).to_have_text(["@Penny", "@Bob"])
    first, second = events(stage)[-1]["message"]["mention"]["mentionees"]
    assert (first["isSelf"], first["index"], second["isSelf"]) == (True, 3, False)


def test_nobody_is_offered_in_a_chat_of_two(stage: Stage) -> None:
    """Mentions are for groups."""
    stage.box.type("hi @")
    expect(stage.page.get_by_role("group", name="Mention")).to_be_hidden()


def edit_first(stage: Stage, words: str) -> None:
    """Give one's first text in the chat these words, by its menu."""
    stage.mine.first.locator(".bubble").click(button="right")
    stage.page.get_by_role("menuitem", name="Edit").click()
    dialog = stage.page.get_by_role("dialog", name="Edit the message")
    dialog.get_by_role("textbox").fill(words)
    dialog.get_by_role("button", name="Save").click()
    expect(stage.mine).to_have_text([words])


def test_a_text_is_edited_in_a_group(stage: Stage) -> None:
    """The menu of one's own text edits it; the bot gets messageEdited."""
    family(stage, "alice")
    stage.say("helo")
    edit_first(stage, "hello 花")
    expect(stage.page.get_by_text("Edited", exact=True)).to_be_visible()
    assert events(stage)[-1]["type"] == "messageEdited"


def test_an_edited_text_mentions_the_bot(stage: Stage) -> None:
    """A name in the new text is a mention, as it is in a text that is sent."""
    family(stage, "alice")
    stage.say("hello")
    edit_first(stage, "hello @Penny")
    (mentionee,) = events(stage)[-1]["message"]["mention"]["mentionees"]
    assert (mentionee["index"], mentionee["isSelf"]) == (6, True)


def test_a_room_is_made(stage: Stage) -> None:
    """Rooms of old can be made too; their ids begin with R."""
    stage.page.get_by_role("button", name="New group").click()
    dialog = stage.page.get_by_role("dialog", name="New group")
    dialog.get_by_label("Name", exact=False).first.fill("corner")
    dialog.get_by_label("Kind").select_option("room")
    dialog.get_by_role("button", name="Add").click()
    expect(stage.chat_with("corner")).to_have_attribute("aria-current", "true")
    assert stage.simulator.world.groups["corner"].id.startswith("R")


def test_a_stranger_is_made_who_does_not_follow(stage: Stage) -> None:
    """Without following, one sees the door; the bot heard nothing yet."""
    stage.page.get_by_role("button", name="New person").click()
    dialog = stage.page.get_by_role("dialog", name="New person")
    dialog.get_by_label("Name", exact=False).first.fill("carol")
    dialog.get_by_label("Follows the bot at once").uncheck()
    dialog.get_by_role("button", name="Add").click()
    expect(stage.page.get_by_text("carol does not follow Penny yet.")).to_be_visible()
    assert events(stage) == []
    stage.page.get_by_role("button", name="Follow", exact=True).click()
    expect(stage.box).to_be_visible()
    assert events(stage)[-1]["type"] == "follow"


def put_files(stage: Stage, how: str, count: int) -> None:
    """Drop pictures on the chat, or paste them into the box."""
    stage.page.evaluate(
        """async ([how, count]) => {
          const bytes = await (await fetch("/sim/samples/square.png")).arrayBuffer();
          const data = new DataTransfer();
          for (let n = 0; n < count; n += 1)
            data.items.add(new File([bytes], `${n}.png`, {type: "image/png"}));
          const options = {bubbles: true, cancelable: true};
          const event = how === "drop"
            ? new DragEvent("drop", {...options, dataTransfer: data})
            : new ClipboardEvent("paste", {...options, clipboardData: data});
          document.querySelector(how === "drop" ? "#talk" : "#compose-text").dispatchEvent(event);
        }""",
        [how, count],
    )


def test_pictures_dropped_together_are_a_set(stage: Stage) -> None:
    """Each carries the id of the set, its number and how many there are."""
    put_files(stage, "drop", 2)
    expect(stage.mine.locator("img")).to_have_count(2)
    first, second = (event["message"]["imageSet"] for event in events(stage)[-2:])
    assert (first["index"], second["index"], first["total"]) == (1, 2, 2)
    assert first["id"] == second["id"]
    assert len(first["id"]) == 32


def test_a_pasted_picture_is_sent(stage: Stage) -> None:
    """One picture alone is no set."""
    put_files(stage, "paste", 1)
    expect(stage.mine.locator("img")).to_have_count(1)
    message = events(stage)[-1]["message"]
    assert (message["type"], "imageSet" in message) == ("image", False)
    eventually(
        stage.page, lambda: stage.mine.locator("img").first.evaluate("e => e.naturalWidth") > 0
    )
