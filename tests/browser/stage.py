"""A simulated LINE, a bot on it, and somebody at the chat page: the stage of the browser tests.

Law of this module: what every test of the page needs, and no test. A test gets a `Stage` from the
fixtures in `conftest.py`, acts through the page as a person would, and looks at what it shows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from penniless import Bot, Context
from penniless.events import PostbackEvent
from penniless.line.client import LineClient
from penniless.simulator import Simulator
from penniless.simulator.guesses import Guesses, values_of
from penniless.stores.memory import MemoryStore

PICTURES = "https://sample.invalid"

QUICK_REPLY = {
    "items": [
        {"type": "action", "action": {"type": "message", "label": "寿司 🍣", "text": "寿司"}},
        {
            "type": "action",
            "action": {
                "type": "postback",
                "label": "ส่ง",
                "data": "quick=1",
                "displayText": "ส่งแล้ว",
            },
        },
        {
            "type": "action",
            "action": {
                "type": "datetimepicker",
                "label": "日付",
                "data": "day",
                "mode": "date",
                "initial": "2026-01-15",
                "min": "2026-01-10",
                "max": "2026-01-31",
            },
        },
        {
            "type": "action",
            "action": {"type": "clipboard", "label": "Copy", "clipboardText": "PENNY"},
        },
        {"type": "action", "action": {"type": "location", "label": "Place"}},
    ]
}

BUTTONS = {
    "type": "template",
    "altText": "メニュー",
    "template": {
        "type": "buttons",
        "thumbnailImageUrl": f"{PICTURES}/wide.png",
        "title": "メニュー",
        "text": "お選びください",
        "actions": [
            {"type": "postback", "label": "注文する", "data": "item=1", "displayText": "注文です"},
            {"type": "postback", "label": "静かに", "data": "item=2"},
            {"type": "uri", "label": "電話", "uri": "tel:0312345678"},
        ],
    },
}


SETTINGS: dict[str, Any] = {
    "greeting": None,
    "autoReply": None,
    "chatMode": "bot",
    "memberships": [],
    "keys": [],
    "redelivery": False,
    "redeliverySchedule": [5, 20, 60, 300],
    "rateLimits": True,
    "useWebhook": True,
    "guesses": values_of(Guesses()),
    **dict.fromkeys(("verified", "partner", "module", "privacy"), False),
}
"""The settings of a new account; they outlive a reset."""


def eventually(page: Page, check: Callable[[], bool]) -> None:
    """Wait until it holds; for what `expect` has no words for."""
    for _ in range(200):
        if check():
            return
        page.wait_for_timeout(25)
    assert check()


def make_bot(simulator: Simulator, url: str, store: MemoryStore) -> tuple[Bot, LineClient]:
    """An echo bot with a few commands; what was tapped is answered as text."""
    token = simulator.channel_access_token
    line = LineClient(token, api_origin=url, data_origin=url)
    bot = Bot(
        channel_secret=simulator.channel_secret,
        channel_access_token=token,
        store=store,
        line=line,
    )

    @bot.text("quick")
    def quick(ctx: Context) -> dict[str, Any]:
        return {"type": "text", "text": "どれ?", "quickReply": QUICK_REPLY}

    @bot.text("buttons")
    def buttons(ctx: Context) -> dict[str, Any]:
        return BUTTONS

    @bot.text("loading")
    def loading(ctx: Context) -> None:
        ctx.loading(20)

    @bot.text()
    def echo(ctx: Context) -> str | None:
        return ctx.text

    @bot.postback()
    def tapped(ctx: Context) -> str:
        assert isinstance(ctx.event, PostbackEvent)
        postback = ctx.event.postback
        chosen = postback.params and (
            postback.params.date or postback.params.time or postback.params.datetime
        )
        return f"postback {postback.data} {chosen or ''}".strip()

    return bot, line


@contextmanager
def served(bot: Bot) -> Iterator[str]:
    """The bot behind a plain HTTP server of this process; gives its webhook's address."""

    class Handler(BaseHTTPRequestHandler):
        wbufsize = -1  # head and body in one packet; in two, the second waits 40 ms for the first

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = bot.handle(body, self.headers.get("x-line-signature"))
            self.send_response(answer.status)
            self.send_header("content-length", str(len(answer.body.encode())))
            self.end_headers()
            self.wfile.write(answer.body.encode())

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/callback"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class House:
    """The simulator with its bot, which the tests use one after the other."""

    def __init__(self, simulator: Simulator, url: str, store: MemoryStore, webhook: str) -> None:
        self.simulator = simulator
        self.url = url
        self.store = store
        self.webhook = webhook

    def tidy(self) -> None:
        """No messages, no groups, nobody but the preset people, an empty log, a bot that runs."""
        httpx.post(f"{self.url}/sim/reset", json={}).raise_for_status()
        channel = {"webhook": self.webhook, "quota": 200, **SETTINGS}
        httpx.post(f"{self.url}/sim/channel", json=channel).raise_for_status()
        self.simulator.set_bot_status("running")
        for conversation in list(self.store.conversations()):
            self.store.forget(conversation)


class Stage:
    """Somebody at the page. `errors` is what the browser complains of; a test ends with none."""

    def __init__(self, simulator: Simulator, url: str, page: Page) -> None:
        self.simulator = simulator
        self.url = url
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", self._notice)
        page.on("console", self._hear)

    def leave(self) -> None:
        """The next test gets the same page, which remembers nothing."""
        self.page.remove_listener("pageerror", self._notice)
        self.page.remove_listener("console", self._hear)
        if self.page.url.startswith("http"):
            self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        self.page.goto("about:blank")

    def _notice(self, error: Any) -> None:
        self.errors.append(str(error))

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def strangers(self) -> list[str]:
        """What the page has fetched from anywhere but the simulator."""
        names: list[str] = self.page.evaluate(
            "performance.getEntriesByType('resource').map((one) => one.name)"
        )
        return [name for name in names if not name.startswith((self.url, "data:", "blob:"))]

    def open(self, address: str = "/") -> None:
        """Load the page and wait until it shows a chat."""
        self.page.goto(self.url + address)
        expect(self.page.locator(".head-title")).to_be_visible()

    @property
    def box(self) -> Locator:
        """Where one types."""
        return self.page.get_by_role("textbox", name="Message", exact=True)

    def say(self, text: str) -> None:
        """Type and press Enter."""
        self.box.fill(text)
        self.box.press("Enter")

    @property
    def mine(self) -> Locator:
        """The open chat's bubbles of the person."""
        return self.page.locator(".row.own .body")

    @property
    def theirs(self) -> Locator:
        """The open chat's bubbles of the bot and of others."""
        return self.page.locator(".row.theirs .body")

    @property
    def chips(self) -> Locator:
        """The quick replies."""
        return self.page.locator(".quick .chip")

    def chat_with(self, name: str) -> Locator:
        """That chat's line in the list of chats."""
        return self.page.get_by_role("navigation", name="Chats").get_by_title(name, exact=True)

    def id_of(self, name: str) -> str:
        return self.simulator.world.people[name].user_id

    def bot_says(self, message: dict[str, Any], to: str = "alice") -> None:
        """Put a message of the bot into a chat past all of LINE's checks; before the page is open.

        One thread at a time may use a world, and the open page makes the server use it.
        """
        self.simulator.world.bot_says(self.id_of(to), message, "push")
