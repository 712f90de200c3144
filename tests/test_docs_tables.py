"""The tables of docs/ say what the code says: nothing is missing, nothing is made up."""

from __future__ import annotations

import re
from inspect import Parameter, signature
from pathlib import Path
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import linebot.v3
import linebot.v3.exceptions
import linebot.v3.messaging
import linebot.v3.webhooks
import msgspec
import pytest

import penniless
from penniless import delivery, errors, events, messages
from penniless.asgi import RECOVER_EVERY
from penniless.bot import DEADLINE, Bot
from penniless.cli import commands
from penniless.context import Context
from penniless.delivery import DOUBTED
from penniless.events import message as contents
from penniless.lifecycle import LEASE, LONG_LEASE, MEANINGS, RENEW_EVERY, TRANSITIONS
from penniless.line.client import LineClient
from penniless.line.operations import OPERATIONS
from penniless.line.retry import REPEATABLE
from penniless.messages.checks import Rule
from penniless.notices import NOTICES
from penniless.patience import FIRST_WAIT
from penniless.ports import Row, Status
from penniless.registry import Registry
from penniless.routing import CONTENTS
from penniless.stores.sqlite_schema import MIGRATIONS

DOCS = Path(__file__).resolve().parent.parent / "docs"

COMMON = {field.name for field in msgspec.structs.fields(events.Event)}


def tables(page: str, heading: str) -> list[list[list[str]]]:
    """The tables under a heading of a page: rows of cells, without the head."""
    text = (DOCS / page).read_text(encoding="utf-8")
    section = re.split(r"^#+ ", text, flags=re.MULTILINE)
    [found] = [one for one in section if one.startswith(f"{heading}\n")]
    groups = re.findall(r"(?:^\|.*\n)+", found, flags=re.MULTILINE)
    return [
        [[cell.strip() for cell in row[1:-1].split(" | ")] for row in group.splitlines()[2:]]
        for group in groups
    ]


def table(page: str, heading: str) -> list[list[str]]:
    [only] = tables(page, heading)
    return only


def quoted(cell: str) -> list[str]:
    """What stands in backquotes."""
    return re.findall(r"`([^`]+)`", cell)


def names(rows: list[list[str]], column: int = 0) -> list[str]:
    """Everything in backquotes in one column."""
    return [name for row in rows for name in quoted(row[column])]


def has_path(kind: type, path: str) -> bool:
    """Whether objects of this class have the attribute that `a.b.c` names."""
    first, _, rest = path.partition(".")
    hint = get_type_hints(kind).get(first)
    if hint is None or not rest:
        return hint is not None
    options = get_args(hint) if get_origin(hint) in (UnionType, Union) else (hint,)
    return any(isinstance(one, type) and has_path(one, rest) for one in options)


def decorator_works(text: str) -> bool:
    """Whether `@bot.name` or `@bot.on("name")` takes a handler."""
    found = re.fullmatch(r"@bot\.(?P<verb>\w+)(?:\(\"(?P<name>\w+)\"\))?", text)
    assert found, text
    verb = getattr(Bot(), found["verb"])
    decorate = verb(found["name"]) if found["name"] else verb

    def handler(ctx: Context) -> None:
        return None

    return decorate(handler) is handler


def test_events() -> None:
    """Every event is listed once, in order, with its class, a decorator and its own properties."""
    rows = table("events.md", "All events")

    assert names(rows) == list(events.KINDS)
    assert names(rows, 1) == [name for _, name in events.KINDS.values()]
    assert [one for one in names(rows, 2) if not decorator_works(one)] == []
    for row in rows:
        kind = events.event_class(quoted(row[0])[0])
        listed = quoted(row[3])
        own = {field.name for field in msgspec.structs.fields(kind)} - COMMON
        assert {path.partition(".")[0] for path in listed} == own, row[0]
        assert [path for path in listed if not has_path(kind, path)] == []


def test_common_properties() -> None:
    """What all events have is there, and nothing that is not."""
    listed = names(table("events.md", "What all events have"), 0)

    assert {name.partition(".")[0] for name in listed} == COMMON | {
        "type",
        "user_id",
        "conversation",
    }


def test_contents() -> None:
    """Every message content is listed with its class, decorator and all of its properties."""
    rows = table("events.md", "What a message holds")

    assert sorted(names(rows)) == sorted(CONTENTS)
    assert [one for one in names(rows, 2) if not decorator_works(one)] == []
    common = {field.name for field in msgspec.structs.fields(contents.AnyContent)}
    for row in rows:
        kind = getattr(events, quoted(row[1])[0])
        assert quoted(row[0])[0] == kind.KIND
        assert quoted(row[3]) == [
            field.name for field in msgspec.structs.fields(kind) if field.name not in common
        ]


