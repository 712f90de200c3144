"""Conversations in which anything may fail at any call: nothing doubled, lost, or counted twice.

Each run follows from its seed, which a failure names; `Luck` in `tests/engine.py` plays the fate.
"""

from __future__ import annotations

from contextlib import suppress

import pytest

from penniless.context import Context
from penniless.delivery import DOUBTED
from penniless.errors import StoreUnavailable
from tests.engine import CHAT, Killed, Luck, Scene, redelivered
from tests.fakes import said

RUNS = 40
"""Seeds for each kind of luck and each budget; thousands have been run."""

KNOWN_ENDS = (DOUBTED, "given up after 3 attempts", "StoreUnavailable: away")
"""What a row may say that failed: all are seen in the log, and none is silent."""


def script(scene: Scene) -> None:
    """Counts in the state and answers by the words: late, early, slow or long."""

    @scene.bot.text("bye.*")
    def bye() -> None: ...

    @scene.bot.text()
    def answer(ctx: Context) -> list[str]:
        if "late" in ctx.text:
            scene.answer_webhook()
        ctx.state["n"] = ctx.state.get("n", 0) + 1
        if "early" in ctx.text:
            ctx.reply(f"{ctx.text} early")
        if "slow" in ctx.text:
            scene.clock.later(61_000)
        return [f"{ctx.text} {number}" for number in range(8 if "long" in ctx.text else 1)]


def wanted(words: str) -> list[str]:
    """All that a person has to get for these words."""
    early = [f"{words} early"] if "early" in words else []
    return early + [f"{words} {number}" for number in range(8 if "long" in words else 1)]


def talk(scene: Scene, luck: Luck) -> list[str]:
    """A few messages with whatever befalls them, then quiet days; returns what was said."""
    spoken = []
    for number in range(luck.random.randint(2, 7)):
        kinds = [kind for kind in ("early", "slow", "long") if luck.random.random() < 0.25]
        words = " ".join([luck.random.choice(["late", "now"]), *kinds, str(number)])
        spoken.append(words)
        one_event(scene, luck, words)
    luck.trouble = luck.death = 0
    for _ in range(4):
        scene.restart_later()
        scene.bot.recover()
    for number in range(16):
        scene.restart_later(1_000)
        scene.say(f"bye {number}")
    return spoken


def one_event(scene: Scene, luck: Luck, words: str) -> None:
    event, status = said(words), 0
    scene.work = None
    try:
        if "late" in words:
            scene.post_late(event)
        else:
            status = scene.post(event).status
    except Killed:
        status = 500
        scene.restart_later(luck.random.choice([61_000, 5_000]))
    try:
        if status == 500 and luck.random.random() < 0.6:
            scene.clock.later(luck.random.choice([1_000, 30_000, 61_000]))
            scene.work = None
            scene.post(redelivered(event))
        if luck.random.random() < 0.2:
            with suppress(StoreUnavailable):
                scene.bot.recover()
    except Killed:
        scene.restart_later()


@pytest.mark.parametrize("budget", [0, 5])
@pytest.mark.parametrize(("trouble", "death"), [(0.05, 0.0), (0.0, 0.04), (0.03, 0.02)])
def test_whatever_happens(trouble: float, death: float, budget: int) -> None:
    """Every event ends once, in a way that the log tells; what it calls done has arrived, once."""
    for seed in range(RUNS):
        luck = Luck(seed, trouble=0, death=0)
        scene = Scene(script, luck=luck, push_budget=budget)
        luck.trouble, luck.death = trouble, death
        spoken = talk(scene, luck)
        received = scene.line.received
        assert len(received) == len(set(received)), f"doubled with seed {seed}"
        assert {row.status for row in scene.rows()} <= {"done", "failed"}, f"open with seed {seed}"
        assert scene.store.forbidden == [], f"seed {seed}"
        done = [
            row.message for row in scene.rows() if row.message in spoken and row.status == "done"
        ]
        missing = [text for words in done for text in wanted(words or "") if text not in received]
        assert missing == [], f"lost with seed {seed}"
        failed = [row.outcome for row in scene.rows() if row.status == "failed"]
        assert [one for one in failed if not one.endswith(KNOWN_ENDS)] == [], f"seed {seed}"
        counted = scene.store.read_state(CHAT).data.get("n", 0)
        assert len(done) <= counted <= len(spoken), f"miscounted with seed {seed}"
