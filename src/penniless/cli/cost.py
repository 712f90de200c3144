"""`penniless cost`: what a template costs a month, and what will cost something first.

Law of this module: options in, questions to `penniless.cost`, and which of its answers are shown.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from penniless.cli.sentences import one_sentence
from penniless.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.cost.bill import Question
    from penniless.cost.report import Report

EXAMPLE = "Example: penniless cost template.yaml --messages 50000 --compare url,http,rest"
DEFAULT_MESSAGES = 10_000
MANY = 10**12
"""The largest number that an option takes."""
FASTEST = 100_000
"""Messages a second that are looked at on paper, at most."""
LARGEST = 1_000_000
"""Messages of a burst, at most."""
OVER = 1
"""The exit code of a bill over `--fail-over`, and of one that has gaps."""

Template = Annotated[
    Path,
    typer.Argument(metavar="TEMPLATE", help="A SAM or CloudFormation template, YAML or JSON."),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="The value of a template's parameter."),
]
Messages = Annotated[
    str | None,
    typer.Option(
        metavar="N",
        help="Messages that people write to the bot in a month.",
        show_default=f"{DEFAULT_MESSAGES:,}",
    ),
]
Users = Annotated[
    str | None, typer.Option(metavar="N", help="People, in place of --messages; with --per-day.")
]
PerDay = Annotated[str | None, typer.Option(metavar="N", help="Messages of each of --users a day.")]
Region = Annotated[str, typer.Option(help="The AWS Region whose prices are meant.")]
Opened = Annotated[
    str | None,
    typer.Option(
        "--account-opened",
        metavar="DATE",
        help="The day the AWS account was opened; decides the allowances of 12 months.",
        show_default="an account without them",
    ),
]
On = Annotated[
    str | None,
    typer.Option(
        metavar="DATE", help="The day whose prices and allowances are meant.", show_default="today"
    ),
]
Assume = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="Another number than the one assumed."),
]
Pushes = Annotated[
    str,
    typer.Option(metavar="N", help="People pushed to in a month, which LINE bills."),
]
Country = Annotated[str, typer.Option(metavar="jp|tw|th", help="Whose LINE plans are meant.")]
Concurrency = Annotated[
    int,
    typer.Option(
        min=1, help="Environments that the AWS account may run at once; new accounts have 10."
    ),
]
Compare = Annotated[
    str | None,
    typer.Option(
        metavar="url,http,rest,hosts",
        help="Other doors side by side, and other hosts (all of them, or by name).",
    ),
]
PerSecond = Annotated[
    str | None,
    typer.Option(metavar="N", help="What so many messages a second need, worked out on paper."),
]
Burst = Annotated[
    int,
    typer.Option(
        min=0, max=LARGEST, help="Messages that a broadcast brings on top of --per-second."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
FailOver = Annotated[
    str | None,
    typer.Option(
        metavar="USD",
        help="Exit with 1 if the month costs more, or nobody can say; 0 is a gate for CI.",
    ),
]
Png = Annotated[Path | None, typer.Option(help="Write the chart into this file.")]
Html = Annotated[Path | None, typer.Option(help="Write chart and bill as a page.")]


def cost(
    template: Template = Path("template.yaml"),
    *,
    messages: Messages = None,
    users: Users = None,
    per_day: PerDay = None,
    set_: Set = None,
    region: Region = "ap-northeast-1",
    account_opened: Opened = None,
    on: On = None,
    assume: Assume = None,
    pushes: Pushes = "0",
    country: Country = "jp",
    concurrency: Concurrency = 1000,
    compare: Compare = None,
    per_second: PerSecond = None,
    burst: Burst = 0,
    as_json: AsJson = False,
    fail_over: FailOver = None,
    png: Png = None,
    html: Html = None,
) -> None:
    """Say what a template costs a month, what will cost something first, and when."""
    with one_sentence():
        asked = Asked(
            template=template,
            settings=set_,
            messages=messages,
            users=users,
            per_day=per_day,
            region=region,
            opened=account_opened,
            on=on,
            assume=assume,
            pushes=pushes,
            country=country,
            concurrency=concurrency,
            compare=compare,
            per_second=per_second,
            burst=burst,
        )
        raise typer.Exit(run(asked, as_json=as_json, fail_over=fail_over, png=png, html=html))


class Asked(NamedTuple):
    """The options as they came."""

    template: Path
    settings: list[str] | None
    messages: str | None
    users: str | None
    per_day: str | None
    region: str
    opened: str | None
    on: str | None
    assume: list[str] | None
    pushes: str
    country: str
    concurrency: int
    compare: str | None
    per_second: str | None
    burst: int


def run(
    asked: Asked,
    *,
    as_json: bool,
    fail_over: str | None,
    png: Path | None,
    html: Path | None,
) -> int:
    """Print the report; the exit code is 1 where `--fail-over` says so."""
    limit = None if fail_over is None else _number("--fail-over", fail_over)
    report = report_of(asked)
    for path, write in ((png, _write_png), (html, _write_html)):
        if path is not None:
            write(path, report)
    if as_json:
        from penniless.cost.as_json import report_json

        print(report_json(report))
    else:
        from penniless.cli.cost_shown import show
        from penniless.cli.logs_view import terminal

        show(report, terminal())
    return 0 if limit is None else _judged(report, limit)


def report_of(asked: Asked) -> Report:
    """Everything that is asked for, worked out."""
    from penniless.cost.report import Extras, make_report

    messages, how = messages_asked(asked.messages, asked.users, asked.per_day)
    return make_report(
        question_of(asked),
        messages,
        Extras(
            traffic=how,
            pushes=_number("--pushes", asked.pushes),
            country=asked.country,
            concurrency=asked.concurrency,
            compare=tuple(filter(None, (asked.compare or "").split(","))),
            per_second=_rate(asked),
            burst=asked.burst,
        ),
    )


def _rate(asked: Asked) -> float | None:
    if asked.per_second is None:
        if asked.burst:
            raise SettingsError("--burst goes with --per-second")
        return None
    found = float(_number("--per-second", asked.per_second))
    if not 0 < found <= FASTEST:
        raise SettingsError(f"--per-second goes up to {FASTEST:,}, and is above 0")
    return found


def question_of(asked: Asked) -> Question:
    """The template with its account, its assumptions and today's prices."""
    from penniless.cost.assumptions import assumptions
    from penniless.cost.bill import Account, Question
    from penniless.cost.prices import catalogue
    from penniless.cost.templates.template import read_template
    from penniless.scaffold import check_region

    check_region(asked.region)
    settings = pairs("--set", asked.settings)
    template = read_template(asked.template, settings=settings, region=asked.region)
    on = datetime.now(UTC).date() if asked.on is None else _date("--on", asked.on)
    opened = None if asked.opened is None else _date("--account-opened", asked.opened)
    if opened is not None and opened > on:
        raise SettingsError(
            f"--account-opened {opened} is after {on}, the day whose prices are meant"
        )
    return Question(
        template=template,
        account=Account(region=asked.region, opened=opened, on=on),
        assumed=assumptions().changed(pairs("--assume", asked.assume)),
        prices=catalogue(),
    )


