"""`penniless usage` against an AWS and a LINE on this machine, as people and scripts run it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from penniless.cli import aws_access
from penniless.cli.usage import INCOMPLETE, WARNS, report_of
from penniless.line.client import LineClient
from penniless.simulator import Simulator
from penniless.simulator.server import serving
from tests.aws.ministack import CREDENTIALS, REGION
from tests.cli.account import Account
from tests.cli.logged import command, refusal
from tests.live import penniless
from tests.servers import FakeServer
from tests.usage.deployed import Deployed, FreeTier, row

pytestmark = pytest.mark.aws

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "usage.md"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("AWS_", "LINE_"))]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture(scope="module")
def bot(account: Account) -> Deployed:
    """A bot that has answered a little today, and whose secrets are not stored."""
    return measured(Deployed(account))


def measured(deployed: Deployed) -> Deployed:
    now = datetime.now(UTC)
    for namespace, metric, value in (
        ("AWS/Lambda", "Invocations", 12_345),
        ("AWS/Lambda", "Errors", 3),
        ("AWS/Lambda", "Duration", 1_900_000),
        ("AWS/Logs", "IncomingBytes", 61_000_000),
        ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", 24_690),
        ("AWS/DynamoDB", "WriteThrottleEvents", 12),
    ):
        deployed.measured(namespace, metric, value, now)
    return deployed


@pytest.fixture
def line() -> Iterator[tuple[Simulator, str]]:
    simulator = Simulator(quota=200)
    with serving(simulator) as url:
        yield simulator, url


def settings(account: Account, asked: FakeServer, **more: str) -> dict[str, str]:
    return account.settings(AWS_ENDPOINT_URL_FREETIER=asked.origin, **more)


def rows_of(text: str) -> dict[str, list[str]]:
    """The rows of the first section of the table that has each title."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        cells = re.split(r" {2,}", line.strip())
        if len(cells) == 6:
            found.setdefault(cells[0], cells[1:])
    return found


