"""The control interface under /sim, over real HTTP, with a bot behind the simulator."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from typing import Any

import httpx
import pytest

from penniless.ports import Row
from penniless.simulator import Simulator
from penniless.simulator.server import serving
from penniless.stores.memory import MemoryStore
from tests.simulator.conftest import SECRET, TOKEN
from tests.simulator.peers import Answer, Received, StubBot

Json = dict[str, Any]

ENTRY_KEYS = """
seq id chat from name userId iconUrl time message text via read unsent edited quoted
"""
WEBHOOK_KEYS = """
kind seq time url headers body raw status milliseconds reason detail eventIds chat redelivery
attempt copy fault done
"""
CALL_KEYS = """
kind seq time operation method path query requestHeaders request status responseHeaders response
milliseconds requestId chat hint fault
"""


def say(sim: httpx.Client, **request: Any) -> Json:
    answer = sim.post("/sim/message", json={"from": "alice", **request})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and sentence of an error, which has nothing else in its body."""
    body = answer.json()
    assert list(body) == ["error"]
    return answer.status_code, body["error"]


def call_api(sim: httpx.Client, path: str, body: Json) -> httpx.Response:
    return sim.post(path, json=body, headers={"authorization": f"Bearer {TOKEN}"})


def echo(sim: httpx.Client, bot: StubBot, *, failing: bool = False) -> None:
    """Let the stub bot reply to each text before it answers the webhook."""

    def behave(received: Received) -> Answer:
        for event in received.events:
            if event["type"] == "message":
                text = {"type": "text", "text": event["message"].get("text", "?")}
                body = {"replyToken": event["replyToken"], "messages": [text]}
                with httpx.Client(base_url=sim.base_url, verify=False, trust_env=False) as client:
                    call_api(client, "/v2/bot/message/reply", body)
        return (500 if failing else 200), {}

    bot.behave = behave


class TestWorld:
    def test_the_world_at_the_start(self, sim: httpx.Client) -> None:
        """Alice and Bob, friends; the channel without its secret."""
        world = sim.get("/sim/world").json()
        assert [person["name"] for person in world["people"]] == ["alice", "bob"]
        assert world["people"][0] == {
            "name": "alice",
            "displayName": "Alice",
            "userId": "Udabd1db8d35ab13106274f61f1bf9778",
            "friend": True,
            "blocked": False,
            "language": "en",
            "color": "#d9534f",
        }
        assert world["channel"]["quota"] == {"type": "limited", "value": 200, "used": 0}
        assert (world["groups"], world["loading"], world["hasLog"]) == ([], {}, False)
        assert world["bot"] == {"status": "external", "detail": ""}
        assert SECRET not in json.dumps(world)
        assert TOKEN not in json.dumps(world)
        assert re.fullmatch(r"U[0-9a-f]{32}", world["channel"]["userId"])

    def test_nothing_under_sim_shows_the_secrets(self, sim: httpx.Client, bot: StubBot) -> None:
        echo(sim, bot)
        say(sim, text="hi")
        for path in ("/sim/world", "/sim/wire", "/sim/chat/alice", "/sim/log"):
            shown = sim.get(path).text
            assert SECRET not in shown, path
            assert TOKEN not in shown, path

    def test_a_loading_animation_is_in_the_world(
        self, sim: httpx.Client, simulator: Simulator
    ) -> None:
        alice = simulator.world.people["alice"].user_id
        call_api(sim, "/v2/bot/chat/loading/start", {"chatId": alice})
        world = sim.get("/sim/world").json()
        assert world["loading"][alice] > world["now"]

    def test_settings_of_the_channel(self, sim: httpx.Client) -> None:
        changed = {"quota": None, "chatMode": "chat", "webhook": "https://example.com/x"}
        channel = sim.post("/sim/channel", json=changed).json()
        assert channel["quota"] == {"type": "none", "used": 0}
        assert (channel["chatMode"], channel["webhook"]) == ("chat", "https://example.com/x")
        assert sim.get("/sim/world").json()["channel"] == channel

    def test_settings_of_redelivery_and_rates(self, sim: httpx.Client) -> None:
        """As at LINE at first: no redelivery, rate limits. Each can be set without the others."""
        before = sim.get("/sim/world").json()["channel"]
        names = ("redelivery", "redeliverySchedule", "rateLimits")
        assert [before[name] for name in names] == [False, [5, 20, 60, 300], True]
        for changed in (
            {"redelivery": True},
            {"redeliverySchedule": [0.5, 1]},
            {"rateLimits": False},
        ):
            sim.post("/sim/channel", json=changed)
        channel = sim.get("/sim/world").json()["channel"]
        assert [channel[name] for name in names] == [True, [0.5, 1], False]
        assert channel["webhook"] == before["webhook"]

    def test_webhooks_off(self, sim: httpx.Client, bot: StubBot) -> None:
        """Nothing goes out but LINE's test, it is no failure, and the bot is told if it asks."""
        sim.post("/sim/channel", json={"useWebhook": False, "redelivery": True})
        webhook = say(sim, text="hi", wait=5)["webhook"]
        assert (webhook["status"], webhook["reason"]) == (None, "off")
        assert bot.received == []
        assert sim.get("/sim/errors").json() == {"errors": []}
        assert sim.get("/sim/world").json()["pending"] == 0
        headers = {"authorization": f"Bearer {TOKEN}"}
        endpoint = "/v2/bot/channel/webhook/endpoint"
        assert sim.get(endpoint, headers=headers).json() == {"endpoint": bot.url, "active": False}
        assert call_api(sim, "/v2/bot/channel/webhook/test", {}).json()["success"] is True
        sim.post("/sim/channel", json={"useWebhook": True})
        assert sim.get(endpoint, headers=headers).json()["active"] is True
        assert say(sim, text="hi")["webhook"]["reason"] == "ok"

    def test_faults_wait_while_webhooks_are_off(self, sim: httpx.Client, bot: StubBot) -> None:
        """What is not sent cannot be lost: the fault strikes the next one that is."""
        sim.post(
            "/sim/faults", json={"endpoint": "webhook", "effect": {"type": "lost"}, "times": 1}
        )
        sim.post("/sim/channel", json={"useWebhook": False})
        webhook = say(sim, text="hi")["webhook"]
        assert (webhook["reason"], webhook["fault"]) == ("off", "")
        sim.post("/sim/channel", json={"useWebhook": True})
        assert say(sim, text="hi")["webhook"]["fault"] == "lost"
        assert say(sim, text="hi")["webhook"]["reason"] == "ok"
        assert len(bot.received) == 1

    @pytest.mark.parametrize(
        "body",
        [
            {"quota": -1},
            {"quota": "5"},
            {"chatMode": ["bot"]},
            {"useWebhook": "off"},
            {"webhook": 5},
            {"redelivery": "on"},
            {"rateLimits": 1},
            {"redeliverySchedule": 5},
            {"redeliverySchedule": [-1]},
            {"redelivery": True, "redeliverySchedule": ["5"]},
        ],
    )
    def test_bad_settings(self, sim: httpx.Client, body: Json) -> None:
        before = sim.get("/sim/world").json()["channel"]
        assert refused(sim.post("/sim/channel", json=body))[0] == 400
        assert sim.get("/sim/world").json()["channel"] == before


