"""Lambda's Runtime API and Extensions API for one environment, with the order that Lambda keeps.

The caller is released at `/response`. The environment is frozen (SIGSTOP) when the runtime and
every extension have asked for the next event, and thawed (SIGCONT) for the next invocation, which
is not begun before. Registering ends with the init phase. The timeout kills the environment.
AWS's own emulator answers its caller only after the extensions, so this cannot be seen there.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html,
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html,
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html and
https://github.com/aws/aws-lambda-runtime-interface-emulator (names of errors).
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

RUNTIME = "runtime"
RUNTIME_NEXT = "GET /2018-06-01/runtime/invocation/next"
REGISTER = "POST /2020-01-01/extension/register"
EXTENSION_NEXT = "GET /2020-01-01/extension/event/next"
RESPONSE = "POST /2018-06-01/runtime/invocation/{id}/response"
ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:mybot"
PATIENCE = 20.0


class Answer(NamedTuple):
    """A status, a JSON value, and headers."""

    status: int
    value: Any
    headers: Mapping[str, str] = {}


def refused(kind: str) -> Answer:
    """A refusal as AWS words it."""
    return Answer(403, {"errorType": kind, "errorMessage": kind})


class Invocation:
    """One invocation; the times are those of `time.monotonic()`."""

    def __init__(self, event: Any, timeout: float) -> None:
        self.id = str(uuid4())
        self.event = event
        self.deadline_ms = int((time.time() + timeout) * 1000)
        self.begun_at = self.given_at = time.monotonic()
        self.answered_at = 0.0
        self.over_at = 0.0
        self.answer: Any = None
        self.failed = False
        self.timed_out = False

    @property
    def answered_after(self) -> float:
        """Seconds that the caller waited."""
        assert self.answered_at, "the caller was never answered"
        return self.answered_at - self.begun_at

    @property
    def over_after(self) -> float:
        """Seconds until the environment was frozen."""
        assert self.over_at, "the environment is not frozen"
        return self.over_at - self.begun_at


class RuntimeApi:
    """The state of one environment. Everything happens under one lock."""

    def __init__(self, timeout: float) -> None:
        self.requests: list[str] = []
        """What was asked, as `METHOD /path`, in order; ids of requests are left out."""
        self.init_error: Any = None
        self.initialised_at = 0.0
        self.frozen = False
        self.extensions_are_told_late = False
        """Whether extensions hear of an invocation only after its response."""
        self._timeout = timeout
        self._changed = threading.Condition()
        self._pid = 0
        self._ended = False
        self._extensions: dict[str, str] = {}
        self._asking: set[str] = set()
        self._given: set[str] = set()
        self._current: Invocation | None = None
        self._watch: threading.Timer | None = None

    # The side of whoever calls the function

    def invoke(self, event: Any) -> Invocation:
        """Call the function; returns at its response, error or timeout, not when it is over.

        If the environment is still busy, it is awaited, and the caller's clock runs.
        """
        begun_at = time.monotonic()
        with self._changed:
            self._await(lambda: self._all_ask() and self._current is None, "be free")
            self._signal(signal.SIGCONT)
            self.frozen = False
            invocation = Invocation(event, self._timeout)
            invocation.begun_at = begun_at
            self._current = invocation
            self._given = set()
            self._changed.notify_all()
            self._watch = threading.Timer(self._timeout, self._time_out, [invocation])
            self._watch.daemon = True
            self._watch.start()
            self._await(lambda: invocation.answered_at or invocation.timed_out, "answer")
        return invocation

    def freeze(self) -> None:
        """Wait until the invocation is over and the environment is frozen."""
        with self._changed:
            self._await(lambda: self.frozen, "be frozen")

    def await_init(self) -> None:
        """Wait until the init phase is over, one way or the other."""
        with self._changed:
            self._await(lambda: self.initialised_at or self.init_error, "end its init phase")

    @property
    def given_to_all(self) -> bool:
        """Whether the runtime and every extension know of the invocation."""
        with self._changed:
            return self._given >= {RUNTIME, *self._extensions}

    def _await(self, condition: Callable[[], object], what: str) -> None:
        assert self._changed.wait_for(lambda: condition() or self._ended, PATIENCE), (
            f"the environment did not {what}: {self.requests}"
        )
        assert condition(), f"the environment ended before it could {what}: {self.requests}"

    def _all_ask(self) -> bool:
        return {RUNTIME, *self._extensions} <= self._asking

    def _time_out(self, invocation: Invocation) -> None:
        with self._changed:
            if not invocation.over_at and not self._ended:
                invocation.timed_out = True
                self._signal(signal.SIGKILL)
                self._ended = True
                self._changed.notify_all()

    def _signal(self, number: int) -> None:
        if self._pid:
            os.kill(self._pid, number)

    # The side of the function

    def started(self, pid: int) -> None:
        """The process that is frozen and thawed."""
        with self._changed:
            self._pid = pid

    def ended(self) -> None:
        """Let go of everybody who waits."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What Lambda answers to that request; blocks where Lambda does."""
        version, _, rest = path.strip("/").partition("/")
        parts = rest.split("/")
        with self._changed:
            self.requests.append(f"{method} {_without_id(path)}")
            match (method, version, parts):
                case ("GET", "2018-06-01", ["runtime", "invocation", "next"]):
                    return self._runtime_next()
                case ("POST", "2018-06-01", ["runtime", "invocation", id_, "response" | "error"]):
                    return self._respond(id_, json.loads(body), failed=parts[-1] == "error")
                case ("POST", "2018-06-01", ["runtime", "init", "error"]):
                    self.init_error = json.loads(body)
                    self._changed.notify_all()
                    return Answer(202, {"status": "OK"})
                case ("POST", "2020-01-01", ["extension", "register"]):
                    return self._register(headers, json.loads(body))
                case ("GET", "2020-01-01", ["extension", "event", "next"]):
                    return self._extension_next(headers.get("lambda-extension-identifier", ""))
        return Answer(404, {"errorType": "NotFound"})

    def _register(self, headers: Mapping[str, str], body: Any) -> Answer:
        name = headers.get("lambda-extension-name")
        if not name:
            return refused("Extension.MissingHeader")
        if self.initialised_at:
            return refused("Extension.RegistrationClosed")
        if "SHUTDOWN" in body["events"]:
            return refused("ShutdownEventNotSupportedForInternalExtension")
        if name in self._extensions.values():
            return refused("Extension.AlreadyRegistered")
        identifier = str(uuid4())
        self._extensions[identifier] = name
        found = {"functionName": "mybot", "functionVersion": "$LATEST", "handler": "app"}
        return Answer(200, found, {"Lambda-Extension-Identifier": identifier})

    def _runtime_next(self) -> Answer:
        if not self.initialised_at:
            self.initialised_at = time.monotonic()
        found = self._next(RUNTIME)
        headers = {
            "Lambda-Runtime-Aws-Request-Id": found.id,
            "Lambda-Runtime-Deadline-Ms": str(found.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
            "Lambda-Runtime-Trace-Id": "Root=1-0-0;Parent=0;Sampled=0",
        }
        return Answer(200, found.event, headers)

    def _extension_next(self, identifier: str) -> Answer:
        if identifier not in self._extensions:
            return refused("Extension.UnknownExtensionIdentifier")
        found = self._next(identifier)
        event = {
            "eventType": "INVOKE",
            "deadlineMs": found.deadline_ms,
            "requestId": found.id,
            "invokedFunctionArn": ARN,
            "tracing": {"type": "X-Amzn-Trace-Id", "value": "Root=1-0-0;Parent=0;Sampled=0"},
        }
        return Answer(200, event, {"Lambda-Extension-Event-Identifier": str(uuid4())})

    def _next(self, who: str) -> Invocation:
        """Block until there is an event for that one; freeze everything if nobody works on."""
        self._asking.add(who)
        if self._current and self._all_ask() and self._given >= {RUNTIME, *self._extensions}:
            self._current.over_at = time.monotonic()
            if self._watch:
                self._watch.cancel()
            self._current = None
        if self._current is None and self._all_ask():
            self._signal(signal.SIGSTOP)
            self.frozen = True
        self._changed.notify_all()
        self._changed.wait_for(lambda: self._ended or self._is_for(who))
        if self._current is None or self._ended:
            raise ConnectionAbortedError
        self._asking.discard(who)
        self._given.add(who)
        return self._current

    def _is_for(self, who: str) -> bool:
        found = self._current
        if found is None or who in self._given:
            return False
        return who == RUNTIME or not self.extensions_are_told_late or found.answered_at > 0

    def _respond(self, request_id: str, value: Any, *, failed: bool) -> Answer:
        found = self._current
        if found is None or found.id != request_id or found.answered_at:
            return Answer(400, {"errorType": "InvalidRequestID"})
        found.answer, found.failed, found.answered_at = value, failed, time.monotonic()
        self._changed.notify_all()
        return Answer(202, {"status": "OK"})


def _without_id(path: str) -> str:
    parts = path.split("/")
    return "/".join("{id}" if part.count("-") == 4 else part for part in parts)


def _door(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # one packet an answer

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                answer = api.answer(self.command, self.path, headers, body)
                self._send(answer)
            except ConnectionError:
                self.close_connection = True

        def _send(self, answer: Answer) -> None:
            body = json.dumps(answer.value).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Door


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True


@contextmanager
def listening(timeout: float = 10.0) -> Iterator[tuple[RuntimeApi, str]]:
    """The API and the value of AWS_LAMBDA_RUNTIME_API."""
    api = RuntimeApi(timeout)
    server = _Server(("127.0.0.1", 0), _door(api))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield api, f"127.0.0.1:{server.server_port}"
    finally:
        api.ended()
        server.shutdown()
        thread.join()
        server.server_close()


class Environment:
    """An environment: its API, its process and what that has written."""

    def __init__(self, api: RuntimeApi, process: subprocess.Popen[str]) -> None:
        self.api = api
        self.process = process
        self.log = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self.log += line
        self.process.wait()
        self.api.ended()


_numbers = itertools.count(1)


@contextmanager
def environment(
    command: Sequence[str], folder: Path, settings: Mapping[str, str], *, timeout: float = 10.0
) -> Iterator[Environment]:
    """Run that runtime in an environment of its own, which ends with the block."""
    with listening(timeout) as (api, address):
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONDONTWRITEBYTECODE": "1",
                "AWS_LAMBDA_RUNTIME_API": address,
                "AWS_LAMBDA_FUNCTION_NAME": "mybot",
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
                "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/mybot",
                "AWS_LAMBDA_LOG_STREAM_NAME": f"environment{next(_numbers)}",
                "LAMBDA_TASK_ROOT": str(folder),
                "_HANDLER": "app.lambda_handler",
                **settings,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        api.started(process.pid)
        found = Environment(api, process)
        try:
            yield found
        finally:
            process.kill()
            process.wait()
            found._reader.join(PATIENCE)
