"""Scenes, bad servers, TLS servers and LINE clients for tests; all of them end with the test."""

from __future__ import annotations

import os
import shutil
import signal
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from penniless.line.client import LineClient
from tests.engine import Scene
from tests.scenes import Make, echo
from tests.servers import Answering, FakeServer, Step

# How long an example takes says nothing on a machine that others use too. What the profile of
# Hypothesis says besides, which is another one in CI, stays.
settings.register_profile(
    "shared", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
)
settings.load_profile("shared")

# Suites of stores whose assertions explain themselves, wherever they are imported first.
pytest.register_assert_rewrite("tests.stores.conformance", "tests.stores.conformance_waiting")

TOKEN = "tokEN+/0123456789="
"""The access token of these tests; no answer, error or repr may show it."""

Serve = Callable[..., FakeServer]
Connect = Callable[..., LineClient]


def pytest_configure() -> None:
    # A shell starts its background jobs with SIGINT ignored, and what they start inherits that:
    # then no command could be tested with Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


LONG = ("deploy", "chaos")
"""Deploying takes minutes and 350 MB of tools, chaos minutes: in CI always, elsewhere if asked."""

LONG_FOLDERS = ("tests/chaos/", "tests/deploy/", "tests/judges/")


def _left_out(config: pytest.Config) -> list[str]:
    """The long suites that nobody has asked for."""
    if os.environ.get("CI") or config.getoption("markexpr"):
        return []
    return [name for name in LONG if not any(name in one for one in config.args)]


def pytest_report_header(config: pytest.Config) -> list[str]:
    names = _left_out(config)
    if not names:
        return []
    choice = " or ".join(names)
    return [f"without suites that take minutes: pytest -m '{choice}', or CI=true pytest"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_turn)
    names = _left_out(config)
    left_out = [item for item in items if any(item.get_closest_marker(one) for one in names)]
    if not left_out:
        return
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def _turn(item: pytest.Item) -> int:
    """First what takes minutes, so that no process waits for it in the end; the browser last.

    Its driver keeps an event loop running in the thread until the end of the session, and no other
    test could start one beside it. A file with one such test comes as a whole: see `ByFile`.
    """
    if item.nodeid.startswith("tests/browser/"):
        return 2
    return 0 if item.nodeid.startswith(LONG_FOLDERS) else 1


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Where processes share the work, each takes a file; one of them all that takes minutes.

    Those suites share the tools under .tools/ and what is built there, and bots that are killed and
    delayed want no second such test beside them.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "long" if file.startswith(LONG_FOLDERS) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A process for each core; this one alone where somebody has named the tests of a file."""
    named = any(".py" in argument for argument in config.args)
    return 0 if named else os.cpu_count() or 1


@pytest.fixture
def make() -> Iterator[Make]:
    """Make scenes; none of them may leave the ways of the lifecycle's table."""
    scenes: list[Scene] = []

    def made(script: Callable[[Scene], None] = echo, **options: Any) -> Scene:
        scenes.append(Scene(script, **options))
        return scenes[-1]

    yield made
    assert [scene.store.forbidden for scene in scenes if scene.store.forbidden] == []


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that answers with a step or a function of the request."""
    servers: list[FakeServer] = []

    def start(answering: Answering | Step, tls: ssl.SSLContext | None = None) -> FakeServer:
        always = (lambda _: answering) if isinstance(answering, Step) else answering
        servers.append(FakeServer(always, tls))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Make a client for a server: short timeouts, no real waiting between attempts."""
    clients: list[LineClient] = []

    def make(server: FakeServer | str, **options: Any) -> LineClient:
        origin = server if isinstance(server, str) else server.origin
        chosen: dict[str, Any] = {
            "api_origin": origin,
            "data_origin": origin,
            "connect_timeout": 5.0,
            "read_timeout": 5.0,
            "sleep": lambda _: None,
        }
        clients.append(LineClient(TOKEN, **{**chosen, **options}))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-made certificate for 127.0.0.1 with its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None and os.environ.get("CI"):
        pytest.fail("the openssl command is not installed, and CI needs it")
    if openssl is None:
        pytest.skip("the openssl command is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    key, certificate, both = folder / "key.pem", folder / "certificate.pem", folder / "both.pem"
    command = f"req -x509 -newkey rsa:2048 -nodes -days 1 -keyout {key} -out {certificate}"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([openssl, *command.split(), *names], check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    """The server side's context with the self-made certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
