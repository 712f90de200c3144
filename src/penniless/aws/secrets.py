"""The bot's secrets: from the environment, else from the SSM Parameter Store in one call.

Standard parameters of type SecureString cost nothing, up to 4 KB each.
Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
"""

from __future__ import annotations

import os
from time import monotonic

from msgspec import json

from penniless.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN", "LINE_CHANNEL_ID")
SECONDS = 5.0
"""How long the Parameter Store may take, all attempts together; the init phase has ten seconds."""


class Secrets:
    """What was found, an empty text for what was not. Never printed."""

    __slots__ = ("channel_access_token", "channel_id", "channel_secret")

    def __init__(self, found: Mapping[str, str]) -> None:
        self.channel_secret, self.channel_access_token, self.channel_id = (
            found.get(name, "").strip() for name in NAMES
        )

    def __repr__(self) -> str:
        return "Secrets()"

    @property
    def missing(self) -> str:
        """The name of what is needed and is not there; empty if all is there."""
        if not self.channel_secret:
            return "LINE_CHANNEL_SECRET"
        if not self.channel_access_token and not self.channel_id:
            return "LINE_CHANNEL_ACCESS_TOKEN"
        return ""


def secrets() -> Secrets:
    """Read the secrets. Raises SettingsError, which names what is missing and where it belongs."""
    found = Secrets(os.environ)
    path = os.environ.get("PENNILESS_PARAMETERS", "").strip().rstrip("/")
    if found.missing and path:
        found = Secrets({**parameters(path), **_set_ones()})
    if found.missing:
        where = f"the parameter {path}/{found.missing}" if path else "the function's environment"
        raise SettingsError(
            f"{found.missing} is not set: put it into {where} with `penniless secrets set`"
        )
    return found


def _set_ones() -> dict[str, str]:
    return {name: os.environ[name] for name in NAMES if os.environ.get(name, "").strip()}


def parameters(path: str) -> dict[str, str]:
    """The secrets below that path, by their names without it. Raises SettingsError."""
    from penniless.connections import Limits
    from penniless.stores.aws_json import PARAMETER_STORE, Failure, JsonCalls

    calls = JsonCalls(PARAMETER_STORE)
    wanted = {"Names": [f"{path}/{name}" for name in NAMES], "WithDecryption": True}
    limits = Limits(2.0, 3.0, monotonic() + SECONDS)
    answer = calls.send("GetParameters", json.encode(wanted), limits)
    calls.close()
    if isinstance(answer, Failure):
        raise SettingsError(f"the secrets below {path} could not be read: {answer.why}")
    return {
        str(one.get("Name", "")).rpartition("/")[2]: str(one.get("Value", ""))
        for one in answer.get("Parameters", [])
    }
