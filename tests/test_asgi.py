"""The bot behind ASGI: through a driver of a few lines, and behind a real uvicorn."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from penniless import Bot
from penniless.asgi import asgi_app_for
from penniless.bot import MAX_BODY
from penniless.context import Context
from penniless.line.signature import sign
from penniless.stores.memory import MemoryStore
from penniless.stores.sqlite import SQLiteStore
from tests.event_samples import ALICE
from tests.fakes import LATER, SECRET, TOKEN, FakeLine, Stage, said, stage, user, webhook

Message = dict[str, Any]


def echoing() -> Stage:
    """A stage whose bot says everything again."""
    found = stage()
    found.bot.text(lambda ctx: ctx.text)
    return found


def drive(app: Any, scope: Message, *received: Message) -> list[Message]:
    """Run the application for one scope; what it sends."""
    waiting = list(received)
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def http(
    signature: str | None = None, method: str = "POST", name: str = "x-line-signature"
) -> Message:
    """The scope of a request."""
    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
    if signature is not None:
        headers.append((name.encode(), signature.encode("latin-1")))
    return {"type": "http", "method": method, "path": "/callback", "headers": headers}


def piece(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def status_and_body(sent: list[Message]) -> tuple[int, bytes]:
    start, body = sent
    assert (start["type"], body["type"]) == ("http.response.start", "http.response.body")
    assert (b"content-length", str(len(body["body"])).encode()) in start["headers"]
    return start["status"], body["body"]


BODY = webhook(said("こんにちは"))
SIGNED = http(sign(SECRET, BODY))


@pytest.mark.parametrize("name", ["x-line-signature", "X-Line-Signature"])
def test_signed_post_is_handled(name: str) -> None:
    """The header's name may come in any case."""
    echo = echoing()
    sent = drive(asgi_app_for(echo.bot), http(sign(SECRET, BODY), name=name), piece(BODY))
    assert status_and_body(sent) == (200, b"OK")
    assert echo.line.texts == ["こんにちは"]


def test_body_may_come_in_pieces() -> None:
    """Pieces, empty ones and a cut inside a character included, are put together unchanged."""
    echo = echoing()
    pieces = [piece(BODY[i : i + 1], more=True) for i in range(len(BODY))]
    last = {"type": "http.request"}
    sent = drive(asgi_app_for(echo.bot), SIGNED, piece(b"", more=True), *pieces, last)
    assert status_and_body(sent)[0] == 200
    assert echo.line.texts == ["こんにちは"]


@pytest.mark.parametrize("signature", [None, "", "wrong", "\xff\xfe"])
def test_unsigned_post_is_refused(signature: str | None) -> None:
    """A missing or wrong signature is 401 with an empty body, bytes that are no ASCII included."""
    echo = echoing()
    sent = drive(asgi_app_for(echo.bot), http(signature), piece(BODY))
    assert status_and_body(sent) == (401, b"")
    assert echo.line.calls == []


