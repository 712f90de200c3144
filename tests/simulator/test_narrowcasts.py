"""Narrowcasts and audiences: who gets a message, and how far it has come."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from penniless.simulator import people_control, relations
from penniless.simulator.clock import VirtualClock
from penniless.simulator.exchange import Response
from penniless.simulator.world import World
from tests.simulator.conftest import Call

Json = dict[str, Any]
Send = Callable[..., Response]
MakeAudience = Callable[..., int]

NARROWCAST = "/v2/bot/message/narrowcast"
AUDIENCES = "/v2/bot/audienceGroup"
TEXT = {"type": "text", "text": "こんにちは"}
DAY = 24 * 3600
PEOPLE: dict[str, Json] = {
    "alice": {"gender": "female", "age": 22, "area": "jp_13", "appType": "ios", "friendDays": 3},
    "bob": {"gender": "male", "age": 35, "area": "jp_27", "appType": "android", "friendDays": 40},
    "carol": {"gender": "female", "age": 71, "area": "th_01", "friendDays": 400},
    "dave": {},
}


def body(response: Response) -> Any:
    return json.loads(response.body)


@pytest.fixture
def people(world: World) -> dict[str, str]:
    """Four people of all kinds; their user ids by name."""
    for name, attributes in PEOPLE.items():
        person = world.people.get(name) or world.add_person(name)
        people_control.set_attributes(world, person, attributes)
    return {name: world.people[name].user_id for name in PEOPLE}


@pytest.fixture
def send(call: Call) -> Send:
    def do(**more: Any) -> Response:
        return call("POST", NARROWCAST, {"messages": [TEXT], **more})

    return do


@pytest.fixture
def audience(call: Call, clock: VirtualClock) -> MakeAudience:
    """An audience of these user ids, ready to be used."""

    def do(*user_ids: str, name: str = "people") -> int:
        asked = {"description": name, "audiences": [{"id": one} for one in user_ids]}
        response = call("POST", f"{AUDIENCES}/upload", asked)
        assert response.status == 202
        clock.advance(seconds=1)
        made: int = body(response)["audienceGroupId"]
        return made

    return do


def told(world: World) -> set[str]:
    """The names of who got a message."""
    return {name for name, person in world.people.items() if world.chat(person.user_id).entries}


def progress_of(call: Call, sent: Response) -> Any:
    request_id = sent.headers["x-line-request-id"]
    return body(call("GET", f"/v2/bot/message/progress/narrowcast?requestId={request_id}"))


class TestFilters:
    @pytest.mark.parametrize(
        ("demographic", "expected"),
        [
            ({"type": "gender", "oneOf": ["female"]}, "alice carol"),
            ({"type": "gender", "oneOf": ["female", "male"]}, "alice bob carol"),
            ({"type": "age", "gte": "age_20", "lt": "age_25"}, "alice"),
            ({"type": "age", "gte": "age_35"}, "bob carol"),
            ({"type": "age", "lt": "age_35"}, "alice"),
            ({"type": "age", "gte": "age_70"}, "carol"),
            ({"type": "appType", "oneOf": ["ios", "android"]}, "alice bob"),
            ({"type": "area", "oneOf": ["jp_13", "th_01"]}, "alice carol"),
            ({"type": "subscriptionPeriod", "lt": "day_7"}, "alice dave"),
            ({"type": "subscriptionPeriod", "gte": "day_30", "lt": "day_90"}, "bob"),
            ({"type": "subscriptionPeriod", "gte": "day_365"}, "carol"),
            (
                {
                    "type": "operator",
                    "and": [
                        {"type": "gender", "oneOf": ["female"]},
                        {"type": "age", "gte": "age_60"},
                    ],
                },
                "carol",
            ),
            (
                {
                    "type": "operator",
                    "or": [
                        {"type": "gender", "oneOf": ["male"]},
                        {"type": "area", "oneOf": ["th_01"]},
                    ],
                },
                "bob carol",
            ),
            (
                {"type": "operator", "not": {"type": "gender", "oneOf": ["female"]}},
                "bob dave",
            ),
        ],
    )
    @pytest.mark.usefixtures("people")
    def test_whom_a_filter_means(
        self, world: World, send: Send, demographic: Json, expected: str
    ) -> None:
        """Who is unknown is in no filter that asks for it, and in each that excludes it."""
        assert send(filter={"demographic": demographic}).status == 202
        assert told(world) == set(expected.split())
        assert world.quota.used(world.now()) == len(expected.split())

    @pytest.mark.usefixtures("people")
    def test_friendship_grows_with_the_clock(
        self, world: World, send: Send, clock: VirtualClock
    ) -> None:
        clock.advance(seconds=5 * DAY)
        send(filter={"demographic": {"type": "subscriptionPeriod", "gte": "day_7", "lt": "day_30"}})
        assert told(world) == {"alice"}

    @pytest.mark.parametrize(
        ("demographic", "where"),
        [
            ({}, "filter.demographic.type"),
            ({"type": "height"}, "filter.demographic.type"),
            ({"type": []}, "filter.demographic.type"),
            ({"type": "gender"}, "filter.demographic.oneOf"),
            ({"type": "gender", "oneOf": []}, "filter.demographic.oneOf"),
            ({"type": "gender", "oneOf": ["x"]}, "filter.demographic.oneOf[0]"),
            ({"type": "area", "oneOf": [{}]}, "filter.demographic.oneOf[0]"),
            ({"type": "age"}, "filter.demographic"),
            ({"type": "age", "gte": "age_21"}, "filter.demographic.gte"),
            ({"type": "age", "gte": "age_25", "lt": "age_20"}, "filter.demographic.gte"),
            ({"type": "operator"}, "filter.demographic"),
            ({"type": "operator", "and": []}, "filter.demographic.and"),
            ({"type": "operator", "and": [1], "or": [1]}, "filter.demographic"),
            ({"type": "operator", "or": [{}]}, "filter.demographic.or[0].type"),
            (
                {"type": "operator", "and": [{"type": "gender", "oneOf": ["male"]}] * 11},
                "filter.demographic.and[10]",
            ),
        ],
    )
    def test_filters_without_sense(
        self, world: World, send: Send, demographic: Json, where: str
    ) -> None:
        response = send(filter={"demographic": demographic})
        assert response.status == 400
        assert [one["property"] for one in body(response)["details"]] == [where]
        assert told(world) == set()

    @pytest.mark.parametrize("given", [1, "x", {"demographic": 1}, {"demographic": []}])
    def test_filters_of_the_wrong_type(self, send: Send, given: Any) -> None:
        assert body(send(filter=given))["message"].startswith("The property, 'filter")


class TestRecipients:
    def test_an_audience(
        self, world: World, people: Json, send: Send, audience: MakeAudience
    ) -> None:
        made = audience(people["alice"], people["carol"])
        assert send(recipient={"type": "audience", "audienceGroupId": made}).status == 202
        assert told(world) == {"alice", "carol"}

    def test_who_is_no_friend_gets_nothing(
        self, world: World, people: Json, send: Send, audience: MakeAudience
    ) -> None:
        made = audience(people["alice"], people["bob"], "U" + "0" * 32)
        relations.block(world, world.people["bob"])
        world.chats.clear()
        send(recipient={"type": "audience", "audienceGroupId": made})
        assert told(world) == {"alice"}

    def test_everything_together(
        self,
        world: World,
        people: Json,
        send: Send,
        audience: MakeAudience,
        clock: VirtualClock,
    ) -> None:
        """In an audience, not in an earlier narrowcast, and a woman."""
        women = {"demographic": {"type": "gender", "oneOf": ["female"]}}
        first = send(filter=women, limit={"max": 1})
        clock.advance(seconds=1)
        world.chats.clear()
        wanted = {"type": "audience", "audienceGroupId": audience(*people.values())}
        request_id = first.headers["x-line-request-id"]
        earlier = {"type": "redelivery", "requestId": request_id}
        rest = {"type": "operator", "and": [wanted, {"type": "operator", "not": earlier}]}
        assert send(recipient=rest, filter=women).status == 202
        assert told(world) == {"carol"}

    @pytest.mark.parametrize(
        ("recipient", "message"),
        [
            ({"type": "audience", "audienceGroupId": 1}, "Invalid audience group id: 1"),
            ({"type": "redelivery", "requestId": "x"}, "Invalid request id: x"),
            ({"type": "audience"}, "The property, 'recipient.audienceGroupId'"),
            ({"type": "redelivery", "requestId": 1}, "The property, 'recipient.requestId'"),
            ({"type": "x"}, "The request body has 1 error(s)"),
            ([], "The property, 'recipient'"),
        ],
    )
    def test_recipients_without_sense(self, send: Send, recipient: Any, message: str) -> None:
        response = send(recipient=recipient)
        assert response.status == 400
        assert body(response)["message"].startswith(message)

    def test_ten_at_most(self, people: Json, send: Send, audience: MakeAudience) -> None:
        one = {"type": "audience", "audienceGroupId": audience(people["alice"])}
        assert send(recipient={"type": "operator", "or": [one] * 10}).status == 202
        assert send(recipient={"type": "operator", "or": [one] * 11}).status == 400

    @pytest.mark.usefixtures("people")
    def test_an_earlier_narrowcast_has_to_be_done(self, send: Send, clock: VirtualClock) -> None:
        request_id = send().headers["x-line-request-id"]
        earlier = {"type": "redelivery", "requestId": request_id}
        assert send(recipient=earlier).status == 400
        clock.advance(seconds=1)
        assert send(recipient=earlier).status == 202
        clock.advance(seconds=14 * DAY)
        assert send(recipient=earlier).status == 400

    def test_a_broadcast_is_no_narrowcast(self, call: Call, send: Send) -> None:
        sent = call("POST", "/v2/bot/message/broadcast", {"messages": [TEXT]})
        request_id = sent.headers["x-line-request-id"]
        assert send(recipient={"type": "redelivery", "requestId": request_id}).status == 400


class TestProgress:
    @pytest.mark.usefixtures("people")
    def test_all_phases(self, call: Call, send: Send, clock: VirtualClock) -> None:
        sent, seen = send(), []
        for _ in range(3):
            seen.append(progress_of(call, sent))
            clock.advance(seconds=0.5)
        assert [one["phase"] for one in seen] == ["waiting", "sending", "succeeded"]
        assert "targetCount" not in seen[0]
        assert [one["targetCount"] for one in seen[1:]] == [4, 4]
        assert [one["successCount"] for one in seen[1:]] == [0, 4]

    @pytest.mark.usefixtures("people")
    def test_partial_delivery_is_forbidden(
        self, world: World, call: Call, send: Send, clock: VirtualClock
    ) -> None:
        """202, and then it fails: nobody gets anything, nothing is counted."""
        world.quota.limit = 2
        limit = {"upToRemainingQuota": True, "forbidPartialDelivery": True}
        sent = send(limit=limit)
        assert sent.status == 202
        clock.advance(seconds=1)
        failed = progress_of(call, sent)
        assert (failed["phase"], failed["errorCode"]) == ("failed", 5)
        assert failed["failedDescription"]
        assert (told(world), world.quota.used(world.now())) == (set(), 0)
        world.quota.limit = 4
        assert send(limit=limit).status == 202
        assert len(told(world)) == 4
        assert send(limit={"forbidPartialDelivery": True}).status == 400

    @pytest.mark.usefixtures("people")
    def test_lines_minimum_numbers(
        self, world: World, call: Call, send: Send, clock: VirtualClock
    ) -> None:
        """A filter needs a hundred friends, and fifty whom it means."""
        world.account.privacy = True
        women = {"demographic": {"type": "gender", "oneOf": ["female"]}}
        refused = send(filter=women)
        expected = {"message": "Your account does not have enough friends"}
        assert (refused.status, body(refused)) == (403, expected)
        for number in range(96):
            world.add_person(f"p{number}")
        sent = send(filter=women)
        assert sent.status == 202
        clock.advance(seconds=1)
        assert progress_of(call, sent)["errorCode"] == 2
        assert told(world) == set()

    def test_uploaded_audiences_may_be_small(
        self, world: World, people: Json, send: Send, audience: MakeAudience
    ) -> None:
        made = audience(people["alice"])
        world.account.privacy = True
        send(recipient={"type": "audience", "audienceGroupId": made})
        assert told(world) == {"alice"}


class TestAudiences:
    def test_one_is_made_filled_renamed_and_deleted(
        self, call: Call, people: Json, clock: VirtualClock
    ) -> None:
        asked = {
            "description": "เพื่อน",
            "uploadDescription": "first",
            "audiences": [{"id": people["alice"]}],
        }
        made = body(call("POST", f"{AUDIENCES}/upload", asked))
        assert made == {
            "audienceGroupId": made["audienceGroupId"],
            "createRoute": "MESSAGING_API",
            "type": "UPLOAD",
            "description": "เพื่อน",
            "created": 1_767_225_600,
            "permission": "READ_WRITE",
            "expireTimestamp": 1_767_225_600 + 180 * DAY,
            "isIfaAudience": False,
        }
        path = f"{AUDIENCES}/{made['audienceGroupId']}"
        assert body(call("GET", path))["audienceGroup"]["status"] == "IN_PROGRESS"
        clock.advance(seconds=1)
        more = {
            "audienceGroupId": made["audienceGroupId"],
            "audiences": [{"id": people["alice"]}, {"id": people["bob"]}],
        }
        added = call("PUT", f"{AUDIENCES}/upload", more)
        assert (added.status, body(added)) == (202, {})
        assert body(call("PUT", f"{path}/updateDescription", {"description": "b"})) == {}
        found = body(call("GET", path))
        own = {**made, "description": "b", "status": "READY", "audienceCount": 2}
        assert found["audienceGroup"] == own
        assert [one["audienceCount"] for one in found["jobs"]] == [1, 1]
        assert [one["description"] for one in found["jobs"]] == ["", "first"]
        assert body(call("DELETE", path)) == {}
        gone = call("GET", path)
        expected = {
            "message": "audience group not found",
            "details": [{"message": "AUDIENCE_GROUP_NOT_FOUND"}],
        }
        assert (gone.status, body(gone)) == (400, expected)

    def test_an_empty_one_is_never_ready(
        self, call: Call, send: Send, audience: MakeAudience, clock: VirtualClock
    ) -> None:
        made = audience()
        clock.advance(seconds=DAY)
        found = body(call("GET", f"{AUDIENCES}/{made}"))["audienceGroup"]
        assert (found["status"], found["audienceCount"]) == ("IN_PROGRESS", 0)
        assert send(recipient={"type": "audience", "audienceGroupId": made}).status == 400

    def test_it_expires(
        self, call: Call, people: Json, audience: MakeAudience, clock: VirtualClock
    ) -> None:
        """After 180 days it takes nobody any more, a month later it is gone."""
        made = audience(people["alice"])
        clock.advance(seconds=180 * DAY)
        assert body(call("GET", f"{AUDIENCES}/{made}"))["audienceGroup"]["status"] == "EXPIRED"
        more = {"audienceGroupId": made, "audiences": [{"id": people["bob"]}]}
        refused = body(call("PUT", f"{AUDIENCES}/upload", more))
        assert refused["message"] == "AUDIENCE_GROUP_CAN_NOT_UPLOAD_STATUS_EXPIRED"
        clock.advance(seconds=31 * DAY)
        assert call("GET", f"{AUDIENCES}/{made}").status == 400

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"description": None}, "AUDIENCE_GROUP_NAME_EMPTY"),
            ({"description": "  "}, "AUDIENCE_GROUP_NAME_EMPTY"),
            ({"description": "a" * 121}, "AUDIENCE_GROUP_NAME_SIZE_OVER"),
            ({"description": "a\nb"}, "AUDIENCE_GROUP_NAME_WRONG"),
            (
                {"uploadDescription": "a" * 301},
                "AUDIENCE_GROUP_UPLOAD_DESCRIPTION_SIZE_OVER",
            ),
            ({"audiences": [{"id": "x"}]}, "UPLOAD_AUDIENCE_GROUP_INVALID_AUDIENCE_ID_FORMAT"),
            ({"audiences": [{}]}, "UPLOAD_AUDIENCE_GROUP_INVALID_AUDIENCE_ID_FORMAT"),
            ({"audiences": [{}] * 10_001}, "UPLOAD_AUDIENCE_GROUP_TOO_MANY_AUDIENCE_IDS"),
        ],
    )
    def test_what_is_refused(self, call: Call, changed: Json, code: str) -> None:
        response = call("POST", f"{AUDIENCES}/upload", {"description": "a", **changed})
        assert response.status == 400
        assert [one["message"] for one in body(response)["details"]] == [code]

    @pytest.mark.parametrize(
        "changed",
        [{"description": 1}, {"isIfaAudience": "x"}, {"audiences": 1}, {"audiences": [1]}],
    )
    def test_values_of_the_wrong_type(self, call: Call, changed: Json) -> None:
        response = call("POST", f"{AUDIENCES}/upload", {"description": "a", **changed})
        assert body(response)["message"].startswith("The property, '")

    def test_a_thousand_in_all(self, world: World, call: Call) -> None:
        world.set_rate_limits(on=False)
        asked = {"description": "a"}
        statuses = [call("POST", f"{AUDIENCES}/upload", asked).status for _ in range(1_001)]
        assert statuses == [202] * 1_000 + [400]

    def test_advertisers_ids_reach_nobody(
        self, world: World, call: Call, send: Send, clock: VirtualClock
    ) -> None:
        asked = {
            "description": "a",
            "isIfaAudience": True,
            "audiences": [{"id": "123e4567-e89b-12d3-a456-426614174000"}],
        }
        made = body(call("POST", f"{AUDIENCES}/upload", asked))
        assert made["isIfaAudience"] is True
        clock.advance(seconds=1)
        recipient = {"type": "audience", "audienceGroupId": made["audienceGroupId"]}
        assert send(recipient=recipient).status == 202
        assert told(world) == set()

    def test_a_file(self, call: Call, people: Json) -> None:
        """One user id a line; what else stands in the form comes along."""
        parts = {"description": "花見", "uploadDescription": "list"}
        made = body(self.sent(call, "POST", parts, "\r\n".join(people.values())))
        assert made["description"] == "花見"
        number = made["audienceGroupId"]
        fields = {"audienceGroupId": str(number)}
        assert self.sent(call, "PUT", fields, f"{'U' + 'a' * 32}\n\n").status == 202
        found = body(call("GET", f"{AUDIENCES}/{number}"))
        assert found["audienceGroup"]["audienceCount"] == 5
        assert [one["description"] for one in found["jobs"]] == ["", "list"]

    @pytest.mark.parametrize("content", [None, "", " \n", "x"])
    def test_files_that_are_refused(self, call: Call, content: str | None) -> None:
        response = self.sent(call, "POST", {"description": "a"}, content)
        assert response.status == 400
        assert body(response)["details"][0]["property"] == "file"

    def test_a_body_that_is_no_form(self, call: Call) -> None:
        assert call("POST", f"{AUDIENCES}/upload/byFile", {}).status == 415

    @staticmethod
    def sent(call: Call, method: str, fields: Json, content: str | None) -> Response:
        line, files = "--line", [f'form-data; name="{name}"' for name in fields]
        values = list(fields.values())
        if content is not None:
            disposition = 'form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain'
            files, values = [*files, disposition], [*values, content]
        made = "".join(
            f"{line}\r\nContent-Disposition: {head}\r\n\r\n{value}\r\n"
            for head, value in zip(files, values, strict=True)
        )
        headers = {"content-type": f"multipart/form-data; boundary={line[2:]}"}
        raw = f"{made}{line}--\r\n".encode()
        return call(method, f"{AUDIENCES}/upload/byFile", raw, headers=headers)

    def test_who_read_a_message(
        self, world: World, people: Json, call: Call, clock: VirtualClock
    ) -> None:
        """An impression audience fills as people read; a click audience stays empty."""
        sent = call("POST", "/v2/bot/message/broadcast", {"messages": [TEXT]})
        asked = {"description": "r", "requestId": sent.headers["x-line-request-id"]}
        made = [body(call("POST", f"{AUDIENCES}/{kind}", asked)) for kind in ("imp", "click")]
        assert [one["type"] for one in made] == ["IMP", "CLICK"]
        assert [one["requestId"] for one in made] == [asked["requestId"]] * 2
        clock.advance(seconds=1)
        chat = world.chat(people["alice"])
        world.mark_read(chat.id, chat.entries[-1].seq, side="bot")
        found = [
            body(call("GET", f"{AUDIENCES}/{one['audienceGroupId']}"))["audienceGroup"]
            for one in made
        ]
        assert [one["audienceCount"] for one in found] == [1, 0]
        assert [one["status"] for one in found] == ["READY", "IN_PROGRESS"]
        world.account.privacy = True
        hidden = body(call("GET", f"{AUDIENCES}/{made[0]['audienceGroupId']}"))["audienceGroup"]
        assert (hidden["audienceCount"], hidden["status"]) == (0, "IN_PROGRESS")

    def test_messages_that_make_no_audience(
        self, call: Call, people: Json, clock: VirtualClock
    ) -> None:
        """A push, the same message twice, and one that is older than sixty days."""
        pushed = call("POST", "/v2/bot/message/push", {"to": people["bob"], "messages": [TEXT]})
        sent = call("POST", "/v2/bot/message/broadcast", {"messages": [TEXT]})
        asked = {"description": "r", "requestId": sent.headers["x-line-request-id"]}
        assert call("POST", f"{AUDIENCES}/imp", asked).status == 202
        clock.advance(seconds=61 * DAY)
        for request_id, code in (
            (asked["requestId"], "AUDIENCE_GROUP_REQUESTID_DUPLICATE"),
            (pushed.headers["x-line-request-id"], "REQUEST_NOT_FOUND"),
        ):
            response = call("POST", f"{AUDIENCES}/imp", {**asked, "requestId": request_id})
            assert body(response)["details"] == [{"message": code}]
        again = {**asked, "clickUrl": "https://example.com/"}
        response = call("POST", f"{AUDIENCES}/click", again)
        assert body(response)["details"] == [{"message": "REQUEST_NOT_FOUND"}]

    def test_the_list(self, call: Call, people: Json, audience: MakeAudience) -> None:
        """By page, by a part of the name in any case, by status."""
        made = [audience(people["alice"], name=f"Name {number}") for number in range(3)]
        audience(name="empty")

        def listed(query: str) -> Any:
            return body(call("GET", f"{AUDIENCES}/list?{query}"))

        found = listed("page=1&size=3")
        assert [one["audienceGroupId"] for one in found["audienceGroups"]] == made
        assert (found["hasNextPage"], found["totalCount"]) == (True, 4)
        assert (found["page"], found["size"]) == (1, 3)
        assert len(listed("page=2&size=3")["audienceGroups"]) == 1
        assert listed("page=1&description=NAME%201")["totalCount"] == 1
        assert listed("page=1&status=IN_PROGRESS")["totalCount"] == 1
        assert listed("page=1&createRoute=OA_MANAGER")["totalCount"] == 0
        shared = "/v2/bot/audienceGroup/shared/list?page=1"
        assert body(call("GET", shared))["totalCount"] == 0
        assert body(call("GET", f"{shared}&includesOwnedAudienceGroups=true"))["totalCount"] == 4

    @pytest.mark.parametrize(
        ("query", "message", "code"),
        [
            ("", "page: must be a number", "INVALID_VALUE"),
            ("page=0", "page: must be greater than or equal to 1", "TOO_LOW"),
            ("page=1&size=41", "size: must be less than or equal to 40", "TOO_HIGH"),
            ("page=1&status=x", "status: must be one of", "INVALID_VALUE"),
        ],
    )
    def test_queries_without_sense(self, call: Call, query: str, message: str, code: str) -> None:
        response = body(call("GET", f"{AUDIENCES}/list?{query}"))
        assert response["message"].startswith(message)
        assert response["details"] == [{"message": code}]
