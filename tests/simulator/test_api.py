"""The Messaging API's own rules, asked without a socket, on a clock that stands still."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from penniless.simulator import api, relations
from penniless.simulator.acts import act
from penniless.simulator.clock import VirtualClock
from penniless.simulator.exchange import Response
from penniless.simulator.ids import UUID, id_of
from penniless.simulator.operations import OPERATIONS
from penniless.simulator.records import Call as CallRecord
from penniless.simulator.records import Entry, Outcome
from penniless.simulator.world import World
from tests.simulator.conftest import Call

Json = dict[str, Any]

TEXT = {"type": "text", "text": "こんにちは"}
STRANGER = "U" + "0" * 32
KEY = "123e4567-e89b-12d3-a456-426614174000"
LIMIT = {"message": "You have reached your monthly limit."}


def body(response: Response) -> Any:
    return json.loads(response.body)


def said(world: World, chat: str) -> list[Entry]:
    return [entry for entry in world.chat(chat).entries if entry.side == "bot"]


@pytest.fixture
def alice(world: World) -> str:
    return world.people["alice"].user_id


@pytest.fixture
def family(world: World) -> str:
    return world.add_group("family", ["alice", "bob"]).id


def token_of(world: World, **request: Any) -> str:
    """The reply token of the event that a person's act sends."""
    webhook = act(world, {"from": "alice", "text": "hi", **request}).webhook
    assert webhook is not None
    token: str = webhook.body["events"][0]["replyToken"]
    return token


def reply(call: Call, token: Any, *messages: Any) -> Response:
    sent = list(messages) or [TEXT]
    return call("POST", "/v2/bot/message/reply", {"replyToken": token, "messages": sent})


def push(call: Call, to: Any, *messages: Any, key: str | None = None, **more: Any) -> Response:
    headers = {"x-line-retry-key": key} if key else {}
    request = {"to": to, "messages": list(messages) or [TEXT], **more}
    return call("POST", "/v2/bot/message/push", request, headers=headers)


class TestEveryCall:
    """What holds for all operations."""

    @pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic abc", "token"])
    def test_without_a_bearer_token(self, call: Call, authorization: str) -> None:
        response = call("GET", "/v2/bot/info", headers={"authorization": authorization})
        assert response.status == 401
        assert body(response) == {
            "message": "Authorization header required. "
            "Must follow the scheme, 'Authorization: Bearer <ACCESS TOKEN>'"
        }

    @pytest.mark.parametrize("token", ["wrong", "トークン", "the-channel-access-token2"])
    def test_with_a_wrong_token(self, call: Call, token: str) -> None:
        response = call("GET", "/v2/bot/info", headers={"authorization": f"Bearer {token}"})
        assert response.status == 401
        assert body(response)["message"].startswith("Authentication failed. Confirm that")

    def test_the_token_is_checked_on_each_operation(self, call: Call) -> None:
        """No operation that LINE documents lets a stranger in, but those that issue tokens."""
        for operation in OPERATIONS:
            path = operation.template.replace("{", "").replace("}", "")
            response = call(operation.method, path, {}, headers={"authorization": "Bearer x"})
            issues = operation.template.startswith(("/oauth2/", "/v2/oauth/"))
            assert (response.status == 401) is not issues, operation

    def test_unknown_paths(self, call: Call) -> None:
        for path in ("/v2/bot/nothing", "/v2/", "/oauth2/x", "/v2/bot/message//content", "/v2"):
            response = call("GET", path)
            assert (response.status, body(response)) == (404, {"message": "Not found"}), path

    def test_the_wrong_method(self, call: Call) -> None:
        response = call("GET", "/v2/bot/message/reply")
        assert (response.status, response.headers["allow"]) == (405, "POST")
        assert "POST" in body(response)["message"]

    def test_every_answer_has_a_request_id_of_its_own(self, call: Call) -> None:
        responses = [
            call("GET", "/v2/bot/info"),
            call("GET", "/nothing"),
            call("GET", "/v2/bot/info", headers={"authorization": ""}),
            call("POST", "/v2/bot/richmenu", {}),
            call("POST", "/v2/bot/message/reply", b"x" * (2 * 1024 * 1024 + 1)),
        ]
        ids = [response.headers["x-line-request-id"] for response in responses]
        assert len(set(ids)) == len(ids)
        assert all(UUID.match(one) and uuid.UUID(one).version == 4 for one in ids)
        assert all(r.headers["content-type"] == "application/json" for r in responses)

    @pytest.mark.parametrize(
        ("content_type", "status"),
        [
            ("application/json", 200),
            ("application/json; charset=utf-8", 200),
            ("Application/JSON", 200),
            ("text/plain", 415),
            ("application/x-www-form-urlencoded", 415),
            ("", 415),
        ],
    )
    def test_the_content_type(self, call: Call, alice: str, content_type: str, status: int) -> None:
        response = call(
            "POST",
            "/v2/bot/message/push",
            {"to": alice, "messages": [TEXT]},
            headers={"content-type": content_type},
        )
        assert response.status == status
        if status == 415:
            shown = content_type or "null"
            assert body(response)["message"] == f"The content type, {shown}, is not supported"

    def test_two_megabytes_and_no_more(self, call: Call, alice: str) -> None:
        """The limit is on the whole request, spaces included."""
        small = json.dumps({"to": alice, "messages": [TEXT]}).encode()
        most = 2 * 1024 * 1024
        assert call("POST", "/v2/bot/message/push", small.ljust(most)).status == 200
        assert call("POST", "/v2/bot/message/push", small.ljust(most + 1)).status == 413

    def test_what_is_not_json(self, call: Call) -> None:
        response = call("POST", "/v2/bot/message/reply", b"{]")
        assert response.status == 400
        assert "could not be parsed as JSON" in body(response)["message"]

    def test_calls_are_on_the_wire_without_the_token(self, world: World, call: Call) -> None:
        """The wire shows request and answer, and neither token nor secret."""
        call("POST", "/v2/bot/message/push", {"to": STRANGER, "messages": [TEXT]})
        (record,) = world.wire
        assert isinstance(record, CallRecord)
        assert record.operation == "push"
        assert record.request == {"to": STRANGER, "messages": [TEXT]}
        assert record.response == {"message": "Failed to send messages"}
        assert record.request_headers["authorization"] == "Bearer …"
        assert record.hint == f"nobody here has the id {STRANGER}"
        assert world.channel_access_token not in repr(record)
        assert world.channel_secret not in repr(record) + repr(world)


