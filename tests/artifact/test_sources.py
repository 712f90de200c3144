"""What of a bot's folder goes to Lambda, and what stays on the laptop."""

from __future__ import annotations

from pathlib import Path

import pytest

from penniless.artifact.sources import LEFT_OUT, copy_sources, left_out
from penniless.errors import CodeError
from penniless.scaffold import Project, write


def make(folder: Path, *names: str) -> None:
    """Make these files, with their own names as content."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")


def test_laptop_things_stay(tmp_path: Path) -> None:
    """Secrets, tests, caches, environments and what only tools read are not copied."""
    kept = ["app.py", "menu.json", "shop/README.md", "shop/__init__.py", "shop/data/茶.csv"]
    source = tmp_path / "bot"
    make(source, *kept)
    make(
        source,
        *(".env", ".env.example", ".git/config", ".venv/lib/x.py", ".aws-sam/build/app.py"),
        *("env/pyvenv.cfg", "env/lib/x.py", "tests/test_app.py", "test_more.py", "conftest.py"),
        *("__pycache__/app.cpython-311.pyc", "shop/__pycache__/a.pyc", "node_modules/a/a.py"),
        *("penniless.sqlite3", "penniless.sqlite3-wal", "template.yaml", "samconfig.toml"),
        *("requirements.txt", "requirements-dev.txt", "pyproject.toml", "uv.lock", "README.md"),
        *("Makefile", "dist/bot.whl", "bot.egg-info/PKG-INFO", "shop/.DS_Store"),
    )
    out = tmp_path / "out"

    assert copy_sources(source, out) == kept
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()) == kept
    assert (out / "shop/data/茶.csv").read_text(encoding="utf-8") == "shop/data/茶.csv"


def test_written_project(tmp_path: Path) -> None:
    """Of what `penniless new` writes, the function needs the bot alone."""
    write(Project("mybot"), tmp_path / "mybot")

    assert copy_sources(tmp_path / "mybot", tmp_path / "out") == ["app.py"]


def test_own_patterns(tmp_path: Path) -> None:
    """A .buildignore leaves out more, and takes back what is left out by rule."""
    source = tmp_path / "bot"
    make(source, "app.py", "a.psd", "art/b.psd", "art/c.png", "data/raw.csv", "sub/data/raw.csv")
    make(source, "notes/n.txt", "sub/notes/n.txt", "tests/golden.json", "README.md")
    (source / ".buildignore").write_text(
        "# drawings\n*.psd\n\ndata/raw.csv\n/notes/\n!/tests/\n!/README.md\n", encoding="utf-8"
    )

    assert copy_sources(source, tmp_path / "out") == [
        *("README.md", "app.py", "art/c.png", "sub/data/raw.csv", "sub/notes/n.txt"),
        "tests/golden.json",
    ]


@pytest.mark.parametrize(
    ("name", "pattern", "result"),
    [
        ("a/b/c.psd", "*.psd", True),
        ("a/b.psd/", "*.psd", True),
        ("drafts", "drafts/", False),
        ("a/drafts/", "drafts/", True),
        ("a/drafts/", "/drafts/", False),
        ("a/b/c.txt", "a/*.txt", False),
        ("a/c.txt", "a/*.txt", True),
        ("App.py", "app.py", False),
    ],
)
def test_patterns(name: str, pattern: str, result: bool) -> None:
    """A slash at the end means a folder, one before it a place."""
    assert left_out(name, [pattern]) is result
    assert left_out(name, [pattern, f"!{pattern}"]) is False


def test_rules_leave_ordinary_names() -> None:
    """What a bot may well be made of is not left out by accident."""
    for name in ("latest.py", "contest.py", "testing/", "shop/tests.py", "builder/", "env.py"):
        assert not left_out(name, list(LEFT_OUT)), name


def test_links_are_followed_once(tmp_path: Path) -> None:
    """A linked folder is copied, a circle ends, a link to nowhere is passed over."""
    make(tmp_path, "shared/menu.py")
    source = tmp_path / "bot"
    make(source, "app.py")
    (source / "shared").symlink_to(tmp_path / "shared")
    (source / "circle").symlink_to(source)
    (source / "gone.py").symlink_to(source / "nowhere.py")

    assert copy_sources(source, tmp_path / "out") == ["app.py", "shared/menu.py"]
    assert not (tmp_path / "out" / "shared").is_symlink()


def test_artifact_inside_the_source(tmp_path: Path) -> None:
    """What is being written is not read."""
    make(tmp_path, "app.py", "artifact/penniless/bot.py")

    assert copy_sources(tmp_path, tmp_path / "artifact") == ["app.py"]


def test_nothing_to_copy(tmp_path: Path) -> None:
    """A folder without a Python file is not a bot's."""
    make(tmp_path / "bot", "README.md", "menu.json")

    with pytest.raises(CodeError, match="no Python file"):
        copy_sources(tmp_path / "bot", tmp_path / "out")


def test_unreadable_buildignore(tmp_path: Path) -> None:
    """A .buildignore that cannot be read is said, not passed over."""
    make(tmp_path, "app.py")
    (tmp_path / ".buildignore").write_bytes(b"\xff\xfe*")

    with pytest.raises(CodeError, match=r"\.buildignore cannot be read: it is not UTF-8"):
        copy_sources(tmp_path, tmp_path / "out")
