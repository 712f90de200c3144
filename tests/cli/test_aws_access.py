"""Each way in which AWS can be out of reach is one sentence that says what to do."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from penniless.cli.aws_access import explained, open_account
from penniless.errors import SettingsError
from tests.cli.account import Account
from tests.cli.logged import command, refusal

LIST = ("logs", "list", "--table", "log")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in alone(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path


def alone(folder: Path) -> dict[str, str]:
    """A machine without credentials, where nothing outside of it is asked for any."""
    return Account("", folder).nobody()


def keys(folder: Path, **more: str) -> dict[str, str]:
    return {
        **alone(folder),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test/secret+key",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        **more,
    }


@contextmanager
def a_closed_port() -> Iterator[str]:
    """The URL of a port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("arguments", [LIST, ("logs", "list", "--stack", "s")])
def test_no_credentials(arguments: tuple[str, ...], folder: Path) -> None:
    """Without credentials the ways to get some are named."""
    done = command(*arguments, "--region", "ap-northeast-1", **alone(folder))

    assert refusal(done) == (
        "there are no AWS credentials: run `aws configure` or `aws sso login`, or name a profile "
        "with --profile"
    )


def test_half_of_the_credentials(folder: Path) -> None:
    """A key without its secret is said to be half of it."""
    settings = {**alone(folder), "AWS_ACCESS_KEY_ID": "test"}

    assert refusal(command(*LIST, "--region", "us-east-1", **settings)).startswith(
        "the AWS credentials are incomplete"
    )


def test_no_region(folder: Path) -> None:
    """Without a Region one is asked for."""
    settings = keys(folder)
    del settings["AWS_DEFAULT_REGION"]

    assert refusal(command(*LIST, **settings)) == (
        "no AWS Region is set: say --region ap-northeast-1, or whichever it is"
    )


def test_what_is_no_region(folder: Path) -> None:
    """A Region that cannot be one is refused before anything is sent."""
    assert refusal(command(*LIST, "--region", "to kyo", **keys(folder))) == (
        "that is not the name of an AWS Region; they look like ap-northeast-1"
    )


@pytest.mark.parametrize("given", [("--profile", "nobody"), ()])
def test_unknown_profile(given: tuple[str, ...], folder: Path) -> None:
    """A profile that is not there is named, wherever the name came from."""
    settings = keys(folder) if given else keys(folder, AWS_PROFILE="nobody")

    assert refusal(command(*LIST, *given, **settings)) == (
        "there is no AWS profile 'nobody' on this machine"
    )


def test_unreadable_configuration(folder: Path) -> None:
    """A broken file of AWS's own is said."""
    (folder / "config").write_text("= no\n")

    assert "configuration file cannot be read" in refusal(command(*LIST, **keys(folder)))


def test_expired_sign_in(folder: Path) -> None:
    """A sign-in that has ended, or never was, is to be renewed."""
    (folder / "config").write_text(
        "[profile sso]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n"
        "region = ap-northeast-1\n[sso-session s]\nsso_region = us-east-1\n"
        "sso_start_url = https://start.invalid/\n"
    )
    settings = {**alone(folder), "HOME": str(folder)}

    assert refusal(command(*LIST, "--profile", "sso", **settings)) == (
        "the AWS credentials have expired; sign in again, for instance with `aws sso login`"
    )


def test_no_network(folder: Path) -> None:
    """An AWS that does not answer is said soon, by boto3's calls and by our own."""
    with a_closed_port() as url:
        settings = keys(folder, AWS_ENDPOINT_URL=url, AWS_MAX_ATTEMPTS="1")
        table = refusal(command(*LIST, **settings))
        stack = refusal(command("logs", "list", "--stack", "s", **settings))

    assert table.startswith("log: ")
    assert "refused" in table
    assert stack == "AWS could not be reached; look at the network and at the Region"


@pytest.mark.aws
@pytest.mark.parametrize("arguments", [LIST, ("logs", "list", "--stack", "s")])
def test_unknown_keys(account: Account, arguments: tuple[str, ...]) -> None:
    """A key that AWS does not know is said, and the key's secret is not."""
    settings = account.settings(AWS_ACCESS_KEY_ID="AKIAUNKNOWN", AWS_SECRET_ACCESS_KEY="hidden+key")
    sentence = refusal(command(*arguments, **settings))

    assert "AWS does not know th" in sentence
    assert "hidden" not in sentence


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("ExpiredToken", "the AWS credentials have expired; sign in again"),
        ("ExpiredTokenException", "the AWS credentials have expired; sign in again"),
        ("UnauthorizedOperation", "these AWS credentials lack the permission ssm:PutParameter"),
        ("SignatureDoesNotMatch", "AWS does not know these credentials"),
        ("ValidationException", "AWS refused ssm:PutParameter: ValidationException"),
    ],
)
def test_refusals_do_not_quote_aws(code: str, sentence: str) -> None:
    """Error codes become sentences; AWS's own text, which may quote a secret, is left out."""
    from botocore.exceptions import ClientError

    answer = {"Error": {"Code": code, "Message": "Value 'the/secret' at 'value' is too long"}}
    with pytest.raises(SettingsError) as caught, explained("ssm"):
        raise ClientError(answer, "PutParameter")

    assert str(caught.value).startswith(sentence)
    assert "the/secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_other_trouble_is_named_by_its_class() -> None:
    """What nobody thought of is one sentence, too."""
    from botocore.exceptions import InfiniteLoopConfigError

    trouble = InfiniteLoopConfigError(source_profile="a", visited_profiles=["a"])
    with (
        pytest.raises(SettingsError, match="AWS could not be asked: InfiniteLoop"),
        explained("sts"),
    ):
        raise trouble


def test_region_is_that_of_sam_deploy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option, AWS_DEFAULT_REGION, samconfig.toml, AWS_REGION, the profile: the first counts."""
    order = ["eu-west-1", "us-west-2", "ap-northeast-1", "ap-southeast-1", "us-east-1"]
    monkeypatch.setenv("AWS_DEFAULT_REGION", order[1])
    (folder / "samconfig.toml").write_text(f'[default.global.parameters]\nregion = "{order[2]}"\n')
    monkeypatch.setenv("AWS_REGION", order[3])
    (folder / "config").write_text(f"[default]\nregion = {order[4]}\n")

    found = [open_account(order[0], None).region, open_account(None, None).region]
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    found.append(open_account(None, None).region)
    (folder / "samconfig.toml").unlink()
    found.append(open_account(None, None).region)
    monkeypatch.delenv("AWS_REGION")
    found.append(open_account(None, None).region)

    assert found == order


def test_boto3_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without boto3 the sentence says what to install."""
    monkeypatch.setitem(sys.modules, "boto3", None)

    assert refusal(command(*LIST)) == (
        "this needs boto3; install it with: pip install 'penniless[aws]'"
    )


def test_boto3_is_imported_only_where_it_is_needed(folder: Path) -> None:
    """A log in SQLite is read without boto3, and so is every other command."""
    import subprocess

    code = (
        "import sys; from penniless.cli.commands import app\n"
        "try: app(['logs', 'list'])\n"
        "except SystemExit: print({'boto3', 'botocore'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=True
    )

    assert done.stdout == "set()\n"
