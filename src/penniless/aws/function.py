"""The Lambda function: everything expensive once, in the init phase, then one call an invocation.

Lambda imports `app.py` in the init phase, with full CPU. There the settings are read and the
connections to LINE, DynamoDB and the Parameter Store are opened side by side, so that the first
webhook waits for none of it. On any other machine importing `app.py` does nothing of this.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import os
from time import time

from penniless.aws.gateway import LambdaEvent, is_recovery, request_in, response_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from penniless.bot import Bot

MARGIN = 2.0
"""Seconds before the function's end in which a recovery begins nothing any more; half of the time
where there is less than twice as much."""

UNTOLD = 8.0
"""Seconds for a recovery where the caller does not say how much time there is."""


def lambda_handler_for(bot: Bot) -> Callable[[LambdaEvent, object], LambdaEvent]:
    """The function that Lambda calls with the events of a Function URL, HTTP API or REST API.

    Call it after the last handler was registered. If one of them may be slow, the function also
    becomes an extension of Lambda, so that work can go on after the response; a slow handler that
    is registered later is waited for instead.

    A schedule may send {"penniless": "recover"}: events that were left behind are taken over, and
    the answer says how many.

    In Lambda, raises SettingsError or StoreUnavailable at once if a setting is missing. The handler
    raises CodeError for any other event that is not an HTTP request, and touches nothing then.
    """
    extension = None
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        from penniless.aws.init import prepare

        extension = prepare(bot)

    def lambda_handler(event: LambdaEvent, context: object) -> LambdaEvent:
        bot.invocation = getattr(context, "aws_request_id", "")
        bot.ends_at = _end_of(context)
        if extension is None:
            return _answer(bot, event, None)
        extension.begin(bot.invocation)
        try:
            return _answer(bot, event, extension.deadline(bot.deadline))
        finally:
            extension.end(bot.invocation)

    return lambda_handler


def _answer(bot: Bot, event: LambdaEvent, deadline: float | None) -> LambdaEvent:
    from penniless.bot import Response

    if is_recovery(event):
        return bot.recover(_seconds_until(bot.ends_at))
    request = request_in(event)
    if request.method != "POST":
        return response_for(Response(405, "a webhook is a POST"))
    return response_for(bot.handle(request.body, request.signature, deadline=deadline))


def _end_of(context: object) -> int | None:
    """When Lambda will end this invocation, in milliseconds since 1970, if the context knows."""
    left = getattr(context, "get_remaining_time_in_millis", None)
    return None if left is None else int(time() * 1000) + int(left())


def _seconds_until(end: int | None) -> float:
    """How long a recovery may go on."""
    if end is None:
        return UNTOLD
    left = max(0.0, end / 1000 - time())
    return left - min(MARGIN, left / 2)