def messages_asked(
    messages: str | None, users: str | None, per_day: str | None
) -> tuple[Decimal, str]:
    """Messages a month, and how they were asked for; raises SettingsError for half a question."""
    from penniless.cost.schedules import HOURS

    if messages is not None and (users is not None or per_day is not None):
        raise SettingsError("say --messages, or --users with --per-day, and not both")
    if (users is None) != (per_day is None):
        raise SettingsError("--users and --per-day go together: --users 300 --per-day 5")
    if users is not None and per_day is not None:
        people, each = _number("--users", users), _number("--per-day", per_day)
        found = (people * each * HOURS / 24).to_integral_value()
        if found > MANY:
            raise SettingsError(f"--users and --per-day: {MANY:,} messages a month are the most")
        return found, f"{people:,f} people, {each:,f} messages a day each"
    if messages is None:
        return Decimal(DEFAULT_MESSAGES), "--messages says how many"
    return _number("--messages", messages), ""


def pairs(option: str, texts: list[str] | None) -> dict[str, str]:
    """`NAME=VALUE` by name; raises SettingsError for what has no equals sign."""
    found = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise SettingsError(f"{option} {text}: say {option} NAME=VALUE")
        found[name.strip()] = value
    return found


def _number(option: str, text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", "").replace("_", ""))
    except InvalidOperation:
        raise SettingsError(f"{option} {text}: that is no number") from None
    if not value.is_finite() or not 0 <= value <= MANY:
        raise SettingsError(f"{option} {text}: a number from 0 to {MANY:,} is needed")
    return value


def _date(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{option} {text}: say a day like 2025-07-14") from None


def _judged(report: Report, limit: Decimal) -> int:
    """The gate: over the limit, or nobody can say that it is not."""
    from penniless.cost.money import dollars

    bill = report.bill
    if bill.total > limit:
        sum_ = dollars(bill.total)
        print(f"penniless: {sum_} a month is more than --fail-over {limit:f}", file=sys.stderr)
        return OVER
    if bill.gaps:
        print(
            f"penniless: nobody can say that it costs at most ${limit:f}: "
            f"unknown are {', '.join(bill.gaps)}",
            file=sys.stderr,
        )
        return OVER
    return 0


def _write_png(path: Path, report: Report) -> None:
    from penniless.cost.chart import png_of

    _write(path, lambda: png_of(report))


def _write_html(path: Path, report: Report) -> None:
    from penniless.cost.chart import html_of

    _write(path, lambda: html_of(report).encode())


def _write(path: Path, make: Callable[[], bytes]) -> None:
    content = make()
    try:
        path.write_bytes(content)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from None
    print(f"{path} is written", file=sys.stderr)
