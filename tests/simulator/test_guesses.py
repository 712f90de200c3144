"""What LINE does not say: every guess can be switched, and each value makes a difference."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from penniless.errors import SettingsError
from penniless.simulator import Simulator, VirtualClock, World, state
from penniless.simulator.guesses import Guesses, changed, from_words, table, values_of, written
from penniless.simulator.ids import id_of
from penniless.simulator.places import Refused
from penniless.simulator.server import serving
from tests.cli.running import awaited
from tests.simulator.conftest import SECRET, TOKEN
from tests.simulator.peers import StubBot, raw_server
from tests.simulator.pictures import png

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"
TEXT = [{"type": "text", "text": "hello"}]
STRANGER = "U" + "0" * 32
DAY = 24 * 3600


class Scene:
    """A simulator that is really served, with a bot behind it and a clock that the test moves."""

    def __init__(self, http: httpx.Client, bot: StubBot, clock: VirtualClock) -> None:
        self.http, self.bot, self.clock = http, bot, clock

    def guess(self, **values: Any) -> None:
        assert self.http.post("/sim/channel", json={"guesses": values}).status_code == 200

    def sim(self, path: str, **asked: Any) -> dict[str, Any]:
        answer = self.http.post(f"/sim/{path}", json=asked)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def says(self, **act: Any) -> dict[str, Any]:
        """What `POST /sim/message` answers when Alice does that."""
        return self.sim("message", **{"from": "alice", **act})

    def token(self) -> str:
        """A fresh reply token of Alice's."""
        found: str = self.says(text="hi")["webhook"]["body"]["events"][0]["replyToken"]
        return found

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {TOKEN}", **more.pop("headers", {})}
        sent = {} if body is None else {"json": body}
        return self.http.request(method, f"/v2/bot/{path}", headers=headers, **sent, **more)

    def push(self, **message: Any) -> int:
        body = {"to": self.id("alice"), "messages": [message]}
        return self.call("POST", "message/push", body).status_code

    def id(self, name: str) -> str:
        return id_of("user", name)

    def heard(self, name: str) -> int:
        """How many messages of the bot stand in a chat."""
        entries = self.http.get(f"/sim/chat/{name}").json()["entries"]
        return sum(one["from"] == "bot" for one in entries)

    def fails(self, status: int = 500) -> None:
        self.bot.behave = lambda _received: (status, {})

    def recovers(self) -> None:
        self.fails(200)

    def rich_menu(self, width: int = 800, height: int = 250, **changed: Any) -> httpx.Response:
        area = {"bounds": {"x": 0, "y": 0, "width": 1, "height": 1}, "action": TAP}
        shape = {"size": {"width": width, "height": height}, "selected": False, "areas": [area]}
        return self.call("POST", "richmenu", {**shape, "name": "a", "chatBarText": "b", **changed})

    def picture(self, menu_id: str) -> int:
        headers = {"content-type": "image/png"}
        path, data = f"richmenu/{menu_id}/content", png(800, 250)
        return self.call("POST", path, content=data, headers=headers).status_code

    def shown_menu(self) -> str:
        """A rich menu with its picture."""
        menu_id: str = self.rich_menu().json()["richMenuId"]
        assert self.picture(menu_id) == 200
        return menu_id


TAP = {"type": "message", "text": "tap"}


@pytest.fixture(scope="module")
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(scope="module")
def http(clock: VirtualClock) -> Iterator[httpx.Client]:
    simulator = Simulator(SECRET, TOKEN, clock=clock)
    with (
        serving(simulator) as url,
        httpx.Client(base_url=url, verify=False, trust_env=False, timeout=10) as client,
    ):
        yield client


@pytest.fixture
def scene(http: httpx.Client, bot: StubBot, clock: VirtualClock) -> Scene:
    http.post("/sim/reset")
    plain = {"webhook": bot.url, "quota": 200, "greeting": None, "autoReply": None}
    as_usual = {"redelivery": False, "guesses": values_of(Guesses())}
    assert http.post("/sim/channel", json={**plain, **as_usual}).status_code == 200
    return Scene(http, bot, clock)


