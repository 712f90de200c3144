"""The same exchange without a simulated LINE: what Starlette and uvicorn cost by themselves.

`python -m benchmarks.simulator.floor PORT BOT_PORT`. It reads who writes, signs a webhook with one
event for each act, posts it to the bot and answers; the reply endpoint reads and answers. Nothing
is checked and nothing is kept but the texts that are on their way. Like the simulator it is served
by uvicorn with what is installed; webhooks go out over the lightest client there is.
"""

from __future__ import annotations

import base64
import hmac
import itertools
import sys
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks import work
from benchmarks.simulator.light import Lines, post

Json = dict[str, Any]


class Floor:
    """The handlers, and the texts of replies by the token that they came with."""

    def __init__(self, bot: int) -> None:
        self._bot = Lines(bot)
        self._numbers = itertools.count()
        self._said: dict[str, list[Json]] = {}

    async def message(self, request: Request) -> Response:
        asked = msgspec.json.decode(await request.body())
        events = [self._event(act["text"]) for act in asked.get("events", [asked])]
        status, _ = await self._bot.ask(_webhook(events))
        said = (self._said.pop(one["replyToken"], []) for one in events)
        replies = [message for messages in said for message in messages]
        return _json({"webhook": {"status": status}, "replies": replies})

    def _event(self, text: str) -> Json:
        number = next(self._numbers)
        event: Json = work.event(number, 0)
        event["message"]["text"] = text
        return event

    async def reply(self, request: Request) -> Response:
        asked = msgspec.json.decode(await request.body())
        self._said[asked["replyToken"]] = asked["messages"]
        return _json({"sentMessages": [{"id": "5"} for _ in asked["messages"]]})

    async def person(self, _request: Request) -> Response:
        return _json({})


def _webhook(events: list[Json]) -> bytes:
    body = msgspec.json.encode({"destination": "U" + "0" * 32, "events": events})
    digest = hmac.digest(work.SECRET.encode(), body, "sha256")
    return post("/", body, {"x-line-signature": base64.b64encode(digest).decode()})


def _json(value: Json) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


def application(bot: int) -> Starlette:
    floor = Floor(bot)
    ways = {
        "/sim/message": floor.message,
        "/sim/webhook": floor.message,
        "/sim/people": floor.person,
        "/v2/bot/message/reply": floor.reply,
    }
    return Starlette(routes=[Route(path, do, methods=["POST"]) for path, do in ways.items()])


if __name__ == "__main__":
    port, bot = map(int, sys.argv[1:])
    uvicorn.run(application(bot), port=port, log_level="warning", access_log=False, ws="none")