class TestReply:
    """https://developers.line.biz/en/reference/messaging-api/#send-reply-message"""

    def test_a_reply_arrives(self, world: World, call: Call, alice: str) -> None:
        """One entry per message, in order, with string ids and quote tokens."""
        response = reply(call, token_of(world), TEXT, {**TEXT, "text": "二"})
        assert response.status == 200
        sent = body(response)["sentMessages"]
        assert [entry.text for entry in said(world, alice)] == ["こんにちは", "二"]
        assert [one["id"] for one in sent] == [entry.id for entry in said(world, alice)]
        assert all(isinstance(one["id"], str) and len(one["id"]) == 18 for one in sent)
        opened = world.ids.opened_quote(sent[0]["quoteToken"])
        assert opened == (alice, sent[0]["id"])

    def test_a_reply_is_free(self, world: World, call: Call) -> None:
        reply(call, token_of(world))
        assert world.quota.used(world.now()) == 0

    def test_a_token_works_once(self, world: World, call: Call) -> None:
        token = token_of(world)
        assert reply(call, token).status == 200
        again = reply(call, token)
        assert (again.status, body(again)) == (400, {"message": "Invalid reply token"})
        assert "used before" in again.call.hint

    def test_a_token_expires(self, world: World, call: Call, clock: VirtualClock) -> None:
        token = token_of(world)
        clock.advance(seconds=60.001)
        response = reply(call, token)
        assert body(response) == {"message": "Invalid reply token"}
        assert "expired" in response.call.hint

    def test_a_token_of_a_redelivery(self, world: World, call: Call, clock: VirtualClock) -> None:
        """A redelivered webhook gives its token another minute."""
        token = token_of(world)
        clock.advance(seconds=300)
        webhook = world.find_webhook(world.wire[0].event_ids[0])  # type: ignore[union-attr]
        assert webhook is not None
        world.post_again(webhook)
        clock.advance(seconds=59)
        assert reply(call, token).status == 200

    def test_an_unknown_token(self, call: Call) -> None:
        response = reply(call, "0" * 32)
        assert (response.status, body(response)) == (400, {"message": "Invalid reply token"})

    @pytest.mark.parametrize("token", ["", "two words", "トークン", 5, ["a"]])
    def test_a_malformed_token(self, call: Call, token: Any) -> None:
        """LINE says where the value starts: behind `{"replyToken": `."""
        response = reply(call, token)
        assert body(response) == {
            "message": "The property, 'replyToken', in the request body is invalid "
            "(line: 1, column: 16)"
        }

    def test_no_token(self, call: Call) -> None:
        response = call("POST", "/v2/bot/message/reply", {"messages": [TEXT]})
        assert body(response) == {
            "message": "The request body has 1 error(s)",
            "details": [{"message": "May not be empty", "property": "replyToken"}],
        }

    def test_a_refused_message_leaves_the_token(self, world: World, call: Call) -> None:
        """After a 400 for a bad message the bot may reply again with something better."""
        token = token_of(world)
        assert reply(call, token, {"type": "text", "text": ""}).status == 400
        assert reply(call, token).status == 200

    def test_to_somebody_who_blocked_the_bot_since(
        self, world: World, call: Call, alice: str
    ) -> None:
        """200 as ever, and nothing arrives."""
        token = token_of(world)
        relations.block(world, world.people["alice"])
        response = reply(call, token)
        assert response.status == 200
        assert len(body(response)["sentMessages"]) == 1
        assert said(world, alice) == []

    def test_into_a_group_that_the_bot_left_since(
        self, world: World, call: Call, family: str
    ) -> None:
        token = token_of(world, **{"in": "family"})
        relations.bot_leaves(world, world.groups["family"])
        assert body(reply(call, token)) == {"message": "Invalid reply token"}
        assert said(world, family) == []

    def test_loading_ends_when_a_message_arrives(
        self, world: World, call: Call, alice: str
    ) -> None:
        call("POST", "/v2/bot/chat/loading/start", {"chatId": alice})
        assert alice in world.loading
        reply(call, token_of(world))
        assert alice not in world.loading

    @pytest.mark.parametrize(
        ("message", "quotable"),
        [
            (TEXT, True),
            ({"type": "textV2", "text": "a"}, True),
            ({"type": "sticker", "packageId": "446", "stickerId": "1988"}, True),
            (
                {
                    "type": "image",
                    "originalContentUrl": "https://a.b/c",
                    "previewImageUrl": "https://a.b/c",
                },
                True,
            ),
            (
                {
                    "type": "video",
                    "originalContentUrl": "https://a.b/c",
                    "previewImageUrl": "https://a.b/c",
                },
                True,
            ),
            (
                {
                    "type": "template",
                    "altText": "a",
                    "template": {
                        "type": "confirm",
                        "text": "a",
                        "actions": [{"type": "message", "label": "a", "text": "a"}] * 2,
                    },
                },
                True,
            ),
            (
                {
                    "type": "flex",
                    "altText": "a",
                    "contents": {
                        "type": "bubble",
                        "body": {"type": "box", "layout": "vertical", "contents": []},
                    },
                },
                True,
            ),
            ({"type": "audio", "originalContentUrl": "https://a.b/c", "duration": 1}, False),
            (
                {
                    "type": "location",
                    "title": "a",
                    "address": "b",
                    "latitude": 1,
                    "longitude": 2,
                },
                False,
            ),
            (
                {
                    "type": "imagemap",
                    "baseUrl": "https://a.b/c",
                    "altText": "a",
                    "baseSize": {"width": 1040, "height": 1},
                    "actions": [],
                },
                False,
            ),
            ({"type": "coupon", "couponId": "c"}, False),
        ],
        ids=lambda value: value["type"] if isinstance(value, dict) else "",
    )
    def test_what_can_be_quoted(
        self, world: World, call: Call, message: Json, *, quotable: bool
    ) -> None:
        """Audio, location, imagemap and coupon messages have no quote token."""
        (sent,) = body(reply(call, token_of(world), message))["sentMessages"]
        assert ("quoteToken" in sent) is quotable

    def test_quoting(self, world: World, call: Call) -> None:
        """A bot quotes what the person said; the entry shows it."""
        done = act(world, {"from": "alice", "text": "元の"})
        assert done.entry is not None
        assert done.webhook is not None
        event = done.webhook.body["events"][0]
        message = {**TEXT, "quoteToken": event["message"]["quoteToken"]}
        assert reply(call, event["replyToken"], message).status == 200
        (entry,) = said(world, done.entry.chat)
        assert entry.quoted == {"id": done.entry.id, "name": "Alice", "text": "元の"}

    def test_the_sender_of_a_message(self, world: World, call: Call, alice: str) -> None:
        sender = {"name": "ブラウン", "iconUrl": "https://sample.invalid/avatar.png"}
        reply(call, token_of(world), {**TEXT, "sender": sender})
        (entry,) = said(world, alice)
        assert (entry.name, entry.icon_url) == (sender["name"], sender["iconUrl"])


