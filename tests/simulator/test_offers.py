"""Coupons and memberships: made and closed, joined and left."""

from __future__ import annotations

import json
from typing import Any

import pytest

from penniless.simulator import relations, settings
from penniless.simulator.acts import act
from penniless.simulator.clock import VirtualClock
from penniless.simulator.exchange import Response
from penniless.simulator.places import Refused
from penniless.simulator.world import World
from tests.simulator.conftest import Call

Json = dict[str, Any]
COUPONS, MEMBERSHIPS = "/v2/bot/coupon", "/v2/bot/membership"
NOW = 1_767_225_600
DAY = 24 * 3600


def body(response: Response) -> Any:
    return json.loads(response.body)


def coupon(**changed: Any) -> Json:
    return {
        "title": "友だち限定",
        "acquisitionCondition": {"type": "normal"},
        "maxUseCountPerTicket": 1,
        "startTimestamp": 0,
        "endTimestamp": NOW + DAY,
        "timezone": "ASIA_TOKYO",
        "reward": {"type": "discount", "priceInfo": {"type": "fixed", "fixedAmount": 100}},
        "visibility": "UNLISTED",
        **changed,
    }


class TestCoupons:
    def make(self, call: Call, **changed: Any) -> str:
        response = call("POST", COUPONS, coupon(**changed))
        assert response.status == 200, response.body
        made: str = body(response)["couponId"]
        return made

    def test_one_is_made_and_closed(self, call: Call) -> None:
        made = self.make(call, description="a\nb", couponCode="CODE")
        reward = coupon()["reward"]
        price = {**reward["priceInfo"], "currency": "JPY"}
        shown = {
            **coupon(description="a\nb", couponCode="CODE"),
            "reward": {**reward, "priceInfo": price},
            "couponId": made,
            "createdTimestamp": NOW,
            "maxTicketPerUser": 1,
            "status": "RUNNING",
        }
        assert body(call("GET", f"{COUPONS}/{made}")) == shown
        assert body(call("PUT", f"{COUPONS}/{made}/close")) == {}
        assert body(call("GET", f"{COUPONS}/{made}"))["status"] == "CLOSED"
        again = call("PUT", f"{COUPONS}/{made}/close")
        assert (again.status, body(again)) == (410, problem("The coupon has already been closed."))
        for method, path in (("GET", f"{COUPONS}/x"), ("PUT", f"{COUPONS}/x/close")):
            gone = call(method, path)
            assert (gone.status, body(gone)) == (404, problem("coupon not found"))

    def test_it_ends_by_the_clock(self, call: Call, clock: VirtualClock) -> None:
        made = self.make(call)
        clock.advance(seconds=DAY)
        assert body(call("GET", f"{COUPONS}/{made}"))["status"] == "CLOSED"

    def test_the_list(self, call: Call) -> None:
        """The newest first, by status, in pages."""
        made = [self.make(call, title=f"c{number}") for number in range(5)]
        call("PUT", f"{COUPONS}/{made[0]}/close")
        page = body(call("GET", f"{COUPONS}?status=RUNNING&limit=3"))
        assert [one["title"] for one in page["items"]] == ["c4", "c3", "c2"]
        rest = body(call("GET", f"{COUPONS}?status=RUNNING&limit=3&start={page['next']}"))
        assert rest == {"items": [{"couponId": made[1], "title": "c1"}]}
        for query in ("status=RUNNING&status=CLOSED", "status=RUNNING,CLOSED", ""):
            assert len(body(call("GET", f"{COUPONS}?{query}"))["items"]) == 5
        for query in ("status=x", "limit=0", "limit=101", "limit=a", "start=x"):
            assert call("GET", f"{COUPONS}?{query}").status == 400

    @pytest.mark.parametrize(
        ("changed", "where", "sentence"),
        [
            *(
                ({name: None}, name, "must be specified")
                for name in coupon()
                if name != "startTimestamp"
            ),
            ({"title": "a" * 61}, "title", "Size must be between 1 and 60"),
            ({"couponCode": "a" * 17}, "couponCode", "Size must be between 0 and 16"),
            ({"timezone": "ASIA_OSAKA"}, "timezone", "Must be one of the following values"),
            ({"visibility": "PRIVATE"}, "visibility", "Must be one of the following values"),
            ({"imageUrl": "http://a.example/b"}, "imageUrl", "invalid uri scheme"),
            ({"maxUseCountPerTicket": 2}, "maxUseCountPerTicket", "Must be -1 or between 1 and 1"),
            ({"endTimestamp": NOW}, "endTimestamp", "Must be in the future"),
            ({"startTimestamp": NOW + DAY}, "endTimestamp", "Must be later"),
            (
                {"reward": {"type": "x"}},
                "reward.type",
                "Must be one of the following values: [discount,free,gift,cashBack,others]",
            ),
            ({"reward": {"type": "discount"}}, "reward.priceInfo", "must be specified"),
            (
                {"reward": {"type": "cashBack", "priceInfo": {"type": "explicit"}}},
                "reward.priceInfo.type",
                "Must be one of the following values: [fixed,percentage]",
            ),
            (
                {"reward": {"type": "cashBack", "priceInfo": {"type": "percentage"}}},
                "reward.priceInfo.percentage",
                "must be specified",
            ),
            (
                {
                    "reward": {
                        "type": "discount",
                        "priceInfo": {"type": "fixed", "fixedAmount": 1, "percentage": 5},
                    }
                },
                "reward.priceInfo.percentage",
                "must not be specified for fixed",
            ),
            (
                {"acquisitionCondition": {"type": "referral"}},
                "acquisitionCondition.type",
                "Must be one of the following values: [normal,lottery]",
            ),
            (
                {"acquisitionCondition": {"type": "lottery", "lotteryProbability": 50}},
                "acquisitionCondition.maxAcquireCount",
                "must be specified",
            ),
        ],
    )
    def test_what_is_refused(self, call: Call, changed: Json, where: str, sentence: str) -> None:
        response = call("POST", COUPONS, coupon(**changed))
        assert response.status == 400
        (detail,) = body(response)["details"]
        assert detail["property"] == where
        assert detail["message"].startswith(sentence)

    @pytest.mark.parametrize(
        "changed",
        [
            {"maxUseCountPerTicket": -1},
            {"reward": {"type": "free"}},
            {"reward": {"type": "discount", "priceInfo": {"type": "percentage", "percentage": 99}}},
            {
                "reward": {
                    "type": "discount",
                    "priceInfo": {"type": "explicit", "originalPrice": 2, "priceAfterDiscount": 1},
                }
            },
            {
                "acquisitionCondition": {
                    "type": "lottery",
                    "lotteryProbability": 1,
                    "maxAcquireCount": -1,
                }
            },
        ],
    )
    def test_what_is_taken(self, call: Call, changed: Json) -> None:
        assert self.make(call, **changed)


