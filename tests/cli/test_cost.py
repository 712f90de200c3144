"""`penniless cost`: one sentence for what cannot be, a gate for CI, figures for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.logged import command, refusal
from tests.cost.questions import FIXTURES, ours

ORIGINAL = str(FIXTURES / "original.yaml")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def joined(text: str) -> str:
    """The text as one line, however the terminal broke it."""
    return " ".join(text.split())


def test_the_template_of_the_folder(folder: Path) -> None:
    """Without a path it is `template.yaml` here, and ours costs nothing."""
    path = ours(folder)
    Path("template.yaml").write_bytes(path.read_bytes())
    done = command("cost", "--messages", "50,000")

    assert done.exit_code == 0
    assert "$0.00 a month: free" in done.stdout
    assert "50,000 messages a month" in done.stdout
    assert "after 1,000,000 messages  Lambda requests: $0.20 per million requests" in done.stdout


def test_the_original_and_its_traps() -> None:
    """What it costs, what costs first, and each trap with file and line."""
    done = command("cost", ORIGINAL, "--messages", "1000000", "--concurrency", "10")

    assert "REST API requests: $4.25 per million requests" in done.stdout
    assert "original.yaml:47  on-demand-table (MessageTable)" in done.stdout
    assert "10 environments busy (the account's concurrency of 10)" in joined(done.stdout)


def test_people_and_their_messages() -> None:
    """300 people with 5 messages a day are 45,625 a month."""
    done = command("cost", ORIGINAL, "--users", "300", "--per-day", "5")

    assert "45,625 messages a month (300 people, 5 messages a day each)" in joined(done.stdout)


def test_json_has_every_figure() -> None:
    """Decimal text, the source of each price, and the same total as in words."""
    options = ("--messages", "1000000", "--compare", "url,hosts", "--pushes", "6000")
    report = json.loads(command("cost", ORIGINAL, "--json", *options).stdout)

    assert report["bill"]["complete"] is True
    api = next(one for one in report["bill"]["items"] if "rest" in one["meter"])
    assert (api["used"], api["cost"]) == ("1000000", "4.25000000")
    assert api["price"]["source"].startswith("https://")
    assert report["doors"][0]["door"] == "url"
    assert {host["id"] for host in report["hosts"]} >= {"cloudflare-workers", "render-free"}
    assert report["line"]["plan"] == "jp-standard"
    assert {trap["name"] for trap in report["traps"]} >= {"api-gateway", "on-demand-table"}
    assert len(report["curve"]) == 28


def test_past_one_machine_and_the_fuse(folder: Path) -> None:
    """The limits in the order in which they are hit, and how fast a flood is cut off."""
    done = command("cost", str(ours(folder)), "--per-second", "50", "--set", "Fuse=on")

    assert "Limits, in the order in which they are hit" in done.stdout
    assert "The fuse blows after" in done.stdout
    report = json.loads(command("cost", ORIGINAL, "--json", "--per-second", "1,000").stdout)
    assert report["paper"]["perSecond"] == 1000
    assert report["paper"]["limits"]
    assert report["fuse"] is None


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--fail-over", "10"), 0, ""),
        (("--fail-over", "0"), 1, "a month is more than --fail-over 0"),
        (("--fail-over", "10", "--region", "eu-north-1"), 1, "nobody can say that it costs at"),
    ],
)
def test_the_gate(options: tuple[str, ...], code: int, says: str) -> None:
    """Over the limit, or unknown: the exit code is 1, and a sentence says why."""
    done = command("cost", ORIGINAL, "--messages", "1000000", *options)

    assert done.exit_code == code
    assert says in done.stderr


def test_the_gate_says_what_little_is(folder: Path) -> None:
    """The first message of the original costs less than a cent, and more than nothing."""
    done = command("cost", ORIGINAL, "--messages", "1", "--fail-over", "0")

    assert done.exit_code == 1
    assert "under $0.01 a month is more than --fail-over 0" in done.stderr


def test_the_gate_of_a_bot_that_is_free(folder: Path) -> None:
    """Nothing at all passes a gate of 0."""
    assert command("cost", str(ours(folder)), "--fail-over", "0").exit_code == 0


def test_a_missing_parameter_closes_the_gate(folder: Path) -> None:
    """Nobody can say what a template costs whose values are not known."""
    Path("template.yaml").write_text(
        "Parameters: {Units: {Type: Number}}\nResources:\n  T:\n    Type: AWS::DynamoDB::Table\n"
        "    Properties:\n      ProvisionedThroughput:\n"
        "        {ReadCapacityUnits: 1, WriteCapacityUnits: !Ref Units}\n",
        encoding="utf-8",
    )
    shut = command("cost", "--fail-over", "0")
    open_ = command("cost", "--fail-over", "0", "--set", "Units=5")

    assert shut.exit_code == 1
    assert "unknown are Provisioned write capacity, T.ProvisionedThroughput." in shut.stderr
    assert "has no value: --set Units=…" in joined(shut.stdout)
    assert open_.exit_code == 0


def test_a_missing_password_leaves_the_gate_open(folder: Path) -> None:
    """It is said that it has no value, and that no price needs it."""
    Path("template.yaml").write_text(
        "Parameters: {Password: {Type: String, NoEcho: true}}\nResources:\n"
        "  F:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        "      Environment: {Variables: {A: !Ref Password}}\n",
        encoding="utf-8",
    )
    done = command("cost", "--fail-over", "0")

    assert done.exit_code == 0
    assert "template.yaml:6 F.Environment.Variables.A: the parameter Password has no value" in (
        joined(done.stdout)
    )
    assert joined(done.stdout).count("; no price needs it") == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--messages", "many"), "--messages many: that is no number"),
        (("--messages", "-1"), "--messages -1: a number from 0 to 1,000,000,000,000 is needed"),
        (("--users", "3"), "--users and --per-day go together: --users 300 --per-day 5"),
        (
            ("--messages", "1", "--users", "1", "--per-day", "1"),
            "say --messages, or --users with --per-day, and not both",
        ),
        (
            ("--users", "10000000", "--per-day", "10000"),
            "--users and --per-day: 1,000,000,000,000 messages a month are the most",
        ),
        (("--assume", "writes"), "--assume writes: say --assume NAME=VALUE"),
        (("--account-opened", "soon"), "--account-opened soon: say a day like 2025-07-14"),
        (
            ("--account-opened", "2026-02-01", "--on", "2026-01-31"),
            "--account-opened 2026-02-01 is after 2026-01-31, the day whose prices are meant",
        ),
        (
            ("--region", "tokyo"),
            "'tokyo' is not an AWS Region; they look like ap-northeast-1 or us-east-1",
        ),
        (("--country", "us"), "LINE's plans are known for jp, tw, th, not for us"),
        (("--burst", "100"), "--burst goes with --per-second"),
        (("--per-second", "0"), "--per-second goes up to 100,000, and is above 0"),
        (("--compare", "ulr"), "--compare ulr: there is no such door or host; did you mean url?"),
    ],
)
def test_what_cannot_be_asked(options: tuple[str, ...], sentence: str) -> None:
    """One sentence, exit code 1."""
    assert refusal(command("cost", ORIGINAL, *options)) == sentence


def test_a_region_without_prices_is_said() -> None:
    """Beside the name, before a table that would be full of the word unknown."""
    done = command("cost", ORIGINAL, "--region", "ap-northeast-9")
    text = joined(done.stdout)

    assert (
        "no price of ap-northeast-9 is known here, only those of "
        "ap-northeast-1, ap-southeast-1, us-east-1" in text
    )
    assert "a day, and what is unknown: " in text
    assert "Most of it is" not in text


def test_a_burst_has_a_limit() -> None:
    """A number that would be worked at for hours is refused at once."""
    assert command("cost", ORIGINAL, "--per-second", "5", "--burst", "99999999").exit_code == 2


def test_a_macro_closes_the_gate(folder: Path) -> None:
    """It may write anything, so that nobody can say what the template costs."""
    Path("template.yaml").write_text(
        "Transform: Mine\nResources: {Q: {Type: AWS::SQS::Queue}}\n", encoding="utf-8"
    )
    done = command("cost", "--fail-over", "1000")

    assert done.exit_code == 1
    assert "unknown are Transform (the macro Mine may change everything)" in joined(done.stderr)
    assert done.stdout.count("template.yaml:1  Transform: ") == 1


def test_one_trap_in_many_places_is_one_sentence(folder: Path) -> None:
    """The places follow, and those beyond a few are counted."""
    text = "Resources:\n"
    for number in range(9):
        text += (
            f"  F{number}: {{Type: AWS::Lambda::Function, Properties: {{Runtime: python3.13}}}}\n"
        )
    Path("template.yaml").write_text(text, encoding="utf-8")
    done = command("cost")

    assert done.stdout.count("endless-log") == 1
    assert "Also F1 in line 3, F2 in line 4, " in joined(done.stdout)
    assert joined(done.stdout).count(" and 3 more") == 1


@pytest.mark.parametrize("units", ["1234567890123456789012345678.5", '"1e999"'])
def test_a_number_of_any_size_is_shown(folder: Path, units: str) -> None:
    """A template may say what no account has; it is shown, and gives no traceback."""
    Path("template.yaml").write_text(
        "Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties:\n"
        "      ProvisionedThroughput:\n"
        f"        {{ReadCapacityUnits: 1, WriteCapacityUnits: {units}}}\n",
        encoding="utf-8",
    )

    assert command("cost").exit_code == 0


def test_a_quantity_that_is_unknown_is_not_zero(folder: Path) -> None:
    """The row and the break point say what is not known, and of which resource."""
    Path("template.yaml").write_text("Resources: {Pool: {Type: AWS::Cognito::UserPool}}\n")
    text = joined(command("cost").stdout)

    assert "Monthly active users, Essentials unknown - unknown $0.015 unknown" in text
    assert "Essentials: unknown, how many people sign in is not known (Pool)" in text


def test_a_template_that_is_not_there() -> None:
    """The sentence names the file."""
    assert refusal(command("cost", "no.yaml")).startswith("no.yaml:1: the file cannot be read")


def test_a_template_with_a_mistake(folder: Path) -> None:
    """File, line and what is wrong."""
    Path("名前 with space.yaml").write_bytes(
        b"Resources:\r\n  A: {Type: AWS::SQS::Queue}\r\n  B: !Nope 1\r\n"
    )

    assert refusal(command("cost", "名前 with space.yaml")).startswith("名前 with space.yaml:3: ")


def test_pictures_are_written(folder: Path) -> None:
    """A PNG, and a page that asks nothing of a network."""
    done = command("cost", ORIGINAL, "--png", "a.png", "--html", "a.html")

    assert done.exit_code == 0, done.output
    assert Path("a.png").read_bytes().startswith(b"\x89PNG")
    page = Path("a.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "REST API requests" in page
    assert "src=" not in page
    assert "a.png is written" in done.stderr


def test_a_picture_that_cannot_be_written() -> None:
    """The file and the reason."""
    assert refusal(command("cost", ORIGINAL, "--html", "no/a.html")) == (
        "no/a.html cannot be written: No such file or directory"
    )
