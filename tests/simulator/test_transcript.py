"""A chat as plain text."""

from __future__ import annotations

import re

from penniless.simulator import relations
from penniless.simulator.acts import act
from penniless.simulator.transcript import transcript
from penniless.simulator.world import World


def test_a_chat_line_by_line(world: World) -> None:
    """People and bot by name, other kinds in brackets, notes of the system in parentheses."""
    alice = world.people["alice"]
    first = act(world, {"from": "alice", "text": "สวัสดี 🙂"}).entry
    act(world, {"from": "alice", "image": {}})
    world.bot_says(alice.user_id, {"type": "text", "text": "こんにちは"}, "reply")
    world.bot_says(
        alice.user_id,
        {"type": "flex", "altText": "メニュー", "sender": {"name": "店長"}},
        "push",
    )
    assert first is not None
    act(world, {"from": "alice", "unsend": {"messageId": first.id}})
    relations.block(world, alice)
    lines = transcript(world.chat(alice.user_id).entries).splitlines()
    assert [re.sub(r"^\d\d:\d\d ", "", line) for line in lines] == [
        "Alice: [message unsent]",
        "Alice: [image]",
        "Bot: こんにちは",
        "店長: メニュー",
        "(Alice blocked the bot)",
    ]
    assert all(re.match(r"\d\d:\d\d ", line) for line in lines)
