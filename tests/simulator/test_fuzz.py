"""Whatever is sent to the simulator, it answers, never with a 5xx and always in LINE's shape."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from penniless.simulator import World, guesses, settings
from penniless.simulator.acts import ACTS, act
from penniless.simulator.api import answer
from penniless.simulator.audiences import Audiences
from penniless.simulator.checks.plain import MESSAGES
from penniless.simulator.coupons import Coupons
from penniless.simulator.exchange import Request
from penniless.simulator.faults import Faults, described, rule_from
from penniless.simulator.operations import OPERATIONS
from penniless.simulator.places import Refused
from penniless.simulator.richmenu_aliases import Aliases
from penniless.simulator.richmenus import RichMenus
from tests.simulator.assertions import JWK, encoded
from tests.simulator.conftest import TOKEN, Call
from tests.simulator.pictures import png
from tests.simulator.test_checks import BASES

REQUEST_KEYS = """
to chatId markAsReadToken endpoint loadingSeconds limit max messages replyToken recipient filter
demographic type oneOf gte lt and or not audienceGroupId requestId size width height selected name
chatBarText areas bounds x y action richMenuId richMenuAliasId userIds operations from
resumeRequestKey description isIfaAudience uploadDescription audiences id clickUrl title reward
priceInfo fixedAmount percentage acquisitionCondition lotteryProbability maxAcquireCount
maxUseCountPerTicket startTimestamp endTimestamp timezone visibility customAggregationUnits
templateKey botId ttl expired chat userId
"""
QUERY_KEYS = """
date from to requestId customAggregationUnit start limit page size status description createRoute
access_token client_assertion client_assertion_type includesOwnedAudienceGroups
"""
FORM_KEYS = "grant_type client_id client_secret client_assertion client_assertion_type access_token"
KEYS = sorted({*re.findall(r"'(\w+)':", str(BASES)), *REQUEST_KEYS.split()})
WORDS = ["text", "bubble", "box", "button", "https://a.b/c", "U" + "0" * 32, "", "日本🙂", "{a}"]

PATHS = ["message", "people", "people/alice", "groups", "channel", "webhook", "faults"]
EFFECTS = ["status", "latency", "drop", "timeout", "duplicate", "reorder", "lost", "late"]

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
every = st.sampled_from(OPERATIONS)
names = st.sampled_from(["file", "description", "audienceGroupId", "isIfaAudience", "x"])
contents = st.binary(max_size=40) | st.just(b"U" + b"0" * 32)
values = st.text(max_size=8) | st.sampled_from(
    ["20260101", "1", "-1", "true", "client_credentials"]
)
forms = st.dictionaries(st.sampled_from(FORM_KEYS.split()), values)
queries = st.dictionaries(st.sampled_from(QUERY_KEYS.split()), values, max_size=4).map(
    lambda found: urlencode(found, errors="replace")
)
kinds = st.sampled_from(
    ["application/json", "image/png", "image/jpeg", "multipart/form-data; boundary=b", "", "a/b"]
)
WITH_FORMS = [one for one in OPERATIONS if one.body == "form"]
WITH_FILES = [one for one in OPERATIONS if one.body == "files"]
GOOD = {
    "/v2/bot/richmenu": {
        "size": {"width": 800, "height": 250},
        "selected": True,
        "name": "a",
        "chatBarText": "b",
        "areas": [
            {
                "bounds": {"x": 0, "y": 0, "width": 1, "height": 1},
                "action": {"type": "richmenuswitch", "richMenuAliasId": "a", "data": "d"},
            }
        ],
    },
    "/v2/bot/coupon": {
        "title": "a",
        "acquisitionCondition": {
            "type": "lottery",
            "lotteryProbability": 1,
            "maxAcquireCount": -1,
        },
        "maxUseCountPerTicket": 1,
        "startTimestamp": 0,
        "endTimestamp": 4_000_000_000,
        "timezone": "ASIA_TOKYO",
        "reward": {"type": "discount", "priceInfo": {"type": "fixed", "fixedAmount": 1}},
        "visibility": "PUBLIC",
        "imageUrl": "https://example.com/a.png",
    },
    "/v2/bot/message/narrowcast": {
        "messages": [{"type": "text", "text": "a"}],
        "recipient": {
            "type": "operator",
            "not": {"type": "audience", "audienceGroupId": 4_389_303_728_991},
        },
        "filter": {
            "demographic": {
                "type": "operator",
                "and": [
                    {"type": "gender", "oneOf": ["male"]},
                    {"type": "age", "gte": "age_20", "lt": "age_30"},
                ],
            }
        },
        "limit": {"max": 1, "upToRemainingQuota": True, "forbidPartialDelivery": True},
    },
    "/v2/bot/audienceGroup/upload": {
        "description": "a",
        "isIfaAudience": False,
        "uploadDescription": "b",
        "audiences": [{"id": "U" + "0" * 32}],
    },
}
"""Good requests, by path."""

quickly = settings_of(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


thoroughly = settings_of(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def ask(
    world: World,
    method: str,
    path: str,
    body: bytes,
    *,
    kind: str = "application/json",
    query: str = "",
) -> int:
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": kind}
    request = Request(method=method, path=path, query=query, headers=headers, body=body)
    response = answer(world, request)
    assert response.headers["x-line-request-id"]
    msgspec.json.encode(response.call)
    if response.status >= 400:
        in_lines_shape(json.loads(response.body))
    elif response.headers.get("content-type") == "application/json":
        json.loads(response.body)
    return response.status


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a JSON value: what holds it, and under which key."""
    found: list[tuple[Any, Any]] = []
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in list(inner):
        found.append((value, key))
        if isinstance(part, dict | list):
            found += places_in(part)
    return found


