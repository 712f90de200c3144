"""How many webhooks a second `penniless sim` delivers, and how soon it is there.

`python -m benchmarks.simulator`. The simulator is a process of its own, and so are the bot and the
people, who post to `/sim/message` and wait for the outcome, a bounded number at a time. Beside it,
in the same run and in turns, a *floor*: the same exchange on Starlette and uvicorn, without a
simulated LINE behind it.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

from benchmarks import work
from benchmarks.simulator.processes import CANDIDATES, Setting, start_of

RESULTS = Path(__file__).resolve().parent.parent / "results" / "simulator.md"
KINDS = (
    ("a bot that only answers 200", 1, False),
    ("a bot that replies", 1, True),
    ("5 events a webhook, 5 replies", 5, True),
)
"""What is said of a measurement, events a webhook, and whether the bot replies to each."""

GOAL = 500
GOAL_SECONDS = 1.0

Round = dict[str, float]


def conversations(people: int, rounds: int, webhooks: int) -> dict[tuple[str, str], list[Round]]:
    """The rounds of each kind and candidate; the candidates take turns."""
    found: dict[tuple[str, str], list[Round]] = {}
    for kind, events, replies in KINDS:
        with ExitStack() as stack:
            settings = {
                name: Setting(name, stack, people=people, events=events, replies=replies)
                for name in CANDIDATES
            }
            for setting in settings.values():
                setting.measure(webhooks // 10)  # first imports, connections
            for number in range(rounds):
                for name, setting in settings.items():
                    one = setting.measure(webhooks // events)
                    found.setdefault((kind, name), []).append(one)
                    print(number, kind, name, _shown(one), file=sys.stderr, flush=True)
    return found


def long_chat(webhooks: int) -> list[Round]:
    """One person, one chat, ten rounds: does the last cost what the first did?"""
    with ExitStack() as stack:
        setting = Setting("penniless sim", stack, people=1, events=1, replies=True)
        setting.measure(100)
        return [setting.measure(webhooks) for _ in range(10)]


def starts(rounds: int) -> dict[str, tuple[float, float]]:
    """The least seconds to the first answer, and the least seconds of CPU."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in CANDIDATES}
    for _ in range(rounds):
        for name, times in found.items():
            times.append(start_of(name))
    return {
        name: (min(seconds for seconds, _ in times), min(cpu for _, cpu in times))
        for name, times in found.items()
    }


def _shown(one: Round) -> str:
    return "  ".join(f"{name} {value:.0f}" for name, value in one.items())


def best(rounds: list[Round]) -> Round:
    """The highest rate, and the least of everything else."""
    least = {name: min(one[name] for one in rounds) for name in rounds[0]}
    return {**least, "rate": max(one["rate"] for one in rounds)}


def rows(found: dict[tuple[str, str], list[Round]]) -> list[tuple[str, ...]]:
    made = []
    for (kind, name), rounds in found.items():
        one, floor = best(rounds), best(found[kind, "floor"])
        made.append(
            (
                f"{kind}: {name}",
                f"{one['rate']:.0f}",
                f"{one['rate'] / floor['rate']:.2f}",
                f"{sum(each['failed'] for each in rounds):.0f}",
                f"{one['p50']:.0f}",
                f"{one['p99']:.0f}",
                f"{one['server']:.0f}",
                f"{one['server'] / floor['server']:.2f}",
                f"{1e6 / one['server']:.0f}",
                f"{one['bot'] + one['people']:.0f}",
            )
        )
    return made


HEADS = (
    "what",
    "webhooks/s",
    "x floor",
    "failed",
    "p50 ms",
    "p99 ms",
    "server: CPU us",
    "x floor",
    "webhooks a CPU second",
    "bot and people: CPU us",
)


def report(
    started: dict[str, tuple[float, float]],
    found: dict[tuple[str, str], list[Round]],
    chat: list[Round],
    arguments: argparse.Namespace,
) -> str:
    seconds, cpu = started["penniless sim"]
    rate = best(found["a bot that replies", "penniless sim"])["rate"]
    start_rows = [
        (name, f"{wall:.2f}", f"{cpu:.2f}", f"{wall / started['floor'][0]:.1f}")
        for name, (wall, cpu) in started.items()
    ]
    started_table = work.table(start_rows, ("process", "seconds", "CPU seconds", "x floor"))
    soon = "is met" if seconds < GOAL_SECONDS else "is NOT met"
    many = "is met" if rate >= GOAL else "is NOT met"
    first, last = chat[0]["server"], chat[-1]["server"]
    people, each = arguments.people, arguments.webhooks
    of, tries = arguments.rounds, arguments.starts
    return f"""# What the simulated LINE can carry

{work.machine()}, shared by server, bot and people, and by whatever else ran
there. The best of {of} rounds of {each} messages, in turns; only ratios are worth comparing between
machines. Each server runs in an environment with what it needs and nothing else. Command:
`python -m benchmarks.simulator --write`.

## Webhooks

{people} people post to `/sim/message`, or several acts to `/sim/webhook`, each again when the
outcome is there: the webhook was answered, and the replies stand in it. The bot verifies the
signature; where it replies, it does so once for each event, before it answers. The floor does the
same exchange on Starlette and uvicorn: it signs, posts and answers, checks nothing and keeps
nothing. CPU is that of the server's process for one webhook with every call that it set off. Bot
and people are as light as Python allows; what they use on the same cores stands in the last column.

{work.table(rows(found), HEADS)}

The goal, {GOAL} webhooks a second with a bot that replies to each, {many}: {rate:.0f}.

One person, one chat, ten rounds of {each} messages and as many replies: {first:.0f} us of the
server's CPU a webhook in the first, {last:.0f} us in the last.

## Start

From the start of the process to the answer to its first request, the least of {tries}.

{started_table}

The goal, {GOAL_SECONDS:.0f} second, {soon}: {seconds:.2f}, {cpu:.2f} of them of CPU.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10, help="who write at a time (10)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds a candidate (5)")
    parser.add_argument("--webhooks", type=int, default=1000, help="messages a round (1000)")
    parser.add_argument("--starts", type=int, default=20, help="starts a candidate (20)")
    parser.add_argument("--write", action="store_true", help=f"also into {RESULTS.name}")
    arguments = parser.parse_args()
    started = starts(arguments.starts)
    found = conversations(arguments.people, arguments.rounds, arguments.webhooks)
    text = report(started, found, long_chat(arguments.webhooks), arguments)
    print(text)
    if arguments.write:
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
