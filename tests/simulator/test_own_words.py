"""What the account says by itself, and the plan that sets its quota."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from penniless.simulator import World
from penniless.simulator.acts import act
from penniless.simulator.places import Refused
from penniless.simulator.quota import PLANS
from penniless.simulator.settings import change, shown


def said(world: World, chat: str) -> list[tuple[str, str]]:
    return [(one.side, one.text) for one in world.chat(chat).entries]


def test_off_at_first(world: World) -> None:
    """Only what people and the bot say is in the chat."""
    alice = world.people["alice"].user_id
    act(world, {"from": "alice", "text": "hi"})
    act(world, {"from": "alice", "follow": True})
    assert [side for side, _ in said(world, alice)] == ["person", "system"]


def test_new_friends_are_greeted(world: World) -> None:
    """Before the bot hears of them; nothing is counted."""
    change(world, {"greeting": "はじめまして 🍎"})
    bob = world.people["bob"].user_id
    webhook = act(world, {"from": "bob", "follow": True}).webhook
    assert webhook is not None
    assert said(world, bob)[1:] == [("bot", "はじめまして 🍎")]
    assert world.bot_entries_since(bob, webhook.seq) == []
    assert world.quota.used(world.now()) == 0


def test_texts_are_answered_in_their_own_chat_only(world: World) -> None:
    """Not in groups, and not what is no text."""
    change(world, {"autoReply": "谢谢"})
    alice = world.people["alice"].user_id
    group = world.add_group("family", ["alice"])
    act(world, {"from": "alice", "text": "hi"})
    act(world, {"from": "alice", "in": "family", "text": "hi"})
    act(world, {"from": "alice", "sticker": {"packageId": "446", "stickerId": "1988"}})
    assert [one for one in said(world, alice) if one[0] == "bot"] == [("bot", "谢谢")]
    assert [side for side, _ in said(world, group.id)] == ["person"]
    change(world, {"autoReply": None})
    act(world, {"from": "alice", "text": "hi"})
    assert said(world, alice)[-1] == ("person", "hi")


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_sets_the_quota(world: World, plan: str) -> None:
    """And a quota of one's own takes its place."""
    change(world, {"plan": plan})
    assert (shown(world)["plan"], world.quota.limit) == (plan, PLANS[plan])
    change(world, {"quota": 7})
    assert (shown(world)["plan"], world.quota.limit) == (None, 7)
    change(world, {"plan": plan, "quota": 8})
    change(world, {"plan": None})
    assert (shown(world)["plan"], world.quota.limit) == (None, 8)


def test_the_free_plans() -> None:
    """Japan 200, Taiwan 200, Thailand 300."""
    free = [PLANS[name] for name in ("jp-communication", "tw-light", "th-free")]
    assert free == [200, 200, 300]


@pytest.mark.parametrize(
    "asked",
    [
        {"greeting": ""},
        {"greeting": " "},
        {"greeting": 1},
        {"autoReply": "🍎" * 251},
        {"autoReply": False},
        {"plan": "free"},
        {"plan": 200},
    ],
)
def test_what_is_refused_changes_nothing(world: World, asked: dict[str, Any]) -> None:
    """Not even what is right beside it."""
    before = shown(world)
    with pytest.raises(Refused):
        change(world, {"verified": True, **asked})
    assert shown(world) == before


def test_over_http(sim: httpx.Client) -> None:
    """The answer shows the settings, and an auto-reply is not among the replies."""
    answer = sim.post("/sim/channel", json={"autoReply": "later", "plan": "th-free"}).json()
    assert (answer["autoReply"], answer["quota"]["value"]) == ("later", 300)
    assert sim.post("/sim/message", json={"from": "alice", "text": "hi"}).json()["replies"] == []
    assert "later" in sim.get("/sim/chat/alice?format=text").text
