"""`penniless serve`: a bot behind uvicorn, with SQLite, for the real LINE."""

from __future__ import annotations

import signal
import socket
import sys
from pathlib import Path

import uvicorn

from penniless.asgi import asgi_app_for
from penniless.bot import Bot
from penniless.cli.loading import find, load_bot, load_dotenv
from penniless.errors import SettingsError

GRACE = 30
"""Seconds that begun webhooks get to finish after Ctrl-C or SIGTERM."""


def run(path: str, *, host: str, port: int, store: Path) -> None:
    """Serve until Ctrl-C or SIGTERM, then finish what has begun."""
    load_dotenv(find(path)[0].parent)
    bot = load_bot(path)
    prepare(bot, store)
    with listening(host, port) as listener:
        where = f"http://{host}:{listener.getsockname()[1]}"
        print(f"{path} listens on {where}; every POST is a webhook. Ctrl-C stops.", flush=True)
        serve_on(bot, listener)
    print("stopped", file=sys.stderr)


def prepare(bot: Bot, store: Path) -> None:
    """Give the bot the SQLite store, if it brings none, and check its settings.

    Raises SettingsError or StoreUnavailable.
    """
    if not bot.has_store:
        from penniless.stores.sqlite import SQLiteStore

        bot.use(store=SQLiteStore(store))
    bot.connect()


def listening(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SettingsError if the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        made = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
    # asyncio turns Nagle's algorithm off only where the protocol is named: else 40 ms an answer.
    return socket.socket(made.family, made.type, socket.IPPROTO_TCP, fileno=made.detach())


def serve_on(bot: Bot, listener: socket.socket) -> None:
    """Run uvicorn on a socket that listens already, until Ctrl-C or SIGTERM.

    uvicorn sends itself the signal once more when it has stopped in order, to end as if it had
    been killed. It has not been: the exit code of an orderly end is 0.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        asgi_app_for(bot, store=None),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listener])