class TestPush:
    """https://developers.line.biz/en/reference/messaging-api/#send-push-message"""

    def test_a_push_counts_one(self, world: World, call: Call, alice: str) -> None:
        """People are counted, not messages."""
        assert push(call, alice, TEXT, TEXT, TEXT).status == 200
        assert world.quota.used(world.now()) == 1
        assert [entry.via for entry in said(world, alice)] == ["push"] * 3

    def test_a_push_to_a_group_counts_its_members(
        self, world: World, call: Call, family: str
    ) -> None:
        assert push(call, family).status == 200
        assert world.quota.used(world.now()) == 2

    def test_the_monthly_limit(self, world: World, call: Call, alice: str, family: str) -> None:
        """429 and nothing sent as soon as the people do not fit; the rest can still be used."""
        world.quota.limit = 1
        refused = push(call, family)
        assert (refused.status, body(refused)) == (429, LIMIT)
        assert said(world, family) == []
        assert push(call, alice).status == 200
        assert push(call, alice).status == 429
        assert world.quota.used(world.now()) == 1

    def test_without_a_limit(self, world: World, call: Call, alice: str) -> None:
        world.quota.limit = None
        assert push(call, alice).status == 200
        assert body(call("GET", "/v2/bot/message/quota")) == {"type": "none"}

    @pytest.mark.parametrize("to", [STRANGER, id_of("group", "no"), id_of("room", "no")])
    def test_to_strangers(self, call: Call, to: str) -> None:
        response = push(call, to)
        assert (response.status, body(response)) == (400, {"message": "Failed to send messages"})

    @pytest.mark.parametrize("to", ["alice", "", "U123", 5, ["U"]])
    def test_to_something_that_is_no_id(self, call: Call, to: Any) -> None:
        expected = "The property, 'to', in the request body is invalid (line: -, column: -)"
        assert body(push(call, to)) == {"message": expected}

    def test_to_nobody(self, call: Call) -> None:
        response = call("POST", "/v2/bot/message/push", {"messages": [TEXT]})
        assert body(response)["details"] == [{"message": "May not be empty", "property": "to"}]

    def test_to_somebody_who_blocked_the_bot(self, world: World, call: Call, alice: str) -> None:
        """200, not delivered, not counted."""
        relations.block(world, world.people["alice"])
        response = push(call, alice)
        assert response.status == 200
        assert len(body(response)["sentMessages"]) == 1
        assert said(world, alice) == []
        assert world.quota.used(world.now()) == 0

    def test_to_somebody_who_is_no_friend(
        self, world: World, call: Call, clock: VirtualClock
    ) -> None:
        """Somebody who wrote 1:1 can be reached for seven days, a friend or not."""
        carol = world.add_person("carol", friend=False)
        assert push(call, carol.user_id).status == 200
        assert said(world, carol.user_id) == []
        act(world, {"from": "carol", "text": "hi"})
        clock.advance(seconds=7 * 24 * 3600)
        push(call, carol.user_id)
        assert len(said(world, carol.user_id)) == 1
        clock.advance(seconds=1)
        push(call, carol.user_id)
        assert len(said(world, carol.user_id)) == 1

    def test_to_a_group_without_the_bot(self, world: World, call: Call, family: str) -> None:
        relations.bot_leaves(world, world.groups["family"])
        assert body(push(call, family)) == {"message": "Failed to send messages"}

    def test_notification_disabled_is_a_flag(self, call: Call, alice: str) -> None:
        assert push(call, alice, notificationDisabled=True).status == 200
        assert push(call, alice, notificationDisabled="yes").status == 400

    @pytest.mark.parametrize(
        ("units", "status"),
        [([], 200), (["a_1"], 200), (["a" * 30], 200), (["a" * 31], 400), (["a-b"], 400)],
    )
    def test_aggregation_units(self, call: Call, alice: str, units: list[str], status: int) -> None:
        assert push(call, alice, customAggregationUnits=units).status == status

    def test_one_aggregation_unit(self, call: Call, alice: str) -> None:
        response = push(call, alice, customAggregationUnits=["a", "b"])
        assert body(response)["details"][0]["property"] == "customAggregationUnits"
        assert push(call, alice, customAggregationUnits="a").status == 400


