"""What the bot's functions used of Lambda, and what went wrong there.

Law of this module: from metrics to readings. What an init phase takes is in no metric, so the
compute of a bot is at least what is said here; the account's row has all of it.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from penniless.cost.usage import amount
from penniless.usage.allowances import free_of
from penniless.usage.forecast import Month
from penniless.usage.metrics import DURATION, ERRORS, INVOCATIONS, THROTTLES, sum_of
from penniless.usage.reading import Reading, growing


def requests(cloudwatch: Any, names: list[str], month: Month) -> Reading:
    """How often they ran."""
    used = sum_of(cloudwatch, INVOCATIONS, names, month)
    free = free_of("lambda.requests", month.now.date())
    return growing("bot", "Lambda requests", "request", used, free, month)


def troubles(cloudwatch: Any, names: list[str], month: Month) -> list[str]:
    """Sentences on runs that failed, and on those that were not let in."""
    failed = sum_of(cloudwatch, ERRORS, names, month)
    refused = sum_of(cloudwatch, THROTTLES, names, month)
    found = []
    if failed:
        found.append(f"{amount(failed, 'run')} of the function failed; the log says why")
    if refused:
        found.append(f"{amount(refused, 'call')} found no free copy of the function (throttled)")
    return found


def memory_of(lambda_: Any, names: list[str]) -> dict[str, Decimal]:
    """Megabytes of each function, as they are set now."""
    return {
        name: Decimal(lambda_.get_function_configuration(FunctionName=name)["MemorySize"])
        for name in names
    }


def compute(cloudwatch: Any, memory: dict[str, Decimal], month: Month) -> Reading:
    """Their time multiplied by their memory, without the init phases."""
    used = Decimal(0)
    for name, megabytes in memory.items():
        milliseconds = sum_of(cloudwatch, DURATION, [name], month)
        used += milliseconds / 1000 * megabytes / 1024
    free = free_of("lambda.gb_seconds.arm64", month.now.date())
    return growing("bot", "Lambda compute", "GB-second", used, free, month)
