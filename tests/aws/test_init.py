"""The init phase: what the function's environment says becomes what the bot uses."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from penniless.aws import lambda_handler_for
from penniless.bot import Bot, Response
from penniless.errors import SettingsError
from penniless.line.signature import sign
from penniless.routing import text
from tests.conftest import Serve
from tests.deploy.runtime_api import REGISTER, RuntimeApi, listening
from tests.fakes import SECRET, TOKEN, said, webhook
from tests.servers import CLOSE, FakeServer, Received, Step, answer, until

SENT = answer({"sentMessages": [{"id": "1"}]})
VARIABLES = (
    "LINE_CHANNEL_SECRET",
    "LINE_CHANNEL_ACCESS_TOKEN",
    "LINE_CHANNEL_ID",
    "PENNILESS_TABLE",
    "PENNILESS_PARAMETERS",
    "PENNILESS_LOG_DAYS",
    "AWS_LAMBDA_LOG_LEVEL",
    "AWS_LAMBDA_RUNTIME_API",
)


class Context:
    aws_request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"


@pytest.fixture(autouse=True)
def on_lambda(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment of a function, without settings, and the log as it was afterwards."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "bot")
    monkeypatch.setenv("AWS_REGION", "ap-northeast-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "an-example-of-a-key")
    loggers = [logging.getLogger(name) for name in ("penniless", "penniless.refused")]
    before = [(one.handlers[:], one.propagate, one.level) for one in loggers]
    yield
    for one, (handlers, propagate, level) in zip(loggers, before, strict=True):
        one.handlers[:], one.propagate = handlers, propagate
        one.setLevel(level)


@pytest.fixture
def line(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    """A LINE that takes every reply and issues stateless tokens."""

    def answering(request: Received) -> Step:
        if request.target == "/oauth2/v3/token":
            return answer({"access_token": "stateless", "expires_in": 900})
        return SENT

    server = serve(answering)
    monkeypatch.setenv("LINE_API_ORIGIN", server.origin)
    return server


def parameter_store(values: dict[str, str], status: str = "200 OK") -> Any:
    """An SSM that knows these parameters."""

    def answering(request: Received) -> Step:
        if status != "200 OK":
            return answer({"__type": "AccessDeniedException"}, status)
        assert request.headers["x-amz-target"] == "AmazonSSM.GetParameters"
        assert request.json["WithDecryption"] is True
        known = [
            {"Name": one, "Value": values[one]} for one in request.json["Names"] if one in values
        ]
        return answer({"Parameters": known, "InvalidParameters": []})

    return answering


@pytest.fixture
def bot() -> Iterator[Bot]:
    """An echo bot."""
    made = Bot()
    made.default(lambda ctx: ctx.text)
    yield made
    made.close()


def http(body: bytes, signature: str | None = None) -> dict[str, Any]:
    """What a Function URL sends for a webhook."""
    return {
        "version": "2.0",
        "headers": {"x-line-signature": sign(SECRET, body) if signature is None else signature},
        "requestContext": {"http": {"method": "POST"}},
        "body": body.decode(),
        "isBase64Encoded": False,
    }


def set_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINE_CHANNEL_SECRET", SECRET)
    monkeypatch.setenv("LINE_CHANNEL_ACCESS_TOKEN", TOKEN)


def test_line_is_connected_before_the_first_webhook(
    bot: Bot, line: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The init phase opens the one connection that the reply then uses."""
    set_secrets(monkeypatch)
    lambda_handler_for(bot)
    until(lambda: line.connections == 1)

    body = webhook(said("สวัสดี"))
    assert bot.handle(body, sign(SECRET, body)).status == 200

    assert line.connections == 1
    assert line.received[-1].json["messages"] == [{"type": "text", "text": "สวัสดี"}]