# One question for each guess, put over HTTP


def late_reply(at: Scene) -> int:
    token = at.token()
    at.clock.advance(seconds=45)
    return at.call("POST", "message/reply", reply(token, TEXT)).status_code


def reply(token: str, messages: Any) -> dict[str, Any]:
    return {"replyToken": token, "messages": messages}


def reply_after_a_bad_one(at: Scene) -> int:
    token = at.token()
    bad = at.call("POST", "message/reply", reply(token, [{"type": "text", "text": ""}]))
    assert bad.status_code == 400
    assert "replyToken" not in bad.text
    return at.call("POST", "message/reply", reply(token, TEXT)).status_code


def redirected(at: Scene) -> str:
    moved = {"location": "/moved"}
    at.bot.behave = lambda one: (200, {}) if one.path == "/moved" else (307, moved)
    found = at.says(text="hi")["webhook"]
    last = at.bot.received[-1]
    assert (last.path == "/moved") == (found["status"] == 200)
    assert last.body == found["raw"].encode()
    return str(found["reason"])


def no_content(at: Scene) -> str:
    at.fails(204)
    return str(at.says(text="hi")["webhook"]["reason"])


def slow_body(at: Scene) -> str:
    def speak(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")
        while connection.recv(65536):
            """It is LINE who hangs up."""

    with raw_server(speak) as url:
        at.sim("channel", webhook=url)
        return str(at.says(text="hi")["webhook"]["reason"])


def redelivered_batch(at: Scene) -> list[int]:
    at.sim("channel", redelivery=True, redeliverySchedule=[1])
    at.fails()
    both = [{"from": "alice", "text": "a"}, {"from": "bob", "text": "b"}]
    at.sim("webhook", events=both)
    at.recovers()
    at.clock.advance(seconds=1)
    awaited(lambda: at.http.get("/sim/world").json()["pending"] == 0)
    return [len(one.events) for one in at.bot.received[1:]]


def after_an_hour_of_failures(at: Scene) -> str:
    at.fails()
    at.says(text="1")
    at.clock.advance(seconds=3600)
    at.recovers()
    return str(at.says(text="2")["webhook"]["reason"])


def named_in_group(at: Scene) -> list[bool]:
    at.sim("groups", name="family", members=["alice"])
    postback = at.says(postback={"data": "x"}, **{"in": "family"})
    joined = at.sim("groups/family/join", person="bob")
    sources = [one["webhook"]["body"]["events"][0]["source"] for one in (postback, joined)]
    return ["userId" in source for source in sources]


def multicast_to_a_stranger(at: Scene) -> tuple[int, int]:
    body = {"to": [at.id("alice"), STRANGER], "messages": TEXT}
    return at.call("POST", "message/multicast", body).status_code, at.heard("alice")


def hours_of_the_new_month(at: Scene) -> list[int]:
    """How much is used at 15:30, 16:30 and 17:30 UTC of a month's last day, and at 0:30 after."""
    now = datetime.fromtimestamp(at.clock.now() / 1000, UTC)
    first = datetime(now.year + 1, 1, 1, tzinfo=UTC).timestamp()
    at.clock.advance(seconds=first - 9.5 * 3600 - at.clock.now() / 1000)
    assert at.push(**TEXT[0]) == 200
    used = []
    for hours in (1, 1, 1, 7):
        at.clock.advance(seconds=hours * 3600)
        used.append(at.call("GET", "message/quota/consumption").json()["totalUsage"])
    return used


def to_two_people_with_quota_for_one(at: Scene) -> tuple[int, int, int]:
    at.sim("channel", quota=1)
    body = {"to": [at.id("alice"), at.id("bob")], "messages": TEXT}
    status = at.call("POST", "message/multicast", body).status_code
    return status, at.heard("alice"), at.heard("bob")


def narrowcast_beyond_the_quota(at: Scene) -> Any:
    at.sim("channel", quota=1)
    answer = at.call("POST", "message/narrowcast", {"messages": TEXT})
    assert at.heard("alice") == 0
    if answer.status_code != 202:
        return answer.status_code
    at.clock.advance(seconds=2)
    request_id = answer.headers["x-line-request-id"]
    shown = at.call("GET", f"message/progress/narrowcast?requestId={request_id}").json()
    return shown["phase"], shown["errorCode"]


def retry_after(at: Scene) -> list[str | None]:
    answers = [at.call("POST", "richmenu/batch", {}) for _ in range(4)]
    assert [one.status_code for one in answers] == [400, 400, 400, 429]
    at.sim("faults", endpoint="push", effect={"type": "status", "status": 429}, times=1)
    body = {"to": at.id("alice"), "messages": TEXT}
    answers.append(at.call("POST", "message/push", body))
    return [one.headers.get("retry-after") for one in answers[3:]]


def flood(at: Scene) -> list[int]:
    body = {"to": at.id("alice"), "messages": TEXT * 5}
    return [at.call("POST", "message/push", body).status_code for _ in range(13)][11:]


def unknown_property(at: Scene) -> list[int]:
    action = {"type": "action", "action": {**TAP, "label": "a", "colour": "red"}}
    second = {"type": "text", "text": "a", "quickReply": {"items": [action]}}
    known = {"type": "textV2", "text": "{a}", "substitution": {"a": EMOJI}}
    return [at.push(type="text", text="a", colour="red"), at.push(**second), at.push(**known)]


EMOJI = {"type": "emoji", "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}


def unknown_coupon(at: Scene) -> list[int]:
    shape = {
        "title": "a",
        "acquisitionCondition": {"type": "normal"},
        "maxUseCountPerTicket": 1,
        "startTimestamp": 0,
        "endTimestamp": 4_000_000_000,
        "timezone": "ASIA_TOKYO",
        "reward": {"type": "free"},
        "visibility": "PUBLIC",
    }
    made = at.call("POST", "coupon", shape)
    assert made.status_code == 200, made.text
    known = made.json()["couponId"]
    return [at.push(type="coupon", couponId="01JX"), at.push(type="coupon", couponId=known)]


def old_sticker(at: Scene) -> int:
    return at.push(type="sticker", packageId="1", stickerId="1")


def name_with_line(at: Scene) -> int:
    return at.push(**TEXT[0], sender={"name": "Line shop"})


def picture_of_half_the_size(at: Scene) -> int:
    return at.picture(at.rich_menu(1600, 500).json()["richMenuId"])


def area_outside(at: Scene) -> int:
    area = {"bounds": {"x": 700, "y": 0, "width": 101, "height": 250}, "action": TAP}
    return at.rich_menu(areas=[area]).status_code


def alias_of_a_deleted_menu(at: Scene) -> list[int]:
    menu_id, alias = at.shown_menu(), "richmenu/alias"
    made = {"richMenuAliasId": "tab-a", "richMenuId": menu_id}
    assert at.call("POST", alias, made).status_code == 200
    at.call("DELETE", f"richmenu/{menu_id}")
    again = {"richMenuAliasId": "tab-a", "richMenuId": at.shown_menu()}
    read = at.call("GET", f"{alias}/tab-a")
    return [read.status_code, at.call("POST", alias, again).status_code]


def bulk_link(at: Scene) -> list[int]:
    alice, found = at.id("alice"), []
    link = {"richMenuId": at.shown_menu(), "userIds": [alice]}
    for path, body in (("link", link), ("unlink", {"userIds": [alice]})):
        assert at.call("POST", f"richmenu/bulk/{path}", body).status_code == 202
        found.append(at.call("GET", f"user/{alice}/richmenu").status_code)
        at.clock.advance(seconds=1)
        found.append(at.call("GET", f"user/{alice}/richmenu").status_code)
    return found


def greeted_after_unblocking(at: Scene) -> int:
    at.sim("channel", greeting="Welcome")
    at.sim("people/alice/block")
    at.sim("people/alice/unblock")
    return at.heard("alice")


def auto_replies(at: Scene) -> list[int]:
    at.sim("groups", name="family", members=["alice"])
    at.sim("channel", autoReply="Thanks")
    at.says(text="hello", **{"in": "family"})
    at.says(sticker={"packageId": "446", "stickerId": "1988"})
    return [at.heard("family"), at.heard("alice")]


def second_audience_of_a_name(at: Scene) -> int:
    made = [at.call("POST", "audienceGroup/upload", {"description": "a"}) for _ in range(2)]
    assert made[0].status_code == 202
    return made[1].status_code


def link_token_of_a_stranger(at: Scene) -> int:
    return at.call("POST", f"user/{STRANGER}/linkToken").status_code


def old_content(at: Scene) -> list[int]:
    path = f"message/{at.says(image={})['message']['id']}/content"
    found = [at.call("GET", path).status_code]
    at.clock.advance(seconds=7 * DAY + 1)
    return [*found, at.call("GET", path).status_code]


Probe = Callable[[Scene], Any]

PROBES: dict[str, tuple[Probe, dict[Any, Any]]] = {
    "replyTokenSeconds": (late_reply, {60: 200, 30: 400}),
    "badMessageUsesReplyToken": (reply_after_a_bad_one, {False: 200, True: 400}),
    "followsRedirects": (redirected, {False: "error_status_code", True: "ok"}),
    "only200Succeeds": (no_content, {False: "ok", True: "error_status_code"}),
    "answerBodyCounts": (slow_body, {True: "request_timeout", False: "ok"}),
    "batchRedelivery": (redelivered_batch, {"together": [2], "split": [1, 1]}),
    "suspendsWebhooks": (after_an_hour_of_failures, {False: "ok", True: "suspended"}),
    "groupEventsNamePerson": (named_in_group, {False: [False, False], True: [True, True]}),
    "unknownMulticastIds": (multicast_to_a_stranger, {"refused": (400, 0), "ignored": (200, 1)}),
    "quotaTimeZone": (
        hours_of_the_new_month,
        {
            "UTC+9": [0, 0, 0, 0],
            "UTC+8": [1, 0, 0, 0],
            "UTC+7": [1, 1, 0, 0],
            "UTC": [1, 1, 1, 0],
        },
    ),
    "beyondQuota": (
        to_two_people_with_quota_for_one,
        {"nobody": (429, 0, 0), "asManyAsFit": (200, 1, 0)},
    ),
    "narrowcastBeyondQuota": (
        narrowcast_beyond_the_quota,
        {"refused": 429, "failsLater": ("failed", 1)},
    ),
    "rateLimitRetryAfter": (retry_after, {False: [None, None], True: ["1200", "1"]}),
    "floodedPerson": (flood, {"accepted": [200, 200], "refused": [200, 429]}),
    "unknownProperties": (
        unknown_property,
        {"ignored": [200, 200, 200], "refused": [400, 400, 200]},
    ),
    "unknownCoupons": (unknown_coupon, {"accepted": [200, 200], "refused": [400, 200]}),
    "olderStickers": (old_sticker, {"accepted": 200, "refused": 400}),
    "namesWithLine": (name_with_line, {"refused": 400, "accepted": 200}),
    "richMenuPicture": (picture_of_half_the_size, {"exact": 400, "sameRatio": 200}),
    "areasOutsideRichMenu": (area_outside, {"refused": 400, "accepted": 200}),
    "deletedMenuAliases": (alias_of_a_deleted_menu, {"stay": [200, 400], "go": [404, 200]}),
    "bulkRichMenus": (
        bulk_link,
        {"atOnce": [200, 200, 404, 404], "afterASecond": [404, 200, 200, 404]},
    ),
    "greetsOnUnblock": (greeted_after_unblocking, {True: 1, False: 0}),
    "autoReplyTo": (auto_replies, {"texts": [0, 0], "everything": [1, 1]}),
    "sameAudienceNames": (second_audience_of_a_name, {"accepted": 202, "refused": 400}),
    "linkTokensOfStrangers": (link_token_of_a_stranger, {"refused": 404, "issued": 200}),
    "contentExpires": (old_content, {False: [200, 200], True: [200, 404]}),
}
"""What is asked, and what comes of each value."""

EACH = [(name, value) for name, (_, values) in table().items() for value in values]


def test_every_value_of_every_guess_is_tried() -> None:
    """No guess is without a question, no value without an outcome of its own."""
    assert {name: list(outcomes) for name, (_, outcomes) in PROBES.items()} == {
        name: list(values) for name, (_, values) in table().items()
    }
    for name, (_, outcomes) in PROBES.items():
        assert len({repr(one) for one in outcomes.values()}) == len(outcomes) > 1, name


@pytest.mark.parametrize(("name", "value"), EACH)
def test_each_value_does_what_it_says(scene: Scene, name: str, value: Any) -> None:
    """Over HTTP, with nothing else switched; the first value is what is done unless told."""
    probe, outcomes = PROBES[name]
    if value != table()[name][1][0]:
        scene.guess(**{name: value})
    assert probe(scene) == outcomes[value]


def test_suspended_webhooks_go_out_again(scene: Scene) -> None:
    """When the webhook is set anew, or LINE's test of it succeeds; none is in the statistics."""
    scene.guess(suspendsWebhooks=True)
    for resume in (
        lambda: scene.sim("channel", webhook=scene.bot.url),
        lambda: scene.call("POST", "channel/webhook/test", {}),
    ):
        assert after_an_hour_of_failures(scene) == "suspended"
        assert scene.http.get("/sim/world").json()["channel"]["suspended"] is True
        resume()
        assert scene.http.get("/sim/world").json()["channel"]["suspended"] is False
        assert scene.says(text="again")["webhook"]["reason"] == "ok"
    reasons = {one["reason"] for one in scene.http.get("/sim/errors").json()["errors"]}
    assert reasons == {"error_status_code"}


def test_endless_redirects_end(scene: Scene) -> None:
    """After five of them the last 3xx is the answer."""
    scene.guess(followsRedirects=True)
    scene.bot.behave = lambda _received: (308, {"location": "/again"})
    assert scene.says(text="hi")["webhook"]["status"] == 308
    assert len(scene.bot.received) == 6


@pytest.mark.parametrize("later", ["link", "unlink", "batch", "delete"])
def test_what_came_after_a_bulk_link_stays(scene: Scene, later: str) -> None:
    """The bulk link is done when its second is over, even if nobody looked before the next call."""
    scene.guess(bulkRichMenus="afterASecond")
    alice, bulk, other = scene.id("alice"), scene.shown_menu(), scene.shown_menu()
    scene.call("POST", "richmenu/bulk/link", {"richMenuId": bulk, "userIds": [alice]})
    scene.clock.advance(seconds=2)
    batch = {"operations": [{"type": "link", "from": bulk, "to": other}]}
    method, path, body, stays = {
        "link": ("POST", f"user/{alice}/richmenu/{other}", None, other),
        "unlink": ("DELETE", f"user/{alice}/richmenu", None, None),
        "batch": ("POST", "richmenu/batch", batch, other),
        "delete": ("DELETE", f"richmenu/{bulk}", None, None),
    }[later]
    assert scene.call(method, path, body).status_code in {200, 202}
    assert scene.call("GET", f"user/{alice}/richmenu").json().get("richMenuId") == stays


def test_world_has_what_a_page_needs(scene: Scene) -> None:
    """Name, question, sentence, values and current value of each; a reset changes none."""
    scene.guess(replyTokenSeconds=30)
    scene.http.post("/sim/reset")
    world = scene.http.get("/sim/world").json()
    first = world["guesses"][0]
    assert (first["name"], first["value"], first["values"]) == ("replyTokenSeconds", 30, [60, 30])
    assert [one["name"] for one in world["guesses"]] == list(table())
    assert all(one["question"] and one["sentence"] for one in world["guesses"])
    assert world["channel"]["guesses"] == {one["name"]: one["value"] for one in world["guesses"]}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"nothing": True}, "there is no guess 'nothing'; there are replyTokenSeconds, bad"),
        ({"replyTokenSeconds": 31}, "the guess replyTokenSeconds must be 60 or 30"),
        ({"followsRedirects": 1}, "the guess followsRedirects must be false or true"),
        ({"beyondQuota": ["nobody"]}, "the guess beyondQuota must be nobody or asManyAsFit"),
        ("followsRedirects", "guesses must be an object with names of replyTokenSeconds, bad"),
    ],
)
def test_mistakes(scene: Scene, asked: Any, sentence: str) -> None:
    """400 and a sentence with what there is; nothing has changed, also of what was right."""
    before = scene.http.get("/sim/world").json()["channel"]
    right = {"olderStickers": "refused", **asked} if isinstance(asked, dict) else asked
    answer = scene.http.post("/sim/channel", json={"guesses": right, "quota": 1})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(sentence)
    assert scene.http.get("/sim/world").json()["channel"] == before


