"""`penniless build`: the whole artifact, the same each time, or one sentence."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from penniless.artifact import build
from penniless.artifact.target import Target
from penniless.artifact.tidy import TIME, sizes
from penniless.errors import CodeError
from tests.live import penniless

HERE = f"python{sys.version_info[0]}.{sys.version_info[1]}"


def fingerprint(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Mode, time and content of everything in the folder."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mode,
            int(path.stat().st_mtime),
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in folder.rglob("*")
    }


def test_command_says_what_it_does(wheels: Path, bot: Path, tmp_path: Path) -> None:
    """A line for each step, on stdout; and the folder holds bot, Penniless and msgspec."""
    done = penniless("build", str(tmp_path / "out"), folder=bot)

    assert (done.returncode, done.stderr) == (0, "")
    words = [line.split()[0] for line in done.stdout.splitlines()]
    assert words == ["python3.13", "requirements", "penniless", "the", "bytecode", "done"]
    assert f"msgspec {version('msgspec')}" in done.stdout
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"app.py", "penniless", "msgspec.py"} <= names
    assert not {"requirements.txt", ".env"} & names


def test_same_each_time(
    wheels: Path, bot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two builds are equal to the last bit, mode and second, whatever the umask was."""
    (bot / "menu.py").write_text("TEAS = {'煎茶', 'ほうじ茶', 'oolong'}\n", encoding="utf-8")
    build(bot, tmp_path / "one", Target(HERE), lambda _: None)
    (bot / "menu.py").chmod(0o600)
    build(bot, tmp_path / "somewhere else" / "two", Target(HERE), lambda _: None)

    first = fingerprint(tmp_path / "one")
    assert first == fingerprint(tmp_path / "somewhere else" / "two")
    assert {time for _, time, _ in first.values()} == {TIME}
    assert first["menu.py"][0] & 0o777 == 0o644
    assert "__pycache__" in first


def test_bytecode_of_this_python_is_imported(wheels: Path, bot: Path, tmp_path: Path) -> None:
    """Python takes the compiled files as they are, though they say nothing of the source's time."""
    (bot / "menu.py").write_text("print(__spec__.loader.path, __cached__)\n")
    build(bot, tmp_path / "out", Target(HERE), lambda _: None)
    (tmp_path / "out" / "menu.py").write_text("print('from the source')\n")

    done = subprocess.run(
        [sys.executable, "-c", "import menu"],
        cwd=tmp_path / "out",
        capture_output=True,
        text=True,
        check=True,
    )

    assert Path(importlib.util.cache_from_source("menu.py")).name in done.stdout


def test_without_that_python(
    wheels: Path, bot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an interpreter of that version the function works all the same, and that is said."""
    said: list[str] = []
    only_uv = tmp_path / "bin"
    only_uv.mkdir()
    (only_uv / "uv").write_text(f'#!/bin/sh\ntest $1 = pip && exec {shutil.which("uv")} "$@"\n')
    (only_uv / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{only_uv}:/bin:/usr/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))

    build(bot, tmp_path / "out", Target("python3.14"), said.append)

    (line,) = (one for one in said if one.startswith("bytecode"))
    assert "there is no Python 3.14 here" in line
    assert list((tmp_path / "out").rglob("*.pyc")) == []
    assert (tmp_path / "out" / "app.py").exists()


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("app.py", "def f(:\n", "syntax error in app.py, line 1"),
        ("requirements.txt", "teapot\n", "teapot, msgspec cannot be installed for python3.13 on"),
        ("requirements.txt", "penniless==99\n", "requirements.txt asks for penniless 99"),
        ("template.yaml", "Runtime: python3.7\n", "Penniless does not run on python3.7"),
    ],
)
def test_bad_bots(file: str, text: str, sentence: str, wheels: Path, bot: Path) -> None:
    """One sentence on stderr, exit code 1, and the folder is left empty for the next attempt."""
    (bot / file).write_text(text)
    out = bot.parent / "out"
    runtime = ["--runtime", HERE] if file == "app.py" else []

    done = penniless("build", str(out), *runtime, folder=bot)

    assert done.returncode == 1
    assert done.stderr.startswith(f"penniless: {sentence}")
    assert len(done.stderr.splitlines()) == 1
    assert not out.exists() or list(out.iterdir()) == []


def test_nothing_is_overwritten(wheels: Path, bot: Path, tmp_path: Path) -> None:
    """A folder that holds something is not touched: it might be the bot's own."""
    for out in (bot, bot / "app.py"):
        with pytest.raises(CodeError, match=r"is not empty|cannot be written"):
            build(bot, out, Target(HERE), lambda _: None)
    assert sorted(path.name for path in bot.iterdir()) == ["app.py", "requirements.txt"]


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    """A wrong --source is named."""
    done = penniless("build", "out", "--source", "nowhere", folder=tmp_path)

    assert (done.returncode, done.stderr) == (1, "penniless: there is no folder nowhere\n")


def test_sizes(tmp_path: Path) -> None:
    """Files, bytes, and bytes zipped."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "zeros").write_bytes(bytes(100_000))

    files, unzipped, zipped = sizes(tmp_path)

    assert (files, unzipped) == (1, 100_000)
    assert 100 < zipped < 1000
