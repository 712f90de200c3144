"""Bytecode for the function's Python, by an interpreter of that version, if there is one here.

Lambda's /var/task cannot be written, so what is not compiled here is compiled on every cold start.
The .pyc files are of the unchecked kind: they hold no time of the source, which unzipping changes.
Law of this module: other interpreters are run here, and nowhere else.
Source: https://peps.python.org/pep-0552/
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from penniless.artifact.target import Target
from penniless.errors import CodeError

TASK_ROOT = "/var/task"
"""Where Lambda unpacks the function; tracebacks name the files there."""

SECONDS = 120

_ASK = (
    "import sys; v = sys.version_info; "
    "print(sys.implementation.name, '%d.%d' % v[:2], v.releaselevel, sys.executable)"
)

_COMPILE = """
import json, py_compile, sys, warnings
from importlib.util import cache_from_source
warnings.simplefilter("ignore")
root, task = sys.argv[1:]
broken = []
for name in json.load(sys.stdin):
    path = f"{root}/{name}"
    try:
        py_compile.compile(path, cache_from_source(path, optimization=""), f"{task}/{name}", True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH, optimize=0)
    except py_compile.PyCompileError as error:
        said = error.exc_value
        broken.append([name, getattr(said, "lineno", None) or 0, getattr(said, "msg", str(said))])
print(json.dumps(broken))
"""


class _Broken(msgspec.Struct, array_like=True):
    name: str
    line: int
    message: str


def python_for(target: Target) -> str | None:
    """The path of a CPython of the target's version; None if there is none here."""
    seen = set()
    for candidate in _candidates(target.version):
        if candidate not in seen and _is_python(candidate, target.version):
            return candidate
        seen.add(candidate)
    return None


def _candidates(version: str) -> Iterator[str]:
    """Interpreters that may have that version: this one, on the PATH, of pyenv, of uv."""
    if f"{sys.version_info[0]}.{sys.version_info[1]}" == version:
        yield sys.executable
    for name in (f"python{version}", "python3", "python"):
        if found := shutil.which(name):
            yield found
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True))
    if uv := shutil.which("uv"):
        yield _output([uv, "python", "find", "--no-python-downloads", "--no-project", version])
    if launcher := shutil.which("py"):
        yield _output([launcher, f"-{version}", "-c", "import sys; print(sys.executable)"])


def _is_python(path: str, version: str) -> bool:
    """Ask it, because a name promises nothing: pyenv puts names there that only fail."""
    said = _output([path, "-I", "-S", "-c", _ASK]).split(maxsplit=3) if path else []
    return said[:2] == ["cpython", version] and said[2] in ("final", "candidate")


def _output(command: list[str]) -> str:
    """What a command prints, stripped; nothing if it fails."""
    try:
        done = subprocess.run(  # noqa: S603  # interpreters of this machine
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def compile_all(python: str, out: Path, own: list[str]) -> int:
    """Compile every Python file below `out`; returns how many.

    Raises CodeError for a file in `own` that does not compile. What a library brings that does not
    compile, such as a template, is left alone.
    """
    names = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.py"))
    broken = _run(python, out, names)
    for one in broken:
        if one.name in own:
            raise CodeError(f"syntax error in {one.name}, line {one.line}: {one.message}")
    return len(names) - len(broken)


def _run(python: str, out: Path, names: list[str]) -> list[_Broken]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    try:
        done = subprocess.run(  # noqa: S603  # an interpreter that `python_for` has found
            [python, "-S", "-s", "-P", "-c", _COMPILE, str(out), TASK_ROOT],
            input=msgspec.json.encode(names),
            capture_output=True,
            env={**clean, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},  # the same each time
            timeout=SECONDS,
            check=True,
        )
        return msgspec.json.decode(done.stdout, type=list[_Broken])
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError) as error:
        raise CodeError(
            f"{python} could not compile the function: {type(error).__name__}"
        ) from None
