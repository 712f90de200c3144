"""Which folders a bot's source is in, and waiting until something in them is saved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import watchfiles

SKIPPED = {"__pycache__", "node_modules", "site-packages"}
WATCHED = {".py", ".env"}
MAX_FOLDERS = 500
"""Beyond this many source folders only the first are watched; a bot has a handful."""


def source_folders(folder: Path) -> list[Path]:
    """The folder and those below it, without hidden ones and virtual environments."""
    found = []
    for here, below, files in os.walk(folder):
        if "pyvenv.cfg" in files:
            below.clear()
            continue
        below[:] = sorted(
            name for name in below if not name.startswith(".") and name not in SKIPPED
        )
        found.append(Path(here))
        if len(found) >= MAX_FOLDERS:
            break
    return found


def saves(folder: Path) -> Iterator[list[Path]]:
    """Yield the Python and .env files of each save, until the process is interrupted.

    Yields an empty list about once a second, so that the caller can look after other things.
    """
    while True:
        folders = source_folders(folder)
        for changes in watchfiles.watch(
            *folders,
            watch_filter=_is_source,
            recursive=False,
            step=50,
            debounce=400,
            rust_timeout=1000,
            yield_on_timeout=True,
        ):
            yield sorted({Path(path) for _, path in changes})
            if changes and source_folders(folder) != folders:
                break


def _is_source(_change: watchfiles.Change, path: str) -> bool:
    name = Path(path).name
    return Path(path).suffix in WATCHED or name == ".env"
