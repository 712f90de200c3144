"""Talking to a bot on the chat page, as a person would."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.stage import Stage, eventually

pytestmark = pytest.mark.browser


def test_what_is_typed_is_sent_and_the_echo_comes_back(stage: Stage) -> None:
    """Typing "hello" and Enter shows one's own bubble and the bot's answer."""
    stage.say("hello")
    expect(stage.mine).to_have_text(["hello"])
    expect(stage.theirs).to_have_text(["hello"])
    expect(stage.box).to_have_value("")


def test_text_of_every_script_and_line_breaks_come_through(stage: Stage) -> None:
    """Japanese, Thai, Chinese, emoji and newlines look as they were typed."""
    words = "こんにちは 😊\nสวัสดี 👨‍👩‍👧‍👦\n你好，世界"
    stage.say(words)
    assert stage.theirs.first.locator(".words").evaluate("e => e.textContent") == words
    expect(stage.theirs.first).to_have_attribute("lang", "ja")
    assert stage.theirs.first.bounding_box()["height"] > 60  # type: ignore[index]


def test_shift_enter_makes_a_line_and_sends_nothing(stage: Stage) -> None:
    """Shift+Enter is a newline; the message goes at Enter."""
    stage.box.type("one")
    stage.box.press("Shift+Enter")
    stage.box.type("two")
    expect(stage.box).to_have_value("one\ntwo")
    expect(stage.mine).to_have_count(0)
    stage.box.press("Enter")
    expect(stage.mine).to_have_count(1)


def test_enter_while_composing_confirms_and_does_not_send(stage: Stage) -> None:
    """An input method's own Enter, as in Japanese, is left to the input method."""
    stage.box.fill("にほんご")
    press = "new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, isComposing: %s})"
    stage.box.evaluate(f"box => box.dispatchEvent({press % 'true'})")
    expect(stage.box).to_have_value("にほんご")
    expect(stage.mine).to_have_count(0)
    stage.box.evaluate(f"box => box.dispatchEvent({press % 'false'})")
    expect(stage.mine).to_have_text(["にほんご"])


def test_a_quick_reply_is_tapped_and_all_of_them_vanish(stage: Stage) -> None:
    """A message action sends its text, and the chips go."""
    stage.say("quick")
    stage.chips.filter(has_text="寿司").click()
    expect(stage.theirs).to_have_text(["どれ?", "寿司"])
    expect(stage.chips).to_have_count(0)


def test_a_quick_reply_postback_shows_its_display_text(stage: Stage) -> None:
    """displayText becomes the person's bubble; the bot gets the data."""
    stage.say("quick")
    stage.chips.filter(has_text="ส่ง").click()
    expect(stage.mine).to_have_text(["quick", "ส่งแล้ว"])
    expect(stage.theirs.last).to_have_text("postback quick=1")


def test_quick_replies_go_with_the_next_message_and_stay_gone_after_a_reload(stage: Stage) -> None:
    """They belong to the last message only."""
    stage.say("quick")
    expect(stage.chips).to_have_count(5)
    stage.say("something else")
    expect(stage.chips).to_have_count(0)
    expect(stage.theirs).to_have_text(["どれ?", "something else"])
    stage.open()
    expect(stage.theirs).to_have_count(2)
    expect(stage.chips).to_have_count(0)


def test_a_button_sends_its_postback(stage: Stage) -> None:
    """A buttons template's postback action reaches the bot, with and without displayText."""
    stage.say("buttons")
    stage.page.get_by_role("button", name="注文する").click()
    expect(stage.theirs.last).to_have_text("postback item=1")
    expect(stage.mine).to_have_text(["buttons", "注文です"])
    stage.page.get_by_role("button", name="静かに").click()
    expect(stage.theirs.last).to_have_text("postback item=2")
    expect(stage.mine).to_have_count(2)


def test_another_scheme_is_named_and_not_opened(stage: Stage) -> None:
    """tel: shows what a phone would do."""
    stage.say("buttons")
    stage.page.get_by_role("button", name="電話").click()
    expect(stage.page.get_by_text("A phone would open tel:0312345678")).to_be_visible()


