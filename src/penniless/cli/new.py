"""`penniless new`: write a project that runs on the laptop and deploys to AWS."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from penniless.errors import SettingsError
from penniless.scaffold import (
    DEFAULT_REGION,
    DOORS,
    Project,
    advice,
    check_door,
    check_empty,
    check_name,
    check_region,
    suggested_name,
    write,
)

console = Console(highlight=False, soft_wrap=True)


def run(folder: Path, *, name: str | None, door: str | None, region: str | None, yes: bool) -> None:
    """Ask what was not given, on a terminal; write the project and say what comes next.

    Raises SettingsError or CodeError.
    """
    check_empty(folder)
    asking = not yes and sys.stdin.isatty() and sys.stdout.isatty()
    own = folder.resolve().name
    project = Project(
        _choose(name, "Name on AWS", suggested_name(own) if asking else own, check_name, asking),
        _choose(door, _doors(), "url", check_door, asking),
        _choose(region, "AWS Region", _region(), check_region, asking),
    )
    files = write(project, folder)
    _report(project, folder, files)


def _choose(
    given: str | None, question: str, default: str, check: Callable[[str], None], asking: bool
) -> str:
    """What was given, or what the person answers, or the default; checked."""
    while given is None and asking:
        answer = console.input(f"{question} [dim]({escape(default)})[/] ").strip() or default
        try:
            check(answer)
        except SettingsError as error:
            console.print(f"[red]{escape(str(error))}[/]")
        else:
            return answer
    found = default if given is None else given
    check(found)
    return found


def _doors() -> str:
    rows = [f"  [bold]{door:<5}[/] {escape(what)}" for door, what in DOORS.items()]
    return "\n".join(["How do webhooks come in?", *rows, "Door"])


def _region() -> str:
    """The Region that AWS's own tools would take, or Tokyo."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION


def _report(project: Project, folder: Path, files: list[str]) -> None:
    shown = shlex.quote(str(folder))
    console.print(f"[bold green]{escape(str(folder))}[/]  {project.name} in {project.region}\n")
    for name in files:
        console.print(f"  {escape(name)}")
    if warning := advice(project):
        print(f"\nnote: {warning}", file=sys.stderr)
    console.print("\nTalk to it, on a simulated LINE:\n")
    console.print(f"  penniless dev {escape(shown)}")
    console.print(
        f"\nPut it on AWS; [bold]{escape(str(folder / 'README.md'))}[/] tells the rest:\n"
    )
    console.print(f"  cd {escape(shown)} && sam build && sam deploy --guided")
