"""The AWS account and the Free Tier API of the tests of `penniless usage`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.aws.ministack import ministack
from tests.cli.account import Account
from tests.conftest import Serve
from tests.servers import FakeServer
from tests.usage.deployed import FreeTier

SERVICES = (
    *("cloudformation", "cloudwatch", "dynamodb", "iam", "lambda", "logs", "ssm", "sts"),
    "apigateway",
)


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with ministack(*SERVICES, AUTH="true") as url:
        yield Account(url, tmp_path_factory.mktemp("home"))


@pytest.fixture
def free_tier() -> FreeTier:
    return FreeTier()


@pytest.fixture
def asked(serve: Serve, free_tier: FreeTier) -> FakeServer:
    return serve(free_tier)
