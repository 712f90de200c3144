"""`penniless logs`: the subcommands and their options."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from penniless.cli.sentences import one_sentence

app = typer.Typer(
    name="logs",
    no_args_is_help=True,
    help="Read, export and mend the log of a bot, on this machine or on AWS.",
    epilog="Example: penniless logs --failed --since 7d",
)

Store = Annotated[
    Path | None,
    typer.Option(
        help="The SQLite file of the log.", show_default="penniless.sqlite3, if it is here"
    ),
]
Table = Annotated[str | None, typer.Option(help="The DynamoDB table of a deployed bot.")]
Stack = Annotated[
    str | None,
    typer.Option(
        help="The CloudFormation stack of a deployed bot; its table is looked up.",
        show_default="that of samconfig.toml, if it is here",
    ),
]
Region = Annotated[str | None, typer.Option(help="The AWS Region of the table or stack.")]
Profile = Annotated[str | None, typer.Option(help="The AWS profile to use.")]
Conversation = Annotated[
    str,
    typer.Argument(
        metavar="CONVERSATION",
        help="A user, group or room id, or the start of one; see `penniless logs list`.",
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="From then on: 2026-11-22, '2026-11-22 20:16', 15m, 2h, 3d, today, yesterday.",
    ),
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Before then; a day is its start.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]


@app.callback(invoke_without_command=True)
def _group(
    context: typer.Context,
    *,
    failed: Annotated[
        bool, typer.Option("--failed", help="List the events that failed, newest last.")
    ] = False,
    since: Since = None,
    store: Store = None,
    table: Table = None,
    stack: Stack = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    given = [*filter(None, (since, store, table, stack, region, profile))]
    if context.invoked_subcommand:
        if failed or given:
            context.fail(f"options stand behind the command: {context.invoked_subcommand} --…")
        return
    if not failed:
        context.fail("say --failed, or a command; --help lists them")
    with one_sentence():
        from penniless.cli.logs_failed import show_failed
        from penniless.cli.logs_source import Wanted, opened

        start = _window(since, None)[0]
        with opened(Wanted(store, table, stack, region, profile)) as source:
            show_failed(source, now=_now(), since=start)


@app.command("list", epilog="Example: penniless logs list --since 7d")
def list_(
    *,
    since: Since = None,
    until: Until = None,
    store: Store = None,
    table: Table = None,
    stack: Stack = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """List the conversations, with the time of the last event and the number of events."""
    with one_sentence():
        from penniless.cli.logs_source import Wanted, opened
        from penniless.cli.logs_view import show_list

        window = _window(since, until)
        with opened(Wanted(store, table, stack, region, profile)) as source:
            show_list(source, now=_now(), since=window[0], until=window[1])


@app.command(epilog="Example: penniless logs show U4af4980629 --since yesterday")
def show(
    conversation: Conversation,
    *,
    since: Since = None,
    until: Until = None,
    last: Annotated[
        int | None,
        typer.Option("--last", "-n", min=1, metavar="N", help="Only the newest N events."),
    ] = None,
    store: Store = None,
    table: Table = None,
    stack: Stack = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Show one conversation as a chat, in local time."""
    with one_sentence():
        from penniless.cli.logs_source import Wanted, conversation_in, opened
        from penniless.cli.logs_view import show_chat

        start, end = _window(since, until)
        with opened(Wanted(store, table, stack, region, profile)) as source:
            key = conversation_in(source, conversation)
            show_chat(source, key, now=_now(), since=start, until=end, newest=last)


