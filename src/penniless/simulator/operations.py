"""Every operation that LINE documents, and where a path leads.

Law of this module: one table, put together from the rows that stand beside the functions. A path
that stands in no row is answered 404, another method 405. The rows are those of LINE's OpenAPI
files of 2026-07-01, and two that only its SDK knows; all hosts (api.line.me, api-data.line.me)
share the simulator's one port.
"""

from __future__ import annotations

from msgspec import Struct

from penniless.simulator import (
    account_links,
    audiences,
    channel,
    channel_tokens,
    content,
    coupons,
    insights,
    lookups,
    memberships,
    modules,
    narrowcasts,
    notifications,
    richmenu_aliases,
    richmenu_batches,
    richmenus,
    sending,
    statistics,
)
from penniless.simulator.table import Operation

__all__ = ["FAMILIES", "OPERATIONS", "Found", "Operation", "find"]

FAMILIES: dict[str, tuple[Operation, ...]] = {
    "Messages": sending.OPERATIONS + narrowcasts.OPERATIONS,
    "People, groups and the account": lookups.OPERATIONS + account_links.OPERATIONS,
    "Content": content.OPERATIONS,
    "The channel": channel.OPERATIONS,
    "Channel access tokens": channel_tokens.OPERATIONS,
    "Rich menus": richmenus.OPERATIONS + richmenu_aliases.OPERATIONS + richmenu_batches.OPERATIONS,
    "Audiences": audiences.OPERATIONS,
    "Statistics and insight": statistics.OPERATIONS + insights.OPERATIONS,
    "Coupons and memberships": coupons.OPERATIONS + memberships.OPERATIONS,
    "By contract": notifications.OPERATIONS + modules.OPERATIONS,
}
"""The rows, as the documentation shows them."""

OPERATIONS: tuple[Operation, ...] = tuple(row for rows in FAMILIES.values() for row in rows)


class _Node:
    """One segment of the paths: the segments that may follow, and what ends here."""

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.ends: dict[str, Operation] = {}


def _tree() -> _Node:
    root = _Node()
    for operation in OPERATIONS:
        node = root
        for segment in operation.template.split("/"):
            key = "*" if segment.startswith("{") else segment
            node = node.next.setdefault(key, _Node())
        node.ends[operation.method] = operation
    return root


_ROOT = _tree()


class Found(Struct):
    """What a method and path lead to; `methods` are those that the path knows."""

    operation: Operation | None
    params: dict[str, str]
    methods: tuple[str, ...] = ()


def find(method: str, path: str) -> Found:
    """Look a call up. A fixed segment wins over a value; `methods` is empty for unknown paths."""
    segments = path.split("/")
    node = _walk(_ROOT, segments, 0)
    if node is None:
        return Found(None, {})
    operation = node.ends.get(method)
    if operation is None:
        return Found(None, {}, tuple(node.ends))
    names = operation.template.split("/")
    params = {
        name[1:-1]: value
        for name, value in zip(names, segments, strict=True)
        if name.startswith("{")
    }
    return Found(operation, params, tuple(node.ends))


def _walk(node: _Node, segments: list[str], at: int) -> _Node | None:
    if at == len(segments):
        return node if node.ends else None
    for key in (segments[at], "*"):
        following = node.next.get(key)
        if following is not None and segments[at]:
            found = _walk(following, segments, at + 1)
            if found is not None:
                return found
        elif following is not None and at == 0:
            return _walk(following, segments, 1)
    return None
