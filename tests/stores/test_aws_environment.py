"""Region, endpoint and credentials come from the variables that AWS's own tools read."""

from __future__ import annotations

import pytest

from penniless.errors import SettingsError
from penniless.stores.aws_environment import (
    Credentials,
    endpoint_of,
    environment_credentials,
    region_or_default,
)

VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("given", "variables", "found"),
    [
        ("eu-west-1", {"AWS_REGION": "us-east-1"}, "eu-west-1"),
        (None, {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-west-2"}, "us-east-1"),
        (None, {"AWS_DEFAULT_REGION": "ap-northeast-1"}, "ap-northeast-1"),
        (None, {"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-gov-west-1"}, "us-gov-west-1"),
    ],
)
def test_the_region(
    monkeypatch: pytest.MonkeyPatch, given: str | None, variables: dict[str, str], found: str
) -> None:
    """What is given counts, then AWS_REGION, then AWS_DEFAULT_REGION."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert region_or_default(given) == found


@pytest.mark.parametrize("given", [None, "", "Tokyo", "us east 1", "x\r\nHost: evil", "東京"])
def test_no_region(given: str | None) -> None:
    """Nothing that is no region comes near a host name."""
    with pytest.raises(SettingsError, match="AWS_REGION"):
        region_or_default(given)


@pytest.mark.parametrize(
    ("region", "variables", "given", "found"),
    [
        ("ap-northeast-1", {}, None, "https://dynamodb.ap-northeast-1.amazonaws.com"),
        ("cn-north-1", {}, None, "https://dynamodb.cn-north-1.amazonaws.com.cn"),
        ("a-1", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, None, "http://127.0.0.1:1"),
        (
            "a-1",
            {
                "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
                "AWS_ENDPOINT_URL_DYNAMODB": "http://[::1]:2/",
            },
            None,
            "http://[::1]:2",
        ),
        (
            "a-1",
            {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:2"},
            "https://example.com:8443",
            "https://example.com:8443",
        ),
    ],
)
def test_the_endpoint(
    monkeypatch: pytest.MonkeyPatch,
    region: str,
    variables: dict[str, str],
    given: str | None,
    found: str,
) -> None:
    """What is given counts, then the service's variable, then the general one, then AWS."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(endpoint_of("dynamodb", region, given)) == found


@pytest.mark.parametrize(
    "given", ["127.0.0.1:8000", "http://", "ftp://x", "http://a/b", "http://u:p@h"]
)
def test_no_endpoint(given: str) -> None:
    """The error says what an endpoint looks like, and does not repeat what may hold a password."""
    with pytest.raises(
        SettingsError, match=r"dynamodb must look like http://127\.0\.0\.1:4566"
    ) as e:
        endpoint_of("dynamodb", "us-east-1", given)
    assert given not in str(e.value).replace("http://127", "")


def test_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Key, secret and session token are read when asked for; an empty token is none."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sec/ret+=")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "")
    found = environment_credentials()
    assert (found.access_key, found.secret_key, found.token) == ("AKID", "sec/ret+=", None)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    assert environment_credentials().token == "token"


@pytest.mark.parametrize("missing", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_no_credentials(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """Half a pair is none, and the error does not tell the other half."""
    for name in {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} - {missing}:
        monkeypatch.setenv(name, "himitsu")
    with pytest.raises(SettingsError, match="there are no AWS credentials") as caught:
        environment_credentials()
    assert "himitsu" not in str(caught.value)


@pytest.mark.parametrize("part", ["", "a b", "a\r\nX: y", "ひみつ", "a\x7f"])
def test_what_no_credentials_are(part: str) -> None:
    """A value that would break a header is refused, without being shown."""
    for found in ((part, "secret", None), ("AKID", part, None), ("AKID", "secret", part or " ")):
        with pytest.raises(SettingsError) as caught:
            Credentials(*found)
        assert not part or part not in str(caught.value)


def test_credentials_do_not_show() -> None:
    """No repr tells a secret."""
    assert repr(Credentials("AKID", "secret", "token")) == "Credentials()"
