"""The long storm: `python -m tests.chaos.run --messages 10000 --seed 1 --store sqlite`.

Ends with 1 if a promise was broken. The same seed and number give the same storm again.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.storm import Report, storm


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=None, help="made up and shown if not given")
    parser.add_argument("--store", choices=("sqlite", "dynamodb"), default="sqlite")
    parser.add_argument("--rate", type=float, default=0.05, help="of each fault (0.05)")
    parser.add_argument("--no-kills", action="store_true", help="the bot lives and never freezes")
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    say(f"seed {seed}: {asked.messages} messages, {asked.store}, {asked.rate:.0%} of each fault\n")

    def told(number: int) -> None:
        if not number % 100 or number == asked.messages:
            say(f"\r{number} of {asked.messages}")

    with tempfile.TemporaryDirectory(prefix="penniless-chaos-") as folder:
        report = storm(
            Path(folder),
            asked.store,
            asked.messages,
            seed,
            rate=asked.rate,
            kills=not asked.no_kills,
            told=told,
        )
    say("\n\n" + table(report))
    return 1 if report.problems else 0


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def table(report: Report) -> str:
    """The summary, as text."""
    rows = [
        ("what became of the messages", ""),
        *((f"  {name}", str(count)) for name, count in report.fates.items()),
        ("faults", ""),
        *((f"  {name}", str(count)) for name, count in report.struck.items()),
        ("  copies past LINE", str(report.copies)),
        ("  bot killed", str(report.kills)),
        ("  bot frozen", str(report.freezes)),
        ("pushes that LINE counted", str(report.pushed)),
        ("seconds", f"{report.seconds:.0f}"),
        ("in doubt when all was over", str(len(report.excused))),
        ("  of these not whole in the chat", str(report.not_whole)),
        ("broken promises", str(len(report.problems))),
    ]
    width = max(len(name) for name, _ in rows) + 2
    lines = [f"{name:<{width}}{count:>7}".rstrip() for name, count in rows]
    told = [*(f"  {one}" for one in report.problems[:50]), "in doubt"]
    return "\n".join([*lines, *told, *(f"  {one}" for one in report.excused[:20])]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
