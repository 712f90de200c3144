"""The file of `--state`: the simulated world, loaded at the start and saved at the end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from penniless.errors import SettingsError
from penniless.simulator import Simulator, state
from penniless.simulator.guesses import Value
from penniless.simulator.places import Refused


@contextmanager
def kept_in(
    file: Path | None, simulator: Simulator, guesses: Mapping[str, Value]
) -> Iterator[None]:
    """Load the world from the file if it is there, and save it at the end, however that comes.

    To be entered before the simulator is served. Raises SettingsError for a file that cannot be
    read, holds no state, or cannot be written; a file that was not loaded is not touched.

    `guesses` are those of the command line: they come after those of the file.
    """
    if file is None:
        simulator.set_guesses(guesses)
        yield
        return
    _load(file, simulator)
    simulator.set_guesses(guesses)
    try:
        yield
    finally:
        _save(file, simulator)


def _load(file: Path, simulator: Simulator) -> None:
    if not file.absolute().parent.is_dir():
        raise SettingsError(f"--state {file}: there is no such folder")
    try:
        state.load(simulator.world, state.decoded(file.read_bytes()))
    except FileNotFoundError:
        return
    except OSError as error:
        raise SettingsError(f"--state {file} cannot be read: {error.strerror}") from None
    except Refused as refused:
        raise SettingsError(f"--state {file}: {refused}") from None


def _save(file: Path, simulator: Simulator) -> None:
    """Into a file beside it, which then takes its place: there is never half a state."""
    target = file.resolve()
    try:
        number, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(number, "wb") as stream:
                stream.write(state.encoded(simulator.world))
            os.replace(beside, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(beside)
            raise
    except OSError as error:
        raise SettingsError(f"--state {file} cannot be written: {error.strerror}") from None
