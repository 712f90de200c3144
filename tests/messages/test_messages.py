"""`to_json`: what a handler may give and what it becomes; and what the package does not import."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from penniless import messages as m
from penniless.errors import CodeError, MessageError


@pytest.mark.parametrize("text", ["hi", "こんにちは", "สวัสดี", "👨‍👩‍👧‍👦", "{braces} $", " ", "\n"])
def test_text_becomes_a_text_message(text: str) -> None:
    """As it is, in any script."""
    assert m.to_json(text) == {"type": "text", "text": text}
    assert m.to_json(m.TextMessage(text)) == {"type": "text", "text": text}


def test_a_message_becomes_camel_case_json_without_absent_properties() -> None:
    """The design's example, from keyword to wire."""
    message = m.TextMessage(
        "hi",
        quick_reply=m.QuickReply([m.QuickReplyItem(m.MessageAction("Yes", "yes"))]),
        sender=m.Sender(icon_url="https://example.com/icon.png"),
    )
    assert m.to_json(message) == {
        "type": "text",
        "text": "hi",
        "quickReply": {
            "items": [
                {"type": "action", "action": {"type": "message", "label": "Yes", "text": "yes"}}
            ]
        },
        "sender": {"iconUrl": "https://example.com/icon.png"},
    }


def test_a_dict_passes_through_untouched() -> None:
    """Whatever LINE adds next can be sent today."""
    new = {"type": "hologram", "depth": None, "parts": [{"a": {1: 2}}]}
    assert m.to_json(new) is new
    assert new == {"type": "hologram", "depth": None, "parts": [{"a": {1: 2}}]}


def test_a_dict_inside_a_message_passes_through_untouched() -> None:
    """JSON from LINE's Flex Message Simulator fits where an object would."""
    bubble = {"type": "bubble", "body": {"type": "box", "layout": "new", "contents": [None]}}
    item = {"type": "action", "action": {"type": "teleport", "label": "L" * 99}}
    message = m.FlexMessage("รายการ", contents=bubble, quick_reply={"items": [item]})
    assert m.to_json(message) == {
        "type": "flex",
        "altText": "รายการ",
        "contents": bubble,
        "quickReply": {"items": [item]},
    }


def test_tuples_become_lists() -> None:
    """JSON knows one kind of sequence."""
    template = m.ConfirmTemplate("?", (m.MessageAction("y", "y"), m.MessageAction("n", "n")))
    sent = m.to_json(m.TemplateMessage("?", template))
    assert type(sent["template"]["actions"]) is list


class Theirs:
    """A stand-in for any library whose objects have `to_dict()`."""

    def __init__(self, made: Any) -> None:
        self.made = made

    def to_dict(self) -> Any:
        return self.made


def test_an_object_with_to_dict_is_sent_as_it_says() -> None:
    """That is how the official SDK's objects come along."""
    assert m.to_json(Theirs({"type": "text", "text": "x"})) == {"type": "text", "text": "x"}


@pytest.mark.parametrize(
    "wrong",
    [None, 5, b"bytes", ["hi"], object(), m.TextMessage, m.Sender("x"), Theirs(["x"])],
    ids=lambda one: type(one).__name__,
)
def test_anything_else_is_an_error_that_says_what_is_allowed(wrong: Any) -> None:
    """A handler's mistake is named by type, without its content."""
    with pytest.raises(MessageError) as caught:
        m.to_json(wrong)
    assert caught.value.found == type(wrong).__name__
    assert str(caught.value) == (
        f"{type(wrong).__name__} cannot be sent; give text, a message such as TextMessage, "
        "a dict in LINE's JSON, or an object with to_dict()"
    )


@pytest.mark.parametrize("text", ["", "x" * 5001, "🍎" * 2501, "half \ud83c"])
def test_a_text_that_line_would_refuse_is_refused_alike(text: str) -> None:
    """Plain text and TextMessage give the same error."""
    with pytest.raises(MessageError) as plain:
        m.to_json(text)
    with pytest.raises(MessageError) as typed:
        m.TextMessage(text)
    assert str(plain.value) == str(typed.value)
    assert plain.value.field == "TextMessage.text"
    assert isinstance(plain.value, CodeError)


def test_a_part_that_is_not_json_is_an_error() -> None:
    """Raw parts are not checked, but they must be JSON."""
    with pytest.raises(MessageError, match="FlexMessage has no JSON form: object is not JSON"):
        m.FlexMessage("a", contents={"type": object()}).to_dict()
    with pytest.raises(MessageError, match="TextMessage has no JSON form"):
        m.TextMessage("a", sender={"name": "\ud83c"}).to_dict()


def test_every_exported_name_is_there() -> None:
    """`__all__` and the lazy names agree, and a wrong name is an AttributeError."""
    assert all(getattr(m, name) is not None for name in m.__all__)
    assert sorted(m.__all__) == sorted({*m._HOME, "TEXT_LIMIT", "to_json"})
    with pytest.raises(AttributeError, match="has no attribute 'TextSendMessage'"):
        _ = m.TextSendMessage  # type: ignore[attr-defined]


def test_text_answers_import_no_message_class() -> None:
    """An echo bot pays for none of the classes, and a text message for no Flex."""
    code = (
        "import sys\n"
        "from penniless.messages import to_json\n"
        "to_json('x' * 5000), to_json('สวัสดี')\n"
        "print(sorted(n for n in sys.modules if n.startswith('penniless.') or n == 'msgspec'))\n"
        "from penniless.messages import TextMessage\n"
        "TextMessage('hi').to_dict()\n"
        "print(sorted(n for n in sys.modules if n.startswith('penniless.messages.')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "['penniless.counting', 'penniless.errors', 'penniless.messages']",
        "['penniless.messages.checks', 'penniless.messages.message', 'penniless.messages.text']",
    ]
