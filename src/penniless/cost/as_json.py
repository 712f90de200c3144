"""A report as JSON: the same figures, for machines. Numbers are decimal text, so none is rounded.

Law of this module: names and shapes, which stay as they are once published.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from penniless.cost.attack import Worst
from penniless.cost.bill import Bill, Item
from penniless.cost.breaks import Break, Point
from penniless.cost.compare import Alternative
from penniless.cost.plans import Bill as PlanBill
from penniless.cost.report import Report
from penniless.cost.scale.fuse import Blows, Prices
from penniless.cost.scale.paper import Paper
from penniless.cost.traps import Found


def report_json(report: Report) -> str:
    """One JSON object, indented."""
    made = {**_asked(report), **_answered(report), **_read(report)}
    return msgspec.json.format(msgspec.json.encode(made), indent=2).decode()


def _asked(report: Report) -> dict[str, Any]:
    account = report.question.account
    return {
        "template": str(report.question.template.path),
        "region": account.region,
        "on": account.on.isoformat(),
        "accountOpened": account.opened and account.opened.isoformat(),
        "messages": _number(report.messages),
    }


def _answered(report: Report) -> dict[str, Any]:
    return {
        "bill": _bill(report.bill),
        "atRest": _number(report.at_rest.total),
        "line": report.line and _line(report.line),
        "breaks": [_break(one) for one in report.breaks],
        "ceilings": msgspec.to_builtins(report.ceilings),
        "curve": [_point(one) for one in report.curve],
        "worst": report.worst and _worst(report.worst),
        "fuse": report.fuse and _fuse(*report.fuse),
        "paper": report.paper and _paper(report.paper),
        "doors": [_door(one) for one in report.doors],
        "hosts": msgspec.to_builtins(report.hosts),
    }


def _read(report: Report) -> dict[str, Any]:
    """What was found in the template, and what was not."""
    question = report.question
    return {
        "traps": [_trap(one) for one in report.traps],
        "missing": report.missing,
        "notes": report.bill.flow.notes,
        "unresolved": [
            {"where": one.where, "what": one.what, "line": one.line}
            for one in question.template.unresolved
        ],
        "assumptions": [
            {
                "name": row.name,
                "value": _number(row.value),
                "unit": row.unit,
                "kind": row.kind,
                "about": row.about,
            }
            for row in question.assumed.rows()
        ],
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "messages": point.messages,
        "total": _number(point.total),
        "complete": point.is_complete,
    }


def _trap(found: Found) -> dict[str, Any]:
    return {
        "name": found.trap.name,
        "resource": found.resource,
        "line": found.line,
        "says": found.trap.says,
        "instead": found.trap.instead,
    }


def _number(value: Decimal) -> str:
    return f"{value:f}"


def _bill(bill: Bill) -> dict[str, Any]:
    return {
        "total": _number(bill.total),
        "complete": bill.is_complete,
        "unknown": bill.gaps,
        "items": [_item(item) for item in bill.items],
    }


def _item(item: Item) -> dict[str, Any]:
    price = item.price
    return {
        "meter": item.meter,
        "title": item.title,
        "unit": item.unit,
        "used": _number(item.used),
        "free": _number(item.free),
        "freeKind": item.free_kind,
        "billed": _number(item.billed),
        "cost": None if item.cost is None else _number(item.cost),
        "price": price
        and {
            "tiers": [
                {"above": _number(tier.above), "price": _number(tier.price)} for tier in price.tiers
            ],
            "region": price.region,
            "source": price.source,
            "read": price.read.isoformat(),
            "confidence": price.confidence,
        },
        "usages": [
            {
                "resource": usage.resource,
                "line": usage.line,
                "quantity": _number(usage.quantity),
                "how": usage.how,
                "known": usage.known,
            }
            for usage in item.usages
        ],
    }


def _line(line: PlanBill) -> dict[str, Any]:
    return {
        "plan": line.plan.id,
        "currency": line.plan.currency,
        "pushes": line.messages,
        "least": _number(line.low),
        "most": _number(line.high),
        "included": line.plan.included,
        "source": line.plan.source,
        "read": line.plan.read.isoformat(),
    }


def _break(one: Break) -> dict[str, Any]:
    return {"freeUntil": one.free_until, "meter": one.item.meter, "title": one.item.title}


def _worst(worst: Worst) -> dict[str, Any]:
    return {
        "total": _number(worst.total),
        "unknown": worst.gaps,
        "aDay": _number(worst.a_day),
        "concurrency": _number(worst.concurrency),
        "limitedBy": worst.limited_by,
        "perSecond": _number(worst.per_second),
        "items": [_item(item) for item in worst.items],
    }


def _fuse(blows: Blows, prices: Prices) -> dict[str, Any]:
    cases = {"least": blows.least, "usual": blows.mean, "most": blows.most}
    return {
        name: {
            "seconds": one.seconds,
            "invocations": one.invocations,
            "cost": one.cost(prices),
        }
        for name, one in cases.items()
    }


def _paper(paper: Paper) -> dict[str, Any]:
    return {
        "perSecond": paper.load.per_second,
        "busy": paper.busy,
        "needed": paper.needed,
        "limits": msgspec.to_builtins(paper.limits),
        "changes": msgspec.to_builtins(paper.changes),
    }


def _door(one: Alternative) -> dict[str, Any]:
    return {
        "door": one.door,
        "bill": _bill(one.bill),
        "first": one.first and _break(one.first),
        "worst": one.worst and _worst(one.worst),
    }
