"""CPU, memory and log of the echo under Lambda's own runtime: awslambdaric and AWS's emulator.

Law of this module: CPU time of the runtime's process, all threads, by its own clock. What the
machine does beside it hardly counts then, and waiting is not in it: the bill adds that. The init
phase is billed by the clock, at full CPU; with LINE and DynamoDB next door it waits for nothing, so
its CPU is what the clock says on a machine without other work. Both are shown.
"""

from __future__ import annotations

import ctypes
import os
import re
import time
from typing import NamedTuple

from benchmarks.cold_start.on_lambda import environment, post, resident
from benchmarks.cost import mixture

COUNTED = "penniless_counted"
WARN = {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "WARN"}
"""What Lambda tells the function where the template says LoggingConfig JSON and WARN."""
_INIT_CPU = re.compile(r"INIT CPU (\d+) ns")
_LAMBDAS_OWN = ("START RequestId:", "END RequestId:", "REPORT RequestId:")
_EMULATORS = re.compile(r"\d\d \w{3} \d{4} [\d:,]+ \[\w+\] \(rapid\)")


class Sample(NamedTuple):
    """One environment, in milliseconds and MB."""

    init: float
    init_cpu: float
    first_cpu: float
    warm_cpu: float
    memory: float


class LogOfACall(NamedTuple):
    """Bytes of a warm call's lines: Lambda's own, and the function's."""

    lambdas: float
    functions: float


def sample(settings: dict[str, str], rounds: int, start: int) -> Sample:
    """One environment from its birth to its end, with so many rounds of one person's messages.

    `start` is the number of the first round, so that no other environment has seen its events.
    """
    first, *later = mixture.webhooks(1, rounds, start)
    with environment(COUNTED, settings) as one:
        post(one.port, *first)
        taken = cpu_ms(one.runtime)
        for webhook in later:
            post(one.port, *webhook)
        warm = (cpu_ms(one.runtime) - taken) / len(later)
        memory = resident(one.runtime)
    found = _INIT_CPU.search(one.said)
    if not found:
        raise SystemExit(f"the function did not say its CPU:\n{one.said}")
    init_cpu = int(found[1]) / 1e6
    return Sample(one.init, init_cpu, taken - init_cpu, warm, memory)


def least(samples: list[Sample]) -> Sample:
    """The least of each figure: what else the machine does only adds."""
    return Sample(*map(min, zip(*samples, strict=True)))


def cpu_ms(process: int) -> float:
    """CPU time of a process since its start, ended threads included."""
    library = ctypes.CDLL(None)
    clock = ctypes.c_int()
    refused = library.clock_getcpuclockid(process, ctypes.byref(clock))
    if refused:
        raise SystemExit(f"process {process} has no CPU clock: {os.strerror(refused)}")
    return time.clock_gettime_ns(clock.value) / 1e6


def log_of_a_call(settings: dict[str, str], start: int) -> LogOfACall:
    """What the echo and Lambda write in a call of a round, the first one left out."""
    with environment("penniless_echo", settings) as one:
        for webhook in mixture.webhooks(1, 1, start):
            post(one.port, *webhook)
    calls = one.said.split("START RequestId:")[2:]
    lines = [line for text in calls for line in _lines(f"START RequestId:{text}")]
    lambdas = sum(len(line.encode()) for line in lines if line.startswith(_LAMBDAS_OWN))
    everything = sum(len(line.encode()) for line in lines)
    return LogOfACall(lambdas / len(calls), (everything - lambdas) / len(calls))


def _lines(text: str) -> list[str]:
    """The lines of a call until its REPORT, without the emulator's own."""
    until, report, rest = text.partition("REPORT RequestId:")
    whole = until + report + rest.partition("\n")[0] + "\n"
    return [line for line in whole.splitlines(keepends=True) if not _EMULATORS.match(line)]
