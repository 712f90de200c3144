"""What depends on the kind of account: lists of people, contracts, module channels, settings."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import httpx
import pytest

from penniless.simulator import people_control, relations, settings
from penniless.simulator.acts import act
from penniless.simulator.clock import VirtualClock
from penniless.simulator.exchange import Response
from penniless.simulator.forms import form_of, parts_of
from penniless.simulator.places import Refused
from penniless.simulator.world import World
from tests.simulator.assertions import JWK, KID
from tests.simulator.conftest import Call
from tests.simulator.pictures import png

Json = dict[str, Any]
TEXT = {"type": "text", "text": "a"}
DAY = 24 * 3600
PHONE = "+819012345678"
HASHED = hashlib.sha256(PHONE.encode()).hexdigest()
NO_ACCESS = {"message": "Access to this API is not available for your account"}


def body(response: Response) -> Any:
    return json.loads(response.body)


@pytest.fixture
def alice(world: World) -> str:
    return world.people["alice"].user_id


class TestLists:
    @pytest.fixture(autouse=True)
    def verified(self, world: World) -> None:
        world.account.verified = True

    def test_all_friends_in_pages(self, world: World, call: Call) -> None:
        """300 a page unless told otherwise; nobody who blocked the bot, no stranger."""
        for number in range(700):
            world.add_person(f"p{number}", friend=number != 0)
        relations.block(world, world.people["bob"])
        found: list[str] = []
        query = ""
        while True:
            page = body(call("GET", f"/v2/bot/followers/ids{query}"))
            found += page["userIds"]
            if "next" not in page:
                break
            query = f"?start={page['next']}"
            assert len(page["userIds"]) == 300
        names = [one.name for one in world.people.values() if one.friend and not one.blocked]
        assert found == [world.people[name].user_id for name in names]
        assert len(found) == 700
        assert len(body(call("GET", "/v2/bot/followers/ids?limit=1000"))["userIds"]) == 700

    @pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "limit=-1"])
    def test_limits_that_are_none(self, call: Call, query: str) -> None:
        response = call("GET", f"/v2/bot/followers/ids?{query}")
        expected = {"message": "The value for the 'limit' parameter is invalid"}
        assert (response.status, body(response)) == (400, expected)

    def test_a_token_of_another_list(self, world: World, call: Call, clock: VirtualClock) -> None:
        """Each list has its own, and after a day it works no more."""
        for number in range(150):
            world.add_person(f"p{number}")
        names = [f"p{number}" for number in range(120)]
        groups = [world.add_group(name, names).id for name in ("one", "two")]
        first = body(call("GET", f"/v2/bot/group/{groups[0]}/members/ids"))
        assert len(first["memberIds"]) == 100
        path = f"/v2/bot/group/{groups[0]}/members/ids?start={first['next']}"
        assert len(body(call("GET", path))["memberIds"]) == 20
        for other in (
            f"/v2/bot/group/{groups[1]}/members/ids?start={first['next']}",
            f"/v2/bot/followers/ids?start={first['next']}",
            "/v2/bot/followers/ids?start=x",
        ):
            response = call("GET", other)
            assert (response.status, body(response)) == (400, {"message": "Invalid start param"})
        clock.advance(seconds=DAY)
        assert call("GET", path).status == 200
        clock.advance(seconds=0.001)
        assert call("GET", path).status == 400

    @pytest.mark.parametrize("kind", ["group", "room"])
    def test_members(self, world: World, call: Call, kind: str) -> None:
        """Friends or not, without the bot."""
        world.add_person("carol", friend=False)
        chat = world.add_group("place", ["alice", "carol"], kind).id
        expected = [world.people[name].user_id for name in ("alice", "carol")]
        response = call("GET", f"/v2/bot/{kind}/{chat}/members/ids")
        assert body(response) == {"memberIds": expected}
        gone = call("GET", f"/v2/bot/{kind}/{chat[0]}{'0' * 32}/members/ids")
        assert gone.status == 404


class TestAccountLinks:
    def redeemed(self, world: World, token: str, name: str = "alice") -> Json:
        asked = {"linkToken": token, "nonce": "a-nonce"}
        done = act(world, {"from": name, "accountLink": asked})
        assert done.webhook is not None
        event: Json = done.webhook.body["events"][0]
        return event

    def test_a_token_links_once(self, world: World, call: Call, alice: str) -> None:
        """The second time, and for somebody else, the event says failed and names nobody."""
        token = body(call("POST", f"/v2/bot/user/{alice}/linkToken"))["linkToken"]
        event = self.redeemed(world, token)
        assert event["link"] == {"result": "ok", "nonce": "a-nonce"}
        assert event["source"]["userId"] == alice
        assert "replyToken" in event
        again = self.redeemed(world, token)
        assert again["link"]["result"] == "failed"
        assert not {"source", "replyToken"} & again.keys()
        other = body(call("POST", f"/v2/bot/user/{alice}/linkToken"))["linkToken"]
        assert self.redeemed(world, other, "bob")["link"]["result"] == "failed"

    @pytest.mark.parametrize(("seconds", "result"), [(600, "ok"), (600.001, "failed")])
    def test_for_ten_minutes(
        self, world: World, call: Call, clock: VirtualClock, seconds: float, result: str
    ) -> None:
        alice = world.people["alice"].user_id
        token = body(call("POST", f"/v2/bot/user/{alice}/linkToken"))["linkToken"]
        clock.advance(seconds=seconds)
        assert self.redeemed(world, token)["link"]["result"] == result


class TestByContract:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/bot/pnp/push"),
            ("POST", "/v2/bot/message/pnp/templated/push"),
            ("GET", "/v2/bot/message/delivery/pnp"),
            ("GET", "/v2/bot/message/delivery/pnp/templated"),
            ("POST", "/v2/bot/message/markAsRead"),
            ("GET", "/v2/bot/list"),
            ("POST", "/v2/bot/channel/detach"),
            ("POST", f"/v2/bot/chat/U{'0' * 32}/control/acquire"),
            ("POST", f"/v2/bot/chat/U{'0' * 32}/control/release"),
            ("GET", "/v2/bot/followers/ids"),
        ],
    )
    def test_not_for_a_new_account(self, call: Call, method: str, path: str) -> None:
        response = call(method, path, {})
        assert (response.status, body(response)) == (403, NO_ACCESS)

    def test_a_notification(self, world: World, call: Call, alice: str) -> None:
        """By the hash of a phone number; the delivery is told with the tag of the call."""
        world.account.partner = True
        people_control.set_attributes(world, world.people["alice"], {"phone": PHONE})
        tag = {"x-line-delivery-tag": "0123456789abcdef"}
        request = {"to": HASHED, "messages": [TEXT]}
        response = call("POST", "/bot/pnp/push", request, headers=tag)
        assert (response.status, body(response)) == (200, {})
        (webhook,) = response.deliver
        (event,) = webhook.body["events"]
        assert (event["type"], event["delivery"]) == ("delivery", {"data": "0123456789abcdef"})
        assert "source" not in event
        template = {"to": HASHED, "templateKey": "shipment_completed_ja"}
        path = "/v2/bot/message/pnp/templated/push"
        assert call("POST", path, template).deliver == []
        said = [entry.text for entry in world.chat(alice).entries]
        assert said == ["a", "[shipment_completed_ja]"]
        assert world.quota.used(world.now()) == 0

    @pytest.mark.parametrize(
        ("changed", "headers", "status"),
        [
            ({"to": "0" * 64}, {}, 422),
            ({"to": PHONE}, {}, 400),
            ({"to": None}, {}, 400),
            ({"messages": []}, {}, 400),
            ({}, {"x-line-delivery-tag": "short"}, 400),
        ],
    )
    def test_notifications_that_are_refused(
        self, world: World, call: Call, changed: Json, headers: dict[str, str], status: int
    ) -> None:
        world.account.partner = True
        people_control.set_attributes(world, world.people["alice"], {"phone": PHONE})
        request = {"to": HASHED, "messages": [TEXT], **changed}
        assert call("POST", "/bot/pnp/push", request, headers=headers).status == status

    def test_numbers_of_notifications(self, world: World, call: Call, clock: VirtualClock) -> None:
        world.account.partner = True
        people_control.set_attributes(world, world.people["alice"], {"phone": PHONE})
        call("POST", "/bot/pnp/push", {"to": HASHED, "messages": [TEXT]})
        clock.advance(seconds=DAY)
        path = "/v2/bot/message/delivery/pnp?date=20260101"
        assert body(call("GET", path)) == {"status": "ready", "success": 1}
        world.account.privacy = True
        assert body(call("GET", path)) == {"status": "unavailable_for_privacy"}

    def test_the_older_way_to_mark_as_read(self, world: World, call: Call, alice: str) -> None:
        world.account.partner = True
        act(world, {"from": "alice", "text": "hi"})
        path = "/v2/bot/message/markAsRead"
        assert body(call("POST", path, {"chat": {"userId": alice}})) == {}
        assert [entry.read for entry in world.chat(alice).entries] == [True]
        for chat in (None, {}, {"userId": "x"}, 1):
            assert call("POST", path, {"chat": chat}).status == 400

    @staticmethod
    def mode_of_a_text(world: World, who: str = "alice") -> tuple[str, bool]:
        """The mode of the event, and whether it can be replied to."""
        webhook = act(world, {"from": who, "text": "hi"}).webhook
        assert webhook is not None
        (event,) = webhook.body["events"]
        return event["mode"], "replyToken" in event

    def test_a_module_channel(
        self, world: World, clock: VirtualClock, call: Call, alice: str
    ) -> None:
        """It gives a chat back and takes it over, for a time or for good; then it is detached.

        While it has not got the chat, events come in standby.
        """
        world.account.module = True
        bots = body(call("GET", "/v2/bot/list"))
        assert [one["userId"] for one in bots["bots"]] == [world.user_id]
        path = f"/v2/bot/chat/{alice}/control"
        (taken,) = call("POST", f"{path}/acquire", {"ttl": 60}).deliver
        (event,) = taken.body["events"]
        assert event["type"] == "activated"
        assert event["chatControl"] == {"expireAt": world.now() + 60_000}
        (given,) = call("POST", f"{path}/release").deliver
        (event,) = given.body["events"]
        assert (event["type"], event["mode"]) == ("deactivated", "standby")
        assert self.mode_of_a_text(world) == ("standby", False)
        call("POST", f"{path}/acquire", {"ttl": 60})
        assert self.mode_of_a_text(world) == ("active", True)
        clock.advance(seconds=60)
        assert self.mode_of_a_text(world) == ("standby", False)
        assert self.mode_of_a_text(world, who="bob") == ("active", True)
        call("POST", f"{path}/acquire", {"expired": False})
        clock.advance(seconds=DAY)
        assert self.mode_of_a_text(world) == ("active", True)
        call("POST", f"{path}/release")
        for request in ({"ttl": 0}, {"ttl": 365 * DAY + 1}, {"expired": 1}):
            assert call("POST", f"{path}/acquire", request).status == 400
        assert call("POST", "/v2/bot/chat/x/control/acquire").status == 400
        assert call("POST", "/v2/bot/channel/detach", {"botId": "x"}).status == 400
        assert self.mode_of_a_text(world) == ("standby", False)
        assert call("POST", "/v2/bot/channel/detach").status == 200
        assert self.mode_of_a_text(world) == ("active", True)
        assert call("GET", "/v2/bot/list").status == 403


class TestSettings:
    def test_keys_are_registered(self, world: World) -> None:
        """Under their own id, or one that is made of the key; shown by id only."""
        settings.change(world, {"keys": [JWK]})
        assert settings.shown(world)["keys"] == [KID]
        nameless = {name: value for name, value in JWK.items() if name != "kid"}
        settings.change(world, {"keys": [nameless]})
        (made,) = settings.shown(world)["keys"]
        assert len(made) == 43

    @pytest.mark.parametrize(
        "asked",
        [
            {"keys": 1},
            {"keys": [JWK] * 31},
            {"keys": [{**JWK, "d": "AQAB"}]},
            {"verified": 1},
            {"privacy": None},
        ],
    )
    def test_settings_without_sense(self, world: World, asked: Json) -> None:
        with pytest.raises(Refused) as caught:
            settings.change(world, {**asked, "quota": 5})
        assert caught.value.status == 400
        assert (world.quota.limit, world.account.verified) == (200, False)

    def test_they_outlive_a_reset(self, world: World, call: Call) -> None:
        settings.change(world, {"verified": True, "keys": [JWK]})
        world.reset()
        assert call("GET", "/v2/bot/followers/ids").status == 200
        assert settings.shown(world)["keys"] == [KID]

    def test_what_was_made_does_not(self, world: World, call: Call) -> None:
        """Audiences, counts and rich menus are gone."""
        call("POST", "/v2/bot/audienceGroup/upload", {"description": "a"})
        world.reset()
        shown = body(call("GET", "/v2/bot/audienceGroup/list?page=1"))
        assert shown["totalCount"] == 0


class TestPeople:
    def test_attributes_over_http(self, sim: httpx.Client) -> None:
        """Given with a new person, changed later, null for unknown."""
        made = sim.post("/sim/people", json={"name": "hanako", "age": 30, "gender": "female"})
        assert made.status_code == 201
        path = "/sim/people/hanako"
        assert sim.get(path).json()["attributes"]["age"] == 30
        changed = sim.post(path, json={"age": None, "phone": PHONE}).json()
        expected = {
            "gender": "female",
            "age": None,
            "area": None,
            "appType": None,
            "friendDays": None,
            "phone": PHONE,
        }
        assert changed["attributes"] == expected
        assert sim.get("/sim/people/nobody").status_code == 404

    @pytest.mark.parametrize(
        "asked",
        [
            {"age": -1},
            {"age": True},
            {"age": "30"},
            {"gender": "x"},
            {"gender": []},
            {"area": "jp_48"},
            {"appType": 1},
            {"friendDays": 10**6},
            {"phone": "090"},
        ],
    )
    def test_attributes_without_sense(self, sim: httpx.Client, asked: Json) -> None:
        """Nobody is added with them either."""
        assert sim.post("/sim/people/alice", json=asked).status_code == 400
        assert sim.post("/sim/people", json={"name": "new", **asked}).status_code == 400
        assert sim.get("/sim/people/new").status_code == 404

    def test_the_rich_menu_a_person_sees(self, sim: httpx.Client) -> None:
        """With its picture, as the page shows it."""
        headers = {"authorization": "Bearer the-channel-access-token"}
        menu = {
            "size": {"width": 800, "height": 250},
            "selected": True,
            "name": "a",
            "chatBarText": "เมนู",
            "areas": [],
        }
        made = sim.post("/v2/bot/richmenu", json=menu, headers=headers).json()["richMenuId"]
        kind = {**headers, "content-type": "image/png"}
        sim.post(f"/v2/bot/richmenu/{made}/content", content=png(800, 250), headers=kind)
        assert sim.get("/sim/people/alice").json()["richMenu"] is None
        sim.post(f"/v2/bot/user/all/richmenu/{made}", headers=headers)
        seen = sim.get("/sim/people/alice").json()
        assert seen["richMenu"] == {"richMenuId": made, **menu}
        picture = sim.get(seen["richMenuImage"])
        assert (picture.content, picture.headers["content-type"]) == (png(800, 250), "image/png")
        world = sim.get("/sim/world").json()
        assert world["richMenus"] == {"alice": made, "bob": made}
        assert sim.get("/sim/richmenus/x/image").status_code == 404


class TestForms:
    def test_a_form_with_a_file(self) -> None:
        raw = (
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n2\r\n'
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="name"\r\n'
            b"Content-Type: text/plain; charset=utf-8\r\n\r\n\x00\xff\r\n--b--\r\nend"
        )
        parts = parts_of("multipart/form-data; boundary=b", raw)
        assert {name: part.data for name, part in parts.items()} == {
            "a": b"1\r\n2",
            "f": b"\x00\xff",
        }
        assert parts["f"].content_type == "text/plain"
        assert parts["a"].text == "1\r\n2"

    @pytest.mark.parametrize(
        ("kind", "raw"),
        [
            ("multipart/form-data", b"--b"),
            ("multipart/form-data; boundary=", b"--b"),
            ("multipart/form-data; boundary=b", b""),
            ("multipart/form-data; boundary=b", b"--b\r\n\r\n1\r\n--b--"),
        ],
    )
    def test_bodies_that_hold_nothing(self, kind: str, raw: bytes) -> None:
        assert parts_of(kind, raw) == {}

    def test_a_plain_form(self) -> None:
        assert form_of(b"a=1&b=%E8%8A%B1&a=2&c=") == {"a": "2", "b": "花", "c": ""}
        assert form_of(b"&".join([b"a=1"] * 101)) == {}
        assert form_of(b"\xff=1") == {"�": "1"}
