"""What is assumed of a month where the template does not say, shown with every bill.

Law of this module: the rows of `data/assumptions.toml` and what a caller changes of them. A row is
measured (by `python -m benchmarks.cost`) or assumed; both are printed, and both can be changed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Literal

from msgspec import Struct, convert
from msgspec.structs import replace

from penniless.cost.templates.parameters import did_you_mean
from penniless.errors import SettingsError


class Assumption(Struct, frozen=True, kw_only=True):
    """One number: what it is, and where it is from."""

    name: str
    value: Decimal
    unit: str
    kind: Literal["measured", "assumed", "given"]
    about: str
    matters_to: tuple[str, ...] = ()
    """The types of resources that it matters to; none are all."""
    source: str = ""
    read: date | None = None


class Assumptions:
    """The numbers by name: `assumptions["writes"]`, in the unit of their row."""

    def __init__(self, rows: tuple[Assumption, ...]) -> None:
        self._rows = {row.name: row for row in rows}

    def __getitem__(self, name: str) -> Decimal:
        return self._rows[name].value

    def rows(self) -> list[Assumption]:
        """All of them, in the order of the file."""
        return list(self._rows.values())

    def changed(self, values: Mapping[str, str]) -> Assumptions:
        """The same with these in place of their own; raises SettingsError for what cannot be."""
        rows = dict(self._rows)
        for name, text in values.items():
            if name not in rows:
                raise SettingsError(
                    f"--assume {name}: there is no such assumption{did_you_mean(name, rows)}"
                )
            rows[name] = replace(rows[name], value=_number(name, text), kind="given", source="")
        return Assumptions(tuple(rows.values()))


def _number(name: str, text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", "").replace("_", ""))
    except InvalidOperation:
        raise SettingsError(f"--assume {name}={text}: that is no number") from None
    if not value.is_finite() or value < 0:
        raise SettingsError(f"--assume {name}={text}: a number from 0 on is needed")
    if name in {"events_per_webhook", "batch"} and value < 1:
        raise SettingsError(f"--assume {name}={text}: a number from 1 on is needed")
    if name == "cold_share_least" and value > 1:
        raise SettingsError(f"--assume {name}={text}: a share is 1 at most")
    return value


@cache
def assumptions() -> Assumptions:
    """Those of the package's own file."""
    text = (files("penniless.cost") / "data" / "assumptions.toml").read_text(encoding="utf-8")
    rows = convert(tomllib.loads(text)["assumption"], tuple[Assumption, ...])
    return Assumptions(rows)
