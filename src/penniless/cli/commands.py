"""The commands and their options; `penniless --help` is drawn from here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from penniless import __version__
from penniless.errors import PennilessError

app = typer.Typer(
    name="penniless",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Write a LINE chatbot in ten lines of Python and talk to it on your laptop.",
)

BotFile = Annotated[
    str,
    typer.Argument(
        metavar="APP.PY",
        help="The bot's file, its folder, or app.py:name where a file has several bots.",
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=65535,
        show_default="8080, or the next free one",
        help="Port of the simulated LINE and its page.",
    ),
]
AllowHttp = Annotated[
    bool,
    typer.Option("--allow-http", help="Accept http://localhost URLs in messages; LINE does not."),
]


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Every failure that a person can mend is one sentence on stderr and exit code 1."""
    try:
        yield
    except PennilessError as error:
        print(f"penniless: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _version(wanted: bool) -> None:
    if wanted:
        print(f"penniless {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command(
    epilog="Example: penniless dev app.py",
)
def dev(
    path: BotFile = "app.py",
    port: Port = None,
    store: Annotated[
        Path | None,
        typer.Option(help="Keep the log in this SQLite file instead of a temporary one."),
    ] = None,
    allow_http: AllowHttp = False,
) -> None:
    """Talk to a bot in a chat page, with a simulated LINE; a saved change restarts the bot."""
    with _one_sentence():
        from penniless.cli.dev import run

        run(path, port=port, store=store, allow_http=allow_http)


@app.command(
    epilog="Example: penniless sim --webhook http://127.0.0.1:3000/callback",
)
def sim(
    webhook: Annotated[
        str | None, typer.Option(help="Where the bot listens; it can be set later through the API.")
    ] = None,
    port: Port = None,
    allow_http: AllowHttp = False,
) -> None:
    """Simulate LINE for a bot in any language, written with any SDK."""
    with _one_sentence():
        from penniless.cli.sim import run

        run(webhook, port=port, allow_http=allow_http)


@app.command(
    epilog="Example: printf 'hello\\n' | penniless chat app.py",
)
def chat(
    path: BotFile = "app.py",
    name: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Who talks: alice, bob, or a new person.")
    ] = "alice",
) -> None:
    """Talk to a bot in the terminal; lines from a pipe are sent one by one."""
    with _one_sentence():
        from penniless.cli.chat import run

        raise typer.Exit(run(path, name=name))


@app.command(
    epilog="Example: penniless serve app.py --host 0.0.0.0 --port 8000",
)
def serve(
    path: BotFile = "app.py",
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")] = 8000,
    store: Annotated[Path, typer.Option(help="The SQLite file of the log and the state.")] = Path(
        "penniless.sqlite3"
    ),
) -> None:
    """Serve a bot on a machine of your own, for the real LINE."""
    with _one_sentence():
        from penniless.cli.serve import run

        run(path, host=host, port=port, store=store)
