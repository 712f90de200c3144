"""A long chat stays quick: counted in nodes and layouts, not in seconds."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.flex_set import shop
from tests.browser.stage import Stage, eventually

pytestmark = pytest.mark.browser

MANY = 1_000
NODES_A_ROW = 24
DRAWN = """() => [...document.querySelectorAll("#talk-list > .row")]
  .filter((row) => row.firstElementChild.checkVisibility({contentVisibilityAuto: true})).length"""


def counts(stage: Stage) -> dict[str, Any]:
    """Chromium's own counters of the page."""
    session = stage.page.context.new_cdp_session(stage.page)
    session.send("Performance.enable")
    found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return found


@pytest.fixture
def long(backstage: Stage) -> Stage:
    """A thousand messages in three scripts, opened."""
    for number in range(MANY):
        backstage.bot_says({"type": "text", "text": f"{number} ขอบคุณ ありがとう 谢谢 🎉"})
    backstage.open()
    expect(backstage.page.locator(".row.theirs")).to_have_count(MANY)
    expect(backstage.theirs.last).to_be_in_viewport()
    return backstage


def test_only_what_is_near_the_screen_is_laid_out(long: Stage) -> None:
    """Of a thousand rows a few dozen are drawn, at the end and wherever one scrolls."""
    assert 0 < long.page.evaluate(DRAWN) < 100
    for part in (0, 0.5, 0.9):
        long.page.locator("#talk-scroll").evaluate(
            "(e, part) => { e.scrollTop = e.scrollHeight * part; }", part
        )
        long.page.evaluate("() => new Promise(requestAnimationFrame)")
        long.page.evaluate("() => new Promise(requestAnimationFrame)")
        assert 0 < long.page.evaluate(DRAWN) < 100


def test_a_message_costs_a_few_nodes(long: Stage) -> None:
    """The page's elements grow with the messages, by a small number for each."""
    elements = long.page.evaluate("document.querySelectorAll('#talk-list *').length")
    assert elements < MANY * NODES_A_ROW


def test_one_more_message_costs_no_more_than_in_a_short_chat(long: Stage) -> None:
    """A new message adds one row and a handful of layouts; no other row is touched."""
    watch = """() => {
      window.touched = 0;
      new MutationObserver((changes) => {
        for (const {addedNodes, removedNodes} of changes)
          window.touched += addedNodes.length + removedNodes.length;
      }).observe(document.querySelector("#talk-list"), {childList: true});
    }"""
    long.page.evaluate(watch)
    before = counts(long)
    long.say("hello")
    expect(long.theirs.last).to_have_text("hello")
    expect(long.theirs.last).to_be_in_viewport()
    after = counts(long)
    assert 2 <= long.page.evaluate("window.touched") <= 8
    assert after["LayoutCount"] - before["LayoutCount"] < 120


def test_many_flex_messages_are_skipped_too(backstage: Stage) -> None:
    """Two hundred bubbles of four blocks: pictures out of sight are not drawn."""
    for _ in range(200):
        backstage.bot_says({"type": "flex", "altText": "店", "contents": shop()})
    backstage.open()
    expect(backstage.page.locator(".row.theirs")).to_have_count(200)
    expect(backstage.theirs.last).to_be_in_viewport()
    assert 0 < backstage.page.evaluate(DRAWN) < 30


def test_what_grows_while_the_end_is_reached_does_not_hide_it(backstage: Stage) -> None:
    """A picture that loads moves the end, and the chat goes along; who goes up stays there."""
    for number in range(40):
        backstage.bot_says({"type": "text", "text": f"{number}"})
    backstage.open()
    scroll = backstage.page.locator("#talk-scroll")
    scroll.evaluate("(e) => { e.scrollTop -= 60; }")
    backstage.page.wait_for_timeout(50)
    grow = "const one = document.createElement('p'); one.style.minHeight = '600px';"
    grow += "e.firstElementChild.append(one);"
    scroll.evaluate(f"(e) => {{ e.scrollTop = e.scrollHeight; {grow} }}")
    left = "(e) => e.scrollHeight - e.scrollTop - e.clientHeight"
    eventually(backstage.page, lambda: scroll.evaluate(left) < 2)
    scroll.evaluate("(e) => { e.scrollTop -= 900; }")
    backstage.page.wait_for_timeout(50)
    scroll.evaluate(f"(e) => {{ {grow} }}")
    backstage.page.wait_for_timeout(50)
    assert scroll.evaluate(left) >= 1500


def test_every_script_is_set_in_its_direction(backstage: Stage) -> None:
    """Arabic begins at the right, the others at the left; each has the language of its script."""
    texts = {
        "مرحبا، كيف الحال؟ OK": ("ar", "rtl"),
        "こんにちは、世界": ("ja", "ltr"),
        "สวัสดีชาวโลก": ("th", "ltr"),
        "你好，世界": ("zh-Hant", "ltr"),
        "안녕하세요": ("ko", "ltr"),
        "👩‍👩‍👧‍👦 🇯🇵 👍🏽": ("", "ltr"),
    }
    for words in texts:
        backstage.bot_says({"type": "text", "text": words})
    backstage.open()
    expect(backstage.theirs).to_have_count(len(texts))
    start = """e => {
      const range = document.createRange();
      const letters = e.firstChild;
      range.setStart(letters, 0);
      range.setEnd(letters, 1);
      const first = range.getBoundingClientRect();
      range.selectNodeContents(e);
      const all = range.getBoundingClientRect();
      return first.left - all.left > all.right - first.right ? "rtl" : "ltr";
    }"""
    for element, (words, (language, way)) in zip(
        backstage.theirs.all(), texts.items(), strict=True
    ):
        assert (element.get_attribute("lang") or "") == language, words
        assert element.locator(".words").evaluate(start) == way, words


def test_everything_that_is_pressed_has_a_name(stage: Stage) -> None:
    """No button, field or picture is silent to a screen reader, in any panel."""
    silent = """() => [...document.querySelectorAll("button, input, select, textarea, [role=img]")]
      .filter((one) => !one.closest("[hidden]") && !one.matches("[aria-hidden=true], .unseen"))
      .filter((one) => !one.ariaLabel && !one.textContent.trim())
      .filter((one) => !one.labels?.length && !one.title)
      .map((one) => one.outerHTML)"""
    stage.say("quick")
    expect(stage.chips).to_have_count(5)
    for tab in ("Wire", "Log", "Faults", "Settings"):
        stage.page.get_by_role("tab", name=tab).click()
        assert stage.page.evaluate(silent) == []
