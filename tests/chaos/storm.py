"""Many people, many messages, and every fault at once; what is left is judged from the outside.

Law of this module: the seed decides who writes what and which fault meets which call. What happens
at the same time is up to the machine, so a seed gives the same storm, not the same second.
"""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
from msgspec import Struct, field

from penniless.cli.logs_import import put_back, rows_in
from penniless.delivery import month_of
from penniless.ports import OPEN, Row
from penniless.stores.sqlite import SQLiteStore
from tests.aws.ministack import REGION, ministack, new_table, open_store
from tests.chaos import outside, talk
from tests.chaos.outside import Allowed
from tests.chaos.scene import ROOT, Scene, scene

PEOPLE = 24
GROUPS = 6
WRITERS = 12
"""People who write at the same moment."""

PUSH_BUDGET = 25
LAST_ROUNDS = 60
KINDS = (*(kind for kind in talk.KINDS if kind != "slow"), "echo", "echo", "count", "count")
LONG = 70.0
PAUSES = (2.0, 10.0)
"""Seconds between two things that happen to the bot: a kill, or a freeze of 0.5 to 4 seconds."""

CALM = 20
"""Steps of 2.5 seconds, a fifth of them real, for the bot to bring everything to its end."""

ON_LINE = (
    {"type": "status", "status": 429},
    {"type": "status", "status": 500},
    {"type": "status", "status": 500, "acted": True},
    {"type": "drop"},
    {"type": "drop", "acted": True},
    {"type": "latency", "seconds": 1.0},
    {"type": "timeout", "acted": True, "seconds": 3.0},
)
ON_WEBHOOKS = (
    {"type": "duplicate"},
    {"type": "duplicate", "after": 1.0},
    {"type": "reorder", "seconds": 1.0},
    {"type": "lost"},
    {"type": "late", "seconds": 2.0},
    {"type": "latency", "seconds": 0.5},
)


class Report(Struct):
    """What was seen; `problems` is empty if all promises were kept."""

    seed: int
    messages: int
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    fates: dict[str, int] = field(default_factory=dict)
    struck: dict[str, int] = field(default_factory=dict)
    kills: int = 0
    freezes: int = 0
    copies: int = 0
    not_whole: int = 0
    """Answers among the excused ones of which something is missing, as far as people can see."""
    excused: list[str] = field(default_factory=list)
    """Answers that nobody can say of whether they arrived."""
    pushed: int = 0


class Where(NamedTuple):
    """A chat, and who writes in it."""

    person: str
    group: str

    @property
    def chat(self) -> str:
        return self.group or self.person


