"""AWS::Serverless::Api, HttpApi and WebSocketApi as plain CloudFormation.

Law of this module: an API, its stages, its routes and what hangs on it: usage plans and domains.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha1
from typing import Any

from penniless.cost.templates.sam_stack import (
    Route,
    Stack,
    added,
    items,
    letters,
    lined,
    mapping,
    named,
    own_properties,
    picked,
    ref,
    stage_letters,
    text,
)
from penniless.cost.templates.values import Mapped, Placed, Resource, TemplateError

INTEGRATION = "x-amazon-apigateway-integration"

REST_NAMES = (
    *("ApiKeySourceType", "BinaryMediaTypes", "Description", "FailOnWarnings", "Mode", "Name"),
    *("MinimumCompressionSize", "Policy", "SecurityPolicy", "EndpointAccessMode"),
)

REST_STAGE_NAMES = (
    *("AccessLogSetting", "CacheClusterEnabled", "CacheClusterSize", "CanarySetting"),
    *("MethodSettings", "Tags", "TracingEnabled", "Variables"),
)

HTTP_STAGE_NAMES = {
    "AccessLogSettings": "AccessLogSettings",
    "DefaultRouteSettings": "DefaultRouteSettings",
    "RouteSettings": "RouteSettings",
    "StageVariables": "StageVariables",
    "Tags": "Tags",
}


def rest_api(stack: Stack, source: Resource) -> None:
    """A REST API with its deployment and its stage.

    Without OpenApiVersion SAM's deployment makes a second stage, called Stage.
    """
    given = own_properties(source)
    made = picked(given, {name: name for name in REST_NAMES})
    for key, value, line in _body(stack, source, "BodyS3Location"):
        made.put(key, value, line)
    endpoint = _endpoint(given)
    if endpoint:
        made = added(
            made, {"EndpointConfiguration": endpoint}, given.line_at("EndpointConfiguration")
        )
    stack.add(
        source.name, "AWS::ApiGateway::RestApi", made, of=source, attributes=source.attributes
    )
    stage = _rest_stage(stack, source)
    _usage_plan(stack, source, stage)
    _domain(stack, source, stage, kind="AWS::ApiGateway::DomainName")
    _lambda_authorizers(stack, source)


def _endpoint(given: Mapped) -> Any:
    wanted = given.get("EndpointConfiguration")
    if isinstance(wanted, str):
        return {"Types": [wanted]}
    if isinstance(wanted, Mapped):
        rest = picked(wanted, {key: key for key in wanted if key != "Type"})
        return added(rest, {"Types": [wanted["Type"]]}) if "Type" in wanted else wanted
    return None


def _rest_stage(stack: Stack, source: Resource) -> str:
    given = own_properties(source)
    deployment = f"{source.name}Deployment"
    second = None if "OpenApiVersion" in given else "Stage"
    first = {"RestApiId": ref(source.name), "StageName": second}
    stack.add(deployment, "AWS::ApiGateway::Deployment", first, of=source)
    name = given.get("StageName")
    if name is None:
        raise TemplateError(f"{source.name} needs a StageName", line=source.line)
    made = added(
        picked(given, {"StageName": "StageName", **{one: one for one in REST_STAGE_NAMES}}),
        {"RestApiId": ref(source.name), "DeploymentId": ref(deployment)},
    )
    stage = f"{source.name}{stage_letters(source)}Stage"
    stack.add(stage, "AWS::ApiGateway::Stage", made, of=source)
    return stage


def _body(stack: Stack, source: Resource, location: str) -> Iterable[tuple[str, Any, int]]:
    """The definition of an API: its own, or what its routes make."""
    given = own_properties(source)
    routes = stack.routes.get(source.name, [])
    if "DefinitionUri" in given and not routes:
        yield location, given["DefinitionUri"], given.line_at("DefinitionUri")
        return
    own = given.get("DefinitionBody")
    line = given.line_at("DefinitionBody")
    body = own if isinstance(own, Mapped) else Mapped(source.line)
    if isinstance(own, Mapped) or routes or own is None:
        yield "Body", _with_routes(body, routes, given), line
    else:
        yield "Body", own, line


def _with_routes(body: Mapped, routes: Iterable[Route], given: Mapped) -> Mapped:
    """A definition with the routes of events, and SAM's answers to CORS questions."""
    paths = added(mapping(body, "paths"), {})
    for route in routes:
        found = added(mapping(paths, route.path), {})
        integration = lined({**route.options, "uri": route.uri}, route.line)
        found.put(route.method, lined({INTEGRATION: integration}, route.line), route.line)
        if given.get("Cors") is not None and "options" not in found:
            found.put("options", lined({INTEGRATION: {"type": "mock"}}, route.line), route.line)
        paths.put(route.path, found, route.line)
    return added(body, {"paths": paths})


