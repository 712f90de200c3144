"""Pictures are compared by what people would see: edges of letters may differ, the rest may not."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageFilter

from tests.browser.flex_page import flexed, loaded
from tests.browser.flex_set import BUBBLES
from tests.browser.sheets import GAP, PAPER, WIDTH, sheet, unlike
from tests.browser.stage import Stage

GOLDEN = sorted(Path(__file__).with_name("golden").glob("*.png"))


@pytest.fixture(scope="module")
def golden() -> Image.Image:
    return Image.open(GOLDEN[-1]).convert("RGB")


def test_the_golden_pictures_are_few_and_small() -> None:
    """Four sheets, and less than 600 kB in all."""
    assert len(GOLDEN) == 4
    assert sum(file.stat().st_size for file in GOLDEN) < 600_000


def test_a_picture_is_like_itself_and_like_a_softer_one(golden: Image.Image) -> None:
    """Another version of a font or browser draws edges a little differently."""
    assert unlike(golden, golden) is None
    assert unlike(golden, golden.filter(ImageFilter.GaussianBlur(0.5))) is None


def test_a_picture_may_stand_a_pixel_aside(golden: Image.Image) -> None:
    """So may its size be a pixel more; three pixels are seen."""
    assert unlike(golden, ImageChops.offset(golden, 1, 0)) is None
    assert unlike(golden, golden.crop((0, 0, golden.width, golden.height - 1))) is None
    assert unlike(golden, ImageChops.offset(golden, 3, 0)) is not None
    assert unlike(golden, golden.crop((0, 0, golden.width, golden.height - 3))) is not None


def test_a_small_area_of_another_colour_is_seen_and_marked_where_it_is(
    golden: Image.Image,
) -> None:
    """Four by four pixels are enough."""
    other = golden.copy()
    other.paste((255, 0, 255), (20, 30, 24, 34))
    marks = unlike(golden, other)
    assert marks is not None
    assert marks.getpixel((22, 32)) == (255, 0, 0)
    assert marks.getpixel((60, 60)) != (255, 0, 0)


def test_pictures_stand_beside_each_other_the_highest_first() -> None:
    """What does not fit into a row begins the next."""
    sizes = {"red": (600, 40), "blue": (600, 90), "green": (300, 20)}
    paper = sheet(Image.new("RGB", size, color) for color, size in sizes.items())
    assert paper.size == (WIDTH, 3 * GAP + 90 + 20)
    assert paper.getpixel((GAP, GAP)) == (0, 0, 255)
    assert paper.getpixel((600 + 2 * GAP, GAP)) == (255, 0, 0)
    assert paper.getpixel((GAP, 90 + 2 * GAP)) == (0, 128, 0)
    assert paper.getpixel((0, 0)) == PAPER


CHANGES = {
    "a padding grows by 4 px": (".fx-footer > .fx-box", "padding-top", "14px"),
    "a margin is there": (".fx-baseline", "margin-top", "12px"),
    "a box moves by 3 px": (".fx-primary", "translate", "3px"),
    "a ground is of another colour": (".fx-header", "background-color", "#2F6F5F"),
    "letters are of another colour": (".fx-baseline .fx-text", "color", "#2F6FFF"),
    "letters are larger": (".fx-baseline .fx-text", "font-size", "17px"),
    "letters are bold": (".fx-secondary", "font-weight", "700"),
    "corners are gone": (".fx-primary", "border-radius", "0"),
    "a picture is missing": (".fx-icon img", "visibility", "hidden"),
}
"""What happens to the first such part of the bubble."""

SET = """(whole, [part, name, value]) => {
  const style = whole.querySelector(part).style;
  const before = style.getPropertyValue(name);
  style.setProperty(name, value);
  return before;
}"""


@pytest.mark.browser
def test_a_change_of_a_few_pixels_is_seen(backstage: Stage) -> None:
    """Each of these, in the browser, makes the picture of a bubble unlike what it was."""
    shop = dict(BUBBLES["shop"])
    whole = flexed(backstage, shop.pop("body"), **shop)
    loaded(backstage, whole)
    before = picture(whole)
    unseen = []
    for name, (part, style, value) in CHANGES.items():
        kept = whole.evaluate(SET, [part, style, value])
        if unlike(before, picture(whole)) is None:
            unseen.append(name)
        whole.evaluate(SET, [part, style, kept])
        assert unlike(before, picture(whole)) is None, name
    assert unseen == []


def picture(whole: Any) -> Image.Image:
    return Image.open(io.BytesIO(whole.screenshot(animations="disabled", caret="hide")))
