"""When a request may be repeated, and after which delay.

Law of this module: decisions from values; nothing is sent and nobody sleeps here.

Source: https://developers.line.biz/en/docs/messaging-api/retrying-api-request/
"""

from __future__ import annotations

from os import urandom
from typing import Literal, TypeAlias

from penniless.errors import CodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from penniless.line.operations import Repeat

Outcome: TypeAlias = Literal["not sent", "no answer", "server fault", "answered", "hopeless"]
"""`not sent`: LINE cannot have acted on it; `no answer`: it may have; `server fault`: 5xx;
`answered`: any other status; `hopeless`: no attempt will fare better."""

REPEATABLE: dict[Repeat, tuple[Outcome, ...]] = {
    "key": ("not sent", "no answer", "server fault"),
    "read": ("not sent", "no answer"),
    "once": ("not sent",),
}
"""The outcomes after which an operation of each kind may be sent again."""


def delays(
    attempts: int,
    *,
    base: float = 0.25,
    cap: float = 4.0,
    random: Callable[[], float] | None = None,
) -> Iterator[float]:
    """The waits in seconds between `attempts` attempts: exponential backoff with full jitter.

    Wait n is evenly spread over 0 .. min(cap, base * 2**n), so that callers which failed together
    do not come back together. `random` gives numbers in 0 <= x < 1.
    """
    draw = random or _random
    for number in range(attempts - 1):
        yield draw() * min(cap, base * 2**number)


def _random() -> float:
    # The `random` module would cost milliseconds of a cold start for this one number.
    return int.from_bytes(urandom(4), "big") / 2**32


def new_retry_key() -> str:
    """A fresh random UUID (version 4), made without the `uuid` module's import time."""
    number = bytearray(urandom(16))
    number[6] = number[6] & 0x0F | 0x40
    number[8] = number[8] & 0x3F | 0x80
    text = number.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def checked_retry_key(key: str) -> str:
    """The key itself if it is a UUID in hexadecimal notation, as LINE asks; else CodeError."""
    parts = key.split("-")
    digits = "".join(parts)
    if [len(part) for part in parts] != [8, 4, 4, 4, 12] or digits.strip("0123456789abcdefABCDEF"):
        raise CodeError("retry_key must be a UUID such as 123e4567-e89b-12d3-a456-426614174000")
    return key
