"""The worst bill follows from the template's limits, as a person would work it out."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from penniless.cost.attack import Worst, worst_of
from tests.cost.questions import FIXTURES, ask, ours, written


def cost(worst: Worst, meter: str) -> Decimal:
    return sum((one.cost or Decimal(0) for one in worst.items if one.meter == meter), Decimal(0))


def test_a_new_account_limits_what_a_function_url_can_cost(tmp_path: Path) -> None:
    """Ten environments of 256 MB and 100 requests a second, a whole month."""
    worst = worst_of(ask(ours(tmp_path)), 10)

    assert worst is not None
    assert (worst.concurrency, worst.per_second) == (Decimal(10), Decimal(100))
    # 10 x 0.25 GB x 2,628,000 s = 6,570,000 GB-s, of which 400,000 are free
    assert cost(worst, "lambda.gb_seconds.arm64") == 6_170_000 * Decimal("0.0000133334")
    # 100 x 2,628,000 = 262.8 million requests, of which a million is free
    assert cost(worst, "lambda.requests") == Decimal("261.8") * Decimal("0.20")
    assert cost(worst, "logs.ingested") == 0
    assert worst.limited_by == "the account's concurrency of 10"


def test_reserved_concurrency_holds(tmp_path: Path) -> None:
    """Two environments cost a fifth of ten in time, whatever the account may run."""
    question = ask(ours(tmp_path), settings={"ReservedConcurrency": "2"})
    worst = worst_of(question, 1000)

    assert worst is not None
    assert (worst.concurrency, worst.per_second) == (Decimal(2), Decimal(20))
    assert worst.limited_by == "the function's reserved concurrency of 2"


def test_throttling_of_an_api_holds(tmp_path: Path) -> None:
    """Fifty requests a second of at most ten seconds keep 500 environments busy and no more."""
    worst = worst_of(ask(ours(tmp_path, "http")), 1000)

    assert worst is not None
    assert (worst.concurrency, worst.per_second) == (Decimal(500), Decimal(50))
    assert worst.limited_by == "the API's throttling at 50 requests a second"
    assert cost(worst, "apigateway.http.requests") == Decimal("131.4") * Decimal("1.29")


def test_a_door_without_throttling_takes_what_lambda_takes() -> None:
    """The original's REST API is paid for at ten requests a second for each environment."""
    worst = worst_of(ask(FIXTURES / "original.yaml"), 10)

    assert worst is not None
    assert worst.per_second == 100
    assert cost(worst, "apigateway.rest.requests") == Decimal("262.8") * Decimal("4.25")
    assert cost(worst, "logs.ingested") > 100


def test_nobody_can_call_what_has_no_door(tmp_path: Path) -> None:
    """A job and a site without functions have no worst bill of this kind."""
    assert worst_of(ask(FIXTURES / "scheduled_job.yaml"), 1000) is None
    assert worst_of(ask(FIXTURES / "static_site.yaml"), 1000) is None


def test_a_function_without_a_timeout_has_three_seconds(tmp_path: Path) -> None:
    """Lambda's own default bounds what a throttled API can keep busy."""
    path = written(
        tmp_path,
        """
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties: {DefaultRouteSettings: {ThrottlingRateLimit: 10, ThrottlingBurstLimit: 10}}
  Bot:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: .
      Events: {Web: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /, Method: POST}}}
""",
    )
    worst = worst_of(ask(path), 1000)

    assert worst is not None
    assert worst.concurrency == 30


def test_what_an_api_writes_of_an_attack_is_counted(tmp_path: Path) -> None:
    """The access log has a line for each request, and X-Ray follows some of them."""
    path = written(
        tmp_path,
        """
Transform: AWS::Serverless-2016-10-31
Resources:
  Bot:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: .
      Tracing: Active
      LoggingConfig: {LogFormat: JSON, SystemLogLevel: WARN}
      Events: {All: {Type: HttpApi, Properties: {ApiId: !Ref Api}}}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties: {AccessLogSettings: {DestinationArn: a, Format: b}}
""",
    )
    worst = worst_of(ask(path), 10)

    assert worst is not None
    used = {item.meter: item.used for item in worst.items}
    requests = Decimal(100 * 2_628_000)
    assert used["apigateway.http.requests"] == requests
    assert used["logs.ingested"] == requests * 700 / 10**9
    assert used["xray.traces"] == 2_628_000 + (requests - 2_628_000) / 20
    assert worst.gaps == ["X-Ray traces recorded"]


