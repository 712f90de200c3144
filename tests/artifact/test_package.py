"""The copy of Penniless in the artifact: everything that a function may import, nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from penniless.artifact.package import LAPTOP_ONLY, PACKAGE, copy_package, needed_files
from tests.test_layers import modules, ours

CHILD = """
import sys
sys.path[:0] = sys.argv[1:3]
import importlib
for name in sys.argv[3:]:
    importlib.import_module(name)
outside = {name.partition(".")[0] for name in sys.modules}
print(sorted(outside - set(sys.stdlib_module_names) - {"__main__"}))
"""


def module_of(path: str) -> str:
    parts = Path(path).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def test_laptop_things_are_not_copied() -> None:
    """No simulator, no commands, no templates."""
    parts = {Path(name).parts[0].removesuffix(".py") for name in needed_files()}

    assert not parts & LAPTOP_ONLY
    assert {"bot", "aws", "line", "stores", "messages", "events"} <= parts


def test_what_is_copied_needs_nothing_else() -> None:
    """No module of the copy imports one that is left out, not even inside a function."""
    copied = {module_of(name) for name in needed_files()}

    assert copied <= modules().keys()
    needed = {one for name in copied for one in ours(name, deep=True)}
    assert needed & modules().keys() <= copied


def test_copy_works_with_msgspec_alone(tmp_path: Path) -> None:
    """Every copied module can be imported where there is nothing but msgspec."""
    copy_package(tmp_path / "out")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "msgspec").symlink_to(Path(msgspec.__file__).parent)
    names = [f"penniless.{module_of(name)}".rstrip(".") for name in needed_files()]

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", CHILD, tmp_path / "out", tmp_path / "site", *names],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == "['msgspec', 'penniless']"


def test_copy_is_the_running_package(tmp_path: Path) -> None:
    """Byte for byte, a checkout with today's changes too."""
    copy_package(tmp_path)

    assert len(needed_files()) > 30
    for name in needed_files():
        assert (tmp_path / "penniless" / name).read_bytes() == (PACKAGE / name).read_bytes()
