"""One way to send any operation: the request, its attempts, and what LINE's status means.

Law of this module: the only place that holds the access token, and the only one that repeats a
request. What an operation is stands in `operations`, when it may be repeated in `retry`.
"""

from __future__ import annotations

import time
from urllib.parse import urlencode

import msgspec

from penniless import __version__
from penniless.connections import Answer, Broken, Limits, Pool, Request, parse_origin
from penniless.errors import LineUnreachable, MessageError, SettingsError
from penniless.line.operations import OPERATIONS, path_of
from penniless.line.retry import REPEATABLE, checked_retry_key, delays, new_retry_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

    from penniless.connections import Origin
    from penniless.line.operations import Operation
    from penniless.line.retry import Outcome
    from penniless.line.tokens import TokenSource
    from penniless.ports import Json

_LARGEST_ANSWER = 1 << 20
"""Bytes that are read of a JSON answer; LINE's are a few kilobytes."""


class Calls:
    """A channel's token and its connections to LINE's two origins. Safe for threads."""

    def __init__(
        self,
        token: str | TokenSource,
        origins: dict[str, str],
        *,
        limits: Limits,
        attempts: int,
        keep_alive: float,
        tls_context: ssl.SSLContext | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if isinstance(token, str):
            _check_token(token)
        self._token = token
        self._pools = {
            host: Pool(parse_origin(origin), keep_alive=keep_alive, tls=tls_context)
            for host, origin in origins.items()
        }
        self._limits = limits
        self._attempts = attempts
        self._sleep = sleep

    def origin(self, host: str) -> Origin:
        return self._pools[host].origin

    def within(self, seconds: float) -> Calls:
        """The same calls over the same connections, to end in about `seconds` from now."""
        calls = object.__new__(Calls)
        calls.__dict__.update(self.__dict__)
        until = time.monotonic() + self._limits.left(seconds)
        calls._limits = Limits(self._limits.connect, self._limits.read, until)
        return calls

    def warm(self, hosts: Iterable[str]) -> None:
        for host in hosts:
            broken = self._pools[host].warm(self._limits)
            if broken:
                raise LineUnreachable(broken.reason, maybe_received=False)

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def send(
        self,
        name: str,
        values: dict[str, str] | None = None,
        *,
        query: dict[str, str] | None = None,
        body: Json | None = None,
        retry_key: str | None = None,
        stream: bool = False,
    ) -> Answer:
        """Send the operation `name`, again where its row allows that, and give LINE's answer.

        `values` go into the path. The answer's body is loaded, except that of a 200 with `stream`.
        Raises a LineError for everything but success; success is 2xx, and the 409 that a repeat
        meets when an earlier attempt was accepted.
        """
        operation = OPERATIONS[name]
        target = path_of(operation, values or {}) + (
            f"?{urlencode(query, errors='replace')}" if query else ""
        )
        payload = None if body is None else _encoded(name, body)
        key = ""
        if operation.repeat == "key":
            key = checked_retry_key(retry_key) if retry_key else new_retry_key()
        request = self._request(operation, target, payload, key)
        answer = self._answer(name, operation, request, stream=stream)
        if answer.status == 401 and self._forget_token():
            # The 401 did nothing, so whatever the operation, it may be sent again.
            request = self._request(operation, target, payload, key)
            answer = self._answer(name, operation, request, stream=stream)
        if 200 <= answer.status < 300 or (answer.status == 409 and key):
            return answer
        raise self._refusal(name, answer)

    def _bearer(self) -> str:
        if isinstance(self._token, str):
            return self._token
        return self._token.token(self._pools["api"], self._limits)

    def _forget_token(self) -> bool:
        """Drop a stateless token that LINE refused; False if there is none to drop."""
        if isinstance(self._token, str):
            return False
        self._token.forget()
        return True

    def _request(
        self, operation: Operation, target: str, payload: bytes | None, key: str
    ) -> Request:
        lines = [
            f"{operation.method} {target} HTTP/1.1",
            f"Host: {self.origin(operation.host).authority}",
            f"Authorization: Bearer {self._bearer()}",
            f"User-Agent: penniless/{__version__}",
            "Accept-Encoding: identity",
        ]
        if payload is not None:
            lines.append("Content-Type: application/json")
        if operation.method != "GET":
            lines.append(f"Content-Length: {len(payload or b'')}")
        if key:
            lines.append(f"X-Line-Retry-Key: {key}")
        head = "\r\n".join(lines) + "\r\n\r\n"
        return Request(operation.method, target, head.encode("ascii"), payload or b"")

    def _answer(self, name: str, operation: Operation, request: Request, *, stream: bool) -> Answer:
        """LINE's answer after as many attempts as are allowed, or LineUnreachable."""
        waits = delays(self._attempts)
        maybe_received = False
        while True:
            answer = self._attempt(operation, request, stream=stream)
            outcome = _outcome(answer)
            maybe_received = maybe_received or outcome in ("no answer", "server fault")
            wait = next(waits, None) if outcome in REPEATABLE[operation.repeat] else None
            if wait is None or self._limits.left(wait + 1) <= wait:
                break
            self._sleep(wait)
        if isinstance(answer, Broken):
            raise LineUnreachable(f"{name}: {answer.reason}", maybe_received=maybe_received)
        return answer

    def _attempt(self, operation: Operation, request: Request, *, stream: bool) -> Answer | Broken:
        if self._limits.left(1) <= 0:
            return Broken("no time is left", maybe_received=False, hopeless=True)
        answer = self._pools[operation.host].exchange(request, self._limits)
        if isinstance(answer, Answer) and not (stream and answer.status == 200):
            answer.load(_LARGEST_ANSWER)
        return answer

    def _refusal(self, name: str, answer: Answer) -> Exception:
        from penniless.line.refusals import refusal

        return refusal(
            name,
            answer.status,
            answer.reason,
            answer.body,
            answer.header("x-line-request-id"),
            secret=self._token if isinstance(self._token, str) else self._token.current,
        )


def _outcome(answer: Answer | Broken) -> Outcome:
    if isinstance(answer, Broken):
        if answer.hopeless:
            return "hopeless"
        return "no answer" if answer.maybe_received else "not sent"
    if answer.status >= 500:
        return "server fault"
    # A refusal is known by its status, however much of its body is missing.
    return "no answer" if answer.cut and answer.status < 400 else "answered"


def _encoded(name: str, body: Json) -> bytes:
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError, RecursionError) as error:
        # The kind only: an encoding error's own text may hold a piece of the message.
        kind = type(error).__name__
    raise MessageError(f"{name}: something in the request cannot be written as JSON ({kind})")


def _check_token(token: str) -> None:
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise SettingsError(
            "the channel access token is empty or holds a character that no token has, such as a "
            "space or a line break; the LINE Developers Console shows it under Messaging API"
        )
