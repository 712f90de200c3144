"""Which log the options mean, and which conversation a few letters mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from penniless.cli.logs_source import Source, conversation_in
from penniless.errors import SettingsError
from tests.cli.logged import (
    FAMILY,
    HANAKO,
    OF_FAMILY,
    OF_HANAKO,
    OF_SOMCHAI,
    SOMCHAI,
    command,
    refusal,
    row,
    sqlite,
)

SAMCONFIG = '[default.global.parameters]\nstack_name = "mybot"\nregion = "ap-northeast-1"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def source() -> Iterator[Source]:
    store = sqlite(Path("log.sqlite3"), [row(0), row(1, OF_SOMCHAI), row(2, OF_FAMILY)])
    yield Source("log.sqlite3", store, None)
    store.close()


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (OF_HANAKO, OF_HANAKO),
        (HANAKO, OF_HANAKO),
        (FAMILY, OF_FAMILY),
        ("R" + "0" * 32, "room#R" + "0" * 32),
        ("channel", "channel"),
        ("U4af", OF_HANAKO),
        (" U4af49806… ", OF_HANAKO),
        ("user#U4b", OF_SOMCHAI),
        ("group", OF_FAMILY),
    ],
)
def test_conversations(source: Source, typed: str, key: str) -> None:
    """A key, a LINE id, or the start of either that only one has."""
    assert conversation_in(source, typed) == key


def test_several_could_be_meant(source: Source) -> None:
    """The candidates are named; the first five of them."""
    with pytest.raises(SettingsError) as caught:
        conversation_in(source, "U4")

    assert str(caught.value) == f"'U4' could be {OF_HANAKO}, {OF_SOMCHAI}"


@pytest.mark.parametrize("typed", ["U5", "", "…", "%", "U4AF"])
def test_none_is_meant(source: Source, typed: str) -> None:
    """What begins no conversation's key is said to be none."""
    with pytest.raises(SettingsError, match=r"there is no conversation .* in log\.sqlite3"):
        conversation_in(source, typed)


def test_the_whole_id_is_wanted(source: Source) -> None:
    """Where a mistake would be dear, the start of an id is not enough."""
    assert conversation_in(source, SOMCHAI, whole=True) == OF_SOMCHAI
    with pytest.raises(SettingsError, match="there is no conversation 'U4b'"):
        conversation_in(source, "U4b", whole=True)


def test_the_file_here_is_the_default() -> None:
    """`penniless.sqlite3` of this folder, which `penniless serve` writes, needs no option."""
    sqlite(Path("penniless.sqlite3"), [row()]).close()
    Path("samconfig.toml").write_text(SAMCONFIG, encoding="utf-8")

    assert OF_HANAKO in command("logs", "list").stdout


def test_no_log_at_all() -> None:
    """Without a file and without a project the options are named, and no file is made."""
    assert refusal(command("logs", "list")) == (
        "there is no penniless.sqlite3 here; say which log you mean: --store FILE for SQLite, "
        "--stack NAME or --table NAME for AWS"
    )
    assert refusal(command("logs", "list", "--store", "no.db")) == "there is no file no.db"
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--store", "a", "--table", "b"], "name one of --store, --table and --stack"),
        (["--store", "a", "--region", "b"], "--region and --profile go with --table or --stack"),
        (["--profile", "b"], "--region and --profile go with --table or --stack"),
    ],
)
def test_options_that_exclude_each_other(options: list[str], sentence: str) -> None:
    """One log at a time, and no Region for a file."""
    sqlite(Path("penniless.sqlite3")).close()

    assert refusal(command("logs", "list", *options)) == sentence


def test_import_does_not_choose_between_two() -> None:
    """Rows of the deployed bot must not end in the file of the laptop by mistake."""
    sqlite(Path("penniless.sqlite3")).close()
    Path("samconfig.toml").write_text(SAMCONFIG, encoding="utf-8")

    sentence = "say where: --store penniless.sqlite3 or --stack mybot"
    assert refusal(command("logs", "import")) == sentence


def test_unreadable_samconfig() -> None:
    """A samconfig.toml that is none is said."""
    Path("samconfig.toml").write_text("= no", encoding="utf-8")

    sentence = "samconfig.toml cannot be read: it is not TOML"
    assert refusal(command("logs", "list")) == sentence


def test_no_database() -> None:
    """A file that is something else is said, in one sentence."""
    Path("penniless.sqlite3").write_text("this is no database, but long enough" * 9)

    assert "penniless.sqlite3" in refusal(command("logs", "list"))