class TestPeople:
    def test_a_new_person_follows(self, sim: httpx.Client, bot: StubBot) -> None:
        answer = sim.post(
            "/sim/people", json={"name": "hanako", "displayName": "花子", "language": "ja"}
        )
        assert answer.status_code == 201
        person = answer.json()
        assert (person["displayName"], person["language"], person["friend"]) == ("花子", "ja", True)
        (event,) = bot.received[-1].events
        assert event["type"] == "follow"
        assert event["follow"] == {"isUnblocked": False}
        assert event["source"] == {"type": "user", "userId": person["userId"]}

    def test_a_quiet_person(self, sim: httpx.Client, bot: StubBot) -> None:
        person = sim.post("/sim/people", json={"name": "สมชาย", "quiet": True}).json()
        assert person["displayName"] == "สมชาย"
        assert bot.received == []
        assert sim.get("/sim/chat/สมชาย").json()["entries"] == []

    def test_a_name_is_taken_once(self, sim: httpx.Client) -> None:
        sim.post("/sim/groups", json={"name": "family", "members": []})
        for name in ("alice", "family"):
            answer = sim.post("/sim/people", json={"name": name})
            assert refused(answer) == (409, f"the name {name!r} is taken")

    @pytest.mark.parametrize("name", ["", " a", "a/b", "bot", "all", 5, None, "a" * 51])
    def test_bad_names(self, sim: httpx.Client, name: Any) -> None:
        assert refused(sim.post("/sim/people", json={"name": name}))[0] == 400
        assert refused(sim.post("/sim/groups", json={"name": name}))[0] == 400

    def test_blocking_and_unblocking(self, sim: httpx.Client, bot: StubBot) -> None:
        """unfollow, then follow with isUnblocked true."""
        blocked = sim.post("/sim/people/alice/block").json()["webhook"]
        assert blocked["body"]["events"][0]["type"] == "unfollow"
        assert sim.get("/sim/world").json()["people"][0]["blocked"] is True
        assert refused(sim.post("/sim/people/alice/block"))[0] == 409
        assert refused(sim.post("/sim/message", json={"from": "alice", "text": "hi"}))[0] == 409
        unblocked = sim.post("/sim/people/alice/unblock").json()["webhook"]
        assert unblocked["body"]["events"][0]["follow"] == {"isUnblocked": True}
        assert refused(sim.post("/sim/people/alice/unblock"))[0] == 409
        assert [received.events[0]["type"] for received in bot.received] == ["unfollow", "follow"]

    def test_following_again_unblocks(self, sim: httpx.Client) -> None:
        sim.post("/sim/people/alice/block")
        webhook = say(sim, follow=True)["webhook"]
        assert webhook["body"]["events"][0]["follow"] == {"isUnblocked": True}

    def test_a_stranger(self, sim: httpx.Client, bot: StubBot) -> None:
        """Somebody who has not added the bot, and so is not announced."""
        person = sim.post("/sim/people", json={"name": "carol", "friend": False}).json()
        assert person["friend"] is False
        assert bot.received == []

    def test_nobody(self, sim: httpx.Client) -> None:
        assert refused(sim.post("/sim/people/carol/block"))[0] == 404


