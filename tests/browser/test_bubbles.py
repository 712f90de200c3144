"""How messages look: every type is drawn, and Flex follows LINE's rules of layout."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.stage import PICTURES, Stage, eventually

pytestmark = pytest.mark.browser

Json = dict[str, Any]
PHOTO = f"{PICTURES}/photo.png"
MODULES = Path(__file__).parents[2] / "src" / "penniless" / "simulator" / "page" / "js"


def text(words: str, **more: Any) -> Json:
    return {"type": "text", "text": words, **more}


def box(layout: str, *contents: Json, **more: Any) -> Json:
    return {"type": "box", "layout": layout, "contents": list(contents), **more}


def shown(stage: Stage, *messages: Json) -> Locator:
    """The bot's bubbles for these messages."""
    for message in messages:
        stage.bot_says(message)
    stage.open()
    expect(stage.theirs).to_have_count(len(messages))
    return stage.theirs


def flexed(stage: Stage, body: Json, **more: Any) -> Locator:
    contents = {"type": "bubble", "body": body, **more}
    return shown(stage, {"type": "flex", "altText": "flex", "contents": contents})


def style(element: Locator, name: str) -> str:
    value: str = element.evaluate("(e, name) => getComputedStyle(e)[name]", name)
    return value


def size(element: Locator) -> tuple[float, float]:
    found = element.bounding_box()
    assert found is not None
    return round(found["width"], 1), round(found["height"], 1)


def test_line_emojis_and_mentions_stand_where_the_text_says(backstage: Stage) -> None:
    """Places count UTF-16 units, so an emoji before them does not shift them."""
    emoji = {"index": 3, "productId": "p", "emojiId": "1"}
    v2 = {
        "type": "textV2",
        "text": "{{x}} {hi} {who}!",
        "substitution": {
            "hi": {"type": "emoji", "productId": "p", "emojiId": "2"},
            "who": {"type": "mention", "mentionee": {"type": "user", "userId": "?"}},
        },
    }
    v2["substitution"]["who"]["mentionee"]["userId"] = backstage.id_of("bob")  # type: ignore[index]
    bubbles = shown(backstage, {"type": "text", "text": "😀 $!", "emojis": [emoji]}, v2)
    expect(bubbles.nth(0)).to_have_text("😀 !")
    expect(bubbles.nth(0).get_by_role("img", name="LINE emoji p/1")).to_be_visible()
    expect(bubbles.nth(1)).to_have_text("{x}  @Bob!")
    expect(bubbles.nth(1).get_by_role("img", name="LINE emoji p/2")).to_be_visible()


def test_pictures_video_sound_and_place(backstage: Stage) -> None:
    """Samples are loaded from the simulator; the video plays only when asked to."""
    media = {"originalContentUrl": PHOTO, "previewImageUrl": f"{PICTURES}/photo-small.png"}
    place = {"title": "วัดอรุณ", "address": "กรุงเทพฯ", "latitude": 13.7, "longitude": 100.5}
    bubbles = shown(
        backstage,
        {"type": "image", **media},
        {"type": "video", **media},
        {"type": "audio", "originalContentUrl": f"{PICTURES}/tone.wav", "duration": 61_000},
        {"type": "location", **place},
    )
    assert bubbles.nth(0).locator("img").evaluate("e => new URL(e.src).pathname") == (
        "/sim/samples/photo-small.png"
    )
    expect(bubbles.nth(1).get_by_role("button", name="Video from Penny: play")).to_be_visible()
    expect(bubbles.nth(1).locator("video")).to_have_count(0)
    expect(bubbles.nth(2)).to_have_text("1:01")
    expect(bubbles.nth(3)).to_contain_text("วัดอรุณ")
    expect(bubbles.nth(3).locator("a")).to_have_attribute("href", re.compile("openstreetmap"))


def test_a_video_watched_to_its_end_tells_the_bot(backstage: Stage) -> None:
    """With a tracking id the end of the video is a videoPlayComplete event."""
    media = {"originalContentUrl": f"{PICTURES}/clip.mp4", "previewImageUrl": PHOTO}
    bubbles = shown(backstage, {"type": "video", **media, "trackingId": "t-1"})
    bubbles.get_by_role("button", name="Video from Penny: play").click()
    player = bubbles.locator("video")
    expect(player).to_be_visible()
    player.evaluate("e => { e.muted = true; e.playbackRate = 8; return e.play(); }")
    webhook = backstage.page.locator(".wire-webhook")
    expect(webhook).to_contain_text("videoPlayComplete")
    webhook.locator("summary").first.click()
    expect(webhook).to_contain_text('"trackingId": "t-1"')


