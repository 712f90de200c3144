"""What the tests of the simulator share: a world whose clock stands still, a served simulator."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from penniless.simulator import Simulator
from penniless.simulator.api import answer
from penniless.simulator.clock import VirtualClock
from penniless.simulator.exchange import Request, Response
from penniless.simulator.server import serving
from penniless.simulator.world import World
from tests.simulator.peers import StubBot, stub_bot

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
TOKEN = "the-channel-access-token"

SETTINGS = {
    "quota": 200,
    "chatMode": "bot",
    "useWebhook": True,
    "redelivery": False,
    "redeliverySchedule": [5, 20, 60, 300],
    "rateLimits": True,
    "verified": False,
    "partner": False,
    "module": False,
    "privacy": False,
    "keys": [],
    "memberships": [],
    "greeting": None,
    "autoReply": None,
}

Call = Callable[..., Response]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def world(clock: VirtualClock) -> World:
    return World(
        clock=clock,
        channel_secret=SECRET,
        channel_access_token=TOKEN,
        webhook="http://127.0.0.1:1/callback",
        chance=random.Random(1),
    )


@pytest.fixture
def call(world: World) -> Call:
    """Call the Messaging API of the world, with its access token and without any socket."""

    def do(
        method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> Response:
        path, _, query = path.partition("?")
        sent = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        return answer(
            world,
            Request(
                method=method, path=path, query=query, headers={**sent, **(headers or {})}, body=raw
            ),
        )

    return do


@pytest.fixture(scope="session")
def bot_server() -> Iterator[StubBot]:
    with stub_bot() as bot:
        yield bot


@pytest.fixture
def bot(bot_server: StubBot) -> Iterator[StubBot]:
    """A bot's server that remembers its webhooks."""
    bot_server.received.clear()
    before = bot_server.behave
    yield bot_server
    bot_server.behave = before


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Simulator, str]]:
    simulator = Simulator(SECRET, TOKEN)
    with serving(simulator) as url:
        yield simulator, url


@pytest.fixture(scope="session")
def browser(served: tuple[Simulator, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served[1], verify=False, trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def sim(served: tuple[Simulator, str], browser: httpx.Client, bot: StubBot) -> httpx.Client:
    """An HTTP client of a simulator that is really served, empty, with the stub bot behind it."""
    browser.post("/sim/reset")
    browser.post("/sim/channel", json={"webhook": bot.url, **SETTINGS})
    return browser


@pytest.fixture
def simulator(served: tuple[Simulator, str], sim: httpx.Client) -> Simulator:
    """The simulator behind `sim`."""
    return served[0]
