"""Counts of sent messages, aggregation units, insight: numbers that the world really has."""

from __future__ import annotations

import json
from typing import Any

import pytest

from penniless.simulator import people_control, relations
from penniless.simulator.acts import act
from penniless.simulator.clock import VirtualClock
from penniless.simulator.exchange import Response
from penniless.simulator.world import World
from tests.simulator.conftest import Call

Json = dict[str, Any]
TEXT = {"type": "text", "text": "a"}
DAY = 24 * 3600
FIRST = "20260101"
MESSAGE, INSIGHT = "/v2/bot/message", "/v2/bot/insight"


def body(response: Response) -> Any:
    return json.loads(response.body)


@pytest.fixture
def alice(world: World) -> str:
    return world.people["alice"].user_id


def send_some(world: World, call: Call, *, unit: str = "") -> None:
    """One reply, a push to a person and one to a group of two, and each of the others once."""
    alice, family = world.people["alice"].user_id, world.add_group("family", ["alice", "bob"])
    done = act(world, {"from": "alice", "text": "hi"})
    assert done.webhook is not None
    token = done.webhook.body["events"][0]["replyToken"]
    more = {"customAggregationUnits": [unit]} if unit else {}
    two = {"messages": [TEXT, TEXT]}
    for via, request in (
        ("reply", {"replyToken": token, **two}),
        ("push", {"to": alice, **two, **more}),
        ("push", {"to": family.id, **two, **more}),
        ("multicast", {"to": [alice], **two, **more}),
        ("broadcast", two),
        ("narrowcast", two),
    ):
        assert call("POST", f"{MESSAGE}/{via}", request).status in {200, 202}


class TestDays:
    def test_people_are_counted_by_day(self, world: World, call: Call, clock: VirtualClock) -> None:
        """The day is counted when it is over, in Japan: people, not message objects."""
        send_some(world, call)
        path = f"{MESSAGE}/delivery/{{}}?date={FIRST}"
        assert body(call("GET", path.format("push"))) == {"status": "unready"}
        clock.advance(seconds=15 * 3600 - 1)
        assert body(call("GET", path.format("push"))) == {"status": "unready"}
        clock.advance(seconds=1)
        counts = {"reply": 1, "push": 3, "multicast": 1, "broadcast": 2}
        for via, count in counts.items():
            assert body(call("GET", path.format(via))) == {"status": "ready", "success": count}
        nothing = body(call("GET", f"{MESSAGE}/delivery/push?date=20251231"))
        assert nothing == {"status": "ready", "success": 0}
        shown = body(call("GET", f"{INSIGHT}/message/delivery?date={FIRST}"))
        names = {f"api{via.title()}": count for via, count in counts.items()}
        assert shown == {"status": "ready", **names, "apiNarrowcast": 2}

    @pytest.mark.parametrize(
        ("path", "before"),
        [
            (f"{MESSAGE}/delivery/push", "20180330"),
            (f"{INSIGHT}/message/delivery", "20170228"),
            (f"{INSIGHT}/followers", "20161031"),
        ],
    )
    def test_before_line_counted(self, call: Call, path: str, before: str) -> None:
        assert body(call("GET", f"{path}?date={before}"))["status"] == "out_of_service"
        assert body(call("GET", f"{path}?date=20260101"))["status"] == "unready"
        assert body(call("GET", f"{path}?date=99991231"))["status"] == "unready"

    @pytest.mark.parametrize("day", ["", "2026", "20260230", "2026010a", "２０２６０１０１"])
    def test_what_is_no_day(self, call: Call, day: str) -> None:
        response = call("GET", f"{MESSAGE}/delivery/push?date={day}")
        expected = {"message": "The value for the 'date' parameter is invalid"}
        assert (response.status, body(response)) == (400, expected)
        for name in ("message/delivery", "followers"):
            response = call("GET", f"{INSIGHT}/{name}?date={day}")
            assert (response.status, body(response)) == (400, {"message": "Bad Request"})

    def test_followers(self, world: World, call: Call, clock: VirtualClock) -> None:
        relations.block(world, world.people["bob"])
        world.add_person("carol", friend=False)
        clock.advance(seconds=DAY)
        path = f"{INSIGHT}/followers"
        shown = {"status": "ready", "followers": 2, "targetedReaches": 1, "blocks": 1}
        assert body(call("GET", f"{path}?date={FIRST}")) == shown
        later = body(call("GET", f"{path}?date=20260102"))
        assert later == {**dict.fromkeys(shown), "status": "unready"}
        assert body(call("GET", path)) == {"message": "date is required"}


