"""`penniless build`: the folder that becomes the function; `sam build` runs it."""

from __future__ import annotations

from pathlib import Path

from penniless.artifact import build
from penniless.artifact.target import target_for
from penniless.errors import CodeError


def run(out: Path, *, source: Path, runtime: str | None, arch: str | None) -> None:
    """Build the bot in `source` into `out`, with a line for each step.

    Raises SettingsError or CodeError.
    """
    if not source.is_dir():
        raise CodeError(f"there is no folder {source}")
    target = target_for(source, runtime=runtime, arch=arch)
    build(source, out, target, lambda line: print(line, flush=True))