def test_the_program(
    account: Account, bot: Deployed, asked: FakeServer, line: tuple[Simulator, str]
) -> None:
    """The program itself shows the bot's metrics, LINE's count and AWS's rows; all is fine."""
    simulator, url = line
    deployed = measured(Deployed(account))
    deployed.secrets(simulator.channel_access_token)
    alice = simulator.world.people["alice"].user_id
    with LineClient(simulator.channel_access_token, api_origin=url, data_origin=url) as client:
        client.push(alice, "good morning")
    done = penniless(
        *("usage", "--stack", deployed.name),
        settings=settings(account, asked, LINE_API_ORIGIN=url),
    )
    rows = rows_of(done.stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert rows["Lambda requests"] == ["12,345", "1,000,000", "1%", "too early", "-"]
    assert rows["Lambda compute, GB-seconds"][0] == "475"  # 1,900 s of a quarter of a gigabyte
    assert rows["Table write capacity, units"] == ["10", "25", "40%", "as set", "40%"]
    assert rows["Logs taken in, GB"][:2] == ["0.061", "5"]
    assert rows["LINE messages, not replies"][:3] == ["1", "200", "<1%"]
    assert "You are at 4% of what is free" in done.stdout
    assert "3 runs of the function failed" in done.stdout
    assert "12 requests had to wait for the table's capacity" in done.stdout


def test_the_free_tier_is_asked_and_signed_for_virginia(
    account: Account, bot: Deployed, asked: FakeServer
) -> None:
    """Every page of AWS's rows is asked for in us-east-1, whatever Region the bot is in."""
    done = command("usage", "--stack", bot.name, "--json", **settings(account, asked))
    told = json.loads(done.stdout)

    assert told["region"] == REGION
    assert len(asked.received) == 3
    assert all(
        "/us-east-1/freetier/" in request.headers["authorization"] for request in asked.received
    )
    assert [one["title"] for one in told["readings"] if one["scope"] == "account"] == [
        "Lambda requests",
        "Lambda compute",
        "Table size in ap-northeast-1",
        "CloudWatch requests",
    ]


def test_later_in_the_month(
    account: Account, bot: Deployed, asked: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After two days the bot's own metrics give a forecast."""
    for name, value in settings(account, asked).items():
        monkeypatch.setenv(name, value)
    opened = aws_access.open_account(REGION, None)
    created = opened.stack(bot.name)["CreationTime"]
    report = report_of(opened, bot.name, 80, created + timedelta(days=2))
    [requests, *_] = report.readings

    if report.month.begin <= created:
        left = report.month.end - report.month.now
        assert requests.used == 12_345
        assert requests.by_the_end is not None
        assert abs(float(requests.by_the_end) - 12_345 * (1 + left / timedelta(days=2))) < 0.01
    else:  # the month has changed in between, and began without these points
        assert requests.used == 0


@pytest.mark.parametrize(
    ("used", "warn_at", "code"),
    [
        (300_000.0, "80", 0),
        (300_000.0, "50", WARNS),
        (450_000.0, "80", WARNS),  # AWS's forecast of twice as much counts
        (1_100_000.0, "80", WARNS),
    ],
)
def test_exit_codes(  # noqa: PLR0917 - three of them are fixtures
    account: Account,
    bot: Deployed,
    asked: FakeServer,
    free_tier: FreeTier,
    used: float,
    warn_at: str,
    code: int,
) -> None:
    """3 where something has reached the level of warning, or will."""
    free_tier.rows = [row("AWS Lambda", "Global-Request", used, 1e6)]
    asking = ("usage", "--stack", bot.name, "--warn-at", warn_at)
    done = command(*asking, **settings(account, asked))

    assert done.exit_code == code, done.output
    assert (f"at {warn_at}% or soon there: Lambda requests" in done.stdout) is (code == WARNS)


def test_other_services_are_shown_and_do_not_count(
    account: Account, bot: Deployed, asked: FakeServer, free_tier: FreeTier
) -> None:
    """What else the account uses up is in the table, and no reason to exit with 3."""
    free_tier.rows = [
        row("Amazon Virtual Private Cloud", "PublicIPv4:InUseAddress", 740.0, 750.0),
        row("AWS Glue", "Catalog-Request", 1.0, 1e6),
    ]
    done = command("usage", "--stack", bot.name, **settings(account, asked))

    assert done.exit_code == 0
    assert "Virtual Private Cloud PublicIPv4:InUseAddress" in done.stdout
    assert "the account has 2 rows of other services" in done.stdout


def test_without_permissions(account: Account, bot: Deployed, asked: FakeServer) -> None:
    """What may not be read is named, the rest is shown, and the exit code tells a script."""
    person = account.person("cloudformation:*", "cloudwatch:GetMetricStatistics")
    done = command(
        *("usage", "--stack", bot.name),
        **{**person, "AWS_ENDPOINT_URL_FREETIER": asked.origin},
    )
    lacking = "not read: these AWS credentials lack the permission "

    assert done.exit_code == INCOMPLETE
    assert rows_of(done.stdout)["Lambda requests"][0] == "12,345"
    assert [line for line in done.stdout.splitlines() if line.startswith("not read")] == [
        f"{lacking}lambda:GetFunctionConfiguration",
        f"{lacking}dynamodb:DescribeTable",
        f"{lacking}ssm:GetParameters",
    ]


def test_the_free_tier_may_be_closed(
    account: Account, bot: Deployed, asked: FakeServer, free_tier: FreeTier
) -> None:
    """Without freetier:GetFreeTierUsage the bot's own rows stay."""
    free_tier.refusal = ("400 Bad Request", "AccessDeniedException")
    done = command("usage", "--stack", bot.name, **settings(account, asked))

    assert done.exit_code == INCOMPLETE
    assert "lack the permission freetier:GetFreeTierUsage" in done.stdout
    assert "Table size" in done.stdout
    assert "The whole AWS account" not in done.stdout


def test_without_secrets_line_is_left_out(
    account: Account, bot: Deployed, asked: FakeServer
) -> None:
    """A bot whose secrets are elsewhere is fine, and it is said that LINE was not asked."""
    done = command("usage", "--stack", bot.name, **settings(account, asked))

    assert done.exit_code == 0
    assert f"LINE is left out: /{bot.name}/LINE_CHANNEL_SECRET is not in the Parameter Store" in (
        done.stdout
    )


def test_a_token_that_line_refuses(
    account: Account, asked: FakeServer, line: tuple[Simulator, str]
) -> None:
    """A wrong token is said and not shown."""
    deployed = Deployed(account)
    deployed.secrets("a-wrong-token")
    done = command(
        "usage", "--stack", deployed.name, **settings(account, asked, LINE_API_ORIGIN=line[1])
    )

    assert done.exit_code == INCOMPLETE
    assert "not read: LINE refuses the channel access token (401)" in done.stdout
    assert "a-wrong-token" not in done.output


def test_a_plan_without_a_limit(
    account: Account, asked: FakeServer, line: tuple[Simulator, str]
) -> None:
    """A LINE account that may send any number has no share."""
    simulator, url = line
    simulator.world.quota.limit = None
    deployed = Deployed(account)
    deployed.secrets(simulator.channel_access_token)
    done = command(
        "usage", "--stack", deployed.name, **settings(account, asked, LINE_API_ORIGIN=url)
    )

    assert done.exit_code == 0
    assert rows_of(done.stdout)["LINE messages, not replies"][:3] == ["0", "no limit", "-"]


def test_a_paid_door_and_requests_on_demand(account: Account, asked: FakeServer) -> None:
    """What costs something from the first one on is said, and is a warning where it is counted."""
    deployed = measured(Deployed(account, on_demand=True, door=True))
    done = command("usage", "--stack", deployed.name, **settings(account, asked))

    assert done.exit_code == WARNS
    assert "You are past what is free: On-demand writes." in done.stdout
    assert rows_of(done.stdout)["On-demand writes, units"][:3] == ["24,690", "0", "over"]
    assert "webhooks come in through an HTTP API" in done.stdout


def test_the_stack_is_that_of_the_folder(
    account: Account, bot: Deployed, asked: FakeServer, folder: Path
) -> None:
    """samconfig.toml names stack and Region, as for the other commands."""
    (folder / "samconfig.toml").write_text(
        f'[default.deploy.parameters]\nstack_name = "{bot.name}"\nregion = "{REGION}"\n'
    )
    here = settings(account, asked)
    del here["AWS_DEFAULT_REGION"]

    assert command("usage", **here).stdout.startswith(f"{bot.name}  {REGION}, ")


def test_no_stack(account: Account, asked: FakeServer) -> None:
    """Without a name, or with a wrong one, there is one sentence."""
    here = settings(account, asked)

    assert refusal(command("usage", **here)).startswith("say which bot: --stack mybot")
    assert refusal(command("usage", "--stack", "nobody", **here)) == (
        f"there is no stack nobody in {REGION}; look at --region, or deploy it"
    )


class Recorded(aws_access.Account):
    """An account that writes down what is asked of AWS."""

    def __init__(self) -> None:
        session = boto3.Session(CREDENTIALS.access_key, CREDENTIALS.secret_key)
        self.operations: set[str] = set()
        session.events.register("before-call.*.*", self._record)
        super().__init__(session, REGION)

    def _record(self, model: Any, **_: Any) -> None:
        service = model.service_model
        self.operations.add(
            f"{PREFIXES.get(service.service_name, service.service_name)}:{model.name}"
        )


PREFIXES = {"monitoring": "cloudwatch"}


@pytest.mark.parametrize("on_demand", [False, True])
def test_every_call_is_on_the_page(
    account: Account,
    asked: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
    on_demand: bool,
) -> None:
    """AWS is asked what docs/usage.md lists with its price, and nothing else: no Cost Explorer,
    and no GetMetricData, which are not free."""
    deployed = Deployed(account, on_demand=on_demand, door=on_demand)
    for name, value in settings(account, asked).items():
        monkeypatch.setenv(name, value)
    recorded = Recorded()
    report = report_of(recorded, deployed.name, 80, datetime.now(UTC))
    listed = set(re.findall(r"^\| `(\w+:\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))

    assert report.missing == []
    assert recorded.operations == listed
    assert not [one for one in listed if one.startswith("ce:") or one.endswith("GetMetricData")]
