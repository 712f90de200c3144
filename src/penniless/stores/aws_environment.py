"""Where AWS is and who we are there, from the variables that every AWS tool reads.

Law of this module: it reads the environment and sends nothing. Only the environment, because that
is where Lambda puts credentials; profiles, sign-ins and their files are boto3's, whose credentials
can be passed to whatever takes a `CredentialsSource`.
"""

from __future__ import annotations

import os
from typing import Protocol

from penniless.connections import parse_origin
from penniless.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from penniless.connections import Origin

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


class Identity(Protocol):
    """An access key; boto3's frozen credentials are one."""

    @property
    def access_key(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def token(self) -> str | None: ...


if TYPE_CHECKING:
    CredentialsSource: TypeAlias = Callable[[], Identity]
    """Asked before every request, so that credentials may change."""


class Credentials:
    """An access key with its secret, and the session token where it is a temporary one."""

    __slots__ = ("access_key", "secret_key", "token")

    def __init__(self, access_key: str, secret_key: str, token: str | None = None) -> None:
        for part in (access_key, secret_key, token or "-"):
            if not part or not part.isascii() or not part.isprintable() or " " in part:
                raise SettingsError(
                    "the AWS credentials are empty or hold a character that none of them has, "
                    "such as a space or a line break"
                )
        self.access_key = access_key
        self.secret_key = secret_key
        self.token = token

    def __repr__(self) -> str:
        return "Credentials()"


def environment_credentials() -> Credentials:
    """What AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN say now.

    Raises SettingsError if there are none.
    """
    access_key = os.environ.get("AWS_ACCESS_KEY_ID")
    secret_key = os.environ.get("AWS_SECRET_ACCESS_KEY")
    if not access_key or not secret_key:
        raise SettingsError(
            "there are no AWS credentials: Lambda sets AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY from the function's role; elsewhere set them, or pass "
            "`credentials`"
        )
    return Credentials(access_key, secret_key, os.environ.get("AWS_SESSION_TOKEN") or None)


def region_or_default(region: str | None) -> str:
    """The given region, or AWS_REGION, or AWS_DEFAULT_REGION. Raises SettingsError if none."""
    found = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
    if not found or not _LETTERS.issuperset(found):
        raise SettingsError(
            "the AWS region is not set, or is not one: set AWS_REGION to something like "
            "ap-northeast-1"
        )
    return found


def endpoint_of(service: str, region: str, endpoint: str | None) -> Origin:
    """The given endpoint, or AWS_ENDPOINT_URL_<SERVICE>, or AWS_ENDPOINT_URL, or AWS itself.

    Raises SettingsError for one that is no `https://host:port`.
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    given = (
        endpoint
        or os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}")
        or os.environ.get("AWS_ENDPOINT_URL")
    )
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    try:
        return parse_origin(given or f"https://{service}.{region}.{suffix}")
    except SettingsError:
        pass
    raise SettingsError(
        f"the AWS endpoint of {service} must look like http://127.0.0.1:4566: scheme, host and, "
        "where needed, a port"
    )