def test_too_large_body_is_not_read_to_its_end() -> None:
    """After the first byte over the limit nothing more is received."""
    big = piece(b"x" * (MAX_BODY // 2 + 1), more=True)
    sent = drive(asgi_app_for(echoing().bot), SIGNED, big, big)
    assert status_and_body(sent)[0] == 413


def test_other_methods_are_refused() -> None:
    """A webhook is a POST; 405 says so."""
    start, body = drive(asgi_app_for(echoing().bot), http(method="GET"))
    assert (start["status"], body["body"]) == (405, b"a webhook is a POST")
    assert (b"allow", b"POST") in start["headers"]


def test_caller_that_goes_away_is_not_answered() -> None:
    """Half a body and a closed connection: nothing is handled, nothing sent."""
    echo = echoing()
    gone = {"type": "http.disconnect"}
    assert drive(asgi_app_for(echo.bot), SIGNED, piece(BODY[:9], more=True), gone) == []
    assert echo.bot.counters == {}


def test_other_protocols_are_refused() -> None:
    """A web socket is no way to a bot."""
    with pytest.raises(ValueError, match="not websocket"):
        drive(asgi_app_for(echoing().bot), {"type": "websocket"})


STARTUP, SHUTDOWN = {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}
LIFESPAN = {"type": "lifespan"}


def test_start_and_stop_open_and_close() -> None:
    """The server's start connects the bot, its end closes what the bot used."""
    echo = echoing()
    sent = drive(asgi_app_for(echo.bot), LIFESPAN, STARTUP, SHUTDOWN)
    assert [one["type"] for one in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert echo.line.closed


def test_missing_setting_stops_the_server_at_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is told what is missing, before the first webhook."""
    monkeypatch.delenv("LINE_CHANNEL_SECRET", raising=False)
    (sent,) = drive(asgi_app_for(Bot(store=MemoryStore())), LIFESPAN, STARTUP)
    assert sent["type"] == "lifespan.startup.failed"
    assert "LINE_CHANNEL_SECRET is not set" in sent["message"]


def test_unusable_store_stops_the_server_at_its_start(tmp_path: Path) -> None:
    """A folder in the place of the file is told at the start."""
    bot = Bot(channel_secret=SECRET, channel_access_token=TOKEN, line=FakeLine())
    (sent,) = drive(asgi_app_for(bot, store=str(tmp_path)), LIFESPAN, STARTUP)
    assert sent["type"] == "lifespan.startup.failed"


def test_trouble_at_the_end_is_told() -> None:
    """A failing close is the server's to know."""

    class Stuck(MemoryStore):
        def close(self) -> None:
            raise OSError("stuck")

    sent = drive(asgi_app_for(stage(Stuck()).bot), LIFESPAN, STARTUP, SHUTDOWN)
    assert sent[-1] == {"type": "lifespan.shutdown.failed", "message": "stuck"}


def test_bot_without_a_store_gets_sqlite(tmp_path: Path) -> None:
    """The log is in the file, through a stop and a second start too."""
    line = FakeLine()
    bot = Bot(channel_secret=SECRET, channel_access_token=TOKEN, line=line)
    bot.text(lambda ctx: ctx.text)
    file = tmp_path / "log.sqlite3"
    app = asgi_app_for(bot, store=str(file))
    drive(app, LIFESPAN, STARTUP, SHUTDOWN)
    for words in ("one", "two"):
        body = webhook(said(words))
        assert status_and_body(drive(app, http(sign(SECRET, body)), piece(body)))[0] == 200
        drive(app, LIFESPAN, SHUTDOWN)
    assert line.texts == ["one", "two"]
    store = SQLiteStore(file)
    assert [row.message for row in store.rows(f"user#{ALICE}", now=LATER)] == ["one", "two"]
    store.close()


def test_mounted_without_a_start_the_store_is_opened_too(tmp_path: Path) -> None:
    """An outer application passes no start-up on; the first webhook does it then, once."""
    bot = Bot(channel_secret=SECRET, channel_access_token=TOKEN, line=FakeLine())
    app = asgi_app_for(bot, store=str(tmp_path / "log.sqlite3"))
    assert status_and_body(drive(app, SIGNED, piece(BODY)))[0] == 200
    with sqlite3.connect(tmp_path / "log.sqlite3") as connection:
        assert connection.execute("select count(*) from events").fetchone() == (1,)
    connection.close()
    bot.close()


def test_mounted_without_settings_webhooks_are_refused(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller learns nothing but 500; the log says what is missing."""
    monkeypatch.delenv("LINE_CHANNEL_SECRET", raising=False)
    app = asgi_app_for(Bot(store=MemoryStore()))
    assert status_and_body(drive(app, SIGNED, piece(BODY))) == (500, b"the bot cannot start")
    assert "LINE_CHANNEL_SECRET is not set" in caplog.text


# Behind a real server


@contextmanager
def served(bot: Bot) -> Iterator[tuple[uvicorn.Server, str]]:
    """The bot behind uvicorn on a free port; stopped gracefully in the end."""
    config = uvicorn.Config(asgi_app_for(bot), log_level="error", access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield server, f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
    assert not thread.is_alive()


def post(url: str, body: bytes, signature: str) -> httpx.Response:
    return httpx.post(url, content=body, headers={"x-line-signature": signature}, timeout=10)


def is_listening(url: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 1).close()
    except ConnectionRefusedError:
        return False
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_uvicorn_serves_the_bot() -> None:
    """Signed, unsigned, too large and wrong requests over a real socket."""
    echo = echoing()
    with served(echo.bot) as (_, url):
        assert post(f"{url}/any/path", BODY, sign(SECRET, BODY)).text == "OK"
        assert post(url, BODY, "wrong").status_code == 401
        assert post(url, b"{}", sign(SECRET, b"{}")).status_code == 400
        assert post(url, b"x" * (MAX_BODY + 1), "any").status_code == 413
        assert httpx.get(url, timeout=10).status_code == 405
    assert echo.line.texts == ["こんにちは"]
    assert echo.line.closed


def test_graceful_stop_finishes_a_begun_webhook() -> None:
    """A handler that is at work when the server is stopped still replies, and is answered 200."""
    shop = stage()
    begun, go_on = threading.Event(), threading.Event()
    answers: list[int] = []

    @shop.bot.text()
    def slow(ctx: Context) -> str:
        begun.set()
        assert go_on.wait(10)
        assert not shop.line.closed
        return "done"

    with served(shop.bot) as (server, url):
        body = webhook(said("x"))
        caller = threading.Thread(
            target=lambda: answers.append(post(url, body, sign(SECRET, body)).status_code)
        )
        caller.start()
        assert begun.wait(10)
        server.should_exit = True
        wait_until(lambda: not is_listening(url))
        assert answers == []
        go_on.set()
        caller.join(10)
    assert answers == [200]
    assert shop.line.texts == ["done"]
    assert shop.line.closed


def test_slow_handlers_leave_room_for_others() -> None:
    """Twenty webhooks that wait for each other are all at work at the same time."""
    shop = stage()
    together = threading.Barrier(20)
    shop.bot.text(lambda: str(together.wait(10)))
    bodies = [webhook(said("x", user(number))) for number in range(20)]
    app = asgi_app_for(shop.bot)

    async def all_at_once() -> None:
        async def one(body: bytes) -> None:
            async def receive() -> Message:
                return piece(body)

            async def send(message: Any) -> None:
                assert message.get("status", 200) == 200

            await app(http(sign(SECRET, body)), receive, send)

        await asyncio.gather(*map(one, bodies))

    asyncio.run(all_at_once())
    assert sorted(map(int, shop.line.texts)) == list(range(20))
