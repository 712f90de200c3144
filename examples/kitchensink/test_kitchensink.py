"""Everything the kitchen sink sends is accepted by the strict simulated LINE."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import Live, live

APP = Path(__file__).with_name("app.py")

SENDS = {
    "text": ["text"],
    "languages": ["text"] * 4,
    "quote": ["text"],
    "sender": ["text"],
    "sticker": ["sticker"],
    "image": ["image"],
    "video": ["video"],
    "audio": ["audio"],
    "location": ["location"],
    "coupon": ["coupon"],
    "imagemap": ["imagemap"],
    "buttons": ["template"],
    "confirm": ["template"],
    "carousel": ["template"],
    "images": ["template"],
    "flex": ["flex"],
    "receipt": ["flex"],
    "shelf": ["flex"],
    "quick": ["text"],
    "dates": ["template"],
    "five": ["text"] * 5,
    "menu": ["text", "text"],
}


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(APP, tmp_path_factory.mktemp("kitchensink")) as running:
        yield running


@pytest.mark.parametrize("command", SENDS)
def test_command_sends_its_message(bot: Live, command: str) -> None:
    """Each command is answered with messages of its type, and LINE takes them."""
    assert [message["type"] for message in bot.say(command)] == SENDS[command]


def test_profile_and_state(bot: Live) -> None:
    """The bot knows the sender's name, and counts for each conversation."""
    assert bot.say("profile")[0]["text"] == "You are Alice (en)."
    assert bot.say("count")[0]["text"] == "You said that 1 times."
    assert bot.say("count")[0]["text"] == "You said that 2 times."
    assert bot.say("count", **{"from": "bob"})[0]["text"] == "You said that 1 times."


def test_async_handler(bot: Live) -> None:
    """An `async def` handler gets the groups of its pattern by name."""
    assert bot.say("say おはよう")[0]["text"] == "おはよう"


def test_tap_and_date(bot: Live) -> None:
    """A tap arrives with its data, a date picker with what was chosen."""
    tap = {"data": "both", "params": {"datetime": "2026-12-24T18:00"}}
    outcome = bot.post("message", **{"from": "alice", "postback": tap})

    assert outcome["replies"][0]["text"] == "postback: both → 2026-12-24T18:00"


def test_picture_is_read(bot: Live) -> None:
    """The bytes of a picture come through the content call."""
    outcome = bot.post("message", **{"from": "alice", "image": {}})

    assert "bytes of image/png" in outcome["replies"][0]["text"]


def test_mention_in_a_group(bot: Live) -> None:
    """In a group the bot mentions the person who asked."""
    bot.post("groups", name="family", members=["alice", "bob"])

    message = bot.say("mention", **{"in": "family"})[0]

    assert message["substitution"]["you"]["type"] == "mention"


def test_push_is_counted(bot: Live) -> None:
    """A push arrives, and costs one of the month's messages."""
    before = bot.client.get("/sim/world").json()["channel"]["quota"]["used"]

    assert bot.say("push")[0]["text"].startswith("This was pushed")
    assert bot.client.get("/sim/world").json()["channel"]["quota"]["used"] == before + 1


def test_failing_handler_is_in_the_log(bot: Live) -> None:
    """A handler that raises answers nothing, and the log says so."""
    assert bot.say("error") == []
    assert bot.rows()[-1]["outcome"] == "failed: RuntimeError"
