"""What `slow=True` costs before it is needed: `python -m benchmarks.cold_start.extension`.

The same echo twice, in turns, under AWS's emulator: one registers an extension in its init phase,
the other does not. The emulator answers its caller only after the extension, so the warm figure
has all of an invocation's extra work in it; on Lambda the caller does not wait for that.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from benchmarks import endpoint, work
from benchmarks.cold_start.on_lambda import Sample, least, sample, settings_for

NAMES = ("penniless_echo", "penniless_slow")
SHOWN = {"penniless_echo": "echo", "penniless_slow": "echo, slow=True"}
COMMAND = "uv run python -m benchmarks.cold_start.extension --write benchmarks/results"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30, help="environments a function (30)")
    parser.add_argument("--warm", type=int, default=50, help="warm calls an environment (50)")
    parser.add_argument("--write", type=Path, help="write the table as Markdown into this folder")
    wanted = parser.parse_args()
    samples: dict[str, list[Sample]] = {name: [] for name in NAMES}
    with endpoint.running(tls=True) as origin:
        settings = settings_for(origin, endpoint.authorities())
        for name in NAMES:
            sample(name, settings, 1)  # writes the bytecode
        for number in range(wanted.runs):
            for name in NAMES[:: -1 if number % 2 else 1]:
                samples[name].append(sample(name, settings, wanted.warm))
            print(f"\r{number + 1}/{wanted.runs}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    text = report(samples)
    print(text)
    if wanted.write:
        wanted.write.mkdir(parents=True, exist_ok=True)
        page = f"# What slow=True costs on Lambda\n\nMade by `{COMMAND}`.\n\n{text}\n"
        (wanted.write / "extension.md").write_text(page, encoding="utf-8")


def report(samples: dict[str, list[Sample]]) -> str:
    rows = []
    for name, found in samples.items():
        figures = least(found)
        rows.append(
            (
                SHOWN[name],
                f"{figures['init']:.1f}",
                f"{statistics.median(one['init'] for one in found):.1f}",
                f"{figures['first']:.1f}",
                f"{statistics.median(one['first'] for one in found):.1f}",
                f"{figures['warm']:.2f}",
                f"{figures['memory']:.1f}",
            )
        )
    heads = ("", "init ms", "median", "init + first ms", "median", "warm ms", "MB")
    runs = len(samples[NAMES[0]])
    return "\n".join(
        [
            f"Least of {runs} environments each, which took turns. {work.machine()}.",
            "",
            work.table(rows, heads),
        ]
    )


if __name__ == "__main__":
    main()
