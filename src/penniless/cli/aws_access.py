"""AWS from a laptop: boto3's session, what our own store needs of it, and failures as sentences.

Law of this module: the only one that imports boto3, and only when a command needs AWS. What AWS
says about a refusal is not repeated, because it may quote the request, and with it a secret; its
error code is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from penniless.cli.samconfig import deployed
from penniless.connections import Limits
from penniless.errors import SettingsError, StoreUnavailable
from penniless.stores.aws_environment import Identity
from penniless.stores.aws_json import DYNAMODB, JsonCalls
from penniless.stores.dynamodb import DynamoDBStore
from penniless.stores.dynamodb_table import Table

CONNECT, READ = 5.0, 20.0
"""Seconds that one attempt waits for a connection, and for an answer."""
PATIENCE = 120.0
"""Seconds for one page of a table, all attempts together: a table with five read units may need
one of those minutes until it gives another megabyte."""

_SIGN_IN = "run `aws configure` or `aws sso login`, or name a profile with --profile"
_EXPIRED = "the AWS credentials have expired; sign in again, for instance with `aws sso login`"
_UNKNOWN = "AWS does not know these credentials; look at the profile or at AWS_ACCESS_KEY_ID"

_UNREACHED = "AWS could not be reached; look at the network and at the Region"

_BY_CLASS = {
    "NoCredentialsError": f"there are no AWS credentials: {_SIGN_IN}",
    "PartialCredentialsError": f"the AWS credentials are incomplete: {_SIGN_IN}",
    "CredentialRetrievalError": f"the AWS credentials could not be fetched: {_SIGN_IN}",
    "SSOError": _EXPIRED,
    "LoginError": "the AWS sign-in has expired; run `aws login`",
    "TokenRetrievalError": _EXPIRED,
    "InvalidRegionError": "that is not the name of an AWS Region; they look like ap-northeast-1",
    "ConfigParseError": "the AWS configuration file cannot be read",
    "ConnectionError": _UNREACHED,
    "HTTPClientError": _UNREACHED,
    "MissingDependencyException": "these AWS credentials need: pip install 'botocore[crt]'",
}
"""What botocore's exceptions mean, by the names of the classes and of their bases."""

_BY_CODE = {
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "RequestExpired": _EXPIRED,
    "AuthFailure": _UNKNOWN,
    "InvalidClientTokenId": _UNKNOWN,
    "InvalidSignatureException": _UNKNOWN,
    "SignatureDoesNotMatch": _UNKNOWN,
    "UnrecognizedClientException": _UNKNOWN,
}
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_DENIED_CALL = re.compile(r"(?P<table>.*): (?P<operation>\w+): AccessDeniedException\b")


class Account:
    """Somebody's AWS: their credentials, and a Region."""

    def __init__(self, session: Any, region: str) -> None:
        self._session = session
        self.region = region

    @contextmanager
    def client(self, service: str, *, region: str | None = None) -> Iterator[Any]:
        """One of boto3's clients, of another Region where a service has only one.

        Whatever it raises in the `with` becomes a SettingsError.
        """
        from botocore.config import Config

        config = Config(
            connect_timeout=CONNECT,
            read_timeout=READ,
            retries={"mode": "standard", "total_max_attempts": 3},
        )
        with explained(service):
            client = self._session.client(service, region_name=region or self.region, config=config)
            try:
                yield client
            finally:
                client.close()

    def identity(self) -> Identity:
        """The access key of this moment. Raises SettingsError if there is none."""
        with explained("sts"):
            credentials = self._session.get_credentials()
            if credentials is None:
                raise SettingsError(_BY_CLASS["NoCredentialsError"])
            frozen: Identity = credentials.get_frozen_credentials()
            return frozen

    @contextmanager
    def table(self, name: str) -> Iterator[tuple[DynamoDBStore, Table]]:
        """The store in a table, and the table below it for what no store is asked.

        Raises StoreUnavailable at once if DynamoDB cannot be reached.
        """
        self.identity()
        with self.client("dynamodb") as client:
            place = {"region": self.region, "endpoint": client.meta.endpoint_url}
        calls = JsonCalls(DYNAMODB, credentials=self.identity, **place)
        table = Table(name, calls, timeouts=Limits(CONNECT, READ), budget=PATIENCE)
        store = DynamoDBStore(
            name,
            credentials=self.identity,
            connect_timeout=CONNECT,
            read_timeout=READ,
            budget=PATIENCE,
            **place,
        )
        try:
            with _permission_named():
                store.within(CONNECT).warm()
                yield store, table
        finally:
            store.close()
            table.close()

    def stack(self, name: str) -> dict[str, Any]:
        """What CloudFormation says of a deployed stack. Raises SettingsError if there is none."""
        with self.client("cloudformation") as client:
            try:
                [found] = client.describe_stacks(StackName=name)["Stacks"]
            except client.exceptions.ClientError as error:
                if _code(error) != "ValidationError":
                    raise
                raise SettingsError(
                    f"there is no stack {name} in {self.region}; look at --region, or deploy it"
                ) from None
        return dict(found)

    def table_of(self, stack: str) -> str:
        """The table that a deployed stack names in its outputs. Raises SettingsError."""
        found = self.stack(stack)
        for output in found.get("Outputs", []):
            if output["OutputKey"] == "TableName":
                return str(output["OutputValue"])
        raise SettingsError(
            f"the stack {stack} has no output TableName ({found['StackStatus']}); "
            "name the table with --table"
        )


