"""How large an item is for DynamoDB, and how many units a request takes, by AWS's published rules.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

WRITE, READ = 1024, 4096
"""Bytes of a write unit and of a read unit."""
CONTAINER = 3
"""Bytes of a list or map beside what is in it; each element takes one more."""


def item_bytes(item: dict[str, Any]) -> int:
    """Names and values; an item that is not there has none."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def write_units(before: dict[str, Any], after: dict[str, Any]) -> float:
    """Of a write that found one item and left the other: the larger one counts, begun KB whole."""
    return max(1, math.ceil(max(item_bytes(before), item_bytes(after)) / WRITE))


def read_units(items: Iterable[dict[str, Any]], *, consistent: bool) -> float:
    """Of a read of these items: 4 KB are begun together; half where it may be out of date."""
    whole = max(1, math.ceil(sum(map(item_bytes, items)) / READ))
    return whole if consistent else whole / 2


def _value_bytes(value: dict[str, Any]) -> int:
    kind: str
    held: Any
    [(kind, held)] = value.items()
    match kind:
        case "S":
            return len(str(held).encode())
        case "N":
            digits = held.partition("E")[0].lstrip("-").replace(".", "").strip("0")
            return math.ceil(len(digits) / 2) + 1 + int(held.startswith("-"))
        case "SS":
            return sum(len(one.encode()) for one in held)
        case "BOOL" | "NULL":
            return 1
        case "L":
            return CONTAINER + sum(1 + _value_bytes(one) for one in held)
        case "M":
            return CONTAINER + len(held) + item_bytes(held)
    raise SystemExit(f"nobody wrote down how large a value of type {kind} is")
