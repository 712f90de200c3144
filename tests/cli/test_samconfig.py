"""The default environment of samconfig.toml, as `sam deploy` reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from penniless.cli.samconfig import deployed

WRITTEN_BY_NEW = """version = 0.1
[default.global.parameters]
stack_name = "mybot"
region = "ap-northeast-1"
[default.deploy.parameters]
resolve_s3 = true
"""
GUIDED = WRITTEN_BY_NEW + 'stack_name = "guided"\nprofile = "work"\n'
ODD = 'default = 1\n[staging.deploy.parameters]\nstack_name = "other"\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (WRITTEN_BY_NEW, ("mybot", "ap-northeast-1", None)),
        (GUIDED, ("guided", "ap-northeast-1", "work")),
        ("\ufeff" + GUIDED.replace("\n", "\r\n"), ("guided", "ap-northeast-1", "work")),
        (ODD, (None, None, None)),
        ("[default.deploy]\nparameters = 3\n", (None, None, None)),
        ("[default.deploy.parameters]\nstack_name = 5\n", (None, None, None)),
        ("", (None, None, None)),
    ],
)
def test_what_was_deployed(
    text: str, found: tuple[str | None, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answers of `sam deploy --guided` come before the file's common ones."""
    monkeypatch.chdir(tmp_path)
    Path("samconfig.toml").write_text(text, encoding="utf-8", newline="")

    assert tuple(map(deployed, ("stack_name", "region", "profile"))) == found


def test_no_project_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the file nothing is known."""
    monkeypatch.chdir(tmp_path)

    assert deployed("stack_name") is None
