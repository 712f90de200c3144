"""The bot of the chaos suite, as it runs in a process of its own.

Law of this module: its handlers are ordinary ones; what is out of order around them (a clock that
goes wrong, a kill at a step) comes in by the doors that every bot has: its store, its LINE client.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from pathlib import Path
from typing import Any

import uvicorn
from msgspec import Struct

from penniless import Bot
from penniless.asgi import App, asgi_app_for
from penniless.context import Context
from penniless.line.client import LineClient
from penniless.services import Services
from penniless.stores.aws_environment import Credentials
from penniless.stores.dynamodb import DynamoDBStore
from penniless.stores.sqlite import SQLiteStore
from tests.chaos import talk
from tests.chaos.clock import SharedClock
from tests.chaos.steps import Steps

SLOW = 0.3
"""Seconds that the slow handlers go on beyond the deadline."""


class Plan(Struct, kw_only=True):
    """How a bot is to run; it goes to the process as JSON."""

    port: int
    origin: str
    secret: str
    token: str
    clock: str
    ledger: str
    """The file into which `ctx.once` writes."""
    sqlite: str = ""
    dynamodb: str = ""
    """The endpoint; `table` is the table."""
    table: str = ""
    region: str = ""
    store_budget: float = 10.0
    """Seconds for an operation of the DynamoDB store with all its attempts."""
    trace: str = ""
    kill_at: int | None = None
    skew: int = 0
    deadline: float = 0.15
    push_budget: int = 0
    careful: bool | None = None
    recover_every: float = 0.0
    """Seconds between two looks for what was left open; 0 is only when it is told to."""


class ChaosBot(Bot):
    """A bot with the clock of the suite."""

    clock: SharedClock

    def _make_services(self) -> Services:
        services = super()._make_services()
        services.clock = self.clock
        return services


def make_bot(plan: Plan, steps: Steps) -> ChaosBot:
    bot = ChaosBot(
        channel_secret=plan.secret,
        channel_access_token=plan.token,
        store=_store(plan, steps),
        line=steps.around_line(
            LineClient(plan.token, api_origin=plan.origin, data_origin=plan.origin)
        ),
        deadline=plan.deadline,
        push_budget=plan.push_budget,
        careful=plan.careful,
    )
    bot.clock = SharedClock(Path(plan.clock), skew=plan.skew)
    _add_handlers(bot, steps, Path(plan.ledger), plan.deadline + SLOW)
    return bot


def _store(plan: Plan, steps: Steps) -> Any:
    if plan.sqlite:
        return steps.around_store(SQLiteStore(Path(plan.sqlite)))
    return steps.around_requests(
        DynamoDBStore(
            plan.table,
            endpoint=plan.dynamodb,
            region=plan.region,
            credentials=lambda: Credentials("test", "test"),
            budget=plan.store_budget,
            connect_timeout=min(plan.store_budget, 2.0),
            read_timeout=min(plan.store_budget, 2.0),
        )
    )


def _add_handlers(bot: Bot, steps: Steps, ledger: Path, slow: float) -> None:
    def number(ctx: Context) -> int:
        ctx.state["n"] = ctx.state.get("n", 0) + 1
        found: int = ctx.state["n"]
        return found

    def charge(ctx: Context) -> None:
        ctx.once("charge", lambda: steps.run("charge", lambda: _note(ledger, ctx.text)))

    @bot.text("mixed .*")
    def mixed(ctx: Context) -> list[str]:
        found = number(ctx)
        charge(ctx)
        time.sleep(slow)
        return talk.answer_to(ctx.text, found)

    @bot.text("count .*")
    def count(ctx: Context) -> list[str]:
        return talk.answer_to(ctx.text, number(ctx))

    @bot.text("slow .*")
    def slowly(ctx: Context) -> list[str]:
        time.sleep(slow)
        return talk.answer_to(ctx.text)

    @bot.text("once .*")
    def once(ctx: Context) -> list[str]:
        charge(ctx)
        return talk.answer_to(ctx.text)

    @bot.text("early .*")
    def early(ctx: Context) -> list[str]:
        first, *rest = talk.answer_to(ctx.text)
        ctx.reply(first)
        return rest

    @bot.text()
    def plainly(ctx: Context) -> list[str]:
        return talk.answer_to(ctx.text)


def _note(ledger: Path, text: str) -> str:
    """One line in the ledger, in one write: the side effect that nobody can take back."""
    file = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(file, f"{text}\n".encode())
    finally:
        os.close(file)
    return text


class Doors:
    """The bot's ASGI application, and beside it a way to tell it to wait and to recover."""

    def __init__(self, bot: Bot, app: App) -> None:
        self._bot = bot
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        asked = _ORDERS.get(scope.get("path", ""))
        if asked is None:
            await self._app(scope, receive, send)
            return
        try:
            status, told = 200, await asyncio.to_thread(asked, self._bot)
        except Exception as error:  # noqa: BLE001  # the suite wants to see it
            status, told = 500, repr(error)
        body = json.dumps(told).encode()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})


_ORDERS = {
    "/chaos/wait": lambda bot: bot.wait(30),
    "/chaos/recover": lambda bot: bot.recover(30, limit=1000),
    "/chaos/counters": lambda bot: bot.counters,
}


def run(plan: Plan, listener: socket.socket) -> None:
    """Serve until the process ends."""
    steps = Steps(Path(plan.trace) if plan.trace else None, plan.kill_at)
    bot = make_bot(plan, steps)
    app = asgi_app_for(bot, store=None)
    app._service.recover_every = plan.recover_every or 10**6
    config = uvicorn.Config(
        Doors(bot, app), log_level="error", access_log=False, lifespan="on", ws="none"
    )
    uvicorn.Server(config).run(sockets=[listener])
