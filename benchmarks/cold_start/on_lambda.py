"""The same question under Lambda's own runtime: `python -m benchmarks.cold_start.on_lambda`.

Each run starts AWS's runtime interface emulator with the real `awslambdaric`, calls one function
cold and then warm, and ends it. LINE and DynamoDB are a local server behind TLS, so the work is one
reply and two writes for everybody. `init` is the emulator's INIT REPORT; the rest is measured at
the caller.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import endpoint, environments, work

NAMES = ("floor", "penniless_echo", "sdk_echo", "old_sdk_echo")
SHOWN = {
    "floor": "floor: standard library",
    "penniless_echo": "Penniless",
    "sdk_echo": "official SDK v3 + boto3",
    "old_sdk_echo": "SDK's first API + boto3 resource per call",
}
INIT = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)\)")
PATH = "/2015-03-31/functions/function/invocations"

Sample = dict[str, float]


class Environment:
    """One environment of a function under the emulator; `said` is its whole output at the end."""

    def __init__(self, port: int, emulator: int) -> None:
        self.port = port
        self.emulator = emulator
        self.said = ""

    @property
    def runtime(self) -> int:
        """The process of the runtime, the only child of the emulator."""
        found = {
            child
            for task in Path(f"/proc/{self.emulator}/task").iterdir()
            for child in (task / "children").read_text().split()
        }
        [child] = found
        return int(child)

    @property
    def init(self) -> float:
        """Milliseconds of the init phase, when the environment has ended."""
        found = INIT.search(self.said)
        if not found:
            raise SystemExit(f"the function did not start:\n{self.said}")
        return float(found[1])


@contextmanager
def environment(name: str, settings: dict[str, str]) -> Iterator[Environment]:
    """An environment of this function, which listens; the first call starts its init phase."""
    caller, runtime = free_port(), free_port()
    needs = "penniless_echo" if name.startswith("penniless") else name
    python = environments.python_of(needs, "awslambdaric==4.2.2")
    command = [
        environments.emulator(),
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{caller}",
        "--runtime-api-address",
        f"127.0.0.1:{runtime}",
        python,
        "-m",
        "awslambdaric",
        f"benchmarks.functions.{name}.lambda_handler",
    ]
    # A file, because a pipe that nobody reads is full after a hundred calls.
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command,
            cwd=work.ROOT,
            env=settings,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        running = Environment(caller, process.pid)
        try:
            await_listener(caller)
            yield running
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            output.seek(0)
            running.said = output.read()


def sample(name: str, settings: dict[str, str], warm: int) -> Sample:
    """One environment from its birth to its end: init, first answer, warm answers, memory."""
    with environment(name, settings) as one:
        first = call(one.port, 0)
        later = [call(one.port, number) for number in range(1, warm + 1)]
        memory = resident(one.runtime)
    return {"init": one.init, "first": first, "warm": min(later), "memory": memory}


def call(port: int, number: int) -> float:
    """Milliseconds until the function's answer to the webhook of this number is here."""
    return post(port, *work.webhook(number))


def post(port: int, body: bytes, signature: str) -> float:
    """Milliseconds until the function's answer to this webhook is here."""
    event = {
        "version": "2.0",
        "headers": {"x-line-signature": signature},
        "requestContext": {"http": {"method": "POST", "path": "/"}},
        "body": body.decode(),
        "isBase64Encoded": False,
    }
    payload = json.dumps(event).encode()
    begin = time.perf_counter()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{PATH}", payload, timeout=60) as response:
        answer = json.load(response)
    took = (time.perf_counter() - begin) * 1000
    if answer.get("statusCode") != 200:
        raise SystemExit(f"the function answered {answer}")
    return took


def resident(pid: int) -> float:
    """MB of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    [line] = [one for one in lines if "VmRSS" in one]
    return int(line.split()[1]) / 1024


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def await_listener(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise SystemExit("the emulator did not listen")


def settings_for(origin: str, authorities: Path) -> dict[str, str]:
    return {
        **work.settings(origin),
        "PENNILESS_TABLE": "benchmark",
        "AWS_ENDPOINT_URL": origin,
        "AWS_REGION": "ap-northeast-1",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "SSL_CERT_FILE": str(authorities),
        "AWS_CA_BUNDLE": str(authorities),
        "REQUESTS_CA_BUNDLE": str(authorities),
        "PYTHONWARNINGS": "ignore",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="environments a function (15)")
    parser.add_argument("--warm", type=int, default=50, help="warm calls an environment (50)")
    parser.add_argument("--write", type=Path, help="write the table as Markdown and a chart as SVG")
    wanted = parser.parse_args()
    samples: dict[str, list[Sample]] = defaultdict(list)
    with endpoint.running(tls=True) as origin:
        settings = settings_for(origin, endpoint.authorities())
        for name in NAMES:
            sample(name, settings, 1)  # writes the bytecode
        for number in range(wanted.runs):
            for name in NAMES:
                samples[name].append(sample(name, settings, wanted.warm))
            print(f"\r{number + 1}/{wanted.runs}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    text = report(samples)
    print(text)
    if wanted.write:
        from benchmarks.chart import bars

        command = "uv run python -m benchmarks.cold_start.on_lambda --write benchmarks/results"
        wanted.write.mkdir(parents=True, exist_ok=True)
        page = (
            f"# Cold and warm on Lambda\n\nMade by `{command}`.\n\n{text}\n\n![](on_lambda.svg)\n"
        )
        (wanted.write / "on_lambda.md").write_text(page, encoding="utf-8")
        chart = bars({SHOWN[name]: least(found)["first"] for name, found in samples.items()})
        (wanted.write / "on_lambda.svg").write_text(chart, encoding="utf-8")


def least(found: list[Sample]) -> Sample:
    return {key: min(one[key] for one in found) for key in found[0]}


def report(samples: dict[str, list[Sample]]) -> str:
    figures = {name: least(found) for name, found in samples.items()}
    floor, ours = figures["floor"], figures["penniless_echo"]
    rows: list[tuple[str, ...]] = [
        (
            SHOWN[name],
            f"{found['init']:.0f}",
            f"{found['first']:.0f}",
            f"{statistics.median(one['first'] for one in samples[name]):.0f}",
            f"{found['first'] / floor['first']:.2f}",
            f"{found['warm']:.2f}",
            f"{found['warm'] / floor['warm']:.2f}",
            f"{found['memory']:.0f}",
        )
        for name, found in figures.items()
    ]
    heads = (
        "one reply, two writes, TLS",
        "init ms",
        "init + first ms",
        "median",
        "x floor",
        "warm ms",
        "x floor",
        "MB",
    )
    against = [
        f"{SHOWN[name]}: init + first {figures[name]['first'] / ours['first']:.1f} x ours, "
        f"warm {figures[name]['warm'] / ours['warm']:.1f} x ours."
        for name in ("sdk_echo", "old_sdk_echo")
    ]
    runs = len(samples["floor"])
    return "\n".join(
        [
            f"Least of {runs} environments each. {work.machine()}.",
            "",
            work.table(rows, heads),
            "",
            *against,
        ]
    )


if __name__ == "__main__":
    main()
