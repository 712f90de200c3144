"""Fixtures of the browser tests: one Chromium, one simulator and bot; a stage and a page a test.

`stage` is open at the chat page of a laptop; `backstage` is the same before the page is opened, and
`phone` has the screen and the touch of a phone. Each ends with a check that the browser complained
of nothing and that the page asked no other host for anything.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from penniless.simulator import Simulator
from penniless.simulator.server import serving
from penniless.stores.memory import MemoryStore
from tests.browser.stage import House, Stage, make_bot, served

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
LAPTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
EMPTY_ONCE = """
if (location.protocol === "http:" && !sessionStorage.getItem("test")) {
  localStorage.clear();
  sessionStorage.clear();
  sessionStorage.setItem("test", "running");
}
"""
"""A new page starts without what an earlier test left in the browser; a reload keeps its own."""

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}


def chromium_path() -> str:
    """Where Chromium is. Without one the test is skipped, but in CI it fails."""
    named = os.environ.get("CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    reason = "no Chromium on this machine: install it, or name it in CHROMIUM"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    arguments = [*QUIET, *(["--no-sandbox"] if root else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """One simulator with its bot for all tests; `House.tidy` makes it as new."""
    store = MemoryStore()
    simulator = Simulator(log=store, name="Penny")
    with serving(simulator) as url:
        bot, line = make_bot(simulator, url, store)
        with served(bot) as webhook:
            yield House(simulator, url, store, webhook)
        line.close()


@pytest.fixture(scope="session")
def laptop_window(chromium: Browser) -> Iterator[BrowserContext]:
    with _window(chromium, LAPTOP) as context:
        yield context


@pytest.fixture(scope="session")
def phone_window(chromium: Browser) -> Iterator[BrowserContext]:
    with _window(chromium, PHONE) as context:
        yield context


@contextmanager
def _window(chromium: Browser, look: dict[str, Any]) -> Iterator[BrowserContext]:
    """A browser window's context: the page's files are fetched once for all tests that share it."""
    context = chromium.new_context(locale="en-GB", timezone_id="Asia/Tokyo", **look)
    context.set_default_timeout(5_000)
    context.add_init_script(EMPTY_ONCE)
    yield context
    context.close()


@contextmanager
def staged(house: House, context: BrowserContext) -> Iterator[Stage]:
    """A new page on a tidy simulator; it ends with the check."""
    house.tidy()
    page = context.new_page()
    try:
        stage = Stage(house.simulator, house.url, page)
        yield stage
        assert stage.errors == []
        assert stage.strangers() == []
    finally:
        page.close()


@pytest.fixture(autouse=True)
def _patience() -> None:
    expect.set_options(timeout=5_000)


@pytest.fixture
def backstage(house: House, laptop_window: BrowserContext) -> Iterator[Stage]:
    with staged(house, laptop_window) as stage:
        yield stage


@pytest.fixture
def stage(backstage: Stage) -> Stage:
    backstage.open()
    return backstage


@pytest.fixture
def phone(house: House, phone_window: BrowserContext) -> Iterator[Stage]:
    with staged(house, phone_window) as stage:
        stage.open()
        yield stage