class TestRetryKeys:
    """https://developers.line.biz/en/docs/messaging-api/retrying-api-request/"""

    def test_the_second_time_is_a_conflict(self, world: World, call: Call, alice: str) -> None:
        """409 with the first request's id and messages, and a request id of its own."""
        first = push(call, alice, key=KEY)
        second = push(call, alice, key=KEY.upper())
        assert second.status == 409
        accepted = second.headers["x-line-accepted-request-id"]
        assert accepted == first.headers["x-line-request-id"]
        assert second.headers["x-line-request-id"] != accepted
        assert body(second) == {
            "message": "The retry key is already accepted",
            "sentMessages": body(first)["sentMessages"],
        }
        assert len(said(world, alice)) == 1
        assert world.quota.used(world.now()) == 1

    def test_a_refused_request_does_not_use_the_key(self, call: Call, alice: str) -> None:
        assert push(call, alice, {"type": "text", "text": ""}, key=KEY).status == 400
        assert push(call, alice, key=KEY).status == 200

    def test_a_key_lives_for_a_day(self, call: Call, alice: str, clock: VirtualClock) -> None:
        push(call, alice, key=KEY)
        clock.advance(seconds=24 * 3600)
        assert push(call, alice, key=KEY).status == 409
        clock.advance(seconds=0.001)
        assert push(call, alice, key=KEY).status == 200

    @pytest.mark.parametrize("name", ["multicast", "broadcast", "narrowcast"])
    def test_keys_of_other_sending_operations(self, call: Call, alice: str, name: str) -> None:
        """They have no sentMessages in their 409."""
        sent: Json = {"messages": [TEXT], **({"to": [alice]} if name == "multicast" else {})}
        headers = {"x-line-retry-key": KEY}
        assert call("POST", f"/v2/bot/message/{name}", sent, headers=headers).status < 300
        again = call("POST", f"/v2/bot/message/{name}", sent, headers=headers)
        assert again.status == 409
        assert body(again) == {"message": "The retry key is already accepted"}

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/v2/bot/message/reply"),
            ("POST", "/v2/bot/message/validate/push"),
            ("GET", "/v2/bot/info"),
        ],
    )
    def test_where_no_key_may_be(self, call: Call, method: str, path: str) -> None:
        response = call(method, path, {"messages": [TEXT]}, headers={"x-line-retry-key": KEY})
        assert response.status == 400
        assert "retry key" in body(response)["message"]

    @pytest.mark.parametrize("path", ["push", "validate/push"])
    def test_an_empty_key_is_none(self, call: Call, alice: str, path: str) -> None:
        """The official SDK for Go sends one with every push."""
        request, headers = {"to": alice, "messages": [TEXT]}, {"x-line-retry-key": ""}
        for _ in range(2):
            answer = call("POST", f"/v2/bot/message/{path}", request, headers=headers)
            assert answer.status == 200

    @pytest.mark.parametrize("key", ["abc", "123e4567e89b12d3a456426614174000"])
    def test_a_malformed_key(self, call: Call, alice: str, key: str) -> None:
        request = {"to": alice, "messages": [TEXT]}
        headers = {"x-line-retry-key": key}
        assert call("POST", "/v2/bot/message/push", request, headers=headers).status == 400