def open_account(region: str | None, profile: str | None) -> Account:
    """The account of a profile, or of whatever AWS's own tools would take here.

    The Region is the given one, else AWS_DEFAULT_REGION, else that of `samconfig.toml`, else
    AWS_REGION, else the profile's: where `sam deploy` would deploy. Raises SettingsError.
    """
    try:
        import boto3
    except ModuleNotFoundError:
        raise SettingsError(
            "this needs boto3; install it with: pip install 'penniless[aws]'"
        ) from None
    from botocore.exceptions import ProfileNotFound

    chosen = profile or (None if os.environ.get("AWS_PROFILE") else deployed("profile"))
    try:
        with explained("sts"):
            session = boto3.Session(profile_name=chosen)
            found = region or _region(session)
    except ProfileNotFound:
        name = chosen or os.environ.get("AWS_PROFILE")
        raise SettingsError(f"there is no AWS profile {name!r} on this machine") from None
    if not found:
        raise SettingsError("no AWS Region is set: say --region ap-northeast-1, or whichever it is")
    return Account(session, found)


def _region(session: Any) -> str:
    found: str | None = (
        os.environ.get("AWS_DEFAULT_REGION")
        or deployed("region")
        or os.environ.get("AWS_REGION")
        or session.region_name
    )
    return found or ""


@contextmanager
def explained(service: str) -> Iterator[None]:
    """Turn what botocore raises into a SettingsError with one sentence."""
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        ProfileNotFound,
    )

    try:
        yield
    except ProfileNotFound:
        raise
    except ClientError as error:
        raise SettingsError(_refusal(service, error)) from None
    except BotoCoreError as error:
        raise SettingsError(_trouble(error)) from None


def _refusal(service: str, error: Any) -> str:
    code = _code(error)
    if code in _DENIED:
        return _lacking(service, error.operation_name)
    return _BY_CODE.get(code) or f"AWS refused {service}:{error.operation_name}: {code}"


def _trouble(error: Exception) -> str:
    kinds = [kind.__name__ for kind in type(error).__mro__]
    found = next((_BY_CLASS[kind] for kind in kinds if kind in _BY_CLASS), None)
    return found or f"AWS could not be asked: {kinds[0]}"


def _lacking(service: str, operation: str) -> str:
    return f"these AWS credentials lack the permission {service}:{operation}"


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def _permission_named() -> Iterator[None]:
    """For a refused call of our own store: the action that a policy has to allow."""
    try:
        yield
    except StoreUnavailable as error:
        denied = _DENIED_CALL.match(str(error))
        if denied is None:
            raise
        lacking = _lacking("dynamodb", denied["operation"])
        raise StoreUnavailable(f"{lacking} on the table {denied['table']}") from None
