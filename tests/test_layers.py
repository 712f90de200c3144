"""The law of imports and the limits of size, read from the source itself."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
LONGEST_BODY = 60

CORE = (
    {"errors", "counting", "graphemes", "delivery", "notices", "crew"},
    {
        "ports",
        "lifecycle",
        "events",
        "messages",
        "readable",
        "settings",
        "order",
        "background",
        "recovery",
    },
    {"handlers"},
    {"routing", "conversation", "records", "services"},
    {"patience", "leased", "held", "sending"},
    {"context", "registry"},
    {"work"},
    {"bot"},
)
"""The core, lowest first: a module knows its own row and those before it."""

ADAPTERS = {"line", "stores", "aws", "asgi", "simulator"}
"""They know the core and are not known by it."""

TOOLS = {"cli", "__main__", "scaffold", "artifact", "testing", "cost", "usage"}
"""What a developer's commands and tests are made of."""

SHARED = {"connections"}
"""What several adapters stand on; the core knows nothing of sockets."""

EXCEPTIONS = {
    ("bot", "line.signature"): "a webhook is verified before anything else, by a pure function",
    ("bot", "line.client"): "made when the bot was given no Line",
    ("bot", "stores.memory"): "made when the bot was given no Store",
    ("bot", "line.tokens"): "made when there is a channel id and no token",
    ("asgi", "stores.sqlite"): "the embedded store of a bot that brings none",
    ("aws.init", "line.client"): "the init phase puts the parts of the function together",
    ("aws.init", "line.tokens"): "the init phase puts the parts of the function together",
    ("aws.init", "stores.dynamodb"): "the init phase puts the parts of the function together",
    ("aws.secrets", "stores.aws_json"): "the Parameter Store is called as DynamoDB is",
}
"""What else may be imported, and why."""


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


@cache
def modules() -> dict[str, Path]:
    """Every module of the package without the package's name, `__init__` being the package's."""
    found = {}
    for path in sorted((SOURCE / "penniless").rglob("*.py")):
        parts = path.relative_to(SOURCE / "penniless").with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imports_of(node: ast.AST, *, deep: bool) -> Iterator[str]:
    """The modules that are imported at run time; with `deep` those inside functions too."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from (one.name for one in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from _sources(child)
        elif deep or not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from imports_of(child, deep=deep)


def _sources(statement: ast.ImportFrom) -> Iterator[str]:
    """`from a import b` is a.b where that is a module, else a."""
    assert statement.level == 0
    assert statement.module is not None
    for name in statement.names:
        full = f"{statement.module}.{name.name}"
        yield full if full.removeprefix("penniless.") in modules() else statement.module


@cache
def ours(name: str, *, deep: bool) -> set[str]:
    """The modules of the package that a module of it imports."""
    found = imports_of(tree_of(modules()[name]), deep=deep)
    return {one.partition(".")[2] for one in found if one.partition(".")[0] == "penniless"}


def part_of(name: str) -> str:
    return name.partition(".")[0]


def core_level(name: str) -> int | None:
    return next((level for level, row in enumerate(CORE) if part_of(name) in row), None)


def test_every_module_has_its_place() -> None:
    """No module stands outside the law."""
    placed = set().union(*CORE) | ADAPTERS | SHARED | TOOLS | {""}
    assert {part_of(name) for name in modules()} <= placed


def test_core_knows_only_what_lies_below_it() -> None:
    """Imports run one way, inside functions too; the core knows no adapter but its defaults."""
    broken = [
        f"{name} imports {other}"
        for name in modules()
        if (level := core_level(name)) is not None
        for other in ours(name, deep=True)
        if (name, other) not in EXCEPTIONS
        and ((below := core_level(other)) is None or below > level)
    ]
    assert broken == []


def test_defaults_are_made_when_they_are_needed() -> None:
    """Client and store are imported inside functions: a bot with its own pays nothing."""
    assert not {"line.client", "stores.memory"} & ours("bot", deep=False)
    assert {"line.client", "stores.memory"} < ours("bot", deep=True)


def test_adapters_do_not_know_each_other() -> None:
    """LINE, stores, Lambda, ASGI and the simulator each stand alone on the core."""
    broken = [
        f"{name} imports {other}"
        for name in modules()
        if part_of(name) in ADAPTERS | SHARED
        for other in ours(name, deep=True)
        if part_of(other) in ADAPTERS - {part_of(name)}
        and (name, other) not in EXCEPTIONS
        and other != "line.signature"  # both sides of a webhook use it
    ]
    assert broken == []


def test_nothing_knows_the_commands() -> None:
    """The tools of a developer see all, and nothing that a bot runs on sees them."""
    broken = [
        f"{name} imports {other}"
        for name in modules()
        if part_of(name) not in TOOLS
        for other in ours(name, deep=True)
        if part_of(other) in TOOLS
    ]
    assert broken == []
    assert not {part_of(one) for name in modules() for one in ours(name, deep=True)} & {"__main__"}
    others = {name for name in modules() if part_of(name) != "cli"} - {"__main__"}
    assert not [name for name in others for one in ours(name, deep=True) if part_of(one) == "cli"]


def test_simulator_knows_no_bot() -> None:
    """It speaks HTTP, to bots in any language."""
    known = {
        one for name in modules() if part_of(name) == "simulator" for one in ours(name, deep=True)
    }
    assert not {"bot", "registry", "context", "routing", "handlers"} & known


def test_no_import_cycles() -> None:
    """Modules can be imported in some order; no two need each other at import."""
    graph = {name: ours(name, deep=False) & modules().keys() for name in modules()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
    assert len(order) == len(modules())


def test_dependencies_of_the_core_are_few() -> None:
    """What a bot needs on Lambda is the standard library and msgspec."""
    light = [
        name
        for name in modules()
        if core_level(name) is not None or part_of(name) in {"line", "stores", "aws"}
    ]
    needed = {
        part_of(one) for name in light for one in imports_of(tree_of(modules()[name]), deep=True)
    }
    assert needed - set(sys.stdlib_module_names) == {"penniless", "msgspec"}


def bodies(path: Path) -> Iterator[tuple[str, int]]:
    """Every function's name and the lines of its body, its docstring aside."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            told = ast.get_docstring(node) is not None
            body = node.body[1:] if told else node.body
            if body:
                yield (
                    f"{path.name}:{node.lineno} {node.name}",
                    (body[-1].end_lineno or 0) - body[0].lineno + 1,
                )


@pytest.mark.parametrize("folder", ["src", "examples"])
def test_functions_are_short(folder: str) -> None:
    """No function's body is longer than a screen."""
    paths = list((ROOT / folder).rglob("*.py"))
    long = [
        f"{name}: {size}" for path in paths for name, size in bodies(path) if size > LONGEST_BODY
    ]
    assert long == []
    assert any(size > 0 for path in paths for _, size in bodies(path))


def test_every_module_says_what_it_is() -> None:
    """A module opens with a docstring."""
    assert [name for name, path in modules().items() if not ast.get_docstring(tree_of(path))] == []


def test_tests_use_fakes_that_behave() -> None:
    """No test patches a mock into the code, so that what passes here is what runs."""
    patched = [
        path.name
        for path in [*(ROOT / "tests").rglob("*.py"), *(ROOT / "examples").rglob("*.py")]
        for one in imports_of(tree_of(path), deep=True)
        if one.split(".")[0:2] == ["unittest", "mock"] or one in {"mock", "pytest_mock", "unittest"}
    ]
    assert patched == []
