"""What must be true after all trouble, seen from the outside: from chats and from the store.

Law of this module: it judges and does nothing. Each rule is one function that gives sentences, one
for each breach; none is good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from penniless.ports import Row
from tests.chaos import talk

CUT_OFF = "cut off while it was sent; it may have arrived"
GIVEN_UP = "given up after 3 attempts"
ENDED = ("done", "failed")


class Fate(NamedTuple):
    """What became of one message of a person."""

    text: str
    delivered: bool
    """Whether the bot has answered a webhook with it by 200."""
    rows: list[Row]
    bubbles: list[str]
    """The bot's messages in the chat that answer it, in their order."""


class Allowed(NamedTuple):
    """What the circumstances of a run excuse."""

    cut_off: bool = False
    """Nobody could know whether a reply had arrived, and its token was gone.

    Where `ctx.reply` had begun one before the answer, the rest of the answer follows all the same.
    """
    given_up: bool = False
    """The bot was cut off again and again."""
    unheard: bool = False
    """LINE did not deliver again what no bot has answered with 200."""
    charged_twice: bool = False
    """The bot died between a side effect and the note of it."""


def fates(
    entries: Iterable[dict[str, Any]], rows: Iterable[Row], heard: frozenset[str] | set[str]
) -> list[Fate]:
    """One for each message that somebody wrote; `heard` are the texts that were answered 200."""
    stored: dict[str, list[Row]] = {}
    for row in rows:
        stored.setdefault(row.message or "", []).append(row)
    said: dict[str, list[str]] = {}
    texts = []
    for entry in sorted(entries, key=lambda one: one["seq"]):
        if entry["from"] == "person":
            texts.append(entry["text"])
        elif entry["from"] == "bot":
            said.setdefault(talk.belongs_to(entry["text"]), []).append(entry["text"])
    return [Fate(text, text in heard, stored.get(text, []), said.get(text, [])) for text in texts]


def breaches(fate: Fate, allowed: Allowed) -> Iterator[str]:
    """What is wrong with one message's fate."""
    for problem in (*_of_rows(fate, allowed), *_of_bubbles(fate, allowed)):
        yield f"{fate.text!r}: {problem} {shown(fate)}"


def _of_rows(fate: Fate, allowed: Allowed) -> Iterator[str]:
    if len(fate.rows) > 1:
        yield "stored more than once"
    if not fate.rows and (fate.delivered or not allowed.unheard):
        yield "not in the log"
    for row in fate.rows:
        if row.status not in ("done", "held", "failed"):
            yield f"left {row.status}"
        if row.status == "failed" and not _may_fail(row, allowed):
            yield "failed without a reason that the rules know"


def _may_fail(row: Row, allowed: Allowed) -> bool:
    reason = row.outcome.rpartition("failed: ")[2]
    return (allowed.cut_off and reason == CUT_OFF) or (allowed.given_up and reason == GIVEN_UP)


def _of_bubbles(fate: Fate, allowed: Allowed) -> Iterator[str]:
    expected = talk.answer_to(fate.text)
    seen = [talk.plain(one) for one in fate.bubbles]
    if any(count > 1 for count in Counter(seen).values()):
        yield "answered twice"
    if sorted(seen, key=expected.index) != seen:
        yield "answered out of order"
    if not fate.rows:
        return
    [status] = {row.status for row in fate.rows[:1]}
    begun_in_doubt = allowed.cut_off and talk.kind_of(fate.text) == "early"
    if status == "done" and seen != expected and not (begun_in_doubt and seen == expected[1:]):
        yield "done, and not answered whole"
    if status == "held":
        waiting = [talk.plain(one["text"]) for one in fate.rows[0].waiting]
        if seen + waiting not in ([expected, expected[1:]] if begun_in_doubt else [expected]):
            yield "held, and not what is left of the answer"


def of_counter(rows: Iterable[Row], found: list[Fate], state: dict[str, Any]) -> Iterator[str]:
    """The counter counts each event once; those that failed may be counted or not."""
    counted = [row for row in rows if talk.counts(row.message or "")]
    least = sum(row.status in ("done", "held") for row in counted)
    n = state.get("n", 0)
    if not least <= n <= len(counted):
        yield f"the counter is at {n} after {least} to {len(counted)} messages"
    numbers = [
        match[1] for fate in found for one in fate.bubbles if (match := talk.NUMBER.search(one))
    ]
    if len(set(numbers)) != len(numbers):
        yield f"a number was given twice: {numbers}"


def of_ledger(lines: list[str], found: list[Fate], allowed: Allowed) -> Iterator[str]:
    """Side effects are made once; twice only in the documented window, and never not at all."""
    made = Counter(lines)
    for fate in found:
        if talk.kind_of(fate.text) not in ("once", "mixed"):
            continue
        count, row = made[fate.text], fate.rows[0] if fate.rows else None
        if count > (2 if allowed.charged_twice else 1):
            yield f"{fate.text!r} was charged {count} times"
        if row is not None and row.status in ("done", "held") and not count:
            yield f"{fate.text!r} was never charged"


def shown(fate: Fate) -> str:
    """All that is known of a message, in one line."""
    rows = [
        (row.status, row.outcome, row.attempt, row.way, row.deferred, len(row.waiting))
        for row in fate.rows
    ]
    return f"[{fate.text} delivered={fate.delivered} rows={rows} bubbles={fate.bubbles}]"
