"""An environment for each candidate, with what it needs in production and nothing else.

What else is installed changes what a library imports: with `typing_extensions` at hand, as the
official SDK and our development tools bring it, msgspec alone costs half as much again.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".benchmarks"

COMMANDS = "Scripts" if sys.platform == "win32" else "bin"


def _extra(name: str) -> tuple[str, ...]:
    """What `pip install 'penniless[NAME]'` brings along."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return (*project["dependencies"], *project["optional-dependencies"][name])


NEEDS = {
    "floor": (),
    "penniless_echo": ("msgspec",),
    "sdk_echo": ("line-bot-sdk==3.27.0",),
    "simulator": _extra("cli"),
    "simulator_floor": ("msgspec", "starlette", "uvicorn"),
}

ON_LAMBDA = {
    "floor": (),
    "penniless_echo": ("msgspec",),
    "sdk_echo": ("line-bot-sdk==3.27.0", "boto3==1.43.106"),
    "old_sdk_echo": ("line-bot-sdk==1.20.0", "boto3==1.43.106"),
}


def python_of(candidate: str, runtime: str = "") -> Path:
    """The interpreter of the candidate's environment, which is made if it is not there.

    With `runtime`, Lambda's runtime interface client, its needs on Lambda.
    """
    needs = (*ON_LAMBDA[candidate], runtime) if runtime else NEEDS[candidate]
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    folder = FOLDER / f"{candidate}{'-lambda' if runtime else ''}-{version}"
    _make(folder, needs)
    return folder / COMMANDS / ("python.exe" if sys.platform == "win32" else "python")


def emulator() -> Path:
    """AWS's runtime interface emulator, which lies in the package of the SAM CLI."""
    folder = FOLDER / "sam"
    _make(folder, ("aws-sam-cli==1.170.0",))
    machine = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    [found] = folder.rglob(f"aws-lambda-rie-{machine}")
    return found


def _make(folder: Path, needs: tuple[str, ...]) -> None:
    made = folder / "made"
    if made.exists():
        return
    _uv("venv", "--clear", "--python", sys.executable, str(folder))
    if needs:
        _uv("pip", "install", "--no-config", "--python", str(folder / COMMANDS / "python"), *needs)
    made.touch()


def _uv(*arguments: str) -> None:
    subprocess.run(["uv", *arguments, "--quiet"], check=True)
