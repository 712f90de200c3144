"""How long from an empty interpreter to the first answer: `python -m benchmarks.cold_start`.

Every run is a fresh process that imports one bot and answers one webhook. The candidates take
turns, so that a slow moment of the machine falls on all of them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections import defaultdict

from benchmarks import endpoint, environments, work

Sample = dict[str, float]


def sample(candidate: str, origin: str) -> Sample:
    body, signature = work.webhook(1)
    python = environments.python_of(candidate)
    done = subprocess.run(
        [python, "-m", "benchmarks.cold_start.once", candidate, signature],
        input=body,
        capture_output=True,
        env=work.settings(origin),
        check=True,
    )
    found: Sample = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="processes a candidate (20)")
    parser.add_argument("--json", action="store_true", help="print the figures for machines")
    wanted = parser.parse_args()
    samples: dict[str, list[Sample]] = defaultdict(list)
    with endpoint.running() as origin:
        for candidate in work.CANDIDATES:
            sample(candidate, origin)  # writes the bytecode
        for number in range(wanted.runs):
            for candidate in work.CANDIDATES:
                samples[candidate].append(sample(candidate, origin))
            print(f"\r{number + 1}/{wanted.runs}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    report(samples, as_json=wanted.json)


def report(samples: dict[str, list[Sample]], *, as_json: bool) -> None:
    least = {
        name: {key: min(one[key] for one in found) for key in found[0]}
        for name, found in samples.items()
    }
    if as_json:
        print(json.dumps(least))
        return
    floor = least["floor"]["cpu"]
    rows = [
        (
            work.SHOWN[name],
            f"{found['cpu']:.0f}",
            f"{statistics.median(one['cpu'] for one in samples[name]):.0f}",
            f"{found['cpu'] / floor:.2f}",
            f"{found['memory']:.0f}",
        )
        for name, found in least.items()
    ]
    print(f"Cold import and first answer. {work.machine()}, {len(samples['floor'])} runs.\n")
    heads = ("echo", "CPU ms, least", "median", "x floor", "resident MB")
    print(work.table(rows, heads))
    ours, theirs = least["penniless_echo"]["cpu"], least["sdk_echo"]["cpu"]
    print(f"\nOurs is {ours / floor:.2f} x the floor and 1/{theirs / ours:.1f} of the SDK's.")


if __name__ == "__main__":
    main()
