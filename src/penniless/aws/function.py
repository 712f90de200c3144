"""The Lambda function: everything expensive once, in the init phase, then one call an invocation.

Lambda imports `app.py` in the init phase, with full CPU. There the settings are read and the
connections to LINE, DynamoDB and the Parameter Store are opened side by side, so that the first
webhook waits for none of it. On any other machine importing `app.py` does nothing of this.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import os

from penniless.aws.gateway import LambdaEvent, request_in, response_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from penniless.bot import Bot


def lambda_handler_for(bot: Bot) -> Callable[[LambdaEvent, object], LambdaEvent]:
    """The function that Lambda calls with the events of a Function URL, HTTP API or REST API.

    In Lambda, raises SettingsError or StoreUnavailable at once if a setting is missing. The handler
    raises CodeError for an event that is not an HTTP request, and touches nothing then.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        from penniless.aws.init import prepare

        prepare(bot)

    def lambda_handler(event: LambdaEvent, context: object) -> LambdaEvent:
        from penniless.bot import Response

        request = request_in(event)
        if request.method != "POST":
            return response_for(Response(405, "a webhook is a POST"))
        bot.invocation = getattr(context, "aws_request_id", "")
        return response_for(bot.handle(request.body, request.signature))

    return lambda_handler
