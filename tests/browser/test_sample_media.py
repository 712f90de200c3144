"""Media with details: sets of pictures, addresses elsewhere, slow preparation, file names."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.stage import PICTURES, Stage, eventually
from tests.browser.test_happenings import chosen

pytestmark = pytest.mark.browser


def details(stage: Stage, what: str) -> Locator:
    dialog = chosen(stage, "Media with details", "Media with details")
    dialog.get_by_label("What", exact=True).select_option(what)
    return dialog


def messages(stage: Stage, count: int) -> list[dict[str, Any]]:
    """The messages of all webhooks, as soon as there are so many."""

    def found() -> list[dict[str, Any]]:
        entries = httpx.get(f"{stage.url}/sim/wire").json()["entries"]
        bodies = [one["body"] for one in entries if one["kind"] == "webhook"]
        return [event["message"] for body in bodies for event in body["events"]]

    eventually(stage.page, lambda: len(found()) == count)
    return found()


def test_an_album_is_a_set_of_pictures(stage: Stage) -> None:
    """Each carries its number and the number of all; a single picture carries nothing."""
    details(stage, "Pictures").get_by_role("button", name="Send").click()
    expect(stage.mine.locator("img")).to_have_count(3)
    sets = [one["imageSet"] for one in messages(stage, 3)]
    assert [(one["index"], one["total"]) for one in sets] == [(1, 3), (2, 3), (3, 3)]
    assert len({one["id"] for one in sets}) == 1
    dialog = details(stage, "Pictures")
    dialog.get_by_label("How many at once").fill("1")
    dialog.get_by_role("button", name="Send").click()
    assert "imageSet" not in messages(stage, 4)[-1]


def test_a_picture_may_lie_elsewhere(stage: Stage) -> None:
    """LINE then tells the address, which must be https."""
    dialog = details(stage, "Pictures")
    dialog.get_by_label("How many at once").fill("1")
    address = dialog.get_by_label("Address elsewhere")
    address.fill("http://example.com/a.png")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_be_visible()
    address.fill(f"{PICTURES}/photo.png")
    dialog.get_by_role("button", name="Send").click()
    provider = messages(stage, 1)[0]["contentProvider"]
    assert provider["type"] == "external"
    assert provider["originalContentUrl"] == f"{PICTURES}/photo.png"
    expect(stage.mine.locator("img")).to_be_visible()


def test_a_large_video_takes_time_and_may_fail(stage: Stage) -> None:
    """The content is not ready at first; what fails stays so."""
    dialog = details(stage, "Video")
    dialog.get_by_label("Seconds long").fill("61.5")
    dialog.get_by_label("Seconds that LINE prepares it").fill("60")
    dialog.get_by_label("The preparation fails").check()
    dialog.get_by_role("button", name="Send").click()
    (video,) = messages(stage, 1)
    assert video["duration"] == 61_500
    media = stage.simulator.world.media[video["id"]]
    assert media.fails
    assert media.ready_at > stage.simulator.world.now()


def test_a_file_has_the_name_that_it_is_given(stage: Stage) -> None:
    """In the webhook and in the chat; the other fields are not there."""
    dialog = details(stage, "File")
    expect(dialog.get_by_label("Seconds long")).to_be_hidden()
    dialog.get_by_label("File name").fill("ใบเสนอราคา 1.pdf")
    dialog.get_by_role("button", name="Send").click()
    assert messages(stage, 1)[0]["fileName"] == "ใบเสนอราคา 1.pdf"
    expect(stage.mine).to_contain_text("ใบเสนอราคา 1.pdf")