def test_from_python() -> None:
    """With the names and values of /sim; a mistake is a SettingsError at once."""
    simulator = Simulator(guesses={"replyTokenSeconds": 30})
    simulator.set_guesses({"followsRedirects": True})
    found = simulator.world.guesses
    assert (found.reply_token_seconds, found.follows_redirects) == (30, True)
    with pytest.raises(SettingsError, match="there is no guess 'nothing'"):
        Simulator(guesses={"nothing": 1})
    with pytest.raises(SettingsError, match="60 or 30"):
        simulator.set_guesses({"replyTokenSeconds": 45})


def test_from_words() -> None:
    """Every value can be written on a command line; what cannot is told."""
    for name, value in EACH:
        assert from_words([f"{name}={written(value)}"]) == {name: value}
    assert from_words(["beyondQuota=nobody", "beyondQuota=asManyAsFit"]) == {
        "beyondQuota": "asManyAsFit"
    }
    for word in ("replyTokenSeconds", "replyTokenSeconds=", "replyTokenSeconds=45"):
        with pytest.raises(SettingsError, match="as replyTokenSeconds=60 or replyTokenSeconds=30"):
            from_words([word])
    with pytest.raises(SettingsError, match="there is no guess ''"):
        from_words(["=5"])


def test_they_are_in_a_state(world: World) -> None:
    """A saved world takes them along; one of a guess that there is not is refused as a whole."""
    asked = {name: values[-1] for name, (_, values) in table().items()}
    world.set_guesses(changed(world.guesses, asked))
    saved = json.loads(state.encoded(world))
    other = World()
    state.load(other, saved)
    assert values_of(other.guesses) == asked
    assert (other.reply_tokens.seconds, other.quota.hours) == (30, 0)
    saved["channel"]["guesses"]["nothing"] = True
    with pytest.raises(Refused, match="there is no guess 'nothing'"):
        state.load(World(), saved)


def test_the_page() -> None:
    """The table of the docs is this table, and its curl command names guesses that there are."""
    part = PAGE.read_text(encoding="utf-8").partition("\n## Where LINE does not say\n")[2]
    first, rest = re.findall(r"(?:^\|.*\n)+", part.partition("\n## ")[0], flags=re.MULTILINE)
    shown = [tuple(row.strip("| ").split(" | ")) for row in first.splitlines()[2:]]
    assert shown == [
        (
            guess.question,
            guess.here,
            " or ".join(f"`{name}={written(value)}`" for value in values[1:]),
        )
        for name, (guess, values) in table().items()
    ]
    others = [row.strip("| ").split(" | ") for row in rest.splitlines()[2:]]
    assert all(len(row) == 3 and all(row) for row in others)
    assert not {row[0] for row in others} & {row[0] for row in shown}
