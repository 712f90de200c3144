"""The rich menu at the foot of a chat: it shows, its areas are tapped, it is switched."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, expect

from penniless.simulator.samples import Canvas
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser

Json = dict[str, Any]
SIZE = {"width": 1200, "height": 405}


class Owner:
    """The bot's owner, who makes rich menus with the Messaging API."""

    def __init__(self, stage: Stage) -> None:
        self.url = stage.url
        self.headers = {"authorization": f"Bearer {stage.simulator.channel_access_token}"}

    def does(self, method: str, path: str, **more: Any) -> Json:
        headers = {**self.headers, **more.pop("headers", {})}
        answer = httpx.request(method, f"{self.url}/v2/bot{path}", headers=headers, **more)
        answer.raise_for_status()
        found: Json = answer.json()
        return found

    def makes(self, text: str, *actions: Json, selected: bool = True) -> str:
        """A menu of equal columns, with its picture."""
        width = SIZE["width"] // len(actions)
        areas = [
            {"bounds": {"x": n * width, "y": 0, "width": width, "height": 405}, "action": action}
            for n, action in enumerate(actions)
        ]
        about = {"size": SIZE, "selected": selected, "name": text, "chatBarText": text}
        menu = str(self.does("POST", "/richmenu", json={**about, "areas": areas})["richMenuId"])
        picture = Canvas(SIZE["width"], SIZE["height"])
        picture.rectangle(0, 0, 1200, 405, (129, 178, 154))
        kind = {"content-type": "image/png"}
        path = f"/richmenu/{menu}/content"
        self.does("POST", path, headers=kind, content=picture.png())
        return menu

    def gives_all(self, menu: str) -> None:
        self.does("POST", f"/user/all/richmenu/{menu}")


def message(label: str) -> Json:
    return {"type": "message", "label": label, "text": label}


def bar(stage: Stage, name: str) -> Locator:
    return stage.page.locator(".richmenu").get_by_role("button", name=name)


def test_the_menu_shows_and_its_areas_are_tapped(stage: Stage) -> None:
    """A default menu appears at once; an area acts as its action says, where it says."""
    owner = Owner(stage)
    book = {"type": "postback", "label": "予約", "data": "book=1", "displayText": "予約します"}
    owner.gives_all(owner.makes("メニュー", message("注文"), book))
    area = stage.page.get_by_role("button", name="予約", exact=True)
    expect(area).to_be_visible()
    whole = stage.page.locator(".richmenu-picture").bounding_box()
    part = area.bounding_box()
    assert whole
    assert part
    assert abs(part["x"] - whole["x"] - whole["width"] / 2) < 1
    assert abs(part["height"] - whole["height"]) < 1
    area.click()
    expect(stage.theirs).to_have_text(["postback book=1"])
    expect(stage.mine).to_have_text(["予約します"])
    stage.page.get_by_role("button", name="注文", exact=True).click()
    expect(stage.theirs.last).to_have_text("注文")


def test_the_bar_opens_and_closes_the_menu(stage: Stage) -> None:
    """A menu that is not `selected` waits behind its bar."""
    owner = Owner(stage)
    owner.gives_all(owner.makes("เมนู", message("สั่ง"), selected=False))
    picture = stage.page.locator(".richmenu-picture")
    expect(bar(stage, "เมนู")).to_have_attribute("aria-expanded", "false")
    expect(picture).to_have_count(0)
    bar(stage, "เมนู").click()
    expect(picture).to_be_visible()
    bar(stage, "เมนู").click()
    expect(picture).to_have_count(0)


def test_a_switch_action_shows_the_other_menu_and_tells_the_bot(stage: Stage) -> None:
    """richmenuswitch changes the menu through its alias; the bot gets a postback."""
    owner = Owner(stage)
    switch = {"type": "richmenuswitch", "label": "次", "richMenuAliasId": "two", "data": "to=2"}
    first, second = owner.makes("一", switch), owner.makes("二", message("終"))
    owner.does("POST", "/richmenu/alias", json={"richMenuAliasId": "two", "richMenuId": second})
    owner.gives_all(first)
    stage.page.get_by_role("button", name="次", exact=True).click()
    expect(bar(stage, "二")).to_be_visible()
    expect(stage.page.get_by_role("button", name="終", exact=True)).to_be_visible()
    expect(stage.theirs.last).to_have_text("postback to=2")
    stage.chat_with("Bob").click()
    expect(bar(stage, "一")).to_be_visible()


def test_postbacks_open_and_close_the_menu_and_the_keyboard(stage: Stage) -> None:
    """inputOption closeRichMenu folds it; openKeyboard too, and fills the box."""
    owner = Owner(stage)
    close = {"type": "postback", "label": "閉", "data": "x", "inputOption": "closeRichMenu"}
    write = {
        "type": "postback",
        "label": "書",
        "data": "y",
        "inputOption": "openKeyboard",
        "fillInText": "名前:",
    }
    owner.gives_all(owner.makes("操作", close, write))
    stage.page.get_by_role("button", name="閉", exact=True).click()
    expect(stage.page.locator(".richmenu-picture")).to_have_count(0)
    bar(stage, "操作").click()
    stage.page.get_by_role("button", name="書", exact=True).click()
    expect(stage.page.locator(".richmenu-picture")).to_have_count(0)
    expect(stage.box).to_have_value("名前:")
    expect(stage.box).to_be_focused()


def test_no_menu_in_groups_and_none_for_those_who_block(stage: Stage) -> None:
    """Rich menus belong to 1:1 chats with friends."""
    owner = Owner(stage)
    owner.gives_all(owner.makes("メニュー", message("注文")))
    expect(bar(stage, "メニュー")).to_be_visible()
    httpx.post(f"{stage.url}/sim/groups", json={"name": "family", "members": ["alice"]})
    stage.chat_with("family").click()
    expect(stage.page.locator(".richmenu")).to_be_hidden()
    stage.chat_with("Alice").click()
    expect(bar(stage, "メニュー")).to_be_visible()
    httpx.post(f"{stage.url}/sim/people/alice/block").raise_for_status()
    expect(stage.page.locator(".richmenu")).to_be_hidden()
