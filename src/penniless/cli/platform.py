"""The simulated LINE as the commands start it: its port, its secrets, what they say of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from penniless.errors import SettingsError
from penniless.simulator import Simulator
from penniless.simulator.movable_clock import MovableClock
from penniless.simulator.server import serving
from penniless.simulator.world import CHANNEL_ID

DEFAULT_PORT = 8080
TRIES = 20

CHANNEL_ID_NAME = "LINE_CHANNEL_ID"
SETTINGS = ("LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN")


def simulator_from_environment(**options: object) -> Simulator:
    """A simulator with the channel's id and secrets from the environment where they are set.

    Its clock is the computer's, and can be moved.
    """
    names = (*SETTINGS, CHANNEL_ID_NAME)
    secret, token, channel_id = (os.environ.get(name, "").split(",")[0].strip() for name in names)
    return Simulator(
        channel_secret=secret or None,
        channel_access_token=token or None,
        channel_id=channel_id or CHANNEL_ID,
        clock=MovableClock(),
        **options,  # type: ignore[arg-type]
    )


@contextmanager
def platform(simulator: Simulator, port: int | None) -> Iterator[str]:
    """Serve the simulator; on the wished port, or on the first free one from 8080 on.

    Raises SettingsError if the wished port is taken.
    """
    found = DEFAULT_PORT if port is None else port
    candidates = [found] if port is not None else [*range(found, found + TRIES), 0]
    for candidate in candidates:
        try:
            context = serving(simulator, port=candidate)
            url = context.__enter__()
        except OSError as error:
            reason = error.strerror or str(error)
            continue
        break
    else:
        raise SettingsError(f"port {found} cannot be used: {reason}; choose another with --port")
    if port is None and candidate != DEFAULT_PORT:
        print(f"Port {DEFAULT_PORT} is taken; using another.", file=sys.stderr)
    try:
        yield url
    finally:
        context.__exit__(None, None, None)


def settings_of(simulator: Simulator, url: str) -> dict[str, str]:
    """The environment of a bot that talks to this simulator."""
    return {
        "LINE_CHANNEL_SECRET": simulator.channel_secret,
        "LINE_CHANNEL_ACCESS_TOKEN": simulator.channel_access_token,
        "LINE_API_ORIGIN": url.rstrip("/"),
    }


def shown_settings(simulator: Simulator) -> list[tuple[str, str]]:
    """The secrets as a person may see them: what was made up here, but never what was set."""
    values = (simulator.channel_secret, simulator.channel_access_token)
    return [
        (name, "from the environment" if os.environ.get(name) else f"{value}  (made up)")
        for name, value in zip(SETTINGS, values, strict=True)
    ]