class TestToMany:
    """multicast, broadcast, narrowcast"""

    def test_multicast(self, world: World, call: Call, alice: str) -> None:
        """Every named person gets it once, whoever is named twice too."""
        bob = world.people["bob"].user_id
        response = call(
            "POST", "/v2/bot/message/multicast", {"to": [alice, bob, alice], "messages": [TEXT]}
        )
        assert (response.status, body(response)) == (200, {})
        assert [len(said(world, one)) for one in (alice, bob)] == [1, 1]
        assert world.quota.used(world.now()) == 2

    @pytest.mark.parametrize(
        ("to", "message"),
        [
            (None, "The request body has 1 error(s)"),
            ([], "The request body has 1 error(s)"),
            ([STRANGER] * 501, "The request body has 1 error(s)"),
            ("U", "The property, 'to', in the request body is invalid (line: -, column: -)"),
            (
                [STRANGER, "U1"],
                "The property, to[1], in the request body is invalid (line: -, column: -)",
            ),
            (
                [id_of("group", "g")],
                "The property, to[0], in the request body is invalid (line: -, column: -)",
            ),
            ([STRANGER], "Failed to send messages"),
        ],
    )
    def test_bad_recipients(self, call: Call, to: Any, message: str) -> None:
        request = {"to": to, "messages": [TEXT]}
        response = call("POST", "/v2/bot/message/multicast", request)
        assert (response.status, body(response)["message"]) == (400, message)

    def test_multicast_skips_who_blocked(self, world: World, call: Call, alice: str) -> None:
        bob = world.people["bob"].user_id
        relations.block(world, world.people["bob"])
        request = {"to": [alice, bob], "messages": [TEXT]}
        assert call("POST", "/v2/bot/message/multicast", request).status == 200
        assert said(world, bob) == []
        assert world.quota.used(world.now()) == 1

    def test_broadcast_goes_to_friends(self, world: World, call: Call, alice: str) -> None:
        world.add_person("carol", friend=False)
        relations.block(world, world.people["bob"])
        response = call("POST", "/v2/bot/message/broadcast", {"messages": [TEXT]})
        assert (response.status, body(response)) == (200, {})
        assert [entry.via for entry in said(world, alice)] == ["broadcast"]
        assert world.quota.used(world.now()) == 1

    def test_a_broadcast_beyond_the_limit(self, world: World, call: Call, alice: str) -> None:
        world.quota.limit = 1
        response = call("POST", "/v2/bot/message/broadcast", {"messages": [TEXT]})
        assert (response.status, body(response)) == (429, LIMIT)
        assert said(world, alice) == []

    def test_narrowcast(self, world: World, call: Call, alice: str, clock: VirtualClock) -> None:
        """202, then the progress under its request id: waiting, then succeeded with counts."""
        response = call("POST", "/v2/bot/message/narrowcast", {"messages": [TEXT]})
        assert (response.status, body(response)) == (202, {})
        request_id = response.headers["x-line-request-id"]
        path = f"/v2/bot/message/progress/narrowcast?requestId={request_id}"
        waiting = body(call("GET", path))
        assert waiting == {"phase": "waiting", "acceptedTime": "2026-01-01T00:00:00.000Z"}
        clock.advance(seconds=1)
        assert body(call("GET", path)) == {
            "phase": "succeeded",
            "successCount": 2,
            "failureCount": 0,
            "targetCount": 2,
            "acceptedTime": "2026-01-01T00:00:00.000Z",
            "completedTime": "2026-01-01T00:00:01.000Z",
        }
        assert [entry.via for entry in said(world, alice)] == ["narrowcast"]

    def test_a_narrowcast_with_a_limit(self, world: World, call: Call) -> None:
        request = {"messages": [TEXT], "limit": {"max": 1}}
        assert call("POST", "/v2/bot/message/narrowcast", request).status == 202
        assert world.quota.used(world.now()) == 1

    def test_a_narrowcast_up_to_the_quota(self, world: World, call: Call) -> None:
        world.quota.limit = 1
        request: Json = {"messages": [TEXT]}
        assert call("POST", "/v2/bot/message/narrowcast", request).status == 429
        request["limit"] = {"upToRemainingQuota": True}
        assert call("POST", "/v2/bot/message/narrowcast", request).status == 202

    @pytest.mark.parametrize("limit", [{"max": 0}, {"max": "1"}, {"max": True}, 1])
    def test_a_bad_limit(self, call: Call, limit: Any) -> None:
        request = {"messages": [TEXT], "limit": limit}
        assert call("POST", "/v2/bot/message/narrowcast", request).status == 400

    def test_the_progress_of_nothing(self, call: Call, clock: VirtualClock) -> None:
        """404 for an unknown id, and for one that is older than fourteen days."""
        path = "/v2/bot/message/progress/narrowcast"
        assert call("GET", path).status == 404
        sent = call("POST", "/v2/bot/message/narrowcast", {"messages": [TEXT]})
        clock.advance(seconds=14 * 24 * 3600 + 1)
        call("POST", "/v2/bot/message/narrowcast", {"messages": [TEXT]})
        asked = f"{path}?requestId={sent.headers['x-line-request-id']}"
        assert call("GET", asked).status == 404

    @pytest.mark.parametrize("via", ["reply", "push", "multicast", "narrowcast", "broadcast"])
    def test_validation(self, world: World, call: Call, via: str) -> None:
        """The message objects are checked and nothing is sent."""
        path = f"/v2/bot/message/validate/{via}"
        good = call("POST", path, {"messages": [TEXT]})
        assert (good.status, body(good)) == (200, {})
        bad = call("POST", path, {"messages": [{"type": "text", "text": "a" * 5001}]})
        assert bad.status == 400
        assert body(bad)["details"] == [
            {"message": "Length must be between 0 and 5000", "property": "messages[0].text"}
        ]
        assert not world.chats
        assert world.quota.used(world.now()) == 0


