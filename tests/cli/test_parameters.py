"""What may be a path of parameters, and what may be a secret."""

from __future__ import annotations

import pytest

from penniless.aws.secrets import NAMES
from penniless.cli.parameters import checked, checked_path
from penniless.errors import SettingsError

SECRET, TOKEN, _ = NAMES


@pytest.mark.parametrize(
    ("typed", "path"), [("/mybot", "/mybot"), ("mybot", "/mybot"), ("/a/b-c/", "/a/b-c")]
)
def test_paths(typed: str, path: str) -> None:
    """The slashes around a path may be left away."""
    assert checked_path(typed) == path


@pytest.mark.parametrize(
    "typed", ["", "/", "my bot", "ボット", "/aws/x", "SSMbot", "a//b", "/a" * 15]
)
def test_what_is_no_path(typed: str) -> None:
    """What the Parameter Store would refuse is refused here."""
    with pytest.raises(SettingsError, match="cannot be a path of parameters"):
        checked_path(typed)


def test_two_secrets() -> None:
    """While a secret is replaced, the old and the new one are stored together."""
    assert checked(SECRET, " old, new\n") == "old,new"
    with pytest.raises(SettingsError):
        checked(SECRET, "old,,new")
    with pytest.raises(SettingsError):
        checked(TOKEN, "one, two")
