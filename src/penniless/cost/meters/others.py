"""The meters of everything else that a bot's template tends to hold: one short function a type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from penniless.cost.flow import TOPIC
from penniless.cost.schedules import HOURS
from penniless.cost.templates.template import Resource
from penniless.cost.usage import GB, Month, Usage, count

_STATE = re.compile(r'"Type"\s*:\s*"(?:Task|Pass|Choice|Wait|Succeed|Fail|Parallel|Map)"')


def queue_meter(queue: Resource) -> str:
    """The meter of that queue's requests: those of FIFO queues have a price of their own."""
    fifo = str(queue.get("FifoQueue", default="false")).lower() == "true"
    return "sqs.fifo" if fifo else "sqs.standard"


def of_queue(queue: Resource, month: Month) -> Iterator[Usage]:
    """Sent, received and deleted: three requests for a message."""
    calls = month.calls(queue)
    how = f"{count(calls)} messages sent, received and deleted"
    yield month.use(queue, queue_meter(queue), calls * 3, how)


def of_topic(topic: Resource, month: Month) -> Iterator[Usage]:
    """What is published to it."""
    calls = month.calls(topic)
    yield month.use(topic, "sns.publishes", calls, f"{count(calls)} published")
    inside = topic.get("Subscription", default=[])
    for one in inside if isinstance(inside, list) else []:
        if isinstance(one, dict):
            yield from _delivered(topic, month, str(one.get("Protocol")), calls)


def of_subscription(subscription: Resource, month: Month) -> Iterator[Usage]:
    """What a topic delivers."""
    topics = [one for one in month.template.of_type(TOPIC) if one.name in subscription.references]
    calls = sum((month.calls(one) for one in topics), Decimal(0))
    yield from _delivered(subscription, month, str(subscription.get("Protocol", default="")), calls)


def _delivered(resource: Resource, month: Month, protocol: str, calls: Decimal) -> Iterator[Usage]:
    """E-mails, and what else is paid for; what goes to Lambda and to a queue is free."""
    if protocol in ("email", "email-json"):
        yield month.use(resource, "sns.emails", calls, "one for each that is published")
    elif protocol not in ("lambda", "sqs"):
        yield month.unknown(resource, "sns.others", f"what is delivered by {protocol}")


def of_schedule(schedule: Resource, month: Month) -> Iterator[Usage]:
    """Invocations of EventBridge Scheduler."""
    times = month.flow.scheduled.get(schedule.name, 0)
    how = str(schedule.get("ScheduleExpression", default="no schedule"))
    yield month.use(schedule, "scheduler.invocations", times, how)


def of_bus(bus: Resource, month: Month) -> Iterator[Usage]:
    """Events of one's own, which are paid."""
    calls = month.calls(bus)
    yield month.use(bus, "events.custom", calls, f"{count(calls)} events")


def of_machine(machine: Resource, month: Month) -> Iterator[Usage]:
    """State transitions of a standard machine, requests and GB-seconds of an express one."""
    calls = month.calls(machine)
    if str(machine.get("StateMachineType", default="STANDARD")) == "EXPRESS":
        yield month.use(machine, "states.express_requests", calls, f"{count(calls)} executions")
        how = "how long an execution takes is not in the template"
        yield month.unknown(machine, "states.express_gb_seconds", how)
        return
    states, read = _states(machine, month)
    how = f"{count(calls)} executions x {states} transitions" + ("" if read else ", assumed")
    yield month.use(machine, "states.standard_transitions", calls * states, how)


def _states(machine: Resource, month: Month) -> tuple[int, bool]:
    """Each state once, and one transition for the start; whether that was read."""
    definition = machine.get("Definition", default=None)
    if isinstance(definition, dict) and isinstance(definition.get("States"), dict):
        return len(definition["States"]) + 1, True
    text = str(machine.get("DefinitionString", default=""))
    found = len(_STATE.findall(text))
    return (found + 1, True) if found else (int(month.assumed["states"]), False)


def of_bucket(bucket: Resource, month: Month) -> Iterator[Usage]:
    """What is read or written, and what lies in it."""
    calls, size = month.calls(bucket), month.assumed["object_bytes"]
    references = month.template.references
    written = bool(bucket.get("NotificationConfiguration")) or any(
        bucket.name in references[one.name]
        for one in month.template.of_type("AWS::Lambda::Function", "AWS::IAM::Role")
    )
    if written and calls:
        kept = month.assumed["months_kept"]
        how = f"{count(calls)} objects x {count(size)} bytes x {count(kept)} months"
        yield month.use(bucket, "s3.storage", calls * size * kept / GB, how)
        yield month.use(bucket, "s3.puts", calls, f"{count(calls)} objects written")
    else:
        lies = month.assumed["bucket_gb"]
        yield month.use(bucket, "s3.storage", lies, f"{count(lies)} GB, assumed")
    yield month.use(bucket, "s3.gets", calls, f"{count(calls)} objects read")
    if calls and not written and bucket.name in month.flow.entrances:
        yield month.use(bucket, "transfer.out", calls * size / GB, "what people read")


