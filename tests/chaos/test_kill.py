"""The bot killed at every step between two writes, each in turn, and what becomes of its events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from penniless.delivery import month_of
from penniless.stores.sqlite import SQLiteStore
from tests.aws.ministack import REGION, ministack, new_table, open_store
from tests.chaos import outside, talk
from tests.chaos.outside import Allowed
from tests.chaos.scene import Scene, scene

pytestmark = pytest.mark.chaos

MOST_STEPS = 80


class Case(NamedTuple):
    """What the bot does when it is killed."""

    kind: str
    before: str = ""
    """What was written before, to a bot that lives."""
    push_budget: int = 0


CASES = {
    **{kind: Case(kind) for kind in talk.KINDS},
    "carry": Case("echo", before="many"),
    "push": Case("many", push_budget=10_000),
}
SOON = 25.0
"""Seconds after which the leases of whoever was answering are over, and no token is yet."""

LONG = 65.0
"""Seconds after which every lease and every token is over."""


class Aftermath(NamedTuple):
    """What happens after a kill, beside the new bot that is started."""

    redelivered: bool
    seconds: float
    """How much time passes before anybody does anything."""
    told: bool = False
    """The scheduled recovery comes before the person writes again."""


AFTERMATHS = {
    "redelivered": Aftermath(True, SOON),
    "soon": Aftermath(False, SOON),
    "recovered": Aftermath(False, SOON, told=True),
    "late": Aftermath(False, LONG),
}


@pytest.fixture(scope="module")
def sqlite_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("kills")
    file = folder / "log.sqlite3"
    store = SQLiteStore(file)
    with scene(folder, store, where={"sqlite": str(file)}, quota=None) as found:
        yield found
    store.close()


@pytest.fixture(scope="module")
def dynamodb_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("kills")
    with ministack("dynamodb") as url:
        table = new_table(url)
        store = open_store(table, url)
        where = {"dynamodb": url, "table": table, "region": REGION}
        with scene(folder, store, where=where, quota=None) as found:
            yield found
        store.close()


@pytest.mark.parametrize("aftermath", AFTERMATHS)
@pytest.mark.parametrize("kind", CASES)
def test_a_kill_at_any_step_loses_and_doubles_nothing_on_sqlite(
    sqlite_scene: Scene, kind: str, aftermath: str
) -> None:
    """Whatever the bot is doing when it dies, its events come to their one end."""
    _sweep(sqlite_scene, kind, aftermath)


@pytest.mark.aws
@pytest.mark.parametrize("aftermath", AFTERMATHS)
@pytest.mark.parametrize("kind", CASES)
def test_a_kill_at_any_request_loses_and_doubles_nothing_on_dynamodb(
    dynamodb_scene: Scene, kind: str, aftermath: str
) -> None:
    """The same between any two requests to DynamoDB, of which one operation may need several."""
    _sweep(dynamodb_scene, kind, aftermath)


def _sweep(stage: Scene, kind: str, aftermath: str) -> None:
    """Kill at step 1, 2, 3 ... until the bot gets through."""
    problems = []
    for step in range(1, MOST_STEPS):
        killed, found = _run(stage, kind, aftermath, step)
        problems += found
        if not killed:
            break
    else:
        problems.append("the bot never got through")
    assert step > 4, "the bot took no steps"
    assert not problems, "\n".join(problems)


def _run(stage: Scene, kind: str, aftermath: str, step: int) -> tuple[bool, list[str]]:
    """One life and death; whether the bot was killed, and what is wrong afterwards."""
    after = AFTERMATHS[aftermath]
    case, person = CASES[kind], f"{kind}-{aftermath}-{step}"
    first, second, third = f"{case.kind} {person}-1", f"count {person}-2", f"count {person}-3"
    stage.add_person(person)
    stage.simulator.set_redelivery(after.redelivered, [SOON, SOON])
    heard = _write_before(stage, case, person)
    stage.start(kill_at=step, trace=str(stage.folder / person), push_budget=case.push_budget)
    heard |= {first} if stage.say(person, first)["reason"] == "ok" else set()
    killed = stage.is_killed()
    stage.kill()
    stage.start(push_budget=case.push_budget)
    stage.clock.advance(after.seconds)
    stage.settle()
    stage.tell_bot("wait")
    if after.told:
        stage.tell_bot("recover")
    for text in (second, third):
        if stage.say(person, text)["reason"] == "ok":
            heard.add(text)
        stage.tell_bot("wait")
        stage.clock.advance(LONG)
        stage.tell_bot("recover")
    last_step = (stage.trace(person) or [""])[-1]
    allowed = Allowed(
        cut_off=killed and aftermath == "late",
        unheard=killed and not after.redelivered,
        charged_twice=killed and "charge" in "".join(stage.trace(person)[-2:]),
    )
    stage.kill()
    problems = _judged(stage, person, heard | ({first} if after.redelivered else set()), allowed)
    return killed, [f"killed at {last_step}: {problem}" for problem in problems]


def _write_before(stage: Scene, case: Case, person: str) -> set[str]:
    """What a bot that lives has heard before."""
    if not case.before:
        return set()
    stage.start()
    text = f"{case.before} {person}-0"
    assert stage.say(person, text)["reason"] == "ok"
    stage.kill()
    return {text}


def _judged(stage: Scene, person: str, heard: set[str], allowed: Allowed) -> list[str]:
    entries = stage.entries(person)
    user_id = next(one["userId"] for one in entries if one["from"] == "person")
    conversation = f"user#{user_id}"
    rows = stage.rows(conversation)
    found = outside.fates(entries, rows, heard)
    problems = [one for fate in found for one in outside.breaches(fate, allowed)]
    problems += outside.of_counter(rows, found, stage.store.read_state(conversation).data)
    problems += outside.of_ledger(stage.ledger(), found, allowed)
    counted = stage.client.get("/sim/world").json()["channel"]["quota"]["used"]
    if counted > stage.store.spent(month_of(stage.clock.now())):
        problems.append(f"LINE counted {counted} pushes, and the store less")
    return problems
