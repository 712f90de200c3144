"""boto3's own clients with botocore's Stubber in front: what AWS's service models allow, and no
network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.stub import Stubber

from penniless.cli.aws_access import explained
from tests.aws.ministack import REGION


class Stubbed:
    """An AWS that answers what it was told to, in that order. Every call must be expected."""

    region = REGION

    def __init__(self) -> None:
        self._session = boto3.Session("test", "test", region_name=REGION)
        self._stubs: dict[str, tuple[Any, Stubber]] = {}
        self.regions: dict[str, str | None] = {}

    def answers(
        self, service: str, operation: str, answer: dict[str, Any], asked: dict[str, Any] | None
    ) -> None:
        """The next call of that service; with `asked`, its parameters must be these."""
        self._of(service)[1].add_response(operation, answer, asked)

    def refuses(self, service: str, operation: str, code: str) -> None:
        """The next call of that service is refused."""
        self._of(service)[1].add_client_error(operation, code)

    @contextmanager
    def client(self, service: str, *, region: str | None = None) -> Iterator[Any]:
        self.regions[service] = region
        with explained(service):
            yield self._of(service)[0]

    def done(self) -> None:
        """Raise if something that was expected was not asked; close the clients."""
        for client, stub in self._stubs.values():
            stub.assert_no_pending_responses()
            client.close()

    def _of(self, service: str) -> tuple[Any, Stubber]:
        if service not in self._stubs:
            client = self._session.client(service)
            stub = Stubber(client)
            stub.activate()
            self._stubs[service] = (client, stub)
        return self._stubs[service]
