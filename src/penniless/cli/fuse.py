"""`penniless fuse`: whether a flood has turned the bot off, and the two switches, by hand."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from penniless.cli.sentences import one_sentence
from penniless.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.cli.aws_access import Account
    from penniless.cli.fuse_box import Alarm, Fuse

app = typer.Typer(
    name="fuse",
    no_args_is_help=True,
    help="Turn a deployed bot off in a flood of requests, and on again.",
)

BLOWN, NOT_FITTED = 3, 4
"""Exit codes of `status`; an intact fuse is 0."""

_TROUBLE = {
    "failed": "the alarm has gone off and the bot is on: turn it off with `penniless fuse blow`, "
    "or make the alarm ready again with `penniless fuse reset`",
    "disabled": "the fuse cannot blow: the actions of its alarm are disabled; "
    "`aws cloudwatch enable-alarm-actions` enables them",
}
"""What `status` says of a fuse that would not turn the bot off, with exit code 1."""

Stack = Annotated[
    str | None,
    typer.Option(
        help="The CloudFormation stack of the bot.",
        show_default="that of samconfig.toml, if it is here",
    ),
]
Region = Annotated[str | None, typer.Option(help="The AWS Region of the stack.")]
Profile = Annotated[str | None, typer.Option(help="The AWS profile to use.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]


@app.command(epilog="Example: penniless fuse status --stack mybot")
def status(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as a JSON object.")] = False,
    stack: Stack = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Say whether the fuse is intact (exit code 0), blown (3) or not fitted (4)."""
    with one_sentence():
        raise typer.Exit(run_status(*_account(stack, region, profile), as_json=as_json))


@app.command(epilog="Example: penniless fuse reset --stack mybot")
def reset(
    *,
    now: Annotated[
        bool, typer.Option("--now", help="Do not wait until the alarm says that it is over.")
    ] = False,
    yes: Yes = False,
    stack: Stack = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Turn the bot on again, with the concurrency that it was deployed with."""
    with one_sentence():
        run_reset(*_account(stack, region, profile), now=now, yes=yes)


@app.command(epilog="Example: penniless fuse blow --stack mybot")
def blow(
    *,
    yes: Yes = False,
    stack: Stack = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Turn the bot off by hand, at once, whether a fuse is fitted or not."""
    with one_sentence():
        run_blow(*_account(stack, region, profile), yes=yes)


def run_status(account: Account, stack: str, *, as_json: bool) -> int:
    """Print it; the exit code. Raises SettingsError, also for a fuse that would not blow."""
    from penniless.cli.fuse_box import invocations, look

    fuse = look(account, stack)
    runs = invocations(account, fuse.function)
    if as_json:
        print(json.dumps(_facts(fuse, runs), indent=2))
    else:
        print("\n".join(f"{name:<5}  {text}" for name, text in _lines(fuse, runs)))
    if _state(fuse) in _TROUBLE:
        raise SettingsError(_TROUBLE[_state(fuse)])
    return {"blown": BLOWN, "not fitted": NOT_FITTED}.get(_state(fuse), 0)


def run_reset(account: Account, stack: str, *, now: bool, yes: bool) -> None:
    """Ask, wait until the flood is over, turn the bot on. Raises SettingsError."""
    from penniless.cli.fuse_box import check_template, look, turn_on, wait_for_calm

    fuse = look(account, stack)
    check_template(fuse)
    if fuse.concurrency == fuse.template and not fuse.has_failed:
        print(f"the bot of the stack {stack} is on: {_limit(fuse.concurrency)}")
        return
    if not yes:
        _ask(f"Turn the bot of the stack {stack} on ({_limit(fuse.template)})?")
    if fuse.is_blown and not now and fuse.alarm and fuse.alarm.state == "ALARM":
        print(
            "The alarm still counts the flood; waiting for it. Ctrl-C leaves the bot off.",
            flush=True,
        )
        fuse = fuse._replace(alarm=wait_for_calm(account, fuse.alarm))
    turn_on(account, fuse)
    print(f"the bot of the stack {stack} is on again: {_limit(fuse.template)}")


def run_blow(account: Account, stack: str, *, yes: bool) -> None:
    """Ask, and turn the bot off. Raises SettingsError."""
    from penniless.cli.fuse_box import look, turn_off

    fuse = look(account, stack)
    if fuse.is_blown:
        print(f"the bot of the stack {stack} is off already")
        return
    if not yes:
        _ask(f"Turn the bot of the stack {stack} off, so that nobody gets an answer?")
    turn_off(account, fuse)
    print(f"the bot of the stack {stack} is off; on again: penniless fuse reset --stack {stack}")


def _account(stack: str | None, region: str | None, profile: str | None) -> tuple[Account, str]:
    from penniless.cli.aws_access import open_account
    from penniless.cli.samconfig import deployed

    found = stack or deployed("stack_name")
    if not found:
        raise SettingsError("say which bot: --stack mybot, with the name of the stack")
    return open_account(region, profile), found


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        raise SettingsError("say --yes to do it without being asked")
    try:
        agreed = typer.confirm(question)
    except typer.Abort:
        agreed = False
    if not agreed:
        raise SettingsError("nothing was changed")


def _state(fuse: Fuse) -> str:
    if fuse.is_blown:
        return "blown"
    if not fuse.alarm:
        return "not fitted"
    if fuse.has_failed:
        return "failed"
    return "intact" if fuse.alarm.actions_enabled else "disabled"


def _lines(fuse: Fuse, runs: int) -> list[tuple[str, str]]:
    hint = {"blown": ": the bot is off", "not fitted": ": `Fuse` of the template is off"}
    return [
        ("fuse", _state(fuse) + hint.get(_state(fuse), "")),
        ("bot", f"{fuse.function} in {fuse.region}, {_limit(fuse.concurrency)}"),
        *([("alarm", _alarm(fuse.alarm))] if fuse.alarm else []),
        ("runs", f"{runs:,} in the last 5 minutes{_of(fuse.alarm)}"),
    ]


def _alarm(alarm: Alarm) -> str:
    return f"{alarm.name}, {alarm.state} since {alarm.since.astimezone():%Y-%m-%d %H:%M}"


def _of(alarm: Alarm | None) -> str:
    return f"; over {alarm.threshold:,} blow it" if alarm else ""


def _limit(concurrency: int | None) -> str:
    if not concurrency:
        return "off" if concurrency == 0 else "no limit of its own"
    return f"at most {concurrency:,} cop{'y' if concurrency == 1 else 'ies'} at once"


def _facts(fuse: Fuse, runs: int) -> dict[str, object]:
    alarm = fuse.alarm
    return {
        "state": _state(fuse),
        "stack": fuse.stack,
        "region": fuse.region,
        "function": fuse.function,
        "concurrency": fuse.concurrency,
        "template_concurrency": fuse.template,
        "invocations": runs,
        "alarm": alarm and {**alarm._asdict(), "since": alarm.since.isoformat()},
    }
