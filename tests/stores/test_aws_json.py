"""Calls to AWS against servers that behave as AWS does on a bad day, and worse."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as TheirCredentials

from penniless.connections import Broken, Limits
from penniless.errors import SettingsError
from penniless.stores.aws_environment import Credentials
from penniless.stores.aws_json import (
    DYNAMODB,
    PARAMETER_STORE,
    Failure,
    JsonCalls,
    Service,
    delays,
)
from tests.servers import (
    CLOSE,
    HANG,
    OK,
    RESET,
    Answering,
    FakeServer,
    Received,
    Step,
    in_turn,
    raw,
)

REGION = "ap-northeast-1"
SECRET = "sEcReT/key+0123456789"
SESSION = "sEsSiOn//token+=="
WHO = Credentials("AKIDEXAMPLE", SECRET, SESSION)
NOW = 1_767_225_600.0
BODY = b'{"TableName":"log"}'

Serve = Callable[..., FakeServer]
Connect = Callable[..., JsonCalls]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Make calls to a server, without waiting between attempts."""
    made: list[JsonCalls] = []

    def make(server: FakeServer | str, service: Service = DYNAMODB, **options: Any) -> JsonCalls:
        chosen: dict[str, Any] = {
            "region": REGION,
            "endpoint": server if isinstance(server, str) else server.origin,
            "credentials": lambda: WHO,
            "clock": lambda: NOW,
            "sleep": lambda _: None,
            "random": lambda: 0.5,
        }
        made.append(JsonCalls(service, **{**chosen, **options}))
        return made[-1]

    yield make
    for calls in made:
        calls.close()


def in_time(seconds: float = 10.0, read: float = 5.0) -> Limits:
    return Limits(5.0, read, time.monotonic() + seconds)


def good(value: Any = None) -> Step:
    return raw(OK, json.dumps(value or {}).encode(), "Content-Type: application/x-amz-json-1.0")


def refused(code: str, status: str = "400 Bad Request", *headers: str, **more: Any) -> Step:
    kind = f"com.amazonaws.dynamodb.v20120810#{code}"
    body = {"__type": kind, "message": "the himitsu value is wrong", **more}
    return raw(status, json.dumps(body).encode(), *headers)


THROTTLED = refused("ProvisionedThroughputExceededException")


def failure(answer: Any) -> Failure:
    assert isinstance(answer, Failure)
    return answer


# The request


def signed_by_botocore(request: Received, service: str) -> str:
    """The Authorization header that botocore would have put on a request that arrived."""
    names = ("content-type", "host", "x-amz-target")
    known = AWSRequest(
        request.method,
        f"http://{request.headers['host']}{request.target}",
        headers={name: request.headers[name] for name in names},
        data=request.body,
    )
    auth = SigV4Auth(TheirCredentials(WHO.access_key, SECRET, SESSION), service, REGION)
    known.context["timestamp"] = known.headers["X-Amz-Date"] = request.headers["x-amz-date"]
    auth._modify_request_before_signing(known)
    asked = auth.string_to_sign(known, auth.canonical_request(known))
    auth._inject_signature_to_request(known, auth.signature(asked, known))
    return str(known.headers["Authorization"])


@pytest.mark.parametrize(
    ("service", "target", "version"),
    [
        (DYNAMODB, "DynamoDB_20120810.PutItem", "1.0"),
        (PARAMETER_STORE, "AmazonSSM.GetParameters", "1.1"),
    ],
)
def test_the_request(
    serve: Serve, connect: Connect, service: Service, target: str, version: str
) -> None:
    """A call is one POST of JSON, named in a header, signed as botocore signs it."""
    server = serve(good({"Item": {"名前": {"S": "花子"}}}))
    answer = connect(server, service).send(target.partition(".")[2], BODY, in_time())
    assert answer == {"Item": {"名前": {"S": "花子"}}}
    (request,) = server.received
    assert (request.method, request.target, request.body) == ("POST", "/", BODY)
    headers = request.headers
    assert headers["x-amz-target"] == target
    assert headers["content-type"] == f"application/x-amz-json-{version}"
    assert headers["x-amz-date"] == "20260101T000000Z"
    assert headers["x-amz-security-token"] == SESSION
    assert headers["authorization"] == signed_by_botocore(request, service.name)


