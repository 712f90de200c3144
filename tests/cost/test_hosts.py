"""Other hosts: the rows are whole and young, and nothing is answered that is not known."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from penniless.cost.hosts import Host, host, hosts
from penniless.errors import CodeError
from tests.ages import OLDEST

by_host = pytest.mark.parametrize("row", hosts(), ids=lambda row: row.id)


def test_hosts() -> None:
    """Those that people ask for are there, once each."""
    names = [one.id for one in hosts()]

    assert {"cloudflare-workers", "render-free", "vercel-hobby", "fly", "cloud-run"} <= set(names)
    assert len(set(names)) == len(names)


@by_host
def test_rows_say_where_they_come_from(row: Host) -> None:
    """Each names the host's own pages, and leaves no field empty that people read."""
    assert row.sources
    assert all(url.startswith("https://") for url in row.sources)
    fields = msgspec.structs.asdict(row)
    assert [name for name, value in fields.items() if value == "" and name != "note"] == []
    assert row.verdict.endswith(".")


@by_host
def test_rows_are_young(row: Host) -> None:
    """A row that nobody has read again for a year is not to be believed."""
    assert date.today() - row.read < OLDEST, f"read {row.sources} again, and set the day"
    assert row.read <= date.today()


@by_host
def test_answers_fit_together(row: Host) -> None:
    """What is not free has no free requests, and words that are unknown go with such an answer."""
    assert row.free != "no" or row.requests_a_month is None
    assert (
        row.requests_a_month is None
        or f"{row.requests_a_month:,}" in row.requests
        or ("100,000 a day" in row.requests and row.requests_a_month == 30 * 100_000)
    )
    assert row.after_response_words != "unknown" or row.after_response == "unknown"
    assert row.python_words != "unknown" or row.python == "unknown"


@pytest.mark.parametrize(
    ("name", "requests", "answer"),
    [
        ("cloudflare-workers", 3_000_000, "yes"),
        ("cloudflare-workers", 3_000_001, "no"),
        ("vercel-hobby", 1_000_000, "yes"),
        ("cloud-run", 2_000_001, "no"),
        ("render-free", 1, "unknown"),
        ("fly", 1, "no"),
    ],
)
def test_carries(name: str, requests: int, answer: str) -> None:
    """Free up to the limit, not beyond it, and unknown where requests are not what is limited."""
    assert host(name).carries(requests) == answer


def test_what_decides() -> None:
    """Render wakes too late for LINE, Hobby is not for business, Deno does not run Python."""
    assert host("render-free").wakes_in_time == "no"
    assert host("vercel-hobby").commercial == "no"
    assert host("deno-deploy").python == "no"
    assert host("cloud-run").after_response == "no"


def test_unknown_host() -> None:
    """The error names those that are known."""
    with pytest.raises(CodeError, match="named geocities; known are cloudflare-workers, "):
        host("geocities")
