"""The echo bot answers what it is told, whoever asks and in whatever script."""

import pytest


@pytest.mark.parametrize("text", ["hello", "สวัสดี 🍎", "こんにちは", "<b>&amp;</b>"])
def test_echo(alice, line, text):
    """Every text comes back as it went, free of charge."""
    alice.send(text)

    assert [one.text for one in alice.heard] == [text]
    assert line.pushed == 0


def test_echo_ignores_what_is_not_text(alice):
    """A sticker gets no answer and does no harm."""
    alice.sends_sticker()

    assert not alice.sees()
