"""The tools of deployment, each in an environment of its own, because they pin what they need.

They are made under .tools/ when they are first asked for, with uv, and kept. They are never
skipped: without them nothing here is proved.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("PENNILESS_TOOLS", ROOT / ".tools"))

NEEDS = {
    "sam": ("aws-sam-cli==1.170.0",),  # brings cfn-lint, the SAM translation and the emulator
    "parliament": ("parliament==1.6.4", "setuptools==80.9.0"),  # it imports pkg_resources
    "runtime": ("awslambdaric==4.2.2",),  # Lambda's own client, and nothing of ours
    "ministack": ("ministack[full]==1.5.33", "boto3"),
}


@cache
def environment(name: str, python: str = sys.executable) -> Path:
    """The folder of commands of a tool's environment, which is made if it is not there."""
    version = _run([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).strip()
    folder = FOLDER / f"{name}-{version}"
    made = folder / "made"
    wanted = "\n".join(NEEDS[name])
    if not made.exists() or made.read_text() != wanted:
        uv = shutil.which("uv")
        assert uv, "uv is not installed; the tests of deployment make environments with it"
        _run([uv, "venv", "--quiet", "--clear", "--python", python, str(folder)])
        where = ["--python", str(folder / "bin" / "python")]
        _run([uv, "pip", "install", "--no-config", "--quiet", *where, *NEEDS[name]])
        made.write_text(wanted)
    return folder / "bin"


def sam() -> str:
    """The command `sam`."""
    return str(environment("sam") / "sam")


def emulator() -> Path:
    """AWS's runtime interface emulator, which lies in the package of the SAM CLI."""
    machine = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    [found] = environment("sam").parent.rglob(f"aws-lambda-rie-{machine}")
    return found


def python_3_13() -> str:
    """A Python 3.13 if this machine has one, because the function runs on it; else this one.

    The emulated Lambda runs functions in the Python that it is installed in.
    """
    installed = sorted(Path.home().glob(".pyenv/versions/3.13.*/bin/python"), reverse=True)
    for candidate in filter(None, [shutil.which("python3.13"), *map(str, installed)]):
        asked = subprocess.run([candidate, "-c", ""], capture_output=True, check=False)
        if asked.returncode == 0:
            return candidate
    return sys.executable


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
    return done.stdout
