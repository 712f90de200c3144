"""What the bot's log groups took in.

Law of this module: from the metric to a reading.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
"""

from __future__ import annotations

from typing import Any

from penniless.cost.usage import GB
from penniless.usage.allowances import free_of
from penniless.usage.forecast import Month
from penniless.usage.metrics import LOGGED, sum_of
from penniless.usage.reading import Reading, growing


def logged(cloudwatch: Any, groups: list[str], month: Month) -> Reading:
    """Gigabytes of logs."""
    used = sum_of(cloudwatch, LOGGED, groups, month) / GB
    free = free_of("logs.ingested", month.now.date())
    return growing("bot", "Logs taken in", "GB", used, free, month)
