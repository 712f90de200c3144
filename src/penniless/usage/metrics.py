"""Sums of a month from CloudWatch's metrics that AWS's services write by themselves, for nothing.

Law of this module: `GetMetricStatistics` and never `GetMetricData`, which is not among the
million requests that are free. https://aws.amazon.com/cloudwatch/pricing/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from penniless.usage.forecast import Month

A_DAY = 86_400
"""Seconds; a month is 31 points at most, of the 1,440 that an answer may have.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html"""


class Metric(NamedTuple):
    """A metric, and the dimension that names whose it is."""

    namespace: str
    name: str
    dimension: str


INVOCATIONS = Metric("AWS/Lambda", "Invocations", "FunctionName")
ERRORS = Metric("AWS/Lambda", "Errors", "FunctionName")
THROTTLES = Metric("AWS/Lambda", "Throttles", "FunctionName")
DURATION = Metric("AWS/Lambda", "Duration", "FunctionName")
WRITES = Metric("AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName")
READS = Metric("AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName")
SLOW_WRITES = Metric("AWS/DynamoDB", "WriteThrottleEvents", "TableName")
SLOW_READS = Metric("AWS/DynamoDB", "ReadThrottleEvents", "TableName")
LOGGED = Metric("AWS/Logs", "IncomingBytes", "LogGroupName")


def sum_of(client: Any, metric: Metric, names: Iterable[str], month: Month) -> Decimal:
    """The sum over these functions, tables or groups; one request for each of them."""
    return sum((_one(client, metric, name, month) for name in names), Decimal(0))


def _one(client: Any, metric: Metric, name: str, month: Month) -> Decimal:
    answer = client.get_metric_statistics(
        Namespace=metric.namespace,
        MetricName=metric.name,
        Dimensions=[{"Name": metric.dimension, "Value": name}],
        StartTime=month.begin,
        EndTime=max(month.now, month.begin + timedelta(minutes=1)),
        Period=A_DAY,
        Statistics=["Sum"],
    )
    return sum((Decimal(str(point["Sum"])) for point in answer["Datapoints"]), Decimal(0))
