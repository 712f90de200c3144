"""Log lines as Lambda and CloudWatch Logs Insights read them: one JSON object a line.

Only failures are worth a line: WARNING and above, or what AWS_LAMBDA_LOG_LEVEL says. A refused
webhook is not logged here at all: whoever knows the function's address could fill the log, and
the log is paid for by its bytes.

Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
"""

from __future__ import annotations

import logging
import os
import sys
from time import gmtime, strftime

from msgspec import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.bot import Bot


def log_as_json(bot: Bot) -> None:
    """Write the log of Penniless to stderr as JSON lines that name the invocation."""
    logger = logging.getLogger("penniless")
    logger.handlers[:] = [JsonLines(bot)]
    logger.propagate = False
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "")
    logger.setLevel(level if level in logging.getLevelNamesMapping() else logging.WARNING)
    logging.getLogger("penniless.refused").setLevel(logging.CRITICAL)


class JsonLines(logging.Handler):
    """Writes each record as one line: time, level, message, request id and event id."""

    def __init__(self, bot: Bot) -> None:
        super().__init__()
        self._bot = bot

    def emit(self, record: logging.LogRecord) -> None:
        seconds = strftime("%Y-%m-%dT%H:%M:%S", gmtime(record.created))
        said, _, where = record.getMessage().partition("\n")
        line = {
            "timestamp": f"{seconds}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "message": said,
            "requestId": self._bot.invocation,
            "eventId": getattr(record, "event_id", None),
            "where": [one.strip() for one in where.splitlines()] or None,
        }
        text = json.encode({name: value for name, value in line.items() if value}).decode()
        print(text, file=sys.stderr, flush=True)  # noqa: T201  # stderr is where Lambda's log is
