"""Flex bubbles on the page: how they get there, when they are complete, where their parts stand.

Law of this module: what the tests of Flex share beyond `stage`, and no test.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.flex_set import Json, bubble, messages
from tests.browser.stage import Stage, eventually

UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
"""Write what is found as the golden files, instead of comparing."""

FONTS = (
    "Noto Sans",
    "Noto Sans CJK JP",
    "Noto Sans Thai",
    "Noto Sans Arabic",
    "Noto Color Emoji",
)
"""The fonts that the golden pictures were drawn with: those of Debian's packages in `.ci/run`."""


def flexed(stage: Stage, body: Json, **more: Any) -> Locator:
    """A page with one bubble."""
    contents = bubble(body, **more)
    stage.bot_says({"type": "flex", "altText": "flex", "contents": contents})
    stage.open()
    expect(stage.theirs).to_have_count(1)
    return stage.theirs.locator(".fx-bubble")


def whole_set(stage: Stage) -> dict[str, Locator]:
    """A page with all bubbles of the set, by their names."""
    found = messages()
    for message in found:
        stage.bot_says(message)
    stage.open()
    expect(stage.theirs).to_have_count(len(found))
    return {one["altText"]: stage.theirs.nth(index) for index, one in enumerate(found)}


def loaded(stage: Stage, element: Locator) -> None:
    """Wait until all pictures are there, and letters that must fit have become smaller."""
    eventually(
        stage.page,
        lambda: bool(
            element.evaluate(
                """e => [...e.querySelectorAll("img")].every((one) => one.complete)
                  && [...e.querySelectorAll(".fx-shrinks")].every((one) => {
                    const inner = one.firstChild;
                    return inner.clientWidth > 0 && inner.scrollWidth <= inner.clientWidth;
                  })"""
            )
        ),
    )


def placed(whole: Locator, inner: str) -> list[float]:
    """How far a part is from the left, the top and the right edge; measured in one moment."""
    found: list[float] = whole.evaluate(
        """(whole, inner) => {
          const out = whole.getBoundingClientRect();
          const box = whole.querySelector(inner).getBoundingClientRect();
          return [box.left - out.left, box.top - out.top, out.right - box.right];
        }""",
        inner,
    )
    return found


def pin_fonts(stage: Stage, element: Locator, wanted: tuple[str, ...] = FONTS) -> None:
    """Draw with `FONTS`. Where others come up, the test is skipped, but in CI it fails.

    `element` has texts that need those that are `wanted`.
    """
    names = ", ".join(f'"{name}"' for name in ("Page Emoji", *FONTS))
    stage.page.evaluate(
        "names => document.documentElement.style.setProperty('--font', names)", names
    )
    found = fonts_of(stage, element)
    if found == set(wanted):
        return
    reason = f"the golden pictures want the fonts {sorted(wanted)}; here are {sorted(found)}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(f"{reason}. .ci/run names the packages")


def fonts_of(stage: Stage, element: Locator) -> set[str]:
    """The families that the browser draws an element's texts with."""
    session = stage.page.context.new_cdp_session(stage.page)
    try:
        session.send("DOM.enable")
        session.send("CSS.enable")
        element.evaluate("e => e.setAttribute('data-fonts', '')")
        root = session.send("DOM.getDocument")["root"]["nodeId"]
        asked = {"nodeId": root, "selector": "[data-fonts] .fx-words"}
        answers = [
            session.send("CSS.getPlatformFontsForNode", {"nodeId": node})
            for node in session.send("DOM.querySelectorAll", asked)["nodeIds"]
        ]
        return {one["familyName"] for answer in answers for one in answer["fonts"]}
    finally:
        element.evaluate("e => e.removeAttribute('data-fonts')")
        session.detach()
