"""Every path under /sim, asked in every way: never a 5xx, and nothing that a browser would run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from penniless.simulator import Simulator
from penniless.simulator.operations import OPERATIONS
from penniless.simulator.server import serving
from penniless.simulator.table import Operation

ENDLESS = "/sim/events"
PATHS = sorted({one.path for one in Simulator().app.routes if isinstance(one, Route)} - {ENDLESS})
TOKEN = "the-token"
SCRIPT = "<script>alert(1)</script>"
NAMES = st.text(min_size=1, max_size=8) | st.sampled_from(["alice", "family", SCRIPT, "../..", "%"])

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(SCRIPT)
KEYS = "name from text person eventId messageId advance to displayName members rules by seconds"
keys = st.sampled_from(KEYS.split())
objects = st.dictionaries(keys, scalars | st.lists(scalars, max_size=3), max_size=4)
bodies = st.binary(max_size=40) | objects.map(lambda one: json.dumps(one).encode())
queries = st.dictionaries(st.sampled_from(["since", "format", "x"]), st.text(max_size=6))


@pytest.fixture(scope="module")
def sim() -> Iterator[httpx.Client]:
    with (
        serving(Simulator(channel_access_token=TOKEN)) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=10) as client,
    ):
        client.post("/sim/groups", json={"name": "family", "members": ["alice"]})
        yield client


def filled(path: str, name: str) -> str:
    """The path with the name in place of its parameter, as one segment."""
    before, brace, rest = path.partition("{")
    return f"{before}{quote(name, safe='')}{rest.partition('}')[2]}" if brace else path


def asked(sim: httpx.Client, method: str, path: str, **sent: Any) -> httpx.Response:
    answer = sim.request(method, path, **sent)
    assert answer.status_code < 500, answer.text
    return answer


@pytest.mark.parametrize("path", PATHS)
def test_any_request(sim: httpx.Client, path: str) -> None:
    """Any method, name, query and body are answered; an error under /sim is one sentence."""

    @settings(max_examples=25, deadline=None)
    @given(
        method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]),
        name=NAMES,
        query=queries,
        body=bodies,
    )
    def run(method: str, name: str, query: dict[str, str], body: bytes) -> None:
        answer = asked(sim, method, filled(path, name), params=query, content=body)
        if path.startswith("/sim/"):
            assert not answer.headers.get("content-type", "").startswith("text/html")
        if answer.status_code >= 400 and method != "HEAD" and path.startswith("/sim/"):
            assert answer.json().keys() == {"error"}

    run()
    assert asked(sim, "GET", "/sim/world").json()["people"]


KINDS = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "image/png",
]
words = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12).map(str.strip)
headers = st.fixed_dictionaries(
    {"authorization": words | st.just(f"Bearer {TOKEN}")},
    optional={
        "content-type": st.sampled_from(KINDS) | words,
        "x-line-retry-key": words | st.uuids().map(str),
        "range": words,
        "content-encoding": words,
    },
)


@settings(max_examples=400, deadline=None)
@given(
    operation=st.sampled_from(OPERATIONS),
    method=st.sampled_from(
        ["", "", "", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]
    ),
    name=NAMES,
    query=queries,
    sent=headers,
    body=bodies,
)
def test_any_call_of_the_api(
    sim: httpx.Client,
    *,
    operation: Operation,
    method: str,
    name: str,
    query: dict[str, str],
    sent: dict[str, str],
    body: bytes,
) -> None:
    """As LINE: a request id on every answer, an error is JSON with a message, and never a 5xx."""
    path = re.sub(r"\{\w+\}", lambda _: quote(name, safe=""), operation.template)
    used = method or operation.method
    answer = asked(sim, used, path, params=query, content=body, headers=sent)
    assert answer.headers["x-line-request-id"]
    assert not answer.headers.get("content-type", "").startswith("text/html")
    if answer.status_code >= 400 and used != "HEAD":
        found = answer.json()
        assert "message" in found or "error" in found


def test_what_people_write_is_never_html(sim: httpx.Client) -> None:
    """A name and a text that look like a script come back as JSON or plain text only."""
    person = {"name": "mallory", "displayName": SCRIPT, "quiet": True}
    assert asked(sim, "POST", "/sim/people", json=person).status_code == 201
    asked(sim, "POST", "/sim/message", json={"from": "mallory", "text": SCRIPT})
    for path, kind in (
        ("/sim/chat/mallory", "application/json"),
        ("/sim/chat/mallory?format=text", "text/plain"),
        ("/sim/world", "application/json"),
        ("/sim/wire", "application/json"),
    ):
        answer = asked(sim, "GET", path)
        assert SCRIPT in answer.text
        assert answer.headers["content-type"].startswith(kind)
