"""Whatever is sent to the simulator, it answers; 501 is its only 5xx."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penniless.simulator import World
from penniless.simulator.acts import ACTS, act
from penniless.simulator.api import answer
from penniless.simulator.checks.plain import MESSAGES
from penniless.simulator.exchange import Request
from penniless.simulator.operations import OPERATIONS
from penniless.simulator.places import Refused
from tests.simulator.conftest import TOKEN
from tests.simulator.test_checks import BASES

REQUEST_KEYS = "to chatId markAsReadToken endpoint loadingSeconds limit max messages replyToken"
KEYS = sorted({*re.findall(r"'(\w+)':", str(BASES)), *REQUEST_KEYS.split()})
WORDS = ["text", "bubble", "box", "button", "https://a.b/c", "U" + "0" * 32, "", "日本🙂", "{a}"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([*WORDS, *MESSAGES])
    | st.text(max_size=6)
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=10,
)
bodies = st.dictionaries(st.sampled_from(KEYS), anything, max_size=4)
served = st.sampled_from(OPERATIONS)

quickly = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def ask(world: World, method: str, path: str, body: bytes) -> int:
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    response = answer(world, Request(method=method, path=path, headers=headers, body=body))
    json.loads(response.body or b"{}")
    assert response.headers["x-line-request-id"]
    return response.status


def path_of(template: str, world: World) -> str:
    """The template's path, with ids that are there where one fits."""
    group = world.groups.get("family") or world.add_group("family", ["alice"])
    known = {"userId": world.people["alice"].user_id, "groupId": group.id}
    return re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], "1"), template)


@quickly
@given(operation=served, body=bodies | anything)
def test_any_json_to_any_operation(world: World, operation: Any, body: Any) -> None:
    raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    status = ask(world, operation.method, path_of(operation.template, world), raw)
    assert status < 500 or status == 501


@quickly
@given(operation=served, body=st.binary(max_size=60))
def test_any_bytes_to_any_operation(world: World, operation: Any, body: bytes) -> None:
    status = ask(world, operation.method, path_of(operation.template, world), body)
    assert status < 500 or status == 501


@quickly
@given(base=st.sampled_from(sorted(BASES)), data=st.data())
def test_messages_with_one_thing_changed(world: World, base: str, data: st.DataObject) -> None:
    """A good message with any value at any place is taken or refused, never an error of ours."""
    message = json.loads(json.dumps(BASES[base]))
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in list(inner):
            places.append((value, key))
            if isinstance(part, dict | list):
                walk(part)

    walk(message)
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(anything)
    body = json.dumps({"to": world.people["alice"].user_id, "messages": [message]})
    raw = body.encode("utf-8", "replace")
    assert ask(world, "POST", "/v2/bot/message/push", raw) in {200, 400, 429}


@quickly
@given(name=st.sampled_from(sorted(ACTS)), value=anything, more=bodies)
def test_any_act(world: World, name: str, value: Any, more: dict[str, Any]) -> None:
    """People do what they like; a request without sense is refused with a sentence."""
    try:
        done = act(world, {"from": "alice", **more, name: value})
    except Refused as refused:
        sentence = str(refused)
    else:
        sentence = "done"
        assert done.webhook is None or json.loads(done.webhook.raw)["events"]
    assert sentence


@pytest.mark.parametrize("path", ["/sim/message", "/sim/people", "/sim/groups", "/sim/channel"])
def test_any_json_over_http(sim: httpx.Client, path: str) -> None:
    """The same through the server, where an error of ours would be a 500."""

    @settings(max_examples=25, deadline=None)
    @given(body=bodies | anything, quiet=st.booleans())
    def run(body: Any, *, quiet: bool) -> None:
        if isinstance(body, dict):
            body = {"from": "alice", "quiet": quiet, **body}
            body.pop("webhook", None)
        raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        assert sim.post(path, content=raw).status_code < 500

    run()
    assert sim.get("/sim/world").status_code == 200
    assert sim.get("/sim/wire").status_code == 200