TWO_FUNCTIONS = """
Resources:
  Small: {Type: AWS::Lambda::Function, Properties: {MemorySize: 128, Timeout: 1}}
  Large: {Type: AWS::Lambda::Function, Properties: {MemorySize: 1024, Timeout: 1}}
  One: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Small}}
"""


def test_the_dearest_function_is_attacked_first(tmp_path: Path) -> None:
    """Nobody who wants to do harm shares the environments evenly."""
    both = TWO_FUNCTIONS + (
        "  Two: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Large}}\n"
    )
    worst = worst_of(ask(written(tmp_path, both)), 10)

    assert worst is not None
    # 10 x 1 GB x 2,628,000 s, of which 400,000 are free
    assert cost(worst, "lambda.gb_seconds.x86_64") == 25_880_000 * Decimal("0.0000166667")


def test_a_function_takes_no_more_than_it_has_reserved(tmp_path: Path) -> None:
    """Two of ten environments are the large ones, and the others are small."""
    both = TWO_FUNCTIONS.replace("MemorySize: 1024", "MemorySize: 1024, RESERVED").replace(
        "RESERVED", "ReservedConcurrentExecutions: 2"
    ) + ("  Two: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Large}}\n")
    worst = worst_of(ask(written(tmp_path, both)), 10)

    assert worst is not None
    assert (worst.concurrency, worst.per_second) == (Decimal(10), Decimal(100))
    # (2 x 1 GB + 8 x 0.125 GB) x 2,628,000 s
    used = {item.meter: item.used for item in worst.items}
    assert used["lambda.gb_seconds.x86_64"] == 3 * 2_628_000
    assert used["lambda.requests"] == 100 * 2_628_000


def test_a_function_without_a_door_is_not_attacked(tmp_path: Path) -> None:
    """What a schedule calls, nobody outside can."""
    job = TWO_FUNCTIONS + (
        "  Rule: {Type: AWS::Events::Rule, Properties: "
        "{ScheduleExpression: rate(1 day), Targets: [{Id: a, Arn: !GetAtt Large.Arn}]}}\n"
    )
    worst = worst_of(ask(written(tmp_path, job)), 10)

    assert worst is not None
    used = {item.meter: item.used for item in worst.items}
    assert used["lambda.gb_seconds.x86_64"] == 10 * Decimal("0.125") * 2_628_000


def throttled(folder: Path, *settings: str) -> Worst:
    """A REST API on each of whose stages stand these MethodSettings."""
    text = "Resources:\n  F: {Type: AWS::Lambda::Function}\n"
    for place, setting in enumerate(settings):
        text += f"""
  Api{place}: {{Type: AWS::ApiGateway::RestApi, Properties: {{Description: !GetAtt F.Arn}}}}
  Stage{place}:
    Type: AWS::ApiGateway::Stage
    Properties: {{RestApiId: !Ref Api{place}, MethodSettings: [{setting}]}}
"""
    worst = worst_of(ask(written(folder, text)), 10)
    assert worst is not None
    return worst


ALL = "{ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: %s}"


def test_the_limit_of_one_path_does_not_hold_the_others(tmp_path: Path) -> None:
    """Only what holds for all paths and methods bounds an attack."""
    one_path = "{ResourcePath: /health, HttpMethod: GET, ThrottlingRateLimit: 1}"

    assert throttled(tmp_path, one_path).per_second == 100
    assert throttled(tmp_path, f"{one_path}, {ALL % 5}").per_second == 5
    assert throttled(tmp_path, ALL % -1).per_second == 100


def test_two_apis_let_through_what_both_do(tmp_path: Path) -> None:
    """Five requests a second by the one, and seven by the other."""
    assert throttled(tmp_path, ALL % 5, ALL % 7).per_second == 12
