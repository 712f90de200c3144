"""What the judges need from npm and PyPI: fetched once by name and version, kept under .tools/.

The SDK for Node must fit the Node at hand. Whoever has no Node is told so: in CI it is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.deploy.tools import FOLDER

SDK = "@line/bot-sdk@11.0.0"
OLDER_SDK = "@line/bot-sdk@9.9.0"  # the last for Node 18, which Debian 12 has
PRISM = "@stoplight/prism-cli@5.14.2"
CHECKER = ("check-jsonschema==0.39.0",)  # with GitHub's schema of workflows, and a reader of YAML
BOTS = ("fastapi==0.165.0", "uvicorn==0.54.0", "line-bot-sdk==3.27.0")  # the last brings aiohttp


def node() -> str:
    """The command `node`; without it or npm, or if it is too old, the test is skipped."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        _missing("node and npm are not installed")
    if _major(found) < 18:
        _missing("node is older than 18, which the official SDK needs")
    return str(found)


def sdk_name() -> str:
    """Name and version of the official SDK that fits this Node."""
    return SDK if _major(node()) >= 20 else OLDER_SDK


def sdk() -> Path:
    """The folder `node_modules` with the official SDK for Node."""
    return _modules("line-sdk", sdk_name())


def prism() -> Path:
    """Prism's own script, to be run with node."""
    node()
    return _modules("prism", PRISM) / "@stoplight/prism-cli/dist/index.js"


def python_of_bots() -> Path:
    """A Python with FastAPI, aiohttp and the official SDK, and nothing of ours."""
    return _python_with("bots", *BOTS)


def python_of_checker() -> Path:
    """A Python that knows what GitHub takes for a workflow."""
    return _python_with("checker", *CHECKER)


@cache
def _python_with(name: str, *packages: str) -> Path:
    folder = FOLDER / f"{name}-{sys.version_info[0]}.{sys.version_info[1]}"
    python = folder / "bin" / "python"

    def make() -> None:
        _run(uv(), "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
        _run(uv(), "pip", "install", "--no-config", "--quiet", "--python", str(python), *packages)

    _kept(folder, "\n".join(packages), make)
    return python


def uv() -> str:
    """The command `uv`, with which environments are made."""
    found = shutil.which("uv")
    assert found, "uv is not installed; the environments of the judges are made with it"
    return found


@cache
def _modules(name: str, package: str) -> Path:
    folder = FOLDER / f"node-{name}"

    def make() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        npm = str(shutil.which("npm"))
        quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--silent")
        _run(npm, "install", "--prefix", str(folder), *quiet, package)

    _kept(folder, package, make)
    return folder / "node_modules"


def _kept(folder: Path, wanted: str, make: Callable[[], None]) -> None:
    """Make the folder unless it is there and holds what is wanted."""
    made = folder / "made"
    if not made.exists() or made.read_text(encoding="utf-8") != wanted:
        make()
        made.write_text(wanted, encoding="utf-8")


@cache
def _major(command: str) -> int:
    return int(_run(command, "--version").lstrip("v").partition(".")[0])


def _missing(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI needs it")
    pytest.skip(reason)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout
