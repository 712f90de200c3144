"""Everything the kitchen sink sends is accepted by the strict simulated LINE."""

import pytest

from penniless.messages import StickerMessage

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


@pytest.mark.parametrize("command", SENDS)
def test_command_sends_its_message(alice, command):
    """Each command is answered with messages of its type, and LINE takes them."""
    alice.send(command)

    assert [one.type for one in alice.heard] == SENDS[command]


def test_profile_and_state(alice, bob):
    """The bot knows the sender's name, and counts for each conversation."""
    alice.send("profile")
    assert alice.sees("You are Alice (en).")
    for times in (1, 2):
        alice.send("count")
        assert alice.sees(f"You said that {times} times.")
    bob.send("count")
    assert bob.sees("You said that 1 times.")


def test_async_handler(alice):
    """An `async def` handler gets the groups of its pattern by name."""
    alice.send("say おはよう")

    assert alice.sees("おはよう")


def test_tap_and_date(alice):
    """A tap arrives with its data, a date picker with what was chosen."""
    alice.send("buttons")
    alice.taps("お茶")
    assert alice.sees("postback: drink=tea")
    assert alice.taps("The card") == "https://example.com/card"

    alice.send("dates")
    alice.taps("Both", "2026-12-24T18:00")
    assert alice.sees("postback: both → 2026-12-24T18:00")


def test_picture_is_read(alice):
    """The bytes of a picture come through the content call."""
    alice.sends_image()

    assert alice.sees("bytes of image/png")


def test_what_people_send_comes_back(alice):
    """A sticker is answered with the same, a place with where it is."""
    alice.send(StickerMessage("446", "1989"))
    assert alice.sees(StickerMessage("446", "1989"))
    alice.sends_location("東京駅")
    assert alice.sees("東京駅 is at 35.6812, 139.7671.")


def test_groups(alice, bob, line):
    """In a group the bot mentions the person who asked, and hears when it is mentioned."""
    family = line.group("family", alice, bob)

    family.send(alice, "mention")
    assert alice.last.message["substitution"]["you"]["type"] == "mention"
    family.send(bob, "are you there?", mentions="bot")
    assert alice.sees("You called?")


def test_loading(alice):
    """The loading animation is asked for, and ends when the answer is there."""
    alice.send("loading")

    assert alice.sees("Did you see the dots?")
    assert not alice.sees_loading


def test_push_is_counted(alice, line):
    """A push arrives, and costs one of the month's messages."""
    alice.send("push")

    assert alice.sees("This was pushed")
    assert line.pushed == 1


def test_failing_handler(alice):
    """A handler that raises answers nothing."""
    with pytest.raises(RuntimeError, match="always fails"):
        alice.send("error")

    assert not alice.sees()
