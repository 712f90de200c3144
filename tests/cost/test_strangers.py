"""Bills of templates that others could have written, against sums worked out by hand.

The sums are written out with Virginia's prices as docs/prices.md has them, in dollars, and know
nothing of the code that is tested. Three million messages a month; a call waits 1 x 100 ms for LINE
and 3 x 8 ms for DynamoDB; one in a hundred is cold.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cost.questions import FIXTURES, ask

N = 3_000_000
MONTHS = 12
GB = 1e9

REQUEST, GB_SECOND_ARM = 0.20 / 1e6, 0.0000133334
LOG_KEPT, WRITE, READ, SQS = 0.03, 0.625 / 1e6, 0.125 / 1e6, 0.40 / 1e6


def busy(calls: float, gigabytes: float) -> float:
    """GB-seconds of that many calls: 2 ms of CPU warm, 100 + 5 ms cold, and 124 ms of waiting."""
    slower = 1769 / (gigabytes * 1024)
    warm, cold = 2 * slower + 124, 100 + 5 * slower + 124
    return calls * (0.01 * cold + 0.99 * warm) / 1000 * gigabytes


def over(used: float, free: float) -> float:
    return max(0.0, used - free)


def logs(calls: float) -> float:
    """700 bytes a call, kept for a year: what lies there beyond 5 GB; taken in is under 5 GB."""
    assert calls * 700 / GB < 5
    return over(calls * 700 * MONTHS / GB, 5) * LOG_KEPT


def stored(rows: float) -> float:
    """600 bytes a row and DynamoDB's own 100, for a year: what lies there beyond 25 GB."""
    return over(rows * 700 * MONTHS / GB, 25) * 0.25


def queue_worker() -> float:
    """Three requests a message and idle polling; an on-demand table; every call is traced."""
    polls = 5 * 730 * 3600 / 20
    traced = 730 * 3600 + (N - 730 * 3600) * 0.05
    return (
        over(3 * N + polls, 1e6) * SQS
        + 2 * N * WRITE
        + N / 2 * READ
        + stored(N)
        + over(N, 1e6) * REQUEST
        + over(busy(N, 0.5), 400_000) * GB_SECOND_ARM
        + logs(N)
        + over(traced, 100_000) * 5 / 1e6
    )


def rest_crud() -> float:
    """A REST API of an account without the 12 months; half of the calls keep logs 7 days.

    The API traces one request a second, and 5 % of the others.
    """
    half = N / 2
    traced = 730 * 3600 + (N - 730 * 3600) * 0.05
    kept = half * 700 / GB * (7 * 24 / 730 + MONTHS)
    return (
        N * 3.50 / 1e6
        + over(N, 1e6) * REQUEST
        + over(busy(half, 0.25) + busy(half, 0.5), 400_000)
        + over(kept, 5) * LOG_KEPT
        + stored(N)
        + over(traced, 100_000) * 5 / 1e6
        + N * 700 * MONTHS / GB * 0.20  # point-in-time recovery of 25.2 GB
    )


def scheduled_job() -> float:
    """A secret; once a night an object, a read, and a call of the secret. Messages play no part."""
    nights = 730 / 24
    stored = nights * 100_000 * MONTHS / GB
    return 0.40 + stored * 0.023 + nights * (5 + 0.40 + 5) / 1e6


def static_site() -> float:
    """A GB in a bucket, and a read of it for each view; CloudFront's part is free."""
    return 0.023 + N * 0.40 / 1e6


def step_function() -> float:
    """Three states and a start; two functions; a table that is written by the machine itself."""
    runs = N + 730 / 24
    return (
        over(4 * runs, 4000) * 25 / 1e6
        + over(2 * runs, 1e6) * REQUEST
        + over(2 * busy(runs, 0.25), 400_000)
        + logs(2 * runs)
        + stored(runs)  # 5 units carry 2.28 writes a second
    )


@pytest.mark.parametrize(
    "by_hand", [queue_worker, rest_crud, scheduled_job, static_site, step_function]
)
def test_totals_agree_with_hand_calculations(by_hand: Callable[[], float]) -> None:
    """To a hundredth of a cent, with nothing unknown."""
    bill = ask(FIXTURES / f"{by_hand.__name__}.yaml", region="us-east-1").bill(N)

    assert bill.gaps == []
    assert float(bill.total) == pytest.approx(by_hand(), abs=0.0001)