def _usage_plan(stack: Stack, source: Resource, stage: str) -> None:
    given = mapping(mapping(own_properties(source), "Auth"), "UsagePlan")
    wanted = given.get("CreateUsagePlan")
    if wanted not in ("PER_API", "SHARED"):
        return
    base = source.name if wanted == "PER_API" else "Serverless"
    names = ("Quota", "Throttle", "Description", "UsagePlanName", "Tags")
    made = added(
        picked(given, {name: name for name in names}),
        {"ApiStages": [{"ApiId": ref(source.name), "Stage": ref(stage)}]},
    )
    plan, key = f"{base}UsagePlan", f"{base}ApiKey"
    stack.add(plan, "AWS::ApiGateway::UsagePlan", made, of=source, line=given.line)
    stack.add(key, "AWS::ApiGateway::ApiKey", {"Enabled": True}, of=source, line=given.line)
    linked = {"KeyId": ref(key), "KeyType": "API_KEY", "UsagePlanId": ref(plan)}
    kind = "AWS::ApiGateway::UsagePlanKey"
    stack.add(f"{base}UsagePlanKey", kind, linked, of=source, line=given.line)


def _domain(stack: Stack, source: Resource, stage: str, *, kind: str) -> None:
    """A domain of one's own, its mapping to the API, and its records in Route 53."""
    given = mapping(own_properties(source), "Domain")
    if not given:
        return
    line = own_properties(source).line_at("Domain")
    name = str(given.get("DomainName", ""))
    old = kind == "AWS::ApiGateway::DomainName"
    domain = hashed("ApiGatewayDomainName" if old else "ApiGatewayDomainNameV2", name)
    stack.add(
        domain,
        kind,
        picked(given, {key: key for key in given if key != "Route53"}),
        of=source,
        line=line,
    )
    mapped = "AWS::ApiGateway::BasePathMapping" if old else "AWS::ApiGatewayV2::ApiMapping"
    suffix = "BasePathMapping" if old else "ApiMapping"
    for path in items(given, "BasePath") or [""]:
        made = {"DomainName": ref(domain), "Stage": ref(stage)}
        made["RestApiId" if old else "ApiId"] = ref(source.name)
        name = f"{source.name}{letters(str(path))}{suffix}"
        stack.add(name, mapped, made, of=source, line=line)
    records = mapping(given, "Route53")
    if records:
        made_of = {
            "HostedZoneId": records.get("HostedZoneId"),
            "HostedZoneName": records.get("HostedZoneName"),
            "RecordSets": [{"Name": given.get("DomainName"), "Type": "A"}],
        }
        zone = records.get("HostedZoneId") or records.get("HostedZoneName")
        group = hashed("RecordSetGroup", str(zone))
        stack.add(group, "AWS::Route53::RecordSetGroup", made_of, of=source, line=line)


def _lambda_authorizers(stack: Stack, source: Resource) -> None:
    """The permission that an API needs to ask a function who comes."""
    given = mapping(mapping(own_properties(source), "Auth"), "Authorizers")
    for name in given:
        one = mapping(given, name)
        called = one.get("FunctionArn")
        if called is None:
            continue
        made = {
            "Action": "lambda:InvokeFunction",
            "FunctionName": called,
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": text(
                "arn:aws:execute-api:{}:*:{}/authorizers/*", stack.region, ref(source.name)
            ),
        }
        permission = f"{source.name}{name}AuthorizerPermission"
        line = given.line_at(name)
        stack.add(permission, "AWS::Lambda::Permission", made, of=source, line=line)


