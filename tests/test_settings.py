"""Settings from the environment: names that LINE developers know, errors that say where to look."""

from __future__ import annotations

import pytest

from penniless.errors import SettingsError
from penniless.settings import WHERE, secrets_in, setting


@pytest.mark.parametrize(
    ("given", "secrets"),
    [
        (None, ()),
        ("", ()),
        (" , ,", ()),
        ("one", ("one",)),
        (" one ,two,", ("one", "two")),
        (["one", " two "], ("one", "two")),
        ((), ()),
        (["", "one"], ("one",)),
    ],
)
def test_secrets_are_one_or_several(given: str | list[str] | None, secrets: tuple[str]) -> None:
    """One secret, several in a list, or several separated by commas; empty ones are none."""
    assert secrets_in(given) == secrets


def test_setting_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces and line ends around a pasted value do not count."""
    monkeypatch.setenv("LINE_CHANNEL_ACCESS_TOKEN", "  abc/+=\r\n")
    assert setting("LINE_CHANNEL_ACCESS_TOKEN") == "abc/+="


@pytest.mark.parametrize("name", WHERE)
@pytest.mark.parametrize("value", [None, "", "  ", " , "])
def test_missing_setting_says_where_to_find_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    """One sentence with the name and the tab of the console."""
    if value is None:
        monkeypatch.delenv(name, raising=False)
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(
        SettingsError, match=rf"{name} is not set; .*'(Basic settings|Messaging API)' tab"
    ):
        setting(name)
