"""Make the pictures of README and docs/: `python scripts/make_pictures.py`.

Real conversations in the real page: each picture starts `penniless dev` with a bot of examples/ on
a free port, talks to it in Chromium, and takes a screenshot. Needs Debian's `chromium`, or a
Chromium or Chrome named in CHROMIUM, and fonts for Japanese, Thai and emoji.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
LAPTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "has_touch": True,
    "is_mobile": True,
}
LARGEST = 150 * 1024


@contextmanager
def running(example: str) -> Iterator[str]:
    """`penniless dev` with a bot of examples/; gives the address of the chat page."""
    bot = f"examples/{example}/app.py"
    clean = {key: value for key, value in os.environ.items() if not key.startswith("LINE_")}
    process = subprocess.Popen(  # noqa: S603  # our own command and bots
        [sys.executable, "-m", "penniless", "dev", bot, "--port", "0"],
        cwd=ROOT,
        env={**clean, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"Chat page\s+(http://\S+)", line):
                yield found[1]
                break
        else:
            raise SystemExit(f"{bot} did not start")
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def opened(browser: Browser, url: str, look: dict[str, Any]) -> Iterator[Page]:
    """The chat page in a window of its own, in Tokyo."""
    context = browser.new_context(locale="en-GB", timezone_id="Asia/Tokyo", **look)
    page = context.new_page()
    page.goto(url)
    expect(page.locator(".head-title")).to_be_visible()
    try:
        yield page
    finally:
        context.close()


def say(page: Page, text: str, *, answers: int = 1) -> None:
    """Type it, press Enter, and wait for as many answers."""
    before = page.locator(".row.theirs").count()
    box = page.get_by_role("textbox", name="Message")
    box.fill(text)
    box.press("Enter")
    expect(page.locator(".row.theirs")).to_have_count(before + answers)


def tap(page: Page, label: str, *, answers: int = 1) -> None:
    """Tap the newest button of that label, and wait for as many answers."""
    before = page.locator(".row.theirs").count()
    page.get_by_role("button", name=label, exact=True).last.click()
    expect(page.locator(".row.theirs")).to_have_count(before + answers)


def save(page: Page, name: str) -> None:
    """Take the picture when nothing moves any more. A large file is a failure."""
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement?.blur()")
    page.wait_for_load_state("networkidle")
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}  {size // 1024} KB")  # noqa: T201  # a command's output
    if size > LARGEST:
        raise SystemExit(f"{path} has over {LARGEST // 1024} KB")


def look_into(page: Page, what: str) -> None:
    """Open the newest line of that name in the inspector."""
    page.get_by_role("group", name="Webhooks and API calls").locator("summary").filter(
        has_text=what
    ).first.click()


def conversation(page: Page) -> None:
    """A talk with a Flex Message and quick replies, and beside it a webhook, opened."""
    say(page, "profile")
    say(page, "shelf")
    say(page, "quick")
    look_into(page, "message")


def phone(page: Page) -> None:
    """Buttons that were tapped, and quick replies to tap."""
    say(page, "buttons")
    tap(page, "お茶")
    say(page, "quick")


def dark(page: Page) -> None:
    """Many scripts and a receipt, in the dark."""
    say(page, "languages", answers=4)
    say(page, "receipt")
    page.get_by_role("tab", name="Log").click()


def echo(page: Page) -> None:
    """What the first steps show."""
    say(page, "hello")
    say(page, "สวัสดี 🍎")
    look_into(page, "reply")


PICTURES: tuple[tuple[str, str, dict[str, Any], Callable[[Page], None]], ...] = (
    # file, bot, window, what happens in it
    ("page", "kitchensink", LAPTOP, conversation),
    ("phone", "kitchensink", PHONE, phone),
    ("dark", "kitchensink", {**LAPTOP, "color_scheme": "dark"}, dark),
    ("first-steps", "echo", LAPTOP, echo),
)


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        for name, example, look, happens in PICTURES:
            with running(example) as url, opened(browser, url, look) as page:
                happens(page)
                save(page, name)
        browser.close()


if __name__ == "__main__":
    main()
