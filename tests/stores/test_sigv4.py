"""Our signatures are botocore's, for any request either of us could make."""

from __future__ import annotations

import string
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from penniless.stores import sigv4

many = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])

WORDS = string.ascii_letters + string.digits
REGIONS = ("us-east-1", "ap-northeast-1", "ap-southeast-1", "cn-north-1")
SERVICES = ("dynamodb", "ssm", "lambda", "sts")
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD")
NAMES = ("Content-Type", "X-Amz-Target", "x-amz-meta-b", "X-B", "x-b", "A", "a-b", "Range", "Zz-9")

wholes = st.integers(0, 2**64)
"""Each gives a time, a region, a service, a method, and the length of a key."""
headers = st.lists(
    st.tuples(st.sampled_from(NAMES), st.text(WORDS + string.punctuation + "  \t", max_size=12)),
    max_size=4,
)
paths = st.text("ab9/./.%-_~!$&'()*+,;=:@ ", max_size=16).map(lambda path: f"/{path}")
queries = st.text("abZ9&=&=%-._~+*/", max_size=16)
texts = st.text(st.characters(codec="utf-8"), max_size=6)
pairs = st.lists(st.tuples(texts, texts), min_size=1, max_size=4)


def by_botocore(request: AWSRequest, auth: SigV4Auth, moment: str) -> str:
    """The Authorization header as botocore writes it, at any time; `request` gets all headers."""
    request.context["timestamp"] = moment
    request.headers["X-Amz-Date"] = moment
    auth._modify_request_before_signing(request)
    asked = auth.string_to_sign(request, auth.canonical_request(request))
    auth._inject_signature_to_request(request, auth.signature(asked, request))
    written: str = request.headers["Authorization"]
    return written


class Scope(NamedTuple):
    """Who signs, when and for what."""

    moment: str
    region: str
    service: str
    access_key: str
    secret_key: str
    token: str | None

    @classmethod
    def of(cls, whole: int) -> Scope:
        secret = "".join(WORDS[(whole >> shift) % len(WORDS)] for shift in range(1 + whole % 64))
        return cls(
            sigv4.timestamp(whole % 2**32),
            REGIONS[whole % 4],
            SERVICES[whole // 4 % 4],
            f"AKID{whole % 1000}",
            secret + "/+="[whole % 3],
            f"{whole}/+==" if whole % 2 else None,
        )


def by_us(
    method: str, target: str, sent: Iterable[tuple[str, str]], body: bytes, scope: Scope
) -> str:
    """The Authorization header as our module writes it, with the headers that belong to `scope`."""
    added = [("X-Amz-Date", scope.moment)]
    if scope.token:
        added.append(("X-Amz-Security-Token", scope.token))
    signed_for = sigv4.scope_of(scope.moment, scope.region, scope.service)
    return sigv4.authorization(
        method,
        target,
        [*sent, *added],
        body,
        access_key=scope.access_key,
        key=sigv4.signing_key(scope.secret_key, signed_for),
        scope=signed_for,
        moment=scope.moment,
    )


def theirs_of(scope: Scope) -> SigV4Auth:
    credentials = Credentials(scope.access_key, scope.secret_key, scope.token)
    return SigV4Auth(credentials, scope.service, scope.region)


@many
@given(path=paths, query=queries, more=headers, body=st.binary(max_size=20), whole=wholes)
@example(path="/a//b/../c/", query="b=2&a=1&a", more=[("X-A", " x  y ")], body=b"", whole=0)
def test_any_request(
    path: str, query: str, more: Sequence[tuple[str, str]], body: bytes, whole: int
) -> None:
    """Whatever the path, query, headers, body, time and credentials, both sign alike."""
    target = f"{path}?{query}" if query else path
    for number in range(whole, whole + 5):
        scope, method = Scope.of(number * 17), METHODS[number % 5]
        request = AWSRequest(method, f"https://example.amazonaws.com{target}", data=body)
        for name, value in more:
            request.headers.add_header(name, value)
        ours = by_us(method, target, [*more, ("Host", "example.amazonaws.com")], body, scope)
        assert ours == by_botocore(request, theirs_of(scope), scope.moment)


@many
@given(found=pairs)
def test_any_query(found: list[tuple[str, str]]) -> None:
    """Encoded names and values of any characters are ordered as botocore does it."""
    theirs = SigV4Auth(None, "", "").canonical_query_string(AWSRequest(params=found))
    on_the_wire = urlencode(found, quote_via=quote, safe="~")
    assert sigv4.canonical_query(on_the_wire) == theirs


@many
@given(body=st.binary(), whole=wholes)
def test_json_calls(body: bytes, whole: int) -> None:
    """The one kind of request that we do make, as DynamoDB and SSM want it."""
    scope = Scope.of(whole)
    sent = {
        "content-type": f"application/x-amz-json-1.{whole % 2}",
        "x-amz-target": "DynamoDB_20120810.PutItem",
    }
    host = f"{scope.service}.{scope.region}.amazonaws.com"
    request = AWSRequest("POST", f"https://{host}/", headers=sent, data=body)
    ours = by_us("POST", "/", [*sent.items(), ("host", host)], body, scope)
    assert ours == by_botocore(request, theirs_of(scope), scope.moment)


def test_now() -> None:
    """Signed by botocore's public way, with its own clock, a request has our signature too."""
    request = AWSRequest("POST", "http://127.0.0.1:4566/", data=b"{}")
    SigV4Auth(Credentials("AKID", "secret", "token"), "ssm", "ap-northeast-1").add_auth(request)
    moment = request.headers["X-Amz-Date"]
    scope = Scope(moment, "ap-northeast-1", "ssm", "AKID", "secret", "token")
    ours = by_us("POST", "/", [("host", "127.0.0.1:4566")], b"{}", scope)
    assert ours == request.headers["Authorization"]
    signed_at = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert abs(signed_at.timestamp() - time.time()) < 60


def test_the_published_example() -> None:
    """AWS's own test case `get-vanilla-query-order-key-case` comes out as published."""
    key = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    scope = Scope("20150830T123600Z", "us-east-1", "service", *key, None)
    sent = [("Host", "example.amazonaws.com")]
    written = by_us("GET", "/?Param2=value2&Param1=value1", sent, b"", scope)
    assert written == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    )


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (0, "19700101T000000Z"),
        (951_827_696, "20000229T123456Z"),
        (1_767_225_599.999, "20251231T235959Z"),
    ],
)
def test_timestamps(at: float, written: str) -> None:
    """Times are UTC, in whole seconds, whatever the machine's time zone."""
    assert sigv4.timestamp(at) == written
