"""What messages cost the table and LINE's connection: the project of `penniless new`, at ministack.

Law of this module: a real run, counted on its way. Each call of DynamoDB is counted twice, by
ministack's ConsumedCapacity and by AWS's rules; if the two differ, there is no result. (A Query
of more than 4 KB is one unit for ministack, whatever it reads: there only the rules count.)
"""

from __future__ import annotations

import importlib.util
import json
import ssl
import statistics
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from benchmarks import work
from benchmarks.cost import mixture, units
from penniless.line.client import LineClient
from penniless.scaffold import Project, write
from tests.aws.gateway_events import function_url
from tests.aws.ministack import Between, call, ministack, new_table, open_store
from tests.servers import FakeServer, Received, Step, answer

WRITES = {"PutItem", "UpdateItem", "DeleteItem"}
TOKEN = "t" * 172  # as long as LINE's are
DAYS = 365  # the template's LogDays


class Account:
    """What a run took. The `messages` are webhooks of one event each."""

    def __init__(self) -> None:
        self.messages = 0
        self.operations: Counter[str] = Counter()
        self.writes = 0.0
        self.reads = 0.0
        self.rows: dict[str, int] = {}
        self.line: list[int] = []
        """Bytes of each request to LINE."""
        self.answers: list[int] = []
        """Bytes of each body that answers a webhook."""

    def each(self) -> dict[str, float]:
        """What a message takes on average, by the names of the assumptions."""
        return {
            "line_calls": len(self.line) / self.messages,
            "store_calls": self.operations.total() / self.messages,
            "writes": self.writes / self.messages,
            "reads": self.reads / self.messages,
            "row_bytes": statistics.mean(self.rows.values()),
        }


class Counting(Between):
    """A DynamoDB that passes on to ministack and puts each call into the account."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.account = Account()
        self.trouble: list[str] = []
        """Why there is no result: found in the server's threads, told at the end."""
        self._one_at_a_time = threading.Lock()

    def __call__(self, request: Received) -> Step:
        with self._one_at_a_time:
            asked = request.json
            operation = request.headers["x-amz-target"].partition(".")[2]
            before = self._item(asked) if operation in WRITES else {}
            step = super().__call__(request)
            head, _, body = step.data.partition(b"\r\n\r\n")
            self.account.operations[operation] += 1
            if b" 200 " not in head.splitlines()[0]:
                self.trouble.append(f"{operation} was refused: {body.decode()}")
            elif operation in WRITES:
                self._written(operation, asked, before)
            else:
                self._read(operation, asked, json.loads(body))
            return step

    def _item(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The item of a write, as it lies in the table now."""
        known = asked.get("Key") or asked["Item"]
        key = {"pk": known["pk"], "sk": known["sk"]}
        found = call(self.url, "GetItem", TableName=asked["TableName"], Key=key)
        item: dict[str, Any] = found.get("Item", {})
        return item

    def _written(self, operation: str, asked: dict[str, Any], before: dict[str, Any]) -> None:
        after = self._item(asked)
        taken = units.write_units(before, after)
        self._compare(operation, taken, taken)
        self.account.writes += taken
        if "message" in after:
            self.account.rows[after["sk"]["S"]] = units.item_bytes(after)

    def _read(self, operation: str, asked: dict[str, Any], told: dict[str, Any]) -> None:
        items = told["Items"] if "Items" in told else [told.get("Item", {})]
        consistent = asked.get("ConsistentRead", False)
        taken = units.read_units(items, consistent=consistent)
        self._compare(operation, taken, min(taken, units.read_units([], consistent=consistent)))
        self.account.reads += taken

    def _compare(self, operation: str, taken: float, known: float) -> None:
        if known != self.units[-1]:
            counted = f"{self.units[-1]} by ministack's count"
            self.trouble.append(f"{operation} takes {taken} units by AWS's rules, {counted}")


class Outside(NamedTuple):
    """What a bot talks to: the table of this name, and LINE."""

    name: str
    table: FakeServer
    line: FakeServer


@contextmanager
def outside(seen: Callable[[str], Between], tls: ssl.SSLContext | None = None) -> Iterator[Outside]:
    """A ministack behind what is made of its URL, and a LINE that takes every reply."""
    with ministack("dynamodb") as url:
        table, line = FakeServer(seen(url), tls), FakeServer(_line, tls)
        try:
            yield Outside(new_table(url, index=False), table, line)
        finally:
            table.stop()
            line.stop()


def account_of(people: int, rounds: int = 1) -> Account:
    """The mixture from so many people, with whom the bot has talked for a round already.

    Raises SystemExit if anything went wrong on the way.
    """
    made: list[Counting] = []

    def counting(url: str) -> Counting:
        made.append(Counting(url))
        return made[0]

    with outside(counting) as there, tempfile.TemporaryDirectory() as folder:
        store, client = open_store(there.name, there.table.origin), _client(there.line.origin)
        app = scaffolded(Path(folder))
        app.bot.use(channel_secret=work.SECRET, line=client, store=store, log_days=DAYS)
        try:
            _talk(app, made[0], there.line, people, rounds)
        finally:
            app.bot.close()
    _check(app, made[0])
    return made[0].account


def _client(origin: str) -> LineClient:
    """A client patient enough for a busy machine: a second attempt would be counted too."""
    return LineClient(TOKEN, api_origin=origin, connect_timeout=10.0, read_timeout=10.0)


def _talk(app: ModuleType, counting: Counting, line: FakeServer, people: int, rounds: int) -> None:
    beginning = people * mixture.ROUND
    for number, (body, signature) in enumerate(mixture.webhooks(people, rounds + 1)):
        if number == beginning:
            app.bot.wait(10.0)
            counting.account = Account()
            line.received.clear()
        answered = app.lambda_handler(function_url(body, signature), None)
        if answered["statusCode"] != 200:
            raise SystemExit(f"the bot answered {answered}")
        counting.account.messages += 1
        counting.account.answers.append(len(answered["body"].encode()))
    app.bot.wait(10.0)
    counting.account.line = [request_bytes(one) for one in line.received]


def _check(app: ModuleType, counting: Counting) -> None:
    """Whatever went wrong on the way would be counted as if it were usual."""
    wrong = [name for name in ("errors", "store_errors") if app.bot.counters.get(name)]
    trouble = counting.trouble + wrong
    if len(counting.account.rows) != counting.account.messages:
        trouble.append(f"{len(counting.account.rows)} rows")
    if trouble:
        raise SystemExit(f"the run is worth nothing: {', '.join(trouble)}")


def scaffolded(folder: Path) -> ModuleType:
    """The `app.py` that `penniless new` writes, imported."""
    write(Project(name="mybot"), folder / "mybot")
    spec = importlib.util.spec_from_file_location("scaffolded_app", folder / "mybot" / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def request_bytes(request: Received) -> int:
    """Bytes of a request on its connection, each header line being `name: value`."""
    first = f"{request.method} {request.target} HTTP/1.1\r\n"
    lines = (f"{name}: {value}\r\n" for name, value in request.headers.items())
    return len("".join([first, *lines, "\r\n"])) + len(request.body)


def _line(_: Received) -> Step:
    return answer({"sentMessages": [{"id": "461230966842064897", "quoteToken": "IStG5h1Tz7b"}]})
