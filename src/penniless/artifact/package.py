"""The very Penniless that runs the build, copied: a release, a checkout, whatever it is.

Law of this module: which parts of the package a function never needs.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import penniless

LAPTOP_ONLY = frozenset(
    {"artifact", "cli", "cost", "scaffold", "simulator", "testing", "usage", "__main__"}
)
"""Parts that need more than msgspec and the standard library, or that run on a laptop only."""

PACKAGE = Path(penniless.__file__).resolve().parent


def copy_package(out: Path) -> str:
    """Copy what a function needs of Penniless into `out`; returns where it was taken from."""
    for name in needed_files():
        path = out / "penniless" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PACKAGE / name, path)
    return f"from {PACKAGE}"


def needed_files() -> list[str]:
    """The paths in the package that are copied, with slashes, sorted."""
    paths = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    return sorted(path.as_posix() for path in paths if _part(path) not in LAPTOP_ONLY)


def _part(path: Path) -> str:
    return path.parts[0].removesuffix(".py")
