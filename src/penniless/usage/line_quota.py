"""How much of the month's messages LINE has sent for the account.

Law of this module: LINE's two answers and their month. LINE counts people reached, not message
objects; replies are not counted. https://developers.line.biz/en/docs/messaging-api/pricing/
"""

from __future__ import annotations

from decimal import Decimal

from penniless.line.client import LineClient
from penniless.usage.forecast import Month
from penniless.usage.reading import Reading, growing


def pushed(line: LineClient, month: Month) -> Reading:
    """Messages that the plan counts, of those it has. Raises LineError."""
    quota = line.quota()
    limit = Decimal(quota.value) if quota.type == "limited" and quota.value is not None else None
    used = Decimal(line.quota_consumption())
    return growing("line", "LINE messages, not replies", "message", used, limit, month)
