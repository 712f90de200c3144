"""The client's calls: what is repeated and what never is, what comes back, what stays secret."""

from __future__ import annotations

import socket
import traceback
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from penniless.connections import Request
from penniless.errors import (
    BadRequest,
    CodeError,
    ContentGone,
    Forbidden,
    LineError,
    LineRefused,
    LineUnreachable,
    MessageError,
    NotFound,
    QuotaExceeded,
    RateLimited,
    ServerFault,
    SettingsError,
    Unauthorized,
)
from penniless.line.client import LineClient
from penniless.messages import TextMessage
from penniless.ports import Line, Profile, SentMessage
from tests.conftest import TOKEN, Connect, Serve
from tests.servers import CLOSE, HANG, RESET, Received, Step, answer, in_turn, raw

HELLO = [{"type": "text", "text": "こんにちは 🍎 สวัสดี"}]
KEY = "123e4567-e89b-12d3-a456-426614174000"
SENT = {"sentMessages": [{"id": "461230966842064897", "quoteToken": "q1", "news": 1}, {"id": "2"}]}
ACCEPTED = ("409 Conflict", "x-line-accepted-request-id: request-0")
LIMIT = {"message": "You have reached your monthly limit."}
CUT = Step(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"sentMess', close=True)
FAULT = answer({"message": "oops"}, "500 Internal Server Error")

Call = Callable[[LineClient], object]

KEYED: dict[str, Call] = {
    "push": lambda client: client.push("U1", HELLO),
    "multicast": lambda client: client.multicast(["U1", "U2"], HELLO),
    "broadcast": lambda client: client.broadcast(HELLO),
    "narrowcast": lambda client: client.narrowcast(HELLO, limit={"max": 10}),
}
ONCE: dict[str, Call] = {
    "reply": lambda client: client.reply("t", HELLO),
    "validate_reply": lambda client: client.validate("reply", HELLO),
    "start_loading": lambda client: client.start_loading("U1"),
    "mark_as_read": lambda client: client.mark_as_read("t"),
    "leave_group": lambda client: client.leave_group("C1"),
    "leave_room": lambda client: client.leave_room("R1"),
    "set_webhook_endpoint": lambda client: client.set_webhook_endpoint("https://a.invalid/"),
    "test_webhook_endpoint": lambda client: client.test_webhook_endpoint(),
}
READ: dict[str, Call] = {
    "profile": lambda client: client.profile("U1"),
    "group_summary": lambda client: client.group_summary("C1"),
    "quota": lambda client: client.quota(),
    "content": lambda client: client.content("1"),
}
each_keyed = pytest.mark.parametrize("call", KEYED.values(), ids=KEYED.keys())
each_once = pytest.mark.parametrize("call", ONCE.values(), ids=ONCE.keys())
each = pytest.mark.parametrize(
    "call", [*KEYED.values(), *ONCE.values(), *READ.values()], ids=[*KEYED, *ONCE, *READ]
)


def keys(received: list[Received]) -> list[str | None]:
    return [call.headers.get("x-line-retry-key") for call in received]


# What goes out and comes back


def test_the_client_is_what_the_core_asks_for(connect: Connect) -> None:
    """LineClient fits the core's port; the type checker holds the rest of this sentence."""
    line: Line = connect("http://127.0.0.1:1")
    assert line.reply.__name__ == "reply"


def test_a_reply_on_the_wire(serve: Serve, connect: Connect) -> None:
    """A reply is the documented request with the token, our name, and no retry key."""
    server = serve(answer(SENT))
    sent = connect(server).reply("reply-token", HELLO, notification_disabled=True)
    assert sent == [SentMessage("461230966842064897", "q1"), SentMessage("2")]
    call = server.received[0]
    assert (call.method, call.target) == ("POST", "/v2/bot/message/reply")
    assert call.json == {
        "replyToken": "reply-token",
        "messages": HELLO,
        "notificationDisabled": True,
    }
    assert call.headers == {
        "host": f"127.0.0.1:{server.port}",
        "authorization": f"Bearer {TOKEN}",
        "user-agent": call.headers["user-agent"],
        "accept-encoding": "identity",
        "content-type": "application/json",
        "content-length": str(len(call.body)),
    }


def test_the_user_agent_is_the_installed_version(serve: Serve, connect: Connect) -> None:
    """LINE sees the version that the package's metadata names."""
    from importlib.metadata import version

    server = serve(answer({}))
    connect(server).mark_as_read("t")
    assert server.received[0].headers["user-agent"] == f"penniless/{version('penniless')}"


def test_all_sendables_are_accepted(serve: Serve, connect: Connect) -> None:
    """Dicts go out as they are; text and message objects become LINE's JSON; one needs no list."""

    class FromTheSDK:
        def to_dict(self) -> dict[str, Any]:
            return {"type": "text", "text": "sdk"}

    server = serve(answer(SENT))
    client = connect(server)
    new = {"type": "nextYear", "花": None}
    client.push("U1", ["héllo", TextMessage(text="🍎"), FromTheSDK(), new])
    client.push("U1", "one")
    client.push("U1", new)  # type: ignore[arg-type]
    first, second, third = (call.json["messages"] for call in server.received)
    assert [one.get("text") for one in first] == ["héllo", "🍎", "sdk", None]
    assert first[3] == new
    assert second == [{"type": "text", "text": "one"}]
    assert third == [new]


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"",
        b"[]",
        b"ok",
        b'{"sentMessages":null}',
        b'{"sentMessages":[{}]}',
        b"\xff",
        CUT.data,
    ],
)
def test_an_accepted_reply_with_a_strange_body_is_accepted(
    serve: Serve, connect: Connect, body: bytes
) -> None:
    """The status 200 is the acceptance; without a readable list nothing is known of the ids."""
    server = serve(raw("200 OK", body))
    assert connect(server).reply("t", HELLO) == []
    assert len(server.received) == 1


