"""New lines as they come: each once, with its answer, at a price that the bot does not feel."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from penniless.cli.logs_follow import LOOK_BACK, Tail, follow
from penniless.cli.logs_source import Source
from penniless.connections import Limits
from penniless.stores.aws_environment import Credentials
from penniless.stores.aws_json import DYNAMODB, JsonCalls
from penniless.stores.dynamodb import DynamoDBStore
from penniless.stores.dynamodb_table import Table
from penniless.stores.memory import MemoryStore
from tests.cli.logged import NOON, OF_FAMILY, OF_HANAKO, SOMCHAI, row, sqlite
from tests.cli.running import awaited, running
from tests.conftest import Serve
from tests.servers import answer, in_turn

UTC = {"TZ": "UTC0"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def memory() -> Source:
    return Source("memory", MemoryStore(), None)


def fresh(tail: Tail, now: int) -> list[str]:
    return [one.event_id[-1] for one in tail.fresh(now=now)]


def test_tail_gives_each_row_once(memory: Source) -> None:
    """What was there is not given; what comes is given once, though late ones come out of order."""
    memory.store.append(row(5))
    tail = Tail(memory.store, OF_HANAKO, now=NOON, since=None)

    assert fresh(tail, NOON) == []
    memory.store.append(row(6))
    memory.store.append(row(4))
    assert fresh(tail, NOON) == ["4", "6"]
    assert fresh(tail, NOON) == []


def test_tail_waits_for_the_answer(memory: Source) -> None:
    """An event that is worked on is given with its answer, or when its claim is over."""
    tail = Tail(memory.store, OF_HANAKO, now=NOON, since=None)
    for number in (1, 2):
        claimed = row(number, claimed_until=NOON + 60_000, replies=[], outcome="")
        memory.store.claim(claimed, now=NOON)

    assert fresh(tail, NOON) == []
    memory.store.advance(row(2))
    assert fresh(tail, NOON) == ["2"]
    assert fresh(tail, NOON + 60_000) == ["1"]


def test_tail_waits_for_a_slow_answer(memory: Source) -> None:
    """An event that takes minutes is not forgotten because newer ones were answered meanwhile."""
    tail = Tail(memory.store, OF_HANAKO, now=NOON, since=None)
    memory.store.claim(row(1, claimed_until=NOON + 10**6, replies=[], outcome=""), now=NOON)
    memory.store.advance(row(1, status="answered", claimed_until=NOON + 10**6, outcome=""))
    memory.store.append(row(9))

    assert fresh(tail, NOON) == ["9"]
    memory.store.advance(row(1))
    assert fresh(tail, NOON) == ["1"]
    assert fresh(tail, NOON) == []


def test_tail_does_not_read_everything_again(memory: Source) -> None:
    """Rows well before the newest one are not looked at any more."""
    for number in range(9):
        memory.store.append(row(number))
    tail = Tail(memory.store, OF_HANAKO, now=NOON, since=0)

    assert len(fresh(tail, NOON)) == 9
    memory.store.append(row(1, event_id="01LATE", timestamp=NOON + 8 * 60_000 - LOOK_BACK - 1))
    assert fresh(tail, NOON) == []


def test_tail_trusts_the_clock_of_the_log(memory: Source) -> None:
    """A computer whose clock is a day ahead misses nothing."""
    memory.store.append(row(0))
    tomorrow = NOON + 86_400_000
    tail = Tail(memory.store, OF_HANAKO, now=tomorrow, since=None)
    memory.store.append(row(1))

    assert fresh(tail, tomorrow) == ["1"]


def turns(*deeds: Callable[[], object]) -> Callable[[float], None]:
    """What happens at each pause of `follow`; then somebody presses Ctrl-C."""
    left: Iterator[Callable[[], object]] = iter(deeds)

    def wait(_: float) -> None:
        deed = next(left, None)
        if deed is None:
            raise KeyboardInterrupt
        deed()

    return wait


def test_follow_all(memory: Source, capsys: pytest.CaptureFixture[str]) -> None:
    """New lines of all conversations in order of time, also of those that begin meanwhile."""
    store = memory.store
    store.append(row(0))

    def come() -> None:
        store.append(row(3, OF_FAMILY, sender=SOMCHAI, message="こんばんは", replies=[]))
        store.append(row(2, message="やあ", replies=[]))

    follow(memory, [], since=None, every=2, clock=lambda: NOON, wait=turns(come, lambda: None))

    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("  ")[2] for line in lines[1:]] == [
        "user    U4af49806…  U4af49806…  やあ",
        "group   C99999999…  U4bcd1111…  こんばんは",
    ]


def test_an_answer_that_waits(memory: Source, capsys: pytest.CaptureFixture[str]) -> None:
    """What is held is shown at once, and marked."""
    held = row(0, status="held", outcome="replied, held", waiting=[{"type": "text", "text": "六"}])
    memory.store.append(held)

    follow(memory, [OF_HANAKO], since=0, every=2, clock=lambda: NOON, wait=turns())

    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.partition("  ")[2] for line in lines] == [
        "U4af49806…  こんにちは 0 🍎  (replied, held)",
        "bot         สวัสดี 0",
        "bot         六  (waiting)",
    ]


def test_follow_one_from_a_time_on(memory: Source, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--since` what was there is printed first; other conversations are not."""
    for number in range(3):
        memory.store.append(row(number))
    memory.store.append(row(3, OF_FAMILY))

    since = NOON + 60_000
    follow(memory, [OF_HANAKO], since=since, every=2, clock=lambda: NOON, wait=turns())

    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line[-1] for line in lines] == ["🍎", "1", "🍎", "2"]
    assert not any("group" in line for line in lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_follow_command(number: signal.Signals) -> None:
    """Lines come while the bot writes them; Ctrl-C ends it without a word."""
    sqlite(Path("penniless.sqlite3"), [row(0)]).close()
    stop = threading.Event()
    numbers = iter(range(1, 1000))

    with running("logs", "follow", "--every", "0.1", folder=Path(), **UTC) as following:

        def speak() -> bool:
            store = sqlite(Path("penniless.sqlite3"), [row(next(numbers))])
            store.close()
            return stop.wait(0.1) or "สวัสดี" in following.said

        awaited(speak, lambda: following.said)
        code = following.interrupt(number)

    assert code == (0 if number == signal.SIGINT else -signal.SIGTERM)
    assert "こんにちは 0 🍎" not in following.said
    assert "Traceback" not in following.said
    assert following.said.endswith("\n")


def test_a_large_table_is_looked_at_less_often(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    """Looking takes one read unit a second, all pages together, and one is told if it is long."""
    item = {"pk": {"S": OF_HANAKO}, "sk": {"S": "event#1#a"}, "timestamp": {"N": "1"}}
    first = {"ConsumedCapacity": {"CapacityUnits": 128.0}, "LastEvaluatedKey": {}}
    second = {"ConsumedCapacity": {"CapacityUnits": 22.5}}
    pages = in_turn(*(answer({"Items": [item], **page}) for page in [first, second] * 3))
    place: dict[str, Any] = {
        "region": "ap-northeast-1",
        "endpoint": serve(pages).origin,
        "credentials": lambda: Credentials("test", "test"),
    }
    store = DynamoDBStore("log", **place)
    table = Table("log", JsonCalls(DYNAMODB, **place), timeouts=Limits(5.0, 5.0), budget=30.0)
    pauses: list[float] = []

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise KeyboardInterrupt

    source = Source("log", store, table)
    follow(source, [], since=None, every=2, clock=lambda: NOON, wait=wait)
    store.close()
    table.close()

    assert pauses == [150.5, 150.5]
    assert capsys.readouterr().err == (
        "penniless: the table is large, so this looks every 150 seconds and leaves its read units "
        "to the bot; name a conversation to look more often\n"
    )
