"""Flex Messages of our own set: LINE would take each, and each is laid out as before.

`golden/*.json` hold the boxes and styles of every component, on a laptop and on a phone. Write them
anew with `UPDATE_GOLDEN=1`, and look at the pictures before you commit them.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.browser.flex_page import UPDATE, flexed, loaded, placed, whole_set
from tests.browser.flex_set import WIDE, Json, box, image, messages, text
from tests.browser.stage import Stage, eventually

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).with_name("golden")
SLACK = 1.5
"""Pixels by which a box may differ: fonts are not the same everywhere."""


def test_line_takes_the_set(backstage: Stage) -> None:
    """The simulator, which checks as LINE does, finds nothing wrong with it."""
    token = backstage.simulator.channel_access_token
    for message in messages():
        answer = httpx.post(
            f"{backstage.url}/v2/bot/message/validate/push",
            headers={"authorization": f"Bearer {token}"},
            json={"messages": [message]},
        )
        assert (message["altText"], answer.json()) == (message["altText"], {})


MEASURE = """bubble => {
  const start = bubble.getBoundingClientRect();
  const round = (value) => Math.round(value * 10) / 10;
  const styles = ["backgroundColor", "backgroundImage", "borderTopWidth", "borderTopColor",
    "borderTopLeftRadius", "paddingTop", "paddingLeft", "color", "fontSize", "fontWeight",
    "fontStyle", "textDecorationLine", "textAlign", "position", "objectFit", "direction"];
  const plain = getComputedStyle(bubble);
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const differs = styles.filter((name) => style[name] !== plain[name]);
    return {
      "class": [...element.classList].filter((one) => one.startsWith("fx-")).join(" "),
      "box": [box.left - start.left, box.top - start.top, box.width, box.height].map(round),
      "style": Object.fromEntries(differs.map((name) => [name, style[name]])),
    };
  };
  const parts = [bubble, ...bubble.querySelectorAll('[class*="fx-"]')];
  return parts.filter((one) => !one.matches(".fx-span, .fx-still")).map(shown);
}"""


def measured(stage: Stage) -> dict[str, list[list[Json]]]:
    """The boxes and styles of all bubbles of the set, as they stand on the page."""
    found = {}
    for name, element in whole_set(stage).items():
        element.scroll_into_view_if_needed()
        loaded(stage, element)
        found[name] = [one.evaluate(MEASURE) for one in element.locator(".fx-bubble").all()]
    return found


def compare(name: str, found: Any) -> None:
    """As in the golden file; boxes may differ by `SLACK`, styles by nothing."""
    file = GOLDEN / f"{name}.json"
    if UPDATE:
        file.write_text(lines(found), "utf-8")
    differences = list(unlike(json.loads(file.read_text("utf-8")), found, name))
    assert differences == []


def lines(found: dict[str, list[list[Json]]]) -> str:
    """One line a component, so that a change reads well."""
    bubbles = []
    for name, parts in found.items():
        rows = ["[\n" + ",\n".join(json.dumps(row) for row in one) + "\n]" for one in parts]
        bubbles.append(f"{json.dumps(name)}: [{', '.join(rows)}]")
    return "{" + ",\n".join(bubbles) + "}\n"


def unlike(wanted: Any, found: Any, where: str) -> Iterator[str]:
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name in wanted.keys() | found.keys():
            yield from unlike(wanted.get(name), found.get(name), f"{where}.{name}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from unlike(one, other, f"{where}[{index}]")
    elif isinstance(wanted, float | int) and isinstance(found, float | int):
        if abs(wanted - found) > SLACK:
            yield f"{where}: {wanted} is wanted, {found} is found"
    elif wanted != found and not alike(wanted, found):
        yield f"{where}: {wanted!r} is wanted, {found!r} is found"


def alike(wanted: Any, found: Any) -> bool:
    """Sizes of letters that were made to fit: they depend on the font."""
    sizes = [str(one) for one in (wanted, found)]
    return all(one.endswith("px") and "." in one for one in sizes)


def test_the_set_is_laid_out_as_before_on_a_laptop(backstage: Stage) -> None:
    """Every box and every style of every component."""
    compare("flex-laptop", measured(backstage))


def test_the_set_is_laid_out_as_before_on_a_phone(phone_backstage: Stage) -> None:
    """Bubbles wider than the screen are narrowed, and all inside follows."""
    compare("flex-phone", measured(phone_backstage))


def test_line_spacing_lies_between_the_lines_only(backstage: Stage) -> None:
    """Three lines have two spaces: none above the first, none below the last."""
    body = box(
        "vertical", text("一\n二\n三", wrap=True, lineSpacing="20px"), text("一\n二\n三", wrap=True)
    )
    parts = flexed(backstage, body).locator(".fx-text")
    spread, plain = (one.evaluate("e => e.offsetHeight") for one in parts.all())
    assert abs(spread - plain - 2 * 20) < 1


def test_letters_shrink_to_fit_and_grow_with_the_setting(backstage: Stage) -> None:
    """shrink-to-fit keeps all of a long line to be seen; scaling follows the setting of the app."""
    long = "長い文は小さくなって一行に収まります。" * 2
    body = box(
        "vertical", text(long, adjustMode="shrink-to-fit"), text("大", scaling=True), text("大")
    )
    parts = flexed(backstage, body).locator(".fx-text")
    words = parts.nth(0).locator(".fx-words")
    eventually(backstage.page, lambda: words.evaluate("e => e.scrollWidth <= e.clientWidth"))
    assert float(words.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) < 10
    backstage.page.evaluate("document.documentElement.style.setProperty('--app-letters', '1.5')")
    sizes = [one.evaluate("e => getComputedStyle(e).fontSize") for one in parts.all()[1:]]
    assert sizes == ["24px", "16px"]


def test_absolute_without_offsets_stands_in_the_corner(backstage: Stage) -> None:
    """Whatever the parent's alignment: LINE counts from the parent's upper left corner."""
    mark = box("vertical", position="absolute", width="10px", height="10px")
    body = box("vertical", mark, justifyContent="center", alignItems="center", height="90px")
    left, top, _ = placed(flexed(backstage, body), ".fx-box .fx-box")
    assert (left, top) == (0, 0)


def test_right_to_left_begins_at_the_right(backstage: Stage) -> None:
    """direction rtl turns rows and the meaning of start."""
    first = box("vertical", width="30px", height="10px")
    body = box("vertical", box("horizontal", first), text("مرحبا"), paddingAll="0px")
    whole = flexed(backstage, body, direction="rtl")
    _, _, right = placed(whole, ".fx-box .fx-box .fx-box")
    assert abs(right) < 0.5
    assert whole.locator(".fx-text").evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_a_moving_picture_moves_only_if_it_is_animated(backstage: Stage) -> None:
    """An APNG without `animated` shows its first frame."""

    def answer(route: Route) -> None:
        route.fulfill(body=apng(), content_type="image/png")

    backstage.page.route("**/sim/samples/moving.png", answer)
    try:
        moving = "https://sample.invalid/moving.png"
        body = box("vertical", image(moving, animated=True), image(moving))
        frames = flexed(backstage, body).locator(".fx-frame")
        expect(frames.nth(1).locator("canvas")).to_be_visible()
        expect(frames.nth(0).locator("img")).to_be_visible()
        expect(frames.nth(0).locator("canvas")).to_have_count(0)
        red = (
            frames.nth(1)
            .locator("canvas")
            .evaluate("e => [...e.getContext('2d').getImageData(1, 1, 1, 1).data]")
        )
        assert red == [255, 0, 0, 255]
    finally:
        backstage.page.unroute("**/sim/samples/moving.png")


def apng() -> bytes:
    """Four by four pixels, one frame red, one blue, for ever."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    def rows(color: bytes) -> bytes:
        return zlib.compress((b"\0" + color * 4) * 4)

    def control(number: int) -> bytes:
        return struct.pack(">IIIIIHHBB", number, 4, 4, 0, 0, 1, 10, 0, 0)

    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)),
            chunk(b"acTL", struct.pack(">II", 2, 0)),
            chunk(b"fcTL", control(0)),
            chunk(b"IDAT", rows(b"\xff\0\0")),
            chunk(b"fcTL", control(1)),
            chunk(b"fdAT", struct.pack(">I", 2) + rows(b"\0\0\xff")),
            chunk(b"IEND", b""),
        )
    )


def test_where_a_video_cannot_be_shown_its_alt_content_stands(backstage: Stage) -> None:
    """A player that fails gives way to altContent."""
    hero = {
        "type": "video",
        "url": "https://sample.invalid/nothing.mp4",
        "previewUrl": WIDE,
        "altContent": image(WIDE, size="full", aspectRatio="2:1"),
        "aspectRatio": "2:1",
    }
    whole = flexed(backstage, box("vertical", text("x")), hero=hero)
    whole.get_by_role("button", name="play").click()
    expect(whole.locator(".fx-hero .fx-image img")).to_be_visible()
    expect(whole.locator("video")).to_have_count(0)
    backstage.errors.clear()  # the browser lists the 404
