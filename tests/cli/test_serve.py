"""`penniless serve`: a bot on a machine of one's own."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import httpx
import pytest

from penniless.line.signature import sign
from penniless.stores.sqlite import SQLiteStore
from tests.cli.running import awaited, running

SECRET = "a secret"
SETTINGS = {
    "LINE_CHANNEL_SECRET": SECRET,
    "LINE_CHANNEL_ACCESS_TOKEN": "a-token",
    "LINE_API_ORIGIN": "http://127.0.0.1:9",  # the discard port: nothing may be called
}
BOT = """
import pathlib, time
from penniless import Bot
bot = Bot()
@bot.postback("slow")
def slow(ctx):
    pathlib.Path("begun").touch()
    time.sleep(1)
    pathlib.Path("ended").touch()
"""
ADDRESS = r"listens on (http://\S+);"


def webhook(data: str) -> tuple[bytes, dict[str, str]]:
    event = {
        "type": "postback",
        "postback": {"data": data},
        "webhookEventId": "01KAPENN1E55SERVE0000000001",
        "timestamp": 1_780_000_000_000,
        "source": {"type": "user", "userId": "U" + "1" * 32},
        "replyToken": "0" * 32,
        "mode": "active",
    }
    body = json.dumps({"destination": "U" + "0" * 32, "events": [event]}).encode()
    return body, {"X-Line-Signature": sign(SECRET, body)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_graceful_stop_finishes_what_has_begun(tmp_path: Path, number: signal.Signals) -> None:
    """A webhook that is being handled when the server is told to stop is answered and logged."""
    (tmp_path / "app.py").write_text(BOT, encoding="utf-8")
    body, headers = webhook("slow")
    answers: list[httpx.Response] = []
    with running("serve", "--port", "0", folder=tmp_path, **SETTINGS) as command:
        url = command.until(ADDRESS)

        def post() -> None:
            answers.append(
                httpx.post(url, content=body, headers=headers, timeout=30, trust_env=False)
            )

        caller = threading.Thread(target=post)
        caller.start()
        awaited((tmp_path / "begun").exists)
        code = command.interrupt(number)
        caller.join(timeout=30)

    assert code == 0
    assert (tmp_path / "ended").exists()
    assert [answer.status_code for answer in answers] == [200]
    store = SQLiteStore(tmp_path / "penniless.sqlite3")
    [row] = store.rows("user#U" + "1" * 32, now=0)
    store.close()
    assert (row.status, row.outcome) == ("done", "no reply")
    assert "Traceback" not in command.said


def test_refuses_strangers(tmp_path: Path) -> None:
    """A wrong signature is 401 with an empty body, a GET 405; the log says one line, no content."""
    (tmp_path / "app.py").write_text(BOT, encoding="utf-8")
    body, _ = webhook("words of a stranger")
    with running("serve", "--port", "0", folder=tmp_path, **SETTINGS) as command:
        url = command.until(ADDRESS)
        with httpx.Client(trust_env=False, timeout=20) as client:
            stranger = client.post(url, content=body, headers={"x-line-signature": "AAAA"})
            visitor = client.get(url)
        command.interrupt()

    assert (stranger.status_code, stranger.content) == (401, b"")
    assert (visitor.status_code, visitor.headers["allow"]) == (405, "POST")
    assert "webhook refused: the signature is missing or wrong (401)" in command.said
    assert "stranger" not in command.said