class TestLookups:
    """People, groups, the account itself."""

    def test_a_profile(self, world: World, call: Call) -> None:
        hanako = world.add_person("hanako", display_name="花子", language="ja")
        assert body(call("GET", f"/v2/bot/profile/{hanako.user_id}")) == {
            "userId": hanako.user_id,
            "displayName": "花子",
            "language": "ja",
        }

    def test_profiles_that_are_not_there(self, world: World, call: Call, alice: str) -> None:
        """Unknown, blocked, or neither a friend nor a writer: 404; what is no user id: 400."""
        carol = world.add_person("carol", friend=False)
        relations.block(world, world.people["alice"])
        group = world.add_group("g", ["bob"]).id
        for one in (STRANGER, alice, carol.user_id):
            response = call("GET", f"/v2/bot/profile/{one}")
            assert (response.status, body(response)) == (404, {"message": "Not found"})
        for one in ("x", group):
            response = call("GET", f"/v2/bot/profile/{one}")
            expected = {"message": "The value for the 'userId' parameter is invalid"}
            assert (response.status, body(response)) == (400, expected)
        act(world, {"from": "carol", "text": "hi"})
        assert call("GET", f"/v2/bot/profile/{carol.user_id}").status == 200

    @pytest.mark.parametrize("kind", ["group", "room"])
    def test_members(self, world: World, call: Call, kind: str) -> None:
        """Members have a short profile, friends or not; the bot is not counted."""
        carol = world.add_person("carol", friend=False)
        chat = world.add_group("place", ["alice", "carol"], kind).id
        at = f"/v2/bot/{kind}/{chat}"
        assert body(call("GET", f"{at}/members/count")) == {"count": 2}
        assert body(call("GET", f"{at}/member/{carol.user_id}")) == {
            "userId": carol.user_id,
            "displayName": "Carol",
        }
        bob = world.people["bob"].user_id
        assert call("GET", f"{at}/member/{bob}").status == 404
        other = "room" if kind == "group" else "group"
        assert call("GET", f"/v2/bot/{other}/{chat}/members/count").status == 400

    def test_a_group_summary(self, call: Call, family: str) -> None:
        response = call("GET", f"/v2/bot/group/{family}/summary")
        assert body(response) == {"groupId": family, "groupName": "family"}

    def test_a_group_without_the_bot(self, world: World, call: Call, family: str) -> None:
        relations.bot_leaves(world, world.groups["family"])
        for what in ("summary", "members/count"):
            assert call("GET", f"/v2/bot/group/{family}/{what}").status == 404

    def test_leaving_a_group(self, world: World, call: Call, family: str) -> None:
        """The bot leaves, hears of it in a leave event, and cannot leave twice."""
        response = call("POST", f"/v2/bot/group/{family}/leave")
        assert (response.status, body(response)) == (200, {})
        (webhook,) = response.deliver
        assert webhook.body["events"][0]["type"] == "leave"
        assert not world.groups["family"].has_bot
        assert call("POST", f"/v2/bot/group/{family}/leave").status == 404

    def test_leaving_a_room(self, world: World, call: Call) -> None:
        """200 also where the bot is not in the room."""
        room = world.add_group("r", ["alice"], "room").id
        assert len(call("POST", f"/v2/bot/room/{room}/leave").deliver) == 1
        again = call("POST", f"/v2/bot/room/{room}/leave")
        assert (again.status, again.deliver) == (200, [])

    @pytest.mark.parametrize(
        "path",
        [
            "/v2/bot/followers/ids",
            f"/v2/bot/group/{'C' + '0' * 32}/members/ids",
            f"/v2/bot/room/{'R' + '0' * 32}/members/ids",
        ],
    )
    def test_lists_are_for_verified_accounts(self, call: Call, path: str) -> None:
        response = call("GET", path)
        expected = {"message": "Access to this API is not available for your account"}
        assert (response.status, body(response)) == (403, expected)

    def test_bot_info(self, world: World, call: Call) -> None:
        assert body(call("GET", "/v2/bot/info")) == {
            "userId": world.user_id,
            "basicId": world.basic_id,
            "displayName": "Bot",
            "chatMode": "bot",
            "markAsReadMode": "auto",
        }
        world.chat_mode = "chat"
        assert body(call("GET", "/v2/bot/info"))["markAsReadMode"] == "manual"

    def test_quota_and_consumption(self, call: Call, alice: str) -> None:
        push(call, alice)
        assert body(call("GET", "/v2/bot/message/quota")) == {"type": "limited", "value": 200}
        assert body(call("GET", "/v2/bot/message/quota/consumption")) == {"totalUsage": 1}


