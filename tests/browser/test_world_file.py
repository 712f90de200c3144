"""The world as a file: saved from the page, loaded into it, refused in words."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.stage import Stage
from tests.browser.test_settings import panel

pytestmark = pytest.mark.browser

DROP = """(section, {name, data}) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  transfer.items.add(new File([bytes], name, {type: "application/json"}));
  for (const type of ["dragover", "drop"]) {
    const event = new DragEvent(type, {dataTransfer: transfer, bubbles: true, cancelable: true});
    section.dispatchEvent(event);
  }
}"""


def part(stage: Stage) -> Locator:
    return panel(stage, "Settings").get_by_role("region", name="The world as a file")


def chosen(stage: Stage, path: Path) -> None:
    """Pick the file, and say yes."""
    with stage.page.expect_file_chooser() as chooser:
        part(stage).get_by_role("button", name="Load a file").click()
    chooser.value.set_files(path)
    dialog = stage.page.get_by_role("dialog", name="Load this world?")
    expect(dialog).to_contain_text(path.name)
    dialog.get_by_role("button", name="Load").click()


def test_a_world_is_saved_and_loaded_again(stage: Stage, tmp_path: Path) -> None:
    """People, chats and settings are as they were; no secret is in the file."""
    person = {"name": "hanako", "displayName": "花子", "language": "ja"}
    httpx.post(f"{stage.url}/sim/people", json=person).raise_for_status()
    stage.chat_with("花子").click()
    stage.say("おはよう 😀")
    expect(stage.theirs.last).to_have_text("おはよう 😀")
    with stage.page.expect_download() as download:
        part(stage).get_by_role("link", name="Save to a file").click()
    assert download.value.suggested_filename == "world.json"
    saved = tmp_path / "世界 one.json"
    download.value.save_as(saved)
    text = saved.read_text(encoding="utf-8")
    assert stage.simulator.channel_secret not in text
    assert stage.simulator.channel_access_token not in text
    httpx.post(f"{stage.url}/sim/reset").raise_for_status()
    expect(stage.chat_with("花子")).to_have_count(0)
    chosen(stage, saved)
    expect(stage.page.locator(".toast")).to_contain_text("The world is loaded")
    stage.chat_with("花子").click()
    expect(stage.mine).to_have_text(["おはよう 😀"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "a state must be JSON"),
        (b'{"format": "another"}', "no saved state of the simulator"),
        (b"\x89PNG\r\n\x1a\n", "a state must be JSON"),
        (b"", "a state must be JSON"),
    ],
)
def test_what_is_no_world_changes_nothing(
    stage: Stage, tmp_path: Path, content: bytes, sentence: str
) -> None:
    """The file's name and the reason stand there; the chats are as before."""
    stage.say("hello")
    expect(stage.theirs).to_have_text(["hello"])
    wrong = tmp_path / "<i>no world.json"
    wrong.write_bytes(content)
    chosen(stage, wrong)
    alert = part(stage).get_by_role("alert")
    expect(alert).to_contain_text("“<i>no world.json” was not loaded, and nothing has changed")
    expect(alert).to_contain_text(sentence)
    expect(stage.theirs).to_have_text(["hello"])
    stage.errors.clear()  # the browser lists the 400


def test_a_world_can_be_dropped(stage: Stage) -> None:
    """A file that is dropped on that part is loaded after a yes; a no leaves all as it is."""
    stage.say("before")
    expect(stage.theirs).to_have_text(["before"])
    state = httpx.get(f"{stage.url}/sim/state").content
    stage.say("after")
    expect(stage.theirs).to_have_count(2)
    given = {"name": "world.json", "data": base64.b64encode(state).decode()}
    dialog = stage.page.get_by_role("dialog", name="Load this world?")
    part(stage).evaluate(DROP, given)
    dialog.get_by_role("button", name="Cancel").click()
    expect(stage.theirs).to_have_count(2)
    part(stage).evaluate(DROP, given)
    dialog.get_by_role("button", name="Load").click()
    expect(stage.theirs).to_have_text(["before"])


def test_a_file_that_misses_its_place_does_no_harm(stage: Stage) -> None:
    """The page is not replaced by the file."""
    left = "e => !e.dispatchEvent(new DragEvent('drop', {dataTransfer: window.held, bubbles: true, "
    stage.page.evaluate(
        "() => { window.held = new DataTransfer(); held.items.add(new File(['x'], 'x.txt')); }"
    )
    assert stage.page.locator("#rail").evaluate(left + "cancelable: true}))") is True


def test_the_settings_part_starts_over_too(stage: Stage) -> None:
    """The same question as in the menu of the chat."""
    stage.say("hello")
    expect(stage.theirs).to_have_count(1)
    part(stage).get_by_role("button", name="Start over").click()
    stage.page.get_by_role("dialog").get_by_role("button", name="Start over").click()
    expect(stage.mine).to_have_count(0)
