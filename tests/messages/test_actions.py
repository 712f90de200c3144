"""Actions: what cannot stand together, date bounds, and who may stand where."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from penniless.errors import MessageError
from penniless.messages import (
    Action,
    ButtonsTemplate,
    CameraAction,
    CameraRollAction,
    ClipboardAction,
    DatetimePickerAction,
    FlexBox,
    FlexBubble,
    FlexButton,
    FlexImage,
    FlexText,
    FlexVideo,
    ImageCarouselColumn,
    LocationAction,
    MessageAction,
    PostbackAction,
    QuickReplyItem,
    RichMenuSwitchAction,
    URIAction,
)
from tests.messages.samples import BOX, MESSAGE, URL

EVERYWHERE = (
    MESSAGE,
    PostbackAction("b", "d"),
    URIAction("c", URL),
    DatetimePickerAction("d", "d", "date"),
    ClipboardAction("e", "f"),
)
PHONE_ONLY = (CameraAction("a"), CameraRollAction("b"), LocationAction("c"))
SWITCH = RichMenuSwitchAction("a", "d", "menu-a")

CONTAINERS: dict[str, Callable[[Action], object]] = {
    "ButtonsTemplate.actions[0]": lambda one: ButtonsTemplate("x", [one]),
    "ImageCarouselColumn.action": lambda one: ImageCarouselColumn(URL, one),
    "FlexButton.action": FlexButton,
    "FlexBox.action": lambda one: FlexBox("vertical", [], action=one),
    "FlexImage.action": lambda one: FlexImage(URL, action=one),
    "FlexText.action": lambda one: FlexText("x", action=one),
    "FlexBubble.action": lambda one: FlexBubble(body=BOX, action=one),
}


def refusal(make: Callable[[], object]) -> str:
    with pytest.raises(MessageError) as caught:
        make()
    return str(caught.value)


@pytest.mark.parametrize("path", CONTAINERS)
def test_templates_and_flex_take_the_common_actions(path: str) -> None:
    """Camera, photos and map are for quick replies, the menu switch for rich menus."""
    make = CONTAINERS[path]
    for one in EVERYWHERE:
        assert make(one)
    for other in (*PHONE_ONLY, SWITCH):
        says = refusal(lambda other=other: make(other))  # type: ignore[misc]
        assert says.startswith(f"{path} cannot be {type(other).__name__} in a")


def test_quick_replies_take_all_but_the_menu_switch() -> None:
    """The buttons for camera, photos and map are made for them."""
    for one in (*EVERYWHERE, *PHONE_ONLY):
        assert QuickReplyItem(one).action is one
    assert refusal(lambda: QuickReplyItem(SWITCH)) == (
        "QuickReplyItem.action cannot be RichMenuSwitchAction in a quick reply"
    )


def test_a_flex_video_opens_a_uri() -> None:
    """No other action."""
    assert FlexVideo(URL, URL, BOX, action=URIAction("Open", URL))
    assert refusal(lambda: FlexVideo(URL, URL, BOX, action=MESSAGE)) == (
        "FlexVideo.action must be URIAction or a dict in a Flex video, not MessageAction"
    )


def test_a_postback_says_one_thing_in_the_chat() -> None:
    """`text` is the old name of `display_text`."""
    assert refusal(lambda: PostbackAction("l", "d", display_text="a", text="b")) == (
        "PostbackAction.text cannot stand beside display_text; use display_text alone"
    )


def test_fill_in_text_needs_the_keyboard() -> None:
    """There is nothing to fill in otherwise."""
    expected = "PostbackAction.fill_in_text needs input_option openKeyboard"
    assert refusal(lambda: PostbackAction("l", "d", fill_in_text="a")) == expected
    assert expected == refusal(
        lambda: PostbackAction("l", "d", input_option="openVoice", fill_in_text="a")
    )


@pytest.mark.parametrize(
    ("mode", "value"),
    [
        ("date", "1900-01-01"),
        ("date", "2100-12-31"),
        ("date", "2028-02-29"),
        ("time", "00:00"),
        ("time", "23:59"),
        ("datetime", "1900-01-01T00:00"),
        ("datetime", "2100-12-31t23:59"),
    ],
)
def test_moments_that_the_picker_knows(mode: str, value: str) -> None:
    """From 1900 to 2100, with `T` or `t`."""
    assert DatetimePickerAction("l", "d", mode, initial=value).initial == value
    assert DatetimePickerAction("l", "d", mode, min=value).min == value
    assert DatetimePickerAction("l", "d", mode, max=value).max == value


@pytest.mark.parametrize(
    ("mode", "value"),
    [
        ("date", "1899-12-31"),
        ("date", "2101-01-01"),
        ("date", "2026-02-29"),
        ("date", "2026-2-3"),
        ("date", "2026-02-03T10:00"),
        ("date", "٢٠٢٦-٠٢-٠٣"),
        ("time", "24:00"),
        ("time", "9:00"),
        ("time", "09:00:00"),
        ("datetime", "2026-02-03"),
        ("datetime", "2026-02-03 10:00"),
        ("datetime", "2026-02-03T10:00+09:00"),
        ("datetime", ""),
    ],
)
@pytest.mark.parametrize("field", ["initial", "min", "max"])
def test_other_moments_are_refused(mode: str, value: str, field: str) -> None:
    """Wrong forms, days that do not exist, years out of reach."""
    says = refusal(lambda: DatetimePickerAction("l", "d", mode, **{field: value}))
    assert says.startswith(f"DatetimePickerAction.{field} must be a {mode} such as ")


def test_the_latest_moment_is_later_than_the_earliest() -> None:
    """Equal is refused as well."""
    expected = "DatetimePickerAction.max must be later than min"
    for least, most in (("10:00", "10:00"), ("10:01", "10:00")):
        assert expected == refusal(
            lambda least=least, most=most: DatetimePickerAction(  # type: ignore[misc]
                "l", "d", "time", min=least, max=most
            )
        )
    assert DatetimePickerAction("l", "d", "time", min="10:00", max="10:01")


@pytest.mark.parametrize("alias", ["", "A", "あ", "a b", "a" * 33])
def test_a_rich_menu_alias_is_short_and_plain(alias: str) -> None:
    """1 to 32 of a-z 0-9 _ -"""
    assert RichMenuSwitchAction("l", "d", "a" * 32)
    assert "rich_menu_alias_id must be" in refusal(lambda: RichMenuSwitchAction("l", "d", alias))


def test_a_label_belongs_to_its_place() -> None:
    """Alone, an action of any label length can be built; the place decides."""
    long = MessageAction("L" * 40, "x")
    assert FlexButton(long).action is long
    assert refusal(lambda: ButtonsTemplate("x", [long])) == (
        "ButtonsTemplate.actions[0].label has 40 grapheme clusters; LINE allows 20"
    )
