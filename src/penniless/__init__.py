"""Write a LINE chatbot in ten lines. The public names, each imported when it is first used."""

from __future__ import annotations

import sys
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.bot import Bot, Response
    from penniless.context import Context
    from penniless.errors import PennilessError
    from penniless.routing import (
        Predicate,
        command,
        content,
        in_chat,
        in_group,
        kind,
        mentioned,
        postback,
        text,
        where,
    )

__version__ = "0.1.0"

__all__ = [
    "Bot",
    "Context",
    "PennilessError",
    "Predicate",
    "Response",
    "__version__",
    "command",
    "content",
    "in_chat",
    "in_group",
    "kind",
    "mentioned",
    "postback",
    "text",
    "where",
]

_HOME = {
    "Bot": "bot",
    "Response": "bot",
    "Context": "context",
    "PennilessError": "errors",
    **dict.fromkeys(
        (
            "Predicate",
            "command",
            "content",
            "in_chat",
            "in_group",
            "kind",
            "mentioned",
            "postback",
            "text",
            "where",
        ),
        "routing",
    ),
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    full = f"{__name__}.{_HOME[name]}"
    __import__(full)
    return getattr(sys.modules[full], name)
