"""What an echo bot imports between the start of its process and its first answer.

LINE waits two seconds for a webhook, cold start included, so every module on that path is here by
decision: https://developers.line.biz/en/docs/messaging-api/check-webhook-error-statistics/
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from penniless.line.signature import sign
from tests.fakes import SECRET, TOKEN, said, webhook

ROOT = Path(__file__).resolve().parent.parent

ALLOWED = {
    "penniless",
    "penniless.aws",
    "penniless.aws.function",
    "penniless.aws.gateway",
    "penniless.bot",
    "penniless.connections",
    "penniless.context",
    "penniless.conversation",
    "penniless.counting",
    "penniless.crew",
    "penniless.delivery",
    "penniless.errors",
    "penniless.events",
    "penniless.events.common",
    "penniless.events.message",
    "penniless.handlers",
    "penniless.held",
    "penniless.leased",
    "penniless.lifecycle",
    "penniless.line",
    "penniless.line.calls",
    "penniless.line.client",
    "penniless.line.operations",
    "penniless.line.retry",
    "penniless.line.signature",
    "penniless.messages",
    "penniless.notices",
    "penniless.order",
    "penniless.patience",
    "penniless.ports",
    "penniless.records",
    "penniless.recovery",
    "penniless.registry",
    "penniless.routing",
    "penniless.sending",
    "penniless.services",
    "penniless.settings",
    "penniless.stores",
    "penniless.stores.encoding",
    "penniless.stores.memory",
    "penniless.work",
}
"""Our own modules on the path; a new one is a decision, and one that is gone leaves the list."""

FORBIDDEN = {
    "asyncio",
    "boto3",
    "botocore",
    "concurrent.futures",
    "cProfile",
    "dataclasses",
    "httpx",
    "inspect",
    "json",
    "linebot",
    "logging",
    "multiprocessing",
    "pathlib",
    "pydantic",
    "sqlite3",
    "starlette",
    "subprocess",
    "tempfile",
    "traceback",
    "typer",
    "urllib.request",
    "uuid",
    "uvicorn",
    "yaml",
}
"""Modules that cost too much there, or that nobody asked for."""

CHILD = """
import sys
import msgspec  # the one dependency: what it brings along (uuid, decimal, ...) is its own affair
before = set(sys.modules)
import app
answer = app.lambda_handler({event!r}, None)
found = sorted(set(sys.modules) - before)
import json
print(json.dumps([answer, found]))
"""


class FakeLine(ThreadingHTTPServer):
    """A loopback server that takes replies, and keeps them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, str, Any]] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        found = json.loads(self.rfile.read(int(self.headers["content-length"])))
        assert isinstance(self.server, FakeLine)
        self.server.requests.append((self.path, self.headers["authorization"], found))
        body = b'{"sentMessages":[{"id":"1","quoteToken":"q"}]}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def line() -> Iterator[FakeLine]:
    server = FakeLine()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def run(line: FakeLine) -> tuple[dict[str, Any], set[str]]:
    """The answer of the echo example to one signed webhook, and what it imported for it."""
    body = webhook(said("ping 🏓", replyToken="cold"))
    event = {
        "version": "2.0",
        "headers": {"x-line-signature": sign(SECRET, body)},
        "requestContext": {"http": {"method": "POST"}},
        "body": body.decode(),
        "isBase64Encoded": False,
    }
    settings = {
        "LINE_CHANNEL_SECRET": SECRET,
        "LINE_CHANNEL_ACCESS_TOKEN": TOKEN,
        "LINE_API_ORIGIN": f"http://127.0.0.1:{line.server_address[1]}",
        "PYTHONPATH": str(ROOT / "examples" / "echo"),
    }
    ran = subprocess.run(
        [sys.executable, "-c", CHILD.format(event=event)],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    answer, found = json.loads(ran.stdout)
    return answer, set(found)


def test_echo_answers_through_the_real_client(
    run: tuple[dict[str, Any], set[str]], line: FakeLine
) -> None:
    """The path that is looked at is the whole one: event in, reply out, 200 back."""
    assert run[0]["statusCode"] == 200
    assert line.requests == [
        (
            "/v2/bot/message/reply",
            f"Bearer {TOKEN}",
            {
                "replyToken": "cold",
                "messages": [{"type": "text", "text": "ping 🏓"}],
            },
        )
    ]


def test_echo_imports_exactly_the_listed_modules(run: tuple[dict[str, Any], set[str]]) -> None:
    """What a plain echo does not use is not imported by it."""
    assert {name for name in run[1] if name.partition(".")[0] == "penniless"} == ALLOWED


def test_echo_imports_nothing_heavy(run: tuple[dict[str, Any], set[str]]) -> None:
    """No event loop, no models, no database, no logging."""
    assert {name for name in run[1] if name in FORBIDDEN} == set()
    others = {name.partition(".")[0] for name in run[1]} - set(sys.stdlib_module_names)
    assert others - {"app", "penniless"} == set()


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_source_names_nothing_heavy_at_import(name: str) -> None:
    """Modules that msgspec happens to bring along are not leaned on either."""
    path = ROOT / "src" / Path(*name.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    named = {name for statement in ast.parse(file.read_text()).body for name in names_in(statement)}
    assert named & FORBIDDEN == set()


def names_in(statement: ast.stmt) -> list[str]:
    """The modules that a statement imports."""
    if isinstance(statement, ast.Import):
        return [one.name for one in statement.names]
    return [statement.module or ""] if isinstance(statement, ast.ImportFrom) else []
