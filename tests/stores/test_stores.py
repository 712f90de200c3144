"""The package gives out the stores by name, and imports none before that."""

from __future__ import annotations

import subprocess
import sys

import pytest

import penniless.stores
from penniless.stores import DynamoDBStore, MemoryStore, SQLiteStore


def test_the_names_are_the_stores() -> None:
    """Every public name is there, and is the class of its module."""
    assert [getattr(penniless.stores, name) for name in penniless.stores.__all__] == [
        DynamoDBStore,
        MemoryStore,
        SQLiteStore,
    ]
    assert DynamoDBStore.__module__ == "penniless.stores.dynamodb"
    assert MemoryStore.__module__ == "penniless.stores.memory"
    assert SQLiteStore.__module__ == "penniless.stores.sqlite"


def test_other_names_are_not() -> None:
    """A wrong name is an AttributeError that names it."""
    with pytest.raises(AttributeError, match="RedisStore"):
        _ = penniless.stores.RedisStore


def test_memory_does_not_import_sqlite() -> None:
    """A bot with the memory store pays for that store only."""
    code = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "import penniless.stores\n"
        "early = 'penniless.stores.memory' in sys.modules\n"
        "penniless.stores.MemoryStore()\n"
        "heavy = {'sqlite3', 'json', 'asyncio', 'dataclasses', 'logging', 'pathlib', 'copy'}\n"
        "sys.stdout.write(f'{early} {sorted(heavy & set(sys.modules))}')\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("False []", "")
