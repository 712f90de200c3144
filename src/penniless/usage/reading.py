"""One meter of the month: how much is used, how much is free, and where it will end.

Law of this module: what a reading is and what follows from it; it asks nobody.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from msgspec import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.usage.forecast import Month

Scope: TypeAlias = Literal["bot", "account", "other", "line"]
"""The bot alone; what it uses of AWS, counted for the whole account; what else the account uses;
and LINE's quota."""


class Reading(Struct, frozen=True, kw_only=True):
    """`used` of `free` units, and `by_the_end` of the month.

    `free` is None for what has no limit, and 0 for what costs something from the first unit on.
    `by_the_end` is None where nobody can say yet. What is `chosen`, such as a table's capacity,
    does not grow by itself: all of the free part may be chosen.
    """

    scope: Scope
    title: str
    unit: str
    used: Decimal
    free: Decimal | None
    by_the_end: Decimal | None
    chosen: bool = False
    full_at: datetime | None = None

    @property
    def share(self) -> Decimal | None:
        """Per cent of what is free that are used; None where that is no number."""
        return self._of_free(self.used)

    @property
    def share_by_the_end(self) -> Decimal | None:
        """The same at the end of the month."""
        return None if self.by_the_end is None else self._of_free(self.by_the_end)

    @property
    def is_over(self) -> bool:
        """Whether more is used than is free."""
        return self.free is not None and self.used > self.free

    def warns(self, percent: int) -> bool:
        """Whether so much of what is free is used, or will be by the month's end."""
        if self.free is None or self.is_over:
            return self.is_over
        most = max(self.used, self.by_the_end or self.used)
        if self.chosen:
            return most > self.free
        return self.free > 0 and most * 100 >= self.free * percent

    def _of_free(self, amount: Decimal) -> Decimal | None:
        return amount * 100 / self.free if self.free else None


def growing(  # noqa: PLR0917 - the columns of a table, in their order
    scope: Scope, title: str, unit: str, used: Decimal, free: Decimal | None, month: Month
) -> Reading:
    """A reading of what adds up during the month."""
    return Reading(
        scope=scope,
        title=title,
        unit=unit,
        used=used,
        free=free,
        by_the_end=month.forecast(used),
        full_at=month.full_at(used, free) if free else None,
    )
