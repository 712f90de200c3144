"""People who write, in a process of their own: each writes again when the webhook was answered.

`python -m benchmarks.delivery.load PORT PEOPLE SECONDS MOST FIRST` prints one line of JSON: the
milliseconds of the answers, how many were no 200, and how long it took in all. Nobody writes more
than MOST messages; FIRST makes the ids of this run differ from those of others.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import sys
import time

from benchmarks import work


def request(number: int, person: int) -> bytes:
    """A whole HTTP request with a signed webhook of that person."""
    raw, _ = work.webhook(number)
    webhook = json.loads(raw)
    event = webhook["events"][0]
    event["source"]["userId"] = f"U{person:032x}"
    event["timestamp"] = time.time_ns() // 1_000_000
    body = json.dumps(webhook, separators=(",", ":"), ensure_ascii=False).encode()
    digest = hmac.new(work.SECRET.encode(), body, hashlib.sha256).digest()
    head = (
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"User-Agent: LineBotWebhook/2.0\r\nX-Line-Signature: {base64.b64encode(digest).decode()}"
        f"\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Person:
    """One who writes, over a connection that is kept as long as the server keeps it."""

    def __init__(self, port: int, number: int) -> None:
        self.port = port
        self.number = number
        self.milliseconds: list[float] = []
        self.refused = 0
        self._connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def write(self, until: float, most: int, first: int) -> None:
        while len(self.milliseconds) < most and time.monotonic() < until:
            number = first + self.number * 10_000 + len(self.milliseconds)
            wanted = request(number, self.number)
            began = time.perf_counter()
            status = await self._post(wanted)
            self.milliseconds.append((time.perf_counter() - began) * 1000)
            self.refused += status != 200
        self._hang_up()

    async def _post(self, wanted: bytes) -> int:
        if self._connection is None:
            self._connection = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._connection
        writer.write(wanted)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            self._hang_up()
            return 0
        lower = head.lower()
        length = int(lower.partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        if lower.startswith(b"http/1.0") or b"connection: close" in lower:
            self._hang_up()
        return int(head.split(b" ", 2)[1])

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection[1].close()
            self._connection = None


async def main(port: str, people: str, seconds: str, most: str, first: str) -> None:
    crowd = [Person(int(port), number) for number in range(int(people))]
    began = time.monotonic()
    until = began + float(seconds)
    await asyncio.gather(*(one.write(until, int(most), int(first)) for one in crowd))
    found = {
        "milliseconds": [round(each, 2) for one in crowd for each in one.milliseconds],
        "refused": sum(one.refused for one in crowd),
        "seconds": time.monotonic() - began,
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:]))