def of_alarm(alarm: Resource, month: Month) -> Iterator[Usage]:
    """An alarm for each metric that it watches."""
    metrics = alarm.get("Metrics", default=None)
    found = metrics if isinstance(metrics, list) else []
    # What is worked out from other metrics is not charged for.
    watched = sum(1 for one in found if isinstance(one, dict) and "MetricStat" in one) or 1
    yield month.use(alarm, "cloudwatch.alarms", watched, f"{watched} metrics watched")


def of_metric_filter(counted: Resource, month: Month) -> Iterator[Usage]:
    """The metrics that it makes of a log, each of which is one of the account's own."""
    made = counted.get("MetricTransformations", default=[{}])
    metrics = made if isinstance(made, list) else [made]
    if any(isinstance(one, dict) and one.get("Dimensions") for one in metrics):
        how = "each combination of dimensions is a metric"
        yield month.unknown(counted, "cloudwatch.metrics", how)
        return
    yield month.use(counted, "cloudwatch.metrics", len(metrics), f"{len(metrics)} metrics")


def of_scaling(policy: Resource, month: Month) -> Iterator[Usage]:
    """The two alarms that a target-tracking policy makes for itself."""
    yield month.use(policy, "cloudwatch.alarms", 2, "two alarms that the policy makes")


def of_dashboard(dashboard: Resource, month: Month) -> Iterator[Usage]:
    """A dashboard."""
    yield month.use(dashboard, "cloudwatch.dashboards", 1, "a dashboard")


def of_parameter(parameter: Resource, month: Month) -> Iterator[Usage]:
    """A parameter of the Parameter Store, standard or advanced."""
    advanced = str(parameter.get("Tier", default="Standard")) == "Advanced"
    meter = "ssm.advanced_parameters" if advanced else "ssm.standard_parameters"
    yield month.use(parameter, meter, 1, "a parameter")


def of_key(key: Resource, month: Month) -> Iterator[Usage]:
    """A key of one's own, and its requests."""
    calls = month.calls(key)
    yield month.use(key, "kms.keys", 1, "a customer key")
    yield month.use(key, "kms.requests", calls, f"{count(calls)} requests")


def of_secret(secret: Resource, month: Month) -> Iterator[Usage]:
    """A secret, and its requests."""
    calls = month.calls(secret)
    replicas = secret.get("ReplicaRegions", default=[])
    copies = 1 + (len(replicas) if isinstance(replicas, list) else 1)
    how = "a secret" if copies == 1 else f"a secret and its {copies - 1} replicas"
    yield month.use(secret, "secretsmanager.secrets", copies, how)
    yield month.use(secret, "secretsmanager.requests", calls, f"{count(calls)} requests")


def of_budget(budget: Resource, month: Month) -> Iterator[Usage]:
    """A budget that only tells."""
    yield month.use(budget, "budgets.monitoring", 1, "a budget that sends mail")


def of_budget_action(action: Resource, month: Month) -> Iterator[Usage]:
    """A budget that acts, by the day."""
    yield month.use(action, "budgets.action_days", HOURS / 24, "a budget that acts, all month")


def of_gateway(gateway: Resource, month: Month) -> Iterator[Usage]:
    """A NAT gateway: its hours; what goes through it is not in the template."""
    yield month.use(gateway, "vpc.nat_hours", HOURS, "a NAT gateway, all month")
    through = month.messages * month.assumed["egress_bytes"] / GB
    yield month.use(gateway, "vpc.nat_gb", through, "what leaves AWS for the messages")


def of_address(address: Resource, month: Month) -> Iterator[Usage]:
    """A public IPv4 address, by the hour."""
    yield month.use(address, "vpc.ipv4_hours", HOURS, "a public address, all month")


def of_zone(zone: Resource, month: Month) -> Iterator[Usage]:
    """A hosted zone."""
    yield month.use(zone, "route53.zones", 1, "a hosted zone")


def of_repository(repository: Resource, month: Month) -> Iterator[Usage]:
    """A repository of images: their size is not in the template."""
    yield month.unknown(repository, "ecr.storage", "how large its images are is not known")


def of_pool(pool: Resource, month: Month) -> Iterator[Usage]:
    """A user pool: how many people sign in is not in the template."""
    yield month.unknown(pool, "cognito.maus", "how many people sign in is not known")