class TestGroups:
    def test_a_group_with_the_bot(self, sim: httpx.Client, bot: StubBot) -> None:
        answer = sim.post("/sim/groups", json={"name": "家族", "members": ["alice", "bob"]})
        assert answer.status_code == 201
        group = answer.json()
        assert re.fullmatch(r"C[0-9a-f]{32}", group.pop("id"))
        assert group == {
            "name": "家族",
            "kind": "group",
            "members": ["alice", "bob"],
            "hasBot": True,
        }
        assert bot.received[-1].events[0]["type"] == "join"

    def test_a_room(self, sim: httpx.Client) -> None:
        room = sim.post("/sim/groups", json={"name": "r", "members": ["bob"], "kind": "room"})
        assert room.json()["id"].startswith("R")
        source = say(sim, **{"from": "bob", "in": "r", "text": "hi"})["webhook"]["body"]["events"][
            0
        ]
        assert source["source"]["roomId"] == room.json()["id"]

    def test_members_come_and_go(self, sim: httpx.Client) -> None:
        sim.post("/sim/groups", json={"name": "g", "members": ["alice"]})
        for what, kind in (("join", "memberJoined"), ("leave", "memberLeft")):
            webhook = sim.post(f"/sim/groups/g/{what}", json={"person": "bob"}).json()["webhook"]
            assert webhook["body"]["events"][0]["type"] == kind
            assert refused(sim.post(f"/sim/groups/g/{what}", json={"person": "bob"}))[0] == 409
        assert sim.get("/sim/world").json()["groups"][0]["members"] == ["alice"]

    def test_the_bot_comes_and_goes(self, sim: httpx.Client) -> None:
        """Without the bot in it, a group's messages reach nobody's server."""
        sim.post("/sim/groups", json={"name": "g", "members": ["alice"]})
        for what in ("leave", "join"):
            webhook = sim.post(f"/sim/groups/g/{what}", json={"person": "bot"}).json()["webhook"]
            assert webhook["body"]["events"][0]["type"] == what
            assert refused(sim.post(f"/sim/groups/g/{what}", json={"person": "bot"}))[0] == 409
            done = say(sim, **{"in": "g", "text": "hi"})
            assert (done["webhook"] is None) == (what == "leave")
            assert done["message"]["text"] == "hi"

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"name": "g", "members": ["carol"]}, 404),
            ({"name": "g", "members": "alice"}, 400),
            ({"name": "g", "members": [], "kind": "party"}, 400),
            ({"name": "g", "members": [], "kind": []}, 400),
        ],
    )
    def test_bad_groups(self, sim: httpx.Client, body: Json, status: int) -> None:
        assert refused(sim.post("/sim/groups", json=body))[0] == status
        assert sim.get("/sim/world").json()["groups"] == []

    def test_only_members_write(self, sim: httpx.Client) -> None:
        sim.post("/sim/groups", json={"name": "g", "members": ["alice"]})
        body = {"from": "bob", "in": "g", "text": "hi"}
        expected = (400, "bob is not a member of g")
        assert refused(sim.post("/sim/message", json=body)) == expected


