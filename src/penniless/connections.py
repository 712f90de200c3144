"""Connections to one origin, kept alive between requests, and one HTTP exchange over them.

Law of this module: sockets and HTTP framing; nothing of LINE, no retries. What goes wrong comes
back as a `Broken` value, not as an exception, because the frames of an exception would carry the
request's headers, and with them the access token, into whatever prints local variables.

The far side closes idle connections, and a frozen Lambda environment does not notice. So an idle
connection is used again only if it is young and nothing can be read from it.
"""

from __future__ import annotations

import socket
import ssl
from functools import cache
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from os import getpid
from time import monotonic, time
from urllib.parse import urlsplit

from msgspec import Struct

from penniless.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_PORTS = {"https": 443, "http": 80}
_FAILURES = (OSError, HTTPException, ValueError)


class Origin(Struct, frozen=True):
    """Scheme, host and port of a server; `str()` writes it as in a URL."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


def parse_origin(text: str) -> Origin:
    """Read an origin such as `https://api.line.me` or `http://127.0.0.1:8080`.

    Raises SettingsError for anything else; plain http is for the simulator.
    """
    try:
        parts = urlsplit(text)
        port = parts.port or _PORTS[parts.scheme]
        host = parts.hostname or ""
        host.encode("ascii")
    except (KeyError, ValueError):
        host = ""
    if not host or text.rstrip("/") != f"{parts.scheme}://{parts.netloc}" or "@" in text:
        raise SettingsError(
            "the origin of LINE's API must look like https://api.line.me: scheme, host and, "
            "where needed, a port"
        )
    return Origin(parts.scheme, host, port)


@cache
def tls_context() -> ssl.SSLContext:
    """The process's one context that trusts the system's certificate authorities.

    Loading those takes 20 ms of CPU, so it is made once, at the first https connection.
    """
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class Request:
    """`head` is everything up to and with the empty line. It holds the token: never printed.

    No Struct, because those tell their fields to pretty printers.
    """

    __slots__ = ("body", "head", "method", "target")

    def __init__(self, method: str, target: str, head: bytes, body: bytes = b"") -> None:
        self.method = method
        self.target = target
        self.head = head
        self.body = body

    def __repr__(self) -> str:
        return f"Request({self.method} {self.target})"


class Limits(Struct, frozen=True):
    """How long to wait, in seconds: for a connection, and for each silence of the far side.

    Both shrink to what is left until `until`, a time of `time.monotonic()`.
    """

    connect: float
    read: float
    until: float | None = None

    def left(self, seconds: float) -> float:
        """`seconds`, or less if the end comes earlier; 0.0 or below when it has come."""
        return seconds if self.until is None else min(seconds, self.until - monotonic())


class Broken(Struct, frozen=True):
    """No answer. `maybe_received`: the far side may have acted on the request all the same."""

    reason: str
    maybe_received: bool
    hopeless: bool = False


class Answer:
    """A status, headers, and a body still to be read from the connection it came over.

    `cut` turns True when the connection broke before the end of the body.
    """

    __slots__ = ("_pool", "_response", "_socket", "body", "cut")

    def __init__(self, pool: Pool, sock: socket.socket, response: HTTPResponse) -> None:
        self._pool = pool
        self._socket: socket.socket | None = sock
        self._response = response
        self.body = b""
        self.cut = False

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def reason(self) -> str:
        return self._response.reason

    @property
    def remaining(self) -> int | None:
        """Bytes of the body still to come; None where only the end will tell."""
        return self._response.length

    @property
    def ended(self) -> bool:
        """Whether nothing of the body is left to read."""
        return self._response.isclosed()

    def header(self, name: str) -> str:
        """A header's value, the name in any case; empty where there is none."""
        return self._response.headers.get(name, "")

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes of the body, all that is left for -1; look at `cut` afterwards."""
        try:
            piece = self._response.read(None if size < 0 else size)
        except _FAILURES:
            self.cut = True
            return b""
        if self._response.length and (size < 0 or len(piece) < size):
            self.cut = True
        return piece

    def load(self, limit: int) -> None:
        """Read the whole body into `body`; a cut one, or one above `limit` bytes, stays empty."""
        body = self.read(limit + 1)
        self.cut = self.cut or len(body) > limit
        self.body = b"" if self.cut else body
        self.release()

    def release(self) -> None:
        """Give the connection back if the whole answer was read from it, else close it; once."""
        sock, self._socket = self._socket, None
        if sock is None:
            return
        whole = self.ended and not self.cut and not self._response.will_close
        self._response.close()
        if whole:
            self._pool.keep(sock)
        else:
            sock.close()


class Pool:
    """The idle connections to one origin. Safe for threads: a connection in use is in no list.

    It opens as many connections as there are exchanges at a time and keeps up to `size` of them,
    each for `keep_alive` seconds.
    """

    def __init__(
        self,
        origin: Origin,
        *,
        keep_alive: float,
        size: int = 8,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time,
    ) -> None:
        self.origin = origin
        self._keep_alive = keep_alive
        self._size = size
        self._tls = tls
        # The wall clock, because the monotonic one may stand still while Lambda freezes us.
        self._clock = clock
        self._closed = False
        # Only append and pop touch the list, and each is atomic, so it needs no lock.
        self._idle: list[tuple[socket.socket, float, int]] = []

    def exchange(self, request: Request, limits: Limits) -> Answer | Broken:
        """Send the request once and wait for the head of its answer.

        An idle connection that fails while the request is being handed to it is replaced: the
        request was incomplete, so nobody can have acted on it. Afterwards nothing is sent again.
        """
        while True:
            idle = self._take()
            sock = idle or self._open(limits)
            if isinstance(sock, Broken):
                return sock
            failure = _send(sock, request, limits)
            if failure is None:
                return self._receive(sock, request.method, limits)
            sock.close()
            if idle is None or isinstance(failure, TimeoutError):
                return Broken(_described(failure), maybe_received=True)

    def warm(self, limits: Limits) -> Broken | None:
        """See to it that one live connection waits."""
        sock = self._take() or self._open(limits)
        if isinstance(sock, Broken):
            return sock
        self.keep(sock)
        return None

    def keep(self, sock: socket.socket) -> None:
        """Keep a connection that is ready for its next request."""
        if len(self._idle) >= self._size:
            sock.close()
            return
        self._idle.append((sock, self._clock(), getpid()))
        if self._closed:
            self.close()

    def close(self) -> None:
        """Close what is idle, and from now on each connection after its exchange."""
        self._closed = True
        while self._idle:
            self._discard()

    def _discard(self) -> None:
        try:
            self._idle.pop()[0].close()
        except IndexError:
            return  # another thread was faster

    def _take(self) -> socket.socket | None:
        """The youngest idle connection that is still good; the bad ones met are closed."""
        while self._idle:
            try:
                sock, since, process = self._idle.pop()
            except IndexError:
                break
            young = 0 <= self._clock() - since < self._keep_alive
            # After a fork the parent's connections are shared, and two would talk on one line.
            if young and process == getpid() and _is_live(sock):
                return sock
            sock.close()
        return None

    def _open(self, limits: Limits) -> socket.socket | Broken:
        try:
            return self._connected(_patience(limits, limits.connect))
        except (OSError, ValueError) as error:
            why = _described(error)
            hopeless = isinstance(error, ssl.SSLCertVerificationError)
        return Broken(
            f"cannot connect to {self.origin}: {why}", maybe_received=False, hopeless=hopeless
        )

    def _connected(self, timeout: float) -> socket.socket:
        # Bytes, because a str would pull in the IDNA codec, 3 ms of a cold start.
        host = self.origin.host.encode("ascii")
        sock = socket.create_connection((host, self.origin.port), timeout)  # type: ignore[arg-type]
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.origin.scheme == "https":
                return (self._tls or tls_context()).wrap_socket(sock, server_hostname=host)
        except BaseException:
            sock.close()
            raise
        return sock

    def _receive(self, sock: socket.socket, method: str, limits: Limits) -> Answer | Broken:
        response = HTTPResponse(sock, method=method)
        try:
            sock.settimeout(_patience(limits, limits.read))
            response.begin()
            return Answer(self, sock, response)
        except _FAILURES as error:
            why = _described(error)
        response.close()
        sock.close()
        return Broken(why, maybe_received=True)


def _send(sock: socket.socket, request: Request, limits: Limits) -> OSError | None:
    """Hand over the whole request at once: head and body in two packets would wait on each other.

    A failure means that the last bytes never left, so what did leave is not a request.
    """
    try:
        sock.settimeout(_patience(limits, limits.read))
        sock.sendall(request.head + request.body)
    except OSError as error:
        return error
    return None


def _patience(limits: Limits, seconds: float) -> float:
    # Zero would not mean "at once" to a socket but "do not block".
    return max(limits.left(seconds), 0.001)


def _is_live(sock: socket.socket) -> bool:
    """Whether an idle connection has nothing to say; an end or unasked bytes make it useless.

    It has to be read, not polled: TLS 1.3 tickets may lie in it, which a read digests.
    """
    try:
        sock.settimeout(0)
        sock.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False
    return False


def _described(error: Exception) -> str:
    """What went wrong, without a byte of what was sent or received."""
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return f"that is no HTTP answer ({type(error).__name__})"
