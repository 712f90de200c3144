"""Numbers that cannot be are refused in one sentence that names them."""

from __future__ import annotations

from typing import Any

import pytest

from penniless.cost.scale.inputs import NEW_ACCOUNT, Account, Burst, Load, Profile, Table
from penniless.errors import SettingsError


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Load, {"per_second": -1}),
        (Load, {"per_second": float("nan")}),
        (Burst, {"messages": 0}),
        (Burst, {"messages": 1, "seconds": 0}),
        (Burst, {"messages": 1, "at": -1}),
        (Profile, {"warm_seconds": 0}),
        (Profile, {"warm_cv": -0.1}),
        (Profile, {"messages_per_webhook": 0.5}),
        (Profile, {"largest_share": 0}),
        (Profile, {"largest_share": 1.1}),
        (Profile, {"conversations": 10, "largest_share": 0.05}),
        (Table, {"writes": 0}),
        (Account, {"concurrency": 0}),
        (Account, {"scaling_seconds": 0}),
        (Account, {"workers": 0}),
    ],
)
def test_what_cannot_be_is_refused(kind: type, given: dict[str, Any]) -> None:
    """The sentence begins with the name of the number."""
    with pytest.raises(SettingsError, match=rf"^{list(given)[-1]} has to be .*\.$"):
        kind(**{"per_second": 1, **given} if kind is Load else given)


def test_a_burst_is_busiest_at_first() -> None:
    """600 answers after half a minute each begin with 20 a second, on top of what comes anyway."""
    assert Load(per_second=5, burst=Burst(messages=600)).peak == 25


def test_little() -> None:
    """100 messages in 50 webhooks a second of 0.2 s keep ten environments busy."""
    profile = Profile(warm_seconds=0.2, messages_per_webhook=2)
    assert profile.busy(100) == 10


def test_what_follows_from_the_concurrency() -> None:
    """Ten requests a second for each; the workers of a queue are never more than it allows."""
    assert NEW_ACCOUNT.requests == 100
    assert Account(concurrency=10, workers=50).at_most == 10
    assert Account(concurrency=100, workers=50).at_most == 50
    assert (Account().patience, Account(queued=True).patience) == (2, 60)
