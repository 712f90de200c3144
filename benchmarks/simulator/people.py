"""People who write: a bounded number at a time, each again when the bot has answered.

`python -m benchmarks.simulator.people PORT PEOPLE EVENTS REPLIES` reads numbers of webhooks from
standard input and prints a line of JSON for each: the seconds it took, the milliseconds of each,
and how many failed, because the bot did not answer or not all REPLIES were there. EVENTS above 1 go
out together, in one webhook, by `/sim/webhook`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import msgspec

from benchmarks.simulator.light import Line, post

TEXT = "こんにちは, hello 🍎"


class Delivered(msgspec.Struct):
    status: int | None = None


class Said(msgspec.Struct):
    text: str


class Outcome(msgspec.Struct):
    """What `/sim/message` and `/sim/webhook` answer, as far as it is looked at."""

    webhook: Delivered
    replies: list[Said]


READ = msgspec.json.Decoder(Outcome)


def request(name: str, number: int, events: int) -> bytes:
    acts = [{"from": name, "text": f"{TEXT} {number}.{one}"} for one in range(events)]
    if events == 1:
        return post("/sim/message", msgspec.json.encode(acts[0]))
    return post("/sim/webhook", msgspec.json.encode({"events": acts}))


class Crowd:
    """People with a connection each."""

    def __init__(self, lines: list[Line], events: int, replies: int) -> None:
        self._lines = lines
        self._events = events
        self._replies = replies
        self._left = 0
        self.milliseconds: list[float] = []
        self.failed = 0

    async def write(self, webhooks: int) -> float:
        """So many webhooks in all; the seconds they took."""
        self._left, self.milliseconds, self.failed = webhooks, [], 0
        began = time.perf_counter()
        await asyncio.gather(*(self._person(f"p{at}", line) for at, line in enumerate(self._lines)))
        return time.perf_counter() - began

    async def _person(self, name: str, line: Line) -> None:
        while self._left > 0:
            self._left -= 1
            wanted = request(name, self._left, self._events)
            began = time.perf_counter()
            status, body = await line.ask(wanted)
            self.milliseconds.append((time.perf_counter() - began) * 1000)
            outcome = READ.decode(body)
            found = (status, outcome.webhook.status, len(outcome.replies))
            self.failed += found != (200, 200, self._replies)


async def introduced(line: Line, name: str) -> None:
    """The person exists and is a friend; the floor answers this as it answers everything."""
    asked = {"name": name, "quiet": True}
    await line.ask(post("/sim/people", msgspec.json.encode(asked)))


async def main(port: str, people: str, events: str, replies: str) -> None:
    lines = [await Line.to(int(port)) for _ in range(int(people))]
    for at, line in enumerate(lines):
        await introduced(line, f"p{at}")
    crowd = Crowd(lines, int(events), int(replies))
    loop = asyncio.get_running_loop()
    while wanted := await loop.run_in_executor(None, sys.stdin.readline):
        seconds = await crowd.write(int(wanted))
        times = [round(one, 2) for one in crowd.milliseconds]
        found = {"seconds": seconds, "milliseconds": times, "failed": crowd.failed}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
