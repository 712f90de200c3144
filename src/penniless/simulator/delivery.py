"""Webhooks on their way: one POST each, two seconds in all, and LINE's words for what went wrong.

Law of this module: the only place that speaks HTTP to the bot. Exactly the bytes on record are
posted; redirects are not followed; the answer's body is read and ignored. The limit covers
everything from the connection to the last byte of the answer.

Source: https://developers.line.biz/en/docs/messaging-api/check-webhook-error-statistics/
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator

import httpx

from penniless.simulator.addresses import split
from penniless.simulator.clock import Clock
from penniless.simulator.records import Outcome, Webhook

LIMIT_SECONDS = 2.0
BODY_READ = 1024 * 1024
INVALID = ("could_not_connect", "Invalid URL syntax")
NO_SUCH_URL = Outcome(status=None, milliseconds=0.0, reason=INVALID[0], detail=INVALID[1])
NO_URL = Outcome(
    status=None,
    milliseconds=0.0,
    reason=INVALID[0],
    detail="Invalid URL syntax (no webhook URL is set)",
)

Fault = tuple[str, str]
TIMEOUT: Fault = ("request_timeout", "Request timeout")
UNCLASSIFIED: Fault = ("unclassified", "Unclassified webhook dispatch error")

FAULTS: tuple[tuple[type[Exception], Fault], ...] = (
    (TimeoutError, TIMEOUT),
    (httpx.ConnectTimeout, ("could_not_connect", "Connection timeout")),
    (httpx.PoolTimeout, TIMEOUT),
    (httpx.TimeoutException, TIMEOUT),
    (httpx.UnsupportedProtocol, INVALID),
    (httpx.InvalidURL, INVALID),
    (UnicodeError, INVALID),
    (httpx.RemoteProtocolError, ("unclassified", "Session closed unexpectedly")),
    (httpx.ReadError, ("unclassified", "Session closed unexpectedly")),
    (httpx.WriteError, ("unclassified", "Session closed unexpectedly")),
)
"""What httpx raises, most special first, in LINE's words. Connection errors are looked into."""

CONNECT_CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "Unknown host"),
    (ssl.SSLError, "TLS handshake failure"),
    (ConnectionRefusedError, "Connection failed"),
)


class Courier:
    """Delivers webhooks over one pool of connections. Proxies of the environment are not for us."""

    def __init__(
        self, clock: Clock, *, seconds: float = LIMIT_SECONDS, body_read: int = BODY_READ
    ) -> None:
        self._clock = clock
        self._seconds = seconds
        self._body_read = body_read
        self._plain = _client(verify=False)
        self._secure: httpx.AsyncClient | None = None

    async def deliver(
        self, webhook: Webhook, *, on_the_way: float = 0.0, on_the_way_back: float = 0.0
    ) -> Outcome:
        """Post a webhook once; never raises for what the bot's side does.

        Both ways take no time of their own unless seconds are given; they belong to the limit.
        """
        if not webhook.url:
            return NO_URL
        if split(webhook.url) is None:
            return NO_SUCH_URL
        start = self._clock.ticks()
        status, fault = None, None
        try:
            async with asyncio.timeout(self._seconds):
                if on_the_way:
                    await asyncio.sleep(on_the_way)
                answered = await self._post(webhook)
                if on_the_way_back:
                    await asyncio.sleep(on_the_way_back)
                status = answered
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            fault = fault_of(error)
        reason, detail = fault or verdict(status or 0)
        milliseconds = self._clock.ticks() - start
        return Outcome(status=status, milliseconds=milliseconds, reason=reason, detail=detail)

    async def _post(self, webhook: Webhook) -> int:
        client = self._client_for(webhook.url)
        async with client.stream(
            "POST", webhook.url, content=webhook.raw.encode(), headers=webhook.headers
        ) as answer:
            read = 0
            async for piece in answer.aiter_raw():
                read += len(piece)
                if read > self._body_read:
                    break
            return answer.status_code

    def _client_for(self, url: str) -> httpx.AsyncClient:
        """Loading the certificates takes longer than the start of the simulator: only for https."""
        if not url.lower().startswith("https:"):
            return self._plain
        if self._secure is None:
            self._secure = _client(verify=True)
        return self._secure

    async def close(self) -> None:
        """Close all connections."""
        for client in (self._plain, self._secure):
            if client is not None:
                await client.aclose()


def _client(*, verify: bool) -> httpx.AsyncClient:
    client = httpx.AsyncClient(
        verify=verify,
        timeout=httpx.Timeout(None, connect=LIMIT_SECONDS - 0.05),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=100),
        follow_redirects=False,
        trust_env=False,
    )
    for name in ("accept", "user-agent"):
        del client.headers[name]
    client.headers["accept-encoding"] = "gzip"
    return client


def verdict(status: int) -> Fault:
    """LINE's reference asks for exactly 200; any other 2xx is no error, so it is only noted."""
    if status == 200:
        return "ok", ""
    if 200 <= status < 300:
        return "ok", f"{status}: LINE asks for exactly 200"
    return "error_status_code", str(status)


def fault_of(error: Exception) -> Fault:
    """LINE's reason and detail for what httpx raised."""
    if isinstance(error, httpx.ConnectError):
        return "could_not_connect", _connect_detail(error)
    for kind, fault in FAULTS:
        if isinstance(error, kind):
            return fault
    return UNCLASSIFIED


def _connect_detail(error: BaseException) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError) and "WRONG_VERSION_NUMBER" in str(cause):
            return "No SSL/TLS record"
        for kind, detail in CONNECT_CAUSES:
            if isinstance(cause, kind):
                return detail
    return "Connection failed"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
