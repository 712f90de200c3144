"""Sums of money as people read them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
LARGE = Decimal(10) ** 20
"""From here on a sum has more digits than arithmetic keeps cents for."""


def dollars(amount: Decimal) -> str:
    """`$0.00`, `$12.34`; what is more than nothing and less than a cent is `under $0.01`."""
    if 0 < amount < CENT / 2:
        return "under $0.01"
    if amount >= LARGE:
        return f"${amount:,.0f}"
    return f"${amount.quantize(CENT, ROUND_HALF_UP):,}"