def test_a_date_is_picked_within_its_range(stage: Stage) -> None:
    """The date picker starts at initial, keeps to min and max, and sends params.date."""
    stage.say("quick")
    stage.chips.filter(has_text="日付").click()
    dialog = stage.page.get_by_role("dialog")
    picker = dialog.get_by_label("Choose a date")
    expect(picker).to_have_value("2026-01-15")
    picker.fill("2026-02-20")
    dialog.get_by_role("button", name="Choose").click()
    expect(dialog).to_be_visible()  # out of range: not taken
    picker.fill("2026-01-20")
    dialog.get_by_role("button", name="Choose").click()
    expect(stage.theirs.last).to_have_text("postback day 2026-01-20")
    expect(stage.chips).to_have_count(0)


def test_a_cancelled_date_sends_nothing_and_keeps_the_quick_replies(stage: Stage) -> None:
    """Escape closes the picker, and one can choose again."""
    stage.say("quick")
    stage.chips.filter(has_text="日付").click()
    stage.page.keyboard.press("Escape")
    expect(stage.page.get_by_role("dialog")).to_have_count(0)
    expect(stage.chips).to_have_count(5)
    expect(stage.theirs).to_have_count(1)


def test_the_clipboard_action_copies(stage: Stage) -> None:
    """A clipboard action copies its text and sends nothing."""
    stage.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    stage.say("quick")
    stage.chips.filter(has_text="Copy").click()
    expect(stage.page.get_by_text("Copied")).to_be_visible()
    assert stage.page.evaluate("navigator.clipboard.readText()") == "PENNY"
    expect(stage.chips).to_have_count(5)


def test_a_location_action_sends_a_place(stage: Stage) -> None:
    """The location action offers sample places and sends the chosen one."""
    stage.say("quick")
    stage.chips.filter(has_text="Place").click()
    stage.page.get_by_role("button", name="台北101").click()
    stage.page.get_by_role("button", name="Send", exact=True).last.click()
    expect(stage.mine.last).to_contain_text("台北101")


@pytest.mark.parametrize(("kind", "capture"), [("camera", "environment"), ("cameraRoll", None)])
def test_camera_actions_open_the_camera_or_the_album(
    backstage: Stage, tmp_path: Path, kind: str, capture: str | None
) -> None:
    """A phone opens its camera for the one; what is chosen is sent, and the quick replies go."""
    action = {"type": kind, "label": "写真"}
    replies = {"items": [{"type": "action", "action": action}]}
    backstage.bot_says({"type": "text", "text": "?", "quickReply": replies})
    backstage.open()
    picture = tmp_path / "写真 1.png"
    picture.write_bytes(httpx.get(f"{backstage.url}/sim/samples/star.png").content)
    with backstage.page.expect_file_chooser() as chooser:
        backstage.chips.click()
    assert chooser.value.element.get_attribute("capture") == capture
    assert chooser.value.is_multiple() == (kind == "cameraRoll")
    chooser.value.set_files(picture)
    expect(backstage.mine.locator("img")).to_be_visible()
    expect(backstage.chips).to_have_count(0)


def test_a_sticker_is_chosen_and_drawn(stage: Stage) -> None:
    """The picker's sticker is sent by its ids and drawn in the chat."""
    stage.page.get_by_role("button", name="Stickers").click()
    stage.page.get_by_title("446 / 1990", exact=True).click()
    expect(stage.mine.get_by_role("img", name=re.compile("^Sticker: "))).to_be_visible()
    expect(stage.page.locator(".sticker-panel")).to_be_hidden()
    assert (
        stage.simulator.world.chat(stage.id_of("alice")).entries[-1].message["stickerId"] == "1990"
    )


def test_a_picture_from_the_disk_is_sent_and_enlarged(stage: Stage, tmp_path: Path) -> None:
    """An attached picture appears in the chat; a tap shows it large, Escape closes it."""
    file = tmp_path / "写真.svg.png"
    file.write_bytes(stage.page.request.get(f"{stage.url}/sim/samples/photo-small.png").body())
    with stage.page.expect_file_chooser() as chooser:
        stage.page.get_by_role("button", name="Attach").click()
        stage.page.get_by_role("menuitem", name="Photo or video").click()
    chooser.value.set_files(file)
    picture = stage.mine.locator("img")
    expect(picture).to_be_visible()
    eventually(stage.page, lambda: picture.evaluate("e => e.naturalWidth") == 240)
    picture.click()
    expect(stage.page.get_by_role("dialog").locator("img")).to_be_visible()
    stage.page.keyboard.press("Escape")
    expect(stage.page.get_by_role("dialog")).to_have_count(0)


