"""Lost rows come back from wherever their lines were kept, once, and over nothing newer."""

from __future__ import annotations

import csv
import gzip
import io
import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from penniless.cli.logs_import import put_back, rows_in
from penniless.lifecycle import LEASE
from penniless.ports import Row
from penniless.records import lost_line
from penniless.stores.memory import MemoryStore
from tests.cli.logged import NOON, OF_FAMILY, OF_HANAKO, command, refusal, row, sqlite

NASTY = 'say "hi", {"penniless_lost_row": {}}\nこんにちは\\ \\" สวัสดี 🍎\u2028'

LOST = [
    row(1, message=NASTY),
    row(2, OF_FAMILY, replies=[{"type": "text", "text": NASTY}, {"type": "sticker"}]),
    row(3, type="push", message=None, answered_at=None),
]
LINES = [lost_line(one).rstrip("\n") for one in LOST]
STREAM = "2026/11/22/[$LATEST]0123456789abcdef0123456789abcdef"
WARNING = '{"level":"WARNING","message":"the row could not be stored: throttled"}'


def as_written(lines: list[str]) -> str:
    return "\n".join([WARNING, *lines, WARNING]) + "\n"


def windows(lines: list[str]) -> str:
    return as_written(lines).replace("\n", "\r\n")


def levelled(lines: list[str]) -> str:
    """As Lambda's filter by level wants its lines."""
    head = {"timestamp": "2026-11-22T12:00:01.234Z", "level": "ERROR"}
    return "\n".join(json.dumps({**head, **json.loads(line)}) for line in lines)


def tailed(lines: list[str]) -> str:
    """`aws logs tail`."""
    return "".join(f"2026-11-22T12:00:01.234000+00:00 {STREAM} {line}\n\n" for line in lines)


def tailed_as_json(lines: list[str]) -> str:
    """`aws logs tail --format json` prints JSON over many lines."""
    return "\n".join(
        f"2026-11-22T12:00:01 {STREAM}\n{json.dumps(json.loads(line), indent=4)}" for line in lines
    )


def events(lines: list[str]) -> list[dict[str, Any]]:
    return [{"logStreamName": STREAM, "timestamp": NOON, "message": f"{one}\n"} for one in lines]


def filtered(lines: list[str]) -> str:
    """`aws logs filter-log-events`."""
    return json.dumps({"events": events(lines), "searchedLogStreams": []}, indent=4)


def filtered_in_one_line(lines: list[str]) -> str:
    """The same through `jq -c`."""
    return json.dumps({"events": events(lines)})


def as_text(lines: list[str]) -> str:
    """`aws logs filter-log-events --output text`."""
    return "".join(f"EVENTS\t3889\t{NOON}\t{STREAM}\t{one}\t{NOON}\n" for one in lines)


