"""The built artifact under Lambda's own runtime client and AWS's emulator: cold, warm, refused."""

from __future__ import annotations

import os
import platform
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from penniless.line.signature import sign
from tests.aws.ministack import CREDENTIALS, REGION, ministack, new_table, open_store
from tests.conftest import Serve
from tests.deploy import runtime_api
from tests.deploy.tools import emulator, environment
from tests.fakes import LATER, SECRET, TOKEN, said, webhook
from tests.live import penniless
from tests.servers import FakeServer, answer

pytestmark = pytest.mark.deploy

PATH = "/2015-03-31/functions/function/invocations"
BOT = """
import time
from penniless import Bot
from penniless.aws import lambda_handler_for

bot = Bot()

@bot.text("sleep")
def sleep(ctx):
    time.sleep(30)

@bot.text()
def echo(ctx):
    return ctx.text

lambda_handler = lambda_handler_for(bot)
"""

SLOW_BOT = """
import os
import time
from pathlib import Path
from penniless import Bot
from penniless.aws import lambda_handler_for

bot = Bot(deadline=0.2)

@bot.text("crash once")
def crash_once(ctx):
    time.sleep(0.4)
    crashed = Path(os.environ["CRASHED"])
    if not crashed.exists():
        crashed.touch()
        os._exit(1)
    return "here you are"

@bot.text()
def echo_later(ctx):
    time.sleep(0.6)
    return ctx.text

lambda_handler = lambda_handler_for(bot)
"""


class Function:
    """A function in the emulator, called one at a time, and what it has logged."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.log = ""
        self._process = process
        self._url = f"http://127.0.0.1:{port}{PATH}"
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                self.log += line

    def invoke(self, event: Any) -> httpx.Response:
        return httpx.post(self._url, json=event, timeout=60, trust_env=False)

    def post(self, body: bytes, signature: str | None = None) -> dict[str, Any]:
        """What a Function URL does with a webhook."""
        found: dict[str, Any] = self.invoke(http(body, signature)).json()
        return found


def http(body: bytes, signature: str | None = None) -> dict[str, Any]:
    """What a Function URL makes of a webhook."""
    return {
        "version": "2.0",
        "headers": {"x-line-signature": signature or sign(SECRET, body)},
        "requestContext": {"http": {"method": "POST", "path": "/"}},
        "body": body.decode(),
        "isBase64Encoded": False,
    }


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `penniless build` makes for this machine and this Python."""
    return built(tmp_path_factory.mktemp("my bot ボット"), BOT)


