"""Closed forms: what queueing theory says about servers, waiting and refusals.

Law of this module: formulas, each with its source and nothing of AWS. `load` is the offered load
in erlangs, arrivals per second times mean seconds of service; `servers` is how many may be busy.

Sources: J. D. C. Little, A Proof for the Queuing Formula L = λW, Operations Research 9 (1961);
Erlang B and C as in https://en.wikipedia.org/wiki/Erlang_(unit); M/G/c after A. M. Lee and P. A.
Longton (1959) and A. O. Allen and J. Cunneen, as in https://en.wikipedia.org/wiki/M/G/k_queue;
M/G/∞ as in https://en.wikipedia.org/wiki/M/G/%E2%88%9E_queue.
"""

from __future__ import annotations

import math
from itertools import count

from penniless.errors import SettingsError


def little(rate: float, seconds: float) -> float:
    """How many there are on average when `rate` come each second and stay so many seconds."""
    return rate * seconds


def erlang_b(servers: int, load: float) -> float:
    """The part of Poisson arrivals that find all servers busy and go away: M/G/c/c.

    It depends on the mean duration alone, not on its distribution.
    """
    refused = 1.0
    for server in range(1, servers + 1):
        refused = load * refused / (server + load * refused)
    return refused


def erlang_c(servers: int, load: float) -> float:
    """The part of Poisson arrivals that have to wait in a queue without end: M/M/c.

    Raises SettingsError where the queue would grow for ever.
    """
    if load >= servers:
        raise SettingsError(f"A load of {load:g} keeps more than {servers} servers busy for ever.")
    refused = erlang_b(servers, load)
    return refused / (1 - load / servers * (1 - refused))


def mean_wait(servers: int, load: float, seconds: float, *, cv: float = 1.0) -> float:
    """Seconds that an arrival waits on average, with service of a mean `seconds` and that `cv`.

    Exact for exponential service (cv 1) and for one server; else the approximation of Lee and
    Longton, which is Allen and Cunneen's with Poisson arrivals: (1 + cv²) / 2 of the wait in M/M/c.
    """
    return (1 + cv**2) / 2 * erlang_c(servers, load) * seconds / (servers - load)


def occupancy(load: float, busy: int) -> float:
    """The probability that so many are busy when none is ever refused: M/G/∞, a Poisson law."""
    if load == 0:
        return float(busy == 0)
    return math.exp(busy * math.log(load) - load - math.lgamma(busy + 1))


def servers_for(load: float, refused: float) -> int:
    """The least number of servers that refuse at most that part of the arrivals."""
    _check_part(refused)
    part = 1.0
    for server in count(1):
        part = load * part / (server + load * part)
        if part <= refused:
            return server
    raise AssertionError


def load_for(servers: int, refused: float) -> float:
    """The load at which so many servers refuse just that part of the arrivals."""
    _check_part(refused)
    low, high = 0.0, servers / (1 - refused)  # more than can be carried
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if erlang_b(servers, middle) < refused else (low, middle)
    return low


def bucket_lasts(rate: float, size: float, demand: float) -> float:
    """Seconds until a full token bucket is empty: for ever if it fills faster than that."""
    return size / (demand - rate) if demand > rate else math.inf


def bucket_gives(rate: float, size: float, demand: float, seconds: float) -> float:
    """How much a full token bucket gives in that time to a steady demand."""
    return min(demand * seconds, size + rate * seconds)


def _check_part(refused: float) -> None:
    if not 0 < refused < 1:
        raise SettingsError(f"A part of the arrivals is between 0 and 1, and not {refused}.")
