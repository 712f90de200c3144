"""Times as people type them, here and in other zones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from penniless.cli.logs_times import local, moment
from penniless.errors import SettingsError
from tests.cli.logged import at

Zone = Callable[[str], None]


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Zone]:
    """Move this computer."""

    def move(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-11-22", "2026-11-21 15:00"),
        ("2026-11-22 20:16", "2026-11-22 11:16"),
        ("2026-11-22T20:16:31.5", "2026-11-22 11:16:31.500"),
        ("2026-11-22T20:16:31Z", "2026-11-22 20:16:31"),
        ("2026-11-22t20:16:31z", "2026-11-22 20:16:31"),
        ("2026-11-22T20:16+07:00", "2026-11-22 13:16"),
        (" now ", "2026-11-22 16:30"),
        ("today", "2026-11-22 15:00"),
        ("Yesterday", "2026-11-21 15:00"),
        ("90s", "2026-11-22 16:28:30"),
        ("15m", "2026-11-22 16:15"),
        ("2h", "2026-11-22 14:30"),
        ("3 d", "2026-11-19 16:30"),
        ("1w", "2026-11-15 16:30"),
        ("1900-01-01", "1970-01-01 00:00"),
    ],
)
def test_moments_in_tokyo(typed: str, meant: str, zone: Zone) -> None:
    """Days and hours are those of this computer; it is 01:30 on the 23rd in Tokyo."""
    zone("JST-9")

    assert moment(typed, now=at("2026-11-22 16:30")) == at(meant)


def test_yesterday_begins_at_midnight_though_the_clocks_changed(zone: Zone) -> None:
    """The day after the change to winter time, yesterday had 25 hours."""
    zone("CET-1CEST,M3.5.0,M10.5.0/3")

    assert moment("yesterday", now=at("2026-10-26 08:00")) == at("2026-10-24 22:00")
    assert moment("today", now=at("2026-10-26 08:00")) == at("2026-10-25 23:00")


@pytest.mark.parametrize(
    "typed", ["", "soon", "20261122", "2026-W47-1", "2026-13-01", "99999999999999w", "-2h", "2x"]
)
def test_what_is_no_time(typed: str) -> None:
    """Anything else is refused, with what would be understood."""
    with pytest.raises(SettingsError, match="is not a time; say 2026-11-22"):
        moment(typed, now=at("2026-11-22 16:30"))


def test_a_duration_longer_than_history() -> None:
    """So many weeks are before the calendar begins."""
    with pytest.raises(SettingsError):
        moment("999999999w", now=at("2026-11-22 16:30"))


def test_local_time(zone: Zone) -> None:
    """Times are shown as a clock here showed them; those beyond the calendar are not."""
    zone("ICT-7")
    shown = local(at("2026-11-22 17:30"))

    assert shown
    assert f"{shown:%Y-%m-%d %H:%M}" == "2026-11-23 00:30"
    assert local(10**18) is None