def test_a_reply_whose_answer_is_cut_is_accepted(serve: Serve, connect: Connect) -> None:
    """LINE said 200 before the connection broke: the reply counts as sent and is not repeated."""
    server = serve(CUT)
    assert connect(server).reply("t", HELLO) == []
    assert len(server.received) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"displayName":"x"}', b'{"userId":1}'])
def test_an_unreadable_profile_is_no_answer(serve: Serve, connect: Connect, body: bytes) -> None:
    """A 200 whose body is not a profile, a captive portal's perhaps, is not taken for LINE's."""
    server = serve(raw("200 OK", body))
    with pytest.raises(LineUnreachable, match="profile"):
        connect(server).profile("U1")


def test_a_profile_with_news_is_read(serve: Serve, connect: Connect) -> None:
    """Properties that LINE adds are ignored, absent ones are None."""
    server = serve(answer({"userId": "U1", "displayName": "สมชาย", "mood": {"x": [1]}}))
    assert connect(server).profile("U1") == Profile("U1", "สมชาย")


def test_the_request_id_comes_back(serve: Serve, connect: Connect) -> None:
    """multicast, broadcast and narrowcast give the id to ask LINE with."""
    client = connect(serve(answer({}, "202 Accepted")))
    ids = [client.multicast(["U1"], HELLO), client.broadcast(HELLO), client.narrowcast(HELLO)]
    assert ids == ["request-1"] * 3


def test_validating_what_cannot_be_validated(connect: Connect) -> None:
    """An operation without validation is an error that names those with one."""
    with pytest.raises(CodeError, match="reply, push, multicast, narrowcast or broadcast"):
        connect("http://127.0.0.1:1").validate("profile", HELLO)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["秘密 \ud800", object()])
def test_what_json_cannot_carry_is_a_message_error(connect: Connect, text: object) -> None:
    """A value that cannot be written as JSON fails before sending, without showing the message."""
    with pytest.raises(MessageError, match="push") as caught:
        connect("http://127.0.0.1:1").push("U1", [{"type": "text", "text": text}])
    assert "秘密" not in str(caught.value)


# What is repeated


# Waiting for a server that hangs takes its time, so one call of each kind stands for all there.
KEYED_FAILURES = [(call, failure) for call in KEYED for failure in ("close", "reset", "cut")]
ONCE_FAILURES = [(call, failure) for call in ONCE for failure in ("close", "reset")]
# A cut content shows only while it is read: see the tests of content.
READ_FAILURES = [(call, failure) for call in READ for failure in ("close", "reset")]
FAILURES = {"close": CLOSE, "reset": RESET, "cut": CUT, "hang": HANG}


