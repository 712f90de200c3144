"""Hosts that people consider instead of Lambda, with what matters for a LINE bot.

Law of this module: reading the rows of data/hosts.toml; judging is done in the rows, by people.
What no page was found to say is "unknown".
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from penniless.cost.prices import Confidence
from penniless.errors import CodeError

Answer: TypeAlias = Literal["yes", "partly", "no", "unknown"]

LINE_WAITS = 2
"""Seconds. https://developers.line.biz/en/docs/messaging-api/receiving-messages/"""


class Host(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A host's free part, or its smallest if nothing is free; words are for people to read.

    `requests_a_month` is how many requests are free in 30 days, None where they are not what is
    limited. `wakes_in_time`: whether the first request after a quiet time is answered within
    `LINE_WAITS`. `paid` is the cheapest paid step.
    """

    id: str
    name: str
    free: Answer
    requests: str
    cpu: str
    sleep: str
    wakes_in_time: Answer
    commercial: Answer
    data: str
    after_response: Answer
    after_response_words: str
    python: Answer
    python_words: str
    paid: str
    verdict: str
    sources: tuple[str, ...]
    read: date
    confidence: Confidence
    requests_a_month: int | None = None
    note: str = ""

    def carries(self, requests: int) -> Answer:
        """Whether so many requests a month cost nothing there."""
        if self.free == "no":
            return "no"
        if self.requests_a_month is None:
            return "unknown"
        return "yes" if requests <= self.requests_a_month else "no"


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    host: tuple[Host, ...]


@cache
def hosts() -> tuple[Host, ...]:
    """The hosts that come with this version of Penniless, in the order of the file."""
    text = Path(__file__).with_name("data").joinpath("hosts.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _File).host


def host(name: str) -> Host:
    """The host with that id. Raises CodeError if there is none."""
    for one in hosts():
        if one.id == name:
            return one
    known = ", ".join(one.id for one in hosts())
    raise CodeError(f"nothing is known of a host named {name}; known are {known}")
