"""What AWS itself says an account has used of what is free: `freetier:GetFreeTierUsage`.

Law of this module: AWS's rows and how they are read. They are of the whole account, some hours
old, and only of services that were used. The call costs nothing, unlike Cost Explorer's.
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_freetier_GetFreeTierUsage.html
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from penniless.usage.reading import Reading

REGION = "us-east-1"
"""Where the only endpoint is, whatever Region the bot is in."""
PAGE = 1000
"""Rows of an answer at most."""

BOT_SERVICES = (
    "lambda",
    "dynamodb",
    "cloudwatch",
    "apigateway",
    "systemsmanager",
    "keymanagement",
    "scheduler",
    "eventbridge",
    "simplenotification",
    "simplequeue",
    "datatransfer",
)
"""What a bot's template may use, as it stands in the service's name without spaces."""

TITLES = {
    ("lambda", "Request"): ("Lambda requests", "request"),
    ("lambda", "Lambda-GB-Second"): ("Lambda compute", "GB-second"),
    ("dynamodb", "WriteCapacityUnit-Hrs"): ("Table write capacity", "unit-hour"),
    ("dynamodb", "ReadCapacityUnit-Hrs"): ("Table read capacity", "unit-hour"),
    ("dynamodb", "TimedStorage-ByteHrs"): ("Table size", "GB"),
    ("cloudwatch", "CW:Requests"): ("CloudWatch requests", "request"),
    ("cloudwatch", "DataProcessing-Bytes"): ("Logs taken in", "GB"),
    ("cloudwatch", "TimedStorage-ByteHrs"): ("Logs kept", "GB"),
    ("apigateway", "ApiGatewayHttpRequest"): ("HTTP API requests", "request"),
    ("apigateway", "ApiGatewayRequest"): ("REST API requests", "request"),
    ("keymanagement", "KMS-Requests"): ("KMS requests", "request"),
}
"""Names and units for people; other rows are called what AWS calls them."""

_ORDER = list(TITLES)

ALWAYS = "Always Free"


class Offer(Struct, frozen=True, kw_only=True, rename="camel"):
    """A row of AWS's answer; the API promises none of the members."""

    service: str = ""
    operation: str = ""
    usage_type: str = ""
    region: str = ""
    actual_usage_amount: float = 0.0
    forecasted_usage_amount: float | None = None
    limit: float | None = None
    unit: str = ""
    description: str = ""
    free_tier_type: str = ""


def offers(client: Any) -> list[Offer]:
    """All rows with usage; `client` is boto3's for freetier, in `REGION`."""
    pages = client.get_paginator("get_free_tier_usage").paginate(
        PaginationConfig={"PageSize": PAGE}
    )
    rows = [msgspec.convert(row, Offer) for page in pages for row in page["freeTierUsages"]]
    return [row for row in rows if row.actual_usage_amount > 0]


def readings_of(rows: list[Offer]) -> list[Reading]:
    """The rows of a bot's services first, those with a name of ours in their order, then others."""
    return [_reading(row) for row in sorted(rows, key=_place)]


def _place(row: Offer) -> tuple[bool, int, str, str]:
    key = _service(row) or "", _usage(row)
    place = _ORDER.index(key) if key in TITLES else len(_ORDER)
    return not key[0], place, row.service, row.usage_type


def _usage(row: Offer) -> str:
    return row.usage_type.removeprefix("Global-")


def _service(row: Offer) -> str | None:
    name = row.service.replace(" ", "").lower()
    return next((service for service in BOT_SERVICES if service in name), None)


def _reading(row: Offer) -> Reading:
    service = _service(row)
    own = f"{row.service.removeprefix('Amazon ')} {_usage(row)}"
    title, unit = TITLES.get((service or "", _usage(row)), (own, row.unit))
    used = _decimal(row.actual_usage_amount)
    forecast = row.forecasted_usage_amount
    return Reading(
        scope="account" if service else "other",
        title=_called(row, title),
        unit=unit,
        used=used,
        free=None if row.limit is None else _decimal(row.limit),
        by_the_end=None if forecast is None else max(used, _decimal(forecast)),
        chosen="CapacityUnit-Hrs" in row.usage_type,
    )


def _called(row: Offer, title: str) -> str:
    """The title, with the Region and the kind of the offer where these are special."""
    place = "" if row.region in {"", "global"} else f" in {row.region}"
    kind = (
        ""
        if row.free_tier_type in {"", ALWAYS}
        else f" ({row.free_tier_type.lower().removesuffix(' free')})"
    )
    return f"{title}{place}{kind}".strip()


def _decimal(number: float) -> Decimal:
    return Decimal(str(number))
