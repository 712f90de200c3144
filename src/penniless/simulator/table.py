"""What a row of the table of operations is.

Law of this module: shapes only. Each family of operations writes its rows beside its functions;
`operations` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from msgspec import Struct

from penniless.simulator.exchange import Answer, Asked
from penniless.simulator.rates import Rate

Handler = Callable[[Asked], Answer]

Body: TypeAlias = Literal["json", "optional", "form", "files", "bytes", "none"]
"""How a body is read: JSON, JSON or nothing, a form, a form with files, as it is, or not at all."""

HOURLY: Rate = (60, 3600)
HUNDRED_AN_HOUR: Rate = (100, 3600)
TWO_HUNDRED: Rate = (200, 1)
MINUTELY: Rate = (60, 60)


class Operation(Struct, frozen=True):
    """`template` has `{name}` where the path carries a value."""

    name: str
    method: str
    template: str
    handler: Handler
    retry_key: bool = False
    """Whether `X-Line-Retry-Key` may be given."""
    body: Body = "json"
    rate: Rate = (2_000, 1)
    """https://developers.line.biz/en/reference/messaging-api/#rate-limits"""
    secret: bool = False
    """Whether request and answer carry secrets, which are not shown on the wire."""
