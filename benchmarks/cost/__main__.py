"""What a message takes, for `penniless cost`: `python -m benchmarks.cost`.

The echo of `penniless new` runs under Lambda's runtime for CPU, memory and log, and at ministack
for what it takes of the table and sends to LINE. Without `--write` the figures are only shown; with
it they are written into the package's assumptions and into benchmarks/results/cost.md.
"""

from __future__ import annotations

import argparse
import ssl
import statistics
import sys
from datetime import UTC, datetime
from decimal import Decimal

from benchmarks import endpoint, work
from benchmarks.cold_start.on_lambda import settings_for
from benchmarks.cost import leaving, mixture, processor, rows
from benchmarks.cost.accounting import Account, account_of, outside
from penniless.cost.assumptions import assumptions
from tests.aws.ministack import Between

RESULTS = work.ROOT / "benchmarks" / "results" / "cost.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=12, help="environments of the function (12)")
    parser.add_argument("--rounds", type=int, default=7, help="30 messages each an environment (7)")
    parser.add_argument("--people", type=int, default=8, help="people who write 30 messages (8)")
    parser.add_argument("--write", action="store_true", help="rewrite the measured assumptions")
    wanted = parser.parse_args()
    account = account_of(wanted.people)
    samples, logged = on_lambda(wanted.runs, wanted.rounds)
    figures = figures_of(account, processor.least(samples), logged)
    text = report(account, samples, logged)
    print(f"{changes(figures)}\n\n{text}")
    if wanted.write:
        rows.write(figures, datetime.now(UTC).date())
        page = f"# What a message takes\n\nMade by `{rows.COMMAND}`.\n\n{text}\n"
        RESULTS.write_text(page, encoding="utf-8")


def on_lambda(runs: int, rounds: int) -> tuple[list[processor.Sample], processor.LogOfACall]:
    """The environments, and the log of a call at level INFO."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(endpoint.certificate())
    with outside(Between, tls) as there:
        settings = {
            **settings_for(there.table.origin, endpoint.authorities()),
            "LINE_API_ORIGIN": there.line.origin,
            "PENNILESS_TABLE": there.name,
        }
        quiet = processor.log_of_a_call({**settings, **processor.WARN}, 0)
        if quiet.functions:
            raise SystemExit(f"at level WARN the echo wrote {quiet.functions} bytes a call")
        logged = processor.log_of_a_call(settings, 1)
        processor.sample(settings, 1, 2)  # writes the bytecode
        samples = []
        for number in range(runs):
            samples.append(processor.sample(settings, rounds, 3 + number * rounds))
            print(f"\r{number + 1}/{runs}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return samples, logged


def figures_of(
    account: Account, sample: processor.Sample, logged: processor.LogOfACall
) -> dict[str, Decimal]:
    """The rows' new values, by name."""
    measured = {
        "init_ms": sample.init_cpu,
        "first_cpu_ms": sample.first_cpu,
        "warm_cpu_ms": sample.warm_cpu,
        **account.each(),
        "log_bytes": sum(logged),
        "egress_bytes": sum(leaving.parts(account).values()),
    }
    return {name: rows.rounded(name, figure) for name, figure in measured.items()}


def changes(figures: dict[str, Decimal]) -> str:
    """The rows as they are and as they would be."""
    known = {row.name: row for row in assumptions().rows()}
    lines: list[tuple[str, ...]] = [
        (name, f"{known[name].value:f}", f"{figure:f}", known[name].unit)
        for name, figure in figures.items()
    ]
    return work.table(lines, ("row", "old", "new", "unit"))


def report(account: Account, samples: list[processor.Sample], logged: processor.LogOfACall) -> str:
    """What the rows are made of, as Markdown."""
    return "\n\n".join(
        [
            _of_the_machine(samples),
            _of_the_table(account),
            _of_what_leaves(account),
            f"Log of a warm call at level INFO, as text: {logged.lambdas:.0f} bytes in Lambda's "
            f"own three lines, {logged.functions:.0f} of the function's. At the template's level "
            "WARN the function writes none; that Lambda writes none there is AWS's word.",
        ]
    )


def _of_the_machine(samples: list[processor.Sample]) -> str:
    names = ("init, by the clock", "init, CPU", "first call, CPU", "warm call, CPU", "resident")
    best = processor.least(samples)
    middle = [statistics.median(one) for one in zip(*samples, strict=True)]
    lines: list[tuple[str, ...]] = [
        (name, f"{least:.2f}", f"{median:.2f}", "MB" if name == "resident" else "ms")
        for name, least, median in zip(names, best, middle, strict=True)
    ]
    heads = (f"{len(samples)} environments", "least", "median", "unit")
    return f"{work.table(lines, heads)}\n\nThe rows are the least CPU times. {work.machine()}."


def _of_the_table(account: Account) -> str:
    sizes = sorted(account.rows.values())
    p95 = statistics.quantiles(sizes, n=20)[-1]
    calls = ", ".join(f"{number} {name}" for name, number in sorted(account.operations.items()))
    return (
        f"{account.messages} events, of {mixture.ROUND} each: 23 short texts, 3 long ones in "
        f"Japanese, 3 stickers, 1 follow; the bot answers texts. DynamoDB: {calls}; "
        f"{account.writes:.0f} write units, by ministack's count and by AWS's rules, and "
        f"{account.reads:.0f} read units by AWS's rules (more than ministack's one a Query where "
        f"five rows are over 4 KB). A row has {statistics.mean(sizes):.0f} bytes on average, "
        f"{p95:.0f} at p95, {sizes[-1]} at most; storage is billed with 100 more an item."
    )


def _of_what_leaves(account: Account) -> str:
    found = leaving.parts(account)
    lines: list[tuple[str, ...]] = [(name, f"{figure:.0f}") for name, figure in found.items()]
    return work.table([*lines, ("together", f"{sum(found.values()):.0f}")], ("leaves AWS", "bytes"))


if __name__ == "__main__":
    main()
