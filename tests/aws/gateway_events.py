"""What each door sends to the function for one webhook, written from the documented shapes.

Function URL: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
HTTP API: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
REST API: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

EPOCH = 1_780_000_000_000
AGENT = "LineBotWebhook/2.0"


def function_url(body: bytes, signature: str, *, encoded: bool = False) -> Json:
    """Payload 2.0 of a Function URL without authentication."""
    return _payload_2("abcdefgh.lambda-url.ap-northeast-1.on.aws", body, signature, encoded)


def http_api(body: bytes, signature: str, *, encoded: bool = False) -> Json:
    """Payload 2.0 of an HTTP API with a route for POST /."""
    host = "abcdefgh.execute-api.ap-northeast-1.amazonaws.com"
    event = _payload_2(host, body, signature, encoded)
    context = {**event["requestContext"], "accountId": "123456789012", "routeKey": "POST /"}
    return {**event, "routeKey": "POST /", "requestContext": context}


def rest_api(body: bytes, signature: str, *, encoded: bool = False) -> Json:
    """Payload 1.0 of a REST API: the header names as LINE wrote them."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Host": "abcdefgh.execute-api.ap-northeast-1.amazonaws.com",
        "User-Agent": AGENT,
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        "X-Line-Signature": signature,
    }
    return {
        "resource": "/",
        "path": "/",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdefgh",
            "domainName": headers["Host"],
            "domainPrefix": "abcdefgh",
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "httpMethod": "POST",
            "identity": {"sourceIp": "192.0.2.1", "userAgent": AGENT},
            "path": "/Prod/",
            "protocol": "HTTP/1.1",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "requestTime": "28/May/2026:20:26:40 +0000",
            "requestTimeEpoch": EPOCH,
            "resourceId": "123456",
            "resourcePath": "/",
            "stage": "Prod",
        },
        "body": _text(body, encoded=encoded),
        "isBase64Encoded": encoded,
    }


DOORS: dict[str, Callable[..., Json]] = {
    "url": function_url,
    "http": http_api,
    "rest": rest_api,
}


def _payload_2(host: str, body: bytes, signature: str, encoded: bool) -> Json:
    headers = {
        "content-length": str(len(body)),
        "content-type": "application/json; charset=utf-8",
        "host": host,
        "user-agent": AGENT,
        "x-amzn-trace-id": "Root=1-6af9ac6-7b6111e69a4193e8deadbeef",
        "x-forwarded-for": "192.0.2.1",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        "x-line-signature": signature,
    }
    http = {
        "method": "POST",
        "path": "/",
        "protocol": "HTTP/1.1",
        "sourceIp": "192.0.2.1",
        "userAgent": AGENT,
    }
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "abcdefgh",
            "domainName": host,
            "domainPrefix": "abcdefgh",
            "http": http,
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "routeKey": "$default",
            "stage": "$default",
            "time": "28/May/2026:20:26:40 +0000",
            "timeEpoch": EPOCH,
        },
        "body": _text(body, encoded=encoded),
        "isBase64Encoded": encoded,
    }


def _text(body: bytes, *, encoded: bool) -> str:
    return base64.b64encode(body).decode() if encoded else body.decode()
