"""`penniless logs follow`: new lines as they come, without taking the bot's read units from it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable

from penniless.cli.logs_overview import Summary, scanned
from penniless.cli.logs_source import Source
from penniless.cli.logs_view import Chat
from penniless.ports import OPEN, Row, Store
from penniless.stores.dynamodb_table import Table
from penniless.stores.entries import entries

LOOK_BACK = 180_000
"""Milliseconds before the newest row, or the oldest that is worked on, in which rows may still be
added or finished: a claim lasts a minute, and events arrive a little out of order."""
UNITS_A_SECOND = 1.0
"""How many of a table's read units may be spent on looking; the template gives it five."""
_LONG = 30.0
"""Seconds between two looks that somebody who waits for a line has to be told about."""


class Tail:
    """The end of one conversation: what is new in it since one last looked.

    It begins with the rows from `since` on, or with those that come from now on. Time is the
    log's own and not this computer's, whose clock may be wrong.
    """

    def __init__(self, store: Store, conversation: str, *, now: int, since: int | None) -> None:
        self._store = store
        self._conversation = conversation
        self._seen: set[str] = set()
        self._since = 0 if since is None else since
        self.waits = False
        """Whether an event was worked on when one last looked."""
        if since is None:
            for row in store.rows(conversation, now=now, newest_first=True, limit=1):
                self._since = max(0, row.timestamp - LOOK_BACK)
            self.fresh(now=now)

    def fresh(self, *, now: int) -> list[Row]:
        """Rows that were not given before, oldest first.

        A row that is worked on is given when that has ended, so that its answer is with it. An
        answer that is held is given as it waits, and not again when it goes out.
        """
        met, found, newest = set(), [], self._since
        worked_on: list[int] = []
        for row in self._store.rows(self._conversation, now=now, since=self._since):
            newest = max(newest, row.timestamp)
            if row.status in OPEN and row.claimed_until > now:
                worked_on.append(row.timestamp)
                continue
            met.add(row.event_id)
            if row.event_id not in self._seen:
                found.append(row)
        self._seen = met
        self.waits = bool(worked_on)
        self._since = max(self._since, min([newest, *worked_on]) - LOOK_BACK)
        return found


class Reading:
    """Looks into some conversations, or into all of a store where looking costs nothing."""

    units = 0.0

    def __init__(self, store: Store, names: list[str], *, now: int, since: int | None) -> None:
        self._store = store
        self._all = not names
        self._since = since
        known = names or store.conversations()
        self._tails = {key: Tail(store, key, now=now, since=since) for key in known}

    def look(self, now: int) -> list[Row]:
        if self._all:
            for key in set(self._store.conversations()) - self._tails.keys():
                self._tails[key] = Tail(self._store, key, now=now, since=self._since or 0)
        return [row for tail in self._tails.values() for row in tail.fresh(now=now)]


class Scanning:
    """Looks into all of a table: which conversations have more rows than before, then into those.

    `units` is what the last look has cost. Whatever is older than the newest row of a conversation
    at the start is not new.
    """

    def __init__(self, store: Store, table: Table, *, now: int, since: int | None) -> None:
        self._store = store
        self._table = table
        self._since = since
        self._tails: dict[str, Tail] = {}
        self._known: dict[str, Summary] = {}
        self.units = 0.0
        if since is None:
            self._known = self._scan(now)

    def look(self, now: int) -> list[Row]:
        scan = self._scan(now)
        changed = [key for key, one in scan.items() if one != self._known.get(key)]
        waiting = [key for key, tail in self._tails.items() if tail.waits]
        rows = [row for key in {*changed, *waiting} for row in self._tail(key, now).fresh(now=now)]
        self._known = scan
        return rows

    def _scan(self, now: int) -> dict[str, Summary]:
        found, self.units = scanned(self._table, now=now, since=self._since or 0)
        return {one.conversation: one for one in found}

    def _tail(self, key: str, now: int) -> Tail:
        if key not in self._tails:
            before = self._known.get(key, Summary(key)).last
            since = (self._since or 0) if before is None else before + 1
            self._tails[key] = Tail(self._store, key, now=now, since=since)
        return self._tails[key]


def follow(
    source: Source,
    conversations: list[str],
    *,
    since: int | None,
    every: float,
    clock: Callable[[], int],
    wait: Callable[[float], object] = time.sleep,
) -> None:
    """Print new lines as they come, of these conversations or of all, until Ctrl-C.

    It looks after `every` seconds. All of a table is looked at less often the larger it is.
    """
    whole_table = source.table if not conversations else None
    watch = (
        Scanning(source.store, whole_table, now=clock(), since=since)
        if whole_table
        else Reading(source.store, conversations, now=clock(), since=since)
    )
    chat, told = Chat(places=len(conversations) != 1), False
    try:
        while True:
            _print(chat, watch.look(clock()))
            pause = max(every, watch.units / UNITS_A_SECOND)
            if pause > max(every, _LONG) and not told:
                told = True
                print(
                    f"penniless: the table is large, so this looks every {pause:.0f} seconds and "
                    "leaves its read units to the bot; name a conversation to look more often",
                    file=sys.stderr,
                )
            wait(pause)
    except KeyboardInterrupt:
        return


def _print(chat: Chat, rows: Iterable[Row]) -> None:
    for row in sorted(rows, key=lambda one: one.timestamp):
        for entry in entries(row):
            chat.print(row.conversation, entry)
    sys.stdout.flush()
