"""The bot's secrets in the SSM Parameter Store: what is there, and what is written.

Law of this module: it takes secrets and gives none away but by `values`. Standard parameters of
type SecureString cost nothing and are encrypted with the key `aws/ssm`, which costs nothing.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from penniless.aws.secrets import NAMES
from penniless.cli.aws_access import Account
from penniless.errors import SettingsError

LARGEST = 4096
"""Bytes of a standard parameter; larger ones are not free."""

_PATH = re.compile(r"(?:/[A-Za-z0-9_.-]+){1,14}")
_VALUE = re.compile(r"[!-~]+")


class Parameter(NamedTuple):
    """What may be known about a secret by everybody."""

    kind: str
    changed: datetime

    @property
    def is_encrypted(self) -> bool:
        return self.kind == "SecureString"


def checked_path(text: str) -> str:
    """`/mybot` from `/mybot`, `mybot` or `/mybot/`.

    Raises SettingsError for what the Parameter Store does not take.
    """
    path = "/" + text.strip("/")
    if not _PATH.fullmatch(path) or path.lower().startswith(("/aws", "/ssm")):
        raise SettingsError(
            f"{text!r} cannot be a path of parameters, which has letters, digits and ._- between "
            "slashes, and does not start with aws or ssm"
        )
    return path


def checked(name: str, value: str) -> str:
    """The secret without the spaces around it. Raises SettingsError, which does not quote it."""
    parts = [part.strip() for part in value.split(",")] if name == NAMES[0] else [value.strip()]
    if not all(_VALUE.fullmatch(part) for part in parts):
        raise SettingsError(f"the {name} has a space, a line break or a letter in it that none has")
    if name == "LINE_CHANNEL_ID" and not parts[0].isdecimal():
        raise SettingsError(f"the {name} is not a number, as channel ids are")
    found = ",".join(parts)
    if len(found) > LARGEST:
        raise SettingsError(f"the {name} has over {LARGEST:,} letters; that is something else")
    return found


def found_in(account: Account, path: str) -> dict[str, Parameter]:
    """Which secrets are below that path, by their names. Raises SettingsError."""
    with account.client("ssm") as client:
        answer = client.get_parameters(Names=_full(path), WithDecryption=False)
    return {
        _name(one): Parameter(one["Type"], one["LastModifiedDate"]) for one in answer["Parameters"]
    }


def values(account: Account, path: str) -> dict[str, str]:
    """The secrets themselves, for whoever has to use them. Raises SettingsError."""
    with account.client("ssm") as client:
        answer = client.get_parameters(Names=_full(path), WithDecryption=True)
    return {_name(one): str(one["Value"]) for one in answer["Parameters"]}


def write(account: Account, path: str, secret: Mapping[str, str], *, replaced: set[str]) -> None:
    """Store secrets; those in `replaced` may be there already. Raises SettingsError."""
    with account.client("ssm") as client:
        for name, value in secret.items():
            try:
                client.put_parameter(
                    Name=f"{path}/{name}",
                    Value=value,
                    Type="SecureString",
                    Tier="Standard",
                    Overwrite=name in replaced,
                )
            except client.exceptions.ParameterAlreadyExists:
                raise SettingsError(f"somebody has just stored {path}/{name}; look again") from None


def _full(path: str) -> list[str]:
    return [f"{path}/{name}" for name in NAMES]


def _name(parameter: Mapping[str, Any]) -> str:
    return str(parameter["Name"]).rpartition("/")[2]
