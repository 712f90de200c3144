"""Work after the response under Lambda's own runtime client: in time, held, frozen, and killed.

The Runtime API is ours, because AWS's emulator keeps its caller waiting for the extensions.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from penniless.line.signature import sign
from tests.aws.gateway_events import DOORS
from tests.conftest import Serve
from tests.deploy.runtime_api import (
    EXTENSION_NEXT,
    REGISTER,
    RESPONSE,
    RUNTIME_NEXT,
    Environment,
    Invocation,
    environment,
)
from tests.fakes import SECRET, TOKEN, said, webhook
from tests.servers import FakeServer, Received, answer, until

BOT = """
import os
import time
from penniless import Bot
from penniless.aws import lambda_handler_for

bot = Bot(SETTINGS)

@bot.text("exit")
def exit_hard(ctx):
    time.sleep(0.3)
    os._exit(3)

@bot.text("raise .*")
def fail(ctx):
    time.sleep(0.3)
    raise ValueError(ctx.text)

@bot.text("for ever")
def go_on(ctx):
    while True:
        time.sleep(0.05)

@bot.text(r"(\\S+) seconds")
def work(ctx):
    time.sleep(float(ctx.text.split()[0]))
    return f"{ctx.text} later"

@bot.text(SLOW)
def echo(ctx):
    return ctx.text

lambda_handler = lambda_handler_for(bot)
"""
REPLY = "/v2/bot/message/reply"
WORK = 0.5
"""Seconds of the slow handler; the bot's deadline is a fifth of it."""


@pytest.fixture
def line(serve: Serve) -> FakeServer:
    """A LINE that takes everything."""
    return serve(answer({"sentMessages": [{"id": "1"}]}))


@contextmanager
def running(
    folder: Path,
    line: FakeServer,
    settings: str = "deadline=0.1",
    slow: str = "",
    *,
    timeout: float = 10,
) -> Iterator[Environment]:
    """The bot, under `awslambdaric`."""
    (folder / "app.py").write_text(BOT.replace("SETTINGS", settings).replace("SLOW", slow))
    command = [sys.executable, "-m", "awslambdaric", "app.lambda_handler"]
    environ = {
        "LINE_API_ORIGIN": line.origin,
        "LINE_CHANNEL_SECRET": SECRET,
        "LINE_CHANNEL_ACCESS_TOKEN": TOKEN,
        "AWS_REGION": "ap-northeast-1",
        "PYTHONPATH": str(folder),
    }
    with environment(command, folder, environ, timeout=timeout) as found:
        found.api.await_init()
        yield found


def event(words: str) -> dict[str, Any]:
    """What a Function URL makes of a webhook."""
    body = webhook(said(words))
    made: dict[str, Any] = DOORS["url"](body, sign(SECRET, body))
    return made


def replies(line: FakeServer) -> list[str]:
    return [
        message["text"]
        for one in line.received
        if one.target == REPLY
        for message in one.json["messages"]
    ]


def status(invocation: Invocation) -> int:
    found: int = invocation.answer["statusCode"]
    return found


def test_work_goes_on_after_the_response(tmp_path: Path, line: FakeServer) -> None:
    """The caller is answered in time, the reply follows, and then the environment is frozen."""
    with running(tmp_path, line) as function:
        first = function.api.invoke(event(f"{WORK} seconds"))
        early = replies(line)
        function.api.freeze()

    assert status(first) == 200
    assert first.answered_after < WORK
    assert early == []
    assert replies(line) == [f"{WORK} seconds later"]
    assert first.over_after >= WORK
    assert function.log == ""


def test_next_invocation_waits_for_the_work(tmp_path: Path, line: FakeServer) -> None:
    """The same environment takes the next webhook when the work of the first one is done."""
    with running(tmp_path, line) as function:
        first = function.api.invoke(event(f"{WORK} seconds"))
        second = function.api.invoke(event("hello"))
        third = function.api.invoke(event(f"{WORK} seconds"))
        function.api.freeze()

    assert [status(one) for one in (first, second, third)] == [200, 200, 200]
    assert first.answered_after < WORK <= second.answered_after + first.answered_after
    assert replies(line) == [f"{WORK} seconds later", "hello", f"{WORK} seconds later"]
    assert third.answered_after < WORK <= third.over_after


