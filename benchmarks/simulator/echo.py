"""A bot that costs next to nothing: verifies the signature and answers, with or without a reply.

`python -m benchmarks.simulator.echo PORT reply ORIGIN_PORT`, or `PORT silent 0`. Each event of a
webhook is answered with one call of the reply endpoint, before the webhook itself is.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import sys

import msgspec

from benchmarks import work
from benchmarks.simulator.light import Lines, Messages, post

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
REFUSED = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"
SIGNATURE = b"\r\nx-line-signature: "


class Message(msgspec.Struct):
    text: str = ""


class Event(msgspec.Struct, rename="camel"):
    reply_token: str
    message: Message


class Webhook(msgspec.Struct):
    events: list[Event]


READ = msgspec.json.Decoder(Webhook)


class Bot(Messages):
    """One connection of LINE's."""

    def __init__(self, line: Lines | None) -> None:
        super().__init__()
        self._line = line
        self._tasks: set[asyncio.Task[None]] = set()

    def message(self, head: bytes, body: bytes) -> None:
        given = head.partition(SIGNATURE)[2].partition(b"\r\n")[0]
        digest = base64.b64encode(hmac.digest(work.SECRET.encode(), body, "sha256"))
        if not hmac.compare_digest(given, digest):
            self.write(REFUSED)
        elif self._line is None:
            self.write(OK)
        else:
            task = asyncio.ensure_future(self._reply(self._line, READ.decode(body)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _reply(self, line: Lines, webhook: Webhook) -> None:
        answers = [
            await line.ask(reply_to(event.reply_token, event.message.text))
            for event in webhook.events
        ]
        self.write(OK if {status for status, _ in answers} == {200} else REFUSED)


def reply_to(token: str, text: str) -> bytes:
    said = {"replyToken": token, "messages": [{"type": "text", "text": text}]}
    headers = {"authorization": f"Bearer {work.TOKEN}"}
    return post("/v2/bot/message/reply", msgspec.json.encode(said), headers)


async def main(port: str, kind: str, origin: str) -> None:
    line = Lines(int(origin)) if kind == "reply" else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Bot(line), "127.0.0.1", int(port))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
