"""Anything on the wire is done again, and every kind of conversation becomes a test that passes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.stage import PICTURES, Stage, eventually
from tests.browser.test_copies import BOT, copied_test

pytestmark = pytest.mark.browser

pytest_plugins = ["pytester"]

Json = dict[str, Any]
NEW = {"webhookEventId", "timestamp", "replyToken", "deliveryContext"}
NEW_OF_MESSAGE = {"id", "quoteToken", "markAsReadToken"}
PLAN = {"membershipId": 7, "title": "Gold"}

TAPPED = """params = ctx.event.postback.params
    return f"postback {ctx.event.postback.data} {params and params.date or ''}".strip()"""
"""What the bot of the stage says, for the bot of the copied test."""

ACTS: dict[str, Json] = {
    "text": {"text": "ส่งอีกครั้ง 😀"},
    "emoji": {"text": "hi (love)", "emojis": [{"index": 3, "length": 6, "productId": "p"}]},
    "sticker": {"sticker": {"packageId": "1", "stickerId": "2", "text": "やあ", "keywords": ["a"]}},
    "image": {"image": {"imageSet": {"id": "AB", "index": 1, "total": 2}}},
    "video": {"video": {"duration": 4000}},
    "audio": {"audio": {"duration": 1500}},
    "file": {"file": {"fileName": "見積 1.pdf", "data": "JVBERi0=", "contentType": "x/pdf"}},
    "elsewhere": {"image": {"url": f"{PICTURES}/photo.png"}},
    "location": {"location": {"title": "東京駅", "latitude": 35.6, "longitude": 139.7}},
    "postback": {
        "postback": {"data": "buy=1", "displayText": "Buy", "params": {"date": "2026-01-02"}}
    },
    "tab": {"richMenuSwitch": {"richMenuAliasId": "tab-a", "data": "x"}},
    "follow": {"follow": True},
    "membership": {"membership": {"type": "joined", "membershipId": 7}},
    "link": {"accountLink": {"linkToken": "made-up", "nonce": "0123456789abcdef"}},
    "beacon": {"event": {"type": "beacon", "beacon": {"hwid": "d41d8cd98f", "type": "enter"}}},
    "seen": {"event": {"type": "videoPlayComplete", "videoPlayComplete": {"trackingId": "t"}}},
    "future": {"event": {"type": "未来", "future": {"a": [1, None, True]}}},
    "unknown message": {"event": {"type": "message", "message": {"type": "hologram", "x": 1}}},
    "standby": {
        "event": {"type": "message", "mode": "standby", "message": {"type": "text", "text": "shh"}}
    },
    "module": {"event": {"type": "module", "module": {"type": "attached", "botId": "U1"}}},
    "suspended": {"event": {"type": "botSuspended"}},
    "activated": {"event": {"type": "activated", "chatControl": {"expireAt": 1}}},
}


def sent(stage: Stage, number: int) -> list[Json]:
    """The events of all webhooks, as soon as there are so many webhooks."""

    def webhooks() -> list[Json]:
        entries = httpx.get(f"{stage.url}/sim/wire").json()["entries"]
        return [one for one in entries if one["kind"] == "webhook" and one["done"]]

    eventually(stage.page, lambda: len(webhooks()) == number)
    return [event for one in webhooks() for event in one["body"]["events"]]


def own(event: Json) -> Json:
    """What is the same when it happens again."""
    kept = {name: value for name, value in event.items() if name not in NEW}
    if event["type"] == "message":
        message = kept["message"].items()
        kept["message"] = {name: value for name, value in message if name not in NEW_OF_MESSAGE}
    return kept


def done(stage: Stage, path: str = "/message", /, **request: Any) -> Json:
    answer = httpx.post(f"{stage.url}/sim{path}", json=request)
    answer.raise_for_status()
    found: Json = answer.json()
    return found


def again(stage: Stage) -> None:
    """Press "Send again" in the newest webhook."""
    entries = httpx.get(f"{stage.url}/sim/wire").json()["entries"]
    newest = max(one["seq"] for one in entries if one["kind"] == "webhook")
    row = stage.page.locator(f".wire-webhook[data-seq='{newest}']")
    row.locator("summary").first.click()
    row.get_by_role("button", name="Send again").click()


@pytest.mark.parametrize("kind", ACTS)
def test_whatever_a_person_does_is_done_again(stage: Stage, kind: str) -> None:
    """The same event with another id: all of its own properties, and none of the spent tokens."""
    done(stage, "/channel", memberships=[PLAN])
    done(stage, **{"from": "alice", **ACTS[kind]})
    again(stage)
    first, second = sent(stage, 2)
    assert own(first) == own(second)
    assert first["webhookEventId"] != second["webhookEventId"]
    assert second["deliveryContext"] == {"isRedelivery": False}
    if first["type"] == "message":
        assert first["message"]["id"] != second["message"]["id"]
    assert ("replyToken" in first) == ("replyToken" in second)
    assert "replyToken" not in first or first["replyToken"] != second["replyToken"]


def family(stage: Stage) -> None:
    done(stage, "/groups", name="family", members=["alice", "bob"])
    done(stage, "/people", name="hanako", quiet=True)


def test_what_happens_in_groups_is_done_again(stage: Stage) -> None:
    """Mentions, and members who come and go: from the same source."""
    family(stage)
    hello: Json = {"from": "bob", "in": "family", "text": "hi @Penny", "mentions": ["bot"]}
    done(stage, **hello)
    again(stage)
    *_, first, second = sent(stage, 3)
    assert own(first) == own(second)
    for path, count in (("/groups/family/join", 5), ("/groups/family/leave", 7)):
        done(stage, path, person="hanako")
        again(stage)
        *_, first, second = sent(stage, count)
        assert own(first) == own(second)
    assert first["left"]["members"][0]["type"] == "user"
    assert "userId" not in first["source"]


def test_the_bot_joins_again_where_it_is(stage: Stage) -> None:
    """The event comes once more; where the bot is not, it really joins."""
    family(stage)
    again(stage)
    first, second = sent(stage, 2)
    assert (first["type"], own(first)) == ("join", own(second))
    done(stage, "/groups/family/leave", person="bot")
    expect(stage.page.locator(".wire-webhook")).to_have_count(3)
    stage.page.locator(".wire-webhook").last.get_by_role("button", name="Send again").click()
    assert [one["type"] for one in sent(stage, 4)] == ["join", "join", "leave", "join"]
    assert stage.simulator.world.groups["family"].has_bot


def test_what_cannot_be_done_twice_is_refused_in_words(stage: Stage) -> None:
    """Who has blocked the bot cannot block it; unblocked, they can."""
    done(stage, "/people/alice/block")
    again(stage)
    expect(stage.page.locator(".toast.bad")).to_contain_text("has blocked the bot already")
    stage.errors.clear()  # the browser lists the 409
    stage.page.get_by_role("button", name="Unblock").click()
    assert sent(stage, 2)[-1]["follow"] == {"isUnblocked": True}
    stage.page.locator(".wire-webhook").last.get_by_role("button", name="Send again").click()
    assert sent(stage, 3)[-1]["type"] == "unfollow"


def test_several_events_of_one_webhook_stay_together(stage: Stage) -> None:
    """Two people, one webhook; and once more in one."""
    acts = [
        {"from": "alice", "text": "one"},
        {"from": "bob", "sticker": {"packageId": "446", "stickerId": "1988"}},
    ]
    done(stage, "/webhook", events=acts)
    again(stage)
    events = sent(stage, 2)
    assert [own(one) for one in events[:2]] == [own(one) for one in events[2:]]


def test_verifying_is_done_again(stage: Stage) -> None:
    done(stage, "/verify")
    again(stage)
    assert sent(stage, 2) == []


def passes(pytester: pytest.Pytester, made: str) -> None:
    """The copied test runs against the bot of the tests of copies, and passes."""
    tapped = BOT.replace('return "postback item=1"', TAPPED)
    pytester.makepyfile(app=tapped, test_copied=made.replace("@Penny", "@Bot"))
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "test_copied.py")
    result.assert_outcomes(passed=1)


def test_every_kind_of_event_becomes_a_test_that_passes(
    stage: Stage, pytester: pytest.Pytester
) -> None:
    """One conversation with all of them; the account's own texts are not the bot's."""
    done(stage, "/channel", memberships=[PLAN], greeting="はじめまして", autoReply="お待ちを")
    for act in ACTS.values():
        done(stage, **{"from": "alice", **act})
    done(stage, "/webhook", events=[{"from": "alice", "text": one} for one in ("a", "b", "c")])
    taken = done(stage, **{"from": "alice", "text": "oops"})["message"]["id"]
    done(stage, **{"from": "alice", "unsend": {"messageId": taken}})
    shown = done(stage, **{"from": "alice", "postback": {"data": "x", "displayText": "Tap"}})
    done(stage, **{"from": "alice", "unsend": {"messageId": shown["message"]["id"]}})
    done(stage, "/people/alice/block")
    done(stage, "/people/alice/unblock")
    expect(stage.page.locator(".wire-webhook")).to_have_count(len(ACTS) + 7)
    made = copied_test(stage)
    assert "はじめまして" not in made
    assert "お待ちを" not in made
    assert "undefined" not in made
    assert made.count("    with line.together():\n") == 1
    for line in (
        'alice.sends_file(name="見積 1.pdf")',
        "alice.sends_image()",
        'alice.causes("membership", membership={',
        'alice.causes("accountLink", link={',
        'alice.causes("botSuspended")',
        'mode="standby")',
        "alice.follows()",
        "alice.blocks()",
        "alice.unblocks()",
    ):
        assert line in made, line
    passes(pytester, made)


def test_a_copied_group_keeps_who_left_and_who_stayed(
    stage: Stage, pytester: pytest.Pytester
) -> None:
    """Taps, quotes, pictures, and the bot that leaves and comes back."""
    family(stage)
    place: Json = {"from": "alice", "in": "family"}
    done(stage, **place, text="buttons")
    done(stage, **place, postback={"data": "item=1", "displayText": "注文"})
    first = done(stage, **place, text="first")["message"]["id"]
    done(stage, **{**place, "from": "bob"}, text="re", quote=first)
    done(stage, **{**place, "from": "bob"}, image={})
    done(stage, "/groups/family/leave", person="bob")
    done(stage, "/groups/family/leave", person="bot")
    done(stage, "/groups/family/join", person="bot")
    done(stage, "/groups/family/join", person="hanako")
    done(stage, **{**place, "from": "hanako"}, text="やあ")
    stage.chat_with("family").click()
    expect(stage.page.locator(".wire-webhook")).to_have_count(11)
    made = copied_test(stage)
    assert 'family = line.group("family", alice, bob)' in made
    assert 'bob.in_(family).replies_to(message_1, "re")' in made
    assert "family.loses_bot()" in made
    passes(pytester, made)