def test_a_picture_that_does_not_load_says_so(backstage: Stage) -> None:
    """Instead of a broken image stands a notice with the address."""
    address = f"{PICTURES}/nothing.png"
    image = {"type": "image", "originalContentUrl": address, "previewImageUrl": address}
    bubbles = shown(backstage, image)
    expect(bubbles.first).to_contain_text("Could not be loaded")
    backstage.errors.clear()  # the browser lists the 404


def test_imagemap_areas_scale_with_the_picture(backstage: Stage) -> None:
    """An area of a quarter of baseSize is a quarter of what is shown, and taps its action."""
    area = {"x": 520, "y": 520, "width": 520, "height": 520}
    bubbles = shown(
        backstage,
        {
            "type": "imagemap",
            "baseUrl": f"{PICTURES}/map",
            "altText": "四",
            "baseSize": {"width": 1040, "height": 1040},
            "actions": [{"type": "message", "label": "四", "text": "四番", "area": area}],
        },
    )
    whole, part = size(bubbles.locator(".imagemap")), size(bubbles.locator(".area"))
    assert (round(part[0] * 2), round(part[1] * 2)) == (round(whole[0]), round(whole[1]))
    bubbles.get_by_role("button", name="四").click()
    expect(backstage.mine).to_have_text(["四番"])


def test_carousels_scroll_sideways(backstage: Stage) -> None:
    """Columns stand in one row that the keyboard can scroll."""
    buy = {"type": "message", "label": "買う"}
    columns = [
        {"title": f"{n} 商品", "text": "อร่อย", "actions": [{**buy, "text": str(n)}]}
        for n in range(5)
    ]
    template = {"type": "carousel", "columns": columns}
    bubbles = shown(backstage, {"type": "template", "altText": "商品", "template": template})
    track = bubbles.locator(".track")
    assert track.evaluate("e => e.scrollWidth > e.clientWidth")
    track.focus()
    backstage.page.keyboard.press("ArrowRight")
    eventually(backstage.page, lambda: track.evaluate("e => e.scrollLeft") > 0)
    bubbles.get_by_role("button", name="買う").last.click()
    expect(backstage.mine).to_have_text(["4"])


def test_bubble_sizes(backstage: Stage) -> None:
    """Each size keyword has its width."""
    widths = {"nano": 120, "micro": 160, "kilo": 260, "mega": 300, "giga": 386}
    body = box("vertical", text("幅"))
    contents = [{"type": "bubble", "size": name, "body": body} for name in widths]
    flexes = [{"type": "flex", "altText": "幅", "contents": one} for one in contents]
    bubbles = shown(backstage, *flexes)
    found = [size(one)[0] for one in bubbles.locator(".fx-bubble").all()]
    assert found == list(widths.values())


def test_a_row_shares_its_width_by_flex(backstage: Stage) -> None:
    """1 : 2 of what is left beside the one with flex 0; spacing lies between."""
    row = box("horizontal", text("a", flex=1), text("b", flex=2), text("c", flex=0), spacing="md")
    bubbles = flexed(backstage, box("vertical", row, paddingAll="0px"))
    a, b, c = (size(bubbles.locator(".fx-text").nth(n))[0] for n in range(3))
    assert abs(a + b + c + 2 * 8 - 300) < 0.5
    assert abs(b - 2 * a) < 0.5
    assert c < 20


