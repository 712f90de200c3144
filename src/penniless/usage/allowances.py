"""What is free of a meter where AWS's answer does not say it: the rows of `penniless.cost`.

Law of this module: questions to the catalogue; no number of its own.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from penniless.cost.prices import HOURS_A_MONTH, catalogue


def free_of(meter: str, on: date) -> Decimal:
    """Units a month that every account has for nothing; 0 if the first one costs something."""
    found = catalogue().allowances(meter, opened=None, on=on)
    return sum((one.amount for one in found), Decimal(0))


def free_at_once(meter: str, on: date) -> Decimal:
    """The same of a meter that counts hours: how many may run all month."""
    return free_of(meter, on) / HOURS_A_MONTH
