"""The official SDK's clients, pointed at the simulator, get what LINE would answer."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from linebot.v3.messaging import (
    ApiClient,
    ApiException,
    BroadcastRequest,
    Configuration,
    FlexMessage,
    MarkMessagesAsReadByTokenRequest,
    MessagingApi,
    MessagingApiBlob,
    MulticastRequest,
    NarrowcastRequest,
    PushMessageRequest,
    ReplyMessageRequest,
    SetWebhookEndpointRequest,
    ShowLoadingAnimationRequest,
    TextMessage,
    ValidateMessageRequest,
)
from linebot.v3.messaging import (
    TestWebhookEndpointRequest as EndpointTestRequest,
)

from penniless.simulator import Simulator
from tests.simulator.conftest import TOKEN
from tests.simulator.peers import StubBot, closed_port

Send = Callable[..., dict[str, Any]]

TEXT = TextMessage(text="สวัสดี")
STRANGER = "U" + "0" * 32


@pytest.fixture
def client(served: tuple[Simulator, str]) -> Iterator[ApiClient]:
    with ApiClient(Configuration(access_token=TOKEN, host=served[1])) as client:
        yield client
        client.rest_client.pool_manager.clear()


@pytest.fixture
def api(client: ApiClient, simulator: Simulator) -> MessagingApi:
    return MessagingApi(client)


@pytest.fixture
def blob(client: ApiClient, simulator: Simulator) -> MessagingApiBlob:
    return MessagingApiBlob(client)


@pytest.fixture
def send(sim: httpx.Client) -> Send:
    """Let a person act; gives the first event of the webhook that came of it."""

    def do(**request: Any) -> dict[str, Any]:
        answer = sim.post("/sim/message", json={"from": "alice", **request}).json()
        event: dict[str, Any] = answer["webhook"]["body"]["events"][0]
        return event

    return do


@pytest.fixture
def alice(simulator: Simulator) -> str:
    return simulator.world.people["alice"].user_id


@pytest.fixture
def family(sim: httpx.Client) -> str:
    chat: str = sim.post("/sim/groups", json={"name": "family", "members": ["alice"]}).json()["id"]
    return chat


def refused(status: int, call: Callable[[], Any]) -> dict[str, Any]:
    """The body of the answer with which the call was refused."""
    with pytest.raises(ApiException) as caught:
        call()
    assert caught.value.status == status
    assert uuid.UUID(caught.value.headers["x-line-request-id"])
    body: dict[str, Any] = json.loads(caught.value.body)
    return body


def test_reply(api: MessagingApi, send: Send, sim: httpx.Client) -> None:
    """A reply arrives, and the token is spent."""
    request = ReplyMessageRequest(replyToken=send(text="hi")["replyToken"], messages=[TEXT, TEXT])
    answer = api.reply_message_with_http_info(request)
    assert answer.status_code == 200
    assert [len(sent.id) for sent in answer.data.sent_messages] == [18, 18]
    assert all(sent.quote_token for sent in answer.data.sent_messages)
    entries = sim.get("/sim/chat/alice").json()["entries"]
    assert [entry["id"] for entry in entries[1:]] == [s.id for s in answer.data.sent_messages]
    again = refused(400, lambda: api.reply_message(request))
    assert again == {"message": "Invalid reply token"}


def test_push(api: MessagingApi, alice: str) -> None:
    """A push counts, and the same retry key is answered 409 with the first messages."""
    request, key = PushMessageRequest(to=alice, messages=[TEXT]), str(uuid.uuid4())
    sent = api.push_message(request, x_line_retry_key=key)
    conflict = refused(409, lambda: api.push_message(request, x_line_retry_key=key))
    assert conflict["sentMessages"][0]["id"] == sent.sent_messages[0].id
    assert api.get_message_quota_consumption().total_usage == 1
    assert refused(
        400, lambda: api.push_message(PushMessageRequest(to=STRANGER, messages=[TEXT]))
    ) == {"message": "Failed to send messages"}


def test_push_over_the_quota(api: MessagingApi, alice: str, sim: httpx.Client) -> None:
    sim.post("/sim/channel", json={"quota": 0})
    request = PushMessageRequest(to=alice, messages=[TEXT])
    assert refused(429, lambda: api.push_message(request)) == {
        "message": "You have reached your monthly limit."
    }


def test_multicast_and_broadcast(api: MessagingApi, alice: str) -> None:
    assert api.multicast_with_http_info(MulticastRequest(to=[alice], messages=[TEXT])).data == {}
    assert api.broadcast_with_http_info(BroadcastRequest(messages=[TEXT])).data == {}
    assert api.get_message_quota_consumption().total_usage == 3


def test_narrowcast(api: MessagingApi) -> None:
    answer = api.narrowcast_with_http_info(NarrowcastRequest(messages=[TEXT]))
    assert answer.status_code == 202
    progress = api.get_narrowcast_progress(answer.headers["x-line-request-id"])
    assert progress.phase in {"waiting", "succeeded"}
    assert progress.accepted_time
    refused(404, lambda: api.get_narrowcast_progress("unknown"))


@pytest.mark.parametrize("name", ["reply", "push", "multicast", "narrowcast", "broadcast"])
def test_validation(api: MessagingApi, name: str) -> None:
    validate = getattr(api, f"validate_{name}")
    validate(ValidateMessageRequest(messages=[TEXT]))
    long = ValidateMessageRequest(messages=[TextMessage(text="a" * 5001)])
    assert refused(400, lambda: validate(long))["details"] == [
        {"message": "Length must be between 0 and 5000", "property": "messages[0].text"}
    ]


def test_a_flex_message_of_the_second_style(api: MessagingApi, alice: str) -> None:
    """The body that field reports show: no-break space, JSON pointer."""
    contents = {"type": "bubble", "hero": {"type": "image", "url": "http://example.com/a.png"}}
    message = FlexMessage.from_dict({"type": "flex", "altText": "a", "contents": contents})
    request = PushMessageRequest(to=alice, messages=[message])
    assert refused(400, lambda: api.push_message(request)) == {
        "message": "A message (messages[0])\u00a0in the request body is invalid",
        "details": [{"message": "invalid uri scheme", "property": "/hero/url"}],
    }


def test_profiles(api: MessagingApi, alice: str, family: str, sim: httpx.Client) -> None:
    assert api.get_profile(alice).to_dict() == {
        "userId": alice,
        "displayName": "Alice",
        "language": "en",
    }
    assert api.get_group_member_profile(family, alice).display_name == "Alice"
    assert refused(404, lambda: api.get_profile(STRANGER)) == {"message": "Not found"}
    room = sim.post("/sim/groups", json={"name": "r", "members": ["alice"], "kind": "room"})
    room_id = room.json()["id"]
    assert api.get_room_member_profile(room_id, alice).display_name == "Alice"
    assert api.get_room_member_count(room_id).count == 1
    assert api.leave_room_with_http_info(room_id).status_code == 200
    refused(404, lambda: api.get_room_member_profile(room_id, alice))


def test_groups(api: MessagingApi, family: str, bot: StubBot, sim: httpx.Client) -> None:
    """Summary and count; leaving takes the bot out and tells it so."""
    assert api.get_group_summary(family).to_dict() == {"groupId": family, "groupName": "family"}
    assert api.get_group_member_count(family).count == 1
    api.leave_group(family)
    refused(404, lambda: api.get_group_summary(family))
    shown = sim.get("/sim/world").json()["groups"]
    assert [group["hasBot"] for group in shown] == [False]


def test_bot_info_and_quota(api: MessagingApi, simulator: Simulator) -> None:
    info = api.get_bot_info()
    assert (info.user_id, info.chat_mode, info.mark_as_read_mode) == (
        simulator.world.user_id,
        "bot",
        "auto",
    )
    quota = api.get_message_quota()
    assert (quota.type, quota.value) == ("limited", 200)


def test_lists_for_verified_accounts(api: MessagingApi, family: str) -> None:
    expected = {"message": "Access to this API is not available for your account"}
    assert refused(403, api.get_followers) == expected
    assert refused(403, lambda: api.get_group_members_ids(family)) == expected
    assert refused(403, lambda: api.get_room_members_ids("R" + "0" * 32)) == expected


def test_loading_and_read_marks(api: MessagingApi, alice: str, send: Send) -> None:
    show = api.show_loading_animation_with_http_info
    request = ShowLoadingAnimationRequest(chatId=alice, loadingSeconds=5)
    assert show(request).status_code == 202
    group = ShowLoadingAnimationRequest(chatId="C" + "0" * 32)
    assert refused(400, lambda: show(group))["details"][0]["property"] == "chatId"
    token = send(text="hi")["message"]["markAsReadToken"]
    mark = api.mark_messages_as_read_by_token_with_http_info
    assert mark(MarkMessagesAsReadByTokenRequest(markAsReadToken=token)).status_code == 200
    refused(400, lambda: mark(MarkMessagesAsReadByTokenRequest(markAsReadToken="x")))


def test_the_webhook_endpoint(
    api: MessagingApi, bot: StubBot, sim: httpx.Client, simulator: Simulator
) -> None:
    """Get, set and test; the test posts a signed webhook without events."""
    assert api.get_webhook_endpoint().endpoint == bot.url
    tested = api.test_webhook_endpoint()
    assert (tested.success, tested.status_code, tested.reason) == (True, 200, "OK")
    assert bot.received[-1].events == []
    api.set_webhook_endpoint(SetWebhookEndpointRequest(endpoint="https://example.com/hook"))
    assert api.get_webhook_endpoint().to_dict() == {
        "endpoint": "https://example.com/hook",
        "active": True,
    }
    refused(400, lambda: api.set_webhook_endpoint(SetWebhookEndpointRequest(endpoint="http://a.b")))
    sim.post("/sim/channel", json={"webhook": None})
    assert refused(404, api.get_webhook_endpoint) == {"message": "Webhook endpoint not found"}
    refused(404, api.test_webhook_endpoint)
    gone = EndpointTestRequest(endpoint=f"https://127.0.0.1:{closed_port()}/")
    failed = api.test_webhook_endpoint(gone)
    assert (failed.success, failed.status_code, failed.reason) == (False, 0, "COULD_NOT_CONNECT")


def test_content(blob: MessagingApiBlob, send: Send, sim: httpx.Client) -> None:
    """Bytes, preview, preparation, and nothing after an unsend."""
    image = send(image={"data": "iVBORw==", "contentType": "image/png"})["message"]["id"]
    assert bytes(blob.get_message_content(image)) == b"\x89PNG"
    assert bytes(blob.get_message_content_preview(image)) == b"\x89PNG"
    video = send(video={"data": "AAEC", "prepareSeconds": 60})["message"]["id"]
    assert blob.get_message_content_with_http_info(video).status_code == 202
    status = blob.get_message_content_transcoding_by_message_id(video).status
    assert status == "processing"
    audio = send(audio={})["message"]["id"]
    assert blob.get_message_content_transcoding_by_message_id(audio).status == "succeeded"
    assert bytes(blob.get_message_content(audio)).startswith(b"RIFF")
    assert refused(400, lambda: blob.get_message_content_preview(audio)) == {
        "message": "The content can not be previewed"
    }
    send(unsend={"messageId": image})
    assert refused(410, lambda: blob.get_message_content(image)) == {
        "message": "The content is gone"
    }
    assert refused(404, lambda: blob.get_message_content("1")) == {"message": "not found"}


def test_errors_of_the_token(served: tuple[Simulator, str], simulator: Simulator) -> None:
    with ApiClient(Configuration(access_token="wrong", host=served[1])) as client:
        body = refused(401, MessagingApi(client).get_bot_info)
        client.rest_client.pool_manager.clear()
    assert body["message"].startswith("Authentication failed.")
