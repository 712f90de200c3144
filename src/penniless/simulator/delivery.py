"""Webhooks on their way: one POST each, two seconds in all, and LINE's words for what went wrong.

Law of this module: LINE's limit and LINE's words; the HTTP is that of `outgoing`, for this module
alone. Exactly the bytes on record are posted; the answer's body is read and ignored. The limit
covers everything from the connection to the last byte of the answer. What LINE leaves open here is
decided by `guesses`.

Source: https://developers.line.biz/en/docs/messaging-api/check-webhook-error-statistics/
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator

import h11
import httpx

from penniless.simulator import sentences
from penniless.simulator.addresses import split
from penniless.simulator.clock import Clock
from penniless.simulator.guesses import Guesses
from penniless.simulator.outgoing import Answer, BrokenOff, NotConnected, Outgoing
from penniless.simulator.records import Outcome, Webhook

LIMIT_SECONDS = 2.0
BODY_READ = 1024 * 1024
MOST_REDIRECTS = 5
HEAD_ONLY = -1
GUESSES = Guesses()
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
    (httpx.InvalidURL, INVALID),
    (UnicodeError, INVALID),
    (BrokenOff, ("unclassified", "Session closed unexpectedly")),
)
"""What a delivery raises, in LINE's words. Connections that failed are looked into."""

BROKEN = (NotConnected, BrokenOff, h11.LocalProtocolError, httpx.InvalidURL, OSError, UnicodeError)

CONNECT_CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (TimeoutError, "Connection timeout"),
    (socket.gaierror, sentences.UNKNOWN_HOST),
    (UnicodeError, sentences.UNKNOWN_HOST),
    (ssl.SSLError, "TLS handshake failure"),
    (ConnectionResetError, "TLS handshake failure"),
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
        self._outgoing = Outgoing()

    async def deliver(
        self,
        webhook: Webhook,
        *,
        on_the_way: float = 0.0,
        on_the_way_back: float = 0.0,
        guesses: Guesses = GUESSES,
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
                answered = await self._post(webhook, guesses)
                if on_the_way_back:
                    await asyncio.sleep(on_the_way_back)
                status = answered
        except BROKEN as error:
            fault = fault_of(error)
        reason, detail = fault or verdict(status or 0, only_200=guesses.only_200_succeeds)
        milliseconds = self._clock.ticks() - start
        return Outcome(status=status, milliseconds=milliseconds, reason=reason, detail=detail)

    async def _post(self, webhook: Webhook, guesses: Guesses) -> int:
        """The status of the answer; of the last one, where redirects are followed."""
        url, method, body = webhook.url, "POST", webhook.raw.encode()
        most = self._body_read if guesses.answer_body_counts else HEAD_ONLY
        answer = await self._outgoing.send(method, url, webhook.headers, body, most=most)
        for _ in range(MOST_REDIRECTS if guesses.follows_redirects else 0):
            if not answer.location:
                break
            url = str(httpx.URL(url).join(answer.location))
            if not _keeps_its_method(answer):
                method, body = "GET", b""
            answer = await self._outgoing.send(method, url, webhook.headers, body, most=most)
        return answer.status

    async def close(self) -> None:
        """Close all connections."""
        await self._outgoing.close()


def _keeps_its_method(answer: Answer) -> bool:
    """Whether a redirect asks for the same request again: RFC 9110, 15.4."""
    return answer.status in {307, 308}


def verdict(status: int, *, only_200: bool = False) -> Fault:
    """LINE's reference asks for exactly 200; any other 2xx is only noted, unless `only_200`."""
    if status == 200:
        return "ok", ""
    if 200 <= status < 300 and not only_200:
        return "ok", f"{status}: LINE asks for exactly 200"
    return "error_status_code", str(status)


def fault_of(error: Exception) -> Fault:
    """LINE's reason and detail for what a delivery raised."""
    if isinstance(error, NotConnected):
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