def test_a_dropped_file_is_sent(stage: Stage) -> None:
    """A file dropped on the chat goes as a file message with its name."""
    stage.page.locator("#talk").evaluate(
        """talk => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["12345"], "ใบเสร็จ.txt", {type: "text/plain"}));
          const how = {dataTransfer, bubbles: true, cancelable: true};
          talk.dispatchEvent(new DragEvent("drop", how));
        }"""
    )
    expect(stage.mine).to_contain_text(["ใบเสร็จ.txt"])
    expect(stage.mine).to_contain_text(["5 bytes"])


def test_one_can_quote_and_unsend(stage: Stage) -> None:
    """The context menu replies to a message, and takes one's own back."""
    stage.say("hello")
    expect(stage.theirs).to_have_count(1)
    stage.theirs.first.locator(".bubble").click(button="right")
    stage.page.get_by_role("menuitem", name="Reply").click()
    stage.say("about that")
    expect(stage.mine.last.locator(".quote")).to_contain_text("hello")
    stage.mine.first.locator(".bubble").click(button="right")
    stage.page.get_by_role("menuitem", name="Unsend").click()
    expect(stage.page.get_by_text("You unsent a message.")).to_be_visible()
    expect(stage.mine).to_have_count(1)


def test_a_long_press_opens_the_menu(phone: Stage) -> None:
    """On a touch screen a message is held down."""
    phone.say("hello")
    finger = {"pointerType": "touch", "clientX": 200, "clientY": 200}
    phone.mine.first.locator(".bubble").dispatch_event("pointerdown", finger)
    expect(phone.page.get_by_role("menuitem", name="Unsend")).to_be_visible()


def test_the_loading_dots_show(stage: Stage) -> None:
    """The loading animation shows until the bot's message comes."""
    stage.say("loading")
    dots = stage.page.get_by_role("img", name="Penny is preparing an answer")
    expect(dots).to_be_visible()
    stage.say("done")
    expect(stage.theirs).to_have_text(["done"])
    expect(dots).to_have_count(0)


def test_a_reload_keeps_the_chat(stage: Stage) -> None:
    """What was said is there again, with the same person."""
    stage.chat_with("Bob").click()
    stage.say("hello")
    expect(stage.theirs).to_have_text(["hello"])
    stage.page.reload()
    expect(stage.mine).to_have_text(["hello"])
    expect(stage.theirs).to_have_text(["hello"])
    expect(stage.chat_with("Bob")).to_have_attribute("aria-current", "true")


def test_the_keyboard_alone_is_enough(stage: Stage) -> None:
    """Skip link, typing, tapping a button, the message menu: without a mouse."""
    keys = stage.page.keyboard
    keys.press("Tab")
    expect(stage.page.locator(".skip")).to_be_focused()
    keys.press("Enter")
    expect(stage.box).to_be_focused()
    keys.type("quick")
    keys.press("Enter")
    expect(stage.chips).to_have_count(5)
    keys.press("Shift+Tab")  # the attach button
    for _ in range(5):
        keys.press("Shift+Tab")
    expect(stage.chips.first).to_be_focused()
    keys.press("Enter")
    expect(stage.theirs).to_have_text(["どれ?", "寿司"])
    expect(stage.page.get_by_role("log", name="Messages")).to_be_focused()
    keys.press("ArrowUp")
    keys.press("Enter")
    expect(stage.page.get_by_role("menuitem", name="Reply")).to_be_focused()
    keys.press("ArrowDown")
    expect(stage.page.get_by_role("menuitem", name="Copy text")).to_be_focused()
    keys.press("Escape")
    expect(stage.page.get_by_role("menu")).to_have_count(0)


def test_a_screen_reader_hears_the_answer(stage: Stage) -> None:
    """New messages of the bot are put into a live region."""
    stage.say("hello")
    expect(stage.page.locator("#announcer")).to_have_text("Penny: hello")
