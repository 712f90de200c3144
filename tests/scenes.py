"""Scenes of an answer on its way: what the bot says, and what LINE and the store do about it.

Law of this module: scripts and troubles; the stage itself is `engine`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from penniless.context import Context
from penniless.errors import BadRequest, LineUnreachable, StoreUnavailable
from penniless.ports import Row, Store
from penniless.records import Log
from penniless.services import Services
from tests.engine import Scene
from tests.fakes import Clock, FakeLine

MINUTE = 60_000
BAD = BadRequest(400, "The request body has 1 error(s)")
INVALID = BadRequest(400, "Invalid reply token")
LOST = LineUnreachable("timed out", maybe_received=True)
REFUSED = LineUnreachable("refused", maybe_received=False)

Make = Callable[..., Scene]


def echo(scene: Scene) -> None:
    """Says everything again; a comma makes several messages of it, `…` takes a minute."""

    @scene.bot.text()
    def say(ctx: Context) -> list[str] | None:
        if "…" in ctx.text:
            scene.clock.later(MINUTE)
        return [] if ctx.text == "nothing" else ctx.text.split(",")


def late(scene: Scene) -> None:
    """The same, for events whose webhook is answered first."""

    @scene.bot.text()
    def say(ctx: Context) -> list[str]:
        scene.answer_webhook()
        if "…" in ctx.text:
            scene.clock.later(MINUTE)
        return ctx.text.split(",")


def services_on(store: Store, clock: Clock) -> Services:
    """What the events of a bot share, for tests that have no bot; the store may be away."""
    log = Log(store, lambda *_: None)
    return Services(FakeLine(), store, log, clock=clock, count=lambda *_: None, sleep=clock.sleep)


class Away(StoreUnavailable):
    """The store is away for some writes."""


def break_writes(scene: Scene, *, status: str, times: int = 99) -> None:
    """Let the next writes of that status fail."""
    whole = scene.store.advance
    left = [times]

    def advance(row: Row, **named: Any) -> bool:
        if row.status == status and left[0]:
            left[0] -= 1
            raise Away("away")
        return whole(row, **named)

    scene.store.advance = advance  # type: ignore[method-assign]
