"""The init phase: settings, secrets and connections, side by side, before the first webhook.

Law of this module: what the function's environment says becomes what the bot uses.

PENNILESS_TABLE       the DynamoDB table of log and state
PENNILESS_PARAMETERS  the path of the secrets in the SSM Parameter Store, such as /mybot
PENNILESS_LOG_DAYS    days until a row of the log expires; for ever where it is not set
LINE_CHANNEL_SECRET, LINE_CHANNEL_ACCESS_TOKEN, LINE_CHANNEL_ID
                      the secrets themselves; they win over the Parameter Store
"""

from __future__ import annotations

import os
from threading import Thread

from penniless.aws.json_log import log_as_json
from penniless.aws.secrets import Secrets, secrets
from penniless.connections import tls_context
from penniless.errors import LineUnreachable, SettingsError, StoreError
from penniless.line.client import LineClient
from penniless.line.tokens import StatelessToken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from penniless.aws.extension import Extension
    from penniless.bot import Bot
    from penniless.connections import Limits, Pool
    from penniless.line.tokens import TokenSource
    from penniless.stores.dynamodb import DynamoDBStore

CONNECT = 1.5
"""Seconds to wait for connections that are opened in advance; a later call opens its own."""


def prepare(bot: Bot) -> Extension | None:
    """Give the bot what the function's environment names. Raises SettingsError.

    Returns the extension that lets work go on after a response, if a handler may need it. Whether
    Lambda took it is known by then: it is registered beside the rest, not before it.
    """
    log_as_json(bot)
    extension = _extension(bot)
    token = PendingToken()
    line = _line(token)
    store = _store() if not bot.has_store else None
    tls_context()  # 20 ms of CPU, once and not in three threads
    opening = [_start(line.warm)] + ([_start(store.warm)] if store else [])
    try:
        found = secrets()
        token.settle(_token(found))
        bot.use(channel_secret=found.channel_secret, line=line, store=store, log_days=_days())
        bot.connect()
    except BaseException:
        line.close()
        raise
    finally:
        for thread in opening:
            thread.join(CONNECT)
    if extension is not None:
        extension.registered()
    return extension


class PendingToken:
    """A token source for a client that is needed before its token is known."""

    def __init__(self) -> None:
        self._settled: str | TokenSource = ""

    def settle(self, token: str | TokenSource) -> None:
        self._settled = token

    @property
    def current(self) -> str:
        return self._settled if isinstance(self._settled, str) else self._settled.current

    def token(self, pool: Pool, limits: Limits) -> str:
        if isinstance(self._settled, str):
            return self._settled
        return self._settled.token(pool, limits)

    def forget(self) -> None:
        if not isinstance(self._settled, str):
            self._settled.forget()


def _extension(bot: Bot) -> Extension | None:
    api = os.environ.get("AWS_LAMBDA_RUNTIME_API")
    if not api or not bot.may_be_slow:
        return None
    from penniless.aws.extension import Extension

    return Extension(api, bot.wait)


def _token(found: Secrets) -> str | TokenSource:
    if found.channel_access_token:
        return found.channel_access_token
    return StatelessToken(found.channel_id, found.channel_secret.split(",")[0].strip())


def _line(token: TokenSource) -> LineClient:
    origin = os.environ.get("LINE_API_ORIGIN")
    if origin:
        return LineClient(token, api_origin=origin, data_origin=origin)
    return LineClient(token)


def _store() -> DynamoDBStore | None:
    table = os.environ.get("PENNILESS_TABLE")
    if not table:
        return None
    from penniless.stores.dynamodb import DynamoDBStore

    return DynamoDBStore(table)


def _start(open_connection: Callable[[], object]) -> Thread:
    """Open a connection in a thread; a failure shows when the connection is needed."""

    def attempt() -> None:
        try:
            open_connection()
        except (LineUnreachable, StoreError):
            return

    thread = Thread(target=attempt, daemon=True)
    thread.start()
    return thread


def _days() -> int | None:
    text = os.environ.get("PENNILESS_LOG_DAYS", "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= 36_500:
        raise SettingsError("PENNILESS_LOG_DAYS is a number of days from 1 to 36500")
    return int(text)
