"""The extension against a Runtime API that keeps Lambda's order; the test is the runtime."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from penniless.aws.extension import LEAST_DEADLINE, Extension
from penniless.aws.process_age import process_age
from tests.conftest import Serve
from tests.deploy.runtime_api import (
    EXTENSION_NEXT,
    REGISTER,
    RUNTIME_NEXT,
    Invocation,
    RuntimeApi,
    listening,
)
from tests.servers import HANG, FakeServer, Received, Step, answer, until

Handler = Callable[[str], None]
"""What a test's function does with an invocation of that id."""


class Stage:
    """An API, the extension under test, and the work that it waits for."""

    def __init__(self, api: RuntimeApi, address: str) -> None:
        self.api = api
        self.address = address
        self.waited = 0
        self.work_done = threading.Event()
        self.work_done.set()

    def wait(self) -> None:
        """What `bot.wait` is."""
        self.waited += 1
        assert self.work_done.wait(5)

    def extension(self) -> Extension:
        return Extension(self.address, self.wait)

    @contextmanager
    def runtime(self, handle: Handler) -> Iterator[None]:
        """Ask for invocations and answer them, as `awslambdaric` does, until the block ends."""
        thread = threading.Thread(target=self._serve, args=[handle])
        thread.start()
        try:
            yield
        finally:
            self.api.ended()
            thread.join()

    def _serve(self, handle: Handler) -> None:
        with httpx.Client(base_url=f"http://{self.address}/2018-06-01", timeout=30) as client:
            while True:
                try:
                    given = client.get("/runtime/invocation/next")
                except httpx.TransportError:
                    return
                found = given.headers["lambda-runtime-aws-request-id"]
                handle(found)
                client.post(f"/runtime/invocation/{found}/response", json=given.json())


@pytest.fixture
def stage() -> Iterator[Stage]:
    with listening() as (api, address):
        yield Stage(api, address)


def handled_by(extension: Extension) -> Handler:
    """A handler that does nothing but tell the extension."""

    def handle(request_id: str) -> None:
        extension.begin(request_id)
        extension.end(request_id)

    return handle


def in_background(stage: Stage, event: Any, found: list[Invocation]) -> threading.Thread:
    thread = threading.Thread(target=lambda: found.append(stage.api.invoke(event)))
    thread.start()
    return thread


def test_registers_for_invocations_alone(stage: Stage) -> None:
    """It registers at once and asks for the next event, and nothing else."""
    assert stage.extension().registered()
    until(lambda: stage.api.requests == [REGISTER, EXTENSION_NEXT])


def test_environment_is_held_until_the_work_is_done(stage: Stage) -> None:
    """The caller has its answer while the work goes on, and the next invocation waits for it."""
    extension = stage.extension()
    assert extension.registered()
    with stage.runtime(handled_by(extension)):
        stage.work_done.clear()
        first = stage.api.invoke("first")
        assert first.answer == "first"
        assert not first.over_at

        second: list[Invocation] = []
        caller = in_background(stage, "second", second)
        until(lambda: stage.waited == 1)
        assert second == []

        stage.work_done.set()
        caller.join(5)
        assert second[0].answer == "second"
        assert first.over_at
        until(lambda: stage.api.frozen)


def test_work_is_waited_for_after_the_handler(stage: Stage) -> None:
    """However early the event comes, nobody looks for work before the handler has returned."""
    extension = stage.extension()
    assert extension.registered()
    let_it_end = threading.Event()

    def handle(request_id: str) -> None:
        extension.begin(request_id)
        assert let_it_end.wait(5)
        extension.end(request_id)

    with stage.runtime(handle):
        found: list[Invocation] = []
        caller = in_background(stage, {}, found)
        until(lambda: stage.api.given_to_all)
        assert stage.waited == 0

        let_it_end.set()
        caller.join(5)
        stage.api.freeze()
    assert stage.waited == 1


def test_event_that_comes_after_the_handler(stage: Stage) -> None:
    """An event that is late finds that its invocation has ended already."""
    extension = stage.extension()
    assert extension.registered()
    handle = handled_by(extension)
    stage.api.extensions_are_told_late = True
    with stage.runtime(handle):
        assert stage.api.invoke({}).answered_at
        stage.api.freeze()
    assert stage.waited == 1


