"""LINE from a laptop, with the secrets of a deployed bot.

Law of this module: from secrets to a client. `LINE_API_ORIGIN` leads to a simulated LINE.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from penniless.aws.secrets import Secrets
from penniless.errors import BadRequest, SettingsError, Unauthorized
from penniless.line.client import LineClient
from penniless.line.tokens import StatelessToken
from penniless.settings import secrets_in


@contextmanager
def line_with(found: Secrets) -> Iterator[LineClient]:
    """A client with the stored access token, or with tokens that it fetches itself.

    Nothing of `found` may be missing. Raises SettingsError in the `with` if LINE refuses them,
    and the LineError of any other trouble.
    """
    [secret, *_] = secrets_in(found.channel_secret)
    token = found.channel_access_token or StatelessToken(found.channel_id, secret)
    origin = os.environ.get("LINE_API_ORIGIN") or "https://api.line.me"
    with LineClient(token, api_origin=origin, data_origin=origin) as line:
        try:
            yield line
        except (BadRequest, Unauthorized) as error:
            raise SettingsError(f"LINE refuses the {shown_by(found)} ({error.status})") from None


def shown_by(found: Secrets) -> str:
    """What LINE is shown of these secrets, in words."""
    return "channel access token" if found.channel_access_token else "channel id and secret"
