"""Stateless channel access tokens: made from the channel id and secret, good for 15 minutes.

Nothing but the channel secret has to be stored for them, they cannot be revoked, and there is no
limit to their number. A long-lived token is a plain str and needs nothing of this.

Source: https://developers.line.biz/en/docs/basics/channel-access-token/
"""

from __future__ import annotations

import time
from threading import Lock
from urllib.parse import urlencode

import msgspec

from penniless.connections import Broken, Request
from penniless.errors import LineUnreachable, SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from penniless.connections import Limits, Pool

    class TokenSource(Protocol):
        """Where a token comes from, as `Calls` asks for it."""

        @property
        def current(self) -> str: ...
        def token(self, pool: Pool, limits: Limits) -> str: ...
        def forget(self) -> None: ...


PATH = "/oauth2/v3/token"
MARGIN = 60
"""Seconds before its end at which a token is replaced, so that none expires on the way."""


class _Issued(msgspec.Struct):
    access_token: str
    expires_in: int


class StatelessToken:
    """Tokens from the channel id and secret, each used until shortly before its 15 minutes end.

    https://developers.line.biz/en/reference/messaging-api/#issue-stateless-channel-access-token
    """

    def __init__(
        self, channel_id: str, channel_secret: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        if not channel_id.isascii() or not channel_id.isdecimal():
            raise SettingsError(
                "the channel id is a number; the LINE Developers Console shows it under "
                "Basic settings"
            )
        self._form = urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": channel_id,
                "client_secret": channel_secret,
            }
        ).encode("ascii")
        # The wall clock: LINE's minutes go on while Lambda has us frozen.
        self._clock = clock
        self._lock = Lock()
        self.current = ""
        """The token fetched last; empty before the first."""
        self._until = 0.0

    def __repr__(self) -> str:
        return "StatelessToken()"

    def token(self, pool: Pool, limits: Limits) -> str:
        """The token; `pool` leads to LINE's API, should a new one be needed.

        Raises SettingsError if LINE does not take the id and secret, LineError for other trouble.
        """
        with self._lock:
            if self._clock() >= self._until:
                issued = self._fetch(pool, limits)
                self.current = issued.access_token
                self._until = self._clock() + max(issued.expires_in - MARGIN, 0)
            return self.current

    def forget(self) -> None:
        """Fetch another one next time: LINE refused this one before its time."""
        with self._lock:
            self._until = 0.0

    def _fetch(self, pool: Pool, limits: Limits) -> _Issued:
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: {pool.origin.authority}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Accept-Encoding: identity\r\nContent-Length: {len(self._form)}\r\n\r\n"
        )
        answer = pool.exchange(Request("POST", PATH, head.encode("ascii"), self._form), limits)
        if isinstance(answer, Broken):
            raise LineUnreachable(f"access token: {answer.reason}", maybe_received=False)
        answer.load(65536)
        if answer.status != 200:
            raise _refusal(answer.status)
        try:
            return msgspec.json.decode(answer.body, type=_Issued)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise LineUnreachable(
                "access token: the answer is not LINE's", maybe_received=False
            ) from None


def _refusal(status: int) -> Exception:
    """The body is left out: it may quote what was sent."""
    from penniless.line.refusals import refusal

    if status in (400, 401):
        return SettingsError(
            f"LINE issued no access token ({status}): the channel id and the channel secret do "
            "not belong together; the LINE Developers Console shows both under Basic settings"
        )
    return refusal("access token", status, "", b"", "", secret="")
