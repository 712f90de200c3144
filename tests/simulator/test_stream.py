"""Server-sent events: news reach who watches, and whoever lost the line catches up."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx

from penniless.simulator import Simulator
from penniless.simulator.stream import Broadcaster, News


async def first(broadcaster: Broadcaster, count: int, last_seen: int | None = None) -> list[News]:
    """The first few news that a watcher gets."""
    found = []
    async for news in broadcaster.watch(last_seen):
        found.append(news)
        if len(found) == count:
            break
    return found


def test_every_watcher_gets_everything() -> None:
    async def run() -> None:
        broadcaster = Broadcaster()
        broadcaster.open()
        watching = [asyncio.create_task(first(broadcaster, 2)) for _ in range(2)]
        await asyncio.sleep(0)
        broadcaster.tell("entry", 1)
        broadcaster.tell("wire", 2)
        expected = [(1, "entry", 1), (2, "wire", 2)]
        assert await asyncio.gather(*watching) == [expected, expected]

    asyncio.run(run())


def test_news_from_other_threads() -> None:
    async def run() -> None:
        broadcaster = Broadcaster()
        broadcaster.open()
        watching = asyncio.create_task(first(broadcaster, 1))
        await asyncio.sleep(0)
        thread = threading.Thread(target=broadcaster.tell, args=("bot", "failed"))
        thread.start()
        thread.join()
        assert await watching == [(1, "bot", "failed")]

    asyncio.run(run())


def test_a_watcher_that_comes_back_gets_what_it_missed() -> None:
    async def run() -> None:
        broadcaster = Broadcaster()
        broadcaster.open()
        for number in range(1, 6):
            broadcaster.tell("entry", number)
        assert [one[0] for one in await first(broadcaster, 2, last_seen=3)] == [4, 5]

    asyncio.run(run())


def test_a_watcher_that_falls_behind_is_cut_off() -> None:
    """It gets what was waiting for it, and then its stream ends."""

    async def run() -> None:
        broadcaster = Broadcaster(behind=3)
        broadcaster.open()
        watching = asyncio.create_task(first(broadcaster, 100))
        await asyncio.sleep(0)
        for number in range(10):
            broadcaster.tell("entry", number)
        assert [one[2] for one in await watching] == [0, 1, 2]

    asyncio.run(run())


def test_closing_ends_all_streams() -> None:
    async def run() -> None:
        broadcaster = Broadcaster()
        broadcaster.open()
        watching = asyncio.create_task(first(broadcaster, 1))
        await asyncio.sleep(0)
        broadcaster.close()
        assert await watching == []
        assert await first(broadcaster, 1) == []

    asyncio.run(run())


def test_news_before_and_after_a_server_are_no_error() -> None:
    broadcaster = Broadcaster()
    broadcaster.tell("entry", 1)

    async def run() -> None:
        broadcaster.open()

    asyncio.run(run())
    broadcaster.tell("entry", 2)

    async def run_again() -> list[News]:
        broadcaster.open()
        return await first(broadcaster, 1, last_seen=0)

    assert asyncio.run(run_again()) == [(1, "entry", 1)]


def events_of(lines: Iterator[str]) -> Iterator[tuple[str, str, Any]]:
    """Id, name and value of the events of a stream."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif "data" in fields:
            yield fields["id"], fields["event"], json.loads(fields["data"])
            fields = {}


def test_a_conversation_over_http(sim: httpx.Client, simulator: Simulator) -> None:
    """A person's message shows up as entry and wire, twice on the wire: under way and done."""
    with sim.stream("GET", "/sim/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = events_of(answer.iter_lines())
        sim.post("/sim/message", json={"from": "alice", "text": "สวัสดี\r\n二行目"})
        seen = [next(events) for _ in range(4)]
    assert [name for _, name, _ in seen] == ["entry", "wire", "wire", "entry"]
    numbers = [int(number) for number, _, _ in seen]
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    values = [value for _, _, value in seen]
    assert values[0]["text"] == "สวัสดี\r\n二行目"
    assert values[1]["seq"] == values[2]["seq"]
    assert values[2]["done"] is True
    assert (values[3]["seq"], values[3]["read"]) == (values[0]["seq"], True)


def test_changes_of_the_world_over_http(sim: httpx.Client, simulator: Simulator) -> None:
    """People, the bot's status and a reset are told too."""
    with sim.stream("GET", "/sim/events") as answer:
        events = events_of(answer.iter_lines())
        sim.post("/sim/people", json={"name": "hanako", "quiet": True})
        _, name, world = next(events)
        assert (name, world["people"][-1]["name"]) == ("world", "hanako")
        simulator.set_bot_status("failed", "SyntaxError in app.py, line 3")
        _, name, bot = next(events)
        assert (name, bot["status"]) == ("bot", "failed")
        simulator.set_bot_status("external")
        assert next(events)[1:] == ("bot", {"status": "external", "detail": ""})
        sim.post("/sim/reset")
        assert [next(events)[1] for _ in range(2)] == ["reset", "world"]


def test_a_page_that_comes_back_over_http(sim: httpx.Client, simulator: Simulator) -> None:
    """The browser names the last event it saw, and gets the rest at once."""
    with sim.stream("GET", "/sim/events") as answer:
        events = events_of(answer.iter_lines())
        sim.post("/sim/message", json={"from": "alice", "text": "one"})
        number, _, _ = next(events)
    with sim.stream("GET", "/sim/events", headers={"last-event-id": number}) as answer:
        following, name, _ = next(events_of(answer.iter_lines()))
    assert (int(following), name) == (int(number) + 1, "wire")
