"""What `penniless build` makes: the folder that becomes the function on Lambda.

The bot's own sources, what its requirements.txt names with the right wheels for the function, the
very Penniless that runs this build, and bytecode for the function's Python. Law of this module:
the order of these steps, and that a failed build leaves nothing behind.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from penniless import __version__
from penniless.artifact.bytecode import compile_all, python_for
from penniless.artifact.package import copy_package
from penniless.artifact.requirements import install, read_requirements
from penniless.artifact.sources import copy_sources
from penniless.artifact.target import Target
from penniless.artifact.tidy import make_uniform, sizes
from penniless.errors import CodeError

Say: TypeAlias = Callable[[str], object]

UNZIPPED_LIMIT = 250 * 1024 * 1024
"""Bytes. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def build(source: Path, out: Path, target: Target, say: Say) -> None:
    """Make the function's folder `out`, which must be new or empty, from the bot in `source`.

    `say` gets a line for each step. Raises CodeError, and leaves `out` empty, if there is no
    requirements.txt, a wheel cannot be had, or a file of the bot does not compile.
    """
    requirements = read_requirements(source)
    with _filled(out):
        say(f"{target}")
        say(f"requirements  {', '.join(install(requirements, out, target, source))}")
        say(f"penniless     {__version__}, {copy_package(out)}")
        own = copy_sources(source, out)
        say(f"the bot       {_named(own)}")
        _compile(out, own, target, say)
        make_uniform(out)
        _weigh(out, say)


@contextmanager
def _filled(out: Path) -> Iterator[None]:
    """Make sure that `out` is there and empty; empty it again if something goes wrong."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        taken = any(out.iterdir())
    except OSError as error:
        raise CodeError(f"{out} cannot be written: {error.strerror or error}") from None
    if taken:
        raise CodeError(f"{out} is not empty; name a new folder, or delete this one first")
    try:
        yield
    except OSError as error:
        _empty(out)
        raise CodeError(f"{error.filename or out}: {error.strerror or error}") from None
    except BaseException:
        _empty(out)
        raise


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def _named(paths: list[str]) -> str:
    shown = ", ".join(paths[:4])
    return shown if len(paths) <= 4 else f"{shown} and {len(paths) - 4} more"


def _compile(out: Path, own: list[str], target: Target, say: Say) -> None:
    python = python_for(target)
    if python is None:
        say(
            f"bytecode      none: there is no Python {target.version} here, so the function "
            f"compiles on every cold start; `uv python install {target.version}` helps"
        )
        return
    say(f"bytecode      {compile_all(python, out, own)} files, by {python}")


def _weigh(out: Path, say: Say) -> None:
    files, unzipped, zipped = sizes(out)
    if unzipped > UNZIPPED_LIMIT:
        raise CodeError(
            f"the function is {unzipped / 1024**2:.0f} MB, and Lambda takes 250; remove something "
            "from requirements.txt"
        )
    say(f"done          {files} files, {zipped / 1024:.0f} KB zipped")
