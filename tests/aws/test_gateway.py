"""The doors to a Lambda function: Function URL, HTTP API and REST API, and what is no door."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from penniless.aws import lambda_handler_for
from penniless.aws.gateway import request_in
from penniless.errors import CodeError
from penniless.line.signature import sign
from tests.fakes import SECRET, Stage, said, stage, webhook

Json = dict[str, Any]
BODY = webhook(said("ありがとう 🙏"))


def payload_2(body: str | None, headers: dict[str, str], *, encoded: bool = False) -> Json:
    """What a Function URL or an HTTP API sends: lower-case header names, one value each.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
    """
    event: Json = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {"content-type": "application/json; charset=utf-8", **headers},
        "requestContext": {"http": {"method": "POST", "path": "/", "sourceIp": "192.0.2.1"}},
        "isBase64Encoded": encoded,
    }
    return event if body is None else {**event, "body": body}


def payload_1(body: str | None, headers: dict[str, str], *, encoded: bool = False) -> Json:
    """What a REST API sends: header names as the caller wrote them, null for an empty body."""
    return {
        "resource": "/webhook",
        "path": "/webhook",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json; charset=utf-8", **headers},
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "requestContext": {"httpMethod": "POST", "stage": "Prod"},
        "body": body,
        "isBase64Encoded": encoded,
    }


def echoing() -> Stage:
    found = stage()
    found.bot.text(lambda ctx: ctx.text)
    return found


@pytest.mark.parametrize("payload", [payload_2, payload_1])
@pytest.mark.parametrize("header", ["x-line-signature", "X-Line-Signature", "X-LINE-SIGNATURE"])
@pytest.mark.parametrize("encoded", [False, True])
def test_webhook_comes_through_every_door(payload: Any, header: str, encoded: bool) -> None:
    """Both payload formats, any case of the header's name, plain or Base64 bodies."""
    echo = echoing()
    body = base64.b64encode(BODY).decode() if encoded else BODY.decode()
    event = payload(body, {header: sign(SECRET, BODY)}, encoded=encoded)
    answer = lambda_handler_for(echo.bot)(event, object())
    assert answer == {
        "statusCode": 200,
        "headers": {"content-type": "text/plain; charset=utf-8"},
        "body": "OK",
        "isBase64Encoded": False,
    }
    assert json.loads(json.dumps(answer)) == answer
    assert echo.line.texts == ["ありがとう 🙏"]


@pytest.mark.parametrize("payload", [payload_2, payload_1])
@pytest.mark.parametrize("headers", [{}, {"x-line-signature": "wrong"}, {"x-line-signature": ""}])
@pytest.mark.parametrize("body", [BODY.decode(), "", None])
def test_unsigned_request_is_refused(payload: Any, headers: dict[str, str], body: Any) -> None:
    """A browser, a scanner, an empty body: 401 and nothing else."""
    echo = echoing()
    answer = lambda_handler_for(echo.bot)(payload(body, headers), object())
    assert (answer["statusCode"], answer["body"]) == (401, "")
    assert echo.line.calls == []


def test_body_that_is_no_base64_is_refused() -> None:
    """A gateway never sends it; the answer is valid all the same."""
    for body in ("?", "日本", "abc"):
        event = payload_2(body, {"x-line-signature": sign(SECRET, BODY)}, encoded=True)
        assert lambda_handler_for(echoing().bot)(event, object())["statusCode"] == 401


def test_empty_body_and_missing_headers_are_read() -> None:
    """A request may lack both."""
    event: Json = {"httpMethod": "POST", "requestContext": {}, "headers": None, "body": None}
    assert request_in(event) == ("POST", b"", None)


def test_half_an_emoji_keeps_the_bytes() -> None:
    """A lone surrogate in the body cannot break the reading of it."""
    body = request_in(payload_2("\ud83c", {})).body
    assert body == b"\xed\xa0\xbc"


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"key1": "value1"},
        {"source": "aws.events", "detail-type": "EC2 Instance State-change", "detail": {}},
        {"penniless": "forget"},
        {"penniless": "recover", "requestContext": {}},
        {"Records": [{"eventSource": "aws:sqs"}]},
        {"requestContext": {}, "body": {"events": []}},
        [],
        None,
        "hello",
    ],
)
def test_other_invocations_are_said_to_be_none(event: Any) -> None:
    """The console's test button and other services get a sentence instead of a KeyError."""
    with pytest.raises(CodeError, match="not an HTTP request"):
        lambda_handler_for(echoing().bot)(event, object())