def in_lines_shape(body: Any) -> None:
    """An error of LINE: a message with details, or that of OAuth."""
    if "error" in body:
        assert body.keys() <= {"error", "error_description"}
        return
    assert isinstance(body["message"], str)
    assert body.keys() <= {"message", "details", "sentMessages"}
    for one in body.get("details", []):
        assert one.keys() <= {"message", "property"}
        assert all(isinstance(text, str) for text in one.values())


def path_of(template: str, world: World) -> str:
    """The template's path, with ids that are there where one fits."""
    group = world.groups.get("family") or world.add_group("family", ["alice"])
    known = {"userId": world.people["alice"].user_id, "groupId": group.id, "membershipId": "7"}
    for name, kept in (
        ("richMenuId", world.part(RichMenus).menus),
        ("richMenuAliasId", world.part(Aliases).menus),
        ("audienceGroupId", world.part(Audiences).known),
        ("couponId", world.part(Coupons).known),
    ):
        known[name] = str(next(iter(kept), "1"))
    return re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], "1"), template)


@pytest.fixture(params=["as usual", "otherwise"])
def busy(world: World, call: Call, request: pytest.FixtureRequest) -> World:
    """A world with one of everything, and an account that may do all; LINE may do otherwise."""
    if request.param == "otherwise":
        last = {name: values[-1] for name, (_, values) in guesses.table().items()}
        world.set_guesses(guesses.changed(world.guesses, last))
    world.set_rate_limits(on=False)
    world.account.verified = world.account.partner = world.account.module = True
    settings.change(world, {"memberships": [{"membershipId": 7}], "keys": [JWK]})
    action = {"type": "message", "text": "a"}
    area = {"bounds": {"x": 0, "y": 0, "width": 1, "height": 1}, "action": action}
    size = {"width": 800, "height": 250}
    menu = {"size": size, "selected": True, "name": "a", "chatBarText": "b", "areas": [area]}
    made = json.loads(call("POST", "/v2/bot/richmenu", menu).body)["richMenuId"]
    path = f"/v2/bot/richmenu/{made}/content"
    call("POST", path, png(800, 250), headers={"content-type": "image/png"})
    alias = {"richMenuAliasId": "a", "richMenuId": made}
    ids = [{"id": world.people["alice"].user_id}]
    for where, body in (
        ("/v2/bot/richmenu/alias", alias),
        ("/v2/bot/audienceGroup/upload", {"description": "a", "audiences": ids}),
        ("/v2/bot/message/broadcast", {"messages": [{"type": "text", "text": "a"}]}),
    ):
        assert call("POST", where, body).status < 300
    return world


@thoroughly
@given(operation=every, body=bodies | anything, query=queries)
def test_any_json_to_any_operation(busy: World, operation: Any, body: Any, query: str) -> None:
    raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    path = path_of(operation.template, busy)
    assert ask(busy, operation.method, path, raw, query=query) < 500


