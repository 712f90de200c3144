"""The same tests for a bot behind an address: in another process, with the official SDK."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.testing.suite import run

pytest_plugins = ["pytester"]

FLASK_BOT = Path(__file__).resolve().parent.parent / "cli" / "flask_echo.py"

STARTED = """
import os
import socket
import subprocess
import sys

import pytest


@pytest.fixture
def line(line):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bot = subprocess.Popen(
        [sys.executable, {bot!r}, str(port)],
        env={{**os.environ, **line.settings}},
        stderr=subprocess.PIPE,
        text=True,
    )
    for said in bot.stderr:
        if "Running on" in said:
            break
    line.connect(f"http://127.0.0.1:{{port}}/callback")
    yield line
    bot.terminate()
    bot.stderr.close()
    bot.wait(30)
"""


def test_a_bot_with_the_official_sdk(pytester: pytest.Pytester) -> None:
    """Flask and the SDK know nothing of the test, and are talked to as any bot."""
    test = (
        STARTED.format(bot=str(FLASK_BOT))
        + """

def test_echo(line, clock):
    alice, hanako = line.person("alice"), line.person("hanako", display_name="花子", friend=False)
    alice.send("こんにちは 🍎")
    assert alice.sees("こんにちは 🍎")
    hanako.follows()
    assert hanako.last.text == "Hello 花子"
    assert line.pushed == 0
    line.patience = 0.05
    alice.sends_sticker()
    assert not alice.sees()
    assert [one.type for one in alice.chat.said] == ["text", "text", "sticker"]
    line.fails("reply", 500, times=1)
    with pytest.raises(AssertionError, match="error_status_code .500."):
        alice.send("a fault that the bot does not deal with")
    with pytest.raises(AssertionError, match=r"(?s)reply with 400.*messages.0..text"):
        alice.send("x" * 5001)
    line.redelivers_failures("10min")
    line.loses()
    alice.send("lost")
    clock.advance("10min")
    line.patience = 5
    assert alice.sees("lost")
"""
    )

    result = run(pytester, test=test, app=None)

    result.assert_outcomes(passed=1)


def test_a_bot_that_runs_by_itself(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its address comes from the configuration, the secrets from the environment."""
    monkeypatch.setenv("LINE_CHANNEL_SECRET", "the secret")
    monkeypatch.setenv("LINE_CHANNEL_ACCESS_TOKEN", "the token")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    pytester.makeini(
        f"[pytest]\npenniless_webhook = http://127.0.0.1:9/callback\npenniless_port = {port}\n"
    )

    result = run(
        pytester,
        apart=True,
        app=None,
        test=f"""
        import pytest

        def test_settings(line):
            assert line.settings == {{
                "LINE_CHANNEL_SECRET": "the secret",
                "LINE_CHANNEL_ACCESS_TOKEN": "the token",
                "LINE_API_ORIGIN": "http://127.0.0.1:{port}",
            }}

        def test_nobody_there(alice):
            alice.send("is anybody there?")
        """,
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*the webhook to http://127.0.0.1:9/callback failed: could_not_connect*",
            "Alice: is anybody there?",
            "! webhook could_not_connect *",
        ]
    )


@pytest.mark.parametrize(
    ("port", "sentence"),
    [
        ("abc", "penniless_port must be a port from 1 to 65535, not 'abc'"),
        ("99999", "penniless_port must be a port from 1 to 65535, not '99999'"),
        ("{taken}", "port {taken} cannot be used: "),
    ],
)
def test_a_port_that_cannot_be(pytester: pytest.Pytester, port: str, sentence: str) -> None:
    """No port at all, or one that is taken: one sentence says so."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        pytester.makeini(
            "[pytest]\npenniless_webhook = http://127.0.0.1:9/callback\n"
            f"penniless_port = {port.format(taken=taken)}\n"
        )
        result = run(pytester, app=None, test="def test_it(alice): pass")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{sentence.format(taken=taken)}*"])


def test_connecting_comes_first(pytester: pytest.Pytester) -> None:
    """A bot in this process that was talked to cannot be exchanged for one behind an address."""
    result = run(
        pytester,
        test="""
        import pytest
        from penniless.errors import CodeError

        def test_late(alice, line):
            alice.send("hello")
            with pytest.raises(CodeError, match="before anybody does anything"):
                line.connect("http://127.0.0.1:9/")
        """,
    )

    result.assert_outcomes(passed=1)
