"""The third-party packages of a function, as wheels for its Python and processor.

Law of this module: what requirements.txt asks for, and the words with which uv or pip fetch it.
Nothing is compiled: a laptop has neither the function's processor nor its C library.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from penniless import __version__
from penniless.artifact.target import Target
from penniless.artifact.tidy import remove_leftovers
from penniless.errors import CodeError, SettingsError

FILE = "requirements.txt"

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)(?=$|[\s\[<>=!~;@(])")
_PINNED = re.compile(r"(?:\[[^\]]*\])?\s*===?\s*([^\s;,]+)\s*(?:;.*)?")
_INCLUDED = re.compile(r"\s*(?:-r|--requirement)[\s=]*(\S+)")
_CONSTRAINED = re.compile(r"\s*(?:-c|--constraint)[\s=]*(\S+)")
_SECRET = re.compile(r"://[^/@\s]+@")

NO_NETWORK = re.compile(
    r"name resolution|getaddrinfo|dns error|name or service not known|nodename nor servname"
    r"|network is unreachable|no route to host|connection refused|connection reset"
    r"|failed to connect|newconnectionerror|timed out|error sending request|certificate",
    re.IGNORECASE,
)
NO_WHEEL = (
    # uv, wrapped at any blank: "Because foo==1 has no wheels with a matching platform tag (…)"
    re.compile(r"(?P<what>[A-Za-z0-9][\w.-]*)\S*\s+has\s+no\s+(?:usable\s+)?wheels", re.DOTALL),
    re.compile(r"Wheels\s+are\s+(?:required|available)\s+for\s+`(?P<what>[^`]+)`", re.DOTALL),
    # pip, which says the same of a package that does not exist
    re.compile(r"No matching distribution found for (?P<what>[A-Za-z0-9][\w.-]*)"),
)


class Requirements(NamedTuple):
    """The lines for the installer, without Penniless, and the names that they ask for."""

    lines: list[str]
    names: list[str]


def read_requirements(source: Path) -> Requirements:
    """The requirements of the bot and those of Penniless itself, as the laptop has them.

    Raises CodeError if there is no requirements.txt, if it cannot be read, or if it asks for
    another Penniless than the one that runs.
    """
    if not (source / FILE).is_file():
        raise CodeError(
            f"there is no {source / FILE}; write one with the line `penniless`, and a line for "
            "each package that the bot imports"
        )
    lines = [line for line in _lines(source / FILE, frozenset()) if not _is_penniless(line)]
    names = [_normal(found[1]) for line in lines if (found := _NAME.match(line))]
    added = [line for line in _own_requirements() if _normal(line.partition("=")[0]) not in names]
    return Requirements(lines + added, names + [line.partition("=")[0] for line in added])


def _lines(path: Path, above: frozenset[Path]) -> list[str]:
    """The lines of a file and of those that it includes, without comments."""
    if path.resolve() in above:
        raise CodeError(f"{path} includes itself")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise CodeError(f"{path} cannot be read: {reason}") from None
    found = []
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        said = re.sub(r"(^|\s)#.*", "", line).strip()
        if included := _INCLUDED.fullmatch(said):
            found += _lines(path.parent / included[1], above | {path.resolve()})
        elif constrained := _CONSTRAINED.fullmatch(said):
            found.append(f"-c {(path.parent / constrained[1]).resolve()}")
        elif said:
            found.append(said)
    return found


def _is_penniless(line: str) -> bool:
    """Whether this line means Penniless. Raises CodeError if it means another version of it."""
    found = _NAME.match(line)
    if found is None or _normal(found[1]) != "penniless":
        return False
    pinned = _PINNED.fullmatch(line[found.end() :])
    if pinned and pinned[1] != __version__:
        raise CodeError(
            f"{FILE} asks for penniless {pinned[1]}, and {__version__} is installed here; "
            "the line `penniless` means the installed one"
        )
    return True


def _own_requirements() -> list[str]:
    """What Penniless needs on Lambda, in the versions that the bot was tried with."""
    try:
        needed = requires("penniless") or []
    except PackageNotFoundError:
        raise SettingsError(
            "Penniless is not installed, only imported; install it, a checkout with "
            "`pip install -e .`"
        ) from None
    names = [_NAME.match(one) for one in needed if "extra ==" not in one]
    return [f"{name[1]}=={version(name[1])}" for name in names if name]


def _normal(name: str) -> str:
    """https://packaging.python.org/en/latest/specifications/name-normalization/"""
    return re.sub(r"[-_.]+", "-", name).lower()


def install(requirements: Requirements, out: Path, target: Target, source: Path) -> list[str]:
    """Put the wheels into `out`; returns the names and versions that came, sorted.

    Raises CodeError if there is no network, or no wheel for the target.
    """
    with tempfile.TemporaryDirectory(prefix="penniless-") as folder:
        file = Path(folder) / FILE
        file.write_text("".join(f"{line}\n" for line in requirements.lines), encoding="utf-8")
        done = subprocess.run(  # noqa: S603  # uv or pip, with the person's own requirements
            [*_installer(target), "--target", str(out), "-r", str(file)],
            cwd=source,
            env={**os.environ, "UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1"},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    if done.returncode:
        raise CodeError(_reason(done.stderr or done.stdout, requirements, target))
    found = sorted(path.stem.replace("-", " ", 1) for path in out.glob("*.dist-info"))
    remove_leftovers(out)
    return found


def _installer(target: Target) -> list[str]:
    """uv if it is here, else pip, which judges `; python_version` lines by the laptop's Python.

    Raises SettingsError if there is neither.
    """
    if uv := _uv():
        where = ["--python", sys.executable, "--python-version", target.version]
        platform = ["--python-platform", target.uv_platform, "--only-binary", ":all:"]
        return [uv, "pip", "install", *where, *platform, "--link-mode", "copy", "--quiet"]
    if find_spec("pip"):
        platforms = [f"--platform={one}" for one in target.pip_platforms]
        version = ["--implementation=cp", f"--python-version={target.version}"]
        quiet = ["--quiet", "--no-compile", "--disable-pip-version-check", "--no-input"]
        pip = [sys.executable, "-m", "pip", "install"]
        return [*pip, "--only-binary=:all:", *platforms, *version, *quiet]
    raise SettingsError("the wheels are fetched by uv or pip, and neither is here: pip install uv")


def _uv() -> str | None:
    if found := shutil.which("uv"):
        return found
    beside = Path(sys.executable).with_name("uv.exe" if sys.platform == "win32" else "uv")
    return str(beside) if beside.exists() else None


def _reason(said: str, requirements: Requirements, target: Target) -> str:
    """One sentence for what uv or pip wrote, in its own words where we know none."""
    lines = [_SECRET.sub("://", line).strip() for line in said.splitlines()]
    if cut_off := [line for line in lines if NO_NETWORK.search(line)]:
        why = cut_off[-1].removeprefix("cause: ")[:200]
        return (
            f"{_listed(requirements)} cannot be fetched, the package index is out of reach: {why}"
        )
    for pattern in NO_WHEEL:
        if found := pattern.search(said):
            return (
                f"there is no wheel of {found['what'].rstrip('.')} for {target}; take another "
                "version or package, or another runtime or architecture"
            )
    words = " ".join(line for line in lines if line)
    return f"{_listed(requirements)} cannot be installed for {target}: {words[-400:]}"


def _listed(requirements: Requirements) -> str:
    return ", ".join(requirements.names) or FILE
