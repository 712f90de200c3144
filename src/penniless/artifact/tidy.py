"""The artifact made the same whoever builds it: no leftovers of installers, modes and times alike.

Law of this module: files on the disk, nothing of Python or LINE. A function's folder that differs
is a new deployment; and Lambda cannot read a file that only its owner may read.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryFile
from zipfile import ZIP_DEFLATED, ZipFile

TIME = 1577836800
"""2020-01-01 UTC, in seconds; a ZIP file knows no time before 1980."""

LEFTOVERS = (
    "INSTALLER",
    "RECORD",
    "REQUESTED",
    "direct_url.json",
    "uv_build.json",
    "uv_cache.json",
)


def remove_leftovers(out: Path) -> None:
    """Remove what an installer writes for itself, and commands, which a function never calls."""
    for path in sorted(out.rglob("*")):
        if path.parent.suffix == ".dist-info" and path.name in LEFTOVERS:
            path.unlink()
        elif path.name == "__pycache__":
            shutil.rmtree(path)
    (out / ".lock").unlink(missing_ok=True)
    shutil.rmtree(out / "bin", ignore_errors=True)


def make_uniform(out: Path) -> None:
    """Give every file and folder below `out` the same mode and time."""
    for here, folders, files in os.walk(out, topdown=False):
        for name in files:
            path = Path(here, name)
            path.chmod(0o755 if path.suffix == ".so" else 0o644)
            os.utime(path, (TIME, TIME))
        for name in folders:
            path = Path(here, name)
            path.chmod(0o755)
            os.utime(path, (TIME, TIME))


def sizes(out: Path) -> tuple[int, int, int]:
    """How many files there are, their bytes, and their bytes in a ZIP file."""
    files = sorted(path for path in out.rglob("*") if path.is_file())
    with TemporaryFile() as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, path.relative_to(out).as_posix())
        zipped = file.tell()
    return len(files), sum(path.stat().st_size for path in files), zipped