class TestMessage:
    def test_a_message_and_its_reply(self, sim: httpx.Client, bot: StubBot) -> None:
        """What alice said, how the webhook ended, what the bot answered meanwhile."""
        echo(sim, bot)
        done = say(sim, text="こんにちは 🙂")
        assert list(done) == ["message", "webhook", "replies"]
        assert list(done["message"]) == ENTRY_KEYS.split()
        assert list(done["webhook"]) == WEBHOOK_KEYS.split()
        webhook = done["webhook"]
        assert (webhook["status"], webhook["reason"], webhook["done"]) == (200, "ok", True)
        assert 0 < webhook["milliseconds"] < 2000
        assert webhook["eventIds"] == [webhook["body"]["events"][0]["webhookEventId"]]
        (reply,) = done["replies"]
        assert list(reply) == ENTRY_KEYS.split()
        assert (reply["from"], reply["via"], reply["text"]) == ("bot", "reply", "こんにちは 🙂")

    def test_a_bot_that_fails_after_replying(self, sim: httpx.Client, bot: StubBot) -> None:
        echo(sim, bot, failing=True)
        done = say(sim, text="hi")
        assert (done["webhook"]["reason"], done["webhook"]["detail"]) == (
            "error_status_code",
            "500",
        )
        assert [reply["text"] for reply in done["replies"]] == ["hi"]
        assert done["message"]["read"] is False

    def test_replies_of_other_chats_are_not_mixed_in(
        self, sim: httpx.Client, bot: StubBot, simulator: Simulator
    ) -> None:
        bob = simulator.world.people["bob"].user_id

        def behave(_received: Received) -> Answer:
            with httpx.Client(base_url=sim.base_url, verify=False, trust_env=False) as client:
                text = {"type": "text", "text": "for bob"}
                call_api(client, "/v2/bot/message/push", {"to": bob, "messages": [text]})
            return 200, {}

        bot.behave = behave
        assert say(sim, text="hi")["replies"] == []
        assert sim.get("/sim/chat/bob").json()["entries"][0]["via"] == "push"

    def test_waiting_for_a_late_answer(
        self, sim: httpx.Client, bot: StubBot, simulator: Simulator
    ) -> None:
        """With `wait`, an answer that comes after the webhook's 200 is waited for."""
        alice = simulator.world.people["alice"].user_id
        answered = threading.Event()
        threads = []

        def later() -> None:
            answered.wait(5)
            with httpx.Client(base_url=sim.base_url, verify=False, trust_env=False) as client:
                text = {"type": "text", "text": "late"}
                call_api(client, "/v2/bot/message/push", {"to": alice, "messages": [text]})

        def behave(_received: Received) -> Answer:
            threads.append(threading.Thread(target=later))
            threads[-1].start()
            return 200, {}

        bot.behave = behave
        simulator.world.listeners.append(
            lambda kind, value: answered.set() if kind == "wire" and value.done else None
        )
        try:
            done = say(sim, text="hi", wait=10)
        finally:
            simulator.world.listeners.pop()
            threads[0].join()
        assert [reply["text"] for reply in done["replies"]] == ["late"]

    def test_waiting_in_vain(self, sim: httpx.Client) -> None:
        assert say(sim, text="hi", wait=0.05)["replies"] == []

    @pytest.mark.parametrize("wait", [-1, 31, "5", True])
    def test_a_bad_wait(self, sim: httpx.Client, wait: Any) -> None:
        body = {"from": "alice", "text": "hi", "wait": wait}
        assert refused(sim.post("/sim/message", json=body))[0] == 400

    def test_a_bot_that_is_not_there(self, sim: httpx.Client) -> None:
        """The message stands in the chat; the webhook says what went wrong."""
        sim.post("/sim/channel", json={"webhook": None})
        done = say(sim, text="hi", wait=30)
        assert done["webhook"]["reason"] == "could_not_connect"
        assert done["message"]["text"] == "hi"

    @pytest.mark.parametrize(
        ("body", "status", "sentence"),
        [
            ({}, 400, "exactly one of"),
            ({"from": "alice"}, 400, "exactly one of text, sticker"),
            ({"from": "alice", "text": "a", "follow": True}, 400, "exactly one of"),
            ({"text": "a"}, 404, "there is no person None"),
            ({"from": "carol", "text": "a"}, 404, "there is no person 'carol'"),
            ({"from": ["alice"], "text": "a"}, 404, "there is no person"),
            ({"from": "alice", "text": ""}, 400, "text must be a text that is not empty"),
            ({"from": "alice", "text": 5}, 400, "text must be a text"),
            ({"from": "alice", "in": "nowhere", "text": "a"}, 404, "no group 'nowhere'"),
            ({"from": "alice", "text": "a", "quote": "1"}, 404, "no message with that id"),
            ({"from": "alice", "text": "@Bot", "mentions": ["bot"]}, 400, "in groups and rooms"),
            ({"from": "alice", "sticker": {"packageId": 446}}, 400, "sticker.packageId"),
            ({"from": "alice", "sticker": "446"}, 400, "sticker must be an object"),
            ({"from": "alice", "location": {"latitude": 91, "longitude": 0}}, 400, "latitude"),
            ({"from": "alice", "image": {"data": "***"}}, 400, "image.data must be base64"),
            ({"from": "alice", "image": {"url": "http://a.b"}}, 400, "must be an https URL"),
            ({"from": "alice", "video": {"prepareSeconds": "x"}}, 400, "video.prepareSeconds"),
            ({"from": "alice", "audio": {"duration": -1}}, 400, "audio.duration"),
            ({"from": "alice", "audio": {"duration": 1.5}}, 400, "audio.duration"),
            ({"from": "alice", "postback": {}}, 400, "postback.data"),
            ({"from": "alice", "unsend": {"messageId": "1"}}, 404, "sent no message"),
            ({"from": "alice", "edit": {"messageId": "1", "text": "a"}}, 404, "sent no message"),
            ({"from": "alice", "event": {}}, 400, "event.type"),
        ],
    )
    def test_requests_that_make_no_sense(
        self, sim: httpx.Client, bot: StubBot, body: Json, status: int, sentence: str
    ) -> None:
        """One sentence says why; nothing is sent, nothing stands in the chat."""
        found = refused(sim.post("/sim/message", json=body))
        assert found[0] == status
        assert sentence in found[1]
        assert bot.received == []
        assert sim.get("/sim/chat/alice").json()["entries"] == []

    @pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff", b"[" * 100_000])
    def test_what_is_no_json_object(self, sim: httpx.Client, body: bytes) -> None:
        assert refused(sim.post("/sim/message", content=body))[0] == 400

    def test_too_much(self, sim: httpx.Client) -> None:
        assert refused(sim.post("/sim/message", content=b" " * (24 * 1024 * 1024 + 1)))[0] == 413

    def test_postbacks_show_their_text(self, sim: httpx.Client, bot: StubBot) -> None:
        """displayText stands in the chat, and no message event is sent for it."""
        done = say(sim, postback={"data": "buy=1", "displayText": "買う"})
        assert done["message"]["text"] == "買う"
        assert [event["type"] for event in bot.received[0].events] == ["postback"]
        assert say(sim, postback={"data": "buy=2"})["message"] is None

    def test_unsending(self, sim: httpx.Client, bot: StubBot) -> None:
        """The text is gone from the chat and from where it was quoted; the bot is told."""
        first = say(sim, text="秘密")["message"]
        say(sim, text="what?", quote=first["id"])
        done = say(sim, unsend={"messageId": first["id"]})
        assert (done["message"]["seq"], done["message"]["unsent"]) == (first["seq"], True)
        assert bot.received[-1].events[0]["unsend"] == {"messageId": first["id"]}
        assert "秘密" not in sim.get("/sim/chat/alice").text
        again = {"from": "alice", "unsend": {"messageId": first["id"]}}
        assert refused(sim.post("/sim/message", json=again))[0] == 409

    def test_nobody_unsends_what_another_said(self, sim: httpx.Client) -> None:
        first = say(sim, text="mine")["message"]
        body = {"from": "bob", "unsend": {"messageId": first["id"]}}
        assert refused(sim.post("/sim/message", json=body))[0] == 404

    def test_editing(self, sim: httpx.Client) -> None:
        """Texts in groups only."""
        sim.post("/sim/groups", json={"name": "g", "members": ["alice"]})
        there = say(sim, **{"in": "g", "text": "old"})["message"]
        edited = say(sim, edit={"messageId": there["id"], "text": "new"})["message"]
        assert (edited["text"], edited["edited"], edited["seq"]) == ("new", True, there["seq"])
        here = say(sim, text="old")["message"]
        picture = say(sim, **{"in": "g", "image": {}})["message"]
        for message in (here, picture):
            body = {"from": "alice", "edit": {"messageId": message["id"], "text": "new"}}
            assert refused(sim.post("/sim/message", json=body))[0] == 400

    def test_an_edited_text_mentions_whom_it_names_now(
        self, sim: httpx.Client, bot: StubBot
    ) -> None:
        """Old places in the text do not stay; new ones are found, for the bot and the page."""
        sim.post("/sim/groups", json={"name": "g", "members": ["alice"]})
        sent = say(sim, **{"in": "g", "text": "@Bot hi", "mentions": ["bot"]})["message"]
        without = {"messageId": sent["id"], "text": "never mind"}
        assert "mention" not in say(sim, edit=without)["message"]["message"]
        again = {"messageId": sent["id"], "text": "well, @Bot!", "mentions": ["bot"]}
        shown = say(sim, edit=again)["message"]["message"]["mention"]["mentionees"]
        assert [(one["index"], one["length"], one["isSelf"]) for one in shown] == [(6, 4, True)]
        first, second = (one.events[0]["message"] for one in bot.received[-2:])
        assert "mention" not in first
        assert second["mention"]["mentionees"] == shown

    @pytest.mark.parametrize(
        ("path", "asked", "name"),
        [
            ("message", {"from": "alice", "txet": "hi", "text": "hi"}, "txet"),
            ("message", {"from": "alice", "text": "hi", "mention": ["bot"]}, "mention"),
            ("message", {"from": "alice", "video": {"prepareSecond": 3}}, "prepareSecond"),
            ("message", {"from": "alice", "sticker": {"packageID": "1"}}, "packageID"),
            ("message", {"from": "alice", "location": {"lat": 1}}, "lat"),
            ("message", {"from": "alice", "postback": {"displaytext": "a"}}, "displaytext"),
            ("message", {"from": "alice", "unsend": {"id": "1"}}, "id"),
            ("webhook", {"events": [{"from": "alice", "text": "a"}], "waits": 1}, "waits"),
            ("webhook", {"events": [{"from": "alice", "text": "a", "wait": 1}]}, "wait"),
            ("people", {"name": "carol", "freind": False}, "freind"),
            ("people/alice", {"gendre": "male"}, "gendre"),
            ("groups", {"name": "g", "member": ["alice"]}, "member"),
            ("channel", {"qouta": 1}, "qouta"),
            ("read", {"person": "alice", "in": "g"}, "in"),
            ("clock", {"advance": "1s", "at": 1}, "at"),
            ("redeliver", {"id": "1"}, "id"),
        ],
    )
    def test_a_misspelt_name_is_told(
        self, sim: httpx.Client, path: str, asked: Json, name: str
    ) -> None:
        """What would silently do nothing is an error that says what there is."""
        before = sim.get("/sim/world").json()["people"]
        status, sentence = refused(sim.post(f"/sim/{path}", json=asked))
        assert status == 400
        assert f" has no {name!r}; it takes " in sentence
        assert sim.get("/sim/world").json()["people"] == before

    @pytest.mark.parametrize(
        ("sent", "duration"),
        [
            ({"video": {}}, 2000),
            ({"audio": {}}, 1500),
            ({"audio": {"duration": 900}}, 900),
            ({"audio": {"data": "AAAA"}}, None),
            ({"image": {}}, None),
        ],
    )
    def test_a_sample_says_how_long_it_is(
        self, sim: httpx.Client, bot: StubBot, sent: Json, duration: int | None
    ) -> None:
        """As LINE does of what people send; of bytes that were given, only the sender knows."""
        say(sim, **sent)
        assert bot.received[-1].events[0]["message"].get("duration") == duration

    def test_a_raw_text_stands_in_the_chat(self, sim: httpx.Client) -> None:
        """Like one that was written, with its LINE emoji; it can be quoted and taken back."""
        emoji = {"index": 0, "length": 6, "productId": "p", "emojiId": "1"}
        raw = {"type": "text", "text": "(love) it", "emojis": [emoji]}
        said = say(sim, event={"type": "message", "message": raw})["message"]
        assert (said["from"], said["text"], said["message"]["emojis"]) == (
            "person",
            "(love) it",
            [emoji],
        )
        quote = say(sim, text="that", quote=said["id"])["webhook"]["body"]["events"][0]
        assert quote["message"]["quotedMessageId"] == said["id"]
        assert say(sim, unsend={"messageId": said["id"]})["message"]["unsent"] is True

    @pytest.mark.parametrize(
        "message",
        [
            {"type": "text"},
            {"type": "text", "text": 5},
            {"type": {}, "text": "hi"},
            {"type": "text", "text": "hi", "id": 5},
            {"type": "text", "text": "hi", "id": ""},
            {"type": "image", "contentProvider": {"type": "line"}},
            {"type": "hologram"},
        ],
    )
    def test_a_raw_message_that_the_chat_cannot_show_is_noted(
        self, sim: httpx.Client, message: Json
    ) -> None:
        """The bot gets it all the same."""
        done = say(sim, event={"type": "message", "message": message})
        assert done["message"]["from"] == "system"
        sent = done["webhook"]["body"]["events"][0]["message"]
        assert {name: sent[name] for name in message} == message

    def test_to_follow_is_no_question(self, sim: httpx.Client) -> None:
        body = {"from": "alice", "follow": False}
        assert refused(sim.post("/sim/message", json=body))[0] == 400

    def test_a_mention_must_stand_in_the_text(self, sim: httpx.Client) -> None:
        sim.post("/sim/groups", json={"name": "g", "members": ["alice"]})
        body = {"from": "alice", "in": "g", "text": "hi", "mentions": ["bot"]}
        assert "does not stand in it" in refused(sim.post("/sim/message", json=body))[1]
        body["mentions"] = "bot"
        assert refused(sim.post("/sim/message", json=body))[0] == 400

    def test_redelivery(self, sim: httpx.Client, bot: StubBot) -> None:
        """The same event once more, marked and signed anew."""
        event_id = say(sim, text="hi")["webhook"]["eventIds"][0]
        again = sim.post("/sim/redeliver", json={"eventId": event_id}).json()["webhook"]
        assert again["redelivery"] is True
        first, second = (received.events[0] for received in bot.received)
        assert second == {**first, "deliveryContext": {"isRedelivery": True}}
        assert refused(sim.post("/sim/redeliver", json={"eventId": "x"}))[0] == 404


class TestChats:
    def test_a_chat_by_name_and_id(self, sim: httpx.Client, bot: StubBot) -> None:
        echo(sim, bot)
        chat = say(sim, text="hi")["message"]["chat"]
        by_name = sim.get("/sim/chat/alice").json()
        assert by_name == sim.get(f"/sim/chat/{chat}").json()
        assert (by_name["chat"], len(by_name["entries"])) == (chat, 2)
        assert refused(sim.get("/sim/chat/carol"))[0] == 404

    @pytest.mark.parametrize(
        ("path", "headers"),
        [("/sim/chat/alice?format=text", {}), ("/sim/chat/alice", {"accept": "text/plain"})],
    )
    def test_a_transcript(
        self, sim: httpx.Client, bot: StubBot, path: str, headers: dict[str, str]
    ) -> None:
        echo(sim, bot)
        say(sim, text="สวัสดี")
        answer = sim.get(path, headers=headers)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert re.fullmatch(r"\d\d:\d\d Alice: สวัสดี\n\d\d:\d\d Bot: สวัสดี\n", answer.text)

    def test_reading(self, sim: httpx.Client, bot: StubBot) -> None:
        """The bot's messages are read when the person opens the chat."""
        echo(sim, bot)
        assert say(sim, text="hi")["replies"][0]["read"] is False
        assert sim.post("/sim/read", json={"person": "alice"}).json() == {"read": 1}
        assert sim.get("/sim/chat/alice").json()["entries"][1]["read"] is True
        assert sim.post("/sim/read", json={"person": "alice"}).json() == {"read": 0}
        assert refused(sim.post("/sim/read", json={}))[0] == 404

    def test_the_wire(self, sim: httpx.Client, bot: StubBot) -> None:
        """Webhooks and calls, oldest first; `since` leaves out what is known."""
        echo(sim, bot)
        done = say(sim, text="hi")
        entries = sim.get("/sim/wire").json()["entries"]
        assert [entry["kind"] for entry in entries] == ["webhook", "call"]
        assert list(entries[0]) == WEBHOOK_KEYS.split()
        assert list(entries[1]) == CALL_KEYS.split()
        assert (entries[1]["operation"], entries[1]["status"]) == ("reply", 200)
        assert entries[1]["requestHeaders"]["authorization"] == "Bearer …"
        assert entries[1]["chat"] == done["message"]["chat"]
        assert json.loads(entries[0]["raw"]) == entries[0]["body"]
        since = entries[0]["seq"]
        later = sim.get(f"/sim/wire?since={since}").json()["entries"]
        assert later == entries[1:]
        assert refused(sim.get("/sim/wire?since=x"))[0] == 400
        assert refused(sim.get("/sim/wire?since=²"))[0] == 400

    def test_reset(self, sim: httpx.Client) -> None:
        """Chats, wire, tokens and quota are empty; the preset people and the channel stay."""
        token = say(sim, text="hi")["webhook"]["body"]["events"][0]["replyToken"]
        sim.post("/sim/people", json={"name": "hanako", "quiet": True})
        sim.post("/sim/people/alice/block")
        before = sim.get("/sim/world").json()
        assert sim.post("/sim/reset").json() == {}
        world = sim.get("/sim/world").json()
        assert [person["name"] for person in world["people"]] == ["alice", "bob"]
        assert world["people"][0]["blocked"] is False
        assert world["channel"] == before["channel"]
        assert sim.get("/sim/chat/alice").json()["entries"] == []
        assert sim.get("/sim/wire").json()["entries"] == []
        text = {"type": "text", "text": "a"}
        body = {"replyToken": token, "messages": [text]}
        assert call_api(sim, "/v2/bot/message/reply", body).status_code == 400


class TestMedia:
    def test_what_a_person_sent(self, sim: httpx.Client) -> None:
        """The page shows pictures by the URL in the entry; an unsend takes them away."""
        data = base64.b64encode(b"\x89PNG").decode()
        entry = say(sim, image={"data": data, "contentType": "image/png"})["message"]
        assert entry["message"]["url"] == f"/sim/media/{entry['id']}"
        answer = sim.get(entry["message"]["url"])
        assert (answer.content, answer.headers["content-type"]) == (b"\x89PNG", "image/png")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        say(sim, unsend={"messageId": entry["id"]})
        assert refused(sim.get(f"/sim/media/{entry['id']}"))[0] == 404

    @pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "text/javascript", "x"])
    def test_nothing_that_runs(self, sim: httpx.Client, content_type: str) -> None:
        """Whatever a browser might run is offered for download only."""
        script = base64.b64encode(b"<script>alert(1)</script>").decode()
        sent = {"data": script, "contentType": content_type, "fileName": "a.html"}
        entry = say(sim, file=sent)["message"]
        answer = sim.get(f"/sim/media/{entry['id']}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == "attachment"

    def test_media_of_others(self, sim: httpx.Client) -> None:
        """External media keep their URLs as they are, for the bot and for the page."""
        url, preview = "https://example.com/{0}.jpg", "https://example.com/%7Bid%7D.png"
        entry = say(sim, image={"url": url, "previewUrl": preview})["message"]
        message = entry["message"]
        assert (message["url"], message["previewUrl"]) == (url, preview)
        assert message["contentProvider"] == {
            "type": "external",
            "originalContentUrl": url,
            "previewImageUrl": preview,
        }
        assert refused(sim.get(f"/sim/media/{entry['id']}"))[0] == 404

    def test_samples(self, sim: httpx.Client) -> None:
        for name, kind in (
            ("photo.png", "image/png"),
            ("map/240", "image/png"),
            ("tone.wav", "audio/wav"),
        ):
            answer = sim.get(f"/sim/samples/{name}")
            assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        part = sim.get("/sim/samples/clip.mp4", headers={"range": "bytes=4-7"})
        assert (part.status_code, part.content) == (206, b"ftyp")
        assert refused(sim.get("/sim/samples/nothing.png"))[0] == 404
        assert refused(sim.get("/sim/media/1"))[0] == 404


def test_the_log() -> None:
    """The bot's store is shown as it is, the newest row last, and watchers hear of changes."""
    store = MemoryStore()
    for number, text in enumerate(["一", "二"]):
        row = Row(
            conversation=f"user#U{number}",
            event_id=f"0{number}",
            timestamp=1000 + number,
            sender=f"U{number}",
            to="Ubot",
            type="message.text",
            message=text,
        )
        store.append(row)
    simulator = Simulator(log=store)
    with serving(simulator) as url, httpx.Client(base_url=url, verify=False) as client:
        assert client.get("/sim/world").json()["hasLog"] is True
        rows = client.get("/sim/log").json()["rows"]
        assert [row["message"] for row in rows] == ["一", "二"]
        assert {"event_id", "message_id", "answered_at", "claimed_until"} <= set(rows[0])
        with client.stream("GET", "/sim/events") as answer:
            client.post("/sim/message", json={"from": "alice", "text": "hi"})
            lines = iter(answer.iter_lines())
            assert any(line == "event: log" for line in lines)


def test_no_log(sim: httpx.Client) -> None:
    assert sim.get("/sim/log").json() == {"rows": []}


class TestSeveralEvents:
    def test_acts_of_several_people_in_one_webhook(self, sim: httpx.Client, bot: StubBot) -> None:
        """Each event as it would be alone; all of them are read, and all answers come back."""
        sim.post("/sim/groups", json={"name": "g", "members": ["alice", "bob"]})
        bot.received.clear()
        echo(sim, bot)
        acts = [
            {"from": "alice", "text": "一"},
            {"from": "bob", "in": "g", "text": "二"},
            {"from": "alice", "postback": {"data": "x"}},
        ]
        done = sim.post("/sim/webhook", json={"events": acts}).json()
        (received,) = bot.received
        assert [event["type"] for event in received.events] == ["message", "message", "postback"]
        assert [event["source"]["type"] for event in received.events] == ["user", "group", "user"]
        assert len({event["webhookEventId"] for event in received.events}) == 3
        assert received.body.decode() == done["webhook"]["raw"]
        assert [message and message["text"] for message in done["messages"]] == ["一", "二", None]
        assert [entry["text"] for entry in done["replies"]] == ["一", "二"]
        assert done["webhook"]["chat"] is None
        assert [one["read"] for one in sim.get("/sim/chat/g").json()["entries"][-2:]] == [
            True,
            False,
        ]
        wire = sim.get("/sim/wire").json()["entries"]
        assert wire[-3]["eventIds"] == [event["webhookEventId"] for event in received.events]

    def test_events_of_one_chat(self, sim: httpx.Client, bot: StubBot) -> None:
        acts = [{"from": "alice", "text": text} for text in "ab"]
        webhook = sim.post("/sim/webhook", json={"events": acts}).json()["webhook"]
        assert webhook["chat"] == sim.get("/sim/chat/alice").json()["chat"]
        assert len(bot.received) == 1

    def test_it_waits_for_answers_in_any_of_the_chats(
        self, sim: httpx.Client, simulator: Simulator
    ) -> None:
        bob = simulator.world.people["bob"].user_id

        def later() -> None:
            while not simulator._waiting:
                time.sleep(0.005)
            with httpx.Client(base_url=sim.base_url, verify=False, trust_env=False) as client:
                message = {"type": "text", "text": "later"}
                call_api(client, "/v2/bot/message/push", {"to": bob, "messages": [message]})

        thread = threading.Thread(target=later)
        thread.start()
        acts = [{"from": name, "text": "hi"} for name in ("alice", "bob")]
        done = sim.post("/sim/webhook", json={"events": acts, "wait": 5}).json()
        thread.join()
        assert [entry["text"] for entry in done["replies"]] == ["later"]
        assert simulator._waiting == {}

    @pytest.mark.parametrize(
        "body", [{}, {"events": []}, {"events": {}}, {"events": [5]}, {"events": [{}] * 101}]
    )
    def test_what_are_no_events(self, sim: httpx.Client, bot: StubBot, body: Json) -> None:
        assert refused(sim.post("/sim/webhook", json=body))[0] == 400
        assert bot.received == []

    def test_what_happened_before_a_mistake_goes_out(self, sim: httpx.Client, bot: StubBot) -> None:
        """The refusal says which one it was."""
        acts = [{"from": "alice", "text": "a"}, {"from": "nobody", "text": "b"}]
        status, sentence = refused(sim.post("/sim/webhook", json={"events": acts}))
        assert (status, sentence) == (404, "events[1]: there is no person 'nobody'")
        assert [event["message"]["text"] for event in bot.received[0].events] == ["a"]


class TestFaults:
    def test_rules_come_and_go(self, sim: httpx.Client, simulator: Simulator) -> None:
        rule = {"endpoint": "reply", "effect": {"type": "status", "status": 429, "quota": True}}
        made = sim.post("/sim/faults", json={**rule, "times": 2, "probability": 0.5, "seed": 7})
        assert made.status_code == 201
        assert made.json() == {
            "endpoint": "reply",
            "effect": {
                "type": "status",
                "status": 429,
                "quota": True,
                "message": "",
                "acted": False,
            },
            "probability": 0.5,
            "times": 2,
            "seed": 7,
            "id": made.json()["id"],
            "seen": 0,
            "struck": 0,
        }
        listed = sim.get("/sim/faults").json()
        assert listed == {"faults": [made.json()]}
        lost = {"endpoint": "webhook", "effect": {"type": "lost"}}
        put = sim.put("/sim/faults", json={"faults": [lost, *listed["faults"]]}).json()["faults"]
        assert [one["endpoint"] for one in put] == ["webhook", "reply"]
        assert sim.delete(f"/sim/faults?id={put[0]['id']}").json() == {}
        assert [one.endpoint for one in simulator.faults.rules] == ["reply"]
        assert sim.delete("/sim/faults").json() == {}
        assert sim.get("/sim/faults").json() == {"faults": []}

    @pytest.mark.parametrize(
        ("method", "path", "body", "error"),
        [
            ("POST", "", {}, (400, "the rule cannot be read")),
            ("POST", "", {"endpoint": "x", "effect": {"type": "drop"}}, (400, "no endpoint 'x'")),
            ("PUT", "", {"faults": 5}, (400, "a list of rules")),
            ("PUT", "", {"faults": [5]}, (400, "the rule cannot be read")),
            ("DELETE", "?id=99", None, (404, "no rule with that id")),
            ("DELETE", "?id=x", None, (404, "no rule with that id")),
        ],
    )
    def test_mistakes(
        self, sim: httpx.Client, method: str, path: str, body: Any, error: tuple[int, str]
    ) -> None:
        """One sentence each, and the rules stay as they were."""
        sim.post("/sim/faults", json={"endpoint": "push", "effect": {"type": "drop"}})
        status, sentence = refused(sim.request(method, f"/sim/faults{path}", json=body))
        assert status == error[0]
        assert error[1] in sentence
        assert len(sim.get("/sim/faults").json()["faults"]) == 1

    def test_a_fault_over_http(self, sim: httpx.Client) -> None:
        fault = {"endpoint": "push", "effect": {"type": "status", "status": 500}, "times": 1}
        sim.post("/sim/faults", json=fault)
        alice = sim.get("/sim/world").json()["people"][0]["userId"]
        body = {"to": alice, "messages": [{"type": "text", "text": "hi"}]}
        statuses = [call_api(sim, "/v2/bot/message/push", body).status_code for _ in range(2)]
        assert statuses == [500, 200]
        first, _ = sim.get("/sim/wire").json()["entries"]
        assert first["fault"].startswith("status, status: 500")

    def test_statistics(self, sim: httpx.Client, bot: StubBot) -> None:
        bot.behave = lambda _: (503, {})
        for text in "ab":
            say(sim, text=text)
        errors = sim.get("/sim/errors").json()["errors"]
        assert {(one["reason"], one["detail"]) for one in errors} == {("error_status_code", "503")}
        assert sum(one["count"] for one in errors) == 2
        assert all(one["time"] % 60_000 == 0 for one in errors)
