"""The echo bot answers what it is told, whoever asks and in whatever script."""

from pathlib import Path

import pytest

from tests.live import live

APP = Path(__file__).with_name("app.py")


def test_echo_answers_through_the_simulated_line(tmp_path: Path) -> None:
    """Every text comes back as it went, and both sides are in the log."""
    said = ["hello", "สวัสดี 🍎", "こんにちは", "<b>&amp;</b>"]
    with live(APP, tmp_path) as bot:
        heard = [bot.say(text) for text in said]
        rows = bot.rows()

    assert heard == [[{"type": "text", "text": text}] for text in said]
    assert [(row["message"], row["outcome"]) for row in rows] == [(t, "replied") for t in said]


@pytest.mark.parametrize("content", [{"sticker": {"packageId": "446", "stickerId": "1988"}}])
def test_echo_ignores_what_is_not_text(tmp_path: Path, content: dict[str, object]) -> None:
    """A sticker gets no answer and does no harm."""
    with live(APP, tmp_path) as bot:
        outcome = bot.post("message", **{"from": "alice"}, **content)

        assert outcome["replies"] == []
        assert [row["outcome"] for row in bot.rows()] == ["no handler"]
