"""What the handler hands to the bot: the time there is, and a schedule's recovery."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from penniless.aws import lambda_handler_for
from penniless.aws.function import MARGIN, UNTOLD
from penniless.bot import Bot, Response
from tests.aws.gateway_events import DOORS

SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
BODY = b"{}"
OURS = {"penniless": "recover"}


class Context:
    """Lambda's context, eight seconds before the end."""

    aws_request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

    def __init__(self, left: int = 8_000) -> None:
        self._left = left

    def get_remaining_time_in_millis(self) -> int:
        return self._left


class Recorder(Bot):
    """A bot that only notes what it is asked."""

    def __init__(self) -> None:
        super().__init__(channel_secret="s", channel_access_token="t")
        self.handled: list[tuple[str, int | None, float | None]] = []
        self.requests: list[tuple[bytes, str | None]] = []
        self.recovered: list[float] = []

    def handle(self, body: bytes, signature: str | None, deadline: float | None = None) -> Response:
        self.requests.append((body, signature))
        self.handled.append((self.invocation, self.ends_at, deadline))
        return Response(200, "OK")

    def recover(self, seconds: float = 10.0, **_: Any) -> dict[str, int]:
        self.recovered.append(seconds)
        return {"found": 2, "handled": 1}


def test_bot_knows_when_the_function_ends() -> None:
    """The invocation's id and the time of its end are there before the webhook is handled."""
    bot = Recorder()

    lambda_handler_for(bot)(DOORS["url"](BODY, "signature"), Context())

    [(invocation, ends_at, deadline)] = bot.handled
    assert invocation == Context.aws_request_id
    assert ends_at == pytest.approx(time.time() * 1000 + 8_000, abs=1_000)
    assert deadline is None


def test_end_that_nobody_tells() -> None:
    """Without Lambda's context no end is known, not even that of the invocation before."""
    bot = Recorder()
    handler = lambda_handler_for(bot)

    handler(DOORS["url"](BODY, "signature"), Context())
    handler(DOORS["url"](BODY, "signature"), None)

    assert bot.handled[1] == ("", None, None)


@pytest.mark.parametrize("event", [OURS, SCHEDULED])
def test_schedule_recovers(event: dict[str, Any]) -> None:
    """A schedule's event takes over what was left behind, and stops before the function's end."""
    bot = Recorder()

    answer = lambda_handler_for(bot)(event, Context())

    assert json.loads(json.dumps(answer)) == {"found": 2, "handled": 1}
    assert bot.recovered == [pytest.approx(8 - MARGIN, abs=1)]
    assert bot.handled == []


@pytest.mark.parametrize(("left", "seconds"), [(60_000, 58), (3_000, 1.5), (0, 0), (-5, 0)])
def test_time_for_a_recovery(left: int, seconds: float) -> None:
    """Two seconds are left for what has begun; of a short timeout, half."""
    bot = Recorder()

    lambda_handler_for(bot)(OURS, Context(left))

    assert bot.recovered == [pytest.approx(seconds, abs=0.5)]


def test_recovery_without_a_context() -> None:
    """Whoever calls the handler in another way gets a recovery that fits the usual timeout."""
    bot = Recorder()

    lambda_handler_for(bot)(OURS, None)

    assert bot.recovered == [UNTOLD]


def test_body_cannot_ask_for_a_recovery() -> None:
    """What a stranger posts is a webhook, whatever it says."""
    bot = Recorder()

    lambda_handler_for(bot)(DOORS["url"](json.dumps(OURS).encode(), "signature"), Context())

    assert (bot.recovered, bot.requests) == ([], [(json.dumps(OURS).encode(), "signature")])


def test_nothing_to_recover() -> None:
    """The real bot answers a schedule with what it found, as JSON that Lambda can send."""
    bot = Bot(channel_secret="s", channel_access_token="t")

    answer = lambda_handler_for(bot)(OURS, Context())
    bot.close()

    assert json.loads(json.dumps(answer))["found"] == 0