class TestMemberships:
    @pytest.fixture(autouse=True)
    def plan(self, world: World) -> None:
        settings.change(world, {"memberships": [{"membershipId": 7, "title": "Gold"}]})

    def step(self, world: World, name: str, step: str, number: int = 7) -> Json:
        asked = {"type": step, "membershipId": number}
        done = act(world, {"from": name, "membership": asked})
        assert done.webhook is not None
        event: Json = done.webhook.body["events"][0]
        assert event["membership"] == asked
        assert event["replyToken"]
        return event

    def test_the_plans(self, world: World, call: Call) -> None:
        self.step(world, "alice", "joined")
        shown = body(call("GET", f"{MEMBERSHIPS}/list"))["memberships"]
        assert [(one["membershipId"], one["memberCount"]) for one in shown] == [(7, 1)]
        assert shown[0]["memberLimit"] is None
        settings.change(world, {"memberships": []})
        assert call("GET", f"{MEMBERSHIPS}/list").status == 404

    def test_a_subscription(self, world: World, call: Call) -> None:
        alice = world.people["alice"].user_id
        path = f"{MEMBERSHIPS}/subscription/{alice}"
        assert call("GET", path).status == 404
        self.step(world, "alice", "joined")
        self.step(world, "alice", "renewed")
        (found,) = body(call("GET", path))["subscriptions"]
        assert found["membership"]["title"] == "Gold"
        assert found["user"] == {
            "membershipNo": 1,
            "joinedTime": NOW,
            "nextBillingDate": "2026-03-02",
            "totalSubscriptionMonths": 2,
        }
        self.step(world, "alice", "left")
        assert call("GET", path).status == 404
        bad = call("GET", f"{MEMBERSHIPS}/subscription/x")
        expected = {"message": "The value for the 'userId' parameter is invalid"}
        assert (bad.status, body(bad)) == (400, expected)

    def test_the_members(self, world: World, call: Call) -> None:
        """In pages; not those who blocked the bot."""
        names = [f"p{number}" for number in range(5)]
        for name in names:
            world.add_person(name)
            self.step(world, name, "joined")
        relations.block(world, world.people["p0"])
        path = f"{MEMBERSHIPS}/7/users/ids"
        page = body(call("GET", f"{path}?limit=3"))
        assert page["userIds"] == [world.people[name].user_id for name in names[1:4]]
        rest = body(call("GET", f"{path}?limit=3&start={page['next']}"))
        assert rest == {"userIds": [world.people["p4"].user_id]}
        for number in ("8", "x", "9" * 30):
            gone = call("GET", f"{MEMBERSHIPS}/{number}/users/ids")
            assert (gone.status, body(gone)) == (404, {"message": "Membership ID is not found"})
        for query in ("limit=0", "limit=1001", "start=x"):
            assert call("GET", f"{path}?{query}").status == 400

    @pytest.mark.parametrize(
        ("step", "number", "sentence"),
        [
            ("left", 7, "no such member"),
            ("renewed", 7, "no such member"),
            ("joined", 8, "there is no membership 8"),
            ("x", 7, "membership must have a type"),
            ("joined", "7", "membership must have a type"),
        ],
    )
    def test_steps_without_sense(self, world: World, step: str, number: Any, sentence: str) -> None:
        asked = {"type": step, "membershipId": number}
        with pytest.raises(Refused, match=sentence):
            act(world, {"from": "alice", "membership": asked})

    def test_joining_twice(self, world: World) -> None:
        self.step(world, "alice", "joined")
        with pytest.raises(Refused, match="already"):
            self.step(world, "alice", "joined")

    @pytest.mark.parametrize(
        "plans",
        [
            1,
            [1],
            [{}],
            [{"membershipId": 1}] * 2,
            [{"membershipId": number} for number in range(6)],
            [{"membershipId": True}],
            [{"membershipId": 1, "title": 1}],
            [{"membershipId": 1, "benefits": []}],
            [{"membershipId": 1, "benefits": [1]}],
            [{"membershipId": 1, "price": "1"}],
            [{"membershipId": 1, "currency": "EUR"}],
            [{"membershipId": 1, "memberLimit": "x"}],
            [{"membershipId": 1, "isPublished": 1}],
        ],
    )
    def test_plans_without_sense(self, world: World, plans: Any) -> None:
        with pytest.raises(Refused) as caught:
            settings.change(world, {"memberships": plans})
        assert caught.value.status == 400
        assert len(world.account.memberships) == 1


def problem(sentence: str) -> Json:
    details = [{"message": sentence, "property": ""}]
    return {"message": "The request body has 1 error(s)", "details": details}
