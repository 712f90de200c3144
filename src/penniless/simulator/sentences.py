"""LINE's sentences that are said in more than one place.

Law of this module: texts only. LINE does not promise them: a bot should look at the status.

Source: https://developers.line.biz/en/reference/messaging-api/#error-responses
"""

from __future__ import annotations

NOT_AUTHENTICATED = (
    "Authentication failed. Confirm that the access token in the authorization header is valid."
)
NO_ACCESS = "Access to this API is not available for your account"
RATE_LIMIT = "The API rate limit has been exceeded. Try again later."
MONTHLY_LIMIT = "You have reached your monthly limit."
TOO_LARGE = "The request body is too large"
ACCEPTED_BEFORE = "The retry key is already accepted"
UNKNOWN_HOST = "Unknown host"