def test_long_lived_credentials(serve: Serve, connect: Connect) -> None:
    """Without a session token there is no header for one."""
    server = serve(good())
    connect(server, credentials=lambda: Credentials("AKID", "secret")).send(
        "GetItem", BODY, in_time()
    )
    assert "x-amz-security-token" not in server.received[0].headers


def test_the_day_changes(serve: Serve, connect: Connect) -> None:
    """After midnight, UTC, a request is signed for the new day."""
    server = serve(good())
    times = iter([NOW - 1, NOW])
    calls = connect(server, clock=lambda: next(times))
    for _ in range(2):
        calls.send("GetItem", BODY, in_time())
    assert [one.headers["x-amz-date"][:8] for one in server.received] == ["20251231", "20260101"]
    assert [one.headers["authorization"] for one in server.received] == [
        signed_by_botocore(one, "dynamodb") for one in server.received
    ]


def test_credentials_are_read_each_time(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the environment says at the moment of the call counts."""
    server = serve(good())
    calls = connect(server, credentials=None)
    for name in ("one", "two"):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", f"AKID{name}")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_SESSION_TOKEN", f"token-{name}")
        calls.send("GetItem", BODY, in_time())
    assert [one.headers["x-amz-security-token"] for one in server.received] == [
        "token-one",
        "token-two",
    ]
    assert ["AKIDtwo" in one.headers["authorization"] for one in server.received] == [False, True]


def test_without_credentials(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent, and the error says which variables are missing."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    server = serve(good())
    with pytest.raises(SettingsError, match="AWS_SECRET_ACCESS_KEY"):
        connect(server, credentials=None).send("GetItem", BODY, in_time())
    assert server.received == []


# Connections


def test_one_connection_serves_many_calls(serve: Serve, connect: Connect) -> None:
    """A warmed connection is used, and used again."""
    server = serve(good())
    calls = connect(server)
    assert calls.warm(in_time()) is None
    for _ in range(3):
        calls.send("GetItem", BODY, in_time())
    assert (len(server.received), server.connections) == (3, 1)


def test_dead_connections_are_replaced(serve: Serve, connect: Connect) -> None:
    """A sandbox that wakes up with a closed connection notices, and opens another."""
    server = serve(good({"awake": True}))
    calls = connect(server)
    calls.send("GetItem", BODY, in_time())
    server.drop_all()
    assert calls.send("GetItem", BODY, in_time()) == {"awake": True}
    assert (len(server.received), server.connections) == (2, 2)


def test_tls(serve: Serve, connect: Connect, server_tls: ssl.SSLContext, certificate: Path) -> None:
    """Over https only a server with a trusted certificate hears anything."""
    server = serve(good({"safe": True}), server_tls)
    trusting = ssl.create_default_context(cafile=str(certificate))
    assert connect(server, tls_context=trusting).send("GetItem", BODY, in_time()) == {"safe": True}
    wary = connect(server).send("GetItem", BODY, in_time())
    assert "certificate is not trusted" in failure(wary).why
    assert failure(wary).maybe_done is False
    assert len(server.received) == 1


def test_warming_fails(connect: Connect) -> None:
    """Where nobody listens, warming says so."""
    broken = connect(nobody()).warm(in_time())
    assert isinstance(broken, Broken)
    assert "cannot connect" in broken.reason


def nobody() -> str:
    """The origin of a server that is not there any more."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        return f"http://127.0.0.1:{gone.getsockname()[1]}"


# Attempts


@pytest.mark.parametrize(
    ("step", "maybe_done"),
    [
        (THROTTLED, False),
        (refused("ThrottlingException"), False),
        (refused("RequestLimitExceeded"), False),
        (raw("429 Too Many Requests", b""), False),
        (refused("InternalServerError", "500 Internal Server Error"), True),
        (raw("503 Service Unavailable", b"<html>"), True),
        (CLOSE, True),
        (RESET, True),
        (HANG, True),
        (Step(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", close=True), True),
        (Step(b"not HTTP at all\r\n\r\n", close=True), True),
    ],
)
def test_what_is_tried_again(serve: Serve, connect: Connect, step: Step, maybe_done: bool) -> None:
    """Trouble that passes is got over; while it lasts it is known what it may have done."""
    server = serve(in_turn(step, step, good({"third": True})))
    limits = in_time(read=0.05 if step.hang else 5.0)
    assert connect(server).send("PutItem", BODY, limits) == {"third": True}
    assert len(server.received) == 3
    ends = in_turn(step, refused("ConditionalCheckFailedException"))
    found = failure(connect(serve(ends)).send("PutItem", BODY, limits))
    assert (found.code, found.maybe_done) == ("ConditionalCheckFailedException", maybe_done)


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (refused("ValidationException"), "ValidationException"),
        (refused("ResourceNotFoundException"), "ResourceNotFoundException"),
        (
            refused("AccessDeniedException"),
            "AccessDeniedException: these credentials are not allowed to do this; look at the role",
        ),
        (
            raw("400 Bad Request", b"", "x-amzn-ErrorType: ValidationException:http://aws/"),
            "ValidationException",
        ),
        (raw("403 Forbidden", b"<html>himitsu</html>"), "HTTP 403"),
        (raw("301 Moved", b"", "Location: http://elsewhere/"), "HTTP 301"),
        (raw("400 Bad Request", b'{"__type": "himitsu \\u0007 value"}'), "HTTP 400"),
        (raw("400 Bad Request", b'{"__type": ["x"]}'), "HTTP 400"),
        (raw("400 Bad Request", b"[]"), "HTTP 400"),
        (raw(OK, b"<html>himitsu</html>"), "the answer is not AWS's: no JSON"),
        (raw(OK, b"[1]"), "the answer is not AWS's: no JSON"),
        (raw(OK, b"\xff"), "the answer is not AWS's: no JSON"),
    ],
)
def test_what_is_not_tried_again(serve: Serve, connect: Connect, step: Step, why: str) -> None:
    """An answer that will be the same next time ends the call; nothing it quotes is repeated."""
    server = serve(step)
    found = failure(connect(server).send("PutItem", BODY, in_time()))
    assert (found.why, len(server.received)) == (why, 1)


def test_what_a_condition_met(serve: Serve, connect: Connect) -> None:
    """The item that AWS sends with a refused condition is handed on."""
    item = {"pk": {"S": "user#U1"}}
    server = serve(refused("ConditionalCheckFailedException", Item=item))
    found = failure(connect(server).send("PutItem", BODY, in_time()))
    assert found.item == item
    assert "user#U1" not in repr(found) + found.why


def test_waits_grow_and_are_spread(serve: Serve, connect: Connect) -> None:
    """Between attempts one waits a random part of a time that doubles, up to a second."""
    waits: list[float] = []
    server = serve(in_turn(*[THROTTLED] * 7, good()))
    calls = connect(server, sleep=waits.append, random=lambda: 0.5)
    assert calls.send("PutItem", BODY, in_time(60)) == {}
    assert waits == [0.025, 0.05, 0.1, 0.2, 0.4, 0.5, 0.5]
    draws = iter([0.0, 0.25, 0.999])
    found = delays(lambda: next(draws))
    assert [next(found) for _ in range(3)] == [0.0, 0.025, 0.999 * 0.2]


def test_waits_are_random_by_themselves(serve: Serve, connect: Connect) -> None:
    """Two callers that are throttled together do not come back together."""
    waits: list[float] = []
    server = serve(in_turn(*[THROTTLED] * 20, good()))
    connect(server, sleep=waits.append, random=None).send("PutItem", BODY, in_time(60))
    assert len(set(waits)) == 20
    assert all(0 <= wait < 1 for wait in waits)


def test_the_time_ends(serve: Serve, connect: Connect) -> None:
    """No attempt is made that could not end in time; the failure says how many there were."""
    waits: list[float] = []
    server = serve(THROTTLED)
    calls = connect(server, sleep=waits.append, random=lambda: 0.999)
    found = failure(calls.send("PutItem", BODY, in_time(0.7)))
    assert found.why == (
        "ProvisionedThroughputExceededException: the table's provisioned capacity is used up "
        f"({len(waits) + 1} attempts)"
    )
    assert len(server.received) == len(waits) + 1 <= 5


def test_no_time_at_all(serve: Serve, connect: Connect) -> None:
    """With no time left nothing is sent."""
    server = serve(good())
    found = failure(connect(server).send("PutItem", BODY, in_time(0)))
    assert (found.why, found.maybe_done, server.connections) == ("no time is left", False, 0)


def test_a_slow_server_is_left_in_time(serve: Serve, connect: Connect) -> None:
    """However long one attempt may wait, the call ends when its time does."""
    server = serve(HANG)
    began = time.monotonic()
    found = failure(connect(server).send("PutItem", BODY, in_time(0.2, read=60)))
    assert found.why.startswith("timed out")
    assert found.maybe_done
    assert time.monotonic() - began < 5


def test_nobody_listens(connect: Connect) -> None:
    """A connection that is refused has done nothing, and is tried again until the time ends."""
    found = failure(connect(nobody()).send("PutItem", BODY, in_time(0.1)))
    assert "cannot connect to http://127.0.0.1:" in found.why
    assert found.maybe_done is False


# Credentials and clocks


def expiring(*found: Credentials) -> Callable[[], Credentials]:
    left = list(found)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def until_token(token: str) -> Answering:
    """A server that takes one session token only."""
    stale = refused("ExpiredTokenException")
    return lambda request: good() if request.headers["x-amz-security-token"] == token else stale


def test_expired_credentials_are_read_again(serve: Serve, connect: Connect) -> None:
    """A session that ended meanwhile is replaced by the new one, at once."""
    server = serve(until_token("new"))
    source = expiring(Credentials("A", "s", "old"), Credentials("A", "s", "new"))
    waits: list[float] = []
    calls = connect(server, credentials=source, sleep=waits.append)
    assert calls.send("PutItem", BODY, in_time()) == {}
    assert (len(server.received), waits) == (2, [])


@pytest.mark.parametrize(
    "source",
    [expiring(WHO), expiring(*[Credentials("A", "s", f"token-{number}") for number in range(9)])],
)
def test_expired_credentials_are_read_again_once(
    serve: Serve, connect: Connect, source: Callable[[], Credentials]
) -> None:
    """If there are no others, or the others are no better, that is the answer."""
    server = serve(until_token("never"))
    found = failure(connect(server, credentials=source).send("PutItem", BODY, in_time()))
    assert found.why.startswith("ExpiredTokenException: the session token has expired")
    assert len(server.received) <= 2


@pytest.mark.parametrize(
    ("offset", "why"),
    [
        (-900, "the clock of this machine is 900 s behind AWS's; set it right"),
        (7_200, "the clock of this machine is 7200 s ahead of AWS's; set it right"),
        (2, "the secret access key is wrong, or the region is"),
    ],
)
@pytest.mark.parametrize("code", ["InvalidSignatureException", "RequestTimeTooSkewed"])
def test_a_refused_signature(
    serve: Serve, connect: Connect, code: str, offset: int, why: str
) -> None:
    """AWS's own clock, in its answer, tells a wrong clock from a wrong key."""
    date = f"Date: {formatdate(NOW - offset, usegmt=True)}"
    server = serve(refused(code, "400 Bad Request", date))
    found = failure(connect(server).send("PutItem", BODY, in_time()))
    assert (found.why, len(server.received)) == (f"{code}: {why}", 1)


@pytest.mark.parametrize("date", ["", "Date: tomorrow", "Date: Thu, 32 Foo 9999 99:99:99 GMT"])
def test_a_refused_signature_without_a_time(serve: Serve, connect: Connect, date: str) -> None:
    """Where the answer has no time that makes sense, nothing is said of clocks."""
    headers = [date] if date else []
    server = serve(refused("InvalidSignatureException", "400 Bad Request", *headers))
    found = failure(connect(server).send("PutItem", BODY, in_time()))
    assert found.why == (
        "InvalidSignatureException: the secret access key is wrong, or the region is"
    )


@pytest.mark.parametrize("step", [THROTTLED, CLOSE, raw(OK, b"x"), refused("ExpiredToken")])
def test_secrets_do_not_show(serve: Serve, connect: Connect, step: Step) -> None:
    """Whatever goes wrong, neither key, token, signature nor the request shows."""
    server = serve(step)
    calls = connect(server)
    found = failure(calls.send("PutItem", b'{"himitsu":1}', in_time(0.1)))
    signature = server.received[0].headers["authorization"].rpartition("=")[2]
    shown = " ".join((repr(found), str(found), found.why, repr(calls), repr(WHO), str(WHO)))
    assert not [one for one in (SECRET, SESSION, signature, "himitsu") if one in shown]
