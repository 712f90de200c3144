"""The fuse of a deployed bot as AWS knows it: whether it is fitted or blown, and its two switches.

Law of this module: it asks AWS and changes two things, the reserved concurrency of the bot and the
state of the fuse's own alarm; it prints nothing. Every call is inside the always-free limits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from penniless.cli.aws_access import Account
from penniless.errors import SettingsError

FUNCTION, ALARM, PARAMETER = "BotFunction", "BotFuseAlarm", "ReservedConcurrency"
"""What the template of `penniless new` calls them."""

PERIOD = 300
"""Seconds that the alarm adds up."""
LOOK_EVERY, PATIENCE = 10.0, 1800.0
"""Seconds between two looks at an alarm that still counts the flood, and of them all. It looks at
more than one period where numbers are missing, so that it may need several to see that it is over.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html"""


class Alarm(NamedTuple):
    """The alarm of a fuse that is fitted."""

    name: str
    state: str
    """`OK`, `ALARM` or `INSUFFICIENT_DATA`."""
    since: datetime
    threshold: int
    """The most invocations in PERIOD that do not blow it."""
    actions_enabled: bool


class Fuse(NamedTuple):
    """A deployed bot and its fuse. `concurrency` is None where nothing is reserved."""

    stack: str
    region: str
    function: str
    concurrency: int | None
    template: int | None
    """The concurrency that the stack was deployed with."""
    alarm: Alarm | None

    @property
    def is_blown(self) -> bool:
        """Whether the bot is off, by the alarm or by hand: Lambda refuses every request."""
        return self.concurrency == 0

    @property
    def has_failed(self) -> bool:
        """Whether the alarm has gone off and the bot is on: it will not go off a second time."""
        return not self.is_blown and self.alarm is not None and self.alarm.state == "ALARM"


def look(account: Account, stack: str) -> Fuse:
    """The fuse of that stack. Raises SettingsError for one without the bot's function."""
    template = _of_the_template(account.stack(stack))
    with account.client("cloudformation") as client:
        answer = client.describe_stack_resources(StackName=stack)
    names = {
        one["LogicalResourceId"]: str(one.get("PhysicalResourceId", ""))
        for one in answer["StackResources"]
    }
    if not names.get(FUNCTION):
        raise SettingsError(
            f"the stack {stack} has no function {FUNCTION}, as those of `penniless new` have"
        )
    with account.client("lambda") as client:
        now = client.get_function_concurrency(FunctionName=names[FUNCTION])
    return Fuse(
        stack,
        account.region,
        names[FUNCTION],
        now.get("ReservedConcurrentExecutions"),
        template,
        alarm_of(account, names[ALARM]) if names.get(ALARM) else None,
    )


def alarm_of(account: Account, name: str) -> Alarm | None:
    """The alarm of that name; None if somebody has deleted it. Raises SettingsError."""
    with account.client("cloudwatch") as client:
        answer = client.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm"])
    for one in answer["MetricAlarms"]:
        return Alarm(
            one["AlarmName"],
            one["StateValue"],
            # The other time is that of the newest change of anything, such as a deploy.
            one.get("StateTransitionedTimestamp", one["StateUpdatedTimestamp"]),
            int(one["Threshold"]),
            bool(one["ActionsEnabled"]),
        )
    return None


def invocations(account: Account, function: str) -> int:
    """How often the function ran in the last PERIOD; the newest minutes may still lack.

    One of the million free requests a month, which GetMetricData is not.
    https://repost.aws/knowledge-center/cloudwatch-getmetricdata-api
    """
    end = datetime.now(UTC)
    with account.client("cloudwatch") as client:
        answer = client.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="Invocations",
            Dimensions=[{"Name": "FunctionName", "Value": function}],
            StartTime=end - timedelta(seconds=PERIOD),
            EndTime=end,
            Period=60,
            Statistics=["Sum"],
        )
    return int(sum(one["Sum"] for one in answer["Datapoints"]))


def check_template(fuse: Fuse) -> None:
    """Raise SettingsError if the template itself keeps the bot off."""
    if fuse.template == 0:
        raise SettingsError(
            f"the stack {fuse.stack} was deployed with {PARAMETER}=0, which keeps the bot off; "
            "deploy it with another number, or with none"
        )


def turn_off(account: Account, fuse: Fuse) -> None:
    """What the fuse itself does: reserve no run at all for the bot. Raises SettingsError."""
    _reserve(account, fuse.function, 0)


def turn_on(account: Account, fuse: Fuse) -> None:
    """Put back the concurrency of the template, and the alarm that has gone off.

    Raises SettingsError.
    """
    _reserve(account, fuse.function, fuse.template)
    # Not before: it could go off between the two. An alarm acts when its state changes, so one
    # that stayed in ALARM would let the next flood through.
    if fuse.alarm and fuse.alarm.state == "ALARM":
        with account.client("cloudwatch") as client:
            client.set_alarm_state(
                AlarmName=fuse.alarm.name, StateValue="OK", StateReason="penniless fuse reset"
            )


def wait_for_calm(
    account: Account, alarm: Alarm, *, sleep: Callable[[float], None] = time.sleep
) -> Alarm:
    """Look at the alarm until it no longer counts the flood, for at most PATIENCE.

    Raises SettingsError if it still does then.
    """
    for _ in range(int(PATIENCE / LOOK_EVERY)):
        found = alarm_of(account, alarm.name)
        if found is None or found.state != "ALARM":
            return found or alarm
        sleep(LOOK_EVERY)
    raise SettingsError(
        f"the alarm {alarm.name} still counts too many requests after "
        f"{PATIENCE / 60:.0f} minutes; say --now to turn the bot on all the same"
    )


def _of_the_template(stack: dict[str, Any]) -> int | None:
    values = {
        one["ParameterKey"]: one.get("ParameterValue", "") for one in stack.get("Parameters", [])
    }
    found = values.get(PARAMETER, "")
    return int(found) if found else None


def _reserve(account: Account, function: str, number: int | None) -> None:
    with account.client("lambda") as client:
        if number is None:
            client.delete_function_concurrency(FunctionName=function)
        else:
            client.put_function_concurrency(
                FunctionName=function, ReservedConcurrentExecutions=number
            )
