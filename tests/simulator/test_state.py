"""The state of a world: saved, loaded into another one, which then answers the same."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, event, given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from penniless.simulator import World, operations, state
from penniless.simulator.acts import act
from penniless.simulator.api import answer
from penniless.simulator.clock import VirtualClock
from penniless.simulator.control import world_shown
from penniless.simulator.demographics import Attributes, Demographics
from penniless.simulator.exchange import Request
from penniless.simulator.guesses import changed
from penniless.simulator.jwt import Key
from penniless.simulator.places import Refused
from penniless.simulator.settings import change
from penniless.simulator.transcript import transcript
from tests.simulator.conftest import SECRET, TOKEN, Call
from tests.simulator.pictures import png
from tests.simulator.test_fuzz import anything, places_in
from tests.simulator.test_offers import coupon

Json = dict[str, Any]
HOUR = 3_600_000
AREA = {
    "bounds": {"x": 0, "y": 0, "width": 800, "height": 270},
    "action": {"type": "message", "text": "メニュー"},
}
MENU = {
    "size": {"width": 800, "height": 270},
    "selected": True,
    "name": "menu",
    "chatBarText": "開く",
    "areas": [AREA],
}


def as_json(world: World) -> Json:
    found: Json = json.loads(state.encoded(world))
    return found


@pytest.fixture
def lived_in(world: World, call: Call, clock: VirtualClock) -> World:
    """A world in which a bit of everything has happened."""
    hanako = world.add_person("hanako", display_name="花子 🍎", language="ja")
    family = world.add_group("family", ["alice", "hanako"])
    act(world, {"from": "alice", "text": "สวัสดี"})
    act(world, {"from": "hanako", "in": "family", "image": {}})
    clock.advance(seconds=5)

    def done(method: str, path: str, body: Any = None, **headers: str) -> Json:
        response = call(method, path, body, headers=headers)
        assert response.status < 300, response.body
        found: Json = json.loads(response.body)
        return found

    text = [{"type": "text", "text": "hello"}]
    sent = {"to": hanako.user_id, "messages": text, "customAggregationUnits": ["spring"]}
    key = {"x-line-retry-key": "123e4567-e89b-12d3-a456-426614174000"}
    done("POST", "/v2/bot/message/push", sent, **key)
    done("POST", "/v2/bot/message/narrowcast", {"messages": text})
    done("POST", "/v2/bot/audienceGroup/upload", {"description": "友", "audiences": []})
    done("POST", "/v2/bot/coupon", coupon(endTimestamp=2**50))
    menu = done("POST", "/v2/bot/richmenu", MENU)["richMenuId"]
    picture = {"content-type": "image/png"}
    done("POST", f"/v2/bot/richmenu/{menu}/content", png(800, 270), **picture)
    done("POST", f"/v2/bot/user/{hanako.user_id}/richmenu/{menu}", b"")
    done("POST", "/v2/bot/richmenu/alias", {"richMenuAliasId": "tab-a", "richMenuId": menu})
    done("POST", f"/v2/bot/user/{hanako.user_id}/linkToken", b"")
    plans = [{"membershipId": 7, "title": "Gold", "price": 500, "currency": "JPY"}]
    change(world, {"verified": True, "quota": 1_000, "memberships": plans, "chatMode": "chat"})
    act(world, {"from": "hanako", "membership": {"type": "joined", "membershipId": 7}})
    change(world, {"module": True})
    done("POST", f"/v2/bot/chat/{hanako.user_id}/control/release", b"")
    world.account.keys = {"of-mine": Key(2**2047 + 1, 65_537)}
    world.part(Demographics).of.setdefault(hanako.user_id, _attributes())
    assert family.has_bot
    return world


def _attributes() -> Attributes:
    return Attributes(gender="female", age=30)


def another(clock: VirtualClock) -> World:
    return World(clock=clock, channel_secret=SECRET, channel_access_token=TOKEN)


GETS = sorted(
    one.template for family in operations.FAMILIES.values() for one in family if one.method == "GET"
)


def filled(template: str, world: World) -> str:
    """A path of a GET with ids that are known in that world."""
    saved = as_json(world)
    parts = saved["parts"]
    message_id = next(iter(saved["media"]))
    (request_id,) = parts["narrowcasts"]["known"]
    ids = {
        "userId": world.people["hanako"].user_id,
        "groupId": world.groups["family"].id,
        "roomId": world.groups["family"].id,
        "messageId": message_id,
        "richMenuId": next(iter(parts["richMenus"]["menus"])),
        "richMenuAliasId": "tab-a",
        "audienceGroupId": next(iter(parts["audiences"]["known"])),
        "couponId": next(iter(parts["coupons"]["known"])),
        "membershipId": "7",
        "requestId": request_id,
    }
    for name, value in ids.items():
        template = template.replace(f"{{{name}}}", str(value))
    assert "{" not in template
    return f"{template}?requestId={request_id}&date=20251231&customAggregationUnit=spring"


def answered(world: World, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    path, _, query = path.partition("?")
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    response = answer(
        world, Request(method=method, path=path, query=query, headers=headers, body=body)
    )
    return response.status, response.body


@pytest.mark.parametrize("template", GETS)
def test_the_loaded_world_answers_the_same(
    lived_in: World, clock: VirtualClock, template: str
) -> None:
    """Every operation that only looks gives the same status and bytes in both worlds."""
    path = filled(template, lived_in)
    loaded = another(clock)
    state.load(loaded, as_json(lived_in))
    if path.startswith("/v2/bot/channel/webhook/endpoint"):
        assert answered(loaded, "GET", path)[0] == 404
        return
    clock.advance(seconds=2)
    assert answered(loaded, "GET", path) == answered(lived_in, "GET", path)


def test_a_state_of_what_was_loaded_is_the_same_state(lived_in: World, clock: VirtualClock) -> None:
    """Saved, loaded and saved again: equal but for the number that was given meanwhile."""
    saved = as_json(lived_in)
    loaded = another(clock)
    state.load(loaded, saved)
    again = as_json(loaded)
    assert again.pop("seq") > saved.pop("seq")
    assert again == saved


def test_what_sim_shows_is_the_same(lived_in: World, clock: VirtualClock) -> None:
    """People, groups, settings and quota; not the webhook, which is of one run."""
    loaded = another(clock)
    state.load(loaded, as_json(lived_in))
    shown, expected = (json.loads(msgspec.json.encode(world_shown(w))) for w in (loaded, lived_in))
    assert expected["channel"].pop("webhook")
    assert shown["channel"].pop("webhook") is None
    assert shown.pop("pending") == 0
    assert expected.pop("pending") > 0
    assert shown == expected


def test_chats_go_on(lived_in: World, clock: VirtualClock) -> None:
    """New entries get higher numbers, and a quote of an old message is still a quote."""
    loaded = another(clock)
    state.load(loaded, as_json(lived_in))
    alice = loaded.people["alice"].user_id
    old = loaded.chat(alice).entries[0]
    new = act(loaded, {"from": "alice", "text": "again", "quote": old.id}).entry
    assert new is not None
    assert new.quoted == {"id": old.id, "name": "Alice", "text": "สวัสดี"}
    assert (new.seq > old.seq, int(new.id) > int(old.id)) == (True, True)
    assert loaded.ids.opened_quote(old.message["quoteToken"]) == (alice, old.id)


def test_whose_turn_it_is_goes_on(lived_in: World, clock: VirtualClock) -> None:
    """A chat that a module channel gave back is still in standby."""
    loaded = another(clock)
    state.load(loaded, as_json(lived_in))
    webhook = act(loaded, {"from": "hanako", "text": "hi"}).webhook
    assert webhook is not None
    assert [one["mode"] for one in webhook.body["events"]] == ["standby"]


def test_no_credential_is_in_it(lived_in: World) -> None:
    """Neither the secret nor the access token, nor where the bot listens."""
    raw = state.encoded(lived_in).decode()
    assert SECRET not in raw
    assert TOKEN not in raw
    assert "/callback" not in raw


def test_every_part_of_a_world_is_known(lived_in: World) -> None:
    """A part that a module adds, or a new attribute of one, has to be saved too."""
    parts = {kind: set(attributes) for kind, attributes in state.PARTS.values()}
    assert {type(one) for one in vars(lived_in)["_parts"].values()} <= set(parts)
    assert {kind: set(vars(lived_in.part(kind))) for kind in parts} == parts
    asked: set[str] = set()
    for file in Path(state.__file__).parent.glob("*.py"):
        asked |= set(re.findall(r"\.part\(([A-Z]\w+)\)", file.read_text(encoding="utf-8")))
    assert asked == {kind.__name__ for kind in parts}


def test_media_are_bounded(world: World) -> None:
    """The newest are saved, whole; the oldest are left out."""
    data = base64.b64encode(bytes(5 * 1024 * 1024)).decode()
    sent = [act(world, {"from": "alice", "image": {"data": data}}).entry for _ in range(3)]
    assert list(as_json(world)["media"]) == [one.id for one in sent[1:] if one]


def test_a_clock_behind_it_is_moved_on(lived_in: World) -> None:
    """Times of the state are never in the future of the world that loads it."""
    clock = VirtualClock(lived_in.now() - HOUR)
    state.load(another(clock), as_json(lived_in))
    assert clock.now() == lived_in.now()


def test_the_month_of_the_quota_is_that_of_the_guess() -> None:
    """Where the month starts at another hour, what was used of it is not forgotten on the way."""
    last_evening = VirtualClock(1_769_875_200_000)  # 2026-01-31 16:00 UTC, February in Japan
    used = another(last_evening)
    used.set_guesses(changed(used.guesses, {"quotaTimeZone": "UTC"}))
    used.quota.count(7, used.now())
    loaded = another(last_evening)
    state.load(loaded, as_json(used))
    assert loaded.quota.used(loaded.now()) == 7


def without(name: str) -> Callable[[Json], Any]:
    return lambda saved: {key: value for key, value in saved.items() if key != name}


def _with_shape(saved: Json, part: str, name: str, **changed: Any) -> Json:
    """The state with another shape of its first coupon or rich menu."""
    found = next(iter(saved["parts"][part][name].values()))
    found["shape"] = {**found["shape"], **changed}
    return saved


DAMAGES: dict[str, Callable[[Json], Any]] = {
    "a list": lambda saved: [saved],
    "null": lambda _: None,
    "empty": lambda _: {},
    "another format": lambda saved: {**saved, "format": "zip"},
    "a later version": lambda saved: {**saved, "version": 2},
    "no version": without("version"),
    "no people": without("people"),
    "an unknown field": lambda saved: {**saved, "future": 1},
    "a wrong type": lambda saved: {**saved, "seq": "1"},
    "a huge number": lambda saved: {**saved, "seq": 10**30},
    "a time after 2100": lambda saved: {**saved, "now": 2**52},
    "a bad setting": lambda saved: {**saved, "channel": {**saved["channel"], "quota": -1}},
    "a bad key": lambda saved: {**saved, "keys": [{"kty": "EC"}]},
    "twins": lambda saved: {**saved, "people": saved["people"] * 2},
    "a stranger's id": lambda saved: {
        **saved,
        "people": [{**saved["people"][0], "userId": "U1"}, *saved["people"][1:]],
    },
    "a group of nobodies": lambda saved: {
        **saved,
        "groups": [{**saved["groups"][0], "members": ["nobody"]}],
    },
    "a chat of nobody": lambda saved: {**saved, "chats": {"U1": []}},
    "a part's wrong type": lambda saved: {**saved, "parts": {"coupons": {"known": 1}}},
    "a coupon without a reward": lambda saved: _with_shape(saved, "coupons", "known", reward=None),
    "a rich menu without a size": lambda saved: _with_shape(saved, "richMenus", "menus", size=None),
    "a text of ids": lambda saved: {**saved, "ids": "zz"},
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=list(DAMAGES))
def test_what_is_no_state_changes_nothing(lived_in: World, damage: Callable[[Json], Any]) -> None:
    """400 and one sentence; the world is as it was."""
    before = without("seq")(as_json(lived_in))
    with pytest.raises(Refused) as refused:
        state.load(lived_in, damage(as_json(lived_in)))
    assert refused.value.status == 400
    assert "\n" not in str(refused.value)
    assert without("seq")(as_json(lived_in)) == before


@settings_of(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_state_with_one_thing_changed(lived_in: World, data: st.DataObject) -> None:
    """It is refused, or the loaded world works: it is shown, saved, asked, and people write."""
    saved = as_json(lived_in)
    holder, key = data.draw(st.sampled_from(places_in(saved)))
    holder[key] = data.draw(anything)
    world = another(VirtualClock())
    try:
        state.load(world, json.loads(json.dumps(saved)))
    except Refused as refused:
        outcome = str(refused)
    else:
        outcome = "loaded"
        works(world)
    event(outcome[:30])


def works(world: World) -> None:
    """No question about this world is an error of ours, and it can be saved and loaded again."""
    msgspec.json.encode(world_shown(world))
    for chat in world.chats.values():
        assert transcript(list(chat.entries)) is not None
    for template in GETS:
        path = re.sub(r"\{(\w+)\}", lambda found: first_of(world, found[1]), template)
        status, _ = answered(world, "GET", f"{path}?date=20251231&customAggregationUnit=spring")
        assert status < 500
    for name in [*world.people]:
        if not world.people[name].blocked:
            act(world, {"from": name, "text": "hello"})
    text = [{"type": "text", "text": "hello"}]
    body = json.dumps({"messages": text}).encode()
    for way in ("broadcast", "narrowcast"):
        assert answered(world, "POST", f"/v2/bot/message/{way}", body)[0] in {200, 202, 403, 429}
    state.load(World(), as_json(world))


def first_of(world: World, name: str) -> str:
    """An id of that name which is known in this world, if there is any."""
    parts = as_json(world)["parts"]
    known: dict[str, Any] = {
        "userId": [one.user_id for one in world.people.values()],
        "groupId": [one.id for one in world.groups.values()],
        "roomId": [one.id for one in world.groups.values()],
        "messageId": list(world.media),
        "richMenuId": list(parts["richMenus"]["menus"]),
        "richMenuAliasId": list(parts["aliases"]["menus"]),
        "audienceGroupId": list(parts["audiences"]["known"]),
        "couponId": list(parts["coupons"]["known"]),
        "membershipId": ["7"],
    }
    return str(next(iter(known[name]), "1"))


def test_a_file_from_windows(lived_in: World) -> None:
    """A byte order mark and Windows line ends change nothing."""
    saved = as_json(lived_in)
    lines = json.dumps(saved, indent=1, ensure_ascii=False).replace("\n", "\r\n")
    assert state.decoded(b"\xef\xbb\xbf" + lines.encode()) == saved


def test_over_http(sim: httpx.Client, lived_in: World) -> None:
    """GET what PUT put; and what is no state is 400."""
    assert sim.put("/sim/state", content=state.encoded(lived_in)).json() == {}
    assert "花子 🍎" in sim.get("/sim/state").text
    assert len(sim.get("/sim/chat/family").json()["entries"]) > 0
    (media,) = as_json(lived_in)["media"]
    assert sim.get(f"/sim/media/{media}").status_code == 200
    for content in (b"", b"{", b"\xff", b"[" * 100_000, b"{}", b"[]"):
        answer = sim.put("/sim/state", content=content)
        assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert "hanako" in [one["name"] for one in sim.get("/sim/world").json()["people"]]
