"""The events of AWS::Serverless::Function and AWS::Serverless::StateMachine.

Law of this module: one event, one function, in a table by its type. Each writes the resources that
SAM makes for it, and the wiring from the door to what is called.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from penniless.cost.templates.parameters import did_you_mean
from penniless.cost.templates.sam_stack import (
    HTTP_API,
    REST_API,
    Route,
    Stack,
    added,
    attribute,
    is_true,
    lined,
    mapping,
    named,
    picked,
    ref,
    stage_letters,
    text,
    without,
)
from penniless.cost.templates.values import (
    Listed,
    Mapped,
    Placed,
    Resource,
    TemplateError,
    Unknown,
)


class Target(NamedTuple):
    """What an event calls: a function, its alias, or a state machine."""

    name: str
    arn: Placed
    ref: Placed
    source: Resource


class Event(NamedTuple):
    """An event of a target; `name` is the logical id that SAM makes for it."""

    name: str
    kind: str
    properties: Mapped
    line: int


Translation = Callable[[Stack, Target, Event], None]


def function_events(stack: Stack, target: Target) -> None:
    """Everything that the events of a function make."""
    for event in _events(target.source):
        translation = FUNCTION_EVENTS.get(event.kind)
        if translation is None:
            raise _no_such(event, FUNCTION_EVENTS)
        translation(stack, target, event)


def machine_events(stack: Stack, target: Target) -> None:
    """Everything that the events of a state machine make."""
    for event in _events(target.source):
        translation = MACHINE_EVENTS.get(event.kind)
        if translation is None:
            raise _no_such(event, MACHINE_EVENTS)
        translation(stack, target, event)


def _no_such(event: Event, table: Mapping[str, Translation]) -> TemplateError:
    return TemplateError(
        f"there is no event of the type {event.kind}{did_you_mean(event.kind, table)}",
        line=event.line,
    )


def _events(source: Resource) -> list[Event]:
    assert isinstance(source.properties, Mapped)
    given = mapping(source.properties, "Events")
    found = []
    for name, one in given.items():
        line = given.line_at(name)
        if isinstance(one, Unknown):
            continue
        kind = one.get("Type") if isinstance(one, Mapped) else None
        if not isinstance(kind, str):
            raise TemplateError(f"the event {name} of {source.name} has no Type", line=line)
        properties = mapping(one, "Properties")
        found.append(Event(f"{source.name}{name}", kind, properties, line))
    return found


def _permission(
    stack: Stack, target: Target, event: Event, principal: str, *, source: Any, suffix: str = ""
) -> None:
    """Who may call the function, and from where."""
    made = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": target.ref,
        "Principal": principal,
        "SourceArn": source,
    }
    name = f"{event.name}Permission{suffix}"
    stack.add(name, "AWS::Lambda::Permission", made, of=target.source, line=event.line)


# -- doors --------------------------------------------------------------------------------------

ACCOUNT = Placed("${AWS::AccountId}", ["AWS::AccountId"])


def _uri(stack: Stack, called: str) -> Placed:
    made = text(
        "arn:aws:apigateway:{}:lambda:path/2015-03-31/functions/{}/invocations",
        stack.region,
        called,
    )
    assert isinstance(made, Placed)
    return made


def _text_of(event: Event, name: str, default: str) -> str:
    found = event.properties.get(name)
    return str(found) if isinstance(found, str) else default


def _rest(stack: Stack, target: Target, event: Event) -> None:
    """A path of a REST API, the implicit one if it names none."""
    api = named(event.properties.get("RestApiId", ref(REST_API))) or REST_API
    path, method = _text_of(event, "Path", "/"), _text_of(event, "Method", "any")
    options = {"type": "aws_proxy", "httpMethod": "POST"}
    stack.route(api, Route(path, method.lower(), _uri(stack, target.arn), event.line, options))
    stage = _stage(stack, api)
    place = f"*/{'*' if method.lower() == 'any' else method.upper()}{path}"
    source = text("arn:aws:execute-api:{}:{}:{}/{}", stack.region, ACCOUNT, ref(api), place)
    _permission(stack, target, event, "apigateway.amazonaws.com", source=source, suffix=stage)


def _stage(stack: Stack, api: str) -> str:
    """What SAM puts behind the name of a permission."""
    if api == REST_API:
        return "Prod"
    written = stack.written.get(api)
    if written is None or "StageName" not in written.properties:
        return "AllStages"
    return stage_letters(written) or "Stage"


def _http(stack: Stack, target: Target, event: Event) -> None:
    """A route of an HTTP API; `$default` if it names no path."""
    api = named(event.properties.get("ApiId", ref(HTTP_API))) or HTTP_API
    path = _text_of(event, "Path", "/$default")
    method = _text_of(event, "Method", "any").lower()
    method = "x-amazon-apigateway-any-method" if method in {"any", "*"} else method
    options = {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "payloadFormatVersion": event.properties.get("PayloadFormatVersion", "2.0"),
    }
    stack.route(api, Route(path, method, _uri(stack, target.arn), event.line, options))
    source = text("arn:aws:execute-api:{}:{}:{}/*", stack.region, ACCOUNT, ref(api))
    _permission(stack, target, event, "apigateway.amazonaws.com", source=source)


def _machine_rest(stack: Stack, target: Target, event: Event) -> None:
    """A path of a REST API that starts an execution, with the role for it."""
    api = named(event.properties.get("RestApiId", ref(REST_API))) or REST_API
    path, method = _text_of(event, "Path", "/"), _text_of(event, "Method", "post")
    role = _role(stack, target, event, "apigateway.amazonaws.com")
    uri = text("arn:aws:apigateway:{}:states:action/StartExecution#{}", stack.region, target.ref)
    assert isinstance(uri, Placed)
    options = {"type": "aws", "httpMethod": "POST", "credentials": attribute(role)}
    stack.route(api, Route(path, method.lower(), uri, event.line, options))


# -- queues and streams ---------------------------------------------------------------------------

SOURCES = {
    "SQS": "Queue",
    "Kinesis": "Stream",
    "DynamoDB": "Stream",
    "MSK": "Stream",
    "MQ": "Broker",
    "DocumentDB": "Cluster",
    "SelfManagedKafka": "",
}
"""Which property names what Lambda polls."""


def _polled(stack: Stack, target: Target, event: Event) -> None:
    """An event source mapping: Lambda asks, and nobody needs a permission."""
    given = SOURCES[event.kind]
    if given and given not in event.properties:
        raise TemplateError(f"the event {event.name} needs the property {given}", line=event.line)
    own = ("DynamicPolicyName", "SourceAccessConfigurationsPolicy", "SecretsManagerKmsKeyId")
    made = without(event.properties, given, *own)
    if given:
        line = event.properties.line_at(given)
        made = added(made, {"EventSourceArn": event.properties[given]}, line)
    made = added(made, {"FunctionName": target.ref})
    kind = "AWS::Lambda::EventSourceMapping"
    stack.add(event.name, kind, made, of=target.source, line=event.line)


def _topic(stack: Stack, target: Target, event: Event) -> None:
    """A subscription to a topic, with a queue between if that is asked for."""
    given = event.properties
    names = ("FilterPolicy", "FilterPolicyScope", "Region", "RedrivePolicy")
    made = picked(given, {"Topic": "TopicArn", **{name: name for name in names}})
    queue = given.get("SqsSubscription")
    if queue is None or queue is False or queue == "false":
        whole = added(made, {"Protocol": "lambda", "Endpoint": target.arn})
        _permission(stack, target, event, "sns.amazonaws.com", source=given.get("Topic"))
    else:
        whole = added(made, {"Protocol": "sqs", "Endpoint": _queue(stack, target, event, queue)})
    kind = "AWS::SNS::Subscription"
    stack.add(event.name, kind, whole, of=target.source, line=event.line)


def _queue(stack: Stack, target: Target, event: Event, given: Any) -> Any:
    """The queue between a topic and a function; its ARN."""
    own = given if isinstance(given, Mapped) else Mapped(event.line)
    arn = own.get("QueueArn")
    address = own.get("QueueUrl")
    if arn is None:
        name = f"{event.name}Queue"
        stack.add(name, "AWS::SQS::Queue", {}, of=target.source, line=event.line)
        arn, address = attribute(name), ref(name)
    policy = {"Queues": [address], "PolicyDocument": _may_send("sns.amazonaws.com", arn)}
    given_name = own.get("QueuePolicyLogicalId")
    name = given_name if isinstance(given_name, str) else f"{event.name}QueuePolicy"
    stack.add(name, "AWS::SQS::QueuePolicy", policy, of=target.source, line=event.line)
    mapped = {
        "EventSourceArn": arn,
        "FunctionName": target.ref,
        "BatchSize": own.get("BatchSize", 10),
        "Enabled": own.get("Enabled", True),
    }
    kind = "AWS::Lambda::EventSourceMapping"
    stack.add(f"{event.name}EventSourceMapping", kind, mapped, of=target.source, line=event.line)
    return arn


def _may_send(service: str, queue: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sqs:SendMessage",
                "Principal": {"Service": service},
                "Resource": queue,
            }
        ],
    }


# -- clocks and buses -----------------------------------------------------------------------------


def _target(stack: Stack, target: Target, event: Event, service: str) -> dict[str, Any]:
    """What is called, with the queue for what fails."""
    given = event.properties
    dead = mapping(given, "DeadLetterConfig")
    arn = dead.get("Arn")
    if dead and arn is None and dead.get("Type") == "SQS":
        wanted = dead.get("QueueLogicalId")
        name = wanted if isinstance(wanted, str) else f"{event.name}Queue"
        stack.add(name, "AWS::SQS::Queue", {}, of=target.source, line=dead.line)
        arn = attribute(name)
        if service == "events.amazonaws.com":
            policy = {"Queues": [ref(name)], "PolicyDocument": _may_send(service, arn)}
            kind = "AWS::SQS::QueuePolicy"
            stack.add(f"{name}Policy", kind, policy, of=target.source, line=dead.line)
    return {
        "Arn": target.arn if target.source.type.endswith("Function") else target.ref,
        "Input": given.get("Input"),
        "InputPath": given.get("InputPath"),
        "RetryPolicy": given.get("RetryPolicy"),
        "DeadLetterConfig": None if arn is None else {"Arn": arn},
    }


def _rule_of(stack: Stack, target: Target, event: Event, extra: Mapping[str, Any]) -> None:
    """A rule of EventBridge: by the clock, or by a pattern."""
    given = event.properties
    names = ("Name", "Description", "State", "EventBusName", "RoleArn")
    made = picked(
        given,
        {
            **{name: name for name in names},
            "Schedule": "ScheduleExpression",
            "Pattern": "EventPattern",
        },
    )
    if "Enabled" in given and "State" not in given:
        state = "ENABLED" if is_true(given["Enabled"]) else "DISABLED"
        made = added(made, {"State": state}, given.line_at("Enabled"))
    called = {**_target(stack, target, event, "events.amazonaws.com"), **extra}
    whole = added(made, {"Targets": [{"Id": f"{event.name}Target", **called}]}, event.line)
    stack.add(event.name, "AWS::Events::Rule", whole, of=target.source, line=event.line)


def _rule(stack: Stack, target: Target, event: Event) -> None:
    _rule_of(stack, target, event, {})
    source = attribute(event.name)
    _permission(stack, target, event, "events.amazonaws.com", source=source)


def _machine_rule(stack: Stack, target: Target, event: Event) -> None:
    own = event.properties.get("RoleArn")
    role = own or attribute(_role(stack, target, event, "events.amazonaws.com"))
    _rule_of(stack, target, event, {"RoleArn": role})


def _schedule(stack: Stack, target: Target, event: Event) -> None:
    """A schedule of EventBridge Scheduler, with its role."""
    given = event.properties
    own = ("Input", "RetryPolicy", "DeadLetterConfig", "RoleArn", "PermissionsBoundary", "OmitName")
    role = given.get("RoleArn")
    if role is None:
        role = attribute(_role(stack, target, event, "scheduler.amazonaws.com"))
    called = {**_target(stack, target, event, "scheduler.amazonaws.com"), "RoleArn": role}
    called["InputPath"] = None
    made = added(without(given, *own), {"Target": called}, event.line)
    if "FlexibleTimeWindow" not in made:
        made = added(made, {"FlexibleTimeWindow": {"Mode": "OFF"}}, event.line)
    stack.add(event.name, "AWS::Scheduler::Schedule", made, of=target.source, line=event.line)


def _role(stack: Stack, target: Target, event: Event, service: str) -> str:
    """A role that lets a service call the target; its logical id."""
    action = "lambda:InvokeFunction"
    if target.source.type.endswith("StateMachine"):
        action = "states:StartExecution"
    called = target.ref if action.startswith("states") else target.arn
    statement = {"Effect": "Allow", "Action": action, "Resource": called}
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    made = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [
            {"PolicyName": f"{event.name}Policy", "PolicyDocument": {"Statement": [statement]}}
        ],
    }
    name = f"{event.name}Role"
    stack.add(name, "AWS::IAM::Role", made, of=target.source, line=event.line)
    return name


# -- other services -------------------------------------------------------------------------------


def _bucket(stack: Stack, target: Target, event: Event) -> None:
    """The notification of a bucket of the same template."""
    given = event.properties
    wanted = given.get("Events")
    rule = mapping(given, "Filter").get("S3Key")
    found = [
        {"Event": one, "Function": target.arn, "Filter": None if rule is None else {"S3Key": rule}}
        for one in (wanted if isinstance(wanted, list) else [wanted])
    ]
    bucket = _neighbour(stack, event, "Bucket", "AWS::S3::Bucket")
    notified = mapping(bucket.properties, "NotificationConfiguration")
    before = notified.get("LambdaConfigurations", [])
    merged = Listed.of([*before, *(lined(one, event.line) for one in found)], event.line)
    whole = added(notified, {"LambdaConfigurations": merged}, event.line)
    bucket.properties = added(bucket.properties, {"NotificationConfiguration": whole}, event.line)
    _permission(stack, target, event, "s3.amazonaws.com", source=None)


def _pool(stack: Stack, target: Target, event: Event) -> None:
    """The trigger of a user pool of the same template."""
    pool = _neighbour(stack, event, "UserPool", "AWS::Cognito::UserPool")
    trigger = event.properties.get("Trigger")
    triggers = trigger if isinstance(trigger, list) else [trigger]
    called = {one: target.arn for one in triggers if isinstance(one, str)}
    config = added(mapping(pool.properties, "LambdaConfig"), called, event.line)
    pool.properties = added(pool.properties, {"LambdaConfig": config}, event.line)
    named_as = event._replace(name=f"{target.name}Cognito")
    _permission(stack, target, named_as, "cognito-idp.amazonaws.com", source=attribute(pool.name))


def _neighbour(stack: Stack, event: Event, name: str, kind: str) -> Any:
    """The resource of the same template that an event belongs to."""
    found = stack.made.get(named(event.properties.get(name)) or "")
    if found is None or found.type != kind or not isinstance(found.properties, Mapped):
        raise TemplateError(
            f"the event {event.name} needs a {name} of the same template", line=event.line
        )
    return found


def _logs(stack: Stack, target: Target, event: Event) -> None:
    """A subscription to a log group."""
    names = {"LogGroupName": "LogGroupName", "FilterPattern": "FilterPattern"}
    made = added(picked(event.properties, names), {"DestinationArn": target.arn})
    kind = "AWS::Logs::SubscriptionFilter"
    stack.add(event.name, kind, made, of=target.source, line=event.line)
    group = event.properties.get("LogGroupName")
    place = str(group) if isinstance(group, str) else "*"
    names_of = group.names if isinstance(group, Placed) else frozenset[str]()
    source = Placed(
        f"arn:aws:logs:{stack.region}:{ACCOUNT}:log-group:{place}:*", {*names_of, "AWS::AccountId"}
    )
    _permission(stack, target, event, "logs.amazonaws.com", source=source)


def _thing(stack: Stack, target: Target, event: Event) -> None:
    """A rule of IoT Core."""
    rule = picked(event.properties, {"Sql": "Sql", "AwsIotSqlVersion": "AwsIotSqlVersion"})
    payload = added(
        rule, {"RuleDisabled": False, "Actions": [{"Lambda": {"FunctionArn": target.arn}}]}
    )
    made = {"TopicRulePayload": payload}
    stack.add(event.name, "AWS::IoT::TopicRule", made, of=target.source, line=event.line)
    _permission(stack, target, event, "iot.amazonaws.com", source=attribute(event.name))


def _alexa(stack: Stack, target: Target, event: Event) -> None:
    _permission(stack, target, event, "alexa-appkit.amazon.com", source=None)


FUNCTION_EVENTS: dict[str, Translation] = {
    "AlexaSkill": _alexa,
    "Api": _rest,
    "CloudWatchEvent": _rule,
    "CloudWatchLogs": _logs,
    "Cognito": _pool,
    "EventBridgeRule": _rule,
    "HttpApi": _http,
    "IoTRule": _thing,
    "S3": _bucket,
    "SNS": _topic,
    "Schedule": _rule,
    "ScheduleV2": _schedule,
    **dict.fromkeys(SOURCES, _polled),
}

MACHINE_EVENTS: dict[str, Translation] = {
    "Api": _machine_rest,
    "CloudWatchEvent": _machine_rule,
    "EventBridgeRule": _machine_rule,
    "Schedule": _machine_rule,
    "ScheduleV2": _schedule,
}
