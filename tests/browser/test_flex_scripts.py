"""The scripts of LINE's users are drawn: each letter has a glyph, and emoji are whole.

A letter without a glyph is drawn as the same box as a code point that is not assigned.
"""

from __future__ import annotations

import io
import unicodedata

import pytest
import regex  # type: ignore[import-untyped,unused-ignore]
from PIL import Image

from tests.browser.flex_page import flexed, pin_fonts, whole_set
from tests.browser.flex_set import BUBBLES, Json, box, text
from tests.browser.stage import Stage
from tests.browser.test_flex_set import objects

pytestmark = pytest.mark.browser

DRAW = """([letters, size]) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 3 * size;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return letters.map((letter) => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.fillText(letter, size, 2 * size);
    const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
    const ink = [...pixels.keys()].filter((index) => pixels[index] > 0).join();
    return { ink, width: pen.measureText(letter).width };
  });
}"""
SIZE = 24
NOT_ASSIGNED = "\U0005ffe0"


def drawn(stage: Stage, letters: list[str]) -> list[Json]:
    """The pixels of each letter, and its width."""
    found: list[Json] = stage.page.evaluate(DRAW, [letters, SIZE])
    return found


def graphemes() -> list[str]:
    """What people take for one letter, of every text in the set; spaces and controls left out."""
    words = "".join(str(one.get("text", "")) for _, one in objects(list(BUBBLES.values())))
    return sorted({one for one in regex.findall(r"\X", words) if one.strip()})


def test_every_letter_of_the_set_has_a_glyph(backstage: Stage) -> None:
    """None looks like a code point that is not assigned, and none is empty."""
    pin_fonts(backstage, whole_set(backstage)["scripts"])
    letters = graphemes()
    empty, box_of_none, *shown = drawn(backstage, [" ", NOT_ASSIGNED, *letters])
    assert box_of_none["ink"] != empty["ink"]
    without = [
        one
        for one, found in zip(letters, shown, strict=True)
        if found["ink"] in {empty["ink"], box_of_none["ink"]}
    ]
    assert without == []


def test_a_letter_without_a_glyph_would_be_noticed(backstage: Stage) -> None:
    """Code points that are not assigned all look alike."""
    backstage.open()
    assert unicodedata.category(NOT_ASSIGNED) == "Cn"
    one, other = drawn(backstage, [NOT_ASSIGNED, "\U0006ffe0"])
    assert one["ink"] == other["ink"]


def test_joined_emoji_and_flags_are_one_picture(backstage: Stage) -> None:
    """A family, a skin colour, a flag and a keycap are as wide as one emoji, not as their parts."""
    pin_fonts(backstage, whole_set(backstage)["scripts"])
    whole = [one for one in graphemes() if len(one) > 1 and regex.search(r"\p{Emoji}", one[0])]
    assert len(whole) >= 8
    single, *shown = drawn(backstage, ["😀", *whole])
    wide = {
        one: found["width"]
        for one, found in zip(whole, shown, strict=True)
        if found["width"] > 1.3 * single["width"]
    }
    assert wide == {}


def test_marks_above_and_below_a_line_are_not_cut_off(backstage: Stage) -> None:
    """As much ink on a line of its own as between lines that stand wide apart."""
    words = "ปั้นญู ع Ậ"
    more: Json = {"size": "xl", "weight": "bold", "wrap": True}
    apart = text(f"{words}\n ", lineSpacing="40px", **more)
    body = box("vertical", text(words, **more), box("vertical", apart, paddingTop="30px"))
    whole = flexed(backstage, body)
    pin_fonts(backstage, whole, ("Noto Sans", "Noto Sans Thai", "Noto Sans Arabic"))
    shown = Image.open(io.BytesIO(whole.screenshot(animations="disabled"))).convert("L")
    one, other = (ink(shown, *edges) for edges in whole.evaluate(EDGES))
    assert one > 100
    assert abs(one - other) <= 0.01 * other


EDGES = """whole => [...whole.querySelectorAll(".fx-text")].map((one) => {
  const top = whole.getBoundingClientRect().top;
  const box = one.getBoundingClientRect();
  return [box.top - top, box.bottom - top];
})"""


def ink(shown: Image.Image, top: float, bottom: float) -> int:
    """Dark pixels of a text and of what is close above and below it."""
    return sum(shown.crop((0, round(top) - 12, shown.width, round(bottom) + 12)).histogram()[:128])
