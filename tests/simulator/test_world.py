"""The world keeps what it must and forgets what it may."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest

from penniless.simulator import World
from penniless.simulator import world as module
from penniless.simulator.acts import act
from penniless.simulator.records import Media, Outcome, Webhook

OK = Outcome(status=200, milliseconds=1, reason="ok")


@pytest.fixture
def heard(world: World) -> list[tuple[str, Any]]:
    """What a listener hears from now on."""
    news: list[tuple[str, Any]] = []
    world.listeners.append(lambda kind, value: news.append((kind, value)))
    return news


def test_ids_are_the_same_in_each_run() -> None:
    """People are recognised from run to run, whatever the random numbers are."""
    one, other = World(), World()
    assert one.people["alice"].user_id == other.people["alice"].user_id
    assert one.user_id == other.user_id
    assert one.channel_secret != other.channel_secret


def test_people_and_groups_are_found_by_name_and_id(world: World) -> None:
    group = world.add_group("家族", ["alice"])
    alice = world.people["alice"]
    assert [world.find(key) for key in ("家族", group.id)] == [group, group]
    assert [world.find(key) for key in ("alice", alice.user_id)] == [alice, alice]
    assert world.find("nobody") is None
    assert world.person_of(group.id) is None
    assert world.group_of(alice.user_id) is None


def test_a_chat_is_bounded(world: World) -> None:
    """The oldest entries go, with their index and their bytes."""
    first = act(world, {"from": "alice", "image": {}}).entry
    assert first is not None
    for number in range(module.CHAT_KEPT):
        world.note(first.chat, str(number))
    entries = world.chat(first.chat).entries
    assert len(entries) == module.CHAT_KEPT
    assert entries[0].text == "0"
    assert first.id not in world.messages
    assert first.id not in world.media


def test_the_wire_is_bounded(world: World) -> None:
    assert world.wire.maxlen == module.WIRE_KEPT == 5_000
    world.wire = deque(world.wire, maxlen=3)
    made = [world.post([], None) for _ in range(5)]
    assert list(world.wire_since(0)) == made[2:]
    assert list(world.wire_since(made[3].seq)) == made[4:]
    assert list(world.wire_since(made[4].seq)) == []


def test_bytes_are_bounded(world: World) -> None:
    """Above the bound the oldest bytes go; what was sent last is always there."""
    half = bytes(module.MEDIA_BYTES_KEPT // 2)
    for name in "abc":
        world.keep_media(name, Media(kind="video", data=half, content_type="video/mp4"))
    assert list(world.media) == ["b", "c"]
    huge = bytes(module.MEDIA_BYTES_KEPT + 1)
    world.keep_media("d", Media(kind="video", data=huge, content_type="video/mp4"))
    assert list(world.media) == ["d"]


def test_a_webhook_from_before_a_reset_is_not_news(
    world: World, heard: list[tuple[str, Any]]
) -> None:
    """A delivery that ends after a reset is settled and says nothing to anybody."""
    webhook = world.post([], None)
    world.reset()
    heard.clear()
    world.settle(webhook, OK)
    assert webhook.done
    assert heard == []


def test_what_listeners_hear(world: World, heard: list[tuple[str, Any]]) -> None:
    webhook = act(world, {"from": "alice", "text": "hi"}).webhook
    assert isinstance(webhook, Webhook)
    world.settle(webhook, OK)
    assert [kind for kind, _ in heard] == ["entry", "wire", "wire", "log", "entry"]
    assert heard[2][1] is webhook


def test_a_redelivery_is_found_by_event(world: World) -> None:
    webhook = act(world, {"from": "alice", "text": "hi"}).webhook
    assert webhook is not None
    again = world.post_again(webhook)
    assert world.find_webhook(webhook.event_ids[0]) is again
    assert world.find_webhook("01J") is None


def test_reading_stops_at_what_is_read(world: World, heard: list[tuple[str, Any]]) -> None:
    """Only what changed is told, and only up to the given number."""
    chat = world.people["alice"].user_id
    said = [world.bot_says(chat, {"type": "text", "text": text}, "push") for text in "abc"]
    assert world.mark_read(chat, said[1].seq, side="bot") == 2
    heard.clear()
    assert world.mark_read(chat, said[2].seq, side="bot") == 1
    assert [value.text for _, value in heard] == ["c"]
