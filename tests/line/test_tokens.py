"""Stateless channel access tokens: fetched when needed, kept, renewed when refused."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest

from penniless.errors import LineError, LineUnreachable, SettingsError, Unauthorized
from penniless.line.client import LineClient
from penniless.line.tokens import StatelessToken
from tests.conftest import Serve
from tests.servers import CLOSE, Received, Step, answer, raw

SECRET = "5ecre7" * 5 + "00"
PROFILE = answer({"userId": "U1", "displayName": "花子"})


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_780_000_000.0

    def __call__(self) -> float:
        return self.now


def line(profile: Callable[[Received], Step] = lambda _: PROFILE) -> Callable[[Received], Step]:
    """A LINE that issues numbered tokens and answers everything else with `profile`."""
    issued: list[str] = []

    def answering(request: Received) -> Step:
        if request.target != "/oauth2/v3/token":
            return profile(request)
        issued.append(f"token-{len(issued) + 1}")
        return answer({"token_type": "Bearer", "access_token": issued[-1], "expires_in": 900})

    return answering


def bearers(received: list[Received]) -> list[str]:
    return [one.headers["authorization"] for one in received if "authorization" in one.headers]


@pytest.fixture
def clock() -> Clock:
    return Clock()


def client_of(server: str, clock: Clock) -> LineClient:
    token = StatelessToken("1234567890", SECRET, clock=clock)
    return LineClient(token, api_origin=server, data_origin=server, sleep=lambda _: None)


def test_token_is_fetched_once_and_kept(serve: Serve, clock: Clock) -> None:
    """One request issues the token, as LINE documents it, and every call uses it."""
    server = serve(line())
    with client_of(server.origin, clock) as client:
        client.profile("U1")
        client.profile("U1")

    issue = server.received[0]
    assert (issue.method, issue.target) == ("POST", "/oauth2/v3/token")
    assert issue.headers["content-type"] == "application/x-www-form-urlencoded"
    assert dict(parse_qsl(issue.body.decode())) == {
        "grant_type": "client_credentials",
        "client_id": "1234567890",
        "client_secret": SECRET,
    }
    assert bearers(server.received) == ["Bearer token-1"] * 2
    assert server.connections == 1


@pytest.mark.parametrize(
    ("seconds", "tokens"), [(839, ["token-1"] * 2), (840, ["token-1", "token-2"])]
)
def test_token_is_replaced_a_minute_before_its_end(
    serve: Serve, clock: Clock, seconds: float, tokens: list[str]
) -> None:
    """A token of 900 seconds is used for 840."""
    server = serve(line())
    with client_of(server.origin, clock) as client:
        client.profile("U1")
        clock.now += seconds
        client.profile("U1")

    assert bearers(server.received) == [f"Bearer {one}" for one in tokens]


def test_refused_token_is_renewed_once(serve: Serve, clock: Clock) -> None:
    """After a 401 the call is sent once more with a new token, replies too: a 401 did nothing."""

    def profile(request: Received) -> Step:
        good = request.headers["authorization"] == "Bearer token-2"
        return (
            answer({"sentMessages": []}) if good else answer({"message": "no"}, "401 Unauthorized")
        )

    server = serve(line(profile))
    with client_of(server.origin, clock) as client:
        client.reply("r", [{"type": "text", "text": "hi"}])

    assert bearers(server.received) == ["Bearer token-1", "Bearer token-2"]


def test_second_refusal_is_told(serve: Serve, clock: Clock) -> None:
    """A LINE that refuses the new token too is believed."""
    server = serve(line(lambda _: answer({"message": "no"}, "401 Unauthorized")))
    with client_of(server.origin, clock) as client, pytest.raises(Unauthorized):
        client.profile("U1")

    assert len(bearers(server.received)) == 2


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        (answer({"error": "invalid_request"}, "400 Bad Request"), SettingsError, "do not belong"),
        (answer({}, "503 Busy"), LineError, "503"),
        (CLOSE, LineUnreachable, "access token"),
        (raw("200 OK", b"<html>"), LineUnreachable, "not LINE's"),
    ],
)
def test_no_token_no_call(
    serve: Serve, clock: Clock, step: Step, error: type[Exception], said: str
) -> None:
    """Without a token nothing else is sent; the reason names no secret, in no frame either."""
    server = serve(step)
    with client_of(server.origin, clock) as client, pytest.raises(error, match=said) as caught:
        client.profile("U1")

    assert {one.target for one in server.received} == {"/oauth2/v3/token"}
    shown = "".join(traceback.TracebackException.from_exception(caught.value).format())
    assert SECRET not in shown


def test_threads_share_one_token(serve: Serve, clock: Clock) -> None:
    """Sixteen threads that start together fetch one token."""
    server = serve(line())
    with client_of(server.origin, clock) as client:
        threads = [threading.Thread(target=client.profile, args=("U1",)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert bearers(server.received) == ["Bearer token-1"] * 16


@pytest.mark.parametrize("channel_id", ["", "abc", "12 34", "１２３"])
def test_channel_id_is_a_number(channel_id: str) -> None:
    """Anything but ASCII digits is refused at once."""
    with pytest.raises(SettingsError, match="channel id"):
        StatelessToken(channel_id, SECRET)


def test_repr_shows_nothing() -> None:
    """Neither the secret nor the token stands in the repr."""
    assert repr(StatelessToken("1", SECRET)) == "StatelessToken()"
