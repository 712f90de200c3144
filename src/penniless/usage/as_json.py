"""A report as JSON: the same figures, for machines. Numbers are decimal text, so none is rounded.

Law of this module: names and shapes, which stay as they are once published.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from penniless.usage.reading import Reading
from penniless.usage.report import Report


def report_json(report: Report) -> str:
    """One JSON object, indented. Times are ISO 8601, shares are per cent."""
    month = report.month
    made = {
        "stack": report.stack,
        "region": report.region,
        "month": {
            "begin": month.begin.isoformat(),
            "end": month.end.isoformat(),
            "now": month.now.isoformat(),
            "since": month.since.isoformat(),
        },
        "headline": report.headline,
        "warnAt": report.warn_at,
        "warnings": [one.title for one in report.warnings],
        "readings": [_reading(one, report.warn_at) for one in report.readings],
        "notes": report.notes,
        "missing": report.missing,
    }
    return msgspec.json.format(msgspec.json.encode(made), indent=2).decode()


def _reading(one: Reading, warn_at: int) -> dict[str, Any]:
    return {
        "scope": one.scope,
        "title": one.title,
        "unit": one.unit,
        "used": _number(one.used),
        "free": _number(one.free),
        "share": _number(one.share),
        "byTheEnd": _number(one.by_the_end),
        "shareByTheEnd": _number(one.share_by_the_end),
        "fullAt": one.full_at and one.full_at.isoformat(),
        "chosen": one.chosen,
        "warns": one.warns(warn_at),
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
