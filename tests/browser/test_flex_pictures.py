"""Flex bubbles look as they looked: pictures of the whole set, on a laptop and on a phone.

`golden/*.png` hold the pictures, drawn with the fonts of `.ci/run`. Write them anew with
`UPDATE_GOLDEN=1`, and look at them before you commit them. A difference is shown by pictures in a
temporary folder, which the failure names.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator

from tests.browser.flex_page import UPDATE, loaded, pin_fonts, whole_set
from tests.browser.flex_set import BOXES, PARTS
from tests.browser.sheets import sheet, unlike
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).with_name("golden")
SHEETS = {"boxes": BOXES, "parts": PARTS}
TALL = 9_000
"""A screen so high that nothing is scrolled away."""

DECODED = """async () => {
  await document.fonts.ready;
  await Promise.all([...document.images].map((one) => one.decode()));
}"""


@contextmanager
def complete(stage: Stage) -> Iterator[dict[str, Locator]]:
    """The bubbles of the set on a high screen, all drawn, with the golden fonts."""
    screen: Any = stage.page.viewport_size
    bubbles = whole_set(stage)
    stage.page.set_viewport_size({"width": screen["width"], "height": TALL})
    try:
        pin_fonts(stage, bubbles["scripts"])
        for one in bubbles.values():
            loaded(stage, one)
        stage.page.evaluate(DECODED)
        stage.page.mouse.move(0, 0)
        yield bubbles
    finally:
        stage.page.set_viewport_size(screen)


def photographed(stage: Stage, bubbles: dict[str, Locator]) -> dict[str, Image.Image]:
    """One picture of the page, cut into bubbles; no text cursor, animations at their end."""
    data = stage.page.screenshot(animations="disabled", caret="hide", scale="css")
    whole = Image.open(io.BytesIO(data)).convert("RGB")
    found = {}
    for name, one in bubbles.items():
        box: Any = one.bounding_box()
        edges = (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])
        found[name] = whole.crop(tuple(round(edge) for edge in edges))
    return found


def check(found: dict[str, Image.Image], screen: str, folder: Path) -> None:
    """Each sheet is as its golden file."""
    faults = []
    for name, names in SHEETS.items():
        file = GOLDEN / f"flex-{screen}-{name}.png"
        shown = sheet(found[one] for one in names)
        if UPDATE:
            shown.save(file, optimize=True)
        marks = unlike(Image.open(file), shown)
        if marks:
            shown.save(folder / file.name)
            marks.save(folder / f"{file.stem}-differs.png")
            faults.append(file.name)
    assert faults == [], f"what is shown, and where it differs, is in {folder}"


def test_the_set_looks_as_before_on_a_laptop(backstage: Stage, tmp_path: Path) -> None:
    """Every bubble, beside the golden picture."""
    with complete(backstage) as bubbles:
        check(photographed(backstage, bubbles), "laptop", tmp_path)


def test_the_set_looks_as_before_on_a_phone(phone_backstage: Stage, tmp_path: Path) -> None:
    """Every bubble on a narrow screen, beside the golden picture."""
    with complete(phone_backstage) as bubbles:
        check(photographed(phone_backstage, bubbles), "phone", tmp_path)