def patience(failure: str) -> float:
    """Seconds to wait for an answer: short only where none will come, for machines are busy."""
    return 1.0 if failure == "hang" else 10.0


@pytest.mark.parametrize(("name", "failure"), [*KEYED_FAILURES, ("push", "hang")])
def test_a_keyed_send_is_repeated_under_its_key(
    serve: Serve, connect: Connect, name: str, failure: str
) -> None:
    """After no answer the same bytes go out again, under the retry key of the first attempt."""
    server = serve(in_turn(FAILURES[failure], answer(SENT)))
    KEYED[name](connect(server, read_timeout=patience(failure)))
    first, second = server.received
    assert (first.target, first.body) == (second.target, second.body)
    key = first.headers["x-line-retry-key"]
    assert str(uuid.UUID(key)) == key
    assert second.headers["x-line-retry-key"] == key


@each_keyed
def test_a_keyed_send_is_repeated_after_5xx(serve: Serve, connect: Connect, call: Call) -> None:
    """LINE's own faults are repeated until it works."""
    server = serve(in_turn(FAULT, raw("502 Bad Gateway", b"<html>"), answer(SENT)))
    call(connect(server))
    assert len(server.received) == 3
    assert len(set(keys(server.received))) == 1


@each_keyed
def test_409_after_a_repeat_is_success(serve: Serve, connect: Connect, call: Call) -> None:
    """That an earlier attempt was accepted is what was wanted."""
    server = serve(in_turn(CLOSE, answer({"message": "already accepted", **SENT}, *ACCEPTED)))
    found = call(connect(server))
    accepted = [SentMessage("461230966842064897", "q1"), SentMessage("2")]
    assert found == (accepted if server.received[0].target.endswith("push") else "request-0")


def test_a_given_retry_key_is_used(serve: Serve, connect: Connect) -> None:
    """The caller's key goes out from the first attempt; two calls with it can both succeed."""
    server = serve(in_turn(answer(SENT), answer({"message": "already accepted"}, *ACCEPTED)))
    client = connect(server)
    assert len(client.push("U1", HELLO, retry_key=KEY)) == 2
    assert client.push("U1", HELLO, retry_key=KEY) == []
    assert keys(server.received) == [KEY, KEY]


def test_two_calls_never_share_a_made_key(serve: Serve, connect: Connect) -> None:
    """Each call without a key makes its own."""
    server = serve(answer(SENT))
    client = connect(server)
    client.push("U1", HELLO)
    client.push("U1", HELLO)
    assert len(set(keys(server.received))) == 2


def test_a_key_that_is_no_uuid_is_not_sent(serve: Serve, connect: Connect) -> None:
    """A bad retry key is the caller's error, found before sending."""
    server = serve(answer(SENT))
    with pytest.raises(CodeError):
        connect(server).push("U1", HELLO, retry_key="order-1")
    assert server.received == []


@pytest.mark.parametrize(("name", "failure"), [*ONCE_FAILURES, ("reply", "hang")])
def test_a_reply_is_never_repeated_after_sending(
    serve: Serve, connect: Connect, name: str, failure: str
) -> None:
    """What went out without a retry key goes out once, also over a connection used before."""
    server = serve(in_turn(answer({}), FAILURES[failure], answer(SENT)))
    client = connect(server, read_timeout=patience(failure))
    client.mark_as_read("warm")
    with pytest.raises(LineUnreachable) as caught:
        ONCE[name](client)
    assert caught.value.maybe_received
    assert keys(server.received) == [None, None]
    assert server.connections == 1


@each_once
def test_a_reply_is_never_repeated_after_5xx(serve: Serve, connect: Connect, call: Call) -> None:
    """A 5xx to what has no retry key is final."""
    server = serve(in_turn(FAULT, answer(SENT)))
    with pytest.raises(ServerFault):
        call(connect(server))
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("name", "failure"), [*READ_FAILURES, ("profile", "cut"), ("profile", "hang")]
)
def test_a_read_is_repeated_after_no_answer(
    serve: Serve, connect: Connect, name: str, failure: str
) -> None:
    """What changes nothing is asked again, without a retry key."""
    fits = {"userId": "U1", "displayName": "a", "groupId": "C1", "groupName": "b", "type": "none"}
    server = serve(in_turn(FAILURES[failure], answer(fits)))
    found = READ[name](connect(server, read_timeout=patience(failure)))
    if hasattr(found, "close"):
        found.close()
    assert keys(server.received) == [None, None]


