"""What people write to the chaos bot, and what it has to answer.

Law of this module: a message's text names what the bot does with it and is the only one of its
kind, so that each bubble in a chat can be traced to the message that it answers.
"""

from __future__ import annotations

import re

MANY = 7
"""Messages of the answer that is longer than one reply."""

NUMBER = re.compile(r" is number (\d+)$")
_WORDS = re.compile(r"^(?P<kind>[a-z]+) (?P<name>\S+)$")

KINDS = ("echo", "count", "slow", "many", "once", "early", "mixed")


def kind_of(text: str) -> str:
    """What the bot does with that message; empty for a bubble that is none."""
    found = _WORDS.match(text)
    return found["kind"] if found else ""


def answer_to(text: str, number: int = 0) -> list[str]:
    """The bubbles that answer this message; `number` is what the counter stands at."""
    kind = kind_of(text)
    if kind == "many":
        return [f"{text} part {part}" for part in range(1, MANY + 1)]
    if kind == "count":
        return [f"{text} is number {number}"]
    if kind == "once":
        return [f"{text} was charged"]
    if kind == "early":
        return [f"{text} begins", f"{text} goes on", f"{text} ends"]
    if kind == "mixed":
        parts = [f"{text} part {part}" for part in range(1, MANY)]
        return [f"{text} is number {number}", *parts]
    return [f"{text} back"]


def counts(text: str) -> bool:
    """Whether the message raises its conversation's counter."""
    return kind_of(text) in ("count", "mixed")


def belongs_to(bubble: str) -> str:
    """The message that a bubble of the bot answers, as its first two words."""
    return " ".join(bubble.split(" ")[:2])


def plain(bubble: str) -> str:
    """A bubble without the counter's number."""
    return NUMBER.sub(" is number 0", bubble)
