"""From a path on the command line to the `Bot` in that file, or one sentence that says why not."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import traceback
from io import StringIO
from pathlib import Path

from penniless.bot import Bot
from penniless.errors import CodeError, SettingsError

_NAMED = re.compile(r"(?P<path>.+\.py):(?P<name>[^\W\d]\w*)")


def find(target: str) -> tuple[Path, str | None]:
    """The file that `app.py`, `folder` or `app.py:name` means, and the name if there is one.

    Raises CodeError if there is no such file.
    """
    named = _NAMED.fullmatch(target)
    path, name = (Path(named["path"]), named["name"]) if named else (Path(target), None)
    if path.is_dir():
        path /= "app.py"
    if not path.exists():
        raise CodeError(f"there is no file {path}")
    if path.suffix != ".py" or not path.is_file():
        raise CodeError(f"{path} is not a Python file")
    return path, name


def load_bot(target: str) -> Bot:
    """Import the file and return its bot. Raises CodeError, in one sentence, for all that can fail.

    The file's folder goes first on the import path, as if it had been run.
    """
    path, name = find(target)
    module = _import(path)
    bots = {key: value for key, value in vars(module).items() if isinstance(value, Bot)}
    wanted = name or ("bot" if "bot" in bots else next(iter(bots), "bot"))
    if wanted in bots and (name or wanted == "bot" or len(set(map(id, bots.values()))) == 1):
        return bots[wanted]
    if not bots:
        raise CodeError(f"{path} has no bot; write `bot = Bot()` at its top level")
    choices = ", ".join(f"{path}:{key}" for key in bots)
    raise CodeError(f"say which bot of {path} you mean: {choices}")


def _import(path: Path) -> object:
    sys.path.insert(0, str(path.parent.resolve()))
    spec = importlib.util.spec_from_file_location(path.stem, path.resolve())
    if spec is None or spec.loader is None:
        raise CodeError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise CodeError(
            f"syntax error in {_place(error.filename, error.lineno)}: {error.msg}"
        ) from None
    except UnicodeDecodeError as error:
        raise CodeError(f"{path} is not UTF-8 text: {error.reason}") from None
    except (Exception, SystemExit) as error:  # noqa: BLE001  # it is the person's own code
        raise CodeError(_why(path, error)) from None
    return module


def _why(path: Path, error: BaseException) -> str:
    """The error's own words and the deepest line of the person's own files that led to it."""
    frames = traceback.extract_tb(error.__traceback__)
    folder = str(path.parent.resolve())
    own = [one for one in frames if one.filename.startswith(folder)] or list(frames)
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"{_place(own[-1].filename, own[-1].lineno)}: {said}"


def _place(filename: str | None, line: int | None) -> str:
    try:
        shown = os.path.relpath(filename or "")
    except ValueError:  # another drive, on Windows
        shown = str(filename)
    return f"{shown}, line {line}"


def load_dotenv(folder: Path) -> None:
    """Take the settings of a `.env` file, in the bot's folder or here, that are not set already.

    Raises SettingsError if the file is there but cannot be read.
    """
    from dotenv import dotenv_values

    for candidate in (folder / ".env", Path(".env")):
        if not candidate.exists():
            continue
        try:
            text = candidate.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise SettingsError(f"{candidate} cannot be read: {reason}") from None
        for key, value in dotenv_values(stream=StringIO(text), interpolate=False).items():
            if value is not None:
                os.environ.setdefault(key, value)
        return
