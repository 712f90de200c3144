"""What has failed is listed with its key, and the key has it handled again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penniless import Context
from penniless.ports import Row
from penniless.stores.sqlite import SQLiteStore
from tests.cli.account import Account
from tests.cli.logged import (
    HANAKO,
    NOON,
    OF_FAMILY,
    OF_HANAKO,
    SOMCHAI,
    command,
    refusal,
    row,
    sqlite,
)
from tests.fakes import said, stage

FILE = Path("penniless.sqlite3")
UTC = {"TZ": "UTC0"}
EVENT = {
    "type": "message",
    "replyToken": "r",
    "message": {"type": "text", "text": None, "quoteToken": "q"},
}
HERE = "A bot that runs on that file takes over within 30 seconds, or so long after its start.\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def given_up(number: int = 0, conversation: str = OF_HANAKO, **fields: Any) -> Row:
    """An event that failed and can be repeated."""
    told: dict[str, Any] = {
        "status": "failed",
        "outcome": "failed: ValueError",
        "replies": [],
        "event": EVENT,
    }
    return row(number, conversation, **{**told, **fields})


def logged(*rows: Row) -> None:
    sqlite(FILE, rows).close()


def kept(conversation: str = OF_HANAKO) -> list[Row]:
    store = sqlite(FILE)
    found = list(store.rows(conversation, now=0))
    store.close()
    return found


def test_the_failed_ones() -> None:
    """Of all conversations, newest last: when, the key, where, what was said, what came of it."""
    logged(
        given_up(2, message="two\nlines \x1b"),
        given_up(1, OF_FAMILY, sender=SOMCHAI, message=None, outcome="failed: LineUnreachable"),
        given_up(0, event=None, outcome="failed: interrupted"),
        row(3),
        row(4, status="held", outcome="held"),
    )
    done = command("logs", "--failed", **UTC)

    assert (done.stderr, done.exit_code) == ("", 0)
    assert done.stdout.splitlines() == [
        "when                 key            conversation        what",
        "2026-11-22 12:00:00  -              user    U4af49806…  "
        "こんにちは 0 🍎  (failed: interrupted)",
        "2026-11-22 12:01:00  -              group   C99999999…  "
        "(taken back)  (failed: LineUnreachable)",
        "2026-11-22 12:02:00  01EVENT000002  user    U4af49806…  two␊lines ␛  (failed: ValueError)",
    ]


def test_from_a_time_on() -> None:
    """`--since` leaves out what failed before."""
    logged(*(given_up(number) for number in range(3)))
    done = command("logs", "--failed", "--since", "2026-11-22 12:02", **UTC)

    assert [line.split()[2] for line in done.stdout.splitlines()[1:]] == ["01EVENT000002"]


def test_nothing_has_failed() -> None:
    """That is said on stderr, and is no failure."""
    logged(row(0))
    done = command("logs", "--failed")

    assert (done.stdout, done.exit_code) == ("", 0)
    assert done.stderr == "penniless: nothing has failed in penniless.sqlite3\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "2d"], "say --failed, or a command"),
        (["--failed", "list"], "options stand behind the command: list"),
        (["--store", "x.sqlite3", "list"], "options stand behind the command: list"),
    ],
)
def test_misplaced_options(arguments: list[str], said: str) -> None:
    """Options that would be overlooked are a usage error."""
    done = command("logs", *arguments)

    assert done.exit_code == 2
    assert said in done.stderr


def test_one_again() -> None:
    """A reopened event is open to whoever comes, with three attempts, and one is told who will."""
    logged(given_up(0), given_up(1))
    done = command("logs", "retry", "01EVENT000001")

    assert (done.stderr, done.exit_code) == ("", 0)
    assert done.stdout == f"open again: 01EVENT000001  {OF_HANAKO}  こんにちは 1 🍎\n{HERE}"
    first, second = kept()
    assert first.status == "failed"
    assert (second.status, second.claimed_until) == ("claimed", 0)
    assert second.last_attempt - second.attempt == 3


def test_all_again() -> None:
    """`--all` means all that can be repeated, from `--since` on."""
    logged(given_up(0), given_up(1), given_up(2, event=None), given_up(3, OF_FAMILY), row(4))
    done = command("logs", "retry", "--all", "--since", "2026-11-22 12:01", **UTC)

    assert done.exit_code == 0
    assert [line.split()[2] for line in done.stdout.splitlines()[:-1]] == [
        "01EVENT000001",
        "01EVENT000003",
    ]
    assert [one.status for one in kept()] == ["failed", "claimed", "failed", "done"]


def test_several_starts_of_keys() -> None:
    """Starts of keys are enough where they are of one event, and twice is once."""
    logged(given_up(12), given_up(23))
    done = command("logs", "retry", "01EVENT00001", "01EVENT000012", "01EVENT00002")

    assert done.exit_code == 0
    assert done.stdout.count("open again: ") == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "name the keys that `penniless logs --failed` shows, or say --all"),
        (["01EVENT", "--all"], "name the keys that `penniless logs --failed` shows, or say --all"),
        (["01EVENT000000", "--since", "2d"], "--since goes with --all"),
        (["01EVENT00000"], "'01EVENT00000' could be 01EVENT000000, 01EVENT000001"),
        (["nope"], "no failed event in penniless.sqlite3 has the key 'nope'"),
        (["01EVENT000003"], "no failed event in penniless.sqlite3 has the key '01EVENT000003'"),
        (["--all", "--since", "1m"], "nothing that failed in penniless.sqlite3 can be repeated"),
    ],
)
def test_none_is_meant(arguments: list[str], sentence: str) -> None:
    """What means no failed event, or several, is one sentence, and nothing is changed."""
    logged(given_up(0), given_up(1), row(3))

    assert refusal(command("logs", "retry", *arguments)) == sentence
    assert [one.status for one in kept()] == ["failed", "failed", "done"]


def test_one_that_cannot_be_repeated() -> None:
    """It is named, with the exit code of a failure; the others are open again all the same."""
    logged(given_up(0, event=None), given_up(1))
    done = command("logs", "retry", "01EVENT000000", "01EVENT000001")

    assert done.exit_code == 1
    assert done.stdout.startswith("open again: 01EVENT000001 ")
    assert done.stderr == (
        "penniless: 01EVENT000000 cannot be repeated: the message was taken back, or the event was "
        "stored without what LINE said of it\n"
    )
    assert [one.status for one in kept()] == ["failed", "claimed"]


def test_a_handler_that_was_mended() -> None:
    """The next look of a bot handles the event anew; its answer goes with the next reply."""
    source = {"type": "user", "userId": HANAKO}
    logged(given_up(0, received_at=1))
    assert command("logs", "retry", "--all").exit_code == 0
    act = stage(SQLiteStore(FILE))

    @act.bot.text
    def echo(ctx: Context) -> str:
        return f"{ctx.text}!"

    assert act.bot.recover() == {"found": 1, "handled": 1}
    assert act.line.texts == []
    [held] = kept()
    assert (held.status, held.outcome, held.replies) == ("held", "held", [])
    act.post(said("次", source))
    act.bot.close()

    assert act.line.texts == ["こんにちは 0 🍎!", "次!"]
    assert sorted(one.outcome for one in kept()) == ["replied", "replied later"]


def test_in_a_table(account: Account) -> None:
    """The same on AWS, where the function goes on; what is none of an event is passed over."""
    table = account.new_table()
    settings = account.settings(TZ="UTC0")
    expired = given_up(5, expires_at=1)
    with account.log(table, given_up(2), given_up(1, OF_FAMILY), row(3), expired) as store:
        store.spend("2026-11", 1, limit=9)
        store.write_state(OF_HANAKO, {"step": 1}, version=0)
        listed = command("logs", "--failed", "--table", table, **settings)
        counted = command("logs", "list", "--table", table, **settings)
        done = command("logs", "retry", "01EVENT000002", "--table", table, **settings)
        found = list(store.rows(OF_HANAKO, now=NOON))

    assert [line.split()[2] for line in listed.stdout.splitlines()[1:]] == [
        "01EVENT000001",
        "01EVENT000002",
    ]
    assert [line.split()[-1] for line in counted.stdout.splitlines()[1:]] == [OF_HANAKO, OF_FAMILY]
    assert done.stdout.startswith(
        f"open again: 01EVENT000002  {OF_HANAKO}  こんにちは 2 🍎\nThe fun"
    )
    assert [one.status for one in found] == ["claimed", "done"]


@pytest.mark.parametrize(
    ("arguments", "allowed", "lacking"),
    [
        (["--failed"], [], "dynamodb:Scan"),
        (["--failed"], ["Scan"], None),
        (["retry", "--all"], ["Scan"], "dynamodb:UpdateItem"),
        (["retry", "--all"], ["Scan", "UpdateItem"], None),
    ],
)
def test_permissions(
    account: Account, arguments: list[str], allowed: list[str], lacking: str | None
) -> None:
    """Each needs what is documented and no more, and names what it lacks."""
    table = account.new_table()
    with account.log(table, given_up(0)):
        pass
    settings = account.person("dynamodb:DescribeTable", *(f"dynamodb:{one}" for one in allowed))
    done = command("logs", *arguments, "--table", table, **settings)

    assert done.exit_code == (1 if lacking else 0), done.output
    assert not lacking or lacking in refusal(done)