@thoroughly
@given(operation=every, body=st.binary(max_size=60), kind=kinds, query=queries)
def test_any_bytes_to_any_operation(
    busy: World, operation: Any, body: bytes, kind: str, query: str
) -> None:
    path = path_of(operation.template, busy)
    assert ask(busy, operation.method, path, body, kind=kind, query=query) < 500


@quickly
@given(operation=st.sampled_from(WITH_FORMS), fields=forms)
def test_any_form(busy: World, operation: Any, fields: dict[str, str]) -> None:
    raw = urlencode(fields, errors="replace").encode()
    kind = "application/x-www-form-urlencoded"
    assert ask(busy, operation.method, operation.template, raw, kind=kind) < 500


@quickly
@given(operation=st.sampled_from(WITH_FILES), parts=st.lists(st.tuples(names, contents)))
def test_any_form_with_files(busy: World, operation: Any, parts: list[tuple[str, bytes]]) -> None:
    raw = b"".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n"
        for name, content in parts
    )
    kind = "multipart/form-data; boundary=b"
    assert ask(busy, operation.method, operation.template, raw + b"--b--", kind=kind) < 500


@quickly
@given(parts=st.lists(st.binary(max_size=30).map(encoded) | st.text(max_size=9), max_size=4))
def test_any_assertion(busy: World, parts: list[str]) -> None:
    """Whatever stands between the dots."""
    fields = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": ".".join(parts),
    }
    raw = urlencode(fields, errors="replace").encode()
    kind = "application/x-www-form-urlencoded"
    assert ask(busy, "POST", "/oauth2/v2.1/token", raw, kind=kind) in {400, 404}


@quickly
@given(data=st.data(), base=st.sampled_from(sorted(GOOD)))
def test_requests_with_one_thing_changed(busy: World, base: str, data: st.DataObject) -> None:
    """A good rich menu, coupon, narrowcast or audience with any value at any place."""
    body = json.loads(json.dumps(GOOD[base]))
    holder, key = data.draw(st.sampled_from(places_in(body)))
    holder[key] = data.draw(anything)
    raw = json.dumps(body).encode("utf-8", "replace")
    assert ask(busy, "POST", base, raw) in {200, 202, 400, 403, 429}


@quickly
@given(operation=every, method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]))
def test_any_method(busy: World, operation: Any, method: str) -> None:
    assert ask(busy, method, path_of(operation.template, busy), b"{}") < 500


@quickly
@given(base=st.sampled_from(sorted(BASES)), data=st.data())
def test_messages_with_one_thing_changed(world: World, base: str, data: st.DataObject) -> None:
    """A good message with any value at any place is taken or refused, never an error of ours."""
    message = json.loads(json.dumps(BASES[base]))
    holder, key = data.draw(st.sampled_from(places_in(message)))
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


numbers = st.integers(-2, 700) | st.floats() | st.none()
effects = st.fixed_dictionaries(
    {"type": st.sampled_from(EFFECTS)},
    optional={
        "status": numbers,
        "seconds": numbers,
        "after": numbers,
        "acted": st.booleans(),
        "quota": st.booleans(),
        "message": scalars,
    },
)
rules = st.fixed_dictionaries(
    {"endpoint": st.sampled_from(["reply", "webhook", "*"]), "effect": effects},
    optional={"probability": numbers, "times": numbers, "seed": numbers},
)


@quickly
@given(asked=rules)
def test_any_rule(asked: Any) -> None:
    """A rule has sense and can be asked, or is refused with a sentence."""
    faults = Faults()
    try:
        faults.replace([rule_from(asked)])
    except ValueError as error:
        outcome = str(error)
    else:
        effect = faults.strike(asked["endpoint"].replace("*", "push"))
        outcome = described(effect) if effect is not None else "passed by"
    assert outcome


@pytest.mark.parametrize("path", PATHS)
def test_any_json_over_http(sim: httpx.Client, path: str) -> None:
    """The same through the server, where an error of ours would be a 500."""

    @settings_of(max_examples=25, deadline=None)
    @given(body=bodies | anything, quiet=st.booleans())
    def run(body: Any, *, quiet: bool) -> None:
        if isinstance(body, dict):
            body = {"from": "alice", "quiet": quiet, **body}
            body.pop("webhook", None)
        raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        assert sim.post(f"/sim/{path}", content=raw).status_code < 500

    run()
    assert sim.get("/sim/world").status_code == 200
    assert sim.get("/sim/wire").status_code == 200