class Storm:
    """One storm over a scene."""

    def __init__(
        self,
        stage: Scene,
        report: Report,
        *,
        rate: float,
        told: Callable[[int], object],
        calm_store: Callable[[], object],
        kills: bool,
    ) -> None:
        """`calm_store` ends the trouble of the store; with `kills` the bot dies and freezes too."""
        self.kills = kills
        self.stage = stage
        self.report = report
        self.rate = rate
        self.told = told
        self.calm_store = calm_store
        self.heard: set[str] = set()
        self.places: list[Where] = []
        self._chance = random.Random(report.seed)
        self._lock = threading.Lock()
        self._written = 0
        self._over = threading.Event()
        self._client = httpx.Client(timeout=60, trust_env=False)

    def run(self) -> None:
        began = time.monotonic()
        self._people_come()
        self.stage.start()
        self._set_faults()
        monkey = threading.Thread(target=self._monkey)
        monkey.start()
        try:
            self._everybody_writes()
        finally:
            self._over.set()
            monkey.join()
            self._client.close()
        self._calm_down()
        self._judge()
        self.report.seconds = time.monotonic() - began

    def _people_come(self) -> None:
        for number in range(PEOPLE):
            self.stage.add_person(f"p{number}")
            self.places.append(Where(f"p{number}", ""))
        for number in range(GROUPS):
            members = [f"p{one}" for one in range(number, number + 3)]
            self.stage.post("groups", name=f"g{number}", members=members)
            self.places.append(Where(members[0], f"g{number}"))

    def _set_faults(self) -> None:
        rules = [
            {"endpoint": endpoint, "effect": effect}
            for endpoint, effects in (
                ("reply", ON_LINE), ("push", ON_LINE), ("webhook", ON_WEBHOOKS),
            )
            for effect in effects
        ]  # fmt: skip
        seeded = [
            {**rule, "probability": self.rate, "seed": self.report.seed + number}
            for number, rule in enumerate(rules)
        ]
        answer = self.stage.client.put("/sim/faults", json={"faults": seeded})
        assert answer.status_code == 200, answer.text

    # What people do

    def _everybody_writes(self) -> None:
        chances = [random.Random(self.report.seed * 1000 + one) for one in range(WRITERS)]
        shares = [self.places[one::WRITERS] for one in range(WRITERS)]
        each = -(-self.report.messages // WRITERS)
        with ThreadPoolExecutor(WRITERS) as pool:
            for done in [
                pool.submit(self._write, number, chances[number], shares[number], each)
                for number in range(WRITERS)
            ]:
                done.result()

    def _write(self, writer: int, chance: random.Random, places: list[Where], count: int) -> None:
        for number in range(count):
            if self._written >= self.report.messages:
                return
            place = chance.choice(places)
            slow = chance.random() < 0.03
            text = f"{'slow' if slow else chance.choice(KINDS)} m{writer}-{number}"
            webhook = self.stage.say(place.person, text, group=place.group)
            if webhook["reason"] == "ok":
                self.heard.add(text)
            if chance.random() < self.rate:
                self._copy(webhook)
            with self._lock:
                self._written += 1
                self.told(self._written)

    def _copy(self, webhook: dict[str, Any]) -> None:
        """The same body three times at the same moment, past LINE."""

        def post() -> None:
            with contextlib.suppress(httpx.TransportError):  # the bot is being killed
                self._client.post(
                    webhook["url"], content=webhook["raw"].encode(), headers=webhook["headers"]
                )

        threads = [threading.Thread(target=post) for _ in range(3)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        with self._lock:
            self.report.copies += 3

    # What happens to the bot

    def _monkey(self) -> None:
        """Kill, freeze and skew the bot, again and again."""
        chance = random.Random(self.report.seed + 1)
        while self.kills and not self._over.wait(chance.uniform(*PAUSES)):
            if chance.random() < 0.5:
                self.stage.kill()
                self._over.wait(chance.uniform(0.0, 0.5))
                self.stage.start(skew=chance.choice([-4000, 0, 0, 4000]))
                self.report.kills += 1
            else:
                self.stage.nursery.ask("signal", [self.stage.pid, signal.SIGSTOP])
                self._over.wait(chance.uniform(0.5, 4.0))
                self.stage.nursery.ask("signal", [self.stage.pid, signal.SIGCONT])
                self.report.freezes += 1

    # The end

    def _calm_down(self) -> None:
        """The faults end, time passes, and people write until nothing waits any more."""
        rules = self.stage.client.get("/sim/faults").json()["faults"]
        for rule in rules:
            name = " ".join(str(one) for one in rule["effect"].values())
            self.report.struck[f"{rule['endpoint']}: {name}"] = rule["struck"]
        self.stage.client.delete("/sim/faults")
        self.calm_store()
        for _ in range(CALM):
            if not self._is_any_open():
                break
            self.stage.clock.advance(2)
            time.sleep(0.5)
        self.stage.kill()
        self._put_back()
        self.stage.start()
        self.stage.clock.advance(LONG)
        self.stage.settle()
        for number in range(LAST_ROUNDS):
            waiting = self._waiting()
            if number and not waiting:
                return
            self.stage.clock.advance(LONG)
            self.stage.tell_bot("recover")
            for place in self.places:
                if not number or place.chat in waiting:
                    text = f"count end-{number}-{place.chat}"
                    if self.stage.say(place.person, text, group=place.group)["reason"] == "ok":
                        self.heard.add(text)
            self.stage.tell_bot("wait")

    def _put_back(self) -> None:
        """Import what the store had refused, as an operator does with `penniless logs import`."""
        log = self.stage.folder / "bots.log"
        with log.open(encoding="utf-8", errors="replace") as lines:
            for row in rows_in(lines):
                if isinstance(row, Row):
                    put_back(self.stage.store, row, self.stage.clock.now())

    def _is_any_open(self) -> bool:
        return any(row.status in OPEN for row in self._all_rows())

    def _waiting(self) -> set[str]:
        """The chats in which something is not final."""
        by_key = {self._conversation(place): place.chat for place in self.places}
        return {
            by_key[row.conversation]
            for row in self._all_rows()
            if row.status not in outside.ENDED and row.conversation in by_key
        }

    def _conversation(self, place: Where) -> str:
        found = self.stage.simulator.world.find(place.chat)
        kind, name = ("group", "id") if place.group else ("user", "user_id")
        return f"{kind}#{getattr(found, name)}"

    def _all_rows(self) -> Iterator[Row]:
        for conversation in self.stage.store.conversations():
            yield from self.stage.rows(conversation)

    def _judge(self) -> None:
        allowed = Allowed(cut_off=True, given_up=True, charged_twice=True)
        fates: Counter[str] = Counter()
        ledger = self.stage.ledger()
        for place in self.places:
            conversation = self._conversation(place)
            rows = [row for row in self.stage.rows(conversation) if row.type == "message.text"]
            found = outside.fates(self.stage.entries(place.chat), rows, self.heard)
            state = self.stage.store.read_state(conversation).data
            self.report.problems += [
                problem for fate in found for problem in outside.breaches(fate, allowed)
            ]
            self.report.problems += outside.of_counter(rows, found, state)
            self.report.problems += outside.of_ledger(ledger, found, allowed)
            fates.update(_fate(fate) for fate in found)
            self.report.not_whole += sum(
                len(fate.bubbles) < len(talk.answer_to(fate.text))
                for fate in found
                for row in fate.rows
                if row.status == "failed"
            )
            self.report.excused += [
                outside.shown(fate) for fate in found for row in fate.rows if row.status == "failed"
            ]
        self.report.fates = dict(fates.most_common())
        self._judge_pushes()

    def _judge_pushes(self) -> None:
        quota = self.stage.client.get("/sim/world").json()["channel"]["quota"]
        spent = self.stage.store.spent(month_of(self.stage.clock.now()))
        self.report.pushed = quota["used"]
        if not quota["used"] <= spent <= PUSH_BUDGET:
            self.report.problems.append(
                f"LINE counted {quota['used']} pushes, the store {spent}, allowed: {PUSH_BUDGET}"
            )


def _fate(fate: outside.Fate) -> str:
    if not fate.rows:
        return "not in the log"
    return f"{fate.rows[0].status}: {fate.rows[0].outcome}"


def storm(
    folder: Path,
    kind: str,
    messages: int,
    seed: int,
    *,
    rate: float = 0.05,
    kills: bool = True,
    told: Callable[[int], object] = lambda _: None,
) -> Report:
    """Let it rage over a store of that kind, `sqlite` or `dynamodb`."""
    report = Report(seed=seed, messages=messages)
    options: dict[str, Any] = {
        "redelivery": (1.0, 3.0, 10.0, 20.0, 30.0),
        "deadline": 0.8,
        "push_budget": PUSH_BUDGET,
        "careful": True,
        "recover_every": 1.0,
        "store_budget": 1.0,
    }
    with contextlib.ExitStack() as stack:
        store: Any
        calm: Callable[[], object] = bool
        if kind == "sqlite":
            file = folder / "log.sqlite3"
            store, where = SQLiteStore(file), {"sqlite": str(file)}
        else:
            url = stack.enter_context(ministack("dynamodb"))
            table = new_table(url)
            store = open_store(table, url)
            shaky, calm = stack.enter_context(_proxy(url, seed, rate))
            where = {"dynamodb": shaky, "table": table, "region": REGION}
        stack.callback(store.close)
        stage = stack.enter_context(scene(folder, store, where=where, **options))
        Storm(stage, report, rate=rate, told=told, calm_store=calm, kills=kills).run()
    return report


@contextlib.contextmanager
def _proxy(url: str, seed: int, rate: float) -> Iterator[tuple[str, Callable[[], object]]]:
    """Its URL, and what ends its faults."""
    port = str(urlsplit(url).port)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.shaky", port, str(seed), str(rate)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        yield f"http://127.0.0.1:{port}", lambda: process.send_signal(signal.SIGUSR1)
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(30)
