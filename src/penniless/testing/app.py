"""From a test to the bot it is about: `app.py` beside the test, or above it.

Law of this module: files and modules. What the bot's own code raises is raised as it is.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

from penniless.bot import Bot
from penniless.errors import CodeError

_NAMED = re.compile(r"(?P<path>.+\.py):(?P<name>[^\W\d]\w*)")
_loaded: dict[Path, ModuleType] = {}


def bot_for(test: Path, root: Path, wanted: str) -> Bot:
    """The bot of the file `wanted`, a path from `root`; without it that of the nearest `app.py`.

    `wanted` may name the variable, as in `shop.py:bot`. The file is imported once, or taken as it
    is where the test has imported it. Raises CodeError, in one sentence, where there is no bot.
    """
    named = _NAMED.fullmatch(wanted)
    name = named["name"] if named else ""
    path = root / (named["path"] if named else wanted) if wanted else _nearest(test, root)
    if path is None or not path.is_file():
        raise CodeError(_no_app(path, test, root))
    return _bot_in(_module_of(path.resolve()), path, name)


def _nearest(test: Path, root: Path) -> Path | None:
    folders = [test.parent, *test.parent.parents]
    within = [one for one in folders if one == root or root in one.parents] or [test.parent]
    return next((one / "app.py" for one in within if (one / "app.py").is_file()), None)


def _no_app(path: Path | None, test: Path, root: Path) -> str:
    if path is not None:
        return f"there is no bot to test: penniless_app names {path}, which is not there"
    return (
        f"there is no bot to test: no app.py stands beside {test.name} or above it, up to {root}; "
        "set penniless_app in pytest's configuration, or write a fixture `bot`"
    )


def _module_of(path: Path) -> ModuleType:
    if path in _loaded:
        return _loaded[path]
    known = sys.modules.get(path.stem)
    if known is None or Path(getattr(known, "__file__", None) or "").resolve() != path:
        known = _imported(path)
    _loaded[path] = known
    return known


def _imported(path: Path) -> ModuleType:
    """Import the file as a run of it would: its folder comes first on the import path."""
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise CodeError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(path.stem)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[path.stem]
        if before is not None:
            sys.modules[path.stem] = before
        raise
    return module


def _bot_in(module: ModuleType, path: Path, name: str) -> Bot:
    bots = {key: value for key, value in vars(module).items() if isinstance(value, Bot)}
    found = bots.get(name or "bot")
    if found is None and not name and len(set(map(id, bots.values()))) == 1:
        found = next(iter(bots.values()))
    if found is None and bots:
        choices = ", ".join(f"{path.name}:{key}" for key in bots)
        raise CodeError(f"say which bot of {path} penniless_app means: {choices}")
    if found is None:
        raise CodeError(f"{path} has no bot; write `bot = Bot()` at its top level")
    return found
