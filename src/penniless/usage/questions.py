"""Who is asked for a month: each part by itself, so that one refusal costs only that part.

Law of this module: the order of the questions, and what a refusal means. Every call is free of
charge, or one of a million free ones; docs/usage.md lists them, and a test holds it to that.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from penniless.errors import PennilessError, SettingsError
from penniless.usage import free_tier, functions, logs, table
from penniless.usage.forecast import OF_AWS, Month, month_at
from penniless.usage.reading import Reading
from penniless.usage.report import Report
from penniless.usage.stack import Stack, stack_of

Answers: TypeAlias = tuple[list[Reading], list[str]]
"""Readings, and notes that belong to them."""


class Clients(Protocol):
    """Somebody's AWS. Whatever a client raises in the `with` becomes a SettingsError."""

    region: str

    def client(self, service: str, *, region: str | None = None) -> AbstractContextManager[Any]:
        """One of boto3's clients."""
        ...


def make_report(
    aws: Clients,
    stack: str,
    *,
    created: datetime,
    now: datetime,
    warn_at: int,
    line: Callable[[datetime], Answers],
) -> Report:
    """Ask everybody; `line` is asked for LINE's part, and may raise as AWS does.

    Raises SettingsError if the stack cannot be read, or nothing else can.
    """
    month = month_at(now, OF_AWS, since=created)
    with aws.client("cloudformation") as client:
        parts = stack_of(client, stack)
    if not parts.functions:
        raise SettingsError(f"the stack {stack} in {aws.region} has no Lambda function")
    asked = [
        lambda: _functions(aws, parts, month),
        lambda: _compute(aws, parts, month),
        lambda: _logs(aws, parts, month),
        lambda: _tables(aws, parts, month),
        lambda: _account(aws),
        lambda: line(now),
    ]
    readings, notes, missing = _answered(asked)
    if not readings:
        raise SettingsError(missing[0])
    return Report(
        stack=stack,
        region=aws.region,
        month=month,
        warn_at=warn_at,
        readings=readings,
        notes=[*notes, *_doors(parts)],
        missing=missing,
    )


def _answered(asked: list[Callable[[], Answers]]) -> tuple[list[Reading], list[str], list[str]]:
    """Everybody's readings and notes, and each refusal once."""
    readings: list[Reading] = []
    notes: list[str] = []
    missing: dict[str, None] = {}
    for ask in asked:
        try:
            found, said = ask()
        except PennilessError as error:
            missing[str(error)] = None
        else:
            readings += found
            notes += said
    return readings, notes, list(missing)


def _functions(aws: Clients, parts: Stack, month: Month) -> Answers:
    with aws.client("cloudwatch") as client:
        found = functions.requests(client, parts.functions, month)
        return [found], functions.troubles(client, parts.functions, month)


def _compute(aws: Clients, parts: Stack, month: Month) -> Answers:
    with aws.client("lambda") as client:
        memory = functions.memory_of(client, parts.functions)
    with aws.client("cloudwatch") as client:
        return [functions.compute(client, memory, month)], []


def _logs(aws: Clients, parts: Stack, month: Month) -> Answers:
    if not parts.log_groups:
        return [], ["the stack has no log group of its own: what it logs is not counted here"]
    with aws.client("cloudwatch") as client:
        return [logs.logged(client, parts.log_groups, month)], []


def _tables(aws: Clients, parts: Stack, month: Month) -> Answers:
    if not parts.tables:
        return [], []
    with aws.client("dynamodb") as client:
        found = table.tables_of(client, parts.tables)
    with aws.client("cloudwatch") as client:
        readings = table.readings_of(client, found, month)
        return readings, [*table.troubles(client, found, month), table.contents(found)]


def _account(aws: Clients) -> Answers:
    with aws.client("freetier", region=free_tier.REGION) as client:
        rows = free_tier.offers(client)
    if not rows:
        return [], ["AWS has counted nothing of the account against its free allowances yet"]
    return free_tier.readings_of(rows), []


def _doors(parts: Stack) -> list[str]:
    return [
        f"webhooks come in through {door}, which is not free: `penniless cost` says its price"
        for door in parts.doors
    ]