@each
def test_a_refused_connection_is_tried_again(serve: Serve, connect: Connect, call: Call) -> None:
    """Where nothing can have been sent, every operation may try again, each time after a wait."""
    waits: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(LineUnreachable, match="cannot connect") as caught:
        call(connect(origin, attempts=4, sleep=waits.append))
    assert caught.value.maybe_received is False
    assert len(waits) == 3
    assert all(0 <= wait <= longest for wait, longest in zip(waits, (0.25, 0.5, 1), strict=True))


def test_a_reply_goes_out_once_the_server_is_there(connect: Connect, serve: Serve) -> None:
    """A reply that met a refused connection is sent when the next attempt gets through."""
    server = serve(answer(SENT))
    server.stop()
    revived = []

    def wait(_: float) -> None:
        revived.append(Revived(server.port))

    assert connect(server, sleep=wait).reply("t", HELLO) == []
    assert [one.finish() for one in revived] == [1]


class Revived:
    """A listener that comes up later on a known port and accepts one request."""

    def __init__(self, port: int) -> None:
        import threading

        self.accepted = 0
        self.listener = socket.create_server(("127.0.0.1", port))
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self) -> None:
        sock, _ = self.listener.accept()
        with sock:
            sock.recv(65536)
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        self.accepted += 1

    def finish(self) -> int:
        self.thread.join(5)
        self.listener.close()
        return self.accepted


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "403 No", "404 No", "429 Slow", "413 Big"])
def test_refusals_are_never_repeated(serve: Serve, connect: Connect, status: str) -> None:
    """A 4xx is LINE's answer, also to what has a retry key."""
    server = serve(answer({"message": "no"}, status))
    with pytest.raises(LineRefused):
        connect(server).push("U1", HELLO)
    assert len(server.received) == 1


def test_a_cut_refusal_is_a_refusal(serve: Serve, connect: Connect) -> None:
    """Once the status was read, a 4xx is not repeated, though its body never came."""
    server = serve(Step(b"HTTP/1.1 429 Slow Down\r\nContent-Length: 100\r\n\r\n{", close=True))
    with pytest.raises(RateLimited, match="429 Slow Down"):
        connect(server).push("U1", HELLO)
    assert len(server.received) == 1


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_attempts_are_bounded(serve: Serve, connect: Connect, attempts: int) -> None:
    """A call goes out as often as was allowed and then gives LINE's last answer."""
    server = serve(FAULT)
    with pytest.raises(ServerFault):
        connect(server, attempts=attempts).push("U1", HELLO)
    assert len(server.received) == attempts


def test_once_maybe_received_is_always_maybe_received(connect: Connect, serve: Serve) -> None:
    """If any attempt may have arrived, the error says so, although the last one did not."""
    server = serve(CLOSE)
    client = connect(server, sleep=lambda _: server.stop())
    with pytest.raises(LineUnreachable, match="cannot connect") as caught:
        client.push("U1", HELLO)
    assert caught.value.maybe_received


def test_within_bounds_the_whole_call(serve: Serve, connect: Connect) -> None:
    """A call within a time neither waits longer for an answer nor tries again after it."""
    server = serve(HANG)
    client = connect(server).within(0.15)
    with pytest.raises(LineUnreachable, match="timed out"):
        client.push("U1", HELLO)
    with pytest.raises(LineUnreachable, match="no time is left") as caught:
        client.push("U1", HELLO)
    assert caught.value.maybe_received is False
    assert len(server.received) == 1


def test_within_skips_a_wait_that_does_not_fit(serve: Serve, connect: Connect) -> None:
    """No wait is begun that would end after the time, and the answer at hand is given."""
    server = serve(FAULT)
    waits: list[float] = []
    client = connect(server, attempts=50, sleep=waits.append).within(1.0)
    with pytest.raises(ServerFault):
        client.push("U1", HELLO)
    assert max(waits) < 1.0
    assert len(server.received) < 50