def test_box_properties_become_styles(backstage: Stage) -> None:
    """Padding, border, corners, colours, gradient, size, position and alignment."""
    inner = box(
        "vertical",
        text("x"),
        width="50%",
        height="80px",
        paddingAll="md",
        paddingTop="20px",
        borderWidth="medium",
        borderColor="#ff0000",
        cornerRadius="lg",
        backgroundColor="#00ff0080",
        justifyContent="center",
        alignItems="flex-end",
        background={
            "type": "linearGradient",
            "angle": "90deg",
            "startColor": "#000000",
            "endColor": "#ffffff",
            "centerColor": "#ff0000",
            "centerPosition": "30%",
        },
        position="absolute",
        offsetTop="10px",
        offsetEnd="-5px",
    )
    bubbles = flexed(backstage, box("vertical", inner, paddingAll="0px", height="200px"))
    element = bubbles.locator(".fx-box .fx-box")
    assert size(element) == (150, 80)
    expected = {
        "padding": "20px 8px 8px",
        "borderTopWidth": "2px",
        "borderTopColor": "rgb(255, 0, 0)",
        "borderRadius": "12px",
        "backgroundColor": "rgba(0, 255, 0, 0.5)",
        "justifyContent": "center",
        "alignItems": "flex-end",
        "position": "absolute",
        "top": "10px",
        "right": "-5px",
    }
    found = {name: style(element, name) for name in expected}
    found["backgroundColor"] = found["backgroundColor"].replace("0.502", "0.5")
    assert found == expected
    assert style(element, "backgroundImage").startswith("linear-gradient(90deg, rgb(0, 0, 0) 0%")


def test_text_properties_become_styles(backstage: Stage) -> None:
    """Sizes, weights, spans, wrapping, the most lines."""
    long = "いろはにほへとちりぬるを" * 8
    span = {"type": "span", "text": "赤", "color": "#ff0000", "weight": "bold", "size": "xl"}
    body = box(
        "vertical",
        text(
            "太字", weight="bold", size="lg", color="#0000ff", align="end", decoration="underline"
        ),
        text(long),
        text(long, wrap=True, maxLines=2),
        {"type": "text", "contents": [span, {"type": "span", "text": "い", "style": "italic"}]},
    )
    parts = flexed(backstage, body).locator(".fx-text")
    first = {name: style(parts.nth(0), name) for name in ("fontWeight", "fontSize", "color")}
    assert first == {"fontWeight": "700", "fontSize": "19px", "color": "rgb(0, 0, 255)"}
    assert style(parts.nth(0), "textAlign") == "end"
    one, two = size(parts.nth(1))[1], size(parts.nth(2))[1]
    assert 1.8 < two / one < 2.2
    spans = parts.nth(3).locator(".fx-span")
    assert style(spans.nth(0), "fontSize") == "22px"
    assert style(spans.nth(0), "color") == "rgb(255, 0, 0)"
    assert style(spans.nth(1), "fontStyle") == "italic"


def test_images_buttons_separators_and_taps(backstage: Stage) -> None:
    """Ratios, heights, colours; the innermost action alone acts."""
    tap = {"type": "message", "label": "内", "text": "内側"}
    picture = {"type": "image", "url": PHOTO}
    body = box(
        "vertical",
        {**picture, "size": "full", "aspectRatio": "20:10", "aspectMode": "cover"},
        {"type": "separator", "color": "#ff0000", "margin": "md"},
        {"type": "button", "action": tap, "style": "primary", "color": "#112233", "height": "sm"},
        {"type": "button", "action": {**tap, "label": "link"}},
        action={"type": "message", "label": "外", "text": "外側"},
        paddingAll="0px",
    )
    bubbles = flexed(backstage, body)
    assert size(bubbles.locator(".fx-frame")) == (300, 150)
    assert style(bubbles.locator(".fx-frame img"), "objectFit") == "cover"
    assert style(bubbles.locator(".fx-separator"), "backgroundColor") == "rgb(255, 0, 0)"
    low, link = bubbles.locator(".fx-button").nth(0), bubbles.locator(".fx-button").nth(1)
    assert (size(low)[1], size(link)[1]) == (40, 52)
    assert style(low, "backgroundColor") == "rgb(17, 34, 51)"
    low.click()
    expect(backstage.mine).to_have_text(["内側"])
    bubbles.locator(".fx-frame").click()
    expect(backstage.mine).to_have_text(["内側", "外側"])


def test_the_page_never_builds_markup_from_text() -> None:
    """No module of the page uses an interface that turns text into elements or code."""
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function"
        r"|createContextualFragment|setHTML|\.cssText|setAttribute\(\s*[\"']style"
    )
    modules = {one.name: one.read_text("utf-8") for one in MODULES.rglob("*.js")}
    assert len(modules) > 40
    found = [f"{name}: {m[0]}" for name, code in modules.items() for m in forbidden.finditer(code)]
    assert found == []