@app.command(epilog="Example: penniless logs follow --since 15m")
def follow(
    conversations: Annotated[
        list[str] | None,
        typer.Argument(metavar="CONVERSATION", help="Which ones; all without any."),
    ] = None,
    *,
    since: Since = None,
    every: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="How often to look.")
    ] = 2.0,
    store: Store = None,
    table: Table = None,
    stack: Stack = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Print new lines as they come, until Ctrl-C."""
    with one_sentence():
        from penniless.cli.logs_follow import follow as run
        from penniless.cli.logs_source import Wanted, conversation_in, opened

        start = _window(since, None)[0] if since else None
        with opened(Wanted(store, table, stack, region, profile)) as source:
            keys = [conversation_in(source, one) for one in conversations or ()]
            run(source, keys, since=start, every=every, clock=_now)


@app.command(epilog="Example: penniless logs export --format csv --output november.csv")
def export(
    conversation: Annotated[
        str | None,
        typer.Argument(metavar="CONVERSATION", help="Which one; all without it."),
    ] = None,
    *,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="jsonl|csv|rows",
            help="JSON Lines, CSV for spreadsheets, or rows for `penniless logs import`.",
        ),
    ] = "jsonl",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write.", show_default="standard output"),
    ] = None,
    bom: Annotated[
        bool, typer.Option("--bom/--no-bom", help="Start CSV with the mark that Excel needs.")
    ] = True,
    since: Since = None,
    until: Until = None,
    store: Store = None,
    table: Table = None,
    stack: Stack = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Write both sides of the log to a file, or to standard output."""
    with one_sentence():
        from penniless.cli.logs_export import run
        from penniless.cli.logs_source import Wanted, conversation_in, opened

        start, end = _window(since, until)
        with opened(Wanted(store, table, stack, region, profile)) as source:
            key = conversation_in(source, conversation) if conversation else None
            run(
                source,
                key,
                form=form,
                output=output,
                bom=bom,
                now=_now(),
                since=start,
                until=end,
            )


@app.command(epilog="Example: penniless logs forget U4af4980629")
def forget(
    conversation: Conversation,
    *,
    yes: Yes = False,
    store: Store = None,
    table: Table = None,
    stack: Stack = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Delete the log and the state of one person, group or room; asks first."""
    with one_sentence():
        from penniless.cli.logs_forget import run
        from penniless.cli.logs_source import Wanted, conversation_in, opened

        with opened(Wanted(store, table, stack, region, profile)) as source:
            key = conversation_in(source, conversation, whole=yes)
            run(source, key, now=_now(), yes=yes)


@app.command(epilog="Example: penniless logs retry --all --since today")
def retry(
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY", help="Of a failed event, or its start: see `logs --failed`."),
    ] = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Every failed event that can be repeated.")
    ] = False,
    since: Since = None,
    store: Store = None,
    table: Table = None,
    stack: Stack = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Have failed events handled again: a running bot takes them over, three attempts for each."""
    with one_sentence():
        from penniless.cli.logs_retry import run
        from penniless.cli.logs_source import Wanted, opened

        start = _window(since, None)[0] if since else None
        with opened(Wanted(store, table, stack, region, profile)) as source:
            run(source, keys or [], everything=everything, now=_now(), since=start)


@app.command(
    "import",
    epilog="Example: aws logs tail /aws/lambda/mybot --since 14d | penniless logs import "
    "--stack mybot",
)
def import_(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="Lines of the function's log; - is a pipe."),
    ] = None,
    *,
    store: Store = None,
    table: Table = None,
    stack: Stack = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Put rows back that could not be stored when they were made."""
    with one_sentence():
        from penniless.cli.logs_import import run
        from penniless.cli.logs_source import Wanted, opened

        with opened(Wanted(store, table, stack, region, profile), to_write=True) as source:
            raise typer.Exit(run(source.name, source.store, files or [], now=_now()))


def _now() -> int:
    return time.time_ns() // 1_000_000


def _window(since: str | None, until: str | None) -> tuple[int, int | None]:
    """The two times that somebody has typed, in milliseconds. Raises SettingsError."""
    from penniless.cli.logs_times import moment

    now = _now()
    return moment(since, now=now) if since else 0, moment(until, now=now) if until else None