class TestUnits:
    def test_the_units_of_a_month(self, world: World, call: Call, clock: VirtualClock) -> None:
        send_some(world, call, unit="promotion_a")
        send_some(world, call, unit="promotion_b")
        assert body(call("GET", f"{MESSAGE}/aggregation/info")) == {
            "numOfCustomAggregationUnits": 2
        }
        names = body(call("GET", f"{MESSAGE}/aggregation/list"))
        assert names == {"customAggregationUnits": ["promotion_a", "promotion_b"]}
        clock.advance(seconds=31 * DAY)
        assert body(call("GET", f"{MESSAGE}/aggregation/list"))["customAggregationUnits"] == []

    def test_a_thousand_a_month(self, world: World, call: Call, alice: str) -> None:
        world.quota.limit = None

        def pushed(unit: str) -> int:
            request = {"to": alice, "messages": [TEXT], "customAggregationUnits": [unit]}
            return call("POST", f"{MESSAGE}/push", request).status

        assert {pushed(f"u{number}") for number in range(1_000)} == {200}
        assert (pushed("one_more"), pushed("u7")) == (400, 200)
        first = body(call("GET", f"{MESSAGE}/aggregation/list"))
        assert len(first["customAggregationUnits"]) == 100
        path = f"{MESSAGE}/aggregation/list?limit=7&start={first['next']}"
        assert body(call("GET", path))["customAggregationUnits"][0] == "u100"
        assert call("GET", f"{MESSAGE}/aggregation/list?limit=101").status == 400

    def test_who_has_read_them(self, world: World, call: Call, alice: str) -> None:
        """People who opened anything of the unit, each once."""
        send_some(world, call, unit="promotion_a")
        chat = world.chat(alice)
        world.mark_read(alice, chat.entries[-1].seq, side="bot")
        path = f"{INSIGHT}/message/event/aggregation?customAggregationUnit=promotion_a"
        shown = body(call("GET", f"{path}&from=20260101&to=20260131"))
        assert shown["overview"]["uniqueImpression"] == 1
        assert [one["seq"] for one in shown["messages"]] == [1, 2]
        assert shown["clicks"] == []
        other = body(call("GET", f"{path}&from=20260102&to=20260131"))
        assert (other["overview"]["uniqueImpression"], other["messages"]) == (0, [])
        world.account.privacy = True
        hidden = body(call("GET", f"{path}&from=20260101&to=20260131"))
        assert (hidden["overview"]["uniqueImpression"], hidden["messages"]) == (None, [])

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "customAggregationUnit=a",
            "customAggregationUnit=a-b&from=20260101&to=20260102",
            "customAggregationUnit=a&from=20260102&to=20260101",
            "customAggregationUnit=a&from=20260101&to=20260201",
            "customAggregationUnit=a&from=20260101&to=x",
        ],
    )
    def test_queries_without_sense(self, call: Call, query: str) -> None:
        path = f"{INSIGHT}/message/event/aggregation?{query}"
        assert body(call("GET", path)) == {"message": "Bad Request"}


