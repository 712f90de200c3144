"""A simulated LINE Platform: people who write, webhooks that arrive, an API that refuses.

    from penniless.simulator.simulator import Simulator
    from penniless.simulator.server import serving

    simulator = Simulator(webhook="http://127.0.0.1:3000/callback")
    with serving(simulator) as url:
        ...

It speaks LINE's HTTP both ways, so a bot in any language can be tried on it. The names below are
imported when they are first used: a world alone needs neither a server nor an HTTP client.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penniless.simulator.clock import Clock, SystemClock, VirtualClock
    from penniless.simulator.movable_clock import MovableClock
    from penniless.simulator.simulator import Simulator
    from penniless.simulator.world import World

__all__ = ["Clock", "MovableClock", "Simulator", "SystemClock", "VirtualClock", "World"]

_HOME = {
    "Clock": "clock",
    "MovableClock": "movable_clock",
    "Simulator": "simulator",
    "SystemClock": "clock",
    "VirtualClock": "clock",
    "World": "world",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    full = f"{__name__}.{_HOME[name]}"
    __import__(full)
    return getattr(sys.modules[full], name)
