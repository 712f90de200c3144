"""The Messaging API: a request in, LINE's answer out.

Law of this module: what holds for every operation - known path, access token, rate limit, content
type, size, retry keys, request ids, faults, the record of the call. Pure but for the world it
changes: no IO. What an operation does stands in the module of its family; see `operations`.

Source: https://developers.line.biz/en/reference/messaging-api/#common-specifications
"""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from penniless.simulator import channel, sending, sentences
from penniless.simulator.exchange import (
    Answer,
    Asked,
    LineRefusal,
    Request,
    Response,
    refusal,
)
from penniless.simulator.faults import Drop, Effect, Status, Timeout, described
from penniless.simulator.forms import FORM, WITH_FILES, form_of, media_type, pairs_of, parts_of
from penniless.simulator.ids import UUID
from penniless.simulator.operations import Found, find
from penniless.simulator.records import Call, Json
from penniless.simulator.strict_json import parse
from penniless.simulator.table import Body, Operation
from penniless.simulator.world import World

ISSUING = ("/oauth2/", "/v2/oauth/")
"""Where access tokens come from: nobody who asks there has one yet."""

MOST_BYTES = 2 * 1024 * 1024
CONTENT_TYPES = {
    "json": "application/json",
    "optional": "application/json",
    "form": FORM,
    "files": WITH_FILES,
}
SECRETS = frozenset({"client_secret", "client_assertion", "access_token"})
NO_AUTHORIZATION = (
    "Authorization header required. Must follow the scheme, 'Authorization: Bearer <ACCESS TOKEN>'"
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
    fault: Effect | None = None
    body: Any = None


def answer(world: World, request: Request) -> Response:
    """Answer one call and put it on the wire. Never raises for what a caller does.

    If the response `awaits` a webhook, deliver that first and call `after_delivery`. If it has a
    `fault`, that is to be done before the answer is sent, or instead of it.
    """
    started = world.clock.ticks()
    found = find(request.method, request.path)
    exchange = _Exchange(world, request, found, world.ids.request_id())
    if found.operation is not None:
        exchange.fault = world.faults.strike(found.operation.name)
    made = _met(exchange)
    response = _response(made, exchange.id)
    response.fault = exchange.fault
    response.call = _call(exchange, made, response, world.clock.ticks() - started)
    if response.awaits is None:
        world.record_call(response.call)
    return response


def after_delivery(world: World, response: Response) -> Response:
    """The answer of a call that had to wait for a webhook; that webhook is settled by now."""
    if response.awaits is None:
        return response
    made = channel.test_answer(response.awaits)
    response.status, response.body = made.status, msgspec.json.encode(made.json)
    response.call.status, response.call.response = made.status, made.json
    response.call.hint = made.hint
    response.awaits = None
    world.record_call(response.call)
    return response


def _met(exchange: _Exchange) -> Answer:
    """The answer to a call that a fault may have met. Status 0: LINE did not act, or never knew."""
    fault = exchange.fault
    if isinstance(fault, Status | Drop | Timeout) and not fault.acted:
        exchange.body = _readable(exchange)
        made = Answer(status=0)
    else:
        try:
            made = _operate(exchange)
        except LineRefusal as refused:
            made = refused.answer
    if not isinstance(fault, Status):
        return made
    late = [] if made.awaits is None else [made.awaits]
    of_rate = fault.status == 429 and not fault.quota
    return Answer(
        status=fault.status,
        json=fault.body,
        headers=_retry_after(exchange.world, 1) if of_rate else {},
        chat=made.chat,
        deliver=[*made.deliver, *late],
    )


def _readable(exchange: _Exchange) -> Any:
    """The body for the wire, of a call that nobody looks into otherwise."""
    operation = exchange.found.operation
    if operation is None or operation.secret:
        return None
    try:
        return parse(exchange.request.body)[0]
    except LineRefusal:
        return None


def _operate(exchange: _Exchange) -> Answer:
    world, request, found = exchange.world, exchange.request, exchange.found
    if not found.methods:
        raise refusal(404, "Not found", hint=_no_such_path(request.path))
    if found.operation is None:
        sentence = f"Method not allowed: use {' or '.join(found.methods)}"
        raise refusal(405, sentence, headers={"allow": ", ".join(found.methods)})
    if not found.operation.template.startswith(ISSUING):
        _authorize(world, request)
    _limit_rate(world, found.operation)
    key = _retry_key(world, request, found.operation)
    made = found.operation.handler(_asked(exchange, found.operation))
    if key and made.status < 300:
        sending.remember_key(world, key, exchange.id, made.json)
    return made


def _no_such_path(path: str) -> str:
    if path.startswith("//"):
        return "the path begins with two slashes: the bot's address of LINE ends in one too many"
    return "LINE documents no such path"


def _authorize(world: World, request: Request) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise refusal(401, NO_AUTHORIZATION)
    if not _is_ours(world, token.strip()):
        known = world.access_tokens.find(token.strip())
        raise refusal(
            401,
            sentences.NOT_AUTHENTICATED,
            hint="this channel access token has expired or was revoked"
            if known or world.access_tokens.long_lived_revoked
            else "this is not the simulator's channel access token",
        )


def _is_ours(world: World, token: str) -> bool:
    long_lived = hmac.compare_digest(
        token.encode("utf-8", "surrogatepass"), world.channel_access_token.encode()
    )
    if long_lived:
        return not world.access_tokens.long_lived_revoked
    return world.access_tokens.accepts(token, world.now())


def _limit_rate(world: World, operation: Operation) -> None:
    """https://developers.line.biz/en/reference/messaging-api/#rate-limits"""
    if world.rate_limits and not world.rates.takes(operation.name, operation.rate, world.now()):
        calls, seconds = operation.rate
        hint = f"{operation.name} takes {calls} calls in {seconds} s"
        headers = _retry_after(world, world.rates.wait(operation.name, operation.rate))
        raise refusal(429, sentences.RATE_LIMIT, hint=hint, headers=headers)


def _retry_after(world: World, seconds: int) -> dict[str, str]:
    """The header of a 429 of the rate, where LINE is guessed to send one."""
    return {"retry-after": str(seconds)} if world.guesses.rate_limit_retry_after else {}


def _retry_key(world: World, request: Request, operation: Operation) -> str:
    """The retry key, if one was given. Raises 400 where none may be, 409 if it was accepted.

    An empty one is none: LINE's SDK for Go sends the header with every push, filled or not.
    https://github.com/line/line-bot-sdk-go/blob/master/linebot/messaging_api/api_messaging_api.go
    """
    key = request.headers.get("x-line-retry-key")
    if not key:
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
    pairs = pairs_of(request.query)
    every: dict[str, list[str]] = {}
    for name, value in pairs:
        every.setdefault(name, []).append(value)
    asked = Asked(
        world=exchange.world,
        params=exchange.found.params,
        query=dict(pairs),
        every=every,
        headers=request.headers,
        json={},
        text="",
        request_id=exchange.id,
    )
    if operation.body != "none" and request.method != "GET":
        _read_body(asked, request, operation.body)
        exchange.body = _shown_body(asked, operation)
    return asked


def _read_body(asked: Asked, request: Request, kind: Body) -> None:
    """Put the body where the operation looks for it. Raises 413 and 415."""
    if len(request.body) > MOST_BYTES:
        raise refusal(413, sentences.TOO_LARGE)
    if kind == "optional" and not request.body.strip():
        return
    asked.raw = request.body
    given = request.headers.get("content-type", "")
    if kind != "bytes" and media_type(given) != CONTENT_TYPES[kind]:
        raise refusal(415, f"The content type, {given or 'null'}, is not supported")
    if kind == "form":
        asked.form = form_of(request.body)
    elif kind == "files":
        asked.parts = parts_of(given, request.body)
    elif kind != "bytes":
        asked.json, asked.text = parse(request.body)


def _shown_body(asked: Asked, operation: Operation) -> Any:
    """The body for the wire: secrets hidden, bytes by their number."""
    if operation.body == "form":
        return hidden(asked.form)
    if operation.body == "files":
        return {name: f"{len(part.data)} bytes" for name, part in asked.parts.items()}
    if operation.body == "bytes":
        return f"{len(asked.raw)} bytes"
    return asked.json


def hidden(values: Json) -> Json:
    """The same without what nobody is to see."""
    return {name: "…" if name in SECRETS else value for name, value in values.items()}


def _response(made: Answer, request_id: str) -> Response:
    body = msgspec.json.encode(made.json) if made.content is None else made.content
    headers = {**HEADERS, "x-line-request-id": request_id, **made.headers}
    if not body:  # nothing is no JSON, and clients that believe a header would fail to read it
        del headers["content-type"]
    return Response(
        status=made.status,
        headers=headers,
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
        query=_shown_query(request, operation),
        request_headers=headers,
        request=exchange.body,
        status=made.status,
        response_headers=response.headers,
        response=_shown_answer(made, operation),
        milliseconds=milliseconds,
        request_id=exchange.id,
        chat=made.chat,
        hint=made.hint,
        fault=described(exchange.fault) if exchange.fault is not None else "",
    )


def _shown_answer(made: Answer, operation: Operation | None) -> Any:
    if made.content is not None:
        return f"{len(made.content)} bytes"
    secret = operation is not None and operation.secret and isinstance(made.json, dict)
    return hidden(made.json) if secret else made.json


def _shown_query(request: Request, operation: Operation | None) -> str:
    if operation is None or not operation.secret:
        return request.query
    return urlencode(hidden(dict(pairs_of(request.query))), safe="…")
