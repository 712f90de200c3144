"""An environment for each candidate, with what it needs in production and nothing else.

What else is installed changes what a library imports: with `typing_extensions` at hand, as the
official SDK and our development tools bring it, msgspec alone costs half as much again.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / ".benchmarks"

NEEDS = {
    "floor": (),
    "penniless_echo": ("msgspec",),
    "sdk_echo": ("line-bot-sdk==3.27.0",),
}


def python_of(candidate: str) -> Path:
    """The interpreter of the candidate's environment, which is made if it is not there."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    folder = FOLDER / f"{candidate}-{version}"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    made = folder / "made"
    if not made.exists():
        _uv("venv", "--clear", "--python", sys.executable, str(folder))
        if NEEDS[candidate]:
            _uv("pip", "install", "--python", str(python), *NEEDS[candidate])
        made.touch()
    return python


def _uv(*arguments: str) -> None:
    subprocess.run(["uv", *arguments, "--quiet"], check=True)
