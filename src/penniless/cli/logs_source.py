"""Which log a command reads: an SQLite file or a deployed table, and which conversation of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from penniless.cli.samconfig import deployed
from penniless.errors import SettingsError
from penniless.ports import Store
from penniless.stores.dynamodb_table import Table
from penniless.stores.sqlite import SQLiteStore

DEFAULT_FILE = Path("penniless.sqlite3")

_KINDS = {"U": "user", "C": "group", "R": "room"}
_ID = re.compile(r"[UCR][0-9a-f]{32}")
_KEY = re.compile(r"user#U[0-9a-f]{32}|group#C[0-9a-f]{32}|room#R[0-9a-f]{32}|channel")
_MOST_CANDIDATES = 5


class Wanted(NamedTuple):
    """What the options of a command say about the log."""

    store: Path | None
    table: str | None
    stack: str | None
    region: str | None
    profile: str | None


class Source(NamedTuple):
    """A log that is open."""

    name: str
    """As people call it: a path, or a table and its Region."""
    store: Store
    table: Table | None
    """What lies below the store, if it is DynamoDB's."""


@contextmanager
def opened(wanted: Wanted, *, to_write: bool = False) -> Iterator[Source]:
    """The log that the options name; without any, the file here, or the stack of this project.

    `to_write` makes an SQLite file that is named and is not there, and does not choose between
    the file and the stack. Raises SettingsError or StoreUnavailable.
    """
    named = sum(one is not None for one in wanted[:3])
    if named > 1:
        raise SettingsError("name one of --store, --table and --stack")
    if to_write and not named and DEFAULT_FILE.exists() and deployed("stack_name"):
        raise SettingsError(
            f"say where: --store {DEFAULT_FILE} or --stack {deployed('stack_name')}"
        )
    on_aws = wanted.table or wanted.stack or (None if wanted.store else _stack_here(wanted))
    if not on_aws:
        if wanted.region or wanted.profile:
            raise SettingsError("--region and --profile go with --table or --stack")
        with _file(wanted.store, create=to_write) as source:
            yield source
        return
    from penniless.cli.aws_access import open_account

    account = open_account(wanted.region, wanted.profile)
    name = wanted.table or account.table_of(on_aws)
    with account.table(name) as (store, table):
        yield Source(f"the table {name} in {account.region}", store, table)


def _stack_here(wanted: Wanted) -> str | None:
    """The stack of this folder's project, where no SQLite file is in front of it."""
    local = DEFAULT_FILE.exists() and not wanted.region and not wanted.profile
    return None if local else deployed("stack_name")


@contextmanager
def _file(path: Path | None, *, create: bool) -> Iterator[Source]:
    found = path or DEFAULT_FILE
    if not found.exists() and not (path and create):
        if path:
            raise SettingsError(f"there is no file {path}")
        raise SettingsError(
            f"there is no {found} here; say which log you mean: --store FILE for SQLite, "
            "--stack NAME or --table NAME for AWS"
        )
    store = SQLiteStore(found)
    try:
        yield Source(str(found), store, None)
    finally:
        store.close()


def conversation_in(source: Source, text: str, *, whole: bool = False) -> str:
    """The key of the conversation that `text` means: a key, a LINE id, or the start of either.

    With `whole` the start is not enough. Raises SettingsError if it means none, or several.
    """
    asked = text.strip().removesuffix("…")
    if _KEY.fullmatch(asked):
        return asked
    if _ID.fullmatch(asked):
        return f"{_KINDS[asked[0]]}#{asked}"
    found = [] if not asked else _matching(source, asked, whole=whole)
    if len(found) == 1:
        return found[0]
    if not found:
        raise SettingsError(f"there is no conversation {asked!r} in {source.name}")
    shown = ", ".join(found[:_MOST_CANDIDATES]) + (", …" if len(found) > _MOST_CANDIDATES else "")
    raise SettingsError(f"{asked!r} could be {shown}")


def _matching(source: Source, asked: str, *, whole: bool) -> list[str]:
    known = list(source.store.conversations())
    exact = [key for key in known if asked in {key, key.partition("#")[2]}]
    if exact or whole:
        return exact
    return [
        key for key in known if key.startswith(asked) or key.partition("#")[2].startswith(asked)
    ]