def test_invocation_that_never_reaches_the_handler(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the runtime refuses an event by itself, the environment is not held for ever."""
    monkeypatch.setattr("penniless.aws.extension.BEGINS_WITHIN", 0.05)
    assert stage.extension().registered()
    with stage.runtime(lambda _id: None):
        assert stage.api.invoke({}).answered_at
        stage.api.freeze()


def test_failing_wait_does_not_end_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Work that cannot be waited for is an error in the log; the next invocation is served."""

    def broken() -> None:
        stage.waited += 1
        raise ValueError("words of a person")

    extension = Extension(stage.address, broken)
    assert extension.registered()
    with stage.runtime(handled_by(extension)):
        for _ in range(2):
            assert stage.api.invoke({}).answered_at
            stage.api.freeze()
    assert stage.waited == 2
    assert caplog.messages[:2] == ["the work after the response failed: ValueError"] * 2


def test_too_late_to_register(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """After the init phase Lambda refuses; then nothing is left for later, and a line says so."""
    with stage.runtime(lambda _id: None):
        until(lambda: RUNTIME_NEXT in stage.api.requests)
        extension = stage.extension()
        assert not extension.registered()

    assert extension.deadline(1.2) is None
    [message] = caplog.messages
    assert message.endswith("extension/register: 403 Extension.RegistrationClosed")


@pytest.mark.parametrize(
    ("name", "events", "why"),
    [
        ("x", ["INVOKE", "SHUTDOWN"], "ShutdownEventNotSupportedForInternalExtension"),
        ("", ["INVOKE"], "Extension.MissingHeader"),
    ],
)
def test_what_lambda_refuses(stage: Stage, name: str, events: list[str], why: str) -> None:
    """The Runtime API of these tests is as strict as Lambda's with extensions in the function."""
    url = f"http://{stage.address}/2020-01-01/extension"
    with httpx.Client(base_url=url, headers={"Lambda-Extension-Name": name}) as client:
        answers = [client.post("/register", json={"events": events}), client.get("/event/next")]

    assert [one.status_code for one in answers] == [403, 403]
    assert answers[0].json()["errorType"] == why
    assert answers[1].json()["errorType"] == "Extension.UnknownExtensionIdentifier"


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (answer({"errorType": "Extension.X"}, "500 Container error"), "500 Extension.X"),
        (answer("no object", "500 Container error"), "500"),
        (Step(b"not http at all\r\n\r\n", close=True), "that is no HTTP answer (BadStatusLine)"),
    ],
)
def test_api_that_fails(
    serve: Serve, caplog: pytest.LogCaptureFixture, step: Step, why: str
) -> None:
    """Whatever the API answers, the bot goes on without it, after one line in the log."""
    extension = Extension(address_of(serve(step)), lambda: None)

    assert not extension.registered()
    assert [one.rpartition("register: ")[2] for one in caplog.messages] == [why]


def test_silent_api_does_not_hold_up_the_init_phase(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If nobody answers, the init phase ends without the extension."""
    monkeypatch.setattr("penniless.aws.extension.PATIENCE", 0.05)
    extension = Extension(address_of(serve(HANG)), lambda: None)

    assert not extension.registered()
    assert extension.deadline(1.2) is None


def test_refused_next(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """When Lambda gives no more events, nothing is left for later any more."""

    def api(request: Received) -> Step:
        if request.method == "POST":
            return answer({}, "200 OK", "Lambda-Extension-Identifier: 1")
        assert request.headers["lambda-extension-identifier"] == "1"
        return answer({"errorType": "Extension.UnknownExtensionIdentifier"}, "403 Forbidden")

    extension = Extension(address_of(serve(api)), lambda: None)
    until(lambda: bool(caplog.messages))
    until(lambda: not extension.registered())

    assert extension.deadline(1.2) is None


def test_first_deadline_is_shorter(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The init phase runs on LINE's time, so the first answer is due that much earlier."""
    ages = [0.5, 9.9]
    monkeypatch.setattr("penniless.aws.extension.process_age", lambda: ages.pop(0))
    first, second = stage.extension(), None
    assert first.registered()

    assert first.deadline(1.2) == pytest.approx(0.7)
    assert first.deadline(1.2) == 1.2
    with listening() as (_, address):
        second = Extension(address, stage.wait)
        assert second.registered()
        assert second.deadline(1.2) == LEAST_DEADLINE
        assert second.deadline(0.1) == 0.1


@pytest.mark.parametrize("age", [0.0, 10.0, 3600.0])
def test_environment_made_in_advance(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, age: float
) -> None:
    """An init phase that was long before the webhook, or at an unknown time, takes nothing."""
    monkeypatch.setattr("penniless.aws.extension.process_age", lambda: age)
    extension = stage.extension()
    assert extension.registered()

    assert extension.deadline(1.2) == 1.2


def test_age_of_this_process() -> None:
    """It is what the system knows, in seconds."""
    psutil = pytest.importorskip("psutil")
    import time

    known = time.time() - psutil.Process().create_time()

    assert process_age() == pytest.approx(known, abs=1.5)


@pytest.mark.parametrize("text", ["", "1 (a) b) S", "1 (x) " + "word " * 30])
def test_age_that_nobody_tells(tmp_path: Any, text: str) -> None:
    """Where the system tells nothing, or something else, no age is known."""
    (tmp_path / "stat").write_text(text)

    assert process_age(str(tmp_path / "stat")) == 0.0
    assert process_age(str(tmp_path / "none")) == 0.0


def address_of(server: FakeServer) -> str:
    return server.origin.removeprefix("http://")
