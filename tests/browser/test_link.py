"""The page and the simulator: losing each other, and every kind of message of the kitchen sink."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from penniless.simulator import Simulator
from penniless.simulator.server import serving
from tests.browser.stage import Stage
from tests.live import ROOT, live

pytestmark = pytest.mark.browser


def test_the_page_finds_a_simulator_that_was_away(backstage: Stage) -> None:
    """While it is gone the page says so; when it is back the page shows what it has now."""
    page = backstage.page
    with serving(Simulator(name="First")) as url:
        port = int(url.rpartition(":")[2])
        backstage.url = url
        backstage.open()
        expect(page.get_by_role("heading", name="First")).to_be_visible()
    expect(page.get_by_text("No connection to the simulator")).to_be_visible()
    with serving(Simulator(name="Second"), port=port):
        expect(page.get_by_role("heading", name="Second")).to_be_visible()
        expect(page.get_by_text("No connection to the simulator")).to_have_count(0)
        page.goto("about:blank")
    backstage.errors.clear()  # the browser lists the refused connections


def test_the_kitchen_sink_is_drawn(backstage: Stage, tmp_path: Path) -> None:
    """Whatever the example bot can send is drawn, without a complaint of the browser."""
    with live(ROOT / "examples" / "kitchensink" / "app.py", tmp_path) as sink:
        backstage.url = str(sink.client.base_url).rstrip("/")
        menu = sink.say("menu")
        backstage.open()
        drawn = len(menu)
        for command in menu[0]["text"].partition(": ")[2].split(", "):
            drawn += len(sink.say(command))
        assert drawn > 30
        expect(backstage.page.locator(".row.theirs")).to_have_count(drawn)
        expect(backstage.page.locator(".broken, .bubble.unknown")).to_have_count(0)
        backstage.page.goto("about:blank")