@pytest.fixture(scope="module")
def slow_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of a bot whose handlers take longer than its deadline."""
    return built(tmp_path_factory.mktemp("slow bot"), SLOW_BOT)


def built(folder: Path, bot: str) -> Path:
    (folder / "app.py").write_text(bot, encoding="utf-8")
    (folder / "requirements.txt").write_text("penniless\n", encoding="utf-8")
    runtime = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    arch = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    out = folder / "out"
    done = penniless("build", str(out), "--runtime", runtime, "--arch", arch, folder=folder)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with ministack("dynamodb", "ssm") as url:
        yield url


@pytest.fixture(scope="module")
def table(aws: str) -> str:
    return new_table(aws)


@pytest.fixture
def line(serve: Serve) -> FakeServer:
    """A LINE that takes every reply."""
    return serve(answer({"sentMessages": [{"id": "1"}]}))


@contextmanager
def running(artifact: Path, **settings: str) -> Iterator[Function]:
    """The artifact under the emulator, with nothing else on its path but Lambda's client."""
    caller, runtime = free_port(), free_port()
    process = subprocess.Popen(
        [
            str(emulator()),
            *("--runtime-interface-emulator-address", f"127.0.0.1:{caller}"),
            *("--runtime-api-address", f"127.0.0.1:{runtime}"),
            *(str(environment("runtime") / "python"), "-m", "awslambdaric", "app.lambda_handler"),
        ],
        cwd=artifact,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        until_it_listens(caller)
        yield Function(process, caller)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def until_it_listens(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail("the emulator did not listen")


def settings_of(line: FakeServer, aws: str, table: str, **more: str) -> dict[str, str]:
    return {
        "LINE_API_ORIGIN": line.origin,
        "LINE_CHANNEL_SECRET": SECRET,
        "LINE_CHANNEL_ACCESS_TOKEN": TOKEN,
        "PENNILESS_TABLE": table,
        "PENNILESS_LOG_DAYS": "365",
        "AWS_ENDPOINT_URL": aws,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key,
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_key,
        **more,
    }


def test_cold_and_warm(artifact: Path, line: FakeServer, aws: str, table: str) -> None:
    """The first webhook and the next are answered, over one connection, and are in the table."""
    with running(artifact, **settings_of(line, aws, table)) as function:
        answers = [function.post(webhook(said(text))) for text in ("สวัสดี", "こんにちは 🍎")]

    assert [one["statusCode"] for one in answers] == [200, 200]
    replies = [one.json["messages"][0]["text"] for one in line.received]
    assert replies == ["สวัสดี", "こんにちは 🍎"]
    assert line.connections == 1
    store = open_store(table, aws)
    rows = [row for key in store.conversations() for row in store.rows(key, now=LATER)]
    store.close()
    assert {"สวัสดี", "こんにちは 🍎"} <= {row.message for row in rows}
    assert {(row.status, row.outcome) for row in rows} == {("done", "replied")}
    assert all(row.expires_at for row in rows)


def test_wrong_signature(artifact: Path, line: FakeServer, aws: str, table: str) -> None:
    """A stranger gets 401 and an empty body; LINE is not called and nothing is logged."""
    with running(artifact, **settings_of(line, aws, table)) as function:
        refused = function.post(webhook(said("hi")), "AAAA")
        log = function.log

    assert (refused["statusCode"], refused["body"]) == (401, "")
    assert line.received == []
    assert '"level"' not in log


def test_console_test_event(artifact: Path, line: FakeServer, aws: str, table: str) -> None:
    """A test event of the console is an error that says what to do, and touches nothing."""
    with running(artifact, **settings_of(line, aws, table)) as function:
        found = function.invoke({"key1": "value1"}).json()

    assert "not an HTTP request" in found["errorMessage"]
    assert line.received == []


def test_timeout_ends_one_invocation_only(
    artifact: Path, line: FakeServer, aws: str, table: str
) -> None:
    """A handler that never ends is cut off by Lambda; the next webhook finds a new environment."""
    settings = settings_of(line, aws, table, AWS_LAMBDA_FUNCTION_TIMEOUT="2")
    with running(artifact, **settings) as function:
        assert function.post(webhook(said("one")))["statusCode"] == 200
        cut_off = function.invoke(http(webhook(said("sleep"))))
        assert "timed out after 2" in cut_off.text
        assert function.post(webhook(said("two")))["statusCode"] == 200

    assert [one.json["messages"][0]["text"] for one in line.received] == ["one", "two"]


def test_missing_secret_is_told_at_the_start(
    artifact: Path, line: FakeServer, aws: str, table: str
) -> None:
    """Without a channel secret the init phase fails with the one sentence that helps."""
    settings = settings_of(line, aws, table, LINE_CHANNEL_SECRET="", PENNILESS_PARAMETERS="/bot")
    with running(artifact, **settings) as function:
        found = function.invoke({}).text
        log = function.log

    assert "LINE_CHANNEL_SECRET is not set: put it into the parameter /bot" in found + log
    assert not re.search(TOKEN, log)


def test_slow_bot_in_the_emulator(slow_artifact: Path, line: FakeServer, aws: str) -> None:
    """AWS's emulator takes the extension, lets the work end, and goes on with the next webhook."""
    table = new_table(aws)
    with running(slow_artifact, **settings_of(line, aws, table)) as function:
        answers = [function.post(webhook(said(text))) for text in ("สวัสดี", "こんにちは 🍎")]
        log = function.log

    assert [one["statusCode"] for one in answers] == [200, 200]
    assert replies_to(line) == ["สวัสดี", "こんにちは 🍎"]
    assert '"level"' not in log


def lambda_client() -> list[str]:
    return [str(environment("runtime") / "python"), "-m", "awslambdaric", "app.lambda_handler"]


def replies_to(line: FakeServer) -> list[str]:
    return [
        one.json["messages"][0]["text"]
        for one in line.received
        if one.target == "/v2/bot/message/reply"
    ]


def test_slow_bot_as_on_lambda(slow_artifact: Path, line: FakeServer, aws: str) -> None:
    """The caller is answered while the handler works; reply and row follow, then it is frozen."""
    table = new_table(aws, index=False)
    settings = settings_of(line, aws, table)
    with runtime_api.environment(lambda_client(), slow_artifact, settings) as function:
        for text in ("สวัสดี", "こんにちは 🍎"):
            found = function.api.invoke(http(webhook(said(text))))
            assert found.answer["statusCode"] == 200
            assert found.answered_after < 0.6
            function.api.freeze()
            assert found.over_after >= 0.6

    assert replies_to(line) == ["สวัสดี", "こんにちは 🍎"]
    assert outcomes(table, aws) == [("done", "replied", 1), ("done", "replied", 1)]


def test_schedule_recovers_what_a_crash_left_behind(
    slow_artifact: Path, line: FakeServer, aws: str, tmp_path: Path
) -> None:
    """A crash after the response leaves an open event; the schedule's call answers it, once."""
    table = new_table(aws)
    settings = settings_of(line, aws, table, CRASHED=str(tmp_path / "crashed"))
    start = partial(runtime_api.environment, lambda_client(), slow_artifact, settings, timeout=2)
    with start() as function:
        crashed = function.api.invoke(http(webhook(said("crash once"))))
        assert crashed.answer["statusCode"] == 200
        assert function.process.wait(10) == 1
    assert replies_to(line) == []
    assert outcomes(table, aws) == [("claimed", "", 1)]

    with start() as function:
        recovered: list[dict[str, int]] = []
        while not recovered or not recovered[-1]["handled"]:
            assert time.monotonic() < crashed.begun_at + 20, recovered
            recovered.append(function.api.invoke({"penniless": "recover"}).answer)
            time.sleep(0.1)
        function.api.freeze()

    assert recovered[0] == {"found": 0, "handled": 0}
    assert recovered[-1] == {"found": 1, "handled": 1}
    assert replies_to(line) == ["here you are"]
    assert outcomes(table, aws) == [("done", "replied", 2)]


def outcomes(table: str, aws: str) -> list[tuple[str, str, int]]:
    """Status, outcome and attempt of each event in the log."""
    store = open_store(table, aws)
    rows = [row for key in store.conversations() for row in store.rows(key, now=LATER)]
    store.close()
    return [(row.status, row.outcome, row.attempt) for row in rows]
