"""The log commands on a deployed table: the same answers, and its own refusals."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from penniless.cli.logs_follow import Scanning
from penniless.cli.logs_source import Source
from penniless.connections import Limits
from penniless.lifecycle import LEASE
from penniless.records import lost_line
from penniless.stores.aws_json import DYNAMODB, JsonCalls
from penniless.stores.dynamodb import DynamoDBStore
from penniless.stores.dynamodb_table import Table
from tests.aws.ministack import CREDENTIALS, REGION
from tests.cli.account import Account
from tests.cli.logged import (
    HANAKO,
    NOON,
    OF_FAMILY,
    OF_HANAKO,
    OF_SOMCHAI,
    SOMCHAI,
    command,
    refusal,
    row,
)
from tests.cli.running import awaited, running
from tests.live import penniless

pytestmark = pytest.mark.aws

WHERE = f"the table {{}} in {REGION}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def table(account: Account) -> str:
    return account.new_table()


def test_list_reads_the_table_once(account: Account, table: str) -> None:
    """The list is that of SQLite; expired rows and states are told apart from events, and all
    pages are read."""
    big = "ก" * 12_000
    rows = [row(number, OF_FAMILY, message=big) for number in range(60)]
    with account.log(table, row(0), row(1, expires_at=1), *rows) as store:
        store.write_state(OF_HANAKO, {}, version=0)
        store.write_state(OF_SOMCHAI, {"step": 1}, version=0)
    done = command("logs", "list", "--table", table, **account.settings(TZ="UTC0"))

    assert done.exit_code == 0
    assert [line.split() for line in done.stdout.splitlines()[1:]] == [
        ["2026-11-22", "12:59", "60", OF_FAMILY],
        ["2026-11-22", "12:00", "1", OF_HANAKO],
        ["-", "0", OF_SOMCHAI],
    ]


def test_a_stack_leads_to_its_table(account: Account) -> None:
    """`--stack` finds the table in the outputs of the stack; samconfig.toml names the stack."""
    stack, table = account.new_stack()
    with account.log(table, row(0)):
        pass
    shown = command("logs", "show", HANAKO, "--stack", stack, **account.settings())
    Path("samconfig.toml").write_text(
        f'[default.deploy.parameters]\nstack_name = "{stack}"\nregion = "{REGION}"\n'
    )
    settings = account.settings()
    del settings["AWS_DEFAULT_REGION"]
    here = command("logs", "show", HANAKO, **settings)

    assert "こんにちは 0 🍎" in shown.stdout
    assert shown.stdout == here.stdout


def test_a_chat_on_the_command_line(account: Account, table: str) -> None:
    """The program itself reads the table, with boto3's credentials from a profile."""
    home = Path("aws")
    home.write_text(
        f"[profile ops]\nregion = {REGION}\nendpoint_url = {account.url}\n"
        "aws_access_key_id = test\naws_secret_access_key = test\n"
    )
    with account.log(table, row(0)):
        pass
    settings = {**account.nobody(), "AWS_CONFIG_FILE": str(home.resolve()), "TZ": "UTC0"}
    done = penniless(
        *("logs", "show", HANAKO, "--table", table, "--profile", "ops"),
        folder=Path(),
        settings=settings,
    )

    assert done.stderr == ""
    assert done.stdout == (
        "2026-11-22 Sunday\n12:00:00  U4af49806…  こんにちは 0 🍎\n12:00:00  bot         สวัสดี 0\n"
    )


def test_export(account: Account, table: str) -> None:
    """An export goes over all pages of all conversations."""
    big = "字" * 16_000
    rows = [row(number, replies=[], message=big) for number in range(50)]
    with account.log(table, *rows, row(3, OF_FAMILY)):
        pass
    done = command("logs", "export", "--table", table, **account.settings())
    found = [json.loads(line) for line in done.stdout.splitlines()]

    assert [one["conversation"] for one in found] == [OF_FAMILY] * 2 + [OF_HANAKO] * 50
    assert [one["event_id"] for one in found[2:]] == [one.event_id for one in rows]
    assert found[2]["message"] == big


def test_forget(account: Account, table: str) -> None:
    """Rows and state of one person are deleted from the table."""
    with account.log(table, *map(row, range(30)), row(1, OF_SOMCHAI)) as store:
        store.write_state(OF_HANAKO, {"step": 1}, version=0)
        done = command("logs", "forget", HANAKO, "--yes", "--table", table, **account.settings())

        assert done.stdout.startswith(f"deleted 30 events and the state of {OF_HANAKO}\n")
        assert list(store.conversations()) == [OF_SOMCHAI]


def test_import(account: Account, table: str) -> None:
    """Lost rows go back into the table once; a claim that was stored gets its answer."""
    claimed = row(1, claimed_until=0, replies=[], status="claimed", outcome="")
    lost = "".join(lost_line(row(number)) for number in range(3))
    with account.log(table) as store:
        store.claim(claimed, now=0)
        first = command("logs", "import", "--table", table, typed=lost, **account.settings())
        again = command("logs", "import", "--table", table, typed=lost, **account.settings())
        now = time.time_ns() // 1_000_000 + LEASE
        found = list(store.rows(OF_HANAKO, now=now))

    assert first.stdout == f"{WHERE.format(table)}: 3 put back\n"
    assert again.stdout == f"{WHERE.format(table)}: 3 there already\n"
    assert [one.outcome for one in found] == ["replied"] * 3


