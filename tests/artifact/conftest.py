"""A bot's folder, and a package index that is a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.artifact.wheelhouse import add_msgspec
from tests.live import ROOT


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where uv and pip find packages."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    add_msgspec(folder)
    for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", folder.as_uri())
    return folder


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    """The folder of a bot that needs nothing but Penniless."""
    folder = tmp_path / "my bot ボット"
    folder.mkdir()
    example = ROOT / "examples" / "echo" / "app.py"
    (folder / "app.py").write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "requirements.txt").write_text("penniless\n")
    return folder