def hashed(prefix: str, text: str) -> str:
    """The logical id of what APIs may share: the same text gives the same name."""
    return prefix + sha1(text.encode(), usedforsecurity=False).hexdigest()[:10]


def http_api(stack: Stack, source: Resource) -> None:
    """An HTTP API with its stage, which deploys itself."""
    given = own_properties(source)
    names = (
        "Name",
        "Description",
        "CorsConfiguration",
        "FailOnWarnings",
        "Tags",
        "DisableExecuteApiEndpoint",
    )
    made = picked(given, {name: name for name in names})
    for key, value, line in _body(stack, source, "BodyS3Location"):
        made.put(key, value, line)
    stack.add(source.name, "AWS::ApiGatewayV2::Api", made, of=source, attributes=source.attributes)
    stage = _new_stage(stack, source)
    _domain(stack, source, stage, kind="AWS::ApiGatewayV2::DomainName")
    _lambda_authorizers(stack, source)


def _new_stage(stack: Stack, source: Resource) -> str:
    given = own_properties(source)
    wanted = given.get("StageName", "$default")
    default = wanted == "$default"
    stage = f"{source.name}{'ApiGatewayDefault' if default else stage_letters(source)}Stage"
    made = added(
        picked(given, HTTP_STAGE_NAMES),
        {"ApiId": ref(source.name), "StageName": wanted, "AutoDeploy": True},
    )
    stack.add(stage, "AWS::ApiGatewayV2::Stage", made, of=source)
    return stage


def websocket_api(stack: Stack, source: Resource) -> None:
    """A WebSocket API: a route, an integration and a permission for each of its routes."""
    given = own_properties(source)
    names = ("Name", "Description", "RouteSelectionExpression", "ApiKeySelectionExpression", "Tags")
    made = added(picked(given, {name: name for name in names}), {"ProtocolType": "WEBSOCKET"})
    stack.add(source.name, "AWS::ApiGatewayV2::Api", made, of=source, attributes=source.attributes)
    routes = mapping(given, "Routes")
    for key in routes:
        _websocket_route(stack, source, key, routes)
    name = given.get("StageName", "default")
    staged = added(
        picked(given, HTTP_STAGE_NAMES),
        {"ApiId": ref(source.name), "StageName": name, "AutoDeploy": True},
    )
    default = "Default" if "StageName" not in given or name == "default" else ""
    stage = f"{source.name}{default or stage_letters(source)}Stage"
    stack.add(stage, "AWS::ApiGatewayV2::Stage", staged, of=source)
    _domain(stack, source, stage, kind="AWS::ApiGatewayV2::DomainName")


def _websocket_route(stack: Stack, source: Resource, key: str, routes: Mapped) -> None:
    given, line = mapping(routes, key), routes.line_at(key)
    called = given.get("FunctionArn")
    base = f"{source.name}{letters(key).capitalize()}"
    function = called if isinstance(called, str) else ""
    made = {
        "ApiId": ref(source.name),
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": text(
            "arn:aws:apigateway:{}:lambda:path/2015-03-31/functions/{}/invocations",
            stack.region,
            function,
        ),
    }
    integration = f"{base}Integration"
    stack.add(integration, "AWS::ApiGatewayV2::Integration", made, of=source, line=line)
    routed = {
        "ApiId": ref(source.name),
        "RouteKey": key,
        "Target": text("integrations/{}", ref(integration)),
    }
    stack.add(f"{base}Route", "AWS::ApiGatewayV2::Route", routed, of=source, line=line)
    allowed = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": ref(named(called) or "") if isinstance(called, Placed) else called,
        "Principal": "apigateway.amazonaws.com",
    }
    kind = "AWS::Lambda::Permission"
    stack.add(f"{base}Permission", kind, allowed, of=source, line=line)
