"""`penniless usage`: the month so far of a deployed bot, and where it will end.

Law of this module: options in, questions to `penniless.usage`, the exit code out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from penniless.cli.sentences import one_sentence
from penniless.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.cli.aws_access import Account
    from penniless.usage.questions import Answers
    from penniless.usage.report import Report

EXAMPLE = "Example: penniless usage --stack mybot --warn-at 50"
WARNS = 3
"""The exit code if something is over `--warn-at`, or will be."""
INCOMPLETE = 4
"""The exit code if nothing is, and something could not be read."""

Stack = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The stack of the bot on AWS.",
        show_default="that of samconfig.toml, if it is here",
    ),
]
Region = Annotated[str | None, typer.Option(help="The AWS Region of the stack.")]
Profile = Annotated[str | None, typer.Option(help="The AWS profile to use.")]
WarnAt = Annotated[
    int,
    typer.Option(
        min=1,
        max=100,
        metavar="PERCENT",
        help="Exit with 3 if so much of what is free is used, or will be by the month's end.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]


def usage(
    *,
    stack: Stack = None,
    region: Region = None,
    profile: Profile = None,
    warn_at: WarnAt = 80,
    as_json: AsJson = False,
) -> None:
    """Say how much of what is free a deployed bot has used this month, and where that will end."""
    with one_sentence():
        raise typer.Exit(
            run(_name(stack), region=region, profile=profile, warn_at=warn_at, as_json=as_json)
        )


def run(stack: str, *, region: str | None, profile: str | None, warn_at: int, as_json: bool) -> int:
    """Print the report; returns the exit code."""
    from penniless.cli.aws_access import open_account

    report = report_of(open_account(region, profile), stack, warn_at, datetime.now(UTC))
    if as_json:
        from penniless.usage.as_json import report_json

        print(report_json(report))
    else:
        from penniless.cli.logs_view import terminal
        from penniless.cli.usage_shown import show

        show(report, terminal())
    if report.warnings:
        return WARNS
    return INCOMPLETE if report.missing else 0


def report_of(account: Account, stack: str, warn_at: int, now: datetime) -> Report:
    """Everything that AWS and LINE say of the bot. Raises SettingsError."""
    from penniless.usage.questions import make_report

    return make_report(
        account,
        stack,
        created=account.stack(stack)["CreationTime"],
        now=now,
        warn_at=warn_at,
        line=lambda moment: _line(account, stack, moment),
    )


def _line(account: Account, stack: str, now: datetime) -> Answers:
    """LINE's quota, if the bot's secrets are in the Parameter Store."""
    from penniless.aws.secrets import Secrets
    from penniless.cli.line_access import line_with
    from penniless.cli.parameters import checked_path, values
    from penniless.usage.forecast import OF_LINE, month_at
    from penniless.usage.line_quota import pushed

    path = checked_path(stack)
    found = Secrets(values(account, path))
    if found.missing:
        return [], [f"LINE is left out: {path}/{found.missing} is not in the Parameter Store"]
    with line_with(found) as line:
        return [pushed(line, month_at(now, OF_LINE))], []


def _name(given: str | None) -> str:
    from penniless.cli.samconfig import deployed

    found = given or deployed("stack_name")
    if not found:
        raise SettingsError("say which bot: --stack mybot, or go to its folder")
    return found
