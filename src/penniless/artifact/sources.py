"""Which files of a bot's folder go to Lambda: all but what only the laptop needs.

Law of this module: names and copying. A file `.buildignore` in the folder adds patterns, one a
line, as `.gitignore` writes them: `*.psd` or `drafts/` anywhere, `data/raw.csv` or `/notes` at that
place, and `!pattern` takes back what an earlier line left out.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from penniless.errors import CodeError

IGNORE_FILE = ".buildignore"

LEFT_OUT = (
    ".*",  # .env, .git, .venv, .aws-sam, .gitignore, caches
    "__pycache__/",
    "*.pyc",
    "*.egg-info/",
    "node_modules/",
    "/build/",
    "/dist/",
    "/test/",
    "/tests/",
    "test_*.py",
    "conftest.py",
    "*.sqlite3",
    "*.sqlite3-shm",
    "*.sqlite3-wal",
    "/*.md",
    "/LICENSE*",
    "/Makefile",
    "/pyproject.toml",
    "/requirements*.txt",
    "/samconfig.toml",
    "/template.y*ml",
    "/uv.lock",
)
"""What stays behind. Virtual environments do too, whatever their name."""


def copy_sources(source: Path, out: Path) -> list[str]:
    """Copy the bot's files; returns their paths with slashes, sorted.

    Raises CodeError if no Python file is among them.
    """
    patterns = [*LEFT_OUT, *_own_patterns(source)]
    found = sorted(_files(source, out.resolve(), patterns))
    if not any(name.endswith(".py") for name in found):
        raise CodeError(f"there is no Python file in {source}")
    for name in found:
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, path)
    return found


def _own_patterns(source: Path) -> list[str]:
    try:
        text = (source / IGNORE_FILE).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise CodeError(f"{source / IGNORE_FILE} cannot be read: {reason}") from None
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _files(source: Path, out: Path, patterns: list[str]) -> Iterator[str]:
    seen = {source.resolve()}
    for here, folders, files in os.walk(source, followlinks=True):
        base = Path(here).relative_to(source)
        kept = [one for one in folders if not left_out((base / one).as_posix() + "/", patterns)]
        folders[:] = [one for one in kept if _enter(Path(here) / one, out, seen)]
        for one in files:
            name = (base / one).as_posix()
            if not left_out(name, patterns) and (Path(here) / one).is_file():
                yield name


def _enter(folder: Path, out: Path, seen: set[Path]) -> bool:
    """Whether to look into a folder: not the artifact, no environment, no link in a circle."""
    real = folder.resolve()
    if real == out or real in seen or (folder / "pyvenv.cfg").exists():
        return False
    seen.add(real)
    return True


def left_out(name: str, patterns: list[str]) -> bool:
    """Whether a path with slashes, which ends in one if it is a folder, stays behind.

    The last pattern that fits decides.
    """
    result = False
    for pattern in patterns:
        if _fits(name, pattern.removeprefix("!")):
            result = not pattern.startswith("!")
    return result


def _fits(name: str, pattern: str) -> bool:
    if pattern.endswith("/") and not name.endswith("/"):
        return False
    path, wanted = name.rstrip("/"), pattern.rstrip("/")
    if "/" in wanted:
        return fnmatchcase(path, wanted.removeprefix("/")) and path.count("/") == wanted.lstrip(
            "/"
        ).count("/")
    return fnmatchcase(path.rpartition("/")[2], wanted)