class TestContent:
    """https://developers.line.biz/en/reference/messaging-api/#get-content"""

    def sent(self, world: World, **media: Any) -> str:
        done = act(world, {"from": "alice", **media})
        assert done.entry is not None
        return f"/v2/bot/message/{done.entry.id}/content"

    def test_an_image(self, world: World, call: Call) -> None:
        path = self.sent(world, image={"data": "iVBORw==", "contentType": "image/png"})
        for url in (path, f"{path}/preview"):
            response = call("GET", url)
            assert (response.status, response.body) == (200, b"\x89PNG")
            assert response.headers["content-type"] == "image/png"
        assert call("GET", f"{path}/transcoding").status == 400

    def test_a_file(self, world: World, call: Call) -> None:
        """A file has no preview and is never transcoded."""
        path = self.sent(world, file={"data": "aGVsbG8=", "contentType": "text/plain"})
        assert call("GET", path).body == b"hello"
        assert body(call("GET", f"{path}/preview")) == {
            "message": "The content can not be previewed"
        }
        assert body(call("GET", f"{path}/transcoding")) == {
            "message": "Transcoding status doesn't support this type of content"
        }

    @pytest.mark.parametrize("kind", ["video", "audio"])
    def test_large_media_are_prepared_first(
        self, world: World, call: Call, clock: VirtualClock, kind: str
    ) -> None:
        """202 and `processing` for a moment, then 200 and `succeeded`."""
        path = self.sent(world, **{kind: {"data": "AAEC", "prepareSeconds": 2}})
        waiting = call("GET", path)
        assert (waiting.status, waiting.body) == (202, b"")
        assert body(call("GET", f"{path}/transcoding")) == {"status": "processing"}
        clock.advance(seconds=2)
        assert call("GET", path).body == b"\0\1\2"
        assert body(call("GET", f"{path}/transcoding")) == {"status": "succeeded"}

    def test_a_preparation_may_fail(self, world: World, call: Call) -> None:
        path = self.sent(world, video={"data": "AAEC", "prepareFails": True})
        assert body(call("GET", f"{path}/transcoding")) == {"status": "failed"}
        assert call("GET", path).status == 404

    def test_a_video_has_a_still(self, world: World, call: Call, clock: VirtualClock) -> None:
        path = self.sent(world, video={"data": "AAEC", "prepareSeconds": 1})
        assert call("GET", f"{path}/preview").status == 202
        clock.advance(seconds=1)
        still = call("GET", f"{path}/preview")
        assert still.body.startswith(b"\x89PNG")

    @pytest.mark.parametrize("what", ["", "/preview", "/transcoding"])
    def test_after_an_unsend_it_is_gone(self, world: World, call: Call, what: str) -> None:
        path = self.sent(world, image={})
        message_id = path.split("/")[4]
        act(world, {"from": "alice", "unsend": {"messageId": message_id}})
        response = call("GET", path + what)
        assert (response.status, body(response)) == (410, {"message": "The content is gone"})

    def test_what_was_never_there(self, world: World, call: Call) -> None:
        """Unknown ids, texts, and media that somebody else holds: all `not found`."""
        external = self.sent(world, image={"url": "https://example.com/a.jpg"})
        text = self.sent(world, text="hi")
        for path in (external, text, "/v2/bot/message/123/content"):
            response = call("GET", path)
            assert (response.status, body(response)) == (404, {"message": "not found"})


class TestLoading:
    """https://developers.line.biz/en/reference/messaging-api/#display-a-loading-indicator"""

    @pytest.mark.parametrize(
        ("seconds", "details"),
        [
            (5, []),
            (60, []),
            (None, []),
            (0, ["Must be between 5 and 60"]),
            (65, ["Must be between 5 and 60"]),
            (7, ["must be a multiple of five"]),
            (61, ["Must be between 5 and 60", "must be a multiple of five"]),
        ],
    )
    def test_seconds(
        self, world: World, call: Call, alice: str, seconds: int | None, details: list[str]
    ) -> None:
        asked = {"chatId": alice, "loadingSeconds": seconds}
        response = call("POST", "/v2/bot/chat/loading/start", asked)
        if details:
            assert response.status == 400
            assert body(response)["details"] == [
                {"message": text, "property": "loadingSeconds"} for text in details
            ]
            assert not world.loading
        else:
            assert (response.status, body(response)) == (202, {})
            assert world.loading[alice] == world.now() + (seconds or 20) * 1000

    @pytest.mark.parametrize("chat", [id_of("group", "g"), id_of("room", "r"), "alice"])
    def test_users_only(self, call: Call, chat: str) -> None:
        response = call("POST", "/v2/bot/chat/loading/start", {"chatId": chat})
        assert response.status == 400
        assert body(response)["details"] == [
            {
                "message": "Only user id is acceptable, please confirm if there are any "
                "group/room ids or illegal ids.",
                "property": "chatId",
            }
        ]

    @pytest.mark.parametrize(
        "asked", [{}, {"chatId": 5}, {"chatId": STRANGER, "loadingSeconds": "5"}]
    )
    def test_malformed(self, call: Call, asked: Json) -> None:
        assert call("POST", "/v2/bot/chat/loading/start", asked).status == 400

    def test_strangers_and_blockers_see_nothing(self, world: World, call: Call, alice: str) -> None:
        """202 all the same."""
        relations.block(world, world.people["alice"])
        for chat in (alice, STRANGER):
            asked = {"chatId": chat}
            assert call("POST", "/v2/bot/chat/loading/start", asked).status == 202
        assert not world.loading


class TestMarkAsRead:
    """https://developers.line.biz/en/reference/messaging-api/#mark-as-read"""

    def test_everything_up_to_the_message(self, world: World, call: Call) -> None:
        world.chat_mode = "chat"
        texts = [act(world, {"from": "alice", "text": text}).entry for text in "abc"]
        assert texts[1] is not None
        asked = {"markAsReadToken": texts[1].message["markAsReadToken"]}
        response = call("POST", "/v2/bot/chat/markAsRead", asked)
        assert (response.status, body(response)) == (200, {})
        assert [entry.read for entry in texts if entry] == [True, True, False]

    @pytest.mark.parametrize("token", ["made-up", "", 5])
    def test_a_token_of_nobody(self, call: Call, token: Any) -> None:
        response = call("POST", "/v2/bot/chat/markAsRead", {"markAsReadToken": token})
        assert response.status == 400
        assert body(response)["message"] == (
            "Invalid markAsReadToken. "
            "Tokens must be used by the bot that received them via Webhook."
        )

    def test_no_token(self, call: Call) -> None:
        response = call("POST", "/v2/bot/chat/markAsRead", {})
        assert body(response)["details"][0]["property"] == "markAsReadToken"

    def test_with_chat_off_line_reads_by_itself(self, world: World) -> None:
        """A webhook that was answered is read; one that failed is not."""
        for reason, read in (("error_status_code", False), ("ok", True)):
            done = act(world, {"from": "alice", "text": "hi"})
            assert done.webhook is not None
            assert done.entry is not None
            world.settle(done.webhook, Outcome(status=200, milliseconds=1, reason=reason))
            assert done.entry.read is read