def test_within_shares_connections_and_only_shortens(serve: Serve, connect: Connect) -> None:
    """A client within a time uses the same connections; a longer time inside does not extend it."""
    server = serve(HANG)
    client = connect(server)
    server.answering = lambda _: answer({})
    client.mark_as_read("a")
    client.within(5).mark_as_read("b")
    assert server.connections == 1
    server.answering = lambda _: HANG
    with pytest.raises(LineUnreachable, match="timed out"):
        client.within(0.1).within(60).mark_as_read("c")


# What LINE refuses

REFUSALS: list[tuple[str, object, type[LineRefused]]] = [
    ("400 Bad Request", {"message": "Invalid reply token"}, BadRequest),
    ("401 Unauthorized", {"message": "Authentication failed."}, Unauthorized),
    ("403 Forbidden", {"message": "not available for your account"}, Forbidden),
    ("404 Not Found", {"message": "Not found", "details": []}, NotFound),
    ("410 Gone", {"message": "The content is gone"}, ContentGone),
    ("409 Conflict", {"message": "conflict"}, LineRefused),
    ("413 Payload Too Large", {}, LineRefused),
    ("415 Unsupported Media Type", {"message": "not supported"}, LineRefused),
    ("429 Too Many Requests", {"message": "The API rate limit has been exceeded."}, RateLimited),
    ("429 Too Many Requests", {}, RateLimited),
    ("429 Too Many Requests", LIMIT, QuotaExceeded),
    ("500 Internal Server Error", {}, ServerFault),
    ("503 Service Unavailable", {"message": "maintenance"}, ServerFault),
]


@pytest.mark.parametrize(("status", "body", "kind"), REFUSALS)
def test_each_status_has_its_class(
    serve: Serve, connect: Connect, status: str, body: object, kind: type[LineRefused]
) -> None:
    """The status decides the class; the two kinds of 429 are told apart."""
    server = serve(answer(body, status))
    with pytest.raises(LineError) as caught:
        connect(server).reply("t", HELLO)
    assert type(caught.value) is kind
    assert isinstance(caught.value, LineRefused)
    assert caught.value.status == int(status[:3])
    assert caught.value.operation == "reply"
    assert caught.value.request_id == "request-1"


# The token


def our_frames(error: BaseException) -> str:
    """What a careless logger prints of our frames of an error: their local variables too."""
    frames = traceback.walk_tb(error.__traceback__)
    ours = ((frame, line) for frame, line in frames if "penniless" in frame.f_globals["__name__"])
    return "".join(traceback.StackSummary.extract(ours, capture_locals=True).format())


@each
@pytest.mark.parametrize(
    "failure",
    [CLOSE, RESET, HANG, FAULT, answer({"message": f"bad {TOKEN}"}, f"401 Bad {TOKEN}")],
    ids=["close", "reset", "hang", "500", "401"],
)
def test_no_failure_shows_the_token(
    serve: Serve, connect: Connect, call: Call, failure: Step
) -> None:
    """Neither the error nor a local variable on its way holds the token, even if LINE echoes it."""
    client = connect(serve(failure), read_timeout=0.05, attempts=1)
    with pytest.raises(LineError) as caught:
        call(client)
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "self = LineClient(" in our_frames(error)
    assert TOKEN not in our_frames(error)
    assert TOKEN not in str(error)
    assert TOKEN not in str(getattr(error, "details", ""))


def test_no_repr_shows_the_token(connect: Connect) -> None:
    """The client, its parts and a request print without the token."""
    client = connect("http://127.0.0.1:1")
    assert repr(client) == "LineClient(api_origin='http://127.0.0.1:1')"
    assert TOKEN not in repr(client._calls)
    assert repr(Request("GET", "/x", f"Bearer {TOKEN}".encode())) == "Request(GET /x)"


@pytest.mark.parametrize("token", ["", "a b", "a\n", "a\r\nX-Evil: 1", "トークン", "\x00"])
def test_an_unusable_token_is_a_settings_error(token: str) -> None:
    """A token that cannot stand in a header is refused early, without being shown."""
    with pytest.raises(SettingsError, match="access token") as caught:
        LineClient(token)
    assert not token or token not in str(caught.value)