class TestInsight:
    def test_a_broadcast(self, world: World, call: Call, alice: str) -> None:
        sent = call("POST", f"{MESSAGE}/broadcast", {"messages": [TEXT, TEXT]})
        path = f"{INSIGHT}/message/event?requestId={sent.headers['x-line-request-id']}"
        overview = {
            "requestId": sent.headers["x-line-request-id"],
            "timestamp": 1_767_225_600,
            "delivered": 2,
            "uniqueImpression": 0,
            "uniqueClick": None,
            "uniqueMediaPlayed": None,
            "uniqueMediaPlayed100Percent": None,
        }
        assert body(call("GET", path)) == {"overview": overview, "messages": [], "clicks": []}
        world.mark_read(alice, world.chat(alice).entries[0].seq, side="bot")
        seen = body(call("GET", path))
        assert seen["overview"]["uniqueImpression"] == 1
        assert [(one["seq"], one["impression"]) for one in seen["messages"]] == [(1, 1), (2, 1)]
        world.account.privacy = True
        assert body(call("GET", path))["overview"]["uniqueImpression"] is None

    def test_a_push_has_no_statistics(self, call: Call, alice: str) -> None:
        sent = call("POST", f"{MESSAGE}/push", {"to": alice, "messages": [TEXT]})
        path = f"{INSIGHT}/message/event?requestId={sent.headers['x-line-request-id']}"
        assert call("GET", path).status == 404

    def test_demographics(self, world: World, call: Call) -> None:
        """Percentages of friends, the most frequent first."""
        for name, attributes in (
            ("alice", {"gender": "female", "age": 14, "friendDays": 400, "appType": "ios"}),
            ("bob", {"gender": "male", "age": 70, "area": "jp_13", "friendDays": 7}),
        ):
            people_control.set_attributes(world, world.people[name], attributes)
        world.add_person("carol")
        world.add_person("dave", friend=False)
        shown = body(call("GET", f"{INSIGHT}/demographic"))
        third = 33.3
        assert shown["available"] is True
        assert {one["gender"]: one["percentage"] for one in shown["genders"]} == {
            "female": third,
            "male": third,
            "unknown": third,
        }
        assert {one["age"] for one in shown["ages"]} == {"from0to14", "from70", "unknown"}
        assert {one["area"]: one["percentage"] for one in shown["areas"]} == {
            "unknown": 66.7,
            "jp_13": third,
        }
        assert {one["appType"] for one in shown["appTypes"]} == {"ios", "others"}
        periods = {one["subscriptionPeriod"] for one in shown["subscriptionPeriods"]}
        assert periods == {"within7days", "within30days", "over365days"}

    def test_demographics_of_few_people(self, world: World, call: Call) -> None:
        world.account.privacy = True
        shown = body(call("GET", f"{INSIGHT}/demographic"))
        assert shown.pop("available") is False
        assert list(shown.values()) == [[]] * 5

    @pytest.mark.parametrize(
        ("name", "last", "status"),
        [
            ("summary", "20270201", 200),
            ("summary", "20270202", 400),
            ("daily", "20260410", 200),
            ("daily", "20260411", 400),
        ],
    )
    def test_rich_menus(self, call: Call, name: str, last: str, status: int) -> None:
        """Taps are not simulated: LINE's answer below its minimum number."""
        menu = {
            "size": {"width": 800, "height": 250},
            "selected": False,
            "name": "a",
            "chatBarText": "a",
            "areas": [],
        }
        made = body(call("POST", "/v2/bot/richmenu", menu))
        path = f"{INSIGHT}/richmenu/{made['richMenuId']}/{name}?from=20260101&to={last}"
        response = call("GET", path)
        assert response.status == status
        if status == 200:
            assert body(response) == made
        assert call("GET", f"{INSIGHT}/richmenu/x/{name}?from=20260101&to=20260102").status == 404

    def test_sixty_an_hour(self, call: Call) -> None:
        statuses = [call("GET", f"{INSIGHT}/demographic").status for _ in range(61)]
        assert statuses == [200] * 60 + [429]
