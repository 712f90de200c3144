"""The three doors, whole: our events have the shapes that AWS documents, and the bot answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser.models import (
    APIGatewayProxyEventModel,
    APIGatewayProxyEventV2Model,
    LambdaFunctionUrlModel,
)

from penniless.aws import lambda_handler_for
from penniless.line.signature import sign
from tests.aws.gateway_events import DOORS, Json
from tests.fakes import SECRET, said, stage, webhook

MODELS: dict[str, Any] = {
    "url": LambdaFunctionUrlModel,
    "http": APIGatewayProxyEventV2Model,
    "rest": APIGatewayProxyEventModel,
}

each_door = pytest.mark.parametrize("door", DOORS)
plain_or_base64 = pytest.mark.parametrize("encoded", [False, True], ids=["plain", "base64"])


def event_for(door: str, **options: Any) -> Json:
    body = webhook(said("ありがとう 🙏"))
    make: Callable[..., Json] = DOORS[door]
    return make(body, sign(SECRET, body), **options)


@each_door
@plain_or_base64
def test_events_have_the_documented_shape(door: str, *, encoded: bool) -> None:
    """Powertools' models, an independent reading of AWS's pages, take every event of ours."""
    event = event_for(door, encoded=encoded)

    model = MODELS[door].model_validate(event)

    assert model.model_dump(by_alias=True)["body"] == event["body"]


@each_door
@plain_or_base64
def test_every_door_leads_to_the_bot(door: str, *, encoded: bool) -> None:
    """The signature is found and the body decoded; the answer is one that every gateway takes."""
    bot, line, _ = stage()
    bot.text(lambda ctx: ctx.text)

    response = lambda_handler_for(bot)(event_for(door, encoded=encoded), None)

    assert response == {
        "statusCode": 200,
        "headers": {"content-type": "text/plain; charset=utf-8"},
        "body": "OK",
        "isBase64Encoded": False,
    }
    assert [call.messages for call in line.calls] == [[{"type": "text", "text": "ありがとう 🙏"}]]


@each_door
def test_other_methods_are_refused(door: str) -> None:
    """A visitor with a browser gets 405, and the bot hears nothing."""
    event = event_for(door)
    if "http" in event["requestContext"]:
        event["requestContext"]["http"]["method"] = "GET"
    else:
        event["httpMethod"] = "GET"
    bot = stage().bot

    response = lambda_handler_for(bot)(event, None)

    assert (response["statusCode"], response["headers"]["allow"]) == (405, "POST")
    assert bot.counters == {}
