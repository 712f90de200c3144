"""The clock that is moved through /sim, and coupons as the page asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from penniless.simulator import MovableClock, Simulator
from penniless.simulator.operations import OPERATIONS
from penniless.simulator.page_control import FARTHEST
from penniless.simulator.quota import PLANS
from penniless.simulator.server import serving
from tests.simulator.conftest import TOKEN
from tests.simulator.peers import StubBot
from tests.simulator.test_offers import coupon
from tests.simulator.test_travels import failing, until

AUTHORIZED = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def movable() -> Simulator:
    """A simulator on the clock of `penniless sim`."""
    return Simulator(
        channel_access_token=TOKEN,
        clock=MovableClock(),
        redelivery=True,
        redelivery_schedule=[3600],
    )


@pytest.fixture(scope="module")
def client(movable: Simulator) -> Iterator[httpx.Client]:
    with (
        serving(movable) as url,
        httpx.Client(base_url=url, verify=False, trust_env=False, timeout=10) as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("asked", "moved"),
    [
        ({"advance": "61s"}, 61_000),
        ({"advance": "1h 30min"}, 5_400_000),
        ({"seconds": 61}, 61_000),
        ({"seconds": 0.5}, 500),
        ({"seconds": FARTHEST}, FARTHEST * 1000),
    ],
)
def test_the_clock_moves_on(
    client: httpx.Client, movable: Simulator, asked: dict[str, Any], moved: int
) -> None:
    """By exactly that much; the answer and the world say what time it is."""
    before = movable.world.now()
    answer = client.post("/sim/clock", json=asked)
    assert answer.status_code == 200
    assert 0 <= answer.json()["now"] - before - moved < 5_000
    world = client.get("/sim/world").json()
    assert world["clockMoves"] is True
    assert world["now"] >= answer.json()["now"]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"advance": "61s", "seconds": 61},
        {"advance": "soon"},
        {"advance": ""},
        {"advance": 61},
        {"advance": "0s"},
        {"advance": "367d"},
        {"advance": "9" * 400 + "d"},
        {"advance": "-5s"},
        {"advance": "六十一s"},
        {"seconds": "61"},
        {"seconds": True},
        {"seconds": 0},
        {"seconds": -1},
        {"seconds": FARTHEST + 1},
        {"seconds": None},
    ],
)
def test_what_moves_no_clock(client: httpx.Client, asked: dict[str, Any]) -> None:
    """One sentence, and it is the time it was."""
    before = client.get("/sim/world").json()["now"]
    answer = client.post("/sim/clock", json=asked)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert client.get("/sim/world").json()["now"] - before < 5_000


def test_the_computers_clock_cannot_be_moved(sim: httpx.Client) -> None:
    """A simulator made without a clock of its own says so."""
    assert sim.post("/sim/clock", json={"seconds": 1}).status_code == 409
    assert sim.get("/sim/world").json()["clockMoves"] is False


def test_redeliveries_and_reply_tokens_follow(client: httpx.Client, bot: StubBot) -> None:
    """What is due by the moved clock goes out at once; the reply token of the first is too old."""
    bot.behave = failing(1)
    client.post("/sim/reset")
    client.post("/sim/channel", json={"webhook": bot.url})
    first = client.post("/sim/message", json={"from": "alice", "text": "你好"}).json()["webhook"]
    assert first["status"] == 500
    token = first["body"]["events"][0]["replyToken"]
    client.post("/sim/clock", json={"advance": "59min"})
    assert client.get("/sim/world").json()["pending"] == 1
    reply = {"replyToken": token, "messages": [{"type": "text", "text": "hi"}]}
    refused = client.post("/v2/bot/message/reply", json=reply, headers=AUTHORIZED)
    assert refused.json() == {"message": "Invalid reply token"}
    client.post("/sim/clock", json={"advance": "1min"})
    assert client.get("/sim/world").json()["now"] >= first["time"] + 3_600_000
    until(lambda: len(bot.received) == 2)
    assert bot.received[1].events[0]["deliveryContext"] == {"isRedelivery": True}


def test_a_coupon_as_the_bot_made_it(client: httpx.Client) -> None:
    """By its id; an id that is nobody's is null, not an error."""
    wanted = coupon(endTimestamp=2**52)
    made = client.post("/v2/bot/coupon", json=wanted, headers=AUTHORIZED).json()["couponId"]
    shown = client.get(f"/sim/coupons/{made}").json()["coupon"]
    assert (shown["couponId"], shown["title"]) == (made, wanted["title"])
    assert shown["status"]
    assert client.get("/sim/coupons/nobodys").json() == {"coupon": None}


def test_every_operation_and_plan_is_named(client: httpx.Client) -> None:
    """What the page offers to choose is what the simulator takes."""
    listed = client.get("/sim/operations").json()["operations"]
    assert [one["name"] for one in listed] == [one.name for one in OPERATIONS]
    reply = {"name": "reply", "method": "POST", "template": "/v2/bot/message/reply"}
    assert listed[0] == {**reply, "rate": [2000, 1]}
    assert client.get("/sim/world").json()["plans"] == PLANS
