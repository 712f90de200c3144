"""What one event costs a warm bot, in CPU: `python -m benchmarks.webhook`.

Each candidate runs in a process of its own and answers the same webhooks through the same
endpoint, in rounds that take turns.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from contextlib import ExitStack

from benchmarks import endpoint, environments, work

EVENTS = (1, 5)


class Candidate:
    """A bot in a process that measures a round whenever it is asked to."""

    def __init__(self, name: str, origin: str, stack: ExitStack) -> None:
        self.process = subprocess.Popen(
            [environments.python_of(name), "-m", "benchmarks.webhook.rounds", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=work.settings(origin),
        )
        stack.callback(self.process.wait)
        stack.callback(self.process.kill)

    def measure(self, webhooks: int, events: int) -> dict[str, float]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(webhooks, events, file=self.process.stdin, flush=True)
        found: dict[str, float] = json.loads(self.process.stdout.readline())
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="rounds a candidate (10)")
    parser.add_argument("--webhooks", type=int, default=500, help="webhooks a round (500)")
    parser.add_argument("--json", action="store_true", help="print the figures for machines")
    wanted = parser.parse_args()
    least: dict[str, dict[str, float]] = {name: {} for name in work.CANDIDATES}
    with ExitStack() as stack:
        origin = stack.enter_context(endpoint.running())
        bots = {name: Candidate(name, origin, stack) for name in work.CANDIDATES}
        for _ in range(wanted.rounds):
            for events in EVENTS:
                for name, bot in bots.items():
                    found = bot.measure(wanted.webhooks // events, events)
                    key = f"cpu_{events}"
                    least[name][key] = min(found["cpu"], least[name].get(key, found["cpu"]))
                    least[name]["memory"] = found["memory"]
    report(least, as_json=wanted.json)


def report(least: dict[str, dict[str, float]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(least))
        return
    floor = least["floor"]
    rows = [
        (
            work.SHOWN[name],
            *(
                cell
                for events in EVENTS
                for cell in (
                    f"{found[f'cpu_{events}']:.0f}",
                    f"{found[f'cpu_{events}'] / floor[f'cpu_{events}']:.2f}",
                )
            ),
            f"{found['memory']:.0f}",
        )
        for name, found in least.items()
    ]
    heads = (
        "echo",
        "1 event: CPU us",
        "x floor",
        "5 events: CPU us each",
        "x floor",
        "resident MB",
    )
    print(f"CPU of a warm bot per event, the least of the rounds. {work.machine()}.\n")
    print(work.table(rows, heads))


if __name__ == "__main__":
    main()
