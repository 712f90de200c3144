"""A freshly written project, built and deployed as a SAM user does it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from penniless.scaffold import Project, write
from tests.deploy import tools

REGION = "ap-northeast-1"
MACHINES = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64", "AMD64": "x86_64"}
SECONDS = 300


def new_project(folder: Path, door: str = "url", name: str = "mybot") -> Path:
    """What `penniless new` writes, for the emulated AWS."""
    write(Project(name, door, REGION), folder)
    return folder


def for_this_machine(folder: Path) -> None:
    """Change the template to what runs functions here: this processor, the emulator's Python."""
    asked = "import sys; print('python%d.%d' % sys.version_info[:2])"
    python = [tools.python_3_13(), "-c", asked]
    runtime = subprocess.run(python, capture_output=True, text=True, check=True).stdout.strip()
    template = folder / "template.yaml"
    text = template.read_text(encoding="utf-8")
    for old, new in (
        ("Architectures: [arm64]", f"Architectures: [{MACHINES[platform.machine()]}]"),
        ("Runtime: python3.13", f"Runtime: {runtime}"),
    ):
        assert old in text
        text = text.replace(old, new)
    template.write_text(text, encoding="utf-8")


def shell(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of a terminal in which the environment of Penniless is active."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(Path.home())} | {
        **{key: value for key, value in given.items() if key != "PATH"},
        "SAM_CLI_TELEMETRY": "0",
        "PYTHONUTF8": "1",
    }


def sam(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `sam` in the project to its end."""
    return subprocess.run(
        [tools.sam(), *arguments],
        cwd=folder,
        env=shell() if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
