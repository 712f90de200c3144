"""Identifiers in the shapes LINE uses: user, group and message ids, ULIDs, tokens.

Law of this module: no state but the last id given, no time but the one passed in. Ids of people and
groups come from their names, so that they are the same in every run.

Shapes: https://developers.line.biz/en/reference/messaging-api/#common-properties
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import re
import secrets

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
USER_ID = re.compile(r"U[0-9a-f]{32}\Z")
CHAT_ID = re.compile(r"[UCR][0-9a-f]{32}\Z")
SAVED = r"^[0-9a-f]{64}\.[0-9]{1,19}\Z"
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")

PAGE_LIFE = 24 * 3600 * 1000
"""Milliseconds for which a continuation token works."""

_PREFIX = {"user": "U", "group": "C", "room": "R"}
_ULID_RANDOM_BITS = 80


def id_of(kind: str, name: str) -> str:
    """The id of the `user`, `group` or `room` of that name, the same in every run."""
    return _PREFIX[kind] + hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()[:32]


def ulid(milliseconds: int, chance: int) -> str:
    """26 characters: 48 bits of time, then 80 bits of chance."""
    number = (milliseconds << _ULID_RANDOM_BITS) | chance
    return "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def _url_safe(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def made_up_secret() -> str:
    """A channel secret: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def made_up_access_token() -> str:
    """A channel access token: 172 characters, as long as LINE's long-lived ones."""
    return secrets.token_urlsafe(129)


class Ids:
    """Gives new ids. `chance` may be a seeded `random.Random`, for runs that repeat exactly."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self._chance = chance or random.SystemRandom()
        self._key = self._bits(256).to_bytes(32, "big")
        self._message = 0
        self._ulid_time = -1
        self._ulid_chance = 0

    def _bits(self, count: int) -> int:
        return self._chance.getrandbits(count)

    @property
    def saved(self) -> str:
        """What `recall` needs so that quote tokens and the like stay good."""
        return f"{self._key.hex()}.{self._message}"

    def recall(self, saved: str) -> None:
        """Go on where others ended, with what their `saved` gave (see `SAVED`)."""
        key, _, message = saved.partition(".")
        self._key, self._message = bytes.fromhex(key), max(self._message, int(message))

    def message_id(self, now: int) -> str:
        """18 decimal digits, larger than any before: milliseconds, then a counter."""
        self._message = max(self._message + 1, now * 100_000 + 1)
        return str(self._message)

    def event_id(self, now: int) -> str:
        """A ULID; ids given in one millisecond are in order too."""
        if now > self._ulid_time:
            self._ulid_time, self._ulid_chance = now, self._bits(_ULID_RANDOM_BITS - 1)
        else:
            self._ulid_chance += 1
        return ulid(self._ulid_time, self._ulid_chance)

    def reply_token(self) -> str:
        return f"{self._bits(128):032x}"

    def request_id(self) -> str:
        """A random UUID (version 4)."""
        digits = f"{(self._bits(128) & ~(0xF << 76) & ~(3 << 62)) | (4 << 76) | (2 << 62):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def access_token(self) -> str:
        """A short-lived channel access token: 172 characters, like the long-lived ones."""
        return _url_safe(self._bits(129 * 8).to_bytes(129, "big"))

    def jws_token(self) -> str:
        """A channel access token of the newer kinds: opaque, and it looks like a JWS."""
        header = _url_safe(b'{"alg":"HS256"}')
        return f"{header}.{_url_safe(self._bits(512).to_bytes(64, 'big'))}.{self.key_id()}"

    def key_id(self) -> str:
        """22 URL-safe characters."""
        return _url_safe(self._bits(128).to_bytes(16, "big"))

    def hex_id(self) -> str:
        """32 hexadecimal digits, as in the id of a rich menu."""
        return f"{self._bits(128):032x}"

    def page_token(self, kind: str, position: int, now: int) -> str:
        """A continuation token: it says where the next page of that list begins."""
        return self._sealed(b"page", f"{position}.{kind}.{now}".encode())

    def opened_page(self, kind: str, token: str, now: int) -> int | None:
        """Where the next page begins; None for a token that is not of that list, or a day old."""
        opened = self._opened(b"page", token)
        if opened is None or opened[0] != kind or not 0 <= now - int(opened[2]) <= PAGE_LIFE:
            return None
        return int(opened[1])

    def quote_token(self, chat: str, message_id: str) -> str:
        """About 160 URL-safe characters that name the message and prove that we gave them."""
        return self._sealed(b"quote", self._named(chat, message_id).encode())

    def read_token(self, chat: str, message_id: str) -> str:
        """Like a quote token, about 210 characters long."""
        return self._sealed(b"mark-as-read", self._named(chat, message_id).ljust(94).encode())

    def opened_quote(self, token: str) -> tuple[str, str] | None:
        """The chat and message id of a quote token that we gave, else None."""
        opened = self._opened(b"quote", token)
        return opened[:2] if opened else None

    def opened_read(self, token: str) -> tuple[str, str] | None:
        """The chat and message id of a mark-as-read token that we gave, else None."""
        opened = self._opened(b"mark-as-read", token)
        return opened[:2] if opened else None

    def _named(self, chat: str, message_id: str) -> str:
        """Chance is part of it: two tokens of one message differ, as after an edit."""
        return f"{message_id}.{chat}.{self._bits(32):08x}"

    def _sealed(self, kind: bytes, content: bytes) -> str:
        seal = hmac.digest(self._key, kind + content, "sha512")
        return _url_safe(seal + content)

    def _opened(self, kind: bytes, token: str) -> tuple[str, str, str] | None:
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except ValueError:
            return None
        content = raw[64:]
        if not hmac.compare_digest(token.encode(), self._sealed(kind, content).encode()):
            return None
        first, second, third = content.decode().split(".")
        return second, first, third
