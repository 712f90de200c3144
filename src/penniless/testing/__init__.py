"""People who talk to a bot in tests: a pytest plugin on the simulated LINE.

    def test_order(alice):
        alice.send("menu")
        assert alice.sees("What would you like?")
        alice.taps("Tea")

The fixtures are in `plugin`; the names below are for annotations, and imported when they are first
used: whoever has Penniless installed and does not test a bot pays nothing for the plugin.
"""

from __future__ import annotations

import sys
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.testing.chat import Chat, Said
    from penniless.testing.clock import Clock
    from penniless.testing.line import Line
    from penniless.testing.people import Group, Person

__all__ = ["Chat", "Clock", "Group", "Line", "Person", "Said"]

_HOME = {
    "Chat": "chat",
    "Clock": "clock",
    "Group": "people",
    "Line": "line",
    "Person": "people",
    "Said": "chat",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    full = f"{__name__}.{_HOME[name]}"
    __import__(full)
    return getattr(sys.modules[full], name)