def test_secrets_of_the_environment_ask_nobody(
    bot: Bot, line: FakeServer, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the variables hold the secrets the Parameter Store is not called."""
    ssm = serve(parameter_store({}))
    set_secrets(monkeypatch)
    monkeypatch.setenv("PENNILESS_PARAMETERS", "/mybot")
    monkeypatch.setenv("AWS_ENDPOINT_URL", ssm.origin)

    assert lambda_handler_for(bot)(http(webhook(said("hi"))), Context())["statusCode"] == 200
    assert ssm.received == []
    assert line.received[-1].headers["authorization"] == f"Bearer {TOKEN}"


def test_secrets_of_the_parameter_store_are_read_once(
    bot: Bot, line: FakeServer, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One signed call reads them all in the init phase; invocations ask no more."""
    values = {"/mybot/LINE_CHANNEL_SECRET": SECRET, "/mybot/LINE_CHANNEL_ACCESS_TOKEN": TOKEN}
    ssm = serve(parameter_store(values))
    monkeypatch.setenv("PENNILESS_PARAMETERS", "/mybot/")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", ssm.origin)
    handler = lambda_handler_for(bot)

    for word in ("one", "two"):
        assert handler(http(webhook(said(word))), Context())["statusCode"] == 200

    assert len(ssm.received) == 1
    assert [one.json["messages"][0]["text"] for one in line.received] == ["one", "two"]
    assert line.received[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_channel_id_gives_stateless_tokens(
    bot: Bot, line: FakeServer, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a channel id and no token, a token of 15 minutes is fetched and kept."""
    values = {"/b/LINE_CHANNEL_SECRET": SECRET, "/b/LINE_CHANNEL_ID": "1234567890"}
    monkeypatch.setenv("PENNILESS_PARAMETERS", "/b")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", serve(parameter_store(values)).origin)
    handler = lambda_handler_for(bot)

    for word in ("one", "two"):
        assert handler(http(webhook(said(word))), Context())["statusCode"] == 200

    reply = "/v2/bot/message/reply"
    assert [one.target for one in line.received] == ["/oauth2/v3/token", reply, reply]
    assert line.received[1].headers["authorization"] == "Bearer stateless"


@pytest.mark.parametrize(
    ("values", "status", "sentence"),
    [
        ({}, "200 OK", "LINE_CHANNEL_SECRET is not set: put it into the parameter /b/LINE_CHANNEL"),
        (
            {"/b/LINE_CHANNEL_SECRET": SECRET},
            "200 OK",
            "LINE_CHANNEL_ACCESS_TOKEN is not set: put it into the parameter /b/",
        ),
        ({}, "400 Bad Request", "the secrets below /b could not be read: AccessDeniedException"),
    ],
)
def test_missing_secrets_are_named(  # noqa: PLR0917
    bot: Bot,
    line: FakeServer,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    values: dict[str, str],
    status: str,
    sentence: str,
) -> None:
    """The init phase fails with one sentence that says what is missing and where it belongs."""
    monkeypatch.setenv("PENNILESS_PARAMETERS", "/b")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", serve(parameter_store(values, status)).origin)

    with pytest.raises(SettingsError, match=sentence):
        lambda_handler_for(bot)


def test_nothing_is_read_elsewhere(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a laptop importing app.py asks for no setting and opens no connection."""
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME")

    assert callable(lambda_handler_for(bot))


@pytest.mark.parametrize("days", ["0", "-1", "a year", "1.5", "99999"])
def test_bad_number_of_days(
    bot: Bot, line: FakeServer, monkeypatch: pytest.MonkeyPatch, days: str
) -> None:
    """PENNILESS_LOG_DAYS is a number of days."""
    set_secrets(monkeypatch)
    monkeypatch.setenv("PENNILESS_LOG_DAYS", days)

    with pytest.raises(SettingsError, match="PENNILESS_LOG_DAYS"):
        lambda_handler_for(bot)


def test_line_that_cannot_be_reached_yet(
    bot: Bot, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that cannot be opened in advance is opened by the call that needs it."""
    set_secrets(monkeypatch)
    server = serve(CLOSE)
    monkeypatch.setenv("LINE_API_ORIGIN", server.origin)
    server.stop()

    assert callable(lambda_handler_for(bot))


def test_connection_that_died_while_frozen_is_replaced(
    bot: Bot, line: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LINE closes the idle connection while the sandbox sleeps; the next reply opens another."""
    set_secrets(monkeypatch)
    handler = lambda_handler_for(bot)
    until(lambda: line.connections == 1)
    line.drop_all()

    assert handler(http(webhook(said("after the sleep"))), Context())["statusCode"] == 200
    assert line.connections == 2
    assert [one.target for one in line.received] == ["/v2/bot/message/reply"]
    assert bot.counters == {"events": 1, "replies": 1}


def test_failure_is_one_json_line(
    bot: Bot, line: FakeServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failing handler is one line with request id, event id and place, without what was said."""
    set_secrets(monkeypatch)

    @bot.on(text("words.*"))
    def fail(ctx: Any) -> None:
        raise ValueError(ctx.text)

    body = webhook(said("words of a person"))
    assert lambda_handler_for(bot)(http(body), Context())["statusCode"] == 200

    [line_of_log] = capsys.readouterr().err.splitlines()
    found = json.loads(line_of_log)
    assert found["level"] == "ERROR"
    assert found["requestId"] == Context.aws_request_id
    assert found["eventId"] in found["message"]
    assert found["message"].endswith("ValueError")
    assert any("in fail" in place for place in found["where"])
    assert "words" not in line_of_log


def test_stranger_costs_no_log_line(
    bot: Bot, line: FakeServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong signature is 401, an empty body, and nothing in the log that is paid by the byte."""
    set_secrets(monkeypatch)

    response = lambda_handler_for(bot)(http(webhook(said("hi")), "wrong"), Context())

    assert (response["statusCode"], response["body"]) == (401, "")
    assert capsys.readouterr().err == ""


class SlowBot(Bot):
    """A bot that may be slow, and keeps the deadlines that it is given."""

    def __init__(self) -> None:
        super().__init__(deadline=1.0)
        self.deadlines: list[float | None] = []

    def handle(self, body: bytes, signature: str | None, deadline: float | None = None) -> Response:
        self.deadlines.append(deadline)
        return super().handle(body, signature, deadline)


@pytest.fixture
def slow_bot() -> Iterator[SlowBot]:
    made = SlowBot()
    made.default(lambda ctx: ctx.text)
    yield made
    made.close()


@pytest.fixture
def runtime_api(monkeypatch: pytest.MonkeyPatch) -> Iterator[RuntimeApi]:
    """Lambda's API beside the function."""
    with listening() as (api, address):
        monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", address)
        yield api


def test_bot_that_may_be_slow_becomes_an_extension(
    slow_bot: SlowBot, line: FakeServer, runtime_api: RuntimeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It registers in the init phase; from the second on its webhooks have the bot's deadline."""
    set_secrets(monkeypatch)
    handler = lambda_handler_for(slow_bot)
    assert runtime_api.requests[0] == REGISTER

    for word in ("one", "two"):
        assert handler(http(webhook(said(word))), Context())["statusCode"] == 200

    assert slow_bot.deadlines[1] == 1.0
    until(lambda: len(line.received) == 2)


def test_bot_that_is_never_slow_does_not(
    bot: Bot, line: FakeServer, runtime_api: RuntimeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bot without slow handlers pays nothing for what it does not need."""
    set_secrets(monkeypatch)
    handler = lambda_handler_for(bot)

    assert handler(http(webhook(said("hi"))), Context())["statusCode"] == 200
    assert runtime_api.requests == []


def test_slow_handlers_are_waited_for_where_lambda_refuses(
    slow_bot: SlowBot,
    line: FakeServer,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without the extension nothing is left for later, the bot answers, and one line says it."""
    set_secrets(monkeypatch)
    refusing = serve(answer({"errorType": "Extension.RegistrationClosed"}, "403 Forbidden"))
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", refusing.origin.removeprefix("http://"))

    handler = lambda_handler_for(slow_bot)
    assert handler(http(webhook(said("hi"))), Context())["statusCode"] == 200

    assert slow_bot.deadlines == [None]
    [line_of_log] = capsys.readouterr().err.splitlines()
    assert json.loads(line_of_log)["level"] == "WARNING"
    assert "403 Extension.RegistrationClosed" in line_of_log
