"""`penniless secrets`: put the bot's secrets into the SSM Parameter Store, and look after them.

A secret is typed without an echo, or read from where it is already: it is never an option, which
every program on the machine could read and the shell would remember; and it is never printed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from penniless.cli.sentences import one_sentence
from penniless.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.aws.secrets import Secrets
    from penniless.cli.aws_access import Account
    from penniless.cli.parameters import Parameter

app = typer.Typer(
    name="secrets",
    no_args_is_help=True,
    help="Keep the secrets of a deployed bot in the SSM Parameter Store.",
)

QUESTIONS = {
    "LINE_CHANNEL_SECRET": "Channel secret (console, Basic settings)",
    "LINE_CHANNEL_ACCESS_TOKEN": "Channel access token (console, Messaging API)",
}

At = Annotated[
    str | None,
    typer.Option(
        "--path",
        metavar="PATH",
        help="Where they are: a slash and the name of the stack.",
        show_default="that of samconfig.toml, if it is here",
    ),
]
Region = Annotated[str | None, typer.Option(help="The AWS Region of the bot.")]
Profile = Annotated[str | None, typer.Option(help="The AWS profile to use.")]


@app.command("set", epilog="Example: penniless secrets set --path /mybot")
def set_(
    *,
    path: At = None,
    channel_id: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER",
            help="Store the channel id too; the bot can then do without an access token.",
        ),
    ] = None,
    from_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Take them from a .env file; - is standard input."),
    ] = None,
    from_environment: Annotated[
        bool, typer.Option("--from-environment", help="Take them from the variables LINE_….")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Replace what is there without asking.")
    ] = False,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Store the channel secret and the channel access token; asks for them without an echo."""
    with one_sentence(), _nothing_on_end_of_input():
        given = _given(from_file, from_environment)
        if given is None and not sys.stdin.isatty():
            raise SettingsError(
                "there is no terminal to ask on; say --from-file .env, --from-file - or "
                "--from-environment"
            )
        where = _path(path)
        run_set(_account(region, profile), where, given, channel_id=channel_id, yes=yes)


@app.command(epilog="Example: penniless secrets check --path /mybot --line")
def check(
    *,
    path: At = None,
    line: Annotated[
        bool, typer.Option("--line", help="Ask LINE, too, whether it accepts them.")
    ] = False,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Say whether the secrets are there, without showing them."""
    with one_sentence():
        where = _path(path)
        raise typer.Exit(run_check(_account(region, profile), where, ask_line=line))


def run_set(
    account: Account,
    path: str,
    given: Mapping[str, str] | None,
    *,
    channel_id: str | None,
    yes: bool,
) -> None:
    """Store what is given, or what a person types. Raises SettingsError."""
    from penniless.aws.secrets import Secrets
    from penniless.cli.parameters import checked, found_in, write

    asked = {"LINE_CHANNEL_ID": checked("LINE_CHANNEL_ID", channel_id)} if channel_id else {}
    new = {name: checked(name, value) for name, value in {**(given or {}), **asked}.items()}
    there = found_in(account, path)
    _all_encrypted(path, there)
    names = list(new) if given is not None else [*QUESTIONS, *new]
    for name in names:
        if name in there and not yes and not _may_replace(f"{path}/{name}", there[name]):
            new.pop(name, None)
        elif name not in new and (typed := _typed(name)):
            new[name] = checked(name, typed)
    if not new:
        raise SettingsError("nothing was changed")
    write(account, path, new, replaced=set(there))
    for name in new:
        print(f"stored {path}/{name}")
    if new.keys() & there.keys():
        print("A function that runs already keeps the old ones until it is deployed again.")
    missing = Secrets({**dict.fromkeys(there, "there"), **new}).missing
    if missing:
        print(f"penniless: {path}/{missing} is still missing", file=sys.stderr)


def run_check(account: Account, path: str, *, ask_line: bool) -> int:
    """Print what is there; returns the exit code, 1 if something is amiss."""
    from penniless.aws.secrets import NAMES, Secrets
    from penniless.cli.parameters import found_in, values

    there = found_in(account, path)
    missing = Secrets(dict.fromkeys(there, "there")).missing
    for name in NAMES:
        print(f"{path}/{name:<25}  {_state(there.get(name), needed=name == missing)}")
    if missing:
        raise SettingsError(f"{path}/{missing} is missing: store it with `penniless secrets set`")
    if ask_line:
        _ask_line(Secrets(values(account, path)))
    return 0 if all(one.is_encrypted for one in there.values()) else 1


def _account(region: str | None, profile: str | None) -> Account:
    from penniless.cli.aws_access import open_account

    return open_account(region, profile)


def _path(given: str | None) -> str:
    from penniless.cli.parameters import checked_path
    from penniless.cli.samconfig import deployed

    found = given or deployed("stack_name")
    if not found:
        raise SettingsError("say where they belong: --path /mybot, with the name of the stack")
    return checked_path(found)


def _given(file: str | None, environment: bool) -> dict[str, str] | None:
    """The secrets from where the options say; None if a person is to be asked."""
    import os

    from penniless.aws.secrets import NAMES

    if file and environment:
        raise SettingsError("say --from-file or --from-environment, not both")
    if not file and not environment:
        return None
    source = _dotenv(file) if file else os.environ
    found = {name: value for name in NAMES if (value := (source.get(name) or "").strip())}
    if not found:
        raise SettingsError(f"{file or 'the environment'} has none of {', '.join(NAMES)}")
    return found


def _dotenv(file: str) -> dict[str, str | None]:
    from io import StringIO

    from dotenv import dotenv_values

    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise SettingsError(f"{file} cannot be read: {reason}") from None
    return dotenv_values(stream=StringIO(text), interpolate=False)


def _all_encrypted(path: str, there: Mapping[str, Parameter]) -> None:
    """Raise SettingsError for one that lies open: its type cannot be changed by writing it."""
    for name, found in there.items():
        if not found.is_encrypted:
            raise SettingsError(
                f"{path}/{name} is there as a plain {found.kind}; delete it first: "
                f"aws ssm delete-parameter --name {path}/{name}"
            )


def _may_replace(name: str, found: Parameter) -> bool:
    if not sys.stdin.isatty():
        raise SettingsError(f"{name} is there already; say --yes to replace it")
    return typer.confirm(f"{name} is there, of {found.changed:%Y-%m-%d}. Replace it?", err=True)


def _typed(name: str) -> str:
    from getpass import getpass

    return getpass(f"{QUESTIONS[name]}, empty for none: ").strip()


def _state(found: Parameter | None, *, needed: bool) -> str:
    if found is None:
        return "missing" if needed else "not set"
    kind = "encrypted" if found.is_encrypted else f"NOT ENCRYPTED ({found.kind})"
    return f"{kind}, of {found.changed:%Y-%m-%d %H:%M}"


def _ask_line(found: Secrets) -> None:
    """Print whose bot it is. Raises SettingsError or a LineError if LINE does not accept them."""
    from penniless.cli.line_access import line_with, shown_by
    from penniless.cli.logs_view import harmless

    with line_with(found) as line:
        bot = line.bot_info()
    whose = f"{harmless(bot.display_name)} ({harmless(bot.basic_id)})"
    print(f"LINE accepts the {shown_by(found)} of {whose}")


@contextmanager
def _nothing_on_end_of_input() -> Iterator[None]:
    """Ctrl-D at a question is an answer, too."""
    try:
        yield
    except (EOFError, typer.Abort):
        raise SettingsError("nothing was changed") from None