class TestWebhookEndpoint:
    """https://developers.line.biz/en/reference/messaging-api/#webhook-settings"""

    path = "/v2/bot/channel/webhook/endpoint"

    def test_set_and_get(self, call: Call) -> None:
        put = call("PUT", self.path, {"endpoint": "https://example.com/callback"})
        assert (put.status, body(put)) == (200, {})
        assert body(call("GET", self.path)) == {
            "endpoint": "https://example.com/callback",
            "active": True,
        }

    def test_none_is_set(self, world: World, call: Call) -> None:
        world.webhook_url = None
        for method, path in (("GET", self.path), ("POST", "/v2/bot/channel/webhook/test")):
            response = call(method, path, {})
            expected = {"message": "Webhook endpoint not found"}
            assert (response.status, body(response)) == (404, expected)

    @pytest.mark.parametrize(
        "url", ["http://example.com", "", "ftp://a.b", "https://", "https://日本.jp", 5, None]
    )
    def test_bad_urls(self, call: Call, url: Any) -> None:
        response = call("PUT", self.path, {"endpoint": url})
        expected = {"message": "Invalid webhook endpoint URL"}
        assert (response.status, body(response)) == (400, expected)

    def test_the_longest_url(self, call: Call) -> None:
        url = "https://example.com/".ljust(500, "a")
        assert call("PUT", self.path, {"endpoint": url}).status == 200
        response = call("PUT", self.path, {"endpoint": url + "a"})
        assert body(response)["details"] == [
            {"message": "Size must be between 0 and 500", "property": "endpoint"}
        ]

    def test_http_is_for_this_computer(self, world: World, call: Call) -> None:
        local = {"endpoint": "http://127.0.0.1:3000/callback"}
        assert call("PUT", self.path, local).status == 400
        world.allow_http = True
        assert call("PUT", self.path, local).status == 200

    @pytest.mark.parametrize(
        ("outcome", "expected"),
        [
            (
                Outcome(status=200, milliseconds=1, reason="ok"),
                {"success": True, "statusCode": 200, "reason": "OK", "detail": "200"},
            ),
            (
                Outcome(status=500, milliseconds=1, reason="error_status_code", detail="500"),
                {
                    "success": False,
                    "statusCode": 500,
                    "reason": "ERROR_STATUS_CODE",
                    "detail": "500",
                },
            ),
            (
                Outcome(
                    status=None,
                    milliseconds=1,
                    reason="could_not_connect",
                    detail="TLS handshake failure",
                ),
                {
                    "success": False,
                    "statusCode": 0,
                    "reason": "COULD_NOT_CONNECT",
                    "detail": "TLS handshake failure: https://example.com/webhook",
                },
            ),
            (
                Outcome(
                    status=None,
                    milliseconds=2000,
                    reason="request_timeout",
                    detail="Request timeout",
                ),
                {
                    "success": False,
                    "statusCode": 0,
                    "reason": "REQUEST_TIMEOUT",
                    "detail": "Request timeout",
                },
            ),
        ],
    )
    def test_the_test(self, world: World, call: Call, outcome: Outcome, expected: Json) -> None:
        """A signed webhook without events goes out; its outcome is the answer."""
        asked = {"endpoint": "https://example.com/webhook"}
        response = call("POST", "/v2/bot/channel/webhook/test", asked)
        webhook = response.awaits
        assert webhook is not None
        assert (webhook.url, webhook.body["events"]) == ("https://example.com/webhook", [])
        world.settle(webhook, outcome)
        answered = api.after_delivery(world, response)
        assert body(answered) == {**expected, "timestamp": "2026-01-01T00:00:00.000Z"}
        assert world.wire[-1] is answered.call

    def test_the_test_of_a_domain_that_nobody_knows(self, world: World, call: Call) -> None:
        """LINE's answer is that of a bad URL, and the wire says why."""
        asked = {"endpoint": "https://nobody.invalid/webhook"}
        response = call("POST", "/v2/bot/channel/webhook/test", asked)
        assert response.awaits is not None
        nobody = Outcome(
            status=None, milliseconds=1, reason="could_not_connect", detail="Unknown host"
        )
        world.settle(response.awaits, nobody)
        answered = api.after_delivery(world, response)
        assert (answered.status, body(answered)) == (
            400,
            {"message": "Invalid webhook endpoint URL"},
        )
        assert (answered.call.status, answered.call.response) == (400, body(answered))
        assert answered.call.hint == "nobody knows the host of https://nobody.invalid/webhook"

    @pytest.mark.parametrize("sent", [b"", b"{}"])
    def test_a_test_of_the_url_that_is_set(self, call: Call, sent: bytes) -> None:
        response = call("POST", "/v2/bot/channel/webhook/test", sent)
        assert response.awaits is not None
        assert response.awaits.url == "http://127.0.0.1:1/callback"

    def test_a_test_of_a_bad_url(self, call: Call) -> None:
        response = call("POST", "/v2/bot/channel/webhook/test", {"endpoint": "http://a.b"})
        assert (response.status, response.awaits) == (400, None)