def insights_csv(lines: list[str]) -> str:
    """What the console of CloudWatch downloads."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["@timestamp", "@message"])
    writer.writerows([["2026-11-22 12:00:01.234", line] for line in lines])
    return text.getvalue()


def subscribed(lines: list[str]) -> str:
    """JSON in JSON in JSON, as a forwarder may leave it."""
    return json.dumps({"body": json.dumps({"events": events(lines)})})


WRAPPERS = [
    as_written,
    windows,
    levelled,
    tailed,
    tailed_as_json,
    filtered,
    filtered_in_one_line,
    as_text,
    insights_csv,
    subscribed,
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found_in(text: str) -> list[Row | int]:
    return list(rows_in(io.StringIO(text)))


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda one: one.__name__)
def test_wherever_the_lines_were_kept(wrapper: Callable[[list[str]], str]) -> None:
    """Rows are found in every shape that CloudWatch and its tools give them."""
    assert found_in(wrapper(LINES)) == LOST


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=3), st.sampled_from(WRAPPERS))
def test_whatever_people_wrote(texts: list[str], wrapper: Callable[[list[str]], str]) -> None:
    """No text, however odd, breaks the line that it is in."""
    rows = [row(number, message=text, replies=[]) for number, text in enumerate(texts)]

    assert found_in(wrapper([lost_line(one).rstrip("\n") for one in rows])) == rows


def test_damaged_lines_are_counted_and_cost_no_other() -> None:
    """A line that was cut is named by its number; the ones around it come back."""
    cut = LINES[0][: len(LINES[0]) // 2]
    text = "\n".join([LINES[1], cut, "something else", LINES[2], cut])

    assert found_in(text) == [LOST[1], 2, LOST[2], 5]


@pytest.mark.parametrize(
    "value",
    [
        "{}",
        "[]",
        "null",
        '{"conversation": 3}',
        json.dumps({**json.loads(LINES[0])["penniless_lost_row"], "timestamp": 10**13}),
        json.dumps({**json.loads(LINES[0])["penniless_lost_row"], "conversation": ""}),
        json.dumps({**json.loads(LINES[0])["penniless_lost_row"], "status": "eaten"}),
        "[" * 100_000,
    ],
)
def test_what_is_no_row(value: str) -> None:
    """A line with the right key and something else behind it is counted as unreadable."""
    assert found_in(f'{{"penniless_lost_row": {value}}}\n{LINES[1]}') == [1, LOST[1]]


@pytest.mark.parametrize("cut", [200, 400, 700])
def test_a_cut_line_in_json(cut: int) -> None:
    """Text that people wrote never becomes a row, though the line around it was cut."""
    inner = row(8, message="forged")
    line = lost_line(row(1, message=lost_line(inner))).rstrip("\n")[:cut]

    assert found_in(json.dumps({"message": line})) == [1]
    assert found_in(line) == [1]


def test_half_a_surrogate_pair() -> None:
    """Replies that no store could hold come back with a mark where half a letter was."""
    lost = row(1, replies=[{"type": "text", "text": "\ud83c", "x": ["\udf4e"]}])
    [found] = found_in(lost_line(lost))

    assert isinstance(found, Row)
    assert found.replies == [{"type": "text", "text": "\ufffd", "x": ["\ufffd"]}]
    assert put_back(MemoryStore(), found, NOON) == "put back"


def stored(store: MemoryStore, conversation: str = OF_HANAKO) -> list[Row]:
    return [replace(one, claimed_until=0) for one in store.rows(conversation, now=NOON)]


def test_put_back_where_nothing_is() -> None:
    """A row that is not there is stored as it should have been."""
    store = MemoryStore()

    assert put_back(store, LOST[0], NOON) == "put back"
    assert stored(store) == [LOST[0]]


def test_a_second_time_changes_nothing() -> None:
    """Importing again finds every row there already."""
    store = MemoryStore()
    put_back(store, LOST[0], NOON)
    store.unsend(OF_HANAKO, LOST[0].message_id or "")

    assert put_back(store, LOST[0], NOON + 10**9) == "there already"
    assert stored(store)[0].message is None


def test_an_answer_that_was_lost() -> None:
    """A row whose claim was stored and whose answer was not gets the answer, and nothing else:
    what was taken back meanwhile stays away."""
    store = MemoryStore()
    store.claim(replace(LOST[0], claimed_until=NOON + LEASE, replies=[]), now=NOON)
    store.unsend(OF_HANAKO, LOST[0].message_id or "")
    later = NOON + LEASE

    assert put_back(store, LOST[0], NOON) == "still worked on"
    assert put_back(store, LOST[0], later) == "put back"
    [found] = stored(store)
    assert (found.status, found.replies, found.message) == ("done", LOST[0].replies, None)


def test_expired_rows_stay_away() -> None:
    """What was to be forgotten by now is not put back."""
    store = MemoryStore()

    assert put_back(store, row(1, expires_at=NOON // 1000), NOON) == "expired"
    assert put_back(store, row(2, expires_at=NOON // 1000 + 1), NOON) == "put back"
    assert len(stored(store)) == 1


def test_an_unfinished_row_stays_unfinished() -> None:
    """A claim without an answer, as an export of a whole log can hold, is put back as one."""
    store = MemoryStore()
    claimed = row(1, status="claimed", outcome="", replies=[], answered_at=None)

    assert put_back(store, claimed, NOON) == "put back"
    assert stored(store) == [claimed]


def test_an_event_that_was_left_open() -> None:
    """A lost row of an event that was to be tried again is open, and anybody may take it over."""
    store = MemoryStore()
    ready = row(1, status="answered", outcome="", replies=[], waiting=[{"type": "text"}])
    ready.event = {"type": "message", "replyToken": "r"}
    lost = found_in(lost_line(ready))

    assert lost == [ready]
    assert put_back(store, ready, NOON) == "put back"
    assert [one.waiting for one in store.overdue(now=NOON, limit=9)] == [[{"type": "text"}]]


def log(*rows: Row) -> None:
    sqlite(Path("penniless.sqlite3"), rows).close()


def kept(path: str = "penniless.sqlite3") -> list[Row]:
    store = sqlite(Path(path))
    now = time.time_ns() // 1_000_000
    found = [one for key in store.conversations() for one in store.rows(key, now=now)]
    store.close()
    return found


def write(name: str, data: bytes) -> str:
    Path(name).write_bytes(data)
    return name


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: gzip.compress(text.encode()),
    ],
    ids=["utf-8", "mark", "powershell", "gzip"],
)
def test_files(encode: Callable[[str], bytes]) -> None:
    """Files of Unix and Windows, and packed ones as an export to S3 makes them."""
    log()
    done = command("logs", "import", write("lost.log", encode(windows(LINES))))

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "penniless.sqlite3: 3 put back\n"
    assert sorted(one.event_id for one in kept()) == [one.event_id for one in LOST]


def test_a_pipe() -> None:
    """Without a file, or with a hyphen, lines come from standard input."""
    log()
    text = as_written(LINES)

    assert command("logs", "import", typed=text).stdout.endswith("3 put back\n")
    assert command("logs", "import", "-", typed=text).stdout.endswith("3 there already\n")
    assert command("logs", "import", typed=WARNING).stdout.endswith("no lost rows were found\n")


def test_several_files_with_trouble() -> None:
    """All files are read; what could not be read is named, and the exit code tells of it."""
    log(LOST[1])
    first = write("a.log", f"{LINES[0]}\n{LINES[1]}\n".encode())
    second = write("b.log", f"\n{LINES[2][:99]}\n".encode())
    done = command("logs", "import", first, second)

    assert done.exit_code == 1
    assert done.stdout == "penniless.sqlite3: 1 put back, 1 there already, 1 unreadable\n"
    assert done.stderr == "penniless: b.log, line 2: the row there is cut off or changed\n"


def test_a_row_that_is_worked_on() -> None:
    """A live claim is left to its owner; one is told to come again."""
    live = row(1, claimed_until=time.time_ns() // 1_000_000 + 60_000)
    store = sqlite(Path("penniless.sqlite3"))
    store.claim(live, now=NOON)
    store.close()
    done = command("logs", "import", typed=LINES[0])

    assert done.exit_code == 1
    assert done.stdout.endswith("1 still worked on\n")
    assert done.stderr == "penniless: import again in a minute\n"


def test_moving_a_log() -> None:
    """An export of rows goes into another log, which need not be there yet, and is the same."""
    rows = [*LOST, *(row(number) for number in range(100, 130))]
    log(*rows)
    command("logs", "export", "--format", "rows", "-o", "all.rows")
    done = command("logs", "import", "all.rows", "--store", "new.sqlite3")

    assert done.stdout == "new.sqlite3: 33 put back\n"
    assert [replace(one, claimed_until=0) for one in kept("new.sqlite3")] == kept()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("none.log", None, "No such file or directory"),
        (".", None, "Is a directory"),
        ("cut.gz", gzip.compress(b"x" * 10**6, mtime=0)[:500], "it is not whole"),
        ("bad.gz", gzip.compress(b"x" * 99, mtime=0)[:10] + b"!" * 40, "it is not whole"),
    ],
)
def test_unreadable_files(name: str, data: bytes | None, reason: str) -> None:
    """A file that cannot be read is one sentence."""
    log()
    if data:
        write(name, data)

    assert refusal(command("logs", "import", name)) == f"{name} cannot be read: {reason}"


def test_many_lines_are_read_one_by_one() -> None:
    """A long log with few lost rows takes no memory and no time to speak of."""

    def lines() -> Iterable[str]:
        for number in range(100_000):
            yield f"{WARNING}\n" if number % 1000 else f"{LINES[0]}\n"

    assert sum(isinstance(one, Row) for one in rows_in(lines())) == 100
