"""The meters of what stands in front of a function: API Gateway, CloudFront, a firewall.

A Function URL has no charge of its own: its requests are Lambda's.
https://aws.amazon.com/api-gateway/pricing/
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from penniless.cost.flow import APIS
from penniless.cost.meters.functions import months_kept, traced
from penniless.cost.schedules import HOURS
from penniless.cost.templates.template import Resource, number
from penniless.cost.usage import GB, Month, Usage, count

SMALLEST_CACHE = Decimal("0.5")
"""Gigabytes of the cache whose price is known; each size has a price of its own."""


def of_rest_api(api: Resource, month: Month) -> Iterator[Usage]:
    """Requests of a REST API."""
    calls = month.calls(api)
    yield month.use(api, "apigateway.rest.requests", calls, f"{count(calls)} requests")


def of_rest_stage(stage: Resource, month: Month) -> Iterator[Usage]:
    """The cache of a REST API's stage, which is paid by the hour; its logs and its traces."""
    yield from _log(stage, month, "AccessLogSetting")
    if str(stage.get("TracingEnabled", default="false")).lower() == "true":
        yield month.use(stage, "xray.traces", *traced(_calls(stage, month)))
    if str(stage.get("CacheClusterEnabled", default="false")).lower() != "true":
        return
    size = number(stage.get("CacheClusterSize", default=SMALLEST_CACHE))
    if size == SMALLEST_CACHE:
        yield month.use(stage, "apigateway.cache_hours", HOURS, "a cache, all month")
    else:
        how = "a cache of another size than 0.5 GB"
        yield month.unknown(stage, "apigateway.cache_hours", how)


def of_http_stage(stage: Resource, month: Month) -> Iterator[Usage]:
    """The access log of a stage of an HTTP or WebSocket API."""
    yield from _log(stage, month, "AccessLogSettings")


def _calls(stage: Resource, month: Month) -> Decimal:
    apis = month.template.of_type(*APIS)
    return sum((month.calls(one) for one in apis if one.name in stage.references), Decimal(0))


def _log(stage: Resource, month: Month, setting: str) -> Iterator[Usage]:
    """A line for each request, kept as long as the log group that the template has for it."""
    if not stage.get(setting, default=None):
        return
    groups = month.template.of_type("AWS::Logs::LogGroup")
    group = next((one for one in groups if one.name in stage.references), None)
    calls, each, kept = (
        _calls(stage, month),
        month.assumed["log_bytes"],
        months_kept(group, month),
    )
    how = f"{count(calls)} requests x {count(each)} bytes"
    yield month.use(stage, "logs.ingested", calls * each / GB, how)
    stored = f"{how}, kept {count(kept)} months"
    yield month.use(stage, "logs.stored", calls * each * kept / GB, stored)


def of_http_api(api: Resource, month: Month) -> Iterator[Usage]:
    """Requests of an HTTP API, or messages of a WebSocket API."""
    calls = month.calls(api)
    if api.get("ProtocolType", default="HTTP") == "WEBSOCKET":
        yield month.use(api, "apigateway.websocket.messages", calls, f"{count(calls)} messages")
        how = "how long people stay connected is not in the template"
        yield month.unknown(api, "apigateway.websocket.minutes", how)
        return
    yield month.use(api, "apigateway.http.requests", calls, f"{count(calls)} requests")


def of_distribution(distribution: Resource, month: Month) -> Iterator[Usage]:
    """Requests and bytes of a CloudFront distribution."""
    calls, size = month.calls(distribution), month.assumed["object_bytes"]
    yield month.use(distribution, "cloudfront.requests", calls, f"{count(calls)} requests")
    how = f"{count(calls)} requests x {count(size)} bytes"
    yield month.use(distribution, "cloudfront.transfer", calls * size / GB, how)


def of_firewall(acl: Resource, month: Month) -> Iterator[Usage]:
    """A web ACL: itself, its rules, and each request."""
    rules = acl.get("Rules", default=[])
    number = len(rules) if isinstance(rules, list) else 1
    yield month.use(acl, "waf.acls", 1, "a web ACL")
    yield month.use(acl, "waf.rules", number, f"{number} rules")
    calls = month.messages / month.assumed["events_per_webhook"]
    yield month.use(acl, "waf.requests", calls, f"{count(calls)} requests")
