"""The Messaging API: a request in, LINE's answer out.

Law of this module: what holds for every operation - known path, access token, content type, size,
retry keys, request ids, the record of the call. Pure but for the world it changes: no IO. What an
operation does stands in `sending`, `lookups`, `content` and `channel`.

Source: https://developers.line.biz/en/reference/messaging-api/#common-specifications
"""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from penniless.simulator import channel, sending
from penniless.simulator.exchange import (
    Answer,
    Asked,
    LineRefusal,
    Request,
    Response,
    refusal,
)
from penniless.simulator.ids import UUID
from penniless.simulator.operations import Found, Operation, find
from penniless.simulator.records import Call, Json
from penniless.simulator.strict_json import parse
from penniless.simulator.world import World

ISSUING = ("/oauth2/", "/v2/oauth/")
"""Where access tokens come from: nobody who asks there has one yet."""

MOST_BYTES = 2 * 1024 * 1024
NO_AUTHORIZATION = (
    "Authorization header required. Must follow the scheme, 'Authorization: Bearer <ACCESS TOKEN>'"
)
NOT_AUTHENTICATED = (
    "Authentication failed. Confirm that the access token in the authorization header is valid."
)
HEADERS = {
    "content-type": "application/json",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-cache, no-store, max-age=0, must-revalidate",
}


class _Exchange(Struct):
    """A call on its way through this module."""

    world: World
    request: Request
    found: Found
    id: str
    body: Any = None


def answer(world: World, request: Request) -> Response:
    """Answer one call and put it on the wire. Never raises for what a caller does.

    If the response `awaits` a webhook, deliver that first and call `after_delivery`.
    """
    started = world.clock.ticks()
    found = find(request.method, request.path)
    exchange = _Exchange(world, request, found, world.ids.request_id())
    try:
        made = _operate(exchange)
    except LineRefusal as refused:
        made = refused.answer
    response = _response(made, exchange.id)
    response.call = _call(exchange, made, response, world.clock.ticks() - started)
    if response.awaits is None:
        world.record_call(response.call)
    return response


def after_delivery(world: World, response: Response) -> Response:
    """The answer of a call that had to wait for a webhook; that webhook is settled by now."""
    if response.awaits is None:
        return response
    result = channel.test_result(response.awaits)
    response.body = msgspec.json.encode(result)
    response.call.response = result
    response.awaits = None
    world.record_call(response.call)
    return response


def _operate(exchange: _Exchange) -> Answer:
    world, request, found = exchange.world, exchange.request, exchange.found
    if not found.methods:
        raise refusal(404, "Not found", hint="LINE documents no such path")
    if found.operation is None:
        raise refusal(405, f"Method not allowed: use {' or '.join(found.methods)}")
    if not found.operation.template.startswith(ISSUING):
        _authorize(world, request)
    if found.operation.handler is None:
        raise refusal(501, f"The simulator does not serve {found.operation.name} yet.")
    key = _retry_key(world, request, found.operation)
    made = found.operation.handler(_asked(exchange, found.operation))
    if key and made.status < 300:
        sending.remember_key(world, key, exchange.id, made.json)
    return made


def _authorize(world: World, request: Request) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise refusal(401, NO_AUTHORIZATION)
    expected = world.channel_access_token.encode()
    if not hmac.compare_digest(token.strip().encode(), expected):
        raise refusal(
            401, NOT_AUTHENTICATED, hint="this is not the simulator's channel access token"
        )


def _retry_key(world: World, request: Request, operation: Operation) -> str:
    """The retry key, if one was given. Raises 400 where none may be, 409 if it was accepted."""
    key = request.headers.get("x-line-retry-key")
    if key is None:
        return ""
    if not operation.retry_key:
        raise refusal(400, f"The retry key is not supported for {operation.name}")
    if not UUID.match(key):
        raise refusal(400, "The retry key is invalid")
    earlier = sending.accepted_before(world, key.lower())
    if earlier is not None:
        raise earlier
    return key.lower()


def _asked(exchange: _Exchange, operation: Operation) -> Asked:
    request = exchange.request
    text = ""
    body: Json = {}
    if operation.body and request.method != "GET":
        body, text = _body(request, optional=operation.name == "testWebhookEndpoint")
        exchange.body = body
    return Asked(
        world=exchange.world,
        params=exchange.found.params,
        query=dict(parse_qsl(request.query)),
        headers=request.headers,
        json=body,
        text=text,
        request_id=exchange.id,
    )


def _body(request: Request, *, optional: bool) -> tuple[Json, str]:
    if len(request.body) > MOST_BYTES:
        raise refusal(413, "The request body is too large")
    if optional and not request.body.strip():
        return {}, ""
    given = request.headers.get("content-type", "")
    if given.partition(";")[0].strip().lower() != "application/json":
        raise refusal(415, f"The content type, {given or 'null'}, is not supported")
    return parse(request.body)


def _response(made: Answer, request_id: str) -> Response:
    body = msgspec.json.encode(made.json) if made.content is None else made.content
    return Response(
        status=made.status,
        headers={**HEADERS, "x-line-request-id": request_id, **made.headers},
        body=body,
        deliver=made.deliver,
        awaits=made.awaits,
    )


def _call(exchange: _Exchange, made: Answer, response: Response, milliseconds: float) -> Call:
    world, request, operation = exchange.world, exchange.request, exchange.found.operation
    headers = dict(request.headers)
    if "authorization" in headers:
        headers["authorization"] = "Bearer …"
    return Call(
        seq=world.next_seq(),
        time=world.now(),
        operation=operation.name if operation else "unknown",
        method=request.method,
        path=request.path,
        query=request.query,
        request_headers=headers,
        request=exchange.body,
        status=made.status,
        response_headers=response.headers,
        response=made.json if made.content is None else f"{len(made.content)} bytes",
        milliseconds=milliseconds,
        request_id=exchange.id,
        chat=made.chat,
        hint=made.hint,
    )