def rule_of(path: str) -> Rule:
    """The rule of a field such as `TextMessage.text`."""
    name, _, field = path.partition(".")
    [rule] = [one for one in getattr(messages, name).RULES if one.field == field]
    found: Rule = rule
    return found


def test_limits() -> None:
    """Every limit on the page is the one that is checked, in the unit that is counted."""
    rows = table("messages.md", "Limits")

    assert len(rows) > 20
    for row in rows:
        rule = rule_of(quoted(row[0])[0])
        first = re.match(r"[\d,]+", row[1])
        assert first
        assert (int(first[0].replace(",", "")), row[2]) == (rule.most, rule.unit), row[0]


def test_actions() -> None:
    """Every action is in the table of actions."""
    listed = names(table("messages.md", "Actions"))
    ours = [
        name
        for name in messages.__all__
        if name.endswith("Action") and "Imagemap" not in name and name != "Action"
    ]

    assert sorted(name for name in listed if name.endswith("Action")) == sorted(ours)


def test_context() -> None:
    """Every public attribute and method of the context is on its page, and no other."""
    knows = table("context.md", "What it knows")
    does = table("context.md", "What it does")
    inner = {"answer_before", "gather", "start_again", "has_changed_state", "save_state"}
    public = {name for name in dir(Context) if not name.startswith("_")}

    shown = [re.sub(r"^ctx\.|\(.*", "", name) for row in (*knows, *does) for name in quoted(row[0])]
    assert sorted(shown) == sorted(public - inner)


def test_row() -> None:
    """Every column of the log is listed, in order, under the name that it has in SQLite."""
    columns, _outcomes = tables("log.md", "A row")
    *_, created = (
        statement
        for migration in MIGRATIONS
        for statement in migration
        if statement.startswith("\ncreate table events")
    )
    in_file = re.findall(r'^    "?(\w+)"? (?:text|integer)', created, flags=re.MULTILINE)

    assert names(columns) == [field.name for field in msgspec.structs.fields(Row)] == in_file