def test_frozen_environment_does_nothing(tmp_path: Path, line: FakeServer) -> None:
    """Between two invocations the process stands still, and takes the next one all the same."""
    with running(tmp_path, line) as function:
        status_file = Path(f"/proc/{function.process.pid}/status")
        for word in ("one", "two"):
            function.api.freeze()
            until(lambda: "T (stopped)" in status_file.read_text())
            assert status(function.api.invoke(event(word))) == 200
        function.api.freeze()

    assert replies(line) == ["one", "two"]


def test_error_after_the_response(tmp_path: Path, line: FakeServer) -> None:
    """A handler that raises then is an error in the log, without a word, and harms nobody else."""
    with running(tmp_path, line) as function:
        first = function.api.invoke(event("raise 秘密"))
        second = function.api.invoke(event("hello"))
        function.api.freeze()

    assert (status(first), status(second)) == (200, 200)
    assert replies(line) == ["hello"]
    assert "ValueError" in function.log
    assert "秘密" not in function.log
    assert "\\u79d8" not in function.log


def test_crash_after_the_response(tmp_path: Path, line: FakeServer) -> None:
    """A process that dies in the work has answered before; a new environment goes on."""
    with running(tmp_path, line) as function:
        assert status(function.api.invoke(event("exit"))) == 200
        assert function.process.wait(10) == 3
    with running(tmp_path, line) as function:
        assert status(function.api.invoke(event("hello"))) == 200
        function.api.freeze()

    assert replies(line) == ["hello"]


def test_work_without_end(tmp_path: Path, line: FakeServer) -> None:
    """The function's timeout ends work that never does; its caller was answered long ago."""
    with running(tmp_path, line, timeout=1.5) as function:
        found = function.api.invoke(event("for ever"))
        assert status(found) == 200
        assert found.answered_after < 1
        function.process.wait(10)

    assert found.timed_out
    assert not found.over_at
    assert replies(line) == []


def test_reply_that_takes_long(tmp_path: Path, serve: Serve) -> None:
    """It may be LINE that is slow: the environment is held until the reply is through."""
    let_it_through = threading.Event()

    def slow_line(request: Received) -> Any:
        if request.target == REPLY:
            let_it_through.wait(5)
        return answer({"sentMessages": [{"id": "1"}]})

    line = serve(slow_line)
    with running(tmp_path, line) as function:
        found = function.api.invoke(event("hello"))
        until(lambda: replies(line) == ["hello"])
        assert not found.over_at
        let_it_through.set()
        function.api.freeze()

    assert status(found) == 200
    assert line.connections == 1


def test_slow_handler_is_enough(tmp_path: Path, line: FakeServer) -> None:
    """`slow=True` on any handler makes the function an extension; what is quick is quick."""
    with running(tmp_path, line, settings="", slow="slow=True") as function:
        found = function.api.invoke(event("hello"))
        function.api.freeze()

    assert status(found) == 200
    assert function.api.requests[0] == REGISTER
    assert sorted(function.api.requests[1:]) == sorted(
        [EXTENSION_NEXT, RUNTIME_NEXT, RESPONSE, EXTENSION_NEXT, RUNTIME_NEXT]
    )


def test_no_extension_without_a_slow_handler(tmp_path: Path, line: FakeServer) -> None:
    """A bot that needs none asks Lambda for nothing, and its caller waits for every handler."""
    with running(tmp_path, line, settings="") as function:
        found = function.api.invoke(event(f"{WORK} seconds"))
        assert replies(line) == [f"{WORK} seconds later"]
        function.api.freeze()

    assert found.answered_after >= WORK
    assert function.api.requests == [RUNTIME_NEXT, RESPONSE, RUNTIME_NEXT]


def test_failing_init_phase_is_told(tmp_path: Path, line: FakeServer) -> None:
    """A bot that cannot start reports it to Lambda, extension or not."""
    with running(tmp_path, line, settings="deadline=5") as function:
        assert "deadline" in function.api.init_error["errorMessage"]
        until(lambda: function.process.poll() is not None)


def test_cold_start_is_on_lines_time(tmp_path: Path, line: FakeServer) -> None:
    """The first deadline counts from the start of the process, the second from its invocation."""
    began = time.monotonic()
    with running(tmp_path, line, settings="deadline=1.0") as function:
        first = function.api.invoke(event("1.5 seconds"))
        second = function.api.invoke(event("1.5 seconds"))
        function.api.freeze()

    assert first.answered_at - began < 1.5
    assert first.answered_after < 1.0 <= second.answered_at - second.given_at
