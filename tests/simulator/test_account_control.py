"""The console's buttons: the webhook is verified, public keys come and go."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from penniless.simulator.settings import MOST_KEYS
from tests.simulator.assertions import JWK, KID, assertion, claims
from tests.simulator.peers import StubBot, closed_port

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def issue(sim: httpx.Client) -> int:
    """The status of a token request with an assertion that is signed with the key of `JWK`."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": assertion(claims(int(time.time() * 1000))),
    }
    return sim.post("/oauth2/v2.1/token", data=form).status_code


def test_the_webhook_is_verified(sim: httpx.Client, bot: StubBot) -> None:
    """The bot gets a signed webhook without events, and its answer is told."""
    result = sim.post("/sim/verify").json()
    assert (result["success"], result["statusCode"], result["reason"]) == (True, 200, "OK")
    (request,) = bot.received
    assert request.events == []
    assert "x-line-signature" in dict(request.headers)


def test_a_webhook_that_nobody_answers(sim: httpx.Client) -> None:
    """LINE's reason is told, and the statistics of errors do not count it."""
    sim.post("/sim/channel", json={"webhook": f"http://127.0.0.1:{closed_port()}/"})
    result = sim.post("/sim/verify").json()
    assert (result["success"], result["reason"]) == (False, "COULD_NOT_CONNECT")
    assert sim.get("/sim/errors").json() == {"errors": []}


def test_without_an_address_there_is_nothing_to_verify(sim: httpx.Client) -> None:
    sim.post("/sim/channel", json={"webhook": None})
    answer = sim.post("/sim/verify")
    assert answer.status_code == 409
    assert "set its address" in answer.json()["error"]


def test_a_key_is_added_beside_others_and_removed(sim: httpx.Client) -> None:
    """A token is issued exactly while the key is there; only ids are ever shown."""
    assert issue(sim) == 404
    unnamed = {name: JWK[name] for name in JWK if name != "kid"}
    other = sim.post("/sim/keys", json=unnamed).json()["kid"]
    made = sim.post("/sim/keys", json=JWK)
    assert (made.status_code, made.json()) == (201, {"kid": KID})
    shown = sim.get("/sim/world")
    assert shown.json()["channel"]["keys"] == [other, KID]
    assert JWK["n"] not in shown.text
    assert issue(sim) == 200
    assert sim.delete("/sim/keys", params={"kid": KID}).json() == {}
    assert sim.get("/sim/world").json()["channel"]["keys"] == [other]
    assert issue(sim) == 404


@pytest.mark.parametrize(
    ("jwk", "sentence"),
    [
        ({}, "the JWK of a public RSA key"),
        ({**JWK, "d": "AQAB"}, "the JWK of a public RSA key"),
        ({**JWK, "n": "AQAB"}, "at least 2048 bits"),
    ],
)
def test_what_is_no_public_key_is_refused(
    sim: httpx.Client, jwk: dict[str, Any], sentence: str
) -> None:
    """With a sentence, and nothing is kept of it."""
    answer = sim.post("/sim/keys", json=jwk)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]
    assert sim.get("/sim/world").json()["channel"]["keys"] == []


def test_there_are_so_many_keys_and_no_more(sim: httpx.Client) -> None:
    """A known id may still be given another key."""
    for number in range(MOST_KEYS):
        assert sim.post("/sim/keys", json={**JWK, "kid": f"key-{number}"}).status_code == 201
    assert sim.post("/sim/keys", json={**JWK, "kid": "one-more"}).status_code == 409
    assert sim.post("/sim/keys", json={**JWK, "kid": "key-0"}).status_code == 201
    assert len(sim.get("/sim/world").json()["channel"]["keys"]) == MOST_KEYS


def test_a_key_that_is_not_there_cannot_be_removed(sim: httpx.Client) -> None:
    assert sim.delete("/sim/keys", params={"kid": "x"}).status_code == 404
    assert sim.delete("/sim/keys").status_code == 404
