"""Fixtures of the browser tests: one Chromium, one simulator and bot; a tidy stage for each test.

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
from playwright.sync_api import Browser, Page, expect, sync_playwright
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penniless.simulator import Simulator
from penniless.simulator.movable_clock import MovableClock
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
    simulator = Simulator(log=store, name="Penny", clock=MovableClock())
    simulator.app.add_middleware(Kept)
    with serving(simulator) as url:
        bot, line = make_bot(simulator, url, store)
        with served(bot) as webhook:
            yield House(simulator, url, store, webhook)
        line.close()


class Kept:
    """Lets the browser keep the page's files from test to test: half the time of them all."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def kept(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["path"].startswith("/page/"):
                headers = [one for one in message["headers"] if one[0] != b"cache-control"]
                message["headers"] = [*headers, (b"cache-control", b"max-age=3600, immutable")]
            await send(message)

        await self.app(scope, receive, kept)


@pytest.fixture(scope="session")
def laptop_page(chromium: Browser) -> Iterator[Page]:
    with _window(chromium, LAPTOP) as page:
        yield page


@pytest.fixture(scope="session")
def phone_page(chromium: Browser) -> Iterator[Page]:
    with _window(chromium, PHONE) as page:
        yield page


@contextmanager
def _window(chromium: Browser, look: dict[str, Any]) -> Iterator[Page]:
    context = chromium.new_context(locale="en-GB", timezone_id="Asia/Tokyo", **look)
    context.set_default_timeout(5_000)
    yield context.new_page()
    context.close()


@contextmanager
def staged(house: House, page: Page) -> Iterator[Stage]:
    """A tidy simulator and the empty page; it ends with the check."""
    house.tidy()
    stage = Stage(house.simulator, house.url, page)
    try:
        yield stage
        assert stage.errors == []
        assert stage.strangers() == []
    finally:
        stage.leave()


@pytest.fixture(autouse=True)
def _patience() -> None:
    expect.set_options(timeout=5_000)


@pytest.fixture
def backstage(house: House, laptop_page: Page) -> Iterator[Stage]:
    with staged(house, laptop_page) as stage:
        yield stage


@pytest.fixture
def stage(backstage: Stage) -> Stage:
    backstage.open()
    return backstage


@pytest.fixture
def phone_backstage(house: House, phone_page: Page) -> Iterator[Stage]:
    with staged(house, phone_page) as stage:
        yield stage


@pytest.fixture
def phone(phone_backstage: Stage) -> Stage:
    phone_backstage.open()
    return phone_backstage
