"""The notice that an answer takes longer: within LINE's limits, in people's languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penniless.counting import utf16_units
from penniless.events import decode_event
from penniless.messages import ButtonsTemplate, PostbackAction, TemplateMessage, to_json
from penniless.notices import NOTICES, Notice, asked_for, is_notice, message_of, notice_in
from tests.event_samples import EVENTS, TIME
from tests.events_json import encoded

KEY = f"{TIME}#01KDXS0000PENN1LESS0000001"
LONGEST_KEY = f"{10**13 - 1}#sha256-{'f' * 26}"


@pytest.mark.parametrize("language", NOTICES)
@pytest.mark.parametrize("key", [KEY, LONGEST_KEY])
def test_line_takes_every_notice(language: str, key: str) -> None:
    """What is sent is what our own checked message objects make of the same words."""
    words = NOTICES[language]
    action = PostbackAction(
        label=words.button, data=f"penniless:answer:{key}", display_text=words.button
    )
    template = ButtonsTemplate(text=words.text, actions=[action])
    checked = TemplateMessage(alt_text=words.text, template=template)
    assert message_of(words, key) == to_json(checked)
    assert utf16_units(words.text) <= 160
    assert utf16_units(words.button) <= 20


def test_languages_are_there() -> None:
    """English, Japanese, Thai and traditional Chinese, each in its own words."""
    assert list(NOTICES) == ["en", "ja", "th", "zh-Hant"]
    assert len({one.text for one in NOTICES.values()}) == 4
    assert len({one.button for one in NOTICES.values()}) == 4


@pytest.mark.parametrize(
    ("language", "default", "found"),
    [
        ("ja", "en", "ja"),
        ("en-GB", "ja", "en"),
        ("th", "en", "th"),
        ("th-TH", "en", "th"),
        ("zh", "en", "zh-Hant"),
        ("zh-TW", "en", "zh-Hant"),
        ("zh-HK", "en", "zh-Hant"),
        ("zh-MO", "en", "zh-Hant"),
        ("zh-Hant", "en", "zh-Hant"),
        ("ko", "ja", "ja"),
        ("ko", "zh-TW", "zh-Hant"),
        (None, "th", "th"),
        ("", "ja-JP", "ja"),
        ("ko", "fr", "en"),
        (None, "", "en"),
    ],
)
def test_language(language: str | None, default: str, found: str) -> None:
    """The profile's language decides, then the bot's own, then English."""
    assert notice_in(language, default, NOTICES) == NOTICES[found]


def test_own_words_come_first() -> None:
    """A bot may bring a language or another tone, for a region too."""
    ours = {**NOTICES, "ko": Notice("준비 중", "보기"), "zh-CN": Notice("请稍候", "查看")}
    assert notice_in("ko-KR", "en", ours).button == "보기"
    assert notice_in("zh-CN", "en", ours).button == "查看"
    assert notice_in("zh-TW", "en", ours) == NOTICES["zh-Hant"]


def tapped(data: str) -> Any:
    return decode_event(encoded({**EVENTS["postback"], "postback": {"data": data}}))


@pytest.mark.parametrize("language", NOTICES)
def test_tap_brings_the_key_back(language: str) -> None:
    """The data of the button is what the postback event says, and names the event."""
    message = message_of(NOTICES[language], KEY)
    assert is_notice(message)
    assert asked_for(tapped(message["template"]["actions"][0]["data"])) == KEY


@pytest.mark.parametrize("name", EVENTS)
def test_other_events_ask_for_nothing(name: str) -> None:
    """No sample of LINE's own events is a tap on a notice."""
    assert asked_for(decode_event(encoded(EVENTS[name]))) is None


@pytest.mark.parametrize("data", ["", "penniless", "penniless:answer", "x penniless:answer:1#2"])
def test_other_data_asks_for_nothing(data: str) -> None:
    """Only data that begins as ours does is ours."""
    assert asked_for(tapped(data)) is None


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": "text", "text": "penniless:answer:"},
        {"type": "template", "template": None},
        {"type": "template", "template": {"type": "buttons"}},
        {"type": "template", "template": {"actions": [{"type": "uri", "uri": "https://x"}]}},
        {"type": "template", "template": {"actions": [{"type": "postback", "data": "buy"}]}},
    ],
)
def test_other_messages_are_no_notices(message: Any) -> None:
    """Templates of the bot's own are not taken for one."""
    assert not is_notice(message)


@given(st.text())
def test_any_key_survives_the_tap(key: str) -> None:
    """Nothing is lost between button and tap."""
    data = message_of(NOTICES["ja"], key)["template"]["actions"][0]["data"]
    event = decode_event(encoded({**EVENTS["postback"], "postback": {"data": data}}))
    assert asked_for(event) == key
