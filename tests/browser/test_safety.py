"""What a bot sends can run nothing in the page, whatever it writes and wherever it writes it.

The messages are put into the chat past LINE's checks, so that the page stands alone.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.stage import PICTURES, Stage

pytestmark = pytest.mark.browser

RUN = "window.pwned = 1"
IMG = f"<img src=x onerror='{RUN}'>"
SCRIPT = f"</div></textarea></script><script>{RUN}</script>"
SVG = f'"><svg onload="{RUN}">'
EVIL = f"{IMG}{SCRIPT}{SVG}"
URL = f"javascript:{RUN}"
STYLE = f"red;background:url({URL})"
PHOTO = f"{PICTURES}/photo.png"

Json = dict[str, Any]


def tap(label: str = EVIL) -> Json:
    return {"type": "uri", "label": label, "uri": URL}


def box(*contents: Json, **more: Any) -> Json:
    return {"type": "box", "layout": "vertical", "contents": list(contents), **more}


def flex(**body: Any) -> Json:
    return {"type": "flex", "altText": EVIL, "contents": {"type": "bubble", **body}}


MESSAGES: dict[str, Json] = {
    "text": {"type": "text", "text": EVIL},
    "text with emojis": {
        "type": "text",
        "text": f"$ {EVIL}",
        "emojis": [{"index": 0, "productId": EVIL, "emojiId": EVIL}],
    },
    "textV2": {
        "type": "textV2",
        "text": EVIL + " {a} {b} {constructor}",
        "substitution": {
            "a": {"type": "mention", "mentionee": {"type": "user", "userId": EVIL}},
            "b": {"type": "emoji", "productId": EVIL, "emojiId": EVIL},
        },
    },
    "sender": {"type": "text", "text": EVIL, "sender": {"name": EVIL[:20], "iconUrl": URL}},
    "sticker": {"type": "sticker", "packageId": EVIL, "stickerId": EVIL},
    "image": {"type": "image", "originalContentUrl": URL, "previewImageUrl": URL},
    "video": {"type": "video", "originalContentUrl": URL, "previewImageUrl": URL},
    "audio": {"type": "audio", "originalContentUrl": URL, "duration": EVIL},
    "location": {
        "type": "location",
        "title": EVIL,
        "address": EVIL,
        "latitude": EVIL,
        "longitude": EVIL,
    },
    "coupon": {"type": "coupon", "couponId": EVIL},
    "imagemap": {
        "type": "imagemap",
        "baseUrl": f"{PICTURES}/map",
        "altText": EVIL,
        "baseSize": {"width": EVIL, "height": STYLE},
        "actions": [
            {
                "type": "uri",
                "label": EVIL,
                "linkUri": URL,
                "area": {"x": STYLE, "y": 0, "width": 520, "height": 520},
            }
        ],
    },
    "buttons": {
        "type": "template",
        "altText": EVIL,
        "template": {
            "type": "buttons",
            "title": EVIL,
            "text": EVIL,
            "thumbnailImageUrl": URL,
            "imageBackgroundColor": STYLE,
            "defaultAction": tap(),
            "actions": [tap()],
        },
    },
    "confirm": {
        "type": "template",
        "altText": EVIL,
        "template": {"type": "confirm", "text": EVIL, "actions": [tap(), tap()]},
    },
    "carousel": {
        "type": "template",
        "altText": EVIL,
        "template": {
            "type": "carousel",
            "columns": [{"title": EVIL, "text": EVIL, "actions": [tap()]}],
        },
    },
    "image_carousel": {
        "type": "template",
        "altText": EVIL,
        "template": {
            "type": "image_carousel",
            "columns": [{"imageUrl": PHOTO, "action": tap()}],
        },
    },
    "flex": flex(
        size=EVIL,
        direction=EVIL,
        styles={"body": {"backgroundColor": STYLE, "separator": True}},
        header=box({"type": "text", "text": EVIL, "size": STYLE, "color": STYLE, "wrap": True}),
        hero={"type": "image", "url": URL, "aspectRatio": STYLE, "size": STYLE},
        body=box(
            {"type": "text", "contents": [{"type": "span", "text": EVIL, "color": STYLE}]},
            {"type": "button", "action": tap(), "color": STYLE, "style": EVIL},
            {"type": "constructor", "url": URL},
            width=STYLE,
            cornerRadius=STYLE,
            background={"type": "linearGradient", "angle": STYLE, "startColor": STYLE},
            action=tap(),
        ),
    ),
    "flex video": flex(
        hero={"type": "video", "url": URL, "previewUrl": URL, "action": tap(), "aspectRatio": EVIL}
    ),
    "unknown": {"type": "constructor", "text": EVIL},
    "nonsense": {"type": "flex", "altText": None, "contents": [EVIL]},
}


def check_nothing_ran(stage: Stage) -> None:
    """No flag, no smuggled element or handler, no address or style that runs."""
    found = stage.page.evaluate(
        """() => ({
          flag: window.pwned ?? null,
          images: document.querySelectorAll("img[src='x']").length,
          scripts: document.querySelectorAll("body script").length,
          handlers: [...document.querySelectorAll("*")]
            .flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith("on")),
          addresses: [...document.querySelectorAll("[href], [src], [poster]")]
            .map((one) => one.getAttribute("href") ?? one.getAttribute("src") ?? "")
            .filter((address) => /javascript:|onerror/i.test(decodeURIComponent(address))),
          styles: [...document.querySelectorAll("[style]")]
            .map((one) => one.getAttribute("style")).filter((style) => /url\\(|red/.test(style)),
        })"""
    )
    assert found == {
        "flag": None,
        "images": 0,
        "scripts": 0,
        "handlers": [],
        "addresses": [],
        "styles": [],
    }


@pytest.fixture
def hostile(backstage: Stage) -> Stage:
    """A chat in which the bot has sent every hostile message."""
    for message in MESSAGES.values():
        backstage.bot_says(message)
    backstage.open()
    expect(backstage.page.locator(".row.theirs")).to_have_count(len(MESSAGES))
    return backstage


def test_payloads_run_nothing_and_are_shown_as_the_text_they_are(hostile: Stage) -> None:
    """Payloads in every property of every message type do nothing; one reads their characters."""
    hostile.page.locator("#talk-scroll").evaluate("e => e.scrollTo(0, 0)")
    hostile.page.wait_for_timeout(50)  # time for a handler to run, if there were one
    check_nothing_ran(hostile)
    texts = hostile.theirs.all_text_contents()
    assert texts[0] == EVIL
    shown = [name for name, text in zip(MESSAGES, texts, strict=True) if IMG in text]
    assert set(shown) >= {
        "text",
        "text with emojis",
        "textV2",
        "sender",
        "location",
        "coupon",
        "buttons",
        "confirm",
        "carousel",
        "image_carousel",
        "flex",
        "unknown",
    }


def test_taps_on_hostile_addresses_open_nothing(hostile: Stage) -> None:
    """A javascript: address is named as one that cannot be opened."""
    buttons = hostile.page.locator(".template-action, .fx-button, .area, .image-column")
    assert buttons.count() == 7
    for button in buttons.all():
        button.dispatch_event("click")
    expect(hostile.page.locator(".toast").first).to_contain_text("cannot be opened")
    assert len(hostile.page.context.pages) == 1
    check_nothing_ran(hostile)


def test_the_inspector_and_the_lists_show_payloads_as_text(stage: Stage) -> None:
    """What people type, the wire, the log, the list of chats, the banner: no way in either."""
    person = {"name": "mallory", "displayName": IMG, "quiet": True}
    httpx.post(f"{stage.url}/sim/people", json=person).raise_for_status()
    stage.simulator.set_bot_status("failed", EVIL)
    expect(stage.page.locator(".banner.failed pre")).to_have_text(EVIL)
    stage.chat_with(IMG).click()
    stage.say(EVIL)
    expect(stage.theirs).to_have_text([EVIL])
    for row in stage.page.locator(".wire-row > summary").all():
        row.click()
    expect(stage.page.locator(".wire-details").first).to_contain_text("onerror")
    stage.page.get_by_role("tab", name="Log").click()
    expect(stage.page.locator(".log-row")).to_contain_text(IMG)
    stage.page.locator(".log-open").click()
    check_nothing_ran(stage)


def test_links_in_texts_open_outside_and_tell_nothing(backstage: Stage) -> None:
    """Only http and https become links; they open in a new tab without opener or referrer."""
    words = f"https://example.com/a_(b)をみて {URL} data:text/html,x http://例え.jp ftp://x.example"
    backstage.bot_says({"type": "text", "text": words})
    backstage.open()
    links = backstage.theirs.locator("a")
    expect(links).to_have_count(1)
    expect(links).to_have_attribute("href", "https://example.com/a_(b)")
    expect(links).to_have_attribute("rel", "noopener noreferrer")
    expect(links).to_have_attribute("target", "_blank")
    assert backstage.theirs.first.text_content() == words


def test_the_page_is_served_under_a_policy_that_forbids_inline_code(stage: Stage) -> None:
    """Even a hole in the page would meet the Content-Security-Policy."""
    policy = httpx.get(stage.url).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    stage.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=pwned=1>')"
    )
    stage.page.wait_for_timeout(100)
    assert stage.page.evaluate("window.pwned ?? null") is None
    assert any("Content Security Policy" in error for error in stage.errors)
    stage.errors.clear()
