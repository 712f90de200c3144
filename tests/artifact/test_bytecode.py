"""Bytecode for the function's Python: which interpreter makes it, and what it makes."""

from __future__ import annotations

import importlib.util
import marshal
import os
import stat
import sys
from pathlib import Path

import pytest

from penniless.artifact.bytecode import compile_all, python_for
from penniless.artifact.target import Target
from penniless.errors import CodeError

HERE = f"python{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A PATH with one empty folder, and no pyenv."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return folder


def test_this_interpreter_if_it_fits() -> None:
    """The Python that runs the build is taken where its version is right."""
    assert python_for(Target(HERE)) == sys.executable


def test_none_is_found(nothing_else: Path) -> None:
    """A version that nobody has is not replaced by another."""
    assert python_for(Target("python3.99")) is None


def test_names_are_not_believed(nothing_else: Path) -> None:
    """A `python3.99` that is something else, or fails as pyenv's do, is passed over."""
    for name, script in (
        ("python3.99", f'exec {sys.executable} "$@"'),
        ("python3", "echo 'pyenv: python3: command not found' >&2; exit 127"),
        ("uv", "echo error: no interpreter >&2; exit 2"),
    ):
        path = nothing_else / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    assert python_for(Target("python3.99")) is None


def test_pyenv_is_searched(nothing_else: Path, tmp_path: Path) -> None:
    """pyenv's interpreters count though they are not on the PATH, once they prove to be."""
    path = tmp_path / "pyenv" / "versions" / "3.99.1" / "bin" / "python"
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\necho cpython 3.99 final /x\n")
    path.chmod(0o755)

    assert python_for(Target("python3.99")) == str(path)


def test_bytecode_is_used_without_looking_at_the_source(tmp_path: Path) -> None:
    """Every file gets an unchecked .pyc that names the place where Lambda unpacks it."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "app.py").write_text("import shop.tea\n")
    (tmp_path / "shop" / "茶.py").write_text("def f():\n    return 1\n", encoding="utf-8")

    assert compile_all(sys.executable, tmp_path, ["app.py"]) == 2

    made = importlib.util.cache_from_source(str(tmp_path / "shop" / "茶.py"), optimization="")
    content = Path(made).read_bytes()
    assert content[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(content[4:8], "little") == 0b01
    code = marshal.loads(content[16:])
    assert code.co_filename == "/var/task/shop/茶.py"


def test_environment_does_not_change_the_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switches for Python in somebody's shell make no difference."""
    made = []
    for folder, level in ((tmp_path / "a", ""), (tmp_path / "b", "2")):
        monkeypatch.setenv("PYTHONOPTIMIZE", level)
        folder.mkdir()
        (folder / "app.py").write_text('"""Doc."""\nassert {"a", "b", "c"} and __doc__\n')
        compile_all(sys.executable, folder, [])
        (found,) = (folder / "__pycache__").iterdir()
        made.append((found.name, found.read_bytes()))

    assert made[0] == made[1]


def test_syntax_errors(tmp_path: Path) -> None:
    """The bot's own are told with file and line, a library's are none of our business."""
    (tmp_path / "app.py").write_text("x = 1\n")
    (tmp_path / "template.py").write_text("x = \n")

    assert compile_all(sys.executable, tmp_path, ["app.py"]) == 1
    with pytest.raises(CodeError, match=r"syntax error in template\.py, line 1: invalid syntax"):
        compile_all(sys.executable, tmp_path, ["template.py"])


def test_interpreter_that_fails(tmp_path: Path) -> None:
    """What cannot compile is said."""
    with pytest.raises(CodeError, match="could not compile"):
        compile_all(os.devnull, tmp_path, [])
