"""A raw-socket HTTP server on 127.0.0.1 that behaves as badly as a test wants.

It counts the connections it accepts and keeps what it received. For each request the test's
function says what to do: a `Step` with bytes to send, and whether to close, reset or hang then.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

OK = "200 OK"


class Received(NamedTuple):
    """One request; header names in lower case; `connection` counts from 1."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Step(NamedTuple):
    """What to do with one request, in the order of the fields."""

    data: bytes = b""
    close: bool = False
    reset: bool = False
    hang: bool = False


Answering = Callable[[Received], Step]

HANG = Step(hang=True)
CLOSE = Step(close=True)
RESET = Step(reset=True)


def raw(status: str, body: bytes, *headers: str, close: bool = False) -> Step:
    """An answer with Content-Length; `close` closes the connection without having said so."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return Step("\r\n".join(lines).encode() + b"\r\n\r\n" + body, close=close)


def answer(value: Any = None, status: str = OK, *headers: str, close: bool = False) -> Step:
    """An answer of JSON, with a request id as LINE gives one."""
    body = json.dumps({} if value is None else value).encode()
    known = ("Content-Type: application/json", "x-line-request-id: request-1")
    return raw(status, body, *known, *headers, close=close)


def chunked(*pieces: bytes) -> Step:
    """An answer in chunks, whole."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return Step(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)


def in_turn(*steps: Step) -> Answering:
    """The steps one after the other, the last one for ever."""
    left = list(steps)
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, at most five seconds."""
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "the awaited condition never came"
        time.sleep(0.001)


class FakeServer:
    """The server. `received` and `connections` say what came; `closed` counts ended connections."""

    def __init__(self, answering: Answering, tls: ssl.SSLContext | None = None) -> None:
        self.answering = answering
        self.received: list[Received] = []
        self.connections = 0
        self.closed = 0
        self._tls = tls
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._stopping = False
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        scheme = "https" if tls else "http"
        self.port: int = self._listener.getsockname()[1]
        self.origin = f"{scheme}://127.0.0.1:{self.port}"
        self._start(self._accept)

    def stop(self) -> None:
        """Close everything and wait for the threads; once."""
        if self._stopping:
            return
        self._stopping = True
        # A connection of our own, because closing a listener does not wake its accept().
        socket.create_connection(("127.0.0.1", self.port)).close()
        self.drop_all()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def drop_all(self) -> None:
        """Close every open connection from this side, as an idle timeout does."""
        with self._lock:
            still_open = list(self._open)
        for sock in still_open:
            _shut(sock)
        until(lambda: not self._open)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._stopping:
                sock.close()
                return
            with self._lock:
                self.connections += 1
                self._open.add(sock)
            self._start(self._serve, sock, self.connections)

    def _serve(self, plain: socket.socket, number: int) -> None:
        sock = plain
        try:
            if self._tls:
                sock = self._tls.wrap_socket(plain.dup(), server_side=True)
            stream = sock.makefile("rb")
            with stream:
                while self._serve_one(sock, stream, number):
                    pass
        except (OSError, ValueError):
            pass  # the client went away or spoke something else, which is its right
        finally:
            sock.close()
            _shut(plain)
            plain.close()
            with self._lock:
                self._open.discard(plain)
                self.closed += 1

    def _serve_one(self, sock: socket.socket, stream: Any, number: int) -> bool:
        request = _read(stream, number)
        if request is None:
            return False
        with self._lock:
            self.received.append(request)
        step = self.answering(request)
        if step.data:
            sock.sendall(step.data)
        if step.hang:
            stream.read(1)
        if step.reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            stream.close()
            sock.close()
        return not (step.close or step.reset or step.hang)


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # already ended


def _read(stream: Any, number: int) -> Received | None:
    first = stream.readline()
    if not first:
        return None
    method, target, _ = first.decode("ascii").split(" ")
    headers = dict(_headers(iter(stream.readline, b"\r\n")))
    body = stream.read(int(headers.get("content-length", "0")))
    return Received(method, target, headers, body, number)


def _headers(lines: Iterable[bytes]) -> Iterable[tuple[str, str]]:
    for line in lines:
        name, _, value = line.decode("ascii").partition(":")
        yield name.lower(), value.strip()
