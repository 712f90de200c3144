"""Channel access tokens that were issued: which there are, and until when they work.

Law of this module: counting and time, which is passed in. Tokens are kept as digests only. How
they are asked for stands in `channel_tokens`.

Source: https://developers.line.biz/en/docs/basics/channel-access-token/
"""

from __future__ import annotations

import hashlib
from typing import Literal, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal["short", "jwt", "stateless"]
"""Short-lived (v2), with a chosen life (v2.1), stateless (v3)."""

DAY = 24 * 3600
SHORT_LIFE = 30 * DAY
STATELESS_LIFE = 15 * 60
MOST = 30
"""Short-lived tokens and tokens v2.1 that may be valid at a time, each."""
KEPT = 10_000


class AccessToken(Struct):
    """`expires` in UTC milliseconds; `key_id` for tokens v2.1."""

    kind: Kind
    expires: int
    key_id: str = ""
    revoked: bool = False


class AccessTokens:
    """All issued tokens but the long-lived one. They stay valid when the world is reset."""

    def __init__(self) -> None:
        self._tokens: dict[bytes, AccessToken] = {}
        self.long_lived_revoked = False

    def issue(self, token: str, issued: AccessToken, now: int) -> None:
        """Remember a new token; of the short-lived ones, the oldest has to go above the limit."""
        self._forget_old(now)
        if issued.kind == "short":
            valid = self._valid("short", now)
            for oldest in valid[: max(0, len(valid) - MOST + 1)]:
                oldest.revoked = True
        self._tokens[_digest(token)] = issued

    def find(self, token: str) -> AccessToken | None:
        """A token that was issued, valid or not."""
        return self._tokens.get(_digest(token))

    def accepts(self, token: str, now: int) -> bool:
        found = self.find(token)
        return found is not None and not found.revoked and now < found.expires

    def full(self, now: int) -> bool:
        """Whether no further token v2.1 may be issued."""
        return len(self._valid("jwt", now)) >= MOST

    def key_ids(self, now: int) -> list[str]:
        return [one.key_id for one in self._valid("jwt", now)]

    def clear(self) -> None:
        """The world begins anew; a bot that runs keeps its token, the console issues one again."""
        self.long_lived_revoked = False

    def _valid(self, kind: Kind, now: int) -> list[AccessToken]:
        return [
            one
            for one in self._tokens.values()
            if one.kind == kind and not one.revoked and now < one.expires
        ]

    def _forget_old(self, now: int) -> None:
        """Stateless tokens have no limit to their number, so the oldest are dropped some day."""
        if len(self._tokens) >= KEPT:
            self._tokens = {
                digest: one for digest, one in self._tokens.items() if now < one.expires + DAY
            }
        while len(self._tokens) >= KEPT:
            del self._tokens[next(iter(self._tokens))]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
