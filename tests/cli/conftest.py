"""The AWS account of the tests of the commands that look after a bot; one for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.aws.ministack import ministack
from tests.cli.account import Account


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    services = ("dynamodb", "ssm", "cloudformation", "iam", "sts", "lambda", "monitoring")
    with ministack(*services, AUTH="true") as url:
        yield Account(url, tmp_path_factory.mktemp("home"))
