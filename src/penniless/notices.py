"""The notice that an answer takes longer: its texts, its button, and the tap on it.

Law of this module: values in, message JSON out. The notice spends a reply token that is about to
run out; the tap on its button is an event with a fresh one, which takes the answer along.
"""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from penniless.events import Event
    from penniless.ports import Json

_DATA = "penniless:answer:"
"""What the data of the button begins with; the key of the event follows."""


class Notice(NamedTuple):
    """The words of a notice: the sentence (160 characters at most), and the button's label (20)."""

    text: str
    button: str


NOTICES: dict[str, Notice] = {
    "en": Notice("Your answer is being prepared. Tap the button in a moment to get it.",
                 "Show the answer"),
    "ja": Notice("回答を準備しています。少し待ってから、下のボタンを押してください。",
                 "回答を見る"),
    "th": Notice("กำลังเตรียมคำตอบให้คุณ โปรดรอสักครู่แล้วแตะปุ่มด้านล่าง", "ดูคำตอบ"),
    "zh-Hant": Notice("正在為您準備回覆，請稍候再點選下方按鈕。", "查看回覆"),
}  # fmt: skip
"""By language, as BCP 47 tags; `Bot(notices=…)` adds to these or replaces them."""

_SAME = {"zh": "zh-Hant", "zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "zh-MO": "zh-Hant"}
"""Tags of profiles that have no notice of their own, and the nearest one."""


def notice_in(language: str | None, default: str, notices: Mapping[str, Notice]) -> Notice:
    """The notice for a profile's language (`ja`, `zh-TW`, `en-GB`), else in the default one."""
    for wanted in (language, default):
        for tag in (wanted, _SAME.get(wanted or ""), (wanted or "").partition("-")[0]):
            if tag and tag in notices:
                return notices[tag]
    return notices["en"]


def message_of(notice: Notice, key: str) -> Json:
    """The notice as a message; `key` is that of the event whose answer is being prepared.

    https://developers.line.biz/en/reference/messaging-api/#buttons
    """
    action = {
        "type": "postback",
        "label": notice.button,
        "data": f"{_DATA}{key}",
        "displayText": notice.button,
    }
    template = {"type": "buttons", "text": notice.text, "actions": [action]}
    return {"type": "template", "altText": notice.text, "template": template}


def is_notice(message: Json) -> bool:
    """Whether a message is a notice."""
    template = message.get("template")
    actions = template.get("actions", []) if isinstance(template, dict) else []
    return any(str(one.get("data", "")).startswith(_DATA) for one in actions)


def asked_for(event: Event) -> str | None:
    """The key of the event whose answer a tap asks for; None for every other event."""
    postback = getattr(event, "postback", None)
    data = "" if postback is None else postback.data
    return data[len(_DATA) :] if data.startswith(_DATA) else None