@pytest.mark.parametrize("names", [[HANAKO], []], ids=["one", "all"])
def test_follow(account: Account, table: str, names: list[str]) -> None:
    """Lines of one conversation, or of all of a table, come while the bot writes them."""
    numbers = iter(range(1000))
    with (
        account.log(table, row(next(numbers))) as store,
        running(
            *("logs", "follow", *names, "--every", "0.1", "--table", table),
            folder=Path(),
            **account.settings(),
        ) as following,
    ):

        def speak() -> bool:
            store.append(row(next(numbers)))
            return "สวัสดี" in following.said

        awaited(speak, lambda: following.said)
        assert following.interrupt() == 0
    assert "こんにちは 0 🍎" not in following.said
    assert "Traceback" not in following.said


def opened(account: Account, table: str, store: DynamoDBStore) -> Source:
    """The source of a command, in this process."""
    calls = JsonCalls(
        DYNAMODB, region=REGION, endpoint=account.url, credentials=lambda: CREDENTIALS
    )
    return Source(table, store, Table(table, calls, timeouts=Limits(5.0, 5.0), budget=30.0))


def test_follow_all_of_a_table(account: Account, table: str) -> None:
    """Only what comes is given: in known conversations, in new ones, and answers when they come."""
    with account.log(table, row(0), row(1, OF_FAMILY)) as store:
        source = opened(account, table, store)
        assert source.table
        watch = Scanning(store, source.table, now=NOON, since=None)
        looks = [watch.look(NOON)]
        store.append(row(2))
        store.append(row(3, OF_SOMCHAI))
        store.claim(row(4, OF_FAMILY, claimed_until=NOON + 60_000), now=NOON)
        looks.append(watch.look(NOON))
        store.advance(row(4, OF_FAMILY))
        looks += [watch.look(NOON), watch.look(NOON)]
        source.table.close()

    assert [sorted(one.event_id[-1] for one in look) for look in looks] == [
        [],
        ["2", "3"],
        ["4"],
        [],
    ]


def test_no_such_table_or_stack(account: Account) -> None:
    """What is not there is said, with where it was looked for."""
    settings = account.settings()
    table = refusal(command("logs", "list", "--table", "nope", **settings))
    stack = refusal(command("logs", "list", "--stack", "nope", **settings))
    name, _ = account.new_stack(output="Other")
    other = refusal(command("logs", "list", "--stack", name, **settings))

    assert "there is no such table at " in table
    assert stack == f"there is no stack nope in {REGION}; look at --region, or deploy it"
    assert other == (
        f"the stack {name} has no output TableName (CREATE_COMPLETE); name the table with --table"
    )


@pytest.mark.parametrize(
    ("arguments", "allowed", "lacking"),
    [
        (["list"], [], "dynamodb:Scan"),
        (["show", HANAKO], ["Scan"], "dynamodb:Query"),
        (["forget", SOMCHAI, "--yes"], ["Query"], "dynamodb:GetItem"),
        (["forget", SOMCHAI, "--yes"], ["Query", "GetItem"], "dynamodb:DeleteItem"),
        (["import"], ["Query", "Scan"], "dynamodb:PutItem"),
    ],
)
def test_missing_permissions(
    account: Account, table: str, arguments: list[str], allowed: list[str], lacking: str
) -> None:
    """The action that a policy has to allow is named, and the table."""
    with account.log(table, row(0, OF_SOMCHAI)):
        pass
    settings = account.person("dynamodb:DescribeTable", *(f"dynamodb:{one}" for one in allowed))
    done = command("logs", *arguments, "--table", table, typed=lost_line(row()), **settings)

    assert refusal(done) == (
        f"these AWS credentials lack the permission {lacking} on the table {table}"
    )


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["list"], ["Scan"]),
        (["show", HANAKO], ["Query"]),
        (["show", "U4af"], ["Query", "Scan"]),
        (["export"], ["Query", "Scan"]),
        (["forget", HANAKO, "--yes"], ["Query", "GetItem", "DeleteItem"]),
        (["import"], ["PutItem", "UpdateItem", "GetItem"]),
    ],
)
def test_enough_permissions(
    account: Account, table: str, arguments: list[str], allowed: list[str]
) -> None:
    """Each command needs no more than the documented actions."""
    with account.log(table, row(0)):
        pass
    settings = account.person(*(f"dynamodb:{one}" for one in allowed))
    lost = lost_line(row(0)) + lost_line(row(1))
    done = command("logs", *arguments, "--table", table, typed=lost, **settings)

    assert done.exit_code == 0, done.output


def test_stack_without_permission(account: Account) -> None:
    """So is the one of CloudFormation."""
    settings = account.person("dynamodb:*")

    assert refusal(command("logs", "list", "--stack", "any", **settings)) == (
        "these AWS credentials lack the permission cloudformation:DescribeStacks"
    )