def test_error_tree() -> None:
    """The page shows the tree that the module shows, and the tree is the classes'."""
    [tree] = re.findall(r"^PennilessError\n(?:[ │├└].*\n)+", errors.__doc__ or "", re.MULTILINE)
    page = (DOCS / "errors.md").read_text(encoding="utf-8")

    assert f"```text\n{tree}```" in page
    classes = [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.PennilessError)
    ]
    drawn = re.findall(r"^([ │├└─]*)(\w+)", tree, re.MULTILINE)
    assert [(name, len(indent) // 4) for indent, name in drawn] == [
        (one.__name__, len(one.__mro__) - len(errors.PennilessError.__mro__)) for one in classes
    ]


def test_decorators() -> None:
    """Every decorator of a bot is on the page of handlers, and no other."""
    rows = table("handlers.md", "The decorators")
    verbs = {name for name in vars(Registry) if not name.startswith("_")}

    shown = {re.sub(r"^@bot\.|\(.*", "", name) for name in names(rows)}
    assert shown == verbs - {"has_slow_handlers", "route", "run", "run_error_handler"}


def test_operations() -> None:
    """Every operation of the client is listed with its method, its path and how it is repeated."""
    rows = table("client.md", "What it can do")
    said = {"yes": "read", "under a retry key": "key", "if not received": "once"}

    listed = {}
    for row in rows:
        found = re.match(r'`(\w+)\((?:"(\w+)")?', row[0])
        assert found
        name = "_".join(part for part in found.groups() if part)
        listed[name] = (*quoted(row[1])[0].split(" "), said[row[2]])
        assert callable(getattr(LineClient, found[1]))
    assert listed == {name: (one.method, one.path, one.repeat) for name, one in OPERATIONS.items()}


def test_repeats() -> None:
    """When a call is sent again stands on the page as it is in the code."""
    said = {"yes": "read", "under a retry key": "key", "if not received": "once"}
    outcomes = ("not sent", "no answer", "server fault")

    listed = {
        said[row[0]]: tuple(o for o, cell in zip(outcomes, row[1:], strict=True) if cell == "yes")
        for row in table("client.md", "Repeats")
    }
    assert listed == REPEATABLE


def test_client_arguments() -> None:
    """Every argument of the client is listed with its default."""
    parameters = dict(signature(LineClient).parameters)
    del parameters["sleep"]  # for tests

    rows = table("client.md", "Making one")
    assert names(rows) == list(parameters)
    for row in rows:
        default = parameters[quoted(row[0])[0]].default
        if default is not None and default is not Parameter.empty:
            assert row[1].strip("`") == str(default)


def test_names_of_the_sdk() -> None:
    """What the page of the move calls the SDK's is there in the SDK."""
    rows = table("from-the-sdk.md", "What becomes what")
    theirs = " ".join(row[0] for row in rows)

    classes = set(re.findall(r"\b[A-Z]\w+(?:Event|Content|Error|Exception|Api|Handler)\b", theirs))
    homes = (linebot.v3, linebot.v3.messaging, linebot.v3.webhooks, linebot.v3.exceptions)
    assert [one for one in classes if not any(hasattr(home, one) for home in homes)] == []
    for variable, home in (
        ("api", linebot.v3.messaging.MessagingApi),
        ("blob_api", linebot.v3.messaging.MessagingApiBlob),
    ):
        calls = re.findall(rf"`{variable}\.(\w+)", theirs)
        assert calls
        assert [one for one in calls if not hasattr(home, one)] == []


def in_sources(pattern: str, *names: str) -> set[str]:
    """What a pattern finds in modules of the package."""
    folder = Path(penniless.__file__).parent
    return {
        found for name in names for found in re.findall(pattern, (folder / name).read_text("utf-8"))
    }


def test_counters() -> None:
    """Every counter is listed, and none that nobody counts."""
    _statuses, counters = tables("serving.md", "What it answers")

    sources = ("bot.py", "context.py", "sending.py", "work.py")
    assert set(names(counters)) == in_sources(r'count\("(\w+)"', *sources)


def test_statuses() -> None:
    """Every status that a webhook can be answered with is listed, and no other."""
    statuses, _counters = tables("serving.md", "What it answers")

    assert {row[0] for row in statuses} == in_sources(r"Response\((\d+)", "bot.py", "asgi.py")


def test_options_of_serve() -> None:
    """Every option of `penniless serve` is listed with its default."""
    [rows] = tables("serving.md", "Serving on your own machine")
    parameters = dict(signature(commands.serve).parameters)
    del parameters["path"]

    assert [(quoted(row[0])[0], quoted(row[1])[0]) for row in rows] == [
        (f"--{name}", str(one.default)) for name, one in parameters.items()
    ]


@pytest.mark.parametrize(
    ("heading", "rules"),
    [
        ("What becomes of an answer", delivery.ANSWER_RULES),
        ("Which tokens work", delivery.TOKEN_RULES + delivery.REFUSED_RULES),
    ],
)
def test_decisions(heading: str, rules: tuple[delivery.Rule, ...]) -> None:
    """What is decided about answers and tokens stands on the page as it stands in the code."""
    assert [row for one in tables("delivery.md", heading) for row in one] == drawn(rules)


def test_signs_of_life() -> None:
    """What is shown while a handler works, and the notice in every language."""
    rules, words = tables("delivery.md", "While it works")

    assert rules == drawn(delivery.WORKING_RULES)
    assert words == [[f"`{language}`", *notice] for language, notice in NOTICES.items()]


def drawn(rules: tuple[delivery.Rule, ...]) -> list[list[str]]:
    """Rules as rows of a page."""
    return [[rule.when, f"`{rule.result}`", rule.why] for rule in rules]


def test_life_of_an_event() -> None:
    """Every status and every way from one to another is in its table, and in the diagram."""
    meanings, ways = tables("delivery.md", "The life of an event")
    page = (DOCS / "delivery.md").read_text(encoding="utf-8")
    arrows = [f"    {one.source or '[*]'} --> {one.target}" for one in TRANSITIONS]

    assert meanings == [[f"`{one.status}`", one.meaning, one.again] for one in MEANINGS]
    assert [one.status for one in MEANINGS] == list(get_args(Status))
    assert ways == [
        [f"`{one.source}`" if one.source else "nothing", f"`{one.target}`", one.when]
        for one in TRANSITIONS
    ]
    assert "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"]) in page


@pytest.mark.parametrize(
    ("pattern", "seconds"),
    [
        (r"A handler has ([\d.]+) of", DEADLINE),
        (r"LINE has its 200 after ([\d.]+) seconds", DEADLINE),
        (r"After (\d+) seconds it is spent", delivery.NOTICE_AFTER / 1000),
        (r"A lease is (\d+) seconds", LEASE / 1000),
        (r"has (\d+) seconds, and renews", LONG_LEASE / 1000),
        (r"renews them every (\d+)", RENEW_EVERY / 1000),
        (r"every (\d+) seconds, also", RECOVER_EVERY),
        (r"again, after ([\d.]+) seconds", FIRST_WAIT),
    ],
)
def test_times(pattern: str, seconds: float) -> None:
    """The times on the page are those of the code."""
    page = (DOCS / "delivery.md").read_text(encoding="utf-8")

    assert [float(found) for found in re.findall(pattern, page)] == [seconds]


def test_doubt_in_words() -> None:
    """The outcome of an answer that may have arrived is quoted as it is written down."""
    assert f"`failed: {DOUBTED}`" in (DOCS / "delivery.md").read_text(encoding="utf-8")
