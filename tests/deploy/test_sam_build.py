"""`sam build` on laptops of all kinds, and the written project in an environment of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from penniless.scaffold import Project, texts
from tests.deploy import tools
from tests.deploy.project import new_project, sam, shell
from tests.live import ROOT

pytestmark = pytest.mark.deploy

HERE = f"python{sys.version_info[0]}.{sys.version_info[1]}"
OTHER = "python3.13" if HERE == "python3.12" else "python3.12"
LARGEST_ZIP = 1_000_000
AARCH64 = 183
"""e_machine of an ELF file: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html"""


def built(folder: Path) -> Path:
    return folder / ".aws-sam" / "build" / "BotFunction"


def with_runtime(folder: Path, runtime: str) -> None:
    template = folder / "template.yaml"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("Runtime: python3.13", f"Runtime: {runtime}"))


def zipped(folder: Path) -> int:
    """Bytes of a ZIP file of the folder."""
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as file:
        for path in sorted(folder.rglob("*")):
            file.write(path, path.relative_to(folder))
    return len(archive.getvalue())


@pytest.fixture
def bare_path(tmp_path: Path) -> str:
    """A PATH with make, Penniless and uv, whose uv finds no interpreter, and nothing else."""
    folder = tmp_path / "bare"
    folder.mkdir()
    make, uv = shutil.which("make"), shutil.which("uv")
    assert make, "make is not installed; `sam build` needs it"
    assert uv
    (folder / "make").symlink_to(make)
    (folder / "penniless").symlink_to(Path(sys.executable).parent / "penniless")
    (folder / "uv").write_text(
        f'#!/bin/sh\n[ "$1" = pip ] || exit 2\nPATH="{os.environ["PATH"]}" exec {uv} "$@"\n'
    )
    (folder / "uv").chmod(0o755)
    return str(folder)


def test_arm64_from_any_machine(tmp_path: Path) -> None:
    """The artifact is for arm64, small, and holds bot, Penniless and msgspec's right wheel."""
    folder = new_project(tmp_path / "my bot ボット")

    done = sam(folder, "build")

    assert done.returncode == 0, done.stderr
    assert "python3.13 on arm64" in done.stderr + done.stdout
    artifact = built(folder)
    (library,) = (artifact / "msgspec").glob("*.so")
    assert library.name == "_core.cpython-313-aarch64-linux-gnu.so"
    assert int.from_bytes(library.read_bytes()[18:20], "little") == AARCH64
    assert zipped(artifact) <= LARGEST_ZIP
    assert {path.name for path in artifact.iterdir()} - {"__pycache__", "msgspec", "penniless"} == {
        "app.py",
        *(path.name for path in artifact.glob("msgspec-*.dist-info")),
    }


def test_bytecode_where_the_python_is_at_hand(tmp_path: Path) -> None:
    """With the function's Python on the laptop every file is compiled, and SAM leaves it so."""
    folder = new_project(tmp_path / "mybot")
    with_runtime(folder, HERE)

    done = sam(folder, "build")

    assert done.returncode == 0, done.stderr
    sources = {path.relative_to(built(folder)) for path in built(folder).rglob("*.py")}
    compiled = {
        path.parent.parent.relative_to(built(folder)) / f"{path.name.split('.')[0]}.py"
        for path in built(folder).rglob("*.pyc")
    }
    assert sources == compiled
    assert len(sources) > 30


def test_without_that_python(tmp_path: Path, bare_path: str) -> None:
    """Without it, and with no other on the PATH, the build works all the same and says so."""
    folder = new_project(tmp_path / "mybot")
    with_runtime(folder, OTHER)
    environment = {**shell(), "PATH": bare_path, "PYENV_ROOT": str(tmp_path)}

    done = sam(folder, "build", environment=environment)

    assert done.returncode == 0, done.stderr
    version = OTHER.removeprefix("python")
    assert f"there is no Python {version} here" in done.stderr + done.stdout
    assert list(built(folder).rglob("*.pyc")) == []
    (library,) = (built(folder) / "msgspec").glob("*.so")
    assert f"cpython-{version.replace('.', '')}-aarch64" in library.name


def test_penniless_is_not_on_the_path(tmp_path: Path, bare_path: str) -> None:
    """Whoever forgot to activate an environment is told so."""
    (Path(bare_path) / "penniless").unlink()

    done = sam(new_project(tmp_path / "mybot"), "build", environment={**shell(), "PATH": bare_path})

    assert done.returncode != 0
    assert "penniless is not on the PATH: activate its environment" in done.stderr


def test_errors_reach_the_person(tmp_path: Path) -> None:
    """What `penniless build` has against a bot stands in what `sam build` prints."""
    folder = new_project(tmp_path / "mybot")
    (folder / "requirements.txt").unlink()

    done = sam(folder, "build")

    assert done.returncode != 0
    assert re.search(r"there is no requirements\.txt; write one", done.stderr)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of a new environment with pip, Penniless as it is here, and pytest."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    uv = shutil.which("uv")
    assert uv
    subprocess.run(
        [uv, "venv", "--quiet", "--seed", "--python", sys.executable, folder], check=True
    )
    wanted = [f"{ROOT}[cli]", "pytest"]
    where = ["--python", str(folder / "bin" / "python")]
    subprocess.run([uv, "pip", "install", "--no-config", "--quiet", *where, *wanted], check=True)
    return folder / "bin"


def run(command: list[str | Path], folder: Path, path: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the fresh environment, with nothing else on the PATH but the system."""
    return subprocess.run(
        command,
        cwd=folder,
        env={"PATH": f"{path}:/usr/bin:/bin", "HOME": str(Path.home()), "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_projects_own_tests(fresh: Path, tmp_path: Path) -> None:
    """In a fresh environment the installed command writes a project whose tests pass."""
    made = run([fresh / "penniless", "new", "mybot"], tmp_path, fresh)
    assert made.returncode == 0, made.stderr
    written = {path.relative_to(tmp_path / "mybot") for path in (tmp_path / "mybot").rglob("*")}
    assert written - {Path("tests")} == {Path(name) for name in texts(Project("mybot"))}

    done = run([fresh / "pytest", "-q"], tmp_path / "mybot", fresh)

    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_build_with_pip(fresh: Path, tmp_path: Path) -> None:
    """Where there is no uv, pip fetches the wheels; the installed Penniless goes along."""
    folder = new_project(tmp_path / "mybot")

    done = run([fresh / "penniless", "build", "out"], folder, fresh)

    assert done.returncode == 0, done.stderr
    assert f"from {fresh.parent}" in done.stdout
    (library,) = (folder / "out" / "msgspec").glob("*.so")
    assert library.name == "_core.cpython-313-aarch64-linux-gnu.so"
    assert not (folder / "out" / "bin").exists()


def test_no_wheel_with_pip(fresh: Path, tmp_path: Path) -> None:
    """pip's words are put into the same sentence."""
    folder = new_project(tmp_path / "mybot")
    (folder / "requirements.txt").write_text("penniless\npsycopg2==2.9.9\n")

    done = run([fresh / "penniless", "build", "out"], folder, fresh)

    assert done.returncode == 1
    assert done.stderr.startswith(
        "penniless: there is no wheel of psycopg2 for python3.13 on arm64"
    )


def test_tools_are_the_pinned_ones() -> None:
    """The SAM CLI that all this was tried with."""
    done = subprocess.run([tools.sam(), "--version"], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "SAM CLI, version 1.170.0"
