"""Gateway events in, gateway responses out: the shapes of the HTTP doors to a Lambda function.

Function URLs and HTTP APIs send payload 2.0, REST APIs 1.0; the header names come in any case and
the body may be base64. Law of this module: values in, values out.

Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads and
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from penniless.errors import CodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.bot import Response

LambdaEvent: TypeAlias = dict[str, Any]

SCHEDULED = ("aws.events", "Scheduled Event")


class WebhookRequest(NamedTuple):
    """What of an HTTP request a bot looks at."""

    method: str
    body: bytes
    signature: str | None


def is_recovery(event: LambdaEvent) -> bool:
    """Whether a schedule sent this event: {"penniless": "recover"}, or EventBridge's own.

    What an HTTP caller writes never gets there: it is inside `body`.
    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchevents.html
    """
    if not isinstance(event, dict) or "requestContext" in event:
        return False
    scheduled = (event.get("source"), event.get("detail-type")) == SCHEDULED
    return scheduled or event.get("penniless") == "recover"


def request_in(event: LambdaEvent) -> WebhookRequest:
    """The request in a gateway event.

    Raises CodeError for what no gateway sends, such as a test event of the console.
    """
    context = event.get("requestContext") if isinstance(event, dict) else None
    method = _method(event, context) if isinstance(context, dict) else None
    body = event.get("body") or "" if method else None
    if method is None or not isinstance(body, str):
        raise CodeError(
            "this invocation is not an HTTP request; call the function through its URL or gateway"
        )
    return WebhookRequest(method, *_payload(event, body))


def _method(event: LambdaEvent, context: LambdaEvent) -> str | None:
    http = context.get("http")  # payload 2.0
    found = http.get("method") if isinstance(http, dict) else event.get("httpMethod")
    return found if isinstance(found, str) else None


def _payload(event: LambdaEvent, body: str) -> tuple[bytes, str | None]:
    """The raw body and the signature; without one where the body is no Base64 but should be."""
    signature = _header(event, "x-line-signature")
    if not event.get("isBase64Encoded"):
        return body.encode("utf-8", "surrogatepass"), signature
    from binascii import Error, a2b_base64

    try:
        return a2b_base64(body), signature
    except (Error, ValueError):
        return b"", None


def _header(event: LambdaEvent, name: str) -> str | None:
    headers = event.get("headers")
    if not isinstance(headers, dict):
        return None
    found = next((value for key, value in headers.items() if key.lower() == name), None)
    return found if isinstance(found, str) else None


def response_for(response: Response) -> LambdaEvent:
    """A response that both payload formats accept."""
    headers = {"content-type": "text/plain; charset=utf-8"}
    if response.status == 405:
        headers["allow"] = "POST"
    return {
        "statusCode": response.status,
        "headers": headers,
        "body": response.body,
        "isBase64Encoded": False,
    }
