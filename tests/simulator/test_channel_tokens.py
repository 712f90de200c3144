"""Channel access tokens: three kinds of them, by the world's clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from penniless.simulator import settings
from penniless.simulator.clock import VirtualClock
from penniless.simulator.exchange import Response
from penniless.simulator.records import Call as Recorded
from penniless.simulator.world import World
from tests.simulator.assertions import JWK, assertion, claims
from tests.simulator.conftest import SECRET, TOKEN, Call

Form = Callable[..., Response]
CHANNEL = "1234567890"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SHORT, JWT, STATELESS = "/v2/oauth/accessToken", "/oauth2/v2.1/token", "/oauth2/v3/token"
ID_AND_SECRET = {"client_id": CHANNEL, "client_secret": SECRET}
DAYS = 24 * 3600


@pytest.fixture
def form(world: World, call: Call) -> Form:
    """Ask where tokens come from, as a form."""
    settings.change(world, {"keys": [JWK]})

    def do(path: str, **fields: str) -> Response:
        headers = {"content-type": "application/x-www-form-urlencoded", "authorization": ""}
        return call("POST", path, urlencode(fields).encode(), headers=headers)

    return do


def body(response: Response) -> Any:
    return json.loads(response.body)


def signed(world: World, **changed: Any) -> str:
    return assertion(claims(world.now(), **changed))


def by_secret(form: Form, path: str) -> dict[str, Any]:
    response = form(path, grant_type="client_credentials", **ID_AND_SECRET)
    assert response.status == 200
    found: dict[str, Any] = body(response)
    return found


def by_assertion(form: Form, world: World, path: str = JWT, **changed: Any) -> Response:
    return form(
        path,
        grant_type="client_credentials",
        client_assertion_type=ASSERTION,
        client_assertion=signed(world, **changed),
    )


def works(call: Call, token: str) -> bool:
    response = call("GET", "/v2/bot/info", headers={"authorization": f"Bearer {token}"})
    assert response.status in {200, 401}
    return response.status == 200


@pytest.mark.parametrize(("path", "seconds"), [(SHORT, 30 * DAYS), (STATELESS, 900)])
def test_a_token_from_id_and_secret(
    form: Form, call: Call, clock: VirtualClock, path: str, seconds: int
) -> None:
    """It opens the API until its last millisecond; the long-lived one goes on."""
    issued = by_secret(form, path)
    assert issued["token_type"] == "Bearer"
    assert issued["expires_in"] == seconds
    assert works(call, issued["access_token"])
    clock.advance(seconds=seconds - 0.001)
    assert works(call, issued["access_token"])
    clock.advance(seconds=0.001)
    assert not works(call, issued["access_token"])
    assert works(call, TOKEN)


def test_a_token_from_an_assertion(
    form: Form, call: Call, world: World, clock: VirtualClock
) -> None:
    """Its life is what the assertion says, and it has a key id of its own."""
    issued = body(by_assertion(form, world, token_exp=60))
    assert issued["expires_in"] == 60
    assert len(issued["key_id"]) == 22
    assert works(call, issued["access_token"])
    clock.advance(seconds=60)
    assert not works(call, issued["access_token"])


def test_a_stateless_token_from_an_assertion(form: Form, call: Call, world: World) -> None:
    issued = body(by_assertion(form, world, STATELESS, token_exp=None))
    assert issued["expires_in"] == 900
    assert works(call, issued["access_token"])


@pytest.mark.parametrize(
    ("path", "changed", "expected"),
    [
        (SHORT, {"client_secret": "x"}, ("invalid_client", "invalid client_secret")),
        (SHORT, {"client_id": "1"}, ("invalid_client", "invalid client_id")),
        (STATELESS, {"client_secret": "x"}, ("invalid_request", "Invalid 'client_credentials'.")),
        (STATELESS, {"client_id": "1"}, ("invalid_request", "Invalid 'client_credentials'.")),
        *(
            (path, {"grant_type": "password"}, ("invalid_request", "some parameters missed or inv"))
            for path in (SHORT, STATELESS)
        ),
        *(
            (path, {"client_id": ""}, ("invalid_request", "some parameters missed or invalid"))
            for path in (SHORT, STATELESS)
        ),
    ],
)
def test_who_gets_no_token(
    form: Form, path: str, changed: dict[str, str], expected: tuple[str, str]
) -> None:
    response = form(path, **{"grant_type": "client_credentials", **ID_AND_SECRET, **changed})
    assert response.status == 400
    assert body(response)["error"] == expected[0]
    assert body(response)["error_description"].startswith(expected[1])


@pytest.mark.parametrize("life", [None, 0, -1, 30 * DAYS + 1, "60", True, 1.5])
def test_a_life_that_is_none(form: Form, world: World, life: Any) -> None:
    """token_exp is a whole number of seconds, thirty days at most."""
    assert body(by_assertion(form, world, token_exp=life)) == {
        "error": "invalid_client",
        "error_description": "Invalid token_exp",
    }


def test_an_unknown_key(form: Form, world: World) -> None:
    """404, in the shape of the other errors."""
    settings.change(world, {"keys": []})
    response = by_assertion(form, world)
    assert response.status == 404
    assert body(response) == {"message": "Cannot find channel key that satisfies the conditions"}


def test_thirty_tokens_with_an_assertion(form: Form, world: World, clock: VirtualClock) -> None:
    """The thirty-first is refused; one that has expired or is revoked makes room."""
    for _ in range(29):
        assert by_assertion(form, world).status == 200
    last = body(by_assertion(form, world, token_exp=60))
    response = by_assertion(form, world)
    assert response.status == 400
    expected = {"message": "The maximum number of access tokens has already been issued"}
    assert body(response) == expected
    assert (
        form("/oauth2/v2.1/revoke", **ID_AND_SECRET, access_token=last["access_token"]).body == b""
    )
    short = body(by_assertion(form, world, token_exp=60))
    assert "access_token" in short
    clock.advance(seconds=60)
    assert by_assertion(form, world).status == 200


def test_thirty_short_lived_tokens(form: Form, call: Call) -> None:
    """The thirty-first takes the place of the oldest."""
    tokens = [by_secret(form, SHORT)["access_token"] for _ in range(31)]
    assert [works(call, token) for token in tokens] == [False] + [True] * 30


def test_any_number_of_stateless_tokens(form: Form, call: Call) -> None:
    tokens = [by_secret(form, STATELESS)["access_token"] for _ in range(100)]
    assert len(set(tokens)) == 100
    assert works(call, tokens[0])


def test_verification_of_short_and_long_lived_tokens(form: Form, clock: VirtualClock) -> None:
    short = by_secret(form, SHORT)["access_token"]
    clock.advance(seconds=10)
    found = body(form("/v2/oauth/verify", access_token=short))
    assert found == {"client_id": CHANNEL, "expires_in": 30 * DAYS - 10, "scope": "P CM"}
    assert body(form("/v2/oauth/verify", access_token=TOKEN))["expires_in"] > 10**9
    clock.advance(seconds=30 * DAYS)
    for gone in (short, "x", "", by_secret(form, STATELESS)["access_token"]):
        refused = form("/v2/oauth/verify", access_token=gone)
        assert (refused.status, body(refused)["error"]) == (400, "invalid_request")


def test_verification_of_tokens_with_a_chosen_life(
    form: Form, call: Call, world: World, clock: VirtualClock
) -> None:
    token = body(by_assertion(form, world, token_exp=60))["access_token"]

    def verified() -> Response:
        return call("GET", f"/oauth2/v2.1/verify?{urlencode({'access_token': token})}")

    assert body(verified())["client_id"] == CHANNEL
    assert body(verified())["expires_in"] == 60
    clock.advance(seconds=60)
    assert body(verified())["error_description"] == "The access token expired"
    other = call("GET", "/oauth2/v2.1/verify?access_token=x")
    assert body(other)["error_description"] == "The access token not JWS"


def test_key_ids(form: Form, call: Call, world: World) -> None:
    """Those of the valid tokens v2.1, for who shows an assertion."""
    ids = [body(by_assertion(form, world))["key_id"] for _ in range(2)]
    by_secret(form, SHORT)
    asked = urlencode({"client_assertion_type": ASSERTION, "client_assertion": signed(world)})
    assert body(call("GET", f"/oauth2/v2.1/tokens/kid?{asked}")) == {"kids": ids}
    assert call("GET", "/oauth2/v2.1/tokens/kid").status == 400


def test_revocation(form: Form, call: Call, world: World) -> None:
    """200 and an empty body, also for tokens that are none; stateless ones live on."""
    short, stateless = (by_secret(form, path)["access_token"] for path in (SHORT, STATELESS))
    chosen = body(by_assertion(form, world))["access_token"]
    for token in (short, stateless, chosen, "x"):
        response = form("/v2/oauth/revoke", access_token=token)
        assert (response.status, response.body) == (200, b"")
    assert [works(call, token) for token in (short, stateless, chosen)] == [False, True, True]
    for token in (short, stateless, chosen, "x"):
        response = form("/oauth2/v2.1/revoke", **ID_AND_SECRET, access_token=token)
        assert (response.status, response.body) == (200, b"")
    assert [works(call, token) for token in (stateless, chosen)] == [True, False]
    assert form("/v2/oauth/revoke").status == 400


def test_the_long_lived_token_can_be_revoked(form: Form, call: Call, world: World) -> None:
    """A reset gives it back: the console would issue another."""
    form("/v2/oauth/revoke", access_token=TOKEN)
    assert not works(call, TOKEN)
    assert form("/v2/oauth/verify", access_token=TOKEN).status == 400
    world.reset()
    assert works(call, TOKEN)


def test_a_bot_keeps_its_token_over_a_reset(form: Form, call: Call, world: World) -> None:
    token = by_secret(form, STATELESS)["access_token"]
    world.reset()
    assert works(call, token)


def test_secrets_are_not_on_the_wire(form: Form, call: Call, world: World) -> None:
    """Neither what was sent nor what was issued."""
    tokens = [by_secret(form, SHORT)["access_token"]]
    jwt = signed(world)
    fields = {"client_assertion_type": ASSERTION, "client_assertion": jwt}
    form(JWT, grant_type="client_credentials", **fields)
    call("GET", f"/oauth2/v2.1/tokens/kid?{urlencode(fields)}")
    call("GET", f"/oauth2/v2.1/verify?access_token={tokens[0]}")
    form("/oauth2/v2.1/revoke", **ID_AND_SECRET, access_token=tokens[0])
    shown = str([one for one in world.wire if isinstance(one, Recorded)])
    assert "client_credentials" in shown
    assert not [secret for secret in (SECRET, jwt, *tokens) if secret in shown]


def test_a_body_that_is_no_form(call: Call) -> None:
    response = call("POST", STATELESS, {"grant_type": "client_credentials"})
    assert response.status == 415


def test_the_rate_of_short_lived_tokens(form: Form) -> None:
    """370 a second; the others have the usual one."""
    statuses = [
        form(SHORT, grant_type="client_credentials", **ID_AND_SECRET).status for _ in range(371)
    ]
    assert statuses == [200] * 370 + [429]
