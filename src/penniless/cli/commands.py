"""The commands and their options; `penniless --help` is drawn from here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from penniless import __version__
from penniless.cli import cost as costs
from penniless.cli import fuse, logs, secrets
from penniless.cli import usage as months
from penniless.cli.sentences import one_sentence as _one_sentence

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
StateFile = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="FILE",
        help="Load the simulated world from this file if it is there, and save it at the end.",
    ),
]

Guessed = Annotated[
    list[str] | None,
    typer.Option(
        "--guess",
        metavar="NAME=VALUE",
        help="Another answer to what LINE does not say, such as replyTokenSeconds=30; "
        "docs/simulator.md lists them. May be given again.",
    ),
]


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
    state: StateFile = None,
    *,
    guess: Guessed = None,
) -> None:
    """Talk to a bot in a chat page, with a simulated LINE; a saved change restarts the bot."""
    with _one_sentence():
        from penniless.cli.dev import run

        run(path, port=port, store=store, allow_http=allow_http, state=state, guesses=guess or ())


@app.command(
    epilog="Example: penniless sim --webhook http://127.0.0.1:3000/callback",
)
def sim(
    webhook: Annotated[
        str | None, typer.Option(help="Where the bot listens; it can be set later through the API.")
    ] = None,
    port: Port = None,
    allow_http: AllowHttp = False,
    state: StateFile = None,
    *,
    guess: Guessed = None,
) -> None:
    """Simulate LINE for a bot in any language, written with any SDK."""
    with _one_sentence():
        from penniless.cli.sim import run

        run(webhook, port=port, allow_http=allow_http, state=state, guesses=guess or ())


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


@app.command(
    epilog="Example: penniless new mybot",
)
def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or empty folder.")],
    name: Annotated[
        str | None,
        typer.Option(help="The name on AWS.", show_default="the folder's name"),
    ] = None,
    door: Annotated[
        str | None,
        typer.Option(
            metavar="url|http|rest",
            help="How webhooks come in: a Function URL (free), an HTTP API or a REST API (paid).",
            show_default="url",
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(help="The AWS Region.", show_default="AWS_REGION, or ap-northeast-1"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
) -> None:
    """Write a project that runs on the laptop and deploys to AWS."""
    with _one_sentence():
        from penniless.cli.new import run

        run(folder, name=name, door=door, region=region, yes=yes)


@app.command(
    epilog='Example: penniless build "$(ARTIFACTS_DIR)", as the Makefile of `sam build` says',
)
def build(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new or empty folder.")],
    source: Annotated[Path, typer.Option(help="The bot's folder.")] = Path(),
    runtime: Annotated[
        str | None,
        typer.Option(
            metavar="python3.N",
            help="Lambda's Python.",
            show_default="what template.yaml says, or python3.13",
        ),
    ] = None,
    arch: Annotated[
        str | None,
        typer.Option(
            metavar="arm64|x86_64",
            help="Lambda's processor.",
            show_default="what template.yaml says, or arm64",
        ),
    ] = None,
) -> None:
    """Make the folder that becomes the function on AWS Lambda; `sam build` runs this."""
    with _one_sentence():
        from penniless.cli.build import run

        run(out, source=source, runtime=runtime, arch=arch)


app.command(epilog=costs.EXAMPLE)(costs.cost)
app.command(epilog=months.EXAMPLE)(months.usage)
app.add_typer(logs.app)
app.add_typer(secrets.app)
app.add_typer(fuse.app)
